// SPDX-License-Identifier: GPL-2.0-or-later
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"

#define CHALLENGE_MAX 1024
#define ATTEMPTS      20
#define DEFAULT_PCRS  0xffff /* 0 to 15: those that cannot be reset */

struct request {
	struct buffer challenge_bytes;
	struct ctpm_challenge challenge;
	const char *aud, *output, *dir, *tcti;
	uint32_t pcrs;
	bool fresh, no_certs;
};

/* Evidence, as its parts come in */
struct work {
	struct tpm tpm;
	struct tpm_key ak;
	struct binding binding;
	struct ek_certs ek_certs;
	struct buffer ak_cert, fresh, fresh_manifest, fresh_certs, quote;
	struct ctpm_claims claims;
	uint8_t *claims_bytes;
	size_t claims_len;
};

/* A challenge that names another verifier than the one that is meant is somebody else's. */
static bool check_challenge(struct request *r)
{
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_challenge *c = &r->challenge;
	enum ctpm_error error =
		ctpm_challenge_decode(r->challenge_bytes.data, r->challenge_bytes.len, c, &why);
	size_t len = r->aud ? strlen(r->aud) : 0;

	if (error) {
		fail_why("the challenge", error, &why);
		return false;
	}
	if (r->aud && (c->aud.len != len || memcmp(c->aud.data, r->aud, len))) {
		fail("the challenge is of verifier \"%.*s\", not \"%s\": it is not answered",
		     (int)c->aud.len, (const char *)c->aud.data, r->aud);
		return false;
	}
	if (c->want_bank)
		r->pcrs |= c->want_pcrs;
	return true;
}

static bool get_fresh(struct work *w, const struct request *r)
{
	uint8_t nonce[CTPM_REPORT_NONCE_SIZE];

	if (ctpm_fresh_nonce(buffer_bytes(&r->challenge_bytes), buffer_bytes(&w->ak.name), nonce)) {
		fail("libcrypto computes no hash");
		return false;
	}
	/* the SVSM hashes nonce and manifest into REPORT_DATA; outside of it we have to */
	if (w->binding.mode == CTPM_MODE_BIND &&
	    ctpm_report_data(nonce, buffer_bytes(&w->binding.manifest), nonce)) {
		fail("libcrypto computes no hash");
		return false;
	}
	if (!tsm_report(w->binding.mode == CTPM_MODE_SVSM, nonce, &w->fresh, &w->fresh_manifest,
			&w->fresh_certs))
		return false;
	w->claims.fresh = buffer_bytes(&w->fresh);
	return true;
}

/* Other programs may extend PCRs between reading and quoting them. */
static bool quote(struct work *w, const struct request *r)
{
	uint16_t bank = r->challenge.want_bank ? r->challenge.want_bank : CTPM_BANK_SHA256;
	uint8_t qualifying[CTPM_QUALIFYING_DATA_SIZE];
	struct ctpm_why why = { CTPM_OK, "" };
	bool changed = true;

	for (int i = 0; i < ATTEMPTS && changed; i++) {
		free(w->claims_bytes);
		w->claims_bytes = NULL;
		buffer_free(&w->quote);
		if (!tpm_pcrs(&w->tpm, bank, r->pcrs, &w->claims.pcrs))
			return false;
		if (ctpm_claims_encode(&w->claims, &w->claims_bytes, &w->claims_len, &why)) {
			fail("the claims: %s", why.text);
			return false;
		}
		if (ctpm_qualifying_data(buffer_bytes(&r->challenge_bytes), w->claims.report,
					 (struct ctpm_bytes){ w->claims_bytes, w->claims_len },
					 qualifying)) {
			fail("libcrypto computes no hash");
			return false;
		}
		if (!tpm_quote_pcrs(&w->tpm, &w->ak, &w->claims.pcrs, qualifying, &w->quote,
				    &changed))
			return false;
	}
	if (changed)
		fail("the PCRs change faster than they can be quoted: leave some out (--pcrs)");
	return !changed;
}

static bool gather(struct work *w, const struct request *r)
{
	if (!binding_load(&w->binding) || !tpm_open(&w->tpm, r->tcti) ||
	    !tpm_ak_open(&w->tpm, &w->ak) || !ek_certs_load(&w->tpm, &w->ek_certs) ||
	    !ak_cert_load(r->dir, &w->ak, &w->ak_cert))
		return false;
	claims_fill(&w->claims, &w->binding, &w->ak, &w->ek_certs);
	w->claims.ak_cert = buffer_bytes(&w->ak_cert);
	w->claims.nonce = r->challenge.nonce;
	w->claims.aud = r->challenge.aud;
	if ((r->fresh || r->challenge.want_fresh) && !get_fresh(w, r))
		return false;
	if (r->no_certs)
		w->claims.certs = (struct ctpm_bytes){ NULL, 0 };
	return true;
}

