#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# calls.sh [SERIES...]: what snpemu's SVSM and hypervisor answer to malformed
# requests, asked by a kernel module in a guest of each of Debian's kernels.
# What the guests said is kept in build/calls/.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"

out=$top/build/calls
mkdir -p "$out"

# one SERIES: TAP of one guest, its plan included
one()
{
	rm -f "$out/$1.tap"
	"$top/scripts/initrd.sh" "$out/initrd" "$1" "$top/tests/calls-guest.sh=run.sh" \
		"$("$top/scripts/module.sh" "$1" "$top/tests/guest/calls")/calls.ko=calls.ko"
	status=0
	"$top/build/snpemu" --kernel "$("$top/scripts/kernel.sh" "$1" image)" \
		--initrd "$out/initrd" --timeout 120 --serial "$out/$1.tap" --append \
		"console=ttyS0 panic=-1 log_buf_len=4M ctpm.run=/run.sh" \
		>"$out/$1.console" 2>"$out/$1.err" || status=$?
	plan=$(sed -n 's/^1\.\.//p' "$out/$1.tap")
	ran=$(grep -cE '^(ok|not ok) ' "$out/$1.tap" || :)
	sed -n "s/^\(ok\|not ok\) [0-9]* - /& $1: /p" "$out/$1.tap"
	if [ "$status" = 0 ] && [ "$plan" = "$ran" ]; then
		echo "ok 0 -  $1: all cases were made"
	else
		echo "not ok 0 -  $1: all cases were made"
		echo "# exit status $status, $ran of ${plan:-no} cases"
		tail -n 15 "$out/$1.console" "$out/$1.err" | sed 's/^/# /'
	fi
}

[ $# -gt 0 ] || set -- 6.12 7.3
for series; do
	one "$series"
done | awk '
	/^ok /     { n++; sub(/^ok [0-9]+ - +/, "ok " n " - ") }
	/^not ok / { n++; bad++; sub(/^not ok [0-9]+ - +/, "not ok " n " - ") }
	{ print; fflush() }
	END { print "1.." n + 0; exit bad || !n }'
