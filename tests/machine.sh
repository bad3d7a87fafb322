#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# machine.sh [NAME...]: snpemu itself. How it ends, what it leaves behind, which
# machines it makes, and that a guest which breaks a rule of SEV-SNP is found out.
# With the QEMU of $QEMU, if that is set.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"
. "$top/tests/tap.sh"

out=${MACHINE_OUT:-$top/build/machine}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
kernel=$("$top/scripts/kernel.sh" 7.3 image)
gcc -O2 -Wall -static -o "$out/ticks" "$top/tests/guest/ticks.c"
"$top/scripts/initrd.sh" "$out/initrd" 7.3 "$top/tests/machine-guest.sh=run.sh" \
	"$out/ticks=ticks" \
	"$("$top/scripts/module.sh" 7.3)/ctpm.ko=ctpm.ko" \
	"$("$top/scripts/module.sh" 7.3 "$top/tests/guest/planted")/planted.ko=planted.ko"
append="console=ttyS0 panic=-1 ctpm.run=/run.sh ctpm.do"
wanted=" $* "

# the temporary folder is ours, so that what is left behind shows
mkdir "$work/tmp"

run_snpemu()
{
	# a shell's background jobs have SIGINT ignored
	exec env --default-signal=INT TMPDIR="$work/tmp" "$top/build/snpemu" ${QEMU:+--qemu "$QEMU"} "$@"
}

# snpemu ACTION OPTION...: $work/out, err, status
snpemu()
{
	action=$1
	shift
	status=0
	(run_snpemu --kernel "$kernel" --initrd "$out/initrd" --append "$append=$action" \
		--timeout 200 "$@" >"$work/out" 2>"$work/err") || status=$?
	cat "$work/err"
	echo "exit status $status"
}

# ends STATUS ACTION OPTION...
ends()
{
	expected=$1
	shift
	snpemu "$@"
	[ "$status" = "$expected" ] && nothing_left
}

nothing_left()
{
	left=$(ls "$work/tmp")
	[ -z "$left" ] || { echo "left behind: $left"; return 1; }
}

# says FILE PATTERN
says()
{
	grep -aE -e "$2" "$work/$1" || { echo "expected: $2"; tail -n 5 "$work/out"; return 1; }
}

# usage TEXT OPTION...: refused with 127 and that text
usage()
{
	text=$1
	shift
	status=0
	"$top/build/snpemu" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
	[ $status = 127 ] && says err "$text"
}

# fails TEXT OPTION...: the emulator fails with 126 and that text
fails()
{
	text=$1
	shift
	ends 126 exit:0 "$@" && says err "$text"
}

# the second serial port both ways, as FIFOs
talks()
{
	mkfifo "$work/port.in" "$work/port.out"
	run_snpemu --kernel "$kernel" --initrd "$out/initrd" --append "$append=answer" \
		--timeout 200 --serial "pipe:$work/port" >"$work/out" 2>"$work/err" &
	pid=$!
	exec 3<>"$work/port.out" 4<>"$work/port.in"
	read -r ready <&3
	echo "a word" >&4
	read -r answer <&3
	exec 3<&- 4<&-
	wait $pid || return
	[ "$ready, $answer" = "ready, you said: a word" ] || { echo "$ready, $answer"; return 1; }
}

started()
{
	rm -f "$work/out"
	run_snpemu --kernel "$kernel" --initrd "$out/initrd" --append "$append=sleep" \
		--timeout 200 >"$work/out" 2>"$work/err" &
	pid=$!
	i=0
	until grep -qs sleeping "$work/out"; do
		i=$((i + 1))
		[ $i -lt 600 ] || return 1
		sleep 0.1
	done
	children=$(pgrep -P $pid | tr '\n' ' ')
	[ -n "$children" ]
}

# no child of the one that was started is alive. One that has lost its parent
# stays a zombie until process 1 asks for it, which may be never: that is dead,
# if no thread of it is left.
children_gone()
{
	i=0
	while :; do
		alive=
		for child in $children; do
			case $(ps -o stat= -p "$child") in
			*l*) ;;
			"" | Z*) continue ;;
			esac
			alive=${alive:+$alive,}$child
		done
		[ -n "$alive" ] || return 0
		i=$((i + 1))
		[ $i -lt 150 ] || break
		sleep 0.2
	done
	echo "still alive:"
	ps -o pid,ppid,stat,wchan:24,args -p "$alive"
	return 1
}

