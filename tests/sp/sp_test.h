/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the emulated AMD-SP share.
 *
 * The guest's side and the verifier's side are written here once more, from
 * the specification and from Linux's driver, and use nothing of the code
 * under test but its interface.
 */
#ifndef SP_TEST_H
#define SP_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "../../tools/snpemu/sp/sp.h"

struct suite {
	const struct CMUnitTest *tests;
	size_t count;
};

extern const struct suite launch_suite, report_suite, guest_msg_suite, derive_suite, certs_suite,
	keys_suite, cursor_suite;

#define SUITE(name, array) const struct suite name = { array, sizeof(array) / sizeof((array)[0]) }

#define TEST_PAGE	   0x1000

uint16_t le16_at(const uint8_t *p, size_t offset);
uint32_t le32_at(const uint8_t *p, size_t offset);
uint64_t le64_at(const uint8_t *p, size_t offset);
bool is_zero(const uint8_t *p, size_t len);

/* The key directory that all tests share, and a directory of a test's own */
const char *shared_keys(void);
void make_temp_dir(char path[64]);
void remove_temp_dir(const char *path);

/* A configuration with the shared keys; a platform; one with a running guest */
struct snp_sp_config test_config(enum snp_product product);
struct snp_sp *sp_open(const struct snp_sp_config *config);
struct snp_sp *sp_running(const struct snp_sp_config *config);

/* The public key in a certificate of the platform */
EVP_PKEY *cert_key(const struct snp_sp *sp, enum snp_cert which);

/* The verifier: does @report's signature verify with @key? */
bool report_verifies(const uint8_t report[SNP_REPORT_SIZE], EVP_PKEY *key);

/*
 * The guest: a message as Linux lays it out (struct snp_guest_msg) and a key
 * from its secrets page.
 */
struct guest_hdr {
	uint8_t authtag[32];
	uint64_t msg_seqno;
	uint8_t rsvd1[8];
	uint8_t algo;
	uint8_t hdr_version;
	uint16_t hdr_sz;
	uint8_t msg_type;
	uint8_t msg_version;
	uint16_t msg_sz;
	uint32_t rsvd2;
	uint8_t msg_vmpck;
	uint8_t rsvd3[35];
} __attribute__((packed));

struct guest_msg {
	struct guest_hdr hdr;
	uint8_t payload[TEST_PAGE - sizeof(struct guest_hdr)];
} __attribute__((packed));

void guest_vmpck(const struct snp_sp *sp, unsigned int vmpck, uint8_t key[32]);
void guest_header(struct guest_msg *msg, uint64_t seqno, uint8_t type, uint8_t vmpck, uint16_t len);
/* Encrypt @plain (msg->hdr.msg_sz bytes) into the message, as enc_payload() does */
void guest_encrypt(struct guest_msg *msg, const uint8_t key[32], const uint8_t *plain);
/* Decrypt as verify_and_dec_payload() does; false if Linux would not take it */
bool guest_decrypt(const struct guest_msg *request, const struct guest_msg *response,
		   const uint8_t key[32], uint8_t *plain, size_t room);

#define KEY_REQ	   3
#define REPORT_REQ 5
#define RSP_MAX	   2048

/* MSG_REPORT_REQ and MSG_KEY_REQ as Linux's uapi has them */
struct report_req {
	uint8_t user_data[64];
	uint32_t vmpl;
	uint32_t key_sel;
	uint8_t rsvd[24];
};

struct key_req {
	uint32_t root_key_select;
	uint32_t rsvd;
	uint64_t guest_field_select;
	uint32_t vmpl;
	uint32_t guest_svn;
	uint64_t tcb_version;
};

/* A guest: its platform, its key, its counter (Linux: os_area_msg_seqno) */
struct guest {
	struct snp_sp *sp;
	uint8_t vmpck_id;
	uint8_t vmpck[32];
	uint64_t seqno;
	struct guest_msg request;
	struct guest_msg response;
	uint8_t plain[RSP_MAX];
};

void guest_open(struct guest *g, const struct snp_sp_config *config, uint8_t vmpck_id);
void guest_open_default(struct guest *g);
void guest_close(struct guest *g);
/* Hand the request over as it is */
enum snp_fw_status guest_issue(struct guest *g);
/* Send; on success the response is decrypted and its STATUS returned */
uint32_t guest_send(struct guest *g, uint8_t type, const void *plain, uint16_t len);

/* The owner of a guest: an ID block for the launch that sp_running() makes, and its keys */
struct id {
	EVP_PKEY *id_key, *author_key;
	uint8_t block[SNP_ID_BLOCK_SIZE];
	uint8_t auth[SNP_ID_AUTH_SIZE];
};

#define ID_GUEST_SVN 9

void id_make(struct id *id, const struct snp_sp_config *config);
/* After a change of the block: sign anew; of the keys: put them in, and sign */
void id_sign(struct id *id);
void id_put_keys(struct id *id);
void id_free(struct id *id);

#endif
