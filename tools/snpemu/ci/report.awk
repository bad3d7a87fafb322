# SPDX-License-Identifier: GPL-2.0-or-later
#
# Lines of results.sh as KTAP on standard output, and as JUnit and JSON in the files
# -v junit= and json=. -v suites= is their number, with -v no_skip=1 a skip is a failure.
# Exits with 0, with 1 if a test failed, with 3 if all suites were skipped.
BEGIN {
	FS = "\t"
	print "KTAP version 1"
	print "1.." suites
	verdict["ok"] = "pass"
	verdict["not ok"] = "fail"
	verdict["skip"] = "skip"
}

# Plain ASCII, and no control characters: consoles write anything
{
	gsub(/[^ -~\t]/, "?")
}

$1 == "S" {
	n_suites++
	suite[n_suites] = $2
	first[n_suites] = n + 1
}

$1 == "R" {
	n++
	test[n] = $3
	gsub(/#/, " ", test[n])
	outcome[n] = $2
	reason[n] = $4
	common[n] = $5 == "common"
	if ($2 == "skip" && no_skip)
		outcome[n] = "not ok"
}

$1 == "D" {
	text[n] = text[n] substr($0, 3) "\n"
}

$1 == "E" {
	seconds[n_suites] = $2
	last[n_suites] = n
	ktap(n_suites)
}

# before each line of the text
function indented(body, prefix)
{
	sub(/\n$/, "", body)
	gsub(/\n/, "\n" prefix, body)
	return prefix body
}

# A suite is skipped where nothing of its own was tested
function ktap(s, i, tested)
{
	failed[s] = skipped[s] = 0
	print "    KTAP version 1"
	print "    # Subtest: " suite[s]
	print "    1.." last[s] - first[s] + 1
	for (i = first[s]; i <= last[s]; i++) {
		if (outcome[i] == "not ok") {
			failed[s]++
			# before the result line, where KTAP has a test's diagnosis
			if (reason[i] != "")
				print "    # skipped: " reason[i]
			if (text[i] != "")
				print indented(text[i], "    # ")
			print "    not ok " i - first[s] + 1 " " test[i]
		} else if (outcome[i] == "skip") {
			skipped[s]++
			print "    ok " i - first[s] + 1 " " test[i] " # SKIP " reason[i]
		} else {
			print "    ok " i - first[s] + 1 " " test[i]
		}
	}
	for (i = first[s]; i <= last[s]; i++)
		tested += outcome[i] == "ok" && !common[i]
	all_tested += tested
	all_failed += failed[s]
	all_skipped += skipped[s]
	if (failed[s])
		print "not ok " s " " suite[s]
	else if (!tested)
		print "ok " s " " suite[s] " # SKIP"
	else
		print "ok " s " " suite[s]
	fflush()
}

function xml(t)
{
	gsub(/&/, "\\&amp;", t)
	gsub(/</, "\\&lt;", t)
	gsub(/>/, "\\&gt;", t)
	gsub(/"/, "\\&quot;", t)
	return t
}

function write_junit(s, i)
{
	print "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" >junit
	printf "<testsuites name=\"snpemu ci\" tests=\"%d\" failures=\"%d\" skipped=\"%d\">\n", n, all_failed, all_skipped >junit
	for (s = 1; s <= n_suites; s++) {
		printf "  <testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" skipped=\"%d\" errors=\"0\" time=\"%d\">\n", \
			xml(suite[s]), last[s] - first[s] + 1, failed[s], skipped[s], seconds[s] >junit
		for (i = first[s]; i <= last[s]; i++) {
			printf "    <testcase classname=\"%s\" name=\"%s\"", xml(suite[s]), xml(test[i]) >junit
			if (outcome[i] == "ok")
				print "/>" >junit
			else if (outcome[i] == "skip")
				printf "><skipped message=\"%s\"/></testcase>\n", xml(reason[i]) >junit
			else
				printf "><failure message=\"failed\">%s</failure></testcase>\n", xml(reason[i] text[i]) >junit
		}
		print "  </testsuite>" >junit
	}
	print "</testsuites>" >junit
	close(junit)
}

function quoted(t)
{
	gsub(/\\/, "&&", t) # mawk makes one backslash of what gawk makes two of
	gsub(/"/, "\\\"", t)
	gsub(/\n/, "\\n", t)
	gsub(/\t/, "\\t", t)
	return "\"" t "\""
}

function write_json(s, i)
{
	printf "{\"kernel\": %s, \"passed\": %d, \"failed\": %d, \"skipped\": %d, \"suites\": [", quoted(kernel), \
		n - all_failed - all_skipped, all_failed, all_skipped >json
	for (s = 1; s <= n_suites; s++) {
		printf "%s\n {\"name\": %s, \"seconds\": %d, \"tests\": [", (s > 1 ? "," : ""), quoted(suite[s]), seconds[s] >json
		for (i = first[s]; i <= last[s]; i++)
			printf "%s\n  {\"name\": %s, \"result\": %s, \"reason\": %s, \"output\": %s}", (i > first[s] ? "," : ""), \
				quoted(test[i]), quoted(verdict[outcome[i]]), \
				quoted(reason[i]), quoted((outcome[i] == "not ok") ? text[i] : "") >json
		printf "\n ]}" >json
	}
	print "\n]}" >json
	close(json)
}

END {
	if (junit != "")
		write_junit()
	if (json != "")
		write_json()
	exit all_failed ? 1 : all_tested ? 0 : 3
}
