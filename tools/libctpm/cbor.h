/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deterministic CBOR (RFC 8949, 4.2.1) by libcbor's streaming decoder, read in the order
 * in which its maps must have their keys. What is not as expected makes the reader
 * fail for good; @what then names the first item that was not.
 */
#ifndef CBOR_H
#define CBOR_H

#include <ctpm/evidence.h>

#include "../common/cursor.h"

struct cbor_in {
	struct cur c;
	const char *what;
};

struct cbor_in cbor_reader(struct ctpm_bytes data);

/* Fails, unless it has failed before */
void cbor_refuse(struct cbor_in *in, const char *what);

/* All was read, and nothing failed */
bool cbor_complete(struct cbor_in *in, const char *what);

uint64_t cbor_get_uint(struct cbor_in *in, uint64_t max, const char *what);
void cbor_get_true(struct cbor_in *in, const char *what);
struct ctpm_bytes cbor_get_bytes(struct cbor_in *in, size_t min, size_t max, const char *what);
/* Printable ASCII without spaces */
struct ctpm_bytes cbor_get_text(struct cbor_in *in, size_t min, size_t max, const char *what);
void cbor_get_constant(struct cbor_in *in, const char *text, const char *what);
size_t cbor_get_array(struct cbor_in *in, size_t min, size_t max, const char *what);
size_t cbor_get_map(struct cbor_in *in, size_t min, size_t max, const char *what);

/* Is @key next? Then it is passed over. Nothing fails if another one is. */
bool cbor_at_key(struct cbor_in *in, int64_t key);
/* It must be. */
void cbor_get_key(struct cbor_in *in, int64_t key, const char *what);

void cbor_put_int(struct cur *out, int64_t value);
void cbor_put_bytes(struct cur *out, struct ctpm_bytes bytes);
void cbor_put_text(struct cur *out, struct ctpm_bytes text);
void cbor_put_constant(struct cur *out, const char *text);
void cbor_put_true(struct cur *out);
void cbor_put_array(struct cur *out, size_t n);
void cbor_put_map(struct cur *out, size_t n);

#endif
