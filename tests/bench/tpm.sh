#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tpm.sh: what a TPM command costs. Instructions of the guest (exact: the guest's
# time is a count of instructions) through ctpm and through upstream's tpm_svsm,
# built from the source of the same Debian kernel, of which those that a TPM without
# a driver needs, too, are told apart; and time, ctpm against tpm_crb
# on QEMU's own TPM device in the same machine without SNP, with the same swtpm.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/scripts/lib.sh"

out=$top/build/bench
mkdir -p "$out"
kernel=$("$top/scripts/kernel.sh" 7.3 image)
gcc -O2 -Wall -static -o "$out/tpmloop" "$top/tests/bench/tpmloop.c"
"$top/scripts/initrd.sh" "$out/initrd" 7.3 "$top/tests/bench/guest.sh=run.sh" \
	"$out/tpmloop=tpmloop" "$("$top/scripts/module.sh" 7.3)/ctpm.ko=ctpm.ko" \
	"$("$top/scripts/upstream-driver.sh")/tpm_svsm.ko=tpm_svsm.ko" \
	"$("$top/scripts/module.sh" 7.3 "$top/tests/bench/null")/null_tpm.ko=null_tpm.ko"

# measure MODULES COUNT FIELD OPTION...
measure()
{
	modules=$1
	count=$2
	field=$3
	shift 3
	"$top/build/snpemu" --kernel "$kernel" --initrd "$out/initrd" --timeout 300 "$@" --append \
		"console=ttyS0 quiet panic=-1 ctpm.run=/run.sh bench.modules=$modules bench.count=$count" \
		>"$out/console" || { cat "$out/console" >&2; die "the guest failed"; }
	tr -d '\r' <"$out/console" | sed -n 's/^result //p' | cut -d' ' -f"$field"
}

ratio()
{
	echo "$1 $2" | awk '{ printf "%.2f", $1 / $2 }'
}

ours=$(measure ctpm 1000 1 --count)
again=$(measure ctpm 1000 1 --count)
theirs=$(measure tpm_svsm 1000 1 --count)
core=$(measure null_tpm 1000 1 --count)
printf '%-44s %8s\n' "guest instructions per command, ctpm" "$ours" \
	"the same again" "$again" "guest instructions per command, tpm_svsm" "$theirs" \
	"system calls and TPM core alone" "$core"
echo "ctpm / tpm_svsm: $(ratio "$ours" "$theirs")"
echo "the drivers' own part, ctpm / tpm_svsm: $((ours - core)) / $((theirs - core)):" \
	"$(ratio $((ours - core)) $((theirs - core)))"

svsm=$(measure ctpm 1000 2)
crb=$(measure '' 1000 2 --plain)
printf '%-44s %8s\n' "microseconds per command, ctpm" "$svsm" \
	"microseconds per command, tpm_crb without SNP" "$crb"
echo "ctpm / tpm_crb: $(ratio "$svsm" "$crb")"
