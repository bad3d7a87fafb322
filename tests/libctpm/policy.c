// SPDX-License-Identifier: GPL-2.0-or-later
/* Policies: what is one, what is said of what is none, and those made from a boot. */
#include "guest.h"

#include <stdlib.h>

#define Z32 "00000000000000000000000000000000"
#define Z34 Z32 "00"
#define Z64 Z32 Z32
#define Z68 Z34 Z34
#define Z96 Z64 Z32

static enum ctpm_error parse(const char *text, size_t len, struct ctpm_policy **policy,
			     struct ctpm_why *why)
{
	/* of its own size, so that a sanitizer sees the end */
	char *own = malloc(len ? len : 1);
	enum ctpm_error error;

	memcpy(own, text, len);
	*why = (struct ctpm_why){ CTPM_OK, "" };
	error = ctpm_policy_parse(own, len, policy, why);
	assert_int_equal(why->code, error);
	assert_int_equal(!*policy, !!error);
	assert_int_equal(!why->text[0], !error);
	free(own);
	return error;
}

static void good(const char *text)
{
	struct ctpm_policy *policy;
	struct ctpm_why why;

	if (parse(text, strlen(text), &policy, &why))
		fail_msg("%s: %s", text, why.text);
	ctpm_policy_free(policy);
}

/* Refused, and the sentence has this in it */
static void bad(const char *text, size_t len, const char *says)
{
	struct ctpm_policy *policy;
	struct ctpm_why why;

	assert_int_equal(parse(text, len, &policy, &why), CTPM_ERR_POLICY_FORM);
	if (!strstr(why.text, says))
		fail_msg("%s: \"%s\" is not in: %s", text, says, why.text);
}

/* The least that a policy has, and @more */
static const char *with(const char *more)
{
	static char text[16384];

	snprintf(text, sizeof(text),
		 "{\"version\": 1, \"modes\": [\"svsm\"], \"measurements\": \"any\"%s%s}",
		 *more ? ", " : "", more);
	return text;
}

static void each_rule_is_taken(void **state)
{
	static const char *const rules[] = {
		"",
		"\"aks\": [{\"name\": \"" Z68 "\", \"ek\": \"" Z68 "\"}]",
		"\"allow_late\": true",
		"\"allow_late\": false",
		"\"allow_vouched_report\": true",
		"\"allow_vouched_report\": false",
		"\"require_fresh\": true",
		"\"require_ek_certificate\": true",
		"\"report_pcr\": 0",
		"\"report_pcr\": 15",
		"\"bind_vmpls\": [0, 1, 2, 3, 3]",
		"\"guest_policy\": {}",
		"\"guest_policy\": {\"smt\": true, \"migrate_ma\": false, \"debug\": null, "
		"\"single_socket\": null}",
		"\"tcb\": {}",
		"\"tcb\": {\"Milan\": {}, \"Genoa\": {\"bootloader\": 0, \"tee\": 255, \"snp\": 1, "
		"\"microcode\": 2}, \"Turin\": {\"fmc\": 3}}",
		"\"signing_keys\": [\"vlek\", \"vcek\"]",
		"\"host_data\": \"" Z64 "\"",
		"\"host_data\": [\"" Z64 "\", \"" Z64 "\"]",
		"\"id_key_digests\": \"" Z96 "\"",
		"\"author_key_digests\": [\"" Z96 "\"]",
		"\"chip_ids\": \"" Z64 Z64 "\"",
		"\"min_guest_svn\": 4294967295",
		"\"pcrs\": {}",
		"\"pcrs\": {\"sha256\": {\"0\": \"" Z64 "\", \"23\": [\"" Z64 "\"]}, "
		"\"sha384\": {\"7\": \"" Z96 "\"}, \"sha512\": {\"7\": \"" Z64 Z64 "\"}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		good(with(rules[i]));
	good("{\"version\": 1, \"modes\": [\"bind\", \"svsm\"], \"measurements\": \"" Z96 "\", "
	     "\"require_ek_certificate\": true}");
	good("{\"version\": 1, \"modes\": [\"bind\"], \"measurements\": [\"" Z96 "\"], "
	     "\"require_ek_certificate\": false}");
	good("{\"version\": 1, \"modes\": [\"svsm\"], \"measurements\": "
	     "\"ABCDEFabcdef00000000" Z64 "000000000000\"}");
}

static void mode_bind_must_say_whether_there_are_ek_certificates(void **state)
{
	static const char *const modes[] = { "[\"bind\"]", "[\"svsm\", \"bind\"]" };
	char text[256];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		snprintf(text, sizeof(text),
			 "{\"version\": 1, \"modes\": %s, \"measurements\": \"any\"}", modes[i]);
		bad(text, strlen(text), "\"require_ek_certificate\"");
	}
}

