#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the guests of tests/machine.sh do: the word ctpm.do=ACTION[:ARGUMENT] on
# the kernel command line.
what=$(sed -n 's/.*\bctpm\.do=\([^ ]*\).*/\1/p' /proc/cmdline)
arg=${what#*:}

case ${what%%:*} in
exit)
	exit "$arg" ;;
sleep)
	echo "sleeping"
	sleep 1000 ;;
panic)
	echo c >/proc/sysrq-trigger ;;
suspend)
	echo deep >/sys/power/mem_sleep
	echo mem >/sys/power/state ;;
reboot)
	reboot -f ;;
see)
	echo "vmpl $(cat /sys/devices/system/cpu/sev/vmpl)"
	echo "cpus $(grep -c ^processor /proc/cpuinfo)"
	echo "memory $(sed -n 's/MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)" ;;
answer)
	stty -F /dev/ttyS1 raw -echo
	exec 3<>/dev/ttyS1
	echo "ready" >&3
	read -r line <&3
	echo "you said: $line" >&3 ;;
ticks)
	/ticks ;;
planted)
	insmod /planted.ko bug="$arg"
	echo "survived" ;;
bind)
	insmod /ctpm.ko || exit 1
	mkdir /tmp/e
	for f in report manifest log; do
		cat /sys/kernel/security/ctpm/$f >/tmp/e/$f
	done
	{
		echo "report_pcr 13"
		echo "sha256 13 $(tr A-F a-f </sys/class/tpm/tpm0/pcr-sha256/13)"
	} >/tmp/e/pcrs
	stty -F /dev/ttyS1 raw -echo
	tar -c -C /tmp/e . >/dev/ttyS1 ;;
esac
