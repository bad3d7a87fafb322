#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# static.sh: what can be said of the sources without running them.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"
. "$top/tests/tap.sh"
cd "$top"

source=$("$top/scripts/kernel.sh" 6.12 source)

clang_format()
{
	find tools tests -name '*.[ch]' ! -path tests/guest/planted/\* |
		xargs clang-format --dry-run --Werror
}

kernel_files()
{
	find drivers include tests/guest/planted -name '*.[ch]' 2>/dev/null
}

checkpatch()
{
	# LINUX_VERSION_CODE: one driver for several kernels, in compat.h alone.
	# FILE_PATH_CHANGES and MAINTAINERS: a patch's business, not a file's.
	kernel_files | xargs perl "$source/scripts/checkpatch.pl" --no-tree --strict --terse \
		--show-types --no-summary --ignore LINUX_VERSION_CODE --max-line-length=100 -f
}

# sparse, by the kernel's own build; a warning of any kind is a failure
sparse()
{
	"$top/scripts/module.sh" --sparse "$1"
}

coccicheck()
{
	"$top/scripts/test-kernel.sh" --tree >/dev/null
	tree=$CTPM_CACHE/kunit/tree
	log=$(mktemp)
	make -s -C "$tree" coccicheck MODE=report M=drivers/char/tpm/ctpm >"$log" 2>&1 || :
	grep -q 'coccicheck' "$log" || grep -q 'SPFLAGS\|Please check' "$log" || { cat "$log"; return 1; }
	! grep -E '^\S+/ctpm/\S+:[0-9]+' "$log"
}

spdx()
{
	missing=0
	for f in $(git ls-files | grep -vE '^COPYING$|\.(rst|md)$|corpus/|^\.|\.(bin|key|pem)$'); do
		head -n 5 "$f" | grep -q SPDX-License-Identifier || {
			echo "no SPDX line: $f"
			missing=1
		}
	done
	return $missing
}

# shellcheck disable=SC2046 # a list of files
shell()
{
	shellcheck -x -s sh $(git ls-files | grep -E '\.sh$') .ci/run tests/guest/init
}

t "clang-format has nothing to change" clang_format
t "checkpatch --strict is silent on the kernel files" checkpatch
t "shellcheck is silent" shell
t "every source file names its licence" spdx
for series in 6.12 7.3; do
	t "the module builds for $series with W=1 and no warning" "$top/scripts/module.sh" $series
	t "sparse is silent on the module for $series" sparse $series
done
t "coccicheck reports nothing" coccicheck
tap_end