static void each_bad_value_is_named_by_its_key(void **state)
{
	static const struct {
		const char *rule, *says;
	} cases[] = {
		{ "\"aks\": []", "\"aks\"" },
		{ "\"aks\": {}", "\"aks\"" },
		{ "\"aks\": [1]", "\"aks\"" },
		{ "\"aks\": [{\"name\": \"" Z68 "\"}]", "\"aks\"" },
		{ "\"aks\": [{\"ek\": \"" Z68 "\", \"nam\": \"" Z68 "\"}]", "\"aks\"" },
		{ "\"aks\": [{\"name\": \"" Z68 "\", \"ek\": \"" Z64 "\"}]", "\"aks\"" },
		{ "\"aks\": [{\"name\": \"" Z68 "\", \"ek\": \"" Z68 "\", \"x\": 1}]", "\"aks\"" },
		{ "\"allow_late\": 1", "\"allow_late\"" },
		{ "\"allow_late\": null", "\"allow_late\"" },
		{ "\"allow_vouched_report\": 1", "\"allow_vouched_report\"" },
		{ "\"allow_vouched_report\": null", "\"allow_vouched_report\"" },
		{ "\"allow_late\": \"true\"", "\"allow_late\"" },
		{ "\"require_fresh\": 0", "\"require_fresh\"" },
		{ "\"require_ek_certificate\": 1", "\"require_ek_certificate\"" },
		{ "\"report_pcr\": 16", "\"report_pcr\"" },
		{ "\"report_pcr\": -1", "\"report_pcr\"" },
		{ "\"report_pcr\": 13.0", "\"report_pcr\"" },
		{ "\"report_pcr\": \"13\"", "\"report_pcr\"" },
		{ "\"bind_vmpls\": []", "\"bind_vmpls\"" },
		{ "\"bind_vmpls\": 0", "\"bind_vmpls\"" },
		{ "\"bind_vmpls\": [4]", "\"bind_vmpls\"" },
		{ "\"bind_vmpls\": [0, -1]", "\"bind_vmpls\"" },
		{ "\"guest_policy\": []", "\"guest_policy\"" },
		{ "\"guest_policy\": {\"Debug\": false}", "\"guest_policy\"" },
		{ "\"guest_policy\": {\"debug\": 0}", "\"debug\"" },
		{ "\"guest_policy\": {\"smt\": \"true\"}", "\"smt\"" },
		{ "\"tcb\": []", "\"tcb\"" },
		{ "\"tcb\": {\"milan\": {}}", "\"tcb\"" },
		{ "\"tcb\": {\"Milan\": 1}", "\"Milan\"" },
		{ "\"tcb\": {\"Milan\": {\"ucode\": 1}}", "\"Milan\"" },
		{ "\"tcb\": {\"Milan\": {\"snp\": 256}}", "\"snp\"" },
		{ "\"tcb\": {\"Milan\": {\"tee\": -1}}", "\"tee\"" },
		{ "\"tcb\": {\"Turin\": {\"fmc\": \"1\"}}", "\"fmc\"" },
		{ "\"signing_keys\": []", "\"signing_keys\"" },
		{ "\"signing_keys\": \"vcek\"", "\"signing_keys\"" },
		{ "\"signing_keys\": [\"VCEK\"]", "\"signing_keys\"" },
		{ "\"signing_keys\": [\"vcek\", 1]", "\"signing_keys\"" },
		{ "\"host_data\": []", "\"host_data\"" },
		{ "\"host_data\": {}", "\"host_data\"" },
		{ "\"host_data\": \"\"", "\"host_data\"" },
		{ "\"host_data\": \"" Z64 "00\"", "\"host_data\"" },
		{ "\"host_data\": \"" Z32 Z32 "0\"", "\"host_data\"" },
		{ "\"host_data\": [\"" Z64 "\", null]", "\"host_data\"" },
		{ "\"host_data\": \"" Z32 "0000000000000000000000000000000g\"", "\"host_data\"" },
		{ "\"host_data\": \"" Z32 "0000000000000000000000000000000 \"", "\"host_data\"" },
		{ "\"id_key_digests\": \"" Z64 "\"", "\"id_key_digests\"" },
		{ "\"author_key_digests\": 1", "\"author_key_digests\"" },
		{ "\"chip_ids\": \"" Z64 "\"", "\"chip_ids\"" },
		{ "\"min_guest_svn\": 4294967296", "\"min_guest_svn\"" },
		{ "\"min_guest_svn\": -1", "\"min_guest_svn\"" },
		{ "\"min_guest_svn\": true", "\"min_guest_svn\"" },
		{ "\"pcrs\": []", "\"pcrs\"" },
		{ "\"pcrs\": {\"sha1\": {}}", "\"pcrs\"" },
		{ "\"pcrs\": {\"sha256\": {}}", "\"sha256\"" },
		{ "\"pcrs\": {\"sha256\": 1}", "\"sha256\"" },
		{ "\"pcrs\": {\"sha256\": {\"24\": \"" Z64 "\"}}", "\"sha256\"" },
		{ "\"pcrs\": {\"sha256\": {\"-1\": \"" Z64 "\"}}", "\"sha256\"" },
		{ "\"pcrs\": {\"sha256\": {\"07\": \"" Z64 "\"}}", "\"sha256\"" },
		{ "\"pcrs\": {\"sha256\": {\"\": \"" Z64 "\"}}", "\"sha256\"" },
		{ "\"pcrs\": {\"sha256\": {\" 7\": \"" Z64 "\"}}", "\"sha256\"" },
		{ "\"pcrs\": {\"sha256\": {\"4294967296\": \"" Z64 "\"}}", "\"sha256\"" },
		{ "\"pcrs\": {\"sha256\": {\"7\": \"" Z96 "\"}}", "\"7\"" },
		{ "\"pcrs\": {\"sha384\": {\"7\": \"" Z64 "\"}}", "\"7\"" },
		{ "\"pcrs\": {\"sha384\": {\"7\": []}}", "\"7\"" },
		/* unknown, and mistyped */
		{ "\"allow_lat\": true", "\"allow_lat\"" },
		{ "\"Pcrs\": {}", "\"Pcrs\"" },
		{ "\"\": 1", "\"\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *text = with(cases[i].rule);

		bad(text, strlen(text), cases[i].says);
	}
}

static void version_modes_and_measurements_are_required(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "{}", "\"version\"" },
		{ "{\"modes\": [\"svsm\"], \"measurements\": \"any\"}", "\"version\"" },
		{ "{\"version\": 1, \"measurements\": \"any\"}", "\"modes\"" },
		{ "{\"version\": 1, \"modes\": [\"svsm\"]}", "\"measurements\"" },
		{ "{\"version\": 2, \"modes\": [\"svsm\"], \"measurements\": \"any\"}",
		  "\"version\"" },
		{ "{\"version\": 0, \"modes\": [\"svsm\"], \"measurements\": \"any\"}",
		  "\"version\"" },
		{ "{\"version\": \"1\", \"modes\": [\"svsm\"], \"measurements\": \"any\"}",
		  "\"version\"" },
		{ "{\"version\": 1, \"modes\": [], \"measurements\": \"any\"}", "\"modes\"" },
		{ "{\"version\": 1, \"modes\": \"svsm\", \"measurements\": \"any\"}", "\"modes\"" },
		{ "{\"version\": 1, \"modes\": [\"any\"], \"measurements\": \"any\"}",
		  "\"modes\"" },
		{ "{\"version\": 1, \"modes\": [\"svsm\"], \"measurements\": []}",
		  "\"measurements\"" },
		{ "{\"version\": 1, \"modes\": [\"svsm\"], \"measurements\": [\"any\"]}",
		  "\"measurements\"" },
		{ "{\"version\": 1, \"modes\": [\"svsm\"], \"measurements\": \"Any\"}",
		  "\"measurements\"" },
		{ "{\"version\": 1, \"modes\": [\"svsm\"], \"measurements\": \"" Z64 "\"}",
		  "\"measurements\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		bad(cases[i].text, strlen(cases[i].text), cases[i].says);
}

static void what_is_no_json_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"{",
		"[]",
		"1",
		"null",
		"{\"version\": 1, \"version\": 1}",
		"{\"version\": 1,}",
		"\xff",
	};
	const char *whole = with("");
	char text[512];
	size_t len = strlen(whole);

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		bad(texts[i], strlen(texts[i]), "policy");
	for (size_t n = 0; n < len; n++)
		bad(whole, n, "policy");
	memcpy(text, whole, len);
	memcpy(text + len, "{}", 3);
	bad(text, len + 2, "JSON");
	/* a zero within */
	text[len] = '\0';
	bad(text, len + 1, "JSON");
}

