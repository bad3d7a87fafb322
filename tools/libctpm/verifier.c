// SPDX-License-Identifier: GPL-2.0-or-later
#include "verifier.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "../common/cursor.h"
#include "p384.h"

struct ctpm_verifier *ctpm_verifier_new(bool amd)
{
	struct ctpm_verifier *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->roots = ctpm_roots_new(amd);
	v->extra = ctpm_certs_new();
	v->ek_roots = X509_STORE_new();
	if (!v->roots || !v->extra || !v->ek_roots || pthread_mutex_init(&v->cache.lock, NULL)) {
		ctpm_roots_free(v->roots);
		ctpm_certs_free(v->extra);
		X509_STORE_free(v->ek_roots);
		free(v);
		return NULL;
	}
	return v;
}

void ctpm_verifier_free(struct ctpm_verifier *v)
{
	if (!v)
		return;
	cache_clear(&v->cache);
	pthread_mutex_destroy(&v->cache.lock);
	for (size_t i = 0; i < v->cas; i++)
		X509_free(v->ca[i]);
	for (size_t i = 0; i < v->crls; i++)
		X509_CRL_free(v->crl[i]);
	ctpm_roots_free(v->roots);
	ctpm_certs_free(v->extra);
	X509_STORE_free(v->ek_roots);
	free(v);
}

/* What was accepted before may not be any more: a revocation list is there, say. */
static void forget(struct ctpm_verifier *v)
{
	pthread_mutex_lock(&v->cache.lock);
	cache_clear(&v->cache);
	pthread_mutex_unlock(&v->cache.lock);
}

enum ctpm_error ctpm_verifier_add_root(struct ctpm_verifier *v, const void *data, size_t len,
				       struct ctpm_why *why)
{
	forget(v);
	return ctpm_roots_add(v->roots, data, len, why);
}

enum ctpm_error ctpm_verifier_add_certs(struct ctpm_verifier *v, const void *data, size_t len,
					struct ctpm_why *why)
{
	forget(v);
	return ctpm_certs_add(v->extra, data, len, why);
}

/* A maker's root, or what it has issued to an intermediate that is to be trusted */
enum ctpm_error ctpm_verifier_add_ek_root(struct ctpm_verifier *v, const void *data, size_t len,
					  struct ctpm_why *why)
{
	struct ctpm_certs *certs = ctpm_certs_new();
	enum ctpm_error error = certs ? ctpm_certs_add(certs, data, len, why) : CTPM_ERR_MEMORY;

	for (size_t i = 0; !error && i < certs->count; i++)
		if (X509_STORE_add_cert(v->ek_roots, certs->cert[i]) != 1)
			error = CTPM_ERR_MEMORY;
	ctpm_certs_free(certs);
	return error;
}

/* A certificate, or a list, of an Owner CA */
enum ctpm_error ctpm_verifier_add_ca(struct ctpm_verifier *v, const void *data, size_t len,
				     struct ctpm_why *why)
{
	struct ctpm_certs *certs = ctpm_certs_new();
	enum ctpm_error error = certs ? ctpm_certs_add(certs, data, len, why) : CTPM_ERR_MEMORY;

	forget(v);
	if (!error &&
	    (v->cas + certs->count > OWNER_CAS_MAX || v->crls + certs->crls > OWNER_CAS_MAX))
		error = because(why, CTPM_ERR_ARGUMENT,
				"more than %d Owner CAs or revocation lists", OWNER_CAS_MAX);
	for (size_t i = 0; !error && i < certs->count; i++) {
		X509_up_ref(certs->cert[i]);
		v->ca[v->cas++] = certs->cert[i];
	}
	for (size_t i = 0; !error && i < certs->crls; i++) {
		X509_CRL_up_ref(certs->crl[i]);
		v->crl[v->crls++] = certs->crl[i];
	}
	ctpm_certs_free(certs);
	return error;
}

/*
 * SNP reports
 */

static enum ctpm_error collect(const struct ctpm_verifier *v, struct ctpm_bytes table,
			       struct ctpm_certs **certs, struct ctpm_why *why)
{
	enum ctpm_error error = CTPM_OK;

