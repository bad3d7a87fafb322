/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CREDENTIAL_H
#define CREDENTIAL_H

#include "tpm.h"

/* TPM2B_ID_OBJECT and TPM2B_ENCRYPTED_SECRET */
#define ID_OBJECT_MAX	     256
#define ENCRYPTED_SECRET_MAX (2 + 512)

/*
 * TPM2_MakeCredential in software (TPM 2.0 Library, part 1, "Credential Protection"): @secret,
 * readable only by a TPM that has both @ek and an object with @name.
 */
enum ctpm_error make_credential(const TPMT_PUBLIC *ek, const struct tpm_name *name,
				struct ctpm_bytes secret, uint8_t id_object[ID_OBJECT_MAX],
				size_t *id_object_len, uint8_t encrypted[ENCRYPTED_SECRET_MAX],
				size_t *encrypted_len);

#endif
