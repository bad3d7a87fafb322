#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Launch digests by hashlib alone, as test vectors for launch.c.

Written from the ABI (56860), "SNP_LAUNCH_UPDATE" and "Layout of the PAGE_INFO
Structure".  Prints launch_vectors.h.
"""
import hashlib
import struct

PAGE = 4096
NORMAL, VMSA, ZERO, UNMEASURED, SECRETS, CPUID = range(1, 7)


def extend(ld, kind, gpa, page):
    contents = hashlib.sha384(page).digest() if kind in (NORMAL, VMSA) else bytes(48)
    info = struct.pack("<48s48sHBBBBBBQ", ld, contents, 0x70, kind, 0, 0, 0, 0, 0, gpa)
    assert len(info) == 0x70
    return hashlib.sha384(info).digest()


def content(seed, pages):
    """The same bytes as fill() in launch.c: a 32-bit linear congruential generator."""
    out = bytearray()
    for _ in range(pages * PAGE):
        seed = (seed * 1664525 + 1013904223) & 0xffffffff
        out.append(seed >> 24)
    return bytes(out)


# name, ranges of (page type, gpa, seed of the content, pages)
LAUNCHES = [
    ("normal", [(NORMAL, 0x1000000, 1, 1)]),
    ("three_normal", [(NORMAL, 0x1000000, 2, 3)]),
    ("vmsa", [(VMSA, 0xfffffffff000, 3, 1)]),
    ("zero", [(ZERO, 0x2000, 0, 2)]),
    ("unmeasured", [(UNMEASURED, 0x3000, 4, 1)]),
    ("secrets", [(SECRETS, 0xfe0a000, 5, 1)]),
    ("cpuid", [(CPUID, 0xfe0b000, 6, 1)]),
    ("whole", [
        (NORMAL, 0x1000000, 7, 5), (ZERO, 0x5000000, 0, 3), (SECRETS, 0xfe0a000, 0, 1),
        (CPUID, 0xfe0b000, 8, 1), (UNMEASURED, 0xfe0c000, 9, 1), (NORMAL, 0x14000000, 10, 4),
        (VMSA, 0xfffffffff000, 11, 1), (VMSA, 0xfffffffff000, 12, 1)]),
]


def main():
    print("/* SPDX-License-Identifier: GPL-2.0-or-later */")
    print("/* Made by launch_vectors.py: do not edit. */")
    print("static const struct vector vectors[] = {")
    for name, ranges in LAUNCHES:
        ld = bytes(48)
        for kind, gpa, seed, pages in ranges:
            data = content(seed, pages)
            for i in range(pages):
                ld = extend(ld, kind, gpa + i * PAGE, data[i * PAGE:(i + 1) * PAGE])
        print(f'\t{{ "{name}",')
        print(f"\t  {len(ranges)},")
        print("\t  {")
        for kind, gpa, seed, pages in ranges:
            print(f"\t\t  {{ {kind}, 0x{gpa:x}, {seed}, {pages} }},")
        print("\t  },")
        print("\t  {")
        for at in range(0, 48, 12):
            print("\t\t  " + " ".join(f"0x{b:02x}," for b in ld[at:at + 12]))
        print("\t  } },")
    print("};")


main()
