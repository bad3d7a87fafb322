// SPDX-License-Identifier: GPL-2.0-or-later
/* Attestation results: what they say, and that openssl verifies their signature. */
#include <ctpm/ear.h>
#include <jansson.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>

#include "guest.h"

#define ANY_POLICY "{\"version\": 1, \"modes\": [\"svsm\"], \"measurements\": \"any\"}"
#define NOW	   1800000000

/* A guest whose evidence was accepted, or what became of it */
struct setting {
	struct guest g;
	struct verifier v;
};

static void start(struct setting *s)
{
	memset(s, 0, sizeof(*s));
	guest_start(&s->g, KEYS, CTPM_MODE_SVSM);
	guest_boot(&s->g);
	verifier_start(&s->v, &s->g, ANY_POLICY);
	guest_certify(&s->g, s->v.ca);
	guest_attest(&s->g, &s->v);
}

static void stop(struct setting *s)
{
	guest_stop(&s->g);
	verifier_stop(&s->v);
}

static enum ctpm_verdict verify_with(struct setting *s, const char *policy,
				     struct ctpm_bytes challenge)
{
	if (policy)
		verifier_policy(&s->v, policy);
	return ctpm_verify(s->v.v, s->v.policy, challenge,
			   (struct ctpm_bytes){ s->g.evidence, s->g.evidence_len }, s->v.time,
			   CTPM_VERIFY_EXPLAIN, &s->v.result);
}

static enum ctpm_verdict verify(struct setting *s, const char *policy)
{
	return verify_with(s, policy,
			   (struct ctpm_bytes){ s->v.challenge_bytes, s->v.challenge_len });
}

static char *make(const struct setting *s)
{
	const struct ctpm_ear about = {
		.time = NOW,
		.nonce = s->v.challenge.nonce,
		.policy = { (const uint8_t *)"a policy", 8 },
		.developer = "a developer",
		.build = "a build",
	};
	struct ctpm_why why = { CTPM_OK, "" };
	char *json;

	if (ctpm_ear_make(&s->v.result, &about, &json, &why))
		fail_msg("%s", why.text);
	return json;
}

/* The member at a path such as "submods/ctpm/ear_status", or NULL */
static json_t *at(json_t *o, const char *path)
{
	char name[64];

	while (*path) {
		size_t n = strcspn(path, "/");

		snprintf(name, sizeof(name), "%.*s", (int)n, path);
		o = json_object_get(o, name);
		path += n + (path[n] == '/');
	}
	return o;
}

static json_t *claims_of(const struct setting *s)
{
	char *text = make(s);
	json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(o);
	free(text);
	return o;
}

static void has_text(json_t *o, const char *path, const char *text)
{
	const char *found = json_string_value(at(o, path));

	if (!found)
		fail_msg("no %s", path);
	assert_string_equal(found, text);
}

#define CTPM	"submods/ctpm/"
#define VECTOR	CTPM "ear_trustworthiness_vector/"
#define BY_WHOM CTPM "ear_verifier_claims/ctpm_report_by"
#define CHECKS	CTPM "ear_verifier_claims/ctpm_checks/"

/* 0: left out */
static void has_trust(json_t *o, const char *claim, int value)
{
	char path[96];

	snprintf(path, sizeof(path), VECTOR "%s", claim);
	assert_int_equal(json_integer_value(at(o, path)), value);
	assert_true(!value == !at(o, path));
}

