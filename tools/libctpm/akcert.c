// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AK certificates: X.509 in the one form that the protocol has. Each guest whose TPM is new
 * brings a new one, so their price counts. libcrypto's X509 decodes the key as well, which takes
 * it longer than to verify a signature with it; here the key stays as it is, to be compared.
 */
#include <openssl/asn1t.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <string.h>

#include "../common/cursor.h"
#include "p384.h"
#include "verifier.h"

/*
 * RFC 5280, 4.1, by libcrypto's own decoder
 */

struct spki {
	X509_ALGOR *algorithm;
	ASN1_BIT_STRING *key;
};

struct tbs {
	ASN1_ENCODING enc; /* as it came: what is signed */
	ASN1_INTEGER *version, *serial;
	X509_ALGOR *algorithm;
	X509_NAME *issuer, *subject;
	X509_VAL *validity;
	struct spki *key;
	STACK_OF(X509_EXTENSION) * extensions;
};

struct cert {
	struct tbs *tbs;
	X509_ALGOR *algorithm;
	ASN1_BIT_STRING *signature;
};

typedef struct spki SPKI;
typedef struct tbs TBS;
typedef struct cert CERT;

/* clang-format off */
ASN1_SEQUENCE(SPKI) = {
	ASN1_SIMPLE(SPKI, algorithm, X509_ALGOR),
	ASN1_SIMPLE(SPKI, key, ASN1_BIT_STRING),
} static_ASN1_SEQUENCE_END(SPKI)

ASN1_SEQUENCE_enc(TBS, enc, 0) = {
	ASN1_EXP_OPT(TBS, version, ASN1_INTEGER, 0),
	ASN1_SIMPLE(TBS, serial, ASN1_INTEGER),
	ASN1_SIMPLE(TBS, algorithm, X509_ALGOR),
	ASN1_SIMPLE(TBS, issuer, X509_NAME),
	ASN1_SIMPLE(TBS, validity, X509_VAL),
	ASN1_SIMPLE(TBS, subject, X509_NAME),
	ASN1_SIMPLE(TBS, key, SPKI),
	ASN1_EXP_SEQUENCE_OF_OPT(TBS, extensions, X509_EXTENSION, 3),
} static_ASN1_SEQUENCE_END_ref(TBS, TBS)

ASN1_SEQUENCE(CERT) = {
	ASN1_SIMPLE(CERT, tbs, TBS),
	ASN1_SIMPLE(CERT, algorithm, X509_ALGOR),
	ASN1_SIMPLE(CERT, signature, ASN1_BIT_STRING),
} static_ASN1_SEQUENCE_END(CERT)
/* clang-format on */

static void free_cert(struct cert *cert)
{
	ASN1_item_free((ASN1_VALUE *)cert, ASN1_ITEM_rptr(CERT));
}

/*
 * Is this its DER? The part that is signed stays as it came; the rest has one form, too. A
 * signature is whole bytes: of its last one no bits are unused, as the low bits of "flags" tell.
 */
static bool encodes_to(const struct cert *cert, struct ctpm_bytes der)
{
	uint8_t *again = NULL;
	int len = ASN1_item_i2d((const ASN1_VALUE *)cert, &again, ASN1_ITEM_rptr(CERT));
	bool same = len > 0 && (size_t)len == der.len && !memcmp(again, der.data, der.len) &&
		    !(cert->signature->flags & 7);

	OPENSSL_free(again);
	return same;
}

static struct cert *decode(struct ctpm_bytes der)
{
	const uint8_t *p = der.data;
	struct cert *cert;

	cert = (struct cert *)ASN1_item_d2i(NULL, &p, (long)der.len, ASN1_ITEM_rptr(CERT));
	if (cert && encodes_to(cert, der))
		return cert;
	free_cert(cert);
	return NULL;
}

static enum ctpm_error refused(struct ctpm_why *why, enum ctpm_error code, const char *text)
{
	ERR_clear_error();
	return because(why, code, "the AK's certificate %s", text);
}

/*
 * Who has signed it
 */

static int nid_of(const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *oid;

	X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
	return OBJ_obj2nid(oid);
}