	*certs = ctpm_certs_new();
	if (!*certs)
		return CTPM_ERR_MEMORY;
	if (table.len)
		error = ctpm_certs_add_table(*certs, table.data, table.len, why);
	return error ? error : certs_share(*certs, v->extra, why);
}

enum ctpm_error verifier_report(struct ctpm_verifier *v, struct ctpm_bytes report,
				const struct ctpm_report *parsed, struct ctpm_bytes table,
				int64_t time, enum ctpm_product *product, struct ctpm_why *why)
{
	uint8_t whole[CACHE_KEY_SIZE], chain[CACHE_KEY_SIZE];
	struct ctpm_certs *certs;
	enum ctpm_error error;
	struct fact fact;

	if (!cache_key(CACHE_REPORT, report, table, whole))
		return because(why, CTPM_ERR_CRYPTO, "libcrypto computes no SHA-256");
	cache_key_second(parsed->signing_key == CTPM_KEY_VLEK ? CACHE_VLEK : CACHE_VCEK, whole,
			 chain);
	if (cache_find(&v->cache, whole, time, &fact)) {
		*product = fact.product;
		fact_clear(&fact);
		return CTPM_OK;
	}
	/* if it is not this leaf's, another one of the table's may have signed it */
	if (!cache_find(&v->cache, chain, time, &fact) ||
	    report_verify_by(report.data, parsed, &fact, NULL)) {
		fact_clear(&fact);
		error = collect(v, table, &certs, why);
		if (!error)
			error = report_verify(report.data, parsed, certs, v->roots, time, &fact,
					      why);
		ctpm_certs_free(certs);
		if (error)
			return error;
		cache_add(&v->cache, chain, &fact);
	}
	*product = fact.product;
	cache_add(&v->cache, whole, &fact);
	fact_clear(&fact);
	return CTPM_OK;
}

/*
 * AK certificates
 */

static enum ctpm_error refused(struct ctpm_why *why, enum ctpm_error code, const char *text)
{
	ERR_clear_error();
	return because(why, code, "the AK's certificate %s", text);
}

static bool has_usage(X509 *cert, const char *oid)
{
	EXTENDED_KEY_USAGE *usage = X509_get_ext_d2i(cert, NID_ext_key_usage, NULL, NULL);
	ASN1_OBJECT *wanted = OBJ_txt2obj(oid, 1);
	bool found = false;

	for (int i = 0; usage && wanted && i < sk_ASN1_OBJECT_num(usage); i++)
		found |= !OBJ_cmp(sk_ASN1_OBJECT_value(usage, i), wanted);
	ASN1_OBJECT_free(wanted);
	EXTENDED_KEY_USAGE_free(usage);
	return found;
}

/* The Name at the cursor: how long it is its nameAlg says */
static bool get_one_name(struct cur *c, struct tpm_name *name)
{
	struct cur ahead = *c;
	const EVP_MD *md = tpm_md(cur_get_be16(&ahead));

	name->len = md ? 2 + (size_t)EVP_MD_get_size(md) : 0;
	cur_get_bytes(c, name->data, name->len);
	return name->len && !c->failed;
}

/*
 * The OCTET STRING that is an extension's value, to be freed; NULL if it is not there, there twice
 * or something else: @there tells.
 */
static ASN1_OCTET_STRING *get_octets(const X509 *cert, const char *name, bool *there)
{
	ASN1_OBJECT *oid = OBJ_txt2obj(name, 1);
	int at = oid ? X509_get_ext_by_OBJ(cert, oid, -1) : -1;
	bool once = at >= 0 && X509_get_ext_by_OBJ(cert, oid, at) < 0;
	const ASN1_OCTET_STRING *value;
	ASN1_OCTET_STRING *inner;
	const uint8_t *p;

	*there = !oid || at >= 0;
	ASN1_OBJECT_free(oid);
	if (!once)
		return NULL;
	value = X509_EXTENSION_get_data(X509_get_ext(cert, at));
	p = ASN1_STRING_get0_data(value);
	inner = d2i_ASN1_OCTET_STRING(NULL, &p, ASN1_STRING_length(value));
	if (inner && p == ASN1_STRING_get0_data(value) + ASN1_STRING_length(value))
		return inner;
	ASN1_OCTET_STRING_free(inner);
	return NULL;
}

