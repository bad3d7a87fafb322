#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# peers.sh: verifiers that others wrote accept the reports of the emulated AMD-SP and
# AMD's own, and refuse the same changed ones. None has any trust but in the chain
# that it is given.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"
. "$top/tests/tap.sh"

peers=$("$top/tests/peers/build.sh")
keys=$top/build/peers
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$keys"
gcc -std=c11 -D_GNU_SOURCE -O2 -Wall -o "$work/report" "$top/tests/peers/report.c" \
	"$top"/tools/snpemu/sp/*.c -lcrypto

#
# A case is a folder: report; leaf.pem, the VCEK's or VLEK's certificate; chain.pem,
# the ASK's (ASVK's) and the ARK's, which are trusted; product, as in the VCEK's certificate.
#

# made CASE KEYS PRODUCT VERSION vcek|vlek
made()
{
	mkdir -p "$1"
	"$work/report" "$keys/$2" "$3" "$4" "$5" "$1" >"$1/report"
	case $5 in
	vcek)	mv "$1/cert_chain.pem" "$1/chain.pem" ;;
	vlek)	mv "$1/cert_chain_vlek.pem" "$1/chain.pem" ;;
	esac
	mv "$1/$5.pem" "$1/leaf.pem"
	echo "$3-B1" >"$1/product"
}

# genuine CASE NAME: AMD's own
genuine()
{
	data=$top/tests/libctpm/data
	mkdir -p "$1"
	cp "$data/$2.report" "$1/report"
	cp "$data/milan.cert_chain.pem" "$1/chain.pem"
	openssl x509 -in "$data/$2.vcek.der" -out "$1/leaf.pem"
	echo "Milan-B0" >"$1/product"
}

# bytes FILE OFFSET LENGTH: in hex
bytes()
{
	od -An -v -tx1 -j "$2" -N "$3" "$1" | tr -d ' \n'
}

# hex digits, last byte first
reversed()
{
	fold -w 2 | tac | tr -d '\n'
}

# flipped CASE OTHER OFFSET: another case's, with one bit of the report flipped
flipped()
{
	cp -r "$2" "$1"
	printf '%02x' $((0x$(bytes "$1/report" "$3" 1) ^ 1)) | xxd -r -p |
		dd of="$1/report" bs=1 seek=$(($3)) conv=notrunc status=none
}

# mixed CASE OTHER FILES_OF FILE...: another case's, with files of a third
mixed()
{
	cp -r "$2" "$1"
	dir=$1
	from=$3
	shift 3
	for file; do
		cp "$from/$file" "$dir/$file"
	done
}

#
# The verifiers, each with a case
#

# Signatures and form alone: not names, times, nor what the certificate says of chip and TCB
virtee_sev()
{
	"$peers/sev-verify" "$1/report" "$1/chain.pem" "$1/leaf.pem"
}

# It takes the leaf from a certificate table behind the report (56421, "SNP Extended Guest
# Request"). Not without -product_key_path: there were versions which then took any chain with
# AMD's names for AMD's. The policy is SMT and debugging, as one of AMD's own reports has it.
go_sev_guest()
{
	case $(openssl x509 -in "$1/leaf.pem" -noout -subject) in
	*VLEK*)	guid=a8074bc2a25a483eaae639c045a0b8a1 ;;
	*)	guid=63da758de6644564adc5f4b93be8accd ;;
	esac
	openssl x509 -in "$1/leaf.pem" -outform DER -out "$1/leaf.der"
	# one entry {GUID, offset, length}, and a zero one
	length=$(printf '%08x' "$(wc -c <"$1/leaf.der")" | reversed)
	printf '%s30000000%s%048d' $guid "$length" 0 | xxd -r -p >"$1/table"
	cat "$1/report" "$1/table" "$1/leaf.der" >"$1/extended"
	"$peers/check" -network=false -product_key_path "$1/chain.pem" \
		-product_name "$(cat "$1/product")" -guest_policy 0xb0000 -in "$1/extended"
}

plain_openssl()
{
	openssl verify -no-CApath -no-CAstore -CAfile "$1/chain.pem" "$1/leaf.pem" || return
	openssl x509 -in "$1/leaf.pem" -noout -pubkey >"$1/key.pem"
	head -c 672 "$1/report" >"$1/signed"
	printf 'asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' \
		"$(bytes "$1/report" 672 72 | reversed)" "$(bytes "$1/report" 744 72 | reversed)" \
		>"$1/sig.cnf"
	openssl asn1parse -genconf "$1/sig.cnf" -noout -out "$1/sig"
	openssl dgst -sha384 -verify "$1/key.pem" -signature "$1/sig" "$1/signed"
}

# accepts VERIFIER CASE...
accepts()
{
	verifier=$1
	shift
	for dir; do
		"$verifier" "$dir" || { echo "$verifier refused ${dir##*/}"; return 1; }
	done
}

