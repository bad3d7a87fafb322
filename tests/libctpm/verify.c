// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether a report is the platform's: chain, extensions, signature; each broken alone. */
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

#include "test.h"

#define YEARS(n) ((int64_t)(n)*365 * 86400)

/* What a verifier has: everything of one machine, to be broken in one place */
struct evidence {
	struct machine m;
	struct ctpm_certs *certs;
	struct ctpm_roots *roots;
	int64_t time;
};

static void trust(struct ctpm_roots *roots, const struct snp_sp *sp)
{
	size_t len;
	const uint8_t *der = snp_sp_cert(sp, SNP_CERT_ARK, &len);

	assert_int_equal(ctpm_roots_add(roots, der, len, NULL), CTPM_OK);
}

static void add(struct ctpm_certs *certs, const struct snp_sp *sp, enum snp_cert which)
{
	size_t len;
	const uint8_t *der = snp_sp_cert(sp, which, &len);

	assert_non_null(der);
	assert_int_equal(ctpm_certs_add(certs, der, len, NULL), CTPM_OK);
}

/* Without certificates */
static void start(struct evidence *e, enum snp_product product)
{
	if (!e->m.config.key_dir)
		machine_config(&e->m, product, KEYS);
	machine_start(&e->m);
	e->certs = ctpm_certs_new();
	e->roots = ctpm_roots_new(false);
	e->time = time(NULL);
	trust(e->roots, e->m.sp);
}

static void add_all(struct evidence *e, const struct snp_sp *sp)
{
	add(e->certs, sp, SNP_CERT_ARK);
	add(e->certs, sp, SNP_CERT_ASK);
	add(e->certs, sp, SNP_CERT_VCEK);
}

static void end(struct evidence *e)
{
	ctpm_roots_free(e->roots);
	ctpm_certs_free(e->certs);
	machine_stop(&e->m);
}

static void gives(struct evidence *e, enum ctpm_error expected)
{
	struct ctpm_report r;
	struct ctpm_why why = { CTPM_OK, "" };
	enum ctpm_error error = ctpm_report_verify(e->m.report, sizeof(e->m.report), e->certs,
						   e->roots, e->time, &r, &why);

	if (error != expected)
		fail_msg("%s, not %s: %s", ctpm_error_name(error), ctpm_error_name(expected),
			 why.text);
	assert_int_equal(why.code, expected);
	assert_int_equal(r.version != 0, expected == CTPM_OK);
}

static void every_product_version_and_key_is_accepted(void **state)
{
	static const uint32_t versions[] = { 2, 3, 5 };

	(void)state;
	for (int p = SNP_MILAN; p <= SNP_TURIN; p++) {
		for (int v = 0; v < 3; v++) {
			for (int vlek = 0; vlek < 2; vlek++) {
				struct evidence e = { .time = 0 };
				uint8_t table[16384];
				size_t len;

				/* the layout of its TCB would not be told */
				if (p == SNP_TURIN && versions[v] == 2)
					continue;
				machine_config(&e.m, (enum snp_product)p, KEYS);
				e.m.config.report_version = versions[v];
				e.m.config.vlek = vlek;
				start(&e, (enum snp_product)p);
				len = snp_sp_cert_table(e.m.sp, table, sizeof(table));
				assert_int_equal(ctpm_certs_add_table(e.certs, table, len, NULL),
						 CTPM_OK);
				gives(&e, CTPM_OK);
				end(&e);
			}
		}
	}
}

static size_t count(const char *text, const char *word)
{
	size_t n = 0;

	for (; (text = strstr(text, word)); text++)
		n++;
	return n;
}

