// SPDX-License-Identifier: GPL-2.0-or-later
/* The policy's part of the appraisal: each rule met, and not met. */
#include "guest.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>

#define RULES(...) verifier_rules(&s->v, __VA_ARGS__)

/* What the SP says of this guest, for rules that are to be met */
static struct ctpm_report report_of(const struct scene *s)
{
	struct ctpm_report r;

	assert_int_equal(ctpm_report_parse(s->g.report, sizeof(s->g.report), &r, NULL), CTPM_OK);
	return r;
}

/*
 * Measurement
 */

static void measured(struct scene *s, int flip)
{
	struct ctpm_report r = report_of(s);
	char policy[1024];

	r.measurement[47] ^= (uint8_t)flip;
	snprintf(policy, sizeof(policy),
		 "{\"version\": 1, \"modes\": [\"svsm\"], \"measurements\": [\"%s\", \"%s\"]}",
		 to_hex(r.host_data, 48).text, to_hex(r.measurement, 48).text);
	verifier_policy(&s->v, policy);
}

static void a_measurement_in_the_policy_is_accepted(struct scene *s)
{
	measured(s, 0);
}

static void a_measurement_that_is_not_in_the_policy_is_refused(struct scene *s)
{
	measured(s, 1);
}

/*
 * Guest policy
 */

static void a_guest_that_may_be_debugged_is_refused(struct scene *s)
{
	s->g.m.config.policy |= SNP_POLICY_DEBUG;
}

static void a_guest_that_may_be_debugged_is_accepted_if_the_policy_says_so(struct scene *s)
{
	s->g.m.config.policy |= SNP_POLICY_DEBUG;
	machine_stop(&s->g.m);
	machine_start(&s->g.m);
	guest_boot(&s->g);
	RULES("\"guest_policy\": {\"debug\": null}");
}

static void a_guest_with_a_migration_agent_is_refused(struct scene *s)
{
	s->g.m.config.policy |= SNP_POLICY_MIGRATE_MA;
}

static void rules_of_their_own_leave_the_others_as_they_were(struct scene *s)
{
	s->g.m.config.policy |= SNP_POLICY_DEBUG;
	machine_stop(&s->g.m);
	machine_start(&s->g.m);
	guest_boot(&s->g);
	RULES("\"guest_policy\": {\"smt\": true}");
}

static void smt_is_accepted_if_the_policy_demands_it(struct scene *s)
{
	RULES("\"guest_policy\": {\"smt\": true}");
}

static void smt_is_refused_if_the_policy_forbids_it(struct scene *s)
{
	RULES("\"guest_policy\": {\"smt\": false}");
}

static void several_sockets_are_refused_if_the_policy_demands_one(struct scene *s)
{
	RULES("\"guest_policy\": {\"single_socket\": true}");
}

static void several_sockets_are_accepted_if_the_policy_forbids_one(struct scene *s)
{
	RULES("\"guest_policy\": {\"single_socket\": false}");
}

static void debugging_may_be_demanded(struct scene *s)
{
	RULES("\"guest_policy\": {\"debug\": true}");
}

/*
 * TCB
 */

static void floor_of(struct scene *s, const char *product, int fmc, int boot, int tee, int snp,
		     int microcode)
{
	struct snp_tcb *t = &s->g.m.config.reported_tcb;

	RULES("\"tcb\": {\"%s\": {\"fmc\": %d, \"bootloader\": %d, \"tee\": %d, \"snp\": %d, "
	      "\"microcode\": %d}}",
	      product, t->fmc + fmc, t->bootloader + boot, t->tee + tee, t->snp + snp,
	      t->microcode + microcode);
}

static void a_tcb_at_the_floor_is_accepted(struct scene *s)
{
	floor_of(s, "Milan", 0, 0, 0, 0, 0);
}

static void a_turins_tcb_at_the_floor_is_accepted(struct scene *s)
{
	floor_of(s, "Turin", 0, 0, 0, 0, 0);
}

