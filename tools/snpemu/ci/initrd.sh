# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # variables of ci.sh and for it
#
# The initramfs: the host's busybox, ciguest, the suites, modules, and what the
# user gives. A second one has tpm2-tools, too, for the suites that use them.

# Some modules are there because others ask the crypto API for them, which is
# nothing that depmod sees.
standard_modules="configfs gcm ghash_generic tsm_report sev-guest tpm_svsm"

# add_program FILE: with its libraries, at the same paths
add_program()
{
	for f in "$1" $(ldd "$1" 2>/dev/null | sed -n 's/^[^/]*\(\/[^ ]*\) (0x.*/\1/p'); do
		mkdir -p "$root${f%/*}"
		cp -L "$f" "$root$f"
	done
}

add_tpm2_tools()
{
	tpm2=$(command -v tpm2) || return 0
	tcti=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p |
		sed -n 's,^[[:space:]]*libtss2-tcti-device.so.0 (.*x86-64.* => ,,p' | head -n 1)
	[ -n "$tcti" ] || return 0
	add_program "$(readlink -f "$tpm2")"
	add_program "$tcti"
	[ -e "$root/usr/bin/tpm2" ] || ln -s "$(readlink -f "$tpm2")" "$root/usr/bin/tpm2"
}

# add_module NAME: and what it depends on; false if there is no such module
add_module()
{
	line=$(grep -E "^[^:]*/$(echo "$1" | sed 's/[-_]/[-_]/g')\.ko[.a-z0-9]*:" "$modules/modules.dep") || return
	for f in $(echo "$line" | tr -d :); do
		to=$root/lib/modules/$version/$(basename "$f")
		case $f in
		*.xz)	xz -dc "$modules/$f" >"${to%.xz}" ;;
		*.zst)	zstd -qdc "$modules/$f" >"${to%.zst}" ;;
		*.gz)	gzip -dc "$modules/$f" >"${to%.gz}" ;;
		*)	cp "$modules/$f" "$to" ;;
		esac || fail "$EXIT_EMULATOR" "$modules/$f cannot be read"
	done
}

add_modules()
{
	: >"$root/ci/modprobe"
	[ -n "$modules" ] || return 0
	version=$(basename "$(readlink -f "$modules")")
	mkdir -p "$root/lib/modules/$version"
	for name in $standard_modules; do
		if add_module "$name"; then
			echo "$name" >>"$root/ci/modprobe"
			case $name in
			sev-guest)	have="$have,sev-guest" ;;
			tpm_svsm)	have="$have,tpm" ;;
			esac
		fi
	done
	while read -r name; do
		add_module "$name" || bad_usage "--module $name: not in $modules"
		echo "$name" >>"$root/ci/modprobe"
	done <"$work/module_names"
	PATH=$PATH:/sbin:/usr/sbin depmod -b "$root" "$version" 2>/dev/null ||
		fail "$EXIT_EMULATOR" "depmod failed (Debian's kmod has it)"
}

add_files()
{
	n=100
	while read -r file; do
		n=$((n + 1))
		cp -L "$file" "$root/ci/insmod/$n-$(basename "$file")"
		have="$have,insmod"
	done <"$work/insmods"
	while read -r file; do
		add_program "$(readlink -f "$file")"
		[ -e "$root/bin/$(basename "$file")" ] || ln -s "$(readlink -f "$file")" "$root/bin/$(basename "$file")"
	done <"$work/programs"
	while read -r pair; do
		to=$root/${pair##*=}
		mkdir -p "${to%/*}"
		cp -rL "${pair%=*}" "$to"
	done <"$work/files"
	while read -r name file; do
		cp -L "$file" "$root/ci/suites/$name.sh"
	done <"$work/user_suites"
}

# Not compressed: unpacking costs more in the emulator than reading here.
pack()
{
	find "$root" -exec touch -h -d @0 '{}' +
	(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0 --reproducible) >"$1" ||
		fail "$EXIT_EMULATOR" "$1 cannot be written"
}

make_initrds()
{
	root=$work/root
	mkdir -p "$root/bin" "$root/usr/bin" "$root/etc" "$root/dev" "$root/ci/suites" "$root/ci/insmod"
	chmod 755 "$root"
	cp -L "$(command -v busybox)" "$root/bin/busybox"
	if ! "$root/bin/busybox" --list | grep -qx poweroff ||
	   ldd "$root/bin/busybox" 2>/dev/null | grep -q '=> /'; then
		fail "$EXIT_EMULATOR" "busybox has to be a static one (Debian's busybox-static)"
	fi
	cp "$here/ciguest" "$root/bin/ciguest"
	cp "$here/guest/init" "$root/init"
	chmod 755 "$root/init" "$root/bin/ciguest"
	for f in lib signs log; do
		cp "$here/guest/$f.sh" "$root/ci/"
	done
	cp "$here/tap.sh" "$root/ci/tap.sh"
	for suite in $all_suites; do
		cp "$here/guest/$suite.sh" "$root/ci/suites/"
	done
	add_modules
	add_files
	pack "$output/initrd"
	add_tpm2_tools
	pack "$output/initrd-tools"
}
