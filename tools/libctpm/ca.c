// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctpm/ca.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "../common/cursor.h"
#include "credential.h"
#include "verifier.h"

#define REPLY_LABEL  "ctpm enrolment v1"
#define TAG_SIZE     16
#define NAME_MAX_LEN 64
#define DAYS_MAX     36500
#define SECONDS	     86400

struct ctpm_ca {
	EVP_PKEY *key;
	X509 *cert;
};

/* What a CA signs with. Keys that somebody else has made may be of other kinds: SHA-384 */
static const EVP_MD *md_of(const EVP_PKEY *key)
{
	return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_bits(key) == 256 ? EVP_sha256()
									 : EVP_sha384();
}

/* What a memory BIO has, with a zero behind it */
static char *text_of(BIO *bio)
{
	char *data, *text = NULL;
	long len = BIO_get_mem_data(bio, &data);

	if (len > 0)
		text = malloc((size_t)len + 1);
	if (text) {
		memcpy(text, data, (size_t)len);
		text[len] = '\0';
	}
	return text;
}

/* secmem: the key is wiped when the BIO is freed */
static char *key_pem(const EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *text = NULL;

	if (bio && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1)
		text = text_of(bio);
	BIO_free(bio);
	return text;
}

static char *cert_pem(X509 *cert)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;

	if (bio && PEM_write_bio_X509(bio, cert) == 1)
		text = text_of(bio);
	BIO_free(bio);
	return text;
}

/* For a certificate, or for a list */
static X509_EXTENSION *make_extension(X509 *issuer, X509 *cert, X509_CRL *crl, int nid,
				      const char *value)
{
	X509V3_CTX ctx;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer, cert, NULL, crl, 0);
	return X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
}

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *ext = make_extension(issuer, cert, NULL, nid, value);
	bool ok = ext && X509_add_ext(cert, ext, -1) == 1;

	X509_EXTENSION_free(ext);
	return ok;
}

static bool set_serial(X509 *cert, uint8_t serial[CTPM_SERIAL_SIZE])
{
	BIGNUM *n;
	bool ok;

	if (RAND_bytes(serial, CTPM_SERIAL_SIZE) != 1)
		return false;
	/* positive, and 20 bytes in DER (RFC 5280, 4.1.2.2) */
	serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40);
	n = BN_bin2bn(serial, CTPM_SERIAL_SIZE, NULL);
	ok = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert));
	BN_free(n);
	return ok;
}

/* Version 3, serial, term, subject's common name; neither issuer nor key */
static X509 *blank_cert(const char *name, int64_t time, unsigned int days,
			uint8_t serial[CTPM_SERIAL_SIZE])
{
	X509 *cert = X509_new();
	time_t from = (time_t)time;

	if (cert && X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert, serial) &&
	    X509_time_adj_ex(X509_getm_notBefore(cert), 0, -60, &from) &&
	    X509_time_adj_ex(X509_getm_notAfter(cert), (int)days, 0, &from) &&
	    X509_NAME_add_entry_by_NID(X509_get_subject_name(cert), NID_commonName, MBSTRING_UTF8,
				       (const unsigned char *)name, -1, -1, 0) == 1)
		return cert;
	X509_free(cert);
	return NULL;
}