static void a_boot_loader_below_the_floor_is_refused(struct scene *s)
{
	floor_of(s, "Milan", 0, 1, 0, 0, 0);
}

static void a_tee_below_the_floor_is_refused(struct scene *s)
{
	floor_of(s, "Milan", 0, 0, 1, 0, 0);
}

static void firmware_below_the_floor_is_refused(struct scene *s)
{
	floor_of(s, "Milan", 0, 0, 0, 1, 0);
}

static void microcode_below_the_floor_is_refused(struct scene *s)
{
	floor_of(s, "Milan", 0, 0, 0, 0, 1);
}

static void an_fmc_below_the_floor_is_refused(struct scene *s)
{
	floor_of(s, "Turin", 1, 0, 0, 0, 0);
}

static void a_turins_boot_loader_below_the_floor_is_refused(struct scene *s)
{
	floor_of(s, "Turin", 0, 1, 0, 0, 0);
}

static void a_turins_tee_below_the_floor_is_refused(struct scene *s)
{
	floor_of(s, "Turin", 0, 0, 1, 0, 0);
}

static void a_turins_firmware_below_the_floor_is_refused(struct scene *s)
{
	floor_of(s, "Turin", 0, 0, 0, 1, 0);
}

static void a_turins_microcode_below_the_floor_is_refused(struct scene *s)
{
	floor_of(s, "Turin", 0, 0, 0, 0, 1);
}

static void a_product_without_a_floor_is_refused(struct scene *s)
{
	floor_of(s, "Genoa", 0, 0, 0, 0, 0);
}

static void a_tcb_that_is_committed_or_current_does_not_count(struct scene *s)
{
	s->g.m.config.reported_tcb.snp--;
	machine_stop(&s->g.m);
	machine_start(&s->g.m);
	s->g.certs.len = snp_sp_cert_table(s->g.m.sp, s->g.certs.data, sizeof(s->g.certs.data));
	guest_boot(&s->g);
	floor_of(s, "Milan", 0, 0, 0, 1, 0);
}

/*
 * Who signs, for whom
 */

static void a_key_that_the_policy_lists_is_accepted(struct scene *s)
{
	RULES("\"signing_keys\": [\"vcek\"]");
}

static void a_vcek_is_refused_if_the_policy_wants_a_vlek(struct scene *s)
{
	RULES("\"signing_keys\": [\"vlek\"]");
}

static void a_vlek_is_refused_if_the_policy_wants_a_vcek(struct scene *s)
{
	s->g.m.config.vlek = true;
	machine_stop(&s->g.m);
	machine_start(&s->g.m);
	s->g.certs.len = snp_sp_cert_table(s->g.m.sp, s->g.certs.data, sizeof(s->g.certs.data));
	guest_boot(&s->g);
	RULES("\"signing_keys\": [\"vcek\"]");
}

/* A list of a good value behind another one, or of the other alone */
static void list(struct scene *s, const char *key, const uint8_t *value, size_t len, bool good)
{
	uint8_t other[64];

	memcpy(other, value, len);
	other[len - 1] ^= 1;
	if (good)
		RULES("\"%s\": [\"%s\", \"%s\"]", key, to_hex(other, len).text,
		      to_hex(value, len).text);
	else
		RULES("\"%s\": \"%s\"", key, to_hex(other, len).text);
}

static void host_data_in_the_policy_is_accepted(struct scene *s)
{
	list(s, "host_data", report_of(s).host_data, 32, true);
}

static void other_host_data_is_refused(struct scene *s)
{
	list(s, "host_data", report_of(s).host_data, 32, false);
}

static void a_chip_in_the_policy_is_accepted(struct scene *s)
{
	list(s, "chip_ids", report_of(s).chip_id, 64, true);
}

static void another_chip_is_refused(struct scene *s)
{
	list(s, "chip_ids", report_of(s).chip_id, 64, false);
}

/*
 * ID block, 56860: keys and signatures are little-endian, 72 bytes a number
 */

#define SVN 3

static uint8_t id_block[SNP_ID_BLOCK_SIZE], id_auth[SNP_ID_AUTH_SIZE];

