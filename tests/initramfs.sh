#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# initramfs.sh: one image serves everywhere. Debian's own initramfs (initramfs-tools, dracut)
# with ctpm.ko and the command ctpm: where the TPM is outside the SVSM, "ctpm bind" binds it
# before udev starts, and what it leaves is there for the root file system; where it is the
# SVSM's, ctpm.ko does; where there is no SNP, nothing is touched.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"
. "$top/tests/tap.sh"

out=$top/build/initramfs
mkdir -p "$out"
work=$(mktemp -d)
stop_chip()
{
	# it ends by itself when its guest does
	[ ! -e "$work/swtpm.pid" ] || kill "$(cat "$work/swtpm.pid")" 2>/dev/null || :
	rm -f "$work/swtpm.pid"
}
trap 'stop_chip; rm -rf "$work"' EXIT

# The root of a release where the administrator makes images: its kernel, ctpm.ko, and the
# command as "make install" puts it there, with libraries of this machine's.
prepare()
{
	case $1 in
	6.12)	suite=bookworm ;;
	*)	suite=trixie ;;
	esac
	root=$("$top/scripts/root.sh" "initramfs-$1" $suite initramfs-tools dracut-core zstd kmod)
	kver=$("$top/scripts/kernel.sh" "$1" version)-amd64
	mods=$root/lib/modules/$kver
	as_root rm -rf "$root/usr/local" "$mods"
	as_root mkdir -p "$mods/updates" "$root/usr/local/lib"
	as_root cp -r "$("$top/scripts/kernel.sh" "$1" modules)/." "$mods/"
	as_root cp "$("$top/scripts/module.sh" "$1")/ctpm.ko" "$mods/updates/"
	# what the kernel can unpack, mkinitramfs wants to know
	image=$("$top/scripts/kernel.sh" "$1" image)
	as_root find "${image%/*}" -name "config-$kver" -exec cp '{}' "$root/boot/" ';'
	make -s -C "$top" install DESTDIR="$work/installed" PREFIX=/usr/local
	as_root cp -r "$work/installed/usr/local/." "$root/usr/local/"
	tcti=$(ldconfig_path libtss2-tcti-device.so.0)
	for lib in $tcti $(ldd "$top/build/ctpm" "$tcti" | sed -n 's/.* => \(\/[^ ]*\) (0x.*/\1/p' | sort -u); do
		[ -e "$root$lib" ] || as_root cp "$lib" "$root/usr/local/lib/"
	done
	in_root "$root" /sbin/ldconfig
	in_root "$root" /sbin/depmod "$kver"
	as_root "$top/scripts/initramfs/install.sh" "$root"
}

take()
{
	as_root cp "$root/tmp/image" "$out/$1" && as_root chmod a+r "$out/$1"
}

with_initramfs_tools()
{
	prepare "$1" && in_root "$root" /usr/sbin/mkinitramfs -o /tmp/image "$kver" && take "$1" &&
		in_root "$root" /usr/bin/lsinitramfs /tmp/image >"$work/list" &&
		grep -x 'usr/bin/ctpm' "$work/list" && grep libtss2-tcti-device "$work/list" &&
		ls -l "$out/$1"
}

# As an administrator's dracut does by default: for this host, on which nothing of it is loaded
with_dracut()
{
	prepare "$1" && in_root "$root" /usr/bin/dracut --hostonly --add-drivers "virtio_blk ext4" \
		--force --kver "$kver" /tmp/image && take "$1-dracut" &&
		in_root "$root" /usr/bin/lsinitrd /tmp/image >"$work/list" &&
		grep 'usr/bin/ctpm$' "$work/list" && grep libtss2-tcti-device "$work/list" &&
		grep sev-guest "$work/list"
}

# A root file system whose init looks at the TPM
root_disk()
{
	cp "$("$top/scripts/guest-root.sh")" "$work/disk" && chmod u+w "$work/disk" || return
	printf '%s\n' "write $top/tests/initramfs-check.sh check.sh" "set_inode_field check.sh mode 0100755" |
		PATH=$PATH:/sbin:/usr/sbin debugfs -w -f - "$work/disk"
}

# boot IMAGE SERIES CHECK OPTION...: the guest's init says whether the TPM is as CHECK says
boot()
{
	initrd=$out/$1
	series=$2
	check=$3
	shift 3
	status=0
	"$top/build/snpemu" --kernel "$("$top/scripts/kernel.sh" "$series" image)" --initrd "$initrd" \
		--disk "$work/disk" --timeout 200 --append \
		"console=ttyS0 panic=-1 root=/dev/vda ro rd.skipfsck init=/check.sh ctpm.check=$check" "$@" \
		>"$out/console" 2>&1 || status=$?
	tail -n 40 "$out/console"
	[ $status = 0 ]
}

# The hypervisor's TPM, and a guest at VMPL0 without an SVSM
boot_bind()
{
	rm -rf "$work/chip"
	mkdir "$work/chip"
	swtpm socket --tpm2 --tpmstate dir="$work/chip" --flags startup-clear --daemon \
		--ctrl type=unixio,path="$work/chip.ctrl" --pid file="$work/swtpm.pid" || return
	status=0
	boot "$1" "$2" bind --vmpl 0 --tpm none -- -chardev "socket,id=chip,path=$work/chip.ctrl" \
		-tpmdev emulator,id=tpm0,chardev=chip -device tpm-crb,tpmdev=tpm0 || status=$?
	stop_chip
	return $status
}

# line numbers in the console's output
bound_first()
{
	bound=$(grep -an 'ctpm: the TPM is bound to the SNP report in PCR 13' "$out/console" | head -n 1 | cut -d: -f1)
	udev=$(grep -anE 'Starting .*systemd-udevd|virtio_blk' "$out/console" | head -n 1 | cut -d: -f1)
	echo "bound in line $bound, udev in line $udev"
	[ -n "$bound" ] && [ -n "$udev" ] && [ "$bound" -lt "$udev" ]
}

t "a root file system that looks at its TPM" root_disk
for series in 6.12 7.3; do
	t "$series: an initramfs of Debian's takes in ctpm and what it needs" \
		with_lock "initramfs-$series" with_initramfs_tools $series
	t "$series: the hypervisor's TPM is bound, and the root file system sees by what" boot_bind $series $series
	t "$series: before udev and any disk" bound_first
done
t "6.12: an initramfs of dracut's takes them in, whatever is loaded here" \
	with_lock initramfs-6.12 with_dracut 6.12
t "6.12: the hypervisor's TPM is bound, and the root file system sees by what" boot_bind 6.12-dracut 6.12
t "6.12: before udev and any disk" bound_first
t "the same image under an SVSM: ctpm.ko binds its TPM, once" boot 6.12 6.12 svsm
t "the same image without SNP: its TPM is not touched" boot 6.12 6.12 none --plain
tap_end
