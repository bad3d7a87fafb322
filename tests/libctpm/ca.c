// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Owner CA: its keys, requests that it answers and those that it must not, and replies,
 * which a TPM of others' making opens.
 */
#include "guest.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "swtpm.h"

#define DAYS 30

static const uint8_t request_nonce[32] = "a nonce of the guest's";

struct message {
	uint8_t *data;
	size_t len;
};

static struct ctpm_bytes bytes(const struct message *m)
{
	return (struct ctpm_bytes){ m->data, m->len };
}

/* What a guest asks for; the claims may have been changed before */
static struct message request_of(const struct ctpm_claims *claims)
{
	struct ctpm_claims c = *claims;
	struct message m;

	c.nonce = (struct ctpm_bytes){ request_nonce, sizeof(request_nonce) };
	assert_int_equal(ctpm_request_encode(&c, &m.data, &m.len, NULL), CTPM_OK);
	return m;
}

/*
 * Requests, which are judged as evidence is but for the quote
 */

#define OF_QUOTE                                                                                \
	(BY(CHALLENGE) | BY(AK_CERTIFICATE) | BY(SIGNATURE) | BY(QUOTE) | BY(QUALIFYING_DATA) | \
	 BY(PCR_DIGEST) | BY(LOG) | BY(CLOCK) | BY(FRESH) | BY(PCRS))

/* By exactly these checks; none of the quote is asked for */
static void judge(struct scene *s, const struct message *request, uint32_t by)
{
	struct ctpm_result *r = &s->v.result;
	enum ctpm_verdict verdict = ctpm_verify_request(s->v.v, s->v.policy, bytes(request),
							s->v.time, CTPM_VERIFY_EXPLAIN, r);

	for (int i = 0; i < CTPM_CHECKS; i++) {
		if (OF_QUOTE >> i & 1)
			assert_int_equal(r->check[i].status, CTPM_NOT_ASKED);
		else if ((r->check[i].status == CTPM_FAILS) != (by >> i & 1) ||
			 r->check[i].status == CTPM_UNDECIDED)
			fail_msg("%s: status %d: %s", ctpm_check_name((enum ctpm_check)i),
				 r->check[i].status, r->check[i].text);
	}
	assert_int_equal(verdict, by ? CTPM_REFUSED : CTPM_ACCEPTED);
}

static struct message answer(struct scene *s, const struct message *request)
{
	uint8_t serial[CTPM_SERIAL_SIZE];
	struct message m;

	judge(s, request, 0);
	assert_int_equal(ctpm_ca_answer(s->v.ca, bytes(request), &s->v.result, s->v.time, DAYS,
					&m.data, &m.len, serial, NULL),
			 CTPM_OK);
	return m;
}

static void asks(struct scene *s, uint32_t by)
{
	struct message request;

	guest_claim(&s->g, &s->v);
	request = request_of(&s->g.claims);
	judge(s, &request, by);
	free(request.data);
}

static void a_request_is_accepted(void **state)
{
	struct scene s;

	(void)state;
	for (int mode = 0; mode < CTPM_MODES; mode++) {
		scene_start(&s, (enum ctpm_mode)mode);
		asks(&s, 0);
		scene_end(&s);
	}
}

/* What is quoted later is of another bank then; the log has that one's digests alone */
static void a_request_of_a_tpm_without_sha256_is_accepted(void **state)
{
	struct scene s;
	struct blob *log = &s.g.log;

	(void)state;
	scene_start(&s, CTPM_MODE_SVSM);
	/* the header: the size of its event, how many banks, the first one */
	log->data[28] -= 4;
	log->data[56] = 1;
	memmove(log->data + 60, log->data + 64, log->len -= 64);
	log->len += 60;
	/* the event: how many digests, the first one */
	log->data[73] = 1;
	memmove(log->data + 77, log->data + 111, log->len -= 111);
	log->len += 77;
	asks(&s, 0);
	/* of none that quotes may be of */
	log->data[60] = log->data[77] = 4;
	log->data[62] = 20;
	memmove(log->data + 99, log->data + 127, log->len -= 127);
	log->len += 99;
	asks(&s, BY(BINDING));
	scene_end(&s);
}

