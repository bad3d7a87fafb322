// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest.h"

#include <linux/ctpm.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <tss2/tss2_mu.h>

#include "../../tools/common/cursor.h"
#include "../../tools/libctpm/verifier.h"

static struct ctpm_bytes bytes_of(const struct blob *b)
{
	return (struct ctpm_bytes){ b->data, b->len };
}

static void publish(const TPMT_PUBLIC *public, struct blob *bytes, struct tpm_name *name)
{
	bytes->len = 0;
	assert_int_equal(
		Tss2_MU_TPMT_PUBLIC_Marshal(public, bytes->data, sizeof(bytes->data), &bytes->len),
		0);
	assert_true(tpm_name(bytes_of(bytes), public->nameAlg, name));
}

/* Slow to make: there are two for all guests, in turn, so that two guests differ */
static EVP_PKEY *shared_rsa_key(void)
{
	static EVP_PKEY *keys[2];
	static unsigned int next;
	EVP_PKEY **key = &keys[next++ & 1];

	if (!*key)
		*key = EVP_RSA_gen(2048);
	assert_non_null(*key);
	assert_int_equal(EVP_PKEY_up_ref(*key), 1);
	return *key;
}

static void put_modulus(const EVP_PKEY *key, TPMT_PUBLIC *public)
{
	BIGNUM *n = NULL;

	assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n), 1);
	public->unique.rsa.size = 256;
	assert_int_equal(BN_bn2binpad(n, public->unique.rsa.buffer, 256), 256);
	BN_free(n);
}

/* The TCG's default template for an RSA-2048 EK, without its policy */
static void make_ek(struct guest *g)
{
	TPMT_PUBLIC ek = {
		.type = TPM2_ALG_RSA,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
				    TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_ADMINWITHPOLICY |
				    TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT,
		.parameters.rsaDetail = { .symmetric = { .algorithm = TPM2_ALG_AES,
							 .keyBits.aes = 128,
							 .mode.aes = TPM2_ALG_CFB },
					  .scheme.scheme = TPM2_ALG_NULL,
					  .keyBits = 2048 },
	};

	g->ek = shared_rsa_key();
	put_modulus(g->ek, &ek);
	publish(&ek, &g->ek_bytes, &g->ek_name);
}

static void make_ak(struct guest *g)
{
	uint8_t point[65];
	size_t len;

	g->ak = EVP_EC_gen("P-256");
	assert_non_null(g->ak);
	assert_int_equal(EVP_PKEY_get_octet_string_param(g->ak, OSSL_PKEY_PARAM_PUB_KEY, point,
							 sizeof(point), &len),
			 1);
	g->ak_public = (TPMT_PUBLIC){
		.type = TPM2_ALG_ECC,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
				    TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
				    TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT,
		.parameters.eccDetail = { .symmetric.algorithm = TPM2_ALG_NULL,
					  .scheme = { .scheme = TPM2_ALG_ECDSA,
						      .details.ecdsa.hashAlg = TPM2_ALG_SHA256 },
					  .curveID = TPM2_ECC_NIST_P256,
					  .kdf.scheme = TPM2_ALG_NULL },
		.unique.ecc = { .x.size = 32, .y.size = 32 },
	};
	memcpy(g->ak_public.unique.ecc.x.buffer, point + 1, 32);
	memcpy(g->ak_public.unique.ecc.y.buffer, point + 33, 32);
	guest_publish_ak(g);
}

void guest_make_rsa_ak(struct guest *g, TPMI_ALG_ASYM_SCHEME scheme)
{
	EVP_PKEY_free(g->ak);
	g->ak = shared_rsa_key();
	g->ak_public.type = TPM2_ALG_RSA;
	g->ak_public.parameters.rsaDetail = (TPMS_RSA_PARMS){
		.symmetric.algorithm = TPM2_ALG_NULL,
		.scheme = { .scheme = scheme, .details.anySig.hashAlg = TPM2_ALG_SHA256 },
		.keyBits = 2048,
	};
	put_modulus(g->ak, &g->ak_public);
	guest_publish_ak(g);
}

static void put_2b(struct blob *to, const struct blob *from)
{
	struct cur c = cur_writer(to->data + to->len, sizeof(to->data) - to->len);

	cur_put_be16(&c, (uint16_t)from->len);
	cur_put_bytes(&c, from->data, from->len);
	assert_false(c.failed);
	to->len += c.pos;
}

