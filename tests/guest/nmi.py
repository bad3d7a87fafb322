# SPDX-License-Identifier: GPL-2.0-or-later
"""CPU 1 has the TPM work while NMIs hit it, most of them within an SVSM call.

"echo l >/proc/sysrq-trigger" on CPU 0 sends one to every other CPU. It leaves
backtraces in the kernel log, between two lines by which dmesg.sh knows them.

This is not for a CPU that was offline: hotplug.sh says what Linux has none left of
then, and each NMI needs one.
"""
import hashlib
import os
import struct

import tap
import tpm
from tpm import check

COUNT = 200
PCR = 16  # for debugging


def nmis():
    """Of CPU 1, so far."""
    with open("/proc/interrupts") as f:
        return next(int(line.split()[2]) for line in f if line.split()[0] == "NMI:")


def send_nmis():
    """In a process of its own, until it is killed or its parent is gone."""
    os.sched_setaffinity(0, {0})
    parent = os.getppid()
    while os.getppid() == parent:
        with open("/proc/sysrq-trigger", "w") as f:
            f.write("l")
    os._exit(0)


def write(path, text):
    with open(path, "w") as f:
        f.write(text)


def test_commands():
    """no command fails, and a PCR gets each extend once"""
    if os.cpu_count() < 2:
        raise tap.Skip("there is no second CPU")
    write("/proc/sys/kernel/sysrq", "1")
    write("/proc/sys/kernel/printk", "1")
    write("/dev/kmsg", "nmi.py: backtraces\n")
    os.sched_setaffinity(0, {1})
    before = nmis()
    child = os.fork()
    if child == 0:
        send_nmis()
    try:
        with tpm.Tpm("/dev/tpm0") as t:
            value = t.pcr_read(PCR)
            for i in range(COUNT):
                digest = hashlib.sha256(struct.pack(">I", i)).digest()
                value = hashlib.sha256(value + digest).digest()
                t.pcr_extend(PCR, digest)
                t.get_random(16)
            after = t.pcr_read(PCR)
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        write("/dev/kmsg", "nmi.py: no more\n")
        write("/proc/sys/kernel/printk", "7")
    count = nmis() - before
    print(f"# {count} NMIs in {2 * COUNT} commands")
    check(after == value, f"PCR {PCR} is {after.hex()}, not {value.hex()}")
    check(count > 50, f"only {count} NMIs")


tap.run([test_commands])
