#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ctpm.sh: the ctpm command where it is not in a guest: exit status, JSON, what verifies
# and what does not, the Owner CA, and certificates from a key server. Evidence is that of
# guests made of software. CTPM=FILE tries another build of the command.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/tests/tap.sh"
. "$top/tests/status.sh"

ctpm=${CTPM:-$top/build/ctpm}
build=$top/build/ctpm-test
data=$top/tests/libctpm/data
[ -n "${CTPM:-}" ] || make -s -C "$top/tools/ctpm" O="$top/build" >&2
make -s -C "$top/tests/ctpm" O="$build" >&2
export TEST_KEYS="$build/keys" ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=halt_on_error=1:exitcode=99

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
cd "$work"

# json COMMAND...: succeeds, and what it prints is JSON, which is in json
json()
{
	status 0 "$@" && python3 -m json.tool <out >json
}

# holds EXPRESSION: of the JSON, j
holds()
{
	python3 -c "import json; j = json.load(open('json')); assert $1" || { cat json; return 1; }
}

# changed FILE OFFSET: a copy, in changed, with one bit flipped
changed()
{
	python3 - "$1" "$2" <<-'END'
		import sys
		b = bytearray(open(sys.argv[1], "rb").read())
		b[int(sys.argv[2])] ^= 1
		open("changed", "wb").write(b)
	END
}

# offset FILE HEX: where these bytes are
offset()
{
	python3 -c "import sys; print(open(sys.argv[1], 'rb').read().index(bytes.fromhex(sys.argv[2])))" "$@"
}

#
# The manual of libctpm: its examples, as somebody builds them who has only what is installed
#

installs()
{
	make -s -C "$top" install DESTDIR="$work/installed" PREFIX=/usr
}

build_example()
{
	# shellcheck disable=SC2046 # options
	gcc -std=c11 -O1 -Wall -Wextra -Werror -o "example-$1" "$top/Documentation/man/examples/$1.c" \
		$(pkg-config --cflags --libs libctpm)
}

