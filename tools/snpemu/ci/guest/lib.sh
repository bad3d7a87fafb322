# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# What the suites in the guest share. Also for suites of your own:
#   . /ci/lib.sh
#   t "what is tested" COMMAND...       one test; its output is shown if it fails
#   tap_skip "what is tested" "why not"
#   tap_end                             the plan and the exit status
. /ci/tap.sh

# A word's value on the kernel command line
word()
{
	sed -n "s/^\(.* \)\?$1=\([^ ]*\).*/\2/p" /proc/cmdline
}

# asked NAME: the kernel was built with this (tpm, sev-guest, kunit), or a module of
# it is there: if it is missing now, that is a failure
asked()
{
	case ,$(word ci.have), in
	*,"$1",*) ;;
	*) return 1 ;;
	esac
}

# give NAME FILE: hand the file to the host's half of the suite
give()
{
	echo "@$1 $(xxd -p "$2" | tr -d '\n')"
}

refused()
{
	if "$@"; then
		echo "accepted, which it must not be: $*"
		return 1
	fi
}

cpus()
{
	sed -n 's/^processor[^0-9]*//p' /proc/cpuinfo
}

# A TPM, where the machine has a vTPM: without one all of a suite is skipped if
# the kernel has no driver for it
tpm_or_skip()
{
	[ ! -c /dev/tpm0 ] || return 0
	if ! asked tpm; then
		tap_skip "${1:-/dev/tpm0 is there}" "the kernel has no driver for the SVSM's TPM"
		tap_end
		exit
	fi
	t "/dev/tpm0 is there" test -c /dev/tpm0
	tap_end
	exit
}
