// SPDX-License-Identifier: GPL-2.0-or-later
/* Certificates of AKs: whose, for what, for whom, and for how long. */
#include "guest.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "../../tools/libctpm/verifier.h"

#define DAY 86400

/* What may differ in a certificate that the Owner CA itself has signed */
struct form {
	const char *usage;     /* extended; NULL: none */
	const char *key_usage; /* NULL: none */
	int usages;	       /* extensions of these */
	long version;
	const char *basic;	   /* constraints */
	const char *unknown;	   /* OID of a critical extension */
	int ek_names;		   /* extensions with the Names of EK and AK */
	uint8_t ek_head[2];	   /* of the OCTET STRING in it */
	size_t ek_behind;	   /* bytes behind it */
	int reports;		   /* extensions that vouch for a report */
	const char *report;	   /* their value, a digest of "d" and what is behind */
	size_t report_len;	   /* of it */
	const EVP_MD *(*md)(void); /* that the Owner CA signs with */
	EVP_PKEY *subject_key;	   /* NULL: the AK */
};

static const struct form good_form = {
	.usage = AIK_OID,
	.basic = "critical,CA:FALSE",
	.usages = 1,
	.version = X509_VERSION_3,
	.ek_names = 1,
	.ek_head = { 4, 68 },
	.md = EVP_sha384,
};

#define DIGEST "dddddddddddddddddddddddddddddddd"

static void add(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(ext);
	assert_int_equal(X509_add_ext(cert, ext, -1), 1);
	X509_EXTENSION_free(ext);
}

static void add_raw(X509 *cert, const char *oid, int critical, const uint8_t *data, size_t len)
{
	ASN1_OBJECT *obj = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *ext;

	assert_int_equal(ASN1_OCTET_STRING_set(value, data, (int)len), 1);
	ext = X509_EXTENSION_create_by_OBJ(NULL, obj, critical, value);
	assert_int_equal(X509_add_ext(cert, ext, -1), 1);
	X509_EXTENSION_free(ext);
	ASN1_OCTET_STRING_free(value);
	ASN1_OBJECT_free(obj);
}

static X509 *read_cert(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	BIO_free(bio);
	assert_non_null(cert);
	return cert;
}

static EVP_PKEY *read_key(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

	BIO_free(bio);
	assert_non_null(key);
	return key;
}

static void put_der(struct guest *g, const X509 *cert)
{
	uint8_t *p = g->ak_cert.data;
	int len = i2d_X509(cert, NULL);

	assert_true(len > 0 && (size_t)len <= sizeof(g->ak_cert.data));
	g->ak_cert.len = (size_t)i2d_X509(cert, &p);
}

static void certify_as(struct scene *s, const struct form *form)
{
	X509 *ca = read_cert(s->v.ca_cert), *cert = X509_new();
	EVP_PKEY *key = read_key(s->v.ca_key);
	uint8_t names[128] = { form->ek_head[0], form->ek_head[1] };
	size_t len = 2;

	memcpy(names + len, s->g.ek_name.data, s->g.ek_name.len);
	len += s->g.ek_name.len;
	memcpy(names + len, s->g.ak_name.data, s->g.ak_name.len);
	len += s->g.ak_name.len;
	assert_int_equal(X509_set_version(cert, form->version), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(cert), 4711), 1);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(cert), -DAY));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(cert), DAY));
	assert_int_equal(X509_set_issuer_name(cert, X509_get_subject_name(ca)), 1);
	assert_int_equal(X509_set_pubkey(cert, form->subject_key ? form->subject_key : s->g.ak), 1);
	add(cert, ca, NID_basic_constraints, form->basic);
	for (int i = 0; form->usage && i < form->usages; i++)
		add(cert, ca, NID_ext_key_usage, form->usage);
	for (int i = 0; form->key_usage && i < form->usages; i++)
		add(cert, ca, NID_key_usage, form->key_usage);
	if (form->unknown)
		add_raw(cert, form->unknown, 1, names, 2);
	for (int i = 0; i < form->ek_names; i++)
		add_raw(cert, NAMES_OID, 0, names, len + form->ek_behind);
	for (int i = 0; i < form->reports; i++)
		add_raw(cert, REPORT_OID, 0, (const uint8_t *)form->report, form->report_len);
	assert_true(X509_sign(cert, key, form->md()) > 0);
	put_der(&s->g, cert);
	X509_free(cert);
	X509_free(ca);
	EVP_PKEY_free(key);
}

