# SPDX-License-Identifier: GPL-2.0-or-later
#
# The KTAP that KUnit printed among a kernel's messages, as lines of results.sh, each
# test under the name "SUITE: TEST". A suite that ends early, fewer suites than
# planned, and none at all, are failures.
BEGIN {
	OFS = "\t"
	total = -1
}

{
	sub(/\r$/, "")
	sub(/^\[ *[0-9.]+\] /, "")
	gsub(/\t/, " ")
}

/^1\.\.[0-9]+$/ && total < 0 {
	total = substr($0, 4) + 0
	next
}

/^    # Subtest: / {
	finish()
	suite = $0
	sub(/^    # Subtest: /, "", suite)
	planned = -1
	ran = 0
	next
}

suite != "" && /^    1\.\.[0-9]+$/ {
	planned = substr($0, 8) + 0
	next
}

suite != "" && /^    (not )?ok [0-9]+ / {
	ran++
	verdict = $1 == "not" ? "not ok" : "ok"
	sub(/^ *(not )?ok [0-9]+ (- )?/, "")
	reason = ""
	if (match($0, /# SKIP/)) {
		reason = substr($0, RSTART + RLENGTH)
		sub(/^ */, "", reason)
		$0 = substr($0, 1, RSTART - 1)
		verdict = "skip"
	}
	sub(/ *$/, "")
	print "R", verdict, suite ": " $0, reason
	if (verdict == "not ok")
		for (i = 1; i <= held; i++)
			print "D", lines[i]
	held = 0
	next
}

# the end of a suite
suite != "" && /^(not )?ok [0-9]+ / {
	finish()
	next
}

# one without tests: skipped, or it has failed before them
total >= 0 && /^(not )?ok [0-9]+ / {
	suites++
	verdict = $1 == "not" ? "not ok" : "skip"
	sub(/^(not )?ok [0-9]+ (- )?/, "")
	reason = "it has no tests"
	if (match($0, /# SKIP/)) {
		reason = substr($0, RSTART + RLENGTH)
		sub(/^ */, "", reason)
		$0 = substr($0, 1, RSTART - 1)
	}
	sub(/ *$/, "")
	print "R", verdict, $0, reason
	next
}

# what a test said, in case it fails
suite != "" && /^ +(# |not ok )/ {
	sub(/^ +(# )?/, "")
	if (held < 40)
		lines[++held] = $0
}

function finish()
{
	if (suite == "")
		return
	suites++
	if (planned < 0 || ran != planned) {
		print "R", "not ok", suite ": all of it has run", ""
		print "D", "ran " ran " of " (planned < 0 ? "unknown" : planned) " tests"
		for (i = 1; i <= held; i++)
			print "D", lines[i]
	}
	held = 0
	suite = ""
}

END {
	finish()
	if (total < 0 || suites != total) {
		print "R", "not ok", "all suites have run", ""
		print "D", suites + 0 " of " (total < 0 ? "unknown" : total) " suites"
	} else if (!total) {
		print "R", "skip", "KUnit has run", "it has no suites"
	}
}
