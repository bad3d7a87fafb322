#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ci.sh: snpemu ci on Debian's kernels and on kernels built from Debian's sources; bugs
# planted in Linux' SNP code, which its suites find and git bisect locates; what it says
# and how it ends where something is wrong; and the recipes of Documentation/ci.rst. What
# the runs have left is in build/check-ci/, the kernels are built in the cache.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"
. "$top/tests/tap.sh"

export PYTHONDONTWRITEBYTECODE=1
# Debian's python3, which python3-yaml is for
PATH=/usr/bin:$PATH
out=$top/build/check-ci
cache=$CTPM_CACHE/ci
rm -rf "$out"
mkdir -p "$out" "$cache"
cd "$out"
suites="boot tpm sev-guest kunit hotplug faults"

# Other tests run beside this
ci()
{
	"$top/build/snpemu" ci --timeout 400 "$@"
}

# ends STATUS TEXT COMMAND...: with that status, and says that
ends()
{
	wanted=$1
	text=$2
	shift 2
	status=0
	"$@" >"$out/said" 2>&1 || status=$?
	cat "$out/said"
	echo "exit status $status, expected $wanted"
	[ "$status" = "$wanted" ] && grep -q -e "$text" "$out/said"
}

# results NAME STATUS COMMAND...: its KTAP in NAME.ktap
results()
{
	name=$1
	wanted=$2
	shift 2
	status=0
	"$@" --output "$out/$name" >"$out/$name.ktap" 2>"$out/$name.err" || status=$?
	grep -E 'not ok|^ *# ' "$out/$name.ktap" | tail -n 30
	tail -n 5 "$out/$name.err"
	echo "exit status $status, expected $wanted"
	[ "$status" = "$wanted" ]
}

# whole NAME: all suites are there, each with tests that passed
whole()
{
	for suite in $suites; do
		grep -qE "^ok [0-9]+ $suite\$" "$out/$1.ktap" || { echo "no $suite"; return 1; }
	done
	! grep 'not ok' "$out/$1.ktap"
}

has()
{
	grep -qE -e "$2" "$out/$1.ktap" || { echo "no $2"; return 1; }
}

skips()
{
	grep -c '# SKIP' "$out/$1.ktap" | grep -qx "$2" || { grep '# SKIP' "$out/$1.ktap"; return 1; }
}

#
# What is wrong with the command line or the machine: never a verdict on the kernel
#
image=$("$top/scripts/kernel.sh" 7.3 image)
t "usage: an unknown option ends with 255" ends 255 "no such option" ci --frobnicate x
t "usage: no kernel" ends 255 "missing" ci
t "usage: an unknown suite" ends 255 "no such suite" ci --kernel "$image" --suite boot,frob
t "usage: a suite's script that is not there" ends 255 "no such file" ci --kernel "$image" --suite frob.sh
echo 'echo "1..0"' >results.sh
t "usage: a suite named like a file of the output" ends 255 "take another one" ci --kernel "$image" --suite results.sh
t "usage: a tree that is none" ends 255 "no kernel's source" ci --kernel-tree "$top"
mkdir -p foreign && echo "somebody's" >foreign/file
t "usage: an output folder with other files" ends 255 "other files" ci --kernel "$image" --output foreign
t "which are left as they are" grep -q "somebody's" foreign/file
mkdir -p earlier && : >earlier/.snpemu-ci && cp "$image" earlier/vmlinuz
t "usage: a kernel in the output folder" ends 255 "which is emptied" ci --kernel earlier/vmlinuz --suite boot --output earlier
t "which is still there" test -s earlier/vmlinuz
t "a QEMU that is not there ends with 254" ends 254 "emulator failed" \
	ci --kernel "$image" --suite boot --snpemu --qemu --snpemu /nonexistent
echo "an earlier run's" | tee stale.xml >stale.json
t "the same with --junit and --json of an earlier run" ends 254 "emulator failed" ci --kernel "$image" --suite boot \
	--junit stale.xml --json stale.json --snpemu --qemu --snpemu /nonexistent
t "which are gone then, as there are no results" test ! -e stale.xml -a ! -e stale.json
t "no kernel at all but another file: the same" ends 254 "emulator failed" ci --kernel "$top/README.md" --suite boot
mkdir -p broken && printf '#!/bin/sh\nexit 1\n' >broken/nl && chmod +x broken/nl
t "what it did not expect is no verdict either" ends 254 "failed itself" \
	env PATH="$out/broken:$PATH" "$top/build/snpemu" ci --kernel "$image" --suite boot
