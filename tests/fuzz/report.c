// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzz target: the form of an SNP report. */
#include <ctpm/report.h>
#include <string.h>

#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ctpm_report zeros;
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_report r;
	enum ctpm_product product;
	enum ctpm_error error = ctpm_report_parse(data, size, &r, &why);

	REQUIRE(error == why.code && !error == !why.text[0]);
	if (error) {
		REQUIRE(!memcmp(&r, &zeros, sizeof(r)));
		return 0;
	}
	REQUIRE(size == CTPM_REPORT_SIZE && r.version >= 2 && r.version <= 5 && r.vmpl <= 3);
	if (ctpm_report_product(&r, &product))
		REQUIRE(product < CTPM_PRODUCTS && r.has_cpuid);
	return 0;
}
