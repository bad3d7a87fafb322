/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SNP attestation reports: ATTESTATION_REPORT of AMD's "SEV Secure Nested
 * Paging Firmware ABI Specification", publication 56860.
 */
#ifndef CTPM_REPORT_H
#define CTPM_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ctpm/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CTPM_REPORT_SIZE	1184
#define CTPM_REPORT_SIGNED_SIZE 0x2a0 /* what the signature covers: all before it */

/* Guest policy */
#define CTPM_POLICY_SMT		  (1ULL << 16)
#define CTPM_POLICY_MIGRATE_MA	  (1ULL << 18)
#define CTPM_POLICY_DEBUG	  (1ULL << 19)
#define CTPM_POLICY_SINGLE_SOCKET (1ULL << 20)

/* Which product decides the layout of a TCB_VERSION and the length of a chip id. */
enum ctpm_product {
	CTPM_MILAN,
	CTPM_GENOA, /* with Bergamo and Siena */
	CTPM_TURIN,
	CTPM_PRODUCTS
};

enum ctpm_signing_key {
	CTPM_KEY_VCEK = 0,
	CTPM_KEY_VLEK = 1,
	CTPM_KEY_NONE = 7,
};

/**
 * struct ctpm_tcb - TCB_VERSION by component
 * @fmc: Turin alone, 0 elsewhere
 * @bootloader: security version of the AMD-SP's boot loader, and so on
 * @tee: the AMD-SP's operating system
 * @snp: the SNP firmware
 * @microcode: lowest patch level of all cores
 */
struct ctpm_tcb {
	uint8_t fmc, bootloader, tee, snp, microcode;
};

/**
 * struct ctpm_version - version of the SNP firmware
 * @major: and so on
 * @minor: and so on
 * @build: and so on
 */
struct ctpm_version {
	uint8_t major, minor, build;
};

/**
 * struct ctpm_report - a report, taken apart; nothing of it is verified yet
 * @version: 2 to 5
 * @guest_svn: from the ID block
 * @policy: CTPM_POLICY_* and more
 * @family_id: from the ID block
 * @image_id: likewise
 * @vmpl: of who asked for the report, 0 to 3
 * @platform_info: what the platform has enabled
 * @author_key_en: @author_key_digest is there
 * @mask_chip_key: the platform does not sign with its VCEK
 * @signing_key: enum ctpm_signing_key
 * @report_data: chosen by who asked for the report
 * @measurement: launch digest
 * @host_data: chosen by the host at launch
 * @id_key_digest: SHA-384 of the ID key, or zeros
 * @author_key_digest: SHA-384 of the author key, or zeros
 * @report_id: of this guest, as long as it runs
 * @report_id_ma: of its migration agent; all ones without
 * @current_tcb: TCB_VERSION as it is in the report, see ctpm_tcb_decode();
 *	current, reported (what the signing key is for), committed (cannot be
 *	gone below), and at launch
 * @reported_tcb: see @current_tcb
 * @committed_tcb: see @current_tcb
 * @launch_tcb: see @current_tcb
 * @has_cpuid: the next three are there, version 3 and above
 * @cpuid_family: combined family
 * @cpuid_model: combined model
 * @cpuid_stepping: stepping
 * @chip_id: 64 bytes, on Turin 8 and zeros, or all zeros if it is masked
 * @current: firmware that runs
 * @committed: firmware that cannot be gone below
 * @has_mitigations: the next two are there, version 5
 * @launch_mit_vector: mitigations that were there at launch
 * @current_mit_vector: and now
 */
struct ctpm_report {
	uint32_t version;
	uint32_t guest_svn;
	uint64_t policy;
	uint8_t family_id[16];
	uint8_t image_id[16];
	uint32_t vmpl;
	uint64_t platform_info;
	bool author_key_en;
	bool mask_chip_key;
	enum ctpm_signing_key signing_key;
	uint8_t report_data[64];
	uint8_t measurement[48];
	uint8_t host_data[32];
	uint8_t id_key_digest[48];
	uint8_t author_key_digest[48];
	uint8_t report_id[32];
	uint8_t report_id_ma[32];
	uint64_t current_tcb, reported_tcb, committed_tcb, launch_tcb;
	bool has_cpuid;
	uint8_t cpuid_family, cpuid_model, cpuid_stepping;
	uint8_t chip_id[64];
	struct ctpm_version current, committed;
	bool has_mitigations;
	uint64_t launch_mit_vector, current_mit_vector;
};

/**
 * ctpm_report_parse() - take a report apart
 * @data: the report
 * @len: bytes, exactly CTPM_REPORT_SIZE
 * @report: filled in; on failure, zeros
 * @why: may be NULL
 *
 * Checks the form: size, version, signature algorithm, and that all that the
 * ABI reserves as zero is zero.
 *
 * Return: CTPM_OK, CTPM_ERR_REPORT_SIZE, _VERSION, _ALGORITHM or _RESERVED.
 */
CTPM_API enum ctpm_error ctpm_report_parse(const void *data, size_t len, struct ctpm_report *report,
					   struct ctpm_why *why);

/**
 * ctpm_report_product() - of which product a report is
 * @report: a report that was parsed
 * @product: filled in
 *
 * Return: false for version 2, which does not tell, and for unknown processors.
 */
CTPM_API bool ctpm_report_product(const struct ctpm_report *report, enum ctpm_product *product);

/**
 * ctpm_tcb_decode() - a TCB_VERSION's components
 * @product: whose
 * @raw: as in the report
 *
 * Return: the components.
 */
CTPM_API struct ctpm_tcb ctpm_tcb_decode(enum ctpm_product product, uint64_t raw);

/**
 * ctpm_product_name() - a product's name in AMD's certificates
 * @product: a product
 *
 * Return: "Milan", "Genoa" or "Turin".
 */
CTPM_API const char *ctpm_product_name(enum ctpm_product product);

#ifdef __cplusplus
}
#endif

#endif
