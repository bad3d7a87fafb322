/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the examples share: they end with 3 where a real program would do better. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <ctpm/evidence.h>
#include <stdio.h>
#include <stdlib.h>

/* A whole file, with a zero behind it; its bytes are for free() */
static inline struct ctpm_bytes load(const char *path)
{
	const size_t max = CTPM_EVIDENCE_SIZE_MAX;
	uint8_t *data = calloc(1, max + 1);
	FILE *f = fopen(path, "rb");
	size_t len;

	if (!data || !f) {
		perror(path);
		exit(3);
	}
	len = fread(data, 1, max, f);
	fclose(f);
	return (struct ctpm_bytes){ data, len };
}

static inline const char *text(struct ctpm_bytes bytes)
{
	return (const char *)bytes.data;
}

static inline void unload(struct ctpm_bytes bytes)
{
	free((void *)(uintptr_t)bytes.data);
}

static inline void save(const char *path, const void *data, size_t len)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(data, 1, len, f) != len || fclose(f)) {
		perror(path);
		exit(3);
	}
}

/* Everything that can fail says why. */
static inline void check(const char *what, enum ctpm_error error, const struct ctpm_why *why)
{
	if (!error)
		return;
	fprintf(stderr, "%s: %s (%s)\n", what, why->text, ctpm_error_name(error));
	exit(1);
}

#endif
