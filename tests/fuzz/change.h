/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHANGE_H
#define CHANGE_H

#include <string.h>

#include "../../tools/common/cursor.h"

#define PART_MAX 16384

/* Overwrite, change bits, insert, remove; @part has room for PART_MAX */
static inline void change(uint8_t *part, size_t *len, struct cur *in)
{
	unsigned int how = cur_get_u8(in) % 4;
	size_t at = cur_get_le16(in), n = cur_get_u8(in) % 32;
	const uint8_t *bytes;

	at = *len ? at % (*len + 1) : 0;
	if (how == 3) {
		if (n > *len - at)
			n = *len - at;
		memmove(part + at, part + at + n, *len - at - n);
		*len -= n;
		return;
	}
	bytes = cur_take(in, n);
	if (!bytes)
		return;
	if (how == 2) {
		if (*len + n > PART_MAX)
			return;
		memmove(part + at + n, part + at, *len - at);
		memcpy(part + at, bytes, n);
		*len += n;
		return;
	}
	for (size_t i = 0; i < n && at + i < *len; i++)
		part[at + i] = how ? part[at + i] ^ bytes[i] : bytes[i];
}

#endif