static void put_le72(const BIGNUM *n, uint8_t out[72])
{
	assert_int_equal(BN_bn2lebinpad(n, out, 72), 72);
}

static void put_key(EVP_PKEY *key, uint8_t *out)
{
	BIGNUM *x = NULL, *y = NULL;

	out[0] = 2; /* P-384 */
	assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x), 1);
	assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y), 1);
	put_le72(x, out + 4);
	put_le72(y, out + 4 + 72);
	BN_free(x);
	BN_free(y);
}

static void put_signature(EVP_PKEY *key, const uint8_t *data, size_t len, uint8_t *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[128];
	const uint8_t *p = der;
	size_t n = sizeof(der);
	ECDSA_SIG *sig;

	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha384(), NULL, key), 1);
	assert_int_equal(EVP_DigestSign(ctx, der, &n, data, len), 1);
	sig = d2i_ECDSA_SIG(NULL, &p, (long)n);
	put_le72(ECDSA_SIG_get0_r(sig), out);
	put_le72(ECDSA_SIG_get0_s(sig), out + 72);
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(ctx);
}

/* Launched anew with an ID block for this measurement and policy, and booted */
static void identify(struct scene *s, bool author)
{
	struct ctpm_report r = report_of(s);
	EVP_PKEY *id = EVP_EC_gen("P-384"), *by = EVP_EC_gen("P-384");

	memset(id_block, 0, sizeof(id_block));
	memset(id_auth, 0, sizeof(id_auth));
	memcpy(id_block, r.measurement, 48);
	id_block[0x50] = 1;
	id_block[0x54] = SVN;
	for (int i = 0; i < 8; i++)
		id_block[0x58 + i] = (uint8_t)(r.policy >> (8 * i));
	id_auth[0] = id_auth[4] = 1;
	put_key(id, id_auth + 0x240);
	put_key(by, id_auth + 0x880);
	put_signature(id, id_block, sizeof(id_block), id_auth + 0x40);
	put_signature(by, id_auth + 0x240, 0x404, id_auth + 0x680);
	EVP_PKEY_free(id);
	EVP_PKEY_free(by);
	s->g.m.config.id_block = id_block;
	s->g.m.config.id_auth = id_auth;
	s->g.m.config.author_key_en = author;
	machine_stop(&s->g.m);
	machine_start(&s->g.m);
	guest_boot(&s->g);
}

static void an_id_key_in_the_policy_is_accepted(struct scene *s)
{
	identify(s, false);
	list(s, "id_key_digests", report_of(s).id_key_digest, 48, true);
}

static void another_id_key_is_refused(struct scene *s)
{
	identify(s, false);
	list(s, "id_key_digests", report_of(s).id_key_digest, 48, false);
}

static void an_author_key_in_the_policy_is_accepted(struct scene *s)
{
	identify(s, true);
	list(s, "author_key_digests", report_of(s).author_key_digest, 48, true);
}

static void another_author_key_is_refused(struct scene *s)
{
	identify(s, true);
	list(s, "author_key_digests", report_of(s).author_key_digest, 48, false);
}

/* A digest of zeros stands for none, also in the policy */
static void a_guest_without_an_author_key_is_refused(struct scene *s)
{
	identify(s, false);
	list(s, "author_key_digests", report_of(s).author_key_digest, 48, true);
}

static void a_guest_version_at_the_floor_is_accepted(struct scene *s)
{
	identify(s, false);
	RULES("\"min_guest_svn\": %d", SVN);
}

static void a_guest_version_below_the_floor_is_refused(struct scene *s)
{
	identify(s, false);
	RULES("\"min_guest_svn\": %d", SVN + 1);
}

/*
 * PCRs
 */

static void golden(struct scene *s, uint16_t bank, unsigned int pcr, int flip)
{
	uint8_t value[64];

	memcpy(value, s->g.pcrs.value[pcr], sizeof(value));
	value[0] ^= (uint8_t)flip;
	RULES("\"pcrs\": {\"%s\": {\"%u\": \"%s\"}}", ctpm_bank_name(bank), pcr,
	      to_hex(value, ctpm_bank_size(bank)).text);
}

