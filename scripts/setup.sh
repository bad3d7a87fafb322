#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# setup.sh [build|check]: install from Debian what building the tools and
# running guests needs, and for "check" what the tests need on top. Installs
# only what is missing; changes nothing else on the machine.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"

install_packages gcc make libc6-dev binutils libssl-dev libjansson-dev libcbor-dev libtss2-dev libwolfssl-dev libcurl4-openssl-dev python3-docutils \
	qemu-system-x86 seabios swtpm busybox-static cpio xz-utils zstd kmod mmdebstrap \
	debian-archive-keyring ca-certificates openssl tpm2-tools xxd util-linux
if [ "${1:-build}" = check ]; then
	install_packages swtpm-tools gnutls-bin g++ pkg-config libcmocka-dev clang libclang-rt-14-dev clang-format sparse coccinelle \
		git patch python3-sphinx python3-yaml shellcheck e2fsprogs bc bison flex libelf-dev python3 rsync perl maude procps strace
fi
