#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel's sev-guest driver and configfs-tsm. Signatures are checked on the
# host, which has the certificates.
. /ci/lib.sh

tsm=/sys/kernel/config/tsm/report
vmpl=$(word ci.vmpl)
work=$(mktemp -d)

mount -t configfs configfs /sys/kernel/config 2>/dev/null
if [ ! -c /dev/sev-guest ] && ! asked sev-guest; then
	tap_skip "sev-guest" "the kernel has no sev-guest driver, built in or by --modules"
	tap_end
	exit
fi

# A number of 4 bytes in a report
number()
{
	od -An -tu4 -j "$2" -N 4 "$1" | tr -d ' '
}

# form FILE VMPL: the parts of a report that do not depend on who asks
form()
{
	echo "$(wc -c <"$1") bytes, VMPL $(number "$1" 48)"
	[ "$(wc -c <"$1")" = 1184 ] && [ "$(number "$1" 48)" = "$2" ]
}

# data FILE: REPORT_DATA in hex
data()
{
	xxd -p -s 80 -l 64 "$1" | tr -d '\n'
}

same_bytes()
{
	head -c 64 /dev/zero | tr '\0' "$1" | xxd -p | tr -d '\n'
}

device_report()
{
	ciguest report "$vmpl" 65 >"$work/device" && form "$work/device" "$vmpl" &&
		[ "$(data "$work/device")" = "$(same_bytes A)" ]
}

lower_report()
{
	ciguest report 3 65 >"$work/lower" && form "$work/lower" 3
}

higher_report()
{
	refused ciguest report $((vmpl - 1)) 65 >"$work/higher"
}

derived_keys()
{
	# guest policy alone, and with the measurement
	policy=$(ciguest derived-key 1 "$vmpl") && again=$(ciguest derived-key 1 "$vmpl") &&
		more=$(ciguest derived-key 9 "$vmpl") || return
	[ "${#policy}" = 64 ] && [ "$policy" = "$again" ] && [ "$policy" != "$more" ]
}

# ask NAME CHARACTER: a report over 64 such bytes
ask()
{
	mkdir "$tsm/$1" && head -c 64 /dev/zero | tr '\0' "$2" >"$tsm/$1/inblob"
}

own_report()
{
	ask own B && echo "$vmpl" >$tsm/own/privlevel && cat $tsm/own/outblob >"$work/own" &&
		[ "$(cat $tsm/own/provider)" = sev_guest ] &&
		form "$work/own" "$vmpl" && [ "$(data "$work/own")" = "$(same_bytes B)" ]
}

certificates()
{
	[ "$(wc -c <$tsm/own/auxblob)" -gt 1000 ]
}

new_nonce()
{
	head -c 64 /dev/zero | tr '\0' C >$tsm/own/inblob && cat $tsm/own/outblob >"$work/new" &&
		[ "$(data "$work/new")" = "$(same_bytes C)" ]
}

privlevel()
{
	ask high D || return
	# writing it is refused, or reading the report
	echo $((vmpl - 1)) >$tsm/high/privlevel || return 0
	refused cat $tsm/high/outblob >"$work/high"
}

# svsm NAME CHARACTER: VMPL 0, REPORT_DATA = SHA-512(nonce || manifest)
svsm()
{
	cat $tsm/"$1"/outblob >"$work/$1" && cat $tsm/"$1"/manifestblob >"$work/$1.manifest" &&
		form "$work/$1" 0 || return
	want=$({
		head -c 64 /dev/zero | tr '\0' "$2"
		cat "$work/$1.manifest"
	} | sha512sum | cut -d' ' -f1)
	echo "REPORT_DATA $(data "$work/$1"), expected $want"
	[ "$(data "$work/$1")" = "$want" ]
}

all_services()
{
	ask svsm E && echo svsm >$tsm/svsm/service_provider && svsm svsm E
}

vtpm_service()
{
	ask vtpm F && echo svsm >$tsm/vtpm/service_provider &&
		echo c476f1eb-0123-45a5-9641-b4e7dde5bfe3 >$tsm/vtpm/service_guid && svsm vtpm F
}

unknown_service()
{
	ask unknown G && echo svsm >$tsm/unknown/service_provider &&
		echo 00112233-4455-6677-8899-aabbccddeeff >$tsm/unknown/service_guid || return
	refused cat $tsm/unknown/outblob >"$work/unknown"
}

# each CPU has a calling area and GHCB of its own
on_each_cpu()
{
	for cpu in $(cpus); do
		head -c 64 /dev/urandom >"$work/nonce" && cat "$work/nonce" >"$tsm/$1/inblob" &&
			taskset -c "$cpu" cat "$tsm/$1/outblob" >"$work/each" || return
		want=$(xxd -p "$work/nonce" | tr -d '\n')
		[ "$1" = own ] || want=$(cat "$work/nonce" "$tsm/$1/manifestblob" | sha512sum | cut -d' ' -f1)
		[ "$(data "$work/each")" = "$want" ] || {
			echo "the report of CPU $cpu is over something else"
			return 1
		}
	done
}

many()
{
	for i in 1 2 3 4 5 6 7 8 9 10; do
		head -c 64 /dev/urandom >"$work/nonce" && cat "$work/nonce" >$tsm/own/inblob &&
			cat $tsm/own/outblob >"$work/many" || return
		[ "$(data "$work/many")" = "$(xxd -p "$work/nonce" | tr -d '\n')" ] || {
			echo "report $i is over something else"
			return 1
		}
	done
}

hand_over()
{
	for f in device own svsm vtpm; do
		[ ! -s "$work/$f" ] || give "report-$f" "$work/$f"
	done
}

t "/dev/sev-guest is there" test -c /dev/sev-guest
t "/dev/sev-guest: a report at VMPL $vmpl over our data" device_report
t "/dev/sev-guest: a report at VMPL 3" lower_report
[ "$vmpl" = 0 ] || t "/dev/sev-guest: a report at VMPL $((vmpl - 1)) is refused" higher_report
t "/dev/sev-guest: derived keys depend on what is mixed in" derived_keys
if [ -d $tsm ] || asked sev-guest; then
	t "configfs-tsm: a report at VMPL $vmpl over our data" own_report
	t "configfs-tsm: the certificate table" certificates
	t "configfs-tsm: another report over new data" new_nonce
	[ "$vmpl" = 0 ] || t "configfs-tsm: privlevel $((vmpl - 1)) is refused" privlevel
	if [ "$vmpl" != 0 ] && [ -e $tsm/own/service_provider ]; then
		t "configfs-tsm: service_provider=svsm, all services" all_services
		t "configfs-tsm: the vTPM's service alone" vtpm_service
		t "configfs-tsm: a service that is not there is refused" unknown_service
		t "configfs-tsm: service_provider=svsm on each CPU" on_each_cpu svsm
	elif [ "$vmpl" != 0 ]; then
		tap_skip "configfs-tsm: service_provider=svsm" "the kernel has no service_provider"
	fi
	t "configfs-tsm: reports on each CPU" on_each_cpu own
	t "configfs-tsm: ten reports in a row" many
else
	tap_skip "configfs-tsm" "the kernel has no configfs-tsm"
fi
hand_over
tap_end
