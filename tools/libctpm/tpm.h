/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TPM structures (TPM 2.0 Library, part 2) as they come from outside, by tpm2-tss. */
#ifndef TPM_H
#define TPM_H

#include <ctpm/evidence.h>
#include <openssl/evp.h>
#include <tss2/tss2_tpm2_types.h>

#include "why.h"

#define TPM_NAME_MAX 66 /* nameAlg and SHA-512 */

/* The Name of an object, or its Qualified Name */
struct tpm_name {
	uint8_t data[TPM_NAME_MAX];
	size_t len;
};

/* All of @bytes has to be the structure. */
enum ctpm_error tpm_public(struct ctpm_bytes bytes, TPMT_PUBLIC *public, const char *what,
			   struct ctpm_why *why);

/* TPM2B_PUBLIC || TPM2B_PUBLIC, the manifest of mode bind: EK, then AK, as TPMT_PUBLIC */
enum ctpm_error tpm_bind_manifest(struct ctpm_bytes manifest, struct ctpm_bytes *ek,
				  struct ctpm_bytes *ak, struct ctpm_why *why);

/* TPM2B_ATTEST || TPMT_SIGNATURE; @attest are the bytes that are signed */
enum ctpm_error tpm_quote(struct ctpm_bytes bytes, struct ctpm_bytes *attest, TPMS_ATTEST *parsed,
			  TPMT_SIGNATURE *signature, struct ctpm_why *why);

/* name(public), nameAlg || H(public); false for a nameAlg that we lack */
bool tpm_name(struct ctpm_bytes public, TPMI_ALG_HASH name_alg, struct tpm_name *name);

/* Qualified Name of a primary key of the endorsement hierarchy */
bool tpm_endorsement_name(const struct tpm_name *name, struct tpm_name *qualified);

bool tpm_name_is(const struct tpm_name *name, const uint8_t *data, size_t len);

const EVP_MD *tpm_md(TPMI_ALG_HASH alg);

/* The key for libcrypto, RSA or ECC; NULL if it is neither or not on its curve */
EVP_PKEY *tpm_key(const TPMT_PUBLIC *public);

/* A restricted signing key that never leaves its TPM, of an algorithm that the protocol has */
enum ctpm_error tpm_check_ak(const TPMT_PUBLIC *ak, struct ctpm_why *why);

/* A restricted decryption key: what TPM2_MakeCredential needs */
enum ctpm_error tpm_check_ek(const TPMT_PUBLIC *ek, struct ctpm_why *why);

bool tpm_verify(EVP_PKEY *key, const TPMT_PUBLIC *ak, struct ctpm_bytes data,
		const TPMT_SIGNATURE *signature);

#endif
