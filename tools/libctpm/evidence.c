// SPDX-License-Identifier: GPL-2.0-or-later
/* Documentation/protocol.rst, "Messages": a decoder and an encoder for each. */
#include <openssl/evp.h>
#include <stdlib.h>

#include "cbor.h"
#include "tpm.h"

#define EVIDENCE_PROFILE  "urn:uuid:7d475de3-669b-4e19-a1d0-dce40d09ff71"
#define CHALLENGE_PROFILE "urn:uuid:9e6e7ad3-a34f-42a7-a398-6006ff861174"
#define REQUEST_PROFILE	  "urn:uuid:7d952566-f661-4368-844e-f3efc2239578"
#define REPLY_PROFILE	  "urn:uuid:802d091d-83df-4a5e-bb51-d27c8a098de9"

#define CMW_TYPE	  "__cmwc_t"
#define CMW_EVIDENCE	  4 /* "ind", bit 2 */
#define QUOTE_TYPE	  "application/vnd.ctpm.quote"
#define CLAIMS_TYPE	  "application/eat-ucs+cbor"
#define QUALIFYING_LABEL  "ctpm quote v1"
#define FRESH_LABEL	  "ctpm fresh report nonce v1"

/* Keys, in the order that they have to come in */
enum key {
	KEY_AUD = 3,
	KEY_NONCE = 10,
	KEY_PROFILE = 265,
	KEY_MODE = -70001,
	KEY_REPORT = -70002,
	KEY_MANIFEST = -70003,
	KEY_CERTS = -70004,
	KEY_LOG = -70005,
	KEY_AK = -70006,
	KEY_AK_CERT = -70007,
	KEY_EK_CERTS = -70008,
	KEY_FRESH = -70009,
	KEY_PCRS = -70010,
	KEY_WANT_FRESH = -70011,
	KEY_WANT_PCRS = -70012,
	KEY_CREDENTIAL = -70021,
	KEY_SECRET = -70022,
	KEY_SEALED = -70023,
};

#define REPORT_SIZE	   1184
#define REQUEST_NONCE_SIZE 32
#define QUOTE_MAX	   4096
#define MANIFEST_MAX	   4096
#define CERTS_MAX	   65536
#define LOG_MAX		   65536
#define AK_MAX		   1024
#define CERT_MAX	   4096
#define CREDENTIAL_MAX	   512
#define SECRET_MAX	   1024
#define SEALED_MIN	   17
#define SEALED_MAX	   4112

static const char *const mode_names[CTPM_MODES] = { "svsm", "bind" };

static const struct {
	uint16_t id;
	size_t size;
	const char *name;
} banks[] = {
	{ CTPM_BANK_SHA256, 32, "sha256" },
	{ CTPM_BANK_SHA384, 48, "sha384" },
	{ CTPM_BANK_SHA512, 64, "sha512" },
};

size_t ctpm_bank_size(uint16_t bank)
{
	for (size_t i = 0; i < sizeof(banks) / sizeof(banks[0]); i++)
		if (banks[i].id == bank)
			return banks[i].size;
	return 0;
}

const char *ctpm_bank_name(uint16_t bank)
{
	for (size_t i = 0; i < sizeof(banks) / sizeof(banks[0]); i++)
		if (banks[i].id == bank)
			return banks[i].name;
	return NULL;
}

const char *ctpm_mode_name(enum ctpm_mode mode)
{
	return mode < CTPM_MODES ? mode_names[mode] : "unknown";
}

/*
 * Decoding
 */

static enum ctpm_error finish(struct cbor_in *in, const char *message, struct ctpm_why *why)
{
	if (cbor_complete(in, "the end"))
		return CTPM_OK;
	return because(
		why, CTPM_ERR_FORM,
		"%s: %s is missing, misplaced, repeated or not as the protocol has it, or an "
		"unknown key stands there (at byte %zu of %zu)",
		message, in->what, in->c.pos, in->c.len);
}

