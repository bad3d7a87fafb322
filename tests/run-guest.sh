#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run-guest.sh KERNEL SUITE,SUITE...|all [SNPEMU-OPTION...]
#
# Boot a kernel under snpemu with a Debian root, run suites of tests/guest/ in it, and
# print their TAP. KERNEL is the series of one of Debian's, for which ctpm.ko is loaded, or
# one of scripts/test-kernel.sh (debug, builtin, module), where the driver is that of our
# patch series. "all" is all suites that make sense there, on Debian's kernels in two guests:
# one of one CPU, one of two. GUEST_APPEND is added to the kernel command line. What the
# console said is kept in build/guest/.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"

name=${1:?usage: run-guest.sh KERNEL SUITE,... [SNPEMU-OPTION...]}
suites=${2:?usage: run-guest.sh KERNEL SUITE,... [SNPEMU-OPTION...]}
shift 2

out=$top/build/guest
mkdir -p "$out"
disk=$("$top/scripts/guest-root.sh")
series=none
modules=
append=
# where the event log is: what is freed is overwritten
poison="slab_debug=P,kmalloc-4k"
case $name in
debug)	# the driver is built in, and so is all else
	kernel=$("$top/scripts/test-kernel.sh" debug)/bzImage
	loaded=
	source=$("$top/scripts/patched-tree.sh" 6.12)
	all=eventlog,tpm2,limits,selftests,stress,suspend,hotplug,dmesg
	# everything takes its time there
	append="ctpm.stress=2000" ;;
builtin)
	kernel=$("$top/scripts/test-kernel.sh" builtin)/bzImage
	loaded=
	source=$("$top/scripts/patched-tree.sh" 7.3)
	all=ima,eventlog,tpm2,limits,selftests,sev-guest,suspend,hotplug,unbind,dmesg
	append="ima_policy=tcb $poison" ;;
module)
	kernel=$("$top/scripts/test-kernel.sh" module)/bzImage
	loaded="${kernel%/bzImage}/modules/ctpm.ko ${kernel%/bzImage}/modules/tpm_svsm.ko"
	source=$("$top/scripts/patched-tree.sh" 7.3)
	append=$poison
	all=eventlog,tpm2,selftests,svsm-reload,unbind,dmesg ;;
*)	kernel=$("$top/scripts/kernel.sh" "$name" image)
	loaded=$("$top/scripts/module.sh" "$name")/ctpm.ko
	source=$("$top/scripts/kernel.sh" 6.12 source)
	all=
	series=$name
	modules="-m virtio_blk -m ext4 -m overlay -m sev-guest"
	# ext4 and sev-guest ask the crypto API there, which is nothing that depmod sees
	[ "$series" != 6.12 ] || modules="$modules -m crc32c_generic -m gcm -m ghash-generic" ;;
esac

files="$top/tests/tap.sh=suite/tap.sh"
for f in "$top"/tests/guest/*.sh "$top"/tests/guest/*.py $loaded; do
	files="$files $f=suite/${f##*/}"
done
for f in "$source"/tools/testing/selftests/tpm2/*.sh "$source"/tools/testing/selftests/tpm2/*.py; do
	files="$files $f=suite/selftests/${f##*/}"
done
initrd=$out/initrd-$name
# shellcheck disable=SC2086 # lists of words
"$top/scripts/initrd.sh" "$initrd" "$series" $modules $files

# guest RESULTS SUITES OPTION...: what came of it in $out/RESULTS.results
guest()
{
	results=$1
	status=0
	list=$2
	shift 2
	rm -f "$out/$results.results"
	"$top/build/snpemu" --kernel "$kernel" --initrd "$initrd" --disk "$disk" --timeout 1500 \
		--append "console=ttyS0 panic=-1 log_buf_len=16M ctpm.root=/dev/vda ctpm.run=main.sh ctpm.suites=$list $append ${GUEST_APPEND:-}" \
		--serial "$out/$results.results" --json "$out/$results.json" "$@" \
		>"$out/$results.console" 2>"$out/$results.err" || status=$?
	if [ $status -ge 2 ]; then
		tail -n 20 "$out/$results.console" | sed 's/^/# /'
		sed 's/^/# /' "$out/$results.err"
	fi
}

# prefixed PREFIX SUITES: the names of the suites' results, "load" among them
prefixed()
{
	echo "${loaded:+load,}$2" | tr , '\n' | sed "s/^/$1/" | tr '\n' ' '
}

if [ "$suites" = all ] && [ -n "$all" ]; then
	suites=$all
	set -- --smp 2 --memory 2G "$@"
fi
if [ "$suites" = all ]; then
	one=eventlog,tpm2,limits,selftests,sev-guest,reload,dmesg
	two=eventlog,stress,suspend,nmi,hotplug,dmesg
	guest "$name-1" $one --smp 1 "$@"
	guest "$name-2" $two --smp 2 "$@"
	{
		sed 's/^\([^|]*\)|/1cpu-\1|/' "$out/$name-1.results"
		sed 's/^\([^|]*\)|/2cpu-\1|/' "$out/$name-2.results"
	} >"$out/$name.results"
	wanted="$(prefixed 1cpu- $one) $(prefixed 2cpu- $two)"
else
	guest "$name" "$suites" "$@"
	wanted=$(prefixed '' "$suites")
fi
awk -v wanted="$wanted" -f "$top/tests/results.awk" "$out/$name.results"
