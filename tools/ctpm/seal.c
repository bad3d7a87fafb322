// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "../common/cursor.h"
#include "guest.h"

/*
 * A sealed file: magic, bank (be16), PCR mask (be32), TPM2B_PUBLIC, TPM2B_PRIVATE. Nothing in it is
 * secret; the TPM checks all of it.
 */
#define MAGIC	   "ctpm sealed v1\n"
#define SECRET_MAX 128
#define FILE_MAX   8192

struct places {
	const char *output, *tcti, *input;
	uint32_t pcrs;
};

static void parse(int argc, char **argv, struct places *p, bool *json)
{
	static const struct option options[] = { { "output", required_argument, NULL, 'o' },
						 { "pcrs", required_argument, NULL, 'p' },
						 { TPM_OPTION, required_argument, NULL, 'T' },
						 { 0 } };
	int o;

	*p = (struct places){ .output = "-", .input = "-" };
	while ((o = next_option(argc, argv, options, json)) != -1) {
		if (o == 'o')
			p->output = optarg;
		else if (o == 'T')
			p->tcti = optarg;
		else if (!parse_pcrs(optarg, &p->pcrs))
			usage("PCRs are a list such as 0-7,13");
	}
	if (optind < argc - 1)
		usage("give one file");
	if (optind == argc - 1)
		p->input = argv[optind];
}

/*
 * The launch identity's PCR, which the driver was told to extend. Where the binding has failed it has
 * extended an error instead, the same in any launch.
 */
static bool identity_pcr(uint32_t *mask)
{
	char text[16] = "-1", bound[4] = "0", late[4] = "0";
	long pcr;

	driver_says("identity_pcr", text, sizeof(text));
	pcr = strtol(text, NULL, 10);
	if (pcr < 0 || pcr >= CTPM_PCRS) {
		fail("there is no PCR of the launch identity: load ctpm.ko with identity_pcr=N, or "
		     "say --pcrs");
		return false;
	}
	driver_says("bound", bound, sizeof(bound));
	if (strcmp(bound, "1")) {
		fail("the TPM is not bound, so PCR %ld says nothing of this launch; \"ctpm status\" "
		     "and the kernel's log say why",
		     pcr);
		return false;
	}
	driver_says("late", late, sizeof(late));
	if (strcmp(late, "0"))
		fail("the binding is late: others may have extended PCR %ld before, and the secret is "
		     "sealed to that, too",
		     pcr);
	*mask = 1u << pcr;
	return true;
}

/* No launch's identity, but what every launch has before it is extended */
static bool is_zero(const struct ctpm_pcrs *pcrs)
{
	static const uint8_t zeros[CTPM_DIGEST_MAX];

	for (unsigned int i = 0; i < CTPM_PCRS; i++) {
		if (pcrs->mask >> i & 1 &&
		    !memcmp(pcrs->value[i], zeros, ctpm_bank_size(pcrs->bank))) {
			fail("PCR %u is zero, so it says nothing of this launch", i);
			return true;
		}
	}
	return false;
}

/* tpm2-tss keeps copies of what it sends and gets, which cannot be wiped: no core has them. */
static bool no_core(void)
{
	if (!prctl(PR_SET_DUMPABLE, 0))
		return true;
	fail("the secret cannot be kept out of core dumps: %s", strerror(errno));
	return false;
}

static bool write_sealed(const struct places *p, const struct buffer *object)
{
	uint8_t all[FILE_MAX];
	struct cur c = cur_writer(all, sizeof(all));

	cur_put_bytes(&c, MAGIC, sizeof(MAGIC) - 1);
	cur_put_be16(&c, CTPM_BANK_SHA256);
	cur_put_be32(&c, p->pcrs);
	cur_put_bytes(&c, object->data, object->len);
	if (c.failed) {
		fail("the sealed object is too large");
		return false;
	}
	return write_file(p->output, all, c.pos, 0600);
}

