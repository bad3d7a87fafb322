# SPDX-License-Identifier: GPL-2.0-or-later
"""relay.py SOCKET [FAULT]: TPM commands from standard input to a TPM at SOCKET, and its answers back.

For tpm2-tss's "cmd" TCTI. FAULT is what goes wrong:
    fail=CC[:N],...  the command CC (hex) gets TPM_RC_FAILURE, or only its N-th time, from 1
    nv-empty         TPM2_NV_Read gives no bytes
    odd-bank         a PCR bank has an identifier that nobody knows
"""
import os
import socket
import struct
import sys

NV_READ = 0x14E
GET_CAPABILITY = 0x17A
CAP_PCRS = struct.pack(">I", 5)


def whole(read):
    """One command or answer: tag, size of all of it, code"""
    data = b""
    while len(data) < 10 or len(data) < struct.unpack(">I", data[2:6])[0]:
        missing = (struct.unpack(">I", data[2:6])[0] if len(data) >= 10 else 10) - len(data)
        some = read(missing)
        if not some:
            sys.exit(0)
        data += some
    return data


fault, _, which = (sys.argv[2] if len(sys.argv) > 2 else "").partition("=")
fails = {int(c, 16): n for c, _, n in (w.partition(":") for w in which.split(",") if w)}
tpm = socket.socket(socket.AF_UNIX)
tpm.connect(sys.argv[1])
times = {}
while True:
    command = whole(lambda n: os.read(0, n))
    cc = struct.unpack(">I", command[6:10])[0]
    times[cc] = times.get(cc, 0) + 1
    if cc in fails and fails[cc] in ("", str(times[cc])):
        os.write(1, struct.pack(">HII", 0x8001, 10, 0x101))
        continue
    tpm.sendall(command)
    answer = whole(tpm.recv)
    if fault == "nv-empty" and cc == NV_READ:
        body = struct.pack(">IH", 2, 0) + b"\0\0\1\0\0"
        answer = struct.pack(">HII", 0x8002, 10 + len(body), 0) + body
    if fault == "odd-bank" and cc == GET_CAPABILITY and command[10:14] == CAP_PCRS:
        answer = answer.replace(b"\0\x0c\3", b"\0\x77\3")
    os.write(1, answer)
