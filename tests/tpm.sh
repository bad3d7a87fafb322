#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tpm.sh: the ctpm command's verbs of a guest, with a TPM in software and no guest: what they
# do where the TPM refuses, fails, or is not as they expect it. /sys and /run are made up, in
# a mount namespace. CTPM=FILE tries another build of the command.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/tests/tap.sh"
. "$top/tests/status.sh"

if [ -z "${TPM_NAMESPACE:-}" ]; then
	[ -n "${CTPM:-}" ] || make -s -C "$top/tools/ctpm" O="$top/build" >&2
	make -s -C "$top/tests/ctpm" O="$top/build/ctpm-test" >&2
	export TPM_NAMESPACE=1
	# shellcheck disable=SC2046 # an option, or none
	exec unshare --mount $([ "$(id -u)" = 0 ] || echo --map-root-user) "$0"
fi

ctpm=${CTPM:-$top/build/ctpm}
build=$top/build/ctpm-test
export TEST_KEYS="$build/keys" ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=halt_on_error=1:exitcode=99
work=$(mktemp -d)
trap 'tpm_off; rm -rf "$work"' EXIT
mount -t tmpfs tmpfs /sys
mount -t tmpfs tmpfs /run
cd "$work"
mkdir chip state

tpm_on()
{
	swtpm socket --tpm2 --tpmstate dir="$work/chip" --flags not-need-init,startup-clear --daemon \
		--server type=unixio,path="$work/socket" --pid file="$work/pid"
}

tpm_off()
{
	[ ! -e pid ] || kill "$(cat pid)" 2>/dev/null || :
	while [ -e pid ]; do
		sleep 0.1
	done
}

# As after a boot: the PCRs are zero again
tpm_restart()
{
	tpm_off && tpm_on
}

# through FAULT: a TCTI with that fault
through()
{
	echo "cmd:python3 $top/tests/tpm/relay.py $work/socket $1"
}

tcti=$(through "")
export TPM2TOOLS_TCTI="$tcti"

# says WORDS: the last command, on standard error
says()
{
	grep -e "$1" err
}

# verb N VERB [OPTION]...: its exit status is N
verb()
{
	wanted=$1
	shift
	status "$wanted" "$ctpm" "$@" --tcti "$tcti"
}

tpm_on

#
# Sealing
#

secret_back()
{
	verb 0 seal --pcrs 12 -o sealed secret && verb 0 unseal sealed && cmp secret out
}

no_sha256()
{
	tpm2_pcrallocate -Q sha1:none+sha256:none+sha384:all+sha512:none && tpm_restart || return
	refused=0
	verb 3 seal --pcrs 12 -o none secret && says 'no PCRs in its sha256 bank' && [ ! -e none ] ||
		refused=$?
	tpm2_pcrallocate -Q sha1:all+sha256:all+sha384:all+sha512:all && tpm_restart && return $refused
}

echo secret >secret
t "a secret is sealed, and given back" secret_back
t "a TPM without the bank of SHA-256 seals to nothing: refused" no_sha256

five_times()
{
	for _ in 1 2 3 4 5; do
		verb 0 unseal sealed || return
	done
	[ -z "$(tpm2_getcap handles-loaded-session)" ]
}

t "unsealing leaves no session behind, however often" five_times

# faulty FAULT N VERB [OPTION]...: the same with a TPM that has a fault
faulty()
{
	tcti=$(through "$1")
	shift
	faulty=0
	verb "$@" || faulty=$?
	tcti=$(through "")
	return $faulty
}

# full COMMAND...: while each of the TPM's three places for objects is taken
full()
{
	for _ in 1 2 3; do
		tpm2_createprimary -Q -C n -c context || return
	done
	full=0
	"$@" || full=$?
	tpm2_flushcontext -t && return $full
}

# what is no refusal does not tell that the PCRs have changed
not_refused()
{
	"$@" && ! says 'not those that it was sealed to'
}

other_pcrs()
{
	tpm2_pcrextend 12:sha256="$(sha256sum <secret | cut -d' ' -f1)" &&
		verb 1 unseal sealed && says 'the PCRs are not those that it was sealed to'
}

