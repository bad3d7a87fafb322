// SPDX-License-Identifier: GPL-2.0-or-later
/* What ctpm.ko does for the SVSM's TPM, from the initramfs, for one that is outside. */
#include <ctpm/eventlog.h>
#include <ctpm/report.h>
#include <errno.h>
#include <getopt.h>
#include <linux/ctpm.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/cursor.h"
#include "guest.h"

#define REPORT_PCR    13
#define PCRS_NO_RESET 16 /* 0 to 15 cannot be reset */
#define BANKS_MAX     8
#define LOG_MAX	      2048
#define EV_NO_ACTION  3
#define EV_EVENT_TAG  6

/* The hash of each PCR bank that a TPM may have (TCG Algorithm Registry, 6.3) */
static const struct bank {
	uint16_t id;
	const char *name;
} known_banks[] = {
	{ TPM2_ALG_SHA1, "SHA1" },	   { TPM2_ALG_SHA256, "SHA256" },
	{ TPM2_ALG_SHA384, "SHA384" },	   { TPM2_ALG_SHA512, "SHA512" },
	{ TPM2_ALG_SM3_256, "SM3" },	   { TPM2_ALG_SHA3_256, "SHA3-256" },
	{ TPM2_ALG_SHA3_384, "SHA3-384" }, { TPM2_ALG_SHA3_512, "SHA3-512" },
};

struct bind {
	struct tpm tpm;
	uint32_t pcr;
	uint16_t bank[BANKS_MAX];
	const EVP_MD *md[BANKS_MAX];
	size_t banks;
	struct ctpm_boot_event event;
	struct buffer report, certs, unused;
	uint8_t manifest[2048];
	size_t manifest_len;
	uint8_t log_bytes[LOG_MAX];
	struct cur log;
};

static const EVP_MD *hash_of(uint16_t bank)
{
	for (size_t i = 0; i < sizeof(known_banks) / sizeof(known_banks[0]); i++)
		if (known_banks[i].id == bank)
			return EVP_get_digestbyname(known_banks[i].name);
	return NULL;
}

static bool get_banks(struct bind *b)
{
	uint16_t bank[BANKS_MAX];
	size_t count;
	bool ok = tpm_banks(&b->tpm, bank, BANKS_MAX, &count);

	/* all that are known, for the log, even if another makes the binding fail */
	for (size_t i = 0; i < count; i++) {
		b->bank[b->banks] = bank[i];
		b->md[b->banks] = hash_of(bank[i]);
		if (b->md[b->banks]) {
			b->banks++;
		} else {
			fail("the TPM has a PCR bank %#x whose hash libcrypto lacks", bank[i]);
			ok = false;
		}
	}
	if (ok && !b->banks)
		return !fail("the TPM has no PCR bank");
	return ok;
}

/* TCG_PCClientPCREvent with a TCG_EfiSpecIDEvent */
static void open_log(struct bind *b)
{
	struct cur *c = &b->log;

	*c = cur_writer(b->log_bytes, sizeof(b->log_bytes));
	cur_put_le32(c, 0);
	cur_put_le32(c, EV_NO_ACTION);
	cur_put_zeros(c, 20);
	cur_put_le32(c, (uint32_t)(16 + 4 + 4 + 4 + 4 * b->banks + 1));
	cur_put_bytes(c, "Spec ID Event03", 16);
	cur_put_le32(c, 0);
	cur_put_bytes(c, "\0\2\0\2", 4);
	cur_put_le32(c, (uint32_t)b->banks);
	for (size_t i = 0; i < b->banks; i++) {
		cur_put_le16(c, b->bank[i]);
		cur_put_le16(c, (uint16_t)EVP_MD_get_size(b->md[i]));
	}
	cur_put_u8(c, 0);
}

static bool log_event(struct bind *b, uint32_t tag, const struct cur *event, struct ctpm_bytes what,
		      TPML_DIGEST_VALUES *digests)
{
	struct cur *c = &b->log;

	digests->count = (UINT32)b->banks;
	cur_put_le32(c, b->pcr);
	cur_put_le32(c, EV_EVENT_TAG);
	cur_put_le32(c, (uint32_t)b->banks);
	for (size_t i = 0; i < b->banks; i++) {
		uint8_t *digest = digests->digests[i].digest.sha512;

		digests->digests[i].hashAlg = b->bank[i];
		if (EVP_Digest(what.data, what.len, digest, NULL, b->md[i], NULL) != 1) {
			fail("libcrypto computes no hash");
			return false;
		}
		cur_put_le16(c, b->bank[i]);
		cur_put_bytes(c, digest, (size_t)EVP_MD_get_size(b->md[i]));
	}
	cur_put_le32(c, (uint32_t)event->pos + 8);
	cur_put_le32(c, tag);
	cur_put_le32(c, (uint32_t)event->pos);
	cur_put_bytes(c, event->r, event->pos);
	if (c->failed || event->failed) {
		fail("the log is too large");
		return false;
	}
	return true;
}

