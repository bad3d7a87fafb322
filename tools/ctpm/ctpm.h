/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ctpm command. In a guest:
 *
 *	status.c	what there is
 *	tpm.c		the TPM, by tpm2-tss
 *	ak.c		its attestation key
 *	binding.c	what ctpm.ko, or "ctpm bind", has published
 *	tsm.c		reports, by configfs-tsm
 *	attest.c	evidence for a challenge
 *	enroll.c	an AK certificate from the Owner CA
 *	seal.c		secrets for values of PCRs, such as the launch identity's
 *	bind.c		a TPM outside the SVSM
 *	provision.c	an EK certificate in the TPM's NV
 *
 * and anywhere:
 *
 *	verify.c	evidence appraised; options.c: whom to trust
 *	report.c	reports shown and verified
 *	show.c		evidence and logs for people
 *	extract.c	evidence in parts, for other programs
 *	policy.c	policies made, checked, explained
 *	ca.c		the Owner CA
 *	certs.c		AMD's certificates, fetched (http.c)
 *
 *	challenge.c	a challenge made
 *
 *	main.c		the table of verbs; io.c: files, hex, messages
 */
#ifndef CTPM_H
#define CTPM_H

#include <ctpm/verify.h>
#include <jansson.h>
#include <stdio.h>

/* Exit status */
enum {
	EXIT_ACCEPTED = 0, /* or done */
	EXIT_REFUSED = 1,
	EXIT_USAGE = 2,
	EXIT_UNDECIDED = 3, /* or failed */
};

/*
 * A verb's function gets its own words, argv[0] being the verb's last one, and returns an
 * exit status.
 */
struct verb {
	const char *name; /* one word or two: "verify", "ca init" */
	int (*run)(int argc, char **argv);
	const char *summary;
	const char *help; /* what --help prints: usage and options */
};

/* The verb that runs, for messages */
extern const struct verb *verb;

/*
 * Options, by getopt_long, not abbreviated, and -o, which is an output's. Every verb takes --help
 * and --json besides its own; --help ends the program. Returns the option's value as given in
 * @options, or -1 at the end; a wrong one ends the program with EXIT_USAGE.
 */
struct option;
int next_option(int argc, char **argv, const struct option *options, bool *json);

/* A mistake in the command line: says so, and where help is; ends with EXIT_USAGE. */
__attribute__((format(printf, 1, 2), noreturn)) void usage(const char *format, ...);

/* "ctpm VERB: sentence" on standard error; returns EXIT_UNDECIDED. */
__attribute__((format(printf, 1, 2))) int fail(const char *format, ...);

/* The last sentence, for results in JSON */
const char *last_failure(void);

/* The same with the library's reason: EXIT_REFUSED or, for memory and the like, EXIT_UNDECIDED. */
int fail_why(const char *what, enum ctpm_error error, const struct ctpm_why *why);

/*
 * io.c
 */

/* A buffer of one's own; buffer_free() wipes it. */
struct buffer {
	uint8_t *data;
	size_t len;
};

void buffer_free(struct buffer *buffer);
struct ctpm_bytes buffer_bytes(const struct buffer *buffer);

/* A whole file, "-" for standard input, but once, of at most @max bytes; says why not. */
bool read_file(const char *path, size_t max, struct buffer *out);
/* The same, but a file that is not there is no failure: then empty. */
bool read_file_if_there(const char *path, size_t max, struct buffer *out);
/* The same of text: a zero follows, and there is none before */
bool read_text(const char *path, size_t max, struct buffer *out);
/*
 * All or nothing; into devices and pipes, "-" for standard output, as it comes. Says why not. Of
 * @mode the umask is taken away.
 */
bool write_file(const char *path, const void *data, size_t len, unsigned int mode);

/* A path of two parts, to be given to free(); never NULL */
char *path_of(const char *dir, const char *name);

/* A folder for root alone, if it isn't there */
bool make_dir(const char *path);

/* Hex of either case into bytes; false if it is no hex or more than @max bytes. */
bool parse_hex(const char *text, uint8_t *out, size_t max, size_t *len);
/* To be given to free(); never NULL */
char *to_hex(const void *data, size_t len);
/* A JSON string of it */
json_t *json_hex(const void *data, size_t len);