enum ctpm_error ctpm_ca_init(const char *name, const char *curve, int64_t time, unsigned int days,
			     char **key_out, char **cert_out, struct ctpm_why *why)
{
	uint8_t serial[CTPM_SERIAL_SIZE];
	EVP_PKEY *key;
	X509 *cert;
	bool ok;

	*key_out = *cert_out = NULL;
	if (!*name || strlen(name) > NAME_MAX_LEN || !days || days > DAYS_MAX)
		return because(why, CTPM_ERR_ARGUMENT,
			       "an Owner CA has a name of 1 to %d characters and 1 to %d days",
			       NAME_MAX_LEN, DAYS_MAX);
	if (strcmp(curve, "P-384") && strcmp(curve, "P-256"))
		return because(why, CTPM_ERR_ARGUMENT, "an Owner CA's curve is P-256 or P-384");
	key = EVP_EC_gen(curve);
	cert = blank_cert(name, time, days, serial);
	ok = key && cert && X509_set_issuer_name(cert, X509_get_subject_name(cert)) == 1 &&
	     X509_set_pubkey(cert, key) == 1 &&
	     add_extension(cert, cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
	     add_extension(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign") &&
	     add_extension(cert, cert, NID_subject_key_identifier, "hash") &&
	     X509_sign(cert, key, md_of(key)) > 0;
	if (ok) {
		*key_out = key_pem(key);
		*cert_out = cert_pem(cert);
	}
	EVP_PKEY_free(key);
	X509_free(cert);
	ERR_clear_error();
	if (*key_out && *cert_out)
		return CTPM_OK;
	if (*key_out)
		OPENSSL_cleanse(*key_out, strlen(*key_out));
	free(*key_out);
	free(*cert_out);
	*key_out = *cert_out = NULL;
	return because(why, CTPM_ERR_CRYPTO, "libcrypto makes no key or certificate");
}

enum ctpm_error ctpm_ca_open(const char *key, const char *cert, struct ctpm_ca **out,
			     struct ctpm_why *why)
{
	struct ctpm_ca *ca = calloc(1, sizeof(*ca));
	enum ctpm_error error = CTPM_OK;

	*out = NULL;
	if (ca) {
		ca->key = key_read(key);
		ca->cert = cert_read(cert, strlen(cert));
	}
	ERR_clear_error();
	if (!ca)
		error = CTPM_ERR_MEMORY;
	else if (!ca->key || !ca->cert)
		error = because(why, CTPM_ERR_CERT_FORM,
				"the Owner CA's key or certificate is not one in PEM");
	else if (X509_check_private_key(ca->cert, ca->key) != 1)
		error = because(why, CTPM_ERR_ARGUMENT,
				"the Owner CA's key and certificate don't belong together");
	ERR_clear_error();
	if (error)
		ctpm_ca_free(ca);
	else
		*out = ca;
	return error;
}

void ctpm_ca_free(struct ctpm_ca *ca)
{
	if (!ca)
		return;
	EVP_PKEY_free(ca->key);
	X509_free(ca->cert);
	free(ca);
}

/* An extension that is an OCTET STRING */
static bool add_octets(X509 *cert, const char *name, const uint8_t *data, size_t len)
{
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new(), *outer = ASN1_OCTET_STRING_new();
	ASN1_OBJECT *oid = OBJ_txt2obj(name, 1);
	X509_EXTENSION *ext = NULL;
	uint8_t *der = NULL;
	int der_len = 0;
	bool ok;

	if (value && outer && oid && ASN1_OCTET_STRING_set(value, data, (int)len) == 1)
		der_len = i2d_ASN1_OCTET_STRING(value, &der);
	if (der_len > 0 && ASN1_OCTET_STRING_set(outer, der, der_len) == 1)
		ext = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, outer);
	ok = ext && X509_add_ext(cert, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	OPENSSL_free(der);
	ASN1_OBJECT_free(oid);
	ASN1_OCTET_STRING_free(outer);
	ASN1_OCTET_STRING_free(value);
	return ok;
}

static bool add_names(X509 *cert, const struct tpm_name *ek, const struct tpm_name *ak)
{
	uint8_t names[2 * TPM_NAME_MAX];
	struct cur c = cur_writer(names, sizeof(names));

	cur_put_bytes(&c, ek->data, ek->len);
	cur_put_bytes(&c, ak->data, ak->len);
	return !c.failed && add_octets(cert, NAMES_OID, names, c.pos);
}

size_t vouches_for(struct ctpm_bytes report, enum ctpm_product product, uint8_t out[VOUCHES_MAX])
{
	const char *name = ctpm_product_name(product);
	struct cur c = cur_writer(out, VOUCHES_MAX);
	uint8_t digest[REPORT_DIGEST_SIZE];

	if (EVP_Digest(report.data, report.len, digest, NULL, EVP_sha256(), NULL) != 1)
		return 0;
	cur_put_bytes(&c, digest, sizeof(digest));
	cur_put_bytes(&c, name, strlen(name));
	return c.failed ? 0 : c.pos;
}

int ca_certify(const struct ctpm_ca *ca, const struct subject *subject, int64_t time,
	       unsigned int days, uint8_t serial[CTPM_SERIAL_SIZE], uint8_t **der)
{
	const uint8_t *id = subject->ak_name.data + 2;
	const struct ctpm_bytes *vouches = &subject->vouches;
	char name[32];
	X509 *cert;
	int len = 0;

	snprintf(name, sizeof(name), "ctpm AK %02x%02x%02x%02x%02x%02x%02x%02x", id[0], id[1],
		 id[2], id[3], id[4], id[5], id[6], id[7]);
	cert = blank_cert(name, time, days, serial);
	*der = NULL;
	if (cert && X509_set_issuer_name(cert, X509_get_subject_name(ca->cert)) == 1 &&
	    X509_set_pubkey(cert, subject->ak) == 1 &&
	    add_extension(cert, ca->cert, NID_basic_constraints, "critical,CA:FALSE") &&
	    add_extension(cert, ca->cert, NID_key_usage, "critical,digitalSignature") &&
	    add_extension(cert, ca->cert, NID_ext_key_usage, AIK_OID) &&
	    add_extension(cert, ca->cert, NID_authority_key_identifier, "keyid") &&
	    add_names(cert, &subject->ek_name, &subject->ak_name) &&
	    (!vouches->len || add_octets(cert, REPORT_OID, vouches->data, vouches->len)) &&
	    X509_sign(cert, ca->key, md_of(ca->key)) > 0)
		len = i2d_X509(cert, der);
	X509_free(cert);
	ERR_clear_error();
	return len;
}

/* "TPM manufacturer" and so on (EK Credential Profile, 3.2.9), in the subject's alternative name */
static bool add_tpm_name(X509 *cert)
{
	static const struct {
		const char *oid, *value;
	} attributes[] = {
		{ "2.23.133.2.1", "id:53565300" }, /* "SVS": of no maker's registry */
		{ "2.23.133.2.2", "SVSM vTPM" },
		{ "2.23.133.2.3", "id:00000001" },
	};
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	GENERAL_NAME *general = GENERAL_NAME_new();
	X509_NAME *name = X509_NAME_new();
	bool ok = names && general && name;

	for (size_t i = 0; ok && i < sizeof(attributes) / sizeof(attributes[0]); i++)
		ok = X509_NAME_add_entry_by_txt(name, attributes[i].oid, MBSTRING_UTF8,
						(const unsigned char *)attributes[i].value, -1, -1,
						0) == 1;
	if (ok) {
		GENERAL_NAME_set0_value(general, GEN_DIRNAME, name);
		name = NULL;
		ok = sk_GENERAL_NAME_push(names, general) > 0;
		if (ok)
			general = NULL;
		ok = ok && X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0, 0) == 1;
	}
	X509_NAME_free(name);
	GENERAL_NAME_free(general);
	GENERAL_NAMES_free(names);
	return ok;
}

static int ek_cert(const struct ctpm_ca *ca, EVP_PKEY *ek, int64_t time, unsigned int days,
		   uint8_t serial[CTPM_SERIAL_SIZE], uint8_t **der)
{
	X509 *cert = blank_cert("ctpm EK", time, days, serial);
	int len = 0;

	*der = NULL;
	if (cert && X509_set_issuer_name(cert, X509_get_subject_name(ca->cert)) == 1 &&
	    X509_set_pubkey(cert, ek) == 1 &&
	    add_extension(cert, ca->cert, NID_basic_constraints, "critical,CA:FALSE") &&
	    add_extension(cert, ca->cert, NID_key_usage,
			  EVP_PKEY_is_a(ek, "RSA") ? "critical,keyEncipherment"
						   : "critical,keyAgreement") &&
	    add_extension(cert, ca->cert, NID_ext_key_usage, EK_OID) &&
	    add_extension(cert, ca->cert, NID_authority_key_identifier, "keyid") &&
	    add_tpm_name(cert) && X509_sign(cert, ca->key, md_of(ca->key)) > 0)
		len = i2d_X509(cert, der);
	X509_free(cert);
	ERR_clear_error();
	return len;
}

/* AES-256-GCM, an IV of zeros, the label and the request's digest as additional data */
static bool gcm(bool encrypt, const uint8_t key[CTPM_CREDENTIAL_SIZE], struct ctpm_bytes request,
		const uint8_t *in, size_t len, uint8_t *out, uint8_t tag[TAG_SIZE])
{
	static const uint8_t iv[12];
	uint8_t digest[32];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;
	bool ok =
		ctx && EVP_Digest(request.data, request.len, digest, NULL, EVP_sha256(), NULL) &&
		EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, iv, encrypt) == 1 &&
		(encrypt || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, tag) == 1) &&
		EVP_CipherUpdate(ctx, NULL, &n, (const uint8_t *)REPLY_LABEL,
				 sizeof(REPLY_LABEL) - 1) == 1 &&
		EVP_CipherUpdate(ctx, NULL, &n, digest, sizeof(digest)) == 1 &&
		EVP_CipherUpdate(ctx, out, &n, in, (int)len) == 1 &&
		EVP_CipherFinal_ex(ctx, out + len, &n) == 1 &&
		(!encrypt || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, tag) == 1);

	EVP_CIPHER_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}

