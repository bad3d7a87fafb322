# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # variables of ci.sh and for it
#
# From a kernel tree to a kernel: allnoconfig with what "config" needs, what
# "config-wanted" names where the tree has it, and the user's own.

# in_tree TARGET...: make, away from the tree. Its variables come from the environment (LLVM=1).
# In the background, as the shell hears a signal only while it waits.
in_tree()
{
	run_child env -u MAKEFLAGS -u MAKELEVEL -u GIT_DIR -u GIT_WORK_TREE \
		make -s -C "$tree" O="$build" ARCH=x86_64 -j"$jobs" "$@" </dev/null 8<&- 9<&- &
	pid=$!
	make_status=0
	wait $pid || make_status=$?
	rm -f "$work/pid.$pid"
	return $make_status
}

# missing FILE...: which of the options they ask for have not stuck; the last word on each counts
missing()
{
	awk '
		FILENAME == config {
			if (match($0, /^CONFIG_[A-Za-z0-9_]+=/))
				has[substr($0, 1, RLENGTH - 1)] = substr($0, RLENGTH + 1)
			next
		}
		match($0, /^CONFIG_[A-Za-z0-9_]+=/) {
			asked[substr($0, 1, RLENGTH - 1)] = substr($0, RLENGTH + 1)
		}
		/^# CONFIG_[A-Za-z0-9_]+ is not set/ { asked[$2] = "n" }
		END {
			for (name in asked) {
				is = name in has ? has[name] : "n"
				if (is != asked[name])
					print name "=" asked[name] " (is " is ")"
			}
		}' config="$build/.config" "$build/.config" "$@" | sort
}

# Nothing to do, as in most steps of a bisection: the tree and what is asked are the same,
# .config is as we left it, and no Kconfig file of the tree has changed since.
is_configured()
{
	[ -e "$build/.snpemu-ci.done" ] && cmp -s "$asked" "$build/.snpemu-ci.asked" &&
		cmp -s "$build/.config" "$build/.snpemu-ci.done" &&
		[ -z "$(find "$tree" -name .git -prune -o -name 'Kconfig*' -newer "$build/.snpemu-ci.done" -print -quit)" ]
}

configure()
{
	# the user has the last word, also against what is needed
	asked=$work/asked
	{
		echo "# $tree"
		cat "$here/config-wanted" "$here/config"
		while read -r file; do
			cat "$file"
		done <"$work/configs"
	} >"$asked"
	if ! is_configured; then
		rm -f "$build/.snpemu-ci.done"
		touch "$work/now"
		in_tree KCONFIG_ALLCONFIG="$asked" allnoconfig >"$output/config.log" 2>&1 ||
			not_built "it cannot be configured" "$output/config.log"
		cp "$asked" "$build/.snpemu-ci.asked"
		cp "$build/.config" "$build/.snpemu-ci.done"
		# a file that has changed meanwhile is newer
		touch -r "$work/now" "$build/.snpemu-ci.done"
	fi
	cp "$build/.config" "$output/config"
	lost=$(missing "$here/config")
	[ -z "$lost" ] || not_built "it has not what an SNP guest needs: $(echo "$lost" | paste -s -d ' ')"
	while read -r file; do
		lost=$(missing "$file")
		[ -z "$lost" ] ||
			not_built "options of $file did not stick: $(echo "$lost" | paste -s -d ' ')"
	done <"$work/configs"
	lost=$(missing "$here/config-wanted" | cut -d= -f1 | sed 's/^CONFIG_//')
	[ -z "$lost" ] || say "not in this tree: $(echo "$lost" | paste -s -d ' ')"
}

# not_built WHY [LOG]
not_built()
{
	[ -z "${2:-}" ] || tail -n 30 "$2" >&2
	if [ -n "${2:-}" ] && grep -q 'No space left on device' "$2"; then
		fail "$EXIT_EMULATOR" "$tree: no space left to build it"
	fi
	fail "$EXIT_UNTESTED" "$tree: $1"
}

build_kernel()
{
	need_tool make gcc flex bison bc
	: "${build:=${XDG_CACHE_HOME:-$HOME/.cache}/snpemu/build/$(basename "$tree")-$(echo "$tree" | cksum | cut -d' ' -f1)}"
	if [ -e "$tree/.config" ] || [ -d "$tree/include/config" ]; then
		bad_usage "$tree: something was built in it, so it cannot be built elsewhere: clean it by \"make mrproper\""
	fi
	mkdir -p "$build" || fail "$EXIT_EMULATOR" "$build cannot be made"
	exec 9<"$build"
	lock 9 "$build" --build
	say "configuring $tree in $build"
	configure
	say "building"
	if [ -n "$verbose" ]; then
		in_tree bzImage >&2 && status=0 || status=$?
		: >"$output/build.log"
	else
		in_tree bzImage >"$output/build.log" 2>&1 && status=0 || status=$?
	fi
	[ "$status" = 0 ] || not_built "it does not build" "$output/build.log"
	kernel=$build/arch/x86/boot/bzImage
	[ -s "$kernel" ] || not_built "it has built no bzImage" "$output/build.log"
	say "built: $(cat "$build/include/config/kernel.release")"
}

# What the kernel has built in has to be there, so that a driver which does not come
# up is a failure and not a test less.
find_config()
{
	if [ -z "$kernel_config" ]; then
		case $kernel in
		*/arch/x86/boot/bzImage) kernel_config=${kernel%/arch/x86/boot/bzImage}/.config ;;
		esac
	fi
	have=
	for pair in TCG_SVSM:tpm SEV_GUEST:sev-guest KUNIT:kunit; do
		if [ -r "$kernel_config" ] && grep -q "^CONFIG_${pair%:*}=y" "$kernel_config"; then
			have="$have,${pair#*:}"
		fi
	done
}
