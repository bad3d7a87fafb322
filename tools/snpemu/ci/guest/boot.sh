#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel is up: as what?
. /ci/lib.sh
vmpl=$(word ci.vmpl)

says()
{
	dmesg | grep -E "$1"
}

cpus_up()
{
	echo "$(nproc) of $(word ci.smp)"
	[ "$(nproc)" = "$(word ci.smp)" ]
}

# Every CPU does something, on its own
cpus_work()
{
	for cpu in $(cpus); do
		[ "$(taskset -c "$cpu" sh -c 'echo works' | sha256sum | cut -c1-8)" = "$(echo works | sha256sum | cut -c1-8)" ] ||
			return 1
	done
}

# Pages that are written for the first time
memory_works()
{
	mkdir -p /tmp/memory && mount -t tmpfs -o size=200M tmpfs /tmp/memory &&
		dd if=/dev/zero of=/tmp/memory/file bs=1M count=150 && umount /tmp/memory
}

t "SEV-SNP is active" says 'Memory Encryption Features active:.*SEV-SNP'
t "at VMPL $vmpl" says "SNP running at VMPL$vmpl"
t "all CPUs are up" cpus_up
t "all CPUs work" cpus_work
t "150 MiB of memory can be written" memory_works
tap_end
