#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What scripts/demo.sh has its guest do: load ctpm.ko, look around, and give
# what a verifier needs to the host, as a tar file on the second serial port.
say()
{
	printf '  guest | %s\n' "$*"
}

say "Linux $(uname -r), unmodified, says:"
dmesg | sed -n 's/^\[[ 0-9.]*\] \(.*Memory Encryption Features.*\|SEV: SNP running.*\)/  guest |   \1/p'
say "VMPL $(cat /sys/devices/system/cpu/sev/vmpl), TPM devices before: $(ls /dev/tpm* 2>/dev/null || echo none)"

say "insmod ctpm.ko"
insmod /ctpm.ko || exit 1
dmesg | sed -n 's/^\[[ 0-9.]*\] \(\(tpm tpm0\|ctpm\).*\(PCR\|bound\).*\)/  guest |   \1/p'
state=$(dirname /sys/bus/platform/drivers/ctpm/*/bound)
say "TPM devices now: $(echo /dev/tpm*), bound: $(cat "$state/bound"), mode: $(cat "$state/mode")"

pcr=$(cat "$state/report_pcr")
out=/tmp/evidence
mkdir -p $out
for f in report manifest certificates log; do
	cat /sys/kernel/security/ctpm/$f >$out/$f
done
{
	echo "report_pcr $pcr"
	for bank in sha1 sha256 sha384 sha512; do
		f=/sys/class/tpm/tpm0/pcr-$bank/$pcr
		[ ! -e "$f" ] || echo "$bank $pcr $(tr A-F a-f <"$f")"
	done
} >$out/pcrs
say "PCR $pcr read through /dev/tpm0's sysfs: $(sed -n "s/^sha256 $pcr //p" $out/pcrs)"
stty -F /dev/ttyS1 raw -echo
tar -c -C $out . >/dev/ttyS1
