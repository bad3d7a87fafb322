# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034 # for who reads it
#
# What a complaint in the kernel log looks like: for log.sh in the guest, and on the host
# (../results.sh) for what the console has after that, while the machine powers off.

# log.sh leaves this in the kernel log when it begins
looked_through="snpemu ci: looking through the log"

# What a sound machine says, too: a CPU without the SRSO microcode is warned
# about at boot, with WARNING as a word.
benign='WARNING: See https://kernel.org/doc/html/latest/admin-guide/hw-vuln/srso.html'
signs='BUG:|BUG at|WARNING:|Oops|Call Trace|general protection|unable to handle'
signs="$signs|possible circular locking|inconsistent lock state|suspicious RCU usage|lock held when"
signs="$signs|possible recursive locking|bad unlock balance|KASAN:|KFENCE:|KCSAN:|UBSAN:|DEBUG_LOCKS_WARN"
signs="$signs|blocked for more than|soft lockup|hard LOCKUP|rcu.*detected.*stall|refcount_t|list_(add|del) corruption"
signs="$signs|unchecked MSR access|scheduling while atomic|sleeping function called|Bad page state"

# The kernel log on standard input: its complaints. False if there are none.
complaints()
{
	grep -avF "$benign" | grep -aE -A 25 "$signs"
}