static void the_chain_is_what_verified_and_nothing_else(void **state)
{
	struct evidence e = { .time = 0 }, other = { .time = 0 };
	const enum ctpm_cert_kind kinds[] = { CTPM_CERT_LEAF, CTPM_CERT_ISSUER, CTPM_CERT_ROOT };
	struct ctpm_certs *chain;

	(void)state;
	start(&e, SNP_MILAN);
	add_all(&e, e.m.sp);
	/* of the same names, but not what leads to the root */
	machine_config(&other.m, SNP_MILAN, OTHER_KEYS);
	start(&other, SNP_MILAN);
	add_all(&e, other.m.sp);
	assert_int_equal(ctpm_report_chain(e.m.report, sizeof(e.m.report), e.certs, e.roots, e.time,
					   &chain, NULL),
			 CTPM_OK);
	for (int i = 0; i < 3; i++) {
		char *pem = ctpm_certs_pem(chain, kinds[i]),
		     *both = ctpm_certs_pem(e.certs, kinds[i]);

		assert_int_equal(count(pem, "BEGIN CERTIFICATE"), 1);
		assert_int_equal(count(both, "BEGIN CERTIFICATE"), 2);
		free(pem);
		free(both);
	}
	ctpm_certs_free(chain);
	e.m.report[CTPM_REPORT_SIGNED_SIZE] ^= 1;
	assert_int_equal(ctpm_report_chain(e.m.report, sizeof(e.m.report), e.certs, e.roots, e.time,
					   &chain, NULL),
			 CTPM_ERR_REPORT_SIGNATURE);
	assert_null(chain);
	end(&e);
	end(&other);
}

static X509 *cert_of(const struct machine *m, enum snp_cert which)
{
	size_t len;
	const uint8_t *der = snp_sp_cert(m->sp, which, &len);

	return d2i_X509(NULL, &der, (long)len);
}

static void certificates_may_come_as_pem(void **state)
{
	struct evidence e = { .time = 0 };
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem;
	long len;

	(void)state;
	start(&e, SNP_MILAN);
	for (int i = 0; i < SNP_CERTS; i++) {
		size_t n;
		const uint8_t *der = snp_sp_cert(e.m.sp, (enum snp_cert)i, &n);
		X509 *cert = der ? d2i_X509(NULL, &der, (long)n) : NULL;

		if (cert)
			assert_int_equal(PEM_write_bio_X509(bio, cert), 1);
		X509_free(cert);
	}
	len = BIO_get_mem_data(bio, &pem);
	assert_int_equal(ctpm_certs_add(e.certs, pem, (size_t)len, NULL), CTPM_OK);
	gives(&e, CTPM_OK);
	/* a damaged block behind good ones */
	pem[len - 60] = '!';
	assert_int_equal(ctpm_certs_add(e.certs, pem, (size_t)len, NULL), CTPM_ERR_CERT_FORM);
	/* a damaged head of the first block: it must not be taken for text around the others */
	*(char *)memmem(pem, (size_t)len, "CERTIFICATE-----", 16) = 'X';
	pem[strcspn(pem, "\n") - 1] = '_';
	assert_int_equal(ctpm_certs_add(e.certs, pem, (size_t)len, NULL), CTPM_ERR_CERT_FORM);
	BIO_free(bio);
	end(&e);
}

/* An issuer of AMD's name with a key that takes long is not even tried */
static void an_issuer_with_another_kind_of_key_is_passed_over(void **state)
{
	struct evidence e = { .time = 0 };
	EVP_PKEY *key = EVP_RSA_gen(2048);
	uint8_t *der = NULL;
	X509 *ask;
	int len;

	(void)state;
	start(&e, SNP_MILAN);
	add(e.certs, e.m.sp, SNP_CERT_ARK);
	add(e.certs, e.m.sp, SNP_CERT_VCEK);
	ask = cert_of(&e.m, SNP_CERT_ASK);
	assert_int_equal(X509_set_pubkey(ask, key), 1);
	assert_true(X509_sign(ask, key, EVP_sha384()) > 0);
	len = i2d_X509(ask, &der);
	assert_true(len > 0);
	assert_int_equal(ctpm_certs_add(e.certs, der, (size_t)len, NULL), CTPM_OK);
	gives(&e, CTPM_ERR_CERT_MISSING);
	add(e.certs, e.m.sp, SNP_CERT_ASK);
	gives(&e, CTPM_OK);
	OPENSSL_free(der);
	X509_free(ask);
	EVP_PKEY_free(key);
	end(&e);
}