# signal NAME STATUS
signal()
{
	started || return 1
	kill -s "$1" $pid
	status=0
	wait $pid || status=$?
	[ $status = "$2" ] && children_gone && { [ "$1" = KILL ] || nothing_left; }
}

two_at_once()
{
	s1=0
	s2=0
	run_snpemu --kernel "$kernel" --initrd "$out/initrd" --append "$append=exit:1" \
		--timeout 200 >"$work/out.1" 2>&1 &
	pid=$!
	(run_snpemu --kernel "$kernel" --initrd "$out/initrd" --append "$append=exit:2" \
		--timeout 200 >"$work/out.2" 2>&1) || s2=$?
	wait "$pid" || s1=$?
	[ "$s1 $s2" = "1 2" ]
}

# sees OPTIONS EXPECTED...: lines that the guest prints
sees()
{
	options=$1
	shift
	# shellcheck disable=SC2086 # a list of options
	ends 0 see $options || return 1
	for line in "$@"; do
		says out "^$line" || return 1
	done
}

measured()
{
	ends 0 exit:0 --json "$work/json" || return 1
	predicted=$(run_snpemu measure --kernel "$kernel" --initrd "$out/initrd" \
		--append "$append=exit:0")
	other=$(run_snpemu measure --kernel "$kernel" --initrd "$out/initrd" \
		--append "$append=exit:1")
	grep -q "\"measurement\": \"$predicted\"" "$work/json" && [ "$predicted" != "$other" ]
}

measured_json()
{
	printed=$(run_snpemu measure --kernel "$kernel" --initrd "$out/initrd" --json "$work/json") &&
		grep "\"measurement\": \"$printed\"" "$work/json"
}

measure_full()
{
	status=0
	(run_snpemu measure --kernel "$kernel" --initrd "$out/initrd" >/dev/full) || status=$?
	[ $status = 126 ]
}

# verified OPTION...: the guest's report under these options is accepted on the host
verified()
{
	rm -rf "$work/roots" "$work/e" "$work/e.tar"
	mkdir "$work/e"
	ends 0 bind --certs "$work/roots" --serial "$work/e.tar" "$@" &&
		tar -x -f "$work/e.tar" -C "$work/e" &&
		"$top/scripts/check-binding.sh" "$work/e" "$work/roots"
}

report_says()
{
	pattern=$1
	shift
	if ! verified "$@" >"$work/verdict" || ! grep -E "$pattern" "$work/verdict"; then
		cat "$work/verdict"
		return 1
	fi
}

# the same endorsement key from run to run, and a reset count that goes up
persistent()
{
	rm -rf "$work/state"
	verified --state "$work/state" >"$work/verdict" || { cat "$work/verdict"; return 1; }
	cp -r "$work/e" "$work/first"
	verified --state "$work/state" >"$work/verdict" || { cat "$work/verdict"; return 1; }
	cmp "$work/first/manifest" "$work/e/manifest" &&
		! cmp -s "$work/first/log" "$work/e/log"
}

# planted BUG STATUS FILE PATTERN OPTION...
planted()
{
	bug=$1
	expected=$2
	file=$3
	pattern=$4
	shift 4
	ends "$expected" "planted:$bug" "$@" && says "$file" "$pattern"
}

case_()
{
	case $wanted in
	'  ' | *" $1 "*) ;;
	*) return 0 ;;
	esac
	name="$1: $2"
	shift 2
	t "$name" "$@"
}

