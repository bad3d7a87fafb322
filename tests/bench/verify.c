// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a verifier's work costs, as ratios of one run: appraisal of evidence against
 * the signature checks that it can't avoid, and against report and quote checked apart.
 */
#include <openssl/ecdsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <tss2/tss2_mu.h>

#include "../../tools/libctpm/verifier.h"
#include "../libctpm/guest.h"

#define BOOTS  100
#define ROUNDS 15
#define RULES  "\"version\": 1, \"modes\": [\"svsm\"], \"measurements\": \"any\""
#define POLICY "{" RULES "}"
/* one that believes what the Owner CA says of a report */
#define VOUCHED "{" RULES ", \"allow_vouched_report\": true}"

struct sample {
	uint8_t report[CTPM_REPORT_SIZE];
	uint8_t *challenge, *evidence, *request;
	size_t challenge_len, evidence_len, request_len;
};

static struct guest g;
static struct verifier v;
static struct sample first[BOOTS], again[BOOTS], unseen[2][BOOTS];
static struct ctpm_policy *vouched;
static char *p256_cert; /* of an Owner CA on P-256 */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void take(struct sample *s)
{
	struct ctpm_claims request;

	verifier_ask(&v, AUD, false);
	guest_attest(&g, &v);
	*s = (struct sample){ .challenge = v.challenge_bytes,
			      .evidence = g.evidence,
			      .challenge_len = v.challenge_len,
			      .evidence_len = g.evidence_len };
	memcpy(s->report, g.report, sizeof(s->report));
	v.challenge_bytes = g.evidence = NULL;
	request = g.claims;
	request.nonce.len = 32;
	request.aud = request.ak_cert = (struct ctpm_bytes){ NULL, 0 };
	if (ctpm_request_encode(&request, &s->request, &s->request_len, NULL))
		exit(1);
}

/*
 * New lives of one guest's TPM on one machine, under one certificate; then one of them again and
 * again; then lives that have a certificate each, as guests have whose TPM is new at each launch,
 * by an Owner CA on P-384, and by one on P-256
 */
static void prepare(void)
{
	struct ctpm_ca *p256;
	char *key;

	guest_start(&g, KEYS, CTPM_MODE_SVSM);
	guest_boot(&g);
	verifier_start(&v, &g, POLICY);
	guest_certify(&g, v.ca);
	for (int i = 0; i < BOOTS; i++) {
		guest_boot(&g);
		take(&first[i]);
	}
	for (int i = 0; i < BOOTS; i++)
		take(&again[i]);
	if (ctpm_ca_init("on P-256", "P-256", v.time, 365, &key, &p256_cert, NULL) ||
	    ctpm_ca_open(key, p256_cert, &p256, NULL))
		exit(1);
	for (int i = 0; i < 2 * BOOTS; i++) {
		guest_boot(&g);
		guest_certify(&g, i < BOOTS ? v.ca : p256);
		take(&unseen[i / BOOTS][i % BOOTS]);
	}
	ctpm_ca_free(p256);
	free(key);
	if (ctpm_policy_parse(VOUCHED, strlen(VOUCHED), &vouched, NULL))
		exit(1);
}

static void appraise_by(struct ctpm_verifier *verifier, const struct ctpm_policy *policy,
			const struct sample *s)
{
	struct ctpm_result result;

	if (ctpm_verify(verifier, policy, (struct ctpm_bytes){ s->challenge, s->challenge_len },
			(struct ctpm_bytes){ s->evidence, s->evidence_len }, v.time, 0,
			&result) != CTPM_ACCEPTED) {
		fprintf(stderr, "good evidence was refused\n");
		exit(1);
	}
}

static void appraise(struct ctpm_verifier *verifier, const struct sample *s)
{
	appraise_by(verifier, v.policy, s);
}

static struct ctpm_verifier *new_verifier(void)
{
	struct ctpm_verifier *verifier = ctpm_verifier_new(false);
	size_t len;
	const uint8_t *ark = snp_sp_cert(g.m.sp, SNP_CERT_ARK, &len);

	ctpm_verifier_add_root(verifier, ark, len, NULL);
	ctpm_verifier_add_ca(verifier, v.ca_cert, strlen(v.ca_cert), NULL);
	ctpm_verifier_add_ca(verifier, p256_cert, strlen(p256_cert), NULL);
	return verifier;
}

/*
 * Bare checks: the signature of a report, by the library's own fastest way, and that of a quote
 */

static struct fact leaf;

static void bare_report(const struct sample *s)
{
	if (report_signature(leaf.leaf, s->report, NULL)) {
		fprintf(stderr, "a good signature was refused\n");
		exit(1);
	}
}

static void bare_quote(const struct sample *s)
{
	static TPMS_ATTEST parsed;
	static TPMT_SIGNATURE signature;
	struct ctpm_evidence e;
	struct ctpm_bytes attest;

	ctpm_evidence_decode(s->evidence, s->evidence_len, &e, NULL);
	tpm_quote(e.quote, &attest, &parsed, &signature, NULL);
	if (!tpm_verify(g.ak, &g.ak_public, attest, &signature)) {
		fprintf(stderr, "a good signature was refused\n");
		exit(1);
	}
}

/* A report for its own challenge, as a verifier of reports alone gets it, no two alike */
static void report_alone(struct ctpm_verifier *verifier, const struct sample *s)
{
	struct ctpm_report report;
	enum ctpm_product product;

	if (ctpm_report_parse(s->report, sizeof(s->report), &report, NULL) ||
	    verifier_report(verifier, (struct ctpm_bytes){ s->report, sizeof(s->report) }, &report,
			    (struct ctpm_bytes){ g.certs.data, g.certs.len }, v.time, &product,
			    NULL)) {
		fprintf(stderr, "a good report was refused\n");
		exit(1);
	}
}