/* Of several VCEKs the one that was made for the report tells what is wrong */
static void the_reason_told_is_that_of_the_right_certificate(void **state)
{
	struct evidence e = { .time = 0 };
	struct machine other;

	(void)state;
	start(&e, SNP_MILAN);
	machine_config(&other, SNP_MILAN, KEYS);
	other.config.chip_id[0] ^= 1;
	machine_start(&other);
	add_all(&e, e.m.sp);
	add(e.certs, other.sp, SNP_CERT_VCEK);
	gives(&e, CTPM_OK);
	e.m.report[CTPM_REPORT_SIGNED_SIZE] ^= 1;
	gives(&e, CTPM_ERR_REPORT_SIGNATURE);
	ctpm_certs_free(e.certs);
	e.certs = ctpm_certs_new();
	add(e.certs, other.sp, SNP_CERT_VCEK);
	add_all(&e, e.m.sp);
	gives(&e, CTPM_ERR_REPORT_SIGNATURE);
	machine_stop(&other);
	end(&e);
}

static void every_single_bit_of_a_report_counts(void **state)
{
	struct evidence e = { .time = 0 };
	struct ctpm_report r;

	(void)state;
	start(&e, SNP_MILAN);
	add_all(&e, e.m.sp);
	gives(&e, CTPM_OK);
	for (size_t bit = 0; bit < 8 * CTPM_REPORT_SIZE; bit++) {
		e.m.report[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (!ctpm_report_verify(e.m.report, sizeof(e.m.report), e.certs, e.roots, e.time,
					&r, NULL))
			fail_msg("accepted with bit %zu flipped", bit);
		e.m.report[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	end(&e);
}

static void a_root_is_trusted_by_its_fingerprint_alone(void **state)
{
	struct evidence e = { .time = 0 };
	struct machine other;

	(void)state;
	/* another root of the same name is trusted */
	machine_config(&other, SNP_MILAN, OTHER_KEYS);
	machine_start(&other);
	start(&e, SNP_MILAN);
	add_all(&e, e.m.sp);
	ctpm_roots_free(e.roots);
	e.roots = ctpm_roots_new(true);
	trust(e.roots, other.sp);
	gives(&e, CTPM_ERR_CERT_ROOT);
	machine_stop(&other);
	end(&e);
}

static void an_issuer_of_another_root_is_refused(void **state)
{
	struct evidence e = { .time = 0 };
	struct machine other;

	(void)state;
	machine_config(&other, SNP_MILAN, OTHER_KEYS);
	machine_start(&other);
	start(&e, SNP_MILAN);
	add(e.certs, e.m.sp, SNP_CERT_ARK);
	add(e.certs, other.sp, SNP_CERT_ASK);
	add(e.certs, e.m.sp, SNP_CERT_VCEK);
	gives(&e, CTPM_ERR_CERT_CHAIN);
	machine_stop(&other);
	end(&e);
}

static void each_certificate_is_needed(void **state)
{
	static const enum snp_cert all[] = { SNP_CERT_ARK, SNP_CERT_ASK, SNP_CERT_VCEK };

	(void)state;
	for (int missing = 0; missing < 3; missing++) {
		struct evidence e = { .time = 0 };

		start(&e, SNP_GENOA);
		for (int i = 0; i < 3; i++)
			if (i != missing)
				add(e.certs, e.m.sp, all[i]);
		gives(&e, CTPM_ERR_CERT_MISSING);
		end(&e);
	}
}

static void a_vlek_report_needs_a_vlek(void **state)
{
	struct evidence e = { .time = 0 };

	(void)state;
	machine_config(&e.m, SNP_MILAN, KEYS);
	e.m.config.vlek = true;
	start(&e, SNP_MILAN);
	add_all(&e, e.m.sp);
	gives(&e, CTPM_ERR_KEY_TYPE);
	end(&e);
}

static void an_unsigned_report_is_refused(void **state)
{
	struct evidence e = { .time = 0 };

	(void)state;
	machine_config(&e.m, SNP_MILAN, KEYS);
	e.m.config.mask_chip_key = true;
	start(&e, SNP_MILAN);
	add_all(&e, e.m.sp);
	gives(&e, CTPM_ERR_REPORT_UNSIGNED);
	end(&e);
}

/* The certificates of a machine that differs in one thing */
static void with_certs_of(struct machine *other, enum snp_product product, enum ctpm_error expected)
{
	struct evidence e = { .time = 0 };

	machine_start(other);
	start(&e, product);
	trust(e.roots, other->sp);
	add_all(&e, other->sp);
	gives(&e, expected);
	machine_stop(other);
	end(&e);
}

static void each_component_of_the_tcb_is_compared(void **state)
{
	(void)state;
	for (int product = SNP_MILAN; product <= SNP_TURIN; product++) {
		for (int i = product == SNP_TURIN ? 0 : 1; i < 5; i++) {
			struct machine other;
			struct snp_tcb tcb;
			uint8_t *component[] = { &tcb.fmc, &tcb.bootloader, &tcb.tee, &tcb.snp,
						 &tcb.microcode };

			machine_config(&other, (enum snp_product)product, KEYS);
			tcb = other.config.reported_tcb;
			*component[i] ^= 1;
			snp_sp_config_set_tcb(&other.config, &tcb);
			with_certs_of(&other, (enum snp_product)product, CTPM_ERR_TCB);
		}
	}
}

static void another_chip_is_refused(void **state)
{
	struct machine other;

	(void)state;
	for (int product = SNP_MILAN; product <= SNP_TURIN; product++) {
		machine_config(&other, (enum snp_product)product, KEYS);
		other.config.chip_id[7] = 1;
		with_certs_of(&other, (enum snp_product)product, CTPM_ERR_CHIP_ID);
	}
}

static void a_masked_chip_id_is_not_compared(void **state)
{
	struct evidence e = { .time = 0 };

	(void)state;
	machine_config(&e.m, SNP_MILAN, KEYS);
	e.m.config.mask_chip_id = true;
	start(&e, SNP_MILAN);
	add_all(&e, e.m.sp);
	gives(&e, CTPM_OK);
	end(&e);
}

static void certificates_of_another_product_are_refused(void **state)
{
	struct machine other;

	(void)state;
	machine_config(&other, SNP_GENOA, KEYS);
	with_certs_of(&other, SNP_MILAN, CTPM_ERR_CERT_PRODUCT);
}

static void certificates_must_be_valid_at_the_time(void **state)
{
	struct evidence e = { .time = 0 };
	int64_t now;

	(void)state;
	start(&e, SNP_MILAN);
	add_all(&e, e.m.sp);
	now = e.time;
	e.time = now + YEARS(8);
	gives(&e, CTPM_ERR_CERT_TIME);
	e.time = now + YEARS(30);
	gives(&e, CTPM_ERR_CERT_TIME);
	e.time = now - YEARS(1);
	gives(&e, CTPM_ERR_CERT_TIME);
	e.time = now;
	gives(&e, CTPM_OK);
	end(&e);
}

/* A byte of each certificate's signature, and of the leaf's content, changed */
static void a_changed_certificate_is_refused(void **state)
{
	static const enum snp_cert all[] = { SNP_CERT_ARK, SNP_CERT_ASK, SNP_CERT_VCEK };

	(void)state;
	for (int broken = 0; broken < 3; broken++) {
		struct evidence e = { .time = 0 };

		start(&e, SNP_MILAN);
		for (int i = 0; i < 3; i++) {
			uint8_t der[4096];
			size_t len;
			const uint8_t *good = snp_sp_cert(e.m.sp, all[i], &len);

			assert_true(len <= sizeof(der));
			memcpy(der, good, len);
			if (i == broken)
				der[len - 9] ^= 1;
			assert_int_equal(ctpm_certs_add(e.certs, der, len, NULL), CTPM_OK);
		}
		/* the root has another fingerprint then */
		gives(&e, broken ? CTPM_ERR_CERT_CHAIN : CTPM_ERR_CERT_ROOT);
		end(&e);
	}
}

static void what_is_no_certificate_is_no_root(void **state)
{
	struct ctpm_roots *roots = ctpm_roots_new(false);

	(void)state;
	assert_int_equal(ctpm_roots_add(roots, "no certificate", 14, NULL), CTPM_ERR_CERT_FORM);
	assert_int_equal(ctpm_roots_add(roots, "", 0, NULL), CTPM_ERR_CERT_FORM);
	ctpm_roots_free(roots);
}

static void put_entry(uint8_t *at, uint8_t guid, uint32_t offset, uint32_t len)
{
	memset(at, guid, 16);
	memcpy(at + 16, &offset, 4);
	memcpy(at + 20, &len, 4);
}

static enum ctpm_error table(const void *data, size_t len)
{
	struct ctpm_certs *certs = ctpm_certs_new();
	struct ctpm_why why = { CTPM_OK, "" };
	enum ctpm_error error = ctpm_certs_add_table(certs, data, len, &why);

	assert_int_equal(why.code, error);
	ctpm_certs_free(certs);
	return error;
}

static void a_malformed_certificate_table_is_refused(void **state)
{
	uint8_t good[16384], bad[sizeof(good)];
	struct machine m;
	size_t len;

	(void)state;
	machine_config(&m, SNP_MILAN, KEYS);
	machine_start(&m);
	len = snp_sp_cert_table(m.sp, good, sizeof(good));
	machine_stop(&m);
	assert_int_equal(table(good, len), CTPM_OK);
	/* cut off anywhere, also within its last certificate */
	for (size_t n = 0; n < len; n += n < 200 ? 1 : 97)
		assert_int_not_equal(table(good, n), CTPM_OK);
	assert_int_equal(table(good, 23), CTPM_ERR_CERT_TABLE);

	/* an entry that leaves the table, by offset, by length, by both */
	memcpy(bad, good, len);
	put_entry(bad, 0x77, (uint32_t)len + 1, 0);
	assert_int_equal(table(bad, len), CTPM_ERR_CERT_TABLE);
	put_entry(bad, 0x77, 100, (uint32_t)len - 99);
	assert_int_equal(table(bad, len), CTPM_ERR_CERT_TABLE);
	put_entry(bad, 0x77, UINT32_MAX, UINT32_MAX);
	assert_int_equal(table(bad, len), CTPM_ERR_CERT_TABLE);
	/* what is not known is passed over */
	put_entry(bad, 0x77, 0, 1);
	assert_int_equal(table(bad, len), CTPM_OK);
	/* a certificate that is none */
	memcpy(bad, good, len);
	memset(bad + 4 * 24, 0, 8);
	assert_int_equal(table(bad, len), CTPM_ERR_CERT_FORM);
	/* too many entries, or no end */
	for (size_t i = 0; i < 65; i++)
		put_entry(bad + 24 * i, 0x77, 0, 0);
	assert_int_equal(table(bad, 65 * 24), CTPM_ERR_CERT_TABLE);
	assert_int_equal(table(bad, 3 * 24), CTPM_ERR_CERT_TABLE);
}

static void too_many_certificates_are_refused(void **state)
{
	struct ctpm_certs *certs = ctpm_certs_new();
	struct machine m;
	const uint8_t *der;
	size_t len;

	(void)state;
	machine_config(&m, SNP_MILAN, KEYS);
	machine_start(&m);
	der = snp_sp_cert(m.sp, SNP_CERT_ASK, &len);
	for (int i = 0; i < CTPM_CERTS_MAX; i++)
		assert_int_equal(ctpm_certs_add(certs, der, len, NULL), CTPM_OK);
	assert_int_equal(ctpm_certs_add(certs, der, len, NULL), CTPM_ERR_ARGUMENT);
	machine_stop(&m);
	ctpm_certs_free(certs);
}

/* The ARK's own key, from the emulated platform's files */
static EVP_PKEY *ark_key(const struct machine *m)
{
	char path[600];
	EVP_PKEY *key;
	FILE *f;

	snprintf(path, sizeof(path), "%s/Milan/ark.key", m->config.key_dir);
	f = fopen(path, "r");
	assert_non_null(f);
	key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	assert_non_null(key);
	return key;
}

/* A list that revokes @revoked (or nothing), valid from @from to @to, signed by @key */
static void add_crl(struct evidence *e, const X509 *revoked, int64_t from, int64_t to,
		    EVP_PKEY *key)
{
	X509_CRL *crl = X509_CRL_new();
	X509 *ark = cert_of(&e->m, SNP_CERT_ARK);
	ASN1_TIME *t = ASN1_TIME_set(NULL, from);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	uint8_t *der = NULL;
	int len;

	assert_int_equal(X509_CRL_set_version(crl, 1), 1);
	assert_int_equal(X509_CRL_set_issuer_name(crl, X509_get_subject_name(ark)), 1);
	assert_int_equal(X509_CRL_set1_lastUpdate(crl, t), 1);
	if (revoked) {
		X509_REVOKED *r = X509_REVOKED_new();

		X509_REVOKED_set_serialNumber(
			r, (ASN1_INTEGER *)(uintptr_t)X509_get0_serialNumber(revoked));
		X509_REVOKED_set_revocationDate(r, t);
		assert_int_equal(X509_CRL_add0_revoked(crl, r), 1);
	}
	assert_non_null(ASN1_TIME_set(t, to));
	assert_int_equal(X509_CRL_set1_nextUpdate(crl, t), 1);
	assert_int_equal(EVP_DigestSignInit(ctx, &pctx, EVP_sha384(), NULL, key), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, 48), 1);
	assert_true(X509_CRL_sign_ctx(crl, ctx) > 0);
	len = i2d_X509_CRL(crl, &der);
	assert_true(len > 0);
	assert_int_equal(ctpm_certs_add(e->certs, der, (size_t)len, NULL), CTPM_OK);
	OPENSSL_free(der);
	EVP_MD_CTX_free(ctx);
	ASN1_TIME_free(t);
	X509_free(ark);
	X509_CRL_free(crl);
}

static void crl_gives(const char *what, enum ctpm_error expected)
{
	struct evidence e = { .time = 0 };
	struct machine other;
	EVP_PKEY *key, *wrong;
	X509 *ask;

	start(&e, SNP_MILAN);
	machine_config(&other, SNP_MILAN, OTHER_KEYS);
	machine_start(&other);
	add_all(&e, e.m.sp);
	key = ark_key(&e.m);
	wrong = ark_key(&other);
	ask = cert_of(&e.m, SNP_CERT_ASK);
	add_crl(&e, !strcmp(what, "revokes") ? ask : NULL,
		e.time - (strcmp(what, "early") ? 86400 : -3600),
		e.time + (strcmp(what, "late") ? 86400 : -3600),
		strcmp(what, "forged") ? key : wrong);
	gives(&e, expected);
	X509_free(ask);
	EVP_PKEY_free(key);
	EVP_PKEY_free(wrong);
	machine_stop(&other);
	end(&e);
}

static void a_revocation_list_is_respected(void **state)
{
	(void)state;
	crl_gives("empty", CTPM_OK);
	crl_gives("revokes", CTPM_ERR_CERT_REVOKED);
}

static void a_revocation_list_must_be_the_arks_and_of_this_time(void **state)
{
	(void)state;
	crl_gives("forged", CTPM_ERR_CRL);
	crl_gives("early", CTPM_ERR_CRL);
	crl_gives("late", CTPM_ERR_CRL);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_product_version_and_key_is_accepted),
	cmocka_unit_test(the_chain_is_what_verified_and_nothing_else),
	cmocka_unit_test(certificates_may_come_as_pem),
	cmocka_unit_test(every_single_bit_of_a_report_counts),
	cmocka_unit_test(a_root_is_trusted_by_its_fingerprint_alone),
	cmocka_unit_test(an_issuer_of_another_root_is_refused),
	cmocka_unit_test(each_certificate_is_needed),
	cmocka_unit_test(an_issuer_with_another_kind_of_key_is_passed_over),
	cmocka_unit_test(the_reason_told_is_that_of_the_right_certificate),
	cmocka_unit_test(a_vlek_report_needs_a_vlek),
	cmocka_unit_test(an_unsigned_report_is_refused),
	cmocka_unit_test(each_component_of_the_tcb_is_compared),
	cmocka_unit_test(another_chip_is_refused),
	cmocka_unit_test(a_masked_chip_id_is_not_compared),
	cmocka_unit_test(certificates_of_another_product_are_refused),
	cmocka_unit_test(certificates_must_be_valid_at_the_time),
	cmocka_unit_test(a_changed_certificate_is_refused),
	cmocka_unit_test(what_is_no_certificate_is_no_root),
	cmocka_unit_test(a_malformed_certificate_table_is_refused),
	cmocka_unit_test(too_many_certificates_are_refused),
	cmocka_unit_test(a_revocation_list_is_respected),
	cmocka_unit_test(a_revocation_list_must_be_the_arks_and_of_this_time),
};

SUITE(verify_suite, tests);
