// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzz target: event logs. What can be read to its end can be replayed, in each bank it has. */
#include <ctpm/eventlog.h>
#include <string.h>

#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* PCRs that it has events for; false if it is refused */
static bool read_log(const uint8_t *data, size_t size, struct ctpm_log *log, uint32_t *mask)
{
	struct ctpm_why why = { CTPM_OK, "" };
	enum ctpm_error error = ctpm_log_open(data, size, log, &why);
	struct ctpm_event e;

	*mask = 0;
	while (!error && !ctpm_log_at_end(log)) {
		size_t before = log->pos;

		error = ctpm_log_next(log, &e, &why);
		if (error)
			break;
		REQUIRE(log->pos > before && log->pos <= size && e.pcr < CTPM_PCRS);
		REQUIRE(e.data.data >= data && e.data.data + e.data.len == data + log->pos);
		for (size_t i = 0; i < log->banks; i++)
			REQUIRE(ctpm_log_digest(log, &e, log->bank[i]) == e.digest[i]);
		*mask |= 1u << e.pcr;
	}
	REQUIRE(error == why.code && !error == !why.text[0]);
	return !error;
}

static bool has_bank(const struct ctpm_log *log, uint16_t bank)
{
	for (size_t i = 0; i < log->banks; i++)
		if (log->bank[i] == bank)
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctpm_log log;
	uint32_t mask;
	bool ok = read_log(data, size, &log, &mask);

	for (uint16_t bank = 0; bank <= CTPM_BANK_SHA512 + 1; bank++) {
		bool replays = ok && ctpm_bank_size(bank) && has_bank(&log, bank);
		struct ctpm_pcrs pcrs;

		REQUIRE(!ctpm_log_replay(data, size, bank, &pcrs, NULL) == replays);
		REQUIRE(pcrs.bank == (replays ? bank : 0));
		REQUIRE(!(pcrs.mask & ~mask) && (replays || !pcrs.mask));
	}
	return 0;
}
