# SPDX-License-Identifier: GPL-2.0-or-later
"""TPM 2.0 commands as bytes, for tests that must see exactly what comes back.

Names and numbers are those of the TCG's "TPM 2.0 Library", parts 2 and 3.
"""
import os
import struct

ST_NO_SESSIONS = 0x8001
ST_SESSIONS = 0x8002
RS_PW = 0x40000009
RH_OWNER = 0x40000001
RH_NULL = 0x40000007

CC_NV_UNDEFINE_SPACE = 0x122
CC_NV_DEFINE_SPACE = 0x12A
CC_NV_WRITE = 0x137
CC_SEQUENCE_COMPLETE = 0x13E
CC_STIR_RANDOM = 0x146
CC_NV_READ = 0x14E
CC_SEQUENCE_UPDATE = 0x15C
CC_CONTEXT_SAVE = 0x162
CC_FLUSH_CONTEXT = 0x165
CC_GET_CAPABILITY = 0x17A
CC_GET_RANDOM = 0x17B
CC_HASH = 0x17D
CC_PCR_READ = 0x17E
CC_READ_CLOCK = 0x181
CC_PCR_EXTEND = 0x182
CC_HASH_SEQUENCE_START = 0x186

RC_COMMAND_CODE = 0x143
RC_SIZE = 0x095
RESMGR_RC_LAYER = 11 << 16

CAP_TPM_PROPERTIES = 6
PT_INPUT_BUFFER = 0x10D
PT_NV_BUFFER_MAX = 0x12C
PT_MAX_DIGEST = 0x120

ALG = {"sha1": 0x4, "sha256": 0xB, "sha384": 0xC, "sha512": 0xD}
DIGEST_SIZE = {"sha1": 20, "sha256": 32, "sha384": 48, "sha512": 64}

BUFFER_SIZE = 4096  # of the kernel's TPM core, TPM_BUFSIZE
# The calling convention's page holds 9 bytes before the command (AMD 58019,
# TPM_SEND_COMMAND); QEMU's CRB device has 128 bytes of registers in its page.
LARGEST_COMMAND = {"ctpm": BUFFER_SIZE - 9, "tpm-svsm": BUFFER_SIZE - 9, "tpm_crb": BUFFER_SIZE - 128}


class Error(Exception):
    """A response whose code is not TPM_RC_SUCCESS."""

    def __init__(self, code, rc):
        super().__init__(f"command {code:#x} failed with {rc:#x}")
        self.rc = rc


def check(condition, text):
    if not condition:
        raise AssertionError(text)


def driver():
    """Name of the driver that serves /dev/tpm0."""
    return os.path.basename(os.path.realpath("/sys/class/tpm/tpm0/device/driver"))


def buffer(data):
    """A TPM2B of the bytes."""
    return struct.pack(">H", len(data)) + data


def command(code, body=b"", tag=ST_NO_SESSIONS):
    return struct.pack(">HII", tag, 10 + len(body), code) + body


def password(handles, parameters):
    """Handles, then an empty password for the first, then the parameters."""
    auth = struct.pack(">IHBH", RS_PW, 0, 0, 0)
    return handles + struct.pack(">I", len(auth)) + auth + parameters


class Tpm:
    """One open TPM device."""

    def __init__(self, path):
        self.path = path
        self.fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        os.close(self.fd)

    def transmit(self, data):
        """Send the bytes, return the response after checking its frame."""
        written = os.write(self.fd, data)
        check(written == len(data), f"{written} of {len(data)} bytes written")
        response = os.read(self.fd, BUFFER_SIZE)
        check(len(response) >= 10, f"a response of {len(response)} bytes")
        tag, size, _ = struct.unpack(">HII", response[:10])
        check(tag in (ST_NO_SESSIONS, ST_SESSIONS), f"response tag {tag:#x}")
        check(size == len(response), f"response says {size}, has {len(response)} bytes")
        return response

    def rc(self, data):
        """Response code to the bytes; an error response is a bare header."""
        response = self.transmit(data)
        rc = struct.unpack(">I", response[6:10])[0]
        check(rc == 0 or len(response) == 10, f"error {rc:#x} with {len(response)} bytes")
        return rc

    def run(self, code, body=b"", tag=ST_NO_SESSIONS):
        """Response body of a command that must succeed."""
        response = self.transmit(command(code, body, tag))
        rc = struct.unpack(">I", response[6:10])[0]
        if rc:
            raise Error(code, rc)
        check(struct.unpack(">H", response[:2])[0] == tag, "response tag is not the command's")
        return response[10:]

    def run_authorized(self, code, handles, parameters, out_handles=0):
        """The same with an empty password; returns handles and parameters."""
        body = self.run(code, password(handles, parameters), ST_SESSIONS)
        at = 4 * out_handles
        size = struct.unpack(">I", body[at : at + 4])[0]
        check(at + 4 + size <= len(body), f"parameter size {size} of {len(body)}")
        return body[at + 4 : at + 4 + size]

    def property(self, which):
        body = self.run(CC_GET_CAPABILITY, struct.pack(">III", CAP_TPM_PROPERTIES, which, 1))
        _, capability, count, name, value = struct.unpack(">BIIII", body)
        check((capability, count, name) == (CAP_TPM_PROPERTIES, 1, which), "another property")
        return value

    def get_random(self, count):
        body = self.run(CC_GET_RANDOM, struct.pack(">H", count))
        check(struct.unpack(">H", body[:2])[0] == len(body) - 2, "TPM2B size")
        return body[2:]

    def stir_random(self, data):
        check(self.run(CC_STIR_RANDOM, buffer(data)) == b"", "StirRandom answers no data")

    def hash(self, data, name):
        """Digest by TPM2_Hash; the ticket behind it is checked for its form."""
        body = self.run(CC_HASH, buffer(data) + struct.pack(">HI", ALG[name], RH_NULL))
        size = struct.unpack(">H", body[:2])[0]
        digest, ticket = body[2 : 2 + size], body[2 + size :]
        check(len(ticket) >= 8 and ticket[:2] == b"\x80\x24", "no TPM_ST_HASHCHECK ticket")
        return digest

    def hash_sequence(self, data, name, step):
        """The same by a sequence object, step bytes at a time."""
        body = self.run(CC_HASH_SEQUENCE_START, buffer(b"") + struct.pack(">H", ALG[name]))
        handle = body[:4]
        for at in range(0, len(data), step):
            self.run_authorized(CC_SEQUENCE_UPDATE, handle, buffer(data[at : at + step]))
        body = self.run_authorized(
            CC_SEQUENCE_COMPLETE, handle, buffer(b"") + struct.pack(">I", RH_NULL)
        )
        size = struct.unpack(">H", body[:2])[0]
        return body[2 : 2 + size]

    def pcr_read(self, index, bank="sha256"):
        selection = bytearray(3)
        selection[index // 8] = 1 << index % 8
        body = self.run(CC_PCR_READ, struct.pack(">IHB", 1, ALG[bank], 3) + selection)
        check(len(body) == 4 + 10 + 4 + 2 + DIGEST_SIZE[bank], f"PCR_Read of {len(body)} bytes")
        return body[20:]

    def pcr_extend(self, index, digest, bank="sha256"):
        self.run_authorized(CC_PCR_EXTEND, struct.pack(">I", index), struct.pack(">IH", 1, ALG[bank]) + digest)

    def clock(self):
        """TPMS_TIME_INFO: time, clock (ms), resetCount, restartCount, safe."""
        return struct.unpack(">QQIIB", self.run(CC_READ_CLOCK))