case_ status "the exit status is the guest's" ends 7 exit:7
case_ status "a status above 119 is 119" ends 119 exit:200
case_ panic "a panic is a guest that died" ends 125 panic
case_ reboot "so is a reboot" ends 125 reboot
case_ suspend "so is suspend to RAM, which nothing would wake" ends 125 suspend
case_ timeout "a guest that runs on ends with 124" ends 124 sleep --timeout 15
case_ term "SIGTERM ends everything" signal TERM 143
case_ int "SIGINT ends everything" signal INT 130
case_ hup "SIGHUP ends everything" signal HUP 129
case_ kill "even SIGKILL leaves no child behind" signal KILL 137
rm -rf "$work"/tmp/*
case_ two "two at once do not mind each other" two_at_once

case_ usage "no kernel is a usage error" usage '--kernel is missing'
case_ usage "an unknown option is one" usage 'unrecognized option' --nonsense
case_ usage "so are too many CPUs" usage '1 to 8' --kernel x --smp 9
case_ usage "a VMPL that does not exist" usage '0 to 3' --kernel x --vmpl 4
case_ usage "too little memory" usage '512M to 16G' --kernel x --memory 100M
case_ usage "memory that is no number" usage '512M to 16G' --kernel x --memory -1
case_ usage "an unknown fault" usage 'no such fault' --kernel x --fault nonsense
case_ usage "a fault with a wrong count" usage 'NAME' --kernel x --fault vtpm-busy:x
case_ usage "host data of a wrong length" usage '64 hex digits' --kernel x --host-data 00
case_ files "a kernel that is not there" fails 'No such file' --kernel "$work/none"
case_ files "a kernel that is none" fails 'is no Linux bzImage' --kernel "$top/COPYING"
case_ files "an initrd that is not there" fails 'No such file' --initrd "$work/none"
case_ files "no QEMU" fails 'No such file' --qemu "$work/none"
case_ files "a TPM socket that is not there" fails 'No such file' --tpm "unix:$work/none"

case_ vmpl "VMPL 0: SNP without an SVSM" sees '--vmpl 0' 'vmpl 0'
case_ vmpl "VMPL 1" sees '--vmpl 1' 'vmpl 1'
case_ vmpl "VMPL 3" sees '--vmpl 3' 'vmpl 3'
case_ smp "8 CPUs" sees '--smp 8 --memory 2G' 'cpus 8'
case_ memory "512 MiB" sees '--memory 512M' 'memory [34]'
case_ memory "5 GiB, with RAM above 4 GiB" sees '--memory 5G' 'memory [45][0-9]{6}'
case_ vc "every #VC reflected, 2 CPUs" sees '--vc all --smp 2' 'cpus 2'
case_ trace "traces name what they trace" sees '--trace svsm,ghcb,rmp,msr' 'vmpl 2'
case_ trace "SVSM calls are among them" says err 'svsm: CPU 0 protocol 0 call'
case_ count "an exit costs no guest time where that counts instructions" ends 0 ticks --count
case_ serial "the second serial port takes answers through FIFOs" talks
case_ plain "the same machine without SNP" ends 3 exit:3 --plain

case_ measure "the launch digest is as predicted from the files" measured
case_ measure "with --json it is there, too" measured_json
case_ measure "what cannot be written is a failure" measure_full
case_ reports "report version 2" report_says 'version 2' --report-version 2
case_ reports "report version 5, Turin" report_says 'version 5' --product Turin
case_ reports "Genoa" report_says 'MATCH' --product Genoa
case_ reports "a report signed with the VLEK" report_says 'MATCH' --sign vlek
case_ state "--state keeps the TPM's identity" persistent

case_ planted "reading a page that was rescinded is found out" planted touch-rescinded 125 err \
	'page state violation: private read of page .*must be validated'
case_ planted "a private page mapped shared is found out" planted private-page-mapped-shared 125 \
	err 'page state violation: shared .*with the C-bit only'
case_ planted "a shared page mapped private is found out" planted shared-page-mapped-private 125 \
	err 'page state violation: private read .*without the C-bit only'
case_ planted "a stale translation on another CPU is found out" planted stale-translation 125 err \
	'page state violation: private read' --smp 2
case_ planted "the SVSM's memory cannot be read" planted svsm-memory-read 125 err \
	"page state violation: private read .*not the guest's"
case_ planted "validating twice is an error" planted validate-twice 0 out \
	'second validation: 80001010'
case_ planted "sharing a page without rescinding it is refused" planted \
	shared-without-rescinding 0 err 'validation was not rescinded'
case_ planted "what a page held is lost when it changes hands" planted \
	content-expected-to-survive 0 out 'content lost'
case_ planted "the SVSM takes no shared TPM buffer" planted tpm-buffer-shared 0 out \
	'vTPM command: -22'
case_ planted "of 2 MiB made private, a page that was not validated is found out" planted \
	touch-one-of-mixed 125 err 'page state violation: private read of page .*must be validated'
case_ planted "and those that were can be read" planted rest-of-mixed 0 out \
	'page that stayed valid reads x'
tap_end
