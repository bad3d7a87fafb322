#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run-guest.sh SERIES SUITE,SUITE... [SNPEMU-OPTION...]
#
# Boot Debian's kernel of that series under snpemu with a Debian root, load
# ctpm.ko (or boot the kernel of test-kernel.sh: the series "debug"), run suites of tests/guest/ in it, and print their TAP. "all" is all
# suites, in two guests: one of one CPU, one of two. GUEST_APPEND is added to the
# kernel command line. What the console said is
# kept in build/guest/.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"

series=${1:?usage: run-guest.sh SERIES SUITE,... [SNPEMU-OPTION...]}
suites=${2:?usage: run-guest.sh SERIES SUITE,... [SNPEMU-OPTION...]}
shift 2

out=$top/build/guest
mkdir -p "$out"
disk=$("$top/scripts/guest-root.sh")
selftests=$("$top/scripts/kernel.sh" 6.12 source)/tools/testing/selftests/tpm2
case $series in
debug)	# the driver is built in, and so is all else
	kernel=$("$top/scripts/test-kernel.sh")
	modules=
	files= ;;
*)	kernel=$("$top/scripts/kernel.sh" "$series" image)
	modules="-m virtio_blk -m ext4 -m overlay -m sev-guest"
	# ext4 and sev-guest ask the crypto API there, which is nothing that depmod sees
	[ "$series" != 6.12 ] || modules="$modules -m crc32c_generic -m gcm -m ghash-generic"
	files="$("$top/scripts/module.sh" "$series")/ctpm.ko=suite/ctpm.ko" ;;
esac

files="$files $top/tests/tap.sh=suite/tap.sh"
for f in "$top"/tests/guest/*.sh "$top"/tests/guest/*.py; do
	files="$files $f=suite/${f##*/}"
done
for f in "$selftests"/*.sh "$selftests"/*.py; do
	files="$files $f=suite/selftests/${f##*/}"
done
initrd=$out/initrd-$series
# shellcheck disable=SC2046,SC2086 # lists of words
"$top/scripts/initrd.sh" "$initrd" $([ "$series" = debug ] && echo none || echo "$series") \
	$modules $files

# run NAME SUITES OPTION...: results in $out/NAME.results
run()
{
	name=$1
	status=0
	list=$2
	shift 2
	rm -f "$out/$name.results"
	"$top/build/snpemu" --kernel "$kernel" --initrd "$initrd" --disk "$disk" --timeout 1500 \
		--append "console=ttyS0 panic=-1 log_buf_len=16M ctpm.root=/dev/vda ctpm.run=main.sh ctpm.suites=$list ${GUEST_APPEND:-}" \
		--serial "$out/$name.results" --json "$out/$name.json" "$@" \
		>"$out/$name.console" 2>"$out/$name.err" || status=$?
	if [ $status -ge 2 ]; then
		tail -n 20 "$out/$name.console" | sed 's/^/# /'
		sed 's/^/# /' "$out/$name.err"
	fi
}

if [ "$suites" = all ]; then
	one=eventlog,tpm2,limits,selftests,sev-guest,reload,dmesg
	two=eventlog,stress,suspend,hotplug,dmesg
	run "$series-1" $one --smp 1 "$@"
	run "$series-2" $two --smp 2 "$@"
	{
		sed 's/^\([^|]*\)|/1cpu-\1|/' "$out/$series-1.results"
		sed 's/^\([^|]*\)|/2cpu-\1|/' "$out/$series-2.results"
	} >"$out/$series.results"
	wanted="1cpu-load $(echo "$one" | tr , '\n' | sed 's/^/1cpu-/' | tr '\n' ' ')"
	wanted="$wanted 2cpu-load $(echo "$two" | tr , '\n' | sed 's/^/2cpu-/' | tr '\n' ' ')"
else
	run "$series" "$suites" "$@"
	wanted=$(echo "$suites" | tr , ' ')
	[ "$series" = debug ] || wanted="load $wanted"
fi
awk -v wanted="$wanted" -f "$top/tests/results.awk" "$out/$series.results"
