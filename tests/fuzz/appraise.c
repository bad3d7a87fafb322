// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzz target: good evidence, changed. The input is a list of changes; its first byte says who
 * makes them: the network, which can sign nothing, so that the good evidence alone is accepted;
 * or root in the guest, for whom the TPM signs any claims, but about its own PCRs and counts:
 * then what is accepted has the report, the manifest, the PCRs and the AK of the good one.
 */
#include <stdlib.h>

#include "../libctpm/guest.h"
#include "change.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct guest guest;
static struct verifier verifier;
static struct ctpm_claims good;
static TPMS_ATTEST good_attest;
static uint8_t *good_evidence;
static size_t good_len;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char *policy;

	(void)argc;
	(void)argv;
	REQUIRE(getenv("FUZZ_DIR") && !setenv("TEST_KEYS", getenv("FUZZ_DIR"), 1));
	guest_start(&guest, KEYS, CTPM_MODE_SVSM);
	guest_boot(&guest);
	verifier_start(&verifier, &guest, ANY);
	guest_certify(&guest, verifier.ca);
	verifier_ask(&verifier, AUD, true);
	guest_attest(&guest, &verifier);
	REQUIRE(!ctpm_policy_make(&guest.claims, 1u << 4 | 1u << 7, &policy, NULL));
	verifier_policy(&verifier, policy);
	free(policy);
	REQUIRE(verifier_judge(&verifier, &guest) == CTPM_ACCEPTED);
	good = guest.claims;
	good_attest = guest.attest;
	good_evidence = guest.evidence;
	good_len = guest.evidence_len;
	guest.evidence = NULL;
	return 0;
}

/* Where the next part that is changed goes, after so many over an earlier one */
static unsigned int next_room;

static void change_bytes(struct ctpm_bytes *bytes, struct cur *in)
{
	static uint8_t room[16][PART_MAX];
	uint8_t *part = room[next_room++ % 16];

	/* it may have been changed before */
	if (bytes->len)
		memmove(part, bytes->data, bytes->len);
	change(part, &bytes->len, in);
	bytes->data = part;
}

static void change_pcrs(struct ctpm_pcrs *pcrs, struct cur *in)
{
	unsigned int what = cur_get_u8(in) % 4;

	if (what == 0)
		pcrs->mask ^= cur_get_le32(in);
	else if (what == 1)
		pcrs->bank ^= cur_get_le16(in);
	else
		pcrs->value[cur_get_u8(in) % CTPM_PCRS][cur_get_u8(in) % CTPM_DIGEST_MAX] ^=
			cur_get_u8(in);
}

static void change_claims(struct ctpm_claims *c, struct cur *in)
{
	struct ctpm_bytes *part[] = {
		&c->nonce, &c->aud, &c->report,	 &c->manifest, &c->certs,
		&c->log,   &c->ak,  &c->ak_cert, &c->fresh,    &c->ek_cert[0]
	};
	unsigned int which = cur_get_u8(in) % 12;

	if (which == 11)
		c->mode ^= 1;
	else if (which == 10)
		change_pcrs(&c->pcrs, in);
	else
		change_bytes(part[which], in);
	c->ek_certs = !!c->ek_cert[0].len;
}

static bool same(struct ctpm_bytes a, struct ctpm_bytes b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

static bool same_pcrs(const struct ctpm_pcrs *a, const struct ctpm_pcrs *b)
{
	bool ok = a->bank == b->bank && a->mask == b->mask;

	for (unsigned int i = 0; ok && i < CTPM_PCRS; i++)
		if (a->mask >> i & 1)
			ok = !memcmp(a->value[i], b->value[i], ctpm_bank_size(a->bank));
	return ok;
}

/* Encodable at all? */
static bool encodes(const struct ctpm_claims *c)
{
	uint8_t *out = NULL;
	size_t len;
	bool ok = !ctpm_claims_encode(c, &out, &len, NULL);

	free(out);
	return ok;
}

/* Root in the guest: claims as they like, and the TPM's word for them */
static void try_root(struct cur *in)
{
	struct ctpm_claims *c = &guest.claims;

	*c = good;
	while (cur_remaining(in))
		change_claims(c, in);
	if (!encodes(c))
		return;
	guest_quote(&guest, &verifier);
	/* what the TPM says by itself */
	guest.attest.attested = good_attest.attested;
	guest_send(&guest);
	if (verifier_judge(&verifier, &guest) != CTPM_ACCEPTED)
		return;
	REQUIRE(same(c->nonce, good.nonce) && same(c->aud, good.aud) && c->mode == good.mode);
	REQUIRE(same(c->report, good.report) && same(c->manifest, good.manifest));
	REQUIRE(same(c->ak, good.ak) && same(c->fresh, good.fresh));
	REQUIRE(same_pcrs(&c->pcrs, &good.pcrs));
}

/* The network: the claims, the quote, and then all of the message */
static void try_network(struct cur *in)
{
	static uint8_t message[PART_MAX];
	struct ctpm_evidence e;
	enum ctpm_verdict verdict;
	unsigned int what = cur_get_u8(in) % 3;
	size_t len;

	REQUIRE(!ctpm_evidence_decode(good_evidence, good_len, &e, NULL));
	guest.claims = good;
	while (what == 0 && cur_remaining(in))
		change_claims(&guest.claims, in);
	while (what == 1 && cur_remaining(in))
		change_bytes(&e.quote, in);
	if (!encodes(&guest.claims) || !e.quote.len || e.quote.len > 4096)
		return;
	guest_deliver(&guest, e.quote);
	len = guest.evidence_len;
	if (len > sizeof(message))
		return;
	memcpy(message, guest.evidence, len);
	while (what == 2 && cur_remaining(in))
		change(message, &len, in);
	free(guest.evidence);
	guest.evidence = malloc(len ? len : 1);
	REQUIRE(guest.evidence);
	memcpy(guest.evidence, message, len);
	guest.evidence_len = len;
	verdict = verifier_judge(&verifier, &guest);
	REQUIRE(verdict == (len == good_len && !memcmp(message, good_evidence, len)
				    ? CTPM_ACCEPTED
				    : CTPM_REFUSED));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cur in = cur_reader(data, size);

	next_room = 0;
	if (cur_get_u8(&in) & 1)
		try_root(&in);
	else
		try_network(&in);
	free(guest.evidence);
	guest.evidence = NULL;
	return 0;
}