/* A JSON string of any bytes: those that are no UTF-8 become U+FFFD */
json_t *json_textn(const void *data, size_t len);
json_t *json_text(const char *text);

/* Prints, and gives back, an object; returns @status. */
int print_json(json_t *object, int status);

/* "ok" in green and so on, on a terminal (and without NO_COLOR); plain otherwise */
enum colour { GREEN, RED, YELLOW };
const char *coloured(const char *text, enum colour colour, char *room, size_t size);

/* PCR lists as tpm2-tools have them, "0,1,7" or "0-7,13"; false if it is none */
bool parse_pcrs(const char *text, uint32_t *mask);

#define TIME_MAX 253402300799 /* the last second that a certificate can name: of the year 9999 */

/* A number in decimal and nothing else, at most @max */
bool parse_number(const char *text, uint64_t max, uint64_t *number);

/*
 * options.c: whom a verifier trusts
 */

#define FOLDERS_MAX   16
#define OPTION_ROOTS  'R'
#define OPTION_NO_AMD 'N'
#define OPTION_CERTS  'C'
/* An entry each of a verb's options */
#define ROOTS_OPTION  "roots", required_argument, NULL, OPTION_ROOTS
#define NO_AMD_OPTION "no-amd-roots", no_argument, NULL, OPTION_NO_AMD
#define TRUST_HELP                                                                                 \
	"  --roots DIR           a folder of certificates in PEM: ark*.pem are trusted roots of\n" \
	"                        SNP, ca*.pem trusted Owner CAs, ek*.pem trusted issuers of EK\n"  \
	"                        certificates, crl*.pem revocation lists, others what reports\n"   \
	"                        may need besides; may be repeated\n"                              \
	"  --no-amd-roots        don't trust AMD's own roots\n"

/* For ctpm_verify(), and the same for ctpm_report_verify() */
struct trust {
	const char *folder[FOLDERS_MAX], *extra[FOLDERS_MAX];
	size_t folders, extras;
	bool no_amd;
	struct ctpm_verifier *verifier;
	struct ctpm_roots *roots;
	struct ctpm_certs *certs;
};

/* Takes one of these options; false if it is another */
bool trust_option(struct trust *trust, int option, const char *value);
/* Loads what the options name; says why not. To be closed in any case. */
bool trust_open(struct trust *trust);
void trust_close(struct trust *trust);

/* A policy's file; @text is its bytes, to be freed. Says why not. */
bool load_policy(const char *path, struct buffer *text, struct ctpm_policy **policy);

/*
 * verify.c
 */

int verdict_status(enum ctpm_verdict verdict);
/* A line for each check, and the verdict's; returns the exit status. */
int show_result(FILE *f, const struct ctpm_result *result);
/* The same as {"verdict": ..., "checks": {...}} */
json_t *json_result(const struct ctpm_result *result);

/*
 * report.c
 */

#define REPORT_FILE_MAX 4096 /* more than a report has, so that its size is told */

json_t *json_report(const struct ctpm_report *report);
json_t *json_word(uint64_t value); /* in hex, "0x..." */

/* A value under its name, indented, in printable ASCII; objects and arrays go on below it */
void show_json(const char *name, json_t *value, int indent);

/* An object, which is given back, by such lines or as JSON; returns @status. */
int show_object(json_t *o, bool json, int status);

/* Each beside its function; main.c has them in the order in which they are shown. */
extern const struct verb status_verb, ak_create_verb, attest_verb, enroll_request_verb,
	enroll_complete_verb, seal_verb, unseal_verb, bind_verb, provision_verb;
extern const struct verb challenge_verb, verify_verb, report_show_verb, report_verify_verb,
	evidence_show_verb, evidence_extract_verb, eventlog_verb, policy_init_verb,
	policy_check_verb, policy_explain_verb, ca_init_verb, ca_issue_verb, ca_revoke_verb,
	ca_crl_verb, certs_fetch_verb;

#endif
