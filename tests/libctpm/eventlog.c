// SPDX-License-Identifier: GPL-2.0-or-later
/* Event logs: read, replayed, and refused; the driver's events in them. */
#include <ctpm/eventlog.h>
#include <linux/ctpm.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "../../tools/common/cursor.h"
#include "test.h"

struct log {
	uint8_t data[8192];
	size_t len;
};

/* What a header says; the good one has SHA-256 and a bank that nobody knows */
struct header {
	uint32_t pcr, type, size_off, banks;
	uint16_t bank[10], size[10];
	uint8_t vendor;
	const char *signature;
	uint8_t digest;
};

static const struct header good_header = {
	.type = 3,
	.banks = 2,
	.bank = { CTPM_BANK_SHA256, 0x1234, CTPM_BANK_SHA384, 4, 5, 6, 7, 8, 9, 10 },
	.size = { 32, 5, 48, 20, 20, 20, 20, 20, 20, 20 },
	.signature = "Spec ID Event03",
};

static void put_header(struct log *log, const struct header *h)
{
	struct cur c = cur_writer(log->data, sizeof(log->data));

	cur_put_le32(&c, h->pcr);
	cur_put_le32(&c, h->type);
	cur_put_u8(&c, h->digest);
	cur_put_zeros(&c, 19);
	cur_put_le32(&c, 16 + 8 + 4 + 4 * h->banks + 1 + h->vendor + h->size_off);
	cur_put_bytes(&c, h->signature, 16);
	cur_put_bytes(&c, "\0\0\0\0\0\2\0\2", 8);
	cur_put_le32(&c, h->banks);
	for (uint32_t i = 0; i < h->banks && i < 10; i++) {
		cur_put_le16(&c, h->bank[i]);
		cur_put_le16(&c, h->size[i]);
	}
	cur_put_u8(&c, h->vendor);
	cur_put_zeros(&c, h->vendor);
	assert_false(c.failed);
	log->len = c.pos;
}

/* An event of the good header's banks; a digest of bytes of this value */
static void put_event(struct log *log, uint32_t pcr, uint32_t type, int digest, const void *data,
		      uint32_t len)
{
	struct cur c = cur_writer(log->data + log->len, sizeof(log->data) - log->len);
	uint8_t value[32];

	memset(value, digest, sizeof(value));
	cur_put_le32(&c, pcr);
	cur_put_le32(&c, type);
	cur_put_le32(&c, 2);
	cur_put_le16(&c, CTPM_BANK_SHA256);
	cur_put_bytes(&c, value, 32);
	cur_put_le16(&c, 0x1234);
	cur_put_bytes(&c, value, 5);
	cur_put_le32(&c, len);
	cur_put_bytes(&c, data, len);
	assert_false(c.failed);
	log->len += c.pos;
}

/* Read to the end: how many events, or -1 if it is refused */
static int count(const uint8_t *data, size_t len)
{
	/* of its own size, so that a sanitizer sees the end */
	uint8_t *own = malloc(len ? len : 1);
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_event e;
	struct ctpm_log log;
	enum ctpm_error error;
	struct ctpm_pcrs pcrs;
	int n = 0;

	memcpy(own, data, len);
	error = ctpm_log_open(own, len, &log, &why);
	while (!error && !ctpm_log_at_end(&log)) {
		error = ctpm_log_next(&log, &e, &why);
		n += !error;
	}
	if (error) {
		assert_int_equal(error, CTPM_ERR_LOG_FORM);
		assert_int_equal(why.code, CTPM_ERR_LOG_FORM);
		assert_true(why.text[0]);
		assert_int_not_equal(ctpm_log_replay(own, len, CTPM_BANK_SHA256, &pcrs, NULL),
				     CTPM_OK);
		assert_int_equal(pcrs.mask | pcrs.bank, 0);
	}
	free(own);
	return error ? -1 : n;
}

static void header_gives(const struct header *h, int events)
{
	struct log log;

	put_header(&log, h);
	assert_int_equal(count(log.data, log.len), events);
}

