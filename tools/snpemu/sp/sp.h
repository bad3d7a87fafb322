/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The emulated AMD Secure Processor (AMD-SP).
 *
 * One struct snp_sp is one platform with one guest in it: it measures the
 * launch, renders the secrets page, answers guest messages and signs
 * attestation reports under a root (ARK) that it made itself.
 *
 * References are to AMD's "SEV Secure Nested Paging Firmware ABI
 * Specification", publication 56860 (here: the ABI), and to "Versioned Chip
 * Endorsement Key (VCEK) Certificate and KDS Interface Specification",
 * publication 57230 (here: KDS).  All wire formats are little-endian.
 *
 * There is no global state.  Different handles may be used at the same time;
 * calls on one handle must be serialised by the caller.
 *
 * Two kinds of result:
 *
 * - what the host asks for itself (keys, files) returns 0 or a negative errno
 *   and says why in a struct snp_sp_error;
 * - what stands for a firmware command returns the ABI's status code, and
 *   snp_sp_reason() says why the last one was refused.
 */
#ifndef SNPEMU_SP_H
#define SNPEMU_SP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SNP_PAGE_SIZE	     4096
#define SNP_REPORT_SIZE	     1184 /* ATTESTATION_REPORT, with its signature */
#define SNP_REPORT_DATA_SIZE 64
#define SNP_DIGEST_SIZE	     48 /* SHA-384: launch digest, key digests */
#define SNP_CHIP_ID_SIZE     64
#define SNP_HOST_DATA_SIZE   32
#define SNP_ID_BLOCK_SIZE    96	  /* the ABI, "Structure of the ID Block" */
#define SNP_ID_AUTH_SIZE     4096 /* ... "ID Authentication Information" */
#define SNP_CSP_ID_MAX	     63	  /* characters */

/* KVM gives every VMSA page this address in PAGE_INFO. */
#define SNP_VMSA_GPA 0xfffffffff000ULL

/* Guest policy, the ABI, "Guest Policy Structure" */
#define SNP_POLICY_SMT		     (1ULL << 16)
#define SNP_POLICY_MUST_BE_ONE	     (1ULL << 17)
#define SNP_POLICY_MIGRATE_MA	     (1ULL << 18)
#define SNP_POLICY_DEBUG	     (1ULL << 19)
#define SNP_POLICY_SINGLE_SOCKET     (1ULL << 20)
#define SNP_POLICY_CXL_ALLOW	     (1ULL << 21)
#define SNP_POLICY_MEM_AES_256_XTS   (1ULL << 22)
#define SNP_POLICY_RAPL_DIS	     (1ULL << 23)
#define SNP_POLICY_CIPHERTEXT_HIDING (1ULL << 24)
#define SNP_POLICY_PAGE_SWAP_DISABLE (1ULL << 25)

/* PLATFORM_INFO of the report */
#define SNP_PLATFORM_SMT_EN		  (1ULL << 0)
#define SNP_PLATFORM_TSME_EN		  (1ULL << 1)
#define SNP_PLATFORM_ECC_EN		  (1ULL << 2)
#define SNP_PLATFORM_RAPL_DIS		  (1ULL << 3)
#define SNP_PLATFORM_CIPHERTEXT_HIDING_EN (1ULL << 4)
#define SNP_PLATFORM_ALIAS_CHECK_COMPLETE (1ULL << 5)
#define SNP_PLATFORM_TIO_EN		  (1ULL << 7)

enum snp_product {
	SNP_MILAN,
	SNP_GENOA,
	SNP_TURIN,
};

/* Status codes of the ABI, "Status Codes" (the ones that are used here) */
enum snp_fw_status {
	SNP_FW_SUCCESS = 0x00,
	SNP_FW_INVALID_GUEST_STATE = 0x02,
	SNP_FW_POLICY_FAILURE = 0x07,
	SNP_FW_BAD_SIGNATURE = 0x0a,
	SNP_FW_BAD_MEASUREMENT = 0x0b,
	SNP_FW_HWERROR_PLATFORM = 0x13, /* the emulator's own failure: libcrypto, memory */
	SNP_FW_INVALID_PARAM = 0x16,
	SNP_FW_AEAD_OFLOW = 0x1d, /* sequence number: exhausted or not the next */
	SNP_FW_INVALID_KEY = 0x27,
};

