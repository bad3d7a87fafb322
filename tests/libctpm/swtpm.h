/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TPM that is not of the tests' own making: swtpm, a child of this process with its state in
 * a temporary directory, talked to by tpm2-tss. The machine's own TPM is never touched.
 */
#ifndef SWTPM_H
#define SWTPM_H

#include <sys/types.h>
#include <tss2/tss2_esys.h>

#include "guest.h"

struct swtpm {
	TSS2_TCTI_CONTEXT_COMMON_V1 tcti; /* the first: it is the context */
	int fd;
	uint8_t header[10]; /* of a response that is not fetched yet */
	size_t response_len;
	pid_t pid;
	char dir[64];
	ESYS_CONTEXT *esys;
	ESYS_TR ek, ak;
	TPM2B_PUBLIC *ek_public, *ak_public;
};

/* Started, with an EK by the TCG's templates for RSA-2048 or P-256, and an AK on P-256 */
void swtpm_start(struct swtpm *t, TPMI_ALG_PUBLIC ek);
void swtpm_stop(struct swtpm *t);

/* What TPM2_ActivateCredential gives; false if it refuses */
bool swtpm_activate(struct swtpm *t, struct ctpm_bytes credential, struct ctpm_bytes secret,
		    uint8_t key[CTPM_CREDENTIAL_SIZE]);

/* This TPM as the guest's: keys, manifest, counts, PCRs */
void swtpm_give(struct swtpm *t, struct guest *g);
/* TPM2_PCR_Extend, SHA-256 */
void swtpm_extend(struct swtpm *t, uint32_t pcr, const void *data, size_t len);
/* TPM2_Quote of the guest's claims: the evidence */
void swtpm_attest(struct swtpm *t, struct guest *g, const struct verifier *v);

#endif
