#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The machine suspends to idle under TPM load and wakes again. The vTPM lives in
# the SVSM and does not sleep: nothing is shut down or started, so its PCRs and
# counters stay as they are.
#
# /sys/power/pm_test has the kernel take the devices, or all that the platform
# needs, through suspend and resume and wake by itself.
. /run/suite/tap.sh
export TPM2TOOLS_TCTI=device:/dev/tpmrm0

# but for PCR 10, where IMA may have more to measure
tpm_state()
{
	tpm2_pcrread sha256 | grep -v '^ *10 *:' && tpm2_readclock | grep -E 'count|safe'
}

works()
{
	tpm2_getrandom --hex 16 && tpm_state >/tmp/after && diff /tmp/before /tmp/after
}

# LEVEL of pm_test
suspends()
{
	echo "$1" >/sys/power/pm_test && echo freeze >/sys/power/state || return
	dmesg | tail -n 40 >/tmp/suspend.log
	cat /tmp/suspend.log
	grep -q 'PM: suspend exit' /tmp/suspend.log && ! grep -E 'PM:.*(fail|error)' /tmp/suspend.log
}

tpm_state >/tmp/before
load=$(mktemp)
while [ -e "$load" ]; do
	tpm2_getrandom --hex 32 >/dev/null || exit 1
done &
load_pid=$!

t "suspend-to-idle is there" grep -q freeze /sys/power/state
# the wait in between is there for hardware
echo 1 >/sys/module/suspend/parameters/pm_test_delay
for level in devices platform; do
	t "suspend up to \"$level\", and resume, under load" suspends $level
	t "the TPM works afterwards, as it was" works
done
echo none >/sys/power/pm_test
rm -f "$load"
t "no command of the load failed" wait $load_pid
tap_end
