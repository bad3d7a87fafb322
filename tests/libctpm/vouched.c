// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reports that an AK's certificate vouches for: taken without AMD's certificates where the
 * policy says so, and only there, and only these.
 */
#include "guest.h"

#include <stdlib.h>

#define ALLOWED "\"allow_vouched_report\": true"

/* A policy that believes the Owner CA, and evidence without AMD's certificates */
static void allow(struct scene *s)
{
	verifier_rules(&s->v, ALLOWED);
	s->g.certs.len = 0;
}

static void a_vouched_report_needs_no_certificates_of_amds(struct scene *s)
{
	allow(s);
}

static void a_bound_tpms_report_may_be_vouched_for(struct scene *s)
{
	verifier_rules(&s->v, ALLOWED ", \"bind_vmpls\": [0]");
	s->g.certs.len = 0;
}

static void without_a_word_in_the_policy_amds_signature_is_needed(struct scene *s)
{
	s->g.certs.len = 0;
}

static void if_the_policy_says_no_amds_signature_is_needed(struct scene *s)
{
	verifier_rules(&s->v, "\"allow_vouched_report\": false");
	s->g.certs.len = 0;
}

static void the_report_of_another_boot_is_not_vouched_for(struct scene *s)
{
	allow(s);
	guest_boot(&s->g);
}

static void the_report_of_another_boot_can_be_verified(struct scene *s)
{
	verifier_rules(&s->v, ALLOWED);
	guest_boot(&s->g);
}

static void a_forged_report_is_not_vouched_for(struct scene *s)
{
	verifier_rules(&s->v, ALLOWED);
	s->g.report[CTPM_REPORT_SIGNED_SIZE] ^= 1;
	guest_log_open(&s->g);
	guest_log_report(&s->g);
}

static void a_certificate_that_fails_vouches_for_nothing(struct scene *s)
{
	struct ctpm_ca *foreign;
	char *cert;

	allow(s);
	open_namesake(&s->v, &foreign, &cert);
	guest_certify(&s->g, foreign);
	ctpm_ca_free(foreign);
	free(cert);
}

static void an_expired_certificate_vouches_for_nothing(struct scene *s)
{
	allow(s);
	guest_certify_from(&s->g, s->v.ca, s->v.time - 40LL * 86400, 30);
}

/* Who lists an AK has not said anything about its boot */
static void an_ak_in_the_policy_vouches_for_nothing(struct scene *s)
{
	verifier_rules(&s->v, ALLOWED ", \"aks\": [{\"name\": \"%s\", \"ek\": \"%s\"}]",
		       to_hex(s->g.ak_name.data, s->g.ak_name.len).text,
		       to_hex(s->g.ek_name.data, s->g.ek_name.len).text);
	s->g.certs.len = 0;
}

/* The Owner CA has seen none that is made for a challenge */
static void a_fresh_report_is_verified_all_the_same(struct scene *s)
{
	allow(s);
	s->v.challenge.want_fresh = true;
	verifier_encode(&s->v);
}

static void what_a_vouched_report_says_counts(struct scene *s)
{
	verifier_rules(&s->v, ALLOWED ", \"min_guest_svn\": 1");
	s->g.certs.len = 0;
}

static void a_vouched_report_is_of_the_product_that_was_verified(struct scene *s)
{
	verifier_rules(&s->v, ALLOWED ", \"tcb\": {\"Turin\": {\"fmc\": 0}}");
	s->g.certs.len = 0;
}

static void a_vouched_report_of_another_product_is_refused(struct scene *s)
{
	verifier_rules(&s->v, ALLOWED ", \"tcb\": {\"Genoa\": {\"snp\": 0}}");
	s->g.certs.len = 0;
}

static void a_vouched_report_of_vmpl_2_is_refused(struct scene *s)
{
	s->g.vmpl = 2;
}