static void a_request_that_is_none_reaches_no_check(void **state)
{
	struct message request;
	struct scene s;

	(void)state;
	scene_start(&s, CTPM_MODE_SVSM);
	request = request_of(&s.g.claims);
	for (size_t n = 0; n < request.len; n += n < 64 ? 1 : 61) {
		struct message cut = { request.data, n };

		judge(&s, &cut, BY(FORM));
		for (int i = 1; i < CTPM_CHECKS; i++)
			if (!(OF_QUOTE >> i & 1))
				assert_int_equal(s.v.result.check[i].status, CTPM_NOT_REACHED);
	}
	free(request.data);
	/* what is decoded, and then found to be malformed */
	s.g.log.len--;
	guest_claim(&s.g, &s.v);
	request = request_of(&s.g.claims);
	judge(&s, &request, BY(FORM));
	assert_int_equal(s.v.result.check[CTPM_CHECK_EK].status, CTPM_NOT_REACHED);
	free(request.data);
	scene_end(&s);
}

/* Changes to a guest, before it boots, and what refuses its request then */
static void ek_attributes(struct guest *g, uint32_t flip)
{
	/* behind type and nameAlg, big-endian */
	for (int i = 0; i < 4; i++)
		g->ek_bytes.data[4 + i] ^= (uint8_t)(flip >> (24 - 8 * i));
	guest_publish_ak(g);
}

static void ek_that_signs(struct guest *g)
{
	ek_attributes(g, TPMA_OBJECT_SIGN_ENCRYPT);
}

static void ek_that_does_not_decrypt(struct guest *g)
{
	ek_attributes(g, TPMA_OBJECT_DECRYPT);
}

static void ek_that_is_not_restricted(struct guest *g)
{
	ek_attributes(g, TPMA_OBJECT_RESTRICTED);
}

static void ek_that_is_not_fixed(struct guest *g)
{
	ek_attributes(g, TPMA_OBJECT_FIXEDTPM);
}

static void ek_that_was_imported(struct guest *g)
{
	ek_attributes(g, TPMA_OBJECT_SENSITIVEDATAORIGIN);
}

static void ak_that_is_not_restricted(struct guest *g)
{
	g->ak_public.objectAttributes &= ~TPMA_OBJECT_RESTRICTED;
	guest_publish_ak(g);
}

static void report_of_vmpl_2(struct guest *g)
{
	g->vmpl = 2;
}

static void late(struct guest *g)
{
	g->boot.late = true;
}

static void no_certificates(struct guest *g)
{
	g->certs.len = 0;
}

static void a_request_is_refused_as_evidence_would_be(void **state)
{
	static const struct {
		void (*change)(struct guest *g);
		uint32_t by;
	} cases[] = {
		{ ek_that_signs, BY(AK) },
		{ ek_that_does_not_decrypt, BY(AK) },
		{ ek_that_is_not_restricted, BY(AK) },
		{ ek_that_is_not_fixed, BY(AK) },
		{ ek_that_was_imported, BY(AK) },
		{ ak_that_is_not_restricted, BY(AK) },
		{ report_of_vmpl_2, BY(VMPL) },
		{ late, BY(BINDING) },
		{ no_certificates, BY(REPORT) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene s;

		guest_start(&s.g, KEYS, CTPM_MODE_SVSM);
		cases[i].change(&s.g);
		guest_boot(&s.g);
		verifier_start(&s.v, &s.g, ANY);
		asks(&s, cases[i].by);
		scene_end(&s);
	}
}

static void a_request_must_fulfil_the_policy(void **state)
{
	static const struct {
		const char *rules;
		uint32_t by;
	} cases[] = {
		{ "\"guest_policy\": {\"smt\": false}", BY(GUEST_POLICY) },
		{ "\"tcb\": {\"Genoa\": {}}", BY(TCB) },
		{ "\"signing_keys\": [\"vlek\"]", BY(IDENTITY) },
		{ "\"report_pcr\": 12", BY(BINDING) },
		/* of the quote, which there is none of */
		{ "\"require_fresh\": true", 0 },
	};
	struct scene s;

	(void)state;
	scene_start(&s, CTPM_MODE_SVSM);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		verifier_rules(&s.v, "%s", cases[i].rules);
		asks(&s, cases[i].by);
	}
	verifier_rules(&s.v, "\"pcrs\": {\"sha512\": {\"7\": \"%s\"}}",
		       to_hex(s.g.report, 64).text);
	asks(&s, 0);
	verifier_policy(&s.v, ANY_BOUND);
	asks(&s, BY(MODE));
	verifier_policy(&s.v, "{\"version\": 1, \"modes\": [\"svsm\"], \"measurements\": "
			      "\"00000000000000000000000000000000000000000000000000000000000000000"
			      "0000000000000000000000000000000\"}");
	asks(&s, BY(MEASUREMENT));
	scene_end(&s);
}

