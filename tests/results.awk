# SPDX-License-Identifier: GPL-2.0-or-later
#
# TAP of what a guest wrote to its second serial port (tests/guest/main.sh):
# lines "SUITE| TEXT", where TEXT is TAP, and "SUITE| exit STATUS" at each
# suite's end. -v wanted="SUITE SUITE..." names those that must be there. A
# suite that is not there, does not end, has no plan, or ran other than it
# planned is a failure.
BEGIN {
	count = split(wanted, order, " ")
}

{
	sub(/\r$/, "")
	at = index($0, "| ")
	if (!at)
		next
	suite = substr($0, 1, at - 1)
	text = substr($0, at + 2)
}

text ~ /^1\.\.[0-9]+/ {
	planned[suite] = substr(text, 4) + 0
	has_plan[suite] = 1
	next
}

text ~ /^ok / {
	ran[suite]++
	sub(/^ok [0-9]* *-? */, "", text)
	print "ok " ++n " - " suite ": " text
	next
}

text ~ /^not ok / {
	ran[suite]++
	bad[suite]++
	failed++
	sub(/^not ok [0-9]* *-? */, "", text)
	print "not ok " ++n " - " suite ": " text
	next
}

text ~ /^exit [0-9]+$/ {
	ended[suite] = 1
	status[suite] = substr(text, 6) + 0
	next
}

{
	print "# " suite ": " text
}

function wrong(suite, why)
{
	failed++
	print "not ok " ++n " - " suite ": " why
}

END {
	for (i = 1; i <= count; i++) {
		suite = order[i]
		if (!(suite in ended))
			wrong(suite, "did not end")
		else if (!has_plan[suite])
			wrong(suite, "has no plan, exit status " status[suite])
		else if (planned[suite] != ran[suite] + 0)
			wrong(suite, "ran " ran[suite] + 0 " of " planned[suite] " tests")
		else if (status[suite] && !bad[suite])
			wrong(suite, "exit status " status[suite])
	}
	print "1.." n + 0
	exit failed || !n
}