/* The same, when the certificate was verified before; and the result says which it was */
static void the_result_says_who_has_verified_the_report(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, CTPM_MODE_SVSM);
	accepts(&s.v, &s.g);
	assert_false(s.v.result.vouched);
	verifier_rules(&s.v, ALLOWED);
	for (int i = 0; i < 2; i++) {
		accepts(&s.v, &s.g);
		assert_true(s.v.result.vouched);
		assert_int_equal(s.v.result.product, CTPM_MILAN);
	}
	verifier_policy(&s.v, ANY);
	accepts(&s.v, &s.g);
	assert_false(s.v.result.vouched);
	scene_end(&s);
}

/* An Owner CA believes no other, and not itself */
static void a_request_is_never_vouched_for(void **state)
{
	struct ctpm_bytes request = { NULL, 0 };
	struct ctpm_claims claims;
	struct scene s;
	uint8_t *data;

	(void)state;
	scene_start(&s, CTPM_MODE_SVSM);
	allow(&s);
	guest_attest(&s.g, &s.v);
	accepts(&s.v, &s.g);
	claims = s.g.claims;
	assert_int_equal(ctpm_request_encode(&claims, &data, &request.len, NULL), CTPM_OK);
	request.data = data;
	assert_int_equal(ctpm_verify_request(s.v.v, s.v.policy, request, s.v.time, 0, &s.v.result),
			 CTPM_REFUSED);
	assert_int_equal(s.v.result.check[CTPM_CHECK_REPORT].status, CTPM_FAILS);
	assert_false(s.v.result.vouched);
	free(data);
	scene_end(&s);
}

/* With no signature of AMD's to be broken */
static void every_bit_of_a_vouched_report_counts(void **state)
{
	struct scene s;
	uint8_t *at;

	(void)state;
	scene_start(&s, CTPM_MODE_SVSM);
	allow(&s);
	guest_attest(&s.g, &s.v);
	accepts(&s.v, &s.g);
	at = memmem(s.g.evidence, s.g.evidence_len, s.g.report, CTPM_REPORT_SIZE);
	assert_non_null(at);
	for (size_t bit = 0; bit < 8 * CTPM_REPORT_SIZE; bit++) {
		at[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (verifier_judge(&s.v, &s.g) != CTPM_REFUSED || s.v.result.vouched)
			fail_msg("bit %zu of byte %zu", bit % 8, bit / 8);
		at[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	accepts(&s.v, &s.g);
	scene_end(&s);
}

static const struct CMUnitTest tests[] = {
	SCENE(a_vouched_report_needs_no_certificates_of_amds, TRUST, 0),
	SCENE_BOUND(a_bound_tpms_report_may_be_vouched_for, TRUST, 0),
	SCENE(without_a_word_in_the_policy_amds_signature_is_needed, TRUST, BY(REPORT)),
	SCENE(if_the_policy_says_no_amds_signature_is_needed, TRUST, BY(REPORT)),
	SCENE(the_report_of_another_boot_is_not_vouched_for, TRUST, BY(REPORT)),
	SCENE(the_report_of_another_boot_can_be_verified, TRUST, 0),
	SCENE(a_forged_report_is_not_vouched_for, TRUST, BY(REPORT)),
	SCENE(a_certificate_that_fails_vouches_for_nothing, TRUST, BY(AK_CERTIFICATE) | BY(REPORT)),
	SCENE(an_expired_certificate_vouches_for_nothing, TRUST, BY(AK_CERTIFICATE) | BY(REPORT)),
	SCENE(an_ak_in_the_policy_vouches_for_nothing, TRUST, BY(REPORT)),
	SCENE(a_fresh_report_is_verified_all_the_same, TRUST, BY(FRESH)),
	SCENE(what_a_vouched_report_says_counts, TRUST, BY(IDENTITY)),
	SCENE_TURIN(a_vouched_report_is_of_the_product_that_was_verified, TRUST, 0),
	SCENE(a_vouched_report_of_another_product_is_refused, TRUST, BY(TCB)),
	SCENE(a_vouched_report_of_vmpl_2_is_refused, POWER, BY(VMPL)),
	cmocka_unit_test(the_result_says_who_has_verified_the_report),
	cmocka_unit_test(a_request_is_never_vouched_for),
	cmocka_unit_test(every_bit_of_a_vouched_report_counts),
};

SUITE(vouched_suite, tests);