/* What the request is about */
struct applicant {
	TPMT_PUBLIC ek, ak;
	struct ctpm_bytes report;
	struct subject subject;
};

static enum ctpm_error get_applicant(struct ctpm_bytes request, struct applicant *a,
				     struct ctpm_why *why)
{
	struct ctpm_bytes ek, bound;
	struct ctpm_claims c;
	enum ctpm_error error = ctpm_request_decode(request.data, request.len, &c, why);

	ek = c.manifest;
	if (!error && c.mode == CTPM_MODE_BIND)
		error = tpm_bind_manifest(c.manifest, &ek, &bound, why);
	if (!error)
		error = tpm_public(ek, &a->ek, "the EK", why);
	if (!error)
		error = tpm_public(c.ak, &a->ak, "the AK", why);
	if (!error)
		error = tpm_check_ek(&a->ek, why);
	if (!error)
		error = tpm_check_ak(&a->ak, why);
	if (error)
		return error;
	a->report = c.report;
	a->subject.ak = tpm_key(&a->ak);
	if (!a->subject.ak || !tpm_name(ek, a->ek.nameAlg, &a->subject.ek_name) ||
	    !tpm_name(c.ak, a->ak.nameAlg, &a->subject.ak_name))
		return because(why, CTPM_ERR_REFUSED, "the AK holds no key");
	return CTPM_OK;
}