t "nor is a folder for temporary files that is not there" ends 254 "failed itself" \
	env TMPDIR=/nonexistent "$top/build/snpemu" ci --kernel "$image" --suite boot
t "--list and --help say what there is" ends 0 "faults: answers" ci --list
t "--help" ends 0 "git bisect run" ci --help

# A guest whose report is cut off
short_report()
(
	# shellcheck disable=SC2034 # the part uses them
	here=$top/build/ci work=$out dir=$out
	. "$here/results.sh"
	head -c 60 /dev/zero >short
	verdict "a short report's signature is good" '' signature short >said
	cat said
	grep -q '^R	not ok' said
)
t "a report that is cut off is the kernel's failure" short_report

# A signal ends it, with its status, and all it has started. Each guest's
# command line has the path of the results.
guests()
{
	pgrep -f "$out/interrupted"
}

# soon COMMAND...: it succeeds within 20 s
soon()
{
	for _ in $(seq 200); do
		! "$@" || return 0
		sleep 0.1
	done
	return 1
}

no_guests()
{
	! guests
}

interrupted()
{
	"$top/build/snpemu" ci --kernel "$image" --suite boot --output interrupted >said 2>&1 &
	pid=$!
	soon guests || return
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	cat said
	echo "exit status $status"
	[ $status = 143 ] && soon no_guests
}

# The same while guests are started: the first of them sends the signal. These only wait.
interrupted_early()
{
	cat >waits <<-'EOT'
		#!/bin/sh
		kill -TERM "$(cat interrupted.pid)"
		exec timeout 60 tail -f /dev/null "$PWD/interrupted"
	EOT
	chmod +x waits
	for _ in 1 2 3; do
		SNPEMU=$out/waits sh -c 'echo $$ >interrupted.pid; exec "$0" "$@"' "$top/build/ci/ci.sh" --kernel "$image" \
			--suite faults,boot --jobs 11 --output interrupted && return 1
		soon no_guests || return
	done
}

t "a signal ends it and its guests" interrupted
t "also while they are started" interrupted_early

# A second run in the same folder, while the first one has a guest
beside()
{
	echo '. /ci/lib.sh; t "some time passes" sleep 5; tap_end' >slow.sh
	results beside 0 ci --kernel "$image" --suite slow.sh &
	pid=$!
	soon pgrep -f "$out/beside/slow" || return
	ends 255 "in use by another run" ci --kernel "$image" --suite boot --output beside || return
	wait $pid
}
t "a second run in one folder ends with 255, and leaves the first alone" beside
t "as its results show" has beside 'ok [0-9]+ some time passes'

#
# Debian's kernels, as they are
#
debian()
{
	results "debian-$1" 0 ci --kernel "$("$top/scripts/kernel.sh" "$1" image)" \
		--modules "$("$top/scripts/kernel.sh" "$1" modules)" --junit "$out/debian-$1.xml" --json "$out/debian-$1.json"
}

for series in 6.12 7.3; do
	t "Debian's $series passes" debian $series
	t "Debian's $series: reports, their signatures and faults were tested" has debian-$series \
		"ok [0-9]+ the vtpm report's signature is good, up to the ARK"
	t "Debian's $series: no TPM driver, and that is said" has debian-$series '^ok 2 tpm # SKIP'
	t "Debian's $series: no KUnit" has debian-$series '^ok 4 kunit # SKIP'
done

#
# A script of the user's, with files and a module of the user's
#
cat >own.sh <<'EOT'
. /ci/lib.sh
echo "# hello"
t "the file is there" grep -q "somebody's" /data/file
t "the program runs" openssl version
t "ctpm.ko has bound the TPM" test "$(cat /sys/bus/platform/drivers/ctpm/*/bound)" = 1
t "tpm2-tools work" tpm2 getrandom --hex 8
tap_skip "something else" "no reason"
tap_end
EOT
cat >bad.sh <<'EOT'
echo "ok 1 - it starts"
echo "not ok 2 - <odd> & \"quoted\" # name"
echo '# a back\slash'
echo "1..3"
EOT
cat >forged.sh <<'EOT'
echo "ok 1 - it starts"
echo "1..1"
echo "exit 0"
echo "part log"
echo "not ok 2 - behind a line like init's"
exit 1
EOT
cat >hang.sh <<'EOT'
echo "1..1"
sleep 1000
EOT
cat >crash.sh <<'EOT'
echo "ok 1 - before"
echo c >/proc/sysrq-trigger
EOT