/* PAGE_TYPE of SNP_LAUNCH_UPDATE */
enum snp_page_type {
	SNP_PAGE_NORMAL = 1,
	SNP_PAGE_VMSA = 2,
	SNP_PAGE_ZERO = 3,
	SNP_PAGE_UNMEASURED = 4,
	SNP_PAGE_SECRETS = 5,
	SNP_PAGE_CPUID = 6,
};

enum snp_cert {
	SNP_CERT_ARK,
	SNP_CERT_ASK,
	SNP_CERT_ASVK, /* signs the VLEK as the ASK signs the VCEK */
	SNP_CERT_VCEK,
	SNP_CERT_VLEK,
	SNP_CERTS,
};

/**
 * struct snp_sp_error - why a host-side function failed
 * @text: one sentence for a person: what was expected, found, and to do
 */
struct snp_sp_error {
	char text[256];
};

/**
 * struct snp_tcb - TCB_VERSION by component
 * @fmc: Turin only, 0 elsewhere
 * @bootloader: 0 to 127, as are @fmc, @tee and @snp (KDS, "SPL" parameters)
 * @tee: see @bootloader
 * @snp: see @bootloader
 * @microcode: 0 to 255
 */
struct snp_tcb {
	uint8_t fmc;
	uint8_t bootloader;
	uint8_t tee;
	uint8_t snp;
	uint8_t microcode;
};

/**
 * struct snp_sp_config - the platform and the guest's launch parameters
 * @product: decides names, CPUID values, TCB layout and chip id length
 * @report_version: 2, 3 (adds CPUID values) or 5 (adds mitigation vectors)
 * @key_dir: directory of the keys (see snp_sp_new()); NULL: keys for this
 *	handle alone
 * @vlek: a VLEK is loaded (SNP_VLEK_LOAD); reports are then signed with it
 *	unless the request asks for the VCEK
 * @vcek_disabled: VCEK_DIS of SNP_LAUNCH_FINISH
 * @mask_chip_id: MASK_CHIP_ID of SNP_CONFIG: CHIP_ID in reports is zero
 * @mask_chip_key: MASK_CHIP_KEY of SNP_CONFIG: the VCEK neither signs nor
 *	derives; a report that would be signed with it carries no signature
 * @csp_id: cloud provider's name in the VLEK certificate, ASCII
 * @chip_id: CHIP_ID, Turin: first 8 bytes and zeros; all zero: one that
 *	belongs to the keys
 * @current_tcb: CURRENT_TCB
 * @reported_tcb: REPORTED_TCB, for which the VCEK or VLEK is
 * @committed_tcb: COMMITTED_TCB
 * @launch_tcb: LAUNCH_TCB
 * @fw_major: firmware version, CURRENT and COMMITTED; all three zero: one that
 *	goes with @report_version
 * @fw_minor: see @fw_major
 * @fw_build: see @fw_major
 * @platform_info: SNP_PLATFORM_*
 * @cpuid_family: CPUID_FAM_ID of reports from version 3, combined family
 * @cpuid_model: CPUID_MOD_ID, combined model
 * @cpuid_stepping: CPUID_STEP; also in the VCEK's product name
 * @launch_mit_vector: LAUNCH_MIT_VECTOR of reports from version 5
 * @current_mit_vector: CURRENT_MIT_VECTOR, likewise
 * @policy: guest policy of SNP_LAUNCH_START, SNP_POLICY_*
 * @host_data: HOST_DATA of SNP_LAUNCH_FINISH
 * @id_block: ID block, SNP_ID_BLOCK_SIZE bytes, or NULL.  FAMILY_ID, IMAGE_ID
 *	and GUEST_SVN of reports come from it and are zero without it.
 * @id_auth: ID authentication information, SNP_ID_AUTH_SIZE bytes; NULL if
 *	@id_block is
 * @author_key_en: AUTH_KEY_EN: @id_auth has an author key, to be checked
 *
 * Pointers need to stay valid only during snp_sp_new().
 */
