#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The driver's log, and whether it explains the PCR: with Debian's tools in the
# guest, from the files that the driver publishes.
. /run/suite/tap.sh

dir=/sys/kernel/security/ctpm
state=$(dirname /sys/bus/platform/drivers/*/*/report_pcr)
pcr=$(cat "$state/report_pcr")
work=$(mktemp -d)
export TPM2TOOLS_TCTI=device:/dev/tpmrm0

is()
{
	[ "$(cat "$state/$1")" = "$2" ] || { echo "$1: $(cat "$state/$1")"; return 1; }
}

root_only()
{
	for f in report manifest certificates log; do
		[ "$(stat -c '%a %U' $dir/$f)" = "400 root" ] || { stat $dir/$f; return 1; }
	done
}

read_only()
{
	for f in mode vmpl bound late reason report_pcr identity_pcr; do
		[ "$(stat -c %a "$state/$f")" = 444 ] || { stat "$state/$f"; return 1; }
	done
}

yaml()
{
	cat $dir/log >"$work/log"
	tpm2_eventlog "$work/log" >"$work/yaml"
}

# replayed BANK: what the log says about the PCR
replayed()
{
	awk -v bank="  $1:" -v pcr="$pcr" '
		/^pcrs:/ { pcrs = 1 }
		/^  [a-z]/ { here = pcrs && $0 == bank }
		here && $1 == pcr { print tolower(substr($3, 3)) }' "$work/yaml"
}

same_as_pcr()
{
	value=$(tpm2_pcrread "$1:$pcr" | sed -n 's/.*0x//p' | tr A-F a-f)
	echo "log: $(replayed "$1"), PCR: $value"
	[ -n "$value" ] && [ "$(replayed "$1")" = "$value" ]
}

banks()
{
	tpm2_getcap pcrs | sed -n "s/^ *- \(sha[0-9]*\): \[ [0-9].*/\1/p"
}

by_hand()
{
	cat $dir/report >"$work/report"
	digest=$(sha256sum <"$work/report" | cut -d' ' -f1)
	computed=$(printf '%064d%s' 0 "$digest" | xxd -r -p | sha256sum | cut -d' ' -f1)
	[ "$computed" = "$(tpm2_pcrread "sha256:$pcr" | sed -n 's/.*0x//p' | tr A-F a-f)" ]
}

manifest_is_ek()
{
	tpm2_createek -Q -c "$work/ek.ctx" -G rsa -u "$work/ek.pub" &&
		tail -c +3 "$work/ek.pub" | cmp - $dir/manifest
}

certificate_table()
{
	# GUIDs of VCEK, ASK and ARK in text byte order (GHCB, AMD 56421)
	xxd -p $dir/certificates | tr -d '\n' >"$work/table"
	for guid in 63da758de6644564adc5f4b93be8accd 4ab7b379bbac4fe4a02f05aef327c782 \
		c0b406a4a803495297433fb6014cd0ae; do
		grep -q "$guid" "$work/table" || { echo "not there: $guid"; return 1; }
	done
}

hwrng()
{
	grep -q tpm-rng /sys/class/misc/hw_random/rng_available &&
		echo tpm-rng-0 >/sys/class/misc/hw_random/rng_current &&
		[ "$(head -c 64 /dev/hwrng | wc -c)" = 64 ]
}

t "the TPM is bound" is bound 1
t "the mode is svsm" is mode svsm
t "there is no reason not to be" is reason none
t "it was not late" is late 0
t "report, manifest, certificates and log are root's alone" root_only
t "the state in sysfs is read-only" read_only
t "tpm2_eventlog reads the log" yaml
for bank in $(banks); do
	t "the log replays to PCR $pcr in bank $bank" same_as_pcr "$bank"
done
t "PCR $pcr is the report's digest, recomputed by hand" by_hand
t "the manifest is the TPM's endorsement key" manifest_is_ek
t "the certificate table holds VCEK, ASK and ARK" certificate_table
t "the TPM feeds the kernel's hardware random number generator" hwrng
rm -rf "$work"
tap_end
