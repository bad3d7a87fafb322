#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# boot.sh [RUNS]: from start to power-off of a guest that does nothing, under
# snpemu and in the same machine without SNP, in turns; the fastest of each.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/scripts/lib.sh"

out=$top/build/bench
mkdir -p "$out"
kernel=$("$top/scripts/kernel.sh" 7.3 image)
printf '#!/bin/sh\nexit 0\n' >"$out/nothing.sh"
chmod +x "$out/nothing.sh"
"$top/scripts/initrd.sh" "$out/boot" 7.3 "$out/nothing.sh=run.sh"

run()
{
	"$top/build/snpemu" --kernel "$kernel" --initrd "$out/boot" --timeout 300 --json "$out/json" \
		--append "console=ttyS0 quiet panic=-1 ctpm.run=/run.sh" "$@" >/dev/null
	sed -n 's/.*"seconds": \([0-9.]*\),.*/\1/p' "$out/json"
}

runs=${1:-5}
while [ "$runs" -gt 0 ]; do
	runs=$((runs - 1))
	echo "snp $(run)"
	echo "plain $(run --plain --tpm none)"
done | awk '
	!($1 in best) || $2 < best[$1] { best[$1] = $2 }
	END {
		printf "boot to power-off, SNP, strict: %.2f s; plain QEMU TCG: %.2f s\n", best["snp"], best["plain"]
		printf "SNP / plain: %.2f\n", best["snp"] / best["plain"]
	}'
