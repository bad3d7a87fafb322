/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The events that the ctpm driver puts into its log, for verifiers.
 *
 * The log (/sys/kernel/security/ctpm/log) is a TCG crypto-agile log: one
 * TCG_PCClientPCREvent with a TCG_EfiSpecIDEvent, then TCG_PCR_EVENT2 records.
 * The records of this driver have event type EV_EVENT_TAG; their event data is
 * a TCG_PCClientTaggedEvent (tag and size, both little-endian u32, as
 * &struct ctpm_tagged_event) followed by one of the structures below. All
 * integers are little-endian, all structures are packed.
 */
#ifndef _UAPI_LINUX_CTPM_H
#define _UAPI_LINUX_CTPM_H

#include <linux/types.h>

/* Tags: "CTP" and a number */
#define CTPM_TAG_REPORT		0x43545001
#define CTPM_TAG_IDENTITY	0x43545002
#define CTPM_TAG_ERROR		0x43545003
#define CTPM_TAG_BIND		0x43545004 /* not the driver's: a TPM outside the SVSM */

#define CTPM_EVENT_VERSION	1

/*
 * Domain label of the boot report's nonce, without a terminating zero:
 *
 *   nonce = SHA-512(label || random || le32(reset_count) || le32(restart_count))
 *
 * and, by the SVSM's attestation protocol (AMD 58019, chapter 7),
 * REPORT_DATA = SHA-512(nonce || manifest).
 */
#define CTPM_NONCE_LABEL	"ctpm boot report nonce v1"
#define CTPM_BIND_NONCE_LABEL	"ctpm bind report nonce v1" /* of CTPM_TAG_BIND */
#define CTPM_NONCE_SIZE		64
#define CTPM_RANDOM_SIZE	32

/**
 * struct ctpm_tagged_event - TCG_PCClientTaggedEvent
 * @id: CTPM_TAG_*
 * @size: bytes that follow
 */
struct ctpm_tagged_event {
	__le32 id;
	__le32 size;
} __attribute__((packed));

/**
 * struct ctpm_report_event - the SNP report that the vTPM is bound to
 * @version: CTPM_EVENT_VERSION
 * @flags: CTPM_REPORT_*
 * @reset_count: TPM2_ReadClock's resetCount when the nonce was made
 * @restart_count: TPM2_ReadClock's restartCount
 * @random: from TPM2_GetRandom
 * @report_size: bytes of the report
 * @manifest_size: bytes of the vTPM's services manifest
 *
 * The event's digest in each bank is that bank's hash of the whole report, as
 * published in /sys/kernel/security/ctpm/report.
 */
struct ctpm_report_event {
	__le32 version;
	__le32 flags;
	__le32 reset_count;
	__le32 restart_count;
	__u8 random[CTPM_RANDOM_SIZE];
	__le32 report_size;
	__le32 manifest_size;
} __attribute__((packed));

/*
 * User space could have extended the PCR first: it was not zero in some bank, or
 * another driver had registered the TPM before this one bound it.
 */
#define CTPM_REPORT_LATE	(1U << 0)

/**
 * struct ctpm_identity_event - what of a launch does not change between boots
 * @version: CTPM_EVENT_VERSION
 * @vmpl: of the report
 * @policy: the guest policy (AMD 56860, ATTESTATION_REPORT)
 * @measurement: launch digest
 * @host_data: given by the host at launch
 * @id_key_digest: SHA-384 of the ID key
 * @author_key_digest: SHA-384 of the author key
 *
 * The event's digest in each bank is that bank's hash of this structure.
 */
struct ctpm_identity_event {
	__le32 version;
	__le32 vmpl;
	__le64 policy;
	__u8 measurement[48];
	__u8 host_data[32];
	__u8 id_key_digest[48];
	__u8 author_key_digest[48];
} __attribute__((packed));

/**
 * struct ctpm_error_event - the binding failed and cannot be claimed later
 * @version: CTPM_EVENT_VERSION
 * @step: enum ctpm_bind_step, what failed
 * @error: positive errno
 *
 * The event's digest in each bank is that bank's hash of this structure.
 */
struct ctpm_error_event {
	__le32 version;
	__le32 step;
	__le32 error;
} __attribute__((packed));

enum ctpm_bind_step {
	CTPM_STEP_NONCE = 1,	/* TPM2_ReadClock or TPM2_GetRandom */
	CTPM_STEP_ATTEST = 2,	/* the SVSM gave no report */
	CTPM_STEP_REPORT = 3,	/* the report is not what was asked for */
	CTPM_STEP_EXTEND = 4,	/* the PCR could not be read or extended */
};

#endif
