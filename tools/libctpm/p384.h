/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef P384_H
#define P384_H

#include <stdbool.h>
#include <stdint.h>

#define P384_SIZE	48
#define P384_POINT_SIZE (1 + 2 * P384_SIZE) /* uncompressed: 4, x, y */

/*
 * ECDSA on P-384, by wolfCrypt: four times as fast as OpenSSL's, and the one signature that each new
 * report costs. Big-endian all of it.
 */
bool p384_verify(const uint8_t point[P384_POINT_SIZE], const uint8_t digest[P384_SIZE],
		 const uint8_t r[P384_SIZE], const uint8_t s[P384_SIZE]);

#endif
