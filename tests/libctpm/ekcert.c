// SPDX-License-Identifier: GPL-2.0-or-later
/* Certificates of EKs, where the policy demands them: by whom, for which key, not revoked. */
#include "guest.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#define DAY 86400

static uint8_t serial[CTPM_SERIAL_SIZE];

static void demand(struct scene *s)
{
	verifier_rules(&s->v, "\"require_ek_certificate\": true");
}

/* What the CA issues for a guest's EK */
static void ek_cert_by(const struct ctpm_ca *ca, const struct guest *g, int64_t from,
		       struct blob *cert)
{
	static const uint8_t nonce[32];
	struct ctpm_claims c = g->claims;
	uint8_t *request, *der;
	size_t request_len, len;

	c.nonce = (struct ctpm_bytes){ nonce, sizeof(nonce) };
	assert_int_equal(ctpm_request_encode(&c, &request, &request_len, NULL), CTPM_OK);
	assert_int_equal(ctpm_ca_certify_ek(ca, (struct ctpm_bytes){ request, request_len }, from,
					    30, &der, &len, serial, NULL),
			 CTPM_OK);
	assert_true(len <= sizeof(cert->data));
	memcpy(cert->data, der, len);
	cert->len = len;
	free(request);
	free(der);
}

static void claim(struct scene *s, const struct blob *cert)
{
	struct ctpm_claims *c = &s->g.claims;

	c->ek_cert[c->ek_certs++] = (struct ctpm_bytes){ cert->data, cert->len };
}

/* By the Owner CA, which is trusted with EKs; the blob lasts as long as the claims do */
static struct blob *certified_from(struct scene *s, int64_t from)
{
	static struct blob cert;

	demand(s);
	assert_int_equal(
		ctpm_verifier_add_ek_root(s->v.v, s->v.ca_cert, strlen(s->v.ca_cert), NULL),
		CTPM_OK);
	ek_cert_by(s->v.ca, &s->g, from, &cert);
	claim(s, &cert);
	return &cert;
}

static struct blob *certified(struct scene *s)
{
	return certified_from(s, s->v.time);
}

static void a_certified_ek_is_accepted(struct scene *s)
{
	certified(s);
}

static void one_good_certificate_of_several_will_do(struct scene *s)
{
	static const struct blob junk = { { 0x30, 1, 2 }, 3 };

	claim(s, &junk);
	certified(s);
}

static void an_ek_without_a_certificate_is_refused(struct scene *s)
{
	demand(s);
}

static void an_ek_certificate_by_an_issuer_that_is_not_trusted_is_refused(struct scene *s)
{
	static struct blob cert;

	demand(s);
	ek_cert_by(s->v.ca, &s->g, s->v.time, &cert);
	claim(s, &cert);
}

static void an_ek_certificate_by_a_namesake_is_refused(struct scene *s)
{
	static struct blob foreign;
	struct ctpm_ca *other;
	char *cert;

	open_namesake(&s->v, &other, &cert);
	certified(s);
	s->g.claims.ek_certs = 0;
	ek_cert_by(other, &s->g, s->v.time, &foreign);
	claim(s, &foreign);
	ctpm_ca_free(other);
	free(cert);
}

static void a_certificate_for_another_ek_is_refused(struct scene *s)
{
	static struct blob cert;
	struct guest other;

	certified(s);
	s->g.claims.ek_certs = 0;
	guest_start(&other, KEYS, CTPM_MODE_SVSM);
	guest_boot(&other);
	guest_claim(&other, &s->v);
	ek_cert_by(s->v.ca, &other, s->v.time, &cert);
	guest_stop(&other);
	claim(s, &cert);
}

static void a_changed_ek_certificate_is_refused(struct scene *s)
{
	struct blob *cert = certified(s);

	cert->data[cert->len - 1] ^= 1;
}

static void an_ek_certificate_that_is_not_valid_yet_is_refused(struct scene *s)
{
	certified_from(s, s->v.time + DAY);
}

static void an_ek_certificate_that_has_expired_is_refused(struct scene *s)
{
	certified_from(s, s->v.time - 31 * DAY);
}

