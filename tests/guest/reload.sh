#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module goes and comes: 100 times, with the device open, and refuses
# parameters that make no sense.
. /run/suite/tap.sh
. /run/suite/stale.sh

rounds=${RELOAD_ROUNDS:-100}
work=$(mktemp -d)
export TPM2TOOLS_TCTI=device:/dev/tpm0

load()
{
	insmod /run/suite/ctpm.ko "$@"
}

works()
{
	[ -c /dev/tpm0 ] && [ -c /dev/tpmrm0 ] && tpm2_getrandom --hex 16 >/dev/null &&
		head -c 48 /sys/kernel/security/ctpm/log | grep -q 'Spec ID Event03'
}

once()
{
	rmmod ctpm && [ ! -e /dev/tpm0 ] && [ ! -e /sys/kernel/security/ctpm ] && load && works
}

many_times()
{
	i=0
	while [ $i -lt "$rounds" ]; do
		if ! once; then
			echo "round $i"
			return 1
		fi
		i=$((i + 1))
	done
}

# refused TEXT PARAMETER: EINVAL, and TEXT in the kernel log
refused()
{
	echo "reload.sh: $2" >/dev/kmsg
	if load "$2" 2>"$work/err"; then
		echo "taken: $2"
		return 1
	fi
	grep -q 'Invalid parameters' "$work/err" &&
		dmesg | sed "1,/reload.sh: $2/d" | grep -e "$1" && [ ! -e /dev/tpm0 ]
}

open_device()
{
	exec 9<>/dev/tpm0 && rmmod ctpm && [ ! -e /dev/tpm0 ]
}

late()
{
	[ "$(cat /sys/bus/platform/drivers/ctpm/*/late)" = 1 ]
}

identity()
{
	load report_pcr=12 identity_pcr=11 &&
		tpm2_pcrread sha256:11,12 >"$work/pcrs" && cat "$work/pcrs" &&
		! grep -E ': 0x0{64}' "$work/pcrs" &&
		cat /sys/kernel/security/ctpm/log >"$work/log" &&
		tpm2_eventlog "$work/log" >"$work/yaml" && grep -c 'PCRIndex: 1[12]' "$work/yaml" &&
		rmmod ctpm
}

t "load and unload $rounds times, with a command each time" many_times
t "unload while /dev/tpm0 is open" open_device
t "what is left open of it only gives errors" stale_device
t "report_pcr=16, which can be reset, is refused" refused 'report_pcr=16' report_pcr=16
t "report_pcr=17, of a dynamic launch, is refused" refused 'report_pcr=17' report_pcr=17
t "report_pcr=23 is refused" refused 'report_pcr=23' report_pcr=23
t "report_pcr=24, which does not exist, is refused" refused 'report_pcr=24' report_pcr=24
t "report_pcr=-1 is refused" refused 'report_pcr=-1' report_pcr=-1
t "identity_pcr=23 is refused" refused 'identity_pcr=23' identity_pcr=23
t "identity_pcr equal to report_pcr is refused" refused 'identity_pcr=13' identity_pcr=13
t "timeout_ms=0 is refused" refused 'timeout_ms=0' timeout_ms=0
t "report and launch identity go into PCRs that are chosen" identity
t "it loads again" load
t "and works" works
t "and says that it was late this time" late
rm -rf "$work"
tap_end