static struct cur octets(const ASN1_OCTET_STRING *value)
{
	return cur_reader(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
}

/* name(EK) || name(AK) */
static bool get_names(const X509 *cert, struct tpm_name *ek, struct tpm_name *ak)
{
	bool there, ok;
	ASN1_OCTET_STRING *value = get_octets(cert, NAMES_OID, &there);
	struct cur c;

	if (!value)
		return false;
	c = octets(value);
	ok = get_one_name(&c, ek) && get_one_name(&c, ak) && cur_complete(&c);
	ASN1_OCTET_STRING_free(value);
	return ok;
}

static bool get_product(struct cur *c, enum ctpm_product *product)
{
	size_t len = cur_remaining(c);
	const uint8_t *text = cur_take(c, len);

	for (int p = 0; text && p < CTPM_PRODUCTS; p++) {
		const char *name = ctpm_product_name((enum ctpm_product)p);

		*product = (enum ctpm_product)p;
		if (strlen(name) == len && !memcmp(name, text, len))
			return true;
	}
	return false;
}

/* H(report) || product, if it is there */
static bool get_vouched(const X509 *cert, struct fact *fact)
{
	bool there;
	ASN1_OCTET_STRING *value = get_octets(cert, REPORT_OID, &there);
	struct cur c;

	if (!value)
		return !there;
	c = octets(value);
	cur_get_bytes(&c, fact->report, sizeof(fact->report));
	fact->vouches = get_product(&c, &fact->product);
	ASN1_OCTET_STRING_free(value);
	return fact->vouches;
}

/* The first element of the certificate's DER, which is what was signed */
static bool get_tbs(struct ctpm_bytes der, struct ctpm_bytes *tbs)
{
	const uint8_t *p = der.data, *end = der.data + der.len;
	int tag, class;
	long len;

	/* V_ASN1_CONSTRUCTED alone: no error, and a length that is told */
	if (ASN1_get_object(&p, &len, &tag, &class, (long)der.len) != V_ASN1_CONSTRUCTED)
		return false;
	tbs->data = p;
	if (ASN1_get_object(&p, &len, &tag, &class, end - p) != V_ASN1_CONSTRUCTED)
		return false;
	tbs->len = (size_t)(p - tbs->data) + (size_t)len;
	return true;
}

/* Of a signature in DER, and in no other encoding of its numbers */
static bool get_components(const ASN1_BIT_STRING *signature, uint8_t r[P384_SIZE],
			   uint8_t s[P384_SIZE])
{
	const uint8_t *p = ASN1_STRING_get0_data(signature);
	int len = ASN1_STRING_length(signature), again_len;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, len);
	uint8_t *again = NULL;
	bool ok;

	again_len = sig ? i2d_ECDSA_SIG(sig, &again) : -1;
	ok = again_len == len && !memcmp(again, ASN1_STRING_get0_data(signature), (size_t)len) &&
	     BN_bn2binpad(ECDSA_SIG_get0_r(sig), r, P384_SIZE) == P384_SIZE &&
	     BN_bn2binpad(ECDSA_SIG_get0_s(sig), s, P384_SIZE) == P384_SIZE;
	OPENSSL_free(again);
	ECDSA_SIG_free(sig);
	return ok;
}

/* By a key on P-384 with SHA-384, as an Owner CA's signatures are; as X509_verify(), but faster */
static bool signed_on_p384(const X509 *cert, struct ctpm_bytes der,
			   const uint8_t point[P384_POINT_SIZE])
{
	uint8_t digest[P384_SIZE], r[P384_SIZE], s[P384_SIZE];
	const ASN1_BIT_STRING *signature;
	const X509_ALGOR *algorithm;
	struct ctpm_bytes tbs;

	X509_get0_signature(&signature, &algorithm, cert);
	return X509_get_signature_nid(cert) == NID_ecdsa_with_SHA384 &&
	       !X509_ALGOR_cmp(algorithm, X509_get0_tbs_sigalg(cert)) && get_tbs(der, &tbs) &&
	       get_components(signature, r, s) &&
	       EVP_Digest(tbs.data, tbs.len, digest, NULL, EVP_sha384(), NULL) == 1 &&
	       p384_verify(point, digest, r, s);
}

