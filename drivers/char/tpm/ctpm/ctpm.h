/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ctpm - the confidential TPM of an SEV-SNP guest
 *
 * The map of the driver:
 *
 *   core.c        detection, the order of the probe, module parameters, sysfs
 *   svsm.c        the one file that knows how an SVSM call is made
 *   vtpm.c        the SVSM's vTPM and attestation protocols
 *   chip.c        the tpm_chip on top of the vTPM protocol
 *   bind.c        nonce, report, PCR extension: the binding
 *   log.c         the crypto-agile event log
 *   securityfs.c  what is published for verifiers
 *   compat.h      differences between kernel versions
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
#define CTPM_BANKS_MAX		8

/* AMD 56860, table ATTESTATION_REPORT */
#define SNP_REPORT_SIZE		1184
#define SNP_REPORT_VERSION_MIN	2
#define SNP_REPORT_VERSION_MAX	5
#define SNP_REPORT_POLICY	0x008
#define SNP_REPORT_VMPL		0x030
#define SNP_REPORT_DATA		0x050
#define SNP_REPORT_MEASUREMENT	0x090
#define SNP_REPORT_HOST_DATA	0x0c0
#define SNP_REPORT_ID_KEY	0x0e0
#define SNP_REPORT_AUTHOR_KEY	0x110

/**
 * struct ctpm_regs - registers after an SVSM call
 * @rax: result code
 * @rcx: first result, and so on
 * @rdx: second
 * @r8: third
 * @r9: fourth
 */
struct ctpm_regs {
	u64 rax, rcx, rdx, r8, r9;
};

int ctpm_svsm_init(void);
void ctpm_svsm_exit(void);
int ctpm_svsm_call(u64 call, u64 arg, struct ctpm_regs *result, unsigned int timeout_ms);
#if IS_ENABLED(CONFIG_KUNIT)
int ctpm_svsm_once(u64 call, u64 arg, struct ctpm_regs *result);
#endif

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

/* vtpm.c */
int ctpm_vtpm_query(u64 *commands);
int ctpm_vtpm_transmit(u8 *page, const u8 *cmd, size_t len, u8 *rsp, size_t size,
		       unsigned int timeout_ms);
int ctpm_attest(const u8 nonce[CTPM_NONCE_SIZE], struct ctpm_evidence *ev,
		unsigned int timeout_ms);
void ctpm_evidence_free(struct ctpm_evidence *ev);

/* chip.c */
struct tpm_chip *ctpm_chip_alloc(struct device *dev, unsigned int timeout_ms);

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
 * @timeout_ms: longest wait for a busy SVSM
 */
struct ctpm_params {
	int report_pcr;
	int identity_pcr;
	bool require_binding;
	unsigned int timeout_ms;
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

/* securityfs.c */
int ctpm_securityfs_publish(struct ctpm_state *st);
void ctpm_securityfs_remove(void);

#endif
