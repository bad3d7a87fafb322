# SPDX-License-Identifier: GPL-2.0-or-later
#
# For the kernel's kunit.py: "kunit.py run --qemu_config=.../snpemu.py" builds a kernel
# that boots as an SNP guest, and runs it by snpemu (qemu-system-snpemu beside this).
import os

from ..qemu_config import QemuArchParams

_here = os.path.dirname(os.path.realpath(__file__))
os.environ["PATH"] += os.pathsep + _here

with open(os.path.join(_here, "..", "config"), encoding="utf-8") as _f:
    _kconfig = "".join(line for line in _f if line.startswith("CONFIG_"))

QEMU_ARCH = QemuArchParams(
    linux_arch="x86_64",
    kconfig=_kconfig,
    qemu_arch="snpemu",
    kernel_path="arch/x86/boot/bzImage",
    kernel_command_line="console=ttyS0 panic=-1",
    extra_qemu_params=[],
)
