// SPDX-License-Identifier: GPL-2.0-or-later
#include "cbor.h"

#include <cbor.h>

enum kind { NONE, UINT, NEGINT, BYTES, TEXT, ARRAY, MAP, BOOLEAN };

struct item {
	enum kind kind;
	uint64_t value; /* number, or how many; -1 - value for NEGINT */
	const uint8_t *data;
};

static void on_uint(struct item *i, uint64_t v)
{
	*i = (struct item){ UINT, v, NULL };
}

static void on_uint8(void *i, uint8_t v)
{
	on_uint(i, v);
}

static void on_uint16(void *i, uint16_t v)
{
	on_uint(i, v);
}

static void on_uint32(void *i, uint32_t v)
{
	on_uint(i, v);
}

static void on_uint64(void *i, uint64_t v)
{
	on_uint(i, v);
}

static void on_negint(struct item *i, uint64_t v)
{
	*i = (struct item){ NEGINT, v, NULL };
}

static void on_negint8(void *i, uint8_t v)
{
	on_negint(i, v);
}

static void on_negint16(void *i, uint16_t v)
{
	on_negint(i, v);
}

static void on_negint32(void *i, uint32_t v)
{
	on_negint(i, v);
}

static void on_negint64(void *i, uint64_t v)
{
	on_negint(i, v);
}

static void on_bytes(void *i, cbor_data data, size_t len)
{
	*(struct item *)i = (struct item){ BYTES, len, data };
}

static void on_text(void *i, cbor_data data, size_t len)
{
	*(struct item *)i = (struct item){ TEXT, len, data };
}

static void on_array(void *i, size_t n)
{
	*(struct item *)i = (struct item){ ARRAY, n, NULL };
}

static void on_map(void *i, size_t n)
{
	*(struct item *)i = (struct item){ MAP, n, NULL };
}

static void on_boolean(void *i, bool v)
{
	*(struct item *)i = (struct item){ BOOLEAN, v, NULL };
}

static size_t head_len(uint64_t v)
{
	if (v < 24)
		return 1;
	if (v <= UINT8_MAX)
		return 2;
	if (v <= UINT16_MAX)
		return 3;
	return v <= UINT32_MAX ? 5 : 9;
}

/* What one item must have as its length, being encoded as short as possible */
static size_t shortest(const struct item *i)
{
	switch (i->kind) {
	case BYTES:
	case TEXT:
		return head_len(i->value) + i->value;
	case BOOLEAN:
		return 1;
	default:
		return head_len(i->value);
	}
}

/* Tags, floating point, null and indefinite lengths are nothing that we have: NONE */
static struct item next_item(struct cbor_in *in)
{
	struct cbor_callbacks callbacks = cbor_empty_callbacks;
	struct cbor_decoder_result r;
	struct item i = { NONE, 0, NULL };

	if (!cur_remaining(&in->c))
		return i;
	callbacks.uint8 = on_uint8;
	callbacks.uint16 = on_uint16;
	callbacks.uint32 = on_uint32;
	callbacks.uint64 = on_uint64;
	callbacks.negint8 = on_negint8;
	callbacks.negint16 = on_negint16;
	callbacks.negint32 = on_negint32;
	callbacks.negint64 = on_negint64;
	callbacks.byte_string = on_bytes;
	callbacks.string = on_text;
	callbacks.array_start = on_array;
	callbacks.map_start = on_map;
	callbacks.boolean = on_boolean;
	r = cbor_stream_decode(in->c.r + in->c.pos, cur_remaining(&in->c), &callbacks, &i);
	if (r.status != CBOR_DECODER_FINISHED || i.kind == NONE || r.read != shortest(&i))
		return (struct item){ NONE, 0, NULL };
	cur_skip(&in->c, r.read);
	return i;
}

struct cbor_in cbor_reader(struct ctpm_bytes data)
{
	return (struct cbor_in){ cur_reader(data.data, data.len), NULL };
}

void cbor_refuse(struct cbor_in *in, const char *what)
{
	in->c.failed = true;
	if (!in->what)
		in->what = what;
}

