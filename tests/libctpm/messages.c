// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages: what each has to look like, down to the last bit. A good one of each is taken
 * apart here by a small decoder of the tests' own, and put together again in every way but
 * the right one.
 */
#include <ctpm/evidence.h>
#include <stdio.h>
#include <stdlib.h>

#include "test.h"

#define FIELDS_MAX 16
#define ITEMS_MAX  128

enum message { CHALLENGE, CLAIMS, REQUEST, REPLY, EVIDENCE, MESSAGES };

static const char *const message_names[MESSAGES] = { "challenge", "claims", "request", "reply",
						     "evidence" };

struct text {
	uint8_t data[8192];
	size_t len;
};

/* Decode, and encode what was decoded: the same bytes; that it was refused leaves zeros */
static bool taken(enum message m, const uint8_t *data, size_t len)
{
	static const uint8_t zeros[sizeof(struct ctpm_claims)];
	struct ctpm_why why = { CTPM_OK, "" };
	union {
		struct ctpm_challenge challenge;
		struct ctpm_claims claims;
		struct ctpm_reply reply;
		struct ctpm_evidence evidence;
	} d;
	/* of its own size, so that a sanitizer sees the end */
	uint8_t *own = malloc(len ? len : 1), *again = NULL;
	enum ctpm_error error = CTPM_ERR_FORM;
	size_t again_len = 0, size = 0;

	memcpy(own, data, len);
	memset(&d, 0xff, sizeof(d));
	switch (m) {
	case CHALLENGE:
		size = sizeof(d.challenge);
		error = ctpm_challenge_decode(own, len, &d.challenge, &why);
		if (!error)
			error = ctpm_challenge_encode(&d.challenge, &again, &again_len, &why);
		break;
	case CLAIMS:
		size = sizeof(d.claims);
		error = ctpm_claims_decode(own, len, &d.claims, &why);
		if (!error)
			error = ctpm_claims_encode(&d.claims, &again, &again_len, &why);
		break;
	case REQUEST:
		size = sizeof(d.claims);
		error = ctpm_request_decode(own, len, &d.claims, &why);
		if (!error)
			error = ctpm_request_encode(&d.claims, &again, &again_len, &why);
		break;
	case REPLY:
		size = sizeof(d.reply);
		error = ctpm_reply_decode(own, len, &d.reply, &why);
		if (!error)
			error = ctpm_reply_encode(&d.reply, &again, &again_len, &why);
		break;
	default:
		size = sizeof(d.evidence);
		error = ctpm_evidence_decode(own, len, &d.evidence, &why);
		if (!error)
			error = ctpm_evidence_encode(&d.evidence, &again, &again_len, &why);
		break;
	}
	if (error) {
		assert_int_equal(error, CTPM_ERR_FORM);
		assert_int_equal(why.code, CTPM_ERR_FORM);
		assert_true(why.text[0]);
		assert_memory_equal(&d, zeros, size);
	} else {
		assert_int_equal(again_len, len);
		assert_memory_equal(again, own, len);
	}
	free(again);
	free(own);
	return !error;
}

static bool taken_text(enum message m, const struct text *t)
{
	return taken(m, t->data, t->len);
}

static void put(struct text *t, const void *data, size_t len)
{
	assert_true(len <= sizeof(t->data) - t->len);
	memcpy(t->data + t->len, data, len);
	t->len += len;
}

static void put_byte(struct text *t, int byte)
{
	uint8_t b = (uint8_t)byte;

	put(t, &b, 1);
}

/* A head with its argument in 0 (in the first byte), 1, 2, 4 or 8 bytes */
static void put_head_in(struct text *t, int major, uint64_t n, size_t bytes)
{
	static const int more[] = { 0, 24, 25, 0, 26, 0, 0, 0, 27 };

	put_byte(t, major << 5 | (bytes ? more[bytes] : (int)n));
	for (size_t i = bytes; i > 0; i--)
		put_byte(t, (int)(n >> (8 * (i - 1)) & 0xff));
}

static size_t shortest(uint64_t n)
{
	return n < 24 ? 0 : n < 0x100 ? 1 : n < 0x10000 ? 2 : n < 0x100000000 ? 4 : 8;
}

static void put_head(struct text *t, int major, uint64_t n)
{
	put_head_in(t, major, n, shortest(n));
}

static void put_key(struct text *t, int64_t key)
{
	put_head(t, key < 0, (uint64_t)(key < 0 ? -1 - key : key));
}

/*
 * Good messages
 */

static const uint8_t filler[70000] = { 0x5a };

static struct ctpm_bytes some(size_t len)
{
	return (struct ctpm_bytes){ filler, len };
}

static const struct ctpm_bytes aud = { (const uint8_t *)"verifier.example", 16 };

