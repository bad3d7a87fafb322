#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# debug.sh: the guest suites once on the kernel with KASAN, lockdep, kmemleak and
# DEBUG_ATOMIC_SLEEP. The driver is built in there, so nothing is loaded; stress is
# shorter, as everything takes its time.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
export GUEST_APPEND="ctpm.stress=2000"
exec "$top/tests/run-guest.sh" debug eventlog,tpm2,limits,selftests,stress,suspend,hotplug,dmesg \
	--smp 2 --memory 2G
