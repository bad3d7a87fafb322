// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Guest messages: the ABI, chapter "Guest Messages" and "SNP_GUEST_REQUEST".
 *
 * A message is opened (header, AES-256-GCM), checked (sequence number, type,
 * version, size), answered, and the answer sealed.  A page from the guest is
 * copied before it is looked at, since the guest may go on writing to it.
 */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "internal.h"

/* "Message Header Format" */
#define HDR_SIZE	 0x60
#define HDR_VERSION	 1
#define HDR_TAG_ROOM	 32
#define HDR_AAD		 0x30 /* metadata that is authenticated: from here to the end */
#define ALGO_AES_256_GCM 1

#define TAG_SIZE	 16
#define IV_SIZE		 12
#define BLOCK_SIZE	 16 /* MSG_SIZE is a multiple */
#define PAYLOAD_MAX	 (SNP_PAGE_SIZE - HDR_SIZE)

#define REPORT_REQ_SIZE	 0x60
#define REPORT_RSP_SIZE	 (0x20 + SNP_REPORT_SIZE)
#define KEY_REQ_SIZE	 0x20
#define KEY_RSP_SIZE	 (0x20 + SNP_SECRET_SIZE)

struct header {
	uint8_t tag[TAG_SIZE];
	uint64_t seqno;
	uint8_t type;
	uint8_t version;
	uint16_t size;
	uint8_t vmpck;
};

struct message {
	struct header hdr;
	uint8_t payload[PAYLOAD_MAX]; /* in the clear */
};

static void answer_key(struct snp_sp *sp, const struct message *req, struct message *rsp);
static void answer_report(struct snp_sp *sp, const struct message *req, struct message *rsp);

/* "Message Type Encodings", the requests; each response's type is one above */
static const struct kind {
	const char *name;
	uint16_t size; /* at least, of version 1, the only one */
	void (*answer)(struct snp_sp *sp, const struct message *req, struct message *rsp);
} kinds[] = {
	[1] = { "MSG_CPUID_REQ", 0, NULL },
	[3] = { "MSG_KEY_REQ", KEY_REQ_SIZE, answer_key },
	[5] = { "MSG_REPORT_REQ", REPORT_REQ_SIZE, answer_report },
	[7] = { "MSG_EXPORT_REQ", 0, NULL },
	[9] = { "MSG_IMPORT_REQ", 0, NULL },
	[11] = { "MSG_ABSORB_REQ", 0, NULL },
	[13] = { "MSG_VMRK_REQ", 0, NULL },
	[15] = { "MSG_ABSORB_NOMA_REQ", 0, NULL },
	[17] = { "MSG_TSC_INFO_REQ", 0, NULL },
};

/*
 * Header.  The ABI has reserved fields zero; firmware that AMD published does
 * not look at those outside the authenticated part, this does: a guest that
 * sets them is wrong.
 */
static enum snp_fw_status parse_header(struct snp_sp *sp, const uint8_t page[SNP_PAGE_SIZE],
				       struct header *hdr)
{
	struct cur c = cur_reader(page, HDR_SIZE);
	uint8_t algo, version;
	uint16_t size;
	bool zeros;

	cur_get_bytes(&c, hdr->tag, TAG_SIZE);
	zeros = cur_get_zeros(&c, HDR_TAG_ROOM - TAG_SIZE);
	hdr->seqno = cur_get_le64(&c);
	zeros &= cur_get_zeros(&c, 8);
	algo = cur_get_u8(&c);
	version = cur_get_u8(&c);
	size = cur_get_le16(&c);
	hdr->type = cur_get_u8(&c);
	hdr->version = cur_get_u8(&c);
	hdr->size = cur_get_le16(&c);
	zeros &= cur_get_zeros(&c, 4);
	hdr->vmpck = cur_get_u8(&c);
	zeros &= cur_get_zeros(&c, cur_remaining(&c));

	if (version != HDR_VERSION || size != HDR_SIZE)
		return snp_refuse(sp, SNP_FW_INVALID_PARAM,
				  "header version %u of %u bytes, expected %d of %d", version, size,
				  HDR_VERSION, HDR_SIZE);
	if (algo != ALGO_AES_256_GCM)
		return snp_refuse(sp, SNP_FW_INVALID_PARAM, "ALGO %u is not 1 (AES-256-GCM)", algo);
	if (!hdr->size || hdr->size % BLOCK_SIZE || hdr->size > PAYLOAD_MAX)
		return snp_refuse(sp, SNP_FW_INVALID_PARAM,
				  "MSG_SIZE %u is not a multiple of %d up to %d", hdr->size,
				  BLOCK_SIZE, PAYLOAD_MAX);
	if (hdr->vmpck >= SNP_VMPLS)
		return snp_refuse(sp, SNP_FW_INVALID_PARAM, "MSG_VMPCK %u is above 3", hdr->vmpck);
	if (!zeros)
		return snp_refuse(sp, SNP_FW_INVALID_PARAM,
				  "a reserved field of the header is set");
	return SNP_FW_SUCCESS;
}

