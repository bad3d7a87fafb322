#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# CPU 1 goes and comes back under TPM load, or without a TPM under that of
# reports.
#
# It goes twice and no more, and does nothing that needs a GHCB the second time:
# Linux (6.12 and 7.3) never gives back the GHCB that a CPU halts with
# (sev_es_ap_hlt_loop()), and has two for each CPU; when both are gone it panics.
# Who mends that asks for more, and for work on CPU 1 each time: ci.rounds=NUMBER on
# the kernel command line.
. /ci/lib.sh
rounds=$(word ci.rounds)

switch=/sys/devices/system/cpu/cpu1/online
if [ ! -e $switch ]; then
	tap_skip "CPU 1 offline and online" "no second CPU, or a kernel without HOTPLUG_CPU"
	tap_end
	exit
fi

set_cpu1()
{
	echo "$1" >$switch && [ "$(cat $switch)" = "$1" ]
}

# something that calls the SVSM or the AMD-SP, on that CPU
work_on()
{
	if [ -c /dev/tpm0 ]; then
		taskset -c "$1" ciguest tpm /dev/tpmrm0 many 5
	elif [ -c /dev/sev-guest ]; then
		taskset -c "$1" ciguest report "$(word ci.vmpl)" 65 | wc -c
	else
		taskset -c "$1" true
	fi
}

load()
{
	if [ -c /dev/tpm0 ]; then
		taskset -c 0 ciguest tpm /dev/tpmrm0 load /tmp/load
	else
		while [ -e /tmp/load ]; do
			work_on 0 || return
		done
	fi
}

: >/tmp/load
load >/tmp/load.log 2>&1 &
load_pid=$!

load_went_well()
{
	rm /tmp/load
	wait $load_pid
	load_status=$?
	tail -n 3 /tmp/load.log
	return $load_status
}

if ! asked tpm && [ ! -c /dev/tpm0 ]; then
	tap_skip "under TPM load" "the kernel has no driver for the SVSM's TPM; under other load instead"
else
	t "/dev/tpm0 is there" test -c /dev/tpm0
fi
t "work on CPU 0" work_on 0
t "work on CPU 1" work_on 1
for round in $(seq "${rounds:-2}"); do
	t "CPU 1 goes offline, time $round" set_cpu1 0
	t "work on CPU 0 while CPU 1 is offline, time $round" work_on 0
	t "CPU 1 comes back, time $round" set_cpu1 1
	if [ -n "$rounds" ] || [ "$round" = 1 ]; then
		t "work on CPU 1 after it came back, time $round" work_on 1
	fi
done
t "the load went well" load_went_well
tap_end
