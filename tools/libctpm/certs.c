// SPDX-License-Identifier: GPL-2.0-or-later
#include "certs.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>

#include "../common/cursor.h"
#include "why.h"

#define GUID_SIZE     16
#define TABLE_ENTRIES 16 /* one that is hostile must not cost much */

/* 56421, "SNP Extended Guest Request", in text byte order: VCEK, VLEK, ASK or ASVK, ARK */
static const uint8_t guids[][GUID_SIZE] = {
	{ 0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac,
	  0xcd },
	{ 0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e, 0xaa, 0xe6, 0x39, 0xc0, 0x45, 0xa0, 0xb8,
	  0xa1 },
	{ 0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27, 0xc7,
	  0x82 },
	{ 0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52, 0x97, 0x43, 0x3f, 0xb6, 0x01, 0x4c, 0xd0,
	  0xae },
};

struct ctpm_certs *ctpm_certs_new(void)
{
	return calloc(1, sizeof(struct ctpm_certs));
}

void ctpm_certs_free(struct ctpm_certs *certs)
{
	if (!certs)
		return;
	for (size_t i = 0; i < certs->count; i++)
		X509_free(certs->cert[i]);
	for (size_t i = 0; i < certs->crls; i++)
		X509_CRL_free(certs->crl[i]);
	free(certs);
}

static enum ctpm_error too_many(struct ctpm_why *why)
{
	return because(why, CTPM_ERR_ARGUMENT, "more than %d certificates or lists",
		       CTPM_CERTS_MAX);
}

/* Takes over @cert */
static enum ctpm_error add_cert(struct ctpm_certs *certs, X509 *cert, struct ctpm_why *why)
{
	if (certs->count == CTPM_CERTS_MAX) {
		X509_free(cert);
		return too_many(why);
	}
	certs->role[certs->count] = amd_role(cert);
	certs->cert[certs->count++] = cert;
	return CTPM_OK;
}

static enum ctpm_error add_crl(struct ctpm_certs *certs, X509_CRL *crl, struct ctpm_why *why)
{
	if (certs->crls == CTPM_CERTS_MAX) {
		X509_CRL_free(crl);
		return too_many(why);
	}
	certs->crl[certs->crls++] = crl;
	return CTPM_OK;
}

enum ctpm_error certs_share(struct ctpm_certs *to, const struct ctpm_certs *from,
			    struct ctpm_why *why)
{
	enum ctpm_error error = CTPM_OK;

	for (size_t i = 0; !error && i < from->count; i++)
		error = X509_up_ref(from->cert[i]) ? add_cert(to, from->cert[i], why)
						   : CTPM_ERR_MEMORY;
	for (size_t i = 0; !error && i < from->crls; i++)
		error = X509_CRL_up_ref(from->crl[i]) ? add_crl(to, from->crl[i], why)
						      : CTPM_ERR_MEMORY;
	return error;
}

static enum ctpm_error add_der(struct ctpm_certs *certs, const uint8_t *data, size_t len,
			       struct ctpm_why *why)
{
	const uint8_t *p = data;
	X509 *cert = d2i_X509(NULL, &p, (long)len);
	X509_CRL *crl;

	if (cert && p == data + len)
		return add_cert(certs, cert, why);
	X509_free(cert);
	p = data;
	crl = d2i_X509_CRL(NULL, &p, (long)len);
	if (crl && p == data + len)
		return add_crl(certs, crl, why);
	X509_CRL_free(crl);
	ERR_clear_error();
	return because(why, CTPM_ERR_CERT_FORM,
		       "%zu bytes are neither an X.509 certificate nor a revocation list", len);
}

/*
 * One block after another; text around them is passed over, as openssl does, but nothing that was
 * meant as a block: it may be the list that revokes.
 */
static enum ctpm_error add_pem(struct ctpm_certs *certs, const void *data, size_t len,
			       size_t blocks, struct ctpm_why *why)
{
	BIO *bio = BIO_new_mem_buf(data, (int)len);
	enum ctpm_error error = bio ? CTPM_OK : CTPM_ERR_MEMORY;
	char *name, *header;
	unsigned char *der;
	size_t found = 0;
	long der_len;

	while (!error && PEM_read_bio(bio, &name, &header, &der, &der_len)) {
		error = add_der(certs, der, (size_t)der_len, why);
		found++;
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_free(der);
	}
	/* the end is an error, too: "no start line" */
	if (!error &&
	    (found < blocks || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE))
		error = because(why, CTPM_ERR_CERT_FORM, "PEM that is damaged after %zu blocks",
				found);
	ERR_clear_error();
	BIO_free(bio);
	return error;
}

static size_t pem_blocks(const void *data, size_t len)
{
	static const char begin[] = "-----BEGIN ";
	const char *text = data;
	size_t blocks = 0;

	for (size_t i = 0; i + sizeof(begin) - 1 <= len; i++)
		blocks += !memcmp(text + i, begin, sizeof(begin) - 1);
	return blocks;
}

