// SPDX-License-Identifier: GPL-2.0-or-later
#include <getopt.h>
#include <string.h>

#include "tpm.h"

static int show(const struct tpm_key *ak, const char *alg, bool json)
{
	char *name = to_hex(ak->name.data, ak->name.len);
	int status = EXIT_ACCEPTED;

	if (json)
		status = print_json(
			json_pack("{s:s, s:s, s:i}", "alg", alg, "name", name, "handle", AK_HANDLE),
			status);
	else
		printf("AK %s at %#x\n  name %s\n", alg, AK_HANDLE, name);
	free(name);
	return status;
}

static int ak_create(int argc, char **argv)
{
	static const struct option options[] = { { "alg", required_argument, NULL, 'a' },
						 { TPM_OPTION, required_argument, NULL, 'T' },
						 { 0 } };
	const char *alg = "ecc", *tcti = NULL;
	struct tpm_key ak;
	struct tpm tpm;
	bool json = false;
	int o, status = EXIT_UNDECIDED;

	while ((o = next_option(argc, argv, options, &json)) != -1) {
		if (o == 'T')
			tcti = optarg;
		else
			alg = optarg;
	}
	if (optind != argc || (strcmp(alg, "ecc") && strcmp(alg, "rsa")))
		usage("the algorithm is ecc or rsa");
	if (!tpm_open(&tpm, tcti))
		return EXIT_UNDECIDED;
	if (tpm_ak_make(&tpm, alg, &ak)) {
		if (tpm_ak_keep(&tpm, &ak))
			status = show(&ak, alg, json);
		tpm_key_close(&tpm, &ak);
	}
	tpm_close(&tpm);
	return status;
}

const struct verb ak_create_verb = {
	"ak create", ak_create, "make an attestation key and keep it in the TPM",
	"usage: ctpm ak create [OPTION]...\n\n"
	"Makes the AK, a primary key of the endorsement hierarchy, and keeps it at handle\n"
	"0x81010ca0, in place of one that is there. Without this the other verbs make an ECC one\n"
	"as they need it, the same each time.\n\n"
	"  --alg ecc|rsa         ECDSA on P-256, or RSA-2048; default: ecc\n" TPM_HELP
};