void guest_publish_ak(struct guest *g)
{
	publish(&g->ak_public, &g->ak_bytes, &g->ak_name);
	g->manifest = g->ek_bytes;
	if (g->mode == CTPM_MODE_BIND) {
		g->manifest.len = 0;
		put_2b(&g->manifest, &g->ek_bytes);
		put_2b(&g->manifest, &g->ak_bytes);
	}
}

void guest_config(struct guest *g, enum snp_product product, const char *keys, enum ctpm_mode mode)
{
	memset(g, 0, sizeof(*g));
	machine_config(&g->m, product, keys);
	g->mode = mode;
	g->report_pcr = REPORT_PCR;
}

void guest_launch(struct guest *g)
{
	machine_start(&g->m);
	make_ek(g);
	make_ak(g);
	g->reset_count = 7;
	g->restart_count = 2;
	g->certs.len = snp_sp_cert_table(g->m.sp, g->certs.data, sizeof(g->certs.data));
	g->pcrs.bank = CTPM_BANK_SHA256;
	g->pcrs.mask = 0xffff;
	for (int i = 0; i < 13; i++)
		memset(g->pcrs.value[i], i, 32);
}

void guest_start(struct guest *g, const char *keys, enum ctpm_mode mode)
{
	guest_config(g, SNP_MILAN, keys, mode);
	guest_launch(g);
}

void guest_report(struct guest *g, const uint8_t nonce[CTPM_REPORT_NONCE_SIZE],
		  uint8_t report[CTPM_REPORT_SIZE])
{
	uint8_t all[64 + sizeof(g->manifest.data)], data[64];

	memcpy(all, nonce, 64);
	memcpy(all + 64, g->manifest.data, g->manifest.len);
	assert_int_equal(EVP_Digest(all, 64 + g->manifest.len, data, NULL, EVP_sha512(), NULL), 1);
	assert_int_equal(snp_sp_report(g->m.sp, g->vmpl, data, report), SNP_FW_SUCCESS);
}

void guest_log_open(struct guest *g)
{
	struct cur c = cur_writer(g->log.data, sizeof(g->log.data));

	cur_put_le32(&c, 0);
	cur_put_le32(&c, 3); /* EV_NO_ACTION */
	cur_put_zeros(&c, 20);
	cur_put_le32(&c, 16 + 4 + 4 + 4 + 2 * 4 + 1);
	cur_put_bytes(&c, "Spec ID Event03", 16);
	cur_put_zeros(&c, 4);
	cur_put_bytes(&c, "\0\2\0\2", 4);
	cur_put_le32(&c, 2);
	cur_put_le16(&c, CTPM_BANK_SHA256);
	cur_put_le16(&c, 32);
	cur_put_le16(&c, CTPM_BANK_SHA384);
	cur_put_le16(&c, 48);
	cur_put_u8(&c, 0);
	assert_false(c.failed);
	g->log.len = c.pos;
	memset(g->pcrs.value[g->report_pcr], 0, CTPM_DIGEST_MAX);
}

static void extend(uint8_t value[32], const uint8_t digest[32])
{
	uint8_t both[64];

	memcpy(both, value, 32);
	memcpy(both + 32, digest, 32);
	assert_int_equal(EVP_Digest(both, 64, value, NULL, EVP_sha256(), NULL), 1);
}

void guest_log_tagged(struct guest *g, uint32_t pcr, uint32_t tag, const uint8_t *event, size_t len,
		      struct ctpm_bytes what)
{
	struct cur c = cur_writer(g->log.data + g->log.len, sizeof(g->log.data) - g->log.len);
	uint8_t sha256[32], sha384[48];

	assert_int_equal(EVP_Digest(what.data, what.len, sha256, NULL, EVP_sha256(), NULL), 1);
	assert_int_equal(EVP_Digest(what.data, what.len, sha384, NULL, EVP_sha384(), NULL), 1);
	cur_put_le32(&c, pcr);
	cur_put_le32(&c, 6); /* EV_EVENT_TAG */
	cur_put_le32(&c, 2);
	cur_put_le16(&c, CTPM_BANK_SHA256);
	cur_put_bytes(&c, sha256, sizeof(sha256));
	cur_put_le16(&c, CTPM_BANK_SHA384);
	cur_put_bytes(&c, sha384, sizeof(sha384));
	cur_put_le32(&c, (uint32_t)len + 8);
	cur_put_le32(&c, tag);
	cur_put_le32(&c, (uint32_t)len);
	cur_put_bytes(&c, event, len);
	assert_false(c.failed);
	g->log.len += c.pos;
	extend(g->pcrs.value[pcr], sha256);
}

