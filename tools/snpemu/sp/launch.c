// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest's launch: its digest, the ID block that is checked against it,
 * and the secrets page that it is given.
 */
#include <errno.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "internal.h"

#define PAGE_INFO_SIZE	 0x70
#define ID_BLOCK_VERSION 1
#define SECRETS_VERSION	 3
#define SECRETS_SVSM	 0x140 /* offset of the SVSM's fields, 58019 */
/*
 * TSC_FACTOR: the clock is 0.2 % below nominal on average because of spread
 * spectrum, times 100000 (the ABI, "Secrets Page Format").
 */
#define SECRETS_TSC_FACTOR	  200
#define SECRETS_TSC_FACTOR_OFFSET 0x160

static bool sha384(const uint8_t *data, size_t len, uint8_t digest[SNP_DIGEST_SIZE])
{
	return EVP_Digest(data, len, digest, NULL, EVP_sha384(), NULL) == 1;
}

/*
 * Launch digest
 */

static bool is_measured(enum snp_page_type type)
{
	return type == SNP_PAGE_NORMAL || type == SNP_PAGE_VMSA;
}

/* A page type that describes one page of 4 KiB only */
static bool is_single(enum snp_page_type type)
{
	return type == SNP_PAGE_VMSA || type == SNP_PAGE_SECRETS || type == SNP_PAGE_CPUID;
}

/* "Layout of the PAGE_INFO Structure"; IMI_PAGE and VMPL permissions are zero */
static bool extend(uint8_t ld[SNP_DIGEST_SIZE], enum snp_page_type type, uint64_t gpa,
		   const uint8_t *page)
{
	uint8_t info[PAGE_INFO_SIZE], contents[SNP_DIGEST_SIZE] = { 0 };
	struct cur c = cur_writer(info, sizeof(info));

	if (is_measured(type) && !sha384(page, SNP_PAGE_SIZE, contents))
		return false;
	cur_put_bytes(&c, ld, SNP_DIGEST_SIZE);
	cur_put_bytes(&c, contents, sizeof(contents));
	cur_put_le16(&c, PAGE_INFO_SIZE);
	cur_put_u8(&c, (uint8_t)type);
	cur_put_zeros(&c, 5);
	cur_put_le64(&c, gpa);
	return cur_complete(&c) && sha384(info, sizeof(info), ld);
}

enum snp_fw_status snp_launch_digest_update(uint8_t ld[SNP_DIGEST_SIZE], enum snp_page_type type,
					    uint64_t gpa, const uint8_t *data, size_t len)
{
	uint8_t next[SNP_DIGEST_SIZE];

	if (type < SNP_PAGE_NORMAL || type > SNP_PAGE_CPUID || gpa % SNP_PAGE_SIZE ||
	    len % SNP_PAGE_SIZE || !len || gpa + len < gpa ||
	    (is_single(type) && len != SNP_PAGE_SIZE) || (is_measured(type) && !data))
		return SNP_FW_INVALID_PARAM;
	memcpy(next, ld, sizeof(next));
	for (size_t at = 0; at < len; at += SNP_PAGE_SIZE) {
		if (!extend(next, type, gpa + at, data ? data + at : NULL))
			return SNP_FW_HWERROR_PLATFORM;
	}
	memcpy(ld, next, sizeof(next));
	return SNP_FW_SUCCESS;
}

enum snp_fw_status snp_sp_launch_update(struct snp_sp *sp, enum snp_page_type type, uint64_t gpa,
					const uint8_t *data, size_t len)
{
	enum snp_fw_status status;

	sp->reason[0] = '\0';
	if (sp->gctx.running)
		return snp_refuse(sp, SNP_FW_INVALID_GUEST_STATE, "the launch is finished");
	status = snp_launch_digest_update(sp->gctx.ld, type, gpa, data, len);
	if (status)
		return snp_refuse(
			sp, status, "launch update, page type %d, 0x%zx bytes at 0x%llx: %s",
			(int)type, len, (unsigned long long)gpa,
			status == SNP_FW_INVALID_PARAM ? "no such type, or not whole pages"
						       : "libcrypto failed");
	return SNP_FW_SUCCESS;
}

