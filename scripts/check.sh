#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh [-v] [NAME...]
#
# Set everything up and run all tests, or those named (the names are printed),
# as many at a time as there are processors. Each is a script that prints TAP; what
# it printed is kept in build/check/. Shows failures and skips, with -v every line;
# the last line is the sum.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"
out=$top/build/check

# The longest first, so that none is left alone at the end
all="ci guest-debug machine qemu guest-builtin patchset peers luks guest-module kunit-builtin attest model package initramfs guest-6.12 guest-7.3 faults unit kunit-debug fuzz ctpm tpm static calls demo"

command_of()
{
	case $1 in
	guest-*) echo "run-guest.sh ${1#guest-} all" ;;
	kunit-*) echo "kunit.sh ${1#kunit-}" ;;
	*)	 echo "$1.sh" ;;
	esac
}

# Add up one TAP file; prints "passed failed skipped". Too few lines for the
# plan, no plan at all and a failing script without a "not ok" are failures.
sum_tap()
{
	awk -v status="$2" '
		/^ok .*# SKIP/		{ skipped++; next }
		/^ok /			{ passed++ }
		/^not ok /		{ failed++ }
		/^1\.\.[0-9]+/		{ plan = substr($1, 4); planned = 1 }
		END {
			n = passed + failed + skipped
			if (!planned || n != plan)
				failed++
			else if (status != 0 && !failed)
				failed++
			print passed + 0, failed + 0, skipped + 0
		}' "$1"
}

# One of them: its output to files, what is worth showing to standard output, in one piece
job()
{
	name=$1
	step "$name"
	status=0
	# shellcheck disable=SC2046 # a list of words
	"$top/tests/"$(command_of "$name") >"$out/$name.tap" 2>"$out/$name.err" || status=$?
	# shellcheck disable=SC2046 # three numbers
	set -- $(sum_tap "$out/$name.tap" "$status")
	echo "$*" >"$out/$name.sum"
	{
		if [ -n "${CHECK_VERBOSE:-}" ]; then
			cat "$out/$name.tap"
		else
			grep -E '^not ok|# SKIP' "$out/$name.tap" || :
		fi
		if [ "$2" != 0 ]; then
			grep '^#' "$out/$name.tap" | tail -n 40 || :
			tail -n 20 "$out/$name.err"
			echo "# $name: exit status $status; see build/check/$name.tap and .err"
		fi
	} >"$out/$name.show"
	cat "$out/$name.show"
	step "$name: $1 passed, $2 failed, $3 skipped"
}

if [ "${1:-}" = --job ]; then
	ctpm_start=$CHECK_START
	job "$2"
	exit
fi
if [ "${1:-}" = -v ]; then
	export CHECK_VERBOSE=1
	shift
fi
for name; do
	case " $all " in
	*" $name "*) ;;
	*) die "no test $name; there are: $all" ;;
	esac
done
# shellcheck disable=SC2086 # a list of names
[ $# -gt 0 ] || set -- $all

"$top/scripts/setup.sh" check
step "building the tools"
quietly make -C "$top" -j2 tools
# what several of them need, once
for series in 6.12 7.3; do
	"$top/scripts/kernel.sh" "$series" image >/dev/null
	"$top/scripts/module.sh" "$series" >/dev/null
done
"$top/scripts/guest-root.sh" >/dev/null

rm -rf "$out"
mkdir -p "$out"
export CHECK_START="$ctpm_start"
printf '%s\n' "$@" | xargs -P "$(nproc)" -n 1 "$top/scripts/check.sh" --job || :

# one that left no sum has not been run to its end
total="0 0 0"
for name; do
	total="$total $(cat "$out/$name.sum" 2>/dev/null || echo 0 1 0)"
done
# shellcheck disable=SC2046,SC2086 # numbers
set -- $(echo $total | awk '{ for (i = 1; i <= NF; i++) n[i % 3] += $i; print n[1], n[2], n[0] }')
echo "$1 passed, $2 failed, $3 skipped"
[ "$2" = 0 ]
