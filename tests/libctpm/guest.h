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
	uint32_t reset_count, restart_count; /* of the TPM now */
	struct ctpm_boot_event boot;	     /* that the log says */
	struct ctpm_pcrs pcrs;
	uint8_t report[CTPM_REPORT_SIZE], fresh[CTPM_REPORT_SIZE];
	struct blob ak_cert;
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

/* Powered on, with keys; then the report, log and PCR of a boot; then an AK certificate */
void guest_start(struct guest *g, const char *keys, enum ctpm_mode mode);
void guest_boot(struct guest *g);
void guest_certify(struct guest *g, const struct ctpm_ca *ca);
void guest_stop(struct guest *g);

/* The AK's public area anew, from ak_public; and its Name */
void guest_publish_ak(struct guest *g);

/* The log: its header; an event of ctpm's, whose digests are those of @what; any other */
void guest_log_open(struct guest *g);
void guest_log_tagged(struct guest *g, uint32_t pcr, uint32_t tag, const uint8_t *event, size_t len,
		      struct ctpm_bytes what);
void guest_log_report(struct guest *g);

/* Step by step: claims, what the TPM would sign, the evidence */
void guest_claim(struct guest *g, const struct verifier *v);
void guest_quote(struct guest *g, const struct verifier *v);
void guest_send(struct guest *g);

/* All of it, with a fresh report if the challenge wants one */
void guest_attest(struct guest *g, const struct verifier *v);

void verifier_start(struct verifier *v, const struct guest *g, const char *policy);
void verifier_policy(struct verifier *v, const char *policy);
void verifier_ask(struct verifier *v, const char *aud, bool fresh);
void verifier_stop(struct verifier *v);

/* Accepted; or refused, and exactly by this check (others may be not reached) */
void accepts(struct verifier *v, const struct guest *g);
void refuses(struct verifier *v, const struct guest *g, enum ctpm_check check);

#endif
