#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# After everything else: has the kernel complained?
. /run/suite/tap.sh

# What a sound machine says on these kernels, too: a CPU without the SRSO
# microcode is warned about at boot, with WARNING as a word.
benign='WARNING: See https://kernel.org/doc/html/latest/admin-guide/hw-vuln/srso.html'
signs='BUG:|BUG at|WARNING:|WARNING: CPU|Oops|Call Trace|general protection|unable to handle'
signs="$signs|possible circular locking|inconsistent lock state|suspicious RCU usage|lock held when"
signs="$signs|possible recursive locking|bad unlock balance|KASAN|KFENCE|KCSAN|UBSAN|DEBUG_LOCKS_WARN"
signs="$signs|blocked for more than|soft lockup|hard LOCKUP|rcu_.*stall|refcount_t|list_(add|del) corruption"
signs="$signs|unchecked MSR access|scheduling while atomic|sleeping function called|Bad page state"

quiet_log()
{
	# nmi.py has asked for backtraces
	dmesg | sed '/nmi.py: backtraces$/,/nmi.py: no more$/d' >/tmp/kernel.log && test -s /tmp/kernel.log &&
		! grep -vF "$benign" /tmp/kernel.log | grep -E -A 15 "$signs"
}

taint()
{
	# ours is out of tree (bit 12) and unsigned (bit 13), and where KUnit is built
	# in its tests have run (bit 18); nothing else may be set
	allowed=0x3000
	[ ! -e /sys/kernel/debug/kunit ] || allowed=0x43000
	value=$(cat /proc/sys/kernel/tainted)
	echo "tainted: $value"
	[ $((value & ~allowed)) = 0 ]
}

kmemleak=/sys/kernel/debug/kmemleak
leaks()
{
	# an object must stay unreferenced over several seconds to be reported
	echo scan >$kmemleak && sleep 6 && echo scan >$kmemleak &&
		! grep -A 20 'unreferenced object' $kmemleak
}

whole_log()
{
	dmesg | head -n 5 | grep 'Linux version'
}

t "the whole kernel log is here, from the first line" whole_log
t "no BUG, WARNING, oops, lockdep or sanitizer report in the kernel log" quiet_log
t "the kernel is tainted by nothing but an out-of-tree module" taint
if [ -w $kmemleak ]; then
	t "kmemleak finds nothing" leaks
fi
tap_end
