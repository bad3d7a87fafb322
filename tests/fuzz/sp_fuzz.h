/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the AMD-SP's fuzz targets share: one platform for all inputs, with keys
 * that are made once and kept in $FUZZ_DIR.
 */
#ifndef SP_FUZZ_H
#define SP_FUZZ_H

#include "../../tools/snpemu/sp/internal.h"
#include "require.h"

static inline const char *fuzz_dir(void)
{
	const char *dir = getenv("FUZZ_DIR");

	REQUIRE(dir);
	return dir;
}

static inline struct snp_sp *fuzz_platform(void)
{
	static const uint8_t page[SNP_PAGE_SIZE];
	struct snp_sp_error error = { "" };
	struct snp_sp_config config;
	struct snp_sp *sp = NULL;

	snp_sp_config_init(&config, SNP_MILAN);
	config.key_dir = fuzz_dir();
	config.vlek = true;
	if (snp_sp_new(&config, &sp, &error)) {
		fprintf(stderr, "%s\n", error.text);
		abort();
	}
	REQUIRE(!snp_sp_launch_update(sp, SNP_PAGE_NORMAL, 0, page, sizeof(page)));
	return sp;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
