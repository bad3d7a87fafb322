# SPDX-License-Identifier: GPL-2.0-or-later
#
# TAP of the KTAP that a kernel printed among its messages. -v only=PREFIX: suites
# whose name begins so. A suite that ends early, and none at all, is a failure.
{
	sub(/\r$/, "")
	sub(/^\[ *[0-9.]+\] /, "")
}

/^ *# Subtest: / {
	finish()
	suite = $NF
	here = index(suite, only) == 1
	planned = ran = -1
	next
}

here && /^    1\.\.[0-9]+/ {
	planned = substr($0, 8) + 0
	ran = 0
	next
}

here && /^    (not )?ok [0-9]+ / {
	ran++
	verdict = $1 == "not" ? "not ok" : "ok"
	failed += verdict != "ok"
	sub(/^ *(not )?ok [0-9]+ /, "")
	print verdict " " ++n " - " suite ": " $0
	next
}

here && /^    # / {
	print "# " $0
}

function finish()
{
	if (here && (planned <= 0 || ran != planned)) {
		print "not ok " ++n " - " suite ": ran " ran " of " planned " tests"
		failed++
	}
	here = 0
}

END {
	finish()
	if (!n) {
		print "not ok " ++n " - no suite of " only " has run"
		failed++
	}
	print "1.." n
	exit failed != 0
}