builds_examples()
{
	export PKG_CONFIG_PATH="$work/installed/usr/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$work/installed"
	[ -n "$(pkg-config --libs libctpm)" ] || return 1
	for e in $(cd "$top/Documentation/man/examples" && ls ./*.c); do
		e=$(basename "$e" .c)
		build_example "$e" || return
		objdump -p "example-$e" | grep 'NEEDED *libctpm.so.1$' || return
	done
}

# example NAME ARGUMENT...: by the shared library that is installed
example()
{
	name=$1
	shift
	LD_LIBRARY_PATH="$work/installed/usr/lib" "./example-$name" "$@"
}

# the pages of functions lead to those of headers
function_pages()
{
	pages=$work/installed/usr/share/man/man3
	[ -s "$pages/libctpm.3" ] || return 1
	sed -n 's/^CTPM_API .*\b\(ctpm_[a-z0-9_]*\)(.*/\1/p' "$work"/installed/usr/include/ctpm/*.h >functions
	[ "$(wc -l <functions)" -gt 50 ] || return 1
	while read -r f; do
		page=$pages/$f.3
		to=$(sed -n 's/^\.so man3\///p' "$page") || return 1
		[ -z "$to" ] || page=$pages/$to
		sed 's/\\//g' "$page" | grep -q "^.*$f()$" || { echo "$f is not in $page"; return 1; }
	done <functions
}

# the overview's: a whole verifier
example_verifies()
{
	status 0 example libctpm evidence challenge any.json roots/ark.pem roots/ca.pem &&
		[ "$(tail -n 1 out)" = accepted ] && grep '^binding *holds' out || return 1
	changed evidence "$(($(wc -c <evidence) / 2))"
	status 1 example libctpm changed challenge any.json roots/ark.pem roots/ca.pem &&
		[ "$(tail -n 1 out)" = 'not accepted' ] || return 1
	status 1 example libctpm evidence challenge any.json turin/ark.pem roots/ca.pem &&
		grep '^report *fails' out
}

example_of_verify()
{
	set -- evidence challenge request any.json roots/ark.pem chip/ask.pem roots/ca.pem roots/ca.pem
	status 0 example verify "$@" && grep -x 'evidence: accepted' out &&
		grep -x 'request: accepted' out && grep "of this AK, beside this EK" out || return 1
	changed evidence 6000
	shift
	status 1 example verify changed "$@" && grep -x 'evidence: refused' out && grep 'fails:' out
}

# The guest's TPM, which is make-evidence here, opens what the example's Owner CA answers.
example_of_ca()
{
	mkdir own own-ca && status 0 env LD_LIBRARY_PATH="$work/installed/usr/lib" "$build/make-evidence" own \
		"./example-ca own-ca own/request any.json own/roots/ark.pem own/reply >own/said" &&
		grep 'a reply of' own/said || return 1
	sed -n '/BEGIN X509 CRL/,$p' own/said >own/crl.pem
	openssl crl -in own/crl.pem -noout -CAfile own-ca/ca.pem &&
		openssl crl -in own/crl.pem -noout -text | grep 'Serial Number' || return 1
	status 0 "$ctpm" verify own/enrolled --nonce "$(cat own/nonce)" --policy any.json \
		--roots own-ca --roots own/roots && status 1 "$ctpm" verify own/enrolled \
		--nonce "$(cat own/nonce)" --policy any.json --roots roots || return 1
	# without the TPM nobody opens it
	head -c 32 /dev/zero >key
	status 1 example ca open own/reply key own/request && grep '(refused)' err
}

example_of_certs()
{
	status 0 example certs chip/report roots/ark.pem chip/table chip/ask.pem &&
		grep 'a genuine report of VMPL 0' out || return 1
	sed -n '/BEGIN CERT/,/END CERT/p' out >leaf.pem
	openssl verify -partial_chain -trusted chip/ask.pem leaf.pem &&
		status 1 example certs chip/report roots/ark.pem other/table && grep '(chip-id)' err
}

# openssl verifies elsewhere what is signed so
example_of_ear()
{
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ear.key 2>/dev/null &&
		status 0 example ear evidence challenge any.json roots/ark.pem roots/ca.pem ear.key &&
		cut -d. -f2 out | from_base64url >json &&
		holds "j['submods']['ctpm']['ear_status'] == 'affirming'" || return 1
	status 0 example ear evidence challenge any.json turin/ark.pem roots/ca.pem ear.key &&
		cut -d. -f2 out | from_base64url >json &&
		holds "j['submods']['ctpm']['ear_status'] == 'contraindicated'"
}

example_of_messages()
{
	status 0 example evidence evidence challenge request reply && grep 'mode svsm; PCRs' out &&
		[ "$(grep -c 'bytes, the same$' out)" = 5 ] &&
		status 1 example evidence request challenge request reply && grep '(form)' err
}

example_of_log()
{
	status 0 example eventlog log && grep '  the report of a boot, resetCount 7' out &&
		grep 'PCR 13 is then' out || return 1
	head -c 200 log >changed
	status 1 example eventlog changed && grep '(log-form)' err
}

# what the example makes, the command reads
example_of_policy()
{
	status 0 example policy plain && sed '/^}/q' out >made.json &&
		status 0 verify evidence --policy made.json && status 1 example policy request
}

example_of_report()
{
	status 0 example report chip/report && grep 'Milan, SNP firmware 24, microcode 219' out &&
		grep "measurement $(hex_of -j 144 -N 48 chip/report)" out &&
		status 0 example report old/report && grep "doesn't tell" out &&
		status 1 example error challenge && grep '^report-size: ' out &&
		status 0 example error chip/report
}

#
# Usage
#

verbs()
{
	"$ctpm" help | sed -n 's/^  \([a-z]\+\( [a-z]\+\)\?\)  .*/\1/p'
}

helps()
{
	verbs >names
	[ "$(wc -l <names)" -ge 15 ] || return 1
	while read -r v; do
		# shellcheck disable=SC2086 # one word or two
		status 0 "$ctpm" $v --help </dev/null || return 1
		head -n 1 out | grep -q "^usage: ctpm $v" || return 1
		# shellcheck disable=SC2086
		status 2 "$ctpm" $v --no-such-option </dev/null || return 1
	done <names
}

# told WORDS COMMAND...: a mistake in the command line, told in these words
told()
{
	words=$1
	shift
	status 2 "$@" && grep -e "$words" err
}

usage_errors()
{
	status 2 "$ctpm" && status 2 "$ctpm" no-such-verb && status 2 "$ctpm" ca &&
		status 2 "$ctpm" verify evidence --policy any.json &&
		status 2 "$ctpm" verify evidence --nonce 00 --challenge c --policy any.json &&
		status 2 "$ctpm" verify evidence --nonce zz --policy any.json &&
		status 2 "$ctpm" verify evidence --challenge c --policy p --time tomorrow &&
		status 2 "$ctpm" verify a b --challenge c --policy p &&
		status 2 "$ctpm" verify - --challenge - --policy any.json <challenge &&
		status 2 "$ctpm" verify plain --nonce "$(cat nonce)" --policy any.json --aud '' &&
		status 2 "$ctpm" challenge --nonce '' && status 2 "$ctpm" challenge --aud '' &&
		status 2 "$ctpm" verify a --challenge c --policy p --json --token k &&
		status 2 "$ctpm" verify a --challenge c --policy p --token k --time 1 &&
		told 'before the year' "$ctpm" verify a --challenge c --policy p --time 9223372036854775807 &&
		told 'before the year' "$ctpm" report verify chip/report --time 9223372036854775807 &&
		told 'no UTF-8' "$ctpm" ca init --dir x --name "$(printf '\377')" && [ ! -e x ] &&
		status 2 "$ctpm" ca init --dir ca && status 2 "$ctpm" ca init --dir x --name x --curve P-521 &&
		status 2 "$ctpm" ca issue --dir ca request &&
		status 2 "$ctpm" ca issue --dir ca --policy any.json request -o reply --ek-certificate - &&
		status 2 "$ctpm" ca issue --dir ca --policy any.json request -o reply --ek-certificate reply &&
		status 2 "$ctpm" ca crl --dir ca --days 0 && status 2 "$ctpm" report show &&
		status 2 "$ctpm" certs fetch --report r --url ftp://host
}

options()
{
	told 'no option -x is known' "$ctpm" challenge -xo file && told 'no option -f is known' "$ctpm" challenge -f &&
		told 'is it --nonce' "$ctpm" challenge --non 00112233445566778899aabbccddeeff &&
		told 'is it --nonce' "$ctpm" challenge --non=00112233445566778899aabbccddeeff &&
		told 'takes no value' "$ctpm" challenge --fresh=1 && told '-o needs a value' "$ctpm" challenge -o &&
		told '--nonce needs a value' "$ctpm" challenge --nonce && told 'no option --mist is known' "$ctpm" challenge --mist &&
		told 'no option -R is known' "$ctpm" report verify -R roots chip/report &&
		told '--aud is for --challenge' "$ctpm" attest --nonce 00112233445566778899aabbccddeeff --aud me &&
		told 'enroll request' "$ctpm" enroll complete --ca ca/ca.pem reply -o file &&
		told 'enroll complete' "$ctpm" enroll request --ca ca/ca.pem &&
		status 0 "$ctpm" challenge --aud=me -ofile --fresh
}

#
# Files
#

# what is no file, or leads to one, stays what it is
in_place()
{
	rm -rf pipe files && mkfifo pipe && mkdir files && echo old >files/file && ln -s files/file link || return 1
	cat pipe >piped &
	reader=$!
	if ! status 0 "$ctpm" challenge -o pipe || [ ! -p pipe ]; then
		kill $reader
		return 1
	fi
	wait $reader && [ "$(wc -c <piped)" -gt 32 ] &&
		status 0 "$ctpm" challenge -o link && [ -L link ] && [ "$(wc -c <files/file)" -gt 32 ] &&
		[ "$(ls files)" = file ] && status 3 "$ctpm" challenge -o /dev/full && [ -c /dev/full ] &&
		status 3 "$ctpm" challenge -o files
}

# with_umask MASK COMMAND...
with_umask()
(
	umask "$1"
	shift
	"$@"
)

modes()
{
	rm -f open shut && status 0 with_umask 077 "$ctpm" challenge -o shut && [ "$(stat -c %a shut)" = 600 ] &&
		status 0 with_umask 002 "$ctpm" challenge -o open && [ "$(stat -c %a open)" = 644 ]
}

# who is told that a file is there finds it after a power loss, too
synced()
{
	ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -o calls -e trace=rename,fsync "$ctpm" challenge -o kept &&
		sed -n 's/(.*//p' calls | tr '\n' ' ' | grep -x 'fsync rename fsync '
}

# without COMMAND...: with all three of a command's standard files closed
without()
{
	"$@" <&- >&- 2>&-
}

# unheard COMMAND...: or only standard output; and unfed: input
unheard()
{
	"$@" >&-
}

unfed()
{
	"$@" <&-
}

# nothing that is opened takes the place of standard output
closed()
{
	rm -rf shut && cp -r fresh-ca shut && status 3 unheard "$ctpm" ca crl --dir shut &&
		grep 'standard output' err && [ -e shut/lock ] && [ ! -s shut/lock ] &&
		status 3 unfed "$ctpm" report show - &&
		status 0 without "$ctpm" ca crl --dir shut -o shut.list && [ -s shut.list ]
}

to_full()
{
	"$@" >/dev/full
}

# lost COMMAND...: nothing of what it prints can be written
lost()
{
	status 3 to_full "$@" && grep 'standard output' err
}

# whoever relies on the exit status must not take for done what was not told
losses()
{
	rm -rf lossy lossy-ca && cp -r fresh-ca lossy && lost "$ctpm" help && lost "$ctpm" verify --help &&
		lost "$ctpm" policy check any.json && lost "$ctpm" policy explain any.json &&
		lost "$ctpm" report show chip/report && lost "$ctpm" report verify chip/report &&
		lost "$ctpm" verify evidence --nonce "$(cat nonce)" --policy any.json &&
		lost "$ctpm" verify evidence --nonce "$(cat nonce)" --policy any.json --json &&
		lost "$ctpm" ca init --dir lossy-ca --name Another &&
		lost "$ctpm" ca issue --dir lossy --policy any.json --roots roots request -o reply.lossy &&
		lost "$ctpm" ca revoke --dir lossy "$(cut -d' ' -f1 lossy/index)"
}

#
# Evidence
#

verify()
{
	"$ctpm" verify "$@" --challenge challenge --policy any.json --roots roots
}

accepts()
{
	status 0 verify evidence && tail -n 1 out | grep -x ACCEPTED &&
		[ "$(grep -cE '^[a-z-]+ +(ok|-)   ' out)" = 22 ]
}

accepts_nonce()
{
	status 0 "$ctpm" verify plain --nonce "$(cat nonce)" --policy any.json --roots roots
}

accepts_stdin()
{
	status 0 verify - <evidence
}

# refused_by CHECK COMMAND...: the check has FAILed, and the verdict names it
refused_by()
{
	check=$1
	shift
	status 1 "$@" >said || { cat said; return 1; }
	grep -E "^$check +FAIL  ." out && grep -E "^REFUSED:.* $check\b" out
}

# tampered CHECK HEX [MORE]: with a bit flipped in these bytes of the evidence
tampered()
{
	changed evidence $(($(offset evidence "$2") + ${3:-0})) && refused_by "$1" verify changed
}

hex_of()
{
	od -An -v -tx1 "$@" | tr -d ' \n'
}

without_roots()
{
	refused_by report "$ctpm" verify evidence --challenge challenge --policy any.json &&
		grep -E '^ak-certificate +FAIL' out && grep -E '^signature +\?     not reached' out
}

other_challenge()
{
	status 0 "$ctpm" challenge --aud verifier.example -o other.challenge &&
		refused_by challenge "$ctpm" verify evidence --challenge other.challenge \
			--policy any.json --roots roots && grep -E '^qualifying-data +FAIL' out
}

# the challenge is another verifier's: that says nothing of the evidence
other_aud()
{
	status 0 verify evidence --aud verifier.example &&
		status 3 verify evidence --aud somebody.else &&
		refused_by challenge "$ctpm" verify plain --nonce "$(cat nonce)" --aud somebody.else \
			--policy any.json --roots roots
}

too_late()
{
	refused_by ak-certificate verify evidence --time 4102444800
}

not_decided()
{
	status 3 verify no-such-file && status 3 "$ctpm" verify evidence --challenge challenge \
		--policy /dev/null --roots roots &&
		status 3 "$ctpm" verify evidence --challenge evidence --policy any.json &&
		status 3 "$ctpm" verify evidence --challenge challenge --policy any.json \
			--roots no-such-folder
}

malformed()
{
	refused_by form verify /dev/null && refused_by form verify request || return 1
	head -c 5000 evidence >changed
	refused_by form verify changed || return 1
	{ cat evidence; echo; } >changed
	refused_by form verify changed || return 1
	head -c 300000 /dev/zero >changed
	refused_by form verify changed
}

ear()
{
	json verify evidence --json &&
		holds "j['submods']['ctpm']['ear_status'] == 'affirming'" &&
		holds "j['eat_profile'] == 'tag:ietf.org,2026:rats/ear#04'" &&
		holds "j['submods']['ctpm']['ear_attester_claims']['ctpm_mode'] == 'svsm'" &&
		holds "len(j['submods']['ctpm']['ear_verifier_claims']['ctpm_checks']) == 22" &&
		changed evidence 6000 && status 1 verify changed --json &&
		python3 -m json.tool <out >json &&
		holds "j['submods']['ctpm']['ear_status'] == 'contraindicated'"
}

from_base64url()
{
	python3 -c "import base64, sys; t = sys.stdin.read().strip()
sys.stdout.buffer.write(base64.urlsafe_b64decode(t + '=' * (-len(t) % 4)))"
}

# token CURVE ALGORITHM DIGEST: openssl verifies what --token signs
token()
{
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:"$1" -out key.pem &&
		openssl pkey -in key.pem -pubout -out key.pub &&
		status 0 verify evidence --token key.pem -o token && grep -x ACCEPTED out &&
		cut -d. -f1 token | from_base64url | grep -F "\"alg\":\"$2\"" || return 1
	cut -d. -f2 token | from_base64url >json
	holds "j['submods']['ctpm']['ear_status'] == 'affirming'" || return 1
	cut -d. -f1,2 token | tr -d '\n' >signed
	cut -d. -f3 token | from_base64url >raw
	half=$(($(wc -c <raw) / 2))
	printf 'asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' \
		"$(hex_of -N $half raw)" "$(hex_of -j $half raw)" >sig.cnf
	openssl asn1parse -genconf sig.cnf -noout -out sig
	openssl dgst "-$3" -verify key.pub -signature sig signed || return 1
	# alone on standard output; and of what is refused
	status 0 verify evidence --token key.pem && [ "$(wc -l <out)" = 1 ] || return 1
	changed evidence 6000
	status 1 verify changed --token key.pem || return 1
	cut -d. -f2 out | from_base64url >json
	holds "j['submods']['ctpm']['ear_status'] == 'contraindicated'"
}

other_keys()
{
	openssl genpkey -algorithm RSA -out rsa.pem &&
		openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out p521.pem &&
		openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes256 -pass pass:word \
			-out locked.pem || return 1
	for key in rsa.pem p521.pem locked.pem roots/ark.pem no-such-file; do
		status 3 verify evidence --token $key -o none || return 1
		[ ! -e none ] || return 1
	done
}

#
# Shown
#

shows_report()
{
	status 0 "$ctpm" report show chip/report && grep -E '^MEASUREMENT +[0-9a-f]{96}$' out &&
		grep -E '^  MICROCODE +219$' out && json "$ctpm" report show chip/report --json &&
		holds "j['CHIP_ID'] == '$(hex_of -j 416 -N 64 chip/report)'" &&
		holds "j['REPORTED_TCB']['SNP'] == 24 and j['VMPL'] == 0" &&
		json "$ctpm" report show turin/report --json && holds "'FMC' in j['REPORTED_TCB']" &&
		status 1 "$ctpm" report show challenge && status 0 "$ctpm" report show - <chip/report
}

genuine()
{
	for n in 1 2; do
		status 0 "$ctpm" report verify "$data/milan-$n.report" --time 1690000000 \
			--certs "$data/milan-$n.vcek.der" --certs "$data/milan.cert_chain.pem" || return 1
		tail -n 1 out | grep -x ACCEPTED || return 1
	done
	status 1 "$ctpm" report verify "$data/milan-1.report" --time 1690000000 \
		--certs "$data/milan-2.vcek.der" --certs "$data/milan.cert_chain.pem" &&
		grep -E '^REFUSED: (chip-id|tcb|report-signature)' out && status 1 "$ctpm" report verify "$data/milan-1.report" --time 1690000000 --no-amd-roots \
		--certs "$data/milan-1.vcek.der" --certs "$data/milan.cert_chain.pem" &&
		grep '^REFUSED: cert-root' out && status 1 "$ctpm" report verify "$data/milan-1.report"
}

verifies_report()
{
	json "$ctpm" report verify chip/report --certs chip/table --roots roots --json &&
		holds "j['verdict'] == 'accepted' and j['report']['VMPL'] == 0" &&
		status 0 "$ctpm" report verify chip/report --certs chip --roots roots &&
		status 0 "$ctpm" report verify turin/report --certs turin --roots turin &&
		status 0 "$ctpm" report verify vlek/report --certs vlek/table --roots vlek &&
		changed chip/report 144 && status 1 "$ctpm" report verify changed --certs chip \
			--roots roots --json && python3 -m json.tool <out >json &&
		holds "j['code'] == 'report-signature'" &&
		status 3 "$ctpm" report verify chip/report --certs no-such-file &&
		status 3 "$ctpm" report verify chip/report --certs challenge
}

shows_evidence()
{
	status 0 "$ctpm" evidence show evidence && grep -E '^  aud +verifier.example$' out &&
		json "$ctpm" evidence show evidence --json &&
		holds "j['claims']['ak-cert']['issuer'] == 'CN=an owner'" &&
		holds "j['quote']['magic'] == '0xff544347' and j['quote']['resetCount'] == 7" &&
		holds "j['claims']['log']['pcrs']['sha256']['13'] == j['claims']['pcrs']['sha256']['13']" &&
		status 1 "$ctpm" evidence show request
}

# no part of other evidence stays
extracts()
{
	rm -rf one both && mkdir both && cp chip/report both/fresh-report &&
		status 0 "$ctpm" evidence extract plain -o both && status 0 "$ctpm" evidence extract plain -o one &&
		[ -s one/report ] && [ ! -e one/fresh-report ] && diff -r one both
}

# A certificate that nobody has verified has written what it likes.
no_escapes()
{
	status 0 "$ctpm" evidence extract enrolled -o escapes.parts &&
		sha256sum <escapes.parts/report | cut -d' ' -f1 >digest || return 1
	python3 - <<-'END'
		b = open("enrolled", "rb").read()
		at = b.index(bytes.fromhex(open("digest").read()) + b"Milan") + 32
		open("escapes", "wb").write(b[:at] + b"\33[2J\377" + b[at + 5:])
	END
	status 0 "$ctpm" evidence show escapes && grep -F 'product' out && grep -F '\x1b[2J\xef\xbf\xbd' out &&
		! LC_ALL=C grep '[^ -~]' out && json "$ctpm" evidence show escapes --json &&
		! LC_ALL=C grep '[^ -~]' out && holds "j['claims']['ak-cert']['vouches-for']['product'] == '\33[2J\ufffd'" &&
		printf '{"version": 1, "modes": ["svsm"], "\033[2J": 1}' >escapes.json &&
		status 1 "$ctpm" policy check escapes.json && ! LC_ALL=C grep '[^ -~]' err
}

# tpm2_eventlog is somebody else's
shows_log()
{
	json "$ctpm" eventlog log --json && holds "j['events'][0]['kind'] == 'report'" &&
		value=$(python3 -c "import json; print(json.load(open('json'))['pcrs']['sha384']['13'])") &&
		tpm2_eventlog log >yaml && grep -i "13 *: 0x$value" yaml &&
		head -c 200 log >changed && status 1 "$ctpm" eventlog changed &&
		status 0 "$ctpm" eventlog - <log
}

#
# Policies
#

policies()
{
	status 0 "$ctpm" policy init --evidence plain --pcrs 0-3 -o golden.json &&
		status 0 "$ctpm" policy check golden.json && json "$ctpm" policy check golden.json --json &&
		status 0 "$ctpm" verify evidence --challenge challenge --policy golden.json --roots roots &&
		status 0 "$ctpm" policy explain golden.json && grep 'SNP firmware 24' out &&
		json "$ctpm" policy explain golden.json --json && holds "len(j['lines']) > 5"
}

# as documented: what the page shows is what it does
policy_page()
{
	awk '/^\.\. code-block:: json/ { on = 1; next } on && /^[^ ]/ { exit } on' \
		"$top/Documentation/policy.rst" >page.json && status 0 "$ctpm" policy explain page.json &&
		[ "$(wc -l <out)" -ge 10 ] || return 1
	while read -r line; do
		grep -qF "    $line" "$top/Documentation/policy.rst" || { echo "not there: $line"; return 1; }
	done <out
}

refused_policies()
{
	sed 's/"microcode": [0-9]*/"microcode": 255/' golden.json >high.json
	refused_by tcb "$ctpm" verify evidence --challenge challenge --policy high.json --roots roots || return 1
	sed 's/\("1": "\)../\1ff/' golden.json >pcr.json
	refused_by pcrs "$ctpm" verify evidence --challenge challenge --policy pcr.json --roots roots || return 1
	echo '{"version": 1, "modes": ["bind"], "measurements": "any", "require_ek_certificate": false}' >bind.json
	refused_by mode "$ctpm" verify evidence --challenge challenge --policy bind.json --roots roots || return 1
	echo '{"version": 1, "modes": ["svsm"], "measurement": "any"}' >typo.json
	status 1 "$ctpm" policy check typo.json && status 1 "$ctpm" policy check typo.json --json &&
		python3 -m json.tool <out >json && holds "not j['valid']" &&
		status 3 "$ctpm" policy init --evidence plain --pcrs 0,13 &&
		status 3 "$ctpm" policy init --evidence plain --pcrs 23 &&
		status 1 "$ctpm" policy init --evidence request
}

# A policy, or a name of a file, need not be UTF-8 to the last byte.
any_bytes()
{
	odd=$(printf 'odd\377')
	euros=$(printf %500s '' | sed 's/ /\xe2\x82\xac/g')
	for more in '' x xx; do
		echo '{"version": 1, "modes": ["svsm"], "measurements": "any", "'"$more$euros"'": 1}' >euros.json
		status 1 "$ctpm" policy check euros.json --json && python3 -m json.tool <out >json &&
			holds "not j['valid'] and '\u20ac' in j['text']" || return 1
	done
	rm -rf "$odd" && json "$ctpm" ca init --json --dir "$odd" --name Odd &&
		holds "j['dir'] == 'odd\ufffd'" && cp request "$odd/request" && json "$ctpm" ca issue --dir "$odd" \
			--policy any.json --roots roots "$odd/request" -o "$odd/reply" --json &&
		holds "j['request'] == 'odd\ufffd/request'" &&
		json "$ctpm" certs fetch --report chip/report --roots chip.root --table chip/table -o "$odd/got" --json &&
		holds "j['files'][0] == 'odd\ufffd/got/vcek.pem' and len(j['files']) == 3"
}

#
# The Owner CA
#

ca_made()
{
	[ "$(stat -c %a ca/ca.key)" = 600 ] && openssl x509 -in ca/ca.pem -noout -subject | grep Owner &&
		cp ca/ca.key before && status 3 "$ctpm" ca init --dir ca --name Another &&
		cmp before ca/ca.key
}

# no room for the certificate, which is larger than the key
cut_off()
{
	rm -rf cut && trap '' XFSZ && status 3 prlimit --fsize=512 "$ctpm" ca init --dir cut --name Cut &&
		grep 'ca.pem' err && [ ! -e cut/ca.key ] && status 0 "$ctpm" ca init --dir cut --name Cut
	found=$?
	trap - XFSZ
	return $found
}

enrolled()
{
	mkdir -p owner && cp roots/ark.pem ca/ca.pem owner/ && [ "$(wc -l <ca/index)" = 1 ] &&
		status 0 "$ctpm" verify enrolled --nonce "$(cat nonce)" --policy any.json --roots owner &&
		refused_by ak-certificate "$ctpm" verify plain --nonce "$(cat nonce)" --policy any.json \
			--roots owner
}

# With the Owner CA's certificate alone: no root of AMD's
vouched()
{
	echo '{"version": 1, "modes": ["svsm"], "measurements": "any", "allow_vouched_report": true}' >vouched.json
	mkdir -p owner-alone && cp ca/ca.pem owner-alone/ &&
		refused_by report "$ctpm" verify enrolled --nonce "$(cat nonce)" --policy any.json \
			--roots owner-alone --no-amd-roots &&
		status 0 "$ctpm" verify enrolled --nonce "$(cat nonce)" --policy vouched.json \
			--roots owner-alone --no-amd-roots && grep -E '^report +ok .*the Owner CA has verified it' out &&
		json "$ctpm" verify enrolled --nonce "$(cat nonce)" --policy vouched.json \
			--roots owner-alone --no-amd-roots --json &&
		holds "j['submods']['ctpm']['ear_verifier_claims']['ctpm_report_by'] == 'owner-ca'" &&
		status 0 "$ctpm" evidence extract enrolled -o enrolled.parts &&
		json "$ctpm" evidence show enrolled --json && digest=$(sha256sum <enrolled.parts/report | cut -d' ' -f1) &&
		holds "j['claims']['ak-cert']['vouches-for'] == {'sha256': '$digest', 'product': 'Milan'}"
}

on_p256()
{
	rm -rf p256-ca p256 && mkdir p256 && status 0 "$ctpm" ca init --dir p256-ca --name Small --curve P-256 &&
		openssl x509 -in p256-ca/ca.pem -noout -text | grep 'ecdsa-with-SHA256' &&
		"$build/make-evidence" p256 "'$ctpm' ca issue --dir p256-ca --policy any.json \
			--roots p256/roots p256/request -o p256/reply" >issue.log &&
		cp p256-ca/ca.pem p256/roots/ &&
		status 0 "$ctpm" verify p256/enrolled --nonce "$(cat p256/nonce)" --policy any.json \
			--roots p256/roots &&
		status 0 "$ctpm" ca revoke --dir p256-ca "$(cut -d' ' -f1 p256-ca/index)" &&
		status 0 "$ctpm" ca crl --dir p256-ca -o p256/roots/crl.pem &&
		refused_by ak-certificate "$ctpm" verify p256/enrolled --nonce "$(cat p256/nonce)" \
			--policy any.json --roots p256/roots && grep revoked out
}

revoked()
{
	json "$ctpm" ca crl --dir ca -o owner/crl.pem --json && holds "j == {'number': 1, 'revoked': 0}" &&
		status 0 "$ctpm" verify enrolled --nonce "$(cat nonce)" --policy any.json --roots owner &&
		refused_by ak-certificate "$ctpm" verify enrolled --nonce "$(cat nonce)" --policy any.json \
			--roots owner --time $(($(date +%s) + 31 * 86400)) && grep 'list is expired' out &&
		status 3 "$ctpm" ca revoke --dir ca 00 && status 2 "$ctpm" ca revoke --dir ca - &&
		name=$(cut -d' ' -f2 ca/index) &&
		json "$ctpm" ca revoke --dir ca "$name" --json && holds "len(j['revoked']) == 1" &&
		status 0 "$ctpm" ca revoke --dir ca "$(cut -d' ' -f1 ca/index)" &&
		status 0 "$ctpm" ca revoke --dir ca "$(cut -d' ' -f3 ca/index)" &&
		json "$ctpm" ca crl --dir ca -o owner/crl.pem --json && holds "j == {'number': 2, 'revoked': 1}" &&
		openssl crl -in owner/crl.pem -noout -CAfile ca/ca.pem &&
		refused_by ak-certificate "$ctpm" verify enrolled --nonce "$(cat nonce)" \
			--policy any.json --roots owner && grep revoked out
}

# More than a certificate table may have; and what has expired is not in the list any more
long_list()
{
	rm -rf long && cp -r ca long && cp -r owner long/roots &&
		awk 'BEGIN {
			for (i = 0; i < 3000; i++)
				printf "40%038x - 000b 2026-01-01T00:00:00Z %d 2026-01-02T00:00:00Z\n",
					i, i < 1000 ? 1 : 36500
		}' >>long/index &&
		json "$ctpm" ca crl --dir long -o long/roots/crl.pem --json && holds "j['revoked'] == 2001" &&
		[ "$(wc -c <long/roots/crl.pem)" -gt 65536 ] &&
		refused_by ak-certificate "$ctpm" verify enrolled --nonce "$(cat nonce)" \
			--policy any.json --roots long/roots && grep revoked out
}

