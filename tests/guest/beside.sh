#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ctpm beside the kernel's own tpm_svsm, which has the vTPM already.
set -ex

# not COMMAND...: it fails ("!" would not end the script)
not()
{
	if "$@"; then
		return 1
	fi
}

insmod /tpm_svsm.ko
[ -c /dev/tpm0 ]
# it is not the hypervisor's: ctpm bind leaves it to ctpm.ko
not ctpm bind
grep -q '^0*$' /sys/class/tpm/tpm0/pcr-sha256/13
insmod /ctpm.ko
[ ! -e /dev/tpm1 ]
[ "$(cat /sys/bus/platform/drivers/ctpm/*/bound)" = 1 ]
[ "$(cat /sys/bus/platform/drivers/ctpm/*/late)" = 1 ]
head -c 48 /sys/kernel/security/ctpm/log | grep -q 'Spec ID Event03'
not grep -q '^0*$' /sys/class/tpm/tpm0/pcr-sha256/13

# tpm_svsm stays for as long as its chip is in use
not rmmod tpm_svsm
rmmod ctpm
[ -c /dev/tpm0 ]
[ ! -e /sys/kernel/security/ctpm ]
rmmod tpm_svsm
[ ! -e /dev/tpm0 ]

# one that can be unbound is, while it is bound to here
insmod /unbind/tpm_svsm.ko
insmod /ctpm.ko
echo tpm-svsm >/sys/bus/platform/drivers/tpm-svsm/unbind
[ ! -e /dev/tpm0 ]
rmmod ctpm
rmmod tpm_svsm

insmod /ctpm.ko
[ -c /dev/tpm0 ]
dmesg >/tmp/log
not grep -E 'BUG|WARNING: CPU|Call Trace' /tmp/log