static void a_certificate_as_the_protocol_has_it_is_accepted(struct scene *s)
{
	certify_as(s, &good_form);
}

static void a_certificate_with_more_usages_is_accepted(struct scene *s)
{
	struct form f = good_form;

	f.usage = "clientAuth," AIK_OID;
	certify_as(s, &f);
}

static void a_certificate_without_usage_is_refused(struct scene *s)
{
	struct form f = good_form;

	f.usage = NULL;
	certify_as(s, &f);
}

static void a_certificate_for_another_usage_is_refused(struct scene *s)
{
	struct form f = good_form;

	f.usage = "clientAuth";
	certify_as(s, &f);
}

static void a_certificate_for_any_usage_is_refused(struct scene *s)
{
	struct form f = good_form;

	f.usage = "anyExtendedKeyUsage";
	certify_as(s, &f);
}

static void a_certificate_that_may_not_sign_is_refused(struct scene *s)
{
	struct form f = good_form;

	f.key_usage = "critical,keyEncipherment";
	certify_as(s, &f);
}

static void usages_that_are_there_twice_are_refused(struct scene *s)
{
	struct form f = good_form;

	f.usages = 2;
	certify_as(s, &f);
}

static void a_certificate_of_version_1_is_refused(struct scene *s)
{
	struct form f = good_form;

	f.version = X509_VERSION_1;
	certify_as(s, &f);
}

static void a_certificate_of_a_ca_is_refused(struct scene *s)
{
	struct form f = good_form;

	f.basic = "critical,CA:TRUE";
	certify_as(s, &f);
}

static void a_certificate_without_the_ek_is_refused(struct scene *s)
{
	struct form f = good_form;

	f.ek_names = 0;
	certify_as(s, &f);
}

static void a_certificate_with_two_eks_is_refused(struct scene *s)
{
	struct form f = good_form;

	f.ek_names = 2;
	certify_as(s, &f);
}

static void an_ek_that_is_no_octet_string_is_refused(struct scene *s)
{
	struct form f = good_form;

	f.ek_head[0] = 12;
	certify_as(s, &f);
}

static void an_ek_of_another_length_is_refused(struct scene *s)
{
	struct form f = good_form;

	f.ek_head[1] = 67;
	certify_as(s, &f);
}

static void an_ek_with_a_byte_behind_it_is_refused(struct scene *s)
{
	struct form f = good_form;

	f.ek_behind = 1;
	certify_as(s, &f);
}

static void names_that_are_too_long_are_refused(struct scene *s)
{
	struct form f = good_form;

	f.ek_behind = 1;
	f.ek_head[1] = 69;
	certify_as(s, &f);
}

/* An OCTET STRING is 4, length, bytes */
static void certify_report(struct scene *s, const char *value, size_t len, int times)
{
	struct form f = good_form;

	f.reports = times;
	f.report = value;
	f.report_len = len;
	certify_as(s, &f);
}

#define REPORT_OF(value) value, sizeof(value) - 1

static void a_certificate_that_vouches_for_another_report_is_accepted(struct scene *s)
{
	certify_report(s, REPORT_OF("\x04\x25" DIGEST "Turin"), 1);
}

static void a_certificate_that_vouches_twice_is_refused(struct scene *s)
{
	certify_report(s, REPORT_OF("\x04\x25" DIGEST "Milan"), 2);
}

static void a_vouched_report_that_is_no_octet_string_is_refused(struct scene *s)
{
	certify_report(s, REPORT_OF("\x0c\x25" DIGEST "Milan"), 1);
}

static void a_vouched_report_with_a_byte_behind_it_is_refused(struct scene *s)
{
	certify_report(s, REPORT_OF("\x04\x25" DIGEST "Milan."), 1);
}

static void a_vouched_report_of_an_unknown_product_is_refused(struct scene *s)
{
	certify_report(s, REPORT_OF("\x04\x25" DIGEST "Milam"), 1);
}

static void a_vouched_report_of_a_product_and_more_is_refused(struct scene *s)
{
	certify_report(s, REPORT_OF("\x04\x26" DIGEST "Milano"), 1);
}