/* If somebody was there before, the log alone does not replay, and says so. */
static bool look_at_pcr(struct bind *b)
{
	static const uint8_t zeros[CTPM_DIGEST_MAX];
	struct ctpm_pcrs pcrs;

	for (size_t i = 0; i < b->banks; i++) {
		if (!ctpm_bank_size(b->bank[i]))
			continue;
		if (!tpm_pcrs(&b->tpm, b->bank[i], 1u << b->pcr, &pcrs))
			return false;
		if (memcmp(pcrs.value[b->pcr], zeros, ctpm_bank_size(b->bank[i])))
			b->event.late = true;
	}
	return true;
}

static bool put_public(struct bind *b, const struct tpm_key *key)
{
	struct cur c =
		cur_writer(b->manifest + b->manifest_len, sizeof(b->manifest) - b->manifest_len);

	cur_put_be16(&c, (uint16_t)key->public.len);
	cur_put_bytes(&c, key->public.data, key->public.len);
	b->manifest_len += c.pos;
	return !c.failed;
}

static bool make_manifest(struct bind *b)
{
	struct tpm_key ek, ak;
	bool ok;

	if (!tpm_ek_default(&b->tpm, &ek))
		return false;
	ok = put_public(b, &ek);
	tpm_key_close(&b->tpm, &ek);
	if (!ok || !tpm_ak_open(&b->tpm, &ak))
		return false;
	ok = put_public(b, &ak);
	tpm_key_close(&b->tpm, &ak);
	return ok;
}

static bool ask_report(struct bind *b)
{
	struct ctpm_bytes manifest = { b->manifest, b->manifest_len };
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_report report;
	uint8_t data[64];

	if (ctpm_boot_nonce(CTPM_EVENT_BIND_REPORT, &b->event, data) ||
	    ctpm_report_data(data, manifest, data)) {
		fail("libcrypto computes no hash");
		return false;
	}
	if (!tsm_report(false, data, &b->report, &b->unused, &b->certs))
		return false;
	if (ctpm_report_parse(b->report.data, b->report.len, &report, &why)) {
		fail("the report: %s", why.text);
		return false;
	}
	if (memcmp(report.report_data, data, sizeof(data))) {
		fail("the report has another REPORT_DATA than it was asked for with");
		return false;
	}
	return true;
}

static bool extend_report(struct bind *b)
{
	TPML_DIGEST_VALUES digests;
	uint8_t bytes[64];
	struct cur e = cur_writer(bytes, sizeof(bytes));

	cur_put_le32(&e, CTPM_EVENT_VERSION);
	cur_put_le32(&e, b->event.late ? CTPM_REPORT_LATE : 0);
	cur_put_le32(&e, b->event.reset_count);
	cur_put_le32(&e, b->event.restart_count);
	cur_put_bytes(&e, b->event.random, sizeof(b->event.random));
	cur_put_le32(&e, (uint32_t)b->report.len);
	cur_put_le32(&e, (uint32_t)b->manifest_len);
	/* logged first: what does not fit into the log does not move the PCR */
	return log_event(b, CTPM_TAG_BIND, &e, buffer_bytes(&b->report), &digests) &&
	       tpm_extend(&b->tpm, b->pcr, &digests);
}

/*
 * So that nobody can extend a report later and call it this boot's. The TPM hashes: it knows all
 * of its banks, even where we do not.
 */
static void extend_error(struct bind *b, uint32_t step)
{
	TPML_DIGEST_VALUES digests;
	uint8_t bytes[12];
	struct cur e = cur_writer(bytes, sizeof(bytes));

	if (!b->banks) {
		b->bank[0] = TPM2_ALG_SHA256;
		b->md[0] = EVP_sha256();
		b->banks = 1;
	}
	open_log(b);
	cur_put_le32(&e, CTPM_EVENT_VERSION);
	cur_put_le32(&e, step);
	cur_put_le32(&e, EIO);
	log_event(b, CTPM_TAG_ERROR, &e, (struct ctpm_bytes){ bytes, e.pos }, &digests);
	tpm_event(&b->tpm, b->pcr, (struct ctpm_bytes){ bytes, e.pos });
}

