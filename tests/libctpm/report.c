// SPDX-License-Identifier: GPL-2.0-or-later
/* The form of a report; signatures play no part here. */
#include "test.h"

/* Offsets in ATTESTATION_REPORT */
#define VERSION	    0x000
#define VMPL	    0x030
#define ALGORITHM   0x034
#define FLAGS	    0x048
#define RESERVED_4C 0x04c
#define RESERVED_2  0x188 /* of version 2 */
#define RESERVED_3  0x18b
#define BUILD_PAD   0x1eb
#define COMMIT_PAD  0x1ef
#define MITIGATION  0x1f8 /* reserved before version 5 */
#define RESERVED_5  0x208
#define R_PAD	    0x2d0
#define S_PAD	    0x318
#define SIG_PAD	    0x330

static void make(uint8_t report[CTPM_REPORT_SIZE], enum snp_product product, uint32_t version)
{
	struct machine m;

	machine_config(&m, product, KEYS);
	m.config.report_version = version;
	m.config.policy = 0x30000 | SNP_POLICY_DEBUG;
	m.config.platform_info = 0x25;
	memset(m.config.host_data, 0x11, sizeof(m.config.host_data));
	snp_sp_config_set_tcb(&m.config,
			      &(struct snp_tcb){ product == SNP_TURIN ? 1 : 0, 3, 4, 5, 201 });
	m.config.launch_mit_vector = 6;
	m.config.current_mit_vector = 7;
	machine_start(&m);
	memcpy(report, m.report, CTPM_REPORT_SIZE);
	machine_stop(&m);
}

static void refused(const uint8_t *report, size_t len, enum ctpm_error expected)
{
	static const struct ctpm_report zeros;
	struct ctpm_report r;
	struct ctpm_why why = { CTPM_OK, "" };

	memset(&r, 0xff, sizeof(r));
	assert_int_equal(ctpm_report_parse(report, len, &r, &why), expected);
	assert_int_equal(why.code, expected);
	assert_true(why.text[0]);
	assert_memory_equal(&r, &zeros, sizeof(r));
	assert_int_equal(ctpm_report_parse(report, len, &r, NULL), expected);
}

static void a_report_is_taken_apart(void **state)
{
	uint8_t report[CTPM_REPORT_SIZE], want[64];
	struct ctpm_report r;
	struct ctpm_tcb tcb;
	enum ctpm_product product;

	(void)state;
	make(report, SNP_TURIN, 5);
	assert_int_equal(ctpm_report_parse(report, sizeof(report), &r, NULL), CTPM_OK);
	assert_int_equal(r.version, 5);
	assert_int_equal(r.policy, 0x30000 | CTPM_POLICY_DEBUG);
	assert_int_equal(r.platform_info, 0x25);
	assert_int_equal(r.vmpl, 0);
	assert_int_equal(r.signing_key, CTPM_KEY_VCEK);
	memset(want, 0x5a, sizeof(want));
	assert_memory_equal(r.report_data, want, 64);
	memset(want, 0x11, sizeof(want));
	assert_memory_equal(r.host_data, want, 32);
	assert_memory_equal(r.measurement, report + 0x90, 48);
	assert_memory_equal(r.chip_id, report + 0x1a0, 64);
	assert_true(r.has_cpuid && r.has_mitigations);
	assert_int_equal(r.launch_mit_vector, 6);
	assert_int_equal(r.current_mit_vector, 7);
	assert_true(ctpm_report_product(&r, &product));
	assert_int_equal(product, CTPM_TURIN);
	tcb = ctpm_tcb_decode(product, r.reported_tcb);
	assert_int_equal(tcb.fmc, 1);
	assert_int_equal(tcb.bootloader, 3);
	assert_int_equal(tcb.tee, 4);
	assert_int_equal(tcb.snp, 5);
	assert_int_equal(tcb.microcode, 201);
}