/* Keys that were read, against what the map said it had */
static void no_more_keys(struct cbor_in *in, size_t said, size_t read)
{
	if (said != read)
		cbor_refuse(in, "the number of keys");
}

/* An optional key */
static bool optional(struct cbor_in *in, enum key key, size_t *keys)
{
	if (!cbor_at_key(in, key))
		return false;
	++*keys;
	return true;
}

static void required(struct cbor_in *in, enum key key, size_t *keys, const char *what)
{
	cbor_get_key(in, key, what);
	++*keys;
}

static uint16_t get_bank(struct cbor_in *in)
{
	uint16_t bank = (uint16_t)cbor_get_uint(in, UINT16_MAX, "the PCR bank");

	if (!ctpm_bank_size(bank))
		cbor_refuse(in, "the PCR bank (SHA-256, SHA-384 or SHA-512)");
	return bank;
}

/* The next PCR's number, above those of @mask */
static unsigned int get_pcr(struct cbor_in *in, uint32_t mask)
{
	unsigned int pcr = (unsigned int)cbor_get_uint(in, CTPM_PCRS - 1, "a PCR's number");

	if (mask >> pcr)
		cbor_refuse(in, "the PCRs' order");
	return pcr;
}

static void get_pcrs(struct cbor_in *in, struct ctpm_pcrs *pcrs)
{
	size_t n, size;

	cbor_get_array(in, 2, 2, "pcrs");
	pcrs->bank = get_bank(in);
	size = ctpm_bank_size(pcrs->bank);
	n = cbor_get_map(in, 1, CTPM_PCRS, "pcrs");
	for (size_t i = 0; i < n && !in->c.failed; i++) {
		unsigned int pcr = get_pcr(in, pcrs->mask);
		struct ctpm_bytes value = cbor_get_bytes(in, size, size, "a PCR's value");

		if (in->c.failed)
			return;
		pcrs->mask |= 1u << pcr;
		memcpy(pcrs->value[pcr], value.data, size);
	}
}

static void get_want_pcrs(struct cbor_in *in, struct ctpm_challenge *c)
{
	size_t n;

	cbor_get_array(in, 2, 2, "want-pcrs");
	c->want_bank = get_bank(in);
	n = cbor_get_array(in, 1, CTPM_PCRS, "want-pcrs");
	for (size_t i = 0; i < n && !in->c.failed; i++)
		c->want_pcrs |= 1u << get_pcr(in, c->want_pcrs);
}

static void get_mode(struct cbor_in *in, enum ctpm_mode *mode)
{
	struct ctpm_bytes text = cbor_get_text(in, 4, 4, "mode");

	for (int m = 0; m < CTPM_MODES; m++) {
		if (text.data && !memcmp(text.data, mode_names[m], 4)) {
			*mode = (enum ctpm_mode)m;
			return;
		}
	}
	cbor_refuse(in, "mode");
}

static void get_ek_certs(struct cbor_in *in, struct ctpm_claims *c)
{
	c->ek_certs = cbor_get_array(in, 1, CTPM_EK_CERTS_MAX, "ek-certs");
	for (size_t i = 0; i < c->ek_certs; i++)
		c->ek_cert[i] = cbor_get_bytes(in, 1, CERT_MAX, "a certificate of ek-certs");
}

/* What claims and a request have in common: mode to ak */
static void get_binding(struct cbor_in *in, struct ctpm_claims *c, size_t *keys)
{
	required(in, KEY_MODE, keys, "mode");
	get_mode(in, &c->mode);
	required(in, KEY_REPORT, keys, "report");
	c->report = cbor_get_bytes(in, REPORT_SIZE, REPORT_SIZE, "report");
	required(in, KEY_MANIFEST, keys, "manifest");
	c->manifest = cbor_get_bytes(in, 1, MANIFEST_MAX, "manifest");
	if (optional(in, KEY_CERTS, keys))
		c->certs = cbor_get_bytes(in, 1, CERTS_MAX, "certs");
	required(in, KEY_LOG, keys, "log");
	c->log = cbor_get_bytes(in, 1, LOG_MAX, "log");
	required(in, KEY_AK, keys, "ak");
	c->ak = cbor_get_bytes(in, 1, AK_MAX, "ak");
}