static void a_request_for_another_ak_than_the_bound_one_is_refused(void **state)
{
	struct blob manifest;
	struct scene s;

	(void)state;
	scene_start(&s, CTPM_MODE_BIND);
	manifest = s.g.manifest;
	guest_make_rsa_ak(&s.g, TPM2_ALG_RSASSA);
	s.g.manifest = manifest;
	asks(&s, BY(EK));
	scene_end(&s);
}

static void a_request_with_another_manifest_is_refused(void **state)
{
	struct guest other;
	struct scene s;

	(void)state;
	scene_start(&s, CTPM_MODE_SVSM);
	guest_start(&other, KEYS, CTPM_MODE_SVSM);
	s.g.manifest = other.manifest;
	guest_stop(&other);
	asks(&s, BY(MANIFEST));
	scene_end(&s);
}

/*
 * Keys, certificates, lists
 */

static X509 *read_cert(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	BIO_free(bio);
	assert_non_null(cert);
	return cert;
}

static void expect_new_ca(const char *curve, const char *name, int algorithm)
{
	char *key, *pem, group[32];
	struct ctpm_ca *ca;
	X509 *cert;
	size_t len;

	assert_int_equal(ctpm_ca_init("Owner \xc3\xa4", curve, 1700000000, 10, &key, &pem, NULL),
			 CTPM_OK);
	cert = read_cert(pem);
	assert_true(X509_get_extension_flags(cert) & EXFLAG_CA);
	assert_int_equal(X509_get_key_usage(cert), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
	assert_int_equal(X509_get_pathlen(cert), 0);
	assert_int_equal(X509_verify(cert, X509_get0_pubkey(cert)), 1);
	assert_int_equal(
		EVP_PKEY_get_group_name(X509_get0_pubkey(cert), group, sizeof(group), &len), 1);
	assert_string_equal(group, name);
	assert_int_equal(X509_get_signature_nid(cert), algorithm);
	assert_int_equal(ASN1_TIME_cmp_time_t(X509_get0_notAfter(cert), 1700000000 + 864000), 0);
	assert_int_equal(ctpm_ca_open(key, pem, &ca, NULL), CTPM_OK);
	ctpm_ca_free(ca);
	X509_free(cert);
	free(key);
	free(pem);
}

static void a_new_ca_is_for_certificates_alone(void **state)
{
	(void)state;
	expect_new_ca("P-384", "secp384r1", NID_ecdsa_with_SHA384);
	expect_new_ca("P-256", "prime256v1", NID_ecdsa_with_SHA256);
}

static void a_ca_has_a_name_days_and_a_curve(void **state)
{
	static const struct {
		const char *name, *curve;
		unsigned int days;
	} cases[] = {
		{ "", "P-384", 1 },
		{ "x", "P-384", 0 },
		{ "x", "P-384", 36501 },
		{ "12345678901234567890123456789012345678901234567890123456789012345", "P-384", 1 },
		{ "x", "P-521", 1 },
		{ "x", "", 1 },
	};
	char *key, *cert;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ctpm_why why = { CTPM_OK, "" };

		assert_int_equal(ctpm_ca_init(cases[i].name, cases[i].curve, 1700000000,
					      cases[i].days, &key, &cert, &why),
				 CTPM_ERR_ARGUMENT);
		assert_int_equal(why.code, CTPM_ERR_ARGUMENT);
		assert_null(key);
		assert_null(cert);
	}
}

