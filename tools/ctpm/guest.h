/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the verbs of a guest share. All functions say what failed. */
#ifndef GUEST_H
#define GUEST_H

#include "tpm.h"

#define DRIVER_DIR  "/sys/kernel/security/ctpm"
#define BIND_DIR    "/run/ctpm"
#define STATE_DIR   "/var/lib/ctpm"

#define EK_CERT_RSA 0x01c00002 /* EK Credential Profile, 2.2.1.4: low range */
#define EK_CERT_ECC 0x01c0000a

/* The binding of this boot, as ctpm.ko or "ctpm bind" has published it */
struct binding {
	enum ctpm_mode mode;
	struct buffer report, manifest, certs, log;
};

bool binding_load(struct binding *binding);
void binding_free(struct binding *binding);

/* The EK's TPMT_PUBLIC in the manifest */
bool binding_ek(const struct binding *binding, struct ctpm_bytes *ek);

/* EK certificates from the TPM's NV */
struct ek_certs {
	struct buffer cert[CTPM_EK_CERTS_MAX];
	size_t count;
};

bool ek_certs_load(struct tpm *tpm, struct ek_certs *certs);
void ek_certs_free(struct ek_certs *certs);

/*
 * The Owner CA's certificate for the AK, from @dir; empty if there is none. One that is for another AK, or
 * that is none, is left out: who verifies it is the verifier.
 */
bool ak_cert_load(const char *dir, const struct tpm_key *ak, struct buffer *cert);

/* The claims of binding, AK and EK certificates; they stay somebody else's */
void claims_fill(struct ctpm_claims *claims, const struct binding *binding,
		 const struct tpm_key *ak, const struct ek_certs *certs);

/*
 * A report by configfs-tsm. @nonce is REPORT_DATA's preimage with @svsm: over the vTPM's manifest, VMPL0;
 * REPORT_DATA itself without, at the guest's own VMPL.
 */
bool tsm_report(bool svsm, const uint8_t nonce[64], struct buffer *report, struct buffer *manifest,
		struct buffer *certs);

/*
 * Has this machine the SVSM's TPM, whatever others the host has added? Not by securityfs: in an
 * initramfs nobody has mounted it.
 */
bool svsm_tpm(void);
/* Its name for tpm2-tss, to be given to free(); NULL if there is no device of it */
char *svsm_tpm_tcti(void);

/* What ctpm.ko says in sysfs: false if it isn't there; without a newline */
bool driver_says(const char *attribute, char *text, size_t size);

#endif
