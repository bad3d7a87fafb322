#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# model.sh: the protocol of Documentation/protocol.rst against an attacker who has
# the network, the host and root (Dolev-Yao), in Maude: every order of a bounded number of
# boots, challenges and answers (tests/model/ctpm.maude). The whole protocol has its
# properties; without one of its checks the search has to find an attack, or, where
# another check stands behind it, none. With VOUCHED, verifiers have the policy
# allow_vouched_report. Traces are printed as comments.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/tests/tap.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# maude_run COMMAND...: its words go to $work/out; warnings, as of a syntax error, are failures
maude_run()
{
	printf '%s\n' "load $top/tests/model/ctpm.maude" "$@" quit >"$work/in.maude"
	timeout 1800 maude -no-banner -no-wrap "$work/in.maude" >"$work/out" 2>"$work/err" </dev/null || return
	cat "$work/err"
	! grep -q . "$work/err"
}

# search_for FROM TO: the first way from one to the other, as rule names, in $work/trace
search_for()
{
	: >"$work/trace"
	maude_run "search [1] $1 =>* $2 ." || return
	state=$(sed -n 's/^Solution 1 (state \([0-9]*\))$/\1/p' "$work/out")
	if [ -z "$state" ]; then
		cat "$work/out"
		return 1
	fi
	sed -n 's/^D:Detail --> /ends with /p; s/^S --> /ends with /p' "$work/out" >"$work/end"
	maude_run "search [1] $1 =>* $2 ." "show path labels $state ." || return
	sed -n '/^[a-z][a-z-]*$/p' "$work/out" | grep -vxE 'none|quit' >"$work/labels"
	{
		echo "$(wc -l <"$work/labels") steps: $(paste -s -d ' ' "$work/labels")"
		cat "$work/end"
	} >"$work/trace"
}

# nothing_from FROM TO [SUCH-THAT]: the search has to end without a solution
nothing_from()
{
	maude_run "search $1 =>* $2 ${3:+such that $3} ." || return
	cat "$work/out"
	grep -q '^No solution\.$' "$work/out" && ! grep -q '^Solution' "$work/out"
}

show_trace()
{
	if [ -s "$work/trace" ]; then
		sed 's/^/#   /' "$work/trace"
		: >"$work/trace"
	fi
}

# reached NAME FROM TO
reached()
{
	t "$1" search_for "$2" "$3"
	show_trace
}

# The properties, each in all that the search could reach
property()
{
	[ "$(grep -c '^No solution\.$\|^No more solutions\.$' "$work/all")" = 2 ] || {
		cat "$work/all"
		return 1
	}
	! grep -A4 -E "^PR(:Properties)? --> (.* )?$1( .*)?\$" "$work/all"
}

# leaving "CHECK...", in words: VOUCHED, which may be the first, is nothing left out
leaving()
{
	case $1 in
	"VOUCHED "*)	echo "VOUCHED, without ${1#VOUCHED }" ;;
	*)		echo "without $1" ;;
	esac
}

# without PROPERTY "CHECK..." WHAT: an attack on this property
without()
{
	checks=$(echo "$2" | sed 's/ /, /g')
	reached "$(leaving "$2"): $3" "in CTPM : start(($checks), ${4:-2, 1, 1})" "verdict($1 PR:Properties, D:Detail)"
}

# behind "CHECK..." WHAT: still no attack, as something else stands behind it
behind()
{
	checks=$(echo "$1" | sed 's/ /, /g')
	t "without ${1}: no attack, $2" nothing_from "in CTPM : start(($checks), 2, 2, 1)" \
		"verdict(PR:Properties, D:Detail)" "PR:Properties =/= fine"
}

if ! command -v maude >/dev/null; then
	echo "Bail out! maude is not installed (scripts/setup.sh check installs it)"
	exit 1
fi

reached "evidence of an honest guest is accepted" "in CTPM : start(none, 1, 1, 1)" "verdict(fine, honest)"

# Boots, challenges, honest answers
: >"$work/all"
for bounds in "3, 1, 0" "2, 2, 1"; do
	all="verdict(PR:Properties, D:Detail)"
	if ! maude_run "search in CTPM : start(none, $bounds) =>* $all such that PR:Properties =/= fine ."; then
		echo "Bail out! maude"
		exit 1
	fi
	cat "$work/out" >>"$work/all"
	echo "# $bounds: $(grep '^states' "$work/out")"
done
t "tpm: the TPM of the report's machine has quoted for this challenge, at the report's counts" property tpm
t "boot: a golden kernel has bound this report in this boot" property boot
t "guest: the guest gave these claims to this verifier, or root did" property guest
t "cert: an AK certificate is read only where EK and AK are" property cert
t "secret: K is out of the attacker's reach where it is not root" property secret

