// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The certificates by which a report is AMD's: from a certificate table, or from AMD's key
 * server (57230, "KDS Interface") and what a cache has kept of it. Nothing is written, or
 * kept, before the report was verified with it.
 */
#include "http.h"

#include <errno.h>
#include <getopt.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define KDS_URL	      "https://kdsintf.amd.com"
#define BASE_MAX      256
#define URL_MAX	      (BASE_MAX + 256)
#define ATTEMPTS      4
#define WAIT_MAX      60    /* seconds, between two attempts */
#define CRL_AGE_MAX   86400 /* seconds that a list is kept */
#define TURIN_ID_SIZE 8

enum { PIECE_LEAF, PIECE_CHAIN, PIECE_CRL, PIECES };

/* An answer of the key server's */
struct piece {
	char url[URL_MAX];
	struct buffer data;
	bool cached;
};

struct job {
	const char *report_path, *table, *cache, *output, *url, *product_name;
	struct trust trust;
	bool json;
	struct buffer bytes;
	struct ctpm_report report;
	enum ctpm_product product;
	struct piece piece[PIECES];
	struct ctpm_certs *chain; /* what has verified */
};

/*
 * HTTP
 */

/* The key server limits how often it is asked: 429, and how long to wait. */
static bool download(const struct job *j, struct piece *p)
{
	struct http_answer *answer = calloc(1, sizeof(*answer));
	long status = 0, wait = 0;

	if (!answer) {
		fail("no memory");
		return false;
	}
	for (int i = 0; i < ATTEMPTS; i++) {
		status = http_get(p->url, j->url != NULL, WAIT_MAX, answer, &wait);
		if (status != 429 && status != 503)
			break;
		if (!wait)
			wait = 1L << i;
		if (wait > WAIT_MAX || i + 1 == ATTEMPTS)
			break;
		fail("%s: the server is busy, trying again in %ld s", p->url, wait);
		sleep((unsigned int)wait);
	}
	if (status == 200) {
		buffer_free(&p->data);
		p->data.data = malloc(answer->len + 1);
		if (p->data.data) {
			memcpy(p->data.data, answer->data, answer->len);
			p->data.len = answer->len;
		}
		p->cached = false;
	} else if (status == 429 || status == 503) {
		fail("%s: the server is busy (%ld): try again later", p->url, status);
	} else if (status) {
		fail("%s: the server answers %ld%s", p->url, status,
		     status == 404 ? ": it knows no such product, chip or TCB" : "");
	}
	free(answer);
	return status == 200 && p->data.data;
}

/*
 * The cache: a file for each URL, named by its digest
 */

static char *cache_path(const struct job *j, const struct piece *p)
{
	uint8_t digest[32];
	char *name, *path = NULL;

	if (EVP_Digest(p->url, strlen(p->url), digest, NULL, EVP_sha256(), NULL) == 1) {
		name = to_hex(digest, sizeof(digest));
		path = path_of(j->cache, name);
		free(name);
	}
	return path;
}

static bool is_recent(const char *path)
{
	struct stat st;
	time_t now = time(NULL);

	return !stat(path, &st) && st.st_mtime <= now && now - st.st_mtime < CRL_AGE_MAX;
}

/* A list may be valid for a year, but says what is revoked today. */
static void read_cache(const struct job *j, struct piece *p, bool list)
{
	char *path = j->cache ? cache_path(j, p) : NULL;

	p->cached = path && (!list || is_recent(path)) &&
		    read_file_if_there(path, ANSWER_MAX, &p->data) && p->data.data;
	free(path);
}

/* That nothing can be kept is said, and no reason to fail. */
static void write_cache(const struct job *j)
{
	if (!j->cache || !make_dir(j->cache))
		return;
	for (int i = 0; i < PIECES; i++) {
		char *path = cache_path(j, &j->piece[i]);

		if (path && !j->piece[i].cached)
			write_file(path, j->piece[i].data.data, j->piece[i].data.len, 0644);
		free(path);
	}
}

/*
 * From the key server
 */

static bool all_zero(const uint8_t *data, size_t len)
{
	uint8_t any = 0;

	for (size_t i = 0; i < len; i++)
		any |= data[i];
	return !any;
}

static bool find_product(struct job *j)
{
	enum ctpm_product product;

	if (ctpm_report_product(&j->report, &j->product))
		return true;
	for (int i = 0; i < CTPM_PRODUCTS && j->product_name; i++) {
		product = (enum ctpm_product)i;
		if (strcasecmp(j->product_name, ctpm_product_name(product)))
			continue;
		j->product = product;
		return true;
	}
	fail("the report doesn't tell its product, as version 2 never does: give --product");
	return false;
}

