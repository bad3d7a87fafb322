// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The appraisal of evidence: what is accepted, and each attack on the protocol. An attack
 * changes one thing, and an attacker who could sign what follows from it has signed it.
 */
#include "guest.h"

#include <linux/ctpm.h>
#include <openssl/ec.h>
#include <stdlib.h>

#include "../../tools/snpemu/sp/internal.h"

/* Another guest of the same machine, booted; it has to be stopped */
static void start_other(struct guest *other, const struct guest *g)
{
	guest_start(other, KEYS, g->mode);
	guest_boot(other);
}

static void evidence_of_a_boot_is_accepted(struct scene *s)
{
	(void)s;
}

static void evidence_of_a_bound_tpm_is_accepted(struct scene *s)
{
	(void)s;
}

static void evidence_of_a_turin_is_accepted(struct scene *s)
{
	(void)s;
}

static void evidence_is_accepted_again_for_another_challenge(struct scene *s)
{
	accepts(&s->v, &s->g);
	verifier_ask(&s->v, AUD, false);
	guest_attest(&s->g, &s->v);
}

/*
 * Challenge
 */

static void old_evidence_is_refused(struct scene *s)
{
	verifier_ask(&s->v, AUD, false);
}

static void an_old_quote_under_the_new_nonce_is_refused(struct scene *s)
{
	verifier_ask(&s->v, AUD, false);
	s->g.claims.nonce = s->v.challenge.nonce;
	/* what was signed stays */
}

static void another_nonce_in_the_claims_is_refused(struct scene *s)
{
	static const uint8_t nonce[32] = "one's own";

	s->g.claims.nonce.data = nonce;
}

static void a_shorter_nonce_is_refused(struct scene *s)
{
	s->g.claims.nonce.len--;
}

static void an_answer_for_another_verifier_is_refused(struct scene *s)
{
	s->g.claims.aud = (struct ctpm_bytes){ (const uint8_t *)"verifier.exampl", 15 };
}

static void an_answer_for_no_verifier_is_refused(struct scene *s)
{
	s->g.claims.aud.len = 0;
}

/* The evil verifier passes on the nonce in a challenge of its own */
static void an_answer_to_another_verifiers_challenge_is_refused(struct scene *s)
{
	struct verifier evil = { .challenge = s->v.challenge };

	evil.challenge.aud = (struct ctpm_bytes){ (const uint8_t *)"evil.example", 12 };
	verifier_encode(&evil);
	guest_attest(&s->g, &evil);
	free(evil.challenge_bytes);
}

static void a_challenge_without_a_name_is_answered_without_one(struct scene *s)
{
	verifier_ask(&s->v, "", false);
}

static void an_answer_with_a_name_that_nobody_gave_is_refused(struct scene *s)
{
	verifier_ask(&s->v, "", false);
	guest_claim(&s->g, &s->v);
	s->g.claims.aud = (struct ctpm_bytes){ (const uint8_t *)AUD, strlen(AUD) };
}

static void want(struct scene *s, uint16_t bank, uint32_t pcrs)
{
	s->v.challenge.want_bank = bank;
	s->v.challenge.want_pcrs = pcrs;
	verifier_encode(&s->v);
}

static void pcrs_that_are_wanted_and_there_are_accepted(struct scene *s)
{
	want(s, CTPM_BANK_SHA256, 1u << REPORT_PCR | 1);
}

static void a_pcr_that_is_wanted_and_not_there_is_refused(struct scene *s)
{
	want(s, CTPM_BANK_SHA256, 1u << REPORT_PCR | 1u << 16);
}

static void pcrs_of_another_bank_than_is_wanted_are_refused(struct scene *s)
{
	want(s, CTPM_BANK_SHA384, 1);
}

/*
 * The AK
 */

static void an_rsa_ak_is_accepted(struct scene *s)
{
	guest_make_rsa_ak(&s->g, TPM2_ALG_RSASSA);
}

static void an_rsa_pss_ak_is_accepted(struct scene *s)
{
	guest_make_rsa_ak(&s->g, TPM2_ALG_RSAPSS);
}

static void without(struct scene *s, TPMA_OBJECT attribute)
{
	s->g.ak_public.objectAttributes &= ~attribute;
	guest_publish_ak(&s->g);
}

static void an_ak_that_is_not_restricted_is_refused(struct scene *s)
{
	without(s, TPMA_OBJECT_RESTRICTED);
}

static void an_ak_that_is_not_fixed_to_its_tpm_is_refused(struct scene *s)
{
	without(s, TPMA_OBJECT_FIXEDTPM);
}

static void an_ak_that_is_not_fixed_to_its_parent_is_refused(struct scene *s)
{
	without(s, TPMA_OBJECT_FIXEDPARENT);
}

static void an_ak_that_was_imported_is_refused(struct scene *s)
{
	without(s, TPMA_OBJECT_SENSITIVEDATAORIGIN);
}

static void an_ak_that_does_not_sign_is_refused(struct scene *s)
{
	without(s, TPMA_OBJECT_SIGN_ENCRYPT);
}

static void an_ak_that_decrypts_is_refused(struct scene *s)
{
	s->g.ak_public.objectAttributes |= TPMA_OBJECT_DECRYPT;
	guest_publish_ak(&s->g);
}

static void an_ak_that_signs_with_sha1_is_refused(struct scene *s)
{
	s->g.ak_public.parameters.eccDetail.scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA1;
	guest_publish_ak(&s->g);
}

static void an_ak_of_any_scheme_is_refused(struct scene *s)
{
	s->g.ak_public.parameters.eccDetail.scheme.scheme = TPM2_ALG_NULL;
	guest_publish_ak(&s->g);
}

static void an_ak_of_another_scheme_is_refused(struct scene *s)
{
	s->g.ak_public.parameters.eccDetail.scheme.scheme = TPM2_ALG_ECSCHNORR;
	guest_publish_ak(&s->g);
}

static void an_ak_on_a_weak_curve_is_refused(struct scene *s)
{
	s->g.ak_public.parameters.eccDetail.curveID = TPM2_ECC_NIST_P224;
	guest_publish_ak(&s->g);
}

static void an_rsa_1024_ak_is_refused(struct scene *s)
{
	guest_make_rsa_ak(&s->g, TPM2_ALG_RSASSA);
	s->g.ak_public.parameters.rsaDetail.keyBits = 1024;
	s->g.ak_public.unique.rsa.size = 128;
	guest_publish_ak(&s->g);
}