static enum ctpm_error seal(struct ctpm_bytes request, const struct applicant *a,
			    struct ctpm_bytes cert, uint8_t **reply, size_t *len,
			    struct ctpm_why *why)
{
	uint8_t key[CTPM_CREDENTIAL_SIZE], id_object[ID_OBJECT_MAX], secret[ENCRYPTED_SECRET_MAX];
	struct ctpm_reply r = { { id_object, 0 }, { secret, 0 }, { NULL, cert.len + TAG_SIZE } };
	uint8_t *sealed = malloc(r.sealed.len);
	enum ctpm_error error = CTPM_ERR_CRYPTO;

	r.sealed.data = sealed;
	if (sealed && RAND_bytes(key, sizeof(key)) == 1 &&
	    gcm(true, key, request, cert.data, cert.len, sealed, sealed + cert.len))
		error = make_credential(&a->ek, &a->subject.ak_name,
					(struct ctpm_bytes){ key, sizeof(key) }, id_object,
					&r.credential.len, secret, &r.secret.len);
	OPENSSL_cleanse(key, sizeof(key));
	if (!error)
		error = ctpm_reply_encode(&r, reply, len, why);
	else
		because(why, error, "the reply cannot be sealed to the EK");
	free(sealed);
	return error;
}

/* Is it what came of this request? Who gives another one would have the CA vouch for anything. */
static bool accepted(const struct ctpm_result *result, struct ctpm_bytes request)
{
	uint8_t digest[CTPM_REQUEST_DIGEST_SIZE];

	return result->verdict == CTPM_ACCEPTED &&
	       EVP_Digest(request.data, request.len, digest, NULL, EVP_sha256(), NULL) == 1 &&
	       !memcmp(digest, result->request, sizeof(digest));
}

