// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All of the evidence counts, whatever the verifier has seen before, and from however many
 * threads at once.
 */
#include "guest.h"

#include <pthread.h>
#include <stdlib.h>

#include "../../tools/libctpm/verifier.h"

static enum ctpm_verdict judge(const struct scene *s, const uint8_t *data, size_t len)
{
	struct ctpm_result result;

	return ctpm_verify(s->v.v, s->v.policy,
			   (struct ctpm_bytes){ s->v.challenge_bytes, s->v.challenge_len },
			   (struct ctpm_bytes){ data, len }, s->v.time, 0, &result);
}

/* Where in the evidence these bytes are */
static size_t find(const struct scene *s, const void *bytes, size_t len)
{
	const uint8_t *at = memmem(s->g.evidence, s->g.evidence_len, bytes, len);

	assert_non_null(at);
	return (size_t)(at - s->g.evidence);
}

/* Every @stride-th bit of some bytes of the evidence */
static void flip(const struct scene *s, size_t from, size_t to, size_t stride)
{
	for (size_t bit = 8 * from; bit < 8 * to; bit += stride) {
		uint8_t mask = (uint8_t)(1 << bit % 8);
		enum ctpm_verdict verdict;

		s->g.evidence[bit / 8] ^= mask;
		verdict = judge(s, s->g.evidence, s->g.evidence_len);
		s->g.evidence[bit / 8] ^= mask;
		if (verdict != CTPM_REFUSED)
			fail_msg("bit %zu of byte %zu flipped: verdict %d", bit % 8, bit / 8,
				 verdict);
	}
}

static void use_own_certs(struct scene *s)
{
	static const enum snp_cert all[] = { SNP_CERT_ARK, SNP_CERT_ASK, SNP_CERT_VCEK };

	s->g.certs.len = 0;
	for (size_t i = 0; i < 3; i++) {
		size_t len;
		const uint8_t *der = snp_sp_cert(s->g.m.sp, all[i], &len);

		assert_int_equal(ctpm_verifier_add_certs(s->v.v, der, len, NULL), CTPM_OK);
	}
}

/*
 * Bits of a report or a certificate are dear: each is looked for in vain under every
 * certificate. Of these a stride is flipped; every single one of a report is by
 * every_single_bit_of_a_report_counts.
 */
static void every_single_bit_of_evidence_counts(void **state)
{
	struct scene s;
	size_t report, fresh;

	(void)state;
	scene_start(&s, CTPM_MODE_SVSM);
	use_own_certs(&s);
	verifier_ask(&s.v, AUD, true);
	guest_attest(&s.g, &s.v);
	accepts(&s.v, &s.g);
	report = find(&s, s.g.report, CTPM_REPORT_SIZE);
	fresh = find(&s, s.g.fresh, CTPM_REPORT_SIZE);
	assert_true(report < fresh);
	flip(&s, 0, report, 1);
	flip(&s, report, report + CTPM_REPORT_SIZE, 5);
	flip(&s, report + CTPM_REPORT_SIZE, fresh, 1);
	flip(&s, fresh, fresh + CTPM_REPORT_SIZE, 5);
	flip(&s, fresh + CTPM_REPORT_SIZE, s.g.evidence_len, 1);
	accepts(&s.v, &s.g);
	scene_end(&s);
}

static void bits_of_the_certificate_table_count(void **state)
{
	struct scene s;
	size_t at;

	(void)state;
	scene_start(&s, CTPM_MODE_BIND);
	at = find(&s, s.g.certs.data, s.g.certs.len);
	flip(&s, at - 5, at + 4 * 24, 5);
	flip(&s, at + 4 * 24, at + s.g.certs.len, 17);
	accepts(&s.v, &s.g);
	scene_end(&s);
}

static void every_truncation_is_refused(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, CTPM_MODE_SVSM);
	for (size_t n = 0; n < s.g.evidence_len; n++) {
		/* of its own size, so that a sanitizer sees the end */
		uint8_t *cut = malloc(n ? n : 1);

		memcpy(cut, s.g.evidence, n);
		if (judge(&s, cut, n) != CTPM_REFUSED)
			fail_msg("%zu bytes are accepted", n);
		free(cut);
	}
	scene_end(&s);
}

static void a_byte_behind_the_evidence_is_refused(void **state)
{
	struct scene s;
	uint8_t *more;

	(void)state;
	scene_start(&s, CTPM_MODE_SVSM);
	more = malloc(s.g.evidence_len + 1);
	memcpy(more, s.g.evidence, s.g.evidence_len);
	assert_int_equal(judge(&s, more, s.g.evidence_len), CTPM_ACCEPTED);
	for (int value = 0; value < 256; value++) {
		more[s.g.evidence_len] = (uint8_t)value;
		assert_int_equal(judge(&s, more, s.g.evidence_len + 1), CTPM_REFUSED);
	}
	free(more);
	scene_end(&s);
}