static void a_vouched_report_of_no_product_is_refused(struct scene *s)
{
	certify_report(s, REPORT_OF("\x04\x20" DIGEST), 1);
}

static void a_vouched_report_that_is_too_short_is_refused(struct scene *s)
{
	certify_report(s, REPORT_OF("\x04\x05Milan"), 1);
}

static void a_vouched_report_of_nothing_is_refused(struct scene *s)
{
	certify_report(s, REPORT_OF("\x04\x00"), 1);
}

static void a_signature_with_another_hash_is_refused(struct scene *s)
{
	struct form f = good_form;

	f.md = EVP_sha256;
	certify_as(s, &f);
}

static void an_unknown_critical_extension_is_refused(struct scene *s)
{
	struct form f = good_form;

	f.unknown = "1.2.3.4";
	certify_as(s, &f);
}

static void a_certificate_for_another_key_is_refused(struct scene *s)
{
	EVP_PKEY *other = EVP_EC_gen("P-256");
	struct form f = good_form;

	f.subject_key = other;
	certify_as(s, &f);
	EVP_PKEY_free(other);
}

/* The same coordinates, and so the same key: the AK that was certified may have been one that
 * signs anything */
static void a_certificate_for_another_public_area_of_the_key_is_refused(struct scene *s)
{
	s->g.ak_public.authPolicy.size = 32;
	guest_publish_ak(&s->g);
}

/* The first place of @what in what is signed has another last byte, and the CA signs that */
static void sign_changed(struct scene *s, const void *what, size_t what_len, uint8_t last)
{
	uint8_t *der = s->g.ak_cert.data, value[256];
	/* SEQUENCEs, both with a length of two bytes */
	size_t tbs_len = 4 + (size_t)(der[6] << 8 | der[7]), len = sizeof(value);
	uint8_t *at = memmem(der + 4, tbs_len, what, what_len);
	EVP_PKEY *key = read_key(s->v.ca_key);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const ASN1_BIT_STRING *signature;
	const uint8_t *p = der;
	X509 *cert;

	assert_true(der[1] == 0x82 && der[5] == 0x82 && at);
	at[what_len - 1] = last;
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha384(), NULL, key), 1);
	assert_int_equal(EVP_DigestSign(ctx, value, &len, der + 4, tbs_len), 1);
	cert = d2i_X509(NULL, &p, (long)s->g.ak_cert.len);
	X509_get0_signature(&signature, NULL, cert);
	assert_int_equal(ASN1_STRING_set((ASN1_STRING *)(uintptr_t)signature, value, (int)len), 1);
	put_der(&s->g, cert);
	X509_free(cert);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
}

/* ecdsa-with-SHA384 */
static const uint8_t sha384[] = { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3 };

static void what_the_ca_signs_so_is_accepted(struct scene *s)
{
	sign_changed(s, sha384, sizeof(sha384), 3);
}

/* It signs that it has signed with ecdsa-with-SHA256, and then it has not */
static void two_algorithms_that_differ_are_refused(struct scene *s)
{
	sign_changed(s, sha384, sizeof(sha384), 2);
}

/* The AK's point, on prime239v3 */
static void a_certificate_for_the_point_on_another_curve_is_refused(struct scene *s)
{
	static const uint8_t p256[] = { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 };

	sign_changed(s, p256, sizeof(p256), 6);
}

/* The AK's point, for no algorithm that is known */
static void a_certificate_for_the_point_in_another_algorithm_is_refused(struct scene *s)
{
	static const uint8_t ec_key[] = { 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1 };

	sign_changed(s, ec_key, sizeof(ec_key), 2);
}

/* Two that agree, and the signature is another one nevertheless */
static void a_signature_in_an_algorithm_that_is_not_named_is_refused(struct scene *s)
{
	uint8_t *outer;

	sign_changed(s, sha384, sizeof(sha384), 2);
	outer = memmem(s->g.ak_cert.data, s->g.ak_cert.len, sha384, sizeof(sha384));
	assert_non_null(outer);
	outer[sizeof(sha384) - 1] = 2;
}

