#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# patchset.sh: the patch series for Linux (scripts/make-patchset), onto 7.3, whose tpm_svsm
# gets the binding, and 6.12, which gets the whole driver: what a maintainer's tools say of
# it, and that each patch builds. What it does in a guest is for guest-builtin, guest-module and
# guest-debug to see.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"
. "$top/tests/tap.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sender="A Tester <tester@example.org>"

generate()
{
	"$top/scripts/make-patchset" --kernel "$source" -o "$1" --author "$sender"
}

generated()
{
	generate "$patches" && [ "$(count)" -ge 10 ] && [ -s "$patches/0000-cover-letter.patch" ]
}

# the patches themselves, without the cover letter
each()
{
	find "$patches" -name '0*.patch' ! -name '0000-*' | sort
}

count()
{
	each | wc -l
}

repeatable()
{
	generate "$work/again-$series" && diff -r "$patches" "$work/again-$series"
}

not_on_itself()
{
	mkdir -p "$work/has/drivers/char/tpm/ctpm"
	touch "$work/has/drivers/char/tpm/tpm-chip.c"
	! "$top/scripts/make-patchset" --kernel "$work/has" -o "$work/none" --author "$sender" 2>"$work/err" &&
		grep 'has the series already' "$work/err"
}

no_kernel()
{
	! "$top/scripts/make-patchset" --kernel "$top" -o "$work/none" 2>"$work/err" &&
		grep 'is no Linux source' "$work/err"
}

# with tpm_svsm, but with the TPM core of before <linux/tpm_buf.h>
not_in_between()
{
	mkdir -p "$work/between/drivers/char"
	cp -r "$("$top/scripts/kernel.sh" 6.12 source)/drivers/char/tpm" "$work/between/drivers/char/"
	touch "$work/between/drivers/char/tpm/tpm_svsm.c"
	! "$top/scripts/make-patchset" --kernel "$work/between" -o "$work/none" --author "$sender" 2>"$work/err" &&
		cat "$work/err" && grep 'has tpm_svsm, but not the TPM core' "$work/err"
}

# a tree of hard links, and a repository with the files that the series touches
git_()
{
	git --git-dir="$work/git-$series" --work-tree="$tree" -c user.name="A Tester" \
		-c user.email=tester@example.org -c commit.gpgsign=false "$@"
}

untouched()
{
	cp -al "$source" "$tree" && git_ init -q -b base &&
		each | xargs sed -n 's,^--- a/,,p' | sort -u | while read -r f; do
			[ ! -e "$source/$f" ] || git_ add -f -- "$tree/$f"
		done && git_ commit -q -m base && git_ checkout -q -b series
}