static struct cbor_in reader(const void *data, size_t len)
{
	struct cbor_in in = cbor_reader((struct ctpm_bytes){ data, len });

	if (len > CTPM_EVIDENCE_SIZE_MAX)
		cbor_refuse(&in, "the size");
	return in;
}

enum ctpm_error ctpm_claims_decode(const void *data, size_t len, struct ctpm_claims *c,
				   struct ctpm_why *why)
{
	struct cbor_in in = reader(data, len);
	size_t keys = 0, n;
	enum ctpm_error error;

	memset(c, 0, sizeof(*c));
	n = cbor_get_map(&in, 1, SIZE_MAX, "the claims' map");
	if (optional(&in, KEY_AUD, &keys))
		c->aud = cbor_get_text(&in, 1, CTPM_AUD_LEN_MAX, "aud");
	required(&in, KEY_NONCE, &keys, "nonce");
	c->nonce = cbor_get_bytes(&in, CTPM_NONCE_SIZE_MIN, CTPM_NONCE_SIZE_MAX, "nonce");
	required(&in, KEY_PROFILE, &keys, "profile");
	cbor_get_constant(&in, EVIDENCE_PROFILE, "profile");
	get_binding(&in, c, &keys);
	if (optional(&in, KEY_AK_CERT, &keys))
		c->ak_cert = cbor_get_bytes(&in, 1, CERT_MAX, "ak-cert");
	if (optional(&in, KEY_EK_CERTS, &keys))
		get_ek_certs(&in, c);
	if (optional(&in, KEY_FRESH, &keys))
		c->fresh = cbor_get_bytes(&in, REPORT_SIZE, REPORT_SIZE, "fresh");
	required(&in, KEY_PCRS, &keys, "pcrs");
	get_pcrs(&in, &c->pcrs);
	no_more_keys(&in, n, keys);
	error = finish(&in, "the claims", why);
	if (error)
		memset(c, 0, sizeof(*c));
	return error;
}

enum ctpm_error ctpm_request_decode(const void *data, size_t len, struct ctpm_claims *c,
				    struct ctpm_why *why)
{
	struct cbor_in in = reader(data, len);
	size_t keys = 0, n;
	enum ctpm_error error;

	memset(c, 0, sizeof(*c));
	n = cbor_get_map(&in, 1, SIZE_MAX, "the request's map");
	required(&in, KEY_NONCE, &keys, "nonce");
	c->nonce = cbor_get_bytes(&in, REQUEST_NONCE_SIZE, REQUEST_NONCE_SIZE, "nonce");
	required(&in, KEY_PROFILE, &keys, "profile");
	cbor_get_constant(&in, REQUEST_PROFILE, "profile");
	get_binding(&in, c, &keys);
	if (optional(&in, KEY_EK_CERTS, &keys))
		get_ek_certs(&in, c);
	no_more_keys(&in, n, keys);
	error = finish(&in, "the request", why);
	if (error)
		memset(c, 0, sizeof(*c));
	return error;
}

enum ctpm_error ctpm_challenge_decode(const void *data, size_t len, struct ctpm_challenge *c,
				      struct ctpm_why *why)
{
	struct cbor_in in = reader(data, len);
	size_t keys = 0, n;
	enum ctpm_error error;