# an AK is the same after each boot
not_again()
{
	rm -f reply.again
	status 1 "$ctpm" ca issue --dir ca --policy any.json --roots roots request -o reply.again &&
		grep 'was revoked' err && [ ! -e reply.again ] &&
		status 1 "$ctpm" ca issue --dir ca --policy any.json --roots roots request \
			-o reply.again --json && python3 -m json.tool <out >json &&
		holds "'serial' not in j and not j['issued'] and 'was revoked' in j['text']" &&
		[ "$(wc -l <ca/index)" = 1 ] &&
		# for what follows
		rm -rf ca && cp -r fresh-ca ca && status 0 "$ctpm" ca crl --dir ca -o list
}

not_issued()
{
	rm -f reply
	before=$(cat ca/index 2>/dev/null || :)
	echo '{"version": 1, "modes": ["svsm"], "measurements": "'"$(printf %096d 0)"'"}' >strict.json
	refused_by measurement "$ctpm" ca issue --dir ca --policy strict.json --roots roots request -o reply &&
		refused_by report "$ctpm" ca issue --dir ca --policy any.json request -o reply &&
		refused_by form "$ctpm" ca issue --dir ca --policy any.json --roots roots evidence -o reply &&
		changed request $(($(offset request "$(hex_of -j 144 -N 48 chip/report)") + 3)) &&
		refused_by report "$ctpm" ca issue --dir ca --policy any.json --roots roots changed -o reply &&
		[ ! -e reply ] && [ "$before" = "$(cat ca/index 2>/dev/null || :)" ]
}

