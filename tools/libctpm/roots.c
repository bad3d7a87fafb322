// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A name can be borne by anybody: a root is trusted by its fingerprint alone.
 *
 * AMD's are those of the key server's vcek/v1/{Milan,Genoa,Turin}/cert_chain, whose
 * second certificate is the ARK:
 *
 *	openssl x509 -noout -fingerprint -sha256
 *
 * They were compared with those that go-sev-guest and virtee's sev carry.
 */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "certs.h"
#include "why.h"

static const uint8_t amd_roots[][CTPM_FINGERPRINT_LEN] = {
	/* ARK-Milan */
	{ 0x69, 0xd0, 0x63, 0xb4, 0x53, 0x44, 0xd2, 0x6a, 0x2e, 0x94, 0xe1,
	  0xf4, 0x21, 0x0d, 0xe4, 0x9e, 0xf5, 0x55, 0x30, 0x82, 0x87, 0xd4,
	  0xc1, 0x74, 0x44, 0x5c, 0x95, 0x63, 0x9a, 0x54, 0x0b, 0xcd },
	/* ARK-Genoa */
	{ 0x4c, 0x65, 0x98, 0xd1, 0x9c, 0x18, 0x71, 0x9c, 0x5d, 0xfd, 0x4a,
	  0x7d, 0x33, 0x5f, 0x67, 0x4e, 0x5b, 0xfe, 0x1d, 0x8f, 0x80, 0x0c,
	  0xea, 0x2c, 0xf2, 0x70, 0xc1, 0x0d, 0x10, 0x3d, 0xb2, 0xf1 },
	/* ARK-Turin */
	{ 0x1f, 0x08, 0x41, 0x61, 0xa4, 0x4b, 0xb6, 0xd9, 0x37, 0x78, 0xa9,
	  0x04, 0x87, 0x7d, 0x48, 0x19, 0xca, 0xfa, 0x5d, 0x05, 0xef, 0x41,
	  0x93, 0xb2, 0xde, 0xd9, 0xdd, 0x9c, 0x73, 0xdd, 0x3f, 0x6a },
};

struct ctpm_roots {
	uint8_t fingerprint[CTPM_ROOTS_MAX][CTPM_FINGERPRINT_LEN];
	size_t count;
};

struct ctpm_roots *ctpm_roots_new(bool amd)
{
	struct ctpm_roots *roots = calloc(1, sizeof(*roots));

	if (roots && amd) {
		memcpy(roots->fingerprint, amd_roots, sizeof(amd_roots));
		roots->count = sizeof(amd_roots) / sizeof(amd_roots[0]);
	}
	return roots;
}

void ctpm_roots_free(struct ctpm_roots *roots)
{
	free(roots);
}

static bool fingerprint_of(const X509 *cert, uint8_t out[CTPM_FINGERPRINT_LEN])
{
	unsigned int len = CTPM_FINGERPRINT_LEN;

	return X509_digest(cert, EVP_sha256(), out, &len) == 1;
}

enum ctpm_error ctpm_roots_add(struct ctpm_roots *roots, const void *data, size_t len,
			       struct ctpm_why *why)
{
	X509 *cert;
	bool ok;

	if (roots->count == CTPM_ROOTS_MAX)
		return because(why, CTPM_ERR_ARGUMENT, "at most %d roots can be trusted",
			       CTPM_ROOTS_MAX);
	cert = cert_read(data, len);
	if (!cert)
		return because(why, CTPM_ERR_CERT_FORM,
			       "a root is one X.509 certificate, in PEM or DER");
	ok = fingerprint_of(cert, roots->fingerprint[roots->count]);
	X509_free(cert);
	if (!ok)
		return because(why, CTPM_ERR_CRYPTO, "libcrypto computes no SHA-256");
	roots->count++;
	return CTPM_OK;
}

bool roots_trust(const struct ctpm_roots *roots, const X509 *cert)
{
	uint8_t fingerprint[CTPM_FINGERPRINT_LEN];

	if (!fingerprint_of(cert, fingerprint))
		return false;
	for (size_t i = 0; i < roots->count; i++)
		if (!memcmp(fingerprint, roots->fingerprint[i], sizeof(fingerprint)))
			return true;
	return false;
}