static bool publish_one(const char *name, const void *data, size_t len)
{
	char *path = path_of(BIND_DIR, name);
	bool ok = write_file(path, data, len, 0400);

	free(path);
	return ok;
}

/* The report last: who sees it sees all of it */
static bool publish(struct bind *b)
{
	return make_dir(BIND_DIR) && publish_one("log", b->log_bytes, b->log.pos) &&
	       publish_one("manifest", b->manifest, b->manifest_len) &&
	       publish_one("certificates", b->certs.data, b->certs.len) &&
	       publish_one("report", b->report.data, b->report.len);
}

static bool bind_tpm(struct bind *b)
{
	uint32_t step = CTPM_STEP_NONCE;
	bool ok = get_banks(b) && look_at_pcr(b) && make_manifest(b) &&
		  tpm_random(&b->tpm, b->event.random, sizeof(b->event.random)) &&
		  tpm_counts(&b->tpm, &b->event.reset_count, &b->event.restart_count);

	if (ok) {
		step = CTPM_STEP_ATTEST;
		ok = ask_report(b);
	}
	if (ok) {
		step = CTPM_STEP_EXTEND;
		open_log(b);
		ok = extend_report(b);
	}
	if (ok)
		return publish(b);
	buffer_free(&b->report);
	extend_error(b, step);
	publish(b);
	return false;
}

static int bind_verb_run(int argc, char **argv)
{
	static const struct option options[] = { { "pcr", required_argument, NULL, 'p' },
						 { TPM_OPTION, required_argument, NULL, 'T' },
						 { 0 } };
	struct bind b = { .pcr = REPORT_PCR };
	const char *tcti = NULL;
	bool json = false, ok = false;
	struct stat report;
	uint32_t mask;
	int o;

	while ((o = next_option(argc, argv, options, &json)) != -1) {
		if (o == 'T') {
			tcti = optarg;
		} else {
			if (!parse_pcrs(optarg, &mask) || mask & (mask - 1) ||
			    mask >> PCRS_NO_RESET)
				usage("the PCR is one of 0 to 15, which cannot be reset");
			for (b.pcr = 0; mask >> b.pcr != 1; b.pcr++)
				;
		}
	}
	if (optind != argc)
		usage("\"%s\" is one too many", argv[optind]);
	if (svsm_tpm())
		return fail("this machine has the SVSM's TPM, which ctpm.ko binds");
	if (!access(BIND_DIR "/log", F_OK))
		return fail(
			"%s",
			stat(BIND_DIR "/report", &report) || !report.st_size
				? "binding the TPM has failed in this boot: reboot to try it again"
				: "the TPM was bound in this boot already");
	if (!tpm_open(&b.tpm, tcti))
		return EXIT_UNDECIDED;
	ok = bind_tpm(&b);
	tpm_close(&b.tpm);
	buffer_free(&b.report);
	buffer_free(&b.certs);
	buffer_free(&b.unused);
	if (!ok)
		return EXIT_UNDECIDED;
	if (json)
		return print_json(json_pack("{s:i, s:b, s:s}", "pcr", (int)b.pcr, "late",
					    b.event.late, "log", BIND_DIR "/log"),
				  EXIT_ACCEPTED);
	printf("the TPM is bound to the SNP report in PCR %u%s\n", b.pcr,
	       b.event.late ? ", late: the PCR was not zero before" : "");
	return EXIT_ACCEPTED;
}

const struct verb bind_verb = {
	"bind", bind_verb_run, "bind a TPM that is outside the SVSM",
	"usage: ctpm bind [OPTION]...\n\n"
	"For a TPM of the hypervisor's or a chip, where there is no ctpm.ko: has the AMD-SP report on\n"
	"EK and AK of the TPM, at the guest's own VMPL, and extends the report's digest. To be run\n"
	"first thing in the initramfs. Report, manifest, certificates and log are in /run/ctpm. If it\n"
	"fails, an error event is extended instead, and there is no second try in this boot.\n\n"
	"  --pcr N               the PCR, 0 to 15; default: 13\n" TPM_HELP
};