static void each_product_is_told_from_version_3_on(void **state)
{
	static const struct {
		enum snp_product made;
		enum ctpm_product product;
		uint32_t version;
		bool told;
	} cases[] = {
		{ SNP_MILAN, CTPM_MILAN, 2, false }, { SNP_MILAN, CTPM_MILAN, 3, true },
		{ SNP_GENOA, CTPM_GENOA, 3, true },  { SNP_GENOA, CTPM_GENOA, 5, true },
		{ SNP_TURIN, CTPM_TURIN, 3, true },
	};
	uint8_t report[CTPM_REPORT_SIZE];
	struct ctpm_report r;
	enum ctpm_product product = CTPM_PRODUCTS;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		make(report, cases[i].made, cases[i].version);
		assert_int_equal(ctpm_report_parse(report, sizeof(report), &r, NULL), CTPM_OK);
		assert_int_equal(ctpm_report_product(&r, &product), cases[i].told);
		if (cases[i].told)
			assert_int_equal(product, cases[i].product);
		assert_int_equal(ctpm_tcb_decode(cases[i].product, r.reported_tcb).snp, 5);
	}
}

static void every_other_length_is_refused(void **state)
{
	uint8_t report[CTPM_REPORT_SIZE + 1] = { 0 };

	(void)state;
	make(report, SNP_MILAN, 3);
	for (size_t len = 0; len < CTPM_REPORT_SIZE; len++)
		refused(report, len, CTPM_ERR_REPORT_SIZE);
	refused(report, sizeof(report), CTPM_ERR_REPORT_SIZE);
}

/* One byte changed in a good report */
static void changed(uint32_t version, size_t offset, uint8_t value, enum ctpm_error expected)
{
	uint8_t report[CTPM_REPORT_SIZE];
	struct ctpm_report r;

	make(report, SNP_MILAN, version);
	assert_int_equal(ctpm_report_parse(report, sizeof(report), &r, NULL), CTPM_OK);
	report[offset] = value;
	refused(report, sizeof(report), expected);
}

static void other_versions_are_refused(void **state)
{
	(void)state;
	changed(3, VERSION, 0, CTPM_ERR_REPORT_VERSION);
	changed(3, VERSION, 1, CTPM_ERR_REPORT_VERSION);
	changed(3, VERSION, 6, CTPM_ERR_REPORT_VERSION);
	changed(3, VERSION + 3, 1, CTPM_ERR_REPORT_VERSION);
}

static void other_algorithms_are_refused(void **state)
{
	(void)state;
	changed(3, ALGORITHM, 0, CTPM_ERR_REPORT_ALGORITHM);
	changed(3, ALGORITHM, 2, CTPM_ERR_REPORT_ALGORITHM);
}

static void reserved_bytes_must_be_zero(void **state)
{
	static const struct {
		uint32_t version;
		size_t offset;
	} cases[] = {
		{ 3, FLAGS + 3 },	{ 3, RESERVED_4C },
		{ 2, RESERVED_2 },	{ 3, RESERVED_3 },
		{ 3, RESERVED_3 + 20 }, { 3, BUILD_PAD },
		{ 3, COMMIT_PAD },	{ 3, MITIGATION },
		{ 5, RESERVED_5 },	{ 5, 0x29f },
		{ 3, R_PAD },		{ 3, S_PAD },
		{ 3, SIG_PAD },		{ 3, CTPM_REPORT_SIZE - 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		changed(cases[i].version, cases[i].offset, 0x80, CTPM_ERR_REPORT_RESERVED);
	changed(3, FLAGS, 0x20, CTPM_ERR_REPORT_RESERVED);
}

static void values_without_a_meaning_are_refused(void **state)
{
	(void)state;
	changed(3, VMPL, 4, CTPM_ERR_REPORT_RESERVED);
	changed(3, FLAGS, 2 << 2, CTPM_ERR_REPORT_RESERVED);
}

static void every_error_has_a_name(void **state)
{
	(void)state;
	for (int i = 0; i < CTPM_ERRORS; i++)
		assert_string_not_equal(ctpm_error_name((enum ctpm_error)i), "unknown");
	assert_string_equal(ctpm_error_name(CTPM_ERRORS), "unknown");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_report_is_taken_apart),
	cmocka_unit_test(each_product_is_told_from_version_3_on),
	cmocka_unit_test(every_other_length_is_refused),
	cmocka_unit_test(other_versions_are_refused),
	cmocka_unit_test(other_algorithms_are_refused),
	cmocka_unit_test(reserved_bytes_must_be_zero),
	cmocka_unit_test(values_without_a_meaning_are_refused),
	cmocka_unit_test(every_error_has_a_name),
};

SUITE(report_suite, tests);
