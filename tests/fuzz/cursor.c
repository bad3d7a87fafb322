// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzz target: the bounded cursor.
 *
 * The input is a length and a list of operations, each with a count.  They run
 * on a buffer of exactly that length, so that AddressSanitizer sees any step
 * over its ends, and beside a model that only adds and compares.
 */
#include <stdlib.h>

#include "../../tools/common/cursor.h"
#include "require.h"

#define OP_SIZE 9
#define BUF_MAX 255

struct model {
	size_t len, pos;
	bool failed;
};

/* Would @n bytes fit?  In numbers that cannot wrap. */
static bool model_move(struct model *m, size_t n)
{
	if ((unsigned __int128)m->pos + n > m->len)
		m->failed = true;
	if (m->failed)
		return false;
	m->pos += n;
	return true;
}

static uint64_t model_le(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | p[n];
	return v;
}

static void read_integer(struct cur *c, struct model *m, size_t n, bool big)
{
	const uint8_t *p = c->r + m->pos;
	uint64_t v = big ? cur_get_be(c, n) : cur_get_le(c, n);
	uint64_t want = 0;

	if (model_move(m, n))
		want = big ? __builtin_bswap64(model_le(p, n)) >> (64 - 8 * n) : model_le(p, n);
	REQUIRE(v == want);
}

static void write_integer(struct cur *c, struct model *m, size_t n, bool big, uint64_t v)
{
	const uint8_t *p = c->r + m->pos;
	uint64_t low = n == 8 ? v : v & ((1ULL << 8 * n) - 1);

	if (big)
		cur_put_be(c, v, n);
	else
		cur_put_le(c, v, n);
	if (model_move(m, n))
		REQUIRE(model_le(p, n) == (big ? __builtin_bswap64(low) >> (64 - 8 * n) : low));
}

static void bytes(struct cur *c, struct model *m, uint8_t op, size_t n)
{
	uint8_t copy[BUF_MAX + 1];
	const uint8_t *p = c->r + m->pos;

	switch (op) {
	case 0:
		REQUIRE(cur_take(c, n) == (model_move(m, n) ? p : NULL));
		break;
	case 1:
		cur_skip(c, n);
		model_move(m, n);
		break;
	case 2: /* the caller's own buffer has n bytes; zeros if they are not there */
		n %= sizeof(copy);
		memset(copy, 0xee, sizeof(copy));
		cur_get_bytes(c, copy, n);
		if (model_move(m, n))
			REQUIRE(!memcmp(copy, p, n));
		for (size_t i = m->failed ? 0 : n; i < sizeof(copy); i++)
			REQUIRE(copy[i] == (i < n ? 0 : 0xee));
		break;
	case 3:
		cur_put_zeros(c, n);
		if (model_move(m, n))
			REQUIRE(!n || (!p[0] && !p[n - 1]));
		break;
	case 4:
		cur_put_zeros_to(c, n);
		if (n < m->pos)
			m->failed = true;
		else
			model_move(m, n - m->pos);
		break;
	case 5:
		REQUIRE(cur_get_zeros(c, n) ==
			(model_move(m, n) && (!n || (!p[0] && !memcmp(p, p + 1, n - 1)))));
		break;
	}
}

static void step(struct cur *c, struct model *m, struct cur *in)
{
	uint8_t op = cur_get_u8(in);
	uint64_t arg = cur_get_le64(in);
	size_t n = 1 + (op >> 4) % 8;
	bool big = op & 8;

	switch (op & 7) {
	case 6:
		read_integer(c, m, n, big);
		break;
	case 7:
		write_integer(c, m, n, big, arg);
		break;
	default:
		bytes(c, m, op & 7, arg);
	}
	REQUIRE(c->failed == m->failed && c->pos == m->pos);
	REQUIRE(cur_remaining(c) == (m->failed ? 0 : m->len - m->pos));
	REQUIRE(cur_complete(c) == (!m->failed && m->pos == m->len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cur in = cur_reader(data, size), c;
	struct model m = { .len = cur_get_u8(&in) };
	uint8_t *buf = malloc(m.len);

	if (!buf)
		return 0;
	memset(buf, 0x5a, m.len);
	c = cur_writer(buf, m.len);
	while (cur_remaining(&in) >= OP_SIZE)
		step(&c, &m, &in);
	free(buf);
	return 0;
}
