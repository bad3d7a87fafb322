# SPDX-License-Identifier: GPL-2.0-or-later
"""reply.py CREDENTIAL FILE: what tpm2_makecredential has made, as an Owner CA's reply (Documentation/protocol.rst, "Messages")"""
import os
import sys


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    size = 1 if n < 1 << 8 else 2 if n < 1 << 16 else 4
    return bytes([major << 5 | {1: 24, 2: 25, 4: 26}[size]]) + n.to_bytes(size, "big")


def item(key, value):
    major = 3 if isinstance(value, str) else 2
    value = value.encode() if major == 3 else value
    return (head(0, key) if key >= 0 else head(1, -1 - key)) + head(major, len(value)) + value


with open(sys.argv[1], "rb") as f:
    made = f.read()[8:]  # after tpm2-tools' own header
credential = made[: 2 + int.from_bytes(made[:2], "big")]
with open(sys.argv[2], "wb") as f:
    f.write(
        head(5, 4)
        + item(265, "urn:uuid:802d091d-83df-4a5e-bb51-d27c8a098de9")
        + item(-70021, credential)
        + item(-70022, made[len(credential) :])
        + item(-70023, os.urandom(600))
    )
