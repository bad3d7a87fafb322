# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Files to and from a guest, through its second serial port (snpemu --serial
# pipe:PATH): one line each, a name and base64. Sourced by both sides.

# In the guest
port_guest()
{
	stty -F /dev/ttyS1 raw -echo
	exec 3<>/dev/ttyS1 4>&3
	echo "ready" >&4
}

# port_host PATH SNPEMU OPTION...: make the FIFOs, start the guest, and wait until it is at
# the port: what came before its terminal is raw would be echoed. Its end comes as the
# line "end STATUS".
port_host()
{
	port=$1
	snpemu=$2
	shift 2
	rm -f "$port.in" "$port.out"
	mkfifo "$port.in" "$port.out"
	exec 3<>"$port.out" 4<>"$port.in"
	{
		status=0
		"$snpemu" --serial "pipe:$port" "$@" 3<&- 4<&- || status=$?
		echo "end $status" >&3
	} &
	read -r port_name port_data <&3
	[ "$port_name" = ready ] || {
		echo "the guest has ended before it was ready: $port_data" >&2
		return 1
	}
}

# port_send NAME FILE
port_send()
{
	echo "$1 $(base64 -w 0 "$2")" >&4
}

# port_receive NAME FILE: fails if something else comes, or the guest has ended
port_receive()
{
	read -r port_name port_data <&3
	if [ "$port_name" != "$1" ]; then
		echo "expected $1 from the other side, not: $port_name $port_data" >&2
		return 1
	fi
	echo "$port_data" | base64 -d >"$2"
}

# port_serve: in the guest, do what the host has it do, until it says "exit STATUS"
port_serve()
{
	while read -r port_name port_data <&3; do
		case $port_name in
		run)
			port_status=0
			echo "$port_data" | base64 -d >/tmp/port.sh
			sh /tmp/port.sh >/tmp/port.out 2>&1 </dev/null || port_status=$?
			echo "ran $port_status $(base64 -w 0 /tmp/port.out)" >&4 ;;
		put)
			echo "$port_data" | base64 -d >/tmp/port.put ;;
		exit)
			return "$port_data" ;;
		esac
	done
}

# port_run COMMAND: have the guest run it; its output, with its errors, and its status
port_run()
{
	echo "run $(printf '%s\n' "$1" | base64 -w 0)" >&4
	read -r port_name port_status port_data <&3
	if [ "$port_name" != ran ]; then
		echo "the guest has ended: $port_name $port_status"
		return 125
	fi
	echo "$port_data" | base64 -d
	return "$port_status"
}

# port_put FILE PATH: a file of the host to the guest; port_get PATH FILE: the other way
port_put()
{
	port_send put "$1"
	port_run "mv /tmp/port.put '$2'"
}

port_get()
{
	port_run "cat '$1'" >"$2"
}

# port_end: wait for the guest's end; its exit status
port_end()
{
	read -r port_name port_data <&3
	exec 3<&- 4<&-
	[ "$port_name" = end ] || return 1
	return "$port_data"
}
