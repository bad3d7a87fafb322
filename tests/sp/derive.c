// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Derived keys: MSG_KEY_REQ.
 */
#include "sp_test.h"

#include <openssl/ec.h>

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

/* What the ID block of a launch says, as the ABI has it mixed in */
static void key_depends_on_the_id_block(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct key_req req = some_key_req(&config), other;
	uint8_t without[32], base[32];
	EVP_PKEY *id_key;
	struct id id;

	(void)state;
	key_of_a_guest(&config, &req, without);
	id_make(&id, &config);
	config.id_block = id.block;
	config.id_auth = id.auth;
	key_of_a_guest(&config, &req, base);
	assert_memory_not_equal(base, without, 32);

	id.block[0x30] ^= 1; /* FAMILY_ID */
	id_sign(&id);
	differs(&config, &req, base, "FAMILY_ID");
	id.block[0x30] ^= 1;
	id.block[0x40] ^= 1; /* IMAGE_ID */
	id_sign(&id);
	differs(&config, &req, base, "IMAGE_ID");
	id.block[0x40] ^= 1;
	id_sign(&id);
	other = req;
	other.guest_svn = 1;
	differs(&config, &other, base, "GUEST_SVN");

	config.author_key_en = true;
	differs(&config, &req, base, "whether there is an author key");
	config.author_key_en = false;
	id_key = id.id_key; /* signed by another */
	id.id_key = id.author_key;
	id.author_key = id_key;
	id_put_keys(&id);
	differs(&config, &req, base, "the ID key");
	id_free(&id);
}

/* An author may give ID keys to many; what a guest keeps must outlive them. */
static void with_an_author_key_the_key_depends_on_that_alone(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct key_req req = some_key_req(&config);
	uint8_t base[32], again[32];
	EVP_PKEY *id_key;
	struct id id;

	(void)state;
	id_make(&id, &config);
	config.id_block = id.block;
	config.id_auth = id.auth;
	config.author_key_en = true;
	key_of_a_guest(&config, &req, base);
	id_key = id.id_key;
	id.id_key = EVP_EC_gen("P-384");
	id_put_keys(&id);
	key_of_a_guest(&config, &req, again);
	assert_memory_equal(again, base, 32);
	EVP_PKEY_free(id.author_key);
	id.author_key = id_key;
	id_put_keys(&id);
	differs(&config, &req, base, "the author key");
	id_free(&id);
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

static void id_block_and_policy_matter_only_when_selected(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct key_req req = some_key_req(&config);
	uint8_t base[32], again[32];
	struct id id;

	(void)state;
	id_make(&id, &config);
	config.id_block = id.block;
	config.id_auth = id.auth;
	req.guest_field_select = 0;
	req.guest_svn = UINT32_MAX;
	key_of_a_guest(&config, &req, base);
	config.policy |= SNP_POLICY_DEBUG;
	id.block[0x5a] ^= 8;
	id.block[0x30] ^= 1;
	id.block[0x40] ^= 1;
	id_sign(&id);
	req.guest_svn = 0;
	key_of_a_guest(&config, &req, again);
	assert_memory_equal(base, again, 32);
	id_free(&id);
}

static void guest_svn_up_to_that_of_the_id_block_is_taken(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct key_req req = some_key_req(&config);
	uint8_t key[32], last[32] = { 0 };
	struct guest g;
	struct id id;

	(void)state;
	id_make(&id, &config);
	config.id_block = id.block;
	config.id_auth = id.auth;
	guest_open(&g, &config, 1);
	for (req.guest_svn = 0; req.guest_svn <= ID_GUEST_SVN; req.guest_svn++) {
		assert_int_equal(get_key(&g, &req, key), SNP_FW_SUCCESS);
		assert_memory_not_equal(key, last, 32);
		memcpy(last, key, 32);
	}
	assert_int_equal(get_key(&g, &req, key), SNP_FW_INVALID_PARAM);
	req.guest_svn = UINT32_MAX;
	assert_int_equal(get_key(&g, &req, key), SNP_FW_INVALID_PARAM);
	guest_close(&g);
	id_free(&id);
}

/* Not up to CURRENT_TCB, which a rollback may take away again */
static void tcb_version_up_to_committed_tcb_is_taken(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct key_req req;
	uint8_t key[32];
	struct guest g;

	(void)state;
	config.committed_tcb.snp--;
	req = some_key_req(&config);
	guest_open(&g, &config, 1);
	assert_int_equal(get_key(&g, &req, key), SNP_FW_SUCCESS);
	req.tcb_version += 1ULL << 48;
	assert_int_equal(get_key(&g, &req, key), SNP_FW_INVALID_PARAM);
	guest_close(&g);
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
	cmocka_unit_test(same_guest_gets_the_same_key_again),
	cmocka_unit_test(vmrk_keys_belong_to_one_launch),
	cmocka_unit_test(key_depends_on_what_the_abi_says),
	cmocka_unit_test(key_depends_on_the_id_block),
	cmocka_unit_test(with_an_author_key_the_key_depends_on_that_alone),
	cmocka_unit_test(measurement_matters_only_when_selected),
	cmocka_unit_test(id_block_and_policy_matter_only_when_selected),
	cmocka_unit_test(guest_svn_up_to_that_of_the_id_block_is_taken),
	cmocka_unit_test(tcb_version_up_to_committed_tcb_is_taken),
	cmocka_unit_test(another_chip_gives_other_keys),
	cmocka_unit_test(impossible_key_requests_are_refused),
	cmocka_unit_test(keys_that_are_not_there_derive_nothing),
};
SUITE(derive_suite, tests);
