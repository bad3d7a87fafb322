// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctpm.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct verb *const verbs[] = {
	/* in a guest */
	&status_verb,
	&attest_verb,
	&enroll_request_verb,
	&enroll_complete_verb,
	&seal_verb,
	&unseal_verb,
	&ak_create_verb,
	&bind_verb,
	&provision_verb,
	/* anywhere */
	&challenge_verb,
	&verify_verb,
	&report_show_verb,
	&report_verify_verb,
	&evidence_show_verb,
	&evidence_extract_verb,
	&eventlog_verb,
	&policy_init_verb,
	&policy_check_verb,
	&policy_explain_verb,
	&ca_init_verb,
	&ca_issue_verb,
	&ca_revoke_verb,
	&ca_crl_verb,
	&certs_fetch_verb,
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static const struct verb none = { "", NULL, NULL, NULL };
const struct verb *verb = &none;

static void print_help(FILE *f)
{
	fprintf(f, "usage: ctpm VERB [OPTION]...\n\n");
	for (size_t i = 0; i < VERBS; i++)
		fprintf(f, "  %-18s %s\n", verbs[i]->name, verbs[i]->summary);
	fprintf(f,
		"\n\"ctpm VERB --help\" says more, and so does the manual, ctpm(1).\n"
		"Exit status: 0 accepted or done, 1 refused, 2 usage, 3 not decided or failed.\n");
}

void usage(const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "ctpm%s%s: ", *verb->name ? " " : "", verb->name);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fprintf(stderr, "; see \"ctpm%s%s --help\"\n", *verb->name ? " " : "", verb->name);
	exit(EXIT_USAGE);
}

/* Whatever was done: what could not be printed has not been told. */
static int end(int status)
{
	if ((fflush(stdout) || ferror(stdout)) && status != EXIT_UNDECIDED)
		status = fail("cannot write the result to standard output");
	return status;
}

/* What getopt_long() gives: no short option's value, so that they can be told apart */
enum { OPTION_HELP = 256, OPTION_JSON, OPTION_OWN };

#define OPTIONS_MAX 32

int next_option(int argc, char **argv, const struct option *options, bool *json)
{
	static const struct option common[] = {
		{ "help", no_argument, NULL, OPTION_HELP },
		{ "json", no_argument, NULL, OPTION_JSON },
	};
	struct option all[OPTIONS_MAX + 3] = { { 0 } };
	const char *shorts = ":", *word;
	size_t n = 0;
	int c, at = 0;

	for (; options[n].name && n < OPTIONS_MAX; n++) {
		all[n] = options[n];
		all[n].val = OPTION_OWN + (int)n;
		if (options[n].val == 'o')
			shorts = ":o:";
	}
	memcpy(all + n, common, sizeof(common));
	opterr = 0;
	for (;;) {
		c = getopt_long(argc, argv, shorts, all, &at);
		if (c == ':' && optopt == 'o')
			usage("-o needs a value");
		if (c == ':')
			usage("%s needs a value", argv[optind - 1]);
		if (c == '?' && optopt > 0 && optopt < OPTION_HELP)
			usage("no option -%c is known", optopt);
		if (c == '?')
			usage(optopt ? "%s: it takes no value" : "no option %s is known",
			      argv[optind - 1]);
		if (c == -1 || c == 'o')
			return c;
		/* an abbreviation may be another option's tomorrow */
		word = argv[optind - (optarg && optarg == argv[optind - 1] ? 2 : 1)] + 2;
		if (strcspn(word, "=") != strlen(all[at].name))
			usage("no option --%s is known: is it --%s", word, all[at].name);
		if (c == OPTION_JSON) {
			*json = true;
			continue;
		}
		if (c == OPTION_HELP) {
			fputs(verb->help, stdout);
			exit(end(EXIT_ACCEPTED));
		}
		return options[c - OPTION_OWN].val;
	}
}

/* Is argv[1], or argv[1] and argv[2], this one? How many words it takes */
static int matches(const struct verb *v, int argc, char **argv)
{
	const char *space = strchr(v->name, ' ');
	size_t len = space ? (size_t)(space - v->name) : strlen(v->name);

	if (strlen(argv[1]) != len || strncmp(v->name, argv[1], len))
		return 0;
	if (!space)
		return 1;
	return argc > 2 && !strcmp(space + 1, argv[2]) ? 2 : 0;
}

/*
 * What is opened must not take the place of standard input or output that somebody has closed:
 * there reading and writing are to fail.
 */
static bool fill_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return false;
	return true;
}

int main(int argc, char **argv)
{
	if (!fill_standard())
		return EXIT_UNDECIDED;
	/* tpm2-tss logs to standard error what is said in a sentence anyway */
	setenv("TSS2_LOG", "all+none", 0);
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
		print_help(stdout);
		return end(EXIT_ACCEPTED);
	}
	for (size_t i = 0; i < VERBS; i++) {
		int words = matches(verbs[i], argc, argv);

		if (!words)
			continue;
		verb = verbs[i];
		return end(verb->run(argc - words, argv + words));
	}
	usage("no verb \"%s%s%s\" is known", argv[1], argc > 2 && *argv[2] != '-' ? " " : "",
	      argc > 2 && *argv[2] != '-' ? argv[2] : "");
}
