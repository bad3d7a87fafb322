// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctpm.h"

#include <getopt.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#define NONCE_SIZE 32

static int challenge(int argc, char **argv)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "nonce", required_argument, NULL, 'n' },
		{ "aud", required_argument, NULL, 'a' },
		{ "fresh", no_argument, NULL, 'f' },
		{ "pcrs", required_argument, NULL, 'p' },
		{ 0 },
	};
	uint8_t nonce[CTPM_NONCE_SIZE_MAX], *out;
	struct ctpm_challenge c = { .nonce = { nonce, 0 } };
	struct ctpm_why why = { CTPM_OK, "" };
	const char *path = "-";
	bool json = false, random = true;
	enum ctpm_error error;
	size_t len;
	int o;

	while ((o = next_option(argc, argv, options, &json)) != -1) {
		if (o == 'o')
			path = optarg;
		else if (o == 'n' && !parse_hex(optarg, nonce, sizeof(nonce), &c.nonce.len))
			usage("a nonce is hex, %d to %d bytes", CTPM_NONCE_SIZE_MIN,
			      CTPM_NONCE_SIZE_MAX);
		else if (o == 'n')
			random = false;
		else if (o == 'a' && !*optarg)
			usage("a verifier's name is not empty");
		else if (o == 'a')
			c.aud = (struct ctpm_bytes){ (const uint8_t *)optarg, strlen(optarg) };
		else if (o == 'f')
			c.want_fresh = true;
		else if (o == 'p' && !parse_pcrs(optarg, &c.want_pcrs))
			usage("PCRs are a list such as 0-7,13");
	}
	if (optind != argc)
		usage("\"%s\" is one too many", argv[optind]);
	if (c.want_pcrs)
		c.want_bank = CTPM_BANK_SHA256;
	if (random) {
		if (RAND_bytes(nonce, NONCE_SIZE) != 1)
			return fail("no random numbers are to be had");
		c.nonce.len = NONCE_SIZE;
	}
	error = ctpm_challenge_encode(&c, &out, &len, &why);
	if (error == CTPM_ERR_ARGUMENT)
		usage("the nonce has to have %d to %d bytes, the name 1 to %d printable characters "
		      "without spaces",
		      CTPM_NONCE_SIZE_MIN, CTPM_NONCE_SIZE_MAX, CTPM_AUD_LEN_MAX);
	if (error)
		return fail_why("the challenge", error, &why);
	o = write_file(path, out, len, 0644) ? EXIT_ACCEPTED : EXIT_UNDECIDED;
	free(out);
	return o;
}

const struct verb challenge_verb = {
	"challenge", challenge, "make a challenge for a guest",
	"usage: ctpm challenge [OPTION]...\n\n"
	"Makes a challenge with a random nonce, to be sent to a guest and kept for \"ctpm verify\".\n\n"
	"  -o, --output FILE     where to; default: standard output\n"
	"  --nonce HEX           this nonce, 16 to 64 bytes, instead of a random one\n"
	"  --aud NAME            the verifier's name, which the guest checks\n"
	"  --fresh               wants a report made for this challenge\n"
	"  --pcrs LIST           wants these PCRs (SHA-256), such as 0-7,13\n"
};
