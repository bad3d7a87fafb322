#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs as the guest's only program: load ctpm.ko under a fault of the machine
# and say what came of it, one "name: value" a line on the second serial port.
# tests/faults.sh compares that with what is documented.
out=/dev/ttyS1
stty -F $out raw -echo

say()
{
	printf '%s: %s\n' "$1" "$2" >$out
}

args=$(sed -n 's/.*\bctpm\.args=\([^ ]*\).*/\1/p' /proc/cmdline | tr , ' ')
start=$(cut -d. -f1 /proc/uptime)
# shellcheck disable=SC2086 # several parameters
insmod /ctpm.ko $args 2>/tmp/err &
insmod=$!
# a signal for whoever loads it, while that goes on
signal=$(sed -n 's/.*\bctpm\.signal=\([^ ]*\).*/\1/p' /proc/cmdline)
if [ -n "$signal" ]; then
	until [ "$(cat /sys/module/ctpm/initstate 2>/dev/null)" = coming ] || ! kill -0 $insmod; do
		:
	done
	kill -s "$signal" $insmod && say signal "$(cat /sys/module/ctpm/initstate)"
fi
wait $insmod
say insmod "$(sed 's/.*: //' /tmp/err)"
say seconds $(($(cut -d. -f1 /proc/uptime) - start))
dmesg | sed -n 's/^\[[ 0-9.]*\] \(ctpm.*\|tpm tpm.*\)/\1/p' | grep -v 'taints kernel\|verification failed' |
	while read -r line; do
		say log "$line"
	done
say device "$(ls /dev/tpm0 2>/dev/null || echo none)"
for f in bound reason; do
	say $f "$(cat /sys/bus/platform/drivers/ctpm/*/$f 2>/dev/null || echo none)"
done
say pcr "$(cat /sys/class/tpm/tpm0/pcr-sha256/13 2>/dev/null || echo none)"

# what the log's last event is: tag and step of an error event
xxd -p /sys/kernel/security/ctpm/log 2>/dev/null | tr -d '\n' >/tmp/log
say tags "$(grep -o '0[123]505443' /tmp/log | tr '\n' ' ')"

sh /test_ctpm.sh >/dev/null 2>&1
say selftest $?

# a command through the device, which must come back in any case
if [ -c /dev/tpm0 ]; then
	printf '\200\001\000\000\000\014\000\000\001\173\000\010' >/tmp/command
	{ dd bs=4096 count=1 of=/dev/tpm0 </tmp/command; } 2>/tmp/err
	say write "$(sed -n 's/.*: //p' /tmp/err | head -n 1)"

	# TPM2_StirRandom, with a signal after two seconds; then the first once more
	printf '\200\001\000\000\000\016\000\000\001\106\000\002ab' >/tmp/stir
	start=$(cut -d. -f1 /proc/uptime)
	timeout -s INT 2 dd bs=4096 count=1 of=/dev/tpm0 </tmp/stir 2>/dev/null
	say stirred $(($(cut -d. -f1 /proc/uptime) - start))
	{ dd bs=4096 count=1 of=/dev/tpm0 </tmp/command; } 2>/tmp/err
	say again "$(sed -n 's/.*: //p' /tmp/err | head -n 1)"
fi
rmmod ctpm 2>/dev/null
say complaints "$(dmesg | grep -cE 'BUG|WARNING: CPU|Oops|Call Trace|unable to handle|stall')"
say end ok