enum ctpm_error ctpm_ca_answer(const struct ctpm_ca *ca, struct ctpm_bytes request,
			       const struct ctpm_result *result, int64_t time, unsigned int days,
			       uint8_t **reply, size_t *len, uint8_t serial[CTPM_SERIAL_SIZE],
			       struct ctpm_why *why)
{
	struct applicant a = { .subject = { .ak = NULL } };
	enum ctpm_error error = get_applicant(request, &a, why);
	uint8_t *der = NULL, vouches[VOUCHES_MAX];
	int der_len = 0;

	*reply = NULL;
	if (!error && (!days || days > DAYS_MAX))
		error = because(why, CTPM_ERR_ARGUMENT, "1 to %d days", DAYS_MAX);
	if (!error && !accepted(result, request))
		error = because(why, CTPM_ERR_REFUSED,
				"this request is not the one that was accepted");
	if (!error) {
		a.subject.vouches =
			(struct ctpm_bytes){ vouches,
					     vouches_for(a.report, result->product, vouches) };
		der_len = a.subject.vouches.len
				  ? ca_certify(ca, &a.subject, time, days, serial, &der)
				  : 0;
	}
	if (!error && der_len <= 0)
		error = because(why, CTPM_ERR_CRYPTO, "libcrypto makes no certificate");
	if (!error)
		error = seal(request, &a, (struct ctpm_bytes){ der, (size_t)der_len }, reply, len,
			     why);
	OPENSSL_free(der);
	EVP_PKEY_free(a.subject.ak);
	return error;
}

enum ctpm_error ctpm_ca_certify_ek(const struct ctpm_ca *ca, struct ctpm_bytes request,
				   int64_t time, unsigned int days, uint8_t **cert, size_t *len,
				   uint8_t serial[CTPM_SERIAL_SIZE], struct ctpm_why *why)
{
	struct applicant a = { .subject = { .ak = NULL } };
	enum ctpm_error error = get_applicant(request, &a, why);
	EVP_PKEY *ek = error ? NULL : tpm_key(&a.ek);
	uint8_t *der = NULL;
	int n = 0;

	*cert = NULL;
	if (!error && (!days || days > DAYS_MAX))
		error = because(why, CTPM_ERR_ARGUMENT, "1 to %d days", DAYS_MAX);
	if (!error && ek)
		n = ek_cert(ca, ek, time, days, serial, &der);
	if (!error && n <= 0)
		error = because(why, CTPM_ERR_CRYPTO, "libcrypto makes no certificate");
	if (!error) {
		*cert = malloc((size_t)n);
		*len = (size_t)n;
		if (*cert)
			memcpy(*cert, der, (size_t)n);
		else
			error = CTPM_ERR_MEMORY;
	}
	OPENSSL_free(der);
	EVP_PKEY_free(ek);
	EVP_PKEY_free(a.subject.ak);
	return error;
}

