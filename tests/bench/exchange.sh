#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# exchange.sh [ROUNDS]: the whole of an attestation, challenge to verdict, in one guest: composite
# against report and quote apart, in turns. Times, and the guest's instructions in a second run
# (where its time is a count of them, and TPM and AMD-SP take none).
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/scripts/lib.sh"

out=$top/build/bench
mkdir -p "$out"
rounds=${1:-50}
kernel=$("$top/scripts/kernel.sh" 7.3 image)
make -s -C "$top/tools/libctpm" O="$out" "$out/libctpm.a"
cc -std=gnu11 -D_GNU_SOURCE -O2 -Wall -I"$top/tools/libctpm/include" -I"$top/include/uapi" -o "$out/exchange" \
	"$top/tests/bench/exchange.c" "$top/tools/ctpm/tpm.c" "$top/tools/ctpm/tsm.c" \
	"$top/tools/ctpm/binding.c" "$top/tools/ctpm/io.c" "$out/libctpm.a" -lcbor -ltss2-esys \
	-ltss2-mu -ltss2-tctildr -ltss2-rc -ljansson -lwolfssl -lcrypto
"$top/scripts/initrd.sh" "$out/exchange.initrd" 7.3 -m configfs -m sev-guest -p "$out/exchange" \
	-p "$top/build/ctpm" -p "$(ldconfig_path libtss2-tcti-device.so.0)" "$out/exchange=exchange" \
	"$top/build/ctpm=bin/ctpm" "$top/tests/bench/exchange-guest.sh=run.sh" \
	"$("$top/scripts/module.sh" 7.3)/ctpm.ko=ctpm.ko"

# run FILE OPTION...: what the guest has to say
run()
{
	file=$1
	shift
	"$top/build/snpemu" --kernel "$kernel" --initrd "$out/exchange.initrd" --timeout 600 "$@" --append \
		"console=ttyS0 quiet panic=-1 ctpm.run=/run.sh bench.count=$rounds" >"$out/console" ||
		{ cat "$out/console" >&2; die "the guest failed"; }
	tr -d '\r' <"$out/console" | grep -E '^(result|bytes) ' >"$file"
}

# table FILE FIELD UNIT: a line for each way, and ratios
table()
{
	awk -v field="$2" -v unit="$3" '
		$1 == "result" { v[$2] = $field }
		function line(name, guest, verifier) {
			printf "%-34s %9.0f %9.0f %9.0f  %s\n", name, guest, verifier, guest + verifier, unit
		}
		END {
			g = v["report-guest"] + v["quote-guest"]
			w = v["report-verifier"] + v["quote-verifier"]
			cg = v["composite-guest"]; cw = v["composite-verifier"]
			fg = v["fresh-guest"]; fw = v["fresh-verifier"]
			line("composite, the report of the boot", cg, cw)
			line("composite, a report for it", fg, fw)
			line("apart: a report", v["report-guest"], v["report-verifier"])
			line("apart: a quote", v["quote-guest"], v["quote-verifier"])
			line("apart: both", g, w)
			printf "composite / apart: %.2f, guest alone %.2f, verifier alone %.2f\n", \
				(cg + cw) / (g + w), cg / g, cw / w
			printf "composite with a fresh report / apart: %.2f, guest alone %.2f, verifier alone %.2f\n", \
				(fg + fw) / (g + w), fg / g, fw / w
		}' "$1"
}

printf '%-34s %9s %9s %9s\n' "" guest verifier both
run "$out/exchange.txt"
table "$out/exchange.txt" 4 us
run "$out/exchange.count" --count
table "$out/exchange.count" 3 instructions
sed -n 's/^bytes composite \([0-9]*\) fresh \([0-9]*\) apart \([0-9]*\)$/bytes to the verifier: composite \1, with a fresh report \2, apart \3/p' \
	"$out/exchange.txt"