/* An AK's, for the EK's key: it must say what it is for */
static void a_certificate_that_is_not_for_an_ek_is_refused(struct scene *s)
{
	struct blob *cert = certified(s);
	BIO *bio = BIO_new_mem_buf(s->v.ca_key, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	const uint8_t *p = cert->data;
	X509 *x = d2i_X509(NULL, &p, (long)cert->len);
	uint8_t *to = cert->data;

	X509_EXTENSION_free(X509_delete_ext(x, X509_get_ext_by_NID(x, NID_ext_key_usage, -1)));
	assert_true(X509_sign(x, key, EVP_sha384()) > 0);
	assert_int_equal(i2d_X509(x, NULL) <= (int)sizeof(cert->data), 1);
	cert->len = (size_t)i2d_X509(x, &to);
	s->g.claims.ek_cert[0].len = cert->len;
	X509_free(x);
	EVP_PKEY_free(key);
	BIO_free(bio);
}

/*
 * Revocation
 */

typedef enum ctpm_error (*adder)(struct ctpm_verifier *v, const void *data, size_t len,
				 struct ctpm_why *why);

static void revoke(struct scene *s, const struct ctpm_ca *ca, size_t count, int64_t from, adder add)
{
	char *crl;

	assert_int_equal(ctpm_ca_crl(ca, serial, count, 1, from, 7, &crl, NULL), CTPM_OK);
	assert_int_equal(add(s->v.v, crl, strlen(crl), NULL), CTPM_OK);
	free(crl);
}

static void an_ek_that_the_owner_ca_has_revoked_is_refused(struct scene *s)
{
	certified(s);
	revoke(s, s->v.ca, 1, s->v.time, ctpm_verifier_add_ca);
}

static void an_ek_that_its_maker_has_revoked_is_refused(struct scene *s)
{
	certified(s);
	revoke(s, s->v.ca, 1, s->v.time, ctpm_verifier_add_ek_root);
}

static void a_list_without_the_ek_is_respected(struct scene *s)
{
	certified(s);
	revoke(s, s->v.ca, 0, s->v.time, ctpm_verifier_add_ek_root);
}

static void a_makers_list_that_is_out_of_date_is_refused(struct scene *s)
{
	certified(s);
	revoke(s, s->v.ca, 0, s->v.time - 10 * DAY, ctpm_verifier_add_ek_root);
}

static void a_namesakes_list_revokes_no_ek(struct scene *s)
{
	struct ctpm_ca *other;
	char *cert;

	open_namesake(&s->v, &other, &cert);
	certified(s);
	revoke(s, other, 1, s->v.time, ctpm_verifier_add_ek_root);
	ctpm_ca_free(other);
	free(cert);
}

static const struct CMUnitTest tests[] = {
	SCENE(a_certified_ek_is_accepted, CLAIM, 0),
	SCENE_BOUND(a_certified_ek_is_accepted, CLAIM, 0),
	SCENE(one_good_certificate_of_several_will_do, CLAIM, 0),
	SCENE(an_ek_without_a_certificate_is_refused, CLAIM, BY(EK)),
	SCENE(an_ek_certificate_by_an_issuer_that_is_not_trusted_is_refused, CLAIM, BY(EK)),
	SCENE(an_ek_certificate_by_a_namesake_is_refused, CLAIM, BY(EK)),
	SCENE(a_certificate_for_another_ek_is_refused, CLAIM, BY(EK)),
	SCENE(a_changed_ek_certificate_is_refused, CLAIM, BY(EK)),
	SCENE(an_ek_certificate_that_is_not_valid_yet_is_refused, CLAIM, BY(EK)),
	SCENE(an_ek_certificate_that_has_expired_is_refused, CLAIM, BY(EK)),
	SCENE(a_certificate_that_is_not_for_an_ek_is_refused, CLAIM, BY(EK)),
	SCENE(an_ek_that_the_owner_ca_has_revoked_is_refused, CLAIM, BY(EK)),
	SCENE(an_ek_that_its_maker_has_revoked_is_refused, CLAIM, BY(EK)),
	SCENE(a_list_without_the_ek_is_respected, CLAIM, 0),
	SCENE(a_makers_list_that_is_out_of_date_is_refused, CLAIM, BY(EK)),
	SCENE(a_namesakes_list_revokes_no_ek, CLAIM, 0),
};

SUITE(ekcert_suite, tests);
