#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Under systemd, in the guests of tests/luks.sh: do what the host says, then power off.
. /run/suite/port.sh
status=0
port_guest
port_serve || status=$?
# shellcheck disable=SC2059 # the inner printf makes an octal escape
printf "\\$(printf %03o "$status")" | dd of=/dev/port bs=1 seek=244 conv=notrunc 2>/dev/null
poweroff -f
