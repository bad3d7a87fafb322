#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel's own sev-guest driver and configfs-tsm beside ctpm: reports at
# the guest's VMPL and through the SVSM, while TPM commands run.
. /run/suite/tap.sh

tsm=/sys/kernel/config/tsm/report
work=$(mktemp -d)

modules()
{
	modprobe -a gcm ghash-generic 2>/dev/null # modules on 6.12 alone
	[ -c /dev/sev-guest ] || modprobe sev-guest || return
	mount -t configfs configfs /sys/kernel/config 2>/dev/null
	[ -d $tsm ] && [ -c /dev/sev-guest ]
}

# report NAME: a report over 64 bytes that are all the same
report()
{
	mkdir $tsm/"$1" && head -c 64 /dev/zero | tr '\0' "$2" >$tsm/"$1"/inblob
}

own_vmpl()
{
	report own A && echo 2 >$tsm/own/privlevel && cat $tsm/own/outblob >"$work/own" && [ "$(wc -c <"$work/own")" = 1184 ] &&
		[ "$(od -An -tu4 -j 48 -N 4 "$work/own" | tr -d ' ')" = 2 ] &&
		[ "$(dd if="$work/own" bs=1 skip=80 count=64 2>/dev/null | tr -d A | wc -c)" = 0 ]
}

certificates()
{
	[ "$(wc -c <$tsm/own/auxblob)" -gt 1000 ]
}

too_privileged()
{
	report high B || return
	if echo 0 >$tsm/high/privlevel && cat $tsm/high/outblob >"$work/high"; then
		echo "given"
		return 1
	fi
}

# by the SVSM: VMPL 0, REPORT_DATA = SHA-512(nonce || manifest)
svsm_services()
{
	report svsm C && echo svsm >$tsm/svsm/service_provider &&
		cat $tsm/svsm/outblob >"$work/svsm" && cat $tsm/svsm/manifestblob >"$work/manifest" &&
		svsm_matches C
}

svsm_matches()
{
	head -c 64 /dev/zero | tr '\0' "$1" | cat - "$work/manifest" | sha512sum | cut -d' ' -f1 >"$work/want"
	xxd -p -s 80 -l 64 "$work/svsm" | tr -d '\n' >"$work/have"
	[ "$(od -An -tu4 -j 48 -N 4 "$work/svsm" | tr -d ' ')" = 0 ] &&
		[ "$(cat "$work/want")" = "$(cat "$work/have")" ]
}

svsm_vtpm()
{
	report vtpm D && echo svsm >$tsm/vtpm/service_provider &&
		echo c476f1eb-0123-45a5-9641-b4e7dde5bfe3 >$tsm/vtpm/service_guid &&
		cat $tsm/vtpm/outblob >"$work/svsm" && cat $tsm/vtpm/manifestblob >"$work/manifest" &&
		svsm_matches D && cmp "$work/manifest" /sys/kernel/security/ctpm/manifest
}

side_by_side()
{
	python3 - <<-'PY' &
		import sys
		sys.path.insert(0, "/run/suite")
		import tpm
		with tpm.Tpm("/dev/tpmrm0") as t:
		    for _ in range(500):
		        assert len(t.get_random(32)) == 32
	PY
	load=$!
	i=0
	while [ $i -lt 20 ]; do
		head -c 64 /dev/urandom >$tsm/own/inblob && cat $tsm/own/outblob >/dev/null || return 1
		head -c 64 /dev/urandom >$tsm/vtpm/inblob && cat $tsm/vtpm/outblob >/dev/null || return 1
		i=$((i + 1))
	done
	wait $load
}

derived_key()
{
	python3 - <<-'PY'
		# SNP_GET_DERIVED_KEY, linux/sev-guest.h
		import ctypes, fcntl, os, struct
		def key(fields):
		    req = ctypes.create_string_buffer(struct.pack("<IIQIIQ", 0, 0, fields, 2, 0, 0), 32)
		    resp = ctypes.create_string_buffer(64)
		    io = ctypes.create_string_buffer(
		        struct.pack("<B7xQQQ", 1, ctypes.addressof(req), ctypes.addressof(resp), 0))
		    fd = os.open("/dev/sev-guest", os.O_RDWR)
		    fcntl.ioctl(fd, 0xC0205301, io)
		    os.close(fd)
		    assert resp.raw[:4] == bytes(4), "status " + resp.raw[:4].hex()
		    return resp.raw[32:]
		policy, policy_and_measurement = 1, 1 | 8
		assert key(policy) == key(policy), "the same request, another key"
		assert key(policy) != key(policy_and_measurement), "another request, the same key"
		assert any(key(policy)), "no key"
	PY
}

t "sev-guest and configfs-tsm are there" modules
t "a report at the guest's own VMPL over our data" own_vmpl
t "with the certificate table" certificates
t "a report at VMPL 0 is refused to the guest" too_privileged
t "derived keys depend on what is mixed in" derived_key
t "configfs-tsm: service_provider=svsm, all services" svsm_services
t "configfs-tsm: the vTPM's service alone, the manifest is ctpm's" svsm_vtpm
t "reports and TPM commands side by side" side_by_side
rm -rf "$work"
tap_end
