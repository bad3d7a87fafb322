#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# install.sh [DESTDIR]: have the initramfs bind the TPM first, by ctpm.ko or "ctpm bind", with
# whichever of initramfs-tools and dracut is there (below DESTDIR). The initramfs itself is
# made anew by update-initramfs or dracut, by the administrator.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=${1:-}
found=

if [ -d "$root/usr/share/initramfs-tools" ]; then
	install -D -m 0755 "$here/initramfs-tools-hook" "$root/etc/initramfs-tools/hooks/ctpm"
	install -D -m 0755 "$here/early.sh" "$root/etc/initramfs-tools/scripts/init-top/ctpm"
	echo "initramfs-tools: done; now run: update-initramfs -u"
	found=1
fi
if [ -d "$root/usr/lib/dracut/modules.d" ]; then
	module=$root/usr/lib/dracut/modules.d/05ctpm
	install -D -m 0755 "$here/dracut-module-setup.sh" "$module/module-setup.sh"
	install -D -m 0755 "$here/dracut-ctpm-load.sh" "$module/ctpm-load.sh"
	install -D -m 0755 "$here/early.sh" "$module/early.sh"
	echo "dracut: done; now run: dracut -f"
	found=1
fi
if [ -z "$found" ]; then
	echo "install.sh: neither initramfs-tools nor dracut is installed${root:+ in $root}" >&2
	exit 1
fi