static void key_and_certificate_belong_together(void **state)
{
	char *key[2], *cert[2];
	struct ctpm_ca *ca;

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(ctpm_ca_init("x", "P-384", 1700000000, 1, &key[i], &cert[i], NULL),
				 CTPM_OK);
	assert_int_equal(ctpm_ca_open(key[0], cert[1], &ca, NULL), CTPM_ERR_ARGUMENT);
	assert_null(ca);
	assert_int_equal(ctpm_ca_open(cert[0], cert[0], &ca, NULL), CTPM_ERR_CERT_FORM);
	assert_int_equal(ctpm_ca_open(key[0], key[0], &ca, NULL), CTPM_ERR_CERT_FORM);
	assert_int_equal(ctpm_ca_open("", cert[0], &ca, NULL), CTPM_ERR_CERT_FORM);
	assert_int_equal(ctpm_ca_open(key[0], "", &ca, NULL), CTPM_ERR_CERT_FORM);
	assert_null(ca);
	for (int i = 0; i < 2; i++) {
		free(key[i]);
		free(cert[i]);
	}
}

static void a_list_names_what_is_revoked(void **state)
{
	uint8_t serials[3 * CTPM_SERIAL_SIZE];
	struct ctpm_ca *ca;
	char *key, *cert, *pem;
	X509_CRL *crl;
	BIO *bio;

	(void)state;
	for (int i = 0; i < 3; i++)
		memset(serials + i * CTPM_SERIAL_SIZE, 0x40 + i, CTPM_SERIAL_SIZE);
	assert_int_equal(ctpm_ca_init("x", "P-384", 1700000000, 1, &key, &cert, NULL), CTPM_OK);
	assert_int_equal(ctpm_ca_open(key, cert, &ca, NULL), CTPM_OK);
	assert_int_equal(ctpm_ca_crl(ca, serials, 3, 7, 1700000000, 7, &pem, NULL), CTPM_OK);
	bio = BIO_new_mem_buf(pem, -1);
	crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
	BIO_free(bio);
	assert_int_equal(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)), 3);
	assert_int_equal(ASN1_TIME_cmp_time_t(X509_CRL_get0_nextUpdate(crl), 1700000000 + 604800),
			 0);
	X509_CRL_free(crl);
	free(pem);
	assert_int_equal(ctpm_ca_crl(ca, serials, 3, 8, 1700000000, 0, &pem, NULL),
			 CTPM_ERR_ARGUMENT);
	assert_null(pem);
	assert_int_equal(ctpm_ca_crl(ca, serials, 3, 8, 1700000000, 36501, &pem, NULL),
			 CTPM_ERR_ARGUMENT);
	assert_null(pem);
	ctpm_ca_free(ca);
	free(key);
	free(cert);
}

/* No check of its own is left out because the caller has to make all of them */
static void nobody_without_an_ek_or_ak_is_answered(void **state)
{
	static void (*const changes[])(struct guest *
				       g) = { ek_that_signs, ek_that_does_not_decrypt,
					      ek_that_is_not_fixed, ak_that_is_not_restricted };
	uint8_t serial[CTPM_SERIAL_SIZE];
	struct message request, reply;
	struct scene s;

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		guest_start(&s.g, KEYS, CTPM_MODE_SVSM);
		changes[i](&s.g);
		guest_boot(&s.g);
		verifier_start(&s.v, &s.g, ANY);
		guest_claim(&s.g, &s.v);
		request = request_of(&s.g.claims);
		assert_int_equal(ctpm_ca_answer(s.v.ca, bytes(&request), &s.v.result, s.v.time,
						DAYS, &reply.data, &reply.len, serial, NULL),
				 CTPM_ERR_REFUSED);
		assert_null(reply.data);
		free(request.data);
		scene_end(&s);
	}
}

static void expect_no_answer(struct scene *s, const struct message *request,
			     const struct ctpm_result *result)
{
	uint8_t serial[CTPM_SERIAL_SIZE];
	struct message reply;

	assert_int_equal(ctpm_ca_answer(s->v.ca, bytes(request), result, s->v.time, DAYS,
					&reply.data, &reply.len, serial, NULL),
			 CTPM_ERR_REFUSED);
	assert_null(reply.data);
}

