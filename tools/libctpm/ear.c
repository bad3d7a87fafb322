// SPDX-License-Identifier: GPL-2.0-or-later
/* Attestation results: draft-ietf-rats-ear-04, with the values of draft-ietf-rats-ar4si. */
#include <ctpm/ear.h>
#include <jansson.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "certs.h"
#include "why.h"

/* Trust claims of AR4SI about which ctpm has something to say */
enum claim { INSTANCE_IDENTITY, CONFIGURATION, EXECUTABLES, HARDWARE, RUNTIME_OPAQUE, CLAIMS };

static const char *const claim_names[CLAIMS] = {
	[INSTANCE_IDENTITY] = "instance-identity",
	[CONFIGURATION] = "configuration",
	[EXECUTABLES] = "executables",
	[HARDWARE] = "hardware",
	[RUNTIME_OPAQUE] = "runtime-opaque",
};

/* AR4SI, 2.3: what a claim's value means; from 2 affirming, from 32 warning, from 96 not */
enum {
	MALFUNCTION = -1,
	NO_ASSERTION = 0,
	UNEXPECTED_EVIDENCE = 1,
	AFFIRMED = 2,
	APPROVED_BOOT = 3, /* executables: during the boot process */
	ISOLATED = 32,	   /* runtime-opaque: but not from the host's operator */
	CONTRAINDICATED = 96,
	UNRECOGNIZED = 97,
	CRYPTO_FAILED = 99,
};

/* What a check is about, and what the claim becomes if it fails */
static const struct {
	enum claim claim;
	int fails;
} meanings[CTPM_CHECKS] = {
	[CTPM_CHECK_FORM] = { INSTANCE_IDENTITY, UNEXPECTED_EVIDENCE },
	[CTPM_CHECK_CHALLENGE] = { INSTANCE_IDENTITY, CRYPTO_FAILED },
	[CTPM_CHECK_AK] = { INSTANCE_IDENTITY, CONTRAINDICATED },
	[CTPM_CHECK_AK_CERTIFICATE] = { INSTANCE_IDENTITY, UNRECOGNIZED },
	[CTPM_CHECK_SIGNATURE] = { INSTANCE_IDENTITY, CRYPTO_FAILED },
	[CTPM_CHECK_QUOTE] = { INSTANCE_IDENTITY, CRYPTO_FAILED },
	[CTPM_CHECK_QUALIFYING_DATA] = { INSTANCE_IDENTITY, CRYPTO_FAILED },
	[CTPM_CHECK_PCR_DIGEST] = { EXECUTABLES, CRYPTO_FAILED },
	[CTPM_CHECK_REPORT] = { HARDWARE, CRYPTO_FAILED },
	[CTPM_CHECK_VMPL] = { CONFIGURATION, CONTRAINDICATED },
	[CTPM_CHECK_MANIFEST] = { INSTANCE_IDENTITY, CRYPTO_FAILED },
	[CTPM_CHECK_EK] = { INSTANCE_IDENTITY, UNRECOGNIZED },
	[CTPM_CHECK_LOG] = { EXECUTABLES, CRYPTO_FAILED },
	[CTPM_CHECK_BINDING] = { INSTANCE_IDENTITY, CRYPTO_FAILED },
	[CTPM_CHECK_CLOCK] = { EXECUTABLES, CRYPTO_FAILED },
	[CTPM_CHECK_FRESH] = { HARDWARE, CRYPTO_FAILED },
	[CTPM_CHECK_MODE] = { CONFIGURATION, CONTRAINDICATED },
	[CTPM_CHECK_MEASUREMENT] = { EXECUTABLES, CONTRAINDICATED },
	[CTPM_CHECK_GUEST_POLICY] = { CONFIGURATION, CONTRAINDICATED },
	[CTPM_CHECK_TCB] = { HARDWARE, CONTRAINDICATED },
	[CTPM_CHECK_IDENTITY] = { INSTANCE_IDENTITY, UNRECOGNIZED },
	[CTPM_CHECK_PCRS] = { EXECUTABLES, CONTRAINDICATED },
};

static bool holds(const struct ctpm_result *r, enum ctpm_check check)
{
	return r->check[check].status == CTPM_HOLDS;
}

