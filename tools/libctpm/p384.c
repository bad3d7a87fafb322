// SPDX-License-Identifier: GPL-2.0-or-later
#include "p384.h"

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/ecc.h>

#define DER_MAX 128

bool p384_verify(const uint8_t point[P384_POINT_SIZE], const uint8_t digest[P384_SIZE],
		 const uint8_t r[P384_SIZE], const uint8_t s[P384_SIZE])
{
	byte der[DER_MAX];
	word32 len = sizeof(der);
	ecc_key key;
	int good = 0;
	bool ok;

	if (wc_ecc_init(&key))
		return false;
	ok = !wc_ecc_import_x963_ex(point, P384_POINT_SIZE, &key, ECC_SECP384R1) &&
	     !wc_ecc_rs_raw_to_sig(r, P384_SIZE, s, P384_SIZE, der, &len) &&
	     !wc_ecc_verify_hash(der, len, digest, P384_SIZE, &good, &key) && good == 1;
	wc_ecc_free(&key);
	return ok;
}