/* SHA-256 alone; PCR 4, EV_IPL, a digest of 0x11, "abc" */
static void a_log_in_bytes_is_read(void **state)
{
	static const uint8_t bytes[] = {
		0,    0,    0,	  0,	3,    0,    0,	  0,	0,    0,    0,	  0,	0,    0,
		0,    0,    0,	  0,	0,    0,    0,	  0,	0,    0,    0,	  0,	0,    0,
		0x21, 0,    0,	  0,	'S',  'p',  'e',  'c',	' ',  'I',  'D',  ' ',	'E',  'v',
		'e',  'n',  't',  '0',	'3',  0,    1,	  0,	0,    0,    0,	  2,	0,    2,
		1,    0,    0,	  0,	0x0b, 0,    32,	  0,	0,    4,    0,	  0,	0,    0x0d,
		0,    0,    0,	  1,	0,    0,    0,	  0x0b, 0,    0x11, 0x11, 0x11, 0x11, 0x11,
		0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
		0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 3,
		0,    0,    0,	  'a',	'b',  'c',
	};
	/* SHA-256 of 32 bytes of zeros and 32 of 0x11 */
	uint8_t both[64] = { 0 }, expected[32];
	struct ctpm_event e;
	struct ctpm_log log;
	struct ctpm_pcrs pcrs;

	(void)state;
	assert_int_equal(ctpm_log_open(bytes, sizeof(bytes), &log, NULL), CTPM_OK);
	assert_int_equal(log.banks, 1);
	assert_int_equal(log.bank[0], CTPM_BANK_SHA256);
	assert_int_equal(log.size[0], 32);
	assert_false(ctpm_log_at_end(&log));
	assert_int_equal(ctpm_log_next(&log, &e, NULL), CTPM_OK);
	assert_true(ctpm_log_at_end(&log));
	assert_int_equal(e.pcr, 4);
	assert_int_equal(e.type, 13);
	assert_int_equal(e.kind, CTPM_EVENT_OTHER);
	assert_int_equal(e.data.len, 3);
	assert_memory_equal(e.data.data, "abc", 3);
	assert_ptr_equal(ctpm_log_digest(&log, &e, CTPM_BANK_SHA256), bytes + 79);
	assert_null(ctpm_log_digest(&log, &e, CTPM_BANK_SHA384));
	assert_int_equal(ctpm_log_next(&log, &e, NULL), CTPM_ERR_LOG_FORM);

	memset(both + 32, 0x11, 32);
	assert_int_equal(EVP_Digest(both, 64, expected, NULL, EVP_sha256(), NULL), 1);
	assert_int_equal(ctpm_log_replay(bytes, sizeof(bytes), CTPM_BANK_SHA256, &pcrs, NULL),
			 CTPM_OK);
	assert_int_equal(pcrs.mask, 1u << 4);
	assert_memory_equal(pcrs.value[4], expected, 32);
}

static void a_replay_is_what_a_tpm_would_have(void **state)
{
	static const struct {
		uint32_t pcr, type;
		int digest;
	} events[] = { { 0, 1, 1 },  { 13, 6, 2 }, { 0, 8, 3 },	 { 23, 1, 4 },
		       { 13, 6, 5 }, { 13, 3, 6 }, { 13, 6, 7 }, { 7, 3, 8 } };
	uint8_t value[24][64] = { { 0 } };
	struct ctpm_pcrs pcrs;
	struct log log;

	(void)state;
	put_header(&log, &good_header);
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		uint8_t *v = value[events[i].pcr];

		put_event(&log, events[i].pcr, events[i].type, events[i].digest, "", 0);
		/* EV_NO_ACTION is not extended */
		if (events[i].type == 3)
			continue;
		memset(v + 32, events[i].digest, 32);
		assert_int_equal(EVP_Digest(v, 64, v, NULL, EVP_sha256(), NULL), 1);
	}
	assert_int_equal(ctpm_log_replay(log.data, log.len, CTPM_BANK_SHA256, &pcrs, NULL),
			 CTPM_OK);
	assert_int_equal(pcrs.bank, CTPM_BANK_SHA256);
	assert_int_equal(pcrs.mask, 1u << 23 | 1u << 13 | 1);
	for (int i = 0; i < 24; i++)
		if (pcrs.mask >> i & 1)
			assert_memory_equal(pcrs.value[i], value[i], 32);
}

