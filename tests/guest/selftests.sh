#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel's own tools/testing/selftests/tpm2, unchanged, with that of our patch
# series where it is in; their verdicts as TAP.
# Its scripts name /bin/sh but need bash ("==").
cd "$(mktemp -d)" || exit 1
cp /run/suite/selftests/* . || exit 1

n=0
bad=0

# verdict ok|"not ok" NAME
verdict()
{
	n=$((n + 1))
	echo "$1 $n - $2"
	[ "$1" = ok ] || bad=$((bad + 1))
}

for script in test_*.sh; do
	script=${script%.sh}
	bash "./$script.sh" >"$script.log" 2>&1
	status=$?
	before=$n
	while read -r name _ dots result rest; do
		[ "$dots" = ... ] || continue
		case $result in
		ok)		verdict ok "$script: $name" ;;
		skipped)	verdict ok "$script: $name # SKIP $rest" ;;
		*)		verdict "not ok" "$script: $name" ;;
		esac
	done <"$script.log"
	# a test that died in the middle has no verdict of its own
	if [ $n = $before ] || [ $status != 0 ]; then
		verdict "not ok" "$script: exit status $status after $((n - before)) verdicts"
		sed 's/^/# /' "$script.log"
	fi
done
echo "1..$n"
[ $bad = 0 ]
