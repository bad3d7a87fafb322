# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# What the scripts share: messages with times, privilege, the cache, and apt.
# Sourced with $top set to the root of the tree.

: "${top:?lib.sh needs the root of the tree in \$top}"

CTPM_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/ctpm
export CTPM_CACHE
mkdir -p "$CTPM_CACHE/lock"

ctpm_start=$(date +%s)

# Progress for a person, on standard error, with the seconds since the start.
step()
{
	printf '[%4ds] %s\n' "$(($(date +%s) - ctpm_start))" "$*" >&2
}

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# Run a command as root, by sudo where we are not.
as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		command -v sudo >/dev/null || die "neither root nor sudo: cannot run $*"
		sudo "$@"
	fi
}

# with_lock NAME COMMAND...: one process at a time per name and machine user.
with_lock()
{
	lock=$CTPM_CACHE/lock/$1
	shift
	(
		flock 9
		"$@"
	) 9>"$lock"
}

# Digest of files' contents and further words, as a key for the cache.
# content_key WORDS... -- FILES...
content_key()
{
	words=
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		words="$words $1"
		shift
	done
	[ $# -eq 0 ] || shift
	{
		printf '%s\n' "$words"
		for f in "$@"; do
			printf '%s %s\n' "${f#"$top"/}" "$(sha256sum <"$f")"
		done
	} | sha256sum | cut -c1-24
}

# Run a long command quietly: its output is shown only when it fails.
quietly()
{
	log=$(mktemp)
	status=0
	"$@" >"$log" 2>&1 || status=$?
	if [ "$status" != 0 ]; then
		tail -n 60 "$log" >&2
		printf '%s: failed (exit status %d): %s\n' "${0##*/}" "$status" "$*" >&2
	fi
	rm -f "$log"
	return "$status"
}

# Where the machine has a shared library
ldconfig_path()
{
	PATH=$PATH:/sbin:/usr/sbin ldconfig -p | sed -n "s,^[[:space:]]*$1 (.*x86-64.* => ,,p" | head -n 1
}

# Packages of the machine's own release that are not there yet.
install_packages()
{
	missing=
	for p in "$@"; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] ||
			missing="$missing $p"
	done
	[ -n "$missing" ] || return 0
	step "installing:$missing"
	export DEBIAN_FRONTEND=noninteractive
	with_lock packages as_root apt-get -o DPkg::Lock::Timeout=300 update -q >/dev/null 2>&1 || :
	# shellcheck disable=SC2086 # a list of words
	with_lock packages quietly as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -o DPkg::Lock::Timeout=300 install -q -y --no-install-recommends $missing
}

#
# apt for other suites than the machine's own: a private set of lists in the
# cache, on the mirrors that the machine already uses, checked against
# Debian's own keys. The machine's apt configuration is not touched.
#
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# The machine's mirror for Debian's main archive, and for its security suite.
mirror_of()
{
	suite=$(. /etc/os-release && echo "$VERSION_CODENAME")$1
	# shellcheck disable=SC2016 # apt's own $(...)
	apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
		sed -n "s,^$suite \(.*[^/]\)/*\$,\1,p" | head -n 1
}

apt_root=$CTPM_CACHE/apt

apt_write()
{
	main=$(mirror_of '')
	security=$(mirror_of -security)
	[ -n "$main" ] || die "no Debian mirror in this machine's apt sources"
	mkdir -p "$apt_root/state/lists/partial" "$apt_root/cache/archives/partial"
	: >"$apt_root/status"
	for suite in bookworm bookworm-backports trixie trixie-backports sid; do
		echo "deb [signed-by=$keyring] $main $suite main"
	done >"$apt_root/sources.list.new"
	[ -z "$security" ] ||
		echo "deb [signed-by=$keyring] $security bookworm-security main" \
			>>"$apt_root/sources.list.new"
	cat >"$apt_root/apt.conf.new" <<-EOF
		Dir::State "$apt_root/state";
		Dir::State::status "$apt_root/status";
		Dir::Cache "$apt_root/cache";
		Dir::Etc::sourcelist "$apt_root/sources.list";
		Dir::Etc::sourceparts "-";
		Dir::Etc::preferencesparts "-";
		APT::Architecture "amd64";
		APT::Architectures { "amd64"; };
		APT::Sandbox::User "";
		Acquire::Languages "none";
		Acquire::Check-Valid-Until "false";
	EOF
	mv "$apt_root/sources.list.new" "$apt_root/sources.list"
	mv "$apt_root/apt.conf.new" "$apt_root/apt.conf"
}

apt_update()
{
	# half a day old is young enough: versions do not vanish from one hour to the next
	if [ "${1:-}" != force ] &&
	   [ -n "$(find "$apt_root/stamp" -mmin -720 2>/dev/null)" ]; then
		return 0
	fi
	step "reading the package lists of Debian's suites"
	apt_write
	quietly env APT_CONFIG="$apt_root/apt.conf" apt-get update -q
	touch "$apt_root/stamp"
}

other_apt()
{
	with_lock apt apt_update >&2 || return
	APT_CONFIG=$apt_root/apt.conf "$@"
}

# fetch_packages DIR PACKAGE...: the packages, unpacked into DIR (whole or not at all).
fetch_packages()
{
	dest=$1
	shift
	work=$(mktemp -d "$CTPM_CACHE/fetch.XXXXXX")
	if ! (cd "$work" && other_apt quietly apt-get download -q "$@"); then
		with_lock apt apt_update force
		(cd "$work" && other_apt quietly apt-get download -q "$@") || {
			rm -rf "$work"
			return 1
		}
	fi
	mkdir "$work/root"
	for deb in "$work"/*.deb; do
		dpkg-deb -x "$deb" "$work/root"
	done
	mkdir -p "${dest%/*}"
	rm -rf "$dest.old"
	[ ! -e "$dest" ] || mv "$dest" "$dest.old"
	mv "$work/root" "$dest"
	rm -rf "$dest.old" "$work"
}

# in_root ROOT COMMAND...: run it there, with /proc, in a mount namespace of its own.
in_root()
{
	# shellcheck disable=SC2016 # expanded by the inner shell
	as_root unshare --mount --propagation private sh -c '
		mount -t proc proc "$1/proc" && root=$1 && shift && exec chroot "$root" "$@"' \
		in_root "$@"
}