static void put_header(uint8_t page[HDR_SIZE], const struct header *hdr)
{
	struct cur c = cur_writer(page, HDR_SIZE);

	cur_put_zeros(&c, HDR_TAG_ROOM);
	cur_put_le64(&c, hdr->seqno);
	cur_put_zeros(&c, 8);
	cur_put_u8(&c, ALGO_AES_256_GCM);
	cur_put_u8(&c, HDR_VERSION);
	cur_put_le16(&c, HDR_SIZE);
	cur_put_u8(&c, hdr->type);
	cur_put_u8(&c, hdr->version);
	cur_put_le16(&c, hdr->size);
	cur_put_zeros(&c, 4);
	cur_put_u8(&c, hdr->vmpck);
	cur_put_zeros_to(&c, HDR_SIZE);
}

/*
 * AES-256-GCM under a VMPCK; the IV is MSG_SEQNO, little-endian, in 12 bytes
 */

static EVP_CIPHER_CTX *gcm_start(const struct snp_sp *sp, const struct header *hdr,
				 const uint8_t *page, int encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t iv[IV_SIZE] = { 0 };
	struct cur c = cur_writer(iv, sizeof(iv));
	int n;

	cur_put_le64(&c, hdr->seqno);
	if (ctx &&
	    EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, sp->gctx.vmpck[hdr->vmpck], iv,
			      encrypt) == 1 &&
	    EVP_CipherUpdate(ctx, NULL, &n, page + HDR_AAD, HDR_SIZE - HDR_AAD) == 1)
		return ctx;
	EVP_CIPHER_CTX_free(ctx);
	return NULL;
}

static enum snp_fw_status unseal(struct snp_sp *sp, const uint8_t page[SNP_PAGE_SIZE],
				 struct message *msg)
{
	EVP_CIPHER_CTX *ctx = gcm_start(sp, &msg->hdr, page, 0);
	enum snp_fw_status status = SNP_FW_SUCCESS;
	int n;

	if (!ctx || EVP_CipherUpdate(ctx, msg->payload, &n, page + HDR_SIZE, msg->hdr.size) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, msg->hdr.tag) != 1)
		status = snp_refuse(sp, SNP_FW_HWERROR_PLATFORM, "libcrypto could not decrypt");
	else if (EVP_CipherFinal_ex(ctx, msg->payload + n, &n) != 1)
		status = snp_refuse(sp, SNP_FW_BAD_MEASUREMENT,
				    "the message does not authenticate under VMPCK%u",
				    msg->hdr.vmpck);
	EVP_CIPHER_CTX_free(ctx);
	ERR_clear_error();
	return status;
}

static enum snp_fw_status seal(struct snp_sp *sp, const struct message *msg,
			       uint8_t page[SNP_PAGE_SIZE])
{
	EVP_CIPHER_CTX *ctx;
	enum snp_fw_status status = SNP_FW_SUCCESS;
	int n;

	put_header(page, &msg->hdr);
	ctx = gcm_start(sp, &msg->hdr, page, 1);
	if (!ctx || EVP_CipherUpdate(ctx, page + HDR_SIZE, &n, msg->payload, msg->hdr.size) != 1 ||
	    EVP_CipherFinal_ex(ctx, page + HDR_SIZE + n, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, page) != 1) {
		memset(page, 0, SNP_PAGE_SIZE);
		status = snp_refuse(sp, SNP_FW_HWERROR_PLATFORM, "libcrypto could not encrypt");
	}
	EVP_CIPHER_CTX_free(ctx);
	return status;
}

/*
 * Messages.  A request that is refused from here on is refused in STATUS.
 */

/* "MSG_KEY_RSP Message Structure" */
static void answer_key(struct snp_sp *sp, const struct message *req, struct message *rsp)
{
	struct cur in = cur_reader(req->payload, req->hdr.size);
	struct cur out = cur_writer(rsp->payload, KEY_RSP_SIZE);
	uint8_t key[SNP_SECRET_SIZE] = { 0 };
	enum snp_fw_status status = snp_derive_key(sp, req->hdr.vmpck, &in, key);

	cur_put_le32(&out, status);
	cur_put_zeros_to(&out, 0x20);
	if (!status)
		cur_put_bytes(&out, key, sizeof(key));
	cur_put_zeros_to(&out, KEY_RSP_SIZE);
	OPENSSL_cleanse(key, sizeof(key));
	rsp->hdr.size = KEY_RSP_SIZE;
}

