#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# root.sh NAME SUITE[,SUITE...] PACKAGE...
#
# A small Debian root directory of the given suites with the given packages,
# in the cache under NAME; made anew when the list of packages changes. Prints
# its path. Programs in it are run by in_root
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"

[ $# -ge 3 ] || die "usage: root.sh NAME SUITE[,SUITE...] PACKAGE..."
name=$1
suites=$2
shift 2

key=$(content_key "$suites" "$@")
root=$CTPM_CACHE/root/$name

make_root()
{
	[ "$(cat "$root.key" 2>/dev/null)" != "$key" ] || return 0
	step "making a Debian root: $name ($suites)"
	with_lock apt apt_update
	mkdir -p "$CTPM_CACHE/root"
	as_root rm -rf "$root" "$root.new"
	list=$(mktemp)
	for suite in $(echo "$suites" | tr , ' '); do
		grep " $suite main" "$apt_root/sources.list" || die "no suite $suite"
	done >"$list"
	packages=$(echo "$*" | tr ' ' ,)
	quietly as_root mmdebstrap --mode=root --variant=minbase --format=directory \
		--include="$packages" \
		--aptopt='Acquire::Check-Valid-Until "false"' \
		--aptopt='APT::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		"${suites%%,*}" "$root.new" "$list"
	rm -f "$list"
	as_root mv "$root.new" "$root"
	echo "$key" >"$root.key"
}

with_lock "root-$name" make_root "$@"
echo "$root"
