/* SPDX-License-Identifier: GPL-2.0-only */
/* What the KUnit suites share. */
#ifndef CTPM_TEST_H
#define CTPM_TEST_H

#include <linux/types.h>

u32 ctpm_fake_tpm(const u8 *cmd, u8 *rsp);

#endif