issue_json()
{
	json "$ctpm" ca issue --dir ca --policy any.json --roots roots request -o reply --json &&
		holds "j['verdict'] == 'accepted' and j['checks']['report']['status'] == 'holds'" &&
		holds "j['issued'] and 'text' not in j" &&
		grep "$(python3 -c "import json; j = json.load(open('json')); print(j['serial'], j['ak_name'], j['ek_name'])")" \
			ca/index || return 1
	cp -r ca unsent && status 3 "$ctpm" ca issue --dir unsent --policy any.json --roots roots request \
		-o no-such-folder/reply --json && python3 -m json.tool <out >json &&
		holds "not j['issued'] and 'serial' not in j and 'No such file' in j['text']" &&
		status 1 "$ctpm" ca issue --dir unsent --policy strict.json --roots roots request \
			-o reply --json && python3 -m json.tool <out >json &&
		holds "j['verdict'] == 'refused' and not j['issued']"
}

# Ten at once: each is in the index, and no list has another's number.
at_once()
{
	pids=
	before=$(wc -l <ca/index)
	last=$(cat ca/crlnumber)
	for i in 1 2 3 4 5 6 7 8 9 10; do
		"$ctpm" ca issue --dir ca --policy any.json --roots roots request -o reply.$i >at-once.$i &
		pids="$pids $!"
		"$ctpm" ca crl --dir ca -o list.$i &
		pids="$pids $!"
	done
	for pid in $pids; do
		wait "$pid" || return 1
	done
	[ "$(wc -l <ca/index)" = $((before + 10)) ] && [ "$(cat ca/crlnumber)" = $((last + 10)) ] &&
		[ "$(cut -d' ' -f1 ca/index | sort -u | wc -l)" = $((before + 10)) ] &&
		[ "$(for i in 1 2 3 4 5 6 7 8 9 10; do
			openssl crl -in list.$i -noout -crlnumber
		done | sort -u | wc -l)" = 10 ] && [ -z "$(find ca -name '*.??????' ! -name '*.key')" ]
}

