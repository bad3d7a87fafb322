#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
manual.py TOP: libctpm's manual pages against its headers.

For each tools/libctpm/include/ctpm/NAME.h there is Documentation/man/ctpm_NAME.3.rst,
whose SYNOPSIS has exactly the header's functions, with the same prototypes; it names each
parameter, member and constant; it has a section for each function, and includes an example;
and each function is called in one of the examples. Each difference is a line.
"""
import pathlib
import re
import sys

top = pathlib.Path(sys.argv[1])
man = top / "Documentation/man"
said = []


def say(page, text):
    said.append(f"{page.name}: {text}")


def squeeze(text):
    return re.sub(r"\s*([(),;*])\s*", r"\1", re.sub(r"\s+", " ", text)).strip()


def prototypes(code):
    """Name and prototype of each function, in order"""
    code = re.sub(r"/\*.*?\*/", "", code, flags=re.S)
    found = re.findall(r"[\w\s*]+?\b(\w+)\s*\([^;]*\)\s*;", code)
    whole = re.findall(r"([\w][\w\s*]+?\b\w+\s*\([^;]*\)\s*;)", code)
    return dict(zip(found, map(squeeze, whole)))


def section(text, title):
    """A section's lines"""
    m = re.search(rf"^{title}\n=+\n(.*?)(?=^\S[^\n]*\n===+\n|\Z)", text, re.S | re.M)
    return m.group(1) if m else ""


def of_header(header):
    text = header.read_text()
    api = "".join(re.findall(r"^CTPM_API\s+([^;]*;)", text, re.M))
    names = set(re.findall(r"^ \* @(\w+):", text, re.M))
    plain = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    constants = set(re.findall(r"^#define (CTPM_\w+)[ \t(]", plain, re.M)) - {"CTPM_API"}
    for body in re.findall(r"enum \w+ \{(.*?)\}", plain, re.S):
        constants |= set(re.findall(r"\b(CTPM_\w+)\b", body))
    types = set(re.findall(r"^(?:struct|enum) (ctpm_\w+)", plain, re.M))
    return prototypes(api), names, constants, types


def called():
    code = "".join(f.read_text() for f in sorted((man / "examples").glob("*.c")))
    return set(re.findall(r"\b(ctpm_\w+)\s*\(", re.sub(r"/\*.*?\*/|\"[^\"\n]*\"", "", code, flags=re.S)))


def compare(header, page, in_examples):
    functions, names, constants, types = of_header(header)
    if not page.exists():
        return say(page, f"{header.name} has no manual page")
    text = page.read_text()
    synopsis = section(text, "SYNOPSIS")
    if f"#include <ctpm/{header.name}>" not in synopsis:
        say(page, f"SYNOPSIS does not include ctpm/{header.name}")
    shown = prototypes(re.sub(r"^\s*#.*|^::|^\.\..*", "", synopsis, flags=re.M))
    for f in functions:
        if f not in shown:
            say(page, f"SYNOPSIS lacks {functions[f]}")
        elif shown[f] != functions[f]:
            say(page, f"SYNOPSIS has {shown[f]}, the header {functions[f]}")
        if not re.search(rf"^{f}\(\)\n-+$", text, re.M):
            say(page, f"no section {f}()")
        if f not in in_examples:
            say(page, f"no example calls {f}()")
    for f in shown:
        if f not in functions:
            say(page, f"SYNOPSIS has {shown[f]}, which is in no header")
    for name in sorted(names):
        if not re.search(rf"\*{name}\*", text):
            say(page, f"*{name}* is not explained")
    for word in sorted(constants | types):
        if not re.search(rf"\b{word}\b", text):
            say(page, f"{word} is not explained")
    for word in sorted(set(re.findall(r"\bCTPM_[A-Z0-9_]+\b", text))):
        if not re.search(rf"\b{word}\b", everything):
            say(page, f"{word} is in no header")
    if f".. include:: examples/{header.stem}.c" not in text:
        say(page, f"it does not include examples/{header.stem}.c")
    return None


headers = sorted((top / "tools/libctpm/include/ctpm").glob("*.h"))
everything = "".join(h.read_text() for h in headers)
in_examples = called()
for header in headers:
    compare(header, man / f"ctpm_{header.stem}.3.rst", in_examples)
wanted = {f"ctpm_{h.stem}.3.rst" for h in headers} | {"libctpm.3.rst"}
for page in sorted(man.glob("*.3.rst")):
    if page.name not in wanted:
        say(page, "a page for no header")
overview = man / "libctpm.3.rst"
if not overview.exists() or ".. include:: examples/libctpm.c" not in overview.read_text():
    say(overview, "it does not include examples/libctpm.c")
elif missing := [h.stem for h in headers if f"**ctpm_{h.stem}**\\ (3)" not in overview.read_text()]:
    say(overview, f"it does not name the pages of {', '.join(missing)}")
print("\n".join(said) if said else f"{len(headers)} headers and their pages agree")
sys.exit(bool(said))
