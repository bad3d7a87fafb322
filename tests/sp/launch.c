// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Launch digest against vectors of another program, ID block, secrets page.
 */
#include "sp_test.h"

#include <errno.h>
#include <stdlib.h>

#define RANGES_MAX 8

struct range {
	int type;
	uint64_t gpa;
	uint32_t seed;
	size_t pages;
};

struct vector {
	const char *name;
	size_t ranges;
	struct range range[RANGES_MAX];
	uint8_t ld[SNP_DIGEST_SIZE];
};

#include "launch_vectors.h"
#define VECTORS (sizeof(vectors) / sizeof(vectors[0]))

static uint8_t *fill(uint32_t seed, size_t pages)
{
	uint8_t *data = malloc(pages * TEST_PAGE);

	for (size_t i = 0; i < pages * TEST_PAGE; i++) {
		seed = seed * 1664525U + 1013904223U;
		data[i] = seed >> 24;
	}
	return data;
}

static void digest_of(const struct vector *v, uint8_t ld[SNP_DIGEST_SIZE])
{
	memset(ld, 0, SNP_DIGEST_SIZE);
	for (size_t i = 0; i < v->ranges; i++) {
		const struct range *r = &v->range[i];
		uint8_t *data = fill(r->seed, r->pages);

		assert_int_equal(snp_launch_digest_update(ld, (enum snp_page_type)r->type, r->gpa,
							  data, r->pages * TEST_PAGE),
				 SNP_FW_SUCCESS);
		free(data);
	}
}

static void launch_digest_equals_that_of_an_independent_program(void **state)
{
	uint8_t ld[SNP_DIGEST_SIZE];

	(void)state;
	for (size_t i = 0; i < VECTORS; i++) {
		digest_of(&vectors[i], ld);
		if (memcmp(ld, vectors[i].ld, sizeof(ld)) != 0)
			fail_msg("vector %s differs", vectors[i].name);
	}
}

static void launch_digest_depends_on_every_measured_byte_and_address(void **state)
{
	uint8_t *data = fill(99, 1), base[SNP_DIGEST_SIZE] = { 0 }, ld[SNP_DIGEST_SIZE];

	(void)state;
	snp_launch_digest_update(base, SNP_PAGE_NORMAL, 0x5000, data, TEST_PAGE);
	for (size_t i = 0; i < TEST_PAGE; i += 37) {
		data[i] ^= 1;
		memset(ld, 0, sizeof(ld));
		snp_launch_digest_update(ld, SNP_PAGE_NORMAL, 0x5000, data, TEST_PAGE);
		assert_memory_not_equal(ld, base, sizeof(ld));
		data[i] ^= 1;
	}
	memset(ld, 0, sizeof(ld));
	snp_launch_digest_update(ld, SNP_PAGE_NORMAL, 0x6000, data, TEST_PAGE);
	assert_memory_not_equal(ld, base, sizeof(ld));
	memset(ld, 0, sizeof(ld));
	snp_launch_digest_update(ld, SNP_PAGE_VMSA, 0x5000, data, TEST_PAGE);
	assert_memory_not_equal(ld, base, sizeof(ld));
	free(data);
}

static void content_of_unmeasured_pages_may_be_absent(void **state)
{
	static const int types[] = { SNP_PAGE_ZERO, SNP_PAGE_UNMEASURED, SNP_PAGE_SECRETS,
				     SNP_PAGE_CPUID };
	uint8_t *data = fill(1, 1);

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		uint8_t with[SNP_DIGEST_SIZE] = { 0 }, without[SNP_DIGEST_SIZE] = { 0 };

		assert_int_equal(snp_launch_digest_update(with, (enum snp_page_type)types[i], 0,
							  data, TEST_PAGE),
				 SNP_FW_SUCCESS);
		assert_int_equal(snp_launch_digest_update(without, (enum snp_page_type)types[i], 0,
							  NULL, TEST_PAGE),
				 SNP_FW_SUCCESS);
		assert_memory_equal(with, without, sizeof(with));
		assert_false(is_zero(with, sizeof(with)));
	}
	free(data);
}

