// SPDX-License-Identifier: GPL-2.0-or-later
/* SNP reports for people: shown, and verified. */
#include "ctpm.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COLUMN 28

/* What evidence says must not be an order to the terminal. */
static void show_text(const char *text)
{
	for (; *text; text++) {
		if (*text >= ' ' && *text <= '~')
			putchar(*text);
		else
			printf("\\x%02x", (unsigned char)*text);
	}
	putchar('\n');
}

void show_json(const char *name, json_t *value, int indent)
{
	const char *key;
	char label[64];
	json_t *one;
	size_t i;

	if (json_is_object(value)) {
		printf("%*s%s\n", indent, "", name);
		json_object_foreach(value, key, one) show_json(key, one, indent + 2);
		return;
	}
	if (json_is_array(value)) {
		json_array_foreach(value, i, one)
		{
			snprintf(label, sizeof(label), "%s[%zu]", name, i);
			show_json(label, one, indent);
		}
		return;
	}
	printf("%*s%-*s ", indent, "", COLUMN - indent, name);
	if (json_is_string(value))
		show_text(json_string_value(value));
	else if (json_is_integer(value))
		printf("%lld\n", (long long)json_integer_value(value));
	else
		printf("%s\n", json_is_true(value) ? "yes" : "no");
}

json_t *json_word(uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%#llx", (unsigned long long)value);
	return json_string(text);
}

struct bit {
	const char *name;
	unsigned int at;
};

/* A word by its bits, each with its name */
static json_t *json_bits(uint64_t word, const struct bit *bits, size_t n)
{
	json_t *o = json_pack("{s:o}", "raw", json_word(word));

	for (size_t i = 0; i < n; i++)
		json_object_set_new(o, bits[i].name, json_boolean(word >> bits[i].at & 1));
	return o;
}

#define JSON_BITS(word, bits) json_bits(word, bits, sizeof(bits) / sizeof((bits)[0]))

/* 56860, "Guest Policy" and PLATFORM_INFO of ATTESTATION_REPORT */
static const struct bit policy_bits[] = {
	{ "SMT", 16 },
	{ "MIGRATE_MA", 18 },
	{ "DEBUG", 19 },
	{ "SINGLE_SOCKET", 20 },
	{ "CXL_ALLOW", 21 },
	{ "MEM_AES_256_XTS", 22 },
	{ "RAPL_DIS", 23 },
	{ "CIPHERTEXT_HIDING_DRAM", 24 },
	{ "PAGE_SWAP_DISABLE", 25 },
};

static const struct bit platform_bits[] = {
	{ "SMT_EN", 0 },
	{ "TSME_EN", 1 },
	{ "ECC_EN", 2 },
	{ "RAPL_DIS", 3 },
	{ "CIPHERTEXT_HIDING_DRAM_EN", 4 },
	{ "ALIAS_CHECK_COMPLETE", 5 },
};

static json_t *json_policy(uint64_t policy)
{
	json_t *o = JSON_BITS(policy, policy_bits);

	json_object_set_new(o, "ABI_MAJOR", json_integer((json_int_t)(policy >> 8 & 0xff)));
	json_object_set_new(o, "ABI_MINOR", json_integer((json_int_t)(policy & 0xff)));
	return o;
}

/* Version 2 doesn't tell the product; Turin, whose layout is another, has none of it. */
static json_t *json_tcb(const struct ctpm_report *r, uint64_t raw)
{
	enum ctpm_product product = CTPM_MILAN;
	struct ctpm_tcb t;
	json_t *o;

	ctpm_report_product(r, &product);
	t = ctpm_tcb_decode(product, raw);
	o = json_pack("{s:o, s:i, s:i, s:i, s:i}", "raw", json_word(raw), "BOOT_LOADER",
		      t.bootloader, "TEE", t.tee, "SNP", t.snp, "MICROCODE", t.microcode);
	if (product == CTPM_TURIN)
		json_object_set_new(o, "FMC", json_integer(t.fmc));
	return o;
}

static json_t *json_version(const struct ctpm_version *v)
{
	char text[16];

	snprintf(text, sizeof(text), "%u.%u.%u", v->major, v->minor, v->build);
	return json_string(text);
}

static const char *key_name(enum ctpm_signing_key key)
{
	return key == CTPM_KEY_VCEK ? "VCEK" : key == CTPM_KEY_VLEK ? "VLEK" : "none";
}