static void an_rsa_ak_that_is_shorter_than_it_says_is_refused(struct scene *s)
{
	guest_make_rsa_ak(&s->g, TPM2_ALG_RSASSA);
	s->g.ak_public.unique.rsa.size = 128;
	guest_publish_ak(&s->g);
}

static void an_rsa_ak_with_exponent_3_is_refused(struct scene *s)
{
	guest_make_rsa_ak(&s->g, TPM2_ALG_RSASSA);
	s->g.ak_public.parameters.rsaDetail.exponent = 3;
	guest_publish_ak(&s->g);
}

static void an_ak_with_a_name_of_sha1_is_refused(struct scene *s)
{
	/* nameAlg comes after the type */
	s->g.ak_bytes.data[3] = TPM2_ALG_SHA1;
}

static void an_ak_with_a_byte_behind_it_is_refused(struct scene *s)
{
	s->g.ak_bytes.len++;
}

/* @other's, which is then without one */
static void take_ak(struct guest *g, struct guest *other)
{
	EVP_PKEY_free(g->ak);
	g->ak = other->ak;
	other->ak = NULL;
	g->ak_public = other->ak_public;
	g->ak_bytes = other->ak_bytes;
	g->ak_name = other->ak_name;
	g->ak_cert = other->ak_cert;
}

static void an_ak_of_another_tpm_is_refused(struct scene *s)
{
	struct guest other;

	start_other(&other, &s->g);
	guest_certify(&other, s->v.ca);
	take_ak(&s->g, &other);
	guest_stop(&other);
}

static void an_ak_of_another_tpm_with_its_ek_is_refused(struct scene *s)
{
	struct guest other;

	start_other(&other, &s->g);
	guest_certify(&other, s->v.ca);
	take_ak(&s->g, &other);
	s->g.manifest = other.manifest;
	guest_stop(&other);
}

/*
 * Signature and quote
 */

static void a_quote_signed_by_another_key_is_refused(struct scene *s)
{
	EVP_PKEY_free(s->g.ak);
	s->g.ak = EVP_EC_gen("P-256");
}

/* The same numbers, with a zero before one of them: the quote ends in size, R, size, S */
static void a_longer_encoding_of_the_signature_is_refused(struct scene *s)
{
	uint8_t quote[4096];
	struct ctpm_evidence e;
	size_t len;

	assert_int_equal(ctpm_evidence_decode(s->g.evidence, s->g.evidence_len, &e, NULL), CTPM_OK);
	len = e.quote.len;
	memcpy(quote, e.quote.data, len - 32);
	assert_int_equal(quote[len - 33], 32);
	quote[len - 33] = 33;
	quote[len - 32] = 0;
	memcpy(quote + len - 31, e.quote.data + len - 32, 32);
	guest_deliver(&s->g, (struct ctpm_bytes){ quote, len + 1 });
}

static void a_certification_is_no_quote(struct scene *s)
{
	s->g.attest.type = TPM2_ST_ATTEST_CERTIFY;
	memset(&s->g.attest.attested, 0, sizeof(s->g.attest.attested));
}

static void what_the_tpm_has_not_generated_is_refused(struct scene *s)
{
	s->g.attest.magic ^= 1;
}

/* name of the hierarchy's handle, then of the key; as for a key made under it */
static void sign_as_primary_of(struct scene *s, uint32_t handle)
{
	uint8_t both[4 + sizeof(s->g.ak_name.data)] = { (uint8_t)(handle >> 24), 0, 0,
							(uint8_t)handle };
	TPM2B_NAME *signer = &s->g.attest.qualifiedSigner;

	memcpy(both + 4, s->g.ak_name.data, s->g.ak_name.len);
	assert_int_equal(
		EVP_Digest(both, 4 + s->g.ak_name.len, signer->name + 2, NULL, EVP_sha256(), NULL),
		1);
}

static void a_primary_key_of_the_endorsement_hierarchy_is_accepted(struct scene *s)
{
	sign_as_primary_of(s, TPM2_RH_ENDORSEMENT);
}

static void a_key_of_the_owner_hierarchy_is_refused(struct scene *s)
{
	sign_as_primary_of(s, TPM2_RH_OWNER);
}

static void a_key_of_the_null_hierarchy_is_refused(struct scene *s)
{
	sign_as_primary_of(s, TPM2_RH_NULL);
}

static void a_signer_without_a_name_is_refused(struct scene *s)
{
	s->g.attest.qualifiedSigner.size = 0;
}

static void a_quote_over_other_data_is_refused(struct scene *s)
{
	s->g.attest.extraData.buffer[31] ^= 1;
}

static void a_quote_over_shorter_data_is_refused(struct scene *s)
{
	s->g.attest.extraData.size--;
}

static void a_quote_over_no_data_is_refused(struct scene *s)
{
	s->g.attest.extraData.size = 0;
}

/* The claims of this guest, the quote of another one for the same challenge */
static void the_quote_of_another_machine_is_refused(struct scene *s)
{
	struct guest other;

	start_other(&other, &s->g);
	guest_certify(&other, s->v.ca);
	guest_claim(&other, &s->v);
	guest_quote(&other, &s->v);
	s->g.attest.extraData = other.attest.extraData;
	guest_stop(&other);
}

/*
 * PCRs
 */

static TPMS_PCR_SELECTION *selection(struct scene *s)
{
	return &s->g.attest.attested.quote.pcrSelect.pcrSelections[0];
}

static void a_quote_of_another_bank_is_refused(struct scene *s)
{
	selection(s)->hash = TPM2_ALG_SHA384;
}

static void a_quote_of_sha1_pcrs_is_refused(struct scene *s)
{
	selection(s)->hash = TPM2_ALG_SHA1;
}

static void a_quote_of_more_pcrs_is_refused(struct scene *s)
{
	selection(s)->pcrSelect[2] |= 1;
}

static void a_quote_of_fewer_pcrs_is_refused(struct scene *s)
{
	selection(s)->pcrSelect[0] &= 0xfe;
}

static void a_quote_of_two_banks_is_refused(struct scene *s)
{
	s->g.attest.attested.quote.pcrSelect.count = 2;
	selection(s)[1] = (TPMS_PCR_SELECTION){ .hash = TPM2_ALG_SHA384, .sizeofSelect = 3 };
}

static void a_quote_of_no_bank_is_refused(struct scene *s)
{
	s->g.attest.attested.quote.pcrSelect.count = 0;
}

static void pcr_values_that_were_not_quoted_are_refused(struct scene *s)
{
	s->g.attest.attested.quote.pcrDigest.buffer[0] ^= 1;
}

static void a_longer_pcr_digest_is_refused(struct scene *s)
{
	s->g.attest.attested.quote.pcrDigest.size++;
}