static void accepted_evidence_is_affirmed(void **state)
{
	char policy[1024], *digest;
	struct setting s;
	json_t *o, *id;

	(void)state;
	start(&s);
	assert_int_equal(verify(&s, NULL), CTPM_ACCEPTED);
	o = claims_of(&s);
	has_text(o, "eat_profile", "tag:ietf.org,2026:rats/ear#04");
	assert_int_equal(json_integer_value(at(o, "iat")), NOW);
	has_text(o, "ear_verifier_id/developer", "a developer");
	has_text(o, "ear_verifier_id/build", "a build");
	/* "a nonce" or "another nonce", and zeros */
	assert_int_equal(strlen(json_string_value(at(o, "eat_nonce"))), 43);
	has_text(o, CTPM "eat_nonce", json_string_value(at(o, "eat_nonce")));
	has_text(o, CTPM "ear_status", "affirming");
	has_trust(o, "instance-identity", 2);
	has_trust(o, "configuration", 2);
	has_trust(o, "hardware", 2);
	has_trust(o, "runtime-opaque", 2);
	/* no measurement was approved of */
	has_trust(o, "executables", 0);
	has_text(o, CHECKS "signature/status", "holds");
	has_text(o, CHECKS "measurement/status", "not asked");
	has_text(o, CTPM "ear_attester_claims/ctpm_mode", "svsm");
	has_text(o, CTPM "ear_attester_claims/ctpm_ek_name",
		 to_hex(s.g.ek_name.data, s.g.ek_name.len).text);
	has_text(o, BY_WHOM, "amd");
	/* printf 'a policy' | sha256sum, in base64url */
	id = json_array_get(at(o, CTPM "ear_appraisal_policy_ids"), 0);
	assert_string_equal(json_string_value(id),
			    "ni:///sha-256;G1UVhwWWIvDWL_qKNxIHEEoxxtWbvi1lY8UZnlHZ8mc");
	digest = strdup(json_string_value(at(o, CTPM "ear_attester_claims/ctpm_measurement")));
	assert_int_equal(strlen(digest), 96);
	json_decref(o);
	/* the launch alone says nothing of the kernel that ran then */
	snprintf(policy, sizeof(policy),
		 "{\"version\": 1, \"modes\": [\"svsm\"], \"measurements\": [\"%s\"]}", digest);
	assert_int_equal(verify(&s, policy), CTPM_ACCEPTED);
	o = claims_of(&s);
	has_trust(o, "executables", 0);
	json_decref(o);
	snprintf(policy, sizeof(policy),
		 "{\"version\": 1, \"modes\": [\"svsm\"], \"measurements\": [\"%s\"], "
		 "\"pcrs\": {\"sha256\": {\"4\": \"%s\"}}}",
		 digest, to_hex(s.g.pcrs.value[4], 32).text);
	free(digest);
	assert_int_equal(verify(&s, policy), CTPM_ACCEPTED);
	o = claims_of(&s);
	has_trust(o, "executables", 3);
	json_decref(o);
	stop(&s);
}

static void a_guest_that_may_be_debugged_is_a_warning(void **state)
{
	struct setting s;
	json_t *o;

	(void)state;
	start(&s);
	assert_int_equal(verify(&s, NULL), CTPM_ACCEPTED);
	s.v.result.report.policy |= CTPM_POLICY_DEBUG;
	o = claims_of(&s);
	has_text(o, CTPM "ear_status", "warning");
	has_trust(o, "runtime-opaque", 32);
	json_decref(o);
	stop(&s);
}

static void a_vouched_report_is_by_the_owner_ca(void **state)
{
	struct setting s;
	json_t *o;

	(void)state;
	start(&s);
	assert_int_equal(verify(&s, "{" ANY_MEASUREMENT ", \"modes\": [\"svsm\"], "
				    "\"allow_vouched_report\": true}"),
			 CTPM_ACCEPTED);
	o = claims_of(&s);
	has_text(o, BY_WHOM, "owner-ca");
	has_trust(o, "hardware", 2);
	json_decref(o);
	stop(&s);
}