static int claim_value(const struct ctpm_result *r, enum claim claim)
{
	bool reached = true, undecided = false;
	int worst = NO_ASSERTION;

	for (int i = 0; i < CTPM_CHECKS; i++) {
		enum ctpm_status status = r->check[i].status;

		if (meanings[i].claim != claim)
			continue;
		if (status == CTPM_FAILS && meanings[i].fails > worst)
			worst = meanings[i].fails;
		undecided |= status == CTPM_UNDECIDED;
		reached &= status == CTPM_HOLDS || status == CTPM_NOT_ASKED;
	}
	if (worst != NO_ASSERTION)
		return worst;
	if (undecided)
		return MALFUNCTION;
	if (!reached)
		return NO_ASSERTION;
	if (claim != EXECUTABLES)
		return AFFIRMED;
	/* a policy that takes any measurement, or any kernel behind it, approves of none */
	return holds(r, CTPM_CHECK_MEASUREMENT) && holds(r, CTPM_CHECK_PCRS) ? APPROVED_BOOT
									     : NO_ASSERTION;
}

static int runtime_opaque(const struct ctpm_result *r)
{
	if (!holds(r, CTPM_CHECK_REPORT) || !holds(r, CTPM_CHECK_GUEST_POLICY))
		return NO_ASSERTION;
	return r->report.policy & CTPM_POLICY_DEBUG ? ISOLATED : AFFIRMED;
}

static void make_vector(const struct ctpm_result *r, int vector[CLAIMS])
{
	for (int i = 0; i < CLAIMS; i++)
		vector[i] = i == RUNTIME_OPAQUE ? runtime_opaque(r) : claim_value(r, (enum claim)i);
}

static const char *status_of(const struct ctpm_result *r, const int vector[CLAIMS])
{
	if (r->verdict == CTPM_REFUSED)
		return "contraindicated";
	if (r->verdict != CTPM_ACCEPTED)
		return "none";
	for (int i = 0; i < CLAIMS; i++)
		if (vector[i] >= ISOLATED)
			return "warning";
	return "affirming";
}

static json_t *json_vector(const int vector[CLAIMS])
{
	json_t *o = json_object();

	for (int i = 0; i < CLAIMS; i++)
		if (vector[i] != NO_ASSERTION &&
		    json_object_set_new(o, claim_names[i], json_integer(vector[i]))) {
			json_decref(o);
			return NULL;
		}
	return o;
}

/*
 * What the evidence says
 */

#define HEX_MAX 66 /* bytes: a TPM's Name of SHA-512 */

static json_t *json_hex(const uint8_t *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 * HEX_MAX];

	for (size_t i = 0; i < len && i < HEX_MAX; i++) {
		text[2 * i] = digits[data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 15];
	}
	return json_stringn(text, 2 * (len < HEX_MAX ? len : HEX_MAX));
}

static json_t *json_number(const char *format, unsigned long long value)
{
	char text[32];

	snprintf(text, sizeof(text), format, value);
	return json_string(text);
}

static json_t *json_tcb(const struct ctpm_result *r)
{
	struct ctpm_tcb t = ctpm_tcb_decode(r->product, r->report.reported_tcb);
	json_t *o = json_pack("{s:s, s:i, s:i, s:i, s:i}", "product", ctpm_product_name(r->product),
			      "bootloader", t.bootloader, "tee", t.tee, "snp", t.snp, "microcode",
			      t.microcode);

	if (o && r->product == CTPM_TURIN)
		json_object_set_new(o, "fmc", json_integer(t.fmc));
	return o;
}

static json_t *json_pcrs(const struct ctpm_pcrs *pcrs)
{
	json_t *values = json_object();
	char index[8];

	for (unsigned int i = 0; i < CTPM_PCRS; i++) {
		if (!(pcrs->mask >> i & 1))
			continue;
		snprintf(index, sizeof(index), "%u", i);
		if (json_object_set_new(values, index,
					json_hex(pcrs->value[i], ctpm_bank_size(pcrs->bank)))) {
			json_decref(values);
			return NULL;
		}
	}
	return json_pack("{s:o}", ctpm_bank_name(pcrs->bank), values);
}

