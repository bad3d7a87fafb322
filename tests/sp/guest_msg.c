// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Guest messages, from a guest that is written as Linux's driver is.
 */
#include "../../tools/snpemu/sp/internal.h"
#include "sp_test.h"

#include <stdio.h>

#include <openssl/rand.h>

static struct report_req some_report_req(void)
{
	struct report_req req = { .vmpl = 1 };

	memset(req.user_data, 0x5a, sizeof(req.user_data));
	return req;
}

/* The guest can still talk: nothing that went before moved the counter. */
static void assert_still_works(struct guest *g)
{
	struct report_req req = some_report_req();

	assert_int_equal(guest_send(g, REPORT_REQ, &req, sizeof(req)), SNP_FW_SUCCESS);
}

static void assert_refused(struct guest *g, enum snp_fw_status status)
{
	assert_int_equal(guest_issue(g), status);
	assert_true(is_zero((uint8_t *)&g->response, sizeof(g->response)));
	assert_string_not_equal(snp_sp_reason(g->sp), "");
}

static void seal_report_req(struct guest *g)
{
	struct report_req req = some_report_req();

	guest_header(&g->request, g->seqno + 1, REPORT_REQ, g->vmpck_id, sizeof(req));
	guest_encrypt(&g->request, g->vmpck, (uint8_t *)&req);
}

/*
 * Reports
 */

static void report_request_is_answered_as_linux_expects(void **state)
{
	struct guest g;
	struct report_req req = some_report_req();
	EVP_PKEY *key;

	(void)state;
	for (uint8_t vmpck = 0; vmpck < 4; vmpck++) {
		struct snp_sp_config config = test_config(SNP_GENOA);

		guest_open(&g, &config, vmpck);
		req.vmpl = vmpck;
		assert_int_equal(guest_send(&g, REPORT_REQ, &req, sizeof(req)), SNP_FW_SUCCESS);
		assert_int_equal(g.response.hdr.msg_sz, 0x20 + SNP_REPORT_SIZE);
		assert_int_equal(g.response.hdr.algo, 1);
		assert_int_equal(g.response.hdr.hdr_version, 1);
		assert_int_equal(g.response.hdr.hdr_sz, 0x60);
		assert_int_equal(g.response.hdr.msg_vmpck, vmpck);
		assert_true(is_zero(g.response.payload + g.response.hdr.msg_sz,
				    sizeof(g.response.payload) - g.response.hdr.msg_sz));
		assert_int_equal(le32_at(g.plain, 4), SNP_REPORT_SIZE);
		assert_true(is_zero(g.plain + 8, 0x18));
		assert_memory_equal(g.plain + 0x20 + 0x50, req.user_data, 64);
		assert_int_equal(le32_at(g.plain, 0x20 + 0x30), vmpck);
		key = cert_key(g.sp, SNP_CERT_VCEK);
		assert_true(report_verifies(g.plain + 0x20, key));
		EVP_PKEY_free(key);
		guest_close(&g);
	}
}

static void report_for_a_vmpl_above_the_keys_is_refused(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct report_req req = some_report_req();
	struct guest g;

	(void)state;
	for (uint8_t vmpck = 0; vmpck < 4; vmpck++) {
		guest_open(&g, &config, vmpck);
		for (uint32_t vmpl = 0; vmpl < 6; vmpl++) {
			bool ok = vmpl >= vmpck && vmpl <= 3;

			req.vmpl = vmpl;
			assert_int_equal(guest_send(&g, REPORT_REQ, &req, sizeof(req)),
					 ok ? SNP_FW_SUCCESS : SNP_FW_INVALID_PARAM);
			assert_int_equal(is_zero(g.plain + 0x20, SNP_REPORT_SIZE), !ok);
		}
		guest_close(&g);
	}
}

static void reserved_fields_of_a_report_request_are_refused(void **state)
{
	struct report_req req = some_report_req();
	uint8_t *bytes = (uint8_t *)&req;
	struct guest g;

	(void)state;
	guest_open_default(&g);
	for (size_t at = 0x45; at < 0x60; at++) {
		bytes[at] = 1;
		assert_int_equal(guest_send(&g, REPORT_REQ, &req, sizeof(req)),
				 SNP_FW_INVALID_PARAM);
		bytes[at] = 0;
	}
	req.key_sel = 4;
	assert_int_equal(guest_send(&g, REPORT_REQ, &req, sizeof(req)), SNP_FW_INVALID_PARAM);
	guest_close(&g);
}

