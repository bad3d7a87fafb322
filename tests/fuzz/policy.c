// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzz target: policies, and their sentences. */
#include <ctpm/policy.h>
#include <string.h>

#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_policy *policy;
	enum ctpm_error error = ctpm_policy_parse((const char *)data, size, &policy, &why);
	char *text;

	REQUIRE(error == why.code && !error == !why.text[0] && !error == !!policy);
	if (error)
		return 0;
	text = ctpm_policy_explain(policy);
	REQUIRE(text && strstr(text, "The report's digest must be") && strstr(text, "TCB"));
	free(text);
	ctpm_policy_free(policy);
	return 0;
}
