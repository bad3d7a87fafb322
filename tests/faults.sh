#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# faults.sh [NAME...]: what ctpm.ko does when the SVSM misbehaves. Each case
# is a guest of its own, and says what is expected of it: insmod's message, what
# the kernel log says, whether there is a TPM, and what its PCR and log tell.
# What the last guest said is kept in build/faults/.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"
. "$top/tests/tap.sh"

out=$top/build/faults
mkdir -p "$out"
kernel=$("$top/scripts/kernel.sh" 6.12 image)
module=$("$top/scripts/module.sh" 6.12)
"$top/scripts/initrd.sh" "$out/initrd" 6.12 "$top/tests/guest/faults.sh=run.sh" \
	"$module/ctpm.ko=ctpm.ko" \
	"$top/scripts/patchset/tree/tools/testing/selftests/tpm2/test_ctpm.sh=test_ctpm.sh"
wanted=" $* "
zeros=$(printf %064d 0)

# guest MODULE-ARGUMENTS SNPEMU-OPTION...; words for the guest may follow the arguments
guest()
{
	args=$1
	shift
	rm -f "$out/results"
	status=0
	"$top/build/snpemu" --kernel "$kernel" --initrd "$out/initrd" --timeout 120 \
		--append "console=ttyS0 panic=-1 ctpm.run=/run.sh ctpm.args=$args" \
		--serial "$out/results" "$@" >"$out/console" 2>"$out/err" || status=$?
	cat "$out/results" "$out/err"
	[ $status = 0 ] || { echo "snpemu: exit status $status"; tail -n 15 "$out/console"; return 1; }
	# whatever the fault: it ends, and the kernel does not complain
	is end ok && is complaints 0
}

# is NAME VALUE; says NAME PATTERN: of the results
is()
{
	[ "$(sed -n "s/^$1: *//p" "$out/results" | sed 's/ *$//')" = "$2" ] || {
		echo "expected $1: $2"
		return 1
	}
}

says()
{
	grep -qE "^$1: *.*$2" "$out/results" || {
		echo "expected $1 with: $2"
		return 1
	}
}

# busybox's insmod tries a second way when the first is refused
one_line()
{
	[ "$(grep '^log: ' "$out/results" | sort -u | wc -l)" = 1 ]
}

# There is nothing for the driver: one line, ENODEV, no device.
declines()
{
	args=$1
	text=$2
	shift 2
	guest "$args" "$@" && says insmod 'No such device' && says log "$text" && one_line &&
		is device none
}

# No TPM, with that error
fails()
{
	args=$1
	error=$2
	text=$3
	shift 3
	guest "$args" "$@" && says insmod "$error" && says log "$text" && is device none
}

# A TPM, not bound, with the error event in PCR and log, which the selftest of the patch series skips
unbound()
{
	args=$1
	text=$2
	shift 2
	guest "$args" "$@" && is insmod '' && is device /dev/tpm0 && is bound 0 &&
		says log "$text" && says reason error && ! is pcr "$zeros" >/dev/null &&
		is tags '03505443' && is selftest 4
}

# In spite of the fault: a bound TPM
bound()
{
	args=$1
	shift
	guest "$args" "$@" && is insmod '' && is device /dev/tpm0 && is bound 1 &&
		says log 'bound to the SNP report in PCR 13' && is tags '01505443'
}

# A command that the SVSM never finishes ends when its time is over, not with the signal
# before that, and the TPM goes on
signalled()
{
	bound timeout_ms=3000 --fault "vtpm-busy@$stir" && says stirred '[34]$' && is again ''
}

# Who loads the driver gets a signal while the attestation is busy
killed()
{
	bound 'timeout_ms=60000 ctpm.signal=TERM' --fault attest-busy:100 && is signal coming
}

# case NAME WHAT COMMAND...
case_()
{
	case $wanted in
	'  ' | *" $1 "*) ;;
	*) return 0 ;;
	esac
	case_name="$1: $2"
	shift 2
	t "$case_name" "$@"
}

random=0x17b
extend=0x182
clock=0x181
stir=0x146

