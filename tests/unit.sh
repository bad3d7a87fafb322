#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# unit.sh: every cmocka suite, built with sanitizers; their TAP as one.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
build=$top/build

# suite NAME: make -C tests/NAME check, whose output is TAP with one plan
suite()
{
	status=0
	make -s -C "$top/tests/$1" O="$build/tests-$1" check >"$build/tests-$1.tap" \
		2>"$build/tests-$1.err" || status=$?
	sed -n '/^\(ok\|not ok\|1\.\.\|#\)/p' "$build/tests-$1.tap"
	[ "$status" = 0 ] || sed 's/^/# /' "$build/tests-$1.err"
	# a suite that died, or that ran fewer tests than it planned
	plan=$(sed -n 's/^1\.\.//p' "$build/tests-$1.tap")
	ran=$(grep -cE '^(ok|not ok) ' "$build/tests-$1.tap" || :)
	if [ "$status" != 0 ] || [ "$plan" != "$ran" ]; then
		echo "not ok 0 - $1: exit status $status, $ran of ${plan:-no} tests"
	fi
}

mkdir -p "$build"
{
	suite sp
} | awk '
	/^1\.\./ { next }
	/^ok / { n++; sub(/^ok [0-9]+/, "ok " n) }
	/^not ok / { n++; bad++; sub(/^not ok [0-9]+/, "not ok " n) }
	{ print }
	END { print "1.." n + 0; exit bad || !n }'
