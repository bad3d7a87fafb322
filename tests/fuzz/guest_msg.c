// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzz target: guest messages.
 *
 * The first byte's bits say how the rest, a page, is used: none, as it stands,
 * which tests the header; 0: it is encrypted here with the right key, which
 * tests all that comes after; 1: with the next sequence number, too.
 */
#include <openssl/evp.h>

#include "sp_fuzz.h"

#define ENCRYPT	   1
#define NEXT_SEQNO 2

/* Offsets in the message header */
#define HDR	   0x60
#define SEQNO	   0x20
#define AAD	   0x30
#define MSG_TYPE   0x34
#define MSG_SIZE   0x36
#define VMPCK	   0x3c

#define KEY_REQ	   3
#define REPORT_REQ 5

static uint64_t le(const uint8_t *page, size_t offset, size_t n)
{
	struct cur c = cur_reader(page, SNP_PAGE_SIZE);

	cur_skip(&c, offset);
	return cur_get_le(&c, n);
}

/* AES-256-GCM as the guest has it: the IV is the number, the tag comes first. */
static bool gcm(const uint8_t key[SNP_SECRET_SIZE], uint8_t page[SNP_PAGE_SIZE], int len, int enc)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t iv[12] = { 0 };
	int n;
	bool ok;

	memcpy(iv, page + SEQNO, 8);
	REQUIRE(EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, iv, enc) == 1);
	if (!enc)
		REQUIRE(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 16, page) == 1);
	REQUIRE(EVP_CipherUpdate(ctx, NULL, &n, page + AAD, HDR - AAD) == 1);
	REQUIRE(EVP_CipherUpdate(ctx, page + HDR, &n, page + HDR, len) == 1);
	ok = EVP_CipherFinal_ex(ctx, page + HDR + n, &n) == 1;
	if (enc)
		REQUIRE(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, page) == 1);
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

static void encrypt(struct snp_sp *sp, uint8_t page[SNP_PAGE_SIZE], bool next)
{
	unsigned int vmpck = page[VMPCK] % SNP_VMPLS;
	size_t len = le(page, MSG_SIZE, 2);
	struct cur c = cur_writer(page + SEQNO, 8);

	if (len > SNP_PAGE_SIZE - HDR)
		len = SNP_PAGE_SIZE - HDR;
	if (next)
		cur_put_le64(&c, sp->gctx.msg_count[vmpck] + 1);
	gcm(sp->gctx.vmpck[vmpck], page, (int)len, 1);
}

/* An answer: to this request, sealed, and with nothing in it that its STATUS denies */
static void check_answer(const struct snp_sp *sp, const uint8_t page[SNP_PAGE_SIZE],
			 uint8_t response[SNP_PAGE_SIZE])
{
	unsigned int vmpck = page[VMPCK];
	size_t len = le(response, MSG_SIZE, 2);
	const uint8_t *payload = response + HDR;
	struct cur c;

	REQUIRE(vmpck < SNP_VMPLS && response[VMPCK] == vmpck);
	REQUIRE(response[MSG_TYPE] == page[MSG_TYPE] + 1);
	REQUIRE(le(response, SEQNO, 8) == le(page, SEQNO, 8) + 1);
	REQUIRE(len <= SNP_PAGE_SIZE - HDR);
	REQUIRE(gcm(sp->gctx.vmpck[vmpck], response, (int)len, 0));
	REQUIRE(page[MSG_TYPE] == KEY_REQ || page[MSG_TYPE] == REPORT_REQ);
	REQUIRE(len == 0x20 + (page[MSG_TYPE] == KEY_REQ ? SNP_SECRET_SIZE : SNP_REPORT_SIZE));
	c = cur_reader(payload + 0x20, len - 0x20);
	REQUIRE(cur_get_zeros(&c, len - 0x20) == (le(payload, 0, 4) != SNP_FW_SUCCESS));
	if (page[MSG_TYPE] == REPORT_REQ && !le(payload, 0, 4))
		REQUIRE(le(payload, 0x20 + 0x30, 4) >= vmpck);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct snp_sp *sp;
	uint8_t page[SNP_PAGE_SIZE] = { 0 }, response[SNP_PAGE_SIZE];
	uint64_t before[SNP_VMPLS], moved = 0;
	enum snp_fw_status status;

	if (!sp) {
		sp = fuzz_platform();
		REQUIRE(!snp_sp_launch_finish(sp));
	}
	if (size < 1 || size > 1 + sizeof(page))
		return 0;
	memcpy(page, data + 1, size - 1);
	if (data[0] & ENCRYPT)
		encrypt(sp, page, data[0] & NEXT_SEQNO);
	memcpy(before, sp->gctx.msg_count, sizeof(before));
	status = snp_sp_guest_request(sp, page, response);
	for (size_t i = 0; i < SNP_VMPLS; i++)
		moved += sp->gctx.msg_count[i] - before[i];

	/* answered: one number pair used; refused: none, no answer, and a reason */
	REQUIRE(moved == (status ? 0 : 2));
	if (status) {
		struct cur c = cur_reader(response, sizeof(response));

		REQUIRE(cur_get_zeros(&c, sizeof(response)));
		REQUIRE(sp->reason[0]);
	} else {
		REQUIRE(data[0] & ENCRYPT);
		check_answer(sp, page, response);
	}
	return 0;
}
