#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Not an SNP guest, or no SVSM: the driver says so in the kernel log.
modprobe -q ctpm || :
