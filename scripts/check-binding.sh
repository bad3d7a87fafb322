#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check-binding.sh EVIDENCE ROOTS [MEASUREMENT]
#
# Check, with nothing but openssl, sha*sum, od and tpm2_eventlog, that a TPM is
# bound to an SNP launch. EVIDENCE is a folder with what the guest's driver
# published in /sys/kernel/security/ctpm (report, manifest, log) and the TPM's
# PCR values (pcrs: the line "report_pcr INDEX", then "BANK INDEX HEX"). ROOTS holds the certificates
# ark.pem (trusted), ask.pem and vcek.pem (or asvk.pem and vlek.pem). MEASUREMENT is the
# launch digest to expect, in hex. Each check prints what it found; the last
# line is MATCH, or MISMATCH with the names of the checks that failed. Exit
# status 0 or 1.
set -eu

evidence=${1:?usage: check-binding.sh EVIDENCE ROOTS [MEASUREMENT]}
roots=${2:?usage: check-binding.sh EVIDENCE ROOTS [MEASUREMENT]}
expected=${3:-}
report=$evidence/report
log=$evidence/log
pcr=$(sed -n 's/^report_pcr \([0-9]*\)$/\1/p' "$evidence/pcrs")
failed=

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# verdict NAME STATUS TEXT
verdict()
{
	if [ "$2" = 0 ]; then
		printf '  %-12s ok    %s\n' "$1" "$3"
	else
		printf '  %-12s FAIL  %s\n' "$1" "$3"
		failed="$failed $1"
	fi
}

# hex FILE OFFSET LENGTH: bytes in hex; le32 the same as a number
hex()
{
	od -An -v -tx1 -j "$2" -N "$3" "$1" | tr -d ' \n'
}

reversed()
{
	hex "$@" | fold -w 2 | tac | tr -d '\n'
}

number()
{
	printf '%d' "0x$(reversed "$@")"
}

unhex()
{
	xxd -r -p
}

# What the report says (AMD 56860, table "ATTESTATION_REPORT")
size=$(wc -c <"$report")
if [ "$size" != 1184 ]; then
	verdict report 1 "$size bytes, expected 1184"
	echo "MISMATCH: report"
	exit 1
fi
version=$(number "$report" 0 4)
vmpl=$(number "$report" 48 4)
measurement=$(hex "$report" 144 48)
[ "$vmpl" = 0 ] && s=0 || s=1
verdict vmpl "$s" "the report (version $version) was requested at VMPL $vmpl"
if [ -n "$expected" ]; then
	[ "$measurement" = "$expected" ] && s=0 || s=1
	verdict measurement "$s" "launch digest $measurement"
else
	printf '  %-12s -     %s\n' measurement "launch digest $measurement"
fi
printf '  %-12s -     bootloader %d, tee %d, snp %d, microcode %d (raw %s)\n' tcb \
	"0x$(hex "$report" 384 1)" "0x$(hex "$report" 385 1)" "0x$(hex "$report" 390 1)" \
	"0x$(hex "$report" 391 1)" "$(hex "$report" 384 8)"

# Who signed it
# SIGNING_KEY, bits 4:2 of the word at 0x48: 0 is the VCEK, 1 the VLEK
case $(($(number "$report" 72 4) >> 2 & 7)) in
1)	leaf=$roots/vlek.pem intermediate=$roots/asvk.pem ;;
*)	leaf=$roots/vcek.pem intermediate=$roots/ask.pem ;;
esac
if openssl verify -CAfile "$roots/ark.pem" -untrusted "$intermediate" "$leaf" >"$tmp/out" 2>&1; then
	verdict chain 0 "$(openssl x509 -in "$leaf" -noout -subject -nameopt RFC2253 | sed 's/.*CN=\([^,]*\).*/\1/') up to the trusted root key"
else
	verdict chain 1 "$(tail -n 1 "$tmp/out")"
fi
openssl x509 -in "$leaf" -noout -pubkey >"$tmp/key.pem"
head -c 672 "$report" >"$tmp/body"
# r and s are 72-byte little-endian numbers
printf 'asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' \
	"$(reversed "$report" 672 72)" "$(reversed "$report" 744 72)" >"$tmp/sig.cnf"
openssl asn1parse -genconf "$tmp/sig.cnf" -noout -out "$tmp/sig.der"
openssl dgst -sha384 -verify "$tmp/key.pem" -signature "$tmp/sig.der" "$tmp/body" \
	>/dev/null 2>&1 && s=0 || s=1
verdict signature "$s" "of the report, ECDSA P-384"

# Do the log and the report belong together?
sha256=$(sha256sum <"$report" | cut -d' ' -f1)
tpm2_eventlog "$log" >"$tmp/log.yaml" 2>"$tmp/err" && s=0 || s=1
verdict log "$s" "$(wc -c <"$log") bytes, $(grep -c 'EventNum' "$tmp/log.yaml" || :) events"
grep -q "Digest: \"$sha256\"" "$tmp/log.yaml" && s=0 || s=1
verdict event "$s" "SHA-256 of the report, $sha256, is in the log"

# The report event (include/uapi/linux/ctpm.h): behind tag and size come version,
# flags, resetCount, restartCount (4 bytes each), 32 random bytes and two sizes.
event=$(xxd -p "$log" | tr -d '\n' | sed -n 's/.*0150544338000000\(.\{112\}\).*/\1/p')
flags=$(echo "$event" | cut -c9-16)
[ "$flags" = 00000000 ] && s=0 || s=1
verdict early "$s" "bound before user space could reach the PCR (flags ${flags:-none})"
nonce=$({
	printf 'ctpm boot report nonce v1'
	echo "$event" | cut -c33-96 | unhex
	echo "$event" | cut -c17-32 | unhex
} | sha512sum | cut -d' ' -f1)
wanted=$({
	echo "$nonce" | unhex
	cat "$evidence/manifest"
} | sha512sum | cut -d' ' -f1)
[ "$(hex "$report" 80 64)" = "$wanted" ] && s=0 || s=1
verdict nonce "$s" "REPORT_DATA is SHA-512(nonce of this TPM's life || manifest)"

# The PCR, as the log says in every bank, and one by hand: SHA-256(32 zero bytes || digest)
replayed()
{
	awk -v bank="  $1:" -v pcr="$pcr" '
		/^pcrs:/	{ pcrs = 1 }
		/^  [a-z]/	{ here = pcrs && $0 == bank }
		here && $1 == pcr { print tolower(substr($3, 3)) }' "$tmp/log.yaml"
}
banks=
s=0
while read -r bank index value; do
	[ "$index" = "$pcr" ] || continue
	banks="$banks $bank"
	[ "$(replayed "$bank")" = "$value" ] || { s=1; banks="$banks (not)"; }
done <<EOT
$(grep '^sha' "$evidence/pcrs")
EOT
[ -n "$banks" ] || s=1
verdict replay "$s" "the log replays to the value of PCR $pcr in the banks$banks"
value=$(sed -n "s/^sha256 $pcr \([0-9a-f]*\)\$/\1/p" "$evidence/pcrs")
computed=$( (hex /dev/zero 0 32; echo "$sha256") | unhex | sha256sum | cut -d' ' -f1)
[ "$computed" = "$value" ] && s=0 || s=1
verdict pcr "$s" "recomputed $computed, the TPM has ${value:-none}"

if [ -n "$failed" ]; then
	echo "MISMATCH:$failed"
	exit 1
fi
echo "MATCH"
