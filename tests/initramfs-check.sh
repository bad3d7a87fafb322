#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the guests of tests/initramfs.sh have for an init, once the initramfs has gone: is the
# TPM as the word ctpm.check=... on the kernel command line says? "bind": bound by "ctpm bind";
# "svsm": by ctpm.ko; "none": not touched.
export PATH=/bin:/sbin:/usr/bin:/usr/sbin TPM2TOOLS_TCTI=device:/dev/tpmrm0
zeros=0000000000000000000000000000000000000000000000000000000000000000

pcr()
{
	tpm2_pcrread "sha256:$1" | sed -n 's/^ *[0-9]* *: 0x//p' | tr A-F a-f
}

# By somebody else's replay of the log that "ctpm bind" has left
replayed()
{
	tpm2_eventlog "$1" >/dev/shm/log.yaml &&
		sed -n '/^  sha256:/,/^  sha384:/s/^ *13 *: 0x//p' /dev/shm/log.yaml | tr A-F a-f
}

check()
{
	set -x
	case $1 in
	bind)
		[ "$(pcr 13)" != $zeros ] && [ "$(pcr 13)" = "$(replayed /run/ctpm/log)" ] || return 1
		[ "$(wc -c </run/ctpm/report)" = 1184 ] && [ -s /run/ctpm/manifest ] || return 1
		# the digest of the report is in the log, as is the event's tag, CTPM_TAG_BIND
		xxd -p /run/ctpm/log | tr -d '\n' >/dev/shm/log.hex
		grep -q "$(sha256sum </run/ctpm/report | cut -d' ' -f1)" /dev/shm/log.hex &&
			grep -q 04505443 /dev/shm/log.hex && [ "$(stat -c %a /run/ctpm)" = 700 ] ;;
	svsm)
		[ "$(cat /sys/bus/platform/drivers/ctpm/*/bound)" = 1 ] &&
			[ "$(cat /sys/bus/platform/drivers/ctpm/*/late)" = 0 ] || return 1
		mount -t securityfs securityfs /sys/kernel/security
		[ ! -e /run/ctpm ] && [ "$(pcr 13)" = "$(replayed /sys/kernel/security/ctpm/log)" ] ;;
	none)
		[ ! -e /run/ctpm ] && [ "$(pcr 13)" = $zeros ] ;;
	*)
		return 1 ;;
	esac
}

mkdir -p /dev/shm
mount -t tmpfs tmpfs /dev/shm
check "$(sed -n 's/.*\bctpm\.check=\([a-z]*\).*/\1/p' /proc/cmdline)"
status=$?
set +x
echo "check: exit status $status"
# the port of snpemu's exit status
# shellcheck disable=SC2059 # the inner printf makes an octal escape
printf "\\$(printf %03o $status)" | dd of=/dev/port bs=1 seek=244 conv=notrunc 2>/dev/null
echo o >/proc/sysrq-trigger
# the disk may be gone already: no program can be started, and an init must not end
while :; do
	:
done