static void other_banks_are_not_replayed(void **state)
{
	static const uint16_t banks[] = { CTPM_BANK_SHA384, 0x1234, 4, 0 };
	struct ctpm_why why;
	struct ctpm_pcrs pcrs;
	struct log log;

	(void)state;
	put_header(&log, &good_header);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(ctpm_log_replay(log.data, log.len, banks[i], &pcrs, &why),
				 CTPM_ERR_LOG_FORM);
		assert_int_equal(why.code, CTPM_ERR_LOG_FORM);
		assert_int_equal(pcrs.bank, 0);
	}
}

static void headers_are_those_of_a_crypto_agile_log(void **state)
{
	struct header h = good_header;

	(void)state;
	header_gives(&h, 0);
	h.vendor = 255;
	header_gives(&h, 0);
	h = good_header;
	h.banks = 8;
	header_gives(&h, 0);
#define BAD(member, value)            \
	do {                          \
		h = good_header;      \
		h.member = (value);   \
		header_gives(&h, -1); \
	} while (0)
	BAD(pcr, 1);
	BAD(type, 0);
	BAD(type, 13);
	BAD(digest, 1);
	BAD(signature, "Spec ID Event02");
	BAD(signature, "spec ID Event03");
	BAD(banks, 0);
	BAD(banks, 9);
	BAD(banks, 10);
	BAD(size_off, 1);
	BAD(size_off, (uint32_t)-1);
	BAD(size[0], 31);
	BAD(size[0], 20);
	BAD(size[0], 64);
	BAD(size[1], 0);
	BAD(size[1], 65);
	BAD(bank[1], CTPM_BANK_SHA256);
#undef BAD
	/* counts and sizes that overflow */
	h = good_header;
	h.banks = 0x40000000;
	header_gives(&h, -1);
	h = good_header;
	h.size_off = 0x7fffffff;
	header_gives(&h, -1);
}

static void every_truncation_is_refused(void **state)
{
	struct log log;
	size_t whole[4], w = 0;

	(void)state;
	put_header(&log, &good_header);
	whole[0] = log.len;
	for (uint32_t i = 1; i < 4; i++) {
		put_event(&log, i, 6, 1, "0123456789", i * 3);
		whole[i] = log.len;
	}
	for (size_t n = 0; n <= log.len; n++) {
		bool is = n == whole[w];

		assert_int_equal(count(log.data, n), is ? (int)w : -1);
		w += is;
	}
	assert_int_equal(w, 4);
	log.data[log.len] = 0;
	assert_int_equal(count(log.data, log.len + 1), -1);
}

/* A byte of an event, from its start on */
static void event_with(size_t at, int value, int expected)
{
	struct log log;
	size_t start;

	put_header(&log, &good_header);
	start = log.len;
	put_event(&log, 13, 1, 1, "abc", 3);
	assert_int_equal(count(log.data, log.len), 1);
	log.data[start + at] = (uint8_t)value;
	assert_int_equal(count(log.data, log.len), expected);
}

static void events_are_of_the_headers_banks(void **state)
{
	(void)state;
	event_with(0, 23, 1);
	event_with(0, 24, -1);
	event_with(3, 0x80, -1);
	event_with(4, 0xff, 1);
	/* count of digests */
	event_with(8, 0, -1);
	event_with(8, 1, -1);
	event_with(8, 3, -1);
	event_with(11, 1, -1);
	/* banks: another one, and swapped */
	event_with(12, CTPM_BANK_SHA384, -1);
	event_with(13, 1, -1);
	event_with(46, 0x0b, -1);
	/* size of the event's data */
	event_with(53, 2, -1);
	event_with(53, 4, -1);
	event_with(56, 0xff, -1);
}

static void there_are_not_too_many_events(void **state)
{
	static struct {
		uint8_t data[CTPM_LOG_EVENTS_MAX * 57 + 200];
	} large;
	struct log log;
	size_t start, size;

	(void)state;
	put_header(&log, &good_header);
	start = log.len;
	put_event(&log, 13, 1, 1, "", 0);
	size = log.len - start;
	memcpy(large.data, log.data, start);
	for (size_t i = 0; i <= CTPM_LOG_EVENTS_MAX; i++)
		memcpy(large.data + start + i * size, log.data + start, size);
	assert_int_equal(count(large.data, start + CTPM_LOG_EVENTS_MAX * size),
			 CTPM_LOG_EVENTS_MAX);
	assert_int_equal(count(large.data, start + (CTPM_LOG_EVENTS_MAX + 1) * size), -1);
}

