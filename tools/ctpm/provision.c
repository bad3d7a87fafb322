// SPDX-License-Identifier: GPL-2.0-or-later
#include <getopt.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "guest.h"

#define CERT_MAX 4096

static bool is_for(const struct buffer *cert, const struct tpm_key *ek)
{
	const uint8_t *p = cert->data;
	X509 *x = d2i_X509(NULL, &p, (long)cert->len);
	bool ok = false;

	if (!x || p != cert->data + cert->len)
		fail("the file holds no X.509 certificate in DER");
	else if (!tpm_key_is(ek, x))
		fail("the certificate is for another key than this TPM's EK");
	else
		ok = true;
	X509_free(x);
	ERR_clear_error();
	return ok;
}

static int provision(int argc, char **argv)
{
	static const struct option options[] = { { TPM_OPTION, required_argument, NULL, 'T' },
						 { 0 } };
	const char *tcti = NULL;
	struct buffer cert;
	struct tpm_key ek;
	struct tpm tpm;
	bool json = false;
	int status = EXIT_UNDECIDED;

	while (next_option(argc, argv, options, &json) != -1)
		tcti = optarg;
	if (optind != argc - 1)
		usage("give the EK's certificate");
	if (!read_file(argv[optind], CERT_MAX, &cert))
		return EXIT_UNDECIDED;
	if (tpm_open(&tpm, tcti)) {
		if (tpm_ek_default(&tpm, &ek)) {
			status = EXIT_REFUSED;
			if (is_for(&cert, &ek))
				status = tpm_nv_write(&tpm, EK_CERT_RSA, buffer_bytes(&cert))
						 ? EXIT_ACCEPTED
						 : EXIT_UNDECIDED;
			tpm_key_close(&tpm, &ek);
		}
		tpm_close(&tpm);
	}
	buffer_free(&cert);
	if (status != EXIT_ACCEPTED)
		return status;
	if (json)
		return print_json(json_pack("{s:I}", "nv_index", (json_int_t)EK_CERT_RSA), status);
	printf("the EK's certificate is in NV index %#010x\n", EK_CERT_RSA);
	return status;
}

const struct verb provision_verb = {
	"provision", provision, "put an EK certificate where tools expect it",
	"usage: ctpm provision [OPTION]... CERTIFICATE\n\n"
	"Writes the EK's certificate (DER), by the Owner CA or by the TPM's maker, into the TPM's NV\n"
	"index 0x01c00002, if it is for this TPM's EK.\n\n" TPM_HELP
};
