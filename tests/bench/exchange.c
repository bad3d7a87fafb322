// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * exchange ROUNDS, in a guest whose TPM ctpm.ko has bound: what it costs to answer a verifier and
 * to check the answer. Composite, with the report of the boot, as "ctpm attest" does; the same
 * with a report made for the challenge; and apart, two challenges: a report for the one, a quote
 * for the other, each checked by itself. All by the code of ctpm and libctpm, in turns. Nobody
 * starts a process, opens the TPM or loads the AK in between, and every verifier knows the
 * certificates. Prints, of each, the median ticks of the TSC and of microseconds; under
 * "snpemu --count" a tick is an instruction of the guest's.
 */
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../tools/ctpm/guest.h"
#include "../../tools/libctpm/verifier.h"

#define PCRS	   0xffff /* as "ctpm attest" */
#define WARM_UP	   3
#define ROUNDS_MAX 1000

const struct verb *verb = &(const struct verb){ "exchange", NULL, NULL, NULL };

static struct tpm tpm;
static struct tpm_key ak;
static struct binding boot;
static struct ek_certs no_ek_certs;
static struct ctpm_verifier *verifier;
static struct ctpm_policy *policy;
static int64_t now;
/* of the AK, for who verifies quotes alone */
static TPMT_PUBLIC ak_public;
static EVP_PKEY *ak_key;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "exchange: %s\n", what);
	exit(1);
}

static void must(bool ok, const char *what)
{
	if (!ok)
		die(what);
}

/*
 * Phases: guest and verifier of each way
 */

enum phase {
	COMPOSITE_GUEST,
	COMPOSITE_VERIFIER,
	FRESH_GUEST,
	FRESH_VERIFIER,
	REPORT_GUEST,
	REPORT_VERIFIER,
	QUOTE_GUEST,
	QUOTE_VERIFIER,
	PHASES
};

static const char *const phase_names[PHASES] = {
	"composite-guest", "composite-verifier", "fresh-guest", "fresh-verifier",
	"report-guest",	   "report-verifier",	 "quote-guest", "quote-verifier",
};

static double ticks_of[PHASES][ROUNDS_MAX], micros_of[PHASES][ROUNDS_MAX];

struct clocks {
	uint64_t ticks;
	double micros;
};

static struct clocks read_clocks(void)
{
	struct timespec t;
	uint32_t lo, hi;

	clock_gettime(CLOCK_MONOTONIC, &t);
	__asm__ volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi)::"memory");
	return (struct clocks){ lo | (uint64_t)hi << 32,
				(double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3 };
}

static struct clocks since;

static void begin(void)
{
	since = read_clocks();
}

/* To a phase, what has passed since begin(); none of the rounds to warm up */
static void end(enum phase phase, long round)
{
	struct clocks c = read_clocks();

	if (round < 0)
		return;
	ticks_of[phase][round] = (double)(c.ticks - since.ticks);
	micros_of[phase][round] = c.micros - since.micros;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *values, long n)
{
	qsort(values, (size_t)n, sizeof(*values), by_size);
	return values[n / 2];
}

/*
 * Composite
 */

static size_t evidence_size, fresh_size, report_size, quote_size;

static void guest_answers(struct ctpm_bytes challenge, bool fresh, uint8_t **out, size_t *len)
{
	struct buffer report = { NULL, 0 }, manifest = { NULL, 0 }, certs = { NULL, 0 }, quote;
	uint8_t qualifying[CTPM_QUALIFYING_DATA_SIZE], nonce[CTPM_REPORT_NONCE_SIZE], *claims;
	struct ctpm_challenge asked;
	struct ctpm_claims c = { 0 };
	struct ctpm_evidence e;
	size_t claims_len;
	bool changed;

	must(!ctpm_challenge_decode(challenge.data, challenge.len, &asked, NULL), "a challenge");
	claims_fill(&c, &boot, &ak, &no_ek_certs);
	c.nonce = asked.nonce;
	if (fresh) {
		must(!ctpm_fresh_nonce(challenge, buffer_bytes(&ak.name), nonce), "a nonce");
		must(tsm_report(true, nonce, &report, &manifest, &certs), "a fresh report");
		c.fresh = buffer_bytes(&report);
	}
	must(tpm_pcrs(&tpm, CTPM_BANK_SHA256, PCRS, &c.pcrs), "PCRs");
	must(!ctpm_claims_encode(&c, &claims, &claims_len, NULL), "claims");
	e.claims = (struct ctpm_bytes){ claims, claims_len };
	must(!ctpm_qualifying_data(challenge, c.report, e.claims, qualifying), "qualifyingData");
	must(tpm_quote_pcrs(&tpm, &ak, &c.pcrs, qualifying, &quote, &changed) && !changed,
	     "a quote");
	e.quote = buffer_bytes(&quote);
	must(!ctpm_evidence_encode(&e, out, len, NULL), "evidence");
	free(claims);
	buffer_free(&quote);
	buffer_free(&report);
	buffer_free(&manifest);
	buffer_free(&certs);
}

