// SPDX-License-Identifier: GPL-2.0-or-later
/* The appraisal of evidence: what is accepted, and each attack on the protocol. */
#include "guest.h"

#define ANY "{\"version\": 1, \"modes\": [\"svsm\"], \"measurements\": \"any\"}"

static void evidence_of_a_boot_is_accepted(void **state)
{
	struct verifier v;
	struct guest g;

	(void)state;
	guest_start(&g, KEYS, CTPM_MODE_SVSM);
	guest_boot(&g);
	verifier_start(&v, &g, ANY);
	guest_certify(&g, v.ca);
	guest_attest(&g, &v);
	accepts(&v, &g);
	/* and from what was verified before */
	verifier_ask(&v, AUD, false);
	guest_attest(&g, &v);
	accepts(&v, &g);
	guest_stop(&g);
	verifier_stop(&v);
}

static void a_fresh_report_is_accepted(void **state)
{
	struct verifier v;
	struct guest g;

	(void)state;
	guest_start(&g, KEYS, CTPM_MODE_SVSM);
	guest_boot(&g);
	verifier_start(&v, &g, ANY);
	guest_certify(&g, v.ca);
	verifier_ask(&v, AUD, true);
	guest_attest(&g, &v);
	accepts(&v, &g);
	assert_int_equal(v.result.check[CTPM_CHECK_FRESH].status, CTPM_HOLDS);
	guest_stop(&g);
	verifier_stop(&v);
}

static void a_log_that_is_not_of_the_pcr_is_refused(void **state)
{
	struct verifier v;
	struct guest g;

	(void)state;
	guest_start(&g, KEYS, CTPM_MODE_SVSM);
	guest_boot(&g);
	verifier_start(&v, &g, ANY);
	guest_certify(&g, v.ca);
	g.pcrs.value[REPORT_PCR][0] ^= 1;
	guest_attest(&g, &v);
	refuses(&v, &g, CTPM_CHECK_LOG);
	guest_stop(&g);
	verifier_stop(&v);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(evidence_of_a_boot_is_accepted),
	cmocka_unit_test(a_fresh_report_is_accepted),
	cmocka_unit_test(a_log_that_is_not_of_the_pcr_is_refused),
};

SUITE(appraise_suite, tests);
