// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctpm.h"

#include <ctpm/ear.h>
#include <getopt.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHALLENGE_SIZE_MAX 1024
#define KEY_SIZE_MAX	   16384
#define DEVELOPER	   "ctpm"
#define BUILD		   "ctpm " CTPM_VERSION

static const struct {
	const char *word;
	enum colour colour;
	const char *text; /* if the finding has none */
} statuses[] = {
	[CTPM_NOT_REACHED] = { "?", YELLOW, "not reached" },
	[CTPM_HOLDS] = { "ok", GREEN, "" },
	[CTPM_FAILS] = { "FAIL", RED, "" },
	[CTPM_NOT_ASKED] = { "-", YELLOW, "not asked for" },
	[CTPM_UNDECIDED] = { "?", YELLOW, "could not be decided" },
};

static const struct {
	const char *name, *says;
	enum colour colour;
	int exit_status;
} verdicts[] = {
	[CTPM_ACCEPTED] = { "accepted", "ACCEPTED", GREEN, EXIT_ACCEPTED },
	[CTPM_REFUSED] = { "refused", "REFUSED:", RED, EXIT_REFUSED },
	[CTPM_COULD_NOT_DECIDE] = { "undecided", "NOT DECIDED:", YELLOW, EXIT_UNDECIDED },
};

int verdict_status(enum ctpm_verdict verdict)
{
	return verdicts[verdict].exit_status;
}

static void show_check(FILE *f, const char *name, const struct ctpm_finding *finding)
{
	const char *word = statuses[finding->status].word;
	const char *text = finding->text[0] ? finding->text : statuses[finding->status].text;
	char room[32];

	fprintf(f, "%-15s %s%*s%s\n", name,
		coloured(word, statuses[finding->status].colour, room, sizeof(room)),
		(int)(6 - strlen(word)), "", text);
}

int show_result(FILE *f, const struct ctpm_result *r)
{
	enum ctpm_status why = r->verdict == CTPM_REFUSED ? CTPM_FAILS : CTPM_UNDECIDED;
	char room[32];

	for (int i = 0; i < CTPM_CHECKS; i++)
		show_check(f, ctpm_check_name((enum ctpm_check)i), &r->check[i]);
	fputs(coloured(verdicts[r->verdict].says, verdicts[r->verdict].colour, room, sizeof(room)),
	      f);
	for (int i = 0; i < CTPM_CHECKS && r->verdict != CTPM_ACCEPTED; i++)
		if (r->check[i].status == why)
			fprintf(f, " %s", ctpm_check_name((enum ctpm_check)i));
	fputc('\n', f);
	return verdict_status(r->verdict);
}

json_t *json_result(const struct ctpm_result *r)
{
	json_t *checks = json_object();

	for (int i = 0; i < CTPM_CHECKS; i++)
		json_object_set_new(checks, ctpm_check_name((enum ctpm_check)i),
				    json_pack("{s:s, s:o}", "status",
					      ctpm_status_name(r->check[i].status), "text",
					      json_text(r->check[i].text)));
	return json_pack("{s:s, s:o}", "verdict", verdicts[r->verdict].name, "checks", checks);
}

struct appraisal {
	struct trust trust;
	struct buffer policy_text, challenge_bytes, evidence;
	struct ctpm_policy *policy;
	const char *nonce, *challenge, *aud, *policy_path, *evidence_path;
	const char *key, *output;
	int64_t time;
	bool json, other_time;
};

/* --nonce stands for the challenge with that nonce (and name) alone. */
static void challenge_of_nonce(struct appraisal *a)
{
	uint8_t nonce[CTPM_NONCE_SIZE_MAX];
	struct ctpm_challenge c = { .nonce = { nonce, 0 } };

	if (a->aud)
		c.aud = (struct ctpm_bytes){ (const uint8_t *)a->aud, strlen(a->aud) };
	if (!parse_hex(a->nonce, nonce, sizeof(nonce), &c.nonce.len) ||
	    ctpm_challenge_encode(&c, &a->challenge_bytes.data, &a->challenge_bytes.len, NULL))
		usage("a nonce is hex, %d to %d bytes, a name 1 to %d printable characters",
		      CTPM_NONCE_SIZE_MIN, CTPM_NONCE_SIZE_MAX, CTPM_AUD_LEN_MAX);
}

static bool load_challenge(struct appraisal *a, struct ctpm_challenge *c)
{
	struct ctpm_why why = { CTPM_OK, "" };
	enum ctpm_error error;

	if (a->nonce)
		challenge_of_nonce(a);
	else if (!read_file(a->challenge, CHALLENGE_SIZE_MAX, &a->challenge_bytes))
		return false;
	error = ctpm_challenge_decode(a->challenge_bytes.data, a->challenge_bytes.len, c, &why);
	if (error) {
		fail_why("the challenge", error, &why);
		return false;
	}
	if (a->aud && (c->aud.len != strlen(a->aud) || memcmp(c->aud.data, a->aud, c->aud.len))) {
		fail("the challenge is of verifier \"%.*s\", not \"%s\"", (int)c->aud.len,
		     (const char *)c->aud.data, a->aud);
		return false;
	}
	return true;
}

static bool sign(const struct appraisal *a, const char *claims)
{
	struct ctpm_why why = { CTPM_OK, "" };
	struct buffer key;
	char *token, *line;
	enum ctpm_error error;
	bool ok = false;

	if (!read_text(a->key, KEY_SIZE_MAX, &key))
		return false;
	error = ctpm_ear_sign(claims, (const char *)key.data, &token, &why);
	buffer_free(&key);
	if (error) {
		fail_why(a->key, error, &why);
	} else if (asprintf(&line, "%s\n", token) >= 0) {
		ok = write_file(a->output ? a->output : "-", line, strlen(line), 0644);
		free(line);
	}
	free(token);
	return ok;
}