/* The certificate vouches for the report, so the appraisal has to be of this one */
static void a_request_that_was_not_accepted_is_not_answered(void **state)
{
	struct ctpm_result other, changed;
	struct message request;
	uint8_t *report;
	struct scene s;

	(void)state;
	scene_start(&s, CTPM_MODE_SVSM);
	request = request_of(&s.g.claims);
	judge(&s, &request, 0);
	other = s.v.result;
	free(request.data);
	/* the same TPM after another boot */
	guest_boot(&s.g);
	guest_claim(&s.g, &s.v);
	request = request_of(&s.g.claims);
	expect_no_answer(&s, &request, &other);
	judge(&s, &request, 0);
	for (int verdict = CTPM_REFUSED; verdict <= CTPM_COULD_NOT_DECIDE; verdict++) {
		changed = s.v.result;
		changed.verdict = (enum ctpm_verdict)verdict;
		expect_no_answer(&s, &request, &changed);
	}
	free(answer(&s, &request).data);
	/* what was verified is all of it: the report's TCB, chip and signature as well */
	report = memmem(request.data, request.len, s.g.report, sizeof(s.g.report));
	assert_non_null(report);
	for (size_t i = 0; i < sizeof(s.g.report); i++) {
		report[i] ^= 1;
		expect_no_answer(&s, &request, &s.v.result);
		report[i] ^= 1;
	}
	/* evidence that was accepted is no request that was */
	guest_certify(&s.g, s.v.ca);
	guest_attest(&s.g, &s.v);
	accepts(&s.v, &s.g);
	expect_no_answer(&s, &request, &s.v.result);
	free(request.data);
	scene_end(&s);
}

static void an_answer_is_for_one_day_or_more(void **state)
{
	uint8_t serial[CTPM_SERIAL_SIZE];
	struct message request, reply;
	struct scene s;

	(void)state;
	scene_start(&s, CTPM_MODE_BIND);
	request = request_of(&s.g.claims);
	judge(&s, &request, 0);
	assert_int_equal(ctpm_ca_answer(s.v.ca, bytes(&request), &s.v.result, s.v.time, 0,
					&reply.data, &reply.len, serial, NULL),
			 CTPM_ERR_ARGUMENT);
	assert_int_equal(ctpm_ca_answer(s.v.ca, bytes(&request), &s.v.result, s.v.time, 36501,
					&reply.data, &reply.len, serial, NULL),
			 CTPM_ERR_ARGUMENT);
	request.len--;
	assert_int_equal(ctpm_ca_answer(s.v.ca, bytes(&request), &s.v.result, s.v.time, 1,
					&reply.data, &reply.len, serial, NULL),
			 CTPM_ERR_FORM);
	assert_null(reply.data);
	free(request.data);
	scene_end(&s);
}

/*
 * With a TPM
 */

/* A guest with this TPM, booted, and the PCR in the TPM as the log says */
static void start_with(struct scene *s, struct swtpm *t, TPMI_ALG_PUBLIC ek, enum ctpm_mode mode)
{
	swtpm_start(t, ek);
	guest_start(&s->g, KEYS, mode);
	swtpm_give(t, &s->g);
	guest_boot(&s->g);
	swtpm_extend(t, REPORT_PCR, s->g.report, sizeof(s->g.report));
	verifier_start(&s->v, &s->g, mode == CTPM_MODE_BIND ? ANY_BOUND : ANY);
	guest_claim(&s->g, &s->v);
}

static enum ctpm_error open_reply(struct swtpm *t, const struct message *reply,
				  const struct message *request, struct blob *cert)
{
	uint8_t key[CTPM_CREDENTIAL_SIZE], *der;
	struct ctpm_reply r;
	enum ctpm_error error = ctpm_reply_decode(reply->data, reply->len, &r, NULL);
	size_t len;

	if (error)
		return error;
	if (!swtpm_activate(t, r.credential, r.secret, key))
		return CTPM_ERR_REFUSED;
	error = ctpm_reply_open(&r, key, bytes(request), &der, &len, NULL);
	if (error)
		return error;
	assert_true(len <= sizeof(cert->data));
	memcpy(cert->data, der, len);
	cert->len = len;
	free(der);
	return CTPM_OK;
}

