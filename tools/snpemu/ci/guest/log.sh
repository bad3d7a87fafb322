#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# After the suite: has the kernel complained?
. /ci/lib.sh
. /ci/signs.sh

quiet_log()
{
	dmesg >/tmp/kernel.log && test -s /tmp/kernel.log && ! complaints </tmp/kernel.log
}

# Bad page (5), oops (7), warning (9), soft lockup (14)
taint()
{
	value=$(cat /proc/sys/kernel/tainted 2>/dev/null || echo 0)
	echo "tainted: $value"
	[ $((value & 0x42a0)) = 0 ]
}

# From here on the host reads it, on the console, whatever level the command line has set
echo 8 >/proc/sys/kernel/printk
# shellcheck disable=SC2154 # of signs.sh
echo "$looked_through" >/dev/kmsg

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
