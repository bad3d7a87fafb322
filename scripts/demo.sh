#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# demo.sh [SERIES]
#
# Set everything up, then the main job: Debian's own kernel of that series (6.12)
# boots as an SNP guest at VMPL2 under an emulated SVSM, loads ctpm.ko, and has a
# TPM with the digest of its SNP report in a PCR; the host checks that with
# ordinary tools. Then both roots of trust at work: the guest enrols at an Owner CA,
# answers a verifier's challenge, and seals a secret. All that was sent stays in build/demo/.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"
. "$top/scripts/port.sh"

series=${1:-6.12}
out=$top/build/demo
ctpm=$top/build/ctpm

"$top/scripts/setup.sh" build
step "building the tools and fetching Debian's kernel $series"
quietly make -C "$top" -j2 tools
kernel=$("$top/scripts/kernel.sh" "$series" image)
module=$("$top/scripts/module.sh" "$series")
rm -rf "$out"
mkdir -p "$out/evidence" "$out/roots"
# the Owner CA's certificate is in the guest's image, so the launch digest vouches for it, too
"$ctpm" ca init --dir "$out/ca" --name "the owner of the guests" >/dev/null
cp "$out/ca/ca.pem" "$out/roots/ca.pem"
"$top/scripts/initrd.sh" "$out/initrd" "$series" -p "$ctpm" \
	-p "$(ldconfig_path libtss2-tcti-device.so.0)" "$ctpm=bin/ctpm" "$top/scripts/port.sh=port.sh" "$out/ca/ca.pem=ca.pem" \
	"$top/scripts/demo-guest.sh=run.sh" "$module/ctpm.ko=ctpm.ko"

append="console=ttyS0 quiet panic=-1 ctpm.run=/run.sh"
measurement=$("$top/build/snpemu" measure --kernel "$kernel" --initrd "$out/initrd" \
	--append "$append")
step "set-up is done; launch digest predicted from the files:"
echo "  $measurement"

step "starting the guest"
port_host "$out/port" "$top/build/snpemu" --kernel "$kernel" --initrd "$out/initrd" \
	--append "$append" --timeout 300 --certs "$out/roots" --json "$out/result.json"
port_receive binding "$out/evidence.tar"
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

step "composite attestation: an Owner CA, and a policy that demands the predicted launch"
cat >"$out/policy.json" <<EOF
{
  "version": 1,
  "modes": ["svsm"],
  "measurements": ["$measurement"],
  "tcb": {"Milan": {"bootloader": 3, "tee": 0, "snp": 8, "microcode": 115}}
}
EOF
"$ctpm" policy explain "$out/policy.json" | sed 's/^/  policy | /'
: >"$out/go"
port_send go "$out/go"
port_receive request "$out/request"
step "the Owner CA checks the guest's request, and answers so that only its TPM can read it"
"$ctpm" ca issue --dir "$out/ca" --policy "$out/policy.json" --roots "$out/roots" \
	-o "$out/reply" "$out/request"
port_send reply "$out/reply"

"$ctpm" challenge --aud verifier.example -o "$out/challenge"
port_send challenge "$out/challenge"
port_receive evidence "$out/evidence.cbor"
step "the verifier checks the evidence: $(wc -c <"$out/evidence.cbor") bytes"
"$ctpm" verify "$out/evidence.cbor" --challenge "$out/challenge" --aud verifier.example \
	--policy "$out/policy.json" --roots "$out/roots" || status=1

step "the same with one bit flipped in the middle"
cp "$out/evidence.cbor" "$out/tampered.cbor"
middle=$(($(wc -c <"$out/tampered.cbor") / 2))
old=$(od -An -tu1 -j $middle -N 1 "$out/tampered.cbor")
# shellcheck disable=SC2059 # the inner printf makes an octal escape
printf "\\$(printf %03o $((old ^ 1)))" |
	dd of="$out/tampered.cbor" bs=1 seek=$middle conv=notrunc 2>/dev/null
if "$ctpm" verify "$out/tampered.cbor" --challenge "$out/challenge" --aud verifier.example \
	--policy "$out/policy.json" --roots "$out/roots"; then
	echo "changed evidence was accepted"
	status=1
fi

step "a secret, sealed to this launch's identity"
port_send go "$out/go"
port_end || status=1
rm -f "$out/port.in" "$out/port.out"
step "done: all that was sent is in build/demo"
exit $status