static json_t *attester_claims(const struct ctpm_result *r)
{
	const struct ctpm_report *report = &r->report;
	json_t *o = json_pack(
		"{s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:{s:I, s:I, s:b}, s:o}", "ctpm_mode",
		ctpm_mode_name(r->mode), "ctpm_vmpl", (int)report->vmpl, "ctpm_measurement",
		json_hex(report->measurement, sizeof(report->measurement)), "ctpm_guest_policy",
		json_number("%#llx", report->policy), "ctpm_host_data",
		json_hex(report->host_data, sizeof(report->host_data)), "ctpm_report_id",
		json_hex(report->report_id, sizeof(report->report_id)), "ctpm_chip_id",
		json_hex(report->chip_id, sizeof(report->chip_id)), "ctpm_ak_name",
		json_hex(r->ak_name, r->ak_name_len), "ctpm_boot", "reset_count",
		(json_int_t)r->boot.reset_count, "restart_count", (json_int_t)r->boot.restart_count,
		"late", r->boot.late, "ctpm_pcrs", json_pcrs(&r->pcrs));

	if (o &&
	    ((r->ek_name_len &&
	      json_object_set_new(o, "ctpm_ek_name", json_hex(r->ek_name, r->ek_name_len))) ||
	     (holds(r, CTPM_CHECK_REPORT) && json_object_set_new(o, "ctpm_tcb", json_tcb(r))))) {
		json_decref(o);
		return NULL;
	}
	return o;
}

/*
 * What the verifier says
 */

static json_t *json_checks(const struct ctpm_result *r)
{
	json_t *o = json_object();

	for (int i = 0; i < CTPM_CHECKS; i++) {
		const struct ctpm_finding *f = &r->check[i];
		json_t *check = json_pack("{s:s}", "status", ctpm_status_name(f->status));
		bool bad = !check;

		if (f->code)
			bad |= json_object_set_new(check, "code",
						   json_string(ctpm_error_name(f->code)));
		if (f->text[0])
			bad |= json_object_set_new(check, "text", json_string(f->text));
		bad |= json_object_set_new(o, ctpm_check_name((enum ctpm_check)i), check);
		if (bad) {
			json_decref(o);
			return NULL;
		}
	}
	return o;
}

/*
 * Base64url without padding (RFC 7515, 2)
 */