static void key_selection_follows_what_is_loaded(void **state)
{
	static const struct {
		bool vlek, vcek_disabled;
		uint32_t status[4]; /* by KEY_SEL */
		int signer[4];
	} cases[] = {
		{ false, false, { 0, 0, 0x27, 0x27 }, { 0, 0, -1, -1 } },
		{ true, false, { 0, 0, 0, 0x27 }, { 1, 0, 1, -1 } },
		{ false, true, { 0x27, 0x27, 0x27, 0x27 }, { -1, -1, -1, -1 } },
		{ true, true, { 0, 0x27, 0, 0x27 }, { 1, -1, 1, -1 } },
	};
	struct report_req req = some_report_req();
	struct guest g;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct snp_sp_config config = test_config(SNP_MILAN);

		config.vlek = cases[i].vlek;
		config.vcek_disabled = cases[i].vcek_disabled;
		guest_open(&g, &config, 1);
		for (req.key_sel = 0; req.key_sel < 4; req.key_sel++) {
			uint32_t sel = req.key_sel;

			assert_int_equal(guest_send(&g, REPORT_REQ, &req, sizeof(req)),
					 cases[i].status[sel]);
			if (cases[i].signer[sel] < 0)
				continue;
			EVP_PKEY *key = cert_key(g.sp, cases[i].signer[sel] ? SNP_CERT_VLEK
									    : SNP_CERT_VCEK);

			assert_int_equal(g.plain[0x20 + 0x48] >> 2, cases[i].signer[sel]);
			assert_true(report_verifies(g.plain + 0x20, key));
			EVP_PKEY_free(key);
		}
		guest_close(&g);
	}
}

/*
 * Sequence numbers
 */

static void sequence_numbers_run_per_key(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct guest g;

	(void)state;
	guest_open(&g, &config, 1);
	for (int i = 0; i < 5; i++)
		assert_still_works(&g);
	g.vmpck_id = 0; /* another key starts at its own 1 */
	guest_vmpck(g.sp, 0, g.vmpck);
	g.seqno = 0;
	assert_still_works(&g);
	g.vmpck_id = 1;
	guest_vmpck(g.sp, 1, g.vmpck);
	g.seqno = 10;
	assert_still_works(&g);
	guest_close(&g);
}

static void request_with_replayed_sequence_number_is_refused(void **state)
{
	struct guest_msg first;
	struct guest g;

	(void)state;
	guest_open_default(&g);
	assert_still_works(&g);
	first = g.request;
	assert_refused(&g, SNP_FW_AEAD_OFLOW); /* the very same page again */
	assert_still_works(&g);
	g.request = first;
	assert_refused(&g, SNP_FW_AEAD_OFLOW);
	assert_still_works(&g);
	guest_close(&g);
}

static void request_with_skipped_sequence_number_is_refused(void **state)
{
	static const uint64_t wrong[] = { 0,	      2,
					  3,	      4,
					  1ULL << 32, 1ULL << 63,
					  UINT64_MAX, UINT64_MAX - 1,
					  257,	      (1ULL << 32) + 1 };
	struct guest g;

	(void)state;
	guest_open_default(&g);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		uint64_t seqno = g.seqno;

		g.seqno = wrong[i] - 1;
		seal_report_req(&g);
		g.seqno = seqno;
		assert_refused(&g, SNP_FW_AEAD_OFLOW);
	}
	assert_still_works(&g);
	guest_close(&g);
}

/*
 * 2^63 messages cannot be sent here, so the counter is set where the AMD-SP
 * has it.  The last pair ends at the largest even number.
 */
