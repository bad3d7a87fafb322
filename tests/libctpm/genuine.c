// SPDX-License-Identifier: GPL-2.0-or-later
/* AMD's own reports and certificates, with nothing trusted but the pinned roots. */
#include <stdio.h>

#include "test.h"

#define IN_2023 1690000000

static void genuine(const char *name, const char *chain, int64_t when, enum ctpm_error expected)
{
	struct ctpm_certs *certs = ctpm_certs_new();
	struct ctpm_roots *roots = ctpm_roots_new(true);
	struct ctpm_report r;
	struct ctpm_why why = { CTPM_OK, "" };
	uint8_t report[2048], cert[16384];
	char file[64];
	size_t len, n;

	snprintf(file, sizeof(file), "%s.report", name);
	len = read_data(file, report, sizeof(report));
	snprintf(file, sizeof(file), "%s.vcek.der", name);
	n = read_data(file, cert, sizeof(cert));
	assert_int_equal(ctpm_certs_add(certs, cert, n, NULL), CTPM_OK);
	n = read_data(chain, cert, sizeof(cert));
	assert_int_equal(ctpm_certs_add(certs, cert, n, NULL), CTPM_OK);
	if (ctpm_report_verify(report, len, certs, roots, when, &r, &why) != expected)
		fail_msg("%s: %s: %s", name, ctpm_error_name(why.code), why.text);
	ctpm_roots_free(roots);
	ctpm_certs_free(certs);
}

static void genuine_reports_are_accepted(void **state)
{
	(void)state;
	genuine("milan-1", "milan.cert_chain.pem", IN_2023, CTPM_OK);
	genuine("milan-2", "milan.cert_chain.pem", IN_2023, CTPM_OK);
}

static void genuine_reports_need_their_own_chain(void **state)
{
	(void)state;
	genuine("milan-1", "genoa.cert_chain.pem", IN_2023, CTPM_ERR_CERT_MISSING);
	genuine("milan-1", "milan.cert_chain.pem", 4102444800, CTPM_ERR_CERT_TIME);
}

static void every_pinned_root_is_amds(void **state)
{
	static const char *const chains[] = { "milan.cert_chain.pem", "genoa.cert_chain.pem",
					      "turin.cert_chain.pem" };
	struct machine m;
	uint8_t pem[16384];

	(void)state;
	/* the leaf is not theirs: had the root not been trusted, that would be said first */
	for (int i = 0; i < 3; i++) {
		struct ctpm_certs *certs = ctpm_certs_new();
		struct ctpm_roots *roots = ctpm_roots_new(true);
		struct ctpm_report r;
		const uint8_t *der;
		size_t len, n = read_data(chains[i], pem, sizeof(pem));

		machine_config(&m, (enum snp_product)i, KEYS);
		machine_start(&m);
		der = snp_sp_cert(m.sp, SNP_CERT_VCEK, &len);
		assert_int_equal(ctpm_certs_add(certs, pem, n, NULL), CTPM_OK);
		assert_int_equal(ctpm_certs_add(certs, der, len, NULL), CTPM_OK);
		assert_int_equal(ctpm_report_verify(m.report, sizeof(m.report), certs, roots,
						    time(NULL), &r, NULL),
				 CTPM_ERR_CERT_CHAIN);
		machine_stop(&m);
		ctpm_roots_free(roots);
		ctpm_certs_free(certs);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(genuine_reports_are_accepted),
	cmocka_unit_test(genuine_reports_need_their_own_chain),
	cmocka_unit_test(every_pinned_root_is_amds),
};

SUITE(genuine_suite, tests);
