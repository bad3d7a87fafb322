#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What scripts/demo.sh has its guest do: load ctpm.ko, look around, give the host what
# it needs to check the binding with ordinary tools; then enrol at the Owner CA, answer a
# challenge, and seal a secret. Its /tmp is in its own memory.
. /port.sh

say()
{
	printf '  guest | %s\n' "$*"
}

say "Linux $(uname -r), unmodified, says:"
dmesg | sed -n 's/^\[[ 0-9.]*\] \(.*Memory Encryption Features.*\|SEV: SNP running.*\)/  guest |   \1/p'
say "VMPL $(cat /sys/devices/system/cpu/sev/vmpl), TPM devices before: $(ls /dev/tpm* 2>/dev/null || echo none)"

say "insmod ctpm.ko"
insmod /ctpm.ko identity_pcr=12 || exit 1
dmesg | sed -n 's/^\[[ 0-9.]*\] \(\(tpm tpm0\|ctpm\).*\(PCR 13\|bound\).*\)/  guest |   \1/p'
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
tar -c -f /tmp/binding -C $out .
port_guest
port_send binding /tmp/binding
port_receive go /tmp/go || exit 1

mkdir -p /var/lib
say "ctpm enroll request"
ctpm enroll request -o /tmp/request || exit 1
port_send request /tmp/request
port_receive reply /tmp/reply || exit 1
say "ctpm enroll complete: $(ctpm enroll complete --ca /ca.pem /tmp/reply)"

port_receive challenge /tmp/challenge || exit 1
say "ctpm attest --challenge ... --aud verifier.example"
ctpm attest --challenge /tmp/challenge --aud verifier.example -o /tmp/evidence.cbor || exit 1
port_send evidence /tmp/evidence.cbor
port_receive go /tmp/go || exit 1

say "ctpm seal: a secret, to the launch identity in PCR 12"
echo "the launch's secret" | ctpm seal -o /tmp/sealed || exit 1
say "ctpm unseal: $(ctpm unseal /tmp/sealed)"
say "extending PCR 12 once more, then ctpm unseal:"
rmmod ctpm && insmod /ctpm.ko identity_pcr=12 || exit 1
ctpm unseal /tmp/sealed 2>&1 | sed 's/^/  guest |   /'
[ "$(ctpm unseal /tmp/sealed 2>/dev/null)" != "the launch's secret" ]