static void exhausted_sequence_numbers_are_never_used_again(void **state)
{
	const uint64_t last = UINT64_MAX - 1;
	struct report_req other = { .vmpl = 2 };
	struct guest g;

	(void)state;
	guest_open_default(&g);
	g.sp->gctx.msg_count[1] = last - 2;
	g.seqno = last - 2;
	assert_still_works(&g);
	assert_int_equal(g.sp->gctx.msg_count[1], last);
	g.seqno = last; /* odd, but its response would have number 0 */
	seal_report_req(&g);
	assert_refused(&g, SNP_FW_AEAD_OFLOW);
	assert_non_null(strstr(snp_sp_reason(g.sp), "exhausted"));
	g.sp->gctx.msg_count[1] = UINT64_MAX;
	g.seqno = UINT64_MAX;
	seal_report_req(&g); /* number 0 */
	assert_refused(&g, SNP_FW_AEAD_OFLOW);
	g.vmpck_id = 2; /* the other keys still have theirs */
	guest_vmpck(g.sp, 2, g.vmpck);
	g.seqno = 0;
	assert_int_equal(guest_send(&g, REPORT_REQ, &other, sizeof(other)), SNP_FW_SUCCESS);
	guest_close(&g);
}

static void refused_request_does_not_use_up_its_number(void **state)
{
	struct guest g;

	(void)state;
	guest_open_default(&g);
	seal_report_req(&g);
	g.request.hdr.authtag[3] ^= 1;
	assert_refused(&g, SNP_FW_BAD_MEASUREMENT);
	g.request.hdr.authtag[3] ^= 1;
	assert_int_equal(guest_issue(&g), SNP_FW_SUCCESS);
	guest_close(&g);
}

/*
 * What does not authenticate, and what is malformed
 */

static void request_under_the_wrong_key_is_refused(void **state)
{
	struct report_req req = some_report_req();
	uint8_t other[32];
	struct guest g;

	(void)state;
	guest_open_default(&g);
	guest_vmpck(g.sp, 0, other);
	guest_header(&g.request, 1, REPORT_REQ, 1, sizeof(req));
	guest_encrypt(&g.request, other, (uint8_t *)&req);
	assert_refused(&g, SNP_FW_BAD_MEASUREMENT);
	memset(other, 0, sizeof(other)); /* a key that an SVSM has kept back */
	guest_encrypt(&g.request, other, (uint8_t *)&req);
	assert_refused(&g, SNP_FW_BAD_MEASUREMENT);
	assert_still_works(&g);
	guest_close(&g);
}

static void every_flipped_bit_of_a_request_is_refused(void **state)
{
	uint8_t *page;
	struct guest g;

	(void)state;
	guest_open_default(&g);
	seal_report_req(&g);
	page = (uint8_t *)&g.request;
	for (size_t bit = 0; bit < (0x60 + sizeof(struct report_req)) * 8; bit++) {
		enum snp_fw_status status;

		page[bit / 8] ^= 1 << bit % 8;
		status = guest_issue(&g);
		if (status != SNP_FW_BAD_MEASUREMENT && status != SNP_FW_INVALID_PARAM)
			fail_msg("bit %zu of byte 0x%zx: %s", bit % 8, bit / 8,
				 snp_fw_status_name(status));
		assert_true(is_zero((uint8_t *)&g.response, sizeof(g.response)));
		/* tag, number and ciphertext have no form that could be wrong */
		if (bit / 8 < 16 || (bit / 8 >= 0x20 && bit / 8 < 0x28) || bit / 8 >= 0x60)
			assert_int_equal(status, SNP_FW_BAD_MEASUREMENT);
		page[bit / 8] ^= 1 << bit % 8;
	}
	assert_int_equal(guest_issue(&g), SNP_FW_SUCCESS);
	guest_close(&g);
}