static void add_platform(json_t *o, const struct ctpm_report *r)
{
	enum ctpm_product product;

	if (r->has_cpuid) {
		json_object_set_new(o, "CPUID_FAM_ID", json_integer(r->cpuid_family));
		json_object_set_new(o, "CPUID_MOD_ID", json_integer(r->cpuid_model));
		json_object_set_new(o, "CPUID_STEP", json_integer(r->cpuid_stepping));
	}
	if (ctpm_report_product(r, &product))
		json_object_set_new(o, "product", json_string(ctpm_product_name(product)));
	json_object_set_new(o, "CHIP_ID", json_hex(r->chip_id, sizeof(r->chip_id)));
	json_object_set_new(o, "COMMITTED_TCB", json_tcb(r, r->committed_tcb));
	json_object_set_new(o, "CURRENT_VERSION", json_version(&r->current));
	json_object_set_new(o, "COMMITTED_VERSION", json_version(&r->committed));
	json_object_set_new(o, "LAUNCH_TCB", json_tcb(r, r->launch_tcb));
	if (r->has_mitigations) {
		json_object_set_new(o, "LAUNCH_MIT_VECTOR", json_word(r->launch_mit_vector));
		json_object_set_new(o, "CURRENT_MIT_VECTOR", json_word(r->current_mit_vector));
	}
}

json_t *json_report(const struct ctpm_report *r)
{
	json_t *o = json_object();

	json_object_set_new(o, "VERSION", json_integer(r->version));
	json_object_set_new(o, "GUEST_SVN", json_integer(r->guest_svn));
	json_object_set_new(o, "POLICY", json_policy(r->policy));
	json_object_set_new(o, "FAMILY_ID", json_hex(r->family_id, sizeof(r->family_id)));
	json_object_set_new(o, "IMAGE_ID", json_hex(r->image_id, sizeof(r->image_id)));
	json_object_set_new(o, "VMPL", json_integer(r->vmpl));
	json_object_set_new(o, "CURRENT_TCB", json_tcb(r, r->current_tcb));
	json_object_set_new(o, "PLATFORM_INFO", JSON_BITS(r->platform_info, platform_bits));
	json_object_set_new(o, "AUTHOR_KEY_EN", json_boolean(r->author_key_en));
	json_object_set_new(o, "MASK_CHIP_KEY", json_boolean(r->mask_chip_key));
	json_object_set_new(o, "SIGNING_KEY", json_string(key_name(r->signing_key)));
	json_object_set_new(o, "REPORT_DATA", json_hex(r->report_data, sizeof(r->report_data)));
	json_object_set_new(o, "MEASUREMENT", json_hex(r->measurement, sizeof(r->measurement)));
	json_object_set_new(o, "HOST_DATA", json_hex(r->host_data, sizeof(r->host_data)));
	json_object_set_new(o, "ID_KEY_DIGEST",
			    json_hex(r->id_key_digest, sizeof(r->id_key_digest)));
	json_object_set_new(o, "AUTHOR_KEY_DIGEST",
			    json_hex(r->author_key_digest, sizeof(r->author_key_digest)));
	json_object_set_new(o, "REPORT_ID", json_hex(r->report_id, sizeof(r->report_id)));
	json_object_set_new(o, "REPORT_ID_MA", json_hex(r->report_id_ma, sizeof(r->report_id_ma)));
	json_object_set_new(o, "REPORTED_TCB", json_tcb(r, r->reported_tcb));
	add_platform(o, r);
	return o;
}

int show_object(json_t *o, bool json, int status)
{
	const char *key;
	json_t *one;

	if (json)
		return print_json(o, status);
	json_object_foreach(o, key, one) show_json(key, one, 0);
	json_decref(o);
	return status;
}

static int report_show(int argc, char **argv)
{
	static const struct option options[] = { { 0 } };
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_report report;
	enum ctpm_error error;
	struct buffer file;
	bool json = false;

	while (next_option(argc, argv, options, &json) != -1)
		;
	if (optind != argc - 1)
		usage("one report is shown");
	if (!read_file(argv[optind], REPORT_FILE_MAX, &file))
		return EXIT_UNDECIDED;
	error = ctpm_report_parse(file.data, file.len, &report, &why);
	buffer_free(&file);
	if (error)
		return fail_why(argv[optind], error, &why);
	return show_object(json_report(&report), json, EXIT_ACCEPTED);
}

