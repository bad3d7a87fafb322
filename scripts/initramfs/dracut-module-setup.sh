#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dracut module "ctpm": load ctpm.ko before udev starts.

check()
{
	return 0
}

depends()
{
	return 0
}

installkernel()
{
	instmods ctpm
}

install()
{
	# shellcheck disable=SC2154 # dracut's
	inst_hook pre-udev 00 "$moddir/ctpm-load.sh"
}
