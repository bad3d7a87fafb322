#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# snpemu ci: build a kernel, boot it as an SNP guest under the emulated SVSM, run
# suites in it, and print KTAP. "snpemu ci" executes this with SNPEMU set to itself.
# The order of a run is at the end; the parts are
#   build.sh	from a kernel tree to a kernel
#   initrd.sh	the initramfs
#   boots.sh	which guests a suite needs, and running them
#   results.sh	from what a guest has written to results; tap.awk, kunit.awk, report.awk
#   guest/	what runs in the guest
# shellcheck disable=SC2034 # the parts use them
set -eu

# Exit statuses, made for "git bisect run": 1 is bad, 125 skips, above 127 ends it.
EXIT_BAD=1
EXIT_UNTESTED=125
EXIT_EMULATOR=254
EXIT_USAGE=255

# Ended on purpose: whatever else ends this is no verdict on a kernel (clean_up())
decided=
work=
workers=

finish()
{
	decided=1
	exit "$1"
}

# run_child COMMAND...: become one that clean_up() ends. It is known by its number before it is
# the command, and becomes that only if clean_up() has not begun ("go"), so that none is missed.
run_child()
{
	# shellcheck disable=SC2016 # the inner shell's
	exec sh -c 'echo $$ >"$0/pid.$$" && [ -e "$0/go" ] && exec "$@"' "$work" "$@"
}

# Everything that was started ends with us.
clean_up()
{
	status=$?
	trap '' INT TERM HUP # a second one would end this half-way
	if [ -n "$work" ]; then
		rm -f "$work/go"
		for pid in $workers $(cat "$work"/pid.* 2>/dev/null); do
			kill "$pid" 2>/dev/null || :
		done
		rm -rf "$work"
	fi
	if [ -z "$decided" ] && [ $status != 0 ]; then
		echo "snpemu ci: has failed itself, with status $status" >&2
		exit "$EXIT_EMULATOR"
	fi
}

# before anything that can fail
trap clean_up EXIT
trap 'finish 130' INT
trap 'finish 143' TERM
trap 'finish 129' HUP

here=$(cd "$(dirname "$0")" && pwd)
: "${SNPEMU:?ci.sh is run by \"snpemu ci\"}"
work=$(mktemp -d)
: >"$work/go"

all_suites="boot tpm sev-guest kunit hotplug faults"

usage()
{
	cat <<-'TEXT'
	Usage: snpemu ci --kernel-tree DIR | --kernel FILE [OPTION]... [-- SNPEMU-OPTION...]
	Build a Linux kernel, boot it as an AMD SEV-SNP guest under the emulated SVSM, run
	suites in it, and print the results as KTAP.

	The kernel:
	  --kernel-tree DIR    a kernel's source, which is not written to
	  --kernel FILE        a bzImage (vmlinuz) instead
	  --build DIR          where it is built, and built on the next time
	                       (${XDG_CACHE_HOME:-~/.cache}/snpemu/build/NAME-OF-THE-TREE)
	  --config FILE        more options for its configuration; repeatable
	  --kernel-config FILE the .config of --kernel: what it has built in must work
	  --modules DIR        its modules, lib/modules/VERSION: sev-guest and what it needs
	  --module NAME        load this one of them, too; repeatable
	  --insmod FILE        load this file, in this order; repeatable
	  --append TEXT        added to its command line
	The tests:
	  --suite LIST         of boot,tpm,sev-guest,kunit,hotplug,faults (all of them), or
	                       files NAME.sh: scripts of your own, run in the guest
	  --file HOST=GUEST    put a file (or folder) into the guest; repeatable
	  --program FILE       the same for a program, with its libraries; repeatable
	  --smp N              CPUs (2)
	  --vmpl N             the guest's VMPL, 1 to 3 (2)
	  --timeout SECONDS    for each guest (240)
	  --no-skip            a test that is skipped has failed
	  --list               list the suites and the guests that each of them boots
	Results:
	  --output DIR         consoles, logs and the kernel of a failure (snpemu-ci)
	  --junit FILE         write JUnit XML, too
	  --json FILE          write JSON, too
	General:
	  --jobs N             processes of make, and guests at a time (one for each CPU)
	  --snpemu OPTION      one more word for snpemu; repeatable
	  --verbose            show what make says, and each guest's command
	  --help

	Exit status, made for "git bisect run":
	0: all passed; 1: a test failed; 125: nothing was tested, as the tree
	does not build, has not what the configuration needs, or all suites were skipped;
	254: the emulator or the machine failed; 255: usage; 128 + N: ended by signal N.
	TEXT
}

