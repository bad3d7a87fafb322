#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build.sh: verifiers that others wrote, built as static programs from nothing but
# the sources that Debian packages. Prints the folder that holds
#   check       go-sev-guest's own tool
#   bench       bench.go, which times it
#   sev-verify  sev-verify.rs, which asks virtee's sev
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/scripts/lib.sh"

here=$top/tests/peers
out=$CTPM_CACHE/peers/$(content_key -- "$here/build.sh" "$here/Cargo.toml" "$here/sev-verify.rs" \
	"$here/bench.go")

# What go-sev-guest embeds and its Debian package leaves out, as a tar archive: AMD's
# certificates, which count only where no others are trusted (those of VLEKs are for its
# own tests alone), and the keys of those tests, for which any will do.
embedded()
(
	data=$top/tests/libctpm/data
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	cd "$work"
	mkdir -p verify/trust testing/data/keys
	cp "$data/milan.cert_chain.pem" verify/trust/ask_ark_milan.pem
	cp "$data/genoa.cert_chain.pem" verify/trust/ask_ark_genoa.pem
	cp "$data/turin.cert_chain.pem" verify/trust/ask_ark_turin_vcek.pem
	touch verify/trust/ask_ark_milan_vlek.pem verify/trust/ask_ark_genoa_vlek.pem \
		verify/trust/ask_ark_turin_vlek.pem
	for key in vcek vlek; do
		openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-384 \
			-out "testing/data/keys/${key}_private_key.pem"
	done
	for key in ark ask asvk; do
		openssl genpkey -quiet -algorithm RSA -out "testing/data/keys/${key}_private_key.pem"
	done
	tar -c .
)

build()
{
	[ ! -e "$out/done" ] || return 0
	# libzstd-dev is for Debian's libcrypto.a
	root=$("$top/scripts/root.sh" peers sid golang-go golang-github-google-go-sev-guest-dev \
		cargo librust-sev-dev libzstd-dev)
	step "building go-sev-guest's check and virtee's sev"
	work=$(as_root mktemp -d "$root/tmp/peers.XXXXXX")
	tar -c -C "$here" Cargo.toml sev-verify.rs bench.go | as_root tar -x --no-same-owner -C "$work"
	guest=src/github.com/google/go-sev-guest
	as_root mkdir -p "$work/go/$guest"
	as_root cp -r "$root/usr/share/gocode/$guest/." "$work/go/$guest"
	embedded | as_root tar -x --no-same-owner -C "$work/go/$guest"
	# with a target named, crt-static is for the program alone, not for compiler plug-ins
	# shellcheck disable=SC2016 # expanded by the inner shell
	quietly in_root "$root" /usr/bin/env -i PATH=/usr/bin:/bin HOME="${work#"$root"}" /bin/sh -ec '
		cd "$HOME"
		export GO111MODULE=off GOPATH="$HOME/go:/usr/share/gocode" CGO_ENABLED=0
		go build -o check github.com/google/go-sev-guest/tools/check
		go build -o bench bench.go
		export OPENSSL_STATIC=1 RUSTFLAGS="-C target-feature=+crt-static"
		cargo build --offline --release --target x86_64-unknown-linux-gnu \
			--config source.crates-io.replace-with=\"debian\" \
			--config source.debian.directory=\"/usr/share/cargo/registry\"
		mv target/x86_64-unknown-linux-gnu/release/sev-verify .'
	rm -rf "$out"
	mkdir -p "$out"
	as_root install -m 0755 -t "$out" "$work/check" "$work/bench" "$work/sev-verify"
	touch "$out/done"
	# 2 GB that nobody needs any more
	as_root rm -rf "$root" "$root.key"
}

with_lock peers build
echo "$out"
