#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The guest of tests/bench: load the driver that the command line names, measure.
for module in $(sed -n 's/.*\bbench\.modules=\([^ ]*\).*/\1/p' /proc/cmdline | tr , ' '); do
	insmod "/$module.ko" 2>/dev/null || modprobe "$module" || exit 1
done
/tpmloop "$(sed -n 's/.*\bbench\.count=\([^ ]*\).*/\1/p' /proc/cmdline)"
