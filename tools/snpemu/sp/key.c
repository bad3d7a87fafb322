// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What follows from the secrets: the VCEK and VLEK, the chip id and the keys
 * that a guest asks for; and ECDSA in the ABI's little-endian form.
 *
 * Every derivation is HKDF-SHA-384 (RFC 5869) without salt; its info is a
 * label of its own, a zero byte, and the values that the result depends on.
 * AMD's own functions are keyed with a secret that nobody has, so being equal
 * to them is not to be had; what the ABI says a key depends on is kept.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include "internal.h"

#define ROOT_SIZE     48
#define INFO_SIZE_MAX 256
#define POINT_SIZE    (1 + 2 * SNP_ECC_SCALAR_SIZE)
/*
 * Bytes that become a private key: 128 bits more than the order has, so that
 * the reduction's bias is out of reach (FIPS 186-5, A.2.1).
 */
#define SEED_SIZE (SNP_ECC_SCALAR_SIZE + 16)

/* MSG_KEY_REQ: GUEST_FIELD_SELECT */
#define MIX_GUEST_POLICY (1ULL << 0)
#define MIX_IMAGE_ID	 (1ULL << 1)
#define MIX_FAMILY_ID	 (1ULL << 2)
#define MIX_MEASUREMENT	 (1ULL << 3)
#define MIX_GUEST_SVN	 (1ULL << 4)
#define MIX_TCB_VERSION	 (1ULL << 5)
#define MIX_ALL		 ((1ULL << 6) - 1)

static bool kdf(const uint8_t *secret, size_t secret_len, const char *label, const uint8_t *context,
		size_t context_len, uint8_t *out, size_t out_len)
{
	EVP_KDF *hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = hkdf ? EVP_KDF_CTX_new(hkdf) : NULL;
	uint8_t info[INFO_SIZE_MAX];
	struct cur c = cur_writer(info, sizeof(info));
	OSSL_PARAM params[4];
	bool ok;

	cur_put_bytes(&c, label, strlen(label) + 1);
	cur_put_bytes(&c, context, context_len);
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA384", 0);
	params[1] =
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret, secret_len);
	params[2] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, c.pos);
	params[3] = OSSL_PARAM_construct_end();
	ok = ctx && !c.failed && EVP_KDF_derive(ctx, out, out_len, params) == 1;
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(hkdf);
	OPENSSL_cleanse(info, sizeof(info));
	return ok;
}

/* The secret behind the VCEK (of the chip) or VLEK (of the provider) at a TCB */
static bool endorsement_secret(const struct snp_sp *sp, enum snp_signing_key which,
			       const char *label, uint64_t tcb, uint8_t *out, size_t len)
{
	const uint8_t *secret =
		which == SNP_SIGNING_KEY_VLEK ? sp->keys.vlek_secret : sp->keys.chip_secret;
	uint8_t context[8];
	struct cur c = cur_writer(context, sizeof(context));

	cur_put_le64(&c, tcb);
	return kdf(secret, SNP_SECRET_SIZE, label, context, sizeof(context), out, len);
}

bool snp_chip_id_make(const struct snp_keys *keys, uint8_t chip_id[SNP_CHIP_ID_SIZE])
{
	return kdf(keys->chip_secret, SNP_SECRET_SIZE, "snpemu chip id", NULL, 0, chip_id,
		   SNP_CHIP_ID_SIZE);
}

/*
 * P-384 keys
 */

/* @point: uncompressed; @scalar: NULL for a public key */
static EVP_PKEY *p384_key(const uint8_t point[POINT_SIZE], const BIGNUM *scalar)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;

	if (ctx && bld &&
	    OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, SN_secp384r1, 0) &&
	    OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point, POINT_SIZE) &&
	    (!scalar || OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_PRIV_KEY, scalar)))
		params = OSSL_PARAM_BLD_to_param(bld);
	if (params && EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_fromdata(ctx, &key, scalar ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) !=
		    1)
		key = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static EVP_PKEY *p384_from_seed(const uint8_t seed[SEED_SIZE])
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_secp384r1);
	EC_POINT *point = group ? EC_POINT_new(group) : NULL;
	BN_CTX *bn = BN_CTX_secure_new();
	BIGNUM *d = BN_secure_new(), *range = BN_new();
	uint8_t raw[POINT_SIZE];
	EVP_PKEY *key = NULL;

	if (point && bn && d && range && BN_bin2bn(seed, SEED_SIZE, d) &&
	    BN_sub(range, EC_GROUP_get0_order(group), BN_value_one())) {
		BN_set_flags(d, BN_FLG_CONSTTIME);
		if (BN_mod(d, d, range, bn) && BN_add_word(d, 1) &&
		    EC_POINT_mul(group, point, d, NULL, NULL, bn) &&
		    EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, raw,
				       sizeof(raw), bn) == sizeof(raw))
			key = p384_key(raw, d);
	}
	BN_clear_free(d);
	BN_free(range);
	BN_CTX_free(bn);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return key;
}

