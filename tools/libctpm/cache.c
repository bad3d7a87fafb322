// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache.h"

#include <string.h>
#include <time.h>

bool cache_key(enum cache_kind kind, struct ctpm_bytes a, struct ctpm_bytes b,
	       uint8_t key[CACHE_KEY_SIZE])
{
	key[0] = (uint8_t)kind;
	return EVP_Digest(a.data, a.len, key + 1, NULL, EVP_sha256(), NULL) == 1 &&
	       EVP_Digest(b.data, b.len, key + 1 + 32, NULL, EVP_sha256(), NULL) == 1;
}

void cache_key_second(enum cache_kind kind, const uint8_t of[CACHE_KEY_SIZE],
		      uint8_t key[CACHE_KEY_SIZE])
{
	memset(key, 0, CACHE_KEY_SIZE);
	key[0] = (uint8_t)kind;
	memcpy(key + 1 + 32, of + 1 + 32, 32);
}

static bool share(struct fact *fact)
{
	if (fact->leaf && !X509_up_ref(fact->leaf))
		return false;
	if (fact->key && !EVP_PKEY_up_ref(fact->key)) {
		X509_free(fact->leaf);
		return false;
	}
	return true;
}

void fact_clear(struct fact *fact)
{
	X509_free(fact->leaf);
	EVP_PKEY_free(fact->key);
	memset(fact, 0, sizeof(*fact));
}

bool cache_find(struct cache *cache, const uint8_t key[CACHE_KEY_SIZE], int64_t time,
		struct fact *fact)
{
	bool found = false;

	pthread_mutex_lock(&cache->lock);
	for (size_t i = 0; !found && i < cache->count; i++) {
		if (memcmp(cache->entry[i].key, key, CACHE_KEY_SIZE))
			continue;
		*fact = cache->entry[i].fact;
		found = validity_has(&fact->when, time) && share(fact);
		cache->entry[i].used = ++cache->clock;
		break;
	}
	pthread_mutex_unlock(&cache->lock);
	if (!found)
		memset(fact, 0, sizeof(*fact));
	return found;
}

/* Where the key is, or a free place, or what was not used for longest */
static size_t place(const struct cache *cache, const uint8_t key[CACHE_KEY_SIZE])
{
	size_t oldest = 0;

	for (size_t i = 0; i < cache->count; i++) {
		if (!memcmp(cache->entry[i].key, key, CACHE_KEY_SIZE))
			return i;
		if (cache->entry[i].used < cache->entry[oldest].used)
			oldest = i;
	}
	return cache->count < CACHE_ENTRIES ? cache->count : oldest;
}

void cache_add(struct cache *cache, const uint8_t key[CACHE_KEY_SIZE], const struct fact *fact)
{
	struct fact own = *fact;
	size_t at;

	if (!share(&own))
		return;
	pthread_mutex_lock(&cache->lock);
	at = place(cache, key);
	if (at == cache->count)
		cache->count++;
	else
		fact_clear(&cache->entry[at].fact);
	memcpy(cache->entry[at].key, key, CACHE_KEY_SIZE);
	cache->entry[at].used = ++cache->clock;
	cache->entry[at].fact = own;
	pthread_mutex_unlock(&cache->lock);
}

void cache_clear(struct cache *cache)
{
	for (size_t i = 0; i < cache->count; i++)
		fact_clear(&cache->entry[i].fact);
	cache->count = 0;
}

static bool seconds(const ASN1_TIME *time, int64_t *out)
{
	struct tm tm;

	if (!time || ASN1_TIME_to_tm(time, &tm) != 1)
		return false;
	*out = (int64_t)timegm(&tm);
	return true;
}

bool validity_has(const struct validity *when, int64_t time)
{
	return time >= when->from && time < when->until;
}

bool validity_of(struct validity *when, const ASN1_TIME *from, const ASN1_TIME *until)
{
	int64_t a, b;

	if (!seconds(from, &a) || !seconds(until, &b))
		return false;
	/* "from" and "until" themselves are inside for X.509, and outside for us */
	if (a >= when->from)
		when->from = a + 1;
	if (b < when->until)
		when->until = b;
	return true;
}

bool validity_of_cert(struct validity *when, const X509 *cert)
{
	return validity_of(when, X509_get0_notBefore(cert), X509_get0_notAfter(cert));
}

bool validity_of_crl(struct validity *when, const X509_CRL *crl)
{
	return validity_of(when, X509_CRL_get0_lastUpdate(crl), X509_CRL_get0_nextUpdate(crl));
}
