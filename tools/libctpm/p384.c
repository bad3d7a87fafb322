// SPDX-License-Identifier: GPL-2.0-or-later
#include "p384.h"

#include <openssl/core_names.h>
#include <pthread.h>
#include <string.h>
#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/ecc.h>

#define DER_MAX 128

/*
 * wolfCrypt keeps tables for the points that a thread has used last, and leaves it to
 * the thread to free them at its end.
 */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t tables;

static void free_tables(void *unused)
{
	(void)unused;
	wc_ecc_fp_free();
}

static void make_key(void)
{
	(void)pthread_key_create(&tables, free_tables);
}

static void free_tables_at_end(void)
{
	pthread_once(&once, make_key);
	if (!pthread_getspecific(tables))
		pthread_setspecific(tables, &tables);
}

bool p384_point(const EVP_PKEY *key, uint8_t point[P384_POINT_SIZE])
{
	char group[32];
	size_t len;

	return EVP_PKEY_is_a(key, "EC") &&
	       EVP_PKEY_get_group_name((EVP_PKEY *)(uintptr_t)key, group, sizeof(group), &len) ==
		       1 &&
	       !strcmp(group, "secp384r1") &&
	       EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, P384_POINT_SIZE,
					       &len) == 1 &&
	       len == P384_POINT_SIZE && point[0] == 4;
}

bool p384_verify(const uint8_t point[P384_POINT_SIZE], const uint8_t digest[P384_SIZE],
		 const uint8_t r[P384_SIZE], const uint8_t s[P384_SIZE])
{
	byte der[DER_MAX];
	word32 len = sizeof(der);
	ecc_key key;
	int good = 0;
	bool ok;

	free_tables_at_end();
	if (wc_ecc_init(&key))
		return false;
	ok = !wc_ecc_import_x963_ex(point, P384_POINT_SIZE, &key, ECC_SECP384R1) &&
	     !wc_ecc_rs_raw_to_sig(r, P384_SIZE, s, P384_SIZE, der, &len) &&
	     !wc_ecc_verify_hash(der, len, digest, P384_SIZE, &good, &key) && good == 1;
	wc_ecc_free(&key);
	return ok;
}