static bool can_be_asked(struct job *j)
{
	if (j->report.signing_key != CTPM_KEY_VCEK) {
		fail("the report is not signed by a VCEK, and AMD's server has certificates of "
		     "VCEKs alone: give --table");
		return false;
	}
	if (all_zero(j->report.chip_id, sizeof(j->report.chip_id))) {
		fail("the report's CHIP_ID is masked: nobody can tell which VCEK it is; give "
		     "--table");
		return false;
	}
	return find_product(j);
}

static void make_urls(struct job *j)
{
	struct ctpm_tcb t = ctpm_tcb_decode(j->product, j->report.reported_tcb);
	char *id = to_hex(j->report.chip_id,
			  j->product == CTPM_TURIN ? TURIN_ID_SIZE : sizeof(j->report.chip_id));
	const char *server = j->url ? j->url : KDS_URL;
	size_t len = strlen(server);
	char base[BASE_MAX + 64], fmc[16] = "";

	while (len && server[len - 1] == '/')
		len--;
	snprintf(base, sizeof(base), "%.*s/vcek/v1/%s", (int)len, server,
		 ctpm_product_name(j->product));
	if (j->product == CTPM_TURIN)
		snprintf(fmc, sizeof(fmc), "fmcSPL=%02u&", t.fmc);
	snprintf(j->piece[PIECE_LEAF].url, URL_MAX,
		 "%s/%s?%sblSPL=%02u&teeSPL=%02u&snpSPL=%02u&ucodeSPL=%02u", base, id, fmc,
		 t.bootloader, t.tee, t.snp, t.microcode);
	snprintf(j->piece[PIECE_CHAIN].url, URL_MAX, "%s/cert_chain", base);
	snprintf(j->piece[PIECE_CRL].url, URL_MAX, "%s/crl", base);
	free(id);
}

static enum ctpm_error verify(struct job *j, const struct ctpm_certs *certs, struct ctpm_why *why)
{
	return ctpm_report_chain(j->bytes.data, j->bytes.len, certs, j->trust.roots, time(NULL),
				 &j->chain, why);
}

static enum ctpm_error verify_pieces(struct job *j, struct ctpm_why *why)
{
	struct ctpm_certs *certs = ctpm_certs_new();
	enum ctpm_error error = certs ? CTPM_OK : CTPM_ERR_MEMORY;

	for (int i = 0; !error && i < PIECES; i++)
		error = ctpm_certs_add(certs, j->piece[i].data.data, j->piece[i].data.len, why);
	if (!error)
		error = verify(j, certs, why);
	ctpm_certs_free(certs);
	return error;
}

/* Those that come, or don't, from the cache */
static bool download_all(struct job *j, bool cached)
{
	for (int i = 0; i < PIECES; i++)
		if (j->piece[i].cached == cached && !download(j, &j->piece[i]))
			return false;
	return true;
}

/* What was kept may be damaged, or out of date: then it is fetched once more. */
static int from_server(struct job *j)
{
	struct ctpm_why why = { CTPM_OK, "" };
	enum ctpm_error error;
	bool any = false;

	if (!can_be_asked(j))
		return EXIT_UNDECIDED;
	make_urls(j);
	for (int i = 0; i < PIECES; i++) {
		read_cache(j, &j->piece[i], i == PIECE_CRL);
		any |= j->piece[i].cached;
	}
	if (!download_all(j, false))
		return EXIT_UNDECIDED;
	error = verify_pieces(j, &why);
	if (error && any) {
		if (!download_all(j, true))
			return EXIT_UNDECIDED;
		error = verify_pieces(j, &why);
	}
	if (error)
		return fail_why("what the server gave", error, &why);
	write_cache(j);
	return EXIT_ACCEPTED;
}

static int from_table(struct job *j)
{
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_certs *certs = ctpm_certs_new();
	struct buffer table;
	enum ctpm_error error;

	if (!read_file(j->table, CTPM_CERTS_SIZE_MAX, &table)) {
		ctpm_certs_free(certs);
		return EXIT_UNDECIDED;
	}
	error = certs ? ctpm_certs_add_table(certs, table.data, table.len, &why) : CTPM_ERR_MEMORY;
	if (!error)
		error = verify(j, certs, &why);
	buffer_free(&table);
	ctpm_certs_free(certs);
	return error ? fail_why(j->table, error, &why) : EXIT_ACCEPTED;
}

/*
 * Output
 */

static const char *file_name(const struct job *j, enum ctpm_cert_kind kind)
{
	bool vlek = j->report.signing_key == CTPM_KEY_VLEK;

	switch (kind) {
	case CTPM_CERT_LEAF:
		return vlek ? "vlek.pem" : "vcek.pem";
	case CTPM_CERT_ISSUER:
		return vlek ? "asvk.pem" : "ask.pem";
	case CTPM_CERT_ROOT:
		return "ark.pem";
	default:
		return "crl.pem";
	}
}