EVP_PKEY *snp_endorsement_key(const struct snp_sp *sp, enum snp_signing_key which)
{
	uint64_t tcb = snp_tcb_encode(sp->config.product, &sp->config.reported_tcb);
	uint8_t seed[SEED_SIZE];
	EVP_PKEY *key = NULL;

	if (endorsement_secret(sp, which, "snpemu endorsement key", tcb, seed, sizeof(seed)))
		key = p384_from_seed(seed);
	OPENSSL_cleanse(seed, sizeof(seed));
	return key;
}

/*
 * ECDSA as in the ABI: numbers of 72 bytes, little-endian
 */

static void reverse(uint8_t *to, const uint8_t *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = from[n - 1 - i];
}

/* A component as 48 big-endian bytes; false if it has more. */
static bool get_component(struct cur *c, uint8_t be[SNP_ECC_SCALAR_SIZE])
{
	const uint8_t *p = cur_take(c, SNP_ECC_SCALAR_SIZE);

	if (p)
		reverse(be, p, SNP_ECC_SCALAR_SIZE);
	return p && cur_get_zeros(c, SNP_ECC_COMPONENT_SIZE - SNP_ECC_SCALAR_SIZE);
}

static bool put_component(struct cur *c, const BIGNUM *n)
{
	uint8_t *p = cur_room(c, SNP_ECC_COMPONENT_SIZE);

	return p && BN_bn2lebinpad(n, p, SNP_ECC_COMPONENT_SIZE) == SNP_ECC_COMPONENT_SIZE;
}

bool snp_sign(EVP_PKEY *key, const uint8_t *msg, size_t len, uint8_t sig[SNP_SIGNATURE_SIZE])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[SNP_SIGNATURE_SIZE];
	const uint8_t *p = der;
	size_t der_len = sizeof(der);
	ECDSA_SIG *parsed = NULL;
	struct cur c = cur_writer(sig, SNP_SIGNATURE_SIZE);
	bool ok = false;

	if (ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha384(), NULL, key) == 1 &&
	    EVP_DigestSign(ctx, der, &der_len, msg, len) == 1)
		parsed = d2i_ECDSA_SIG(NULL, &p, (long)der_len);
	if (parsed)
		ok = put_component(&c, ECDSA_SIG_get0_r(parsed)) &&
		     put_component(&c, ECDSA_SIG_get0_s(parsed));
	cur_put_zeros_to(&c, SNP_SIGNATURE_SIZE);
	ECDSA_SIG_free(parsed);
	EVP_MD_CTX_free(ctx);
	return ok;
}

/* "Format for an ECDSA P-384 Public Key": curve, QX, QY, zeros */
static EVP_PKEY *parse_pubkey(const uint8_t pubkey[SNP_PUBKEY_SIZE])
{
	struct cur c = cur_reader(pubkey, SNP_PUBKEY_SIZE);
	uint8_t point[POINT_SIZE] = { POINT_CONVERSION_UNCOMPRESSED };

	if (cur_get_le32(&c) != SNP_CURVE_P384 || !get_component(&c, point + 1) ||
	    !get_component(&c, point + 1 + SNP_ECC_SCALAR_SIZE) ||
	    !cur_get_zeros(&c, cur_remaining(&c)))
		return NULL;
	return p384_key(point, NULL); /* refuses a point that is not on the curve */
}

/* "Format for an ECDSA P-384 Signature": R, S, zeros; as DER into @der */
static int parse_signature(const uint8_t sig[SNP_SIGNATURE_SIZE], uint8_t **der)
{
	struct cur c = cur_reader(sig, SNP_SIGNATURE_SIZE);
	uint8_t r[SNP_ECC_SCALAR_SIZE], s[SNP_ECC_SCALAR_SIZE];
	ECDSA_SIG *parsed;
	BIGNUM *bn_r, *bn_s;
	int len = -1;

	if (!get_component(&c, r) || !get_component(&c, s) || !cur_get_zeros(&c, cur_remaining(&c)))
		return -1;
	parsed = ECDSA_SIG_new();
	bn_r = BN_bin2bn(r, sizeof(r), NULL);
	bn_s = BN_bin2bn(s, sizeof(s), NULL);
	if (parsed && bn_r && bn_s && ECDSA_SIG_set0(parsed, bn_r, bn_s)) {
		bn_r = NULL; /* owned by parsed */
		bn_s = NULL;
		len = i2d_ECDSA_SIG(parsed, der);
	}
	BN_free(bn_r);
	BN_free(bn_s);
	ECDSA_SIG_free(parsed);
	return len;
}