static void impossible_launch_updates_are_refused_and_change_nothing(void **state)
{
	uint8_t data[2 * TEST_PAGE] = { 0 }, ld[SNP_DIGEST_SIZE] = { 0 };
	const struct {
		int type;
		uint64_t gpa;
		const uint8_t *data;
		size_t len;
	} bad[] = {
		{ 0, 0, data, TEST_PAGE },
		{ 7, 0, data, TEST_PAGE },
		{ SNP_PAGE_NORMAL, 0, data, 0 },
		{ SNP_PAGE_NORMAL, 0, data, TEST_PAGE - 1 },
		{ SNP_PAGE_NORMAL, 0, data, TEST_PAGE + 1 },
		{ SNP_PAGE_NORMAL, 8, data, TEST_PAGE },
		{ SNP_PAGE_NORMAL, 0, NULL, TEST_PAGE },
		{ SNP_PAGE_VMSA, 0, NULL, TEST_PAGE },
		{ SNP_PAGE_VMSA, 0, data, 2 * TEST_PAGE },
		{ SNP_PAGE_SECRETS, 0, data, 2 * TEST_PAGE },
		{ SNP_PAGE_CPUID, 0, data, 2 * TEST_PAGE },
		{ SNP_PAGE_ZERO, UINT64_MAX - 0xfff, NULL, 2 * TEST_PAGE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(snp_launch_digest_update(ld, (enum snp_page_type)bad[i].type,
							  bad[i].gpa, bad[i].data, bad[i].len),
				 SNP_FW_INVALID_PARAM);
		assert_true(is_zero(ld, sizeof(ld)));
	}
}

static void launch_is_finished_once_and_then_fixed(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct snp_sp *sp = sp_open(&config);
	uint8_t data[TEST_PAGE] = { 1 }, ld[SNP_DIGEST_SIZE], page[TEST_PAGE], report[1184];

	(void)state;
	assert_int_equal(snp_sp_guest_request(sp, data, page), SNP_FW_INVALID_GUEST_STATE);
	assert_int_equal(snp_sp_report(sp, 0, data, report), SNP_FW_INVALID_GUEST_STATE);
	assert_true(is_zero(report, sizeof(report)));
	assert_int_equal(snp_sp_launch_update(sp, SNP_PAGE_NORMAL, 0, data, TEST_PAGE), 0);
	assert_int_equal(snp_sp_launch_update(sp, SNP_PAGE_NORMAL, 1, data, TEST_PAGE),
			 SNP_FW_INVALID_PARAM);
	assert_string_not_equal(snp_sp_reason(sp), "");
	assert_int_equal(snp_sp_launch_finish(sp), 0);
	assert_string_equal(snp_sp_reason(sp), "");
	snp_sp_launch_digest(sp, ld);
	assert_int_equal(snp_sp_launch_finish(sp), SNP_FW_INVALID_GUEST_STATE);
	assert_int_equal(snp_sp_launch_update(sp, SNP_PAGE_NORMAL, 0, data, TEST_PAGE),
			 SNP_FW_INVALID_GUEST_STATE);
	assert_int_equal(snp_sp_report(sp, 0, data, report), SNP_FW_SUCCESS);
	assert_memory_equal(report + 0x90, ld, sizeof(ld));
	snp_sp_free(sp);
}

/*
 * ID block
 */

/* What SNP_LAUNCH_FINISH says to it; the report's first part if it succeeds */
static enum snp_fw_status id_try(const struct id *id, struct snp_sp_config config, bool author,
				 uint8_t report[SNP_REPORT_SIZE])
{
	static const uint8_t page[TEST_PAGE] = { 0x90, 0x90, 0xf4 };
	uint8_t data[64] = { 0 };
	enum snp_fw_status status;
	struct snp_sp *sp;

	config.id_block = id->block;
	config.id_auth = id->auth;
	config.author_key_en = author;
	sp = sp_open(&config);
	snp_sp_launch_update(sp, SNP_PAGE_NORMAL, 0x1000000, page, sizeof(page));
	status = snp_sp_launch_finish(sp);
	if (status)
		assert_string_not_equal(snp_sp_reason(sp), "");
	/* a refused launch leaves a guest that does not run */
	assert_int_equal(snp_sp_report(sp, 1, data, report),
			 status ? SNP_FW_INVALID_GUEST_STATE : SNP_FW_SUCCESS);
	snp_sp_free(sp);
	return status;
}

static void id_block_and_keys_appear_in_the_report(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	uint8_t report[SNP_REPORT_SIZE], digest[SNP_DIGEST_SIZE];
	struct id id;

	(void)state;
	id_make(&id, &config);
	assert_int_equal(id_try(&id, config, false, report), SNP_FW_SUCCESS);
	assert_int_equal(le32_at(report, 4), ID_GUEST_SVN);
	assert_memory_equal(report + 0x10, id.block + 0x30, 32);
	assert_int_equal(report[0x48] & 1, 0);
	EVP_Digest(id.auth + 0x240, 0x404, digest, NULL, EVP_sha384(), NULL);
	assert_memory_equal(report + 0xe0, digest, sizeof(digest));
	assert_true(is_zero(report + 0x110, SNP_DIGEST_SIZE));

	assert_int_equal(id_try(&id, config, true, report), SNP_FW_SUCCESS);
	assert_int_equal(report[0x48] & 1, 1);
	EVP_Digest(id.auth + 0x880, 0x404, digest, NULL, EVP_sha384(), NULL);
	assert_memory_equal(report + 0x110, digest, sizeof(digest));
	id_free(&id);
}

static void id_block_for_another_launch_is_refused(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	uint8_t report[SNP_REPORT_SIZE];
	struct id id;

	(void)state;
	id_make(&id, &config);
	id.block[47] ^= 1; /* LD */
	id_sign(&id);
	assert_int_equal(id_try(&id, config, true, report), SNP_FW_BAD_MEASUREMENT);
	id.block[47] ^= 1;
	id.block[0x5a] ^= 8; /* POLICY: debug */
	id_sign(&id);
	assert_int_equal(id_try(&id, config, true, report), SNP_FW_POLICY_FAILURE);
	id.block[0x5a] ^= 8;
	id.block[0x50] = 2; /* VERSION */
	id_sign(&id);
	assert_int_equal(id_try(&id, config, true, report), SNP_FW_INVALID_PARAM);
	id_free(&id);
}

/* Bytes of each signed or checked part of the authentication information */
static void id_block_with_a_flipped_bit_is_refused(void **state)
{
	static const struct {
		size_t from, to, step;
		enum snp_fw_status status;
		bool author; /* matters only with an author key */
	} part[] = {
		{ 0x00, 0x04, 1, SNP_FW_INVALID_PARAM, false },	     /* ID_KEY_ALGO */
		{ 0x04, 0x08, 1, SNP_FW_INVALID_PARAM, true },	     /* AUTH_KEY_ALGO */
		{ 0x08, 0x40, 5, SNP_FW_INVALID_PARAM, false },	     /* reserved */
		{ 0x40, 0x240, 13, SNP_FW_BAD_SIGNATURE, false },    /* ID_BLOCK_SIG */
		{ 0x240, 0x644, 17, SNP_FW_BAD_SIGNATURE, false },   /* ID_KEY */
		{ 0x644, 0x680, 7, SNP_FW_INVALID_PARAM, false },    /* reserved */
		{ 0x680, 0x880, 13, SNP_FW_BAD_SIGNATURE, true },    /* ID_KEY_SIG */
		{ 0x880, 0xc84, 17, SNP_FW_BAD_SIGNATURE, true },    /* AUTHOR_KEY */
		{ 0xc84, 0x1000, 101, SNP_FW_INVALID_PARAM, false }, /* reserved */
	};
	struct snp_sp_config config = test_config(SNP_MILAN);
	uint8_t report[SNP_REPORT_SIZE];
	struct id id;

	(void)state;
	id_make(&id, &config);
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		for (size_t at = part[i].from; at < part[i].to; at += part[i].step) {
			id.auth[at] ^= 1 << (at % 8);
			assert_int_equal(id_try(&id, config, true, report), part[i].status);
			assert_int_equal(id_try(&id, config, false, report),
					 part[i].author ? SNP_FW_SUCCESS : part[i].status);
			id.auth[at] ^= 1 << (at % 8);
		}
	}
	/* FAMILY_ID, IMAGE_ID, GUEST_SVN: covered by the signature alone */
	for (size_t at = 0x30; at < 0x58; at = at == 0x4f ? 0x54 : at + 1) {
		id.block[at] ^= 1;
		assert_int_equal(id_try(&id, config, false, report), SNP_FW_BAD_SIGNATURE);
		id.block[at] ^= 1;
	}
	assert_int_equal(id_try(&id, config, true, report), SNP_FW_SUCCESS);
	id_free(&id);
}

