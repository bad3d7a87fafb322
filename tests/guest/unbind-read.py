# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads of the log while tpm_svsm is unbound: all of the log, or nothing of it.

For unbind.sh, with slab_debug=P on the kernel's command line: what is freed is
overwritten. A read sleeps where it copies to memory that is yet to come from the disk.
"""
import errno
import mmap
import os
import threading

DRIVER = "/sys/bus/platform/drivers/tpm-svsm/"
LOG = "/sys/kernel/security/ctpm/log"
ROUNDS = 20
PAGE = 4096


def write(name):
    with open(DRIVER + name, "w") as f:
        f.write("tpm-svsm")


def read(fd, page):
    """What a read gives, or nothing if that is ENODEV."""
    try:
        return bytes(page[: os.preadv(fd, [page], 0)])
    except OSError as e:
        if e.errno != errno.ENODEV:
            raise
    return b""


def unbound_meanwhile(page):
    """What a read gives while the driver is unbound; after that there is nothing."""
    with open(LOG, "rb", buffering=0) as f:
        unbind = threading.Thread(target=write, args=["unbind"])
        unbind.start()
        got = read(f.fileno(), page)
        unbind.join()
        after = read(f.fileno(), memoryview(bytearray(PAGE)))
    assert after == b"", f"{len(after)} bytes once it was unbound"
    return got


def main():
    disk = os.open("/dev/vda", os.O_RDONLY)
    pages = mmap.mmap(disk, ROUNDS * 64 * PAGE, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
    pages.madvise(mmap.MADV_RANDOM)
    read_at_all = 0
    for i in range(ROUNDS):
        with open(LOG, "rb") as f:
            log = f.read()
        at = (64 * i + 5) * PAGE
        got = unbound_meanwhile(memoryview(pages)[at : at + PAGE])
        write("bind")
        assert got in (b"", log), f"round {i}: {got[:16].hex()}..., not {log[:16].hex()}..."
        read_at_all += got != b""
    print(f"{read_at_all} of {ROUNDS} reads were first")


main()
