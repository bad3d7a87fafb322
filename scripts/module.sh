#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# module.sh [--sparse] SERIES [DIR]
#
# Build the kernel modules of DIR (default: this tree, so ctpm.ko) for Debian's
# kernel of a series, with that release's own compiler and headers in a root of
# its own. Prints the folder that holds the .ko files. Any warning is an error.
# With --sparse print what sparse says of the sources instead (6.12 alone: later
# headers packages lack a script that this needs).
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"

sparse=
if [ "${1:-}" = --sparse ]; then
	sparse=1
	shift
fi
series=${1:?usage: module.sh [--sparse] SERIES [DIR]}
dir=$(cd "${2:-$top}" && pwd)

version=$("$top/scripts/kernel.sh" "$series" version)
case $series in
6.12)	suites=bookworm,bookworm-backports,bookworm-security packages="make dkms sparse" ;;
*)	suites=trixie,trixie-backports packages="make dkms initramfs-tools dracut-core zstd" ;;
esac
# the compiler and headers; for tests/package.sh DKMS, and an initramfs
# shellcheck disable=SC2086 # a list of words
root=$("$top/scripts/root.sh" "build-$series" "$suites" $packages \
	"linux-headers-$version-amd64")

# In this tree a module is Kbuild, drivers/ and include/; elsewhere all of DIR.
cd "$dir"
if [ "$dir" = "$top" ]; then
	sources=$(find Kbuild drivers include -type f \( -name '*.[chS]' -o -name Kbuild \))
else
	sources=$(find . -type f \( -name '*.[chS]' -o -name Kbuild \))
fi
# shellcheck disable=SC2086 # a list of words
key=$(content_key "$version" "$0" -- $sources)
out=$CTPM_CACHE/module/$key

# Put the sources into the root and run make there, with more arguments for it
in_build()
{
	work=$(as_root mktemp -d "$root/tmp/build.XXXXXX")
	# shellcheck disable=SC2086 # a list of words
	tar -c $sources | as_root tar -x -C "$work"
	as_root chown -R root:root "$work"
	in_root "$root" /usr/bin/make -s -j2 -C "/usr/src/linux-headers-$version-amd64" \
		"M=${work#"$root"}" "$@" modules
}

build()
{
	[ ! -e "$out/done" ] || return 0
	step "building $(basename "$dir") modules for $version"
	quietly in_build W=1 KCFLAGS=-Werror
	rm -rf "$out"
	mkdir -p "$out"
	as_root find "$work" -name '*.ko' -exec cp '{}' "$out/" ';'
	as_root rm -rf "$work"
	[ -n "$(find "$out" -name '*.ko')" ] || die "no module came out of $dir"
	as_root chmod -R a+rX "$out"
	touch "$out/done"
}

run_sparse()
{
	in_build C=2 CF=-D__CHECK_ENDIAN__ 2>&1
	as_root rm -rf "$work"
}

if [ -n "$sparse" ]; then
	with_lock "module-$series" run_sparse
else
	with_lock "module-$series" build
	echo "$out"
fi
