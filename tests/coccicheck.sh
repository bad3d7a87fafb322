#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# coccicheck.sh KERNEL-SOURCE SPATCH-ARGUMENT...: Linux' semantic patches on what the
# arguments name (a file, or --dir and a folder), as "make coccicheck MODE=report" runs them, but
# for those that need an OCaml compiler or have nothing to report (they are named). Fails if
# one reports something.
set -eu
cd "$1"
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: >"$work/reports"

ran=0
for f in $(find scripts/coccinelle -name '*.cocci' | sort); do
	if grep -q 'script:ocaml\|initialize:ocaml' "$f" || ! grep -q '^virtual.*report' "$f"; then
		echo "left out: $f"
		continue
	fi
	# shellcheck disable=SC2046 # options
	spatch -D report --no-show-diff --very-quiet --cocci-file "$f" \
		$(sed -n 's/^[#\/]* *Options: *//p' "$f") "$@" \
		-I arch/x86/include -I include -I include/uapi -I arch/x86/include/uapi \
		--include include/linux/kconfig.h >>"$work/reports" 2>"$work/err" || {
		echo "$f:"
		cat "$work/err"
		exit 1
	}
	ran=$((ran + 1))
done
echo "$ran semantic patches"
cat "$work/reports"
[ $ran -gt 50 ] && [ ! -s "$work/reports" ]
