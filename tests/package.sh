#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# package.sh: what an administrator does. The module through DKMS on each
# release, what modinfo says of it, and Debian's initramfs with it, which boots
# as an SNP guest and has the TPM bound before udev starts.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"
. "$top/tests/tap.sh"

out=$top/build/package
mkdir -p "$out"
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$top/dkms.conf")
modinfo_of=

# in the release's root that module.sh has made
build_root()
{
	"$top/scripts/module.sh" "$1" >/dev/null
	root=$CTPM_CACHE/root/build-$1
	kver=$("$top/scripts/kernel.sh" "$1" version)-amd64
}

dkms_clean()
{
	in_root "$root" /usr/sbin/dkms remove -m ctpm -v "$version" --all >/dev/null 2>&1 || :
	as_root rm -rf "$root/usr/src/ctpm-$version" "$root/var/lib/dkms/ctpm"
}

kernels_taken()
{
	pattern=$(sed -n 's/^BUILD_EXCLUSIVE_KERNEL="\(.*\)"$/\1/p' "$top/dkms.conf")
	[ -n "$pattern" ] || return 1
	for kernel in 6.12.0 6.19.11 7.3.4 10.1.0; do
		echo "$kernel" | grep -E "$pattern" || return 1
	done
	for kernel in 5.19.0 6.1.100 6.11.11; do
		! echo "$kernel" | grep -E "$pattern" || return 1
	done
}

dkms_install()
{
	dkms_clean
	as_root make -s -C "$top" dkms-install DESTDIR="$root" &&
		in_root "$root" /usr/sbin/dkms add -m ctpm -v "$version" &&
		in_root "$root" /usr/sbin/dkms install -m ctpm -v "$version" -k "$kver" &&
		in_root "$root" /usr/sbin/dkms status | grep "ctpm.*$kver.*installed" &&
		modinfo_of=$(find "$root/lib/modules/$kver/" -name 'ctpm.ko*') && [ -n "$modinfo_of" ]
}

# Every parameter is explained, and udev can find the driver.
modinfo_says()
{
	/sbin/modinfo "$modinfo_of" >"$out/modinfo"
	cat "$out/modinfo"
	for p in report_pcr identity_pcr require_binding timeout_ms; do
		grep -q "^parm: *$p:.*(" "$out/modinfo" || return 1
	done
	grep -q '^alias: *platform:tpm-svsm' "$out/modinfo" && grep -q '^license: *GPL' "$out/modinfo"
}

install_tools()
{
	make -s -C "$top" install DESTDIR="$out/root" PREFIX=/usr &&
		[ -s "$out/root/usr/lib/snpemu/monitor.elf" ] &&
		"$out/root/usr/bin/snpemu" measure --kernel "$("$top/scripts/kernel.sh" 7.3 image)" &&
		"$out/root/usr/bin/ctpm" help && [ -s "$out/root/usr/share/man/man1/ctpm.1" ]
}

# libctpm as others get it: headers, pkg-config, the shared library and nothing of this tree
use_library()
{
	data=$top/tests/libctpm/data
	export PKG_CONFIG_PATH="$out/root/usr/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$out/root"
	# shellcheck disable=SC2046 # options
	g++ -std=c++17 -Wall -Wextra -Werror -o "$out/verifier" "$top/tests/package/verifier.cpp" \
		$(pkg-config --cflags --libs libctpm) || return
	objdump -p "$out/verifier" | grep -q 'NEEDED *libctpm.so.1$' || return
	export LD_LIBRARY_PATH="$out/root/usr/lib"
	"$out/verifier" "$data/milan-1.report" "$data/milan-1.vcek.der" "$data/milan.cert_chain.pem" &&
		! "$out/verifier" "$data/milan-1.report" "$data/milan-2.vcek.der" \
			"$data/milan.cert_chain.pem"
}