static void a_key_twice_is_refused(void **state)
{
	static const char *const rules[] = {
		"\"modes\": [\"bind\"]",
		"\"allow_late\": false, \"allow_late\": false",
		"\"guest_policy\": {\"debug\": false, \"debug\": true}",
		"\"pcrs\": {\"sha256\": {\"7\": \"" Z64 "\", \"7\": \"" Z64 "\"}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const char *text = with(rules[i]);

		bad(text, strlen(text), "duplicate");
	}
}

static void policies_and_lists_have_limits(void **state)
{
	char *text = malloc(CTPM_POLICY_SIZE_MAX + 1);
	size_t len = strlen(with(""));

	(void)state;
	memset(text, ' ', CTPM_POLICY_SIZE_MAX + 1);
	memcpy(text, with(""), len);
	bad(text, CTPM_POLICY_SIZE_MAX + 1, "bytes");
	text[CTPM_POLICY_SIZE_MAX] = '\0';
	good(text);
	for (int n = 4096; n <= 4097; n++) {
		char *at = text + sprintf(text, "{\"version\": 1, \"modes\": [\"svsm\"], "
						"\"measurements\": \"any\", \"host_data\": [");

		for (int i = 0; i < n; i++)
			at += sprintf(at, "%s\"" Z64 "\"", i ? "," : "");
		sprintf(at, "]}");
		if (n == 4096)
			good(text);
		else
			bad(text, strlen(text), "\"host_data\"");
	}
	free(text);
}

