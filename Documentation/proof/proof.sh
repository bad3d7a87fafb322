#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# proof.sh [VARIANT]: prove ctpm.pv with ProVerif 2.05 or later, and show that without each
# check it has the attack that the table below expects, and no other. VARIANT
# is what a line of the table begins with, "full" or words as "NONCE H_CHALLENGE".
# ProVerif's results are kept in build/proof/; proverif.txt here is a copy.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
out=$top/build/proof

if ! command -v proverif >/dev/null; then
	echo "proof.sh: proverif is not in PATH; Debian has no package of it" >&2
	exit 1
fi

# The queries, in the order of ctpm.pv. The first two are sanity: they have to be reachable.
queries="evidence enrolment tpm boot guest cert secret reply"

# What is left out: which queries must fail ("-": none, something else stands behind that check).
# NO_x are assumptions left out instead of checks. With VOUCHED, verifiers have the policy
# allow_vouched_report: without REPORT, nothing but the AK certificate can vouch for the report; without
# DIGEST, any certificate does. With NOT_GUEST, that query is not asked, as ProVerif had not
# answered it after five minutes (tests/model.sh does ask it).
table()
{
	cat <<-END
	full: -
	VOUCHED: -
	VOUCHED REPORT: -
	VOUCHED DIGEST: tpm
	VOUCHED CA_REPORT NOT_GUEST: tpm boot cert secret
	VOUCHED CA_VMPL NOT_GUEST: cert secret
	VOUCHED CA_MEASUREMENT NOT_GUEST: cert secret
	VOUCHED CA_MANIFEST NOT_GUEST: cert secret
	VOUCHED CA_BINDING: -
	NONCE: -
	AUD: -
	GUEST_AUD: guest
	H_CHALLENGE: -
	H_CHALLENGE NONCE: tpm guest
	H_CHALLENGE AUD: guest
	H_REPORT: -
	H_CLAIMS: guest
	H_REPORT H_CLAIMS: guest
	QUALIFYING_DATA: tpm boot guest
	AK: -
	CA_AK: tpm boot guest cert
	AK_CERTIFICATE: tpm boot guest
	SIGNATURE: tpm boot guest
	MAGIC: tpm boot guest
	TYPE: tpm boot guest
	SIGNER: -
	PCR_DIGEST: tpm boot guest
	REPORT: tpm
	VMPL: tpm
	MANIFEST: tpm boot
	EK: tpm
	LOG: boot
	BINDING: boot
	BINDING_FIRST: boot
	CLOCK: tpm
	MEASUREMENT: tpm boot
	PCRS: boot
	CA_REPORT NOT_GUEST: cert secret
	CA_VMPL NOT_GUEST: cert secret
	CA_MEASUREMENT NOT_GUEST: cert secret
	CA_MANIFEST NOT_GUEST: cert secret
	CA_BINDING: -
	CREDENTIAL_NAME: tpm boot guest cert
	SEAL: tpm boot guest cert reply
	ADDITIONAL_DATA: reply
	GUEST_CERTIFICATE: reply
	NO_HONEST_SVSM: tpm boot guest cert secret
	NO_LASTING_TPM: boot
	END
}

# One variant: its line to standard output, its status is whether it is as expected
variant()
{
	words=${1%%:*}
	expected=${1#*: }
	name=$(echo "$words" | tr ' ' '-')
	defines=
	for w in $words; do
		case $w in
		full)	;;
		NO_*|NOT_GUEST|VOUCHED)
			defines="$defines -D$w" ;;
		*)	defines="$defines -DWITHOUT_$w" ;;
		esac
	done
	# shellcheck disable=SC2086 # a list of words
	cpp -P -w -undef -nostdinc $defines "$here/ctpm.pv" >"$out/$name.pv"
	timeout 1800 proverif -set color false "$out/$name.pv" >"$out/$name.log" 2>&1 || :
	grep '^RESULT' "$out/$name.log" | grep -v '^RESULT (' >"$out/$name.results" || :
	seen=
	n=0
	for q in $queries; do
		case "$words:$q" in
		*NOT_GUEST:guest)	continue ;;
		esac
		n=$((n + 1))
		result=$(sed -n "${n}p" "$out/$name.results")
		case $q:$result in
		evidence:*"is false."|enrolment:*"is false.")	;;
		evidence:*|enrolment:*)	seen="$seen unreachable-$q" ;;
		*"is true.")		;;
		*"is false.")		seen="$seen $q" ;;
		*"cannot be proved.")	seen="$seen unproved-$q" ;;
		*)			seen="$seen no-result-$q" ;;
		esac
	done
	seen=${seen# }
	if [ "${seen:--}" = "$expected" ]; then
		echo "ok	$words: ${seen:--}"
	else
		echo "DIFFERS	$words: ${seen:--}, expected: $expected; see build/proof/$name.log"
		return 1
	fi
}

mkdir -p "$out"
case ${1:-} in
--variant)
	variant "$2"
	exit
	;;
?*)
	line=$(table | grep -x "$1: .*") || {
		echo "proof.sh: no variant $1" >&2
		exit 1
	}
	variant "$line"
	exit
	;;
esac

status=0
table | tr '\n' '\0' | xargs -0 -n 1 -P "${JOBS:-$(nproc)}" "$0" --variant || status=1
{
	echo "SPDX-License-Identifier: GPL-2.0-or-later"
	echo "What ProVerif says of ctpm.pv, by what is left out; made by proof.sh"
	table | while IFS= read -r line; do
		echo "== ${line%%:*}"
		cat "$out/$(echo "${line%%:*}" | tr ' ' '-').results"
	done
} >"$out/proverif.txt"
[ "$status" = 0 ] || echo "proof.sh: not as expected" >&2
exit $status