static int seal(int argc, char **argv)
{
	struct buffer secret, object = { NULL, 0 };
	struct ctpm_pcrs pcrs;
	struct places p;
	struct tpm tpm;
	bool json = false, ok = false, identity;

	parse(argc, argv, &p, &json);
	identity = !p.pcrs;
	if (!no_core() || (identity && !identity_pcr(&p.pcrs)))
		return EXIT_UNDECIDED;
	if (!read_file(p.input, SECRET_MAX, &secret))
		return EXIT_UNDECIDED;
	if (tpm_open(&tpm, p.tcti)) {
		ok = tpm_pcrs(&tpm, CTPM_BANK_SHA256, p.pcrs, &pcrs) &&
		     !(identity && is_zero(&pcrs)) &&
		     tpm_seal(&tpm, &pcrs, buffer_bytes(&secret), &object) &&
		     write_sealed(&p, &object);
		tpm_close(&tpm);
	}
	buffer_free(&object);
	buffer_free(&secret);
	return ok ? EXIT_ACCEPTED : EXIT_UNDECIDED;
}

static bool parse_sealed(const struct buffer *file, uint16_t *bank, uint32_t *pcrs,
			 struct ctpm_bytes *object)
{
	struct cur c = cur_reader(file->data, file->len);
	const uint8_t *magic = cur_take(&c, sizeof(MAGIC) - 1);

	*bank = cur_get_be16(&c);
	*pcrs = cur_get_be32(&c);
	object->len = cur_remaining(&c);
	object->data = cur_take(&c, object->len);
	if (cur_complete(&c) && !memcmp(magic, MAGIC, sizeof(MAGIC) - 1) && ctpm_bank_size(*bank) &&
	    *pcrs && !(*pcrs >> CTPM_PCRS))
		return true;
	fail("the file is none of \"ctpm seal\"");
	return false;
}

static int unseal(int argc, char **argv)
{
	struct buffer file, secret = { NULL, 0 };
	struct ctpm_bytes object;
	struct places p;
	struct tpm tpm;
	uint16_t bank;
	uint32_t pcrs;
	bool json = false, refused;
	int status = EXIT_UNDECIDED;

	parse(argc, argv, &p, &json);
	if (p.pcrs)
		usage("which PCRs is in the file");
	if (!no_core() || !read_file(p.input, FILE_MAX, &file))
		return EXIT_UNDECIDED;
	if (!parse_sealed(&file, &bank, &pcrs, &object)) {
		status = EXIT_REFUSED;
	} else if (tpm_open(&tpm, p.tcti)) {
		if (tpm_unseal(&tpm, bank, pcrs, object, &secret, &refused))
			status = write_file(p.output, secret.data, secret.len, 0600)
					 ? EXIT_ACCEPTED
					 : EXIT_UNDECIDED;
		else if (refused)
			status = EXIT_REFUSED;
		tpm_close(&tpm);
	}
	buffer_free(&secret);
	buffer_free(&file);
	return status;
}

const struct verb seal_verb = {
	"seal", seal, "seal a secret to this launch and its PCRs",
	"usage: ctpm seal [OPTION]... [FILE]\n\n"
	"Has the TPM seal a secret of 1 to 128 bytes (default: from standard input), so that it\n"
	"gives it back only while its PCRs have these values, as in the same launch. A hostile launch\n"
	"with the same TPM can extend them itself.\n\n"
	"  --pcrs LIST           the state: these PCRs (SHA-256) as they are now; default: the one\n"
	"                        of the launch identity (ctpm.ko's identity_pcr)\n"
	"  -o, --output FILE     where to; default: standard output\n" TPM_HELP
};

const struct verb unseal_verb = {
	"unseal", unseal, "get a sealed secret back",
	"usage: ctpm unseal [OPTION]... [FILE]\n\n"
	"Exit status 1 if the TPM refuses: another TPM, or other PCR values. After any other failure\n"
	"(3) the secret may still be had.\n\n"
	"  -o, --output FILE     where to; default: standard output\n" TPM_HELP
};
