// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctpm/eventlog.h>
#include <openssl/evp.h>

#include "../../include/uapi/linux/ctpm.h"
#include "../common/cursor.h"
#include "tpm.h"

/* PC Client Platform Firmware Profile, 10.2.1 and 10.4.5 */
#define EV_NO_ACTION	  3
#define EV_EVENT_TAG	  6
#define SHA1_SIZE	  20
#define SPEC_ID_SIGNATURE "Spec ID Event03" /* and its zero */

static enum ctpm_error malformed(struct ctpm_why *why, size_t pos, const char *what)
{
	return because(why, CTPM_ERR_LOG_FORM, "the event log's record at byte %zu: %s", pos, what);
}

/* TCG_EfiSpecIDEvent */
static void get_spec_id(struct cur *c, struct ctpm_log *log)
{
	const uint8_t *signature = cur_take(c, sizeof(SPEC_ID_SIGNATURE));
	uint32_t n;

	if (signature && memcmp(signature, SPEC_ID_SIGNATURE, sizeof(SPEC_ID_SIGNATURE)))
		c->failed = true;
	cur_skip(c, 8); /* platform class, versions, size of a UINTN */
	n = cur_get_le32(c);
	if (!n || n > CTPM_LOG_BANKS_MAX)
		c->failed = true;
	for (uint32_t i = 0; i < n && !c->failed; i++) {
		log->bank[i] = cur_get_le16(c);
		log->size[i] = cur_get_le16(c);
		if (!log->size[i] || log->size[i] > CTPM_DIGEST_MAX)
			c->failed = true;
		for (uint32_t k = 0; k < i; k++)
			if (log->bank[k] == log->bank[i])
				c->failed = true;
		/* of the hashes that we know, we know the size, too */
		if (ctpm_bank_size(log->bank[i]) && ctpm_bank_size(log->bank[i]) != log->size[i])
			c->failed = true;
	}
	log->banks = n;
	cur_skip(c, cur_get_u8(c)); /* the vendor's */
}

enum ctpm_error ctpm_log_open(const void *data, size_t len, struct ctpm_log *log,
			      struct ctpm_why *why)
{
	struct cur c = cur_reader(data, len), event;
	uint32_t pcr, type, size;

	memset(log, 0, sizeof(*log));
	pcr = cur_get_le32(&c);
	type = cur_get_le32(&c);
	if (pcr || type != EV_NO_ACTION || !cur_get_zeros(&c, SHA1_SIZE))
		c.failed = true;
	size = cur_get_le32(&c);
	event = cur_reader(cur_take(&c, size), size);
	event.failed = c.failed;
	get_spec_id(&event, log);
	if (!cur_complete(&event)) {
		memset(log, 0, sizeof(*log));
		return malformed(why, 0, "no TCG_EfiSpecIDEvent of a crypto-agile log");
	}
	log->bytes = (struct ctpm_bytes){ data, len };
	log->pos = c.pos;
	return CTPM_OK;
}

/* struct ctpm_report_event of the uapi header */
static void get_report_event(struct cur *c, struct ctpm_boot_event *r)
{
	uint32_t version = cur_get_le32(c), flags = cur_get_le32(c);

	if (version != CTPM_EVENT_VERSION || flags & ~CTPM_REPORT_LATE)
		c->failed = true;
	r->late = flags & CTPM_REPORT_LATE;
	r->reset_count = cur_get_le32(c);
	r->restart_count = cur_get_le32(c);
	cur_get_bytes(c, r->random, sizeof(r->random));
	r->report_size = cur_get_le32(c);
	r->manifest_size = cur_get_le32(c);
}

#define IDENTITY_SIZE (4 + 4 + 8 + 48 + 32 + 48 + 48)

/* TCG_PCClientTaggedEvent of the driver's, if its tag is one */
static bool get_tagged(struct ctpm_event *e)
{
	struct cur c = cur_reader(e->data.data, e->data.len);
	uint32_t tag = cur_get_le32(&c), size = cur_get_le32(&c);

	if (c.failed || (tag != CTPM_TAG_REPORT && tag != CTPM_TAG_BIND && tag != CTPM_TAG_ERROR &&
			 tag != CTPM_TAG_IDENTITY))
		return true;
	if (size != cur_remaining(&c))
		return false;
	switch (tag) {
	case CTPM_TAG_REPORT:
	case CTPM_TAG_BIND:
		e->kind = tag == CTPM_TAG_REPORT ? CTPM_EVENT_REPORT : CTPM_EVENT_BIND_REPORT;
		get_report_event(&c, &e->report);
		break;
	case CTPM_TAG_IDENTITY:
		e->kind = CTPM_EVENT_IDENTITY;
		if (cur_get_le32(&c) != CTPM_EVENT_VERSION)
			return false;
		cur_skip(&c, IDENTITY_SIZE - 4);
		break;
	default:
		e->kind = CTPM_EVENT_ERROR;
		if (cur_get_le32(&c) != CTPM_EVENT_VERSION)
			return false;
		e->step = cur_get_le32(&c);
		e->error = cur_get_le32(&c);
	}
	return cur_complete(&c);
}

