// SPDX-License-Identifier: GPL-2.0-or-later
#include "credential.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <string.h>

#include "../common/cursor.h"

#define SEED_MAX       64
#define LABEL	       "IDENTITY" /* with its zero */
#define AES_KEY_MAX    32
#define COORDINATE_MAX 48

static bool derive(const char *kdf, OSSL_PARAM *params, uint8_t *out, size_t len)
{
	EVP_KDF *method = EVP_KDF_fetch(NULL, kdf, NULL);
	EVP_KDF_CTX *ctx = method ? EVP_KDF_CTX_new(method) : NULL;
	bool ok = ctx && EVP_KDF_derive(ctx, out, len, params) == 1;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(method);
	return ok;
}

static OSSL_PARAM octets(const char *key, const void *data, size_t len)
{
	return OSSL_PARAM_construct_octet_string(key, (void *)(uintptr_t)data, len);
}

static OSSL_PARAM text(const char *key, const char *value)
{
	return OSSL_PARAM_construct_utf8_string(key, (char *)(uintptr_t)value, 0);
}

/* KDFa, part 1, 11.4.10.2: SP 800-108 with HMAC; the label's zero is the separator. */
static bool kdfa(const EVP_MD *md, const uint8_t *key, size_t key_len, const char *label,
		 const struct tpm_name *context, uint8_t *out, size_t len)
{
	OSSL_PARAM params[8], *p = params;

	*p++ = text(OSSL_KDF_PARAM_MODE, "counter");
	*p++ = text(OSSL_KDF_PARAM_MAC, "HMAC");
	*p++ = text(OSSL_KDF_PARAM_DIGEST, EVP_MD_get0_name(md));
	*p++ = octets(OSSL_KDF_PARAM_KEY, key, key_len);
	*p++ = octets(OSSL_KDF_PARAM_SALT, label, strlen(label));
	if (context)
		*p++ = octets(OSSL_KDF_PARAM_INFO, context->data, context->len);
	*p = OSSL_PARAM_construct_end();
	return derive("KBKDF", params, out, len);
}

/* KDFe, part 1, 11.4.10.3: SP 800-56A; @info is label, its zero, PartyUInfo, PartyVInfo */
static bool kdfe(const EVP_MD *md, const uint8_t *z, size_t z_len, const uint8_t *info,
		 size_t info_len, uint8_t *out, size_t len)
{
	OSSL_PARAM params[] = {
		text(OSSL_KDF_PARAM_DIGEST, EVP_MD_get0_name(md)),
		octets(OSSL_KDF_PARAM_KEY, z, z_len),
		octets(OSSL_KDF_PARAM_INFO, info, info_len),
		OSSL_PARAM_construct_end(),
	};

	return derive("SSKDF", params, out, len);
}

static bool rsa_encrypt(EVP_PKEY *ek, const EVP_MD *md, const uint8_t *seed, size_t seed_len,
			struct cur *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(ek, NULL);
	uint8_t *label = OPENSSL_memdup(LABEL, sizeof(LABEL)), secret[512];
	size_t len = sizeof(secret);
	bool ok = ctx && label && EVP_PKEY_encrypt_init(ctx) == 1 &&
		  EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
		  EVP_PKEY_CTX_set_rsa_oaep_md(ctx, md) == 1 &&
		  EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) == 1;

	/* takes the label over */
	if (ok && EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, label, sizeof(LABEL)) == 1)
		label = NULL;
	ok = ok && !label && EVP_PKEY_encrypt(ctx, secret, &len, seed, seed_len) == 1;
	OPENSSL_free(label);
	EVP_PKEY_CTX_free(ctx);
	if (!ok)
		return false;
	cur_put_be16(out, (uint16_t)len);
	cur_put_bytes(out, secret, len);
	return !out->failed;
}

/* An uncompressed point's coordinates */
static bool coordinates(const EVP_PKEY *key, size_t size, uint8_t *x, uint8_t *y)
{
	uint8_t point[1 + 2 * COORDINATE_MAX];
	size_t len;

	if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point),
					    &len) != 1 ||
	    len != 1 + 2 * size || point[0] != 4)
		return false;
	memcpy(x, point + 1, size);
	memcpy(y, point + 1 + size, size);
	return true;
}

static bool shared_secret(EVP_PKEY *own, EVP_PKEY *peer, uint8_t *z, size_t size)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
	size_t len = size;
	bool ok = ctx && EVP_PKEY_derive_init(ctx) == 1 &&
		  EVP_PKEY_derive_set_peer(ctx, peer) == 1 && EVP_PKEY_derive(ctx, z, &len) == 1 &&
		  len == size;

	EVP_PKEY_CTX_free(ctx);
	return ok;
}

static bool ecc_seed(EVP_PKEY *ek, const EVP_MD *md, uint8_t *seed, size_t seed_len,
		     struct cur *out)
{
	size_t size = ((size_t)EVP_PKEY_get_bits(ek) + 7) / 8;
	uint8_t x[COORDINATE_MAX], y[COORDINATE_MAX], ek_x[COORDINATE_MAX], ek_y[COORDINATE_MAX];
	uint8_t z[COORDINATE_MAX], info[sizeof(LABEL) + 2 * COORDINATE_MAX];
	EVP_PKEY *own = size <= COORDINATE_MAX
				? EVP_EC_gen(size == COORDINATE_MAX ? "P-384" : "P-256")
				: NULL;
	struct cur c = cur_writer(info, sizeof(info));
	bool ok = own && coordinates(own, size, x, y) && coordinates(ek, size, ek_x, ek_y) &&
		  shared_secret(own, ek, z, size);

