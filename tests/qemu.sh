#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# qemu.sh [SUITE...]: tests/machine.sh once more with the QEMUs of newer Debian
# suites, each in a root of its own, started by that root's loader.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"

cases="status panic smp vc count reports state planted"
out=$top/build/qemu
mkdir -p "$out"

# A QEMU of another root that runs here; prints its version
wrap()
{
	root=$("$top/scripts/root.sh" "qemu-$1" "$1" qemu-system-x86 seabios)
	lib=/usr/lib/x86_64-linux-gnu
	{
		echo '#!/bin/sh'
		echo "exec '$root$lib/ld-linux-x86-64.so.2' --library-path '$root$lib' \\"
		echo "	'$root/usr/bin/qemu-system-x86_64' -L '$root/usr/share/qemu' \\"
		echo "	-L '$root/usr/share/seabios' \"\$@\""
	} >"$out/$1"
	chmod +x "$out/$1"
	"$out/$1" --version | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p'
}

[ $# -gt 0 ] || set -- trixie sid
for suite; do
	version=$(wrap "$suite")
	echo "# QEMU of $suite: ${version:-does not start}"
	# shellcheck disable=SC2086 # a list of names
	QEMU="$out/$suite" MACHINE_OUT="$out/machine-$suite" "$top/tests/machine.sh" $cases |
		sed -n "s/^\(ok\|not ok\) [0-9]* - /&QEMU $version: /p; /^#/p"
done | awk '
	/^ok /     { n++; sub(/^ok [0-9]+/, "ok " n) }
	/^not ok / { n++; bad++; sub(/^not ok [0-9]+/, "not ok " n) }
	{ print; fflush() }
	END { print "1.." n + 0; exit bad || !n }'
