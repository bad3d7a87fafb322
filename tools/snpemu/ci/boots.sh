# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # variables of ci.sh and for it
#
# Each suite is one guest or several, so that one which dies takes nothing of
# the others with it. As many run at a time as --jobs says.

# On a machine that has much else to do, the guest stands still at times: it shall not take
# that for a broken timer, a lockup or a stall, nor measure its TSC meanwhile (a wrong clock
# makes all its timeouts wrong). --timeout is what ends a hang.
patience="no_timer_check watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=120"

stir=0x146 # TPM2_StirRandom, which nothing but the suites sends

# boots_of SUITE: lines "NAME|CPUS|VMPL|KERNEL-WORDS|SNPEMU-OPTIONS"
boots_of()
{
	two=$smp
	[ "$two" -ge 2 ] || two=2
	case $1 in
	boot)
		echo "default|$smp|$vmpl||"
		echo "vc|$smp|$vmpl||--vc all"
		echo "vmpl0|$smp|0||"
		;;
	kunit)		echo "default|$smp|$vmpl|kunit.enable=1 kunit.autorun=1|" ;;
	hotplug)	echo "default|$two|$vmpl||" ;;
	faults)
		# one after the other, each once: guest/faults.sh knows the order
		answers=
		for fault in size-zero size-short size-long size-huge header garbage; do
			answers="$answers --fault vtpm-$fault:1@$stir"
		done
		# these strike before the command, those above behind it
		before=
		for fault in error=0x80000006 error=0x8000dead failure busy:20 incomplete:20; do
			case $fault in
			*:*)	before="$before --fault vtpm-$fault@$stir" ;;
			*)	before="$before --fault vtpm-$fault:1@$stir" ;;
			esac
		done
		echo "answers|$smp|$vmpl||$answers"
		echo "refusals|$smp|$vmpl||$before"
		busy="--fault vtpm-busy:40 --fault vtpm-incomplete:40 --fault attest-busy:20 --fault guest-request-busy:3"
		echo "busy|$smp|$vmpl||$busy"
		# from the first command on: no driver has to come up
		echo "refused|$smp|$vmpl|ci.insmod=may-fail|--fault vtpm-error=0x80000006"
		echo "garbage|$smp|$vmpl|ci.insmod=may-fail|--fault vtpm-garbage"
		echo "failure|$smp|$vmpl|ci.insmod=may-fail|--fault vtpm-failure"
		echo "absent|$smp|$vmpl|ci.insmod=may-fail|--fault no-vtpm --fault no-attest"
		attest=
		for fault in error=0x80000006 error=0x8000dead report-short report-long manifest-long manifest vmpl; do
			attest="$attest --fault attest-$fault:1"
		done
		echo "messages|$smp|$vmpl||$attest --fault guest-request-error=0x16:1"
		;;
	*)		echo "default|$smp|$vmpl||" ;;
	esac
}

# initrd_of SUITE
initrd_of()
{
	case $1 in
	boot | sev-guest | kunit | hotplug | faults) echo "$output/initrd" ;;
	*) echo "$output/initrd-tools" ;;
	esac
}

# boot SUITE NAME CPUS VMPL WORDS OPTIONS: one guest; what it leaves is in $output/SUITE/NAME/
boot()
{
	dir=$output/$1/$2
	mkdir -p "$dir"
	line="console=ttyS0 panic=-1 log_buf_len=2M $patience kunit.enable=0 $5$append"
	line="$line ci.suite=$1 ci.boot=$2 ci.smp=$3 ci.vmpl=$4 ci.limit=$((timeout / 2)) ci.mark=$mark ci.have=${have#,}"
	initrd=$(initrd_of "$1")
	# shellcheck disable=SC2086 # lists of words
	set -- --initrd "$initrd" --append "$line" --smp "$3" --vmpl "$4" --timeout "$timeout" $6
	while IFS= read -r word; do
		set -- "$@" "$word"
	done <"$work/snpemu_options"
	# as a person would repeat it, with the kernel that report() puts there
	{
		quote "$SNPEMU"
		printf ' --kernel %s' "$(quote "$output/vmlinuz")"
		for word; do
			printf ' '
			quote "$word"
		done
		printf ' --serial /dev/stderr\n'
	} >"$dir/command"
	[ -z "$verbose" ] || sed "s,$output/vmlinuz,$kernel,; s/^/+ /" "$dir/command" >&2
	boot_started=$(date +%s)
	status=0
	run_child "$SNPEMU" --kernel "$kernel" --serial "$dir/results" --certs "$dir/certs" --json "$dir/json" \
		--log "$dir/monitor.log" "$@" >"$dir/console" 2>"$dir/stderr" </dev/null &
	pid=$!
	wait $pid || status=$?
	rm -f "$work/pid.$pid"
	: >>"$dir/results"
	echo $(($(date +%s) - boot_started)) >"$dir/seconds"
	echo $status >"$dir/status"
}

# Take the next guest that nobody has taken, until there is none
worker()
{
	trap - EXIT
	while IFS='|' read -r number suite name cpus level words options <&3; do
		mkdir "$work/taken.$number" 2>/dev/null || continue
		boot "$suite" "$name" "$cpus" "$level" "$words" "$options"
		# the emulator's failure is nobody's result: no need to go on
		[ "$status" -lt 126 ] || break
	done 3<"$work/boots"
}

run_boots()
{
	for suite in $names; do
		boots_of "$suite" | sed "s/^/$suite|/"
	done | nl -ba -nln -w1 -s'|' >"$work/boots"
	say "$(wc -l <"$work/boots") guests, $jobs at a time"
	patience="$patience tsc_early_khz=$("$here/ciguest" tsc) tsc=reliable"
	mark=$(od -An -N 8 -t x8 /dev/urandom | tr -d ' ')
	n=0
	while [ $n -lt "$jobs" ]; do
		worker 8<&- 9<&- &
		workers="$workers $!"
		n=$((n + 1))
	done
	for pid in $workers; do
		wait "$pid" || :
	done
	workers=
	for f in "$output"/*/*/status; do
		if [ "$(cat "$f")" -ge 126 ]; then
			dir=${f%/status}
			cat "$dir/stderr" >&2
			echo "Bail out! the emulator failed"
			fail "$EXIT_EMULATOR" "the emulator failed, with exit status $(cat "$f"): see $dir"
		fi
	done
}
