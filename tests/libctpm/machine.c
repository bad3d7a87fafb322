// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "test.h"

void machine_config(struct machine *m, enum snp_product product, const char *keys)
{
	static char dir[2][512];
	char *path = dir[!strcmp(keys, OTHER_KEYS)];
	const char *top = getenv("TEST_KEYS");

	assert_non_null(top);
	assert_true(!mkdir(top, 0700) || errno == EEXIST);
	snprintf(path, sizeof(dir[0]), "%s/%s", top, keys);
	memset(m, 0, sizeof(*m));
	snp_sp_config_init(&m->config, product);
	m->config.key_dir = path;
}

void machine_start(struct machine *m)
{
	static const uint8_t page[SNP_PAGE_SIZE] = { 0xf4 };
	struct snp_sp_error error = { "" };
	uint8_t data[SNP_REPORT_DATA_SIZE];

	if (snp_sp_new(&m->config, &m->sp, &error))
		fail_msg("snp_sp_new: %s", error.text);
	assert_int_equal(
		snp_sp_launch_update(m->sp, SNP_PAGE_NORMAL, 0x1000000, page, sizeof(page)),
		SNP_FW_SUCCESS);
	assert_int_equal(snp_sp_launch_finish(m->sp), SNP_FW_SUCCESS);
	memset(data, 0x5a, sizeof(data));
	assert_int_equal(snp_sp_report(m->sp, 0, data, m->report), SNP_FW_SUCCESS);
}

void machine_stop(struct machine *m)
{
	snp_sp_free(m->sp);
	m->sp = NULL;
}

size_t read_data(const char *name, uint8_t *to, size_t size)
{
	char path[512];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", getenv("TEST_DATA"), name);
	f = fopen(path, "rb");
	if (!f)
		fail_msg("%s is missing", path);
	n = fread(to, 1, size, f);
	fclose(f);
	return n;
}