bool cbor_complete(struct cbor_in *in, const char *what)
{
	if (!in->c.failed && !cur_complete(&in->c))
		cbor_refuse(in, what);
	return !in->c.failed;
}

static struct item get(struct cbor_in *in, enum kind kind, uint64_t min, uint64_t max,
		       const char *what)
{
	struct item i = next_item(in);

	if (i.kind == kind && i.value >= min && i.value <= max)
		return i;
	cbor_refuse(in, what);
	return (struct item){ NONE, 0, NULL };
}

uint64_t cbor_get_uint(struct cbor_in *in, uint64_t max, const char *what)
{
	return get(in, UINT, 0, max, what).value;
}

void cbor_get_true(struct cbor_in *in, const char *what)
{
	get(in, BOOLEAN, true, true, what);
}

struct ctpm_bytes cbor_get_bytes(struct cbor_in *in, size_t min, size_t max, const char *what)
{
	struct item i = get(in, BYTES, min, max, what);

	return (struct ctpm_bytes){ i.data, i.value };
}

struct ctpm_bytes cbor_get_text(struct cbor_in *in, size_t min, size_t max, const char *what)
{
	struct item i = get(in, TEXT, min, max, what);

	for (size_t k = 0; k < i.value; k++) {
		if (i.data[k] <= ' ' || i.data[k] > '~') {
			cbor_refuse(in, what);
			return (struct ctpm_bytes){ NULL, 0 };
		}
	}
	return (struct ctpm_bytes){ i.data, i.value };
}

void cbor_get_constant(struct cbor_in *in, const char *text, const char *what)
{
	size_t len = strlen(text);
	struct item i = get(in, TEXT, len, len, what);

	if (i.data && memcmp(i.data, text, len))
		cbor_refuse(in, what);
}

size_t cbor_get_array(struct cbor_in *in, size_t min, size_t max, const char *what)
{
	return get(in, ARRAY, min, max, what).value;
}

size_t cbor_get_map(struct cbor_in *in, size_t min, size_t max, const char *what)
{
	return get(in, MAP, min, max, what).value;
}

bool cbor_at_key(struct cbor_in *in, int64_t key)
{
	struct cbor_in ahead = *in;
	struct item i = next_item(&ahead);

	if (i.kind != (key < 0 ? NEGINT : UINT) || i.value != (uint64_t)(key < 0 ? -1 - key : key))
		return false;
	in->c = ahead.c;
	return true;
}

void cbor_get_key(struct cbor_in *in, int64_t key, const char *what)
{
	if (!cbor_at_key(in, key))
		cbor_refuse(in, what);
}

/* @n bytes were written at the cursor, none if there was no room */
static void wrote(struct cur *out, size_t n)
{
	if (!n || !cur_room(out, n))
		out->failed = true;
}

#define PUT(out, encode, v) \
	wrote(out, (out)->failed ? 0 : encode(v, (out)->w + (out)->pos, cur_remaining(out)))

void cbor_put_int(struct cur *out, int64_t value)
{
	if (value < 0)
		PUT(out, cbor_encode_negint, (uint64_t)(-1 - value));
	else
		PUT(out, cbor_encode_uint, (uint64_t)value);
}

void cbor_put_bytes(struct cur *out, struct ctpm_bytes bytes)
{
	PUT(out, cbor_encode_bytestring_start, bytes.len);
	cur_put_bytes(out, bytes.data, bytes.len);
}

void cbor_put_text(struct cur *out, struct ctpm_bytes text)
{
	PUT(out, cbor_encode_string_start, text.len);
	cur_put_bytes(out, text.data, text.len);
}

void cbor_put_constant(struct cur *out, const char *text)
{
	cbor_put_text(out, (struct ctpm_bytes){ (const uint8_t *)text, strlen(text) });
}

void cbor_put_true(struct cur *out)
{
	PUT(out, cbor_encode_bool, true);
}

void cbor_put_array(struct cur *out, size_t n)
{
	PUT(out, cbor_encode_array_start, n);
}

void cbor_put_map(struct cur *out, size_t n)
{
	PUT(out, cbor_encode_map_start, n);
}