	memset(c, 0, sizeof(*c));
	n = cbor_get_map(&in, 1, SIZE_MAX, "the challenge's map");
	if (optional(&in, KEY_AUD, &keys))
		c->aud = cbor_get_text(&in, 1, CTPM_AUD_LEN_MAX, "aud");
	required(&in, KEY_NONCE, &keys, "nonce");
	c->nonce = cbor_get_bytes(&in, CTPM_NONCE_SIZE_MIN, CTPM_NONCE_SIZE_MAX, "nonce");
	required(&in, KEY_PROFILE, &keys, "profile");
	cbor_get_constant(&in, CHALLENGE_PROFILE, "profile");
	if (optional(&in, KEY_WANT_FRESH, &keys)) {
		cbor_get_true(&in, "want-fresh");
		c->want_fresh = true;
	}
	if (optional(&in, KEY_WANT_PCRS, &keys))
		get_want_pcrs(&in, c);
	no_more_keys(&in, n, keys);
	error = finish(&in, "the challenge", why);
	if (error)
		memset(c, 0, sizeof(*c));
	return error;
}

enum ctpm_error ctpm_reply_decode(const void *data, size_t len, struct ctpm_reply *r,
				  struct ctpm_why *why)
{
	struct cbor_in in = reader(data, len);
	size_t keys = 0, n;
	enum ctpm_error error;

	memset(r, 0, sizeof(*r));
	n = cbor_get_map(&in, 1, SIZE_MAX, "the reply's map");
	required(&in, KEY_PROFILE, &keys, "profile");
	cbor_get_constant(&in, REPLY_PROFILE, "profile");
	required(&in, KEY_CREDENTIAL, &keys, "credential");
	r->credential = cbor_get_bytes(&in, 1, CREDENTIAL_MAX, "credential");
	required(&in, KEY_SECRET, &keys, "secret");
	r->secret = cbor_get_bytes(&in, 1, SECRET_MAX, "secret");
	required(&in, KEY_SEALED, &keys, "sealed");
	r->sealed = cbor_get_bytes(&in, SEALED_MIN, SEALED_MAX, "sealed");
	no_more_keys(&in, n, keys);
	error = finish(&in, "the reply", why);
	if (error)
		memset(r, 0, sizeof(*r));
	return error;
}

/* A CMW: [type, value, ind] under its label */
static struct ctpm_bytes get_cmw(struct cbor_in *in, const char *label, const char *type,
				 size_t max)
{
	struct ctpm_bytes value;

	cbor_get_constant(in, label, label);
	cbor_get_array(in, 3, 3, label);
	cbor_get_constant(in, type, label);
	value = cbor_get_bytes(in, 1, max, label);
	if (cbor_get_uint(in, CMW_EVIDENCE, label) != CMW_EVIDENCE)
		cbor_refuse(in, label);
	return value;
}

enum ctpm_error ctpm_evidence_decode(const void *data, size_t len, struct ctpm_evidence *e,
				     struct ctpm_why *why)
{
	struct cbor_in in = reader(data, len);
	enum ctpm_error error;

	memset(e, 0, sizeof(*e));
	cbor_get_map(&in, 3, 3, "the evidence's map");
	e->quote = get_cmw(&in, "quote", QUOTE_TYPE, QUOTE_MAX);
	e->claims = get_cmw(&in, "claims", CLAIMS_TYPE, CTPM_EVIDENCE_SIZE_MAX);
	cbor_get_constant(&in, CMW_TYPE, CMW_TYPE);
	cbor_get_constant(&in, EVIDENCE_PROFILE, CMW_TYPE);
	error = finish(&in, "the evidence", why);
	if (error)
		memset(e, 0, sizeof(*e));
	return error;
}

/*
 * Encoding: written without many questions, then decoded
 */

/* Room for heads, keys, names and PCRs */
#define OVERHEAD 4096

struct out {
	struct cur c;
	uint8_t *data;
	bool too_large;
};

static struct out writer(size_t payload)
{
	bool too_large = payload > CTPM_EVIDENCE_SIZE_MAX;
	uint8_t *data = too_large ? NULL : malloc(payload + OVERHEAD);
	struct out o = { cur_writer(data, data ? payload + OVERHEAD : 0), data, too_large };

	o.c.failed = !data;
	return o;
}