struct snp_sp_config {
	enum snp_product product;
	uint32_t report_version;
	const char *key_dir;
	bool vlek;
	bool vcek_disabled;
	bool mask_chip_id;
	bool mask_chip_key;
	char csp_id[SNP_CSP_ID_MAX + 1];
	uint8_t chip_id[SNP_CHIP_ID_SIZE];
	struct snp_tcb current_tcb;
	struct snp_tcb reported_tcb;
	struct snp_tcb committed_tcb;
	struct snp_tcb launch_tcb;
	uint8_t fw_major;
	uint8_t fw_minor;
	uint8_t fw_build;
	uint64_t platform_info;
	uint8_t cpuid_family;
	uint8_t cpuid_model;
	uint8_t cpuid_stepping;
	uint64_t launch_mit_vector;
	uint64_t current_mit_vector;
	uint64_t policy;
	uint8_t host_data[SNP_HOST_DATA_SIZE];
	const uint8_t *id_block;
	const uint8_t *id_auth;
	bool author_key_en;
};

struct snp_sp;

/**
 * snp_product_from_name() - product by its name in AMD's certificates
 * @name: "Milan", "Genoa" or "Turin", in any case
 * @product: the product, if found
 *
 * Return: 0, or -EINVAL.
 */
int snp_product_from_name(const char *name, enum snp_product *product);

/**
 * snp_product_name() - name of a product in AMD's certificates
 * @product: a product
 *
 * Return: the name, never NULL.
 */
const char *snp_product_name(enum snp_product product);

/**
 * snp_fw_status_name() - name of a status code in the ABI
 * @status: a status code
 *
 * Return: the name, or "unknown status".
 */
const char *snp_fw_status_name(enum snp_fw_status status);

/**
 * snp_sp_config_init() - a configuration that needs no further setting
 * @config: filled: a plausible machine of @product, no VLEK, no ID block,
 *	report version 3 (Turin: 5), policy 0x30000 (SMT allowed, no debugging),
 *	all TCBs equal
 * @product: the product
 */
void snp_sp_config_init(struct snp_sp_config *config, enum snp_product product);

/**
 * snp_sp_config_set_tcb() - set all four TCBs of a configuration
 * @config: the configuration
 * @tcb: the value
 */
void snp_sp_config_set_tcb(struct snp_sp_config *config, const struct snp_tcb *tcb);

/**
 * snp_sp_new() - power on the platform and start the guest's launch
 * @config: what to be
 * @sp: the handle, on success
 * @error: filled on failure; may be NULL
 *
 * The keys of each product are a folder of @config->key_dir: ARK, ASK and ASVK
 * (RSA-4096, with their certificates), and two secrets from which the VCEK,
 * the VLEK and derived keys follow.  A folder that is not there is made, which
 * takes some seconds, and appears at once and complete; of several processes
 * that do so at once, one's keys stay and all use them.  Folders are 0700 and
 * files 0600.  A folder whose content is broken is an error, never replaced.
 *
 * The VCEK and VLEK certificates are issued anew for the configured TCB, as
 * the KDS does on request.
 *
 * Return: 0; -EINVAL: configuration refused; -ENOMEM; -EIO: libcrypto failed
 * or the key folder's content is broken; other negative errno: a file.
 */
int snp_sp_new(const struct snp_sp_config *config, struct snp_sp **sp, struct snp_sp_error *error);

/**
 * snp_sp_free() - wipe and free
 * @sp: a handle, or NULL
 */
void snp_sp_free(struct snp_sp *sp);

