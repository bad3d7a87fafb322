#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# initrd.sh OUT SERIES|none [-m MODULE]... [-p PROGRAM]... FILE=DEST...
#
# An initramfs for a guest of the tests and the demo: busybox, tests/guest/init,
# the named modules of Debian's kernel of that series with all that they depend
# on, programs (or libraries) of this machine with the libraries that they need, at the
# same paths, and the given files (executable as they are outside). OUT is replaced
# in one step. The same inputs give the same bytes.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"

[ $# -ge 2 ] || die "usage: initrd.sh OUT SERIES|none [-m MODULE]... [-p PROGRAM]... FILE=DEST..."
out=$1
series=$2
shift 2

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"
mkdir -p "$tree/bin" "$tree/etc" "$tree/dev" "$tree/proc" "$tree/sys" "$tree/tmp" "$tree/run"
cp /bin/busybox "$tree/bin/busybox"
cp "$top/tests/guest/init" "$tree/init"

# Copy a module and what it depends on; modules.dep has the whole closure.
add_module()
{
	line=$(grep -E "^[^:]*/$(echo "$1" | sed 's/[-_]/[-_]/g')\.ko[.a-z]*:" "$mods/modules.dep") ||
		die "kernel $series has no module $1"
	for f in $(echo "$line" | tr -d :); do
		to=$tree/lib/modules/$version-amd64/$(basename "$f")
		case $f in
		*.xz)	xz -dc "$mods/$f" >"${to%.xz}" ;;
		*.zst)	zstd -qdc "$mods/$f" >"${to%.zst}" ;;
		*)	cp "$mods/$f" "$to" ;;
		esac
	done
}

if [ "$series" != none ]; then
	version=$("$top/scripts/kernel.sh" "$series" version)
	mods=$("$top/scripts/kernel.sh" "$series" modules)
	mkdir -p "$tree/lib/modules/$version-amd64"
fi
while [ "${1:-}" = -m ]; do
	add_module "$2"
	shift 2
done
if [ "$series" != none ]; then
	PATH=$PATH:/sbin:/usr/sbin depmod -b "$tree" "$version-amd64" 2>/dev/null
fi
add_program()
{
	for f in "$1" $(ldd "$1" | sed -n 's/^[^/]*\(\/[^ ]*\) (0x.*/\1/p'); do
		mkdir -p "$tree${f%/*}"
		cp "$f" "$tree$f"
	done
}
while [ "${1:-}" = -p ]; do
	add_program "$2"
	shift 2
done
for f in "$@"; do
	to=$tree/${f#*=}
	mkdir -p "${to%/*}"
	cp "${f%%=*}" "$to"
done

find "$tree" -exec touch -h -d @0 '{}' +
mkdir -p "$(dirname "$out")"
(cd "$tree" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0 --reproducible | gzip -1n) >"$out.$$"
mv "$out.$$" "$out"