static void extend_sha384(uint8_t value[48], const void *data, size_t len)
{
	uint8_t both[96];

	memcpy(both, value, 48);
	assert_int_equal(EVP_Digest(data, len, both + 48, NULL, EVP_sha384(), NULL), 1);
	assert_int_equal(EVP_Digest(both, 96, value, NULL, EVP_sha384(), NULL), 1);
}

static void pcrs_of_sha384_are_accepted(struct scene *s)
{
	s->g.pcrs.bank = CTPM_BANK_SHA384;
	memset(s->g.pcrs.value[REPORT_PCR], 0, 48);
	extend_sha384(s->g.pcrs.value[REPORT_PCR], s->g.report, sizeof(s->g.report));
}

static void pcrs_of_a_bank_that_the_log_lacks_are_refused(struct scene *s)
{
	s->g.pcrs.bank = CTPM_BANK_SHA512;
}

/* SHA-1 has no place in the form: change the bank's byte behind the key "pcrs" */
static void sha1_pcrs_are_refused(struct scene *s)
{
	static const uint8_t pcrs[] = { 0x3a, 0x00, 0x01, 0x11, 0x79, 0x82, CTPM_BANK_SHA256 };
	uint8_t *at = memmem(s->g.evidence, s->g.evidence_len, pcrs, sizeof(pcrs));

	assert_non_null(at);
	at[sizeof(pcrs) - 1] = TPM2_ALG_SHA1;
}

/*
 * The report
 */

static void the_report_of_another_guest_is_refused(struct scene *s)
{
	struct guest other;

	start_other(&other, &s->g);
	memcpy(s->g.report, other.report, sizeof(s->g.report));
	guest_stop(&other);
	guest_log_open(&s->g);
	guest_log_report(&s->g);
}

static void another_report_than_the_pcrs_is_refused(struct scene *s)
{
	uint8_t first[CTPM_REPORT_SIZE], nonce[64];

	/* over the same nonce and manifest, so that nothing else can tell */
	memcpy(first, s->g.report, sizeof(first));
	assert_int_equal(ctpm_boot_nonce(CTPM_EVENT_REPORT, &s->g.boot, nonce), CTPM_OK);
	guest_report(&s->g, nonce, s->g.report);
	assert_memory_not_equal(first, s->g.report, sizeof(first));
}

static void the_report_of_an_earlier_boot_is_refused(struct scene *s)
{
	uint8_t first[CTPM_REPORT_SIZE];

	memcpy(first, s->g.report, sizeof(first));
	s->g.reset_count++;
	guest_boot(&s->g);
	memcpy(s->g.report, first, sizeof(first));
	guest_log_open(&s->g);
	guest_log_report(&s->g);
}

static void the_binding_of_an_earlier_boot_is_refused(struct scene *s)
{
	s->g.reset_count++;
}

static void a_report_of_vmpl_1_is_refused(struct scene *s)
{
	s->g.vmpl = 1;
}

static void a_report_of_vmpl_2_is_refused(struct scene *s)
{
	s->g.vmpl = 2;
}

static void a_report_under_a_root_of_ones_own_is_refused(struct scene *s)
{
	ctpm_verifier_free(s->v.v);
	s->v.v = ctpm_verifier_new(true);
	assert_int_equal(ctpm_verifier_add_ca(s->v.v, s->v.ca_cert, strlen(s->v.ca_cert), NULL),
			 CTPM_OK);
}

static void add_cert(struct scene *s, const struct machine *m, enum snp_cert which)
{
	size_t len;
	const uint8_t *der = snp_sp_cert(m->sp, which, &len);

	assert_int_equal(ctpm_verifier_add_certs(s->v.v, der, len, NULL), CTPM_OK);
}

static void certificates_may_be_the_verifiers_own(struct scene *s)
{
	s->g.certs.len = 0;
	add_cert(s, &s->g.m, SNP_CERT_ARK);
	add_cert(s, &s->g.m, SNP_CERT_ASK);
	add_cert(s, &s->g.m, SNP_CERT_VCEK);
}

static void a_report_without_certificates_is_refused(struct scene *s)
{
	s->g.certs.len = 0;
}

static void a_damaged_certificate_table_is_refused(struct scene *s)
{
	s->g.certs.len--;
}

static void another_products_ask_is_refused(struct scene *s)
{
	struct machine genoa;

	machine_config(&genoa, SNP_GENOA, KEYS);
	machine_start(&genoa);
	s->g.certs.len = 0;
	add_cert(s, &s->g.m, SNP_CERT_ARK);
	add_cert(s, &genoa, SNP_CERT_ASK);
	add_cert(s, &s->g.m, SNP_CERT_VCEK);
	machine_stop(&genoa);
}

static void another_chips_certificate_is_refused(struct scene *s)
{
	struct machine other;

	machine_config(&other, SNP_MILAN, KEYS);
	other.config.chip_id[7] = 1;
	machine_start(&other);
	s->g.certs.len = snp_sp_cert_table(other.sp, s->g.certs.data, sizeof(s->g.certs.data));
	machine_stop(&other);
}

static void list_ak(struct scene *s, const struct tpm_name *ak, const struct tpm_name *ek)
{
	s->g.ak_cert.len = 0;
	verifier_rules(&s->v, "\"aks\": [{\"name\": \"%s\", \"ek\": \"%s\"}]",
		       to_hex(ak->data, ak->len).text, to_hex(ek->data, ek->len).text);
}

static void an_expired_vcek_is_refused(struct scene *s)
{
	list_ak(s, &s->g.ak_name, &s->g.ek_name);
	s->v.time += 8LL * 365 * 86400;
}

static void an_unsigned_report_is_refused(struct scene *s)
{
	s->g.m.config.mask_chip_key = true;
}

static void a_report_signed_by_a_vlek_is_accepted(struct scene *s)
{
	s->g.m.config.vlek = true;
}

/*
 * Manifest and EK
 */

static void the_manifest_of_another_tpm_is_refused(struct scene *s)
{
	struct guest other;

	start_other(&other, &s->g);
	s->g.manifest = other.manifest;
	guest_stop(&other);
}

static void a_manifest_that_is_no_key_is_refused(struct scene *s)
{
	s->g.manifest.len--;
}

static void a_manifest_with_a_byte_behind_it_is_refused(struct scene *s)
{
	s->g.manifest.len++;
}

static void an_ak_that_the_policy_lists_needs_no_certificate(struct scene *s)
{
	list_ak(s, &s->g.ak_name, &s->g.ek_name);
}

