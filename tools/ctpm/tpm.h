/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TPM of the machine that the command runs on, by tpm2-tss. All functions say what failed. */
#ifndef CTPM_TPM_H
#define CTPM_TPM_H

#include <openssl/types.h>
#include <tss2/tss2_esys.h>

#include "ctpm.h"

#define TPM_OPTION "tcti"
#define TPM_HELP                                                                                        \
	"  --tcti NAME           the TPM, as tpm2-tss names it; default: the SVSM's, or, where there\n" \
	"                        is none, device:/dev/tpmrm0\n"

/* Where "ctpm ak create" keeps the AK: endorsement keys' range (TCG, Registry of Reserved Handles) */
#define AK_HANDLE 0x81010ca0

struct tpm {
	ESYS_CONTEXT *esys;
	TSS2_TCTI_CONTEXT *tcti;
};

/* @tcti: NULL for the SVSM's TPM; on a machine without, the first one */
bool tpm_open(struct tpm *tpm, const char *tcti);
void tpm_close(struct tpm *tpm);

/* "TPM2_Quote: tpm:parameter(1):..." */
bool tpm_failed(const char *command, TSS2_RC rc);

/* A key that is loaded: flushed by tpm_key_close() if it isn't a persistent one */
struct tpm_key {
	ESYS_TR handle;
	bool persistent;
	struct buffer public; /* TPMT_PUBLIC */
	struct buffer name;
};

/* Has a certificate this key? */
bool tpm_key_is(const struct tpm_key *key, const X509 *cert);

/* The AK at AK_HANDLE; or else made anew, ECC, for as long as it is open */
bool tpm_ak_open(struct tpm *tpm, struct tpm_key *ak);
/* Made anew: @alg "ecc" or "rsa" */
bool tpm_ak_make(struct tpm *tpm, const char *alg, struct tpm_key *ak);
/* Kept at AK_HANDLE, in place of what is there */
bool tpm_ak_keep(struct tpm *tpm, const struct tpm_key *ak);
/* The EK with this public area, which its template gives again; refused if it is another TPM's */
bool tpm_ek_open(struct tpm *tpm, struct ctpm_bytes public, struct tpm_key *ek);
/* The EK of the TCG's default template for RSA-2048 */
bool tpm_ek_default(struct tpm *tpm, struct tpm_key *ek);
void tpm_key_close(struct tpm *tpm, struct tpm_key *key);

bool tpm_pcrs(struct tpm *tpm, uint16_t bank, uint32_t mask, struct ctpm_pcrs *pcrs);

/* TPM2B_ATTEST || TPMT_SIGNATURE; only if PCRs were still @pcrs: else @changed */
bool tpm_quote_pcrs(struct tpm *tpm, const struct tpm_key *ak, const struct ctpm_pcrs *pcrs,
		    const uint8_t qualifying[CTPM_QUALIFYING_DATA_SIZE], struct buffer *quote,
		    bool *changed);

/* TPM2_ActivateCredential; @refused: the TPM does not take these, and nothing else went wrong */
bool tpm_activate(struct tpm *tpm, const struct tpm_key *ak, const struct tpm_key *ek,
		  struct ctpm_bytes id_object, struct ctpm_bytes secret, uint8_t out[64],
		  size_t *len, bool *refused);

/* An NV index, whole; empty if it is not there, not written, or not for everybody to read */
bool tpm_nv_read(struct tpm *tpm, uint32_t index, struct buffer *out);
bool tpm_nv_write(struct tpm *tpm, uint32_t index, struct ctpm_bytes data);

bool tpm_random(struct tpm *tpm, uint8_t *out, size_t len);
bool tpm_counts(struct tpm *tpm, uint32_t *reset, uint32_t *restart);
/* PCR banks that are allocated; those that it knows of even if it fails */
bool tpm_banks(struct tpm *tpm, uint16_t *banks, size_t max, size_t *count);
bool tpm_extend(struct tpm *tpm, uint32_t pcr, const TPML_DIGEST_VALUES *digests);
/* In each bank, by that bank's hash, whichever there are */
bool tpm_event(struct tpm *tpm, uint32_t pcr, struct ctpm_bytes event);

/* Sealed under the storage hierarchy and these values of PCRs */
bool tpm_seal(struct tpm *tpm, const struct ctpm_pcrs *pcrs, struct ctpm_bytes secret,
	      struct buffer *object);
/* @refused: it is another TPM's, or damaged, or the PCRs are others, and nothing else went wrong */
bool tpm_unseal(struct tpm *tpm, uint16_t bank, uint32_t pcrs, struct ctpm_bytes object,
		struct buffer *secret, bool *refused);

#endif
