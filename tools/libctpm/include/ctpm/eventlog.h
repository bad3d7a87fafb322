/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event logs: "crypto-agile" logs of the TCG (PC Client Platform Firmware Profile,
 * 10.2), and the events of ctpm.ko in them (include/uapi/linux/ctpm.h).
 */
#ifndef CTPM_EVENTLOG_H
#define CTPM_EVENTLOG_H

#include <ctpm/evidence.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CTPM_LOG_BANKS_MAX  8
#define CTPM_LOG_EVENTS_MAX 4096

/**
 * struct ctpm_log - a log, and where in it one is
 * @bank: TPM_ALG_ID of the digests that each event has
 * @size: their sizes
 * @banks: how many
 * @bytes: the whole log
 * @pos: of the next event
 * @count: events that were read
 */
struct ctpm_log {
	uint16_t bank[CTPM_LOG_BANKS_MAX];
	uint16_t size[CTPM_LOG_BANKS_MAX];
	size_t banks;
	struct ctpm_bytes bytes;
	size_t pos;
	size_t count;
};

enum ctpm_event_kind {
	CTPM_EVENT_OTHER, /* not the driver's */
	CTPM_EVENT_REPORT,
	CTPM_EVENT_BIND_REPORT, /* the same, mode bind */
	CTPM_EVENT_IDENTITY,
	CTPM_EVENT_ERROR
};

/**
 * struct ctpm_boot_event - what a report event says
 * @late: user space could have extended the PCR before
 * @reset_count: of the TPM, when the nonce was made
 * @restart_count: likewise
 * @random: the TPM's
 * @report_size: bytes of the report
 * @manifest_size: bytes of the manifest
 */
struct ctpm_boot_event {
	bool late;
	uint32_t reset_count;
	uint32_t restart_count;
	uint8_t random[32];
	uint32_t report_size;
	uint32_t manifest_size;
};

/**
 * struct ctpm_event - one event
 * @pcr: which PCR it was extended into
 * @type: TCG event type
 * @digest: in the order of the log's banks
 * @data: the event's own
 * @kind: whose
 * @report: if it is CTPM_EVENT_REPORT or CTPM_EVENT_BIND_REPORT
 * @step: if it is CTPM_EVENT_ERROR: what failed
 * @error: and with which errno
 */
struct ctpm_event {
	uint32_t pcr;
	uint32_t type;
	const uint8_t *digest[CTPM_LOG_BANKS_MAX];
	struct ctpm_bytes data;
	enum ctpm_event_kind kind;
	struct ctpm_boot_event report;
	uint32_t step;
	uint32_t error;
};

/**
 * ctpm_log_open() - read a log's header
 * @data: the log; must stay
 * @len: bytes
 * @log: filled in
 * @why: may be NULL
 *
 * Return: CTPM_OK or CTPM_ERR_LOG_FORM.
 */
CTPM_API enum ctpm_error ctpm_log_open(const void *data, size_t len, struct ctpm_log *log,
				       struct ctpm_why *why);

/**
 * ctpm_log_next() - read an event
 * @log: the log
 * @event: filled in, points into the log
 * @why: may be NULL
 *
 * An event of the driver's own is checked for its form, too.
 *
 * Return: CTPM_OK, or CTPM_ERR_LOG_FORM; also at the end: see ctpm_log_at_end().
 */
CTPM_API enum ctpm_error ctpm_log_next(struct ctpm_log *log, struct ctpm_event *event,
				       struct ctpm_why *why);
CTPM_API bool ctpm_log_at_end(const struct ctpm_log *log);

/**
 * ctpm_log_digest() - an event's digest
 * @log: the log
 * @event: of this log
 * @bank: TPM_ALG_ID
 *
 * Return: the digest, or NULL if the log has none of that bank.
 */
CTPM_API const uint8_t *ctpm_log_digest(const struct ctpm_log *log, const struct ctpm_event *event,
					uint16_t bank);

/**
 * ctpm_log_replay() - the PCR values that a log's events lead to, from zeros
 * @data: the log
 * @len: bytes
 * @bank: CTPM_BANK_*
 * @pcrs: filled in: those that the log has events for
 * @why: may be NULL
 *
 * Return: CTPM_OK; CTPM_ERR_LOG_FORM: malformed, or without this bank; CTPM_ERR_CRYPTO.
 */
CTPM_API enum ctpm_error ctpm_log_replay(const void *data, size_t len, uint16_t bank,
					 struct ctpm_pcrs *pcrs, struct ctpm_why *why);

/**
 * ctpm_boot_nonce() - the nonce of a report event
 * @kind: CTPM_EVENT_REPORT or CTPM_EVENT_BIND_REPORT
 * @event: what it says
 * @nonce: filled in
 *
 * Return: CTPM_OK or CTPM_ERR_CRYPTO.
 */
CTPM_API enum ctpm_error ctpm_boot_nonce(enum ctpm_event_kind kind,
					 const struct ctpm_boot_event *event,
					 uint8_t nonce[CTPM_REPORT_NONCE_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
