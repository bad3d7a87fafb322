// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctpm.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* The PCR that the report is in: it has another value in each boot. */
static uint32_t report_pcrs(struct ctpm_bytes bytes)
{
	struct ctpm_event e;
	struct ctpm_log log;
	uint32_t mask = 0;

	if (ctpm_log_open(bytes.data, bytes.len, &log, NULL))
		return 0;
	while (!ctpm_log_at_end(&log) && !ctpm_log_next(&log, &e, NULL))
		if (e.kind == CTPM_EVENT_REPORT || e.kind == CTPM_EVENT_BIND_REPORT)
			mask |= 1u << e.pcr;
	return mask;
}

static int make(const char *evidence_path, uint32_t pcrs, const char *output)
{
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_evidence evidence;
	struct ctpm_claims claims;
	enum ctpm_error error;
	struct buffer file;
	char *text = NULL, *lines;
	int status = EXIT_UNDECIDED;

	if (!read_file(evidence_path, 2 * CTPM_EVIDENCE_SIZE_MAX, &file))
		return EXIT_UNDECIDED;
	error = ctpm_evidence_decode(file.data, file.len, &evidence, &why);
	if (!error)
		error = ctpm_claims_decode(evidence.claims.data, evidence.claims.len, &claims,
					   &why);
	if (!error && pcrs & report_pcrs(claims.log)) {
		buffer_free(&file);
		return fail("one of these PCRs holds the boot's report, which no other boot has: "
			    "leave it out");
	}
	if (!error)
		error = ctpm_policy_make(&claims, pcrs, &text, &why);
	buffer_free(&file);
	if (error)
		return fail_why(evidence_path, error, &why);
	if (asprintf(&lines, "%s\n", text) >= 0) {
		if (write_file(output, lines, strlen(lines), 0644))
			status = EXIT_ACCEPTED;
		free(lines);
	}
	free(text);
	return status;
}

static int policy_init(int argc, char **argv)
{
	static const struct option options[] = {
		{ "evidence", required_argument, NULL, 'e' },
		{ "pcrs", required_argument, NULL, 'p' },
		{ "output", required_argument, NULL, 'o' },
		{ 0 },
	};
	const char *evidence = NULL, *output = "-";
	uint32_t pcrs = 0;
	bool json = false; /* which a policy is anyway */
	int o;

	while ((o = next_option(argc, argv, options, &json)) != -1) {
		if (o == 'e')
			evidence = optarg;
		else if (o == 'o')
			output = optarg;
		else if (!parse_pcrs(optarg, &pcrs))
			usage("PCRs are a list such as 0-7,13");
	}
	if (!evidence || optind != argc)
		usage("give the evidence of a reference boot: --evidence");
	return make(evidence, pcrs, output);
}

static const char *only_file(int argc, char **argv, bool *json)
{
	static const struct option options[] = { { 0 } };

	while (next_option(argc, argv, options, json) != -1)
		;
	if (optind != argc - 1)
		usage("one policy is taken");
	return argv[optind];
}

static int policy_check(int argc, char **argv)
{
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_policy *policy;
	enum ctpm_error error;
	struct buffer text;
	bool json = false;
	const char *path = only_file(argc, argv, &json);

	if (!read_file(path, CTPM_POLICY_SIZE_MAX, &text))
		return EXIT_UNDECIDED;
	error = ctpm_policy_parse((const char *)text.data, text.len, &policy, &why);
	ctpm_policy_free(policy);
	buffer_free(&text);
	/* the sentence may quote the policy, and end within a character of it */
	if (json && error != CTPM_ERR_MEMORY)
		return print_json(json_pack("{s:b, s:o}", "valid", !error, "text",
					    json_text(error ? why.text : "")),
				  error ? EXIT_REFUSED : EXIT_ACCEPTED);
	if (error)
		return fail_why(path, error, &why);
	printf("%s: a policy\n", path);
	return EXIT_ACCEPTED;
}

static json_t *json_lines(char *text)
{
	json_t *lines = json_array();
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n")))
		if (*line)
			json_array_append_new(lines, json_text(line));
	return json_pack("{s:o}", "lines", lines);
}

static int policy_explain(int argc, char **argv)
{
	struct ctpm_policy *policy;
	struct buffer text = { NULL, 0 };
	bool json = false, ok;
	const char *path = only_file(argc, argv, &json);
	char *lines;
	int status = EXIT_ACCEPTED;

	ok = load_policy(path, &text, &policy);
	buffer_free(&text);
	if (!ok)
		return EXIT_UNDECIDED;
	lines = ctpm_policy_explain(policy);
	ctpm_policy_free(policy);
	if (!lines)
		return fail("no memory");
	if (json)
		status = print_json(json_lines(lines), status);
	else
		fputs(lines, stdout);
	free(lines);
	return status;
}

const struct verb policy_init_verb = {
	"policy init", policy_init, "make the policy that a reference boot fulfils",
	"usage: ctpm policy init --evidence FILE [OPTION]...\n\n"
	"Makes a policy from the evidence of a reference boot, in JSON: its mode, measurement and guest\n"
	"policy, its TCB as floor, and PCRs. The evidence is believed: verify it first.\n\n"
	"  --evidence FILE       of the reference boot\n"
	"  --pcrs LIST           PCRs whose values are to be the same, such as 0-7; default: none\n"
	"  -o, --output FILE     where to; default: standard output\n"
};

const struct verb policy_check_verb = {
	"policy check", policy_check, "say whether a file is a policy",
	"usage: ctpm policy check FILE [--json]\n\n"
	"Says whether a file, - for standard input, is a policy. The exit status is 1 if it is none.\n\n"
	"  --json                as a JSON object\n"
};

const struct verb policy_explain_verb = {
	"policy explain", policy_explain, "say in sentences what a policy accepts",
	"usage: ctpm policy explain FILE [--json]\n\n"
	"Says in sentences what a policy, - for standard input, accepts.\n\n"
	"  --json                the sentences in a JSON object\n"
};