/* What one wants to know first */
static const char *const summary[] = { "VERSION",      "product",     "SIGNING_KEY", "VMPL",
				       "POLICY",       "MEASUREMENT", "REPORT_DATA", "HOST_DATA",
				       "REPORTED_TCB", "CHIP_ID" };

static int tell(enum ctpm_error error, const struct ctpm_why *why, const struct ctpm_report *report,
		bool json)
{
	int status = !error						    ? EXIT_ACCEPTED
		     : error == CTPM_ERR_MEMORY || error == CTPM_ERR_CRYPTO ? EXIT_UNDECIDED
									    : EXIT_REFUSED;
	char room[32];
	json_t *o;

	if (json) {
		o = json_pack("{s:s}", "verdict",
			      !error		       ? "accepted"
			      : status == EXIT_REFUSED ? "refused"
						       : "undecided");
		if (error)
			json_object_set_new(o, "code", json_string(ctpm_error_name(error)));
		if (error)
			json_object_set_new(o, "text", json_text(why->text));
		if (report->version)
			json_object_set_new(o, "report", json_report(report));
		return print_json(o, status);
	}
	o = report->version ? json_report(report) : NULL;
	for (size_t i = 0; i < sizeof(summary) / sizeof(summary[0]); i++)
		if (json_object_get(o, summary[i]))
			show_json(summary[i], json_object_get(o, summary[i]), 0);
	json_decref(o);
	if (!error)
		printf("%s\n", coloured("ACCEPTED", GREEN, room, sizeof(room)));
	else
		printf("%s %s: %s\n",
		       coloured(status == EXIT_REFUSED ? "REFUSED:" : "NOT DECIDED:", RED, room,
				sizeof(room)),
		       ctpm_error_name(error), why->text);
	return status;
}

static int verify(const char *path, struct trust *trust, int64_t when, bool json)
{
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_report report, verified;
	enum ctpm_error error;
	struct buffer file;

	if (!trust_open(trust) || !read_file(path, REPORT_FILE_MAX, &file))
		return EXIT_UNDECIDED;
	error = ctpm_report_verify(file.data, file.len, trust->certs, trust->roots, when, &verified,
				   &why);
	/* what is refused is shown, too, as far as it can be read */
	ctpm_report_parse(file.data, file.len, &report, NULL);
	buffer_free(&file);
	return tell(error, &why, &report, json);
}

static int report_verify(int argc, char **argv)
{
	static const struct option options[] = {
		{ "certs", required_argument, NULL, OPTION_CERTS },
		{ ROOTS_OPTION },
		{ NO_AMD_OPTION },
		{ "time", required_argument, NULL, 't' },
		{ 0 },
	};
	struct trust trust = { .folders = 0 };
	uint64_t when = (uint64_t)time(NULL);
	bool json = false;
	int o, status;

	while ((o = next_option(argc, argv, options, &json)) != -1)
		if (!trust_option(&trust, o, optarg) && !parse_number(optarg, TIME_MAX, &when))
			usage("a time is seconds since 1970, before the year 10000");
	if (optind != argc - 1)
		usage("one report is verified");
	status = verify(argv[optind], &trust, (int64_t)when, json);
	trust_close(&trust);
	return status;
}

const struct verb report_show_verb = {
	"report show", report_show, "show an SNP report",
	"usage: ctpm report show FILE [--json]\n\n"
	"Shows each field of an SNP report, - for standard input, by its name in AMD's ABI (56860).\n"
	"Nothing is verified.\n\n"
	"  --json                as a JSON object\n"
};

const struct verb report_verify_verb = {
	"report verify", report_verify, "verify an SNP report's certificates and signature",
	"usage: ctpm report verify FILE [OPTION]...\n\n"
	"Verifies that an SNP report, - for standard input, is AMD's: certificates up to a trusted\n"
	"root, their agreement with the report, and its signature. What it says is not judged.\n\n"
	"  --certs FILE|DIR      certificates and revocation lists: PEM, DER, or a certificate\n"
	"                        table; of a folder its *.pem, *.der and *.crt; may be repeated\n" TRUST_HELP
	"  --time SECONDS        as if it were then, in seconds since 1970\n"
	"  --json                print the result as a JSON object\n"
};
