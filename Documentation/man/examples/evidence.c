// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * messages EVIDENCE CHALLENGE REQUEST REPLY: take each message apart, look at it, and put it
 * together again. There is one encoding of each, so the bytes are the same.
 */
#include <ctpm/evidence.h>
#include <string.h>

#include "example.h"

static void same(const char *what, struct ctpm_bytes was, uint8_t *is, size_t len)
{
	printf("%s: %zu bytes, %s\n", what, len,
	       len == was.len && !memcmp(is, was.data, len) ? "the same" : "others");
	free(is);
}

/* A verifier's first step: a challenge of its own. The nonce has to be random. */
static void ask(const uint8_t nonce[32])
{
	struct ctpm_challenge c = {
		.nonce = { nonce, 32 },
		.aud = { (const uint8_t *)"verifier.example", 16 },
		.want_bank = CTPM_BANK_SHA256,
		.want_pcrs = 1u << 4 | 1u << 7,
	};
	struct ctpm_why why = { CTPM_OK, "" };
	uint8_t *bytes;
	size_t len;

	check("a challenge", ctpm_challenge_encode(&c, &bytes, &len, &why), &why);
	printf("a challenge of %zu bytes\n", len);
	free(bytes);
}

/* What a guest has its TPM sign, and, by the same way, what a verifier expects there */
static void quoted(struct ctpm_bytes challenge, const struct ctpm_evidence *e,
		   const struct ctpm_claims *c)
{
	uint8_t data[CTPM_QUALIFYING_DATA_SIZE], nonce[CTPM_REPORT_NONCE_SIZE], report_data[64];
	uint8_t digest[CTPM_DIGEST_MAX];
	/* the AK's Name, nameAlg and digest: TPM2_ReadPublic gives the real one */
	static const uint8_t name[34] = { 0x00, 0x0b };
	size_t len = ctpm_pcrs_digest(&c->pcrs, CTPM_BANK_SHA256, digest);

	if (!len || ctpm_qualifying_data(challenge, c->report, e->claims, data) ||
	    ctpm_fresh_nonce(challenge, (struct ctpm_bytes){ name, sizeof(name) }, nonce) ||
	    ctpm_report_data(nonce, c->manifest, report_data))
		exit(3);
	printf("mode %s; PCRs %#x of %s, %zu bytes each; qualifyingData %02x%02x..., "
	       "pcrDigest %02x%02x..., a fresh report's REPORT_DATA %02x%02x...\n",
	       ctpm_mode_name(c->mode), c->pcrs.mask, ctpm_bank_name(c->pcrs.bank),
	       ctpm_bank_size(c->pcrs.bank), data[0], data[1], digest[0], digest[1], report_data[0],
	       report_data[1]);
}

int main(int argc, char **argv)
{
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_claims claims, request;
	struct ctpm_challenge challenge;
	struct ctpm_evidence e;
	struct ctpm_bytes file[5];
	struct ctpm_reply reply;
	uint8_t *out;
	size_t len;

	if (argc != 5)
		return 2;
	for (int i = 1; i < 5; i++)
		file[i] = load(argv[i]);
	/* all of these point into file[] */
	check(argv[1], ctpm_evidence_decode(file[1].data, file[1].len, &e, &why), &why);
	check("its claims", ctpm_claims_decode(e.claims.data, e.claims.len, &claims, &why), &why);
	check(argv[2], ctpm_challenge_decode(file[2].data, file[2].len, &challenge, &why), &why);
	check(argv[3], ctpm_request_decode(file[3].data, file[3].len, &request, &why), &why);
	check(argv[4], ctpm_reply_decode(file[4].data, file[4].len, &reply, &why), &why);
	ask(request.nonce.data);
	quoted(file[2], &e, &claims);

	check("evidence", ctpm_evidence_encode(&e, &out, &len, &why), &why);
	same("evidence", file[1], out, len);
	check("claims", ctpm_claims_encode(&claims, &out, &len, &why), &why);
	same("claims", e.claims, out, len);
	check("challenge", ctpm_challenge_encode(&challenge, &out, &len, &why), &why);
	same("challenge", file[2], out, len);
	check("request", ctpm_request_encode(&request, &out, &len, &why), &why);
	same("request", file[3], out, len);
	check("reply", ctpm_reply_encode(&reply, &out, &len, &why), &why);
	same("reply", file[4], out, len);
	for (int i = 1; i < 5; i++)
		unload(file[i]);
	return 0;
}
