// SPDX-License-Identifier: GPL-2.0-or-later
#include "../../tools/common/cursor.h"
#include "sp_test.h"

static void integers_have_the_named_byte_order(void **state)
{
	static const uint8_t in[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct cur c = cur_reader(in, sizeof(in));

	(void)state;
	assert_int_equal(cur_get_le64(&c), 0x0807060504030201);
	c.pos = 0;
	assert_int_equal(cur_get_be64(&c), 0x0102030405060708);
	c.pos = 0;
	assert_int_equal(cur_get_le32(&c), 0x04030201);
	assert_int_equal(cur_get_be32(&c), 0x05060708);
	c.pos = 0;
	assert_int_equal(cur_get_le16(&c), 0x0201);
	assert_int_equal(cur_get_be16(&c), 0x0304);
	assert_int_equal(cur_get_u8(&c), 5);
	assert_int_equal(cur_remaining(&c), 3);
	assert_false(c.failed);
}

static void what_is_written_is_read_again(void **state)
{
	uint8_t buf[31];
	struct cur c = cur_writer(buf, sizeof(buf));

	(void)state;
	cur_put_u8(&c, 0x11);
	cur_put_le16(&c, 0x2233);
	cur_put_le32(&c, 0x44556677);
	cur_put_le64(&c, 0x8899aabbccddeeff);
	cur_put_be16(&c, 0x1234);
	cur_put_be32(&c, 0x56789abc);
	cur_put_be64(&c, 0xdef0123456789abc);
	cur_put_zeros_to(&c, 30);
	cur_put_bytes(&c, "z", 1);
	assert_true(cur_complete(&c));
	c = cur_reader(buf, sizeof(buf));
	assert_int_equal(cur_get_u8(&c), 0x11);
	assert_int_equal(cur_get_le16(&c), 0x2233);
	assert_int_equal(cur_get_le32(&c), 0x44556677);
	assert_int_equal(cur_get_le64(&c), 0x8899aabbccddeeff);
	assert_int_equal(cur_get_be16(&c), 0x1234);
	assert_int_equal(cur_get_be32(&c), 0x56789abc);
	assert_int_equal(cur_get_be64(&c), 0xdef0123456789abc);
	assert_true(cur_get_zeros(&c, 1));
	assert_int_equal(cur_get_u8(&c), 'z');
	assert_true(cur_complete(&c));
}

static void access_past_the_end_fails_and_stays_failed(void **state)
{
	uint8_t in[4] = { 1, 2, 3, 4 }, out[4] = { 9, 9, 9, 9 };
	struct cur c = cur_reader(in, sizeof(in));

	(void)state;
	assert_int_equal(cur_get_le64(&c), 0);
	assert_true(c.failed);
	assert_int_equal(c.pos, 0);
	assert_int_equal(cur_get_u8(&c), 0); /* would fit, but the cursor has failed */
	assert_int_equal(cur_remaining(&c), 0);
	cur_get_bytes(&c, out, sizeof(out));
	assert_true(is_zero(out, sizeof(out)));
	assert_false(cur_get_zeros(&c, 0));
	assert_false(cur_complete(&c));
}

static void lengths_that_would_wrap_do_not_fit(void **state)
{
	uint8_t in[4] = { 0 };
	struct cur c = cur_reader(in, sizeof(in));

	(void)state;
	cur_skip(&c, 2);
	assert_null(cur_take(&c, SIZE_MAX));
	assert_true(c.failed);
	c = cur_reader(in, sizeof(in));
	cur_skip(&c, 2);
	assert_null(cur_take(&c, SIZE_MAX - 1));
	assert_true(c.failed);
}

static void writing_through_a_reader_fails(void **state)
{
	const uint8_t in[2] = { 7, 7 };
	struct cur c = cur_reader(in, sizeof(in));

	(void)state;
	cur_put_u8(&c, 1);
	assert_true(c.failed);
	assert_int_equal(in[0], 7);
}

static void writing_past_the_end_changes_nothing(void **state)
{
	uint8_t out[3] = { 7, 7, 7 };
	struct cur c = cur_writer(out, sizeof(out));

	(void)state;
	cur_put_le32(&c, 0);
	assert_true(c.failed);
	assert_memory_equal(out, "\7\7\7", 3);
}

static void zeros_to_an_offset_behind_fail(void **state)
{
	uint8_t out[8];
	struct cur c = cur_writer(out, sizeof(out));

	(void)state;
	cur_put_le32(&c, 1);
	cur_put_zeros_to(&c, 4);
	assert_false(c.failed);
	cur_put_zeros_to(&c, 3);
	assert_true(c.failed);
}

static void bytes_that_should_be_zero_are_all_looked_at(void **state)
{
	(void)state;
	for (size_t i = 0; i < 16; i++) {
		uint8_t in[16] = { 0 };
		struct cur c = cur_reader(in, sizeof(in));

		assert_true(cur_get_zeros(&c, sizeof(in)));
		in[i] = 0x40;
		c = cur_reader(in, sizeof(in));
		assert_false(cur_get_zeros(&c, sizeof(in)));
		assert_true(cur_complete(&c));
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(integers_have_the_named_byte_order),
	cmocka_unit_test(what_is_written_is_read_again),
	cmocka_unit_test(access_past_the_end_fails_and_stays_failed),
	cmocka_unit_test(lengths_that_would_wrap_do_not_fit),
	cmocka_unit_test(writing_through_a_reader_fails),
	cmocka_unit_test(writing_past_the_end_changes_nothing),
	cmocka_unit_test(zeros_to_an_offset_behind_fail),
	cmocka_unit_test(bytes_that_should_be_zero_are_all_looked_at),
};
SUITE(cursor_suite, tests);
