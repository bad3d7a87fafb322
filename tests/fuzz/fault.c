// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzz target: the text of --fault, several of them with newlines in between. */
#include "../../tools/snpemu/fault.c"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct options opt = { 0 };
	char *text = malloc(size + 1), *rest = text, *one;

	REQUIRE(text);
	memcpy(text, data, size);
	text[size] = '\0';
	while ((one = strsep(&rest, "\n"))) {
		char error[64] = "";
		unsigned int before = opt.n_faults;
		const struct fault *f;

		if (!fault_parse(&opt, one, error, sizeof(error))) {
			REQUIRE(error[0] && opt.n_faults == before);
			continue;
		}
		f = &opt.faults[before];
		REQUIRE(!error[0] && opt.n_faults == before + 1 && opt.n_faults <= FAULTS_MAX);
		REQUIRE(f->kind && (f->forever || f->left) && f->kind->takes_code == !!f->code);
	}
	free(text);
	return 0;
}
