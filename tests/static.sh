#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# static.sh: what can be said of the sources without running them.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"
. "$top/tests/tap.sh"
cd "$top"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source=$("$top/scripts/kernel.sh" 6.12 source)

# kernel modules among the tests
test_modules='tests/guest/planted/* tests/guest/calls/* tests/bench/null/*'

clang_format()
{
	# shellcheck disable=SC2046,SC2086 # a list of patterns
	git ls-files 'tools/*.[ch]' 'tests/*.[ch]' 'Documentation/*.[ch]' $(printf ':!%s ' $test_modules) | xargs clang-format --dry-run --Werror
}

kernel_files()
{
	# shellcheck disable=SC2086 # a list of patterns
	git ls-files 'drivers/*.[ch]' 'include/*.h' $test_modules | grep '\.[ch]$'
}

checkpatch()
{
	# LINUX_VERSION_CODE, and CONSTANT_COMPARISON, which takes it for a constant:
	# one driver for several kernels, in compat.h alone.
	kernel_files | xargs perl "$source/scripts/checkpatch.pl" --no-tree --strict --terse \
		--show-types --no-summary --ignore LINUX_VERSION_CODE,CONSTANT_COMPARISON --max-line-length=100 -f
}

# sparse, by the kernel's own build: any word of it is a failure
sparse()
{
	"$top/scripts/module.sh" --sparse 6.12 >"$work/sparse" && cat "$work/sparse" &&
		test ! -s "$work/sparse"
}

spdx()
{
	missing=0
	for f in $(git ls-files | grep -vE '^COPYING$|\.(rst|md)$|corpus/|/data/|^\.|\.(bin|key|pem)$'); do
		head -n 5 "$f" | grep -q SPDX-License-Identifier || {
			echo "no SPDX line: $f"
			missing=1
		}
	done
	return $missing
}

# Header and manual page of libctpm say the same
manual()
{
	python3 "$top/tests/manual.py" "$top"
}

# and where they don't, that is found: differs WORDS FILE SED-EXPRESSION
differs()
{
	rm -rf "$work/tree"
	mkdir -p "$work/tree/tools/libctpm" "$work/tree/Documentation"
	cp -r tools/libctpm/include "$work/tree/tools/libctpm/"
	cp -r Documentation/man "$work/tree/Documentation/"
	sed -i "$3" "$work/tree/$2"
	! python3 "$top/tests/manual.py" "$work/tree" >"$work/differs" && cat "$work/differs" &&
		grep -q "$1" "$work/differs"
}

manual_drifts()
{
	man=Documentation/man
	differs 'SYNOPSIS has' tools/libctpm/include/ctpm/verify.h 's/unsigned int flags/int flags/' &&
		differs 'SYNOPSIS has' $man/ctpm_ca.3.rst 's/unsigned int days/int days/' &&
		differs 'SYNOPSIS lacks' $man/ctpm_report.3.rst '/struct ctpm_tcb ctpm_tcb_decode(/d' &&
		differs 'in no header' tools/libctpm/include/ctpm/evidence.h '/ctpm_bank_name(/d' &&
		differs 'not explained' $man/ctpm_report.3.rst 's/microcode/ucode/' &&
		differs 'not explained' $man/ctpm_error.3.rst 's/^CTPM_ERR_CRL$/CRL/' &&
		differs 'no example calls' $man/examples/policy.c 's/ctpm_policy_explain/explain/'
}

# SC1091: what the guests' suites include is elsewhere in the guest.
# shellcheck disable=SC2046 # a list of files
shell()
{
	shellcheck -x -e SC1091 -s sh $(git ls-files | grep -E '\.sh$') .ci/run scripts/make-patchset tests/guest/init tools/snpemu/ci/guest/init \
		tools/snpemu/ci/kunit/qemu-system-snpemu
}

t "clang-format has nothing to change" clang_format
t "checkpatch --strict is silent on the kernel files" checkpatch
t "shellcheck is silent" shell
t "every source file names its licence" spdx
t "libctpm's manual pages have what its headers have" manual
t "where they differ that is found" manual_drifts
for series in 6.12 7.3; do
	t "the module builds for $series with W=1 and no warning" "$top/scripts/module.sh" $series
done
t "sparse is silent on the module" sparse
t "coccicheck reports nothing" "$top/tests/coccicheck.sh" "$source" --dir "$top/drivers/char/tpm/ctpm" -I "$top/include"
tap_end
