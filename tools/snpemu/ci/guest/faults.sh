#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The SVSM, the TPM or the AMD-SP misbehaves (the faults are in ../boots.sh, by the
# name in ci.boot): no oops, no hang, and an error that tells.
. /ci/lib.sh

tsm=/sys/kernel/config/tsm/report

# TPM2_StirRandom, which nobody else sends: each time the next fault
outcome()
{
	outcome=$(ciguest tpm /dev/tpm0 outcome)
	echo "$outcome"
}

fails()
{
	outcome
	case $outcome in
	"errno "*) ;;
	*) return 1 ;;
	esac
}

answers_rc()
{
	outcome
	case $outcome in
	"rc "*) ;;
	*) return 1 ;;
	esac
}

works()
{
	outcome
	[ "$outcome" = ok ] && ciguest tpm /dev/tpm0 many 10
}

# TPM faults that are there from the start: no TPM, or one whose commands fail
no_use()
{
	[ ! -c /dev/tpm0 ] || refused ciguest tpm /dev/tpm0 many 1
}

# report NAME PROVIDER
report()
{
	[ -d "$tsm/$1" ] || mkdir "$tsm/$1" || return
	head -c 64 /dev/urandom >"$tsm/$1/inblob"
	if [ "$2" = svsm ]; then
		echo svsm >"$tsm/$1/service_provider" || return
	else
		word ci.vmpl >"$tsm/$1/privlevel" || return
	fi
	cat "$tsm/$1/outblob" >/tmp/report && wc -c </tmp/report
}

# Refusals, reports that are cut off or too long, a manifest that grows or is another: each
# an error, or for whoever reads it to find out. A driver that asks for a report of its
# own may have met some of them before.
misbehaves()
{
	errors=0
	tries=0
	while [ $((tries = tries + 1)) -le 8 ]; do
		report svsm svsm || errors=$((errors + 1))
	done
	echo "$errors errors"
	[ $errors -gt 0 ]
}

case $(word ci.boot) in
answers)
	tpm_or_skip "faults in the TPM's answers"
	for what in "a response of 0 bytes" "a response shorter than a header" "a response longer than the page" \
		"a response of 4 GiB - 1"; do
		t "$what: an errno" fails
	done
	t "a response whose header tells another length: no crash" outcome
	t "a response of noise: no crash" outcome
	t "after all that it works" works
	;;
refusals)
	tpm_or_skip "commands that are refused"
	t "a command that the SVSM refuses: an errno" fails
	t "a result code without a name: an errno" fails
	t "a TPM in failure mode: its response code" answers_rc
	t "busy and incomplete for a while: it waits" works
	t "after all that it works" works
	;;
busy)
	if [ -d $tsm ] || asked sev-guest; then
		t "attestation busy for a while: a report in the end" report svsm svsm
		t "the hypervisor busy for a while: a report in the end" report own sev_guest
	else
		tap_skip "reports while the SVSM is busy" "the kernel has no configfs-tsm"
	fi
	tpm_or_skip "a TPM while the SVSM is busy"
	t "busy and incomplete for a while from the start: a TPM in the end" ciguest tpm /dev/tpm0 many 10
	;;
refused | garbage | failure)
	if ! asked tpm && ! asked insmod && [ ! -c /dev/tpm0 ]; then
		tpm_or_skip "$(word ci.boot)"
	fi
	t "no TPM of use, and the kernel goes on" no_use
	;;
absent)
	t "no vTPM in the SVSM: no device" test ! -c /dev/tpm0
	if [ -d $tsm ]; then
		t "no attestation in the SVSM: the report is refused" refused report svsm svsm
		t "the guest's own report is there" report own sev_guest
	elif asked sev-guest; then
		t "configfs-tsm is there" test -d $tsm
	else
		tap_skip "no attestation in the SVSM" "the kernel has no configfs-tsm"
	fi
	;;
messages)
	if [ ! -d $tsm ] && ! asked sev-guest; then
		tap_skip "faults in reports" "the kernel has no configfs-tsm"
		tap_end
		exit
	fi
	t "configfs-tsm is there" test -d $tsm
	t "reports while the SVSM's attestation misbehaves: errors, no crash" misbehaves
	t "after all that there is a report" report svsm svsm
	t "the firmware refuses a guest message: an error" refused report own sev_guest
	t "reports by the SVSM go on" report svsm svsm
	;;
*)
	echo "# no such boot: $(word ci.boot)"
	exit 1
	;;
esac
tap_end
