/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What came of an appraisal, for those who rely on it: EAT Attestation Results
 * (draft-ietf-rats-ear-04), with trust vectors of AR4SI (draft-ietf-rats-ar4si), as JWT
 * (RFC 7519).
 */
#ifndef CTPM_EAR_H
#define CTPM_EAR_H

#include <ctpm/verify.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CTPM_EAR_PROFILE "tag:ietf.org,2026:rats/ear#04"
#define CTPM_EAR_SUBMOD	 "ctpm" /* the name of the only submodule */
#define CTPM_EAR_MAX	 131072 /* bytes of claims that are signed */

/**
 * struct ctpm_ear - what a result does not say itself
 * @time: when it was made, seconds since 1970
 * @nonce: the challenge's
 * @policy: the policy's text, of which the digest goes into the result; empty: none
 * @developer: who has written the verifier
 * @build: which one it is, and its version
 */
struct ctpm_ear {
	int64_t time;
	struct ctpm_bytes nonce;
	struct ctpm_bytes policy;
	const char *developer;
	const char *build;
};

/**
 * ctpm_ear_make() - the claims of an attestation result
 * @result: of ctpm_verify(), best with CTPM_VERIFY_EXPLAIN; not of a request, which no TPM signs
 * @about: what else there is to say
 * @json: the claims, JSON in UTF-8, to be given to free(); NULL on failure
 * @why: may be NULL
 *
 * ear_status is "affirming" for accepted evidence ("warning" if the guest may be debugged),
 * "contraindicated" for refused, "none" if it could not be decided. A trust claim is left out of the
 * vector where nothing is asserted. What the evidence says is in ear_attester_claims,
 * each check with its status in ear_verifier_claims.
 *
 * Return: CTPM_OK, CTPM_ERR_CRYPTO or CTPM_ERR_MEMORY.
 */
CTPM_API enum ctpm_error ctpm_ear_make(const struct ctpm_result *result,
				       const struct ctpm_ear *about, char **json,
				       struct ctpm_why *why);

/**
 * ctpm_ear_sign() - sign claims: a JWT, as compact JWS (RFC 7515)
 * @claims: JSON, at most CTPM_EAR_MAX bytes
 * @key: PEM, not encrypted: ECDSA on P-256 (ES256) or P-384 (ES384), nothing else
 * @token: to be given to free(); NULL on failure
 * @why: may be NULL
 *
 * Return: CTPM_OK, CTPM_ERR_ARGUMENT, CTPM_ERR_CRYPTO or CTPM_ERR_MEMORY.
 */
CTPM_API enum ctpm_error ctpm_ear_sign(const char *claims, const char *key, char **token,
				       struct ctpm_why *why);

#ifdef __cplusplus
}
#endif

#endif