void snp_sp_launch_digest(const struct snp_sp *sp, uint8_t ld[SNP_DIGEST_SIZE])
{
	memcpy(ld, sp->gctx.ld, SNP_DIGEST_SIZE);
}

/*
 * ID block
 */

/* "Structure of the ID Block" */
struct id_block {
	uint8_t ld[SNP_DIGEST_SIZE];
	uint8_t family_id[16];
	uint8_t image_id[16];
	uint32_t version;
	uint32_t guest_svn;
	uint64_t policy;
};

/* "Structure of the ID Authentication Information", in place */
struct id_auth {
	uint32_t id_key_algo;
	uint32_t auth_key_algo;
	const uint8_t *id_block_sig;
	const uint8_t *id_key;
	const uint8_t *id_key_sig;
	const uint8_t *author_key;
};

static bool parse_id_block(const uint8_t bytes[SNP_ID_BLOCK_SIZE], struct id_block *block)
{
	struct cur c = cur_reader(bytes, SNP_ID_BLOCK_SIZE);

	cur_get_bytes(&c, block->ld, sizeof(block->ld));
	cur_get_bytes(&c, block->family_id, sizeof(block->family_id));
	cur_get_bytes(&c, block->image_id, sizeof(block->image_id));
	block->version = cur_get_le32(&c);
	block->guest_svn = cur_get_le32(&c);
	block->policy = cur_get_le64(&c);
	return cur_complete(&c);
}

static bool parse_id_auth(const uint8_t bytes[SNP_ID_AUTH_SIZE], struct id_auth *auth)
{
	struct cur c = cur_reader(bytes, SNP_ID_AUTH_SIZE);
	bool zeros;

	auth->id_key_algo = cur_get_le32(&c);
	auth->auth_key_algo = cur_get_le32(&c);
	zeros = cur_get_zeros(&c, 0x38);
	auth->id_block_sig = cur_take(&c, SNP_SIGNATURE_SIZE);
	auth->id_key = cur_take(&c, SNP_PUBKEY_SIZE);
	zeros &= cur_get_zeros(&c, 0x3c);
	auth->id_key_sig = cur_take(&c, SNP_SIGNATURE_SIZE);
	auth->author_key = cur_take(&c, SNP_PUBKEY_SIZE);
	zeros &= cur_get_zeros(&c, cur_remaining(&c));
	return zeros && cur_complete(&c);
}

static enum snp_fw_status check_id_block(struct snp_sp *sp, const struct id_block *block,
					 const struct id_auth *auth)
{
	if (memcmp(block->ld, sp->gctx.ld, SNP_DIGEST_SIZE) != 0)
		return snp_refuse(sp, SNP_FW_BAD_MEASUREMENT,
				  "the ID block expects another launch digest");
	if (block->policy != sp->config.policy)
		return snp_refuse(sp, SNP_FW_POLICY_FAILURE,
				  "the ID block expects guest policy 0x%llx, the guest has 0x%llx",
				  (unsigned long long)block->policy,
				  (unsigned long long)sp->config.policy);
	if (block->version != ID_BLOCK_VERSION)
		return snp_refuse(sp, SNP_FW_INVALID_PARAM, "ID block version %u, expected %d",
				  block->version, ID_BLOCK_VERSION);
	if (auth->id_key_algo != SNP_ALGO_ECDSA_P384 ||
	    (sp->config.author_key_en && auth->auth_key_algo != SNP_ALGO_ECDSA_P384))
		return snp_refuse(sp, SNP_FW_INVALID_PARAM,
				  "ID key or author key algorithm is not 1 (ECDSA P-384)");
	return SNP_FW_SUCCESS;
}

static enum snp_fw_status check_id_signatures(struct snp_sp *sp, const struct id_auth *auth)
{
	if (!snp_verify(auth->id_key, sp->id_block, SNP_ID_BLOCK_SIZE, auth->id_block_sig))
		return snp_refuse(sp, SNP_FW_BAD_SIGNATURE,
				  "the ID block is not signed with the ID key");
	if (sp->config.author_key_en &&
	    !snp_verify(auth->author_key, auth->id_key, SNP_PUBKEY_SIZE, auth->id_key_sig))
		return snp_refuse(sp, SNP_FW_BAD_SIGNATURE,
				  "the ID key is not signed with the author key");
	return SNP_FW_SUCCESS;
}