bool snp_verify(const uint8_t pubkey[SNP_PUBKEY_SIZE], const uint8_t *msg, size_t len,
		const uint8_t sig[SNP_SIGNATURE_SIZE])
{
	EVP_PKEY *key = parse_pubkey(pubkey);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t *der = NULL;
	int der_len = key ? parse_signature(sig, &der) : -1;
	bool ok;

	ok = ctx && der_len > 0 && EVP_DigestVerifyInit(ctx, NULL, EVP_sha384(), NULL, key) == 1 &&
	     EVP_DigestVerify(ctx, der, (size_t)der_len, msg, len) == 1;
	OPENSSL_free(der);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return ok;
}

/*
 * Requests
 */

/* KEY_SEL of MSG_REPORT_REQ and MSG_KEY_REQ */
enum snp_fw_status snp_select_key(struct snp_sp *sp, uint32_t key_sel, enum snp_signing_key *which)
{
	switch (key_sel) {
	case SNP_KEY_SEL_VLEK_OR_VCEK:
		*which = sp->vlek ? SNP_SIGNING_KEY_VLEK : SNP_SIGNING_KEY_VCEK;
		break;
	case SNP_KEY_SEL_VCEK:
		*which = SNP_SIGNING_KEY_VCEK;
		break;
	case SNP_KEY_SEL_VLEK:
		*which = SNP_SIGNING_KEY_VLEK;
		break;
	default:
		return snp_refuse(sp, SNP_FW_INVALID_KEY, "KEY_SEL %u is reserved", key_sel);
	}
	if (*which == SNP_SIGNING_KEY_VLEK && !sp->vlek)
		return snp_refuse(sp, SNP_FW_INVALID_KEY,
				  "KEY_SEL asks for a VLEK: none is loaded");
	if (*which == SNP_SIGNING_KEY_VCEK && sp->config.vcek_disabled)
		return snp_refuse(sp, SNP_FW_INVALID_KEY,
				  "the VCEK was disabled for this guest at its launch");
	return SNP_FW_SUCCESS;
}

/* MSG_KEY_REQ, "MSG_KEY_REQ Message Structure", message version 1 */
struct key_request {
	bool vmrk; /* ROOT_KEY_SELECT: VMRK instead of VCEK or VLEK */
	uint32_t key_sel;
	uint64_t mix;
	uint32_t vmpl;
	uint32_t guest_svn;
	uint64_t tcb_version;
};

static enum snp_fw_status parse_key_request(struct snp_sp *sp, struct cur *c,
					    struct key_request *req)
{
	uint32_t select = cur_get_le32(c);
	bool zeros = cur_get_zeros(c, 4);

	req->vmrk = select & 1;
	req->key_sel = select >> 1 & 3;
	req->mix = cur_get_le64(c);
	req->vmpl = cur_get_le32(c);
	req->guest_svn = cur_get_le32(c);
	req->tcb_version = cur_get_le64(c);
	if (c->failed)
		return snp_refuse(sp, SNP_FW_INVALID_PARAM, "MSG_KEY_REQ is too short");
	if (select >> 3 || !zeros)
		return snp_refuse(sp, SNP_FW_INVALID_PARAM, "MSG_KEY_REQ: a reserved field is set");
	if (req->mix & ~MIX_ALL)
		return snp_refuse(sp, SNP_FW_INVALID_PARAM,
				  "GUEST_FIELD_SELECT 0x%llx has reserved bits",
				  (unsigned long long)req->mix);
	return SNP_FW_SUCCESS;
}