/* With all that may be there; payloads are small where they may be */
static struct ctpm_claims full_claims(void)
{
	struct ctpm_claims c = {
		.nonce = some(32),
		.aud = aud,
		.mode = CTPM_MODE_BIND,
		.report = some(CTPM_REPORT_SIZE),
		.manifest = some(300),
		.certs = some(30),
		.log = some(20),
		.ak = some(90),
		.ak_cert = some(2),
		.ek_cert = { some(3), some(4), some(5), some(6) },
		.ek_certs = 4,
		.fresh = some(CTPM_REPORT_SIZE),
		.pcrs = { .bank = CTPM_BANK_SHA256, .mask = 0x802001 },
	};

	memset(c.pcrs.value, 7, sizeof(c.pcrs.value));
	return c;
}

static void make(enum message m, bool full, struct text *t)
{
	struct ctpm_claims c = full_claims();
	struct ctpm_challenge challenge = { .nonce = some(32) };
	struct ctpm_reply reply = { some(2), some(300), some(17) };
	struct ctpm_evidence evidence = { some(200), some(300) };
	uint8_t *out = NULL;
	size_t len = 0;

	if (full)
		challenge = (struct ctpm_challenge){ some(16), aud, true, CTPM_BANK_SHA512,
						     1u << 23 | 1u << 13 | 1 };
	else
		c.aud.len = c.certs.len = c.ak_cert.len = c.ek_certs = c.fresh.len = 0;
	switch (m) {
	case CHALLENGE:
		assert_int_equal(ctpm_challenge_encode(&challenge, &out, &len, NULL), CTPM_OK);
		break;
	case CLAIMS:
		assert_int_equal(ctpm_claims_encode(&c, &out, &len, NULL), CTPM_OK);
		break;
	case REQUEST:
		assert_int_equal(ctpm_request_encode(&c, &out, &len, NULL), CTPM_OK);
		break;
	case REPLY:
		assert_int_equal(ctpm_reply_encode(&reply, &out, &len, NULL), CTPM_OK);
		break;
	default:
		assert_int_equal(ctpm_evidence_encode(&evidence, &out, &len, NULL), CTPM_OK);
		break;
	}
	t->len = 0;
	put(t, out, len);
	free(out);
}

/*
 * Taken apart
 */

/* An item: from its first byte up to its end; arrays, maps: with what is in them */
struct item {
	int major;
	uint64_t n;
	size_t start, head, end;
	bool is_key;
};

struct items {
	struct item item[ITEMS_MAX];
	size_t count;
};

static size_t walk(const struct text *t, size_t at, struct items *all, bool is_key)
{
	struct item *i = &all->item[all->count++];
	size_t more = t->data[at] & 31, within;

	assert_true(all->count < ITEMS_MAX && more < 28);
	*i = (struct item){ t->data[at] >> 5, more, at, 1, 0, is_key };
	if (more >= 24) {
		i->n = 0;
		for (size_t k = 0; k < (size_t)1 << (more - 24); k++)
			i->n = i->n << 8 | t->data[at + i->head++];
	}
	at += i->head;
	if (i->major == 2 || i->major == 3)
		at += i->n;
	within = i->major == 4 ? i->n : i->major == 5 ? 2 * i->n : 0;
	for (size_t k = 0; k < within; k++)
		at = walk(t, at, all, i->major == 5 && k % 2 == 0);
	i->end = at;
	return at;
}

static void walk_all(const struct text *t, struct items *all)
{
	all->count = 0;
	assert_int_equal(walk(t, 0, all, false), t->len);
}

/* A map's keys and values, as they are encoded */
struct field {
	struct text key, value;
};

struct fields {
	struct field field[FIELDS_MAX];
	size_t count;
};

static void split(const struct text *t, struct fields *f)
{
	struct items all;
	size_t at;

	walk_all(t, &all);
	f->count = all.item[0].n;
	assert_true(f->count < FIELDS_MAX);
	at = 1;
	for (size_t i = 0; i < f->count; i++) {
		struct text *part[2] = { &f->field[i].key, &f->field[i].value };

		for (int k = 0; k < 2; k++) {
			const struct item *it = &all.item[at];

			part[k]->len = 0;
			put(part[k], t->data + it->start, it->end - it->start);
			for (at++; at < all.count && all.item[at].start < it->end; at++)
				;
		}
	}
}

static void join(const struct fields *f, struct text *t)
{
	t->len = 0;
	put_head(t, 5, f->count);
	for (size_t i = 0; i < f->count; i++) {
		put(t, f->field[i].key.data, f->field[i].key.len);
		put(t, f->field[i].value.data, f->field[i].value.len);
	}
}

static void remove_field(struct fields *f, size_t at)
{
	memmove(&f->field[at], &f->field[at + 1], (f->count - at - 1) * sizeof(f->field[0]));
	f->count--;
}

static void insert_field(struct fields *f, size_t at, const struct field *new)
{
	memmove(&f->field[at + 1], &f->field[at], (f->count - at) * sizeof(f->field[0]));
	f->field[at] = *new;
	f->count++;
}

static struct text key_of(int64_t key)
{
	struct text t = { .len = 0 };

	put_key(&t, key);
	return t;
}