/*
 * The driver's events
 */

#define REPORT_SIZE 56

/* Tag, size, then the event; @cut: bytes that its end is off */
static int tagged(uint32_t type, uint32_t tag, const uint8_t *event, size_t len, int size_off,
		  struct ctpm_event *e)
{
	uint8_t data[512];
	struct cur c = cur_writer(data, sizeof(data));
	struct log log;
	struct ctpm_log l;
	int n;

	cur_put_le32(&c, tag);
	cur_put_le32(&c, (uint32_t)((int)len + size_off));
	cur_put_bytes(&c, event, len);
	assert_false(c.failed);
	put_header(&log, &good_header);
	put_event(&log, 13, type, 1, data, (uint32_t)c.pos);
	n = count(log.data, log.len);
	memset(e, 0, sizeof(*e));
	if (n == 1) {
		assert_int_equal(ctpm_log_open(log.data, log.len, &l, NULL), CTPM_OK);
		assert_int_equal(ctpm_log_next(&l, e, NULL), CTPM_OK);
	}
	return n;
}

static void put_report_event(uint8_t event[REPORT_SIZE])
{
	struct cur c = cur_writer(event, REPORT_SIZE);

	cur_put_le32(&c, CTPM_EVENT_VERSION);
	cur_put_le32(&c, CTPM_REPORT_LATE);
	cur_put_le32(&c, 0x01020304);
	cur_put_le32(&c, 0x05060708);
	for (int i = 0; i < 32; i++)
		cur_put_u8(&c, (uint8_t)i);
	cur_put_le32(&c, 1184);
	cur_put_le32(&c, 0x090a);
	assert_true(cur_complete(&c));
}

static void a_report_event_is_taken_apart(void **state)
{
	static const uint32_t tags[2] = { CTPM_TAG_REPORT, CTPM_TAG_BIND };
	static const enum ctpm_event_kind kinds[2] = { CTPM_EVENT_REPORT, CTPM_EVENT_BIND_REPORT };
	uint8_t event[REPORT_SIZE];
	struct ctpm_event e;

	(void)state;
	put_report_event(event);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(tagged(6, tags[i], event, sizeof(event), 0, &e), 1);
		assert_int_equal(e.kind, kinds[i]);
		assert_true(e.report.late);
		assert_int_equal(e.report.reset_count, 0x01020304);
		assert_int_equal(e.report.restart_count, 0x05060708);
		assert_memory_equal(e.report.random, event + 16, 32);
		assert_int_equal(e.report.report_size, 1184);
		assert_int_equal(e.report.manifest_size, 0x090a);
	}
	event[4] = 0;
	assert_int_equal(tagged(6, CTPM_TAG_REPORT, event, sizeof(event), 0, &e), 1);
	assert_false(e.report.late);
}

static void identity_and_error_events_are_taken_apart(void **state)
{
	uint8_t event[192] = { CTPM_EVENT_VERSION, 0, 0, 0, CTPM_STEP_REPORT, 0, 0, 0, 5, 1 };
	struct ctpm_event e;

	(void)state;
	assert_int_equal(tagged(6, CTPM_TAG_IDENTITY, event, 192, 0, &e), 1);
	assert_int_equal(e.kind, CTPM_EVENT_IDENTITY);
	assert_int_equal(tagged(6, CTPM_TAG_ERROR, event, 12, 0, &e), 1);
	assert_int_equal(e.kind, CTPM_EVENT_ERROR);
	assert_int_equal(e.step, CTPM_STEP_REPORT);
	assert_int_equal(e.error, 0x105);
}