/* The good signature, with a zero in front of r, as the same number, or behind it */
static void reencode_signature(struct scene *s, bool zero)
{
	const uint8_t *p = s->g.ak_cert.data;
	X509 *cert = d2i_X509(NULL, &p, (long)s->g.ak_cert.len);
	const ASN1_BIT_STRING *signature;
	uint8_t der[128] = { 0 };
	int len;

	X509_get0_signature(&signature, NULL, cert);
	len = ASN1_STRING_length(signature);
	memcpy(der, ASN1_STRING_get0_data(signature), (size_t)len);
	assert_true(der[0] == 0x30 && der[2] == 2 && len < 126);
	if (zero) {
		memmove(der + 5, der + 4, (size_t)len - 4);
		der[1]++;
		der[3]++;
		der[4] = 0;
	}
	assert_int_equal(ASN1_STRING_set((ASN1_STRING *)(uintptr_t)signature, der, len + 1), 1);
	put_der(&s->g, cert);
	X509_free(cert);
}

static void a_signature_in_another_encoding_is_refused(struct scene *s)
{
	reencode_signature(s, true);
}

static void a_signature_with_a_byte_behind_it_is_refused(struct scene *s)
{
	reencode_signature(s, false);
}

/* A bit of it that is unused and zero changes nothing but the encoding */
static void a_signature_of_no_whole_bytes_is_refused(struct scene *s)
{
	struct blob *cert = &s->g.ak_cert;
	uint8_t *unused;

	while (cert->data[cert->len - 1] & 1)
		guest_certify(&s->g, s->v.ca);
	/* in front of a SEQUENCE that ends the certificate */
	unused = cert->data + cert->len - 1;
	while (!(unused[0] == 0 && unused[1] == 0x30 &&
		 unused + 3 + unused[2] == cert->data + cert->len))
		unused--;
	*unused = 1;
}

static void restart_on(struct scene *s, const char *curve)
{
	verifier_stop(&s->v);
	verifier_start_on(&s->v, &s->g, ANY, curve);
	guest_certify(&s->g, s->v.ca);
}

static void an_owner_ca_may_be_on_p256(struct scene *s)
{
	restart_on(s, "P-256");
}

static void a_changed_signature_on_p256_is_refused(struct scene *s)
{
	restart_on(s, "P-256");
	s->g.ak_cert.data[s->g.ak_cert.len - 1] ^= 1;
}

static void a_signature_with_sha1_is_refused(struct scene *s)
{
	struct form f = good_form;

	restart_on(s, "P-256");
	f.md = EVP_sha1;
	certify_as(s, &f);
}

/* Of others' making: RSA */
static void an_owner_ca_may_have_another_key(struct scene *s)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	BIO *key_pem = BIO_new(BIO_s_mem()), *cert_pem = BIO_new(BIO_s_mem());
	X509 *cert = read_cert(s->v.ca_cert);
	char texts[2][4096] = { "" };
	struct ctpm_ca *ca;

	assert_int_equal(X509_set_pubkey(cert, key), 1);
	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_bio_PrivateKey(key_pem, key, NULL, NULL, 0, NULL, NULL), 1);
	assert_int_equal(PEM_write_bio_X509(cert_pem, cert), 1);
	assert_true(BIO_read(key_pem, texts[0], sizeof(texts[0]) - 1) > 0);
	assert_true(BIO_read(cert_pem, texts[1], sizeof(texts[1]) - 1) > 0);
	assert_int_equal(ctpm_ca_open(texts[0], texts[1], &ca, NULL), CTPM_OK);
	assert_int_equal(ctpm_verifier_add_ca(s->v.v, texts[1], strlen(texts[1]), NULL), CTPM_OK);
	guest_certify(&s->g, ca);
	ctpm_ca_free(ca);
	X509_free(cert);
	BIO_free(cert_pem);
	BIO_free(key_pem);
	EVP_PKEY_free(key);
}

static void an_rsa_ak_is_certified_as_well(struct scene *s)
{
	guest_make_rsa_ak(&s->g, TPM2_ALG_RSAPSS);
	guest_certify(&s->g, s->v.ca);
}

static void a_certificate_for_another_rsa_key_is_refused(struct scene *s)
{
	EVP_PKEY *other = EVP_RSA_gen(2048);
	struct form f = good_form;

	guest_make_rsa_ak(&s->g, TPM2_ALG_RSAPSS);
	f.subject_key = other;
	certify_as(s, &f);
	EVP_PKEY_free(other);
}

