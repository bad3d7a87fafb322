// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An ID block as its owner would make it.
 */
#include "sp_test.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>

static void to_le72(const BIGNUM *n, uint8_t out[72])
{
	assert_int_equal(BN_bn2lebinpad(n, out, 72), 72);
}

static void put_key(EVP_PKEY *key, uint8_t out[0x404])
{
	BIGNUM *x = NULL, *y = NULL;

	memset(out, 0, 0x404);
	out[0] = 2; /* P-384 */
	assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x), 1);
	assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y), 1);
	to_le72(x, out + 4);
	to_le72(y, out + 4 + 72);
	BN_free(x);
	BN_free(y);
}

static void put_sig(EVP_PKEY *key, const uint8_t *msg, size_t len, uint8_t out[512])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[128];
	const uint8_t *p = der;
	size_t n = sizeof(der);
	ECDSA_SIG *sig;

	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha384(), NULL, key), 1);
	assert_int_equal(EVP_DigestSign(ctx, der, &n, msg, len), 1);
	sig = d2i_ECDSA_SIG(NULL, &p, (long)n);
	memset(out, 0, 512);
	to_le72(ECDSA_SIG_get0_r(sig), out);
	to_le72(ECDSA_SIG_get0_s(sig), out + 72);
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(ctx);
}

void id_sign(struct id *id)
{
	put_sig(id->id_key, id->block, sizeof(id->block), id->auth + 0x40);
	put_sig(id->author_key, id->auth + 0x240, 0x404, id->auth + 0x680);
}

void id_put_keys(struct id *id)
{
	put_key(id->id_key, id->auth + 0x240);
	put_key(id->author_key, id->auth + 0x880);
	id_sign(id);
}

/* For the launch that sp_running() makes */
void id_make(struct id *id, const struct snp_sp_config *config)
{
	struct snp_sp *sp = sp_running(config);

	memset(id->block, 0, sizeof(id->block));
	memset(id->auth, 0, sizeof(id->auth));
	snp_sp_launch_digest(sp, id->block);
	snp_sp_free(sp);
	memset(id->block + 0x30, 0xfa, 16);
	memset(id->block + 0x40, 0x1d, 16);
	id->block[0x50] = 1;
	id->block[0x54] = ID_GUEST_SVN;
	for (size_t i = 0; i < 8; i++)
		id->block[0x58 + i] = (uint8_t)(config->policy >> (8 * i));
	id->auth[0] = 1;
	id->auth[4] = 1;
	id->id_key = EVP_EC_gen("P-384");
	id->author_key = EVP_EC_gen("P-384");
	id_put_keys(id);
}

void id_free(struct id *id)
{
	EVP_PKEY_free(id->id_key);
	EVP_PKEY_free(id->author_key);
}
