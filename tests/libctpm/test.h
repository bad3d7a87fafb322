/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of libctpm share: machines whose reports and certificates they use. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <ctpm/certs.h>

#include "../../tools/snpemu/sp/sp.h"

struct suite {
	const struct CMUnitTest *tests;
	size_t count;
};

extern const struct suite akcert_suite, appraise_suite, bits_suite, ca_suite, ear_suite,
	ekcert_suite, eventlog_suite, genuine_suite, judge_suite, messages_suite, policy_suite,
	report_suite, verify_suite, vouched_suite;

#define SUITE(name, array) const struct suite name = { array, sizeof(array) / sizeof((array)[0]) }

/* A platform with a guest, whose report was asked for at VMPL0; keys as in @keys */
struct machine {
	struct snp_sp_config config;
	struct snp_sp *sp;
	uint8_t report[CTPM_REPORT_SIZE];
};

#define KEYS	   "first"
#define OTHER_KEYS "second" /* another root, of the same names */

void machine_config(struct machine *m, enum snp_product product, const char *keys);
void machine_start(struct machine *m);
void machine_stop(struct machine *m);

/* A file of the test data, at most @size bytes */
size_t read_data(const char *name, uint8_t *to, size_t size);

#endif