/* With SHA-384, as the Owner CA of "ctpm ca" does */
static bool signed_on_p384(const struct cert *cert, const uint8_t point[P384_POINT_SIZE])
{
	const ASN1_ENCODING *signed_part = &cert->tbs->enc;
	uint8_t digest[P384_SIZE], raw[2 * P384_SIZE];

	return nid_of(cert->algorithm) == NID_ecdsa_with_SHA384 &&
	       ecdsa_components(ASN1_STRING_get0_data(cert->signature),
				(size_t)ASN1_STRING_length(cert->signature), P384_SIZE, raw) &&
	       EVP_Digest(signed_part->enc, (size_t)signed_part->len, digest, NULL, EVP_sha384(),
			  NULL) == 1 &&
	       p384_verify(point, digest, raw, raw + P384_SIZE);
}

/* Not SHA-1, and nothing else that a signature says of itself */
static bool has_strong_hash(const struct cert *cert)
{
	switch (nid_of(cert->algorithm)) {
	case NID_ecdsa_with_SHA256:
	case NID_ecdsa_with_SHA384:
	case NID_ecdsa_with_SHA512:
	case NID_sha256WithRSAEncryption:
	case NID_sha384WithRSAEncryption:
	case NID_sha512WithRSAEncryption:
		return true;
	default:
		return false;
	}
}

static bool signed_by(const struct cert *cert, const X509 *ca)
{
	EVP_PKEY *key = X509_get0_pubkey(ca);
	uint8_t point[P384_POINT_SIZE];

	if (!key || X509_ALGOR_cmp(cert->algorithm, cert->tbs->algorithm) || !has_strong_hash(cert))
		return false;
	if (p384_point(key, point))
		return signed_on_p384(cert, point);
	return ASN1_item_verify(ASN1_ITEM_rptr(TBS), cert->algorithm, cert->signature, cert->tbs,
				key) == 1;
}

static bool issuing_ca(X509 *ca)
{
	return X509_get_extension_flags(ca) & EXFLAG_CA &&
	       !(X509_get_extension_flags(ca) & (EXFLAG_INVALID | EXFLAG_CRITICAL)) &&
	       X509_get_key_usage(ca) & KU_KEY_CERT_SIGN;
}

static bool valid_at(const X509 *ca, int64_t time)
{
	struct validity when = { INT64_MIN, INT64_MAX };

	return validity_of_cert(&when, ca) && validity_has(&when, time);
}

/*
 * Its index, or one that there is none of. Of a CA that has renewed its certificate, with the
 * same key, the one that is valid now.
 */
static size_t find_ca(const struct ctpm_verifier *v, const struct cert *cert, int64_t time)
{
	size_t found = v->cas;

	for (size_t i = 0; i < v->cas; i++) {
		if (X509_NAME_cmp(X509_get_subject_name(v->ca[i]), cert->tbs->issuer) ||
		    !issuing_ca(v->ca[i]) || !signed_by(cert, v->ca[i]))
			continue;
		found = i;
		if (valid_at(v->ca[i], time))
			break;
	}
	ERR_clear_error();
	return found;
}

static bool is_known(const struct ctpm_verifier *v, size_t crl)
{
	bool known = false;

	for (size_t k = 0; k < v->cas; k++)
		known |= v->crl_of[crl][k];
	return known;
}

/*
 * Every list of this CA's, so that an older one beside a newer one takes nothing back. One of its
 * name that nobody known has signed may be its own, damaged: without it, who is revoked?
 */
static enum ctpm_error check_crls(const struct ctpm_verifier *v, const struct cert *cert, size_t ca,
				  struct validity *when, struct ctpm_why *why)
{
	const X509_NAME *name = X509_get_subject_name(v->ca[ca]);
	X509_REVOKED *entry;

	for (size_t i = 0; i < v->crls; i++) {
		if (!v->crl_of[i][ca]) {
			if (X509_NAME_cmp(X509_CRL_get_issuer(v->crl[i]), name) || is_known(v, i))
				continue;
			return refused(why, CTPM_ERR_CRL,
				       "cannot be looked up in a revocation list of its issuer's "
				       "name: it is damaged, or the certificate of the Owner CA "
				       "that has signed it is not there");
		}
		if (X509_CRL_get0_by_serial(v->crl[i], &entry, cert->tbs->serial) == 1)
			return refused(why, CTPM_ERR_CERT_REVOKED, "is revoked by the Owner CA");
		if (!validity_of_crl(when, v->crl[i]))
			return refused(why, CTPM_ERR_CRL, "has a revocation list without a term");
	}
	ERR_clear_error();
	return CTPM_OK;
}

/*
 * What it says
 */

