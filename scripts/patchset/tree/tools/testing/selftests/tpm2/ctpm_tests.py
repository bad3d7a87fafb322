# SPDX-License-Identifier: (GPL-2.0 OR BSD-3-Clause)
"""The binding of the SVSM's vTPM to the SNP report, against its log."""

import glob
import hashlib
import os
import struct
import unittest

FOLDER = '/sys/kernel/security/ctpm/'
ALGORITHMS = {0x04: 'sha1', 0x0b: 'sha256', 0x0c: 'sha384', 0x0d: 'sha512'}
EV_NO_ACTION = 3
EV_EVENT_TAG = 6
TAG_REPORT = 0x43545001
NONCE_LABEL = b'ctpm boot report nonce v1'
REPORT_VMPL = 0x30
REPORT_DATA = 0x50


def read(name):
    with open(FOLDER + name, 'rb') as f:
        return f.read()


class Cursor:
    """Fields one after the other; past the end is an error."""

    def __init__(self, data):
        self.data = data
        self.pos = 0

    def take(self, size):
        part = self.data[self.pos:self.pos + size]
        if len(part) != size:
            raise ValueError('truncated')
        self.pos += size
        return part

    def ints(self, layout):
        return struct.unpack('<' + layout, self.take(struct.calcsize('<' + layout)))

    def at_end(self):
        return self.pos == len(self.data)


def parse_log(data):
    """Digest sizes of the banks, and the events: PCR, {algorithm: digest}, tag, data"""
    c = Cursor(data)
    _, event_type = c.ints('II')
    c.take(20)
    spec = Cursor(c.take(c.ints('I')[0]))
    if event_type != EV_NO_ACTION or spec.take(16) != b'Spec ID Event03\0':
        raise ValueError('no crypto-agile log')
    spec.take(8)
    banks = dict(spec.ints('HH') for _ in range(spec.ints('I')[0]))
    events = []
    while not c.at_end():
        pcr, event_type, count = c.ints('III')
        digests = {}
        for _ in range(count):
            algorithm = c.ints('H')[0]
            digests[algorithm] = c.take(banks[algorithm])
        event = Cursor(c.take(c.ints('I')[0]))
        if event_type != EV_EVENT_TAG:
            raise ValueError('event type %d' % event_type)
        tag, size = event.ints('II')
        events.append((pcr, digests, tag, event.take(size)))
    return banks, events


class BindingTest(unittest.TestCase):
    def setUp(self):
        self.banks, self.events = parse_log(read('log'))
        bound = glob.glob('/sys/bus/platform/devices/*/report_pcr')
        self.assertEqual(len(bound), 1)
        self.device = os.path.dirname(bound[0])

    def state(self, name):
        with open(os.path.join(self.device, name)) as f:
            return f.read().strip()

    def report_event(self):
        events = [e for e in self.events if e[2] == TAG_REPORT]
        self.assertEqual(len(events), 1)
        return events[0]

    def test_state(self):
        # sysfs says the same as the log of a TPM that is bound
        self.assertEqual(self.state('reason'), 'none')
        self.assertEqual(int(self.state('report_pcr')), self.report_event()[0])

    def test_digest(self):
        # the event's digests are those of the published report
        report = read('report')
        for algorithm, digest in self.report_event()[1].items():
            if algorithm in ALGORITHMS:
                self.assertEqual(hashlib.new(ALGORITHMS[algorithm], report).digest(), digest)

    def test_replay(self):
        # the log replays to the PCRs of each bank that sysfs shows
        checked = 0
        for algorithm, name in ALGORITHMS.items():
            folder = '/sys/class/tpm/tpm0/pcr-' + name
            if algorithm not in self.banks or not os.path.isdir(folder):
                continue
            for pcr in {e[0] for e in self.events}:
                value = bytes(self.banks[algorithm])
                for _, digests, _, _ in (e for e in self.events if e[0] == pcr):
                    value = hashlib.new(name, value + digests[algorithm]).digest()
                with open('%s/%d' % (folder, pcr)) as f:
                    self.assertEqual(f.read().strip().lower(), value.hex())
                checked += 1
        self.assertGreater(checked, 0)

    def test_report_data(self):
        # the report is of VMPL0 and answers to the nonce of the event, over the manifest
        report = read('report')
        event = Cursor(self.report_event()[3])
        version, _, reset_count, restart_count = event.ints('IIII')
        self.assertEqual(version, 1)
        random = event.take(32)
        nonce = hashlib.sha512(NONCE_LABEL + random +
                               struct.pack('<II', reset_count, restart_count)).digest()
        self.assertEqual(struct.unpack_from('<I', report, REPORT_VMPL)[0], 0)
        self.assertEqual(report[REPORT_DATA:REPORT_DATA + 64],
                         hashlib.sha512(nonce + read('manifest')).digest())