void guest_log_report_as(struct guest *g, uint32_t tag, struct ctpm_bytes report)
{
	uint8_t event[56];
	struct cur c = cur_writer(event, sizeof(event));

	cur_put_le32(&c, CTPM_EVENT_VERSION);
	cur_put_le32(&c, g->boot.late ? CTPM_REPORT_LATE : 0);
	cur_put_le32(&c, g->boot.reset_count);
	cur_put_le32(&c, g->boot.restart_count);
	cur_put_bytes(&c, g->boot.random, sizeof(g->boot.random));
	cur_put_le32(&c, g->boot.report_size);
	cur_put_le32(&c, g->boot.manifest_size);
	assert_true(cur_complete(&c));
	guest_log_tagged(g, g->report_pcr, tag, event, sizeof(event), report);
}

void guest_log_report(struct guest *g)
{
	guest_log_report_as(g, g->mode == CTPM_MODE_BIND ? CTPM_TAG_BIND : CTPM_TAG_REPORT,
			    (struct ctpm_bytes){ g->report, sizeof(g->report) });
}

void guest_boot(struct guest *g)
{
	uint8_t nonce[64];

	g->boot.reset_count = g->reset_count;
	g->boot.restart_count = g->restart_count;
	g->boot.report_size = CTPM_REPORT_SIZE;
	g->boot.manifest_size = (uint32_t)g->manifest.len;
	assert_int_equal(RAND_bytes(g->boot.random, sizeof(g->boot.random)), 1);
	assert_int_equal(ctpm_boot_nonce(g->mode == CTPM_MODE_BIND ? CTPM_EVENT_BIND_REPORT
								   : CTPM_EVENT_REPORT,
					 &g->boot, nonce),
			 CTPM_OK);
	guest_report(g, nonce, g->report);
	guest_log_open(g);
	guest_log_report(g);
}

void guest_certify_from(struct guest *g, const struct ctpm_ca *ca, int64_t from, unsigned int days)
{
	struct ctpm_bytes report = { g->report, sizeof(g->report) };
	uint8_t vouches[VOUCHES_MAX], *der;
	struct subject subject = { g->ak, g->ak_name, g->ek_name, { vouches, 0 } };
	int len;

	/* Milan, Genoa, Turin, as there */
	subject.vouches.len = vouches_for(report, (enum ctpm_product)g->m.config.product, vouches);
	len = ca_certify(ca, &subject, from, days, g->ak_serial, &der);
	assert_true(len > 0 && (size_t)len <= sizeof(g->ak_cert.data));
	memcpy(g->ak_cert.data, der, (size_t)len);
	g->ak_cert.len = (size_t)len;
	OPENSSL_free(der);
}

void guest_certify(struct guest *g, const struct ctpm_ca *ca)
{
	guest_certify_from(g, ca, time(NULL), 30);
}

void guest_stop(struct guest *g)
{
	machine_stop(&g->m);
	EVP_PKEY_free(g->ek);
	EVP_PKEY_free(g->ak);
	free(g->evidence);
}

void guest_claim(struct guest *g, const struct verifier *v)
{
	g->claims = (struct ctpm_claims){
		.nonce = v->challenge.nonce,
		.aud = v->challenge.aud,
		.mode = g->mode,
		.report = { g->report, sizeof(g->report) },
		.manifest = bytes_of(&g->manifest),
		.certs = bytes_of(&g->certs),
		.log = bytes_of(&g->log),
		.ak = bytes_of(&g->ak_bytes),
		.ak_cert = bytes_of(&g->ak_cert),
		.pcrs = g->pcrs,
	};
	if (v->challenge.want_fresh) {
		uint8_t nonce[64];

		assert_int_equal(
			ctpm_fresh_nonce(
				(struct ctpm_bytes){ v->challenge_bytes, v->challenge_len },
				(struct ctpm_bytes){ g->ak_name.data, g->ak_name.len }, nonce),
			CTPM_OK);
		guest_report(g, nonce, g->fresh);
		g->claims.fresh = (struct ctpm_bytes){ g->fresh, sizeof(g->fresh) };
	}
}

