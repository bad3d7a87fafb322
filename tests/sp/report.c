// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Attestation reports as a verifier reads them: offsets by number, from the
 * ABI's table.
 */
#include "sp_test.h"

static void fill_data(uint8_t data[64])
{
	for (size_t i = 0; i < 64; i++)
		data[i] = (uint8_t)(i + 1);
}

static struct snp_sp_config full_config(enum snp_product product, uint32_t version)
{
	struct snp_sp_config config = test_config(product);
	uint8_t fmc = product == SNP_TURIN;

	config.report_version = version;
	config.current_tcb = (struct snp_tcb){ 5 * fmc, 10, 20, 30, 240 };
	config.reported_tcb = (struct snp_tcb){ 4 * fmc, 9, 19, 29, 230 };
	config.committed_tcb = (struct snp_tcb){ 3 * fmc, 8, 18, 28, 220 };
	config.launch_tcb = (struct snp_tcb){ 2 * fmc, 7, 17, 27, 210 };
	config.fw_major = 1;
	config.fw_minor = 77;
	config.fw_build = 33;
	config.platform_info = 0x25;
	config.cpuid_stepping = 2;
	config.launch_mit_vector = 0x1122334455667788;
	config.current_mit_vector = 0x99aabbccddeeff00;
	config.policy = 0xb0000 | 0x0137; /* debug; firmware 1.55 at least */
	memset(config.host_data, 0x4d, sizeof(config.host_data));
	return config;
}

static void check_common_fields(const struct snp_sp *sp, const uint8_t *r, uint32_t version)
{
	uint8_t ld[SNP_DIGEST_SIZE], data[64];

	fill_data(data);
	snp_sp_launch_digest(sp, ld);
	assert_int_equal(le32_at(r, 0x00), version);
	assert_int_equal(le32_at(r, 0x04), 0);
	assert_int_equal(le64_at(r, 0x08), 0xb0137);
	assert_true(is_zero(r + 0x10, 0x20)); /* family and image id: no ID block */
	assert_int_equal(le32_at(r, 0x30), 2);
	assert_int_equal(le32_at(r, 0x34), 1);
	assert_int_equal(le64_at(r, 0x40), 0x25);
	assert_int_equal(le32_at(r, 0x48), 0);
	assert_int_equal(le32_at(r, 0x4c), 0);
	assert_memory_equal(r + 0x50, data, 64);
	assert_memory_equal(r + 0x90, ld, sizeof(ld));
	for (size_t i = 0; i < 32; i++) {
		assert_int_equal(r[0xc0 + i], 0x4d);
		assert_int_equal(r[0x160 + i], 0xff);
	}
	assert_true(is_zero(r + 0xe0, 0x60));		 /* key digests */
	assert_false(is_zero(r + 0x140, 32));		 /* report id */
	assert_int_equal(le32_at(r, 0x1e8), 0x00014d21); /* 1.77.33 */
	assert_int_equal(le32_at(r, 0x1ec), 0x00014d21);
}

static void check_tcb_fields(const uint8_t *r, enum snp_product product)
{
	bool turin = product == SNP_TURIN;

	assert_int_equal(le64_at(r, 0x38), turin ? 0xf00000001e140a05 : 0xf01e00000000140a);
	assert_int_equal(le64_at(r, 0x180), turin ? 0xe60000001d130904 : 0xe61d000000001309);
	assert_int_equal(le64_at(r, 0x1e0), turin ? 0xdc0000001c120803 : 0xdc1c000000001208);
	assert_int_equal(le64_at(r, 0x1f0), turin ? 0xd20000001b110702 : 0xd21b000000001107);
}