static void refused_evidence_is_contraindicated(void **state)
{
	struct setting s;
	json_t *o;

	(void)state;
	start(&s);
	s.g.pcrs.value[REPORT_PCR][0] ^= 1;
	guest_attest(&s.g, &s.v);
	assert_int_equal(verify(&s, NULL), CTPM_REFUSED);
	o = claims_of(&s);
	has_text(o, CTPM "ear_status", "contraindicated");
	has_trust(o, "executables", 99);
	has_trust(o, "instance-identity", 2);
	has_text(o, CHECKS "log/status", "fails");
	has_text(o, CHECKS "log/code", "refused");
	json_decref(o);
	stop(&s);
}

static void evidence_that_is_malformed_has_no_claims(void **state)
{
	struct setting s;
	json_t *o;

	(void)state;
	start(&s);
	s.g.evidence[0] ^= 1;
	assert_int_equal(verify(&s, NULL), CTPM_REFUSED);
	o = claims_of(&s);
	has_text(o, CTPM "ear_status", "contraindicated");
	has_trust(o, "instance-identity", 1);
	has_trust(o, "hardware", 0);
	assert_null(at(o, CTPM "ear_attester_claims"));
	assert_null(at(o, CTPM "eat_nonce"));
	has_text(o, CHECKS "report/status", "not reached");
	json_decref(o);
	stop(&s);
}

static void undecided_evidence_has_status_none(void **state)
{
	struct setting s;
	json_t *o;

	(void)state;
	start(&s);
	assert_int_equal(verify_with(&s, NULL, (struct ctpm_bytes){ (const uint8_t *)"?", 1 }),
			 CTPM_COULD_NOT_DECIDE);
	o = claims_of(&s);
	has_text(o, CTPM "ear_status", "none");
	has_trust(o, "instance-identity", -1);
	json_decref(o);
	stop(&s);
}

/*
 * Signatures, verified from RFC 7515 by openssl
 */

static char *pem_of(EVP_PKEY *key, const EVP_CIPHER *cipher)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *text;
	long len;

	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, key, cipher, cipher ? "word" : NULL,
						       cipher ? 4 : 0, NULL, NULL),
			 1);
	len = BIO_get_mem_data(bio, &data);
	text = strndup(data, (size_t)len);
	BIO_free(bio);
	return text;
}