case_ no-snp "no SEV-SNP guest: it declines" declines '' 'not an SEV-SNP guest' --plain --tpm none
case_ no-svsm "SNP without an SVSM: it declines" declines '' 'at VMPL0' --vmpl 0
case_ no-vtpm "an SVSM without a vTPM: it declines" declines '' 'has no vTPM' --fault no-vtpm
case_ sound "no fault at all: it is bound" bound ''

case_ busy-a-while "busy for a while: it waits" bound '' --fault vtpm-busy:40
case_ incomplete-a-while "incomplete for a while: it goes on" bound '' --fault vtpm-incomplete:40
case_ attest-busy-a-while "attestation busy for a while: it waits" bound '' --fault attest-busy:20
case_ busy "busy for ever: ETIMEDOUT, within its time" fails timeout_ms=300 'timed out' \
	'does not start up' --fault vtpm-busy
case_ incomplete "incomplete for ever: the same" fails timeout_ms=300 'timed out' \
	'does not start up' --fault vtpm-incomplete
case_ attest-busy "attestation busy for ever: an unbound TPM" unbound timeout_ms=300 \
	"SVSM's attestation failed \(-110\)" --fault attest-busy
case_ signal "busy for ever, and a signal: its time ends the command" signalled
case_ killed "attestation busy, and SIGTERM to who loads the driver: it is bound" killed

case_ failure "a TPM in failure mode: no TPM" fails '' 'No such device' \
	'does not start up' --fault vtpm-failure
case_ size-zero "a response of 0 bytes" fails '' 'Input/output error|I/O error' \
	'does not start up' --fault vtpm-size-zero
case_ size-short "a response shorter than a header" fails '' 'Input/output error|I/O error' \
	'does not start up' --fault vtpm-size-short
case_ size-long "a response longer than the page" fails '' 'Input/output error|I/O error' \
	'does not start up' --fault vtpm-size-long
case_ size-huge "a response of 4 GiB - 1" fails '' 'Input/output error|I/O error' \
	'does not start up' --fault vtpm-size-huge
case_ header "a response whose header tells another length" fails '' \
	'Input/output error|I/O error' 'does not start up' --fault vtpm-header
case_ garbage "a response of noise" fails '' 'Input/output error|I/O error' 'does not start up' \
	--fault vtpm-garbage
case_ refused "a command that the SVSM refuses" fails '' 'Invalid|EINVAL' 'does not start up' \
	--fault vtpm-error=0x80000006
case_ unknown-code "an SVSM result code without a name" fails '' \
	'Input/output error|I/O error' 'does not start up' --fault vtpm-error=0x8000dead

case_ no-attest "no attestation protocol: an unbound TPM" unbound '' \
	"SVSM's attestation failed \(-95\)" --fault no-attest
case_ attest-refused "an attestation that is refused" unbound '' \
	"SVSM's attestation failed \(-22\)" --fault attest-error=0x80000006
case_ attest-vmpl "a report at another VMPL" unbound '' "report's content failed \(-1\)" \
	--fault attest-vmpl
case_ attest-nonce "a report over another nonce" unbound '' "report's content failed \(-129\)" \
	--fault attest-nonce
case_ attest-manifest "a manifest that is not the attested one" unbound '' \
	"report's content failed \(-129\)" --fault attest-manifest
case_ attest-report-short "a report that is cut off" unbound '' \
	"report's content failed \(-74\)" --fault attest-report-short
case_ attest-report-long "a report of more than a page" unbound '' \
	"SVSM's attestation failed \(-90\)" --fault attest-report-long
case_ attest-manifest-long "a manifest that grows with each call" unbound '' \
	"SVSM's attestation failed" --fault attest-manifest-long
case_ required "no report, and require_binding: no TPM" fails require_binding=1 \
	'not supported' "not bound to the SNP report" --fault no-attest
case_ random "no random number for the nonce" unbound '' "random numbers failed" \
	--fault "vtpm-failure@$random"
case_ clock "no clock for the nonce" unbound '' "clock or random numbers failed" \
	--fault "vtpm-failure@$clock"
case_ extend-once "the report cannot be extended: an error event" unbound '' \
	"PCR extension failed" --fault "vtpm-failure:1@$extend"
case_ extend "nothing can be extended: no TPM" fails '' 'Input/output error|I/O error' \
	'cannot be extended' --fault "vtpm-failure@$extend"
tap_end