static void a_certificate_for_a_key_on_another_curve_is_refused(struct scene *s)
{
	EVP_PKEY *other = EVP_EC_gen("P-384");
	struct form f = good_form;

	f.subject_key = other;
	certify_as(s, &f);
	EVP_PKEY_free(other);
}

static void an_ak_without_a_certificate_is_refused(struct scene *s)
{
	s->g.ak_cert.len = 0;
}

static void the_cas_own_certificate_is_refused(struct scene *s)
{
	X509 *ca = read_cert(s->v.ca_cert);

	put_der(&s->g, ca);
	X509_free(ca);
}

static void a_certificate_in_pem_is_refused(struct scene *s)
{
	const uint8_t *p = s->g.ak_cert.data;
	X509 *cert = d2i_X509(NULL, &p, (long)s->g.ak_cert.len);
	BIO *bio = BIO_new(BIO_s_mem());

	assert_int_equal(PEM_write_bio_X509(bio, cert), 1);
	s->g.ak_cert.len = (size_t)BIO_read(bio, s->g.ak_cert.data, sizeof(s->g.ak_cert.data));
	BIO_free(bio);
	X509_free(cert);
}

static void a_certificate_with_a_byte_behind_it_is_refused(struct scene *s)
{
	s->g.ak_cert.data[s->g.ak_cert.len++] = 0;
}

static void a_certificate_that_is_cut_off_is_refused(struct scene *s)
{
	s->g.ak_cert.len--;
}

static void a_certificate_whose_signature_was_changed_is_refused(struct scene *s)
{
	s->g.ak_cert.data[s->g.ak_cert.len - 1] ^= 1;
}

static void a_certificate_of_a_foreign_ca_is_refused(struct scene *s)
{
	struct ctpm_ca *foreign;
	char *cert;

	open_namesake(&s->v, &foreign, &cert);
	guest_certify(&s->g, foreign);
	ctpm_ca_free(foreign);
	free(cert);
}

static void cas_of_the_same_name_are_told_apart(struct scene *s)
{
	struct ctpm_ca *other;
	char *cert;

	open_namesake(&s->v, &other, &cert);
	assert_int_equal(ctpm_verifier_add_ca(s->v.v, cert, strlen(cert), NULL), CTPM_OK);
	guest_certify(&s->g, other);
	ctpm_ca_free(other);
	free(cert);
}

/* A certified AK's key must not certify, even if somebody hands its certificate to verifiers */
static void a_certificate_by_an_ak_is_refused(struct scene *s)
{
	const uint8_t *p = s->g.ak_cert.data;
	X509 *issuer = d2i_X509(NULL, &p, (long)s->g.ak_cert.len), *cert;
	EVP_PKEY *key = s->g.ak;
	struct guest other;

	assert_int_equal(ctpm_verifier_add_ca(s->v.v, s->g.ak_cert.data, s->g.ak_cert.len, NULL),
			 CTPM_OK);
	/* what the Owner CA would have issued for another AK, but by this one */
	guest_start(&other, KEYS, CTPM_MODE_SVSM);
	s->g.ak = other.ak;
	s->g.ak_public = other.ak_public;
	other.ak = NULL;
	guest_publish_ak(&s->g);
	guest_certify(&s->g, s->v.ca);
	p = s->g.ak_cert.data;
	cert = d2i_X509(NULL, &p, (long)s->g.ak_cert.len);
	assert_int_equal(X509_set_issuer_name(cert, X509_get_subject_name(issuer)), 1);
	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	put_der(&s->g, cert);
	X509_free(cert);
	X509_free(issuer);
	EVP_PKEY_free(key);
	guest_stop(&other);
}

/*
 * Times
 */

static void a_certificate_that_has_expired_is_refused(struct scene *s)
{
	s->v.time += 31 * DAY;
}

static void a_certificate_that_has_expired_is_refused_though_verified_before(struct scene *s)
{
	accepts(&s->v, &s->g);
	s->v.time += 31 * DAY;
}

static void a_certificate_that_is_not_valid_yet_is_refused(struct scene *s)
{
	guest_certify_from(&s->g, s->v.ca, s->v.time + DAY, 30);
}