# changed OFFSET: the sealed object with one bit flipped
changed()
{
	python3 - "$1" <<-'END'
		import sys
		b = bytearray(open("sealed", "rb").read())
		b[int(sys.argv[1])] ^= 1
		open("changed", "wb").write(b)
	END
}

damaged()
{
	changed -1 && verb 1 unseal changed && says 'sealed by another TPM, or damaged'
}

another_tpms()
{
	tpm2_clear -Q && verb 1 unseal sealed && says 'sealed by another TPM, or damaged'
}

t "a TPM that fails has not refused: TPM2_Unseal" not_refused faulty fail=15e 3 unseal sealed
t "TPM2_Load" not_refused faulty fail=157 3 unseal sealed
t "TPM2_CreatePrimary" not_refused faulty fail=131 3 unseal sealed
t "nor one without room" not_refused full verb 3 unseal sealed
t "other PCRs: refused" other_pcrs
t "a damaged object: refused" damaged
t "another TPM's object: refused" another_tpms

# A process that ends by a signal while it waits for the rest of a secret: does it leave a core?
leaves_no_core()
{
	python3 - "$ctpm" "$@" <<-'END'
		import array, fcntl, os, resource, signal, subprocess, sys, termios
		resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
		p = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)
		os.write(p.stdin.fileno(), b"x")
		left = array.array("i", [1])
		while left[0] and p.poll() is None: fcntl.ioctl(p.stdin, termios.FIONREAD, left)
		p.send_signal(signal.SIGSEGV)
		status = os.waitpid(p.pid, 0)[1]
		sys.exit(not os.WIFSIGNALED(status) or os.WCOREDUMP(status))
	END
}

t "seal leaves no core with a secret in it" leaves_no_core seal --pcrs 12
t "nor does unseal" leaves_no_core unseal

#
# With a TPM that ctpm.ko has bound
#

driver=/sys/bus/platform/drivers/ctpm/ctpm
published=/sys/kernel/security/ctpm

publish()
{
	mkdir -p $published $driver made && "$build/make-evidence" made || return
	cp made/chip/report made/log $published/
	: >$published/certificates
	tpm2_createek -Q -G rsa -c context -u ek.pub && tpm2_readpublic -Q -c context -f pem -o ek.pem &&
		tail -c +3 ek.pub >$published/manifest && tpm2_flushcontext -t
}

enrol()
{
	verb 0 enroll request --dir state -o request
}

# reply_for NAME: to whoever has this EK and an AK of that name
reply_for()
{
	tpm2_makecredential -Q -T none -u ek.pub -s secret -n "$1" -o credential &&
		python3 "$top/tests/tpm/reply.py" credential reply
}

complete()
{
	"$@" enroll complete --dir state --ca made/roots/ca.pem reply
}

t "report, manifest and log are there" publish
t "the guest asks the Owner CA" enrol
t "somebody answers for another AK" reply_for "000b$(sha256sum <secret | cut -d' ' -f1)"
t "that the TPM does not open: refused" complete verb 1
t "what fails has not refused it: TPM2_ActivateCredential" complete faulty fail=147 3
t "nor has a TPM without room" full complete verb 3

#
# EK certificates in NV
#

attest()
{
	verb "$1" attest --nonce 00112233445566778899aabbccddeeff --dir state -o evidence
}

# index ATTRIBUTES SIZE [OPTION]...: the NV index of the EK's certificate
index()
{
	attributes=$1
	size=$2
	shift 2
	tpm2_nvundefine -C o 0x01c00002 2>/dev/null || :
	tpm2_nvdefine -Q -C o 0x01c00002 -a "$attributes" -s "$size" "$@"
}

ek_certificate()
{
	openssl req -x509 -newkey rsa:2048 -nodes -keyout maker.key -subj /CN=maker -out maker.pem &&
		openssl x509 -new -force_pubkey ek.pem -subj /CN=ek -CA maker.pem -CAkey maker.key \
			-outform DER -out ek.der
}