/* Microseconds each, the fastest round */
#define TIME(result, before, each, after)                      \
	do {                                                   \
		(result) = 1e9;                                \
		for (int round = 0; round < ROUNDS; round++) { \
			double took;                           \
			before;                                \
			took = -now();                         \
			for (int i = 0; i < BOOTS; i++)        \
				each;                          \
			took = (took + now()) / BOOTS;         \
			after;                                 \
			if (took < (result))                   \
				(result) = took;               \
		}                                              \
	} while (0)

/* The leaf, as a chain that was verified leaves it */
static void find_leaf(void)
{
	struct ctpm_certs *certs = ctpm_certs_new();
	struct ctpm_roots *roots = ctpm_roots_new(false);
	struct ctpm_report report;
	size_t len;
	const uint8_t *ark = snp_sp_cert(g.m.sp, SNP_CERT_ARK, &len);

	if (ctpm_roots_add(roots, ark, len, NULL) ||
	    ctpm_certs_add_table(certs, g.certs.data, g.certs.len, NULL) ||
	    ctpm_report_parse(first[0].report, CTPM_REPORT_SIZE, &report, NULL) ||
	    report_verify(first[0].report, &report, certs, roots, v.time, &leaf, NULL)) {
		fprintf(stderr, "good certificates were refused\n");
		exit(1);
	}
	ctpm_certs_free(certs);
	ctpm_roots_free(roots);
}

/* One that knows the chain and the AK, but none of the boots */
static struct ctpm_verifier *warm_verifier(void)
{
	struct ctpm_verifier *verifier = new_verifier();

	appraise(verifier, &again[0]);
	return verifier;
}

/* One that has answered the requests of all of these boots */
static struct ctpm_verifier *enrolling_verifier(const struct sample *boots)
{
	struct ctpm_verifier *verifier = warm_verifier();
	static struct ctpm_result result;

	for (int i = 0; i < BOOTS; i++) {
		struct ctpm_bytes request = { boots[i].request, boots[i].request_len };

		if (ctpm_verify_request(verifier, v.policy, request, v.time, 0, &result) !=
		    CTPM_ACCEPTED) {
			fprintf(stderr, "a good request was refused\n");
			exit(1);
		}
	}
	return verifier;
}

/* Guests that nobody has seen before: there is a certificate of the Owner CA to verify, too */
static void never_seen(const char *curve, const struct sample *boots, double alone)
{
	double quote, amd, owner_ca;
	struct ctpm_verifier *verifier = NULL;

	TIME(quote, verifier = enrolling_verifier(boots), appraise(verifier, &boots[i]),
	     ctpm_verifier_free(verifier));
	TIME(amd, verifier = warm_verifier(), appraise(verifier, &boots[i]),
	     ctpm_verifier_free(verifier));
	TIME(owner_ca, verifier = warm_verifier(), appraise_by(verifier, vouched, &boots[i]),
	     ctpm_verifier_free(verifier));
	printf("a guest never seen, Owner CA on %s: report and quote apart: %.0f us\n", curve,
	       alone + quote);
	printf("  composite / apart: %.2f\n", amd / (alone + quote));
	printf("  composite, vouched for / apart: %.2f\n", owner_ca / (alone + quote));
}

int main(void)
{
	double bare_r, bare_q, cold, warm, known, alone, enrolled;
	struct ctpm_verifier *verifier = NULL;

	prepare();
	find_leaf();
	TIME(bare_r, (void)0, bare_report(&first[i]), (void)0);
	TIME(bare_q, (void)0, bare_quote(&first[i]), (void)0);
	TIME(cold, (void)0,
	     (verifier = new_verifier(), appraise(verifier, &first[i]),
	      ctpm_verifier_free(verifier)),
	     (void)0);
	TIME(warm, verifier = warm_verifier(), appraise(verifier, &first[i]),
	     ctpm_verifier_free(verifier));
	TIME(known, verifier = warm_verifier(), appraise(verifier, &again[i]),
	     ctpm_verifier_free(verifier));
	TIME(alone, verifier = warm_verifier(), report_alone(verifier, &first[i]),
	     ctpm_verifier_free(verifier));
	TIME(enrolled, verifier = enrolling_verifier(first), appraise(verifier, &first[i]),
	     ctpm_verifier_free(verifier));
	printf("bare signature checks: report %.0f us, quote %.0f us\n", bare_r, bare_q);
	printf("appraisal, certificates known, boot not: %.0f us; to the bare checks: %.2f\n", warm,
	       warm / (bare_r + bare_q));
	printf("appraisal, boot known: %.0f us; to the bare check: %.2f\n", known, known / bare_q);
	printf("appraisal, nothing known: %.0f us\n", cold);
	/*
	 * Apart, each has its own challenge, so each time a report that is new; the rest of
	 * the evidence costs what it costs when the boot is known.
	 */
	printf("report and quote apart, certificates known: %.0f us\n", alone + known);
	printf("again, composite / apart: %.2f\n", known / (alone + known));
	printf("first, to who has enrolled the guest, composite / apart: %.2f\n",
	       enrolled / (alone + known));
	printf("first, to any other, composite / apart: %.2f\n", warm / (alone + known));
	never_seen("P-384", unseen[0], alone);
	never_seen("P-256", unseen[1], alone);
	printf("a new report alone, certificates known: %.0f us\n", alone);
	return 0;
}