/* Headers that are wrong in themselves, authentic though they may be */
static void malformed_headers_are_refused(void **state)
{
	static const struct {
		size_t offset, len;
		uint64_t value;
	} bad[] = {
		{ 0x10, 1, 1 },	     /* AUTHTAG beyond what GCM has */
		{ 0x1f, 1, 0x80 },   /* likewise */
		{ 0x28, 8, 1 },	     /* reserved */
		{ 0x2f, 1, 0x80 },   /* reserved */
		{ 0x30, 1, 0 },	     /* ALGO */
		{ 0x30, 1, 2 },	     /* ALGO */
		{ 0x31, 1, 0 },	     /* HDR_VERSION */
		{ 0x31, 1, 2 },	     /* HDR_VERSION */
		{ 0x32, 2, 0x5f },   /* HDR_SIZE */
		{ 0x32, 2, 0x160 },  /* HDR_SIZE */
		{ 0x34, 1, 0 },	     /* MSG_TYPE: none */
		{ 0x34, 1, 1 },	     /* MSG_CPUID_REQ */
		{ 0x34, 1, 4 },	     /* MSG_KEY_RSP */
		{ 0x34, 1, 6 },	     /* MSG_REPORT_RSP */
		{ 0x34, 1, 7 },	     /* MSG_EXPORT_REQ */
		{ 0x34, 1, 9 },	     /* MSG_IMPORT_REQ */
		{ 0x34, 1, 11 },     /* MSG_ABSORB_REQ */
		{ 0x34, 1, 13 },     /* MSG_VMRK_REQ */
		{ 0x34, 1, 15 },     /* MSG_ABSORB_NOMA_REQ */
		{ 0x34, 1, 17 },     /* MSG_TSC_INFO_REQ */
		{ 0x34, 1, 19 },     /* beyond the table */
		{ 0x34, 1, 255 },    /* beyond the table */
		{ 0x35, 1, 0 },	     /* MSG_VERSION */
		{ 0x35, 1, 2 },	     /* MSG_VERSION */
		{ 0x36, 2, 0 },	     /* MSG_SIZE: none */
		{ 0x36, 2, 0x50 },   /* MSG_SIZE: too short for MSG_REPORT_REQ */
		{ 0x36, 2, 0x61 },   /* MSG_SIZE: not a multiple of 16 */
		{ 0x36, 2, 0xfb0 },  /* MSG_SIZE: past the page */
		{ 0x36, 2, 0xfff0 }, /* MSG_SIZE: past the page */
		{ 0x38, 4, 1 },	     /* reserved */
		{ 0x3c, 1, 4 },	     /* MSG_VMPCK */
		{ 0x3c, 1, 255 },    /* MSG_VMPCK */
		{ 0x3d, 1, 1 },	     /* reserved */
		{ 0x5f, 1, 1 },	     /* reserved */
	};
	uint8_t plain[0xfa0] = { 0 };
	uint8_t *page;
	struct guest g;

	(void)state;
	guest_open_default(&g);
	page = (uint8_t *)&g.request;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct report_req req = some_report_req();

		memcpy(plain, &req, sizeof(req));
		guest_header(&g.request, g.seqno + 1, REPORT_REQ, 1, sizeof(req));
		for (size_t j = 0; j < bad[i].len; j++)
			page[bad[i].offset + j] = (uint8_t)(bad[i].value >> (8 * j));
		if (g.request.hdr.msg_sz <= sizeof(plain)) {
			uint8_t beyond[16];

			memcpy(beyond, g.request.hdr.authtag + 16, 16);
			guest_encrypt(&g.request, g.vmpck, plain);
			memcpy(g.request.hdr.authtag + 16, beyond, 16);
		}
		assert_refused(&g, SNP_FW_INVALID_PARAM);
	}
	assert_still_works(&g);
	guest_close(&g);
}

static void refused_message_types_are_named(void **state)
{
	static const struct {
		uint8_t type;
		const char *name;
	} types[] = {
		{ 1, "MSG_CPUID_REQ" },	    { 7, "MSG_EXPORT_REQ" }, { 9, "MSG_IMPORT_REQ" },
		{ 11, "MSG_ABSORB_REQ" },   { 13, "MSG_VMRK_REQ" },  { 15, "MSG_ABSORB_NOMA_REQ" },
		{ 17, "MSG_TSC_INFO_REQ" },
	};
	uint8_t plain[0x80] = { 0 };
	struct guest g;

	(void)state;
	guest_open_default(&g);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		guest_header(&g.request, g.seqno + 1, types[i].type, 1, sizeof(plain));
		guest_encrypt(&g.request, g.vmpck, plain);
		assert_refused(&g, SNP_FW_INVALID_PARAM);
		assert_non_null(strstr(snp_sp_reason(g.sp), types[i].name));
	}
	assert_still_works(&g);
	guest_close(&g);
}

/* Responses, gaps in the table, and what is beyond it */
static void types_that_are_no_request_are_called_so(void **state)
{
	static const uint8_t types[] = { 0, 2, 4, 6, 8, 18, 19, 255 };
	uint8_t plain[0x80] = { 0 };
	char want[64];
	struct guest g;

	(void)state;
	guest_open_default(&g);
	for (size_t i = 0; i < sizeof(types); i++) {
		guest_header(&g.request, g.seqno + 1, types[i], 1, sizeof(plain));
		guest_encrypt(&g.request, g.vmpck, plain);
		assert_refused(&g, SNP_FW_INVALID_PARAM);
		snprintf(want, sizeof(want), "MSG_TYPE %u is not a request", types[i]);
		assert_string_equal(snp_sp_reason(g.sp), want);
	}
	guest_close(&g);
}