# refuses VERIFIER WORDS CASE...: and says why in these words, an expression
refuses()
{
	verifier=$1
	words=$2
	shift 2
	for dir; do
		if "$verifier" "$dir" >"$work/said" 2>&1; then
			echo "$verifier accepted ${dir##*/}"
			return 1
		fi
		grep -E "$words" "$work/said" || {
			echo "$verifier says something else of ${dir##*/}:"
			cat "$work/said"
			return 1
		}
	done
}
signature='VEK does not sign|report signature verification error|Verification failure'
chain='Signer certificate does not sign|not be verified by any trusted roots|verification failed'

step "making the reports"
cd "$work"
mkdir good flipped machine root genuine
for product in Milan Genoa Turin; do
	for version in 2 3 5; do
		for signer in vcek vlek; do
			made "good/$product-$version-$signer" keys $product $version $signer
		done
	done
done
for good in good/Milan-*; do
	name=${good#good/Milan-}
	flipped "flipped/$name-vmpl" "$good" 0x30
	flipped "flipped/$name-report_data" "$good" 0x50
	flipped "flipped/$name-measurement" "$good" 0x90
	flipped "flipped/$name-reported_tcb" "$good" 0x180
	flipped "flipped/$name-chip_id" "$good" 0x1a0
	flipped "flipped/$name-r" "$good" 0x2a0
	flipped "flipped/$name-s" "$good" 0x2e8
done
for signer in vcek vlek; do
	good=good/Milan-3-$signer
	made other-$signer other Milan 3 $signer
	mixed "machine/$signer" "$good" "other-$signer" leaf.pem chain.pem
	mixed "root/$signer" "$good" "other-$signer" leaf.pem report
	# an ASK (ASVK) of the other root above that leaf, below the ARK that is trusted
	cp -r "root/$signer" "root/$signer-issuer"
	{
		openssl x509 -in "other-$signer/chain.pem"
		cat "$good/ark.pem"
	} >"root/$signer-issuer/chain.pem"
done
genuine genuine/milan-1 milan-1
genuine genuine/milan-2 milan-2

for verifier in virtee_sev go_sev_guest plain_openssl; do
	name=$(echo $verifier | tr _ -)
	t "$name: accepts reports of versions 2, 3 and 5 that a VCEK signed" accepts $verifier \
		good/Milan-*-vcek good/Genoa-*-vcek
	t "$name: accepts those that a VLEK signed" accepts $verifier \
		good/Milan-*-vlek good/Genoa-*-vlek
	# go-sev-guest 0.15 does not know the FMC's level in Turin's certificates
	[ $verifier = go_sev_guest ] ||
		t "$name: accepts Turin's reports" accepts $verifier good/Turin-*
	t "$name: accepts AMD's own reports under AMD's root" accepts $verifier genuine/*
	for field in vmpl report_data measurement reported_tcb chip_id; do
		t "$name: refuses a flipped bit in $field" refuses $verifier "$signature" \
			flipped/*-$field
	done
	t "$name: refuses a flipped bit in the signature's r" refuses $verifier "$signature" flipped/*-r
	t "$name: refuses a flipped bit in its s" refuses $verifier "$signature" flipped/*-s
	t "$name: refuses the VCEK or VLEK of another machine" refuses $verifier "$signature" machine/*
	t "$name: refuses a chain from another root" refuses $verifier "$chain" root/*
done
tap_end