static void a_certificate_that_was_not_valid_before_is_refused(struct scene *s)
{
	guest_certify_from(&s->g, s->v.ca, s->v.time + DAY, 30);
	guest_attest(&s->g, &s->v);
	s->v.time += 2 * DAY;
	accepts(&s->v, &s->g);
	s->v.time -= 2 * DAY;
}

static void a_certificate_of_a_ca_that_has_expired_is_refused(struct scene *s)
{
	guest_certify_from(&s->g, s->v.ca, s->v.time, 1000);
	s->v.time += 400 * DAY;
}

/*
 * Revocation
 */

static void add_crl(struct scene *s, const struct ctpm_ca *ca, const uint8_t *serial, int64_t from,
		    unsigned int days)
{
	char *crl;

	assert_int_equal(ctpm_ca_crl(ca, serial, serial ? 1 : 0, 1, from, days, &crl, NULL),
			 CTPM_OK);
	assert_int_equal(ctpm_verifier_add_ca(s->v.v, crl, strlen(crl), NULL), CTPM_OK);
	free(crl);
}

static void a_list_without_the_certificate_is_respected(struct scene *s)
{
	static const uint8_t another[CTPM_SERIAL_SIZE] = { 0x40 };

	add_crl(s, s->v.ca, another, s->v.time, 7);
}

static void a_certificate_that_is_revoked_is_refused(struct scene *s)
{
	add_crl(s, s->v.ca, s->g.ak_serial, s->v.time, 7);
}

static void certificates_revoked_on_p256_are_refused(struct scene *s)
{
	restart_on(s, "P-256");
	add_crl(s, s->v.ca, s->g.ak_serial, s->v.time, 7);
}

static void a_certificate_that_was_revoked_since_is_refused(struct scene *s)
{
	accepts(&s->v, &s->g);
	add_crl(s, s->v.ca, s->g.ak_serial, s->v.time, 7);
}

static void a_list_beside_it_takes_no_revocation_back(struct scene *s)
{
	add_crl(s, s->v.ca, s->g.ak_serial, s->v.time, 7);
	add_crl(s, s->v.ca, NULL, s->v.time, 7);
}

static void a_list_that_is_out_of_date_is_refused(struct scene *s)
{
	add_crl(s, s->v.ca, NULL, s->v.time - 10 * DAY, 7);
}

static void a_list_that_gets_out_of_date_is_refused(struct scene *s)
{
	add_crl(s, s->v.ca, NULL, s->v.time, 7);
	guest_attest(&s->g, &s->v);
	accepts(&s->v, &s->g);
	s->v.time += 8 * DAY;
}

static void a_list_that_is_not_valid_yet_is_refused(struct scene *s)
{
	add_crl(s, s->v.ca, NULL, s->v.time + DAY, 7);
}

static void a_list_may_come_before_its_ca(struct scene *s)
{
	struct ctpm_ca *other;
	char *cert;

	open_namesake(&s->v, &other, &cert);
	guest_certify(&s->g, other);
	add_crl(s, other, s->g.ak_serial, s->v.time, 7);
	assert_int_equal(ctpm_verifier_add_ca(s->v.v, cert, strlen(cert), NULL), CTPM_OK);
	ctpm_ca_free(other);
	free(cert);
}

/* Whose it is shows only by the namesake's certificate: until then it may be the CA's, damaged */
static void a_list_of_a_namesake_revokes_nothing(struct scene *s)
{
	struct ctpm_ca *other;
	char *cert;

	open_namesake(&s->v, &other, &cert);
	add_crl(s, other, s->g.ak_serial, s->v.time, 7);
	guest_attest(&s->g, &s->v);
	refuses(&s->v, &s->g, BY(AK_CERTIFICATE));
	assert_int_equal(ctpm_verifier_add_ca(s->v.v, cert, strlen(cert), NULL), CTPM_OK);
	ctpm_ca_free(other);
	free(cert);
}

