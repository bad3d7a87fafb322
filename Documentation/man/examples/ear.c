// SPDX-License-Identifier: GPL-2.0-or-later
/* attestation-result EVIDENCE CHALLENGE POLICY ARK OWNER-CA KEY: a token for those who rely on it */
#include <ctpm/ear.h>
#include <time.h>

#include "example.h"

int main(int argc, char **argv)
{
	struct ctpm_verifier *verifier = ctpm_verifier_new(false);
	struct ctpm_ear about = { .developer = "https://example.org", .build = "example 1.0" };
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_challenge challenge;
	struct ctpm_result result;
	struct ctpm_policy *policy;
	struct ctpm_bytes file[7];
	char *claims, *token;

	if (argc != 7 || !verifier)
		return 2;
	for (int i = 1; i < 7; i++)
		file[i] = load(argv[i]);
	check(argv[3], ctpm_policy_parse(text(file[3]), file[3].len, &policy, &why), &why);
	check(argv[4], ctpm_verifier_add_root(verifier, file[4].data, file[4].len, &why), &why);
	check(argv[5], ctpm_verifier_add_ca(verifier, file[5].data, file[5].len, &why), &why);
	check(argv[2], ctpm_challenge_decode(file[2].data, file[2].len, &challenge, &why), &why);

	about.time = time(NULL);
	about.nonce = challenge.nonce;
	about.policy = file[3];
	ctpm_verify(verifier, policy, file[2], file[1], about.time, CTPM_VERIFY_EXPLAIN, &result);
	check("the result", ctpm_ear_make(&result, &about, &claims, &why), &why);
	check(argv[6], ctpm_ear_sign(claims, text(file[6]), &token, &why), &why);
	puts(token); /* its ear_status says whether the evidence was accepted */

	free(token);
	free(claims);
	ctpm_policy_free(policy);
	ctpm_verifier_free(verifier);
	for (int i = 1; i < 7; i++)
		unload(file[i]);
	return 0;
}
