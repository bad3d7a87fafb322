// SPDX-License-Identifier: GPL-2.0-or-later
/* A report's signature, and all that makes a report AMD's, in order. */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#include "../common/cursor.h"
#include "cache.h"
#include "why.h"

/* R and S, little-endian, 72 bytes each (56860, "ECDSA P-384 with SHA-384 Signature") */
#define COMPONENT_SIZE 72
#define DER_MAX	       128

static bool is_p384(const EVP_PKEY *key)
{
	char group[32];
	size_t len;

	return EVP_PKEY_is_a(key, "EC") &&
	       EVP_PKEY_get_group_name((EVP_PKEY *)(uintptr_t)key, group, sizeof(group), &len) ==
		       1 &&
	       !strcmp(group, "secp384r1");
}

/* The signature as libcrypto wants it: DER; its length, or 0 */
static size_t signature_der(const uint8_t *signature, uint8_t der[DER_MAX])
{
	BIGNUM *r = BN_lebin2bn(signature, COMPONENT_SIZE, NULL);
	BIGNUM *s = BN_lebin2bn(signature + COMPONENT_SIZE, COMPONENT_SIZE, NULL);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	uint8_t *p = der;
	int len = 0;

	if (!r || !s || !sig || !ECDSA_SIG_set0(sig, r, s)) {
		BN_free(r);
		BN_free(s);
	} else {
		len = i2d_ECDSA_SIG(sig, NULL);
		len = len > 0 && len <= DER_MAX ? i2d_ECDSA_SIG(sig, &p) : 0;
	}
	ECDSA_SIG_free(sig);
	return len > 0 ? (size_t)len : 0;
}

static bool p384_verify(EVP_PKEY *key, const uint8_t *data, size_t len, const uint8_t *signature)
{
	uint8_t der[DER_MAX];
	size_t der_len = signature_der(signature, der);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = der_len && ctx && EVP_DigestVerifyInit(ctx, NULL, EVP_sha384(), NULL, key) == 1 &&
		  EVP_DigestVerify(ctx, der, der_len, data, len) == 1;

	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}

static enum ctpm_error check_signature(const X509 *leaf, const uint8_t *report,
				       struct ctpm_why *why)
{
	EVP_PKEY *key = X509_get0_pubkey(leaf);

	if (!key || !is_p384(key))
		return because(why, CTPM_ERR_CERT_FORM,
			       "the certificate's key is not one on curve P-384");
	if (!p384_verify(key, report, CTPM_REPORT_SIGNED_SIZE, report + CTPM_REPORT_SIGNED_SIZE))
		return because(why, CTPM_ERR_REPORT_SIGNATURE,
			       "the report's signature is not by the key that is certified: it was "
			       "changed, or is another chip's");
	return CTPM_OK;
}

enum ctpm_error report_verify_by(const uint8_t *data, const struct ctpm_report *report,
				 const struct fact *fact, struct ctpm_why *why)
{
	enum ctpm_error error = amd_compare(fact->leaf, fact->role, fact->product, report, why);

	return error ? error : check_signature(fact->leaf, data, why);
}

/* With several certificates of the kind one of them must do. */
enum ctpm_error report_verify(const uint8_t *data, const struct ctpm_report *report,
			      const struct ctpm_certs *certs, const struct ctpm_roots *roots,
			      int64_t time, struct fact *fact, struct ctpm_why *why)
{
	enum role role = report->signing_key == CTPM_KEY_VLEK ? ROLE_VLEK : ROLE_VCEK;
	enum ctpm_error error = CTPM_OK;
	bool other = false, tried = false;

	memset(fact, 0, sizeof(*fact));
	if (report->signing_key == CTPM_KEY_NONE)
		return because(why, CTPM_ERR_REPORT_UNSIGNED,
			       "the report is not signed: the platform masks its chip key");
	for (size_t i = 0; i < certs->count; i++) {
		if (certs->role[i] != role) {
			other |= certs->role[i] == ROLE_VCEK || certs->role[i] == ROLE_VLEK;
			continue;
		}
		tried = true;
		*fact = (struct fact){ .leaf = certs->cert[i], .role = role };
		error = chain_verify(certs, roots, time, fact, why);
		if (!error)
			error = report_verify_by(data, report, fact, why);
		if (!error)
			return X509_up_ref(fact->leaf) ? CTPM_OK : CTPM_ERR_MEMORY;
		memset(fact, 0, sizeof(*fact));
	}
	if (tried)
		return error;
	return because(why, other ? CTPM_ERR_KEY_TYPE : CTPM_ERR_CERT_MISSING,
		       "the report is signed by a %s, and no certificate of one is there",
		       role == ROLE_VLEK ? "VLEK" : "VCEK");
}

enum ctpm_error ctpm_report_verify(const void *data, size_t len, const struct ctpm_certs *certs,
				   const struct ctpm_roots *roots, int64_t time,
				   struct ctpm_report *report, struct ctpm_why *why)
{
	enum ctpm_error error = ctpm_report_parse(data, len, report, why);
	struct fact fact = { 0 };

	if (!error)
		error = report_verify(data, report, certs, roots, time, &fact, why);
	fact_clear(&fact);
	if (error)
		memset(report, 0, sizeof(*report));
	return error;
}