static bool signed_by(X509 *cert, struct ctpm_bytes der, const X509 *ca)
{
	EVP_PKEY *key = X509_get0_pubkey(ca);
	uint8_t point[P384_POINT_SIZE];

	if (key && p384_point(key, point))
		return signed_on_p384(cert, der, point);
	return X509_verify(cert, key) == 1;
}

static X509 *find_ca(const struct ctpm_verifier *v, X509 *cert, struct ctpm_bytes der)
{
	for (size_t i = 0; i < v->cas; i++)
		if (!X509_NAME_cmp(X509_get_subject_name(v->ca[i]), X509_get_issuer_name(cert)) &&
		    signed_by(cert, der, v->ca[i]))
			return v->ca[i];
	ERR_clear_error();
	return NULL;
}

/* Every list of this CA's, so that an older one beside a newer one takes nothing back */
static enum ctpm_error check_crls(const struct ctpm_verifier *v, X509 *cert, X509 *ca,
				  struct validity *when, struct ctpm_why *why)
{
	X509_REVOKED *entry;

	for (size_t i = 0; i < v->crls; i++) {
		X509_CRL *crl = v->crl[i];

		if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(ca)) ||
		    X509_CRL_verify(crl, X509_get0_pubkey(ca)) != 1)
			continue;
		if (X509_CRL_get0_by_cert(crl, &entry, cert) == 1)
			return refused(why, CTPM_ERR_CERT_REVOKED, "is revoked by the Owner CA");
		if (!validity_of_crl(when, crl))
			return refused(why, CTPM_ERR_CRL, "has a revocation list without a term");
	}
	ERR_clear_error();
	return CTPM_OK;
}

static bool issuing_ca(X509 *ca)
{
	return X509_get_extension_flags(ca) & EXFLAG_CA &&
	       !(X509_get_extension_flags(ca) & (EXFLAG_INVALID | EXFLAG_CRITICAL)) &&
	       X509_get_key_usage(ca) & KU_KEY_CERT_SIGN;
}

static enum ctpm_error check_ak_cert(const struct ctpm_verifier *v, X509 *cert,
				     struct ctpm_bytes der, const struct tpm_name *ak, int64_t time,
				     struct fact *fact, struct ctpm_why *why)
{
	struct tpm_name named;
	uint32_t flags = X509_get_extension_flags(cert);
	X509 *ca = find_ca(v, cert, der);
	enum ctpm_error error;

	if (!ca || !issuing_ca(ca))
		return refused(why, CTPM_ERR_CERT_ROOT,
			       "is not one of an Owner CA that is trusted");
	if (flags & (EXFLAG_INVALID | EXFLAG_CRITICAL | EXFLAG_CA) || !has_usage(cert, AIK_OID))
		return refused(why, CTPM_ERR_CERT_CHAIN, "is not one for an AK");
	if (!get_names(cert, &fact->ek_name, &named))
		return refused(why, CTPM_ERR_CERT_EXTENSION,
			       "does not say of which EK and AK it is");
	if (!get_vouched(cert, fact))
		return refused(why, CTPM_ERR_CERT_EXTENSION,
			       "is malformed in what it says of a report");
	if (EVP_PKEY_eq(X509_get0_pubkey(cert), fact->key) != 1)
		return refused(why, CTPM_ERR_REFUSED, "is for another key");
	/* the same key with other attributes is another AK, one that signs anything perhaps */
	if (!tpm_name_is(&named, ak->data, ak->len))
		return refused(why, CTPM_ERR_REFUSED, "is for another public area of this key");
	fact->when = (struct validity){ INT64_MIN, INT64_MAX };
	if (!validity_of_cert(&fact->when, cert) || !validity_of_cert(&fact->when, ca))
		return refused(why, CTPM_ERR_CERT_TIME, "has a malformed validity");
	error = check_crls(v, cert, ca, &fact->when, why);
	if (error)
		return error;
	if (time < fact->when.from || time >= fact->when.until)
		return refused(why, CTPM_ERR_CERT_TIME,
			       "is not valid at this time: it, the Owner CA's or its revocation "
			       "list is expired or not valid yet");
	return CTPM_OK;
}

