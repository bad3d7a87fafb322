#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# attest.sh: composite attestation from end to end, with each mode of the confidential
# TPM: guests under snpemu, an Owner CA and a verifier on the host, and the tools of
# others, who agree.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"
. "$top/scripts/port.sh"
. "$top/tests/tap.sh"

ctpm=$top/build/ctpm
aud=verifier.example
work=$(mktemp -d)
stop()
{
	[ ! -e "$work/swtpm.pid" ] || kill "$(cat "$work/swtpm.pid")" 2>/dev/null || :
	rm -rf "$work"
}
trap stop EXIT

# initrd OUT SERIES [FILE=DEST...]
initrd()
{
	crypto=
	[ "$2" != 6.12 ] || crypto="-m gcm -m ghash-generic"
	out=$1
	series=$2
	shift 2
	# shellcheck disable=SC2086 # a list of options
	"$top/scripts/initrd.sh" "$out" "$series" -m configfs -m sev-guest $crypto -p "$ctpm" \
		-p "$(ldconfig_path libtss2-tcti-device.so.0)" "$ctpm=bin/ctpm" \
		"$top/scripts/port.sh=port.sh" "$top/tests/attest-guest.sh=run.sh" "$@"
}

append="console=ttyS0 quiet panic=-1 ctpm.run=/run.sh"

# boot NAME SERIES INITRD [OPTION...]: the guest is there when this returns; what is known of
# it is in $work/NAME
boot()
{
	here=$work/$1
	kernel=$("$top/scripts/kernel.sh" "$2" image)
	initrd=$3
	shift 3
	mkdir -p "$here/roots"
	[ ! -e "$work/ca/ca.pem" ] || cp "$work/ca/ca.pem" "$here/roots/"
	"$top/build/snpemu" measure --kernel "$kernel" --initrd "$initrd" --append "$append" \
		>"$here/measurement"
	port_host "$here/port" "$top/build/snpemu" --kernel "$kernel" --initrd "$initrd" \
		--append "$append" --timeout 300 --keys "$work/keys" --certs "$here/roots" "$@" \
		>"$here/console" 2>&1
	port_run "uname -r" || { cat "$here/console"; return 1; }
}

end()
{
	echo "exit 0" >&4
	port_end
}

# policy NAME [KEY VALUE]...: one that demands this guest's launch
policy()
{
	name=$1
	shift
	{
		printf '{"version": 1, "modes": ["svsm"], "measurements": ["%s"]' \
			"$(cat "$work/$name/measurement")"
		while [ $# -gt 0 ]; do
			printf ', "%s": %s' "$1" "$2"
			shift 2
		done
		echo '}'
	} >"$work/$name/policy.json"
}

# enrol NAME: at the Owner CA
enrol()
{
	port_run "ctpm enroll request -o /tmp/request" || return
	port_get /tmp/request "$work/$1/request"
	"$ctpm" ca issue --dir "$work/ca" --policy "$work/$1/policy.json" --roots "$work/$1/roots" \
		-o "$work/$1/reply" "$work/$1/request" || return
	port_put "$work/$1/reply" /tmp/reply
	port_run "ctpm enroll complete /tmp/reply"
}

# attest NAME [OPTION...]: to a new challenge, evidence in $work/NAME/evidence
attest()
{
	name=$1
	shift
	"$ctpm" challenge --aud $aud -o "$work/$name/challenge"
	port_put "$work/$name/challenge" /tmp/challenge
	port_run "ctpm attest --challenge /tmp/challenge --aud $aud -o /tmp/evidence $*" || return
	port_get /tmp/evidence "$work/$name/evidence"
}

verify()
{
	"$ctpm" verify "$1/evidence" --challenge "$1/challenge" --aud $aud --policy "$1/policy.json" \
		--roots "$1/roots"
}

# accepted NAME
accepted()
{
	verify "$work/$1"
}

# refused NAME CHECK: and CHECK is what fails
refused()
{
	status=0
	verify "$work/$1" >"$work/said" || status=$?
	cat "$work/said"
	[ $status = 1 ] && grep -Eq "^ *$2 +FAIL" "$work/said"
}