# The evidence has as many EK certificates, each as its maker has made it
has_certificates()
{
	attest 0 && "$ctpm" evidence show --json evidence >json || return
	python3 -c "import json, sys; c = json.load(open('json'))['claims'].get('ek-certs', []); print(c); assert len(c) == $1"
}

without()
{
	has_certificates 0 && says '0x01c00002' && verb 0 enroll request --dir state -o request
}

unwritten()
{
	index 'ownerwrite|ownerread|authread|no_da' 700 && without
}

no_authread()
{
	index 'ownerwrite|ownerread|no_da' 700 && tpm2_nvwrite -C o -i ek.der 0x01c00002 && without
}

password()
{
	index 'ownerwrite|ownerread|authread|no_da' 700 -p word &&
		tpm2_nvwrite -C o -i ek.der 0x01c00002 && without
}

no_certificate()
{
	index 'ownerwrite|ownerread|authread|no_da' 700 && head -c 700 /dev/zero >zeros &&
		tpm2_nvwrite -C o -i zeros 0x01c00002 && without
}

padded()
{
	index 'ownerwrite|ownerread|authread|no_da' 1600 || return
	{ cat ek.der; head -c 1600 /dev/zero; } | head -c 1600 >padded
	tpm2_nvwrite -C o -i padded 0x01c00002 && has_certificates 1 || return
	python3 -c "assert open('padded', 'rb').read() not in open('evidence', 'rb').read()
assert open('ek.der', 'rb').read() + b'\0' not in open('evidence', 'rb').read()
assert open('ek.der', 'rb').read() in open('evidence', 'rb').read()"
}

provisioned()
{
	verb 0 provision ek.der && has_certificates 1
}

provision_fails()
{
	faulty fail=137 3 provision ek.der && [ -z "$(tpm2_getcap handles-nv-index)" ] &&
		has_certificates 0
}

t "an EK certificate is made" ek_certificate
t "an index that was never written is no certificate" unwritten
t "nor is one that may not be read" no_authread
t "nor one with a password" password
t "nor one with other bytes" no_certificate
t "bytes after the certificate are left out" padded
t "the EK's certificate is provisioned" provisioned
t "a TPM that gives no bytes of it: that is said" faulty nv-empty 3 attest --nonce 00112233445566778899aabbccddeeff
t "and in a sentence" says 'TPM2_NV_Read'
t "one that cannot be written leaves no index behind" provision_fails

#
# AKs
#

# kept ALGORITHM [OPTION]...: an AK of another program's making
kept()
{
	tpm2_evictcontrol -Q -C o -c 0x81010ca0 2>/dev/null || :
	tpm2_createprimary -Q -C e -c context -G "$1:null" \
		-a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|sign|noda' &&
		tpm2_evictcontrol -Q -C o -c context 0x81010ca0 && tpm2_flushcontext -t
}

other_hashes()
{
	kept ecc256:ecdsa-sha384 && attest 0 && kept ecc384:ecdsa-sha384 && attest 0 &&
		kept rsa2048:rsassa-sha512 && attest 0
}

sha1()
{
	kept ecc256:ecdsa-sha1 && attest 3 && says 'SHA-256, SHA-384 or SHA-512'
}

t "AKs that sign with SHA-384 and SHA-512 are quoted with" other_hashes
t "one that signs with SHA-1 is none" sha1
t "the default AK again" tpm2_evictcontrol -Q -C o -c 0x81010ca0

# certified WORD: what "status" and "attest" say of the AK's certificate
certified()
{
	verb 0 status --dir state --json && python3 -c "import json; assert json.load(open('out'))['ak_certificate'] is $1" &&
		verb 0 attest --nonce 00112233445566778899aabbccddeeff --dir state -o evidence --json &&
		python3 -c "import json; assert json.load(open('out'))['certified'] is $1"
}

# ak_certificate ALGORITHM: for an AK of that kind, which is kept
ak_certificate()
{
	kept "$1" && tpm2_readpublic -Q -c 0x81010ca0 -f pem -o ak.pem &&
		openssl x509 -new -force_pubkey ak.pem -subj /CN=ak -CA maker.pem -CAkey maker.key \
			-outform DER -out state/ak.der
}

