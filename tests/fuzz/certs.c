// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzz target: certificates and revocation lists, and the report that they are for.
 * The first byte says whether they come as a table; the report has the first
 * certificate's chip and is never signed by it.
 */
#include <ctpm/certs.h>
#include <string.h>

#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* version 2, VCEK, ECDSA P-384; TCB and chip all zeros */
	static const uint8_t report[CTPM_REPORT_SIZE] = { [0] = 2, [0x34] = 1 };
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_certs *certs = ctpm_certs_new();
	struct ctpm_roots *roots = ctpm_roots_new(true);
	struct ctpm_report r;
	enum ctpm_error error;

	REQUIRE(certs && roots);
	if (size) {
		error = data[0] & 1 ? ctpm_certs_add_table(certs, data + 1, size - 1, &why)
				    : ctpm_certs_add(certs, data + 1, size - 1, &why);
		REQUIRE(error == why.code && !error == !why.text[0]);
		/* whatever it was: what is there can be used, and proves nothing */
		ctpm_roots_add(roots, data + 1, size - 1, NULL);
		REQUIRE(ctpm_report_verify(report, sizeof(report), certs, roots, 1700000000, &r,
					   &why));
	}
	ctpm_roots_free(roots);
	ctpm_certs_free(certs);
	return 0;
}
