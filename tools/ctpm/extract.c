// SPDX-License-Identifier: GPL-2.0-or-later
/* Evidence in parts, as other programs take them: openssl, tpm2_checkquote, tpm2_eventlog. */
#include "ctpm.h"

#include <errno.h>
#include <getopt.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tss2/tss2_mu.h>
#include <unistd.h>

#include "../libctpm/tpm.h"

/* Of a part that isn't there none must stay from other evidence. */
static bool put(const char *dir, const char *name, struct ctpm_bytes bytes)
{
	char *path = path_of(dir, name);
	bool ok;

	if (bytes.len) {
		ok = write_file(path, bytes.data, bytes.len, 0644);
	} else {
		ok = !unlink(path) || errno == ENOENT;
		if (!ok)
			fail("%s: %s", path, strerror(errno));
	}
	free(path);
	return ok;
}

/* tpm2_checkquote takes the AK in PEM. */
static bool put_key(const char *dir, const TPMT_PUBLIC *public)
{
	EVP_PKEY *key = tpm_key(public);
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem;
	long len;
	bool ok = key && bio && PEM_write_bio_PUBKEY(bio, key) == 1;

	if (ok) {
		len = BIO_get_mem_data(bio, &pem);
		ok = put(dir, "ak.pem", (struct ctpm_bytes){ (uint8_t *)pem, (size_t)len });
	} else {
		fail("the AK holds no key");
	}
	BIO_free(bio);
	EVP_PKEY_free(key);
	return ok;
}

/* A line for each, "INDEX HEX" */
static bool put_pcrs(const char *dir, const struct ctpm_pcrs *pcrs)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	bool ok;

	for (unsigned int i = 0; f && i < CTPM_PCRS; i++) {
		if (pcrs->mask >> i & 1) {
			char *hex = to_hex(pcrs->value[i], ctpm_bank_size(pcrs->bank));

			fprintf(f, "%u %s\n", i, hex);
			free(hex);
		}
	}
	ok = f && !fclose(f) && put(dir, "pcrs", (struct ctpm_bytes){ (uint8_t *)text, len });
	free(text);
	return ok;
}

static bool put_claims(const char *dir, const struct ctpm_claims *c, const TPMT_PUBLIC *ak)
{
	return put(dir, "report", c->report) && put(dir, "manifest", c->manifest) &&
	       put(dir, "certificates", c->certs) && put(dir, "log", c->log) &&
	       put(dir, "ak.pub", c->ak) && put(dir, "ak.der", c->ak_cert) &&
	       put(dir, "fresh-report", c->fresh) && put_key(dir, ak) && put_pcrs(dir, &c->pcrs);
}

/* TPM2B_ATTEST || TPMT_SIGNATURE, as two files; qualifyingData in hex */
static bool put_quote(const char *dir, struct ctpm_bytes quote, struct ctpm_bytes attest,
		      const TPMS_ATTEST *parsed)
{
	size_t head = 2 + attest.len;
	struct ctpm_bytes signature = { quote.data + head, quote.len - head };
	char *hex = to_hex(parsed->extraData.buffer, parsed->extraData.size);
	bool ok = put(dir, "attest", attest) && put(dir, "signature", signature) &&
		  put(dir, "qualifying-data", (struct ctpm_bytes){ (uint8_t *)hex, strlen(hex) });

	free(hex);
	return ok;
}

static int extract(const char *path, const struct buffer *file, const char *dir)
{
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_evidence e;
	struct ctpm_claims c;
	struct ctpm_bytes attest;
	TPMS_ATTEST quote;
	TPMT_SIGNATURE signature;
	TPMT_PUBLIC ak;
	enum ctpm_error error = ctpm_evidence_decode(file->data, file->len, &e, &why);

	if (!error)
		error = ctpm_claims_decode(e.claims.data, e.claims.len, &c, &why);
	if (!error)
		error = tpm_quote(e.quote, &attest, &quote, &signature, &why);
	if (!error)
		error = tpm_public(c.ak, &ak, "the AK", &why);
	if (error)
		return fail_why(path, error, &why);
	if (mkdir(dir, 0755) && errno != EEXIST)
		return fail("%s: %s", dir, strerror(errno));
	return put_claims(dir, &c, &ak) && put_quote(dir, e.quote, attest, &quote) ? EXIT_ACCEPTED
										   : EXIT_UNDECIDED;
}

static int evidence_extract(int argc, char **argv)
{
	static const struct option options[] = { { "output", required_argument, NULL, 'o' },
						 { 0 } };
	const char *dir = NULL;
	struct buffer file;
	bool json = false;
	int status;

	while (next_option(argc, argv, options, &json) != -1)
		dir = optarg;
	if (optind != argc - 1 || !dir)
		usage("one file of evidence, and -o with a folder");
	if (!read_file(argv[optind], 2 * CTPM_EVIDENCE_SIZE_MAX, &file))
		return EXIT_UNDECIDED;
	status = extract(argv[optind], &file, dir);
	buffer_free(&file);
	return status;
}

const struct verb evidence_extract_verb = {
	"evidence extract", evidence_extract, "take evidence apart for other programs",
	"usage: ctpm evidence extract FILE -o DIR\n\n"
	"Writes the parts of evidence into a folder, unverified: report, manifest, certificates, log,\n"
	"ak.pub (TPMT_PUBLIC), ak.pem, ak.der, attest, signature, qualifying-data, pcrs. So:\n\n"
	"  tpm2_checkquote -u ak.pem -m attest -s signature -g sha256 -q \"$(cat qualifying-data)\"\n\n"
	"  -o, --output DIR      where to; it is made if it isn't there, and parts of other evidence\n"
	"                        in it are replaced or removed\n"
};
