/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The map of the emulated AMD-SP.
 *
 *	sp.c		the handle: configuration checked, platform powered on
 *	store.c		the key folder: root keys and secrets, made once
 *	key.c		what follows from the secrets: VCEK, VLEK, derived keys;
 *			ECDSA in the ABI's little-endian form
 *	certs.c		certificates issued, listed for the guest, saved
 *	launch.c	launch digest, ID block, secrets page
 *	report.c	attestation reports
 *	guest_msg.c	guest messages: opened, checked, answered
 */
#ifndef SNPEMU_SP_INTERNAL_H
#define SNPEMU_SP_INTERNAL_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "../../common/cursor.h"
#include "sp.h"

#define SNP_SECRET_SIZE		32 /* VMPCK, VMRK, derived keys, chip secrets: 256 bits */
#define SNP_VMPLS		4
#define SNP_TURIN_ID_SIZE	8 /* bytes of CHIP_ID in use on Turin */
#define SNP_FILE_SIZE_MAX	16384
#define SNP_FIRST_CPUID_VERSION 3 /* of the report: CPUID_FAM_ID and so on */
#define SNP_FIRST_MIT_VERSION	5 /* ... LAUNCH_MIT_VECTOR and CURRENT_MIT_VECTOR */

/* ECDSA P-384 in the ABI, "ECDSA P-384 with SHA-384": components of 72 bytes */
#define SNP_ECC_SCALAR_SIZE    48
#define SNP_ECC_COMPONENT_SIZE 72
#define SNP_SIGNATURE_SIZE     512
#define SNP_PUBKEY_SIZE	       0x404
#define SNP_CURVE_P384	       2
#define SNP_ALGO_ECDSA_P384    1

/* SIGNING_KEY of the report; KEY_SEL of requests asks for one of them */
enum snp_signing_key {
	SNP_SIGNING_KEY_VCEK = 0,
	SNP_SIGNING_KEY_VLEK = 1,
	SNP_SIGNING_KEY_NONE = 7,
};

enum snp_key_sel {
	SNP_KEY_SEL_VLEK_OR_VCEK = 0, /* the VLEK if one is loaded */
	SNP_KEY_SEL_VCEK = 1,
	SNP_KEY_SEL_VLEK = 2,
};

/* What is kept in the key folder: three issuers and two secrets */
enum snp_issuer {
	SNP_ISSUER_ARK,
	SNP_ISSUER_ASK,
	SNP_ISSUER_ASVK,
	SNP_ISSUERS,
};

struct snp_keys {
	EVP_PKEY *issuer[SNP_ISSUERS];
	X509 *cert[SNP_ISSUERS];
	uint8_t chip_secret[SNP_SECRET_SIZE]; /* as fused into a chip */
	uint8_t vlek_secret[SNP_SECRET_SIZE]; /* as the KDS gives to a cloud provider */
};

struct snp_der {
	uint8_t *data;
	size_t len;
};

/* The guest context of the ABI (GCTX), as far as it is seen */
struct snp_gctx {
	bool running;
	uint8_t ld[SNP_DIGEST_SIZE];
	uint8_t vmpck[SNP_VMPLS][SNP_SECRET_SIZE];
	uint64_t msg_count[SNP_VMPLS];
	uint8_t vmrk[SNP_SECRET_SIZE];
	uint8_t report_id[SNP_SECRET_SIZE];
	bool id_block_en;
	uint8_t family_id[16];
	uint8_t image_id[16];
	uint32_t guest_svn;
	uint8_t id_key_digest[SNP_DIGEST_SIZE];
	uint8_t author_key_digest[SNP_DIGEST_SIZE];
};

struct snp_sp {
	struct snp_sp_config config; /* without its pointers */
	uint8_t id_block[SNP_ID_BLOCK_SIZE];
	uint8_t id_auth[SNP_ID_AUTH_SIZE];
	bool has_id_block;
	struct snp_keys keys;
	EVP_PKEY *vcek;
	EVP_PKEY *vlek; /* NULL: none loaded */
	struct snp_der cert[SNP_CERTS];
	struct snp_gctx gctx;
	char reason[sizeof(((struct snp_sp_error *)0)->text)];
};

/* sp.c */
int snp_fail(struct snp_sp_error *error, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int snp_fail_crypto(struct snp_sp_error *error, const char *what);
enum snp_fw_status snp_refuse(struct snp_sp *sp, enum snp_fw_status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
uint64_t snp_tcb_encode(enum snp_product product, const struct snp_tcb *tcb);
struct snp_tcb snp_tcb_decode(enum snp_product product, uint64_t version);
bool snp_tcb_not_above(const struct snp_tcb *a, const struct snp_tcb *b);

/* store.c */
int snp_keys_get(struct snp_keys *keys, enum snp_product product, const char *dir,
		 struct snp_sp_error *error);
void snp_keys_wipe(struct snp_keys *keys);
int snp_file_write(int dir, const char *name, const void *data, size_t len, unsigned int mode);

/* key.c */
EVP_PKEY *snp_endorsement_key(const struct snp_sp *sp, enum snp_signing_key which);
bool snp_chip_id_make(const struct snp_keys *keys, uint8_t chip_id[SNP_CHIP_ID_SIZE]);
enum snp_fw_status snp_select_key(struct snp_sp *sp, uint32_t key_sel, enum snp_signing_key *which);
enum snp_fw_status snp_derive_key(struct snp_sp *sp, uint8_t vmpck, struct cur *request,
				  uint8_t key[SNP_SECRET_SIZE]);
bool snp_sign(EVP_PKEY *key, const uint8_t *msg, size_t len, uint8_t sig[SNP_SIGNATURE_SIZE]);
bool snp_verify(const uint8_t pubkey[SNP_PUBKEY_SIZE], const uint8_t *msg, size_t len,
		const uint8_t sig[SNP_SIGNATURE_SIZE]);

/* certs.c */
X509 *snp_issue_ca(enum snp_product product, enum snp_issuer which, EVP_PKEY *key, EVP_PKEY *ark);
int snp_certs_issue(struct snp_sp *sp, struct snp_sp_error *error);

/* report.c */
enum snp_fw_status snp_report_make(struct snp_sp *sp, uint32_t vmpl, uint32_t key_sel,
				   const uint8_t report_data[SNP_REPORT_DATA_SIZE],
				   uint8_t report[SNP_REPORT_SIZE]);

#endif