own()
{
	results own 0 ci --kernel "$("$top/scripts/kernel.sh" 6.12 image)" --suite own.sh --file "foreign/file=data/file" \
		--program "$(command -v openssl)" --insmod "$("$top/scripts/module.sh" 6.12)/ctpm.ko"
}

failing()
{
	results failing 1 ci --kernel "$("$top/scripts/kernel.sh" 6.12 image)" --suite bad.sh,forged.sh,hang.sh,crash.sh,own.sh \
		--timeout 90 --junit "$out/failing.xml" --json "$out/failing.json"
}

# The module warns behind all tests
late()
{
	printf 'echo "ok 1 - fine"\necho "1..1"\n' >late.sh
	results late 1 ci --kernel "$image" --suite late.sh --insmod "$("$top/scripts/module.sh" 7.3 "$top/tests/guest/planted")/late.ko"
}

reproduce()
{
	command=$(sed -n 's/.*# reproduce: //p' failing.ktap | grep ci.suite=crash)
	echo "$command"
	ends 125 "guest died" sh -c "$command"
}

t "a script of one's own, with files, a program and a module" own
t "a skip in it is one" skips own 1
t "with --no-skip that is a failure" ends 1 'reproduce: .*ci.suite=tpm' ci --kernel "$("$top/scripts/kernel.sh" 6.12 image)" \
	--modules "$("$top/scripts/kernel.sh" 6.12 modules)" --suite tpm --no-skip
echo 'echo "1..0 # SKIP nothing to do here"' >none.sh
t "nothing but skips ends with 125" ends 125 "nothing was tested" ci \
	--kernel "$("$top/scripts/kernel.sh" 6.12 image)" --suite kunit,none.sh --output skipped
t "a plan that skips all of it says why" grep -q 'all of it # SKIP nothing to do here' said
t "a suite that fails, one that hangs, and one that crashes the guest" failing
t "a test that failed is named" has failing 'not ok [0-9]+ <odd> & "quoted"'
t "a plan that was not met is a failure" has failing 'ran 2 of 3 tests'
t "what a suite prints does not end it" has failing "not ok [0-9]+ behind a line like init's"
t "each failure has the line that reproduces it" has failing 'reproduce: .*ci.suite=bad'
t "a hang ends by the time limit" has failing 'ended by its time limit'
t "a crash is one, with the console's end" has failing 'guest died'
t "the crash's console and log are kept" test -s failing/crash/default/console -a -e failing/crash/default/monitor.log
t "the line that reproduces it does" reproduce
t "a warning while the machine powers off is a failure" late
t "and is shown" has late 'WARNING: .*warn'

#
# Built from source. The tree of 7.3 is one of our own, of hard links, for a repository with ten commits.
#
source_of()
{
	"$top/scripts/kernel.sh" "$1" source
}

tree=$cache/tree-7.3
touched="arch/x86/coco/sev/svsm.c arch/x86/coco/sev/core.c drivers/char/tpm/tpm_svsm.c"

# The links are shared with the pristine tree: replace, never write into. sed -i and git do.
make_tree()
(
	pristine=$(source_of 7.3)
	if [ "$(cat "$tree.key" 2>/dev/null)" != "$pristine" ]; then
		rm -rf "$tree"
		cp -al "$pristine" "$tree" && echo "$pristine" >"$tree.key"
	fi
	cd "$tree" || exit
	rm -rf .git
	for f in $touched; do
		cmp -s "$f" "$pristine/$f" || { rm -f "$f" && cp -p "$pristine/$f" "$f"; } || exit
	done
	git init -q . && echo '*' >.git/info/exclude && git config user.name ci && git config user.email ci@localhost &&
		git config advice.detachedHead false && git config core.fileMode false &&
		echo "$touched" | xargs git add -f && git commit -qm "Linux" && git tag good
)

# plant FILE SED TEXT: a commit that changes the file
plant()
{
	sed -i "$2" "$1" && ! git diff --quiet && git commit -qam "$3"
}