static void evidence_that_is_too_large_is_refused(void **state)
{
	uint8_t *large = calloc(1, CTPM_EVIDENCE_SIZE_MAX + 1);
	struct scene s;

	(void)state;
	scene_start(&s, CTPM_MODE_SVSM);
	memcpy(large, s.g.evidence, s.g.evidence_len);
	assert_int_equal(judge(&s, large, CTPM_EVIDENCE_SIZE_MAX + 1), CTPM_REFUSED);
	free(large);
	scene_end(&s);
}

/*
 * What was verified before
 */

/* All that was found, with and without what is cached */
static void same_findings_again(struct scene *s)
{
	static struct ctpm_result first;

	first = (verifier_judge(&s->v, &s->g), s->v.result);
	for (int i = 0; i < 3; i++) {
		verifier_judge(&s->v, &s->g);
		assert_int_equal(s->v.result.verdict, first.verdict);
		for (int c = 0; c < CTPM_CHECKS; c++) {
			assert_int_equal(s->v.result.check[c].status, first.check[c].status);
			assert_int_equal(s->v.result.check[c].code, first.check[c].code);
			assert_string_equal(s->v.result.check[c].text, first.check[c].text);
		}
		assert_int_equal(s->v.result.product, first.product);
		assert_memory_equal(s->v.result.ak_name, first.ak_name, sizeof(first.ak_name));
		assert_memory_equal(&s->v.result.pcrs, &first.pcrs, sizeof(first.pcrs));
	}
}

static void findings_are_the_same_again(struct scene *s)
{
	same_findings_again(s);
}

static void findings_of_a_changed_report_are_the_same_again(struct scene *s)
{
	same_findings_again(s);
	s->g.report[CTPM_REPORT_SIGNED_SIZE] ^= 1;
	guest_log_open(&s->g);
	guest_log_report(&s->g);
	guest_attest(&s->g, &s->v);
	same_findings_again(s);
}

static void a_second_report_under_the_same_certificates_is_accepted(struct scene *s)
{
	accepts(&s->v, &s->g);
	guest_boot(&s->g);
	guest_attest(&s->g, &s->v);
}

static void a_report_of_another_chip_under_the_same_certificates_is_refused(struct scene *s)
{
	struct snp_sp *own = s->g.m.sp;
	struct machine other;

	accepts(&s->v, &s->g);
	machine_config(&other, SNP_MILAN, KEYS);
	other.config.chip_id[7] = 1;
	machine_start(&other);
	s->g.m.sp = other.sp;
	guest_boot(&s->g);
	s->g.m.sp = own;
	machine_stop(&other);
	guest_attest(&s->g, &s->v);
}

static void the_same_report_without_its_certificates_is_refused(struct scene *s)
{
	accepts(&s->v, &s->g);
	s->g.certs.len = 0;
	guest_attest(&s->g, &s->v);
}

static void amds_certificates_expire_though_verified_before(struct scene *s)
{
	verifier_rules(&s->v, "\"aks\": [{\"name\": \"%s\", \"ek\": \"%s\"}]",
		       to_hex(s->g.ak_name.data, s->g.ak_name.len).text,
		       to_hex(s->g.ek_name.data, s->g.ek_name.len).text);
	accepts(&s->v, &s->g);
	s->v.time += 8LL * 365 * 86400;
}

static void amds_certificates_are_not_valid_early_though_verified_before(struct scene *s)
{
	amds_certificates_expire_though_verified_before(s);
	s->v.time -= 9LL * 365 * 86400;
}

static void an_ak_certificate_is_for_its_ak_alone_though_verified_before(struct scene *s)
{
	struct blob cert = s->g.ak_cert;

	accepts(&s->v, &s->g);
	guest_make_rsa_ak(&s->g, TPM2_ALG_RSASSA);
	s->g.ak_cert = cert;
	guest_attest(&s->g, &s->v);
}

