#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# verify.sh: what appraising evidence costs a verifier; and a report alone, against go-sev-guest.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$top/build/bench

mkdir -p "$out"
make -s -C "$top/tools/libctpm" O="$out" "$out/libctpm.a"
make -s -C "$top/tools/snpemu/sp" O="$out"
cc -std=gnu11 -D_GNU_SOURCE -O2 -I"$top/tools/libctpm/include" -I"$top/include/uapi" -o "$out/verify" \
	"$top/tests/bench/verify.c" "$top/tests/libctpm/guest.c" "$top/tests/libctpm/machine.c" \
	"$out/libctpm.a" "$out/libsp.a" -lcmocka -lcbor -ltss2-mu -ljansson -lwolfssl -lcrypto
TEST_KEYS=$out/keys "$out/verify" | tee "$out/verify.txt"

peers=$("$top/tests/peers/build.sh")
rm -rf "$out/peer"
mkdir -p "$out/peer"
cc -std=c11 -D_GNU_SOURCE -O2 -o "$out/report" "$top/tests/peers/report.c" "$top"/tools/snpemu/sp/*.c \
	-lcrypto
"$out/report" "$out/keys/peer" Milan 3 vcek "$out/peer" >"$out/peer/report"
openssl x509 -in "$out/peer/vcek.pem" -outform DER -out "$out/peer/leaf.der"
"$peers/bench" Milan "$out/peer/cert_chain.pem" "$out/peer/report" "$out/peer/leaf.der" |
	awk -v ours="$(sed -n 's/^a new report alone, certificates known: \([0-9]*\) us$/\1/p' "$out/verify.txt")" '{
		printf "go-sev-guest, roots known: %d us\ngo-sev-guest / libctpm: %.1f\n", $1, $1 / ours }'
