// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Guest messages, from a guest that is written as Linux's driver is.
 */
#include "sp_test.h"

#include <openssl/rand.h>

#define KEY_REQ	   3
#define REPORT_REQ 5
#define RSP_MAX	   2048

/* MSG_REPORT_REQ and MSG_KEY_REQ as Linux's uapi has them */
struct report_req {
	uint8_t user_data[64];
	uint32_t vmpl;
	uint32_t key_sel;
	uint8_t rsvd[24];
};

struct key_req {
	uint32_t root_key_select;
	uint32_t rsvd;
	uint64_t guest_field_select;
	uint32_t vmpl;
	uint32_t guest_svn;
	uint64_t tcb_version;
};

/* A guest: its platform, its key, its counter (Linux: os_area_msg_seqno) */
struct guest {
	struct snp_sp *sp;
	uint8_t vmpck_id;
	uint8_t vmpck[32];
	uint64_t seqno;
	struct guest_msg request;
	struct guest_msg response;
	uint8_t plain[RSP_MAX];
};

static void guest_open(struct guest *g, const struct snp_sp_config *config, uint8_t vmpck_id)
{
	memset(g, 0, sizeof(*g));
	g->sp = sp_running(config);
	g->vmpck_id = vmpck_id;
	guest_vmpck(g->sp, vmpck_id, g->vmpck);
}

static void guest_open_default(struct guest *g)
{
	struct snp_sp_config config = test_config(SNP_MILAN);

	guest_open(g, &config, 1);
}

static void guest_close(struct guest *g)
{
	snp_sp_free(g->sp);
}

static enum snp_fw_status guest_issue(struct guest *g)
{
	memset(&g->response, 0xee, sizeof(g->response));
	return snp_sp_guest_request(g->sp, (const uint8_t *)&g->request, (uint8_t *)&g->response);
}

/* Send; on success the response is decrypted and its STATUS returned */
static uint32_t guest_send(struct guest *g, uint8_t type, const void *plain, uint16_t len)
{
	guest_header(&g->request, g->seqno + 1, type, g->vmpck_id, len);
	guest_encrypt(&g->request, g->vmpck, plain);
	assert_int_equal(guest_issue(g), SNP_FW_SUCCESS);
	assert_true(guest_decrypt(&g->request, &g->response, g->vmpck, g->plain, RSP_MAX));
	g->seqno += 2;
	return le32_at(g->plain, 0);
}

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
	static const uint64_t wrong[] = { 0,	      2,	  3,	      4,
					  1ULL << 32, 1ULL << 63, UINT64_MAX, UINT64_MAX - 1,
					  257 };
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

/*
 * Derived keys
 */

static uint32_t get_key(struct guest *g, const struct key_req *req, uint8_t key[32])
{
	uint32_t status = guest_send(g, KEY_REQ, req, sizeof(*req));

	assert_int_equal(g->response.hdr.msg_sz, 0x40);
	assert_true(is_zero(g->plain + 4, 0x1c));
	memcpy(key, g->plain + 0x20, 32);
	assert_int_equal(is_zero(key, 32), status != SNP_FW_SUCCESS);
	return status;
}

static struct key_req some_key_req(const struct snp_sp_config *config)
{
	const struct snp_tcb *t = &config->committed_tcb;

	return (struct key_req){
		.guest_field_select = 0x3f,
		.vmpl = 1,
		.tcb_version = t->bootloader | (uint64_t)t->tee << 8 | (uint64_t)t->snp << 48 |
			       (uint64_t)t->microcode << 56,
	};
}

static void key_of_a_guest(const struct snp_sp_config *config, const struct key_req *req,
			   uint8_t key[32])
{
	struct guest g;

	guest_open(&g, config, 1);
	assert_int_equal(get_key(&g, req, key), SNP_FW_SUCCESS);
	guest_close(&g);
}

static void same_guest_gets_the_same_key_again(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct key_req req = some_key_req(&config);
	uint8_t a[32], b[32];

	(void)state;
	key_of_a_guest(&config, &req, a);
	key_of_a_guest(&config, &req, b);
	assert_memory_equal(a, b, 32);
}

static void vmrk_keys_belong_to_one_launch(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct key_req req = some_key_req(&config);
	uint8_t a[32], b[32], again[32];
	struct guest g;

	(void)state;
	req.root_key_select = 1;
	guest_open(&g, &config, 1);
	assert_int_equal(get_key(&g, &req, a), SNP_FW_SUCCESS);
	assert_int_equal(get_key(&g, &req, again), SNP_FW_SUCCESS);
	guest_close(&g);
	assert_memory_equal(a, again, 32);
	key_of_a_guest(&config, &req, b);
	assert_memory_not_equal(a, b, 32);
}

static void differs(const struct snp_sp_config *config, const struct key_req *req,
		    const uint8_t base[32], const char *what)
{
	uint8_t key[32];

	key_of_a_guest(config, req, key);
	if (!memcmp(key, base, sizeof(key)))
		fail_msg("the key does not depend on %s", what);
}

