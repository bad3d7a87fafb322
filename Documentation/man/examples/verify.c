// SPDX-License-Identifier: GPL-2.0-or-later
/* verify EVIDENCE CHALLENGE REQUEST POLICY ARK CERTIFICATES OWNER-CA EK-MAKER */
#include <ctpm/verify.h>
#include <time.h>

#include "example.h"

/* Once, at the start of a service: whom it trusts. Threads may share it from then on. */
static struct ctpm_verifier *trust(struct ctpm_bytes ark, struct ctpm_bytes certs,
				   struct ctpm_bytes owner, struct ctpm_bytes maker)
{
	struct ctpm_verifier *v = ctpm_verifier_new(false); /* not AMD's: this is a test */
	struct ctpm_why why = { CTPM_OK, "" };

	if (!v)
		exit(3);
	check("the root", ctpm_verifier_add_root(v, ark.data, ark.len, &why), &why);
	check("certificates", ctpm_verifier_add_certs(v, certs.data, certs.len, &why), &why);
	check("the Owner CA", ctpm_verifier_add_ca(v, owner.data, owner.len, &why), &why);
	check("the EK's maker", ctpm_verifier_add_ek_root(v, maker.data, maker.len, &why), &why);
	return v;
}

/* What was refused, and what could not be looked at because of that */
static void show(const char *what, const struct ctpm_result *r)
{
	static const char *const verdicts[] = { "accepted", "refused", "not decided" };

	printf("%s: %s\n", what, verdicts[r->verdict]);
	for (int i = 0; i < CTPM_CHECKS; i++) {
		const struct ctpm_finding *f = &r->check[i];

		if (f->status != CTPM_HOLDS && f->status != CTPM_NOT_ASKED)
			printf("  %s %s: %s (%s)\n", ctpm_check_name((enum ctpm_check)i),
			       ctpm_status_name(f->status), f->text, ctpm_error_name(f->code));
	}
}

/* A guest looks at the certificate that it was sent before it keeps it. Mode svsm. */
static void check_own_certificate(struct ctpm_verifier *v, struct ctpm_bytes evidence)
{
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_evidence e;
	struct ctpm_claims c;

	check("evidence", ctpm_evidence_decode(evidence.data, evidence.len, &e, &why), &why);
	check("claims", ctpm_claims_decode(e.claims.data, e.claims.len, &c, &why), &why);
	check("the AK's certificate",
	      ctpm_verify_ak_cert(v, c.ak_cert, c.ak, c.manifest, time(NULL), &why), &why);
	puts("the AK's certificate: of this AK, beside this EK");
}

int main(int argc, char **argv)
{
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_result answer, request;
	struct ctpm_verifier *verifier;
	struct ctpm_policy *policy;
	struct ctpm_bytes file[9];

	if (argc != 9)
		return 2;
	for (int i = 1; i < 9; i++)
		file[i] = load(argv[i]);
	verifier = trust(file[5], file[6], file[7], file[8]);
	check("policy", ctpm_policy_parse(text(file[4]), file[4].len, &policy, &why), &why);

	ctpm_verify(verifier, policy, file[2], file[1], time(NULL), 0, &answer);
	show("evidence", &answer);
	ctpm_verify_request(verifier, policy, file[3], time(NULL), 0, &request);
	show("request", &request);
	if (answer.verdict == CTPM_ACCEPTED)
		check_own_certificate(verifier, file[1]);

	ctpm_policy_free(policy);
	ctpm_verifier_free(verifier);
	for (int i = 1; i < 9; i++)
		unload(file[i]);
	return answer.verdict != CTPM_ACCEPTED || request.verdict != CTPM_ACCEPTED;
}
