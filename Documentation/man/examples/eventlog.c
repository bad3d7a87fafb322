// SPDX-License-Identifier: GPL-2.0-or-later
/* replay LOG: the events of a log, and where they lead */
#include <ctpm/eventlog.h>

#include "example.h"

static void show_boot(const struct ctpm_event *e)
{
	uint8_t nonce[CTPM_REPORT_NONCE_SIZE];

	/* with it and the manifest ctpm_report_data() gives the report's REPORT_DATA */
	if (ctpm_boot_nonce(e->kind, &e->report, nonce))
		exit(3);
	printf("  the report of a boot, resetCount %u, nonce %02x%02x%02x%02x...%s\n",
	       e->report.reset_count, nonce[0], nonce[1], nonce[2], nonce[3],
	       e->report.late ? ", late" : "");
}

int main(int argc, char **argv)
{
	struct ctpm_bytes file = load(argc == 2 ? argv[1] : "");
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_pcrs pcrs;
	struct ctpm_log log;

	check("the log", ctpm_log_open(file.data, file.len, &log, &why), &why);
	while (!ctpm_log_at_end(&log)) {
		struct ctpm_event e;
		const uint8_t *digest;

		check("the log", ctpm_log_next(&log, &e, &why), &why);
		digest = ctpm_log_digest(&log, &e, CTPM_BANK_SHA256);
		printf("PCR %u, type %#x, %zu bytes", e.pcr, e.type, e.data.len);
		if (digest)
			printf(", SHA-256 %02x%02x%02x%02x...", digest[0], digest[1], digest[2],
			       digest[3]);
		putchar('\n');
		if (e.kind == CTPM_EVENT_REPORT || e.kind == CTPM_EVENT_BIND_REPORT)
			show_boot(&e);
		else if (e.kind == CTPM_EVENT_ERROR)
			printf("  the binding failed: step %u, errno %u\n", e.step, e.error);
	}

	check("the log", ctpm_log_replay(file.data, file.len, CTPM_BANK_SHA256, &pcrs, &why), &why);
	for (unsigned int i = 0; i < CTPM_PCRS; i++)
		if (pcrs.mask >> i & 1)
			printf("PCR %u is then %02x%02x%02x%02x...\n", i, pcrs.value[i][0],
			       pcrs.value[i][1], pcrs.value[i][2], pcrs.value[i][3]);
	unload(file);
	return 0;
}
