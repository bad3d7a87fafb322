# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# For suites where a TPM goes away while it is open, as descriptor 9. Sourced.

# the descriptor of the TPM that is gone gives errors, and nothing worse
stale_device()
{
	status=0
	printf '\200\001\000\000\000\014\000\000\001\173\000\010' >&9 2>/dev/null || status=1
	dd bs=64 count=1 <&9 >/dev/null 2>&1 || status=1
	exec 9>&-
	[ $status = 1 ]
}
