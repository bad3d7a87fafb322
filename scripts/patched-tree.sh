#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# patched-tree.sh SERIES: Debian's kernel source of that series with our patch series on
# it, put there by "git am". Prints its path. It stays where it is when the series changes,
# and only the files that changed with it are new, so that builds in it are incremental.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"

series=${1:?usage: patched-tree.sh SERIES}
pristine=$("$top/scripts/kernel.sh" "$series" source)
dir=$CTPM_CACHE/patched/$series
tree=$dir/tree

cd "$top"
# shellcheck disable=SC2046 # a list of files
key=$(content_key "$pristine" -- $(find drivers include/uapi scripts/patchset scripts/make-patchset \
	"scripts/${0##*/}" -type f ! -name '*.o' ! -name '.*' ! -name '*.mod*' ! -name '*.ko' | sort))

# git with only the files that the series touches, of the kernel's 90000
git_()
{
	git --git-dir="$dir/git" --work-tree="$tree" -c user.name=ctpm -c user.email=ctpm@localhost \
		-c commit.gpgsign=false -c gc.auto=0 -c advice.detachedHead=false "$@"
}

apply()
{
	[ "$(cat "$dir/key" 2>/dev/null)" != "$key" ] || return 0
	step "applying the patch series to $series"
	if [ ! -e "$dir/git/HEAD" ]; then
		rm -rf "$dir"
		mkdir -p "$dir"
		# hard links: files are replaced here, never written into
		cp -al "$pristine" "$tree"
		git_ init -q -b base
	fi
	rm -f "$dir/key"
	rm -rf "$dir/git/rebase-apply" "$dir/patches"
	[ -z "$(git_ rev-list --all 2>/dev/null)" ] || git_ checkout -q -f base
	quietly "$top/scripts/make-patchset" --kernel "$pristine" -o "$dir/patches" \
		--author "ctpm <ctpm@localhost>"
	sed -n 's,^--- a/,,p' "$dir"/patches/0*.patch | sort -u | while read -r f; do
		[ ! -e "$pristine/$f" ] || git_ add -f -- "$tree/$f"
	done
	git_ commit -q --allow-empty -m base
	git_ checkout -q --detach
	quietly git_ am -q --empty=drop "$dir"/patches/*.patch
	echo "$key" >"$dir/key"
}

with_lock "patched-$series" apply
echo "$tree"