/* As it is, without one bit of its signature, and without its head */
static void a_list_that_is_damaged_is_refused(struct scene *s)
{
	uint8_t *der = NULL;
	X509_CRL *crl;
	char *pem;
	BIO *bio;
	int len;

	assert_int_equal(ctpm_ca_crl(s->v.ca, s->g.ak_serial, 1, 1, s->v.time, 7, &pem, NULL),
			 CTPM_OK);
	bio = BIO_new_mem_buf(pem, -1);
	crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
	len = i2d_X509_CRL(crl, &der);
	assert_true(len > 0);
	der[len - 1] ^= 1;
	assert_int_equal(ctpm_verifier_add_ca(s->v.v, der, (size_t)len, NULL), CTPM_OK);
	pem[strcspn(pem, "\n") - 1] = '_';
	assert_int_equal(ctpm_verifier_add_ca(s->v.v, pem, strlen(pem), NULL), CTPM_ERR_CERT_FORM);
	OPENSSL_free(der);
	X509_CRL_free(crl);
	BIO_free(bio);
	free(pem);
}

/* More than a certificate table's 64 KiB */
static void a_list_may_be_long(struct scene *s)
{
	static uint8_t serials[5000 * CTPM_SERIAL_SIZE];
	char *crl;

	for (size_t i = 0; i < 5000; i++) {
		serials[i * CTPM_SERIAL_SIZE] = 0x40;
		memcpy(serials + i * CTPM_SERIAL_SIZE + 1, &i, sizeof(i));
	}
	memcpy(serials + 4321 * CTPM_SERIAL_SIZE, s->g.ak_serial, CTPM_SERIAL_SIZE);
	assert_int_equal(ctpm_ca_crl(s->v.ca, serials, 5000, 1, s->v.time, 7, &crl, NULL), CTPM_OK);
	assert_int_equal(ctpm_verifier_add_ca(s->v.v, crl, strlen(crl), NULL), CTPM_OK);
	free(crl);
}

/* The same key, in a certificate that has expired and in the next one, whichever comes first */
static void a_ca_may_renew_its_certificate(void **state)
{
	static const int64_t from[] = { -400 * DAY, 0 };
	struct scene s;

	(void)state;
	for (int first = 0; first < 2; first++) {
		scene_start(&s, CTPM_MODE_SVSM);
		verifier_trust_no_ca(&s.v, &s.g);
		for (int i = 0; i < 2; i++) {
			X509 *cert = read_cert(s.v.ca_cert);
			EVP_PKEY *key = read_key(s.v.ca_key);
			uint8_t *der = NULL;
			int len;

			ASN1_TIME_set(X509_getm_notBefore(cert), s.v.time + from[i ^ first] - DAY);
			ASN1_TIME_set(X509_getm_notAfter(cert),
				      s.v.time + from[i ^ first] + 100 * DAY);
			assert_true(X509_sign(cert, key, EVP_sha384()) > 0);
			len = i2d_X509(cert, &der);
			assert_true(len > 0);
			assert_int_equal(ctpm_verifier_add_ca(s.v.v, der, (size_t)len, NULL),
					 CTPM_OK);
			OPENSSL_free(der);
			EVP_PKEY_free(key);
			X509_free(cert);
		}
		guest_attest(&s.g, &s.v);
		accepts(&s.v, &s.g);
		scene_end(&s);
	}
}