/* From the request to a quote by the TPM itself, in each mode and with each kind of EK */
static void a_tpm_enrols_and_attests(void **state)
{
	static const TPMI_ALG_PUBLIC eks[] = { TPM2_ALG_RSA, TPM2_ALG_ECC };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct message request, reply;
		struct swtpm t;
		struct scene s;

		start_with(&s, &t, eks[i], i ? CTPM_MODE_BIND : CTPM_MODE_SVSM);
		request = request_of(&s.g.claims);
		reply = answer(&s, &request);
		assert_int_equal(open_reply(&t, &reply, &request, &s.g.ak_cert), CTPM_OK);
		swtpm_attest(&t, &s.g, &s.v);
		accepts(&s.v, &s.g);
		/* root comes later */
		swtpm_extend(&t, REPORT_PCR, "x", 1);
		swtpm_attest(&t, &s.g, &s.v);
		refuses(&s.v, &s.g, BY(PCR_DIGEST));
		free(request.data);
		free(reply.data);
		swtpm_stop(&t);
		scene_end(&s);
	}
}

/* The shared secret's leading zeros, and all else that is not the same each time */
static void a_tpm_opens_every_reply(void **state)
{
	static const TPMI_ALG_PUBLIC eks[] = { TPM2_ALG_RSA, TPM2_ALG_ECC };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct message request;
		struct swtpm t;
		struct scene s;

		start_with(&s, &t, eks[i], CTPM_MODE_SVSM);
		request = request_of(&s.g.claims);
		for (int k = 0; k < 40; k++) {
			struct message reply = answer(&s, &request);

			assert_int_equal(open_reply(&t, &reply, &request, &s.g.ak_cert), CTPM_OK);
			free(reply.data);
		}
		free(request.data);
		swtpm_stop(&t);
		scene_end(&s);
	}
}

/* Both of one TPM: a reply for one of them is none for the other */
static void a_reply_is_for_one_ek_and_one_ak(void **state)
{
	struct message request, reply;
	struct swtpm t, other;
	struct scene s;
	ESYS_TR ak;

	(void)state;
	start_with(&s, &t, TPM2_ALG_ECC, CTPM_MODE_SVSM);
	swtpm_start(&other, TPM2_ALG_ECC);
	request = request_of(&s.g.claims);
	reply = answer(&s, &request);
	/* another TPM */
	assert_int_equal(open_reply(&other, &reply, &request, &s.g.ak_cert), CTPM_ERR_REFUSED);
	/* the right EK, beside another object than the AK */
	ak = t.ak;
	t.ak = t.ek;
	assert_int_equal(open_reply(&t, &reply, &request, &s.g.ak_cert), CTPM_ERR_REFUSED);
	t.ak = ak;
	assert_int_equal(open_reply(&t, &reply, &request, &s.g.ak_cert), CTPM_OK);
	free(reply.data);
	free(request.data);
	/* somebody else's AK, with this TPM's EK */
	s.g.ak_public.unique.ecc = other.ak_public->publicArea.unique.ecc;
	guest_publish_ak(&s.g);
	guest_claim(&s.g, &s.v);
	request = request_of(&s.g.claims);
	reply = answer(&s, &request);
	assert_int_equal(open_reply(&t, &reply, &request, &s.g.ak_cert), CTPM_ERR_REFUSED);
	assert_int_equal(open_reply(&other, &reply, &request, &s.g.ak_cert), CTPM_ERR_REFUSED);
	free(reply.data);
	free(request.data);
	swtpm_stop(&other);
	swtpm_stop(&t);
	scene_end(&s);
}

static void a_reply_is_to_one_request(void **state)
{
	struct message request, other, reply;
	struct swtpm t;
	struct scene s;

	(void)state;
	start_with(&s, &t, TPM2_ALG_ECC, CTPM_MODE_SVSM);
	request = request_of(&s.g.claims);
	s.g.claims.ek_cert[0] = (struct ctpm_bytes){ (const uint8_t *)"x", 1 };
	s.g.claims.ek_certs = 1;
	other = request_of(&s.g.claims);
	reply = answer(&s, &other);
	assert_int_equal(open_reply(&t, &reply, &request, &s.g.ak_cert), CTPM_ERR_REFUSED);
	assert_int_equal(open_reply(&t, &reply, &other, &s.g.ak_cert), CTPM_OK);
	free(reply.data);
	free(request.data);
	free(other.data);
	swtpm_stop(&t);
	scene_end(&s);
}

