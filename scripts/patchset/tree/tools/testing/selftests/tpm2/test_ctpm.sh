#!/bin/sh
# SPDX-License-Identifier: (GPL-2.0 OR BSD-3-Clause)

# Kselftest framework requirement - SKIP code is 4.
ksft_skip=4

[ -r /sys/kernel/security/ctpm/log ] || exit $ksft_skip

python3 -m unittest -v ctpm_tests 2>&1