/* Nested deeper than any stack is */
static void deep_json_is_refused(void **state)
{
	size_t len = CTPM_POLICY_SIZE_MAX;
	char *text = malloc(len);

	(void)state;
	memset(text, '[', len);
	bad(text, len, "JSON");
	free(text);
}

/*
 * In sentences
 */

static void explains(const char *text, const char *says)
{
	struct ctpm_policy *policy;
	struct ctpm_why why;
	char *sentences;

	assert_int_equal(parse(text, strlen(text), &policy, &why), CTPM_OK);
	sentences = ctpm_policy_explain(policy);
	assert_non_null(sentences);
	if (!strstr(sentences, says))
		fail_msg("%s: \"%s\" is not in:\n%s", text, says, sentences);
	free(sentences);
	ctpm_policy_free(policy);
}

static void every_rule_is_explained(void **state)
{
	static const struct {
		const char *rule, *says;
	} cases[] = {
		{ "", "ANY launch measurement" },
		{ "", "mode svsm" },
		{ "", "PCR 13 " },
		{ "", "before user space could" },
		{ "", "must not have debug" },
		{ "", "must not have migrate_ma" },
		{ "", "Any TCB will do" },
		{ "\"aks\": [{\"name\": \"" Z68 "\", \"ek\": \"" Z68 "\"}]", "1 AKs" },
		{ "\"allow_late\": true", "after user space" },
		{ "\"allow_vouched_report\": true", "without AMD's signature" },
		{ "\"require_fresh\": true", "made for the challenge" },
		{ "\"require_ek_certificate\": true", "EK certificate" },
		{ "\"report_pcr\": 12", "PCR 12 " },
		{ "\"guest_policy\": {\"smt\": true}", "must have smt" },
		{ "\"guest_policy\": {\"single_socket\": false}", "must not have single_socket" },
		{ "\"tcb\": {\"Milan\": {\"bootloader\": 201, \"tee\": 202, \"snp\": 203, "
		  "\"microcode\": 204}}",
		  "On Milan the TCB must be at least: boot loader 201, TEE 202, SNP firmware 203, "
		  "microcode 204" },
		{ "\"tcb\": {\"Turin\": {\"fmc\": 205}}", "FMC 205" },
		{ "\"tcb\": {\"Turin\": {\"fmc\": 205}}", "No other product" },
		{ "\"tcb\": {}", "NO product will do" },
		{ "\"signing_keys\": [\"vcek\"]", "signed by a VCEK" },
		{ "\"signing_keys\": [\"vlek\"]", "signed by a VLEK" },
		{ "\"host_data\": \"" Z64 "\"", "HOST_DATA must be this one:\n    " Z64 "\n" },
		{ "\"id_key_digests\": \"" Z96 "\"", "ID key must be this one:\n    " Z96 "\n" },
		{ "\"author_key_digests\": [\"" Z96 "\", \"" Z96 "\"]",
		  "author key must be one of\n    " Z96 "\n    " Z96 "\n" },
		{ "\"chip_ids\": \"" Z64 Z64 "\"", "chip's id must be this one:\n    " Z64 Z64 },
		{ "\"min_guest_svn\": 77", "at least 77" },
		{ "\"pcrs\": {\"sha256\": {\"4\": \"" Z64 "\"}}",
		  "PCR 4 (SHA-256) must be this one:\n    " Z64 "\n" },
		{ "\"pcrs\": {\"sha512\": {\"5\": \"" Z64 Z64 "\"}}", "PCR 5 (SHA-512)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		explains(with(cases[i].rule), cases[i].says);
	explains("{\"version\": 1, \"modes\": [\"svsm\"], \"measurements\": \"" Z96 "\"}",
		 "The launch measurement must be this one:\n    " Z96);
	explains("{\"version\": 1, \"modes\": [\"bind\"], \"measurements\": \"any\", "
		 "\"bind_vmpls\": [0, 2], \"require_ek_certificate\": true}",
		 "report of VMPL 2");
	explains("{\"version\": 1, \"modes\": [\"bind\"], \"measurements\": \"any\", "
		 "\"require_ek_certificate\": false}",
		 "In mode bind it need NOT be a TPM");
	explains("{\"version\": 1, \"modes\": [\"bind\", \"svsm\"], \"measurements\": \"any\", "
		 "\"require_ek_certificate\": true}",
		 "may come in mode bind as well");
	explains(with("\"pcrs\": {\"sha256\": {\"4\": \"" Z64 "\"}, "
		      "\"sha384\": {\"7\": \"" Z96 "\"}}"),
		 "of one bank, which the guest chooses");
}

/*
 * From a reference boot
 */

static void make_policy(struct scene *s, uint32_t pcrs)
{
	char *text;

	assert_int_equal(ctpm_policy_make(&s->g.claims, pcrs, &text, NULL), CTPM_OK);
	verifier_policy(&s->v, text);
	free(text);
}

#define PCRS (1u << 4 | 1u << 7)

static void a_reference_fulfils_its_own_policy(struct scene *s)
{
	make_policy(s, PCRS);
}

static void a_bound_reference_fulfils_its_own_policy(struct scene *s)
{
	make_policy(s, PCRS);
}

static void a_bound_reference_of_vmpl_2_fulfils_its_own_policy(struct scene *s)
{
	s->g.vmpl = 2;
	guest_boot(&s->g);
	guest_attest(&s->g, &s->v);
	make_policy(s, PCRS);
}

static void a_turin_fulfils_its_own_policy(struct scene *s)
{
	make_policy(s, PCRS);
}

static void a_reference_without_pcrs_fulfils_its_own_policy(struct scene *s)
{
	make_policy(s, 0);
}

static void the_policy_of_a_debugged_reference_accepts_it(struct scene *s)
{
	s->g.m.config.policy |= SNP_POLICY_DEBUG | SNP_POLICY_SINGLE_SOCKET;
	machine_stop(&s->g.m);
	machine_start(&s->g.m);
	guest_boot(&s->g);
	guest_attest(&s->g, &s->v);
	make_policy(s, PCRS);
}

static void other_pcrs_than_the_references_are_refused(struct scene *s)
{
	make_policy(s, PCRS);
	s->g.pcrs.value[7][31] ^= 1;
	guest_attest(&s->g, &s->v);
}

static void pcrs_that_are_not_golden_may_differ(struct scene *s)
{
	make_policy(s, PCRS);
	s->g.pcrs.value[8][31] ^= 1;
	guest_attest(&s->g, &s->v);
}

static void an_older_tcb_than_the_references_is_refused(struct scene *s)
{
	make_policy(s, PCRS);
	s->g.m.config.reported_tcb.microcode--;
	machine_stop(&s->g.m);
	machine_start(&s->g.m);
	s->g.certs.len = snp_sp_cert_table(s->g.m.sp, s->g.certs.data, sizeof(s->g.certs.data));
	guest_boot(&s->g);
	guest_attest(&s->g, &s->v);
}

static void another_guest_policy_than_the_references_is_refused(struct scene *s)
{
	make_policy(s, PCRS);
	s->g.m.config.policy &= ~SNP_POLICY_SMT;
	s->g.m.config.platform_info &= ~SNP_PLATFORM_SMT_EN;
	machine_stop(&s->g.m);
	machine_start(&s->g.m);
	guest_boot(&s->g);
	guest_attest(&s->g, &s->v);
}

static void no_policy_is_made_of_pcrs_that_are_not_there(void **state)
{
	struct ctpm_why why = { CTPM_OK, "" };
	struct scene s;
	char *text;

	(void)state;
	scene_start(&s, CTPM_MODE_SVSM);
	assert_int_equal(ctpm_policy_make(&s.g.claims, 1u << 16, &text, &why), CTPM_ERR_ARGUMENT);
	assert_int_equal(why.code, CTPM_ERR_ARGUMENT);
	assert_null(text);
	s.g.report[0] = 1;
	assert_int_equal(ctpm_policy_make(&s.g.claims, PCRS, &text, &why), CTPM_ERR_REPORT_VERSION);
	assert_null(text);
	scene_end(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(each_rule_is_taken),
	cmocka_unit_test(mode_bind_must_say_whether_there_are_ek_certificates),
	cmocka_unit_test(each_bad_value_is_named_by_its_key),
	cmocka_unit_test(version_modes_and_measurements_are_required),
	cmocka_unit_test(what_is_no_json_is_refused),
	cmocka_unit_test(a_key_twice_is_refused),
	cmocka_unit_test(policies_and_lists_have_limits),
	cmocka_unit_test(deep_json_is_refused),
	cmocka_unit_test(every_rule_is_explained),
	SCENE(a_reference_fulfils_its_own_policy, SENT, 0),
	SCENE_BOUND(a_bound_reference_fulfils_its_own_policy, SENT, 0),
	SCENE_BOUND(a_bound_reference_of_vmpl_2_fulfils_its_own_policy, SENT, 0),
	SCENE_TURIN(a_turin_fulfils_its_own_policy, SENT, 0),
	SCENE(a_reference_without_pcrs_fulfils_its_own_policy, SENT, 0),
	SCENE(the_policy_of_a_debugged_reference_accepts_it, SENT, 0),
	SCENE(other_pcrs_than_the_references_are_refused, SENT, BY(PCRS)),
	SCENE(pcrs_that_are_not_golden_may_differ, SENT, 0),
	SCENE(an_older_tcb_than_the_references_is_refused, SENT, BY(TCB)),
	SCENE(another_guest_policy_than_the_references_is_refused, SENT, BY(GUEST_POLICY)),
	cmocka_unit_test(no_policy_is_made_of_pcrs_that_are_not_there),
};

SUITE(policy_suite, tests);