static void a_malformed_event_of_the_drivers_is_refused(void **state)
{
	static const struct {
		uint32_t tag;
		size_t len;
	} cases[] = { { CTPM_TAG_REPORT, REPORT_SIZE },
		      { CTPM_TAG_BIND, REPORT_SIZE },
		      { CTPM_TAG_IDENTITY, 192 },
		      { CTPM_TAG_ERROR, 12 } };
	uint8_t event[200] = { CTPM_EVENT_VERSION };
	struct ctpm_event e;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		uint32_t tag = cases[i].tag;
		size_t len = cases[i].len;

		assert_int_equal(tagged(6, tag, event, len, 0, &e), 1);
		/* longer, shorter, empty; another size than it says */
		assert_int_equal(tagged(6, tag, event, len + 1, 0, &e), -1);
		assert_int_equal(tagged(6, tag, event, len - 1, 0, &e), -1);
		assert_int_equal(tagged(6, tag, event, 0, 0, &e), -1);
		assert_int_equal(tagged(6, tag, event, len, 1, &e), -1);
		assert_int_equal(tagged(6, tag, event, len, -1, &e), -1);
		assert_int_equal(tagged(6, tag, event, len, INT32_MIN, &e), -1);
		/* another version */
		for (int byte = 0; byte < 4; byte++) {
			uint8_t was = event[byte];

			event[byte] ^= 2;
			assert_int_equal(tagged(6, tag, event, len, 0, &e), -1);
			event[byte] = was;
		}
		/* of another type it is not the driver's, whatever it is */
		assert_int_equal(tagged(13, tag, event, len + 1, 0, &e), 1);
		assert_int_equal(e.kind, CTPM_EVENT_OTHER);
	}
}

static void unknown_flags_of_a_report_event_are_refused(void **state)
{
	uint8_t event[REPORT_SIZE];
	struct ctpm_event e;

	(void)state;
	put_report_event(event);
	for (int bit = 1; bit < 32; bit++) {
		event[4 + bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(tagged(6, CTPM_TAG_REPORT, event, sizeof(event), 0, &e), -1);
		event[4 + bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void others_tagged_events_are_passed_over(void **state)
{
	uint8_t event[4] = { 9 };
	struct ctpm_event e;
	struct log log;

	(void)state;
	assert_int_equal(tagged(6, 0x43545005, event, 4, 0, &e), 1);
	assert_int_equal(e.kind, CTPM_EVENT_OTHER);
	assert_int_equal(tagged(6, 0x4711, event, 4, 3, &e), 1);
	assert_int_equal(e.kind, CTPM_EVENT_OTHER);
	/* too short for a tag and a size */
	for (uint32_t len = 0; len < 8; len++) {
		put_header(&log, &good_header);
		put_event(&log, 13, 6, 1, "\1\120\124\103\0\0\0\0", len);
		assert_int_equal(count(log.data, log.len), 1);
	}
}

/* SHA-512(label || random || le32(reset) || le32(restart)), once more */
static void the_nonce_is_of_random_counts_and_mode(void **state)
{
	static const struct {
		enum ctpm_event_kind kind;
		const char *label;
	} cases[] = { { CTPM_EVENT_REPORT, "ctpm boot report nonce v1" },
		      { CTPM_EVENT_BIND_REPORT, "ctpm bind report nonce v1" } };
	struct ctpm_boot_event e = { .reset_count = 0x01020304, .restart_count = 0x05060708 };
	uint8_t all[25 + 32 + 8], expected[64], nonce[64];

	(void)state;
	memset(e.random, 0xab, sizeof(e.random));
	for (int i = 0; i < 2; i++) {
		memcpy(all, cases[i].label, 25);
		memset(all + 25, 0xab, 32);
		memcpy(all + 57, "\4\3\2\1\10\7\6\5", 8);
		assert_int_equal(EVP_Digest(all, sizeof(all), expected, NULL, EVP_sha512(), NULL),
				 1);
		assert_int_equal(ctpm_boot_nonce(cases[i].kind, &e, nonce), CTPM_OK);
		assert_memory_equal(nonce, expected, 64);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_log_in_bytes_is_read),
	cmocka_unit_test(a_replay_is_what_a_tpm_would_have),
	cmocka_unit_test(other_banks_are_not_replayed),
	cmocka_unit_test(headers_are_those_of_a_crypto_agile_log),
	cmocka_unit_test(every_truncation_is_refused),
	cmocka_unit_test(events_are_of_the_headers_banks),
	cmocka_unit_test(there_are_not_too_many_events),
	cmocka_unit_test(a_report_event_is_taken_apart),
	cmocka_unit_test(identity_and_error_events_are_taken_apart),
	cmocka_unit_test(a_malformed_event_of_the_drivers_is_refused),
	cmocka_unit_test(unknown_flags_of_a_report_event_are_refused),
	cmocka_unit_test(others_tagged_events_are_passed_over),
	cmocka_unit_test(the_nonce_is_of_random_counts_and_mode),
};

SUITE(eventlog_suite, tests);
