/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ctpm - the confidential TPM of an SEV-SNP guest
 *
 * The binding of the vTPM, for whichever driver has that:
 *
 *   core.c        what the TPM's driver calls; module parameters, sysfs
 *   attest.c      the SVSM's attestation protocol
 *   bind.c        nonce, report, PCR extension: the binding
 *   log.c         the crypto-agile event log
 *   securityfs.c  what is published for verifiers
 *
 * Specifications: AMD 58019 "Secure VM Service Module for SEV-SNP Guests"
 * (the SVSM's calls), AMD 56860 "SEV-SNP Firmware ABI" (the report), TCG "TPM
 * 2.0 Library" and TCG "PC Client Platform Firmware Profile" (the log).
 *
 * Nothing that the SVSM returns is believed before it has been checked: the
 * sizes against the buffers, the report against the nonce and the manifest.
 */
#ifndef CTPM_H
#define CTPM_H

#include <linux/tpm.h>
#include <linux/types.h>
#include <uapi/linux/ctpm.h>

#define CTPM_PCR_DEFAULT	13

/* AMD 56860, table ATTESTATION_REPORT; versions 2 to 5 are of this size */
#define SNP_REPORT_SIZE		1184
#define SNP_REPORT_VERSION_MIN	2
#define SNP_REPORT_POLICY	0x008
#define SNP_REPORT_VMPL		0x030
#define SNP_REPORT_DATA		0x050
#define SNP_REPORT_MEASUREMENT	0x090
#define SNP_REPORT_HOST_DATA	0x0c0
#define SNP_REPORT_ID_KEY	0x0e0
#define SNP_REPORT_AUTHOR_KEY	0x110

/**
 * struct ctpm_blob - bytes that came from the SVSM, checked
 * @data: kvmalloc()ed, or NULL
 * @len: bytes
 */
struct ctpm_blob {
	u8 *data;
	u32 len;
};

void ctpm_blob_free(struct ctpm_blob *blob);

/**
 * struct ctpm_evidence - what the SVSM attested
 * @report: the SNP report
 * @manifest: the vTPM's manifest, version 0: the EK's TPMT_PUBLIC
 * @certificates: the certificate table of AMD 56421, possibly empty
 */
struct ctpm_evidence {
	struct ctpm_blob report;
	struct ctpm_blob manifest;
	struct ctpm_blob certificates;
};

/* attest.c */
int ctpm_svsm_errno(u64 code);
int ctpm_attest(const u8 nonce[CTPM_NONCE_SIZE], struct ctpm_evidence *ev);
void ctpm_evidence_free(struct ctpm_evidence *ev);
#if IS_ENABLED(CONFIG_KUNIT)
struct svsm_call;
struct svsm_attest_call;
int ctpm_attest_call(struct svsm_call *call, struct svsm_attest_call *op);
#endif

/**
 * struct ctpm_log - an event log that grows
 * @data: the bytes of the log
 * @len: bytes in use
 * @cap: bytes allocated
 */
struct ctpm_log {
	u8 *data;
	size_t len;
	size_t cap;
};

int ctpm_log_start(struct ctpm_log *log, const struct tpm_bank_info *banks, u32 nr_banks);
int ctpm_log_event(struct ctpm_log *log, u32 pcr, const struct tpm_digest *digests, u32 nr_banks,
		   const struct tpm_bank_info *banks, u32 tag, const void *event, u32 size);
void ctpm_log_free(struct ctpm_log *log);

/**
 * struct ctpm_params - what the administrator chose
 * @report_pcr: PCR for the report's digest
 * @identity_pcr: PCR for the launch identity, or -1
 * @require_binding: no chip without a binding
 */
struct ctpm_params {
	int report_pcr;
	int identity_pcr;
	bool require_binding;
};

/**
 * struct ctpm_state - the binding of one TPM
 * @ev: the evidence, for securityfs
 * @log: the event log
 * @bound: the report's digest is in the PCR
 * @late: the PCR was within user space's reach before
 * @step: what failed, if not bound
 * @error: how (-errno), if not bound
 */
struct ctpm_state {
	struct ctpm_evidence ev;
	struct ctpm_log log;
	bool bound;
	bool late;
	enum ctpm_bind_step step;
	int error;
};

/* bind.c */
int ctpm_hash(const struct tpm_bank_info *bank, const void *data, size_t len,
	      struct tpm_digest *digest);
int ctpm_sha512(u8 out[64], const void *a, size_t alen, const void *b, size_t blen);
int ctpm_check_report(const struct ctpm_evidence *ev, const u8 nonce[CTPM_NONCE_SIZE]);
int ctpm_bind(struct tpm_chip *chip, const struct ctpm_params *par, struct ctpm_state *st);
void ctpm_state_free(struct ctpm_state *st);
const char *ctpm_step_name(enum ctpm_bind_step step);
bool ctpm_pcr_allowed(int pcr);

/* core.c: what the TPM's driver calls */
extern const struct attribute_group *ctpm_groups[];
int ctpm_start(struct device *dev, struct tpm_chip *chip, bool late);
void ctpm_stop(void);

/* securityfs.c */
int ctpm_securityfs_publish(struct ctpm_state *st);
void ctpm_securityfs_remove(void);

#endif