enum ctpm_error verifier_ak_cert(struct ctpm_verifier *v, struct ctpm_bytes der,
				 struct ctpm_bytes ak, const TPMT_PUBLIC *public, int64_t time,
				 struct fact *fact, struct ctpm_why *why)
{
	uint8_t id[CACHE_KEY_SIZE];
	struct tpm_name name;
	enum ctpm_error error;
	X509 *cert;

	memset(fact, 0, sizeof(*fact));
	if (!cache_key(CACHE_AK, der, ak, id))
		return because(why, CTPM_ERR_CRYPTO, "libcrypto computes no SHA-256");
	if (cache_find(&v->cache, id, time, fact))
		return CTPM_OK;
	/* DER alone, no PEM */
	cert = der.len && der.data[0] == 0x30 ? cert_read(der.data, der.len) : NULL;
	fact->key = tpm_key(public);
	if (!cert)
		error = refused(why, CTPM_ERR_CERT_FORM, "is no X.509 certificate");
	else if (!fact->key || !tpm_name(ak, public->nameAlg, &name))
		error = refused(why, CTPM_ERR_REFUSED, "is for an AK that is no key");
	else
		error = check_ak_cert(v, cert, der, &name, time, fact, why);
	X509_free(cert);
	if (error)
		fact_clear(fact);
	else
		cache_add(&v->cache, id, fact);
	return error;
}

enum ctpm_error ctpm_verify_ak_cert(struct ctpm_verifier *v, struct ctpm_bytes cert,
				    struct ctpm_bytes ak, struct ctpm_bytes ek, int64_t time,
				    struct ctpm_why *why)
{
	TPMT_PUBLIC ak_public, ek_public;
	struct fact fact = { 0 };
	struct tpm_name name;
	enum ctpm_error error = tpm_public(ak, &ak_public, "the AK", why);

	if (!error)
		error = tpm_public(ek, &ek_public, "the EK", why);
	if (!error && !cert.len)
		error = refused(why, CTPM_ERR_CERT_FORM, "is not there");
	if (!error)
		error = verifier_ak_cert(v, cert, ak, &ak_public, time, &fact, why);
	if (!error && (!tpm_name(ek, ek_public.nameAlg, &name) ||
		       !tpm_name_is(&fact.ek_name, name.data, name.len)))
		error = refused(why, CTPM_ERR_REFUSED, "is for an AK beside another EK");
	fact_clear(&fact);
	return error;
}

/*
 * EK certificates
 */

/* Up to a trusted certificate, which need not be a root, each valid at that time */
static bool ek_chain(const struct ctpm_verifier *v, X509 *cert, int64_t time)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	bool ok = ctx && X509_STORE_CTX_init(ctx, v->ek_roots, cert, NULL) == 1;

	if (ok) {
		X509_STORE_CTX_set_time(ctx, 0, (time_t)time);
		X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_PARTIAL_CHAIN);
		ok = X509_verify_cert(ctx) == 1;
	}
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}

enum ctpm_error verifier_ek_cert(const struct ctpm_verifier *v, struct ctpm_bytes der,
				 const TPMT_PUBLIC *public, int64_t time, struct ctpm_why *why)
{
	X509 *cert = der.len && der.data[0] == 0x30 ? cert_read(der.data, der.len) : NULL;
	EVP_PKEY *key = tpm_key(public);
	enum ctpm_error error = CTPM_OK;

	if (!cert || !key)
		error = because(why, CTPM_ERR_CERT_FORM,
				"the EK's certificate is no X.509 certificate");
	else if (EVP_PKEY_eq(X509_get0_pubkey(cert), key) != 1)
		error = because(why, CTPM_ERR_REFUSED, "the EK's certificate is for another key");
	else if (!has_usage(cert, EK_OID) || X509_get_extension_flags(cert) & EXFLAG_CA)
		error = because(why, CTPM_ERR_CERT_CHAIN,
				"the EK's certificate is not one for an EK");
	else if (!ek_chain(v, cert, time))
		error = because(why, CTPM_ERR_CERT_ROOT,
				"the EK's certificate is not one of a maker that is trusted, or "
				"not valid at this time");
	ERR_clear_error();
	EVP_PKEY_free(key);
	X509_free(cert);
	return error;
}
