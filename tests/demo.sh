#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# demo.sh: the demo does what it says, and its check on the host notices a
# changed byte in each of the files that it looks at.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/tests/tap.sh"

out=$top/build/demo
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

demo()
{
	"$top/scripts/demo.sh" >"$work/out" 2>&1 || { cat "$work/out"; return 1; }
	grep -q '^MATCH$' "$work/out"
}

says()
{
	grep -e "$1" "$work/out"
}

check()
{
	"$top/scripts/check-binding.sh" "$@" >"$work/check" 2>&1
}

# flip FILE OFFSET: the lowest bit of that byte
flip()
{
	byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
	# shellcheck disable=SC2059 # the inner printf makes an octal escape
	printf "\\$(printf %03o $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# caught FILE OFFSET CHECK: with that bit flipped, that check fails
caught()
{
	rm -rf "$work/evidence"
	cp -r "$out/evidence" "$work/evidence"
	flip "$work/evidence/$1" "$2"
	if check "$work/evidence" "$out/roots"; then
		echo "accepted"
		return 1
	fi
	grep "^MISMATCH:.* $3\\b" "$work/check" || { cat "$work/check"; return 1; }
}

other_measurement()
{
	! check "$out/evidence" "$out/roots" "$(printf %096d 0)" &&
		grep -q '^MISMATCH: measurement$' "$work/check"
}

# certificates of another machine
other_roots()
{
	mkdir -p "$work/roots"
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key" -subj "/CN=ARK-Milan" \
		-out "$work/roots/ark.pem" 2>/dev/null
	cp "$out/roots/ask.pem" "$out/roots/vcek.pem" "$work/roots/"
	! check "$out/evidence" "$work/roots" && grep -q '^MISMATCH: chain$' "$work/check"
}

t "the demo runs and the binding is found to MATCH" demo
t "it shows the guest's VMPL" says 'guest | VMPL 2'
t "it shows the PCR before" says 'PCR 13 before: 0\{64\}'
t "it shows the PCR after" says 'PCR 13 after:  [0-9a-f]\{64\}'
t "it shows that a changed report is refused" says '^MISMATCH: signature event'
t "the evidence it leaves is accepted" check "$out/evidence" "$out/roots"
t "a changed measurement in the report is caught by its signature" caught report 144 signature
t "a changed signature is caught" caught report 672 signature
t "a report at another VMPL is caught" caught report 48 vmpl
t "other REPORT_DATA is caught" caught report 80 nonce
t "a changed manifest is caught" caught manifest 100 nonce
t "a changed SHA-256 digest in the log is caught" caught log 130 replay
t "a changed SHA-384 digest in the log is caught" caught log 150 replay
t "a changed nonce in the log is caught" caught log 290 nonce
t "a changed flag in the log is caught" caught log 277 early
t "another PCR value is caught" caught pcrs 90 pcr
t "another launch measurement is caught" other_measurement
t "another root key is caught" other_roots
t "the guest enrols at the Owner CA" says 'ctpm enroll complete: the AK is certified'
t "its evidence is accepted, each check named" says '^ACCEPTED$'
t "by the launch digest that was predicted" says '^measurement *ok'
t "a changed copy is refused, with the check that caught it" says '^REFUSED:.*qualifying-data'
t "a secret is sealed and unsealed" says "ctpm unseal: the launch's secret"
t "and refused in another state" says 'the PCRs are not those that it was sealed to'
tap_end
