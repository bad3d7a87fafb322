#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# CPU 1 goes and comes back under TPM load. The driver keeps state per CPU on
# some kernels (the SVSM calling area), so a command must work on each CPU,
# before, after and while it moves.
#
# It goes twice and no more: Linux (6.12 and 7.3) never gives back the GHCB that
# a CPU halts with (sev_es_ap_hlt_loop()), and has two for each CPU; the third
# time it panics, with or without ctpm.
. /run/suite/tap.sh

switch=/sys/devices/system/cpu/cpu1/online

on_cpu()
{
	TPM2TOOLS_TCTI=device:/dev/tpmrm0 taskset -c "$1" tpm2_getrandom --hex 16
}

if [ ! -w $switch ]; then
	tap_skip "CPU 1 offline and online" "there is no second CPU"
	tap_end
	exit
fi

set_cpu1()
{
	echo "$1" >$switch && [ "$(cat $switch)" = "$1" ]
}

# The load ends by itself when the file is gone.
load=$(mktemp)
python3 - "$load" <<-'PY' &
	import os, sys
	sys.path.insert(0, "/run/suite")
	import tpm
	with tpm.Tpm("/dev/tpmrm0") as t:
	    count = 0
	    while os.path.exists(sys.argv[1]):
	        data = os.urandom(64)
	        t.stir_random(data)
	        assert len(t.get_random(32)) == 32
	        count += 1
	assert count > 100, f"only {count} rounds of load"
PY
load_pid=$!

t "a command on CPU 0" on_cpu 0
t "a command on CPU 1" on_cpu 1
t "CPU 1 goes offline under load" set_cpu1 0
t "a command while CPU 1 is offline" on_cpu 0
t "CPU 1 comes back under load" set_cpu1 1
t "a command on CPU 1 after it came back" on_cpu 1
# With tpm_svsm, whose calls need a GHCB, the second time is one too many already.
if [ ! -e /sys/bus/platform/drivers/tpm-svsm/tpm-svsm ]; then
	t "CPU 1 goes offline a second time" set_cpu1 0
	t "CPU 1 comes back a second time" set_cpu1 1
	t "a command on CPU 0 after that" on_cpu 0
	t "a command on CPU 1 after that" on_cpu 1
fi
rm -f "$load"
t "no command of the load failed" wait $load_pid
tap_end
