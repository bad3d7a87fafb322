# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # variables of ci.sh and for it
#
# What the guests have written, as lines for report.awk: S suite, R result (ok,
# not ok, skip; name; reason; "common" for what is tested in every guest), D diagnosis,
# E seconds; separated by tabs.

# result ok|"not ok"|skip NAME [REASON [common]]
result()
{
	printf 'R\t%s\t%s\t%s\t%s\n' "$1" "$2" "${3:-}" "${4:-}"
}

# verdict NAME common|'' COMMAND...: a test on the host
verdict()
{
	what=$1
	kind=$2
	shift 2
	if "$@" >"$work/verdict" 2>&1; then
		result ok "$what" '' "$kind"
	else
		result "not ok" "$what" '' "$kind"
		sed 's/^/D\t/' "$work/verdict"
	fi
}

. "$here/guest/signs.sh"

# What the kernel complains of after log.sh has looked, the last of it while it powers off.
# False if there is nothing.
late_complaints()
{
	tr -d '\r' <"$dir/console" | sed -n "/$looked_through/,\$p" | complaints
}

# How the guest has ended: snpemu's exit status, its results, its console
ended()
{
	case $(cat "$dir/status") in
	124 | 125)
		cat "$dir/stderr"
		echo "the console ends with:"
		tail -n 25 "$dir/console" | tr -d '\r'
		return 1 ;;
	esac
	tail -n 1 "$dir/results" | tr -d '\r' | grep -q "^exit [0-9]* $mark\$" || {
		echo "it powered off before its results were complete"
		return 1
	}
	# as in log.sh
	[ "$suite" = kunit ] || ! late_complaints
}

# Little-endian bytes FILE OFFSET LENGTH as one number in hex
reversed()
{
	od -An -v -tx1 -j "$2" -N "$3" "$1" | tr -d ' \n' | fold -w 2 | tac | tr -d '\n'
}

# The report's signature (AMD 56860, "ATTESTATION_REPORT"): r and s are 72-byte
# little-endian numbers, over the first 672 bytes
signature()
{
	[ "$(wc -c <"$1")" = 1184 ] || {
		echo "a report of $(wc -c <"$1") bytes, expected 1184"
		return 1
	}
	case $((0x$(reversed "$1" 72 4) >> 2 & 7)) in
	1)	leaf=$dir/certs/vlek.pem between=$dir/certs/asvk.pem ;;
	*)	leaf=$dir/certs/vcek.pem between=$dir/certs/ask.pem ;;
	esac
	openssl verify -CAfile "$dir/certs/ark.pem" -untrusted "$between" "$leaf" || return
	openssl x509 -in "$leaf" -noout -pubkey >"$work/key.pem" &&
		head -c 672 "$1" >"$work/signed" &&
		printf 'asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' \
			"$(reversed "$1" 672 72)" "$(reversed "$1" 744 72)" >"$work/signature.cnf" &&
		openssl asn1parse -genconf "$work/signature.cnf" -noout -out "$work/signature" &&
		openssl dgst -sha384 -verify "$work/key.pem" -signature "$work/signature" "$work/signed"
}

measurement()
{
	is=$(od -An -v -tx1 -j 144 -N 48 "$1" | tr -d ' \n')
	echo "launch digest $is"
	grep -q "\"measurement\": \"$is\"" "$dir/json"
}

# Reports that the guest has handed over ("@report-NAME HEX")
reports()
{
	sed -n 's/^@report-\([a-z]*\) .*/\1/p' "$dir/results" >"$work/reports"
	while read -r name; do
		report=$dir/report-$name
		sed -n "s/^@report-$name \([0-9a-f]*\).*/\1/p" "$dir/results" | busybox xxd -r -p >"$report"
		verdict "the $name report's signature is good, up to the ARK" '' signature "$report"
		verdict "the $name report is of this launch" '' measurement "$report"
	done <"$work/reports"
}

# What KUnit has said on the console
kunit_results()
{
	if ! grep -aq 'KTAP version 1' "$dir/console"; then
		case ,$have, in
		*,kunit,*)	result "not ok" "KUnit has run" ;;
		*)		result skip "KUnit has run" "the kernel has no KUnit" ;;
		esac
		return
	fi
	awk -f "$here/kunit.awk" "$dir/console"
}

# The lines of one guest, and behind what each failure says, where to look further. With
# --no-skip a skip is one.
with_traces()
{
	traces=$(
		printf 'D\tconsole: %s, log: %s\n' "$dir/console" "$dir/monitor.log"
		printf 'D\treproduce: %s\n' "$(cat "$dir/command")"
	)
	TRACES=$traces awk '
		/^R\t/	{ tell(); failed = /^R\tnot ok/ || (no_skip && /^R\tskip/) }
		{ print }
		END	{ tell() }
		function tell() { if (failed) print ENVIRON["TRACES"]; failed = 0 }
		' no_skip="$no_skip" "$work/lines"
}

# All of one suite
suite_results()
{
	printf 'S\t%s\n' "$1"
	total=0
	boots_of "$1" | cut -d'|' -f1 >"$work/names"
	while read -r boot; do
		dir=$output/$1/$boot
		prefix=
		[ "$boot" = default ] || prefix="$boot: "
		{
			[ "$1" != kunit ] || kunit_results
			awk -v mark="$mark" -f "$here/tap.awk" "$dir/results"
			[ "$1" != sev-guest ] || reports
			verdict "the guest powers off when it has done" common ended
		} >"$work/lines"
		with_traces >"$work/traced"
		cmp -s "$work/lines" "$work/traced" || [ -e "$output/vmlinuz" ] || cp "$kernel" "$output/vmlinuz"
		sed "s/^\(R	[a-z ]*	\)/\1$prefix/" "$work/traced"
		total=$((total + $(cat "$dir/seconds")))
	done <"$work/names"
	printf 'E\t%s\n' "$total"
}

report()
{
	for suite in $names; do
		suite_results "$suite"
	done >"$output/results"
	status=0
	# shellcheck disable=SC2086 # a list of words
	awk -v suites="$(echo $names | wc -w)" -v no_skip="$no_skip" -v junit="$junit" -v json="$json" \
		-v kernel="$kernel" -f "$here/report.awk" "$output/results" || status=$?
	say "$(sed -n 's/^R	\([a-z ]*\)	.*/\1/p' "$output/results" | sort | uniq -c | awk '
		{ n = $1; $1 = ""; count[$0] = n }
		END { print count[" ok"] + 0 " passed, " count[" not ok"] + 0 " failed, " count[" skip"] + 0 " skipped" }'); $output has the details"
	case $status in
	0)	finish 0 ;;
	1)	finish "$EXIT_BAD" ;;
	3)	fail "$EXIT_UNTESTED" "all suites were skipped: nothing was tested" ;;
	*)	fail "$EXIT_EMULATOR" "the results cannot be written" ;;
	esac
}