static void id_key_that_is_no_point_or_zero_signature_is_refused(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	uint8_t report[SNP_REPORT_SIZE];
	struct id id;

	(void)state;
	id_make(&id, &config);
	memset(id.auth + 0x40, 0, 512);
	assert_int_equal(id_try(&id, config, false, report), SNP_FW_BAD_SIGNATURE);
	id_sign(&id);
	memset(id.auth + 0x244, 0, 144); /* the point (0, 0) */
	assert_int_equal(id_try(&id, config, false, report), SNP_FW_BAD_SIGNATURE);
	memset(id.auth + 0x244, 0xff, 48); /* not a field element */
	assert_int_equal(id_try(&id, config, false, report), SNP_FW_BAD_SIGNATURE);
	id_free(&id);
}

/*
 * Secrets page
 */

static void secrets_page_without_svsm_has_all_keys(void **state)
{
	struct snp_sp_config config = test_config(SNP_GENOA);
	struct snp_sp *sp = sp_open(&config);
	uint8_t page[TEST_PAGE];

	(void)state;
	memset(page, 0xaa, sizeof(page));
	assert_int_equal(snp_sp_secrets_page(sp, NULL, page), 0);
	assert_int_equal(le32_at(page, 0), 3);
	assert_int_equal(le32_at(page, 4), 0);
	assert_int_equal(le32_at(page, 8), 0x00a10f11); /* Genoa, stepping 1 */
	assert_true(is_zero(page + 0x0c, 0x14));
	for (size_t i = 0; i < 4; i++) {
		assert_false(is_zero(page + 0x20 + 32 * i, 32));
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(page + 0x20 + 32 * i, page + 0x20 + 32 * j, 32);
	}
	assert_true(is_zero(page + 0xa0, 0xc0));
	assert_int_equal(le32_at(page, 0x160), 200);
	assert_true(is_zero(page + 0x164, TEST_PAGE - 0x164));
	snp_sp_free(sp);
}

