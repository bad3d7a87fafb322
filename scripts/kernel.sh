#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kernel.sh SERIES [version|image|modules|source]
#
# Debian's own kernel of a series (6.12, 7.3), from the cache or the mirror.
# Prints the version, or the path asked for (default: image): the vmlinuz, the
# folder lib/modules/VERSION, or the unpacked source (1.5 GB).
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"

series=${1:?usage: kernel.sh SERIES [version|image|modules|source]}
what=${2:-image}

# The newest version of the series that the headers are there for, too. The
# 6.12 kernels are those built for bookworm, with the compiler of Debian 12.
case $series in
6.12)	build=deb12 ;;
7.*)	build=deb13 ;;
*)	die "no Debian kernel known for series $series (6.12 and 7.3 are)" ;;
esac

version_of()
{
	other_apt apt-cache pkgnames "linux-headers-$series." |
		sed -n "s/^linux-headers-\(${series}\.[0-9.]*+${build}[0-9.]*\)-amd64\$/\1/p" |
		sort -V | tail -n 1
}

# What was fetched stays in use for as long as the lists are: see apt_update().
version=$(version_of)
[ -n "$version" ] || die "the mirror has no linux-headers package of series $series"
dir=$CTPM_CACHE/kernel/$version

fetch_image()
{
	[ ! -e "$dir/image/done" ] || return 0
	step "fetching Debian's kernel $version"
	packages=linux-image-$version-amd64
	# from 7.x on, linux-image is empty and depends on these
	if [ -n "$(other_apt apt-cache pkgnames "linux-binary-$version-amd64")" ]; then
		packages="linux-binary-$version-amd64 linux-modules-$version-amd64"
	fi
	# shellcheck disable=SC2086 # a list of words
	fetch_packages "$dir/image" $packages
	mods=$(find "$dir/image" -type d -path "*/modules/$version-amd64" | head -n 1)
	[ -n "$mods" ] || die "no modules in $packages"
	ln -s "${mods#"$dir/image/"}" "$dir/image/modules"
	vmlinuz=$(find "$dir/image" -type f -name 'vmlinuz*' | head -n 1)
	[ -n "$vmlinuz" ] || die "no vmlinuz in $packages"
	ln -s "${vmlinuz#"$dir/image/"}" "$dir/image/vmlinuz"
	# modules.dep is made when a package is installed, which this one is not
	PATH=$PATH:/sbin:/usr/sbin
	depmod -b "${mods%/lib/modules/*}" "$version-amd64" 2>/dev/null
	touch "$dir/image/done"
}

fetch_source()
{
	[ ! -e "$CTPM_CACHE/source/$series/done" ] || return 0
	step "fetching the kernel source $series (150 MB)"
	fetch_packages "$CTPM_CACHE/source/$series" "linux-source-$series"
	step "unpacking it"
	tar -xf "$CTPM_CACHE/source/$series/usr/src/linux-source-$series.tar.xz" \
		-C "$CTPM_CACHE/source/$series"
	rm -rf "$CTPM_CACHE/source/$series/usr"
	touch "$CTPM_CACHE/source/$series/done"
}

case $what in
version)
	echo "$version"
	;;
image)
	with_lock "kernel-$version" fetch_image
	echo "$dir/image/vmlinuz"
	;;
modules)
	with_lock "kernel-$version" fetch_image
	echo "$dir/image/modules"
	;;
source)
	with_lock "source-$series" fetch_source
	echo "$CTPM_CACHE/source/$series/linux-source-$series"
	;;
*)
	die "unknown word: $what"
	;;
esac