# ten commits: the fifth does not build, which the sixth mends, and the seventh is the bug
ten_commits()
(
	cd "$tree" || exit
	svsm=arch/x86/coco/sev/svsm.c
	for n in 1 2 3 4 5 6 7 8 9 10; do
		case $n in
		5)	plant $svsm '/^bool snp_svsm_vtpm_probe/,/^}/ s/if (!snp_vmpl)/if (!snp_vmpl_of(0))/' "svsm: use a helper" ;;
		6)	plant $svsm 's/snp_vmpl_of(0)/snp_vmpl/' "svsm: no helper" ;;
		7)	plant $svsm '/^int snp_svsm_vtpm_send_command/,/^}/ s/call.rcx = __pa(buffer)/call.r8 = __pa(buffer)/' \
				"svsm: tidy up the vTPM call" ;;
		2 | 9)	plant drivers/char/tpm/tpm_svsm.c "\$ a /* change $n */" "tpm_svsm: change $n" ;;
		*)	plant $svsm "\$ a /* change $n */" "svsm: change $n" ;;
		esac || exit
	done
	git tag bad
)

tree_6_12()
{
	results tree-6.12 0 ci --kernel-tree "$(source_of 6.12)" --build "$cache/build-6.12" --junit "$out/tree-6.12.xml"
}

# Everything is tested there, with no exception
tree_7_3()
{
	results tree-7.3 0 ci --kernel-tree "$tree" --build "$cache/build-7.3" --no-skip --junit "$out/tree-7.3.xml" \
		--json "$out/tree-7.3.json"
}

incremental()
(
	cd "$tree" && git bisect start bad good && git bisect run "$top/build/snpemu" ci --kernel-tree "$tree" \
		--build "$cache/build-7.3" --suite tpm --output "$out/bisect"
)

# bisect: by the command of the recipe; what it says is kept
bisect()
{
	incremental >"$out/bisect.log" 2>&1 || { tail -n 30 "$out/bisect.log"; return 1; }
	tail -n 30 "$out/bisect.log"
	(cd "$tree" && git bisect log) >"$out/bisect.steps"
	(cd "$tree" && git bisect reset >/dev/null 2>&1)
	grep -q 'is the first bad commit' "$out/bisect.log" && grep -q 'svsm: tidy up the vTPM call' "$out/bisect.log" &&
		grep 'first bad commit' "$out/bisect.steps" | grep -q 'svsm: tidy up the vTPM call'
}

# What says nothing of the kernel ends it at once
bisect_ends()
{
	(cd "$tree" && git bisect start bad good && ! git bisect run "$top/build/snpemu" ci --frobnicate x) \
		>"$out/ends.log" 2>&1
	status=$?
	cat "$out/ends.log"
	(cd "$tree" && git bisect reset >/dev/null 2>&1)
	[ $status = 0 ] && grep -q 'exit code 255' "$out/ends.log" && ! grep 'first bad commit' "$out/ends.log"
}

# caught SUITE TEST FILE SED: one bug on top of what is good, and the test that fails
caught()
{
	(cd "$tree" && git checkout -q good && plant "$3" "$4" "bug") || return
	results "bug-$1" 1 ci --kernel-tree "$tree" --build "$cache/build-7.3" --suite "$1" || return
	has "bug-$1" "not ok [0-9]+ $2"
}

asks_too_much()
{
	echo 'CONFIG_FROBNICATE=y' >"$out/frob.config"
	ends 125 'CONFIG_FROBNICATE=y (is n)' ci --kernel-tree "$tree" --build "$cache/build-7.3" --config "$out/frob.config"
}