/**
 * snp_sp_reason() - why the last firmware command was refused
 * @sp: the handle
 *
 * Return: a sentence, or "" if it was not refused.  Valid until the next call
 * on @sp.
 */
const char *snp_sp_reason(const struct snp_sp *sp);

/**
 * snp_launch_digest_update() - extend a launch digest, with no handle
 * @ld: the digest so far, 48 bytes; zeros at the start
 * @type: page type of all pages of the range
 * @gpa: guest physical address of the first page, 4096-byte aligned;
 *	SNP_VMSA_GPA for a VMSA
 * @data: content, for SNP_PAGE_NORMAL and SNP_PAGE_VMSA; ignored (may be
 *	NULL) for the others, whose content is not measured
 * @len: bytes, a multiple of 4096; 4096 for VMSA, secrets and CPUID pages
 *
 * VMPL permissions and IMI_PAGE are zero, as KVM has them.  The ABI,
 * "SNP_LAUNCH_UPDATE", "Layout of the PAGE_INFO Structure".
 *
 * Return: SNP_FW_SUCCESS; SNP_FW_INVALID_PARAM: type, address or length;
 * SNP_FW_HWERROR_PLATFORM: libcrypto failed.  @ld changes on success only.
 */
enum snp_fw_status snp_launch_digest_update(uint8_t ld[SNP_DIGEST_SIZE], enum snp_page_type type,
					    uint64_t gpa, const uint8_t *data, size_t len);

/**
 * snp_sp_launch_update() - SNP_LAUNCH_UPDATE
 * @sp: the handle, launch not finished
 * @type: see snp_launch_digest_update()
 * @gpa: likewise
 * @data: likewise
 * @len: likewise
 *
 * Return: as snp_launch_digest_update(); SNP_FW_INVALID_GUEST_STATE: the
 * launch is finished.
 */
enum snp_fw_status snp_sp_launch_update(struct snp_sp *sp, enum snp_page_type type, uint64_t gpa,
					const uint8_t *data, size_t len);

/**
 * snp_sp_launch_finish() - SNP_LAUNCH_FINISH
 * @sp: the handle, launch not finished
 *
 * Checks the ID block, if there is one, against the launch digest and policy,
 * and its signature and that of the author key.
 *
 * Return: SNP_FW_SUCCESS: the guest runs; SNP_FW_INVALID_GUEST_STATE: the
 * launch is finished already; SNP_FW_BAD_MEASUREMENT: LD differs;
 * SNP_FW_POLICY_FAILURE: POLICY differs; SNP_FW_INVALID_PARAM: an algorithm,
 * version or reserved field; SNP_FW_BAD_SIGNATURE.
 */
enum snp_fw_status snp_sp_launch_finish(struct snp_sp *sp);

/**
 * snp_sp_launch_digest() - the launch digest so far
 * @sp: the handle
 * @ld: 48 bytes
 */
void snp_sp_launch_digest(const struct snp_sp *sp, uint8_t ld[SNP_DIGEST_SIZE]);

/**
 * struct snp_svsm - what an SVSM tells the guest in its secrets page
 * @base: guest physical address of the SVSM's memory
 * @size: bytes
 * @caa: guest physical address of the boot CPU's calling area
 * @max_version: highest version of the core protocol
 * @guest_vmpl: the guest's VMPL, 1 to 3
 *
 * "Secure VM Service Module for SEV-SNP Guests", publication 58019.
 */
struct snp_svsm {
	uint64_t base;
	uint64_t size;
	uint64_t caa;
	uint32_t max_version;
	uint8_t guest_vmpl;
};

/**
 * snp_sp_secrets_page() - render the secrets page
 * @sp: the handle
 * @svsm: NULL: as the AMD-SP writes it, with all four VMPCKs.  Otherwise as an
 *	SVSM passes it on: without the keys of the VMPLs above (numerically
 *	below) the guest's, which the SVSM keeps, and with its own fields.
 * @page: 4096 bytes
 *
 * The ABI, "Secrets Page Format", version 3.
 *
 * Return: 0, or -EINVAL: @svsm->guest_vmpl.
 */