/* TCG_PCR_EVENT2, with a digest for each bank in the header's order */
enum ctpm_error ctpm_log_next(struct ctpm_log *log, struct ctpm_event *e, struct ctpm_why *why)
{
	struct cur c = cur_reader(log->bytes.data, log->bytes.len);
	uint32_t n;

	memset(e, 0, sizeof(*e));
	cur_skip(&c, log->pos);
	if (log->count == CTPM_LOG_EVENTS_MAX)
		return malformed(why, log->pos, "too many records");
	e->pcr = cur_get_le32(&c);
	e->type = cur_get_le32(&c);
	n = cur_get_le32(&c);
	if (c.failed || e->pcr >= CTPM_PCRS)
		return malformed(why, log->pos, "it is cut off, or for a PCR that no TPM has");
	if (n != log->banks)
		return malformed(why, log->pos, "not one digest for each bank");
	for (size_t i = 0; i < log->banks; i++) {
		if (cur_get_le16(&c) != log->bank[i])
			return malformed(why, log->pos, "digests of other banks, or misplaced");
		e->digest[i] = cur_take(&c, log->size[i]);
	}
	e->data.len = cur_get_le32(&c);
	e->data.data = cur_take(&c, e->data.len);
	if (c.failed)
		return malformed(why, log->pos, "it is cut off");
	if (e->type == EV_EVENT_TAG && !get_tagged(e))
		return malformed(why, log->pos, "an event of ctpm's that is malformed");
	log->pos = c.pos;
	log->count++;
	return CTPM_OK;
}

bool ctpm_log_at_end(const struct ctpm_log *log)
{
	return log->pos == log->bytes.len;
}

static bool find_bank(const struct ctpm_log *log, uint16_t bank, size_t *at)
{
	for (*at = 0; *at < log->banks; ++*at)
		if (log->bank[*at] == bank)
			return true;
	return false;
}

const uint8_t *ctpm_log_digest(const struct ctpm_log *log, const struct ctpm_event *event,
			       uint16_t bank)
{
	size_t at;

	return find_bank(log, bank, &at) ? event->digest[at] : NULL;
}

static bool extend(uint16_t bank, uint8_t *value, const uint8_t *digest)
{
	uint8_t both[2 * CTPM_DIGEST_MAX];
	size_t size = ctpm_bank_size(bank);

	memcpy(both, value, size);
	memcpy(both + size, digest, size);
	return EVP_Digest(both, 2 * size, value, NULL, tpm_md(bank), NULL) == 1;
}

enum ctpm_error ctpm_log_replay(const void *data, size_t len, uint16_t bank, struct ctpm_pcrs *pcrs,
				struct ctpm_why *why)
{
	struct ctpm_log log;
	struct ctpm_event e;
	enum ctpm_error error = ctpm_log_open(data, len, &log, why);
	size_t at;

	memset(pcrs, 0, sizeof(*pcrs));
	if (error)
		return error;
	if (!ctpm_bank_size(bank) || !find_bank(&log, bank, &at))
		return malformed(why, 0, "no digests of the PCR bank that is asked for");
	pcrs->bank = bank;
	while (!error && !ctpm_log_at_end(&log)) {
		error = ctpm_log_next(&log, &e, why);
		if (error || e.type == EV_NO_ACTION)
			continue;
		pcrs->mask |= 1u << e.pcr;
		if (!extend(bank, pcrs->value[e.pcr], e.digest[at]))
			error = because(why, CTPM_ERR_CRYPTO, "libcrypto computes no hash");
	}
	if (error)
		memset(pcrs, 0, sizeof(*pcrs));
	return error;
}

enum ctpm_error ctpm_boot_nonce(enum ctpm_event_kind kind, const struct ctpm_boot_event *event,
				uint8_t nonce[CTPM_REPORT_NONCE_SIZE])
{
	const char *label =
		kind == CTPM_EVENT_BIND_REPORT ? CTPM_BIND_NONCE_LABEL : CTPM_NONCE_LABEL;
	size_t len = strlen(label);
	uint8_t all[64 + sizeof(event->random) + 8];
	struct cur c = cur_writer(all, sizeof(all));

	cur_put_bytes(&c, label, len);
	cur_put_bytes(&c, event->random, sizeof(event->random));
	cur_put_le32(&c, event->reset_count);
	cur_put_le32(&c, event->restart_count);
	if (c.failed || EVP_Digest(all, c.pos, nonce, NULL, EVP_sha512(), NULL) != 1)
		return CTPM_ERR_CRYPTO;
	return CTPM_OK;
}
