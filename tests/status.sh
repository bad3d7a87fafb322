# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# For scripts that try a command's exit statuses; what it says is in the files out and err.

# status N COMMAND...: the command's exit status is N
status()
{
	wanted=$1
	shift
	found=0
	"$@" >out 2>err || found=$?
	cat out err
	[ "$found" = "$wanted" ] || { echo "exit status $found, expected $wanted"; return 1; }
}
