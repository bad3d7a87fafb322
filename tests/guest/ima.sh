#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# IMA, where the TPM's driver is built in: it uses the TPM, and the TPM was bound to
# the SNP report before IMA's first measurement.
. /run/suite/tap.sh

pcrs=/sys/class/tpm/tpm0/pcr-sha256
list=/sys/kernel/security/ima/ascii_runtime_measurements

finds_tpm()
{
	! dmesg | grep 'No TPM chip found'
}

# line PATTERN: where it is in the kernel log
line()
{
	dmesg | grep -n -m 1 "$1" | cut -d: -f1
}

bound_first()
{
	bound=$(line 'TPM bound to the SNP report')
	ima=$(line 'ima: Allocated hash algorithm')
	echo "lines: bound $bound, IMA $ima"
	[ -n "$bound" ] && [ -n "$ima" ] && [ "$bound" -lt "$ima" ]
}

moved()
{
	! grep -q '^0*$' $pcrs/10
}

# IMA's first entry is the hash of PCRs 0 to 9, as they were when it started: nothing
# has extended them since
boot_aggregate()
{
	recorded=$(sed -n '1s/.*sha256:\([0-9a-f]*\) boot_aggregate$/\1/p' $list)
	computed=$(for i in 0 1 2 3 4 5 6 7 8 9; do cat $pcrs/$i; done | xxd -r -p | sha256sum | cut -d' ' -f1)
	echo "recorded $recorded, computed $computed"
	[ -n "$recorded" ] && [ "$recorded" = "$computed" ]
}

# the list replays to PCR 10; what runs meanwhile may be measured, so several times
replays()
{
	python3 - <<-'PY'
		import hashlib
		def once():
		    with open("/sys/kernel/security/ima/ascii_runtime_measurements") as f:
		        lines = f.read().splitlines()
		    with open("/sys/class/tpm/tpm0/pcr-sha1/10") as f:
		        pcr = f.read().strip().lower()
		    value = bytes(20)
		    for line in lines:
		        digest = bytes.fromhex(line.split()[1])
		        value = hashlib.sha1(value + (digest if any(digest) else b"\xff" * 20)).digest()
		    print(len(lines), "measurements, replayed", value.hex(), "PCR", pcr)
		    return len(lines) > 10 and value.hex() == pcr
		raise SystemExit(0 if any(once() for _ in range(5)) else 1)
	PY
}

t "IMA has found the TPM" finds_tpm
t "the TPM was bound before IMA started" bound_first
t "PCR 10 has moved" moved
t "IMA's boot aggregate is that of PCRs 0 to 9" boot_aggregate
t "IMA's list replays to PCR 10" replays
tap_end
