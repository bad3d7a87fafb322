// SPDX-License-Identifier: GPL-2.0-or-later
#include "tpm.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <string.h>
#include <tss2/tss2_mu.h>

#include "../common/cursor.h"

#define SIGNATURE_MAX 512
#define RSA_EXPONENT  65537

/* Attributes that both EK and AK must have: in this TPM since it was made there */
#define AT_HOME (TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN)

const EVP_MD *tpm_md(TPMI_ALG_HASH alg)
{
	switch (alg) {
	case TPM2_ALG_SHA256:
		return EVP_sha256();
	case TPM2_ALG_SHA384:
		return EVP_sha384();
	case TPM2_ALG_SHA512:
		return EVP_sha512();
	default:
		return NULL;
	}
}

enum ctpm_error tpm_public(struct ctpm_bytes bytes, TPMT_PUBLIC *public, const char *what,
			   struct ctpm_why *why)
{
	size_t offset = 0;

	memset(public, 0, sizeof(*public));
	if (Tss2_MU_TPMT_PUBLIC_Unmarshal(bytes.data, bytes.len, &offset, public) ||
	    offset != bytes.len)
		return because(why, CTPM_ERR_TPM_FORM, "%s is not one TPMT_PUBLIC (%zu bytes)",
			       what, bytes.len);
	return CTPM_OK;
}

enum ctpm_error tpm_bind_manifest(struct ctpm_bytes manifest, struct ctpm_bytes *ek,
				  struct ctpm_bytes *ak, struct ctpm_why *why)
{
	struct cur c = cur_reader(manifest.data, manifest.len);

	ek->len = cur_get_be16(&c);
	ek->data = cur_take(&c, ek->len);
	ak->len = cur_get_be16(&c);
	ak->data = cur_take(&c, ak->len);
	if (!cur_complete(&c))
		return because(why, CTPM_ERR_TPM_FORM,
			       "the manifest is not TPM2B_PUBLIC of the EK and of the AK (%zu "
			       "bytes)",
			       manifest.len);
	return CTPM_OK;
}

enum ctpm_error tpm_quote(struct ctpm_bytes bytes, struct ctpm_bytes *attest, TPMS_ATTEST *parsed,
			  TPMT_SIGNATURE *signature, struct ctpm_why *why)
{
	struct cur c = cur_reader(bytes.data, bytes.len);
	size_t used = 0, offset = 0, left;
	const uint8_t *rest;

	memset(parsed, 0, sizeof(*parsed));
	memset(signature, 0, sizeof(*signature));
	attest->len = cur_get_be16(&c);
	attest->data = cur_take(&c, attest->len);
	left = cur_remaining(&c);
	rest = cur_take(&c, left);
	if (c.failed || !left ||
	    Tss2_MU_TPMS_ATTEST_Unmarshal(attest->data, attest->len, &used, parsed) ||
	    used != attest->len ||
	    Tss2_MU_TPMT_SIGNATURE_Unmarshal(rest, left, &offset, signature) || offset != left)
		return because(why, CTPM_ERR_TPM_FORM,
			       "the quote is not TPM2B_ATTEST and TPMT_SIGNATURE (%zu bytes)",
			       bytes.len);
	return CTPM_OK;
}

static bool name_of(TPMI_ALG_HASH alg, struct ctpm_bytes a, struct ctpm_bytes b,
		    struct tpm_name *name)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const EVP_MD *md = tpm_md(alg);
	unsigned int len = 0;
	bool ok = ctx && md && EVP_DigestInit_ex(ctx, md, NULL) == 1 &&
		  EVP_DigestUpdate(ctx, a.data, a.len) == 1 &&
		  EVP_DigestUpdate(ctx, b.data, b.len) == 1 &&
		  EVP_DigestFinal_ex(ctx, name->data + 2, &len) == 1;

	EVP_MD_CTX_free(ctx);
	name->data[0] = (uint8_t)(alg >> 8);
	name->data[1] = (uint8_t)alg;
	name->len = ok ? 2 + len : 0;
	return ok;
}

bool tpm_name(struct ctpm_bytes public, TPMI_ALG_HASH name_alg, struct tpm_name *name)
{
	return name_of(name_alg, public, (struct ctpm_bytes){ NULL, 0 }, name);
}

bool tpm_endorsement_name(const struct tpm_name *name, struct tpm_name *qualified)
{
	static const uint8_t handle[4] = { 0x40, 0x00, 0x00, 0x0b }; /* TPM_RH_ENDORSEMENT */

	return name->len > 2 && name_of((TPMI_ALG_HASH)(name->data[0] << 8 | name->data[1]),
					(struct ctpm_bytes){ handle, sizeof(handle) },
					(struct ctpm_bytes){ name->data, name->len }, qualified);
}