static void an_ak_that_the_policy_lists_beside_another_ek_is_refused(struct scene *s)
{
	struct tpm_name other = s->g.ek_name;

	other.data[33] ^= 1;
	list_ak(s, &s->g.ak_name, &other);
}

static void an_ak_that_the_policy_does_not_list_needs_a_certificate(struct scene *s)
{
	struct tpm_name other = s->g.ak_name;

	other.data[33] ^= 1;
	list_ak(s, &other, &s->g.ek_name);
}

/*
 * Log and binding
 */

#define IDENTITY_SIZE 192
#define ERROR_SIZE    12

static void log_event(struct guest *g, uint32_t pcr, uint32_t tag, size_t size)
{
	uint8_t event[IDENTITY_SIZE] = { CTPM_EVENT_VERSION };

	guest_log_tagged(g, pcr, tag, event, size, (struct ctpm_bytes){ event, size });
}

static void log_identity(struct guest *g)
{
	log_event(g, g->report_pcr, CTPM_TAG_IDENTITY, IDENTITY_SIZE);
}

static void later_events_are_accepted(struct scene *s)
{
	log_identity(&s->g);
	log_event(&s->g, 0, 0x4711, 20);
}

static void events_of_other_pcrs_may_come_first(struct scene *s)
{
	guest_log_open(&s->g);
	log_event(&s->g, 0, 0x4711, 20);
	guest_log_report(&s->g);
}

static void a_log_that_is_not_of_the_pcr_is_refused(struct scene *s)
{
	s->g.pcrs.value[REPORT_PCR][0] ^= 1;
}

static void an_event_left_out_is_refused(struct scene *s)
{
	size_t len = s->g.log.len;

	log_identity(&s->g);
	s->g.log.len = len;
}

static void an_event_made_up_is_refused(struct scene *s)
{
	uint8_t value[CTPM_DIGEST_MAX];

	memcpy(value, s->g.pcrs.value[REPORT_PCR], sizeof(value));
	log_identity(&s->g);
	memcpy(s->g.pcrs.value[REPORT_PCR], value, sizeof(value));
}

static void an_event_doubled_is_refused(struct scene *s)
{
	size_t before = s->g.log.len, size;

	log_identity(&s->g);
	size = s->g.log.len - before;
	memcpy(s->g.log.data + s->g.log.len, s->g.log.data + before, size);
	s->g.log.len += size;
}

static void events_reordered_are_refused(struct scene *s)
{
	struct blob *log = &s->g.log;
	uint8_t first[1024];
	size_t at, size, rest;

	guest_log_open(&s->g);
	at = log->len;
	guest_log_report(&s->g);
	size = log->len - at;
	log_identity(&s->g);
	rest = log->len - at - size;
	memcpy(first, log->data + at, size);
	memmove(log->data + at, log->data + at + size, rest);
	memcpy(log->data + at + rest, first, size);
}

static void a_log_without_the_report_is_refused(struct scene *s)
{
	uint8_t value[CTPM_DIGEST_MAX];

	memcpy(value, s->g.pcrs.value[REPORT_PCR], sizeof(value));
	guest_log_open(&s->g);
	memcpy(s->g.pcrs.value[REPORT_PCR], value, sizeof(value));
}

static void two_reports_are_refused(struct scene *s)
{
	guest_log_report(&s->g);
}

static void a_report_behind_another_event_is_refused(struct scene *s)
{
	guest_log_open(&s->g);
	log_identity(&s->g);
	guest_log_report(&s->g);
}

static void a_boot_whose_binding_failed_is_refused(struct scene *s)
{
	guest_log_open(&s->g);
	log_event(&s->g, REPORT_PCR, CTPM_TAG_ERROR, ERROR_SIZE);
}

static void a_report_claimed_after_the_binding_failed_is_refused(struct scene *s)
{
	guest_log_open(&s->g);
	guest_log_report(&s->g);
	log_event(&s->g, REPORT_PCR, CTPM_TAG_ERROR, ERROR_SIZE);
}

static void a_digest_of_something_else_is_refused(struct scene *s)
{
	guest_log_open(&s->g);
	guest_log_report_as(&s->g, CTPM_TAG_REPORT,
			    (struct ctpm_bytes){ s->g.report, CTPM_REPORT_SIZE - 1 });
}

static void a_late_binding_is_refused(struct scene *s)
{
	s->g.boot.late = true;
}

static void a_late_binding_is_accepted_if_the_policy_says_so(struct scene *s)
{
	s->g.boot.late = true;
	guest_log_open(&s->g);
	guest_log_report(&s->g);
	verifier_rules(&s->v, "\"allow_late\": true");
}

static void a_report_in_another_pcr_is_refused(struct scene *s)
{
	s->g.report_pcr = 12;
}

static void a_report_in_another_pcr_is_accepted_if_the_policy_says_so(struct scene *s)
{
	s->g.report_pcr = 12;
	guest_log_open(&s->g);
	guest_log_report(&s->g);
	verifier_rules(&s->v, "\"report_pcr\": 12");
}

static void a_report_in_a_pcr_that_the_policy_no_longer_means_is_refused(struct scene *s)
{
	verifier_rules(&s->v, "\"report_pcr\": 12");
}

static void an_event_of_a_pcr_that_is_not_quoted_is_refused(struct scene *s)
{
	log_event(&s->g, 17, 0x4711, 20);
}

static void a_quote_without_the_reports_pcr_is_refused(struct scene *s)
{
	s->g.pcrs.mask &= ~(1u << REPORT_PCR);
}

static void a_log_longer_than_its_events_is_refused(struct scene *s)
{
	s->g.log.data[s->g.log.len++] = 0;
}

static void a_log_that_is_cut_off_is_refused(struct scene *s)
{
	s->g.log.len--;
}

static void an_event_of_a_longer_report_is_refused(struct scene *s)
{
	s->g.boot.report_size++;
	guest_log_open(&s->g);
	guest_log_report(&s->g);
}

static void an_event_of_a_shorter_manifest_is_refused(struct scene *s)
{
	s->g.boot.manifest_size--;
	guest_log_open(&s->g);
	guest_log_report(&s->g);
}

static void another_random_number_is_refused(struct scene *s)
{
	s->g.boot.random[31] ^= 1;
	guest_log_open(&s->g);
	guest_log_report(&s->g);
}

/* The TPM has started anew, and the event says so; the report is of before */
static void counts_that_are_not_the_reports_are_refused(struct scene *s)
{
	s->g.boot.reset_count = ++s->g.reset_count;
	guest_log_open(&s->g);
	guest_log_report(&s->g);
}