/* More than the cache has room for: the first is verified anew, and all stay right */
static void the_cache_holds_no_more_than_it_can(void **state)
{
	struct ctpm_bytes none = { NULL, 0 };
	static struct cache cache = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct fact fact = { .when = { 10, 20 } }, found;
	uint8_t key[CACHE_KEY_SIZE];

	(void)state;
	for (uint32_t i = 0; i < 2 * CACHE_ENTRIES; i++) {
		fact.ek_name.len = i;
		assert_true(
			cache_key(CACHE_AK, (struct ctpm_bytes){ (uint8_t *)&i, 4 }, none, key));
		cache_add(&cache, key, &fact);
		assert_true(cache.count <= CACHE_ENTRIES);
		assert_true(cache_find(&cache, key, 10, &found) && found.ek_name.len == i);
		assert_true(cache_find(&cache, key, 19, &found));
		assert_false(cache_find(&cache, key, 9, &found));
		assert_false(cache_find(&cache, key, 20, &found));
	}
	for (uint32_t i = 0; i < 2 * CACHE_ENTRIES; i++) {
		assert_true(
			cache_key(CACHE_AK, (struct ctpm_bytes){ (uint8_t *)&i, 4 }, none, key));
		assert_int_equal(cache_find(&cache, key, 15, &found), i >= CACHE_ENTRIES);
	}
	cache_clear(&cache);
}

static void cached_pieces_are_kept_apart(void **state)
{
	const struct ctpm_bytes ab = { (const uint8_t *)"ab", 2 }, c = { (const uint8_t *)"c", 1 };
	const struct ctpm_bytes a = { (const uint8_t *)"a", 1 }, bc = { (const uint8_t *)"bc", 2 };
	uint8_t one[CACHE_KEY_SIZE], two[CACHE_KEY_SIZE];

	(void)state;
	assert_true(cache_key(CACHE_AK, ab, c, one) && cache_key(CACHE_AK, a, bc, two));
	assert_memory_not_equal(one, two, sizeof(one));
	assert_true(cache_key(CACHE_REPORT, ab, c, two));
	assert_memory_not_equal(one, two, sizeof(one));
}

/*
 * Threads
 */

#define THREADS 4
#define TIMES	50

struct worker {
	pthread_t thread;
	struct ctpm_verifier *v;
	const struct scene *s;
	const uint8_t *evidence[2]; /* good, and one that is not */
	unsigned int wrong;
};

/* No cmocka in here: it is not for threads */
static void *work(void *arg)
{
	static const enum ctpm_verdict expected[2] = { CTPM_ACCEPTED, CTPM_REFUSED };
	struct worker *w = arg;
	const struct verifier *v = &w->s->v;
	struct ctpm_result result;

	for (int i = 0; i < TIMES; i++)
		w->wrong +=
			ctpm_verify(w->v, v->policy,
				    (struct ctpm_bytes){ v->challenge_bytes, v->challenge_len },
				    (struct ctpm_bytes){ w->evidence[i & 1], w->s->g.evidence_len },
				    v->time, CTPM_VERIFY_EXPLAIN, &result) != expected[i & 1];
	return NULL;
}

static void threads_may_share_a_verifier(void **state)
{
	struct worker workers[THREADS];
	struct scene s;
	uint8_t *bad;

	(void)state;
	scene_start(&s, CTPM_MODE_SVSM);
	bad = malloc(s.g.evidence_len);
	memcpy(bad, s.g.evidence, s.g.evidence_len);
	bad[find(&s, s.g.report, CTPM_REPORT_SIZE) + CTPM_REPORT_SIGNED_SIZE] ^= 1;
	for (int i = 0; i < THREADS; i++) {
		workers[i] =
			(struct worker){ .v = s.v.v, .s = &s, .evidence = { s.g.evidence, bad } };
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
		assert_int_equal(workers[i].wrong, 0);
	}
	free(bad);
	scene_end(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_single_bit_of_evidence_counts),
	cmocka_unit_test(bits_of_the_certificate_table_count),
	cmocka_unit_test(every_truncation_is_refused),
	cmocka_unit_test(a_byte_behind_the_evidence_is_refused),
	cmocka_unit_test(evidence_that_is_too_large_is_refused),
	SCENE(findings_are_the_same_again, SENT, 0),
	SCENE(findings_of_a_changed_report_are_the_same_again, SENT, BY(REPORT)),
	SCENE(a_second_report_under_the_same_certificates_is_accepted, SENT, 0),
	SCENE(a_report_of_another_chip_under_the_same_certificates_is_refused, SENT, BY(REPORT)),
	SCENE(the_same_report_without_its_certificates_is_refused, SENT, BY(REPORT)),
	SCENE(amds_certificates_expire_though_verified_before, SENT, BY(REPORT)),
	SCENE(amds_certificates_are_not_valid_early_though_verified_before, SENT, BY(REPORT)),
	SCENE(an_ak_certificate_is_for_its_ak_alone_though_verified_before, SENT,
	      BY(AK_CERTIFICATE)),
	cmocka_unit_test(the_cache_holds_no_more_than_it_can),
	cmocka_unit_test(cached_pieces_are_kept_apart),
	cmocka_unit_test(threads_may_share_a_verifier),
};

SUITE(bits_suite, tests);
