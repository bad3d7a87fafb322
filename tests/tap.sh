# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# TAP for the scripts here: t NAME COMMAND... is one test, whose output is
# shown when it fails; tap_end prints the plan and gives the exit status.

tap_n=0
tap_bad=0

t()
{
	tap_name=$1
	shift
	tap_n=$((tap_n + 1))
	tap_out=$(mktemp)
	if "$@" >"$tap_out" 2>&1 </dev/null; then
		echo "ok $tap_n - $tap_name"
	else
		tap_status=$?
		tap_bad=$((tap_bad + 1))
		echo "not ok $tap_n - $tap_name"
		echo "# exit status $tap_status: $*"
		tail -n 40 "$tap_out" | sed 's/^/# /'
	fi
	rm -f "$tap_out"
}

tap_skip()
{
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1 # SKIP $2"
}

tap_end()
{
	echo "1..$tap_n"
	[ "$tap_bad" = 0 ]
}
