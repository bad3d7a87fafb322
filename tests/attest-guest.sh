#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the guests of tests/attest.sh do: load what is there, then do what the
# host says.
. /port.sh

for m in gcm ghash_generic configfs sev-guest; do
	modprobe $m 2>/dev/null
done
mount -t configfs configfs /sys/kernel/config
mkdir -p /var/lib
[ ! -e /ctpm.ko ] || insmod /ctpm.ko identity_pcr=12
port_guest
port_serve