/* Hand it out, or give it back */
static enum ctpm_error written(struct out *o, enum ctpm_error decoded, uint8_t **out, size_t *len,
			       struct ctpm_why *why)
{
	if (o->too_large)
		return because(why, CTPM_ERR_ARGUMENT, "a message of more than %d bytes",
			       CTPM_EVIDENCE_SIZE_MAX);
	if (!o->data)
		return because(why, CTPM_ERR_MEMORY, "no memory for a message");
	if (decoded || o->c.failed) {
		free(o->data);
		return decoded == CTPM_ERR_FORM || o->c.failed
			       ? because(why, CTPM_ERR_ARGUMENT, "a message that nobody may send")
			       : decoded;
	}
	*out = o->data;
	*len = o->c.pos;
	return CTPM_OK;
}

static void put_constant(struct cur *c, enum key key, const char *text)
{
	cbor_put_int(c, key);
	cbor_put_constant(c, text);
}

static void put_bytes(struct cur *c, enum key key, struct ctpm_bytes bytes)
{
	cbor_put_int(c, key);
	cbor_put_bytes(c, bytes);
}

static void put_optional(struct cur *c, enum key key, struct ctpm_bytes bytes)
{
	if (bytes.len)
		put_bytes(c, key, bytes);
}

static unsigned int count_bits(uint32_t mask)
{
	unsigned int n = 0;

	for (; mask; mask &= mask - 1)
		n++;
	return n;
}

static void put_pcrs(struct cur *c, const struct ctpm_pcrs *pcrs)
{
	cbor_put_int(c, KEY_PCRS);
	cbor_put_array(c, 2);
	cbor_put_int(c, pcrs->bank);
	cbor_put_map(c, count_bits(pcrs->mask));
	for (unsigned int i = 0; i < CTPM_PCRS; i++) {
		if (!(pcrs->mask >> i & 1))
			continue;
		cbor_put_int(c, i);
		cbor_put_bytes(c,
			       (struct ctpm_bytes){ pcrs->value[i], ctpm_bank_size(pcrs->bank) });
	}
}

static void put_want_pcrs(struct cur *c, const struct ctpm_challenge *challenge)
{
	cbor_put_int(c, KEY_WANT_PCRS);
	cbor_put_array(c, 2);
	cbor_put_int(c, challenge->want_bank);
	cbor_put_array(c, count_bits(challenge->want_pcrs));
	for (unsigned int i = 0; i < 32; i++)
		if (challenge->want_pcrs >> i & 1)
			cbor_put_int(c, i);
}

static void put_binding(struct cur *c, const struct ctpm_claims *claims)
{
	put_constant(c, KEY_MODE, ctpm_mode_name(claims->mode));
	put_bytes(c, KEY_REPORT, claims->report);
	put_bytes(c, KEY_MANIFEST, claims->manifest);
	put_optional(c, KEY_CERTS, claims->certs);
	put_bytes(c, KEY_LOG, claims->log);
	put_bytes(c, KEY_AK, claims->ak);
}

static void put_ek_certs(struct cur *c, const struct ctpm_claims *claims)
{
	if (!claims->ek_certs)
		return;
	cbor_put_int(c, KEY_EK_CERTS);
	cbor_put_array(c, claims->ek_certs);
	for (size_t i = 0; i < claims->ek_certs && i < CTPM_EK_CERTS_MAX; i++)
		cbor_put_bytes(c, claims->ek_cert[i]);
}

static size_t payload(const struct ctpm_claims *c)
{
	size_t n = c->aud.len + c->nonce.len + c->report.len + c->manifest.len + c->certs.len +
		   c->log.len + c->ak.len + c->ak_cert.len + c->fresh.len;

	for (size_t i = 0; i < c->ek_certs && i < CTPM_EK_CERTS_MAX; i++)
		n += c->ek_cert[i].len;
	return n;
}

enum ctpm_error ctpm_claims_encode(const struct ctpm_claims *claims, uint8_t **out, size_t *len,
				   struct ctpm_why *why)
{
	struct out o = writer(payload(claims));
	size_t keys = 8 + !!claims->aud.len + !!claims->certs.len + !!claims->ak_cert.len +
		      !!claims->ek_certs + !!claims->fresh.len;
	struct ctpm_claims again;

