#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dracut module "ctpm": bind the TPM before udev starts, by ctpm.ko or "ctpm bind".

check()
{
	return 0
}

depends()
{
	return 0
}

# Wherever the image is made: "hostonly" would leave out what is not loaded right now.
installkernel()
{
	hostonly='' instmods ctpm configfs sev-guest gcm ghash_generic
}

# shellcheck disable=SC2154 # dracut's variables
install()
{
	inst_hook pre-udev 00 "$moddir/ctpm-load.sh"
	inst_script "$moddir/early.sh" /sbin/ctpm-early
	inst_multiple mount umount
	for ctpm in /usr/local/bin/ctpm /usr/bin/ctpm; do
		[ -x "$dracutsysrootdir$ctpm" ] || continue
		inst "$ctpm" /usr/bin/ctpm
		# loaded by its name, so no program says that it needs it
		tcti=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p | sed -n 's,^.*libtss2-tcti-device\.so\.0 .*x86-64.* => ,,p' | head -n 1)
		if [ -n "$tcti" ]; then
			inst "$tcti"
		else
			derror "ctpm: \"ctpm bind\" cannot work in the initramfs without libtss2-tcti-device"
		fi
		break
	done
}
