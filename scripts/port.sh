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
}

# port_host PATH COMMAND...: make the FIFOs and start the guest, which is COMMAND with
# --serial. Its end comes as the line "end STATUS".
port_host()
{
	port=$1
	shift
	rm -f "$port.in" "$port.out"
	mkfifo "$port.in" "$port.out"
	exec 3<>"$port.out" 4<>"$port.in"
	{
		status=0
		"$@" --serial "pipe:$port" 3<&- 4<&- || status=$?
		echo "end $status" >&3
	} &
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

# port_end: wait for the guest's end; its exit status
port_end()
{
	read -r port_name port_data <&3
	exec 3<&- 4<&-
	[ "$port_name" = end ] || return 1
	return "$port_data"
}