static void composite(bool fresh, long round)
{
	static struct ctpm_result result;
	uint8_t nonce[32], *challenge, *evidence;
	struct ctpm_challenge c = { .nonce = { nonce, sizeof(nonce) }, .want_fresh = fresh };
	struct ctpm_bytes asked, answer;

	must(RAND_bytes(nonce, sizeof(nonce)) == 1, "a random nonce");
	must(!ctpm_challenge_encode(&c, &challenge, &asked.len, NULL), "a challenge");
	asked.data = challenge;
	begin();
	guest_answers(asked, fresh, &evidence, &answer.len);
	end(fresh ? FRESH_GUEST : COMPOSITE_GUEST, round);
	answer.data = evidence;
	begin();
	ctpm_verify(verifier, policy, asked, answer, now, 0, &result);
	end(fresh ? FRESH_VERIFIER : COMPOSITE_VERIFIER, round);
	for (int i = 0; i < CTPM_CHECKS; i++)
		if (result.check[i].status == CTPM_FAILS)
			fprintf(stderr, "%s: %s\n", ctpm_check_name((enum ctpm_check)i),
				result.check[i].text);
	must(result.verdict == CTPM_ACCEPTED, "good evidence was refused");
	*(fresh ? &fresh_size : &evidence_size) = answer.len;
	free(challenge);
	free(evidence);
}

/*
 * Apart. What a verifier of reports checks: form, signature up to the root (the chain is known),
 * VMPL, nonce and manifest, and the guest's launch; it knows the manifest's EK then.
 */

static void check_report(const struct buffer *bytes, const struct buffer *manifest,
			 const struct buffer *certs, const uint8_t nonce[64])
{
	struct ctpm_report report, of_boot;
	enum ctpm_product product;
	uint8_t data[64];

	must(!ctpm_report_parse(bytes->data, bytes->len, &report, NULL) &&
		     !verifier_report(verifier, buffer_bytes(bytes), &report, buffer_bytes(certs),
				      now, &product, NULL),
	     "a good report was refused");
	must(!ctpm_report_parse(boot.report.data, boot.report.len, &of_boot, NULL), "a report");
	must(!report.vmpl && !ctpm_report_data(nonce, buffer_bytes(manifest), data) &&
		     !memcmp(data, report.report_data, sizeof(data)) &&
		     !(report.policy & CTPM_POLICY_DEBUG) &&
		     !memcmp(report.measurement, of_boot.measurement,
			     sizeof(of_boot.measurement)) &&
		     ctpm_tcb_decode(product, report.reported_tcb).snp > 0,
	     "a report of another guest");
}

static void report_alone(long round)
{
	struct buffer report, manifest, certs;
	uint8_t nonce[64];

	must(RAND_bytes(nonce, sizeof(nonce)) == 1, "a random nonce");
	begin();
	must(tsm_report(true, nonce, &report, &manifest, &certs), "a report");
	end(REPORT_GUEST, round);
	/* without a table, as kernels before 6.10 give it: the verifier has the certificates */
	begin();
	check_report(&report, &manifest, certs.len ? &certs : &boot.certs, nonce);
	end(REPORT_VERIFIER, round);
	report_size = report.len + manifest.len + certs.len;
	buffer_free(&report);
	buffer_free(&manifest);
	buffer_free(&certs);
}

/* And of quotes: by the AK that it knows, with its nonce, of these PCRs, to which the log leads */
static void check_quote(const struct buffer *quote, const struct ctpm_pcrs *pcrs,
			const uint8_t nonce[CTPM_QUALIFYING_DATA_SIZE])
{
	uint8_t digest[CTPM_DIGEST_MAX];
	static TPMT_SIGNATURE signature;
	static TPMS_ATTEST parsed;
	struct ctpm_pcrs replayed;
	struct ctpm_bytes attest;
	size_t len = ctpm_pcrs_digest(pcrs, CTPM_BANK_SHA256, digest);

	must(!tpm_quote(buffer_bytes(quote), &attest, &parsed, &signature, NULL) &&
		     tpm_verify(ak_key, &ak_public, attest, &signature),
	     "a good quote was refused");
	must(parsed.type == TPM2_ST_ATTEST_QUOTE && parsed.extraData.size == 32 &&
		     !memcmp(parsed.extraData.buffer, nonce, 32) &&
		     parsed.attested.quote.pcrDigest.size == len &&
		     !memcmp(parsed.attested.quote.pcrDigest.buffer, digest, len),
	     "a quote of something else");
	must(!ctpm_log_replay(boot.log.data, boot.log.len, CTPM_BANK_SHA256, &replayed, NULL) &&
		     !memcmp(replayed.value[13], pcrs->value[13], 32),
	     "a log that leads elsewhere");
}

