# SPDX-License-Identifier: GPL-2.0-or-later
"""The largest and the smallest that fits through the driver, and what does not."""
import errno
import hashlib
import os
import struct

import tap
import tpm
from tpm import check

LARGEST = tpm.LARGEST_COMMAND[tpm.driver()]
NV_INDEX = 0x01800100


def padded(size):
    """A command of that size: TPM2_GetRandom with bytes behind its end."""
    head = struct.pack(">HIIH", tpm.ST_NO_SESSIONS, size, tpm.CC_GET_RANDOM, 8)
    return head + bytes(size - len(head))


def refused(device, data):
    """The errno that writing these bytes gives."""
    try:
        os.write(device.fd, data)
    except OSError as e:
        return errno.errorcode[e.errno]
    return "nothing"


def test_largest():
    """The largest command reaches the TPM and its answer comes back"""
    for path in "/dev/tpm0", "/dev/tpmrm0":
        with tpm.Tpm(path) as t:
            for size in LARGEST - 1, LARGEST:
                rc = t.rc(padded(size))
                check(rc & 0xBF == tpm.RC_SIZE, f"{path}: {size} bytes gave {rc:#x}")
            check(len(t.get_random(16)) == 16, f"{path}: GetRandom after it")


def test_too_large():
    """A command one byte larger is refused, and one larger than the core's buffer with E2BIG"""
    for path in "/dev/tpm0", "/dev/tpmrm0":
        with tpm.Tpm(path) as t:
            for size in LARGEST + 1, tpm.BUFFER_SIZE, tpm.BUFFER_SIZE + 1, 65536:
                error = refused(t, padded(size))
                expected = "E2BIG"
                if tpm.driver() == "tpm-svsm" and size <= tpm.BUFFER_SIZE:
                    expected = "EINVAL"
                check(error == expected, f"{path}: {size} bytes gave {error}")
            check(len(t.get_random(16)) == 16, f"{path}: GetRandom after it")


def test_short():
    """Less than a header, and less than the header says, is refused with EINVAL"""
    with tpm.Tpm("/dev/tpm0") as t:
        whole = tpm.command(tpm.CC_GET_RANDOM, b"\0\x08")
        for size in 1, 5, 11:
            error = refused(t, whole[:size])
            check(error == "EINVAL", f"{size} bytes gave {error}")
        check(len(t.get_random(16)) == 16, "GetRandom after it")


def test_hash():
    """TPM2_Hash of the largest buffer is right, one byte more is TPM_RC_SIZE"""
    with tpm.Tpm("/dev/tpm0") as t:
        most = t.property(tpm.PT_INPUT_BUFFER)
        data = os.urandom(most)
        for name in tpm.ALG:
            check(t.hash(data, name) == hashlib.new(name, data).digest(), name)
        tail = struct.pack(">HI", tpm.ALG["sha256"], tpm.RH_NULL)
        rc = t.rc(tpm.command(tpm.CC_HASH, tpm.buffer(bytes(most + 1)) + tail))
        check(rc & 0xBF == tpm.RC_SIZE, f"rc {rc:#x}")


def test_random():
    """GetRandom gives what is asked for, up to the largest digest"""
    with tpm.Tpm("/dev/tpm0") as t:
        most = t.property(tpm.PT_MAX_DIGEST)
        for count in 0, 1, most - 1, most, most + 1, 65535:
            got = len(t.get_random(count))
            check(got == min(count, most), f"{count} asked for, {got} came")
        check(t.get_random(most) != t.get_random(most), "twice the same bytes")


def nv_define(t, size):
    public = struct.pack(">IHIHH", NV_INDEX, tpm.ALG["sha256"], 0x00040004, 0, size)
    t.run_authorized(
        tpm.CC_NV_DEFINE_SPACE,
        struct.pack(">I", tpm.RH_OWNER),
        tpm.buffer(b"") + tpm.buffer(public),
    )


def nv_undefine(t):
    handles = struct.pack(">II", tpm.RH_OWNER, NV_INDEX)
    t.run_authorized(tpm.CC_NV_UNDEFINE_SPACE, handles, b"")


def nv_read(t, size, offset):
    handles = struct.pack(">II", NV_INDEX, NV_INDEX)
    body = t.run_authorized(tpm.CC_NV_READ, handles, struct.pack(">HH", size, offset))
    check(struct.unpack(">H", body[:2])[0] == size, "size read")
    return body[2:]


def test_nv():
    """NV_Write and NV_Read of the largest buffer"""
    with tpm.Tpm("/dev/tpm0") as t:
        most = t.property(tpm.PT_NV_BUFFER_MAX)
        data = os.urandom(most)
        handles = struct.pack(">II", NV_INDEX, NV_INDEX)
        nv_define(t, most)
        try:
            t.run_authorized(tpm.CC_NV_WRITE, handles, tpm.buffer(data) + b"\0\0")
            check(nv_read(t, most, 0) == data, "other data read")
            check(nv_read(t, 1, most - 1) == data[-1:], "other last byte")
        finally:
            nv_undefine(t)


def test_context():
    """ContextSave, whose response is larger than its command by far"""
    with tpm.Tpm("/dev/tpm0") as t:
        start = tpm.buffer(b"") + struct.pack(">H", tpm.ALG["sha512"])
        handle = t.run(tpm.CC_HASH_SEQUENCE_START, start)[:4]
        try:
            saved = t.run(tpm.CC_CONTEXT_SAVE, handle)
            check(len(saved) > 300, f"a context of {len(saved)} bytes")
        finally:
            t.run(tpm.CC_FLUSH_CONTEXT, handle)


tap.run(
    [
        test_largest,
        test_too_large,
        test_short,
        test_hash,
        test_random,
        test_nv,
        test_context,
    ]
)