static void a_golden_pcr_is_accepted(struct scene *s)
{
	golden(s, CTPM_BANK_SHA256, 4, 0);
}

static void another_value_of_a_golden_pcr_is_refused(struct scene *s)
{
	golden(s, CTPM_BANK_SHA256, 4, 1);
}

static void a_golden_pcr_that_is_not_quoted_is_refused(struct scene *s)
{
	golden(s, CTPM_BANK_SHA256, 16, 0);
}

static void golden_pcrs_of_another_bank_are_refused(struct scene *s)
{
	golden(s, CTPM_BANK_SHA384, 4, 0);
}

static void one_of_several_golden_values_is_accepted(struct scene *s)
{
	RULES("\"pcrs\": {\"sha384\": {\"4\": \"%s\"}, \"sha256\": {\"4\": [\"%s\", \"%s\"]}}",
	      to_hex(s->g.pcrs.value[4], 48).text, to_hex(s->g.pcrs.value[5], 32).text,
	      to_hex(s->g.pcrs.value[4], 32).text);
}

/*
 * A fresh report of other firmware: same guest, but for REPORT_ID, which another launch can't have.
 * The floor is the better one of the two.
 */
static void fresh_of_firmware(struct scene *s, int by)
{
	struct ctpm_report r = report_of(s);
	struct ctpm_tcb t = ctpm_tcb_decode(CTPM_MILAN, r.reported_tcb);
	size_t len;
	const uint8_t *vcek;
	struct guest since;
	struct snp_tcb tcb;
	uint8_t nonce[64];

	s->v.challenge.want_fresh = true;
	verifier_encode(&s->v);
	guest_claim(&s->g, &s->v);
	guest_config(&since, SNP_MILAN, KEYS, CTPM_MODE_SVSM);
	tcb = since.m.config.reported_tcb;
	tcb.snp = (uint8_t)(t.snp + by);
	snp_sp_config_set_tcb(&since.m.config, &tcb);
	guest_launch(&since);
	since.manifest = s->g.manifest;
	vcek = snp_sp_cert(since.m.sp, SNP_CERT_VCEK, &len);
	assert_int_equal(ctpm_verifier_add_certs(s->v.v, vcek, len, NULL), CTPM_OK);
	assert_int_equal(
		ctpm_fresh_nonce((struct ctpm_bytes){ s->v.challenge_bytes, s->v.challenge_len },
				 (struct ctpm_bytes){ s->g.ak_name.data, s->g.ak_name.len }, nonce),
		CTPM_OK);
	guest_report(&since, nonce, s->g.fresh);
	guest_stop(&since);
	RULES("\"tcb\": {\"Milan\": {\"snp\": %d}}", by > 0 ? t.snp + by : t.snp);
}

static void a_fresh_tcb_below_the_floor_is_refused(struct scene *s)
{
	fresh_of_firmware(s, -1);
}

/* Firmware that is good since doesn't undo what was done to the guest at its launch */
static void a_boots_tcb_below_the_floor_is_refused_whatever_is_fresh(struct scene *s)
{
	fresh_of_firmware(s, 1);
}

