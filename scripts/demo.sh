#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# demo.sh [SERIES]
#
# Set everything up, then the main job: Debian's own kernel of that series (6.12)
# boots as an SNP guest at VMPL2 under an emulated SVSM, loads ctpm.ko, and has a
# TPM with the digest of its SNP report in a PCR; the host checks that with
# ordinary tools. Evidence and certificates stay in build/demo/.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"

series=${1:-6.12}
out=$top/build/demo

"$top/scripts/setup.sh" build
step "building the tools and fetching Debian's kernel $series"
quietly make -C "$top" -j2 tools
kernel=$("$top/scripts/kernel.sh" "$series" image)
module=$("$top/scripts/module.sh" "$series")
rm -rf "$out"
mkdir -p "$out/evidence" "$out/roots"
"$top/scripts/initrd.sh" "$out/initrd" "$series" "$top/scripts/demo-guest.sh=run.sh" \
	"$module/ctpm.ko=ctpm.ko"

append="console=ttyS0 quiet panic=-1 ctpm.run=/run.sh"
measurement=$("$top/build/snpemu" measure --kernel "$kernel" --initrd "$out/initrd" \
	--append "$append")
step "set-up is done; launch digest predicted from the files:"
echo "  $measurement"

step "starting the guest"
"$top/build/snpemu" --kernel "$kernel" --initrd "$out/initrd" --append "$append" --timeout 300 \
	--certs "$out/roots" --serial "$out/evidence.tar" --json "$out/result.json"
tar -x -f "$out/evidence.tar" -C "$out/evidence"

step "checking on the host, with openssl, sha256sum and tpm2_eventlog"
status=0
"$top/scripts/check-binding.sh" "$out/evidence" "$out/roots" "$measurement" || status=1

step "the same with one bit of the report flipped"
cp -r "$out/evidence" "$out/tampered"
printf '\001' | dd of="$out/tampered/report" bs=1 seek=72 conv=notrunc 2>/dev/null
if "$top/scripts/check-binding.sh" "$out/tampered" "$out/roots" "$measurement"; then
	echo "a changed report was accepted"
	status=1
fi
step "done: evidence in build/demo/evidence, certificates in build/demo/roots"
exit $status
