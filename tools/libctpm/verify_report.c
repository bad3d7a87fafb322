// SPDX-License-Identifier: GPL-2.0-or-later
/* A report's signature, and all that makes a report AMD's, in order. */
#include <openssl/evp.h>
#include <string.h>

#include "cache.h"
#include "p384.h"
#include "why.h"

/* R and S, little-endian, 72 bytes each (56860, "ECDSA P-384 with SHA-384 Signature") */
#define COMPONENT_SIZE 72

/* A component as a big-endian number; the form of the report has its other bytes zero */
static void reversed(const uint8_t *component, uint8_t out[P384_SIZE])
{
	for (size_t i = 0; i < P384_SIZE; i++)
		out[i] = component[P384_SIZE - 1 - i];
}

enum ctpm_error report_signature(const X509 *leaf, const uint8_t *report, struct ctpm_why *why)
{
	const uint8_t *signature = report + CTPM_REPORT_SIGNED_SIZE;
	uint8_t point[P384_POINT_SIZE], digest[P384_SIZE], r[P384_SIZE], s[P384_SIZE];
	const EVP_PKEY *key = X509_get0_pubkey(leaf);

	if (!key || !p384_point(key, point))
		return because(why, CTPM_ERR_CERT_FORM,
			       "the certificate's key is not one on curve P-384");
	if (EVP_Digest(report, CTPM_REPORT_SIGNED_SIZE, digest, NULL, EVP_sha384(), NULL) != 1)
		return because(why, CTPM_ERR_CRYPTO, "libcrypto computes no SHA-384");
	reversed(signature, r);
	reversed(signature + COMPONENT_SIZE, s);
	if (!p384_verify(point, digest, r, s))
		return because(why, CTPM_ERR_REPORT_SIGNATURE,
			       "the report's signature is not by the key that is certified: it was "
			       "changed, or is another chip's");
	return CTPM_OK;
}

static enum ctpm_error unsigned_report(struct ctpm_why *why)
{
	return because(why, CTPM_ERR_REPORT_UNSIGNED,
		       "the report is not signed: the platform masks its chip key");
}

enum ctpm_error report_verify_by(const uint8_t *data, const struct ctpm_report *report,
				 const struct fact *fact, struct ctpm_why *why)
{
	enum ctpm_error error;

	if (report->signing_key == CTPM_KEY_NONE)
		return unsigned_report(why);
	error = amd_compare(fact->leaf, fact->role, fact->product, report, why);
	return error ? error : report_signature(fact->leaf, data, why);
}

/*
 * With several certificates of the kind one of them must do. If none does, what is told is why the
 * first one doesn't, or the one that fits the report: of that one alone it is the signature.
 */
enum ctpm_error report_verify(const uint8_t *data, const struct ctpm_report *report,
			      const struct ctpm_certs *certs, const struct ctpm_roots *roots,
			      int64_t time, struct fact *fact, struct ctpm_why *why)
{
	enum role role = report->signing_key == CTPM_KEY_VLEK ? ROLE_VLEK : ROLE_VCEK;
	enum ctpm_error error, told = CTPM_OK;
	struct ctpm_why reason;
	bool other = false;

	memset(fact, 0, sizeof(*fact));
	if (report->signing_key == CTPM_KEY_NONE)
		return unsigned_report(why);
	for (size_t i = 0; i < certs->count; i++) {
		if (certs->role[i] != role) {
			other |= certs->role[i] == ROLE_VCEK || certs->role[i] == ROLE_VLEK;
			continue;
		}
		*fact = (struct fact){ .leaf = certs->cert[i], .role = role };
		reason = (struct ctpm_why){ CTPM_OK, "" };
		error = chain_verify(certs, roots, time, fact, &reason);
		if (!error)
			error = report_verify_by(data, report, fact, &reason);
		if (!error)
			return X509_up_ref(fact->leaf) ? CTPM_OK : CTPM_ERR_MEMORY;
		memset(fact, 0, sizeof(*fact));
		if (told && error != CTPM_ERR_REPORT_SIGNATURE)
			continue;
		told = error;
		if (why)
			*why = reason;
	}
	if (told)
		return told;
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

enum ctpm_error ctpm_report_chain(const void *data, size_t len, const struct ctpm_certs *certs,
				  const struct ctpm_roots *roots, int64_t time,
				  struct ctpm_certs **chain, struct ctpm_why *why)
{
	struct ctpm_report report;
	enum ctpm_error error = ctpm_report_parse(data, len, &report, why);
	struct fact fact = { 0 };

	*chain = NULL;
	if (!error)
		error = report_verify(data, &report, certs, roots, time, &fact, why);
	if (!error) {
		*chain = ctpm_certs_new();
		error = *chain ? chain_share(certs, &fact, *chain, why) : CTPM_ERR_MEMORY;
	}
	fact_clear(&fact);
	if (error) {
		ctpm_certs_free(*chain);
		*chain = NULL;
	}
	return error;
}