static char *base64url(const void *data, size_t len)
{
	char *text = malloc((len + 2) / 3 * 4 + 1);
	size_t n;

	if (!text)
		return NULL;
	n = (size_t)EVP_EncodeBlock((unsigned char *)text, data, (int)len);
	while (n && text[n - 1] == '=')
		n--;
	text[n] = '\0';
	for (size_t i = 0; i < n; i++)
		text[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
	return text;
}

static json_t *json_base64url(struct ctpm_bytes bytes)
{
	char *text = base64url(bytes.data, bytes.len);
	json_t *string = text ? json_string(text) : NULL;

	free(text);
	return string;
}

/* A name for the policy that anybody can compute (RFC 6920) */
static json_t *policy_id(struct ctpm_bytes policy)
{
	uint8_t digest[32];
	char *text, name[80];

	if (EVP_Digest(policy.data, policy.len, digest, NULL, EVP_sha256(), NULL) != 1)
		return NULL;
	text = base64url(digest, sizeof(digest));
	if (!text)
		return NULL;
	snprintf(name, sizeof(name), "ni:///sha-256;%s", text);
	free(text);
	return json_string(name);
}

static json_t *appraisal(const struct ctpm_result *r, const struct ctpm_ear *about)
{
	int vector[CLAIMS];
	json_t *o;
	bool bad = false;

	make_vector(r, vector);
	o = json_pack("{s:s, s:o, s:{s:o}}", "ear_status", status_of(r, vector),
		      "ear_trustworthiness_vector", json_vector(vector), "ear_verifier_claims",
		      "ctpm_checks", json_checks(r));
	if (!o)
		return NULL;
	if (about->policy.len)
		bad |= json_object_set_new(o, "ear_appraisal_policy_ids",
					   json_pack("[o]", policy_id(about->policy)));
	if (holds(r, CTPM_CHECK_REPORT))
		bad |= json_object_set_new(json_object_get(o, "ear_verifier_claims"),
					   "ctpm_report_by",
					   json_string(r->vouched ? "owner-ca" : "amd"));
	/* the evidence's nonce, which is the challenge's */
	if (holds(r, CTPM_CHECK_CHALLENGE))
		bad |= json_object_set_new(o, "eat_nonce", json_base64url(about->nonce));
	if (holds(r, CTPM_CHECK_FORM))
		bad |= json_object_set_new(o, "ear_attester_claims", attester_claims(r));
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

enum ctpm_error ctpm_ear_make(const struct ctpm_result *result, const struct ctpm_ear *about,
			      char **json, struct ctpm_why *why)
{
	json_t *o = json_pack("{s:s, s:I, s:{s:s, s:s}, s:o, s:{s:o}}", "eat_profile",
			      CTPM_EAR_PROFILE, "iat", (json_int_t)about->time, "ear_verifier_id",
			      "developer", about->developer, "build", about->build, "eat_nonce",
			      json_base64url(about->nonce), "submods", CTPM_EAR_SUBMOD,
			      appraisal(result, about));

	*json = o ? json_dumps(o, JSON_INDENT(2)) : NULL;
	json_decref(o);
	return *json ? CTPM_OK : because(why, CTPM_ERR_MEMORY, "no memory for the result");
}

/*
 * JWS
 */

#define COMPONENT_MAX 48 /* of r and s: P-384 */

/* RFC 7518, 3.4 */
static const struct algorithm {
	const char *name, *group;
	const EVP_MD *(*md)(void);
	int component;
} algorithms[] = {
	{ "ES256", "prime256v1", EVP_sha256, 32 },
	{ "ES384", "secp384r1", EVP_sha384, 48 },
};

static const struct algorithm *algorithm_of(const EVP_PKEY *key)
{
	char group[32];
	size_t len;

	if (!EVP_PKEY_is_a(key, "EC") ||
	    EVP_PKEY_get_group_name((EVP_PKEY *)(uintptr_t)key, group, sizeof(group), &len) != 1)
		return NULL;
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (!strcmp(group, algorithms[i].group))
			return &algorithms[i];
	return NULL;
}

static bool sign(EVP_PKEY *key, const struct algorithm *a, const char *text, uint8_t *raw)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[2 * COMPONENT_MAX + 16];
	size_t len = sizeof(der);
	bool ok = ctx && EVP_DigestSignInit(ctx, NULL, a->md(), NULL, key) == 1 &&
		  EVP_DigestSign(ctx, der, &len, (const uint8_t *)text, strlen(text)) == 1 &&
		  ecdsa_components(der, len, a->component, raw);

	EVP_MD_CTX_free(ctx);
	return ok;
}

/* header.payload, both in base64url; NULL without memory */
static char *signing_input(const struct algorithm *a, const char *claims)
{
	char header[64], *first, *second, *both = NULL;

	snprintf(header, sizeof(header), "{\"alg\":\"%s\",\"typ\":\"JWT\"}", a->name);
	first = base64url(header, strlen(header));
	second = base64url(claims, strlen(claims));
	if (!first || !second || asprintf(&both, "%s.%s", first, second) < 0)
		both = NULL;
	free(first);
	free(second);
	return both;
}

static enum ctpm_error make_token(EVP_PKEY *key, const struct algorithm *a, const char *claims,
				  char **token, struct ctpm_why *why)
{
	char *input = signing_input(a, claims), *last = NULL;
	enum ctpm_error error = CTPM_ERR_MEMORY;
	uint8_t raw[2 * COMPONENT_MAX];

	if (input && !sign(key, a, input, raw))
		error = because(why, CTPM_ERR_CRYPTO, "libcrypto does not sign with this key");
	else if (input)
		last = base64url(raw, 2 * (size_t)a->component);
	if (last && asprintf(token, "%s.%s", input, last) >= 0)
		error = CTPM_OK;
	else
		*token = NULL;
	free(input);
	free(last);
	return error;
}

enum ctpm_error ctpm_ear_sign(const char *claims, const char *key_pem, char **token,
			      struct ctpm_why *why)
{
	const struct algorithm *a;
	enum ctpm_error error;
	EVP_PKEY *key;

	*token = NULL;
	if (strlen(claims) > CTPM_EAR_MAX)
		return because(why, CTPM_ERR_ARGUMENT, "claims of more than %d bytes",
			       CTPM_EAR_MAX);
	key = key_read(key_pem);
	a = key ? algorithm_of(key) : NULL;
	if (a)
		error = make_token(key, a, claims, token, why);
	else
		error = because(why, CTPM_ERR_ARGUMENT,
				key ? "tokens are signed by an ECDSA key on P-256 or P-384, and "
				      "this one is another"
				    : "the key is not a private one in PEM without a password");
	EVP_PKEY_free(key);
	ERR_clear_error();
	return error;
}