say()
{
	printf '[%4ds] %s\n' "$(($(date +%s) - started))" "$*" >&2
}

# fail STATUS TEXT
fail()
{
	status=$1
	shift
	printf 'snpemu ci: %s\n' "$*" >&2
	finish "$status"
}

bad_usage()
{
	fail "$EXIT_USAGE" "$*; --help explains"
}

need_tool()
{
	for tool; do
		command -v "$tool" >/dev/null ||
			fail "$EXIT_EMULATOR" "$tool is not there, which this needs"
	done
}

# A word as a shell would need it
quote()
{
	case $1 in
	'' | *[!A-Za-z0-9_./=,:@%+-]*) printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")" ;;
	*) printf %s "$1" ;;
	esac
}

# Two runs at once in one folder would take each other's files for theirs: the
# folder itself is locked, by file descriptor 8 (--output) and 9 (--build). A file
# system that has no locks (status other than 1) goes without.
# lock DESCRIPTOR FOLDER OPTION
lock()
{
	flock -n "$1" || [ $? != 1 ] ||
		bad_usage "$2 is in use by another run; give each a folder of its own by $3"
}

absolute()
{
	case $1 in
	/*)	printf '%s\n' "$1" ;;
	*)	printf '%s/%s\n' "$PWD" "$1" ;;
	esac
}

. "$here/build.sh"
. "$here/initrd.sh"
. "$here/boots.sh"
. "$here/results.sh"

started=$(date +%s)

#
# Options
#
tree='' kernel='' build='' kernel_config='' modules='' append='' suites='' vmpl=2 smp=2
timeout=240 no_skip='' list='' output=snpemu-ci junit='' json='' verbose='' jobs=$(nproc)
for list_file in configs module_names insmods files programs snpemu_options user_suites; do
	: >"$work/$list_file"
done

# number NAME VALUE MIN MAX
number()
{
	case $2 in
	'' | *[!0-9]* | ??????*) bad_usage "--$1 $2: expected a number from $3 to $4" ;;
	esac
	if [ "$2" -lt "$3" ] || [ "$2" -gt "$4" ]; then
		bad_usage "--$1 $2: expected a number from $3 to $4"
	fi
}

# readable NAME FILE
readable()
{
	[ -r "$2" ] || bad_usage "--$1 $2: there is no such file to read"
}

while [ $# -gt 0 ]; do
	option=$1
	shift
	case $option in
	--help)		usage; exit 0 ;;
	--list)		list=1; continue ;;
	--no-skip)	no_skip=1; continue ;;
	--verbose)	verbose=1; continue ;;
	--)
		for word; do
			printf '%s\n' "$word" >>"$work/snpemu_options"
		done
		break ;;
	--*=*)	# --option=value
		set -- "${option#*=}" "$@"
		option=${option%%=*} ;;
	--*)	;;
	*)	bad_usage "$option: unexpected" ;;
	esac
	[ $# -gt 0 ] || bad_usage "$option needs a value, or is not known"
	value=$1
	shift
	case $option in
	--kernel-tree)	tree=$(cd "$value" 2>/dev/null && pwd) || bad_usage "--kernel-tree $value: no such folder" ;;
	--kernel)	kernel=$(absolute "$value"); readable kernel "$value" ;;
	--build)	build=$(absolute "$value") ;;
	--config)	readable config "$value"; absolute "$value" >>"$work/configs" ;;
	--kernel-config) readable kernel-config "$value"; kernel_config=$(absolute "$value") ;;
	--modules)	readable modules "$value/modules.dep"; modules=$(absolute "$value") ;;
	--module)	printf '%s\n' "$value" >>"$work/module_names" ;;
	--insmod)	readable insmod "$value"; absolute "$value" >>"$work/insmods" ;;
	--append)	append="$append $value" ;;
	--suite)	suites="$suites,$value" ;;
	--file)
		case $value in
		*=?*)	readable file "${value%=*}"; absolute "$value" >>"$work/files" ;;
		*)	bad_usage "--file $value: expected HOST=GUEST" ;;
		esac ;;
	--program)	readable program "$value"; absolute "$value" >>"$work/programs" ;;
	--smp)		number smp "$value" 1 8; smp=$value ;;
	--vmpl)		number vmpl "$value" 1 3; vmpl=$value ;;
	--timeout)	number timeout "$value" 10 99999; timeout=$value ;;
	--output)	output=$value ;;
	--junit)	junit=$(absolute "$value") ;;
	--json)		json=$(absolute "$value") ;;
	--jobs)		number jobs "$value" 1 1024; jobs=$value ;;
	--snpemu)	printf '%s\n' "$value" >>"$work/snpemu_options" ;;
	*)		bad_usage "$option: no such option" ;;
	esac
done

# The suites' names; scripts of the user's are named like their files.
names=
suites=${suites#,}
old_ifs=$IFS
IFS=,
for suite in ${suites:-$(echo "$all_suites" | tr ' ' ,)}; do
	IFS=$old_ifs
	case $suite in
	'')	continue ;;
	*.sh)
		readable suite "$suite"
		name=$(basename "$suite" .sh)
		printf '%s\t%s\n' "$name" "$(absolute "$suite")" >>"$work/user_suites"
		case " $all_suites " in
		*" $name "*) bad_usage "--suite $suite: its name is that of a suite of snpemu's" ;;
		esac ;;
	*)
		name=$suite
		case " $all_suites " in
		*" $name "*) ;;
		*) bad_usage "--suite $suite: no such suite; there are $all_suites, and files NAME.sh" ;;
		esac ;;
	esac
	case $name in
	*[!A-Za-z0-9_.-]*) bad_usage "--suite $suite: a name of letters, digits and -_. only" ;;
	.* | vmlinuz | initrd | initrd-tools | config | config.log | build.log | results)
		bad_usage "--suite $suite: a file in --output has this name; take another one" ;;
	esac
	case " $names " in
	*" $name "*) bad_usage "--suite: $name is there twice" ;;
	esac
	names="$names $name"
	IFS=,
done
IFS=$old_ifs
[ -n "$names" ] || bad_usage "--suite: no suite"

if [ -n "$list" ]; then
	for suite in $names; do
		boots_of "$suite" | cut -d'|' -f1 | paste -s -d ' ' | sed "s/^/$suite: /"
	done
	exit 0
fi
[ -n "$tree$kernel" ] || bad_usage "--kernel-tree or --kernel is missing"
[ -z "$tree" ] || [ -z "$kernel" ] || bad_usage "--kernel-tree and --kernel exclude each other"
[ -z "$tree" ] || [ -e "$tree/Kconfig" ] || bad_usage "--kernel-tree $tree: no kernel's source"
if [ -n "$kernel" ] && { [ -n "$build" ] || [ -s "$work/configs" ]; }; then
	bad_usage "--build and --config are for --kernel-tree"
fi
[ -n "$modules" ] || [ ! -s "$work/module_names" ] || bad_usage "--module needs --modules"

# What is in there is ours to replace
output=$(absolute "$output")
if [ -d "$output" ] && [ ! -e "$output/.snpemu-ci" ] && [ -n "$(ls -A "$output")" ]; then
	bad_usage "--output $output: there are other files in it"
fi
need_tool busybox cpio openssl swtpm flock
# "--kernel snpemu-ci/vmlinuz" would be gone before it is read
{
	printf '%s\n' ${tree:+"$tree"} ${kernel:+"$kernel"} ${kernel_config:+"$kernel_config"} ${modules:+"$modules"}
	cat "$work/configs" "$work/insmods" "$work/programs"
	sed 's/=[^=]*$//' "$work/files"
	cut -f2 "$work/user_suites"
} >"$work/inputs"
while IFS= read -r input; do
	case $(readlink -m "$input")/ in
	"$(readlink -m "$output")"/*)
		bad_usage "$input: is in the folder of --output, which is emptied; copy it, or name another --output" ;;
	esac
done <"$work/inputs"
mkdir -p "$output" || fail "$EXIT_EMULATOR" "$output cannot be made"
exec 8<"$output"
lock 8 "$output" --output
# An earlier run's would be taken for this one's, where it ends without results. What is no
# plain file (/dev/stdout) stays.
for file in "$junit" "$json"; do
	[ -L "$file" ] || [ ! -f "$file" ] || rm -f "$file"
done
find "$output/" -mindepth 1 -delete
: >"$output/.snpemu-ci"

#
# The run
#
if [ -n "$tree" ]; then
	build_kernel
fi
find_config
make_initrds
run_boots
report
