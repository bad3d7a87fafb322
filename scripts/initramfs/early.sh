#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Before anything else in the initramfs, so that nothing can use the TPM before it is
# bound: ctpm.ko for the SVSM's TPM; or else, in an SNP guest with a TPM that is outside
# the SVSM, "ctpm bind", if it is there. On any other machine nothing is done.
# /etc/initramfs-tools/scripts/init-top/ctpm, and /sbin/ctpm-early for dracut.
case "${1:-}" in
prereqs)
	exit 0 ;;
esac

# Where /dev/kmsg is, it outlives the initramfs: priority (of syslog) and text
say()
{
	echo "<$1>ctpm: $2" >/dev/kmsg
}

# Not an SNP guest, or no SVSM: the driver says so in the kernel log, and the boot goes on.
modprobe -q ctpm || :

# Linux makes this device in every SNP guest, before there is any user space.
[ -e /sys/bus/platform/devices/sev-guest ] || exit 0
[ -c /dev/tpmrm0 ] || exit 0
for mode in /sys/bus/platform/drivers/ctpm/*/mode /sys/bus/platform/devices/tpm-svsm/mode; do
	[ ! -e "$mode" ] || exit 0
done
if [ ! -x /usr/bin/ctpm ]; then
	say 4 "this TPM is not bound to the SNP report: the command ctpm is not in the initramfs"
	exit 0
fi

# Reports come by configfs; up to 6.12 the guest messages' encryption is in modules.
modprobe -qa configfs gcm ghash_generic sev-guest || :
mounted=
if [ ! -d /sys/kernel/config/tsm ]; then
	mount -t configfs configfs /sys/kernel/config && mounted=1
fi
# What fails has extended an error event: the boot goes on, and no evidence will be accepted.
level=6
said=$(/usr/bin/ctpm bind 2>&1) || level=3
say $level "$said"
[ -z "$mounted" ] || umount /sys/kernel/config
