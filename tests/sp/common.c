// SPDX-License-Identifier: GPL-2.0-or-later
#include "sp_test.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/x509.h>

uint16_t le16_at(const uint8_t *p, size_t offset)
{
	return (uint16_t)(p[offset] | p[offset + 1] << 8);
}

uint32_t le32_at(const uint8_t *p, size_t offset)
{
	return le16_at(p, offset) | (uint32_t)le16_at(p, offset + 2) << 16;
}

uint64_t le64_at(const uint8_t *p, size_t offset)
{
	return le32_at(p, offset) | (uint64_t)le32_at(p, offset + 4) << 32;
}

bool is_zero(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i])
			return false;
	}
	return true;
}

/* $SP_TEST_KEYS, made by the first test that needs it: RSA-4096 is slow. */
const char *shared_keys(void)
{
	const char *dir = getenv("SP_TEST_KEYS");

	if (!dir)
		fail_msg("SP_TEST_KEYS must name a directory for the tests' keys");
	return dir;
}

void make_temp_dir(char path[64])
{
	strcpy(path, "/tmp/sp-test.XXXXXX");
	assert_non_null(mkdtemp(path));
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void remove_temp_dir(const char *path)
{
	assert_int_equal(nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

struct snp_sp_config test_config(enum snp_product product)
{
	struct snp_sp_config config;

	snp_sp_config_init(&config, product);
	config.key_dir = shared_keys();
	return config;
}

struct snp_sp *sp_open(const struct snp_sp_config *config)
{
	struct snp_sp_error error = { "" };
	struct snp_sp *sp = NULL;

	if (snp_sp_new(config, &sp, &error))
		fail_msg("snp_sp_new: %s", error.text);
	return sp;
}

struct snp_sp *sp_running(const struct snp_sp_config *config)
{
	static const uint8_t page[TEST_PAGE] = { 0x90, 0x90, 0xf4 };
	struct snp_sp *sp = sp_open(config);

	assert_int_equal(snp_sp_launch_update(sp, SNP_PAGE_NORMAL, 0x1000000, page, sizeof(page)),
			 SNP_FW_SUCCESS);
	assert_int_equal(snp_sp_launch_finish(sp), SNP_FW_SUCCESS);
	return sp;
}

EVP_PKEY *cert_key(const struct snp_sp *sp, enum snp_cert which)
{
	size_t len;
	const uint8_t *der = snp_sp_cert(sp, which, &len);
	X509 *cert = d2i_X509(NULL, &der, (long)len);
	EVP_PKEY *key = X509_get_pubkey(cert);

	assert_non_null(key);
	X509_free(cert);
	return key;
}

/* R and S: 72 bytes each, little-endian, then zeros to 512 bytes */
bool report_verifies(const uint8_t report[SNP_REPORT_SIZE], EVP_PKEY *key)
{
	const uint8_t *raw = report + 0x2a0;
	ECDSA_SIG *sig = ECDSA_SIG_new();
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t *der = NULL;
	int len;
	bool ok;

	ECDSA_SIG_set0(sig, BN_lebin2bn(raw, 72, NULL), BN_lebin2bn(raw + 72, 72, NULL));
	len = i2d_ECDSA_SIG(sig, &der);
	ok = is_zero(raw + 144, 512 - 144) &&
	     EVP_DigestVerifyInit(ctx, NULL, EVP_sha384(), NULL, key) == 1 &&
	     EVP_DigestVerify(ctx, der, (size_t)len, report, 0x2a0) == 1;
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(ctx);
	return ok;
}

void guest_vmpck(const struct snp_sp *sp, unsigned int vmpck, uint8_t key[32])
{
	uint8_t page[TEST_PAGE];

	assert_int_equal(snp_sp_secrets_page(sp, NULL, page), 0);
	memcpy(key, page + 0x20 + 32 * vmpck, 32);
}

void guest_header(struct guest_msg *msg, uint64_t seqno, uint8_t type, uint8_t vmpck, uint16_t len)
{
	memset(msg, 0, sizeof(*msg));
	msg->hdr.algo = 1;
	msg->hdr.hdr_version = 1;
	msg->hdr.hdr_sz = sizeof(msg->hdr);
	msg->hdr.msg_type = type;
	msg->hdr.msg_version = 1;
	msg->hdr.msg_seqno = seqno;
	msg->hdr.msg_vmpck = vmpck;
	msg->hdr.msg_sz = len;
}

/* AAD: the 48 bytes from algo on; IV: msg_seqno as it lies in memory, then zeros */
void guest_encrypt(struct guest_msg *msg, const uint8_t key[32], const uint8_t *plain)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t iv[12] = { 0 };
	int n;

	memcpy(iv, &msg->hdr.msg_seqno, sizeof(msg->hdr.msg_seqno));
	assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, iv), 1);
	assert_int_equal(EVP_EncryptUpdate(ctx, NULL, &n, &msg->hdr.algo, 48), 1);
	assert_int_equal(EVP_EncryptUpdate(ctx, msg->payload, &n, plain, msg->hdr.msg_sz), 1);
	assert_int_equal(EVP_EncryptFinal_ex(ctx, msg->payload + n, &n), 1);
	assert_int_equal(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, msg->hdr.authtag), 1);
	EVP_CIPHER_CTX_free(ctx);
}

bool guest_decrypt(const struct guest_msg *request, const struct guest_msg *response,
		   const uint8_t key[32], uint8_t *plain, size_t room)
{
	EVP_CIPHER_CTX *ctx;
	uint8_t iv[12] = { 0 }, tag[16];
	int n;
	bool ok;

	if (response->hdr.msg_seqno != request->hdr.msg_seqno + 1 ||
	    response->hdr.msg_type != request->hdr.msg_type + 1 ||
	    response->hdr.msg_version != request->hdr.msg_version || response->hdr.msg_sz > room)
		return false;
	memcpy(iv, &response->hdr.msg_seqno, sizeof(response->hdr.msg_seqno));
	memcpy(tag, response->hdr.authtag, sizeof(tag));
	ctx = EVP_CIPHER_CTX_new();
	ok = EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, iv) == 1 &&
	     EVP_DecryptUpdate(ctx, NULL, &n, &response->hdr.algo, 48) == 1 &&
	     EVP_DecryptUpdate(ctx, plain, &n, response->payload, response->hdr.msg_sz) == 1 &&
	     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 16, tag) == 1 &&
	     EVP_DecryptFinal_ex(ctx, plain + n, &n) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}
