// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctpm/ca.h>
#include <getopt.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

#define NONCE_SIZE  32
#define REQUEST_MAX CTPM_EVIDENCE_SIZE_MAX
#define REPLY_MAX   16384

struct places {
	const char *output, *dir, *tcti, *ca;
};

static int parse(int argc, char **argv, struct places *p, bool *json)
{
	static const struct option options[] = { { "output", required_argument, NULL, 'o' },
						 { "dir", required_argument, NULL, 'd' },
						 { "ca", required_argument, NULL, 'c' },
						 { TPM_OPTION, required_argument, NULL, 'T' },
						 { 0 } };
	int o;

	*p = (struct places){ .dir = STATE_DIR };
	while ((o = next_option(argc, argv, options, json)) != -1) {
		if (o == 'o')
			p->output = optarg;
		else if (o == 'd')
			p->dir = optarg;
		else if (o == 'c')
			p->ca = optarg;
		else
			p->tcti = optarg;
	}
	return optind;
}

static bool encode_request(struct tpm *tpm, const struct binding *binding, struct buffer *out)
{
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_claims claims = { 0 };
	struct ek_certs certs;
	uint8_t nonce[NONCE_SIZE];
	struct tpm_key ak;
	bool ok = false;

	if (!tpm_ak_open(tpm, &ak))
		return false;
	if (tpm_random(tpm, nonce, sizeof(nonce)) && ek_certs_load(tpm, &certs)) {
		claims_fill(&claims, binding, &ak, &certs);
		claims.nonce = (struct ctpm_bytes){ nonce, sizeof(nonce) };
		ok = !ctpm_request_encode(&claims, &out->data, &out->len, &why);
		if (!ok)
			fail("the request: %s", why.text);
		ek_certs_free(&certs);
	}
	tpm_key_close(tpm, &ak);
	return ok;
}

/* The request is kept, since only its own answer is taken. */
static bool send_request(const struct places *p, const struct buffer *request)
{
	char *kept = path_of(p->dir, "request");
	bool ok = make_dir(p->dir) && write_file(kept, request->data, request->len, 0600) &&
		  write_file(p->output ? p->output : "-", request->data, request->len, 0644);

	free(kept);
	return ok;
}

static int enroll_request(int argc, char **argv)
{
	struct buffer request = { NULL, 0 };
	struct binding binding;
	struct places p;
	struct tpm tpm;
	bool json = false, ok;

	if (parse(argc, argv, &p, &json) != argc)
		usage("\"%s\" is one too many", argv[optind]);
	if (p.ca)
		usage("--ca is for \"ctpm enroll complete\"");
	if (!binding_load(&binding))
		return EXIT_UNDECIDED;
	ok = tpm_open(&tpm, p.tcti);
	if (ok) {
		ok = encode_request(&tpm, &binding, &request) && send_request(&p, &request);
		tpm_close(&tpm);
	}
	binding_free(&binding);
	buffer_free(&request);
	return ok ? EXIT_ACCEPTED : EXIT_UNDECIDED;
}

/* What only this TPM can read: the AK's certificate */
static int open_reply(struct tpm *tpm, const struct binding *binding, const struct buffer *reply,
		      const struct buffer *request, struct buffer *cert)
{
	struct ctpm_why why = { CTPM_OK, "" };
	struct tpm_key ak = { .handle = ESYS_TR_NONE }, ek = { .handle = ESYS_TR_NONE };
	struct ctpm_bytes ek_public;
	struct ctpm_reply r;
	uint8_t key[64];
	size_t len;
	bool refused;
	enum ctpm_error error = ctpm_reply_decode(reply->data, reply->len, &r, &why);
	int status = EXIT_UNDECIDED;

	if (error)
		return fail_why("the reply", error, &why);
	/* TPM2B_ID_OBJECT and TPM2B_ENCRYPTED_SECRET come with their sizes */
	if (r.credential.len < 2 || r.secret.len < 2)
		return fail_why("the reply", CTPM_ERR_FORM, NULL);
	r.credential = (struct ctpm_bytes){ r.credential.data + 2, r.credential.len - 2 };
	r.secret = (struct ctpm_bytes){ r.secret.data + 2, r.secret.len - 2 };
	if (binding_ek(binding, &ek_public) && tpm_ak_open(tpm, &ak) &&
	    tpm_ek_open(tpm, ek_public, &ek)) {
		if (tpm_activate(tpm, &ak, &ek, r.credential, r.secret, key, &len, &refused)) {
			error = len == CTPM_CREDENTIAL_SIZE
					? ctpm_reply_open(&r, key, buffer_bytes(request),
							  &cert->data, &cert->len, &why)
					: CTPM_ERR_FORM;
			status = error ? fail_why("the reply", error, &why) : EXIT_ACCEPTED;
		} else if (refused) {
			status = EXIT_REFUSED;
		}
		OPENSSL_cleanse(key, sizeof(key));
	}
	tpm_key_close(tpm, &ek);
	tpm_key_close(tpm, &ak);
	return status;
}