damaged_ca()
{
	rm -rf bad && cp -r ca bad && echo "not a line" >>bad/index &&
		status 3 "$ctpm" ca crl --dir bad && status 3 "$ctpm" ca revoke --dir bad 00 &&
		! grep 'has no certificate' err &&
		status 3 "$ctpm" ca issue --dir bad --policy any.json --roots roots request -o reply.bad &&
		[ ! -e reply.bad ] && rm bad/index && echo x >bad/crlnumber &&
		status 3 "$ctpm" ca crl --dir bad && cp chip/ark.pem bad/ca.pem &&
		status 3 "$ctpm" ca issue --dir bad --policy any.json --roots roots request -o reply.bad &&
		status 3 "$ctpm" ca crl --dir no-such-folder
}

# Full of certificates it issues no more, and can still revoke them.
full_ca()
{
	rm -rf full && cp -r fresh-ca full && python3 - <<-'END' || return 1
		line = "%040x 000b" + 64 * "0" + " 000b" + 64 * "1" + " 2026-01-01T00:00:00Z 365 -\n"
		n = 64 * 1024 * 1024 // len(line % 0)
		open("full/index", "w").write("".join(line % i for i in range(n)))
	END
	cp full/index before &&
		status 3 "$ctpm" ca issue --dir full --policy any.json --roots roots request -o reply.full &&
		grep 'index is full' err && [ ! -e reply.full ] && cmp full/index before &&
		status 0 "$ctpm" ca revoke --dir full "$(printf %040d 7)" &&
		status 3 "$ctpm" ca revoke --dir full "000b$(printf %064d 0)" && grep 'index is full' err &&
		status 0 "$ctpm" ca crl --dir full -o full.list || return 1
	head -c 58000000 before | sed '$d' >full/index &&
		status 0 "$ctpm" ca issue --dir full --policy any.json --roots roots request -o reply.full &&
		status 0 "$ctpm" ca revoke --dir full "000b$(printf %064d 0)" && rm -rf full before
}