static const struct CMUnitTest tests[] = {
	SCENE(a_measurement_in_the_policy_is_accepted, TRUST, 0),
	SCENE(a_measurement_that_is_not_in_the_policy_is_refused, TRUST, BY(MEASUREMENT)),

	SCENE(a_guest_that_may_be_debugged_is_refused, MACHINE, BY(GUEST_POLICY)),
	SCENE(a_guest_that_may_be_debugged_is_accepted_if_the_policy_says_so, TRUST, 0),
	SCENE(a_guest_with_a_migration_agent_is_refused, MACHINE, BY(GUEST_POLICY)),
	SCENE(rules_of_their_own_leave_the_others_as_they_were, TRUST, BY(GUEST_POLICY)),
	SCENE(smt_is_accepted_if_the_policy_demands_it, TRUST, 0),
	SCENE(smt_is_refused_if_the_policy_forbids_it, TRUST, BY(GUEST_POLICY)),
	SCENE(several_sockets_are_refused_if_the_policy_demands_one, TRUST, BY(GUEST_POLICY)),
	SCENE(several_sockets_are_accepted_if_the_policy_forbids_one, TRUST, 0),
	SCENE(debugging_may_be_demanded, TRUST, BY(GUEST_POLICY)),

	SCENE(a_tcb_at_the_floor_is_accepted, TRUST, 0),
	SCENE_TURIN(a_turins_tcb_at_the_floor_is_accepted, TRUST, 0),
	SCENE(a_boot_loader_below_the_floor_is_refused, TRUST, BY(TCB)),
	SCENE(a_tee_below_the_floor_is_refused, TRUST, BY(TCB)),
	SCENE(firmware_below_the_floor_is_refused, TRUST, BY(TCB)),
	SCENE(microcode_below_the_floor_is_refused, TRUST, BY(TCB)),
	SCENE_TURIN(an_fmc_below_the_floor_is_refused, TRUST, BY(TCB)),
	SCENE_TURIN(a_turins_boot_loader_below_the_floor_is_refused, TRUST, BY(TCB)),
	SCENE_TURIN(a_turins_tee_below_the_floor_is_refused, TRUST, BY(TCB)),
	SCENE_TURIN(a_turins_firmware_below_the_floor_is_refused, TRUST, BY(TCB)),
	SCENE_TURIN(a_turins_microcode_below_the_floor_is_refused, TRUST, BY(TCB)),
	SCENE(a_product_without_a_floor_is_refused, TRUST, BY(TCB)),
	SCENE(a_tcb_that_is_committed_or_current_does_not_count, TRUST, BY(TCB)),
	SCENE(a_fresh_tcb_below_the_floor_is_refused, CLAIM, BY(FRESH) | BY(TCB)),
	SCENE(a_boots_tcb_below_the_floor_is_refused_whatever_is_fresh, CLAIM, BY(FRESH) | BY(TCB)),

	SCENE(a_key_that_the_policy_lists_is_accepted, TRUST, 0),
	SCENE(a_vcek_is_refused_if_the_policy_wants_a_vlek, TRUST, BY(IDENTITY)),
	SCENE(a_vlek_is_refused_if_the_policy_wants_a_vcek, TRUST, BY(IDENTITY)),
	SCENE(host_data_in_the_policy_is_accepted, TRUST, 0),
	SCENE(other_host_data_is_refused, TRUST, BY(IDENTITY)),
	SCENE(a_chip_in_the_policy_is_accepted, TRUST, 0),
	SCENE(another_chip_is_refused, TRUST, BY(IDENTITY)),
	SCENE(an_id_key_in_the_policy_is_accepted, TRUST, 0),
	SCENE(another_id_key_is_refused, TRUST, BY(IDENTITY)),
	SCENE(an_author_key_in_the_policy_is_accepted, TRUST, 0),
	SCENE(another_author_key_is_refused, TRUST, BY(IDENTITY)),
	SCENE(a_guest_without_an_author_key_is_refused, TRUST, BY(IDENTITY)),
	SCENE(a_guest_version_at_the_floor_is_accepted, TRUST, 0),
	SCENE(a_guest_version_below_the_floor_is_refused, TRUST, BY(IDENTITY)),

	SCENE(a_golden_pcr_is_accepted, TRUST, 0),
	SCENE(another_value_of_a_golden_pcr_is_refused, TRUST, BY(PCRS)),
	SCENE(a_golden_pcr_that_is_not_quoted_is_refused, TRUST, BY(PCRS)),
	SCENE(golden_pcrs_of_another_bank_are_refused, TRUST, BY(PCRS)),
	SCENE(one_of_several_golden_values_is_accepted, TRUST, 0),
};

SUITE(judge_suite, tests);