bool tpm_name_is(const struct tpm_name *name, const uint8_t *data, size_t len)
{
	return name->len && name->len == len && !memcmp(name->data, data, len);
}

static EVP_PKEY *key_from(const char *type, OSSL_PARAM_BLD *build)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY *key = NULL;

	if (!ctx || !params || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static EVP_PKEY *rsa_key(const TPMT_PUBLIC *public)
{
	const TPM2B_PUBLIC_KEY_RSA *n = &public->unique.rsa;
	uint32_t e = public->parameters.rsaDetail.exponent;
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *modulus = BN_bin2bn(n->buffer, n->size, NULL);
	EVP_PKEY *key = NULL;

	if (build && modulus && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) &&
	    OSSL_PARAM_BLD_push_uint32(build, OSSL_PKEY_PARAM_RSA_E, e ? e : RSA_EXPONENT))
		key = key_from("RSA", build);
	BN_free(modulus);
	OSSL_PARAM_BLD_free(build);
	return key;
}

static const struct curve {
	TPMI_ECC_CURVE id;
	const char *name;
	size_t size;
} curves[] = {
	{ TPM2_ECC_NIST_P256, "P-256", 32 },
	{ TPM2_ECC_NIST_P384, "P-384", 48 },
};

static const struct curve *find_curve(TPMI_ECC_CURVE id)
{
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
		if (curves[i].id == id)
			return &curves[i];
	return NULL;
}

/* Uncompressed: 4, x, y; leading zeros may be missing in a TPM2B */
static bool ecc_point(const TPMS_ECC_POINT *point, size_t size, uint8_t *out)
{
	if (point->x.size > size || point->y.size > size)
		return false;
	memset(out, 0, 1 + 2 * size);
	out[0] = 4;
	memcpy(out + 1 + size - point->x.size, point->x.buffer, point->x.size);
	memcpy(out + 1 + 2 * size - point->y.size, point->y.buffer, point->y.size);
	return true;
}

static EVP_PKEY *ecc_key(const TPMT_PUBLIC *public)
{
	const struct curve *curve = find_curve(public->parameters.eccDetail.curveID);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	uint8_t point[1 + 2 * 48];
	EVP_PKEY *key = NULL;

	if (build && curve && ecc_point(&public->unique.ecc, curve->size, point) &&
	    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, curve->name, 0) &&
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point,
					     1 + 2 * curve->size))
		key = key_from("EC", build);
	OSSL_PARAM_BLD_free(build);
	return key;
}

EVP_PKEY *tpm_key(const TPMT_PUBLIC *public)
{
	EVP_PKEY *key = NULL;

	if (public->type == TPM2_ALG_RSA)
		key = rsa_key(public);
	else if (public->type == TPM2_ALG_ECC)
		key = ecc_key(public);
	ERR_clear_error();
	return key;
}

static enum ctpm_error check_attributes(const TPMT_PUBLIC *public, TPMA_OBJECT must,
					TPMA_OBJECT must_not, const char *what,
					struct ctpm_why *why)
{
	if ((public->objectAttributes & must) == must && !(public->objectAttributes & must_not))
		return CTPM_OK;
	return because(why, CTPM_ERR_REFUSED,
		       "the %s has attributes %#010x; it must have %#010x and none of %#010x", what,
		       public->objectAttributes, must, must_not);
}

static bool good_rsa(const TPMT_PUBLIC *public)
{
	const TPMS_RSA_PARMS *rsa = &public->parameters.rsaDetail;

	return public->type == TPM2_ALG_RSA && rsa->keyBits >= 2048 && rsa->keyBits <= 4096 &&
	       public->unique.rsa.size == rsa->keyBits / 8 &&
	       (!rsa->exponent || rsa->exponent == RSA_EXPONENT);
}

static bool good_ecc(const TPMT_PUBLIC *public)
{
	return public->type == TPM2_ALG_ECC && find_curve(public->parameters.eccDetail.curveID);
}

static bool good_rsa_ak(const TPMT_PUBLIC *ak)
{
	const TPMS_RSA_PARMS *rsa = &ak->parameters.rsaDetail;
	bool scheme =
		rsa->scheme.scheme == TPM2_ALG_RSASSA || rsa->scheme.scheme == TPM2_ALG_RSAPSS;

	/* an "any signature" details' hash is at the same place for both */
	return good_rsa(ak) && scheme && tpm_md(rsa->scheme.details.anySig.hashAlg);
}

static bool good_ecc_ak(const TPMT_PUBLIC *ak)
{
	const TPMS_ECC_PARMS *ecc = &ak->parameters.eccDetail;

	return good_ecc(ak) && ecc->scheme.scheme == TPM2_ALG_ECDSA &&
	       tpm_md(ecc->scheme.details.anySig.hashAlg);
}