enum ctpm_error ctpm_certs_add(struct ctpm_certs *certs, const void *data, size_t len,
			       struct ctpm_why *why)
{
	size_t blocks = 0;

	if (len > CTPM_LISTS_SIZE_MAX)
		return because(why, CTPM_ERR_ARGUMENT,
			       "%zu bytes of certificates; at most %d are taken", len,
			       CTPM_LISTS_SIZE_MAX);
	/* DER begins with a SEQUENCE */
	if (len && *(const uint8_t *)data != 0x30)
		blocks = pem_blocks(data, len);
	return blocks ? add_pem(certs, data, len, blocks, why) : add_der(certs, data, len, why);
}

static bool is_certificate(const uint8_t *guid)
{
	for (size_t i = 0; i < sizeof(guids) / sizeof(guids[0]); i++)
		if (!memcmp(guid, guids[i], GUID_SIZE))
			return true;
	return false;
}

enum ctpm_error ctpm_certs_add_table(struct ctpm_certs *certs, const void *table, size_t len,
				     struct ctpm_why *why)
{
	static const uint8_t end[GUID_SIZE];
	struct cur c = cur_reader(table, len);
	enum ctpm_error error = CTPM_OK;

	if (len > CTPM_CERTS_SIZE_MAX)
		return because(why, CTPM_ERR_CERT_TABLE,
			       "a certificate table of %zu bytes; at most %d are taken", len,
			       CTPM_CERTS_SIZE_MAX);
	for (int i = 0; !error && i < TABLE_ENTRIES; i++) {
		const uint8_t *guid = cur_take(&c, GUID_SIZE);
		uint32_t offset = cur_get_le32(&c), size = cur_get_le32(&c);

		if (c.failed)
			return because(why, CTPM_ERR_CERT_TABLE,
				       "the certificate table ends in its entry %d", i);
		if (!memcmp(guid, end, GUID_SIZE))
			return CTPM_OK;
		if (offset > len || size > len - offset)
			return because(
				why, CTPM_ERR_CERT_TABLE,
				"entry %d of the certificate table is %u bytes at %u, of %zu", i,
				size, offset, len);
		if (is_certificate(guid))
			error = add_der(certs, (const uint8_t *)table + offset, size, why);
	}
	return error ? error
		     : because(why, CTPM_ERR_CERT_TABLE,
			       "a certificate table of more than %d entries", TABLE_ENTRIES);
}

X509 *cert_read(const void *data, size_t len)
{
	struct ctpm_certs certs = { 0 };
	X509 *cert = NULL;

	if (!ctpm_certs_add(&certs, data, len, NULL) && certs.count == 1 && !certs.crls &&
	    X509_up_ref(certs.cert[0]))
		cert = certs.cert[0];
	for (size_t i = 0; i < certs.count; i++)
		X509_free(certs.cert[i]);
	for (size_t i = 0; i < certs.crls; i++)
		X509_CRL_free(certs.crl[i]);
	return cert;
}

static bool of_kind(enum role role, enum ctpm_cert_kind kind)
{
	switch (role) {
	case ROLE_ARK:
		return kind == CTPM_CERT_ROOT;
	case ROLE_ASK:
	case ROLE_ASVK:
		return kind == CTPM_CERT_ISSUER;
	case ROLE_VCEK:
	case ROLE_VLEK:
		return kind == CTPM_CERT_LEAF;
	default:
		return false;
	}
}

char *ctpm_certs_pem(const struct ctpm_certs *certs, enum ctpm_cert_kind kind)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *text = NULL;
	bool ok = bio;
	long len;

	for (size_t i = 0; ok && i < certs->count; i++)
		if (of_kind(certs->role[i], kind))
			ok = PEM_write_bio_X509(bio, certs->cert[i]) == 1;
	for (size_t i = 0; ok && kind == CTPM_CERT_CRL && i < certs->crls; i++)
		ok = PEM_write_bio_X509_CRL(bio, certs->crl[i]) == 1;
	if (ok) {
		len = BIO_get_mem_data(bio, &data);
		text = strndup(len > 0 ? data : "", len > 0 ? (size_t)len : 0);
	}
	BIO_free(bio);
	return text;
}

/* Nobody is there to be asked for a password. */
static int no_password(char *buf, int size, int writing, void *data)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)data;
	return -1;
}

EVP_PKEY *key_read(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;

	BIO_free(bio);
	return key;
}

bool ecdsa_components(const uint8_t *der, size_t len, int size, uint8_t *raw)
{
	const uint8_t *p = der;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)len);
	uint8_t *again = NULL;
	int again_len = sig ? i2d_ECDSA_SIG(sig, &again) : -1;
	bool ok = again_len >= 0 && (size_t)again_len == len && !memcmp(again, der, len) &&
		  BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, size) == size &&
		  BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + size, size) == size;

	OPENSSL_free(again);
	ECDSA_SIG_free(sig);
	return ok;
}