enum ctpm_error ctpm_reply_open(const struct ctpm_reply *reply,
				const uint8_t key[CTPM_CREDENTIAL_SIZE], struct ctpm_bytes request,
				uint8_t **cert, size_t *len, struct ctpm_why *why)
{
	uint8_t tag[TAG_SIZE];

	*cert = NULL;
	if (reply->sealed.len <= TAG_SIZE)
		return because(why, CTPM_ERR_FORM, "the reply holds no certificate");
	*len = reply->sealed.len - TAG_SIZE;
	*cert = malloc(*len);
	if (!*cert)
		return CTPM_ERR_MEMORY;
	memcpy(tag, reply->sealed.data + *len, TAG_SIZE);
	if (gcm(false, key, request, reply->sealed.data, *len, *cert, tag))
		return CTPM_OK;
	free(*cert);
	*cert = NULL;
	return because(why, CTPM_ERR_REFUSED,
		       "the reply is not the answer to this request: ask again");
}

static bool add_revoked(X509_CRL *crl, const uint8_t *serial, const ASN1_TIME *when)
{
	BIGNUM *n = BN_bin2bn(serial, CTPM_SERIAL_SIZE, NULL);
	ASN1_INTEGER *number = n ? BN_to_ASN1_INTEGER(n, NULL) : NULL;
	X509_REVOKED *entry = X509_REVOKED_new();
	bool ok = number && entry && X509_REVOKED_set_serialNumber(entry, number) == 1 &&
		  X509_REVOKED_set_revocationDate(entry, (ASN1_TIME *)(uintptr_t)when) == 1 &&
		  X509_CRL_add0_revoked(crl, entry) == 1;

	if (!ok)
		X509_REVOKED_free(entry);
	ASN1_INTEGER_free(number);
	BN_free(n);
	return ok;
}

/* Which of the keys of its name has signed it (RFC 5280, 5.2.1) */
static bool add_key_id(X509_CRL *crl, X509 *issuer)
{
	X509_EXTENSION *ext =
		make_extension(issuer, NULL, crl, NID_authority_key_identifier, "keyid");
	bool ok = ext && X509_CRL_add_ext(crl, ext, -1) == 1;

	X509_EXTENSION_free(ext);
	return ok;
}

static bool add_crl_number(X509_CRL *crl, uint64_t number)
{
	ASN1_INTEGER *n = ASN1_INTEGER_new();
	bool ok = n && ASN1_INTEGER_set_uint64(n, number) == 1 &&
		  X509_CRL_add1_ext_i2d(crl, NID_crl_number, n, 0, 0) == 1;

	ASN1_INTEGER_free(n);
	return ok;
}

enum ctpm_error ctpm_ca_crl(const struct ctpm_ca *ca, const uint8_t *serials, size_t count,
			    uint64_t number, int64_t time, unsigned int days, char **out,
			    struct ctpm_why *why)
{
	X509_CRL *crl;
	time_t from = (time_t)time;
	ASN1_TIME *last, *next;
	BIO *bio;
	bool ok;

	*out = NULL;
	if (!days || days > DAYS_MAX)
		return because(why, CTPM_ERR_ARGUMENT, "1 to %d days", DAYS_MAX);
	crl = X509_CRL_new();
	last = X509_time_adj_ex(NULL, 0, -60, &from);
	next = X509_time_adj_ex(NULL, (int)days, 0, &from);
	bio = BIO_new(BIO_s_mem());
	ok = crl && last && next && bio && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
	     X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca->cert)) == 1 &&
	     X509_CRL_set1_lastUpdate(crl, last) == 1 && X509_CRL_set1_nextUpdate(crl, next) == 1 &&
	     add_key_id(crl, ca->cert) && add_crl_number(crl, number);
	for (size_t i = 0; ok && i < count; i++)
		ok = add_revoked(crl, serials + i * CTPM_SERIAL_SIZE, last);
	ok = ok && X509_CRL_sort(crl) == 1 && X509_CRL_sign(crl, ca->key, md_of(ca->key)) > 0 &&
	     PEM_write_bio_X509_CRL(bio, crl) == 1;
	if (ok)
		*out = text_of(bio);
	BIO_free(bio);
	ASN1_TIME_free(last);
	ASN1_TIME_free(next);
	X509_CRL_free(crl);
	ERR_clear_error();
	return *out ? CTPM_OK : because(why, CTPM_ERR_CRYPTO, "libcrypto makes no list");
}