/* Checks, or the EAR, on standard output, unless the token alone is to be there */
static int tell(const struct appraisal *a, const struct ctpm_challenge *challenge,
		const struct ctpm_result *result)
{
	const struct ctpm_ear about = {
		.time = time(NULL),
		.nonce = challenge->nonce,
		.policy = buffer_bytes(&a->policy_text),
		.developer = DEVELOPER,
		.build = BUILD,
	};
	struct ctpm_why why = { CTPM_OK, "" };
	char *claims = NULL;
	enum ctpm_error error = CTPM_OK;
	int status = verdicts[result->verdict].exit_status;

	if (a->json || a->key)
		error = ctpm_ear_make(result, &about, &claims, &why);
	if (error) {
		fail_why("the result", error, &why);
		return EXIT_UNDECIDED;
	}
	if (a->json)
		puts(claims);
	else if (!a->key || (a->output && strcmp(a->output, "-")))
		show_result(stdout, result);
	if (a->key && !sign(a, claims))
		status = EXIT_UNDECIDED;
	free(claims);
	return status;
}

static int appraise(struct appraisal *a)
{
	struct ctpm_challenge challenge;
	struct ctpm_result result;

	if (!load_challenge(a, &challenge) || !trust_open(&a->trust) ||
	    !load_policy(a->policy_path, &a->policy_text, &a->policy))
		return EXIT_UNDECIDED;
	/* too large for evidence is for the check to say */
	if (!read_file(a->evidence_path, 2 * CTPM_EVIDENCE_SIZE_MAX, &a->evidence))
		return EXIT_UNDECIDED;
	ctpm_verify(a->trust.verifier, a->policy, buffer_bytes(&a->challenge_bytes),
		    buffer_bytes(&a->evidence), a->time, CTPM_VERIFY_EXPLAIN, &result);
	return tell(a, &challenge, &result);
}

static void clean(struct appraisal *a)
{
	trust_close(&a->trust);
	ctpm_policy_free(a->policy);
	buffer_free(&a->policy_text);
	buffer_free(&a->challenge_bytes);
	buffer_free(&a->evidence);
}

static void check_usage(struct appraisal *a, int argc, char **argv)
{
	if (optind != argc - 1)
		usage("one file of evidence is taken");
	a->evidence_path = argv[optind];
	if (!a->nonce == !a->challenge)
		usage("give either --nonce or --challenge");
	if (a->aud && !*a->aud)
		usage("a verifier's name is not empty");
	if (!a->policy_path)
		usage("a policy says what is accepted: --policy");
	/* whoever relies on it could not tell */
	if (a->key && a->other_time)
		usage("a token is about now: not with --time");
	if (a->output && !a->key)
		usage("-o is for --token");
	if (a->json && a->key && (!a->output || !strcmp(a->output, "-")))
		usage("--json and --token cannot both have standard output: give -o");
}

static int verify(int argc, char **argv)
{
	static const struct option options[] = {
		{ "nonce", required_argument, NULL, 'n' },
		{ "challenge", required_argument, NULL, 'c' },
		{ "policy", required_argument, NULL, 'p' },
		{ "aud", required_argument, NULL, 'a' },
		{ "time", required_argument, NULL, 't' },
		{ "token", required_argument, NULL, 'k' },
		{ "output", required_argument, NULL, 'o' },
		{ ROOTS_OPTION },
		{ NO_AMD_OPTION },
		{ 0 },
	};
	struct appraisal a = { .time = time(NULL) };
	uint64_t number;
	int o, status;

	while ((o = next_option(argc, argv, options, &a.json)) != -1) {
		if (trust_option(&a.trust, o, optarg))
			continue;
		if (o == 't') {
			if (!parse_number(optarg, TIME_MAX, &number))
				usage("a time is seconds since 1970, before the year 10000");
			a.time = (int64_t)number;
			a.other_time = true;
			continue;
		}
		*(o == 'n'   ? &a.nonce
		  : o == 'c' ? &a.challenge
		  : o == 'p' ? &a.policy_path
		  : o == 'a' ? &a.aud
		  : o == 'k' ? &a.key
			     : &a.output) = optarg;
	}
	check_usage(&a, argc, argv);
	status = appraise(&a);
	clean(&a);
	return status;
}

const struct verb verify_verb = {
	"verify", verify, "appraise a guest's evidence",
	"usage: ctpm verify FILE (--challenge FILE | --nonce HEX) --policy FILE [OPTION]...\n\n"
	"Appraises evidence, - for standard input: a line for each check, then the verdict. The exit\n"
	"status is 0 if the evidence is accepted, 1 if not, 3 if that could not be decided.\n\n"
	"  --challenge FILE      the challenge that the guest was sent\n"
	"  --nonce HEX           or only its nonce\n"
	"  --policy FILE         what is accepted\n"
	"  --aud NAME            this verifier's name: the challenge must have it\n" TRUST_HELP
	"  --time SECONDS        as if it were then, in seconds since 1970\n"
	"  --json                print the attestation result (EAR) instead\n"
	"  --token FILE          sign the result as JWT with this key, ECDSA on P-256 or P-384, in\n"
	"                        PEM; without -o the token alone is on standard output\n"
	"  -o, --output FILE     where the token goes\n"
};