/*
 * Clock
 */

static void a_tpm_that_was_reset_is_refused(struct scene *s)
{
	s->g.attest.clockInfo.resetCount++;
}

static void a_tpm_that_was_restarted_is_refused(struct scene *s)
{
	s->g.attest.clockInfo.restartCount++;
}

static void a_tpm_whose_counts_went_back_is_refused(struct scene *s)
{
	s->g.attest.clockInfo.resetCount = 0;
}

/*
 * Fresh
 */

static void claim_fresh(struct scene *s)
{
	s->v.challenge.want_fresh = true;
	verifier_encode(&s->v);
	guest_claim(&s->g, &s->v);
}

static void fresh_nonce(const struct scene *s, const struct tpm_name *ak, uint8_t nonce[64])
{
	assert_int_equal(
		ctpm_fresh_nonce((struct ctpm_bytes){ s->v.challenge_bytes, s->v.challenge_len },
				 (struct ctpm_bytes){ ak->data, ak->len }, nonce),
		CTPM_OK);
}

static void a_fresh_report_is_accepted(struct scene *s)
{
	claim_fresh(s);
}

static void a_fresh_report_that_nobody_asked_for_is_accepted(struct scene *s)
{
	uint8_t nonce[64];

	fresh_nonce(s, &s->g.ak_name, nonce);
	guest_report(&s->g, nonce, s->g.fresh);
	s->g.claims.fresh = (struct ctpm_bytes){ s->g.fresh, sizeof(s->g.fresh) };
}

static void a_bad_fresh_report_that_nobody_asked_for_is_refused(struct scene *s)
{
	s->g.claims.fresh = s->g.claims.report;
}

static void a_fresh_report_of_a_bound_tpm_is_accepted(struct scene *s)
{
	claim_fresh(s);
}

/* It says that nobody has signed it, but the VCEK has, whose certificate is known by then */
static void a_fresh_report_that_says_it_is_unsigned_is_refused(struct scene *s)
{
	EVP_PKEY *key = snp_endorsement_key(s->g.m.sp, SNP_SIGNING_KEY_VCEK);

	claim_fresh(s);
	s->g.fresh[0x48] |= CTPM_KEY_NONE << 2;
	assert_true(snp_sign(key, s->g.fresh, CTPM_REPORT_SIGNED_SIZE,
			     s->g.fresh + CTPM_REPORT_SIGNED_SIZE));
	EVP_PKEY_free(key);
}

static void a_missing_fresh_report_is_refused(struct scene *s)
{
	claim_fresh(s);
	s->g.claims.fresh.len = 0;
}

static void a_fresh_report_that_the_policy_requires_is_accepted(struct scene *s)
{
	verifier_rules(&s->v, "\"require_fresh\": true");
	claim_fresh(s);
}

static void a_missing_fresh_report_that_the_policy_requires_is_refused(struct scene *s)
{
	verifier_rules(&s->v, "\"require_fresh\": true");
}

static void a_fresh_report_of_another_challenge_is_refused(struct scene *s)
{
	uint8_t old[CTPM_REPORT_SIZE];

	claim_fresh(s);
	memcpy(old, s->g.fresh, sizeof(old));
	verifier_ask(&s->v, AUD, true);
	guest_claim(&s->g, &s->v);
	memcpy(s->g.fresh, old, sizeof(old));
}

static void the_boots_report_as_the_fresh_one_is_refused(struct scene *s)
{
	claim_fresh(s);
	s->g.claims.fresh = s->g.claims.report;
}

static void a_fresh_report_for_another_ak_is_refused(struct scene *s)
{
	struct tpm_name other = s->g.ak_name;
	uint8_t nonce[64];

	claim_fresh(s);
	other.data[33] ^= 1;
	fresh_nonce(s, &other, nonce);
	guest_report(&s->g, nonce, s->g.fresh);
}

/* @other gives a report over this TPM's manifest, with the right nonce */
static void fresh_from(struct scene *s, struct guest *other)
{
	uint8_t nonce[64];

	claim_fresh(s);
	guest_launch(other);
	other->manifest = s->g.manifest;
	fresh_nonce(s, &s->g.ak_name, nonce);
	guest_report(other, nonce, s->g.fresh);
}

static void a_fresh_report_of_another_launch_is_refused(struct scene *s)
{
	struct guest other;

	guest_config(&other, SNP_MILAN, KEYS, CTPM_MODE_SVSM);
	fresh_from(s, &other);
	guest_stop(&other);
}

static void a_fresh_report_of_another_machine_is_refused(struct scene *s)
{
	struct guest other;

	guest_config(&other, SNP_MILAN, KEYS, CTPM_MODE_SVSM);
	other.m.config.chip_id[7] = 1;
	fresh_from(s, &other);
	/* also if its certificate is known */
	add_cert(s, &other.m, SNP_CERT_VCEK);
	guest_stop(&other);
}

/* The guest chooses the key; which one is trusted is for the policy, for each report. */
static void fresh_by(struct scene *s, uint32_t key_sel, const char *rules)
{
	uint8_t all[64 + sizeof(s->g.manifest.data)], nonce[64], data[64];

	s->g.m.config.vlek = true;
	machine_stop(&s->g.m);
	machine_start(&s->g.m);
	s->g.certs.len = snp_sp_cert_table(s->g.m.sp, s->g.certs.data, sizeof(s->g.certs.data));
	guest_boot(&s->g); /* by the VLEK */
	verifier_rules(&s->v, "%s", rules);
	claim_fresh(s);
	add_cert(s, &s->g.m, SNP_CERT_VCEK);
	add_cert(s, &s->g.m, SNP_CERT_ASK);
	fresh_nonce(s, &s->g.ak_name, nonce);
	memcpy(all, nonce, 64);
	memcpy(all + 64, s->g.manifest.data, s->g.manifest.len);
	assert_int_equal(EVP_Digest(all, 64 + s->g.manifest.len, data, NULL, EVP_sha512(), NULL),
			 1);
	assert_int_equal(snp_report_make(s->g.m.sp, 0, key_sel, data, s->g.fresh), SNP_FW_SUCCESS);
}

static void a_fresh_report_by_another_key_that_the_policy_has_is_accepted(struct scene *s)
{
	fresh_by(s, SNP_KEY_SEL_VCEK, "\"signing_keys\": [\"vlek\", \"vcek\"]");
}

static void a_fresh_report_by_a_key_that_the_policy_lacks_is_refused(struct scene *s)
{
	fresh_by(s, SNP_KEY_SEL_VCEK, "\"signing_keys\": [\"vlek\"]");
}