	EVP_PKEY_free(own);
	if (!ok)
		return false;
	cur_put_bytes(&c, LABEL, sizeof(LABEL));
	cur_put_bytes(&c, x, size);
	cur_put_bytes(&c, ek_x, size);
	ok = kdfe(md, z, size, info, c.pos, seed, seed_len);
	OPENSSL_cleanse(z, sizeof(z));
	cur_put_be16(out, (uint16_t)(2 * (2 + size)));
	cur_put_be16(out, (uint16_t)size);
	cur_put_bytes(out, x, size);
	cur_put_be16(out, (uint16_t)size);
	cur_put_bytes(out, y, size);
	return ok && !out->failed;
}

/* AES in CFB mode, with an IV of zeros */
static bool cfb(const TPMT_SYM_DEF_OBJECT *sym, const uint8_t *key, const uint8_t *in, size_t len,
		uint8_t *out)
{
	static const uint8_t iv[16];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;
	bool ok = ctx &&
		  EVP_EncryptInit_ex(ctx,
				     sym->keyBits.aes == 256 ? EVP_aes_256_cfb128()
							     : EVP_aes_128_cfb128(),
				     NULL, key, iv) == 1 &&
		  EVP_EncryptUpdate(ctx, out, &n, in, (int)len) == 1 && (size_t)n == len;

	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

/* TPM2B integrity || encIdentity, with its size before */
static bool wrap(const TPMT_PUBLIC *ek, const EVP_MD *md, const uint8_t *seed, size_t seed_len,
		 const struct tpm_name *name, struct ctpm_bytes secret, struct cur *out)
{
	const TPMT_SYM_DEF_OBJECT *sym = ek->type == TPM2_ALG_RSA
						 ? &ek->parameters.rsaDetail.symmetric
						 : &ek->parameters.eccDetail.symmetric;
	uint8_t key[AES_KEY_MAX], mac_key[SEED_MAX], mac[SEED_MAX];
	uint8_t plain[2 + SEED_MAX], all[2 + SEED_MAX + TPM_NAME_MAX];
	struct cur p = cur_writer(plain, sizeof(plain)), a = cur_writer(all, sizeof(all));
	unsigned int mac_len = 0;
	bool ok;

	cur_put_be16(&p, (uint16_t)secret.len);
	cur_put_bytes(&p, secret.data, secret.len);
	ok = !p.failed && kdfa(md, seed, seed_len, "STORAGE", name, key, sym->keyBits.aes / 8u) &&
	     kdfa(md, seed, seed_len, "INTEGRITY", NULL, mac_key, seed_len) &&
	     cfb(sym, key, plain, p.pos, all);
	cur_skip(&a, p.pos);
	cur_put_bytes(&a, name->data, name->len);
	ok = ok && !a.failed && HMAC(md, mac_key, (int)seed_len, all, a.pos, mac, &mac_len);
	OPENSSL_cleanse(key, sizeof(key));
	OPENSSL_cleanse(mac_key, sizeof(mac_key));
	OPENSSL_cleanse(plain, sizeof(plain));
	cur_put_be16(out, (uint16_t)(2 + mac_len + p.pos));
	cur_put_be16(out, (uint16_t)mac_len);
	cur_put_bytes(out, mac, mac_len);
	cur_put_bytes(out, all, p.pos);
	return ok && !out->failed;
}

enum ctpm_error make_credential(const TPMT_PUBLIC *ek, const struct tpm_name *name,
				struct ctpm_bytes secret, uint8_t id_object[ID_OBJECT_MAX],
				size_t *id_object_len, uint8_t encrypted[ENCRYPTED_SECRET_MAX],
				size_t *encrypted_len)
{
	const EVP_MD *md = tpm_md(ek->nameAlg);
	size_t seed_len = md ? (size_t)EVP_MD_get_size(md) : 0;
	struct cur id = cur_writer(id_object, ID_OBJECT_MAX);
	struct cur enc = cur_writer(encrypted, ENCRYPTED_SECRET_MAX);
	EVP_PKEY *key = tpm_key(ek);
	uint8_t seed[SEED_MAX];
	bool ok = md && key;

	if (ok && ek->type == TPM2_ALG_RSA)
		ok = RAND_bytes(seed, (int)seed_len) == 1 &&
		     rsa_encrypt(key, md, seed, seed_len, &enc);
	else
		ok = ok && ecc_seed(key, md, seed, seed_len, &enc);
	ok = ok && wrap(ek, md, seed, seed_len, name, secret, &id);
	OPENSSL_cleanse(seed, sizeof(seed));
	EVP_PKEY_free(key);
	ERR_clear_error();
	*id_object_len = id.pos;
	*encrypted_len = enc.pos;
	return ok ? CTPM_OK : CTPM_ERR_CRYPTO;
}
