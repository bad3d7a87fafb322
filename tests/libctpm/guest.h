/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest with a TPM, all of it in software and all of it open: keys that a TPM
 * would keep are here, so that a test can have it say anything.
 */
#ifndef GUEST_H
#define GUEST_H

#include <ctpm/ca.h>
#include <ctpm/verify.h>
#include <openssl/evp.h>
#include <tss2/tss2_tpm2_types.h>

#include "../../tools/libctpm/tpm.h"
#include "test.h"

#define LOG_SIZE   2048
#define AUD	   "verifier.example"
#define REPORT_PCR 13

struct hex {
	char text[2 * 128 + 1];
};

/* As a policy has it */
struct hex to_hex(const void *data, size_t len);

struct blob {
	uint8_t data[8192];
	size_t len;
};

struct guest {
	struct machine m;
	EVP_PKEY *ek, *ak;
	TPMT_PUBLIC ak_public;
	struct blob ek_bytes, ak_bytes, manifest, log, certs;
	struct tpm_name ek_name, ak_name;
	enum ctpm_mode mode;
	uint32_t vmpl;			     /* that reports are asked for from */
	uint32_t report_pcr;		     /* that the report is extended into */
	uint32_t reset_count, restart_count; /* of the TPM now */
	struct ctpm_boot_event boot;	     /* that the log says */
	struct ctpm_pcrs pcrs;
	uint8_t report[CTPM_REPORT_SIZE], fresh[CTPM_REPORT_SIZE];
	struct blob ak_cert;
	uint8_t ak_serial[CTPM_SERIAL_SIZE]; /* of its certificate */
	/* what the TPM signs, for a test to change before */
	TPMS_ATTEST attest;
	struct ctpm_claims claims;
	uint8_t *evidence;
	size_t evidence_len;
};

/* The one that verifies, and its Owner CA */
struct verifier {
	struct ctpm_verifier *v;
	struct ctpm_policy *policy;
	struct ctpm_ca *ca;
	char *ca_key, *ca_cert;
	int64_t time;
	struct ctpm_challenge challenge;
	uint8_t *challenge_bytes;
	size_t challenge_len;
	struct ctpm_result result;
};

/* The machine to be, for a test to change; launched, with keys of a TPM; or both at once */
void guest_config(struct guest *g, enum snp_product product, const char *keys, enum ctpm_mode mode);
void guest_launch(struct guest *g);
void guest_start(struct guest *g, const char *keys, enum ctpm_mode mode);

/* The report, log and PCR of a boot, its counts and a new random number in the event */
void guest_boot(struct guest *g);
/* What the Owner CA issues, once it has verified the report */
void guest_certify(struct guest *g, const struct ctpm_ca *ca);
void guest_certify_from(struct guest *g, const struct ctpm_ca *ca, int64_t from, unsigned int days);
void guest_stop(struct guest *g);

/* Another AK: RSA-2048, of TPM2_ALG_RSASSA or RSAPSS */
void guest_make_rsa_ak(struct guest *g, TPMI_ALG_ASYM_SCHEME scheme);

/* The AK's public area anew, from ak_public; its Name; and the manifest, if it is in there */
void guest_publish_ak(struct guest *g);

/* A report over a nonce and the manifest */
void guest_report(struct guest *g, const uint8_t nonce[CTPM_REPORT_NONCE_SIZE],
		  uint8_t report[CTPM_REPORT_SIZE]);

/* The log: its header; an event of ctpm's, whose digests are those of @what; the report's */
void guest_log_open(struct guest *g);
void guest_log_tagged(struct guest *g, uint32_t pcr, uint32_t tag, const uint8_t *event, size_t len,
		      struct ctpm_bytes what);
void guest_log_report_as(struct guest *g, uint32_t tag, struct ctpm_bytes report);
void guest_log_report(struct guest *g);

/* Step by step: claims, what the TPM would sign, the evidence */
void guest_claim(struct guest *g, const struct verifier *v);
void guest_quote(struct guest *g, const struct verifier *v);
void guest_send(struct guest *g);

/* The evidence of claims and a quote that somebody else made */
void guest_deliver(struct guest *g, struct ctpm_bytes quote);

/* All of it, with a fresh report if the challenge wants one */
void guest_attest(struct guest *g, const struct verifier *v);

void verifier_start(struct verifier *v, const struct guest *g, const char *policy);
/* Another Owner CA of the same name; the verifier doesn't know it. @cert is to be freed */
void open_namesake(const struct verifier *v, struct ctpm_ca **ca, char **cert);
/* With an Owner CA on that curve */
void verifier_start_on(struct verifier *v, const struct guest *g, const char *policy,
		       const char *curve);
/* A new one, that trusts the root of this guest's machine and no Owner CA */
void verifier_trust_no_ca(struct verifier *v, const struct guest *g);
void verifier_policy(struct verifier *v, const char *policy);
/* Any measurement, both modes, and these rules */
__attribute__((format(printf, 2, 3))) void verifier_rules(struct verifier *v, const char *rules,
							  ...);
void verifier_ask(struct verifier *v, const char *aud, bool fresh);
/* The challenge's encoding anew, from what a test has changed */
void verifier_encode(struct verifier *v);
enum ctpm_verdict verifier_judge(struct verifier *v, const struct guest *g);
void verifier_stop(struct verifier *v);

/* Accepted; or refused, and exactly by these checks (others may be not reached) */
#define BY(check) (1u << CTPM_CHECK_##check)
void accepts(struct verifier *v, const struct guest *g);
void refuses(struct verifier *v, const struct guest *g, uint32_t checks);

/*
 * A guest and its verifier; what a test changes is the first argument of SCENE: a function
 * of the test's name is called once the scene has come to @stage, and then it goes on. The
 * evidence has to be refused by exactly the checks of @by, or to be accepted, if it is 0.
 */
struct scene {
	struct guest g;
	struct verifier v;
};

enum stage {
	MACHINE, /* configured, not launched */
	POWER,	 /* launched; there is a TPM with its keys */
	BOOT,	 /* a report is in the log and the PCR */
	TRUST,	 /* there are a verifier, a policy, an AK certificate and a challenge */
	CLAIM,	 /* claims are made, not signed */
	QUOTE,	 /* what is quoted is ready, not signed */
	SENT	 /* the evidence is there */
};

struct plan {
	void (*change)(struct scene *s);
	enum stage stage;
	uint32_t by;
	enum ctpm_mode mode;
	enum snp_product product;
};

#define ANY_MEASUREMENT "\"version\": 1, \"measurements\": \"any\""
#define ANY		"{" ANY_MEASUREMENT ", \"modes\": [\"svsm\"]}"
#define ANY_BOUND	"{" ANY_MEASUREMENT ", \"modes\": [\"bind\"], \"require_ek_certificate\": false}"

void scene_play(void **state);
/* All of it without a change, to be ended by scene_end() */
void scene_start(struct scene *s, enum ctpm_mode mode);
void scene_end(struct scene *s);

#define SCENE_OF(change, stage, by, ...)                        \
	{                                                       \
#change, scene_play, NULL, NULL, &(struct plan) \
		{                                               \
			change, stage, by, __VA_ARGS__          \
		}                                               \
	}
#define SCENE(change, stage, by)       SCENE_OF(change, stage, by, CTPM_MODE_SVSM, SNP_MILAN)
#define SCENE_BOUND(change, stage, by) SCENE_OF(change, stage, by, CTPM_MODE_BIND, SNP_MILAN)
#define SCENE_TURIN(change, stage, by) SCENE_OF(change, stage, by, CTPM_MODE_SVSM, SNP_TURIN)

#endif
