#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# luks.sh: a LUKS volume that systemd unlocks at boot by the TPM, in a Debian 13 guest,
# if the launch is the one that it was enrolled in. In others, which have the driver extend their own
# identity, it stays locked. (A hostile launch would extend the enrolled one: Documentation/ctpm.rst.)
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"
. "$top/scripts/port.sh"
. "$top/tests/tap.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
disk=$("$top/scripts/guest-root.sh" systemd)
kernel=$("$top/scripts/kernel.sh" 7.3 image)
module=$("$top/scripts/module.sh" 7.3)
append="console=ttyS0 quiet panic=-1 ctpm.root=/dev/vda"

# initrd OUT [FILE=DEST...]
initrd()
{
	out=$1
	shift
	"$top/scripts/initrd.sh" "$out" 7.3 -m virtio_blk -m ext4 -m overlay -m dm-crypt -m xts \
		"$module/ctpm.ko=suite/ctpm.ko" "$top/scripts/port.sh=suite/port.sh" \
		"$top/tests/luks-switch.sh=suite/switch.sh" \
		"$top/tests/luks-serve.sh=suite/serve.sh" "$@"
}

# boot INITRD [WORD]: with the volume as a second disk, and a TPM that keeps its state
boot()
{
	port_host "$work/port" "$top/build/snpemu" --kernel "$kernel" --initrd "$1" \
		--append "$append${2:+ $2}" --disk "$disk" --state "$work/state" --timeout 300 -- \
		-drive "file=$work/volume,format=raw,if=none,id=volume" \
		-device virtio-blk-pci,drive=volume,disable-legacy=on,iommu_platform=on \
		>"$work/console" 2>&1 || { cat "$work/console"; return 1; }
	port_run "uname -r; cat /etc/os-release"
}

end()
{
	echo "exit 0" >&4
	port_end
}

# what a user does once, by hand
enroll()
{
	port_run "echo passphrase >/tmp/key &&
		cryptsetup luksFormat --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 \
			--batch-mode /dev/vdb /tmp/key &&
		systemd-cryptenroll --unlock-key-file=/tmp/key --tpm2-device=/dev/tpmrm0 \
			--tpm2-pcrs=12 /dev/vdb &&
		systemd-cryptenroll --wipe-slot=password /dev/vdb &&
		systemctl start systemd-cryptsetup@vol.service &&
		echo 'what is in the volume' | dd of=/dev/mapper/vol conv=sync,notrunc status=none"
}

unlocked()
{
	port_run "systemctl is-active systemd-cryptsetup@vol.service && head -n 1 /dev/mapper/vol" |
		grep "what is in the volume"
}

refused()
{
	port_run "systemctl status --no-pager systemd-cryptsetup@vol.service; ls /dev/mapper" \
		>"$work/said"
	cat "$work/said"
	grep -q "failed" "$work/said" && ! grep -q '^vol$' "$work/said"
}

truncate -s 64M "$work/volume"
initrd "$work/initrd"
initrd "$work/other" "$top/COPYING=COPYING"
t "Debian 13 boots with systemd, the TPM bound before" boot "$work/initrd"
t "a LUKS volume is enrolled to the TPM and the launch identity" enroll
t "it ends" end
t "the same launch boots again" boot "$work/initrd"
t "the volume is unlocked at boot, by the TPM alone" unlocked
t "it ends" end
t "another kernel command line boots" boot "$work/initrd" "another=word"
t "the volume stays locked" refused
t "it ends" end
t "another initramfs boots, another launch measurement" boot "$work/other"
t "the volume stays locked" refused
t "it ends" end
t "the first launch boots again" boot "$work/initrd"
t "the volume is unlocked again" unlocked
t "it ends" end
tap_end