static void check_versioned_fields(const uint8_t *r, enum snp_product product, uint32_t version)
{
	static const uint8_t cpuid[][3] = {
		[SNP_MILAN] = { 0x19, 0x01, 2 },
		[SNP_GENOA] = { 0x19, 0x11, 2 },
		[SNP_TURIN] = { 0x1a, 0x02, 2 },
	};

	if (version >= 3)
		assert_memory_equal(r + 0x188, cpuid[product], 3);
	else
		assert_true(is_zero(r + 0x188, 3));
	assert_true(is_zero(r + 0x18b, 21));
	if (version >= 5) {
		assert_int_equal(le64_at(r, 0x1f8), 0x1122334455667788);
		assert_int_equal(le64_at(r, 0x200), 0x99aabbccddeeff00);
	} else {
		assert_true(is_zero(r + 0x1f8, 16));
	}
	assert_true(is_zero(r + 0x208, 0x2a0 - 0x208));
	assert_true(is_zero(r + 0x2a0 + 144, 512 - 144));
	assert_false(is_zero(r + 0x1a0, 8));
	assert_int_equal(is_zero(r + 0x1a8, 56), product == SNP_TURIN);
}

static void fields_of_every_product_and_version_are_at_their_offsets(void **state)
{
	static const uint32_t versions[] = { 2, 3, 5 };
	uint8_t data[64], report[SNP_REPORT_SIZE];

	(void)state;
	fill_data(data);
	for (int product = SNP_MILAN; product <= SNP_TURIN; product++) {
		for (size_t i = 0; i < 3; i++) {
			struct snp_sp_config config =
				full_config((enum snp_product)product, versions[i]);
			struct snp_sp *sp = sp_running(&config);
			EVP_PKEY *key = cert_key(sp, SNP_CERT_VCEK);

			memset(report, 0xaa, sizeof(report));
			assert_int_equal(snp_sp_report(sp, 2, data, report), SNP_FW_SUCCESS);
			check_common_fields(sp, report, versions[i]);
			check_tcb_fields(report, (enum snp_product)product);
			check_versioned_fields(report, (enum snp_product)product, versions[i]);
			assert_true(report_verifies(report, key));
			EVP_PKEY_free(key);
			snp_sp_free(sp);
		}
	}
}

static void report_with_any_byte_changed_does_not_verify(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct snp_sp *sp = sp_running(&config);
	EVP_PKEY *key = cert_key(sp, SNP_CERT_VCEK);
	uint8_t data[64], report[SNP_REPORT_SIZE];

	(void)state;
	fill_data(data);
	assert_int_equal(snp_sp_report(sp, 0, data, report), SNP_FW_SUCCESS);
	for (size_t i = 0; i < SNP_REPORT_SIZE; i++) {
		report[i] ^= 1 << (i % 8);
		assert_false(report_verifies(report, key));
		report[i] ^= 1 << (i % 8);
	}
	assert_true(report_verifies(report, key));
	EVP_PKEY_free(key);
	snp_sp_free(sp);
}

static void report_does_not_verify_with_another_platforms_key(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct snp_sp *a = sp_running(&config), *b;
	uint8_t data[64] = { 0 }, report[SNP_REPORT_SIZE];
	EVP_PKEY *key;

	(void)state;
	config.reported_tcb.microcode--; /* another VCEK of the same chip */
	b = sp_running(&config);
	key = cert_key(b, SNP_CERT_VCEK);
	assert_int_equal(snp_sp_report(a, 0, data, report), SNP_FW_SUCCESS);
	assert_false(report_verifies(report, key));
	EVP_PKEY_free(key);
	snp_sp_free(a);
	snp_sp_free(b);
}

static void loaded_vlek_signs_and_the_report_says_so(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	uint8_t data[64] = { 0 }, report[SNP_REPORT_SIZE];
	EVP_PKEY *vlek, *vcek;
	struct snp_sp *sp;

	(void)state;
	config.vlek = true;
	sp = sp_running(&config);
	vlek = cert_key(sp, SNP_CERT_VLEK);
	vcek = cert_key(sp, SNP_CERT_VCEK);
	assert_int_equal(snp_sp_report(sp, 0, data, report), SNP_FW_SUCCESS);
	assert_int_equal(le32_at(report, 0x48), 1 << 2);
	assert_true(report_verifies(report, vlek));
	assert_false(report_verifies(report, vcek));
	EVP_PKEY_free(vlek);
	EVP_PKEY_free(vcek);
	snp_sp_free(sp);
}

