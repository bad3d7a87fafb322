#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# KUnit has run before the first program; what it said is on the console, where
# the host finds it.
. /ci/lib.sh
t "the kernel is alive after its KUnit tests" true
tap_end