static enum snp_fw_status check_key_request(struct snp_sp *sp, uint8_t vmpck,
					    const struct key_request *req)
{
	struct snp_tcb tcb = snp_tcb_decode(sp->config.product, req->tcb_version);

	if (req->vmpl < vmpck || req->vmpl >= SNP_VMPLS)
		return snp_refuse(sp, SNP_FW_INVALID_PARAM,
				  "VMPL %u is not within %u (that of the VMPCK) to 3", req->vmpl,
				  vmpck);
	if (req->mix & MIX_GUEST_SVN && req->guest_svn > sp->gctx.guest_svn)
		return snp_refuse(sp, SNP_FW_INVALID_PARAM,
				  "GUEST_SVN %u is above %u, that of the ID block", req->guest_svn,
				  sp->gctx.guest_svn);
	if (req->mix & MIX_TCB_VERSION &&
	    (snp_tcb_encode(sp->config.product, &tcb) != req->tcb_version ||
	     !snp_tcb_not_above(&tcb, &sp->config.committed_tcb)))
		return snp_refuse(sp, SNP_FW_INVALID_PARAM,
				  "TCB_VERSION 0x%llx is above COMMITTED_TCB or has reserved bytes",
				  (unsigned long long)req->tcb_version);
	return SNP_FW_SUCCESS;
}

/* Always VMPL, HOST_DATA and who signed the ID block; the rest as selected */
static size_t put_mix(const struct snp_sp *sp, const struct key_request *req, uint8_t *out,
		      size_t size)
{
	static const uint8_t none[SNP_DIGEST_SIZE];
	const struct snp_gctx *g = &sp->gctx;
	struct cur c = cur_writer(out, size);
	uint64_t mix = req->mix;

	cur_put_u8(&c, req->vmrk);
	cur_put_u8(&c, (uint8_t)(g->id_block_en + sp->config.author_key_en));
	cur_put_le64(&c, mix);
	cur_put_le32(&c, req->vmpl);
	cur_put_bytes(&c, sp->config.host_data, SNP_HOST_DATA_SIZE);
	cur_put_bytes(&c, sp->config.author_key_en ? g->author_key_digest : g->id_key_digest,
		      SNP_DIGEST_SIZE);
	cur_put_le32(&c, mix & MIX_GUEST_SVN ? req->guest_svn : 0);
	cur_put_le64(&c, mix & MIX_TCB_VERSION ? req->tcb_version : 0);
	cur_put_le64(&c, mix & MIX_GUEST_POLICY ? sp->config.policy : 0);
	cur_put_bytes(&c, mix & MIX_IMAGE_ID ? g->image_id : none, sizeof(g->image_id));
	cur_put_bytes(&c, mix & MIX_FAMILY_ID ? g->family_id : none, sizeof(g->family_id));
	cur_put_bytes(&c, mix & MIX_MEASUREMENT ? g->ld : none, sizeof(g->ld));
	return c.failed ? 0 : c.pos;
}

static bool derive(const struct snp_sp *sp, const struct key_request *req,
		   enum snp_signing_key which, uint8_t key[SNP_SECRET_SIZE])
{
	uint64_t tcb = req->mix & MIX_TCB_VERSION
			       ? req->tcb_version
			       : snp_tcb_encode(sp->config.product, &sp->config.reported_tcb);
	uint8_t root[ROOT_SIZE], mix[INFO_SIZE_MAX];
	size_t len = put_mix(sp, req, mix, sizeof(mix));
	bool ok;

	if (req->vmrk)
		return len && kdf(sp->gctx.vmrk, sizeof(sp->gctx.vmrk), "snpemu key request", mix,
				  len, key, SNP_SECRET_SIZE);
	ok = len && endorsement_secret(sp, which, "snpemu key root", tcb, root, sizeof(root)) &&
	     kdf(root, sizeof(root), "snpemu key request", mix, len, key, SNP_SECRET_SIZE);
	OPENSSL_cleanse(root, sizeof(root));
	return ok;
}

enum snp_fw_status snp_derive_key(struct snp_sp *sp, uint8_t vmpck, struct cur *request,
				  uint8_t key[SNP_SECRET_SIZE])
{
	enum snp_signing_key which = SNP_SIGNING_KEY_NONE;
	struct key_request req;
	enum snp_fw_status status = parse_key_request(sp, request, &req);

	if (!status && !req.vmrk && sp->config.mask_chip_key)
		status =
			snp_refuse(sp, SNP_FW_INVALID_KEY, "MASK_CHIP_KEY: no key from the chip's");
	if (!status && !req.vmrk)
		status = snp_select_key(sp, req.key_sel, &which);
	if (!status)
		status = check_key_request(sp, vmpck, &req);
	if (!status && !derive(sp, &req, which, key))
		status =
			snp_refuse(sp, SNP_FW_HWERROR_PLATFORM, "libcrypto could not derive a key");
	return status;
}
