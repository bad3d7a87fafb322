#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Linux' own tpm_svsm with the binding is unbound, with the device open, and bound again.
. /run/suite/tap.sh
. /run/suite/stale.sh

driver=/sys/bus/platform/drivers/tpm-svsm
device=/sys/bus/platform/devices/tpm-svsm

gone()
{
	! ls /dev/tpm[0-9] /dev/tpmrm[0-9] 2>/dev/null && [ ! -e /sys/kernel/security/ctpm ] && [ ! -e $device/bound ]
}

unbind()
{
	echo tpm-svsm >$driver/unbind && gone
}

unbind_open()
{
	exec 9<>/dev/tpm0 && unbind
}

bind()
{
	# another number, where IMA keeps what was tpm0
	echo tpm-svsm >$driver/bind && tpm2_getrandom -T "device:/dev/$(ls $device/tpm)" --hex 16 &&
		head -c 48 /sys/kernel/security/ctpm/log | grep -q 'Spec ID Event03'
}

says()
{
	[ "$(cat "$device/$1")" = "$2" ] || { cat "$device/$1"; return 1; }
}

selftest_skips()
{
	(cd /run/suite/selftests && sh ./test_ctpm.sh)
	[ $? = 4 ]
}

several_times()
{
	for i in 1 2 3 4 5 6 7 8 9 10; do
		if ! unbind || ! bind >/dev/null; then
			echo "round $i"
			return 1
		fi
	done
}

t "unbind with /dev/tpm0 open: TPM, folder and state are gone" unbind_open
t "what is left open of it only gives errors" stale_device
t "bind again, and the TPM works" bind
t "it is bound to the report once more" says bound 1
t "and says that it is late" says late 1
t "what the selftest says of a log that does not replay alone: skipped" selftest_skips
t "ten times more" several_times
t "who reads the log meanwhile has it, or nothing" python3 /run/suite/unbind-read.py
tap_end
