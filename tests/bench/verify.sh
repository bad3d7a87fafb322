#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# verify.sh: what appraising evidence costs a verifier.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$top/build/bench

mkdir -p "$out"
make -s -C "$top/tools/libctpm" O="$out" "$out/libctpm.a"
make -s -C "$top/tools/snpemu/sp" O="$out"
cc -std=gnu11 -D_GNU_SOURCE -O2 -I"$top/tools/libctpm/include" -I"$top/include/uapi" -o "$out/verify" \
	"$top/tests/bench/verify.c" "$top/tests/libctpm/guest.c" "$top/tests/libctpm/machine.c" \
	"$out/libctpm.a" "$out/libsp.a" -lcmocka -lcbor -ltss2-mu -ljansson -lwolfssl -lcrypto
TEST_KEYS=$out/keys "$out/verify"