static size_t find(const struct fields *f, int64_t key)
{
	struct text k = key_of(key);

	for (size_t i = 0; i < f->count; i++)
		if (f->field[i].key.len == k.len && !memcmp(f->field[i].key.data, k.data, k.len))
			return i;
	fail_msg("no key %lld", (long long)key);
	return 0;
}

/*
 * Tests of the form that are the same for all
 */

static struct text good, bad;
static struct fields good_fields, fields;
static struct items good_items;

#define EACH_MESSAGE(m)                                     \
	for (enum message m = CHALLENGE; m < MESSAGES; m++) \
		for (int full = 0; full < 2; full++)

static void start(enum message m, int full)
{
	make(m, full, &good);
	split(&good, &good_fields);
	walk_all(&good, &good_items);
	fields = good_fields;
}

static void refused(enum message m, const char *how, size_t where)
{
	if (taken_text(m, &bad))
		fail_msg("%s with %s (%zu) is accepted", message_names[m], how, where);
}

static void what_was_encoded_decodes_to_the_same_bytes(void **state)
{
	(void)state;
	EACH_MESSAGE(m)
	{
		start(m, full);
		assert_true(taken_text(m, &good));
		join(&fields, &bad);
		assert_int_equal(bad.len, good.len);
		assert_memory_equal(bad.data, good.data, good.len);
	}
}

/* Which keys may be missing is in the protocol; here by their encoded order */
static void each_field_is_required_but_the_optional_ones(void **state)
{
	static const int64_t optional[MESSAGES][6] = {
		[CHALLENGE] = { 3, -70011, -70012 },
		[CLAIMS] = { 3, -70004, -70007, -70008, -70009 },
		[REQUEST] = { -70004, -70008 },
	};

	(void)state;
	EACH_MESSAGE(m)
	{
		start(m, full);
		for (size_t i = 0; i < good_fields.count; i++) {
			bool may = false;

			for (int k = 0; k < 6 && optional[m][k]; k++) {
				struct text key = key_of(optional[m][k]);

				may |= good_fields.field[i].key.len == key.len &&
				       !memcmp(good_fields.field[i].key.data, key.data, key.len);
			}
			fields = good_fields;
			remove_field(&fields, i);
			join(&fields, &bad);
			if (taken_text(m, &bad) != may)
				fail_msg("%s without field %zu", message_names[m], i);
		}
	}
}

static void a_field_twice_is_refused(void **state)
{
	(void)state;
	EACH_MESSAGE(m)
	{
		start(m, full);
		for (size_t i = 0; i < good_fields.count; i++) {
			fields = good_fields;
			insert_field(&fields, i, &good_fields.field[i]);
			join(&fields, &bad);
			refused(m, "a field twice", i);
		}
	}
}

static void fields_in_another_order_are_refused(void **state)
{
	(void)state;
	EACH_MESSAGE(m)
	{
		start(m, full);
		for (size_t i = 0; i < good_fields.count; i++) {
			for (size_t k = i + 1; k < good_fields.count; k++) {
				fields = good_fields;
				fields.field[i] = good_fields.field[k];
				fields.field[k] = good_fields.field[i];
				join(&fields, &bad);
				refused(m, "fields swapped", i);
			}
		}
	}
}

/* Anywhere: a key of another message, one that nobody has, one that is no number */
static void unknown_keys_are_refused(void **state)
{
	static const int64_t keys[] = { 0,	1,	2,	4,	24,	256,	266,
					-1,	-70000, -70013, -70020, -70024, -75008, 3,
					10,	265,	-70001, -70002, -70003, -70004, -70005,
					-70006, -70007, -70008, -70009, -70010, -70011, -70012,
					-70021, -70022, -70023 };
	struct field new = { .value.len = 0 };

	(void)state;
	put_head(&new.value, 2, 0);
	EACH_MESSAGE(m)
	{
		start(m, full);
		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
			new.key = key_of(keys[k]);
			for (size_t i = 0; i <= good_fields.count; i++) {
				fields = good_fields;
				insert_field(&fields, i, &new);
				join(&fields, &bad);
				refused(m, "an unknown key", k);
			}
		}
		new.key.len = 0;
		put_head(&new.key, 3, 1);
		put_byte(&new.key, 'a');
		for (size_t i = 0; i <= good_fields.count; i++) {
			fields = good_fields;
			insert_field(&fields, i, &new);
			join(&fields, &bad);
			refused(m, "a key of text", i);
		}
	}
}

/* @t with bytes @from to @to replaced */
static void replace(const struct text *t, size_t from, size_t to, const struct text *by)
{
	bad.len = 0;
	put(&bad, t->data, from);
	put(&bad, by->data, by->len);
	put(&bad, t->data + to, t->len - to);
}

static void numbers_and_lengths_have_their_shortest_form(void **state)
{
	static const size_t widths[] = { 1, 2, 4, 8 };
	struct text head;

	(void)state;
	EACH_MESSAGE(m)
	{
		start(m, full);
		for (size_t i = 0; i < good_items.count; i++) {
			const struct item *it = &good_items.item[i];

			for (size_t w = 0; w < 4; w++) {
				if (widths[w] <= shortest(it->n))
					continue;
				head.len = 0;
				put_head_in(&head, it->major, it->n, widths[w]);
				replace(&good, it->start, it->start + it->head, &head);
				refused(m, "a longer head of item", i);
			}
		}
	}
}

