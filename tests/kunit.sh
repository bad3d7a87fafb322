#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kunit.sh [KIND]: the driver's KUnit suites, in a kernel of scripts/test-kernel.sh (default:
# debug, with KASAN, lockdep and kmemleak) that runs as an SNP guest under snpemu. The driver
# itself is kept from binding by a parameter that it refuses, so that the suites have the
# TPM and securityfs for themselves.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"

kind=${1:-debug}
out=$top/build/kunit-$kind
mkdir -p "$out"
kernel=$("$top/scripts/test-kernel.sh" "$kind")/bzImage
printf '#!/bin/sh\nexit 0\n' >"$out/run.sh"
chmod +x "$out/run.sh"
"$top/scripts/initrd.sh" "$out/initrd" none "$out/run.sh=run.sh"

status=0
"$top/build/snpemu" --kernel "$kernel" --initrd "$out/initrd" --timeout 600 --memory 2G \
	--append "console=ttyS0 panic=-1 ctpm.run=/run.sh ctpm.report_pcr=99" \
	>"$out/console" 2>"$out/err" || status=$?
[ $status = 0 ] || { sed 's/^/# /' "$out/err"; tail -n 20 "$out/console" | sed 's/^/# /'; }
awk -v only=ctpm -f "$top/tests/kunit.awk" "$out/console" >"$out/tap" || status=1

# what the kernel's checkers say is one more test
n=$(($(sed -n 's/^1\.\.//p' "$out/tap") + 1))
grep -v '^1\.\.' "$out/tap"
complaints='BUG: |WARNING: CPU|KASAN: |unreferenced object|possible circular|inconsistent lock'
if grep -qaE "$complaints" "$out/console"; then
	echo "not ok $n - the kernel complains of nothing"
	grep -aE -A 12 "$complaints" "$out/console" | sed 's/^/# /'
	status=1
else
	echo "ok $n - the kernel complains of nothing"
fi
echo "1..$n"
exit $status
