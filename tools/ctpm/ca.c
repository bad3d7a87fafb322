// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Owner CA is a folder:
 *
 *	ca.key		its private key, PEM
 *	ca.pem		its certificate, PEM
 *	index		a line for each certificate that it has issued: serial, AK name ("-": the
 *			certificate is the EK's), EK name, when it was issued, for how many days,
 *			when it was revoked or "-"
 *	crlnumber	the number of the last revocation list
 *	lock		held by whoever changes any of these
 *
 * Files are replaced, never changed, so that who reads sees one state or the other.
 */
#include "ctpm.h"

#include <ctpm/ca.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define KEY_SIZE_MAX   16384
#define INDEX_SIZE_MAX (64 * 1024 * 1024)
#define ISSUED_MAX     (INDEX_SIZE_MAX / 8 * 7) /* so that all can be revoked, with a date each */
#define CA_DAYS	       3650
#define AK_DAYS	       365
#define CRL_DAYS       30

#define SERIAL_DIGITS  (2 * CTPM_SERIAL_SIZE)
#define NAME_DIGITS    (2 * 66)

static int lock_folder(const char *dir)
{
	char *path = path_of(dir, "lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0 || flock(fd, LOCK_EX)) {
		fail("%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

static bool write_in(const char *dir, const char *name, const void *data, size_t len,
		     unsigned int mode)
{
	char *path = path_of(dir, name);
	bool ok = write_file(path, data, len, mode);

	free(path);
	return ok;
}

static bool read_in(const char *dir, const char *name, size_t max, struct buffer *out)
{
	char *path = path_of(dir, name);
	bool ok = read_text(path, max, out);

	free(path);
	return ok;
}

static struct ctpm_ca *open_ca(const char *dir)
{
	struct ctpm_why why = { CTPM_OK, "" };
	struct buffer key = { NULL, 0 }, cert = { NULL, 0 };
	struct ctpm_ca *ca = NULL;
	enum ctpm_error error;

	if (read_in(dir, "ca.key", KEY_SIZE_MAX, &key) &&
	    read_in(dir, "ca.pem", CTPM_CERTS_SIZE_MAX, &cert)) {
		error = ctpm_ca_open((const char *)key.data, (const char *)cert.data, &ca, &why);
		if (error)
			fail_why(dir, error, &why);
	}
	buffer_free(&key);
	buffer_free(&cert);
	return ca;
}

/*
 * The index
 */

struct entry {
	char serial[SERIAL_DIGITS + 1], ak[NAME_DIGITS + 1], ek[NAME_DIGITS + 1];
	char issued[32], days[8], revoked[32];
};

struct index {
	struct entry *entry;
	size_t count;
};

static bool parse_line(const char *line, struct entry *e)
{
	uint8_t serial[CTPM_SERIAL_SIZE];
	size_t len;
	int end = 0;

	return sscanf(line, "%40s %132s %132s %31s %7s %31s%n", e->serial, e->ak, e->ek, e->issued,
		      e->days, e->revoked, &end) == 6 &&
	       !line[end] && parse_hex(e->serial, serial, sizeof(serial), &len) &&
	       len == sizeof(serial);
}

static bool parse_index(const char *dir, char *text, struct index *index)
{
	size_t room = 0;
	char *line;

	for (const char *p = text; *p; p++)
		room += *p == '\n';
	index->entry = calloc(room + 1, sizeof(*index->entry));
	if (!index->entry) {
		fail("no memory");
		return false;
	}
	while ((line = strsep(&text, "\n"))) {
		if (!*line)
			continue;
		if (!parse_line(line, &index->entry[index->count++])) {
			fail("%s/index, line %zu: expected serial, AK and EK name, date, days, date "
			     "or -",
			     dir, index->count);
			return false;
		}
	}
	return true;
}

/* To be freed in any case */
static bool load_index(const char *dir, struct index *index)
{
	char *path = path_of(dir, "index");
	struct buffer text = { NULL, 0 };
	bool ok;

	*index = (struct index){ NULL, 0 };
	/* one that has issued nothing has none */
	ok = (access(path, F_OK) && errno == ENOENT) || read_text(path, INDEX_SIZE_MAX, &text);
	if (ok && text.data)
		ok = parse_index(dir, (char *)text.data, index);
	buffer_free(&text);
	free(path);
	return ok;
}

/* Not if it would have more than @max bytes: one that load_index() refuses is of no use */
static bool save_index(const char *dir, const struct index *index, size_t max)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	bool ok = f;

	for (size_t i = 0; ok && i < index->count; i++) {
		const struct entry *e = &index->entry[i];

		ok = fprintf(f, "%s %s %s %s %s %s\n", e->serial, e->ak, e->ek, e->issued, e->days,
			     e->revoked) > 0;
	}
	if (f && fclose(f))
		ok = false;
	if (!ok) {
		fail("no memory");
	} else if (len > max) {
		fail("%s/index is full: take out lines of certificates that have expired and were "
		     "not revoked, or make another Owner CA",
		     dir);
		ok = false;
	}
	ok = ok && write_in(dir, "index", text, len, 0644);
	free(text);
	return ok;
}

static void date_of(int64_t when, char text[32])
{
	time_t t = (time_t)when;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/*
 * Options that several have
 */

struct ca_options {
	const char *dir, *name, *curve, *policy, *output, *ek_cert;
	struct trust trust;
	uint64_t days;
	bool json;
};

static void parse(int argc, char **argv, const struct option *options, struct ca_options *o)
{
	int c;

	while ((c = next_option(argc, argv, options, &o->json)) != -1) {
		if (trust_option(&o->trust, c, optarg))
			continue;
		if (c == 'd')
			o->dir = optarg;
		else if (c == 'n')
			o->name = optarg;
		else if (c == 'c')
			o->curve = optarg;
		else if (c == 'p')
			o->policy = optarg;
		else if (c == 'o')
			o->output = optarg;
		else if (c == 'e')
			o->ek_cert = optarg;
		else if (!parse_number(optarg, 36500, &o->days) || !o->days)
			usage("days are 1 to 36500");
	}
	if (!o->dir)
		usage("give the Owner CA's folder: --dir");
}

/*
 * ca init
 */

static bool is_utf8(const char *text)
{
	json_t *string = json_string(text);
	bool ok = string;

	json_decref(string);
	return ok;
}

static bool is_empty(const char *dir)
{
	static const char *const files[] = { "ca.key", "ca.pem", "index", "crlnumber" };
	bool empty = true;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && empty; i++) {
		char *path = path_of(dir, files[i]);

		empty = access(path, F_OK) && errno == ENOENT;
		if (!empty)
			fail("%s is there already: an Owner CA is not overwritten", path);
		free(path);
	}
	return empty;
}

static bool make_ca(const struct ca_options *o)
{
	struct ctpm_why why = { CTPM_OK, "" };
	char *key, *cert, *path;
	enum ctpm_error error = ctpm_ca_init(o->name, o->curve, time(NULL), (unsigned int)o->days,
					     &key, &cert, &why);
	bool ok;

	if (error) {
		fail_why("the Owner CA", error, &why);
		return false;
	}
	ok = write_in(o->dir, "ca.key", key, strlen(key), 0600) &&
	     write_in(o->dir, "ca.pem", cert, strlen(cert), 0644);
	/* a key alone is no Owner CA, and in the way of the next attempt */
	if (!ok) {
		path = path_of(o->dir, "ca.key");
		unlink(path);
		free(path);
	}
	OPENSSL_cleanse(key, strlen(key));
	free(key);
	free(cert);
	return ok;
}

static int ca_init(int argc, char **argv)
{
	static const struct option options[] = {
		{ "dir", required_argument, NULL, 'd' },
		{ "name", required_argument, NULL, 'n' },
		{ "curve", required_argument, NULL, 'c' },
		{ "days", required_argument, NULL, 'D' },
		{ 0 },
	};
	struct ca_options o = { .days = CA_DAYS, .curve = "P-384" };
	bool ok;
	int lock;

	parse(argc, argv, options, &o);
	if (optind != argc || !o.name || !*o.name || strlen(o.name) > 64)
		usage("give the Owner CA a name of 1 to 64 characters: --name");
	if (!is_utf8(o.name))
		usage("the Owner CA's name is no UTF-8");
	if (strcmp(o.curve, "P-384") && strcmp(o.curve, "P-256"))
		usage("the curve is P-384 or P-256");
	if (!make_dir(o.dir))
		return EXIT_UNDECIDED;
	lock = lock_folder(o.dir);
	if (lock < 0)
		return EXIT_UNDECIDED;
	ok = is_empty(o.dir) && make_ca(&o);
	close(lock);
	if (!ok)
		return EXIT_UNDECIDED;
	if (o.json)
		return print_json(
			json_pack("{s:o, s:s}", "dir", json_text(o.dir), "certificate", "ca.pem"),
			EXIT_ACCEPTED);
	printf("%s/ca.pem is the Owner CA's certificate, for verifiers; keep ca.key to yourself\n",
	       o.dir);
	return EXIT_ACCEPTED;
}

/*
 * ca issue
 */

static bool is_revoked(const struct index *index, const char *ek)
{
	for (size_t i = 0; i < index->count; i++)
		if (!strcmp(index->entry[i].ek, ek) && strcmp(index->entry[i].revoked, "-"))
			return true;
	return false;
}

static bool append(struct index *index, const char *serial, const char *ak, const char *ek,
		   unsigned int days)
{
	struct entry *e = realloc(index->entry, (index->count + 1) * sizeof(*e));

	if (!e) {
		fail("no memory");
		return false;
	}
	index->entry = e;
	e += index->count++;
	snprintf(e->serial, sizeof(e->serial), "%s", serial);
	snprintf(e->ak, sizeof(e->ak), "%s", ak);
	snprintf(e->ek, sizeof(e->ek), "%s", ek);
	snprintf(e->days, sizeof(e->days), "%u", days);
	snprintf(e->revoked, sizeof(e->revoked), "-");
	date_of(time(NULL), e->issued);
	return true;
}

/*
 * Known before it is handed out, so that it can be revoked. A TPM has as many AKs as it likes, the
 * same ones after each boot: were any of them certified anew, a revocation would be of no use.
 */
static int record(const struct ca_options *o, const char *serial, const char *ak, const char *ek)
{
	int lock = lock_folder(o->dir), status = EXIT_UNDECIDED;
	struct index index;

	if (lock < 0)
		return EXIT_UNDECIDED;
	if (load_index(o->dir, &index)) {
		if (is_revoked(&index, ek)) {
			fail("a certificate of this TPM (EK %s) was revoked: it gets no other", ek);
			status = EXIT_REFUSED;
		} else if (append(&index, serial, ak, ek, (unsigned int)o->days) &&
			   save_index(o->dir, &index, ISSUED_MAX)) {
			status = EXIT_ACCEPTED;
		}
	}
	free(index.entry);
	close(lock);
	return status;
}

/* For "ctpm provision"; it says nothing that is secret */
static int certify_ek(const struct ca_options *o, const struct ctpm_ca *ca,
		      const struct buffer *request, const char *ek)
{
	struct ctpm_why why = { CTPM_OK, "" };
	uint8_t serial[CTPM_SERIAL_SIZE], *cert;
	enum ctpm_error error;
	char *serial_hex;
	size_t len;
	int status;

	error = ctpm_ca_certify_ek(ca, buffer_bytes(request), time(NULL), (unsigned int)o->days,
				   &cert, &len, serial, &why);
	if (error)
		return fail_why("the EK", error, &why);
	serial_hex = to_hex(serial, sizeof(serial));
	status = record(o, serial_hex, "-", ek);
	if (status == EXIT_ACCEPTED && !write_file(o->ek_cert, cert, len, 0644))
		status = EXIT_UNDECIDED;
	free(serial_hex);
	free(cert);
	return status;
}

static int answer(const struct ca_options *o, const struct buffer *request,
		  const struct ctpm_result *result, json_t *told)
{
	struct ctpm_why why = { CTPM_OK, "" };
	uint8_t serial[CTPM_SERIAL_SIZE] = { 0 }, *reply;
	struct ctpm_ca *ca = open_ca(o->dir);
	char *serial_hex, *ak, *ek;
	enum ctpm_error error;
	size_t len;
	int status;

	if (!ca)
		return EXIT_UNDECIDED;
	error = ctpm_ca_answer(ca, buffer_bytes(request), result, time(NULL), (unsigned int)o->days,
			       &reply, &len, serial, &why);
	ak = to_hex(result->ak_name, result->ak_name_len);
	ek = to_hex(result->ek_name, result->ek_name_len);
	serial_hex = to_hex(serial, sizeof(serial));
	if (error)
		status = fail_why("the request", error, &why);
	else
		status = o->ek_cert ? certify_ek(o, ca, request, ek) : EXIT_ACCEPTED;
	ctpm_ca_free(ca);
	if (status == EXIT_ACCEPTED)
		status = record(o, serial_hex, ak, ek);
	if (status == EXIT_ACCEPTED && !write_file(o->output, reply, len, 0644))
		status = EXIT_UNDECIDED;
	if (status == EXIT_ACCEPTED && told)
		json_object_set_new(told, "serial", json_string(serial_hex));
	free(serial_hex);
	free(ak);
	free(ek);
	free(reply);
	return status;
}

static int issue(struct ca_options *o, const char *path, struct ctpm_policy *policy,
		 const struct buffer *request)
{
	/* standard output may be for the reply */
	FILE *f = strcmp(o->output, "-") ? stdout : stderr;
	struct ctpm_result result;
	json_t *told = NULL;
	int status;

	ctpm_verify_request(o->trust.verifier, policy, buffer_bytes(request), time(NULL),
			    CTPM_VERIFY_EXPLAIN, &result);
	if (o->json) {
		told = json_result(&result);
		json_object_set_new(told, "request", json_text(path));
		json_object_set_new(told, "ak_name", json_hex(result.ak_name, result.ak_name_len));
		json_object_set_new(told, "ek_name", json_hex(result.ek_name, result.ek_name_len));
		status = verdict_status(result.verdict);
	} else {
		status = show_result(f, &result);
	}
	if (status == EXIT_ACCEPTED) {
		status = answer(o, request, &result, told);
		/* what the policy accepts may get nothing yet: the checks don't say why */
		if (told && status != EXIT_ACCEPTED)
			json_object_set_new(told, "text", json_text(last_failure()));
	}
	if (told)
		json_object_set_new(told, "issued", json_boolean(status == EXIT_ACCEPTED));
	return told ? print_json(told, status) : status;
}

static int ca_issue(int argc, char **argv)
{
	static const struct option options[] = {
		{ "dir", required_argument, NULL, 'd' },
		{ "policy", required_argument, NULL, 'p' },
		{ "days", required_argument, NULL, 'D' },
		{ "output", required_argument, NULL, 'o' },
		{ "ek-certificate", required_argument, NULL, 'e' },
		{ ROOTS_OPTION },
		{ NO_AMD_OPTION },
		{ 0 },
	};
	struct buffer policy_text = { NULL, 0 }, request = { NULL, 0 };
	struct ca_options o = { .days = AK_DAYS };
	struct ctpm_policy *policy = NULL;
	int status = EXIT_UNDECIDED;

	parse(argc, argv, options, &o);
	if (optind != argc - 1 || !o.policy || !o.output)
		usage("give a request, --policy, and with -o where the reply goes");
	if (o.json && !strcmp(o.output, "-"))
		usage("--json and the reply cannot both have standard output");
	if (o.ek_cert && (!strcmp(o.ek_cert, "-") || !strcmp(o.ek_cert, o.output)))
		usage("--ek-certificate takes a file of its own");
	if (trust_open(&o.trust) && load_policy(o.policy, &policy_text, &policy) &&
	    read_file(argv[optind], 2 * CTPM_EVIDENCE_SIZE_MAX, &request))
		status = issue(&o, argv[optind], policy, &request);
	trust_close(&o.trust);
	ctpm_policy_free(policy);
	buffer_free(&policy_text);
	buffer_free(&request);
	return status;
}

/*
 * ca revoke
 */

/* How many are revoked, and how many were before; the serials go to @told */
static size_t mark(struct index *index, const char *which, json_t *told)
{
	size_t found = 0;

	for (size_t i = 0; i < index->count; i++) {
		struct entry *e = &index->entry[i];

		if (strcasecmp(e->serial, which) && strcasecmp(e->ak, which) &&
		    strcasecmp(e->ek, which))
			continue;
		found++;
		if (!strcmp(e->revoked, "-"))
			date_of(time(NULL), e->revoked);
		json_array_append_new(told, json_string(e->serial));
	}
	return found;
}

static int ca_revoke(int argc, char **argv)
{
	static const struct option options[] = {
		{ "dir", required_argument, NULL, 'd' },
		{ 0 },
	};
	struct ca_options o = { .days = 1 };
	json_t *told = json_array();
	struct index index;
	size_t found = 0;
	bool loaded, ok;
	int lock;

	parse(argc, argv, options, &o);
	if (optind != argc - 1 || !strcmp(argv[optind], "-"))
		usage("one serial, or name of an AK or EK, is taken, in hex");
	lock = lock_folder(o.dir);
	if (lock < 0)
		return EXIT_UNDECIDED;
	loaded = load_index(o.dir, &index);
	if (loaded)
		found = mark(&index, argv[optind], told);
	ok = found && save_index(o.dir, &index, INDEX_SIZE_MAX);
	free(index.entry);
	close(lock);
	if (loaded && !found)
		fail("%s/index has no certificate with serial or name %s", o.dir, argv[optind]);
	else if (ok && !o.json)
		printf("%zu revoked; verifiers learn it from the next list (\"ctpm ca crl\")\n",
		       found);
	if (!ok || !o.json) {
		json_decref(told);
		return ok ? EXIT_ACCEPTED : EXIT_UNDECIDED;
	}
	return print_json(json_pack("{s:o}", "revoked", told), EXIT_ACCEPTED);
}

/*
 * ca crl
 */

/* One above all before, noted before it is used */
static bool next_number(const char *dir, uint64_t *number)
{
	char *path = path_of(dir, "crlnumber"), text[32];
	struct buffer last = { NULL, 0 };
	bool ok = (access(path, F_OK) && errno == ENOENT) || read_text(path, sizeof(text), &last);

	*number = 0;
	if (ok && last.data) {
		((char *)last.data)[strcspn((char *)last.data, "\n")] = '\0';
		ok = parse_number((char *)last.data, UINT64_MAX - 1, number);
		if (!ok)
			fail("%s: this is no number", path);
	}
	++*number;
	snprintf(text, sizeof(text), "%llu\n", (unsigned long long)*number);
	ok = ok && write_in(dir, "crlnumber", text, strlen(text), 0644);
	buffer_free(&last);
	free(path);
	return ok;
}

/* With a day's grace: clocks differ. What has no such date is in the list for good. */
static bool has_expired(const struct entry *e)
{
	struct tm tm = { 0 };
	const char *end = strptime(e->issued, "%Y-%m-%dT%H:%M:%SZ", &tm);
	uint64_t days;

	return end && !*end && parse_number(e->days, 36500, &days) &&
	       time(NULL) > timegm(&tm) + (time_t)(days + 1) * 86400;
}

/* What is revoked and would be valid otherwise, CTPM_SERIAL_SIZE bytes each; NULL without memory */
static uint8_t *revoked_serials(const struct index *index, size_t *count)
{
	uint8_t *serials = calloc(index->count + 1, CTPM_SERIAL_SIZE);
	size_t len;

	*count = 0;
	for (size_t i = 0; serials && i < index->count; i++)
		if (strcmp(index->entry[i].revoked, "-") && !has_expired(&index->entry[i]) &&
		    parse_hex(index->entry[i].serial, serials + *count * CTPM_SERIAL_SIZE,
			      CTPM_SERIAL_SIZE, &len))
			++*count;
	if (!serials)
		fail("no memory");
	return serials;
}

static char *make_crl(const struct ca_options *o, const struct ctpm_ca *ca,
		      const struct index *index, uint64_t *number, size_t *count)
{
	struct ctpm_why why = { CTPM_OK, "" };
	uint8_t *serials = revoked_serials(index, count);
	enum ctpm_error error;
	char *crl = NULL;

	if (serials && next_number(o->dir, number)) {
		error = ctpm_ca_crl(ca, serials, *count, *number, time(NULL), (unsigned int)o->days,
				    &crl, &why);
		if (error)
			fail_why("the list", error, &why);
	}
	free(serials);
	if (crl && strlen(crl) > CTPM_LISTS_SIZE_MAX) {
		fail("the list would have %zu bytes, verifiers take %d", strlen(crl),
		     CTPM_LISTS_SIZE_MAX);
		free(crl);
		crl = NULL;
	}
	return crl;
}

static int ca_crl(int argc, char **argv)
{
	static const struct option options[] = {
		{ "dir", required_argument, NULL, 'd' },
		{ "days", required_argument, NULL, 'D' },
		{ "output", required_argument, NULL, 'o' },
		{ 0 },
	};
	struct ca_options o = { .days = CRL_DAYS, .output = "-" };
	struct index index = { NULL, 0 };
	struct ctpm_ca *ca;
	uint64_t number = 0;
	size_t count = 0;
	char *crl = NULL;
	bool ok;
	int lock;

	parse(argc, argv, options, &o);
	if (optind != argc)
		usage("\"%s\" is one too many", argv[optind]);
	if (o.json && !strcmp(o.output, "-"))
		usage("--json and the list cannot both have standard output: give -o");
	lock = lock_folder(o.dir);
	if (lock < 0)
		return EXIT_UNDECIDED;
	ca = open_ca(o.dir);
	if (ca && load_index(o.dir, &index))
		crl = make_crl(&o, ca, &index, &number, &count);
	/* still under the lock: a list must not replace a later one */
	ok = crl && write_file(o.output, crl, strlen(crl), 0644);
	close(lock);
	ctpm_ca_free(ca);
	free(index.entry);
	free(crl);
	if (ok && o.json)
		return print_json(json_pack("{s:I, s:I}", "number", (json_int_t)number, "revoked",
					    (json_int_t)count),
				  EXIT_ACCEPTED);
	return ok ? EXIT_ACCEPTED : EXIT_UNDECIDED;
}

#define DIR_HELP "  --dir DIR             the Owner CA's folder\n"

const struct verb ca_init_verb = {
	"ca init", ca_init, "make an Owner CA",
	"usage: ctpm ca init --dir DIR --name NAME [OPTION]...\n\n"
	"Makes an Owner CA's key and certificate (ECDSA) in a folder, DIR/ca.key and DIR/ca.pem.\n"
	"Nothing is overwritten.\n\n" DIR_HELP "  --name NAME           its common name\n"
	"  --curve P-384|P-256   of its key; P-256 costs verifiers less; default: P-384\n"
	"  --days N              for how long it is valid; default: 3650\n"
	"  --json                say what was made as a JSON object\n"
};

const struct verb ca_issue_verb = {
	"ca issue", ca_issue, "certify the AK of a guest that the policy accepts",
	"usage: ctpm ca issue --dir DIR --policy FILE [OPTION]... REQUEST -o REPLY\n\n"
	"Verifies a request of \"ctpm enroll request\", and answers it with a certificate that\n"
	"only the TPM of that guest can read. The certificate is noted in DIR/index. A TPM of which a\n"
	"certificate was revoked gets none.\n\n" DIR_HELP
	"  --policy FILE         what is accepted\n" TRUST_HELP
	"  --days N              for how long the certificate is valid; default: 365\n"
	"  -o, --output FILE     where the reply goes\n"
	"  --ek-certificate FILE certify the EK, too, for \"ctpm provision\" (DER)\n"
	"  --json                print the checks as a JSON object, whether a certificate was\n"
	"                        issued, and if only the checks were passed, why not\n"
};

const struct verb ca_revoke_verb = {
	"ca revoke", ca_revoke, "revoke certificates",
	"usage: ctpm ca revoke --dir DIR SERIAL|AK-NAME|EK-NAME\n\n"
	"Revokes a certificate, or all of an AK, or of a TPM, as DIR/index has them. Verifiers learn it\n"
	"from the next list: \"ctpm ca crl\".\n\n" DIR_HELP
	"  --json                print the serials as a JSON object\n"
};

const struct verb ca_crl_verb = {
	"ca crl", ca_crl, "make a revocation list",
	"usage: ctpm ca crl --dir DIR [OPTION]...\n\n"
	"Makes a list of the certificates that are revoked, with the next number.\n\n" DIR_HELP
	"  --days N              for how long it is valid; default: 30\n"
	"  -o, --output FILE     where to; default: standard output\n"
	"  --json                say what is in it as a JSON object\n"
};