bool usage_has(const EXTENDED_KEY_USAGE *usage, const char *oid)
{
	ASN1_OBJECT *wanted = OBJ_txt2obj(oid, 1);
	bool found = false;

	for (int i = 0; usage && wanted && i < sk_ASN1_OBJECT_num(usage); i++)
		found |= !OBJ_cmp(sk_ASN1_OBJECT_value(usage, i), wanted);
	ASN1_OBJECT_free(wanted);
	return found;
}

/* One that is not there is NULL, with -1 in @found; there twice or malformed, below that */
static void *get_extension(const struct tbs *tbs, int nid, int *found)
{
	return X509V3_get_d2i(tbs->extensions, nid, found, NULL);
}

static bool is_no_ca(const struct tbs *tbs)
{
	int found;
	BASIC_CONSTRAINTS *basic = get_extension(tbs, NID_basic_constraints, &found);
	bool ok = basic ? !basic->ca : found == -1;

	BASIC_CONSTRAINTS_free(basic);
	return ok;
}

static bool may_sign(const struct tbs *tbs)
{
	int found;
	ASN1_BIT_STRING *usage = get_extension(tbs, NID_key_usage, &found);
	bool ok = usage ? ASN1_BIT_STRING_get_bit(usage, 0) : found == -1;

	ASN1_BIT_STRING_free(usage);
	return ok;
}

static bool is_of_an_ak(const struct tbs *tbs)
{
	int found;
	EXTENDED_KEY_USAGE *usage = get_extension(tbs, NID_ext_key_usage, &found);
	bool ok = usage_has(usage, AIK_OID);

	EXTENDED_KEY_USAGE_free(usage);
	return ok;
}

/* What is critical has to be understood: these three are */
static bool nothing_unknown(const struct tbs *tbs)
{
	for (int i = 0; i < X509v3_get_ext_count(tbs->extensions); i++) {
		X509_EXTENSION *ext = X509v3_get_ext(tbs->extensions, i);
		int nid = OBJ_obj2nid(X509_EXTENSION_get_object(ext));

		if (X509_EXTENSION_get_critical(ext) && nid != NID_basic_constraints &&
		    nid != NID_key_usage && nid != NID_ext_key_usage)
			return false;
	}
	return true;
}