static void indefinite_lengths_are_refused(void **state)
{
	static struct text whole;

	(void)state;
	EACH_MESSAGE(m)
	{
		start(m, full);
		for (size_t i = 0; i < good_items.count; i++) {
			const struct item *it = &good_items.item[i];
			size_t from = it->start;

			if (it->major < 2 || it->major > 5)
				continue;
			/* strings: one definite chunk within */
			if (it->major > 3)
				from += it->head;
			whole.len = 0;
			put_byte(&whole, it->major << 5 | 31);
			put(&whole, good.data + from, it->end - from);
			put_byte(&whole, 0xff);
			replace(&good, it->start, it->end, &whole);
			refused(m, "an indefinite length of item", i);
		}
	}
}

static void tags_are_refused(void **state)
{
	(void)state;
	EACH_MESSAGE(m)
	{
		start(m, full);
		for (size_t i = 0; i < good_items.count; i++) {
			static const uint8_t tags[][3] = { { 0xc0 },
							   { 0xd8, 61 },
							   { 0xd9, 0xd9, 0xf7 } };

			for (size_t k = 0; k < 3; k++) {
				struct text tag = { .len = 0 };

				put(&tag, tags[k], k + 1);
				replace(&good, good_items.item[i].start, good_items.item[i].start,
					&tag);
				refused(m, "a tag before item", i);
			}
		}
	}
}

static void other_types_are_refused(void **state)
{
	static const struct {
		uint8_t data[9];
		size_t len;
	} others[] = {
		{ { 0x00 }, 1 },
		{ { 0x18, 99 }, 2 },
		{ { 0x20 }, 1 },
		{ { 0x40 }, 1 },
		{ { 0x60 }, 1 },
		{ { 0x61, 'a' }, 2 },
		{ { 0x41, 'a' }, 2 },
		{ { 0x80 }, 1 },
		{ { 0xa0 }, 1 },
		{ { 0xf4 }, 1 },
		{ { 0xf5 }, 1 },
		{ { 0xf6 }, 1 },
		{ { 0xf7 }, 1 },
		{ { 0xf8, 0x20 }, 2 },
		{ { 0xf8, 0x15 }, 2 },
		{ { 0xf9, 0x3c, 0x00 }, 3 },
		{ { 0xfa, 0x3f, 0x80, 0, 0 }, 5 },
		{ { 0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0 }, 9 },
		{ { 0xff }, 1 },
		{ { 0x1c }, 1 },
		{ { 0x5f, 0xff }, 2 },
	};

	(void)state;
	EACH_MESSAGE(m)
	{
		start(m, full);
		for (size_t i = 0; i < good_items.count; i++) {
			for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++) {
				const struct item *it = &good_items.item[i];
				struct text other = { .len = 0 };

				put(&other, others[k].data, others[k].len);
				replace(&good, it->start, it->end, &other);
				/* some are what was there, or might have been: a short string */
				if (bad.len == good.len && !memcmp(bad.data, good.data, bad.len))
					continue;
				if (others[k].len == 2 && others[k].data[1] == 'a' &&
				    it->major == others[k].data[0] >> 5 && !it->is_key)
					continue;
				/* PCR 0 in place of the first one */
				if (!others[k].data[0] && it->major == 0)
					continue;
				refused(m, "another type at item", 100 * i + k);
			}
		}
	}
}

static void maps_and_arrays_hold_what_they_say(void **state)
{
	(void)state;
	EACH_MESSAGE(m)
	{
		start(m, full);
		for (size_t i = 0; i < good_items.count; i++) {
			const struct item *it = &good_items.item[i];
			struct text head = { .len = 0 };

			if (it->major != 4 && it->major != 5)
				continue;
			put_head(&head, it->major, it->n + 1);
			replace(&good, it->start, it->start + it->head, &head);
			refused(m, "one element too few in item", i);
			head.len = 0;
			put_head(&head, it->major, it->n - 1);
			replace(&good, it->start, it->start + it->head, &head);
			refused(m, "one element too many in item", i);
			head.len = 0;
			put_head(&head, it->major, UINT64_MAX);
			replace(&good, it->start, it->start + it->head, &head);
			refused(m, "very many elements in item", i);
		}
	}
}

static void every_truncation_is_refused(void **state)
{
	(void)state;
	EACH_MESSAGE(m)
	{
		start(m, full);
		for (size_t n = 0; n < good.len; n++)
			if (taken(m, good.data, n))
				fail_msg("%zu bytes of %s are accepted", n, message_names[m]);
	}
}

static void bytes_behind_are_refused(void **state)
{
	(void)state;
	EACH_MESSAGE(m)
	{
		start(m, full);
		for (int byte = 0; byte < 256; byte++) {
			bad = good;
			put_byte(&bad, byte);
			refused(m, "a byte behind it", (size_t)byte);
		}
	}
}