static size_t pcr_digest(const struct ctpm_pcrs *pcrs, uint8_t digest[32])
{
	uint8_t values[CTPM_PCRS * CTPM_DIGEST_MAX];
	size_t size = ctpm_bank_size(pcrs->bank), len = 0;

	for (int i = 0; i < CTPM_PCRS; i++) {
		if (!(pcrs->mask >> i & 1))
			continue;
		memcpy(values + len, pcrs->value[i], size);
		len += size;
	}
	assert_int_equal(EVP_Digest(values, len, digest, NULL, EVP_sha256(), NULL), 1);
	return 32;
}

void guest_quote(struct guest *g, const struct verifier *v)
{
	TPMS_ATTEST *a = &g->attest;
	TPMS_QUOTE_INFO *q = &a->attested.quote;
	struct tpm_name signer;
	uint8_t *claims;
	size_t len;

	memset(a, 0, sizeof(*a));
	a->magic = TPM2_GENERATED_VALUE;
	a->type = TPM2_ST_ATTEST_QUOTE;
	assert_true(tpm_endorsement_name(&g->ak_name, &signer));
	a->qualifiedSigner.size = (UINT16)signer.len;
	memcpy(a->qualifiedSigner.name, signer.data, signer.len);
	assert_int_equal(ctpm_claims_encode(&g->claims, &claims, &len, NULL), CTPM_OK);
	a->extraData.size = CTPM_QUALIFYING_DATA_SIZE;
	assert_int_equal(
		ctpm_qualifying_data((struct ctpm_bytes){ v->challenge_bytes, v->challenge_len },
				     g->claims.report, (struct ctpm_bytes){ claims, len },
				     a->extraData.buffer),
		CTPM_OK);
	free(claims);
	a->clockInfo.clock = 1000;
	a->clockInfo.resetCount = g->reset_count;
	a->clockInfo.restartCount = g->restart_count;
	a->clockInfo.safe = 1;
	a->firmwareVersion = 42;
	q->pcrSelect.count = 1;
	q->pcrSelect.pcrSelections[0].hash = g->claims.pcrs.bank;
	q->pcrSelect.pcrSelections[0].sizeofSelect = 3;
	for (int i = 0; i < 3; i++)
		q->pcrSelect.pcrSelections[0].pcrSelect[i] = (BYTE)(g->claims.pcrs.mask >> (8 * i));
	q->pcrDigest.size = (UINT16)pcr_digest(&g->claims.pcrs, q->pcrDigest.buffer);
}

/* By the AK's scheme */
static void sign(const struct guest *g, const uint8_t *data, size_t len, TPMT_SIGNATURE *out)
{
	bool rsa = g->ak_public.type == TPM2_ALG_RSA;
	TPMI_ALG_ASYM_SCHEME scheme =
		rsa ? g->ak_public.parameters.rsaDetail.scheme.scheme : TPM2_ALG_ECDSA;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	uint8_t raw[512];
	const uint8_t *p = raw;
	size_t raw_len = sizeof(raw);
	ECDSA_SIG *sig;

	assert_int_equal(EVP_DigestSignInit(ctx, &pctx, EVP_sha256(), NULL, g->ak), 1);
	if (scheme == TPM2_ALG_RSAPSS)
		assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING), 1);
	assert_int_equal(EVP_DigestSign(ctx, raw, &raw_len, data, len), 1);
	EVP_MD_CTX_free(ctx);
	*out = (TPMT_SIGNATURE){ .sigAlg = scheme, .signature.any.hashAlg = TPM2_ALG_SHA256 };
	if (rsa) {
		out->signature.rsassa.sig.size = (UINT16)raw_len;
		memcpy(out->signature.rsassa.sig.buffer, raw, raw_len);
		return;
	}
	sig = d2i_ECDSA_SIG(NULL, &p, (long)raw_len);
	assert_non_null(sig);
	out->signature.ecdsa.signatureR.size = out->signature.ecdsa.signatureS.size = 32;
	BN_bn2binpad(ECDSA_SIG_get0_r(sig), out->signature.ecdsa.signatureR.buffer, 32);
	BN_bn2binpad(ECDSA_SIG_get0_s(sig), out->signature.ecdsa.signatureS.buffer, 32);
	ECDSA_SIG_free(sig);
}