static int answer(struct work *w, const struct request *r, bool json)
{
	struct ctpm_evidence e;
	uint8_t *bytes;
	size_t len;
	bool ok;

	if (!gather(w, r) || !quote(w, r))
		return EXIT_UNDECIDED;
	e = (struct ctpm_evidence){ buffer_bytes(&w->quote), { w->claims_bytes, w->claims_len } };
	if (ctpm_evidence_encode(&e, &bytes, &len, NULL))
		return fail("the evidence is too large");
	ok = write_file(r->output, bytes, len, 0644);
	free(bytes);
	if (!ok)
		return EXIT_UNDECIDED;
	if (json && strcmp(r->output, "-"))
		return print_json(json_pack("{s:o, s:I, s:s, s:b}", "file", json_text(r->output),
					    "bytes", (json_int_t)len, "mode",
					    ctpm_mode_name(w->claims.mode), "certified",
					    w->ak_cert.len != 0),
				  EXIT_ACCEPTED);
	return EXIT_ACCEPTED;
}

static void clean(struct work *w)
{
	tpm_key_close(&w->tpm, &w->ak);
	tpm_close(&w->tpm);
	binding_free(&w->binding);
	ek_certs_free(&w->ek_certs);
	buffer_free(&w->ak_cert);
	buffer_free(&w->fresh);
	buffer_free(&w->fresh_manifest);
	buffer_free(&w->fresh_certs);
	buffer_free(&w->quote);
	free(w->claims_bytes);
}

/* --nonce stands for a challenge with that nonce alone. */
static void challenge_of(const char *hex, struct buffer *out)
{
	uint8_t nonce[CTPM_NONCE_SIZE_MAX];
	struct ctpm_challenge c = { .nonce = { nonce, 0 } };

	if (!parse_hex(hex, nonce, sizeof(nonce), &c.nonce.len) ||
	    ctpm_challenge_encode(&c, &out->data, &out->len, NULL))
		usage("a nonce is hex, %d to %d bytes", CTPM_NONCE_SIZE_MIN, CTPM_NONCE_SIZE_MAX);
}

static int attest(int argc, char **argv)
{
	static const struct option options[] = {
		{ "nonce", required_argument, NULL, 'n' },
		{ "challenge", required_argument, NULL, 'c' },
		{ "aud", required_argument, NULL, 'a' },
		{ "fresh-report", no_argument, NULL, 'f' },
		{ "no-certs", no_argument, NULL, 'N' },
		{ "pcrs", required_argument, NULL, 'p' },
		{ "output", required_argument, NULL, 'o' },
		{ "dir", required_argument, NULL, 'd' },
		{ TPM_OPTION, required_argument, NULL, 'T' },
		{ 0 },
	};
	struct request r = { .output = "-", .dir = STATE_DIR };
	struct work w = { .ak = { .handle = ESYS_TR_NONE } };
	const char *nonce = NULL, *challenge = NULL;
	int o, status = EXIT_UNDECIDED;
	bool json = false;

	while ((o = next_option(argc, argv, options, &json)) != -1) {
		switch (o) {
		case 'n':
			nonce = optarg;
			break;
		case 'c':
			challenge = optarg;
			break;
		case 'a':
			r.aud = optarg;
			break;
		case 'f':
			r.fresh = true;
			break;
		case 'N':
			r.no_certs = true;
			break;
		case 'p':
			if (!parse_pcrs(optarg, &r.pcrs))
				usage("PCRs are a list such as 0-7,13");
			break;
		case 'o':
			r.output = optarg;
			break;
		case 'd':
			r.dir = optarg;
			break;
		default:
			r.tcti = optarg;
		}
	}
	if (optind != argc || !nonce == !challenge)
		usage("give either --nonce or --challenge, and nothing else");
	if (nonce && r.aud)
		usage("a nonce alone is of no verifier: --aud is for --challenge");
	if (!r.pcrs)
		r.pcrs = DEFAULT_PCRS;
	if (nonce)
		challenge_of(nonce, &r.challenge_bytes);
	else if (!read_file(challenge, CHALLENGE_MAX, &r.challenge_bytes))
		return EXIT_UNDECIDED;
	if (check_challenge(&r))
		status = answer(&w, &r, json);
	else
		status = EXIT_REFUSED;
	clean(&w);
	buffer_free(&r.challenge_bytes);
	return status;
}

const struct verb attest_verb = {
	"attest", attest, "answer a challenge with evidence",
	"usage: ctpm attest (--challenge FILE | --nonce HEX) [OPTION]...\n\n"
	"Answers a verifier's challenge: the report of this boot, the event log, the AK and its\n"
	"certificate, PCRs, and a quote of the TPM over all of it.\n\n"
	"  --challenge FILE      the challenge, from \"ctpm challenge\"; - for standard input\n"
	"  --nonce HEX           or only a nonce\n"
	"  --aud NAME            answer only a challenge of this verifier; not with --nonce\n"
	"  --fresh-report        with a report made for this challenge, even if it isn't asked for\n"
	"  --no-certs            without AMD's certificates, which make up more than half of it: for who\n"
	"                        has them, or lets the Owner CA vouch for the report\n"
	"  --pcrs LIST           which PCRs, such as 0-7,13; default: 0-15, and what is asked for\n"
	"  -o, --output FILE     where to; default: standard output\n"
	"  --dir DIR             where the AK's certificate is; default: /var/lib/ctpm\n" TPM_HELP
};
