// SPDX-License-Identifier: GPL-2.0-only
/*
 * The event log: a TCG crypto-agile log (TCG PC Client Platform Firmware
 * Profile, chapter 10), because tools already read and replay it.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "ctpm.h"

#define EV_NO_ACTION_TYPE	0x03
#define EV_EVENT_TAG_TYPE	0x06

#define SHA1_DIGEST_LEN		20

/* Grow by whole pages; a log has a handful of events. */
static u8 *log_reserve(struct ctpm_log *log, size_t len)
{
	size_t cap = PAGE_ALIGN(log->len + len);
	u8 *data;

	if (cap > log->cap) {
		data = kvzalloc(cap, GFP_KERNEL);
		if (!data)
			return NULL;
		if (log->data)
			memcpy(data, log->data, log->len);
		kvfree(log->data);
		log->data = data;
		log->cap = cap;
	}
	data = log->data + log->len;
	log->len += len;
	return data;
}

static u8 *put16(u8 *p, u16 v)
{
	put_unaligned_le16(v, p);
	return p + sizeof(v);
}

static u8 *put32(u8 *p, u32 v)
{
	put_unaligned_le32(v, p);
	return p + sizeof(v);
}

static u8 *put(u8 *p, const void *data, size_t len)
{
	memcpy(p, data, len);
	return p + len;
}

/**
 * ctpm_log_start() - begin a log with its TCG_EfiSpecIDEvent
 * @log: empty
 * @banks: the TPM's allocated banks
 * @nr_banks: their number
 *
 * Return: 0 or -ENOMEM.
 */
int ctpm_log_start(struct ctpm_log *log, const struct tpm_bank_info *banks, u32 nr_banks)
{
	static const char signature[16] = "Spec ID Event03";
	u32 event = sizeof(signature) + 4 + 4 + 4 + nr_banks * 4 + 1;
	u8 *p = log_reserve(log, 4 + 4 + SHA1_DIGEST_LEN + 4 + event);
	u32 i;

	if (!p)
		return -ENOMEM;
	p = put32(p, 0);
	p = put32(p, EV_NO_ACTION_TYPE);
	memset(p, 0, SHA1_DIGEST_LEN);
	p = put32(p + SHA1_DIGEST_LEN, event);

	p = put(p, signature, sizeof(signature));
	p = put32(p, 0);		/* platformClass: client */
	*p++ = 0;			/* specVersionMinor */
	*p++ = 2;			/* specVersionMajor */
	*p++ = 0;			/* specErrata */
	*p++ = 2;			/* uintnSize: 64 bits */
	p = put32(p, nr_banks);
	for (i = 0; i < nr_banks; i++) {
		p = put16(p, banks[i].alg_id);
		p = put16(p, banks[i].digest_size);
	}
	*p = 0;				/* vendorInfoSize */
	return 0;
}

/**
 * ctpm_log_event() - add a TCG_PCR_EVENT2 of type EV_EVENT_TAG
 * @log: started
 * @pcr: index of the PCR that was extended
 * @digests: what it was extended by, one for each bank
 * @nr_banks: number of banks
 * @banks: the banks, in the order of @digests
 * @tag: CTPM_TAG_*
 * @event: the tagged event's data
 * @size: its length in bytes
 *
 * Return: 0 or -ENOMEM.
 */
int ctpm_log_event(struct ctpm_log *log, u32 pcr, const struct tpm_digest *digests, u32 nr_banks,
		   const struct tpm_bank_info *banks, u32 tag, const void *event, u32 size)
{
	size_t len = 4 + 4 + 4 + 4 + sizeof(struct ctpm_tagged_event) + size;
	u32 i;
	u8 *p;

	for (i = 0; i < nr_banks; i++)
		len += 2 + banks[i].digest_size;
	p = log_reserve(log, len);
	if (!p)
		return -ENOMEM;
	p = put32(p, pcr);
	p = put32(p, EV_EVENT_TAG_TYPE);
	p = put32(p, nr_banks);
	for (i = 0; i < nr_banks; i++) {
		p = put16(p, banks[i].alg_id);
		p = put(p, digests[i].digest, banks[i].digest_size);
	}
	p = put32(p, sizeof(struct ctpm_tagged_event) + size);
	p = put32(p, tag);
	p = put32(p, size);
	put(p, event, size);
	return 0;
}

void ctpm_log_free(struct ctpm_log *log)
{
	kvfree(log->data);
	*log = (struct ctpm_log) {};
}