/* "MSG_REPORT_REQ Message Structure" */
static enum snp_fw_status make_report(struct snp_sp *sp, const struct message *req,
				      uint8_t report[SNP_REPORT_SIZE])
{
	struct cur c = cur_reader(req->payload, REPORT_REQ_SIZE);
	const uint8_t *report_data = cur_take(&c, SNP_REPORT_DATA_SIZE);
	uint32_t vmpl = cur_get_le32(&c);
	uint32_t key_sel = cur_get_le32(&c);

	if (key_sel >> 2 || !cur_get_zeros(&c, cur_remaining(&c)) || !cur_complete(&c))
		return snp_refuse(sp, SNP_FW_INVALID_PARAM,
				  "MSG_REPORT_REQ: a reserved field is set");
	if (vmpl < req->hdr.vmpck || vmpl >= SNP_VMPLS)
		return snp_refuse(sp, SNP_FW_INVALID_PARAM,
				  "VMPL %u is not within %u (that of the VMPCK) to 3", vmpl,
				  req->hdr.vmpck);
	return snp_report_make(sp, vmpl, key_sel, report_data, report);
}

/* "MSG_REPORT_RSP Message Structure" */
static void answer_report(struct snp_sp *sp, const struct message *req, struct message *rsp)
{
	struct cur out = cur_writer(rsp->payload, REPORT_RSP_SIZE);
	uint8_t report[SNP_REPORT_SIZE] = { 0 };
	enum snp_fw_status status = make_report(sp, req, report);

	cur_put_le32(&out, status);
	cur_put_le32(&out, SNP_REPORT_SIZE);
	cur_put_zeros_to(&out, 0x20);
	cur_put_bytes(&out, report, sizeof(report));
	rsp->hdr.size = REPORT_RSP_SIZE;
}

/* The checks of an authentic message that the command itself answers for */
static enum snp_fw_status check_message(struct snp_sp *sp, const struct header *hdr)
{
	uint64_t count = sp->gctx.msg_count[hdr->vmpck];
	const struct kind *kind;

	/* both numbers of the exchange must fit; the response has the even one */
	if (count >= UINT64_MAX - 1)
		return snp_refuse(sp, SNP_FW_AEAD_OFLOW,
				  "the sequence numbers of VMPCK%u are exhausted", hdr->vmpck);
	if (hdr->seqno != count + 1)
		return snp_refuse(
			sp, SNP_FW_AEAD_OFLOW, "MSG_SEQNO %llu under VMPCK%u, expected %llu",
			(unsigned long long)hdr->seqno, hdr->vmpck, (unsigned long long)count + 1);
	if (hdr->type >= sizeof(kinds) / sizeof(kinds[0]) || !kinds[hdr->type].name)
		return snp_refuse(sp, SNP_FW_INVALID_PARAM, "MSG_TYPE %u is not a request",
				  hdr->type);
	kind = &kinds[hdr->type];
	if (!kind->answer)
		return snp_refuse(sp, SNP_FW_INVALID_PARAM, "%s is not emulated", kind->name);
	if (hdr->version != 1)
		return snp_refuse(sp, SNP_FW_INVALID_PARAM, "%s version %u, expected 1", kind->name,
				  hdr->version);
	if (hdr->size < kind->size)
		return snp_refuse(sp, SNP_FW_INVALID_PARAM, "%s of %u bytes, expected %u",
				  kind->name, hdr->size, kind->size);
	return SNP_FW_SUCCESS;
}

static enum snp_fw_status handle(struct snp_sp *sp, const uint8_t page[SNP_PAGE_SIZE],
				 struct message *req, struct message *rsp,
				 uint8_t response[SNP_PAGE_SIZE])
{
	enum snp_fw_status status = parse_header(sp, page, &req->hdr);

	if (!status)
		status = unseal(sp, page, req);
	if (!status)
		status = check_message(sp, &req->hdr);
	if (status)
		return status;

	rsp->hdr.seqno = req->hdr.seqno + 1;
	rsp->hdr.type = req->hdr.type + 1;
	rsp->hdr.version = req->hdr.version;
	rsp->hdr.vmpck = req->hdr.vmpck;
	kinds[req->hdr.type].answer(sp, req, rsp);
	status = seal(sp, rsp, response);
	if (!status)
		sp->gctx.msg_count[req->hdr.vmpck] += 2;
	return status;
}

enum snp_fw_status snp_sp_guest_request(struct snp_sp *sp, const uint8_t request[SNP_PAGE_SIZE],
					uint8_t response[SNP_PAGE_SIZE])
{
	struct message req = { 0 }, rsp = { 0 };
	uint8_t page[SNP_PAGE_SIZE];
	enum snp_fw_status status;

	sp->reason[0] = '\0';
	memcpy(page, request, sizeof(page));
	memset(response, 0, SNP_PAGE_SIZE);
	if (!sp->gctx.running)
		return snp_refuse(sp, SNP_FW_INVALID_GUEST_STATE, "the launch is not finished");
	status = handle(sp, page, &req, &rsp, response);
	OPENSSL_cleanse(&req, sizeof(req));
	OPENSSL_cleanse(&rsp, sizeof(rsp));
	return status;
}