/* Decoded; bytes of it */
static size_t from_base64url(const char *text, size_t len, uint8_t *out, size_t room)
{
	size_t padded = (len + 3) / 4 * 4;
	char *copy = malloc(padded + 1);

	assert_true(padded / 4 * 3 <= room);
	memset(copy, '=', padded);
	for (size_t i = 0; i < len; i++) {
		assert_true(text[i] != '+' && text[i] != '/' && text[i] != '=');
		copy[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
	}
	assert_int_equal(EVP_DecodeBlock(out, (unsigned char *)copy, (int)padded), padded / 4 * 3);
	free(copy);
	return len * 3 / 4;
}

static bool openssl_verifies(EVP_PKEY *key, const EVP_MD *md, const char *token)
{
	const char *dot = strrchr(token, '.');
	uint8_t raw[128], *der = NULL;
	size_t n = from_base64url(dot + 1, strlen(dot + 1), raw, sizeof(raw));
	ECDSA_SIG *sig = ECDSA_SIG_new();
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int len;
	bool ok;

	assert_int_equal(n, 2 * (size_t)EVP_MD_get_size(md));
	assert_int_equal(ECDSA_SIG_set0(sig, BN_bin2bn(raw, (int)n / 2, NULL),
					BN_bin2bn(raw + n / 2, (int)n / 2, NULL)),
			 1);
	len = i2d_ECDSA_SIG(sig, &der);
	ok = EVP_DigestVerifyInit(ctx, NULL, md, NULL, key) == 1 &&
	     EVP_DigestVerify(ctx, der, (size_t)len, (const uint8_t *)token,
			      (size_t)(dot - token)) == 1;
	ERR_clear_error();
	EVP_MD_CTX_free(ctx);
	ECDSA_SIG_free(sig);
	OPENSSL_free(der);
	return ok;
}

static void check_token(const char *curve, const char *header, const EVP_MD *md)
{
	static const char claims[] = "{\"iat\": 1, \"text\": \"~~~>>>>>>\u00ff\"}";
	EVP_PKEY *key = EVP_EC_gen(curve), *other = EVP_EC_gen(curve);
	char *pem = pem_of(key, NULL), *token, *dot;
	uint8_t text[256];
	size_t n;

	assert_int_equal(ctpm_ear_sign(claims, pem, &token, NULL), CTPM_OK);
	dot = strchr(token, '.');
	n = from_base64url(token, (size_t)(dot - token), text, sizeof(text));
	assert_int_equal(n, strlen(header));
	assert_memory_equal(text, header, n);
	n = from_base64url(dot + 1, strcspn(dot + 1, "."), text, sizeof(text));
	assert_int_equal(n, strlen(claims));
	assert_memory_equal(text, claims, n);
	assert_true(openssl_verifies(key, md, token));
	assert_false(openssl_verifies(other, md, token));
	dot[3] ^= 1;
	assert_false(openssl_verifies(key, md, token));
	free(token);
	free(pem);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

static void openssl_verifies_tokens_of_p256(void **state)
{
	(void)state;
	/* r or s is short every 128th time */
	for (int i = 0; i < 300; i++)
		check_token("P-256", "{\"alg\":\"ES256\",\"typ\":\"JWT\"}", EVP_sha256());
}

static void openssl_verifies_tokens_of_p384(void **state)
{
	(void)state;
	check_token("P-384", "{\"alg\":\"ES384\",\"typ\":\"JWT\"}", EVP_sha384());
}

static void refuses_key(const char *pem)
{
	struct ctpm_why why = { CTPM_OK, "" };
	char *token;

	assert_int_equal(ctpm_ear_sign("{}", pem, &token, &why), CTPM_ERR_ARGUMENT);
	assert_null(token);
	assert_true(why.text[0]);
}

static void keys_of_no_algorithm_are_refused(void **state)
{
	EVP_PKEY *keys[] = { EVP_EC_gen("P-521"), EVP_EC_gen("secp256k1"), EVP_RSA_gen(2048),
			     EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), EVP_EC_gen("P-256") };
	char *pem;

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		/* the last one would do, but for its password */
		pem = pem_of(keys[i], i == 4 ? EVP_aes_256_cbc() : NULL);
		refuses_key(pem);
		free(pem);
		EVP_PKEY_free(keys[i]);
	}
	refuses_key("");
	refuses_key("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
}

static void claims_of_any_size_are_not_signed(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	char *pem = pem_of(key, NULL), *claims = malloc(CTPM_EAR_MAX + 2), *token;

	(void)state;
	memset(claims, ' ', CTPM_EAR_MAX + 1);
	claims[CTPM_EAR_MAX + 1] = '\0';
	assert_int_equal(ctpm_ear_sign(claims, pem, &token, NULL), CTPM_ERR_ARGUMENT);
	claims[CTPM_EAR_MAX] = '\0';
	assert_int_equal(ctpm_ear_sign(claims, pem, &token, NULL), CTPM_OK);
	free(token);
	free(claims);
	free(pem);
	EVP_PKEY_free(key);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(accepted_evidence_is_affirmed),
	cmocka_unit_test(a_guest_that_may_be_debugged_is_a_warning),
	cmocka_unit_test(a_vouched_report_is_by_the_owner_ca),
	cmocka_unit_test(refused_evidence_is_contraindicated),
	cmocka_unit_test(evidence_that_is_malformed_has_no_claims),
	cmocka_unit_test(undecided_evidence_has_status_none),
	cmocka_unit_test(openssl_verifies_tokens_of_p256),
	cmocka_unit_test(openssl_verifies_tokens_of_p384),
	cmocka_unit_test(keys_of_no_algorithm_are_refused),
	cmocka_unit_test(claims_of_any_size_are_not_signed),
};

SUITE(ear_suite, tests);