static void messages_of_impossible_sizes_are_refused(void **state)
{
	static const uint16_t sizes[] = { 0, 1, 15, 17, 0xf9f, 0xfa1, 0xfb0, 0xffff };
	struct guest g;

	(void)state;
	guest_open_default(&g);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		guest_header(&g.request, g.seqno + 1, REPORT_REQ, 1, sizes[i]);
		assert_refused(&g, SNP_FW_INVALID_PARAM);
		assert_non_null(strstr(snp_sp_reason(g.sp), "MSG_SIZE"));
	}
	guest_close(&g);
}

static void requests_shorter_than_their_structure_are_refused(void **state)
{
	static const struct {
		uint8_t type;
		uint16_t full;
	} requests[] = { { KEY_REQ, 0x20 }, { REPORT_REQ, 0x60 } };
	uint8_t plain[0x60] = { 0 };
	struct guest g;

	(void)state;
	guest_open_default(&g);
	for (size_t i = 0; i < 2; i++) {
		for (uint16_t len = 0x10; len < requests[i].full; len += 0x10) {
			guest_header(&g.request, g.seqno + 1, requests[i].type, 1, len);
			guest_encrypt(&g.request, g.vmpck, plain);
			assert_refused(&g, SNP_FW_INVALID_PARAM);
		}
	}
	assert_still_works(&g);
	guest_close(&g);
}

static void largest_message_is_taken_and_its_rest_ignored(void **state)
{
	uint8_t plain[0xfa0];
	struct report_req req = some_report_req();
	struct guest g;

	(void)state;
	guest_open_default(&g);
	RAND_bytes(plain, sizeof(plain));
	memcpy(plain, &req, sizeof(req));
	assert_int_equal(guest_send(&g, REPORT_REQ, plain, sizeof(plain)), SNP_FW_SUCCESS);
	assert_memory_equal(g.plain + 0x20 + 0x50, req.user_data, 64);
	guest_close(&g);
}

static void random_pages_are_refused(void **state)
{
	struct guest g;

	(void)state;
	guest_open_default(&g);
	for (int i = 0; i < 2000; i++) {
		RAND_bytes((uint8_t *)&g.request, sizeof(g.request));
		if (i % 2) { /* past the header's checks */
			uint16_t len = (uint16_t)(16 * (1 + i % 250));

			guest_header(&g.request, 1, REPORT_REQ, i % 4, len);
			RAND_bytes(g.request.hdr.authtag, 16);
		}
		assert_int_not_equal(guest_issue(&g), SNP_FW_SUCCESS);
		assert_true(is_zero((uint8_t *)&g.response, sizeof(g.response)));
	}
	assert_still_works(&g);
	guest_close(&g);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(report_request_is_answered_as_linux_expects),
	cmocka_unit_test(report_for_a_vmpl_above_the_keys_is_refused),
	cmocka_unit_test(reserved_fields_of_a_report_request_are_refused),
	cmocka_unit_test(key_selection_follows_what_is_loaded),
	cmocka_unit_test(sequence_numbers_run_per_key),
	cmocka_unit_test(request_with_replayed_sequence_number_is_refused),
	cmocka_unit_test(request_with_skipped_sequence_number_is_refused),
	cmocka_unit_test(exhausted_sequence_numbers_are_never_used_again),
	cmocka_unit_test(refused_request_does_not_use_up_its_number),
	cmocka_unit_test(request_under_the_wrong_key_is_refused),
	cmocka_unit_test(every_flipped_bit_of_a_request_is_refused),
	cmocka_unit_test(malformed_headers_are_refused),
	cmocka_unit_test(refused_message_types_are_named),
	cmocka_unit_test(types_that_are_no_request_are_called_so),
	cmocka_unit_test(messages_of_impossible_sizes_are_refused),
	cmocka_unit_test(requests_shorter_than_their_structure_are_refused),
	cmocka_unit_test(largest_message_is_taken_and_its_rest_ignored),
	cmocka_unit_test(random_pages_are_refused),
};
SUITE(guest_msg_suite, tests);