static void a_fresh_report_of_another_vmpl_is_refused(struct scene *s)
{
	s->g.vmpl = 1;
	claim_fresh(s);
}

static void a_fresh_report_over_another_manifest_is_refused(struct scene *s)
{
	uint8_t nonce[64];

	claim_fresh(s);
	fresh_nonce(s, &s->g.ak_name, nonce);
	s->g.manifest.data[s->g.manifest.len - 1] ^= 1;
	guest_report(&s->g, nonce, s->g.fresh);
	s->g.manifest.data[s->g.manifest.len - 1] ^= 1;
}

static void a_fresh_report_that_was_changed_is_refused(struct scene *s)
{
	claim_fresh(s);
	s->g.fresh[CTPM_REPORT_SIGNED_SIZE] ^= 1;
}

static void a_malformed_fresh_report_is_refused(struct scene *s)
{
	claim_fresh(s);
	s->g.fresh[CTPM_REPORT_SIZE - 1] ^= 1;
}

/*
 * Mode bind
 */

static void a_mode_that_the_policy_lacks_is_refused(struct scene *s)
{
	verifier_policy(&s->v, ANY_BOUND);
}

static void mode_bind_is_refused_unless_the_policy_has_it(struct scene *s)
{
	verifier_policy(&s->v, ANY);
}

static void a_bound_report_of_another_vmpl_is_refused(struct scene *s)
{
	s->g.vmpl = 2;
}

static void a_bound_report_of_a_vmpl_in_the_policy_is_accepted(struct scene *s)
{
	s->g.vmpl = 2;
	guest_boot(&s->g);
	verifier_rules(&s->v, "\"bind_vmpls\": [1, 2]");
}

static void a_bound_report_of_vmpl_0_is_refused_if_the_policy_lists_others(struct scene *s)
{
	verifier_rules(&s->v, "\"bind_vmpls\": [1, 2]");
}

static void another_ak_than_the_bound_one_is_refused(struct scene *s)
{
	struct blob manifest = s->g.manifest;

	guest_make_rsa_ak(&s->g, TPM2_ALG_RSASSA);
	s->g.manifest = manifest;
	guest_certify(&s->g, s->v.ca);
}

/* The event of the other mode, and a report with its nonce */
static void boot_with_the_event_of(struct scene *s, enum ctpm_event_kind kind, uint32_t tag)
{
	uint8_t nonce[64];

	assert_int_equal(ctpm_boot_nonce(kind, &s->g.boot, nonce), CTPM_OK);
	guest_report(&s->g, nonce, s->g.report);
	guest_log_open(&s->g);
	guest_log_report_as(&s->g, tag, (struct ctpm_bytes){ s->g.report, CTPM_REPORT_SIZE });
}

static void a_bound_tpm_with_the_event_of_an_svsm_is_refused(struct scene *s)
{
	boot_with_the_event_of(s, CTPM_EVENT_REPORT, CTPM_TAG_REPORT);
}

static void an_svsm_with_the_event_of_a_bound_tpm_is_refused(struct scene *s)
{
	boot_with_the_event_of(s, CTPM_EVENT_BIND_REPORT, CTPM_TAG_BIND);
}

static void a_nonce_of_the_other_mode_is_refused(struct scene *s)
{
	uint8_t nonce[64];

	assert_int_equal(ctpm_boot_nonce(CTPM_EVENT_BIND_REPORT, &s->g.boot, nonce), CTPM_OK);
	guest_report(&s->g, nonce, s->g.report);
	guest_log_open(&s->g);
	guest_log_report(&s->g);
}

static void a_bound_manifest_in_mode_svsm_is_refused(struct scene *s)
{
	s->g.claims.mode = CTPM_MODE_SVSM;
}

static void an_svsms_manifest_in_mode_bind_is_refused(struct scene *s)
{
	s->g.claims.mode = CTPM_MODE_BIND;
}

static void a_bound_manifest_with_a_byte_behind_it_is_refused(struct scene *s)
{
	s->g.manifest.len++;
}

static void a_challenge_that_is_none_gives_no_verdict(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, CTPM_MODE_SVSM);
	accepts(&s.v, &s.g);
	s.v.challenge_len--;
	assert_int_equal(verifier_judge(&s.v, &s.g), CTPM_COULD_NOT_DECIDE);
	for (int i = 0; i < CTPM_CHECKS; i++)
		assert_int_equal(s.v.result.check[i].status,
				 i == CTPM_CHECK_CHALLENGE ? CTPM_UNDECIDED : CTPM_NOT_REACHED);
	scene_end(&s);
}

static void every_check_has_a_name(void **state)
{
	(void)state;
	for (int i = 0; i < CTPM_CHECKS; i++)
		assert_string_not_equal(ctpm_check_name((enum ctpm_check)i), "unknown");
	assert_string_equal(ctpm_check_name(CTPM_CHECKS), "unknown");
}