# Debian's own initramfs of that kernel, with our hook
make_initramfs()
{
	as_root cp -r "$("$top/scripts/kernel.sh" 7.3 modules)/." "$root/lib/modules/$kver/" &&
		in_root "$root" /usr/sbin/depmod "$kver" &&
		as_root "$top/scripts/initramfs/install.sh" "$root" &&
		in_root "$root" /usr/sbin/mkinitramfs -o /tmp/initramfs "$kver" &&
		as_root cp "$root/tmp/initramfs" "$out/initramfs" && as_root chmod a+r "$out/initramfs"
}

# The same by dracut, which initramfs/install.sh has served as well
make_dracut()
{
	in_root "$root" /usr/bin/dracut --no-hostonly --force --kver "$kver" /tmp/dracut &&
		in_root "$root" /usr/bin/lsinitrd /tmp/dracut | grep -E 'ctpm.ko|ctpm-load' &&
		as_root cp "$root/tmp/dracut" "$out/initramfs" && as_root chmod a+r "$out/initramfs"
}

boot_initramfs()
{
	status=0
	"$top/build/snpemu" --kernel "$("$top/scripts/kernel.sh" 7.3 image)" \
		--initrd "$out/initramfs" --disk "$("$top/scripts/guest-root.sh")" --timeout 200 \
		--append "console=ttyS0 panic=-1 root=/dev/vda ro init=/bin/true" \
		>"$out/console" 2>"$out/err" || status=$?
	# init ends at once, which is a panic
	[ $status = 125 ] || { tail -n 20 "$out/console"; cat "$out/err"; return 1; }
	grep -a 'TPM bound to the SNP report in PCR 13' "$out/console"
}

# line numbers in the console's output
bound_first()
{
	bound=$(grep -an 'TPM bound to the SNP report' "$out/console" | head -n 1 | cut -d: -f1)
	udev=$(grep -anE 'Starting .*systemd-udevd|virtio_blk' "$out/console" | head -n 1 | cut -d: -f1)
	echo "bound in line $bound, udev in line $udev"
	[ -n "$bound" ] && [ -n "$udev" ] && [ "$bound" -lt "$udev" ]
}

# The kernel's own tpm_svsm has the vTPM already: no second chip, a late binding
beside_upstream()
{
	"$top/scripts/initrd.sh" "$out/beside" 7.3 -p "$top/build/ctpm" \
		-p "$(ldconfig_path libtss2-tcti-device.so.0)" "$top/build/ctpm=bin/ctpm" \
		"$top/tests/guest/beside.sh=run.sh" \
		"$("$top/scripts/module.sh" 7.3)/ctpm.ko=ctpm.ko" \
		"$("$top/scripts/upstream-driver.sh")/tpm_svsm.ko=tpm_svsm.ko" \
		"$("$top/scripts/upstream-driver.sh" --unbind)/tpm_svsm.ko=unbind/tpm_svsm.ko"
	"$top/build/snpemu" --kernel "$("$top/scripts/kernel.sh" 7.3 image)" --initrd "$out/beside" \
		--timeout 200 --append "console=ttyS0 quiet panic=-1 ctpm.run=/run.sh" >"$out/console" ||
		{ cat "$out/console"; return 1; }
}

t "DKMS takes it for kernels from 6.12 on" kernels_taken
for series in 6.12 7.3; do
	build_root "$series"
	t "$series: DKMS builds and installs the module" dkms_install
	t "$series: modinfo explains its parameters" modinfo_says
done
t "an initramfs of Debian's takes the module in" make_initramfs
t "it boots as an SNP guest and binds the TPM" boot_initramfs
t "before udev and any disk" bound_first
t "an initramfs of dracut's takes the module in" make_dracut
t "it boots as an SNP guest and binds the TPM" boot_initramfs
t "before udev and any disk" bound_first
t "where tpm_svsm has the vTPM its chip is bound, late" beside_upstream
t "make install puts snpemu where it finds its monitor, and ctpm with its manual" install_tools
t "a C++ program verifies AMD's own report by libctpm, found by pkg-config" use_library
for series in 6.12 7.3; do
	build_root "$series"
	dkms_clean
done
tap_end
