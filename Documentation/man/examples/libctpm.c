// SPDX-License-Identifier: GPL-2.0-or-later
/* verify-evidence EVIDENCE CHALLENGE POLICY ARK OWNER-CA: is this the guest that I want? */
#include <ctpm/verify.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static unsigned char *load(const char *path, size_t *len)
{
	unsigned char *data = malloc(CTPM_POLICY_SIZE_MAX);
	FILE *f = fopen(path, "rb");

	if (!data || !f) {
		perror(path);
		exit(3);
	}
	*len = fread(data, 1, CTPM_POLICY_SIZE_MAX, f);
	fclose(f);
	return data;
}

/* Everything that can fail says why. */
static void check(const char *what, enum ctpm_error error, const struct ctpm_why *why)
{
	if (!error)
		return;
	fprintf(stderr, "%s: %s (%s)\n", what, why->text, ctpm_error_name(error));
	exit(3);
}

int main(int argc, char **argv)
{
	struct ctpm_verifier *verifier = ctpm_verifier_new(true); /* and AMD's own roots */
	struct ctpm_bytes evidence, challenge;
	struct ctpm_policy *policy;
	struct ctpm_result result;
	struct ctpm_why why = { CTPM_OK, "" };
	unsigned char *file[6];
	size_t len[6];

	if (argc != 6 || !verifier)
		return 2;
	for (int i = 1; i < 6; i++)
		file[i] = load(argv[i], &len[i]);
	evidence = (struct ctpm_bytes){ file[1], len[1] };
	challenge = (struct ctpm_bytes){ file[2], len[2] };
	check(argv[3], ctpm_policy_parse((char *)file[3], len[3], &policy, &why), &why);
	check(argv[4], ctpm_verifier_add_root(verifier, file[4], len[4], &why), &why);
	check(argv[5], ctpm_verifier_add_ca(verifier, file[5], len[5], &why), &why);

	ctpm_verify(verifier, policy, challenge, evidence, time(NULL), CTPM_VERIFY_EXPLAIN,
		    &result);
	for (int i = 0; i < CTPM_CHECKS; i++)
		printf("%-16s %-12s %s\n", ctpm_check_name((enum ctpm_check)i),
		       ctpm_status_name(result.check[i].status), result.check[i].text);
	puts(result.verdict == CTPM_ACCEPTED ? "accepted" : "not accepted");

	ctpm_policy_free(policy);
	ctpm_verifier_free(verifier);
	for (int i = 1; i < 6; i++)
		free(file[i]);
	return result.verdict != CTPM_ACCEPTED;
}