built_tests()
{
	t "a tree of hard links with ten commits" make_tree
	t "6.12 builds and passes" tree_6_12
	t "6.12: all suites but tpm, which that tree has no driver for" has tree-6.12 \
		'^ok 2 tpm # SKIP'
	t "7.3 builds, and passes with no test skipped" tree_7_3
	t "7.3: every suite has run" whole tree-7.3
	t "7.3: KUnit's suites have" has tree-7.3 'ok [0-9]+ list-kunit-test: list_test_list_add'
	t "an option that does not stick is said, and ends with 125" asks_too_much
	t "two at once do not build in one folder" ends 255 "in use by another run" flock "$cache/build-7.3" \
		"$top/build/snpemu" ci --kernel-tree "$tree" --build "$cache/build-7.3" --suite boot
	t "ten commits, one bug" ten_commits
	t "git bisect run finds the bug" bisect
	t "on the way it skips a commit that does not build" grep -q '^# skip:' "$out/bisect.steps"
	t "a command that is wrong ends the bisection, and blames no commit" bisect_ends
	t "a missing PVALIDATE is caught" caught boot 'the guest powers off' arch/x86/coco/sev/core.c \
		'/^static unsigned long __set_pages_state/,/^}/ { /op == SNP_PAGE_STATE_PRIVATE/,/pvalidate_pages/ d }'
	t "a calling area that two CPUs take for theirs is caught" caught sev-guest 'the guest powers off' arch/x86/coco/sev/core.c \
		's/per_cpu(svsm_caa, cpu) = caa;/per_cpu(svsm_caa, cpu) = \&boot_svsm_ca_page;/'
	(cd "$tree" && git checkout -q good)
	t "kunit.py runs a kernel that is built in snpemu" kunit_py
}

#
# Others read it
#
kunit_reads()
{
	ends "$2" "$3" python3 "$(source_of 7.3)/tools/testing/kunit/kunit.py" parse "$out/$1.ktap"
}

kunit_py()
{
	ends 0 'list_test_list_add' python3 "$(source_of 7.3)/tools/testing/kunit/kunit.py" exec --timeout 300 \
		--qemu_config "$top/build/ci/kunit/snpemu.py" --build_dir "$cache/build-7.3"
}

xml_and_json()
{
	python3 - "$out" <<-'PY'
		import json, sys
		import xml.etree.ElementTree as tree
		out = sys.argv[1]
		for name in "debian-7.3", "failing":
		    suites = tree.parse(f"{out}/{name}.xml").getroot()
		    j = json.load(open(f"{out}/{name}.json"))
		    cases = [c for s in suites for c in s]
		    tests = [t for s in j["suites"] for t in s["tests"]]
		    assert [c.get("name") for c in cases] == [t["name"] for t in tests], "other names"
		    failures = sum(c.find("failure") is not None for c in cases)
		    skips = sum(c.find("skipped") is not None for c in cases)
		    assert failures == j["failed"] == int(suites.get("failures")), "failures"
		    assert skips == j["skipped"] == int(suites.get("skipped")), "skips"
		    assert len(cases) == j["passed"] + j["failed"] + j["skipped"] == int(suites.get("tests"))
		    assert (failures > 0) == (name == "failing")
		    print(name, len(cases), failures, skips)
	PY
}

# The recipes' YAML is YAML, and what it calls are options there are
recipes()
{
	python3 - "$top/Documentation/ci.rst" "$out/said.help" <<-'PY'
		import re, sys, textwrap
		import yaml
		text = open(sys.argv[1]).read()
		blocks = re.findall(r"^\.\. code-block:: yaml\n\n((?:    .*\n|\n)+)", text, re.M)
		assert len(blocks) >= 2, "no recipes"
		for b in blocks:
		    doc = yaml.safe_load(textwrap.dedent(b))
		    assert isinstance(doc, dict) and "snpemu ci" in b, b
		known = open(sys.argv[2]).read()
		for line in re.findall(r"snpemu ci( .*)", text):
		    for option in re.findall(r" (--[a-z-]+)", line):
		        assert option in known, f"{option}: no such option"
		print(len(blocks), "recipes")
	PY
}

# like with_lock, whose command is a shell of its own
exec 8>"$CTPM_CACHE/lock/ci-kernels"
flock 8
built_tests
flock -u 8

t "kunit.py reads what passes" kunit_reads tree-7.3 0 'Testing complete'
t "kunit.py reads what fails, as failures" kunit_reads failing 1 'FAILED'
t "JUnit and JSON are well-formed and say the same" xml_and_json
ci --help >"$out/said.help"
t "the recipes' YAML is YAML, with options that there are" recipes

# installed elsewhere, it finds its parts
installed()
{
	make -s -C "$top" install DESTDIR="$out/root" PREFIX=/usr >/dev/null &&
		results installed 0 "$out/root/usr/bin/snpemu" ci --kernel "$image" --suite boot
}
t "installed, it finds all it needs" installed
tap_end
