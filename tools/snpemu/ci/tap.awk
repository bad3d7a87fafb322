# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a guest of "snpemu ci" wrote to its second serial port (guest/init), as
# lines of results.sh: parts "part NAME MARK", TAP, "exit STATUS MARK". A part that is not
# there, does not end, has no plan, or ran other than it planned is a failure.
# -v mark= is what tells init's lines from a suite's that look like them.
BEGIN {
	OFS = "\t"
	wanted = split("load suite log", parts, " ")
}

{
	sub(/\r$/, "")
	gsub(/\t/, " ")
}

/^part [a-z]+ / && NF == 3 && $3 == mark {
	part = $2
	begun[part] = 1
	next
}

!part || /^@/ {
	next
}

/^1\.\.[0-9]+/ {
	planned[part] = substr($0, 4) + 0
	has_plan[part] = 1
	# TAP's way to skip all of it, which has no test to say so
	if (!planned[part] && match($0, /# *[Ss][Kk][Ii][Pp]/)) {
		reason = substr($0, RSTART + RLENGTH)
		sub(/^[a-zA-Z]*:? */, "", reason)
		print "R", "skip", "all of it", reason, common()
	}
	next
}

/^(not )?ok( |$)/ {
	ran[part]++
	verdict = /^ok/ ? "ok" : "not ok"
	reason = ""
	sub(/^(not )?ok *[0-9]* *-? */, "")
	if (match($0, /# *[Ss][Kk][Ii][Pp]/)) {
		reason = substr($0, RSTART + RLENGTH)
		sub(/^[a-zA-Z]*:? */, "", reason)
		$0 = substr($0, 1, RSTART - 1)
		if (verdict == "ok")
			verdict = "skip"
	}
	if (verdict == "not ok")
		bad[part]++
	sub(/ *$/, "")
	print "R", verdict, $0, reason, common()
	held[part] = ""
	next
}

/^exit [0-9]+ / && NF == 3 && $3 == mark {
	ended[part] = 1
	status[part] = $2
	part = ""
	next
}

{
	sub(/^# ?/, "")
	print "D", $0
	held[part] = held[part] "D" OFS $0 "\n"
}

# what is tested in every guest says nothing of the suite
function common()
{
	return part == "suite" ? "" : "common"
}

function wrong(name, why)
{
	print "R", "not ok", (name == "suite" ? "all of it has run" : name " has run"), ""
	print "D", why
	# what it said last belongs to that
	printf "%s", held[name]
}

END {
	for (i = 1; i <= wanted; i++) {
		name = parts[i]
		if (!begun[name])
			wrong(name, "it has not begun")
		else if (!ended[name])
			wrong(name, "it did not end; " ran[name] + 0 " tests were run")
		else if (!has_plan[name])
			wrong(name, "it has no plan, exit status " status[name])
		else if (planned[name] != ran[name] + 0)
			wrong(name, "ran " ran[name] + 0 " of " planned[name] " tests")
		else if (status[name] && !bad[name])
			wrong(name, "exit status " status[name])
	}
}