#
# AMD's key server
#

# lists PRODUCT MACHINE: AMD's revocation lists, by its ARK; one has revoked the ASK
lists()
{
	keys=$TEST_KEYS/first/$1
	printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ndefault_md=sha384\ndefault_crl_days=30\n' >ca.cnf
	: >index.txt
	mkdir "$2/lists"
	openssl ca -gencrl -config ca.cnf -keyfile "$keys/ark.key" -cert "$keys/ark.pem" -out list.pem 2>/dev/null
	openssl crl -in list.pem -outform DER -out "$2/lists/crl.der"
	printf 'R\t401231000000Z\t201231000000Z\t%s\tunknown\t/CN=SEV-%s\n' \
		"$(openssl x509 -in "$keys/ask.pem" -noout -serial | cut -d= -f2)" "$1" >index.txt
	openssl ca -gencrl -config ca.cnf -keyfile "$keys/ark.key" -cert "$keys/ark.pem" -out list.pem 2>/dev/null
	openssl crl -in list.pem -outform DER -out "$2/lists/revoked.der"
}

serve()
{
	for machine in chip other old; do
		lists Milan $machine
	done
	lists Turin turin
	for machine in chip other old turin vlek; do
		openssl x509 -in $machine/vcek.pem -outform DER -out $machine/vcek.der
	done
	python3 "$top/tests/ctpm/kds.py" "$work" "$work/port" "$work/asked" >server.log 2>&1 &
	server=$!
	until [ -s port ]; do
		kill -0 $server || return
		sleep 0.1
	done
	base=http://127.0.0.1:$(cat port)
}