static void a_message_is_not_another_one(void **state)
{
	(void)state;
	EACH_MESSAGE(m)
	{
		start(m, full);
		for (enum message other = CHALLENGE; other < MESSAGES; other++)
			assert_int_equal(taken_text(other, &good), other == m);
	}
}

/*
 * Sizes and values
 */

static void sizes_are_within_their_bounds(void **state)
{
	static const struct {
		enum message m;
		int64_t key;
		int major;
		size_t min, max;
	} bounds[] = {
		{ CHALLENGE, 3, 3, 1, 255 },	    { CHALLENGE, 10, 2, 16, 64 },
		{ CLAIMS, 3, 3, 1, 255 },	    { CLAIMS, 10, 2, 16, 64 },
		{ CLAIMS, -70002, 2, 1184, 1184 },  { CLAIMS, -70003, 2, 1, 4096 },
		{ CLAIMS, -70004, 2, 1, 65536 },    { CLAIMS, -70005, 2, 1, 65536 },
		{ CLAIMS, -70006, 2, 1, 1024 },	    { CLAIMS, -70007, 2, 1, 4096 },
		{ CLAIMS, -70009, 2, 1184, 1184 },  { REQUEST, 10, 2, 32, 32 },
		{ REQUEST, -70002, 2, 1184, 1184 }, { REQUEST, -70003, 2, 1, 4096 },
		{ REQUEST, -70004, 2, 1, 65536 },   { REQUEST, -70005, 2, 1, 65536 },
		{ REQUEST, -70006, 2, 1, 1024 },    { REPLY, -70021, 2, 1, 512 },
		{ REPLY, -70022, 2, 1, 1024 },	    { REPLY, -70023, 2, 17, 4112 },
	};
	uint8_t *all = malloc(sizeof(good.data) + sizeof(filler));

	(void)state;
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		const size_t sizes[] = { 0, bounds[i].min - 1, bounds[i].min, bounds[i].max,
					 bounds[i].max + 1 };

		start(bounds[i].m, true);
		for (size_t k = 0; k < 5; k++) {
			size_t at = find(&fields, bounds[i].key), len;
			bool may = sizes[k] >= bounds[i].min && sizes[k] <= bounds[i].max;
			struct fields before = good_fields, after = good_fields;

			/* head of the value, then its bytes, which have no room in a text */
			before.count = at + 1;
			before.field[at].value.len = 0;
			put_head(&before.field[at].value, bounds[i].major, sizes[k]);
			join(&before, &bad);
			bad.data[0] = good.data[0];
			memcpy(all, bad.data, bad.len);
			len = bad.len;
			memset(all + len, 'a', sizes[k]);
			len += sizes[k];
			memmove(after.field, after.field + at + 1,
				(good_fields.count - at - 1) * sizeof(after.field[0]));
			after.count = good_fields.count - at - 1;
			join(&after, &bad);
			memcpy(all + len, bad.data + 1, bad.len - 1);
			len += bad.len - 1;
			if (taken(bounds[i].m, all, len) != may)
				fail_msg("%s, key %lld of %zu bytes", message_names[bounds[i].m],
					 (long long)bounds[i].key, sizes[k]);
		}
	}
	free(all);
}

static void the_parts_of_evidence_are_within_their_bounds(void **state)
{
	static const struct {
		size_t quote, claims;
		enum ctpm_error expected;
	} cases[] = {
		{ 1, 1, CTPM_OK },
		{ 4096, 1, CTPM_OK },
		{ 0, 1, CTPM_ERR_ARGUMENT },
		{ 1, 0, CTPM_ERR_ARGUMENT },
		{ 4097, 1, CTPM_ERR_ARGUMENT },
		{ 1, CTPM_EVIDENCE_SIZE_MAX - 1, CTPM_ERR_ARGUMENT },
		{ 1, CTPM_EVIDENCE_SIZE_MAX - 200, CTPM_OK },
		/* more than the largest message by itself */
		{ 1, CTPM_EVIDENCE_SIZE_MAX, CTPM_ERR_ARGUMENT },
	};
	uint8_t *large = calloc(1, CTPM_EVIDENCE_SIZE_MAX);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ctpm_evidence e = { { large, cases[i].quote }, { large, cases[i].claims } };
		uint8_t *out = NULL;
		size_t len;

		assert_int_equal(ctpm_evidence_encode(&e, &out, &len, NULL), cases[i].expected);
		if (!cases[i].expected)
			assert_true(taken(EVIDENCE, out, len));
		free(out);
	}
	free(large);
}

/* The only field's value replaced */
static bool with_value(enum message m, int64_t key, const struct text *value)
{
	start(m, true);
	fields.field[find(&fields, key)].value = *value;
	join(&fields, &bad);
	return taken_text(m, &bad);
}

