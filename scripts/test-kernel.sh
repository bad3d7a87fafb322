#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-kernel.sh debug|builtin|module
#
# Build, with the kernel's own kunit.py, a kernel from Debian's source with the patch series
# on it, as the fragments in tests/kernel/ describe it:
#
#   debug     6.12 with the whole driver, and KASAN, lockdep and kmemleak watching
#   builtin   7.3, whose tpm_svsm calls the binding, all of it built in
#   module    the same as modules
#
# Builds in the cache, and only what has changed. Prints the folder that has bzImage and modules/.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"

kind=${1:-}
case $kind in
debug)	 series=6.12 fragments="guest driver debug" build=debug ;;
builtin) series=7.3 fragments="guest driver builtin" build=plain ;;
# the same objects, but for the few that the modules are made of
module)	 series=7.3 fragments="guest module" build=plain ;;
*)	 die "usage: test-kernel.sh debug|builtin|module" ;;
esac

tree=$("$top/scripts/patched-tree.sh" "$series")
build=$CTPM_CACHE/test-kernel/$build
out=$CTPM_CACHE/test-kernel/$kind.out
configs=
arguments=
for f in $fragments; do
	configs="$configs $top/tests/kernel/$f.config"
	arguments="$arguments --kunitconfig=$top/tests/kernel/$f.config"
done
# shellcheck disable=SC2086 # a list of files
key=$(content_key "$(cat "${tree%/tree}/key")" -- $configs "$0")

build_kernel()
{
	[ "$(cat "$out/key" 2>/dev/null)" != "$key" ] || return 0
	step "building the test kernel \"$kind\" (4 to 15 minutes the first time)"
	mkdir -p "$build"
	# shellcheck disable=SC2086 # a list of options
	quietly nice python3 "$tree/tools/testing/kunit/kunit.py" build --arch=x86_64 \
		--jobs="$(nproc)" $arguments --build_dir="$build"
	rm -rf "$out"
	mkdir -p "$out/modules"
	cp "$build/arch/x86/boot/bzImage" "$out/"
	if grep -q '=m$' "$build/.config"; then
		xargs -r -I '{}' cp "$build/{}" "$out/modules/" <<-EOT
			$(sed 's/\.o$/.ko/' "$build/modules.order")
		EOT
	fi
	echo "$key" >"$out/key"
	step "the test kernel \"$kind\" is built"
}

with_lock "test-kernel-${build##*/}" build_kernel
echo "$out"
