// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * report KEYS PRODUCT VERSION vcek|vlek DIR: a report by the emulated AMD-SP, whose
 * root keys are in the folder KEYS, on standard output; its certificates to DIR.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../tools/snpemu/sp/sp.h"

static int fail(const char *why)
{
	fprintf(stderr, "report: %s\n", why);
	return 1;
}

int main(int argc, char **argv)
{
	static const uint8_t page[SNP_PAGE_SIZE] = { 0xf4 };
	struct snp_sp_config config;
	struct snp_sp_error error;
	uint8_t data[SNP_REPORT_DATA_SIZE], report[SNP_REPORT_SIZE];
	enum snp_product product;
	struct snp_sp *sp;

	if (argc != 6 || snp_product_from_name(argv[2], &product))
		return fail("usage: report KEYS PRODUCT VERSION vcek|vlek DIR");
	snp_sp_config_init(&config, product);
	config.key_dir = argv[1];
	config.report_version = (uint32_t)atoi(argv[3]);
	config.vlek = !strcmp(argv[4], "vlek");
	/* REPORTED_TCB, for which the certificate has to be, is not CURRENT_TCB */
	config.reported_tcb.microcode--;
	config.launch_mit_vector = 1;
	config.current_mit_vector = 3;
	memset(config.host_data, 0x17, sizeof(config.host_data));
	memset(data, 0x5a, sizeof(data));
	if (snp_sp_new(&config, &sp, &error) || snp_sp_save_certs(sp, argv[5], &error))
		return fail(error.text);
	if (snp_sp_launch_update(sp, SNP_PAGE_NORMAL, 0x1000000, page, sizeof(page)) ||
	    snp_sp_launch_finish(sp) || snp_sp_report(sp, 0, data, report))
		return fail(snp_sp_reason(sp));
	snp_sp_free(sp);
	if (fwrite(report, 1, sizeof(report), stdout) != sizeof(report) || fflush(stdout))
		return fail("cannot write the report");
	return 0;
}
