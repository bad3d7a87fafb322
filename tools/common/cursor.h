/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one way foreign bytes are read and wire formats are written: a cursor
 * that cannot leave its buffer.
 *
 * An access that does not fit moves nothing, yields zero and sets the sticky
 * @failed, so that a parser may read a whole structure and check once at its
 * end.  A count or an offset from the buffer must still be checked before it
 * is used for anything but the cursor itself.
 */
#ifndef CTPM_CURSOR_H
#define CTPM_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/**
 * struct cur - position in a buffer of fixed length
 * @r: the bytes, for reading
 * @w: the same bytes, for writing; NULL in a cursor that only reads
 * @len: bytes in the buffer
 * @pos: offset of the next access, never above @len
 * @failed: an access did not fit; stays set
 */
struct cur {
	const uint8_t *r;
	uint8_t *w;
	size_t len;
	size_t pos;
	bool failed;
};

static inline struct cur cur_reader(const void *buf, size_t len)
{
	return (struct cur){ .r = buf, .len = len };
}

static inline struct cur cur_writer(void *buf, size_t len)
{
	return (struct cur){ .r = buf, .w = buf, .len = len };
}

static inline size_t cur_remaining(const struct cur *c)
{
	return c->failed ? 0 : c->len - c->pos;
}

/* Everything was read or written, and all of it fitted. */
static inline bool cur_complete(const struct cur *c)
{
	return !c->failed && c->pos == c->len;
}

/* The next @n bytes in place, or NULL; they live as long as the buffer. */
static inline const uint8_t *cur_take(struct cur *c, size_t n)
{
	const uint8_t *p;

	if (c->failed || n > c->len - c->pos) {
		c->failed = true;
		return NULL;
	}
	p = c->r + c->pos;
	c->pos += n;
	return p;
}

static inline uint8_t *cur_room(struct cur *c, size_t n)
{
	size_t at = c->pos;

	if (!c->w)
		c->failed = true;
	return cur_take(c, n) ? c->w + at : NULL;
}

static inline void cur_skip(struct cur *c, size_t n)
{
	(void)cur_take(c, n);
}

static inline void cur_get_bytes(struct cur *c, void *to, size_t n)
{
	const uint8_t *p = cur_take(c, n);

	if (p && n)
		memcpy(to, p, n);
	else if (n)
		memset(to, 0, n);
}

/* Skip @n bytes that the format reserves: true if they are there and zero. */
static inline bool cur_get_zeros(struct cur *c, size_t n)
{
	const uint8_t *p = cur_take(c, n);
	uint8_t any = 0;

	for (size_t i = 0; p && i < n; i++)
		any |= p[i];
	return p && !any;
}

static inline uint64_t cur_get_le(struct cur *c, size_t n)
{
	const uint8_t *p = cur_take(c, n);
	uint64_t v = 0;

	for (size_t i = 0; p && i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static inline uint64_t cur_get_be(struct cur *c, size_t n)
{
	const uint8_t *p = cur_take(c, n);
	uint64_t v = 0;

	for (size_t i = 0; p && i < n; i++)
		v = v << 8 | p[i];
	return v;
}

static inline uint8_t cur_get_u8(struct cur *c)
{
	return (uint8_t)cur_get_le(c, 1);
}

static inline uint16_t cur_get_le16(struct cur *c)
{
	return (uint16_t)cur_get_le(c, 2);
}

static inline uint32_t cur_get_le32(struct cur *c)
{
	return (uint32_t)cur_get_le(c, 4);
}

static inline uint64_t cur_get_le64(struct cur *c)
{
	return cur_get_le(c, 8);
}

static inline uint16_t cur_get_be16(struct cur *c)
{
	return (uint16_t)cur_get_be(c, 2);
}

static inline uint32_t cur_get_be32(struct cur *c)
{
	return (uint32_t)cur_get_be(c, 4);
}

static inline uint64_t cur_get_be64(struct cur *c)
{
	return cur_get_be(c, 8);
}

static inline void cur_put_bytes(struct cur *c, const void *from, size_t n)
{
	uint8_t *p = cur_room(c, n);

	if (p && n)
		memcpy(p, from, n);
}

static inline void cur_put_zeros(struct cur *c, size_t n)
{
	uint8_t *p = cur_room(c, n);

	if (p && n)
		memset(p, 0, n);
}

/* Zeros up to offset @pos of the buffer; a failure if the cursor is past it. */
static inline void cur_put_zeros_to(struct cur *c, size_t pos)
{
	if (pos < c->pos)
		c->failed = true;
	else
		cur_put_zeros(c, pos - c->pos);
}

static inline void cur_put_le(struct cur *c, uint64_t v, size_t n)
{
	uint8_t *p = cur_room(c, n);

	for (size_t i = 0; p && i < n; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static inline void cur_put_be(struct cur *c, uint64_t v, size_t n)
{
	uint8_t *p = cur_room(c, n);

	for (size_t i = 0; p && i < n; i++)
		p[n - 1 - i] = (uint8_t)(v >> (8 * i));
}

static inline void cur_put_u8(struct cur *c, uint8_t v)
{
	cur_put_le(c, v, 1);
}

static inline void cur_put_le16(struct cur *c, uint16_t v)
{
	cur_put_le(c, v, 2);
}

static inline void cur_put_le32(struct cur *c, uint32_t v)
{
	cur_put_le(c, v, 4);
}

static inline void cur_put_le64(struct cur *c, uint64_t v)
{
	cur_put_le(c, v, 8);
}

static inline void cur_put_be16(struct cur *c, uint16_t v)
{
	cur_put_be(c, v, 2);
}

static inline void cur_put_be32(struct cur *c, uint32_t v)
{
	cur_put_be(c, v, 4);
}

static inline void cur_put_be64(struct cur *c, uint64_t v)
{
	cur_put_be(c, v, 8);
}

#endif
