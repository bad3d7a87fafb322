# SPDX-License-Identifier: GPL-2.0-or-later
"""Thousands of commands of random kind and size, from several processes at once.

Each response is checked against what must come back. STRESS_COUNT commands
in all (10000), STRESS_SEED to repeat a run; one of the four processes uses
/dev/tpm0, which only one may open, the others /dev/tpmrm0.
"""
import errno
import hashlib
import os
import random
import sys
import time

import tpm
from tpm import check

COUNT = int(os.environ.get("STRESS_COUNT", "10000"))
SEED = int(os.environ.get("STRESS_SEED", str(int.from_bytes(os.urandom(4), "big"))))
DEVICES = ["/dev/tpm0", "/dev/tpmrm0", "/dev/tpmrm0", "/dev/tpmrm0"]
NO_SUCH_COMMAND = 0x11E  # below TPM_CC_FIRST


class Worker:
    """One process: its device, its random numbers, what it knows of the TPM."""

    def __init__(self, number):
        self.random = random.Random(SEED + number)
        self.tpm = tpm.Tpm(DEVICES[number])
        self.managed = DEVICES[number] == "/dev/tpmrm0"
        self.largest = tpm.LARGEST_COMMAND[tpm.driver()]
        self.input_buffer = self.tpm.property(tpm.PT_INPUT_BUFFER)
        self.max_digest = self.tpm.property(tpm.PT_MAX_DIGEST)
        self.pcrs = [self.tpm.pcr_read(i) for i in range(24)]
        self.clock = self.tpm.clock()
        self.last_random = b""

    def data(self, most):
        return self.random.randbytes(self.random.randint(0, most))

    def get_random(self):
        count = self.random.randint(0, 2 * self.max_digest)
        got = self.tpm.get_random(count)
        check(len(got) == min(count, self.max_digest), f"{count} asked for, {len(got)} came")
        if len(got) >= 16:
            check(got != self.last_random, "twice the same random bytes")
            self.last_random = got
        return 1

    def stir_random(self):
        self.tpm.stir_random(self.data(128))
        return 1

    def hash(self):
        name = self.random.choice(list(tpm.ALG))
        data = self.data(self.input_buffer)
        digest = self.tpm.hash(data, name)
        check(digest == hashlib.new(name, data).digest(), f"wrong {name} of {data.hex()}")
        return 1

    def hash_sequence(self):
        name = self.random.choice(list(tpm.ALG))
        data = self.data(3 * self.input_buffer)
        digest = self.tpm.hash_sequence(data, name, self.input_buffer)
        check(digest == hashlib.new(name, data).digest(), f"wrong sequence {name}")
        return 2 + -(-len(data) // self.input_buffer)

    def pcr_read(self):
        index = self.random.randrange(24)
        value = self.tpm.pcr_read(index)
        check(value == self.pcrs[index], f"PCR {index} changed to {value.hex()}")
        return 1

    def read_clock(self):
        now = self.tpm.clock()
        check(now[0] >= self.clock[0] and now[1] >= self.clock[1], "time went back")
        check(now[2:4] == self.clock[2:4], "the TPM was reset")
        self.clock = now
        return 1

    def trailing_bytes(self):
        size = self.random.randint(13, self.largest)
        rc = self.tpm.rc(tpm.command(tpm.CC_GET_RANDOM, b"\0\x08" + bytes(size - 12)))
        check(rc & 0xBF == tpm.RC_SIZE, f"{size} bytes gave {rc:#x}")
        return 1

    def unknown_command(self):
        rc = self.tpm.rc(tpm.command(NO_SUCH_COMMAND, self.data(64)))
        wanted = tpm.RC_COMMAND_CODE | (tpm.RESMGR_RC_LAYER if self.managed else 0)
        check(rc == wanted, f"unknown command gave {rc:#x}")
        return 1

    def cut_short(self):
        whole = tpm.command(tpm.CC_STIR_RANDOM, tpm.buffer(self.data(128)))
        try:
            os.write(self.tpm.fd, whole[: self.random.randint(1, len(whole) - 1)])
        except OSError as e:
            check(e.errno == errno.EINVAL, f"a cut command gave errno {e.errno}")
            return 0
        raise AssertionError("a cut command was taken")

    def run(self, count):
        kinds = [
            (self.get_random, 25),
            (self.hash, 25),
            (self.stir_random, 15),
            (self.pcr_read, 15),
            (self.read_clock, 5),
            (self.trailing_bytes, 5),
            (self.unknown_command, 5),
            (self.hash_sequence, 2),
            (self.cut_short, 3),
        ]
        actions = [action for action, _ in kinds]
        weights = [weight for _, weight in kinds]
        sent = 0
        while sent < count:
            sent += self.random.choices(actions, weights)[0]()


def work(number, result):
    """In a process of its own; the pipe gets a sentence if it goes wrong."""
    status = 0
    try:
        Worker(number).run(COUNT // len(DEVICES))
    except Exception as e:  # reported by the parent
        os.write(result, f"{type(e).__name__}: {e}".encode()[:2000])
        status = 1
    os._exit(status)


def start(number):
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        work(number, theirs)
    os.close(theirs)
    return pid, ours


def main():
    began = time.monotonic()
    children = [start(number) for number in range(len(DEVICES))]
    failed = 0
    print(f"1..{len(DEVICES)}")
    for number, (pid, pipe) in enumerate(children):
        _, status = os.waitpid(pid, 0)
        text = os.read(pipe, 2000).decode()
        name = f"{COUNT // len(DEVICES)} commands through {DEVICES[number]}, process {number + 1}"
        print(f"{'ok' if status == 0 else 'not ok'} {number + 1} - {name}")
        if status:
            failed += 1
            print(f"# {text or 'wait status ' + str(status)}")
            print(f"# repeat with STRESS_SEED={SEED}")
    print(f"# {COUNT} commands in {time.monotonic() - began:.1f} s, seed {SEED}")
    sys.exit(1 if failed else 0)


main()