# fetch WHAT MACHINE OPTION...: with that machine's root trusted; nothing is asked so far
fetch()
{
	what=$1
	machine=$2
	shift 2
	: >asked
	"$ctpm" certs fetch --report "$machine/report" --roots "$machine.root" --url "$base/$what/$machine" "$@"
}

fetched()
{
	rm -rf got && status 0 fetch good chip -o got && [ "$(wc -l <asked)" = 3 ] &&
		[ -s got/vcek.pem ] && [ -s got/ask.pem ] && [ -s got/ark.pem ] && [ -s got/crl.pem ] &&
		status 0 "$ctpm" report verify chip/report --roots got --no-amd-roots &&
		status 0 fetch good chip && [ "$(grep -c 'BEGIN CERTIFICATE' out)" = 3 ] &&
		openssl verify -CAfile got/ark.pem -untrusted got/ask.pem got/vcek.pem
}

fetched_turin()
{
	rm -rf got && json fetch good turin -o got --json && holds "len(j['files']) == 4" &&
		grep 'fmcSPL=' asked && status 0 "$ctpm" report verify turin/report --roots got
}

product_needed()
{
	status 3 fetch good old && [ ! -s asked ] && status 0 fetch good old --product milan &&
		status 3 fetch good old --product Rome && status 3 fetch good vlek && [ ! -s asked ]
}

from_table()
{
	rm -rf got && status 0 fetch good chip --table chip/table -o got && [ ! -s asked ] &&
		status 0 "$ctpm" report verify chip/report --roots got && [ ! -e got/crl.pem ] &&
		rm -rf got && status 0 fetch good vlek --table vlek/table -o got && [ -s got/vlek.pem ] &&
		[ -s got/asvk.pem ] && rm -rf got && status 1 fetch good chip --table other/table -o got &&
		status 1 fetch good chip --table chip/report -o got && [ ! -e got ] &&
		status 3 fetch good chip --table no-such-file
}