static bool is_for_an_ak(const struct tbs *tbs)
{
	return tbs->version && ASN1_INTEGER_get(tbs->version) == X509_VERSION_3 &&
	       nothing_unknown(tbs) && is_no_ca(tbs) && may_sign(tbs) && is_of_an_ak(tbs);
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
static ASN1_OCTET_STRING *get_octets(const struct tbs *tbs, const char *name, bool *there)
{
	ASN1_OBJECT *oid = OBJ_txt2obj(name, 1);
	int at = oid ? X509v3_get_ext_by_OBJ(tbs->extensions, oid, -1) : -1;
	bool once = at >= 0 && X509v3_get_ext_by_OBJ(tbs->extensions, oid, at) < 0;
	const ASN1_OCTET_STRING *value;
	ASN1_OCTET_STRING *inner;
	const uint8_t *p;

	*there = !oid || at >= 0;
	ASN1_OBJECT_free(oid);
	if (!once)
		return NULL;
	value = X509_EXTENSION_get_data(X509v3_get_ext(tbs->extensions, at));
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
static bool get_names(const struct tbs *tbs, struct tpm_name *ek, struct tpm_name *ak)
{
	bool there, ok;
	ASN1_OCTET_STRING *value = get_octets(tbs, NAMES_OID, &there);
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
static bool get_vouched(const struct tbs *tbs, struct fact *fact)
{
	bool there;
	ASN1_OCTET_STRING *value = get_octets(tbs, REPORT_OID, &there);
	struct cur c;

	if (!value)
		return !there;
	c = octets(value);
	cur_get_bytes(&c, fact->report, sizeof(fact->report));
	fact->vouches = get_product(&c, &fact->product);
	ASN1_OCTET_STRING_free(value);
	return fact->vouches;
}

/*
 * Whose it is
 */

/* On a named curve, with its point not compressed: that form of it alone */
static bool same_ecc(const struct spki *spki, const EVP_PKEY *key)
{
	char group[32];
	uint8_t point[P384_POINT_SIZE]; /* the largest */
	const ASN1_OBJECT *oid;
	const void *curve;
	size_t len;
	int type;

	X509_ALGOR_get0(&oid, &type, &curve, spki->algorithm);
	return OBJ_obj2nid(oid) == NID_X9_62_id_ecPublicKey && type == V_ASN1_OBJECT &&
	       EVP_PKEY_get_group_name((EVP_PKEY *)(uintptr_t)key, group, sizeof(group), &len) ==
		       1 &&
	       OBJ_obj2nid(curve) == OBJ_sn2nid(group) &&
	       EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point),
					       &len) == 1 &&
	       len == (size_t)ASN1_STRING_length(spki->key) &&
	       !memcmp(point, ASN1_STRING_get0_data(spki->key), len);
}

static bool same_key(struct spki *spki, const EVP_PKEY *key)
{
	uint8_t *der = NULL;
	const uint8_t *p;
	EVP_PKEY *own;
	bool same;
	int len;

	if (EVP_PKEY_is_a(key, "EC"))
		return same_ecc(spki, key);
	len = ASN1_item_i2d((ASN1_VALUE *)spki, &der, ASN1_ITEM_rptr(SPKI));
	p = der;
	own = len > 0 ? d2i_PUBKEY(NULL, &p, len) : NULL;
	same = own && EVP_PKEY_eq(own, key) == 1;
	EVP_PKEY_free(own);
	OPENSSL_free(der);
	return same;
}

static enum ctpm_error check_ak_cert(const struct ctpm_verifier *v, const struct cert *cert,
				     const struct tpm_name *ak, int64_t time, struct fact *fact,
				     struct ctpm_why *why)
{
	const struct tbs *tbs = cert->tbs;
	size_t ca = find_ca(v, cert, time);
	struct tpm_name named;
	enum ctpm_error error;

	if (ca == v->cas)
		return refused(why, CTPM_ERR_CERT_ROOT,
			       "is not one of an Owner CA that is trusted");
	if (!is_for_an_ak(tbs))
		return refused(why, CTPM_ERR_CERT_CHAIN, "is not one for an AK");
	if (!get_names(tbs, &fact->ek_name, &named))
		return refused(why, CTPM_ERR_CERT_EXTENSION,
			       "does not say of which EK and AK it is");
	if (!get_vouched(tbs, fact))
		return refused(why, CTPM_ERR_CERT_EXTENSION,
			       "is malformed in what it says of a report");
	if (!same_key(tbs->key, fact->key))
		return refused(why, CTPM_ERR_REFUSED, "is for another key");
	/* the same key with other attributes is another AK, one that signs anything perhaps */
	if (!tpm_name_is(&named, ak->data, ak->len))
		return refused(why, CTPM_ERR_REFUSED, "is for another public area of this key");
	fact->when = (struct validity){ INT64_MIN, INT64_MAX };
	if (!validity_of(&fact->when, tbs->validity->notBefore, tbs->validity->notAfter) ||
	    !validity_of_cert(&fact->when, v->ca[ca]))
		return refused(why, CTPM_ERR_CERT_TIME, "has a malformed validity");
	error = check_crls(v, cert, ca, &fact->when, why);
	if (error)
		return error;
	if (!validity_has(&fact->when, time))
		return refused(why, CTPM_ERR_CERT_TIME,
			       "is not valid at this time: it, the Owner CA's or its revocation "
			       "list is expired or not valid yet");
	ERR_clear_error();
	return CTPM_OK;
}

enum ctpm_error verifier_ak_cert(struct ctpm_verifier *v, struct ctpm_bytes der,
				 struct ctpm_bytes ak, const TPMT_PUBLIC *public, int64_t time,
				 struct fact *fact, struct ctpm_why *why)
{
	uint8_t id[CACHE_KEY_SIZE];
	struct tpm_name name;
	enum ctpm_error error;
	struct cert *cert;

	memset(fact, 0, sizeof(*fact));
	if (!cache_key(CACHE_AK, der, ak, id))
		return because(why, CTPM_ERR_CRYPTO, "libcrypto computes no SHA-256");
	if (cache_find(&v->cache, id, time, fact))
		return CTPM_OK;
	cert = decode(der);
	fact->key = tpm_key(public);
	if (!cert)
		error = refused(why, CTPM_ERR_CERT_FORM, "is no X.509 certificate");
	else if (!fact->key || !tpm_name(ak, public->nameAlg, &name))
		error = refused(why, CTPM_ERR_REFUSED, "is for an AK that is no key");
	else
		error = check_ak_cert(v, cert, &name, time, fact, why);
	free_cert(cert);
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
