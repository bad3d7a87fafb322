#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fuzz.sh [NAME...]: every fuzz target, or those named, over its corpus and
# then FUZZ_SECONDS (10) of new inputs. An input that crashes one is kept in
# build/fuzz/artifacts/, what covers something new in build/fuzz/corpus/.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/tests/tap.sh"
out=$top/build/fuzz
export FUZZ_SECONDS="${FUZZ_SECONDS:-10}"

fuzz_make()
{
	make -s -C "$top/tests/fuzz" O="$out" "$@"
}

# An empty corpus would pass without a word
fuzz()
{
	if [ -z "$(ls "$top/tests/fuzz/corpus/$1")" ]; then
		echo "no corpus in tests/fuzz/corpus/$1"
		return 1
	fi
	fuzz_make "run-$1" >"$out/$1.log" 2>&1 && return
	tail -n 30 "$out/$1.log"
	sed -n 's/.*Test unit written to /reproducer: /p' "$out/$1.log"
	return 1
}

mkdir -p "$out"
targets=${*:-$(fuzz_make list)}
t "every fuzz target builds" fuzz_make all
for target in $targets; do
	t "$target: no input breaks it in $FUZZ_SECONDS s" fuzz "$target"
done
tap_end