from_cache()
{
	rm -rf cache && status 0 fetch good chip --cache cache && [ "$(wc -l <asked)" = 3 ] &&
		cp out before && status 0 fetch good chip --cache cache && [ ! -s asked ] && cmp before out &&
		# another server's answers are others
		status 3 fetch later chip --cache cache && [ -s asked ] || return 1
	# damaged: asked for again
	for file in cache/*; do
		echo damaged >"$file"
	done
	status 0 fetch good chip --cache cache && [ "$(wc -l <asked)" = 3 ] && cmp before out || return 1
	# a list that was kept for more than a day
	touch -d '2 days ago' cache/*
	status 0 fetch good chip --cache cache && [ "$(wc -l <asked)" = 1 ]
}

busy()
{
	status 0 fetch busy chip && [ "$(wc -l <asked)" = 6 ] && grep 'trying again in 1 s' err
}

# spoiled WHAT STATUS WORDS: nothing is written, nor kept
spoiled()
{
	rm -rf cache got
	status "$2" fetch "$1" chip --cache cache -o got && grep "$3" err && [ ! -e cache ] && [ ! -e got ]
}

plain_http()
{
	status 3 "$ctpm" certs fetch --report chip/report --url http://127.0.0.1:9/ &&
		status 2 "$ctpm" certs fetch --report chip/report --url file:///etc
}

untrusted_server()
{
	rm -rf got && : >asked && status 1 "$ctpm" certs fetch --report chip/report \
		--url "$base/good/chip" -o got && [ ! -e got ]
}

echo '{"version": 1, "modes": ["svsm"], "measurements": "any"}' >any.json
status 0 "$ctpm" ca init --dir ca --name "The Owner" >init.log || cat init.log
cp -r ca fresh-ca
"$build/make-evidence" . "'$ctpm' ca issue --dir ca --policy any.json --roots roots request -o reply" >issue.log
for machine in chip other old turin vlek; do
	mkdir $machine.root
	cp $machine/ark.pem $machine.root/
done
serve

t "each verb explains itself, and refuses unknown options with 2" helps
t "mistakes in the command line are 2" usage_errors
t "options are known by their full names, and none is ignored" options
t "output goes into a pipe or where a link leads, and replaces neither" in_place
t "a file is nobody's who must not have it" modes
t "a file and its name are on disk before the command ends" synced
t "standard output that is closed is no other file" closed
t "output that is lost is told, whatever the verb" losses
t "good evidence is accepted, with a line for each check" accepts
t "so is an answer to a nonce alone" accepts_nonce
t "evidence may come from standard input" accepts_stdin
t "a changed measurement is refused by report" tampered report "$(hex_of -j 144 -N 48 chip/report)"
t "and by qualifying-data" tampered qualifying-data "$(hex_of -j 144 -N 48 chip/report)"
t "a changed clock in the quote is refused by signature" tampered signature ff54434780180022 76
t "a changed random in the log is refused by manifest" tampered manifest "$(hex_of -j 80 -N 153 log)" 136
t "nothing is trusted unless one says so" without_roots
t "an answer to another challenge is refused" other_challenge
t "an answer for another verifier is refused" other_aud
t "expired certificates are refused" too_late
t "what is malformed is refused by form" malformed
t "what cannot be decided is 3" not_decided
t "the result as EAR" ear
t "openssl verifies an ES256 token" token P-256 ES256 sha256
t "openssl verifies an ES384 token" token P-384 ES384 sha384
t "other keys sign no token" other_keys
t "a report is shown" shows_report
t "AMD's own reports verify, and only with their certificates" genuine
t "reports of all kinds verify with tables and folders" verifies_report
t "evidence is shown" shows_evidence
t "evidence is taken apart, and what was there before is gone" extracts
t "evidence gives no orders to the terminal" no_escapes
t "an event log is shown and replayed, as tpm2_eventlog does" shows_log
t "a policy made from a boot accepts it" policies
t "what is not in the policy is refused by its check" refused_policies
t "the policy of the documentation is explained as there" policy_page
t "what is no UTF-8 is said in JSON, too" any_bytes
t "an Owner CA's key is private and never overwritten" ca_made
t "none that was cut off is in the way" cut_off
t "an AK that it certified is accepted, another is not" enrolled
t "its certificate vouches for the report, where the policy believes it" vouched
t "an Owner CA may be on P-256" on_p256
t "a revoked one is refused, and any when the list has expired" revoked
t "a list may be long, and leaves out what has expired" long_list
t "nor is its AK certified again" not_again
t "it certifies nothing that the policy refuses" not_issued
t "what it certified is in its index" issue_json
t "ten at once do no damage" at_once
t "a damaged folder is told" damaged_ca
t "a full one still revokes" full_ca
t "a report's chain is fetched and verified" fetched
t "Turin's is asked for with its FMC and short id" fetched_turin
t "what the server cannot know is not asked" product_needed
t "a table needs no network" from_table
t "the cache is used, and not believed" from_cache
t "a busy server is waited for" busy
t "but not for a day" spoiled later 3 'try again later'
t "a certificate for another chip is refused" spoiled wrong 1 'chip'
t "garbage is refused" spoiled garbage 1 'neither'
t "an answer of any size is not taken" spoiled huge 3 'more than'
t "an issuer that is revoked is refused" spoiled revoked 1 'revoked'
t "a list that is missing is no list of nothing" spoiled nolist 3 '404'
t "redirections are not followed" spoiled elsewhere 3 '302'
t "a server has no trust of its own" untrusted_server
t "only http and https are spoken" plain_http
t "libctpm is installed" installs
t "each of its functions has a manual page" function_pages
t "the manual's examples build by pkg-config, with no warning" builds_examples
t "libctpm(3): its verifier accepts evidence, and none with a bit flipped" example_verifies
t "ctpm_verify(3): evidence, request and certificate are accepted" example_of_verify
t "ctpm_ca(3): what its Owner CA answers only the TPM opens, and it verifies" example_of_ca
t "ctpm_certs(3): a report verifies with its chip's certificates alone" example_of_certs
t "ctpm_ear(3): a token says whether evidence was accepted" example_of_ear
t "ctpm_evidence(3): each message encodes as it was" example_of_messages
t "ctpm_eventlog(3): a log is read and replayed" example_of_log
t "ctpm_policy(3): a reference's policy accepts it" example_of_policy
t "ctpm_report(3), ctpm_error(3): a report is shown, others are told" example_of_report
tap_end