enum ctpm_error tpm_check_ak(const TPMT_PUBLIC *ak, struct ctpm_why *why)
{
	if ((!good_rsa_ak(ak) && !good_ecc_ak(ak)) || !tpm_md(ak->nameAlg))
		return because(why, CTPM_ERR_REFUSED,
			       "the AK is neither ECDSA on P-256 or P-384 nor RSA of 2048 to 4096 "
			       "bits, with SHA-256 or better");
	return check_attributes(ak, AT_HOME | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT,
				TPMA_OBJECT_DECRYPT, "AK", why);
}

enum ctpm_error tpm_check_ek(const TPMT_PUBLIC *ek, struct ctpm_why *why)
{
	const TPMT_SYM_DEF_OBJECT *sym = ek->type == TPM2_ALG_RSA
						 ? &ek->parameters.rsaDetail.symmetric
						 : &ek->parameters.eccDetail.symmetric;

	if ((!good_rsa(ek) && !good_ecc(ek)) || !tpm_md(ek->nameAlg) ||
	    sym->algorithm != TPM2_ALG_AES ||
	    (sym->keyBits.aes != 128 && sym->keyBits.aes != 256) || sym->mode.aes != TPM2_ALG_CFB)
		return because(why, CTPM_ERR_REFUSED,
			       "the EK is neither RSA of 2048 bits or more nor on P-256 or P-384, "
			       "with AES-128 or AES-256 and SHA-256 or better");
	return check_attributes(ek, AT_HOME | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT,
				TPMA_OBJECT_SIGN_ENCRYPT, "EK", why);
}

/*
 * The signature as libcrypto wants it: its length, or 0. Leading zeros may be missing, as in a
 * point, but there are no more of them than the curve's size has.
 */
static size_t ecdsa_der(const TPMS_SIGNATURE_ECC *sig, TPMI_ECC_CURVE curve_id,
			uint8_t der[SIGNATURE_MAX])
{
	const struct curve *curve = find_curve(curve_id);
	BIGNUM *r, *s;
	ECDSA_SIG *pair;
	uint8_t *p = der;
	int len = 0;

	if (!curve || sig->signatureR.size > curve->size || sig->signatureS.size > curve->size)
		return 0;
	r = BN_bin2bn(sig->signatureR.buffer, sig->signatureR.size, NULL);
	s = BN_bin2bn(sig->signatureS.buffer, sig->signatureS.size, NULL);
	pair = ECDSA_SIG_new();
	if (!r || !s || !pair || !ECDSA_SIG_set0(pair, r, s)) {
		BN_free(r);
		BN_free(s);
	} else {
		len = i2d_ECDSA_SIG(pair, NULL);
		len = len > 0 && len <= SIGNATURE_MAX ? i2d_ECDSA_SIG(pair, &p) : 0;
	}
	ECDSA_SIG_free(pair);
	return len > 0 ? (size_t)len : 0;
}

/* Scheme and hash are the key's: a restricted key has no other. */
bool tpm_verify(EVP_PKEY *key, const TPMT_PUBLIC *ak, struct ctpm_bytes data,
		const TPMT_SIGNATURE *signature)
{
	const TPMT_RSA_SCHEME *rsa = &ak->parameters.rsaDetail.scheme;
	bool is_rsa = ak->type == TPM2_ALG_RSA;
	TPMI_ALG_SIG_SCHEME scheme = is_rsa ? rsa->scheme : ak->parameters.eccDetail.scheme.scheme;
	TPMI_ALG_HASH hash = is_rsa ? rsa->details.anySig.hashAlg
				    : ak->parameters.eccDetail.scheme.details.anySig.hashAlg;
	uint8_t der[SIGNATURE_MAX];
	const uint8_t *sig = signature->signature.rsassa.sig.buffer;
	size_t len = signature->signature.rsassa.sig.size;
	EVP_MD_CTX *ctx;
	EVP_PKEY_CTX *pctx;
	bool ok;

	if (signature->sigAlg != scheme || signature->signature.any.hashAlg != hash)
		return false;
	if (!is_rsa) {
		len = ecdsa_der(&signature->signature.ecdsa, ak->parameters.eccDetail.curveID, der);
		sig = der;
	}
	ctx = EVP_MD_CTX_new();
	ok = len && ctx && EVP_DigestVerifyInit(ctx, &pctx, tpm_md(hash), NULL, key) == 1 &&
	     (scheme != TPM2_ALG_RSAPSS ||
	      (EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_AUTO) == 1)) &&
	     EVP_DigestVerify(ctx, sig, len, data.data, data.len) == 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}