int snp_sp_secrets_page(const struct snp_sp *sp, const struct snp_svsm *svsm,
			uint8_t page[SNP_PAGE_SIZE]);

/**
 * snp_sp_guest_request() - SNP_GUEST_REQUEST
 * @sp: the handle, launch finished
 * @request: the guest's page: untrusted, not modified, read once
 * @response: filled with the response message and zeros; zeros alone if
 *	the message was refused
 *
 * Answers MSG_REPORT_REQ and MSG_KEY_REQ; refuses every other type.  An error
 * inside an authentic message is in the encrypted response's STATUS, as the
 * ABI has it: the command itself then succeeds.  After a refused message the
 * sequence number is as it was before.
 *
 * Return: SNP_FW_SUCCESS; SNP_FW_INVALID_GUEST_STATE: the launch is not
 * finished; SNP_FW_INVALID_PARAM: header, message type, version or size;
 * SNP_FW_BAD_MEASUREMENT: the message does not authenticate;
 * SNP_FW_AEAD_OFLOW: MSG_SEQNO is not the next, or is exhausted.
 */
enum snp_fw_status snp_sp_guest_request(struct snp_sp *sp, const uint8_t request[SNP_PAGE_SIZE],
					uint8_t response[SNP_PAGE_SIZE]);

/**
 * snp_sp_report() - attestation report over a private channel
 * @sp: the handle, launch finished
 * @vmpl: VMPL for the report, 0 to 3: the caller vouches for it
 * @report_data: 64 bytes
 * @report: 1184 bytes; zeros on failure
 *
 * For an SVSM whose monitor asks over a channel that the guest cannot reach,
 * instead of a guest message under VMPCK0.
 *
 * Return: as STATUS of MSG_REPORT_RSP: SNP_FW_SUCCESS, SNP_FW_INVALID_PARAM:
 * @vmpl, SNP_FW_INVALID_KEY: no key to sign with; or
 * SNP_FW_INVALID_GUEST_STATE: the launch is not finished.
 */
enum snp_fw_status snp_sp_report(struct snp_sp *sp, uint32_t vmpl,
				 const uint8_t report_data[SNP_REPORT_DATA_SIZE],
				 uint8_t report[SNP_REPORT_SIZE]);

/**
 * snp_sp_cert() - one certificate
 * @sp: the handle
 * @which: which one
 * @len: bytes
 *
 * Return: DER, valid as long as @sp; NULL (and 0 bytes) for the ASVK and VLEK
 * of a platform without VLEK.
 */
const uint8_t *snp_sp_cert(const struct snp_sp *sp, enum snp_cert which, size_t *len);

/**
 * snp_sp_cert_table() - certificates for the guest's extended request
 * @sp: the handle
 * @table: NULL to learn the size alone
 * @size: bytes of room at @table
 *
 * The key that signs reports by default with its issuer and the ARK, each as
 * {GUID in text byte order, u32 offset, u32 length}, a zero entry, then the
 * certificates in DER.  GHCB specification, 56421, "SNP Extended Guest
 * Request".  Padding to whole pages is the caller's.
 *
 * Return: bytes needed; @table is filled only if @size is at least that.
 */
size_t snp_sp_cert_table(const struct snp_sp *sp, uint8_t *table, size_t size);

/**
 * snp_sp_save_certs() - write what a verifier needs
 * @sp: the handle
 * @dir: an existing directory
 * @error: filled on failure; may be NULL
 *
 * Writes ark.pem, ask.pem, vcek.pem and cert_chain.pem (ASK, then ARK, as the
 * KDS serves it); with a VLEK also asvk.pem, vlek.pem and cert_chain_vlek.pem.
 * Each file is replaced at once and complete.
 *
 * Return: 0 or a negative errno.
 */
int snp_sp_save_certs(const struct snp_sp *sp, const char *dir, struct snp_sp_error *error);

#endif
