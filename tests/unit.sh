#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# unit.sh: every cmocka suite, as users build it and with sanitizers; their TAP
# as one. What each printed is kept in build/unit/.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)

# A suite NAME is a folder tests/NAME: "make check" there builds in $O with the
# compiler's options $SAN and prints TAP.
suites="sp libctpm"
sanitizers="-fsanitize=address,undefined -fno-sanitize-recover=undefined"

# run NAME VARIANT SAN: its results, named "NAME, VARIANT: ..."; one that it did
# not come to, or not say, is a failure
run()
{
	out=$top/build/unit/$1-$2
	mkdir -p "$out"
	status=0
	make -s -C "$top/tests/$1" O="$out" SAN="$3" check >"$out.tap" 2>"$out.err" || status=$?
	sed -n "s/^\(ok\|not ok\) [0-9]* - /&$1, $2: /p; /^#/p" "$out.tap"
	plan=$(sed -n 's/^1\.\.//p' "$out.tap")
	ran=$(grep -cE '^(ok|not ok) ' "$out.tap" || :)
	if [ "$status" != 0 ] || [ "$plan" != "$ran" ]; then
		echo "not ok 0 - $1, $2: ran to its end"
		echo "# exit status $status, $ran of ${plan:-no} planned tests"
		tail -n 40 "$out.err" | sed 's/^/# /'
	else
		echo "ok 0 - $1, $2: ran to its end"
	fi
}

for suite in $suites; do
	run "$suite" plain ""
	run "$suite" sanitized "$sanitizers"
done | awk '
	/^ok / { n++; sub(/^ok [0-9]+/, "ok " n) }
	/^not ok / { n++; bad++; sub(/^not ok [0-9]+/, "not ok " n) }
	{ print; fflush() }
	END { print "1.." n + 0; exit bad || !n }'
