# SPDX-License-Identifier: GPL-2.0-or-later
# make-patchset --stat: from "git diff --numstat" of the series, and the list of the module's
# sources, what is shared and what is not.

function lines(path,  n, line)
{
	while ((getline line <path) > 0)
		n++
	close(path)
	return n + 0
}

$1 == "module" {
	for (i = 2; i <= NF; i++)
		module[$i] = 1
	next
}

$1 == "same" {
	for (i = 2; i <= NF; i++)
		same[$i] = 1
	next
}

NF {
	added[$3] = $1
	removed[$3] = $2
}

END {
	for (f in added) {
		if (f in module && f in same) {
			kind = "the module's own, byte for byte"
			delete module[f]
		} else if (f in module && f ~ /\/ctpm\//) {
			kind = "the module's own, its conditions decided for this kernel's version"
			delete module[f]
		} else if (!(f in module) && f ~ /ctpm/) {
			kind = "new files that only a tree needs (Kconfig, Makefile, page, selftest)"
		} else {
			kind = "changes to files of the tree"
		}
		sum[kind] += added[f]
		less[kind] += removed[f]
		where[kind] = where[kind] "\n      " f
	}
	for (f in module) {
		kind = f ~ /char\/tpm\/tpm\.h$/ ? "the tree has its own" : "tpm_svsm is the driver there"
		gone[kind] += lines(top "/" f)
		gone_where[kind] = gone_where[kind] "\n      " f
	}
	print "lines in the series:"
	for (kind in sum)
		printf "  %5d %s%s%s\n", sum[kind], kind, less[kind] ? ", " less[kind] " removed" : "", where[kind]
	print "lines of the module that are not in it:"
	for (kind in gone)
		printf "  %5d %s%s\n", gone[kind], kind, gone_where[kind]
}