static void secrets_page_under_an_svsm_lacks_the_keys_above_the_guest(void **state)
{
	struct snp_sp_config config = test_config(SNP_TURIN);
	struct snp_sp *sp = sp_open(&config);
	uint8_t full[TEST_PAGE], page[TEST_PAGE];

	(void)state;
	assert_int_equal(snp_sp_secrets_page(sp, NULL, full), 0);
	assert_int_equal(le32_at(full, 8), 0x00b00f21); /* Turin, stepping 1 */
	for (uint8_t vmpl = 1; vmpl <= 3; vmpl++) {
		struct snp_svsm svsm = { 0x10000000, 0x4000000, 0xfe0c000, 1, vmpl };

		memset(page, 0xaa, sizeof(page));
		assert_int_equal(snp_sp_secrets_page(sp, &svsm, page), 0);
		assert_true(is_zero(page + 0x20, 32 * vmpl));
		assert_memory_equal(page + 0x20 + 32 * vmpl, full + 0x20 + 32 * vmpl,
				    32 * (4 - vmpl));
		assert_int_equal(le64_at(page, 0x140), svsm.base);
		assert_int_equal(le64_at(page, 0x148), svsm.size);
		assert_int_equal(le64_at(page, 0x150), svsm.caa);
		assert_int_equal(le32_at(page, 0x158), 1);
		assert_int_equal(page[0x15c], vmpl);
		assert_true(is_zero(page + 0x15d, 3));
		assert_memory_equal(page + 0x160, full + 0x160, TEST_PAGE - 0x160);
	}
	snp_sp_free(sp);
}

static void secrets_page_for_an_impossible_vmpl_is_refused(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct snp_sp *sp = sp_open(&config);
	struct snp_svsm svsm = { .guest_vmpl = 0 };
	uint8_t page[TEST_PAGE];

	(void)state;
	assert_int_equal(snp_sp_secrets_page(sp, &svsm, page), -EINVAL);
	svsm.guest_vmpl = 4;
	assert_int_equal(snp_sp_secrets_page(sp, &svsm, page), -EINVAL);
	snp_sp_free(sp);
}

static void every_guest_has_its_own_keys_and_report_id(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct snp_sp *a = sp_running(&config), *b = sp_running(&config);
	uint8_t key_a[32], key_b[32], data[64] = { 0 }, ra[1184], rb[1184];

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		guest_vmpck(a, i, key_a);
		guest_vmpck(b, i, key_b);
		assert_memory_not_equal(key_a, key_b, 32);
	}
	assert_int_equal(snp_sp_report(a, 0, data, ra), 0);
	assert_int_equal(snp_sp_report(b, 0, data, rb), 0);
	assert_memory_not_equal(ra + 0x140, rb + 0x140, 32);
	assert_memory_equal(ra + 0x1a0, rb + 0x1a0, 64); /* the same chip, though */
	snp_sp_free(a);
	snp_sp_free(b);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(launch_digest_equals_that_of_an_independent_program),
	cmocka_unit_test(launch_digest_depends_on_every_measured_byte_and_address),
	cmocka_unit_test(content_of_unmeasured_pages_may_be_absent),
	cmocka_unit_test(impossible_launch_updates_are_refused_and_change_nothing),
	cmocka_unit_test(launch_is_finished_once_and_then_fixed),
	cmocka_unit_test(id_block_and_keys_appear_in_the_report),
	cmocka_unit_test(id_block_for_another_launch_is_refused),
	cmocka_unit_test(id_block_with_a_flipped_bit_is_refused),
	cmocka_unit_test(id_key_that_is_no_point_or_zero_signature_is_refused),
	cmocka_unit_test(secrets_page_without_svsm_has_all_keys),
	cmocka_unit_test(secrets_page_under_an_svsm_lacks_the_keys_above_the_guest),
	cmocka_unit_test(secrets_page_for_an_impossible_vmpl_is_refused),
	cmocka_unit_test(every_guest_has_its_own_keys_and_report_id),
};
SUITE(launch_suite, tests);
