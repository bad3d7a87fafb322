#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh [-v] [NAME...]
#
# Set everything up and run all tests, or those named (the names are printed).
# Each is a script that prints TAP; what it printed is kept in build/check/.
# Shows failures and skips, with -v every line; the last line is the sum.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"

verbose=
if [ "${1:-}" = -v ]; then
	verbose=1
	shift
fi
wanted=" $* "

"$top/scripts/setup.sh" check
step "building the tools"
quietly make -C "$top" -j2 tools

out=$top/build/check
mkdir -p "$out"
total="0 0 0"

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

# run NAME COMMAND...
run()
{
	name=$1
	shift
	case $wanted in
	'  ' | *" $name "*) ;;
	*) return 0 ;;
	esac
	step "$name"
	status=0
	"$@" >"$out/$name.tap" 2>"$out/$name.err" || status=$?
	# shellcheck disable=SC2046 # three numbers
	set -- $(sum_tap "$out/$name.tap" "$status")
	if [ -n "$verbose" ]; then
		cat "$out/$name.tap"
	else
		grep -E '^not ok|# SKIP' "$out/$name.tap" || :
	fi
	if [ "$2" != 0 ]; then
		grep '^#' "$out/$name.tap" | tail -n 40 || :
		tail -n 20 "$out/$name.err"
		echo "# $name: exit status $status; see build/check/$name.tap and .err"
	fi
	step "$name: $1 passed, $2 failed, $3 skipped"
	total=$(echo "$total $*" | awk '{ print $1 + $4, $2 + $5, $3 + $6 }')
}

run static	"$top/tests/static.sh"
run unit	"$top/tests/unit.sh"
run fuzz	"$top/tests/fuzz.sh"
run demo	"$top/tests/demo.sh"
run kunit	"$top/tests/kunit.sh"
run guest-6.12	"$top/tests/run-guest.sh" 6.12 all
run guest-7.3	"$top/tests/run-guest.sh" 7.3 all
run faults	"$top/tests/faults.sh"
run package	"$top/tests/package.sh"
run calls	"$top/tests/calls.sh"
run machine	"$top/tests/machine.sh"

# shellcheck disable=SC2086 # three numbers
set -- $total
echo "$1 passed, $2 failed, $3 skipped"
[ "$2" = 0 ]