	cbor_put_map(&o.c, keys);
	if (claims->aud.len) {
		cbor_put_int(&o.c, KEY_AUD);
		cbor_put_text(&o.c, claims->aud);
	}
	put_bytes(&o.c, KEY_NONCE, claims->nonce);
	put_constant(&o.c, KEY_PROFILE, EVIDENCE_PROFILE);
	put_binding(&o.c, claims);
	put_optional(&o.c, KEY_AK_CERT, claims->ak_cert);
	put_ek_certs(&o.c, claims);
	put_optional(&o.c, KEY_FRESH, claims->fresh);
	put_pcrs(&o.c, &claims->pcrs);
	return written(&o, ctpm_claims_decode(o.data, o.c.pos, &again, NULL), out, len, why);
}

enum ctpm_error ctpm_request_encode(const struct ctpm_claims *request, uint8_t **out, size_t *len,
				    struct ctpm_why *why)
{
	struct out o = writer(payload(request));
	struct ctpm_claims again;

	cbor_put_map(&o.c, 7 + !!request->certs.len + !!request->ek_certs);
	put_bytes(&o.c, KEY_NONCE, request->nonce);
	put_constant(&o.c, KEY_PROFILE, REQUEST_PROFILE);
	put_binding(&o.c, request);
	put_ek_certs(&o.c, request);
	return written(&o, ctpm_request_decode(o.data, o.c.pos, &again, NULL), out, len, why);
}

enum ctpm_error ctpm_challenge_encode(const struct ctpm_challenge *challenge, uint8_t **out,
				      size_t *len, struct ctpm_why *why)
{
	struct out o = writer(challenge->nonce.len + challenge->aud.len);
	struct ctpm_challenge again;

	cbor_put_map(&o.c,
		     2 + !!challenge->aud.len + challenge->want_fresh + !!challenge->want_bank);
	if (challenge->aud.len) {
		cbor_put_int(&o.c, KEY_AUD);
		cbor_put_text(&o.c, challenge->aud);
	}
	put_bytes(&o.c, KEY_NONCE, challenge->nonce);
	put_constant(&o.c, KEY_PROFILE, CHALLENGE_PROFILE);
	if (challenge->want_fresh) {
		cbor_put_int(&o.c, KEY_WANT_FRESH);
		cbor_put_true(&o.c);
	}
	if (challenge->want_bank)
		put_want_pcrs(&o.c, challenge);
	return written(&o, ctpm_challenge_decode(o.data, o.c.pos, &again, NULL), out, len, why);
}

enum ctpm_error ctpm_reply_encode(const struct ctpm_reply *reply, uint8_t **out, size_t *len,
				  struct ctpm_why *why)
{
	struct out o = writer(reply->credential.len + reply->secret.len + reply->sealed.len);
	struct ctpm_reply again;

	cbor_put_map(&o.c, 4);
	put_constant(&o.c, KEY_PROFILE, REPLY_PROFILE);
	put_bytes(&o.c, KEY_CREDENTIAL, reply->credential);
	put_bytes(&o.c, KEY_SECRET, reply->secret);
	put_bytes(&o.c, KEY_SEALED, reply->sealed);
	return written(&o, ctpm_reply_decode(o.data, o.c.pos, &again, NULL), out, len, why);
}

static void put_cmw(struct cur *c, const char *label, const char *type, struct ctpm_bytes value)
{
	cbor_put_constant(c, label);
	cbor_put_array(c, 3);
	cbor_put_constant(c, type);
	cbor_put_bytes(c, value);
	cbor_put_int(c, CMW_EVIDENCE);
}

