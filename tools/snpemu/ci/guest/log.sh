#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# After the suite: has the kernel complained?
. /ci/lib.sh

# What a sound machine says, too: a CPU without the SRSO microcode is warned
# about at boot, with WARNING as a word.
benign='WARNING: See https://kernel.org/doc/html/latest/admin-guide/hw-vuln/srso.html'
signs='BUG:|BUG at|WARNING:|Oops|Call Trace|general protection|unable to handle'
signs="$signs|possible circular locking|inconsistent lock state|suspicious RCU usage|lock held when"
signs="$signs|possible recursive locking|bad unlock balance|KASAN:|KFENCE:|KCSAN:|UBSAN:|DEBUG_LOCKS_WARN"
signs="$signs|blocked for more than|soft lockup|hard LOCKUP|rcu.*detected.*stall|refcount_t|list_(add|del) corruption"
signs="$signs|unchecked MSR access|scheduling while atomic|sleeping function called|Bad page state"

quiet_log()
{
	dmesg >/tmp/kernel.log && test -s /tmp/kernel.log &&
		! grep -vF "$benign" /tmp/kernel.log | grep -E -A 25 "$signs"
}

# Bad page (5), oops (7), warning (9), soft lockup (14)
taint()
{
	value=$(cat /proc/sys/kernel/tainted 2>/dev/null || echo 0)
	echo "tainted: $value"
	[ $((value & 0x42a0)) = 0 ]
}

# KUnit's tests may provoke what would be a complaint elsewhere
if [ "$(word ci.suite)" != kunit ]; then
	if [ -e /tmp/hung ]; then
		tap_skip "no BUG, WARNING, oops or lockdep report in the kernel log" "it is full of the tasks of the suite that hung"
	else
		t "no BUG, WARNING, oops or lockdep report in the kernel log" quiet_log
	fi
	t "the kernel is not tainted by a warning or an oops" taint
fi
tap_end