static const struct CMUnitTest tests[] = {
	SCENE(evidence_of_a_boot_is_accepted, SENT, 0),
	SCENE_BOUND(evidence_of_a_bound_tpm_is_accepted, SENT, 0),
	SCENE_TURIN(evidence_of_a_turin_is_accepted, SENT, 0),
	SCENE(evidence_is_accepted_again_for_another_challenge, SENT, 0),
	cmocka_unit_test(a_challenge_that_is_none_gives_no_verdict),
	cmocka_unit_test(every_check_has_a_name),

	SCENE(old_evidence_is_refused, SENT, BY(CHALLENGE) | BY(QUALIFYING_DATA)),
	SCENE(an_old_quote_under_the_new_nonce_is_refused, QUOTE, BY(QUALIFYING_DATA)),
	SCENE(another_nonce_in_the_claims_is_refused, CLAIM, BY(CHALLENGE)),
	SCENE(a_shorter_nonce_is_refused, CLAIM, BY(CHALLENGE)),
	SCENE(an_answer_for_another_verifier_is_refused, CLAIM, BY(CHALLENGE)),
	SCENE(an_answer_for_no_verifier_is_refused, CLAIM, BY(CHALLENGE)),
	SCENE(an_answer_to_another_verifiers_challenge_is_refused, SENT,
	      BY(CHALLENGE) | BY(QUALIFYING_DATA)),
	SCENE(a_challenge_without_a_name_is_answered_without_one, TRUST, 0),
	SCENE(an_answer_with_a_name_that_nobody_gave_is_refused, CLAIM, BY(CHALLENGE)),
	SCENE(pcrs_that_are_wanted_and_there_are_accepted, TRUST, 0),
	SCENE(a_pcr_that_is_wanted_and_not_there_is_refused, TRUST, BY(CHALLENGE)),
	SCENE(pcrs_of_another_bank_than_is_wanted_are_refused, TRUST, BY(CHALLENGE)),

	SCENE(an_rsa_ak_is_accepted, POWER, 0),
	SCENE(an_rsa_pss_ak_is_accepted, POWER, 0),
	SCENE(an_ak_that_is_not_restricted_is_refused, POWER, BY(AK)),
	SCENE(an_ak_that_is_not_fixed_to_its_tpm_is_refused, POWER, BY(AK)),
	SCENE(an_ak_that_is_not_fixed_to_its_parent_is_refused, POWER, BY(AK)),
	SCENE(an_ak_that_was_imported_is_refused, POWER, BY(AK)),
	SCENE(an_ak_that_does_not_sign_is_refused, POWER, BY(AK)),
	SCENE(an_ak_that_decrypts_is_refused, POWER, BY(AK)),
	SCENE(an_ak_that_signs_with_sha1_is_refused, POWER, BY(AK)),
	SCENE(an_ak_of_any_scheme_is_refused, POWER, BY(AK)),
	SCENE(an_ak_of_another_scheme_is_refused, POWER, BY(AK)),
	SCENE(an_ak_on_a_weak_curve_is_refused, POWER, BY(AK)),
	SCENE(an_rsa_1024_ak_is_refused, POWER, BY(AK)),
	SCENE(an_rsa_ak_that_is_shorter_than_it_says_is_refused, POWER, BY(AK)),
	SCENE(an_rsa_ak_with_exponent_3_is_refused, POWER, BY(AK)),
	SCENE(an_ak_with_a_name_of_sha1_is_refused, TRUST, BY(AK) | BY(QUOTE)),
	SCENE(an_ak_with_a_byte_behind_it_is_refused, TRUST, BY(FORM)),
	SCENE(an_ak_of_another_tpm_is_refused, TRUST, BY(EK)),
	SCENE(an_ak_of_another_tpm_with_its_ek_is_refused, TRUST, BY(MANIFEST)),
	SCENE(an_ak_that_the_policy_lists_needs_no_certificate, TRUST, 0),
	SCENE(an_ak_that_the_policy_lists_beside_another_ek_is_refused, TRUST, BY(EK)),
	SCENE(an_ak_that_the_policy_does_not_list_needs_a_certificate, TRUST, BY(AK_CERTIFICATE)),

	SCENE(a_quote_signed_by_another_key_is_refused, QUOTE, BY(SIGNATURE)),
	SCENE(a_longer_encoding_of_the_signature_is_refused, SENT, BY(SIGNATURE)),
	SCENE(a_certification_is_no_quote, QUOTE, BY(QUOTE)),
	SCENE(what_the_tpm_has_not_generated_is_refused, QUOTE, BY(QUOTE)),
	SCENE(a_primary_key_of_the_endorsement_hierarchy_is_accepted, QUOTE, 0),
	SCENE(a_key_of_the_owner_hierarchy_is_refused, QUOTE, BY(QUOTE)),
	SCENE(a_key_of_the_null_hierarchy_is_refused, QUOTE, BY(QUOTE)),
	SCENE(a_signer_without_a_name_is_refused, QUOTE, BY(QUOTE)),
	SCENE(a_quote_over_other_data_is_refused, QUOTE, BY(QUALIFYING_DATA)),
	SCENE(a_quote_over_shorter_data_is_refused, QUOTE, BY(QUALIFYING_DATA)),
	SCENE(a_quote_over_no_data_is_refused, QUOTE, BY(QUALIFYING_DATA)),
	SCENE(the_quote_of_another_machine_is_refused, QUOTE, BY(QUALIFYING_DATA)),

	SCENE(a_quote_of_another_bank_is_refused, QUOTE, BY(PCR_DIGEST)),
	SCENE(a_quote_of_sha1_pcrs_is_refused, QUOTE, BY(PCR_DIGEST)),
	SCENE(a_quote_of_more_pcrs_is_refused, QUOTE, BY(PCR_DIGEST)),
	SCENE(a_quote_of_fewer_pcrs_is_refused, QUOTE, BY(PCR_DIGEST)),
	SCENE(a_quote_of_two_banks_is_refused, QUOTE, BY(PCR_DIGEST)),
	SCENE(a_quote_of_no_bank_is_refused, QUOTE, BY(PCR_DIGEST)),
	SCENE(pcr_values_that_were_not_quoted_are_refused, QUOTE, BY(PCR_DIGEST)),
	SCENE(a_longer_pcr_digest_is_refused, QUOTE, BY(PCR_DIGEST)),
	SCENE(pcrs_of_sha384_are_accepted, BOOT, 0),
	SCENE(pcrs_of_a_bank_that_the_log_lacks_are_refused, BOOT, BY(LOG) | BY(BINDING)),
	SCENE(sha1_pcrs_are_refused, SENT, BY(FORM)),

	SCENE(the_report_of_another_guest_is_refused, BOOT, BY(MANIFEST)),
	SCENE(another_report_than_the_pcrs_is_refused, BOOT, BY(BINDING)),
	SCENE(the_report_of_an_earlier_boot_is_refused, BOOT, BY(MANIFEST)),
	SCENE(the_binding_of_an_earlier_boot_is_refused, BOOT, BY(CLOCK)),
	SCENE(a_report_of_vmpl_1_is_refused, POWER, BY(VMPL)),
	SCENE(a_report_of_vmpl_2_is_refused, POWER, BY(VMPL)),
	SCENE(a_report_under_a_root_of_ones_own_is_refused, TRUST, BY(REPORT)),
	SCENE(certificates_may_be_the_verifiers_own, TRUST, 0),
	SCENE(a_report_without_certificates_is_refused, TRUST, BY(REPORT)),
	SCENE(a_damaged_certificate_table_is_refused, TRUST, BY(REPORT)),
	SCENE(another_products_ask_is_refused, TRUST, BY(REPORT)),
	SCENE(another_chips_certificate_is_refused, TRUST, BY(REPORT)),
	SCENE(an_expired_vcek_is_refused, TRUST, BY(REPORT)),
	SCENE(an_unsigned_report_is_refused, MACHINE, BY(REPORT) | BY(IDENTITY)),
	SCENE(a_report_signed_by_a_vlek_is_accepted, MACHINE, 0),

	SCENE(the_manifest_of_another_tpm_is_refused, TRUST, BY(MANIFEST) | BY(EK)),
	SCENE(a_manifest_that_is_no_key_is_refused, TRUST, BY(FORM)),
	SCENE(a_manifest_with_a_byte_behind_it_is_refused, TRUST, BY(FORM)),

	SCENE(later_events_are_accepted, BOOT, 0),
	SCENE(events_of_other_pcrs_may_come_first, BOOT, 0),
	SCENE(a_log_that_is_not_of_the_pcr_is_refused, BOOT, BY(LOG)),
	SCENE(an_event_left_out_is_refused, BOOT, BY(LOG)),
	SCENE(an_event_made_up_is_refused, BOOT, BY(LOG)),
	SCENE(an_event_doubled_is_refused, BOOT, BY(LOG)),
	SCENE(events_reordered_are_refused, BOOT, BY(LOG) | BY(BINDING)),
	SCENE(a_log_without_the_report_is_refused, BOOT, BY(MANIFEST) | BY(BINDING)),
	SCENE(two_reports_are_refused, BOOT, BY(MANIFEST) | BY(BINDING)),
	SCENE(a_report_behind_another_event_is_refused, BOOT, BY(BINDING)),
	SCENE(a_boot_whose_binding_failed_is_refused, BOOT, BY(MANIFEST) | BY(BINDING)),
	SCENE(a_report_claimed_after_the_binding_failed_is_refused, BOOT, BY(BINDING)),
	SCENE(a_digest_of_something_else_is_refused, BOOT, BY(BINDING)),
	SCENE(a_late_binding_is_refused, POWER, BY(BINDING)),
	SCENE(a_late_binding_is_accepted_if_the_policy_says_so, TRUST, 0),
	SCENE(a_report_in_another_pcr_is_refused, POWER, BY(BINDING)),
	SCENE(a_report_in_another_pcr_is_accepted_if_the_policy_says_so, TRUST, 0),
	SCENE(a_report_in_a_pcr_that_the_policy_no_longer_means_is_refused, TRUST, BY(BINDING)),
	SCENE(an_event_of_a_pcr_that_is_not_quoted_is_refused, BOOT, BY(LOG)),
	SCENE(a_quote_without_the_reports_pcr_is_refused, BOOT, BY(LOG)),
	SCENE(a_log_longer_than_its_events_is_refused, BOOT, BY(FORM)),
	SCENE(a_log_that_is_cut_off_is_refused, BOOT, BY(FORM)),
	SCENE(an_event_of_a_longer_report_is_refused, BOOT, BY(BINDING)),
	SCENE(an_event_of_a_shorter_manifest_is_refused, BOOT, BY(BINDING)),
	SCENE(another_random_number_is_refused, BOOT, BY(MANIFEST)),
	SCENE(counts_that_are_not_the_reports_are_refused, BOOT, BY(MANIFEST)),

	SCENE(a_tpm_that_was_reset_is_refused, QUOTE, BY(CLOCK)),
	SCENE(a_tpm_that_was_restarted_is_refused, QUOTE, BY(CLOCK)),
	SCENE(a_tpm_whose_counts_went_back_is_refused, QUOTE, BY(CLOCK)),

	SCENE(a_fresh_report_is_accepted, CLAIM, 0),
	SCENE(a_fresh_report_that_nobody_asked_for_is_accepted, CLAIM, 0),
	SCENE(a_bad_fresh_report_that_nobody_asked_for_is_refused, CLAIM, BY(FRESH)),
	SCENE_BOUND(a_fresh_report_of_a_bound_tpm_is_accepted, CLAIM, 0),
	SCENE(a_fresh_report_that_says_it_is_unsigned_is_refused, CLAIM, BY(FRESH)),
	SCENE(a_missing_fresh_report_is_refused, CLAIM, BY(FRESH)),
	SCENE(a_fresh_report_that_the_policy_requires_is_accepted, CLAIM, 0),
	SCENE(a_missing_fresh_report_that_the_policy_requires_is_refused, CLAIM, BY(FRESH)),
	SCENE(a_fresh_report_by_another_key_that_the_policy_has_is_accepted, CLAIM, 0),
	SCENE(a_fresh_report_by_a_key_that_the_policy_lacks_is_refused, CLAIM, BY(FRESH)),
	SCENE(a_fresh_report_of_another_challenge_is_refused, CLAIM, BY(FRESH)),
	SCENE(the_boots_report_as_the_fresh_one_is_refused, CLAIM, BY(FRESH)),
	SCENE(a_fresh_report_for_another_ak_is_refused, CLAIM, BY(FRESH)),
	SCENE(a_fresh_report_of_another_launch_is_refused, CLAIM, BY(FRESH)),
	SCENE(a_fresh_report_of_another_machine_is_refused, CLAIM, BY(FRESH)),
	SCENE(a_fresh_report_of_another_vmpl_is_refused, CLAIM, BY(FRESH)),
	SCENE(a_fresh_report_over_another_manifest_is_refused, CLAIM, BY(FRESH)),
	SCENE(a_fresh_report_that_was_changed_is_refused, CLAIM, BY(FRESH)),
	SCENE(a_malformed_fresh_report_is_refused, CLAIM, BY(FORM)),

	SCENE(a_mode_that_the_policy_lacks_is_refused, TRUST, BY(MODE)),
	SCENE_BOUND(mode_bind_is_refused_unless_the_policy_has_it, TRUST, BY(MODE)),
	SCENE_BOUND(a_bound_report_of_another_vmpl_is_refused, POWER, BY(VMPL)),
	SCENE_BOUND(a_bound_report_of_a_vmpl_in_the_policy_is_accepted, TRUST, 0),
	SCENE_BOUND(a_bound_report_of_vmpl_0_is_refused_if_the_policy_lists_others, TRUST,
		    BY(VMPL)),
	SCENE_BOUND(another_ak_than_the_bound_one_is_refused, TRUST, BY(EK)),
	SCENE_BOUND(a_bound_tpm_with_the_event_of_an_svsm_is_refused, BOOT, BY(BINDING)),
	SCENE(an_svsm_with_the_event_of_a_bound_tpm_is_refused, BOOT, BY(BINDING)),
	SCENE(a_nonce_of_the_other_mode_is_refused, BOOT, BY(MANIFEST)),
	SCENE_BOUND(a_bound_manifest_in_mode_svsm_is_refused, CLAIM, BY(FORM)),
	SCENE(an_svsms_manifest_in_mode_bind_is_refused, CLAIM, BY(FORM)),
	SCENE_BOUND(a_bound_manifest_with_a_byte_behind_it_is_refused, TRUST, BY(FORM)),
};

SUITE(appraise_suite, tests);