void guest_deliver(struct guest *g, struct ctpm_bytes quote)
{
	struct ctpm_evidence e = { .quote = quote };
	uint8_t *claims;
	size_t len;

	assert_int_equal(ctpm_claims_encode(&g->claims, &claims, &len, NULL), CTPM_OK);
	e.claims = (struct ctpm_bytes){ claims, len };
	free(g->evidence);
	assert_int_equal(ctpm_evidence_encode(&e, &g->evidence, &g->evidence_len, NULL), CTPM_OK);
	free(claims);
}

void guest_send(struct guest *g)
{
	uint8_t attest[2048], quote[4096];
	struct cur c = cur_writer(quote, sizeof(quote));
	TPMT_SIGNATURE signature;
	size_t len = 0, at;

	assert_int_equal(Tss2_MU_TPMS_ATTEST_Marshal(&g->attest, attest, sizeof(attest), &len), 0);
	sign(g, attest, len, &signature);
	cur_put_be16(&c, (uint16_t)len);
	cur_put_bytes(&c, attest, len);
	at = c.pos;
	assert_int_equal(Tss2_MU_TPMT_SIGNATURE_Marshal(&signature, quote, sizeof(quote), &at), 0);
	guest_deliver(g, (struct ctpm_bytes){ quote, at });
}

void guest_attest(struct guest *g, const struct verifier *v)
{
	guest_claim(g, v);
	guest_quote(g, v);
	guest_send(g);
}

/*
 * The verifier
 */

void verifier_policy(struct verifier *v, const char *policy)
{
	struct ctpm_why why = { CTPM_OK, "" };

	ctpm_policy_free(v->policy);
	if (ctpm_policy_parse(policy, strlen(policy), &v->policy, &why))
		fail_msg("%s", why.text);
}

void verifier_rules(struct verifier *v, const char *rules, ...)
{
	char all[8192] = "{" ANY_MEASUREMENT ", \"modes\": [\"svsm\", \"bind\"], ";
	size_t at, n;
	va_list ap;

	if (!strstr(rules, "require_ek_certificate"))
		strcat(all, "\"require_ek_certificate\": false, ");
	at = strlen(all);
	va_start(ap, rules);
	n = (size_t)vsnprintf(all + at, sizeof(all) - at, rules, ap);
	va_end(ap);
	assert_true(at + n + 2 < sizeof(all));
	strcat(all, "}");
	verifier_policy(v, all);
}

struct hex to_hex(const void *data, size_t len)
{
	struct hex h = { "" };

	assert_true(2 * len < sizeof(h.text));
	for (size_t i = 0; i < len; i++)
		sprintf(h.text + 2 * i, "%02x", ((const uint8_t *)data)[i]);
	return h;
}

void verifier_ask(struct verifier *v, const char *aud, bool fresh)
{
	static const uint8_t nonces[2][32] = { "a nonce", "another nonce" };
	static int which;

	v->challenge = (struct ctpm_challenge){
		.nonce = { nonces[which++ & 1], 32 },
		.aud = { (const uint8_t *)aud, strlen(aud) },
		.want_fresh = fresh,
	};
	verifier_encode(v);
}

void verifier_encode(struct verifier *v)
{
	free(v->challenge_bytes);
	assert_int_equal(
		ctpm_challenge_encode(&v->challenge, &v->challenge_bytes, &v->challenge_len, NULL),
		CTPM_OK);
}

void verifier_start(struct verifier *v, const struct guest *g, const char *policy)
{
	verifier_start_on(v, g, policy, "P-384");
}

void verifier_trust_no_ca(struct verifier *v, const struct guest *g)
{
	size_t len;
	const uint8_t *ark = snp_sp_cert(g->m.sp, SNP_CERT_ARK, &len);

	ctpm_verifier_free(v->v);
	v->v = ctpm_verifier_new(false);
	assert_non_null(v->v);
	assert_int_equal(ctpm_verifier_add_root(v->v, ark, len, NULL), CTPM_OK);
}