/* DER has one form, and all of it is signed or says how */
static void every_bit_of_a_certificate_counts(void **state)
{
	static const char *const curves[] = { "P-384", "P-256" };
	struct scene s;

	(void)state;
	scene_start(&s, CTPM_MODE_SVSM);
	for (size_t i = 0; i < 2; i++) {
		struct ctpm_bytes cert, ak = { s.g.ak_bytes.data, s.g.ak_bytes.len },
					ek = { s.g.ek_bytes.data, s.g.ek_bytes.len };

		restart_on(&s, curves[i]);
		cert = (struct ctpm_bytes){ s.g.ak_cert.data, s.g.ak_cert.len };
		for (size_t bit = 0; bit < 8 * cert.len; bit++) {
			s.g.ak_cert.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			if (!ctpm_verify_ak_cert(s.v.v, cert, ak, ek, s.v.time, NULL))
				fail_msg("%s: bit %zu of byte %zu", curves[i], bit % 8, bit / 8);
			s.g.ak_cert.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		assert_int_equal(ctpm_verify_ak_cert(s.v.v, cert, ak, ek, s.v.time, NULL), CTPM_OK);
	}
	scene_end(&s);
}

/* The outer SEQUENCE's length in one byte more than it takes */
static void a_certificate_in_another_encoding_is_refused(struct scene *s)
{
	struct blob *cert = &s->g.ak_cert;

	assert_true(cert->data[1] == 0x82);
	memmove(cert->data + 3, cert->data + 2, cert->len - 2);
	cert->data[1] = 0x83;
	cert->data[2] = 0;
	cert->len++;
}

static const struct CMUnitTest tests[] = {
	SCENE(a_certificate_as_the_protocol_has_it_is_accepted, TRUST, 0),
	SCENE(a_certificate_with_more_usages_is_accepted, TRUST, 0),
	SCENE(a_certificate_without_usage_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_for_another_usage_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_for_any_usage_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_of_a_ca_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_without_the_ek_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_with_two_eks_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(an_ek_that_is_no_octet_string_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(an_ek_of_another_length_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(an_ek_with_a_byte_behind_it_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(names_that_are_too_long_are_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_that_vouches_for_another_report_is_accepted, TRUST, 0),
	SCENE(a_certificate_that_vouches_twice_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_vouched_report_that_is_no_octet_string_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_vouched_report_with_a_byte_behind_it_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_vouched_report_of_an_unknown_product_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_vouched_report_of_a_product_and_more_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_vouched_report_of_no_product_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_vouched_report_that_is_too_short_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_vouched_report_of_nothing_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(an_unknown_critical_extension_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_signature_with_another_hash_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(what_the_ca_signs_so_is_accepted, TRUST, 0),
	SCENE(two_algorithms_that_differ_are_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_for_the_point_on_another_curve_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_for_the_point_in_another_algorithm_is_refused, TRUST,
	      BY(AK_CERTIFICATE)),
	SCENE(a_signature_in_an_algorithm_that_is_not_named_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_signature_in_another_encoding_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_signature_with_a_byte_behind_it_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_signature_of_no_whole_bytes_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_in_another_encoding_is_refused, TRUST, BY(AK_CERTIFICATE)),
	cmocka_unit_test(every_bit_of_a_certificate_counts),
	SCENE(an_owner_ca_may_be_on_p256, TRUST, 0),
	SCENE(a_changed_signature_on_p256_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(certificates_revoked_on_p256_are_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_signature_with_sha1_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(an_owner_ca_may_have_another_key, TRUST, 0),
	SCENE(an_rsa_ak_is_certified_as_well, TRUST, 0),
	SCENE(a_certificate_for_another_rsa_key_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_for_a_key_on_another_curve_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_that_may_not_sign_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_of_version_1_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(usages_that_are_there_twice_are_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_for_another_key_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_for_another_public_area_of_the_key_is_refused, TRUST,
	      BY(AK_CERTIFICATE)),
	SCENE(an_ak_without_a_certificate_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(the_cas_own_certificate_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_in_pem_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_with_a_byte_behind_it_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_that_is_cut_off_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_whose_signature_was_changed_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_of_a_foreign_ca_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(cas_of_the_same_name_are_told_apart, TRUST, 0),
	SCENE(a_certificate_by_an_ak_is_refused, TRUST, BY(AK_CERTIFICATE)),

	SCENE(a_certificate_that_has_expired_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_that_has_expired_is_refused_though_verified_before, SENT,
	      BY(AK_CERTIFICATE)),
	SCENE(a_certificate_that_is_not_valid_yet_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_that_was_not_valid_before_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_of_a_ca_that_has_expired_is_refused, TRUST, BY(AK_CERTIFICATE)),

	SCENE(a_list_without_the_certificate_is_respected, TRUST, 0),
	SCENE(a_certificate_that_is_revoked_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_certificate_that_was_revoked_since_is_refused, SENT, BY(AK_CERTIFICATE)),
	SCENE(a_list_beside_it_takes_no_revocation_back, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_list_that_is_out_of_date_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_list_that_gets_out_of_date_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_list_that_is_not_valid_yet_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_list_may_come_before_its_ca, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_list_of_a_namesake_revokes_nothing, TRUST, 0),
	SCENE(a_list_that_is_damaged_is_refused, TRUST, BY(AK_CERTIFICATE)),
	SCENE(a_list_may_be_long, TRUST, BY(AK_CERTIFICATE)),
	cmocka_unit_test(a_ca_may_renew_its_certificate),
};

SUITE(akcert_suite, tests);
