#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs in the guest's Debian root: loads the modules that are in the suite, then runs
# the suites that the kernel command line names (ctpm.suites=NAME,NAME...).
# Results go to the second serial port, which carries nothing else; each line
# begins with "SUITE| ", and "exit STATUS" ends a suite. What the console and
# the kernel print there cannot be mistaken for a result, nor spoil one.
# tests/results.awk makes TAP of it on the host.
suite=/run/suite
results=/dev/ttyS1
export PYTHONDONTWRITEBYTECODE=1

# Seconds that a suite may take, so that a hang in one is its failure alone.
limit()
{
	case $1 in
	stress | reload) echo 600 ;;
	*)		 echo 400 ;;
	esac
}

program()
{
	for f in "$suite/$1.sh" "$suite/$1.py"; do
		[ ! -e "$f" ] || echo "$f"
	done
}

run()
{
	case $1 in
	*.sh)	set -- sh "$1" ;;
	*.py)	set -- python3 -u "$1" ;;
	*)	echo "no such suite"; return 1 ;;
	esac
	timeout -k 5 "$(limit "$name")" "$@" </dev/null
}

load()
{
	. "$suite/tap.sh"
	for module in ctpm tpm_svsm; do
		[ ! -e "$suite/$module.ko" ] || t "insmod $module.ko" insmod "$suite/$module.ko"
	done
	t "/dev/tpm0 is there" test -c /dev/tpm0
	t "/dev/tpmrm0 is there" test -c /dev/tpmrm0
	tap_end
}

stty -F $results raw -echo || exit 118
failed=/run/failed
rm -f $failed

# report NAME COMMAND...: its output and exit status, as results
report()
{
	name=$1
	shift
	{
		status=0
		"$@" 2>&1 || status=$?
		[ $status = 0 ] || echo "$name" >>$failed
		echo "exit $status"
	} | sed -u "s/^/$name| /" >$results
}

[ ! -e $suite/ctpm.ko ] || report load load
stress=$(sed -n 's/.*\bctpm\.stress=\([0-9]*\).*/\1/p' /proc/cmdline)
[ -z "$stress" ] || export STRESS_COUNT="$stress"
suites=$(sed -n 's/.*\bctpm\.suites=\([^ ]*\).*/\1/p' /proc/cmdline | tr , ' ')
cd $suite || exit 118
for name in $suites; do
	report "$name" run "$(program "$name")"
done
[ ! -e $failed ]