certified_ak()
{
	ak_certificate rsa2048:rsassa-sha256 && certified True && ak_certificate ecc256:ecdsa-sha256 &&
		certified True
}

another_ak()
{
	kept ecc384:ecdsa-sha384 && certified False && says 'state/ak.der'
}

garbage()
{
	echo garbage >state/ak.der && certified False && : >state/ak.der && certified False || return
	rm state/ak.der && mkdir state/ak.der && verb 0 status --dir state --json &&
		python3 -c "import json; assert json.load(open('out'))['ak_certificate'] is False" &&
		attest 3 && rmdir state/ak.der
}

t "an AK with its certificate is certified" certified_ak
t "not with another AK's" another_ak
t "nor with what is no certificate" garbage

#
# What "ctpm bind" does where it cannot bind
#

# Has it moved, in each bank?
pcr_13()
{
	for bank in sha1 sha256 sha384 sha512; do
		tpm2_pcrread -Q $bank:13 -o pcr && [ -n "$(tr -d '\0' <pcr)" ] || return
	done
}

# unbound FAULT it fails, and the PCR says so in each bank; and a second time there is none
unbound()
{
	rm -rf /run/ctpm
	tpm_restart && ! pcr_13 || return
	faulty "$1" 3 bind && [ -s /run/ctpm/log ] && [ ! -s /run/ctpm/report ] || return
	verb 3 bind && says 'has failed in this boot'
}

unbound_and_extended()
{
	unbound "$1" && pcr_13 && "$ctpm" eventlog | grep -i error
}

mkdir -p /sys/kernel/config/tsm/report
rm -rf $driver $published
t "bind: without a report there is an error event" unbound_and_extended ""
t "bind: where the TPM does not tell its banks" unbound_and_extended fail=17a:1
t "bind: where a bank is one that nobody knows" unbound_and_extended odd-bank
t "bind: where the first extending fails" unbound_and_extended fail=182
t "bind: where nothing can be extended the log says so, and a second time there is none" unbound fail=182,13c

#
# The launch identity's PCR
#

# says_driver ATTRIBUTE VALUE: what ctpm.ko has in sysfs
driver_has()
{
	mkdir -p $driver/tpmrm/tpmrm7 && echo "$2" >"$driver/$1"
}

refused_to_seal()
{
	verb 3 seal -o none secret && says "$1" && [ ! -e none ]
}

not_bound()
{
	driver_has bound 0 && refused_to_seal 'is not bound'
}

zero()
{
	driver_has bound 1 && refused_to_seal 'PCR 12 is zero'
}

bound()
{
	tpm2_pcrextend 12:sha256="$(sha256sum <secret | cut -d' ' -f1)" && verb 0 seal -o sealed secret &&
		! says late && driver_has late 1 && verb 0 seal -o sealed secret && says late
}

tpm_restart
driver_has mode svsm
driver_has identity_pcr 12
driver_has late 0
t "seal: where the TPM is not bound the launch identity is not in its PCR: refused" not_bound
t "seal: nor where that PCR is zero" zero
t "seal: where it is bound, a secret is sealed, and told when the binding is late" bound

#
# Which TPM
#

# plain N VERB...: without --tcti
plain()
{
	wanted=$1
	shift
	status "$wanted" "$ctpm" "$@"
}

svsms()
{
	plain 3 status && says 'no TPM at device:/dev/tpmrm7'
}

no_device()
{
	rm -r $driver/tpmrm && plain 3 status && says "no device of the SVSM's TPM"
}

driverless()
{
	rm -r $driver && mkdir -p /sys/bus/platform/devices/tpm-svsm && plain 3 status &&
		says "no device of the SVSM's TPM" && verb 3 bind && says "SVSM's"
}

t "the SVSM's TPM is the default, whatever its number" svsms
t "where it has no device, no other is taken for it" no_device
t "where no driver has it, neither" driverless
tap_end