/* EK and AK are no secrets, so anybody can have the TPM open something. */
static int is_the_owners(struct tpm *tpm, const struct binding *binding, const char *ca,
			 const struct buffer *cert)
{
	struct ctpm_verifier *verifier = ctpm_verifier_new(false);
	struct ctpm_why why = { CTPM_OK, "" };
	struct tpm_key ak = { .handle = ESYS_TR_NONE };
	int status = EXIT_UNDECIDED;
	enum ctpm_error error;
	struct ctpm_bytes ek;
	struct buffer pem;

	if (!verifier)
		return fail("no memory");
	if (read_file(ca, CTPM_CERTS_SIZE_MAX, &pem)) {
		error = ctpm_verifier_add_ca(verifier, pem.data, pem.len, &why);
		buffer_free(&pem);
		if (error) {
			fail_why(ca, error, &why);
		} else if (binding_ek(binding, &ek) && tpm_ak_open(tpm, &ak)) {
			error = ctpm_verify_ak_cert(verifier, buffer_bytes(cert),
						    buffer_bytes(&ak.public), ek, time(NULL), &why);
			status = error ? fail_why("the reply", error, &why) : EXIT_ACCEPTED;
		}
	}
	tpm_key_close(tpm, &ak);
	ctpm_verifier_free(verifier);
	return status;
}

static int complete(const struct places *p, const struct buffer *reply, struct buffer *request,
		    bool json)
{
	char *kept = path_of(p->dir, "request"), *path = path_of(p->dir, "ak.der");
	struct buffer cert = { NULL, 0 };
	struct binding binding;
	struct tpm tpm;
	int status = EXIT_UNDECIDED;

	if (read_file(kept, REQUEST_MAX, request) && binding_load(&binding)) {
		if (tpm_open(&tpm, p->tcti)) {
			status = open_reply(&tpm, &binding, reply, request, &cert);
			if (status == EXIT_ACCEPTED)
				status = is_the_owners(&tpm, &binding, p->ca, &cert);
			tpm_close(&tpm);
		}
		binding_free(&binding);
	}
	if (status == EXIT_ACCEPTED && !write_file(path, cert.data, cert.len, 0644))
		status = EXIT_UNDECIDED;
	if (status == EXIT_ACCEPTED) {
		unlink(kept);
		if (json)
			status = print_json(json_pack("{s:o, s:I}", "certificate", json_text(path),
						      "bytes", (json_int_t)cert.len),
					    status);
		else
			printf("the AK is certified: %s\n", path);
	}
	buffer_free(&cert);
	free(kept);
	free(path);
	return status;
}

static int enroll_complete(int argc, char **argv)
{
	struct buffer reply, request = { NULL, 0 };
	struct places p;
	bool json = false;
	int status;

	if (parse(argc, argv, &p, &json) != argc - 1 || !p.ca)
		usage("give the Owner CA's certificate, --ca, and its reply");
	if (p.output)
		usage("-o is for \"ctpm enroll request\"");
	if (!read_file(argv[optind], REPLY_MAX, &reply))
		return EXIT_UNDECIDED;
	status = complete(&p, &reply, &request, json);
	buffer_free(&reply);
	buffer_free(&request);
	return status;
}

const struct verb enroll_request_verb = {
	"enroll request", enroll_request, "ask the Owner CA for an AK certificate",
	"usage: ctpm enroll request [OPTION]...\n\n"
	"Writes a request for \"ctpm ca issue\": report, manifest and log of this boot, and the AK.\n\n"
	"  -o, --output FILE     where to; default: standard output\n"
	"  --dir DIR             where it is kept until the reply is there; default: /var/lib/ctpm\n" TPM_HELP
};

const struct verb enroll_complete_verb = {
	"enroll complete", enroll_complete, "take the Owner CA's reply",
	"usage: ctpm enroll complete --ca FILE [OPTION]... REPLY\n\n"
	"Has the TPM open the Owner CA's reply, which it does only if EK and AK of the request are\n"
	"its own, verifies the AK's certificate, and keeps it.\n\n"
	"  --ca FILE             the Owner CA's certificate\n"
	"  --dir DIR             where request and certificate are; default: /var/lib/ctpm\n" TPM_HELP
};
