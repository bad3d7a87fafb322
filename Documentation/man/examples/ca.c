// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * owner-ca DIR REQUEST POLICY ARK REPLY: a whole Owner CA, for one guest
 * owner-ca open REPLY KEY REQUEST: what a guest does with the answer
 */
#include <ctpm/ca.h>
#include <string.h>
#include <time.h>

#include "example.h"

#define DAYS 30

/* Once: its key, which never leaves this machine, and its certificate for verifiers */
static struct ctpm_ca *make_ca(const char *dir)
{
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_ca *ca;
	char *key, *cert, path[512];

	check("the CA", ctpm_ca_init("our guests", "P-384", time(NULL), 3650, &key, &cert, &why),
	      &why);
	check("the CA", ctpm_ca_open(key, cert, &ca, &why), &why);
	snprintf(path, sizeof(path), "%s/ca.pem", dir);
	save(path, cert, strlen(cert));
	memset(key, 0, strlen(key)); /* a real one keeps it, in a file of mode 0600 */
	free(key);
	free(cert);
	return ca;
}

/* No answer without this: ctpm_ca_answer() goes by the result. */
static struct ctpm_result accept(struct ctpm_bytes request, struct ctpm_bytes policy_text,
				 struct ctpm_bytes ark)
{
	struct ctpm_verifier *verifier = ctpm_verifier_new(true);
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_policy *policy;
	struct ctpm_result result;

	if (!verifier)
		exit(3);
	check("the root", ctpm_verifier_add_root(verifier, ark.data, ark.len, &why), &why);
	check("policy", ctpm_policy_parse(text(policy_text), policy_text.len, &policy, &why), &why);
	if (ctpm_verify_request(verifier, policy, request, time(NULL), 0, &result) !=
	    CTPM_ACCEPTED) {
		puts("this guest gets no certificate");
		exit(1);
	}
	ctpm_policy_free(policy);
	ctpm_verifier_free(verifier);
	return result;
}

/* @key is what TPM2_ActivateCredential made of the reply's credential and secret. */
static int open_reply(struct ctpm_bytes reply, struct ctpm_bytes key, struct ctpm_bytes request)
{
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_reply r;
	uint8_t *cert;
	size_t len;

	if (key.len != CTPM_CREDENTIAL_SIZE)
		return 2;
	check("the reply", ctpm_reply_decode(reply.data, reply.len, &r, &why), &why);
	check("the reply", ctpm_reply_open(&r, key.data, request, &cert, &len, &why), &why);
	/* now ctpm_verify_ak_cert(): anybody can make a reply */
	printf("a certificate of %zu bytes\n", len);
	free(cert);
	return 0;
}

int main(int argc, char **argv)
{
	uint8_t serial[2][CTPM_SERIAL_SIZE], *reply, *ek_cert;
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_result result;
	struct ctpm_bytes request;
	struct ctpm_ca *ca;
	size_t len, ek_len;
	char *crl;

	if (argc == 5 && !strcmp(argv[1], "open"))
		return open_reply(load(argv[2]), load(argv[3]), load(argv[4]));
	if (argc != 6)
		return 2;
	request = load(argv[2]);
	ca = make_ca(argv[1]);
	result = accept(request, load(argv[3]), load(argv[4]));

	check("the AK",
	      ctpm_ca_answer(ca, request, &result, time(NULL), DAYS, &reply, &len, serial[0], &why),
	      &why);
	save(argv[5], reply, len); /* for the guest; no secret */
	check("the EK",
	      ctpm_ca_certify_ek(ca, request, time(NULL), DAYS, &ek_cert, &ek_len, serial[1], &why),
	      &why);
	/* list number 1, which revokes the second of them */
	check("the list", ctpm_ca_crl(ca, serial[1], 1, 1, time(NULL), DAYS, &crl, &why), &why);
	printf("a reply of %zu bytes, an EK certificate of %zu\n%s", len, ek_len, crl);

	free(reply);
	free(ek_cert);
	free(crl);
	ctpm_ca_free(ca);
	unload(request);
	return 0;
}
