#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The SVSM's TPM through the kernel's device.
. /ci/lib.sh
tpm_or_skip

tpm()
{
	ciguest tpm /dev/tpm0 "$@"
}

sha256()
{
	sha256sum | cut -d' ' -f1
}

# bytes BYTE SIZE
bytes()
{
	head -c "$2" /dev/zero | tr '\0' "\\$(printf %03o "$1")"
}

# hashes DEVICE COUNT BYTE SIZE: by the TPM what it is by itself
hashes()
{
	expected=$(bytes "$3" "$4" | sha256)
	hashed=$(ciguest tpm "$1" hash "$2" "$3" "$4")
	echo "expected $expected, the TPM says $hashed"
	[ "$hashed" = "$expected" ]
}

extends()
{
	before=$(tpm pcr 16) && digest=$(echo snpemu | sha256) && tpm extend 16 "$digest" || return
	expected=$(echo "$before$digest" | xxd -r -p | sha256)
	after=$(tpm pcr 16)
	echo "before $before, expected $expected, is $after"
	[ "$after" = "$expected" ]
}

pcr_in_sysfs()
{
	[ "$(tr 'A-F' 'a-f' </sys/class/tpm/tpm0/pcr-sha256/16)" = "$(tpm pcr 16)" ]
}

on_each_cpu()
{
	for cpu in $(cpus); do
		taskset -c "$cpu" ciguest tpm /dev/tpm0 many 20 || return
	done
}

# Each CPU hashes something of its own through the resource manager, at once
side_by_side()
{
	pids=
	for cpu in $(cpus); do
		taskset -c "$cpu" ciguest tpm /dev/tpmrm0 hash 100 "$cpu" $((1024 - cpu)) >"/tmp/hash.$cpu" 2>&1 &
		pids="$pids $!"
	done
	for pid in $pids; do
		wait "$pid" || { cat /tmp/hash.*; return 1; }
	done
	for cpu in $(cpus); do
		[ "$(cat "/tmp/hash.$cpu")" = "$(bytes "$cpu" $((1024 - cpu)) | sha256)" ] || return 1
	done
}

# While two CPUs share and unshare memory and the like
under_memory_load()
{
	dd if=/dev/zero of=/tmp/fill bs=1M count=100 2>/dev/null &
	load=$!
	tpm many 100 && wait $load && rm /tmp/fill
}

tpm2_tools()
{
	export TPM2TOOLS_TCTI=device:/dev/tpmrm0
	tpm2 createprimary -Q -C o -G ecc256 -c /tmp/primary.ctx && echo sealed >/tmp/secret &&
		tpm2 create -Q -C /tmp/primary.ctx -i /tmp/secret -u /tmp/pub -r /tmp/priv &&
		tpm2 load -Q -C /tmp/primary.ctx -u /tmp/pub -r /tmp/priv -c /tmp/sealed.ctx &&
		[ "$(tpm2 unseal -c /tmp/sealed.ctx)" = sealed ]
}

t "/dev/tpm0 is there" test -c /dev/tpm0
t "it is a TPM 2.0" tpm is-tpm2
t "100 commands in a row" tpm many 100
t "TPM2_Hash of the largest buffer is right" hashes /dev/tpm0 1 90 1024
t "PCR 16 is extended as it should be" extends
if [ -e /sys/class/tpm/tpm0/pcr-sha256/16 ]; then
	t "sysfs shows the same PCR" pcr_in_sysfs
fi
t "the largest command that fits into the SVSM's page arrives" tpm largest
t "a larger one is refused with E2BIG or EINVAL, and the TPM goes on" tpm too-large
t "commands on each CPU" on_each_cpu
if [ -c /dev/tpmrm0 ]; then
	t "all CPUs at once, each gets its own answers" side_by_side
fi
t "commands while pages are taken" under_memory_load
if [ -x /usr/bin/tpm2 ]; then
	t "tpm2-tools seal and unseal" tpm2_tools
else
	tap_skip "tpm2-tools seal and unseal" "the host has no tpm2-tools"
fi
tap_end
