// SPDX-License-Identifier: GPL-2.0-or-later
/* reference EVIDENCE: the policy that this boot fulfils, and what it means */
#include <ctpm/policy.h>
#include <string.h>

#include "example.h"

int main(int argc, char **argv)
{
	struct ctpm_bytes file = load(argc == 2 ? argv[1] : "");
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_evidence e;
	struct ctpm_claims claims;
	struct ctpm_policy *policy;
	char *json, *lines;

	/* the evidence is believed: it is to be from a boot that one trusts */
	check("evidence", ctpm_evidence_decode(file.data, file.len, &e, &why), &why);
	check("claims", ctpm_claims_decode(e.claims.data, e.claims.len, &claims, &why), &why);
	check("policy", ctpm_policy_make(&claims, 1u << 0 | 1u << 7, &json, &why), &why);
	check("policy", ctpm_policy_parse(json, strlen(json), &policy, &why), &why);
	lines = ctpm_policy_explain(policy);
	if (!lines)
		return 3;
	printf("%s\n%s", json, lines);

	free(lines);
	free(json);
	ctpm_policy_free(policy);
	unload(file);
	return 0;
}
