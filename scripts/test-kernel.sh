#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# test-kernel.sh
#
# Build, with the kernel's own kunit.py, the kernel that tests/kunit/kunitconfig
# describes: Debian's source of 6.12 with the driver and its KUnit suites in it
# and KASAN, lockdep and kmemleak watching. Builds in the cache, and only what
# has changed. Prints the path of the bzImage.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"

pristine=$("$top/scripts/kernel.sh" 6.12 source)
tree=$CTPM_CACHE/kunit/tree
build=$CTPM_CACHE/kunit/build
config=$top/tests/kunit/kunitconfig

cd "$top"
# shellcheck disable=SC2046 # a list of words
key=$(content_key "$pristine" -- "$config" "$0" include/uapi/linux/ctpm.h \
	$(find drivers/char/tpm/ctpm -type f ! -name '*.o' ! -name '.*' | sort))

# The driver goes where it would live upstream.
add_driver()
{
	rm -rf "$tree/drivers/char/tpm/ctpm" "$tree/include/uapi/linux/ctpm.h"
	mkdir "$tree/drivers/char/tpm/ctpm"
	for f in "$top"/drivers/char/tpm/ctpm/*; do
		case $f in
		*.[ch] | */Kbuild | */Kconfig | */Makefile) cp -p "$f" "$tree/drivers/char/tpm/ctpm/" ;;
		esac
	done
	cp -p "$top/include/uapi/linux/ctpm.h" "$tree/include/uapi/linux/"
}

build_kernel()
{
	[ "$(cat "$CTPM_CACHE/kunit/key" 2>/dev/null)" != "$key" ] || return 0
	if [ ! -e "$tree/done" ]; then
		rm -rf "$tree"
		mkdir -p "$CTPM_CACHE/kunit"
		cp -al "$pristine" "$tree"
		# the links are shared with the pristine tree: replace, never write into
		sed -i '/^endif # TCG_TPM/i source "drivers/char/tpm/ctpm/Kconfig"' \
			"$tree/drivers/char/tpm/Kconfig"
		grep -q ctpm/Kconfig "$tree/drivers/char/tpm/Kconfig" || die "cannot add the driver's Kconfig"
		cp "$tree/drivers/char/tpm/Makefile" "$tree/drivers/char/tpm/Makefile.new"
		# shellcheck disable=SC2016 # make's variable
		echo 'obj-$(CONFIG_TCG_CTPM) += ctpm/' >>"$tree/drivers/char/tpm/Makefile.new"
		mv "$tree/drivers/char/tpm/Makefile.new" "$tree/drivers/char/tpm/Makefile"
		touch "$tree/done"
	fi
	add_driver
	step "building the test kernel (6 to 15 minutes the first time)"
	quietly nice python3 "$tree/tools/testing/kunit/kunit.py" build --arch=x86_64 \
		--jobs="$(nproc)" --kunitconfig="$config" --build_dir="$build"
	echo "$key" >"$CTPM_CACHE/kunit/key"
	step "the test kernel is built"
}

with_lock kunit build_kernel
echo "$build/arch/x86/boot/bzImage"