static void masked_chip_key_leaves_the_report_unsigned(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	uint8_t data[64] = { 0 }, report[SNP_REPORT_SIZE];
	struct snp_sp *sp;

	(void)state;
	config.mask_chip_key = true;
	config.mask_chip_id = true;
	sp = sp_running(&config);
	assert_int_equal(snp_sp_report(sp, 0, data, report), SNP_FW_SUCCESS);
	assert_int_equal(le32_at(report, 0x48), 1 << 1 | 7 << 2);
	assert_true(is_zero(report + 0x1a0, 64));
	assert_true(is_zero(report + 0x2a0, 512));
	snp_sp_free(sp);
}

static void masked_chip_key_does_not_keep_the_vlek_from_signing(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	uint8_t data[64] = { 0 }, report[SNP_REPORT_SIZE];
	struct snp_sp *sp;
	EVP_PKEY *vlek;

	(void)state;
	config.mask_chip_key = true;
	config.vlek = true;
	sp = sp_running(&config);
	vlek = cert_key(sp, SNP_CERT_VLEK);
	assert_int_equal(snp_sp_report(sp, 0, data, report), SNP_FW_SUCCESS);
	assert_int_equal(le32_at(report, 0x48), 1 << 1 | 1 << 2);
	assert_true(report_verifies(report, vlek));
	EVP_PKEY_free(vlek);
	snp_sp_free(sp);
}

static void disabled_vcek_without_vlek_gives_no_report(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	uint8_t data[64] = { 0 }, report[SNP_REPORT_SIZE];
	struct snp_sp *sp;

	(void)state;
	config.vcek_disabled = true;
	sp = sp_running(&config);
	memset(report, 0xaa, sizeof(report));
	assert_int_equal(snp_sp_report(sp, 0, data, report), SNP_FW_INVALID_KEY);
	assert_true(is_zero(report, sizeof(report)));
	assert_string_not_equal(snp_sp_reason(sp), "");
	snp_sp_free(sp);
}

static void report_for_a_vmpl_above_3_is_refused(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct snp_sp *sp = sp_running(&config);
	uint8_t data[64] = { 0 }, report[SNP_REPORT_SIZE];

	(void)state;
	for (uint32_t vmpl = 0; vmpl < 4; vmpl++) {
		assert_int_equal(snp_sp_report(sp, vmpl, data, report), SNP_FW_SUCCESS);
		assert_int_equal(le32_at(report, 0x30), vmpl);
	}
	assert_int_equal(snp_sp_report(sp, 4, data, report), SNP_FW_INVALID_PARAM);
	assert_int_equal(snp_sp_report(sp, UINT32_MAX, data, report), SNP_FW_INVALID_PARAM);
	assert_true(is_zero(report, sizeof(report)));
	snp_sp_free(sp);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(fields_of_every_product_and_version_are_at_their_offsets),
	cmocka_unit_test(report_with_any_byte_changed_does_not_verify),
	cmocka_unit_test(report_does_not_verify_with_another_platforms_key),
	cmocka_unit_test(loaded_vlek_signs_and_the_report_says_so),
	cmocka_unit_test(masked_chip_key_leaves_the_report_unsigned),
	cmocka_unit_test(masked_chip_key_does_not_keep_the_vlek_from_signing),
	cmocka_unit_test(disabled_vcek_without_vlek_gives_no_report),
	cmocka_unit_test(report_for_a_vmpl_above_3_is_refused),
};
SUITE(report_suite, tests);