static bool write_one(const struct job *j, enum ctpm_cert_kind kind, json_t *files)
{
	char *pem = ctpm_certs_pem(j->chain, kind);
	char *path = j->output ? path_of(j->output, file_name(j, kind)) : NULL;
	bool ok = pem;

	if (!pem)
		fail("no memory");
	/* a table has no list */
	if (ok && *pem) {
		ok = write_file(path ? path : "-", pem, strlen(pem), 0644);
		if (path)
			json_array_append_new(files, json_text(path));
	}
	free(path);
	free(pem);
	return ok;
}

static int write_chain(const struct job *j)
{
	static const enum ctpm_cert_kind kinds[] = { CTPM_CERT_LEAF, CTPM_CERT_ISSUER,
						     CTPM_CERT_ROOT, CTPM_CERT_CRL };
	json_t *files = json_array();
	bool ok = true;

	if (j->output && mkdir(j->output, 0755) && errno != EEXIST) {
		fail("%s: %s", j->output, strerror(errno));
		ok = false;
	}
	for (size_t i = 0; ok && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		ok = write_one(j, kinds[i], files);
	if (ok && j->json)
		return print_json(json_pack("{s:o}", "files", files), EXIT_ACCEPTED);
	json_decref(files);
	return ok ? EXIT_ACCEPTED : EXIT_UNDECIDED;
}

static int fetch(struct job *j)
{
	struct ctpm_why why = { CTPM_OK, "" };
	enum ctpm_error error;
	int status;

	if (!trust_open(&j->trust) || !read_file(j->report_path, REPORT_FILE_MAX, &j->bytes))
		return EXIT_UNDECIDED;
	error = ctpm_report_parse(j->bytes.data, j->bytes.len, &j->report, &why);
	if (error)
		return fail_why(j->report_path, error, &why);
	status = j->table ? from_table(j) : from_server(j);
	return status == EXIT_ACCEPTED ? write_chain(j) : status;
}

static void clean(struct job *j)
{
	trust_close(&j->trust);
	buffer_free(&j->bytes);
	for (int i = 0; i < PIECES; i++)
		buffer_free(&j->piece[i].data);
	ctpm_certs_free(j->chain);
}

static void check_usage(const struct job *j, int argc, char **argv)
{
	if (optind != argc)
		usage("\"%s\" is one too many", argv[optind]);
	if (!j->report_path)
		usage("give the report that they are for: --report");
	if (j->url && (strlen(j->url) > BASE_MAX ||
		       (strncasecmp(j->url, "http://", 7) && strncasecmp(j->url, "https://", 8))))
		usage("a URL begins with http:// or https:// and has at most %d characters",
		      BASE_MAX);
	if (j->json && !j->output)
		usage("--json and the certificates cannot both have standard output: give -o");
}

static int certs_fetch(int argc, char **argv)
{
	static const struct option options[] = {
		{ "report", required_argument, NULL, 'r' },
		{ "table", required_argument, NULL, 't' },
		{ "cache", required_argument, NULL, 'c' },
		{ "output", required_argument, NULL, 'o' },
		{ "url", required_argument, NULL, 'u' },
		{ "product", required_argument, NULL, 'p' },
		{ ROOTS_OPTION },
		{ NO_AMD_OPTION },
		{ 0 },
	};
	struct job j = { .json = false };
	int o, status;

	while ((o = next_option(argc, argv, options, &j.json)) != -1)
		if (!trust_option(&j.trust, o, optarg))
			*(o == 'r'   ? &j.report_path
			  : o == 't' ? &j.table
			  : o == 'c' ? &j.cache
			  : o == 'o' ? &j.output
			  : o == 'u' ? &j.url
				     : &j.product_name) = optarg;
	check_usage(&j, argc, argv);
	status = fetch(&j);
	clean(&j);
	return status;
}

const struct verb certs_fetch_verb = {
	"certs fetch", certs_fetch, "get the certificates by which a report is AMD's",
	"usage: ctpm certs fetch --report FILE [OPTION]...\n\n"
	"Gets the certificates of a report, verifies the report with them, and writes them in PEM:\n"
	"VCEK, ASK, ARK and AMD's revocation list, one after another on standard output, or each\n"
	"in a file. They come from AMD's key server (KDS), unless a table is given.\n\n"
	"  --report FILE         the report; - for standard input\n"
	"  --table FILE          take them from this certificate table, without any network\n"
	"  --cache DIR           keep there what the server answers, and ask it but once\n"
	"  -o, --output DIR      write ark.pem, ask.pem, vcek.pem (asvk.pem, vlek.pem), crl.pem there\n"
	"  --product NAME        Milan, Genoa or Turin, for reports that don't tell\n"
	"  --url BASE            ask this server instead of " KDS_URL "\n" TRUST_HELP
	"  --json                with -o: name the files in a JSON object\n"
};
