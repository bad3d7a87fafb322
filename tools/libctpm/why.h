/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WHY_H
#define WHY_H

#include <ctpm/error.h>

/* Fill in @why, if there is one, and return @code. */
__attribute__((format(printf, 3, 4))) enum ctpm_error
because(struct ctpm_why *why, enum ctpm_error code, const char *format, ...);

#endif
