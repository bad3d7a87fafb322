#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# upstream-driver.sh: build Linux' own tpm_svsm, which Debian leaves out, from the
# source of Debian's kernel 7.3. Prints the folder that holds tpm_svsm.ko.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"

dir=$top/build/tpm_svsm
source=$("$top/scripts/kernel.sh" 7.3 source)
mkdir -p "$dir"
cp "$source/drivers/char/tpm/tpm_svsm.c" "$source/drivers/char/tpm/tpm.h" "$dir/"
echo 'obj-m += tpm_svsm.o' >"$dir/Kbuild"
exec "$top/scripts/module.sh" 7.3 "$dir"
