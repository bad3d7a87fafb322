// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzz target: ID block and ID authentication information.
 *
 * The first byte's bits: 0: an author key is claimed; 1: the launch digest and
 * policy are put right, so that the rest is looked at; 2: both are signed here
 * with good keys.  Then follow an offset and a byte to change in what was
 * signed, and the two structures.
 */
#include <openssl/core_names.h>
#include <openssl/bn.h>
#include <openssl/ec.h>

#include "sp_fuzz.h"

#define AUTHOR 1
#define FITS   2
#define SIGN   4

/* Offsets in the ID block and in the authentication information */
#define POLICY	     0x58
#define ID_BLOCK_SIG 0x40
#define ID_KEY	     0x240
#define ID_KEY_SIG   0x680
#define AUTHOR_KEY   0x880

static void put_key(const EVP_PKEY *key, uint8_t out[SNP_PUBKEY_SIZE])
{
	static const char *const names[] = { OSSL_PKEY_PARAM_EC_PUB_X, OSSL_PKEY_PARAM_EC_PUB_Y };
	struct cur c = cur_writer(out, SNP_PUBKEY_SIZE);

	cur_put_le32(&c, SNP_CURVE_P384);
	for (size_t i = 0; i < 2; i++) {
		BIGNUM *n = NULL;

		REQUIRE(EVP_PKEY_get_bn_param(key, names[i], &n) == 1);
		REQUIRE(BN_bn2lebinpad(n, cur_room(&c, SNP_ECC_COMPONENT_SIZE),
				       SNP_ECC_COMPONENT_SIZE) == SNP_ECC_COMPONENT_SIZE);
		BN_free(n);
	}
	cur_put_zeros_to(&c, SNP_PUBKEY_SIZE);
}

static void sign(struct snp_sp *sp)
{
	static EVP_PKEY *id_key, *author_key;

	if (!id_key) {
		id_key = EVP_EC_gen("P-384");
		author_key = EVP_EC_gen("P-384");
	}
	put_key(id_key, sp->id_auth + ID_KEY);
	put_key(author_key, sp->id_auth + AUTHOR_KEY);
	REQUIRE(snp_sign(id_key, sp->id_block, SNP_ID_BLOCK_SIZE, sp->id_auth + ID_BLOCK_SIG));
	REQUIRE(snp_sign(author_key, sp->id_auth + ID_KEY, SNP_PUBKEY_SIZE,
			 sp->id_auth + ID_KEY_SIG));
}

/* Is this offset in a key or signature, of those that are looked at? */
static bool signature_covers(size_t at, bool author)
{
	return (at >= ID_BLOCK_SIG && at < ID_KEY + SNP_PUBKEY_SIZE) ||
	       (author && at >= ID_KEY_SIG && at < AUTHOR_KEY + SNP_PUBKEY_SIZE);
}

static size_t at_most(size_t n, size_t max)
{
	return n < max ? n : max;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct snp_sp *sp;
	static struct snp_gctx before;
	struct cur c = cur_reader(data, size);
	uint8_t flags = cur_get_u8(&c);
	uint16_t at = cur_get_le16(&c) % SNP_ID_AUTH_SIZE;
	uint8_t change = cur_get_u8(&c);
	enum snp_fw_status status;

	if (!sp) {
		sp = fuzz_platform();
		sp->has_id_block = true;
		before = sp->gctx;
	}
	if (c.failed)
		return 0;
	memset(sp->id_block, 0, sizeof(sp->id_block));
	memset(sp->id_auth, 0, sizeof(sp->id_auth));
	cur_get_bytes(&c, sp->id_block, at_most(cur_remaining(&c), SNP_ID_BLOCK_SIZE));
	cur_get_bytes(&c, sp->id_auth, at_most(cur_remaining(&c), SNP_ID_AUTH_SIZE));
	if (flags & FITS) {
		struct cur policy = cur_writer(sp->id_block + POLICY, 8);

		memcpy(sp->id_block, sp->gctx.ld, SNP_DIGEST_SIZE);
		cur_put_le64(&policy, sp->config.policy);
	}
	if (flags & SIGN)
		sign(sp);
	sp->id_auth[at] ^= change;
	sp->config.author_key_en = flags & AUTHOR;
	status = snp_sp_launch_finish(sp);

	/* refused: the guest does not run, and nothing of the block is kept */
	REQUIRE(sp->gctx.running == !status);
	if (status) {
		REQUIRE(!memcmp(&sp->gctx, &before, sizeof(before)));
		REQUIRE(sp->reason[0]);
	} else {
		REQUIRE(flags & SIGN);
		REQUIRE(!change || !signature_covers(at, flags & AUTHOR));
	}
	sp->gctx = before;
	return 0;
}
