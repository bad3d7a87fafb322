# SPDX-License-Identifier: GPL-2.0-or-later
"""TAP for the suites in Python: functions named test_*, run in order."""
import sys
import traceback


class Skip(Exception):
    """Raised by a test that cannot be made here; the text is the reason."""


def run(tests):
    """Run the functions, print TAP, and leave with the status."""
    failed = 0
    print(f"1..{len(tests)}")
    for number, test in enumerate(tests, 1):
        name = (test.__doc__ or test.__name__).strip().splitlines()[0]
        try:
            test()
            print(f"ok {number} - {name}")
        except Skip as reason:
            print(f"ok {number} - {name} # SKIP {reason}")
        except Exception:  # a test that dies has failed, the others go on
            failed += 1
            print(f"not ok {number} - {name}")
            for line in traceback.format_exc().splitlines():
                print("# " + line)
        sys.stdout.flush()
    sys.exit(1 if failed else 0)