static void a_name_is_printable_without_spaces(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		struct text value = { .len = 0 };

		put_head(&value, 3, 3);
		put_byte(&value, 'a');
		put_byte(&value, c);
		put_byte(&value, 'b');
		assert_int_equal(with_value(CHALLENGE, 3, &value), c >= '!' && c <= '~');
		assert_int_equal(with_value(CLAIMS, 3, &value), c >= '!' && c <= '~');
	}
}

static struct text string(const char *s)
{
	struct text value = { .len = 0 };

	put_head(&value, 3, strlen(s));
	put(&value, s, strlen(s));
	return value;
}

static void modes_and_profiles_have_their_names(void **state)
{
	static const struct {
		const char *text;
		bool mode;
	} cases[] = {
		{ "svsm", true },
		{ "bind", true },
		{ "SVSM", false },
		{ "svs", false },
		{ "svsmx", false },
		{ "", false },
		{ "urn:uuid:7d475de3-669b-4e19-a1d0-dce40d09ff72", false },
		{ "urn:uuid:7D475de3-669b-4e19-a1d0-dce40d09ff71", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text value = string(cases[i].text);

		assert_int_equal(with_value(CLAIMS, -70001, &value), cases[i].mode);
		assert_int_equal(with_value(REQUEST, -70001, &value), cases[i].mode);
		assert_false(with_value(CLAIMS, 265, &value));
		assert_false(with_value(CHALLENGE, 265, &value));
		assert_false(with_value(REPLY, 265, &value));
	}
}

static void want_fresh_is_true_or_absent(void **state)
{
	struct text value = { .data = { 0xf4 }, .len = 1 };

	(void)state;
	assert_false(with_value(CHALLENGE, -70011, &value));
	value.data[0] = 0xf5;
	assert_true(with_value(CHALLENGE, -70011, &value));
}

/* [ bank, { pcr => size bytes, ... } ], and the same wanted: [ bank, [ pcr, ... ] ] */
static bool pcrs_taken(uint64_t bank, const uint64_t *pcrs, size_t n, size_t size)
{
	struct text have = { .len = 0 }, want = { .len = 0 };
	bool taken_have, taken_want;

	put_head(&have, 4, 2);
	put_head(&want, 4, 2);
	put_head(&have, 0, bank);
	put_head(&want, 0, bank);
	put_head(&have, 5, n);
	put_head(&want, 4, n);
	for (size_t i = 0; i < n; i++) {
		put_head(&have, 0, pcrs[i]);
		put_head(&want, 0, pcrs[i]);
		put_head(&have, 2, size);
		put(&have, filler, size);
	}
	taken_have = with_value(CLAIMS, -70010, &have);
	taken_want = with_value(CHALLENGE, -70012, &want);
	/* sizes are nothing that a challenge has */
	if (ctpm_bank_size((uint16_t)bank) == size || !ctpm_bank_size((uint16_t)bank))
		assert_int_equal(taken_have, taken_want);
	return taken_have;
}

static void pcrs_are_in_order_and_of_a_bank(void **state)
{
	static const uint64_t all[] = { 0,  1,	2,  3,	4,  5,	6,  7,	8,  9,	10, 11,
					12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23 };
	static const uint64_t last[] = { 23 }, above[] = { 24 }, far[] = { 32 },
			      wrap[] = { 0x100000000 }, twice[] = { 4, 4 }, back[] = { 5, 4 };

	(void)state;
	assert_true(pcrs_taken(11, all, 24, 32));
	assert_true(pcrs_taken(12, all, 24, 48));
	assert_true(pcrs_taken(13, all, 24, 64));
	assert_true(pcrs_taken(11, last, 1, 32));
	assert_false(pcrs_taken(11, all, 0, 32));
	assert_false(pcrs_taken(11, above, 1, 32));
	assert_false(pcrs_taken(11, far, 1, 32));
	assert_false(pcrs_taken(11, wrap, 1, 32));
	assert_false(pcrs_taken(11, twice, 2, 32));
	assert_false(pcrs_taken(11, back, 2, 32));
	/* SHA-1, others, and beyond 16 bits */
	assert_false(pcrs_taken(4, all, 24, 20));
	assert_false(pcrs_taken(0, all, 24, 32));
	assert_false(pcrs_taken(14, all, 24, 32));
	assert_false(pcrs_taken(0x27, all, 24, 32));
	assert_false(pcrs_taken(0x1000b, all, 24, 32));
	/* values of another bank's size */
	assert_false(pcrs_taken(11, last, 1, 31));
	assert_false(pcrs_taken(11, last, 1, 33));
	assert_false(pcrs_taken(11, last, 1, 48));
	assert_false(pcrs_taken(12, last, 1, 32));
	assert_false(pcrs_taken(11, last, 1, 0));
}

static bool ek_certs_taken(size_t n, size_t size)
{
	struct text value = { .len = 0 };

	put_head(&value, 4, n);
	for (size_t i = 0; i < n; i++) {
		put_head(&value, 2, size);
		if (i + 1 == n || size < 100)
			put(&value, filler, size);
	}
	return with_value(CLAIMS, -70008, &value) && with_value(REQUEST, -70008, &value);
}

static void ek_certificates_are_one_to_four(void **state)
{
	(void)state;
	assert_true(ek_certs_taken(1, 1));
	assert_true(ek_certs_taken(4, 1));
	assert_true(ek_certs_taken(1, 4096));
	assert_false(ek_certs_taken(0, 1));
	assert_false(ek_certs_taken(5, 1));
	assert_false(ek_certs_taken(1, 0));
	assert_false(ek_certs_taken(1, 4097));
}

/*
 * Vectors, by hand from the protocol
 */

static void vector(enum message m, const char *hex)
{
	struct text t = { .len = 0 };
	unsigned int byte;

	for (; *hex; hex++) {
		if (*hex == ' ')
			continue;
		assert_int_equal(sscanf(hex++, "%2x", &byte), 1);
		put_byte(&t, (int)byte);
	}
	assert_true(taken_text(m, &t));
	good = t;
}

static void a_challenge_in_hex_is_decoded(void **state)
{
	struct ctpm_challenge c;

	(void)state;
	vector(CHALLENGE,
	       "a5"
	       "03 63 612e62"
	       "0a 50 000102030405060708090a0b0c0d0e0f"
	       "190109 782d 75726e3a757569643a39653665376164332d613334662d343261372d613339382d36303036"
	       "6666383631313734"
	       "3a0001117a f5"
	       "3a0001117b 82 0b 83 00 0d 17");
	assert_int_equal(ctpm_challenge_decode(good.data, good.len, &c, NULL), CTPM_OK);
	assert_int_equal(c.nonce.len, 16);
	assert_int_equal(c.nonce.data[15], 15);
	assert_int_equal(c.aud.len, 3);
	assert_memory_equal(c.aud.data, "a.b", 3);
	assert_true(c.want_fresh);
	assert_int_equal(c.want_bank, CTPM_BANK_SHA256);
	assert_int_equal(c.want_pcrs, 1u << 23 | 1u << 13 | 1);
}

static void a_challenge_of_a_nonce_alone_is_decoded(void **state)
{
	struct ctpm_challenge c;

	(void)state;
	vector(CHALLENGE,
	       "a2 0a 50 000102030405060708090a0b0c0d0e0f"
	       "190109 782d 75726e3a757569643a39653665376164332d613334662d343261372d613339382d36303036"
	       "6666383631313734");
	assert_int_equal(ctpm_challenge_decode(good.data, good.len, &c, NULL), CTPM_OK);
	assert_true(!c.aud.len && !c.want_fresh && !c.want_bank && !c.want_pcrs);
}

static void a_reply_in_hex_is_decoded(void **state)
{
	struct ctpm_reply r;

	(void)state;
	vector(REPLY,
	       "a4"
	       "190109 782d 75726e3a757569643a38303264303931642d383364662d346135652d626235312d64323763"
	       "3861303938646539"
	       "3a00011184 42 aabb"
	       "3a00011185 41 cc"
	       "3a00011186 51 000102030405060708090a0b0c0d0e0f10");
	assert_int_equal(ctpm_reply_decode(good.data, good.len, &r, NULL), CTPM_OK);
	assert_int_equal(r.credential.len, 2);
	assert_int_equal(r.secret.data[0], 0xcc);
	assert_int_equal(r.sealed.len, 17);
}

static void evidence_in_hex_is_decoded(void **state)
{
	struct ctpm_evidence e;

	(void)state;
	vector(EVIDENCE,
	       "a3"
	       "65 71756f7465 83 781a 6170706c69636174696f6e2f766e642e6374706d2e71756f7465 41 01 04"
	       "66 636c61696d73 83 7818 6170706c69636174696f6e2f6561742d7563732b63626f72 42 0203 04"
	       "68 5f5f636d77635f74 782d 75726e3a757569643a37643437356465332d363639622d346531392d613164"
	       "302d646365343064303966663731");
	assert_int_equal(ctpm_evidence_decode(good.data, good.len, &e, NULL), CTPM_OK);
	assert_int_equal(e.quote.len, 1);
	assert_int_equal(e.claims.len, 2);
	assert_int_equal(e.claims.data[1], 3);
}

/*
 * Encoders
 */

static enum ctpm_error encode_claims(const struct ctpm_claims *c)
{
	struct ctpm_why why = { CTPM_OK, "" };
	uint8_t *out = NULL;
	size_t len;
	enum ctpm_error error = ctpm_claims_encode(c, &out, &len, &why);

	assert_int_equal(why.code, error);
	assert_int_equal(!out, !!error);
	free(out);
	return error;
}

static enum ctpm_error encode_challenge(struct ctpm_challenge c)
{
	uint8_t *out = NULL;
	size_t len;
	enum ctpm_error error = ctpm_challenge_encode(&c, &out, &len, NULL);

	free(out);
	return error;
}

static void nobody_can_encode_what_nobody_decodes(void **state)
{
	const struct ctpm_claims ok = full_claims();
	uint8_t long_name[256];
	struct ctpm_claims c;

	(void)state;
#define BAD(member, value)                                              \
	do {                                                            \
		c = ok;                                                 \
		c.member = (value);                                     \
		assert_int_equal(encode_claims(&c), CTPM_ERR_ARGUMENT); \
	} while (0)
	memset(long_name, 'a', sizeof(long_name));
	assert_int_equal(encode_claims(&ok), CTPM_OK);
	BAD(nonce.len, 15);
	BAD(nonce.len, 65);
	BAD(aud, ((struct ctpm_bytes){ long_name, 256 }));
	BAD(aud, some(3));
	BAD(mode, CTPM_MODES);
	BAD(report.len, CTPM_REPORT_SIZE - 1);
	BAD(manifest.len, 0);
	BAD(manifest.len, 4097);
	BAD(certs.len, 65537);
	BAD(log.len, 0);
	BAD(log.len, 65537);
	BAD(ak.len, 0);
	BAD(ak.len, 1025);
	BAD(ak_cert.len, 4097);
	BAD(ek_cert[3].len, 0);
	BAD(ek_cert[0].len, 4097);
	BAD(ek_certs, 5);
	BAD(fresh.len, CTPM_REPORT_SIZE + 1);
	BAD(pcrs.mask, 0);
	BAD(pcrs.mask, 1u << 24);
	BAD(pcrs.bank, 4);
	BAD(pcrs.bank, 0);
#undef BAD
	assert_int_equal(encode_challenge((struct ctpm_challenge){ .nonce = some(15) }),
			 CTPM_ERR_ARGUMENT);
	assert_int_equal(encode_challenge((struct ctpm_challenge){ .nonce = some(65) }),
			 CTPM_ERR_ARGUMENT);
	assert_int_equal(encode_challenge((struct ctpm_challenge){ some(16), some(2), 0, 0, 0 }),
			 CTPM_ERR_ARGUMENT);
	assert_int_equal(encode_challenge((struct ctpm_challenge){
				 .nonce = some(16), .want_bank = 4, .want_pcrs = 1 }),
			 CTPM_ERR_ARGUMENT);
	assert_int_equal(encode_challenge((struct ctpm_challenge){ .nonce = some(16),
								   .want_bank = CTPM_BANK_SHA256 }),
			 CTPM_ERR_ARGUMENT);
	assert_int_equal(encode_challenge((struct ctpm_challenge){ .nonce = some(16),
								   .want_bank = CTPM_BANK_SHA256,
								   .want_pcrs = 1u << 24 }),
			 CTPM_ERR_ARGUMENT);
}

static void banks_and_modes_have_names(void **state)
{
	(void)state;
	assert_int_equal(ctpm_bank_size(CTPM_BANK_SHA256), 32);
	assert_int_equal(ctpm_bank_size(CTPM_BANK_SHA384), 48);
	assert_int_equal(ctpm_bank_size(CTPM_BANK_SHA512), 64);
	assert_int_equal(ctpm_bank_size(4), 0);
	assert_string_equal(ctpm_bank_name(CTPM_BANK_SHA384), "sha384");
	assert_null(ctpm_bank_name(4));
	assert_string_equal(ctpm_mode_name(CTPM_MODE_SVSM), "svsm");
	assert_string_equal(ctpm_mode_name(CTPM_MODE_BIND), "bind");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(what_was_encoded_decodes_to_the_same_bytes),
	cmocka_unit_test(each_field_is_required_but_the_optional_ones),
	cmocka_unit_test(a_field_twice_is_refused),
	cmocka_unit_test(fields_in_another_order_are_refused),
	cmocka_unit_test(unknown_keys_are_refused),
	cmocka_unit_test(numbers_and_lengths_have_their_shortest_form),
	cmocka_unit_test(indefinite_lengths_are_refused),
	cmocka_unit_test(tags_are_refused),
	cmocka_unit_test(other_types_are_refused),
	cmocka_unit_test(maps_and_arrays_hold_what_they_say),
	cmocka_unit_test(every_truncation_is_refused),
	cmocka_unit_test(bytes_behind_are_refused),
	cmocka_unit_test(a_message_is_not_another_one),
	cmocka_unit_test(sizes_are_within_their_bounds),
	cmocka_unit_test(the_parts_of_evidence_are_within_their_bounds),
	cmocka_unit_test(a_name_is_printable_without_spaces),
	cmocka_unit_test(modes_and_profiles_have_their_names),
	cmocka_unit_test(want_fresh_is_true_or_absent),
	cmocka_unit_test(pcrs_are_in_order_and_of_a_bank),
	cmocka_unit_test(ek_certificates_are_one_to_four),
	cmocka_unit_test(a_challenge_in_hex_is_decoded),
	cmocka_unit_test(a_challenge_of_a_nonce_alone_is_decoded),
	cmocka_unit_test(a_reply_in_hex_is_decoded),
	cmocka_unit_test(evidence_in_hex_is_decoded),
	cmocka_unit_test(nobody_can_encode_what_nobody_decodes),
	cmocka_unit_test(banks_and_modes_have_names),
};

SUITE(messages_suite, tests);