/* Of the ones that a TPM has to try a stride: it takes its time */
static void bits_of_a_reply_count(void **state)
{
	struct message request, reply;
	struct ctpm_reply r;
	struct blob cert;
	struct swtpm t;
	struct scene s;

	(void)state;
	start_with(&s, &t, TPM2_ALG_ECC, CTPM_MODE_SVSM);
	request = request_of(&s.g.claims);
	reply = answer(&s, &request);
	assert_int_equal(ctpm_reply_decode(reply.data, reply.len, &r, NULL), CTPM_OK);
	for (size_t bit = 0; bit < 8 * reply.len; bit += 13) {
		reply.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (!open_reply(&t, &reply, &request, &cert))
			fail_msg("opened with bit %zu of byte %zu flipped", bit % 8, bit / 8);
		reply.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(open_reply(&t, &reply, &request, &cert), CTPM_OK);
	free(reply.data);
	free(request.data);
	swtpm_stop(&t);
	scene_end(&s);
}

/* All of what is sealed, which needs no TPM */
static void every_bit_of_what_is_sealed_counts(void **state)
{
	uint8_t key[CTPM_CREDENTIAL_SIZE], *der, *sealed;
	struct message request, reply;
	struct ctpm_reply r;
	struct swtpm t;
	struct scene s;
	size_t len;

	(void)state;
	start_with(&s, &t, TPM2_ALG_ECC, CTPM_MODE_SVSM);
	request = request_of(&s.g.claims);
	reply = answer(&s, &request);
	assert_int_equal(ctpm_reply_decode(reply.data, reply.len, &r, NULL), CTPM_OK);
	assert_true(swtpm_activate(&t, r.credential, r.secret, key));
	sealed = reply.data + (r.sealed.data - reply.data);
	for (size_t bit = 0; bit < 8 * r.sealed.len; bit++) {
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(ctpm_reply_open(&r, key, bytes(&request), &der, &len, NULL),
				 CTPM_ERR_REFUSED);
		assert_null(der);
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t bit = 0; bit < 8 * sizeof(key); bit++) {
		key[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(ctpm_reply_open(&r, key, bytes(&request), &der, &len, NULL),
				 CTPM_ERR_REFUSED);
		key[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	r.sealed.len--;
	assert_int_equal(ctpm_reply_open(&r, key, bytes(&request), &der, &len, NULL),
			 CTPM_ERR_REFUSED);
	r.sealed.len = 16;
	assert_int_equal(ctpm_reply_open(&r, key, bytes(&request), &der, &len, NULL),
			 CTPM_ERR_FORM);
	free(reply.data);
	free(request.data);
	swtpm_stop(&t);
	scene_end(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_request_is_accepted),
	cmocka_unit_test(a_request_of_a_tpm_without_sha256_is_accepted),
	cmocka_unit_test(a_request_that_is_none_reaches_no_check),
	cmocka_unit_test(a_request_is_refused_as_evidence_would_be),
	cmocka_unit_test(a_request_must_fulfil_the_policy),
	cmocka_unit_test(a_request_for_another_ak_than_the_bound_one_is_refused),
	cmocka_unit_test(a_request_with_another_manifest_is_refused),
	cmocka_unit_test(a_new_ca_is_for_certificates_alone),
	cmocka_unit_test(a_ca_has_a_name_days_and_a_curve),
	cmocka_unit_test(key_and_certificate_belong_together),
	cmocka_unit_test(a_list_names_what_is_revoked),
	cmocka_unit_test(nobody_without_an_ek_or_ak_is_answered),
	cmocka_unit_test(a_request_that_was_not_accepted_is_not_answered),
	cmocka_unit_test(an_answer_is_for_one_day_or_more),
	cmocka_unit_test(a_tpm_enrols_and_attests),
	cmocka_unit_test(a_tpm_opens_every_reply),
	cmocka_unit_test(a_reply_is_for_one_ek_and_one_ak),
	cmocka_unit_test(a_reply_is_to_one_request),
	cmocka_unit_test(bits_of_a_reply_count),
	cmocka_unit_test(every_bit_of_what_is_sealed_counts),
};

SUITE(ca_suite, tests);