static void quote_alone(long round)
{
	uint8_t nonce[CTPM_QUALIFYING_DATA_SIZE];
	struct ctpm_pcrs pcrs;
	struct buffer quote;
	bool changed;

	must(RAND_bytes(nonce, sizeof(nonce)) == 1, "a random nonce");
	begin();
	must(tpm_pcrs(&tpm, CTPM_BANK_SHA256, PCRS, &pcrs) &&
		     tpm_quote_pcrs(&tpm, &ak, &pcrs, nonce, &quote, &changed) && !changed,
	     "a quote");
	end(QUOTE_GUEST, round);
	begin();
	check_quote(&quote, &pcrs, nonce);
	end(QUOTE_VERIFIER, round);
	quote_size = quote.len + boot.log.len + ak.public.len + 16 * 32;
	buffer_free(&quote);
}

/*
 * The verifier: the root is the one in the guest's own certificate table, the policy lists the
 * AK, and beside it the EK of the manifest.
 */

static char *hex_name(struct ctpm_bytes public)
{
	struct tpm_name name;

	must(tpm_name(public, TPM2_ALG_SHA256, &name), "a Name");
	return to_hex(name.data, name.len);
}

static void make_verifier(void)
{
	struct ctpm_certs *certs = ctpm_certs_new();
	struct ctpm_why why = { CTPM_OK, "" };
	char *text, *root, *ak_name, *ek_name;

	verifier = ctpm_verifier_new(false);
	must(verifier && certs &&
		     !ctpm_certs_add_table(certs, boot.certs.data, boot.certs.len, &why),
	     "certificates");
	root = ctpm_certs_pem(certs, CTPM_CERT_ROOT);
	must(root && !ctpm_verifier_add_root(verifier, root, strlen(root), &why), "the root");
	ak_name = hex_name(buffer_bytes(&ak.public));
	ek_name = hex_name(buffer_bytes(&boot.manifest));
	must(asprintf(&text,
		      "{\"version\": 1, \"modes\": [\"svsm\"], \"measurements\": \"any\", "
		      "\"tcb\": {\"Milan\": {\"snp\": 1}}, "
		      "\"aks\": [{\"name\": \"%s\", \"ek\": \"%s\"}]}",
		      ak_name, ek_name) > 0,
	     "a policy");
	if (ctpm_policy_parse(text, strlen(text), &policy, &why))
		die(why.text);
	must(!tpm_public(buffer_bytes(&ak.public), &ak_public, "the AK", NULL), "the AK");
	ak_key = tpm_key(&ak_public);
	must(ak_key, "the AK");
	free(text);
	free(root);
	free(ak_name);
	free(ek_name);
	ctpm_certs_free(certs);
}

int main(int argc, char **argv)
{
	long rounds = argc > 1 ? atol(argv[1]) : 30;

	must(rounds > 0 && rounds <= ROUNDS_MAX, "how many rounds");
	now = time(NULL);
	must(binding_load(&boot) && tpm_open(&tpm, NULL) && tpm_ak_open(&tpm, &ak),
	     "no TPM that is bound");
	make_verifier();
	for (long i = -WARM_UP; i < rounds; i++) {
		composite(false, i);
		composite(true, i);
		report_alone(i);
		quote_alone(i);
	}
	for (int p = 0; p < PHASES; p++)
		printf("result %s %.0f %.1f\n", phase_names[p], median(ticks_of[p], rounds),
		       median(micros_of[p], rounds));
	printf("bytes composite %zu fresh %zu apart %zu\n", evidence_size, fresh_size,
	       report_size + quote_size);
	EVP_PKEY_free(ak_key);
	ctpm_policy_free(policy);
	ctpm_verifier_free(verifier);
	tpm_key_close(&tpm, &ak);
	tpm_close(&tpm);
	binding_free(&boot);
	return 0;
}
