/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef P384_H
#define P384_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>

#define P384_SIZE	48
#define P384_POINT_SIZE (1 + 2 * P384_SIZE) /* uncompressed: 4, x, y */

/* The key's point, if it is one of P-384 */
bool p384_point(const EVP_PKEY *key, uint8_t point[P384_POINT_SIZE]);

/*
 * ECDSA on P-384, by wolfCrypt: four times as fast as OpenSSL's, and what each new report and
 * each new AK certificate costs. Big-endian all of it.
 */
bool p384_verify(const uint8_t point[P384_POINT_SIZE], const uint8_t digest[P384_SIZE],
		 const uint8_t r[P384_SIZE], const uint8_t s[P384_SIZE]);

#endif