static enum snp_fw_status take_id_block(struct snp_sp *sp)
{
	struct snp_gctx *g = &sp->gctx;
	struct id_block block;
	struct id_auth auth;
	enum snp_fw_status status;

	if (!parse_id_block(sp->id_block, &block) || !parse_id_auth(sp->id_auth, &auth))
		return snp_refuse(sp, SNP_FW_INVALID_PARAM,
				  "a reserved field of the ID authentication information is set");
	status = check_id_block(sp, &block, &auth);
	if (!status)
		status = check_id_signatures(sp, &auth);
	if (status)
		return status;
	if (!sha384(auth.id_key, SNP_PUBKEY_SIZE, g->id_key_digest) ||
	    (sp->config.author_key_en &&
	     !sha384(auth.author_key, SNP_PUBKEY_SIZE, g->author_key_digest)))
		return snp_refuse(sp, SNP_FW_HWERROR_PLATFORM, "libcrypto could not hash a key");
	memcpy(g->family_id, block.family_id, sizeof(g->family_id));
	memcpy(g->image_id, block.image_id, sizeof(g->image_id));
	g->guest_svn = block.guest_svn;
	g->id_block_en = true;
	return SNP_FW_SUCCESS;
}

enum snp_fw_status snp_sp_launch_finish(struct snp_sp *sp)
{
	enum snp_fw_status status;

	sp->reason[0] = '\0';
	if (sp->gctx.running)
		return snp_refuse(sp, SNP_FW_INVALID_GUEST_STATE, "the launch is finished already");
	if (sp->has_id_block) {
		status = take_id_block(sp);
		if (status)
			return status;
	}
	sp->gctx.running = true;
	return SNP_FW_SUCCESS;
}

/*
 * Secrets page
 */

static uint32_t cpuid_fms(const struct snp_sp_config *config)
{
	/* CPUID Fn0000_0001_EAX: families from 0xf on have an extended part */
	return (uint32_t)(config->cpuid_family - 0xf) << 20 |
	       (uint32_t)(config->cpuid_model >> 4) << 16 | 0xfU << 8 |
	       (config->cpuid_model & 0xfU) << 4 | config->cpuid_stepping;
}

int snp_sp_secrets_page(const struct snp_sp *sp, const struct snp_svsm *svsm,
			uint8_t page[SNP_PAGE_SIZE])
{
	struct cur c = cur_writer(page, SNP_PAGE_SIZE);
	unsigned int first = svsm ? svsm->guest_vmpl : 0;

	if (svsm && (first < 1 || first >= SNP_VMPLS))
		return -EINVAL;
	cur_put_le32(&c, SECRETS_VERSION);
	cur_put_le32(&c, 0); /* IMI_EN */
	cur_put_le32(&c, cpuid_fms(&sp->config));
	cur_put_zeros_to(&c, 0x20); /* GOSVW among them */
	for (unsigned int i = 0; i < SNP_VMPLS; i++) {
		if (i < first)
			cur_put_zeros(&c, SNP_SECRET_SIZE);
		else
			cur_put_bytes(&c, sp->gctx.vmpck[i], SNP_SECRET_SIZE);
	}
	cur_put_zeros_to(&c, SECRETS_SVSM); /* OS area, VMSA tweak bitmap */
	if (svsm) {
		cur_put_le64(&c, svsm->base);
		cur_put_le64(&c, svsm->size);
		cur_put_le64(&c, svsm->caa);
		cur_put_le32(&c, svsm->max_version);
		cur_put_u8(&c, svsm->guest_vmpl);
	}
	cur_put_zeros_to(&c, SECRETS_TSC_FACTOR_OFFSET);
	cur_put_le32(&c, SECRETS_TSC_FACTOR);
	cur_put_zeros_to(&c, SNP_PAGE_SIZE);
	return cur_complete(&c) ? 0 : -EINVAL;
}
