#!/bin/sh
# SPDX-License-Identifier: (GPL-2.0 OR BSD-3-Clause)

# Kselftest framework requirement - SKIP code is 4.
ksft_skip=4

# A TPM that is not bound has a log as well, and one that was bound late has been extended
# by something else before.
device=$(dirname /sys/bus/platform/devices/*/report_pcr)
if [ "$(cat "$device/bound" "$device/late" 2>/dev/null | tr '\n' ' ')" != '1 0 ' ] ||
   [ ! -r /sys/kernel/security/ctpm/log ]; then
	exit $ksft_skip
fi

python3 -m unittest -v ctpm_tests 2>&1
