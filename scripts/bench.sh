#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Set everything up and run the benchmarks of tests/bench/; each prints ratios.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"

"$top/scripts/setup.sh" check
step "building the tools"
quietly make -C "$top" -j2 tools
for b in tpm boot verify exchange; do
	step "$b"
	"$top/tests/bench/$b.sh"
done
