/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was verified once, by the digest of all that it was verified from, and
 * for which time. Only what was accepted is kept.
 */
#ifndef CACHE_H
#define CACHE_H

#include <openssl/x509.h>
#include <pthread.h>

#include "certs.h"
#include "tpm.h"

/* Of which kind, and the SHA-256 of up to two pieces that it was verified from */
#define CACHE_KEY_SIZE (1 + 2 * 32)
#define CACHE_ENTRIES  256

/* Times, seconds since 1970, at which a fact is one: from <= t < until */
struct validity {
	int64_t from, until;
};

#define REPORT_DIGEST_SIZE 32 /* SHA-256 */

/*
 * A chain up to a root: its leaf; or an AK's certificate: its key, the EK's Name, and of which
 * report (and product) the Owner CA says to have verified it
 */
struct fact {
	struct validity when;
	X509 *leaf;
	enum role role;
	enum ctpm_product product;
	EVP_PKEY *key;
	struct tpm_name ek_name;
	bool vouches;
	uint8_t report[REPORT_DIGEST_SIZE];
};

struct cache {
	pthread_mutex_t lock;
	uint64_t clock;
	size_t count;
	struct {
		uint8_t key[CACHE_KEY_SIZE];
		uint64_t used;
		struct fact fact;
	} entry[CACHE_ENTRIES];
};

enum cache_kind { CACHE_VCEK, CACHE_VLEK, CACHE_REPORT, CACHE_AK };

bool cache_key(enum cache_kind kind, struct ctpm_bytes a, struct ctpm_bytes b,
	       uint8_t key[CACHE_KEY_SIZE]);

/* The key of another kind, of the second piece alone */
void cache_key_second(enum cache_kind kind, const uint8_t of[CACHE_KEY_SIZE],
		      uint8_t key[CACHE_KEY_SIZE]);

/* A fact of one's own, to be given to fact_clear() */
bool cache_find(struct cache *cache, const uint8_t key[CACHE_KEY_SIZE], int64_t time,
		struct fact *fact);
void cache_add(struct cache *cache, const uint8_t key[CACHE_KEY_SIZE], const struct fact *fact);
void cache_clear(struct cache *cache);

void fact_clear(struct fact *fact);

bool validity_has(const struct validity *when, int64_t time);
/* Shorten @when to what the certificate, or the list, says */
bool validity_of(struct validity *when, const ASN1_TIME *from, const ASN1_TIME *until);
bool validity_of_cert(struct validity *when, const X509 *cert);
bool validity_of_crl(struct validity *when, const X509_CRL *crl);

#endif
