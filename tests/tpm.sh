#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tpm.sh: the ctpm command's verbs of a guest, with a TPM in software and no guest: what they
# do where the TPM refuses, fails, or is not as they expect it. /sys and /run are made up, in
# a mount namespace. CTPM=FILE tries another build of the command.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/tests/tap.sh"

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

# status N COMMAND...: the command's exit status is N
status()
{
	wanted=$1
	shift
	found=0
	"$@" >out 2>err || found=$?
	cat out err
	[ "$found" = "$wanted" ] || { echo "exit status $found, expected $wanted"; return 1; }
}

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
tap_end