static void key_depends_on_what_the_abi_says(void **state)
{
	struct snp_sp_config base_config = test_config(SNP_MILAN), config;
	struct key_req base_req = some_key_req(&base_config), req;
	uint8_t base[32];

	(void)state;
	base_config.vlek = true;
	key_of_a_guest(&base_config, &base_req, base);
	for (int bit = 0; bit < 6; bit++) {
		req = base_req;
		req.guest_field_select &= ~(1ULL << bit);
		differs(&base_config, &req, base, "a bit of GUEST_FIELD_SELECT");
	}
	req = base_req;
	req.vmpl = 2;
	differs(&base_config, &req, base, "VMPL");
	req = base_req;
	req.tcb_version -= 1ULL << 56;
	differs(&base_config, &req, base, "TCB_VERSION");
	req = base_req;
	req.root_key_select = 1 << 1;
	differs(&base_config, &req, base, "KEY_SEL");
	req = base_req;
	req.root_key_select = 1;
	differs(&base_config, &req, base, "ROOT_KEY_SELECT");
	config = base_config;
	config.host_data[31] ^= 1;
	differs(&config, &base_req, base, "HOST_DATA");
	config = base_config;
	config.policy |= SNP_POLICY_DEBUG;
	differs(&config, &base_req, base, "the guest policy");
}

static void measurement_matters_only_when_selected(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct key_req req = some_key_req(&config);
	uint8_t page[TEST_PAGE] = { 1 }, a[32], b[32];
	struct guest g = { .vmpck_id = 1 };

	(void)state;
	for (int selected = 0; selected < 2; selected++) {
		req.guest_field_select = selected ? 1 << 3 : 0;
		key_of_a_guest(&config, &req, a);
		g.seqno = 0;
		g.sp = sp_open(&config);
		assert_int_equal(snp_sp_launch_update(g.sp, SNP_PAGE_NORMAL, 0, page, TEST_PAGE),
				 0);
		assert_int_equal(snp_sp_launch_finish(g.sp), 0);
		guest_vmpck(g.sp, 1, g.vmpck);
		assert_int_equal(get_key(&g, &req, b), SNP_FW_SUCCESS);
		assert_int_equal(memcmp(a, b, 32) != 0, selected);
		guest_close(&g);
	}
}

static void another_chip_gives_other_keys(void **state)
{
	struct snp_sp_config milan = test_config(SNP_MILAN), genoa = test_config(SNP_GENOA);
	struct key_req req = some_key_req(&milan);
	uint8_t a[32];

	(void)state;
	req.guest_field_select = 0;
	snp_sp_config_set_tcb(&genoa, &milan.committed_tcb);
	key_of_a_guest(&milan, &req, a);
	differs(&genoa, &req, a, "the chip");
}

static void impossible_key_requests_are_refused(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	const struct key_req good = some_key_req(&config);
	struct key_req bad[12];
	uint8_t key[32];
	struct guest g;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		bad[i] = good;
	bad[n++].vmpl = 0; /* above VMPCK1's */
	bad[n++].vmpl = 4;
	bad[n++].guest_svn = 1;	   /* no ID block: the guest's is 0 */
	bad[n++].tcb_version += 1; /* bootloader above COMMITTED_TCB */
	bad[n++].tcb_version += 1 << 8;
	bad[n++].tcb_version += 1ULL << 48;
	bad[n++].tcb_version += 1ULL << 56;
	bad[n++].tcb_version += 1ULL << 16; /* reserved byte */
	bad[n++].guest_field_select |= 1 << 6;
	bad[n++].guest_field_select |= 1ULL << 63;
	bad[n++].root_key_select = 1 << 3;
	bad[n++].rsvd = 1;
	assert_int_equal(n, sizeof(bad) / sizeof(bad[0]));
	guest_open(&g, &config, 1);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(get_key(&g, &bad[i], key), SNP_FW_INVALID_PARAM);
	/* not selected, so not looked at */
	bad[2].guest_field_select = 0;
	assert_int_equal(get_key(&g, &bad[2], key), SNP_FW_SUCCESS);
	bad[3].guest_field_select = 0;
	assert_int_equal(get_key(&g, &bad[3], key), SNP_FW_SUCCESS);
	assert_int_equal(get_key(&g, &good, key), SNP_FW_SUCCESS);
	guest_close(&g);
}

static void keys_that_are_not_there_derive_nothing(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct key_req req = some_key_req(&config);
	uint8_t key[32];
	struct guest g;

	(void)state;
	guest_open(&g, &config, 1);
	req.root_key_select = 2 << 1; /* VLEK */
	assert_int_equal(get_key(&g, &req, key), SNP_FW_INVALID_KEY);
	req.root_key_select = 3 << 1; /* reserved */
	assert_int_equal(get_key(&g, &req, key), SNP_FW_INVALID_KEY);
	guest_close(&g);

	config.mask_chip_key = true;
	req.root_key_select = 0;
	guest_open(&g, &config, 1);
	assert_int_equal(get_key(&g, &req, key), SNP_FW_INVALID_KEY);
	req.root_key_select = 1; /* the VMRK is not the chip's */
	assert_int_equal(get_key(&g, &req, key), SNP_FW_SUCCESS);
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
	cmocka_unit_test(refused_request_does_not_use_up_its_number),
	cmocka_unit_test(request_under_the_wrong_key_is_refused),
	cmocka_unit_test(every_flipped_bit_of_a_request_is_refused),
	cmocka_unit_test(malformed_headers_are_refused),
	cmocka_unit_test(refused_message_types_are_named),
	cmocka_unit_test(largest_message_is_taken_and_its_rest_ignored),
	cmocka_unit_test(random_pages_are_refused),
	cmocka_unit_test(same_guest_gets_the_same_key_again),
	cmocka_unit_test(vmrk_keys_belong_to_one_launch),
	cmocka_unit_test(key_depends_on_what_the_abi_says),
	cmocka_unit_test(measurement_matters_only_when_selected),
	cmocka_unit_test(another_chip_gives_other_keys),
	cmocka_unit_test(impossible_key_requests_are_refused),
	cmocka_unit_test(keys_that_are_not_there_derive_nothing),
};
SUITE(guest_msg_suite, tests);