enum ctpm_error ctpm_evidence_encode(const struct ctpm_evidence *evidence, uint8_t **out,
				     size_t *len, struct ctpm_why *why)
{
	struct out o = writer(evidence->quote.len + evidence->claims.len);
	struct ctpm_evidence again;

	cbor_put_map(&o.c, 3);
	put_cmw(&o.c, "quote", QUOTE_TYPE, evidence->quote);
	put_cmw(&o.c, "claims", CLAIMS_TYPE, evidence->claims);
	cbor_put_constant(&o.c, CMW_TYPE);
	cbor_put_constant(&o.c, EVIDENCE_PROFILE);
	return written(&o, ctpm_evidence_decode(o.data, o.c.pos, &again, NULL), out, len, why);
}

/*
 * What is signed
 */

static bool sha256(struct ctpm_bytes bytes, uint8_t out[32])
{
	return EVP_Digest(bytes.data, bytes.len, out, NULL, EVP_sha256(), NULL) == 1;
}

enum ctpm_error ctpm_qualifying_data(struct ctpm_bytes challenge, struct ctpm_bytes report,
				     struct ctpm_bytes claims,
				     uint8_t data[CTPM_QUALIFYING_DATA_SIZE])
{
	uint8_t all[sizeof(QUALIFYING_LABEL) - 1 + 3 * 32];
	uint8_t *p = all + sizeof(QUALIFYING_LABEL) - 1;

	memcpy(all, QUALIFYING_LABEL, sizeof(QUALIFYING_LABEL) - 1);
	if (!sha256(challenge, p) || !sha256(report, p + 32) || !sha256(claims, p + 64) ||
	    !sha256((struct ctpm_bytes){ all, sizeof(all) }, data))
		return CTPM_ERR_CRYPTO;
	return CTPM_OK;
}

enum ctpm_error ctpm_fresh_nonce(struct ctpm_bytes challenge, struct ctpm_bytes name,
				 uint8_t nonce[CTPM_REPORT_NONCE_SIZE])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t hash[32];
	bool ok = ctx && sha256(challenge, hash) &&
		  EVP_DigestInit_ex(ctx, EVP_sha512(), NULL) == 1 &&
		  EVP_DigestUpdate(ctx, FRESH_LABEL, sizeof(FRESH_LABEL) - 1) == 1 &&
		  EVP_DigestUpdate(ctx, hash, sizeof(hash)) == 1 &&
		  EVP_DigestUpdate(ctx, name.data, name.len) == 1 &&
		  EVP_DigestFinal_ex(ctx, nonce, NULL) == 1;

	EVP_MD_CTX_free(ctx);
	return ok ? CTPM_OK : CTPM_ERR_CRYPTO;
}

enum ctpm_error ctpm_report_data(const uint8_t nonce[CTPM_REPORT_NONCE_SIZE],
				 struct ctpm_bytes manifest, uint8_t data[64])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha512(), NULL) == 1 &&
		  EVP_DigestUpdate(ctx, nonce, CTPM_REPORT_NONCE_SIZE) == 1 &&
		  EVP_DigestUpdate(ctx, manifest.data, manifest.len) == 1 &&
		  EVP_DigestFinal_ex(ctx, data, NULL) == 1;

	EVP_MD_CTX_free(ctx);
	return ok ? CTPM_OK : CTPM_ERR_CRYPTO;
}

size_t ctpm_pcrs_digest(const struct ctpm_pcrs *pcrs, uint16_t hash,
			uint8_t digest[CTPM_DIGEST_MAX])
{
	uint8_t values[CTPM_PCRS * CTPM_DIGEST_MAX];
	size_t size = ctpm_bank_size(pcrs->bank), len = 0;
	const EVP_MD *md = tpm_md(hash);

	for (unsigned int i = 0; i < CTPM_PCRS; i++) {
		if (!(pcrs->mask >> i & 1))
			continue;
		memcpy(values + len, pcrs->value[i], size);
		len += size;
	}
	if (!md || EVP_Digest(values, len, digest, NULL, md, NULL) != 1)
		return 0;
	return (size_t)EVP_MD_get_size(md);
}
