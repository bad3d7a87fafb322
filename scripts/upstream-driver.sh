#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# upstream-driver.sh [--unbind]: build Linux' own tpm_svsm, which Debian leaves out, from
# the source of Debian's kernel 7.3, or with the patch of our series that lets it be unbound.
# Prints the folder that holds tpm_svsm.ko.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"

dir=$top/build/tpm_svsm${1:-}
source=$("$top/scripts/kernel.sh" 7.3 source)
mkdir -p "$dir"
cp "$source/drivers/char/tpm/tpm_svsm.c" "$source/drivers/char/tpm/tpm.h" "$dir/"
[ "${1:-}" != --unbind ] || sed '1,/^%diff$/d' "$top/scripts/patchset/binding/unbind" | patch -s "$dir/tpm_svsm.c"
echo 'obj-m += tpm_svsm.o' >"$dir/Kbuild"
exec "$top/scripts/module.sh" 7.3 "$dir"
