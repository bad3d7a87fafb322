// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "test.h"

int main(void)
{
	const struct suite *suites[] = { &akcert_suite,	  &appraise_suite, &bits_suite,
					 &ca_suite,	  &ear_suite,	   &ekcert_suite,
					 &eventlog_suite, &genuine_suite,  &judge_suite,
					 &messages_suite, &policy_suite,   &report_suite,
					 &verify_suite,	  &vouched_suite };
	struct CMUnitTest *all;
	size_t total = 0, at = 0;
	int failed;

	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		total += suites[i]->count;
	all = calloc(total, sizeof(*all));
	if (!all)
		return 1;
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		memcpy(all + at, suites[i]->tests, suites[i]->count * sizeof(*all));
		at += suites[i]->count;
	}
	failed = _cmocka_run_group_tests("libctpm", all, total, NULL, NULL);
	free(all);
	return failed != 0;
}
