#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# guest-root.sh [systemd]: an ext4 image of a small Debian 13 with what the guest
# suites need: tpm2-tools, python3, kmod; or one that boots with systemd and unlocks
# LUKS volumes. Read-only for its users. Prints its path.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"

case ${1:-} in
systemd)
	name=guest-systemd
	packages="systemd-sysv udev dbus systemd-cryptsetup cryptsetup-bin kmod xxd" ;;
*)
	name=guest
	packages="python3 kmod procps openssl xxd" ;;
esac
# shellcheck disable=SC2086 # a list of packages
root=$("$top/scripts/root.sh" $name trixie tpm2-tools libtss2-tcti-device0t64 $packages)
image=$CTPM_CACHE/root/$name.ext4

make_image()
{
	[ "$(cat "$image.key" 2>/dev/null)" != "$(cat "$root.key")" ] || return 0
	step "making the guest's disk"
	size=$(as_root du -sm "$root" | cut -f1)
	rm -f "$image.new"
	quietly as_root env PATH="$PATH:/sbin:/usr/sbin" mke2fs -q -t ext4 -O ^has_journal -m 0 \
		-d "$root" "$image.new" "$((size * 12 / 10 + 64))M"
	as_root chmod a+r "$image.new"
	mv -f "$image.new" "$image"
	cat "$root.key" >"$image.key"
}

with_lock "$name-image" make_image
echo "$image"