applies()
{
	untouched && git_ am --whitespace=error-all --empty=drop "$patches"/*.patch &&
		[ "$(git_ rev-list --count base..series)" = "$(count)" ]
}

# FILE_PATH_CHANGES asks, at each new file, whether MAINTAINERS needs a line: that the
# patch which makes the folder adds one is what "maintainers" looks at.
checkpatch()
{
	(cd "$source" && each | xargs perl scripts/checkpatch.pl --strict --terse --show-types --no-summary \
		--ignore FILE_PATH_CHANGES)
}

# who sends it has signed it off, subjects and lines are of a length that mail bears, and the
# cover letter says what there is
form()
{
	total=$(count)
	n=0
	for f in $(each); do
		n=$((n + 1))
		grep -q "^From: $sender\$" "$f" && grep -q "^Signed-off-by: $sender\$" "$f" || return
		grep -qE "^Subject: \[PATCH 0*$n/$total\] [a-zA-Z0-9_]+: " "$f" || { head -n 5 "$f"; return 1; }
		# the message, without its headers and what follows it
		awk '/^---$/ { exit bad } body && length > 75 { print FILENAME ": " $0; bad = 1 } /^$/ { body = 1 }' "$f" || return
		[ "$(sed -n '/^$/,/^Signed-off-by/p' "$f" | grep -c '[a-z]')" -gt 4 ] || { echo "no message: $f"; return 1; }
	done
	! grep -e 'BLURB HERE\|SUBJECT HERE' "$patches"/0000-*
}

maintainers()
{
	for f in $(each); do
		(cd "$tree" && perl scripts/get_maintainer.pl --no-git --no-git-fallback --no-rolestats "$f") >"$work/to" || return
		if [ "$(grep -c '@' "$work/to")" -lt 2 ] || ! grep -q '@vger.kernel.org\|@lists' "$work/to"; then
			echo "$f: nobody"
			return 1
		fi
	done
	# the new files have a section of their own
	(cd "$tree" && perl scripts/get_maintainer.pl --no-git --no-git-fallback -f drivers/char/tpm/ctpm/log.c) | tee "$work/to"
	grep -q 'tester@example.org.*BINDING' "$work/to"
}

configure()
{
	mkdir -p "$build"
	cat "$top/tests/kernel/guest.config" "$top/tests/kernel/driver.config" "$top/tests/kernel/builtin.config" >"$build/.config"
	make -s -C "$tree" O="$build" ARCH=x86_64 olddefconfig
}

make_()
{
	nice make -s -j2 -C "$tree" O="$build" ARCH=x86_64 W=1 KCFLAGS=-Werror "$@"
}

# What of the TPM drivers there is after this patch, and each file of the binding: its option
# is given by hand, as Kconfig has it only when the last of them is there.
build_here()
{
	objects=$(cd "$tree" && find drivers/char/tpm/ctpm -name '*.c' 2>/dev/null | sed 's/\.c$/.o/')
	make_ olddefconfig && make_ drivers/char/tpm/ || return
	# shellcheck disable=SC2086 # a list of words
	[ -z "$objects" ] || make_ CONFIG_TCG_CTPM=y $objects
}

# From the untouched tree on, whose own warnings are none of ours
each_builds()
{
	git_ checkout -q base && configure && make_ KCFLAGS= prepare && make_ KCFLAGS= drivers/char/tpm/ || return
	built=0
	for commit in $(git_ rev-list --reverse base..series); do
		git_ checkout -q "$commit" && git_ log -1 --format=%s && build_here || return
		built=$((built + 1))
	done
	git_ checkout -q series && [ $built = "$(count)" ]
}

# without TCG_CTPM, tpm_svsm has nothing of it
without()
{
	"$tree/scripts/config" --file "$build/.config" -d TCG_CTPM && make_ olddefconfig && make_ drivers/char/tpm/tpm_svsm.o &&
		! nm "$build/drivers/char/tpm/tpm_svsm.o" | grep ctpm || return
	"$tree/scripts/config" --file "$build/.config" -e TCG_CTPM && make_ olddefconfig
}

# the pairs of y and m that make sense: a driver that is built in cannot call a module
choices()
{
	for pair in y,y=y n,y=y m,m=m y,m=m m,y=m; do
		wanted=${pair#*=}
		pair=${pair%=*}
		"$tree/scripts/config" --file "$build/.config" --set-val TCG_CTPM "${pair%,*}" --set-val TCG_SVSM "${pair#*,}"
		make_ olddefconfig || return
		got=$("$tree/scripts/config" --file "$build/.config" -s TCG_SVSM)
		echo "TCG_CTPM=${pair%,*} TCG_SVSM=${pair#*,}: TCG_SVSM=$got"
		[ "$got" = "$wanted" ] || return 1
	done
	"$tree/scripts/config" --file "$build/.config" -e TCG_CTPM -e TCG_SVSM
	make_ olddefconfig
}

# sparse on what the series adds or changes. 7.3 asks whether sparse is new enough for all of
# the kernel (__typeof_unqual__), which none in Debian is: of its module_param() and MODULE_*
# it makes "bad constant expression", in each file that has one. For the rest it is.
sparse()
{
	mkdir -p "$work/bin"
	printf '%s\n' '#!/bin/sh' 'exec sparse -D__typeof_unqual__=__typeof__ "$@"' >"$work/bin/check"
	chmod +x "$work/bin/check"
	make_ KCFLAGS= C=2 CHECK="$work/bin/check" CF=-D__CHECK_ENDIAN__ drivers/char/tpm/ >"$work/sparse" 2>&1 || {
		echo "make fails"
		cat "$work/sparse"
		return 1
	}
	! grep -v ': error: bad constant expression$' "$work/sparse" | grep -E 'not available|tpm/ctpm/|tpm_svsm|tpm2-cmd'
}

page()
{
	make -s -C "$tree" O="$work/doc" SPHINXDIRS=security/tpm htmldocs >"$work/doc.log" 2>&1 || { cat "$work/doc.log"; return 1; }
	! grep -i 'ctpm' "$work/doc.log" && grep -q ctpm_report_event "$work/doc/Documentation/output/security/tpm/ctpm.html" &&
		grep -q 'ctpm_start' "$work/doc/Documentation/output/security/tpm/ctpm.html"
}

statistics()
{
	"$top/scripts/make-patchset" --kernel "$source" --stat >"$work/stat" && cat "$work/stat"
	shared=$(sed -n "s/^ *\([0-9]*\) the module's own, byte for byte.*/\1/p" "$work/stat")
	changed=$(sed -n 's/^ *\([0-9]*\) changes to files of the tree.*/\1/p' "$work/stat")
	[ "$shared" -gt 1900 ] && [ "$changed" -lt 120 ]
}

for series in 7.3 6.12; do
	source=$("$top/scripts/kernel.sh" "$series" source)
	patches=$work/patches-$series
	tree=$CTPM_CACHE/patchset-test/$series
	build=$work/build-$series
	as_root rm -rf "$tree"
	mkdir -p "${tree%/*}"
	t "$series: the series is generated" generated
	t "$series: the same sources give the same patches" repeatable
	t "$series: git am takes it on the untouched source" applies
	t "$series: checkpatch --strict is silent" checkpatch
	t "$series: form, sign-off and messages" form
	t "$series: get_maintainer.pl knows whom to send it to" maintainers
	t "$series: each patch builds, with W=1 and no warning" each_builds
	t "$series: sparse is silent on it" sparse
	t "$series: most of it is the module's own" statistics
	if [ $series = 7.3 ]; then
		t "$series: without TCG_CTPM nothing of it is in tpm_svsm" without
		t "$series: Kconfig allows what can be linked" choices
		t "$series: coccicheck reports nothing on tpm_svsm" "$top/tests/coccicheck.sh" "$tree" \
			drivers/char/tpm/tpm_svsm.c
		t "$series: its page of documentation is made without a warning" page
	fi
	rm -rf "$tree" "$build"
done
t "a tree that has it already is refused" not_on_itself
t "a folder that is no kernel is refused" no_kernel
t "a kernel with tpm_svsm and an older TPM core is refused" not_in_between
tap_end