without guest GUEST-AUD "an answer for one verifier is passed on to another"
without guest "H-CHALLENGE NONCE" "an old answer again" "1, 2, 1"
without guest "H-CHALLENGE AUD" "an answer for one verifier is passed on to another"
behind NONCE "H(challenge) in qualifyingData"
behind AUD "H(challenge) in qualifyingData"
behind H-CHALLENGE "nonce and aud in the claims"
without guest H-CLAIMS "claims are changed on the way"
behind H-REPORT "H(claims) in qualifyingData"
without tpm QUALIFYING-DATA "the quote is for something else" "1, 2, 1"
without tpm CA-AK "a key that signs anything is certified"
without cert CA-AK "a key that signs anything is certified"
behind AK "the Owner CA has looked"
without tpm AK-CERTIFICATE "a key in software"
without tpm SIGNATURE "a quote of one's own"
without tpm MAGIC "what TPM2_Sign signs"
without tpm TYPE "TPM2_NV_Certify of made-up contents"
behind SIGNER "the Owner CA has looked"
without tpm PCR-DIGEST "PCR values that the TPM does not have"
without tpm REPORT "a report of somebody else's making"
without tpm VMPL "a report that root asked for"
without tpm MANIFEST "the report of one machine, the TPM of another"
without tpm EK "the AK of another machine's TPM"
without boot LOG "a log that is not what was measured"
without boot BINDING "the event is not this report's"
without boot BINDING-FIRST "a report that root has extended later"
# the report is of the first boot, the quote of the second
another_boot()
{
	reached "without ${1}: $3" "in CTPM : start($1, 2, 1, 0)" "verdict($2 PR:Properties, accepted(V:Name, A:Atom,
		claims(V:Name, A:Atom, $4, m1, E:Event, R:Area, C:Cert, K:Kernel, P:Pcr, S:Rest),
		quote(Y:Key, generated, quoted, R:Area, Q:Qd, 2, evil, P:Pcr)))"
}
another_boot CLOCK tpm "the report of another boot" "report(0, listed, launch(m1, 1), data(random(m1, 1), 1, m1), amd)"
without tpm MEASUREMENT "no SVSM at all"
without boot PCRS "any kernel"
another_boot PCRS boot "a report that root asked for in another boot" "report(0, listed, launch(m1, 1), data(mine, 2, m1), amd)"
without cert CA-REPORT "a forged report, an EK in software"
without cert CA-VMPL "a report that root asked for, an EK in software"
without cert CA-MANIFEST "any report, an EK in software"
without cert CA-MEASUREMENT "no SVSM, an EK in software"
without secret CA-MEASUREMENT "no SVSM, an EK in software"
# attestation_stands "CHECK...": what fails is enrolment alone
attestation_stands()
{
	checks=$(echo "$1" | sed 's/ /, /g')
	t "$(leaving "$1"): no attack on attestation, the verifier looks itself" nothing_from "in CTPM : start(($checks), 2, 1, 1)" \
		"verdict(PR:Properties, D:Detail)" "PR:Properties =/= fine and PR:Properties =/= cert and PR:Properties =/= secret"
}
attestation_stands CA-REPORT
# A verifier with VOUCHED takes all that one without does: this speaks for both
for check in CA-VMPL CA-MANIFEST CA-MEASUREMENT; do
	attestation_stands "VOUCHED $check"
done
behind CA-BINDING "the digest in a log without a quote says nothing"
without cert CREDENTIAL-NAME "the TPM activates for a key in software"
without cert SEAL "anybody reads a certificate for any key"
without boot RANDOM "a report that was asked for in an earlier boot"
without tpm SVSM-HONEST "an SVSM that gives VMPL0 reports over anything"
without boot SVSM-KEEPS-TPM "root resets the TPM and makes all PCRs again" "3, 1, 1"

reached "VOUCHED, without REPORT: evidence of an honest guest is accepted" \
	"in CTPM : start((VOUCHED, REPORT), 1, 1, 1)" "verdict(fine, honest)"
for bounds in "3, 1, 0" "2, 2, 1"; do
	t "VOUCHED: no attack in $bounds" nothing_from "in CTPM : start(VOUCHED, $bounds)" \
		"verdict(PR:Properties, D:Detail)" "PR:Properties =/= fine"
done
without tpm "VOUCHED DIGEST" "any certificate vouches for any report"
without tpm "VOUCHED CA-REPORT" "the Owner CA vouches for a report of somebody else's making"
without guest "VOUCHED CA-REPORT" "the Owner CA vouches for a report of somebody else's making"

t "reply: the certificate is for the request, or one that was shown before" nothing_from \
	"in ENROLMENT : < none | 2 | 3 | idle | silence >" "taken(N:Nat, S:Serial)"
reached "a certificate is taken" "in ENROLMENT : < none | 1 | 1 | idle | silence >" "< C:Checks | X:Nat | Y:Nat | has(S:Serial) | M:Msgs >"
reached "without ADDITIONAL-DATA: the reply to another request is taken" \
	"in ENROLMENT : < ADDITIONAL-DATA | 2 | 3 | idle | silence >" "taken(N:Nat, S:Serial)"
reached "without GUEST-CERTIFICATE: a reply of the attacker's own making is taken" \
	"in ENROLMENT : < GUEST-CERTIFICATE | 2 | 3 | idle | silence >" "taken(N:Nat, S:Serial)"
tap_end
