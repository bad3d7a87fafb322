#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Linux' own tpm_svsm and the binding as modules: they go and come, and parameters that
# make no sense leave no TPM.
. /run/suite/tap.sh

export TPM2TOOLS_TCTI=device:/dev/tpm0

load()
{
	insmod /run/suite/ctpm.ko "$@" && insmod /run/suite/tpm_svsm.ko
}

unload()
{
	rmmod tpm_svsm && rmmod ctpm && [ ! -e /dev/tpm0 ] && [ ! -e /sys/kernel/security/ctpm ]
}

in_use()
{
	! rmmod ctpm
}

# the binding by itself does nothing
alone()
{
	insmod /run/suite/ctpm.ko && [ ! -e /dev/tpm0 ] && [ ! -e /sys/kernel/security/ctpm ] && rmmod ctpm
}

many_times()
{
	for i in 1 2 3 4 5 6 7 8 9 10; do
		if ! load || ! tpm2_getrandom --hex 8 >/dev/null || ! unload; then
			echo "round $i"
			return 1
		fi
	done
}

# refused PARAMETER
refused()
{
	echo "svsm-reload.sh: $1" >/dev/kmsg
	load "$1" && [ ! -e /dev/tpm0 ] && [ ! -e /sys/kernel/security/ctpm ] &&
		dmesg | sed "1,/svsm-reload.sh: $1/d" | grep "ctpm: $1: must be" && unload
}

identity()
{
	load report_pcr=12 identity_pcr=11 && tpm2_pcrread sha256:11,12 >/tmp/pcrs && cat /tmp/pcrs &&
		! grep -E ': 0x0{64}' /tmp/pcrs
}

t "the binding stays while the driver uses it" in_use
t "unload both" unload
t "the binding alone does nothing" alone
t "load and unload ten times, with a command each time" many_times
t "report_pcr=16, which can be reset, leaves no TPM" refused report_pcr=16
t "identity_pcr=13, the report's, leaves no TPM" refused identity_pcr=13
t "report and launch identity go into PCRs that are chosen" identity
tap_end