void verifier_start_on(struct verifier *v, const struct guest *g, const char *policy,
		       const char *curve)
{
	memset(v, 0, sizeof(*v));
	v->time = time(NULL);
	verifier_trust_no_ca(v, g);
	assert_int_equal(
		ctpm_ca_init("an owner", curve, v->time, 365, &v->ca_key, &v->ca_cert, NULL),
		CTPM_OK);
	assert_int_equal(ctpm_ca_open(v->ca_key, v->ca_cert, &v->ca, NULL), CTPM_OK);
	assert_int_equal(ctpm_verifier_add_ca(v->v, v->ca_cert, strlen(v->ca_cert), NULL), CTPM_OK);
	verifier_policy(v, policy);
	verifier_ask(v, AUD, false);
}

void open_namesake(const struct verifier *v, struct ctpm_ca **ca, char **cert)
{
	char *key;

	assert_int_equal(ctpm_ca_init("an owner", "P-384", v->time, 365, &key, cert, NULL),
			 CTPM_OK);
	assert_int_equal(ctpm_ca_open(key, *cert, ca, NULL), CTPM_OK);
	free(key);
}

void verifier_stop(struct verifier *v)
{
	ctpm_verifier_free(v->v);
	ctpm_policy_free(v->policy);
	ctpm_ca_free(v->ca);
	free(v->ca_key);
	free(v->ca_cert);
	free(v->challenge_bytes);
}

enum ctpm_verdict verifier_judge(struct verifier *v, const struct guest *g)
{
	return ctpm_verify(v->v, v->policy,
			   (struct ctpm_bytes){ v->challenge_bytes, v->challenge_len },
			   (struct ctpm_bytes){ g->evidence, g->evidence_len }, v->time,
			   CTPM_VERIFY_EXPLAIN, &v->result);
}

static void expect(struct verifier *v, const struct guest *g, uint32_t checks)
{
	enum ctpm_verdict verdict = verifier_judge(v, g);

	for (int i = 0; i < CTPM_CHECKS; i++) {
		const struct ctpm_finding *f = &v->result.check[i];

		if (f->status == CTPM_UNDECIDED || (f->status == CTPM_FAILS) != (checks >> i & 1))
			fail_msg("%s: status %d, %s: %s", ctpm_check_name((enum ctpm_check)i),
				 f->status, ctpm_error_name(f->code), f->text);
		if (f->status != CTPM_NOT_REACHED)
			assert_true(f->text[0]);
	}
	assert_int_equal(verdict, checks ? CTPM_REFUSED : CTPM_ACCEPTED);
}

void accepts(struct verifier *v, const struct guest *g)
{
	expect(v, g, 0);
	for (int i = 0; i < CTPM_CHECKS; i++)
		assert_int_not_equal(v->result.check[i].status, CTPM_NOT_REACHED);
}

void refuses(struct verifier *v, const struct guest *g, uint32_t checks)
{
	expect(v, g, checks);
}

/*
 * Scenes
 */

static void come_to(struct scene *s, const struct plan *plan, enum stage stage)
{
	if (plan->change && plan->stage == stage)
		plan->change(s);
}

static void play(struct scene *s, const struct plan *plan)
{
	guest_config(&s->g, plan->product, KEYS, plan->mode);
	come_to(s, plan, MACHINE);
	guest_launch(&s->g);
	come_to(s, plan, POWER);
	guest_boot(&s->g);
	come_to(s, plan, BOOT);
	verifier_start(&s->v, &s->g, plan->mode == CTPM_MODE_BIND ? ANY_BOUND : ANY);
	guest_certify(&s->g, s->v.ca);
	come_to(s, plan, TRUST);
	guest_claim(&s->g, &s->v);
	come_to(s, plan, CLAIM);
	guest_quote(&s->g, &s->v);
	come_to(s, plan, QUOTE);
	guest_send(&s->g);
	come_to(s, plan, SENT);
}

void scene_start(struct scene *s, enum ctpm_mode mode)
{
	play(s, &(struct plan){ .mode = mode });
}

void scene_end(struct scene *s)
{
	guest_stop(&s->g);
	verifier_stop(&s->v);
}

void scene_play(void **state)
{
	const struct plan *plan = *state;
	static struct scene s;

	play(&s, plan);
	if (plan->by)
		refuses(&s.v, &s.g, plan->by);
	else
		accepts(&s.v, &s.g);
	scene_end(&s);
}
