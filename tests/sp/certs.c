// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Certificates: the chain by the openssl command, the contents by number, the
 * guest's table.
 */
#include "sp_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <openssl/objects.h>
#include <openssl/x509v3.h>

#define AMD_OID "1.3.6.1.4.1.3704.1."

static bool shell(const char *fmt, const char *dir)
{
	char command[512];

	snprintf(command, sizeof(command), fmt, dir, dir, dir);
	return system(command) == 0;
}

static X509 *get_cert(const struct snp_sp *sp, enum snp_cert which)
{
	size_t len;
	const uint8_t *der = snp_sp_cert(sp, which, &len);
	X509 *cert = d2i_X509(NULL, &der, (long)len);

	assert_non_null(cert);
	return cert;
}

static void chain_verifies_with_the_openssl_command(void **state)
{
	char dir[64];

	(void)state;
	make_temp_dir(dir);
	for (int product = SNP_MILAN; product <= SNP_TURIN; product++) {
		struct snp_sp_config config = test_config((enum snp_product)product);
		struct snp_sp *sp;

		config.vlek = true;
		sp = sp_open(&config);
		assert_int_equal(snp_sp_save_certs(sp, dir, NULL), 0);
		assert_true(shell("openssl verify -CAfile %s/ark.pem -untrusted %s/ask.pem "
				  "%s/vcek.pem >/dev/null",
				  dir));
		assert_true(shell("openssl verify -CAfile %s/ark.pem -untrusted %s/asvk.pem "
				  "%s/vlek.pem >/dev/null",
				  dir));
		/* not under the other issuer, and not without the root */
		assert_false(shell("openssl verify -CAfile %s/ark.pem -untrusted %s/asvk.pem "
				   "%s/vcek.pem >/dev/null 2>&1",
				   dir));
		assert_false(shell("openssl verify -no-CApath -no-CAfile -untrusted "
				   "%s/cert_chain.pem %s/vcek.pem %s/vcek.pem >/dev/null 2>&1",
				   dir));
		snp_sp_free(sp);
	}
	remove_temp_dir(dir);
}

static void assert_name(const X509_NAME *name, const char *common_name)
{
	char want[256], got[256];

	snprintf(want, sizeof(want),
		 "/OU=Engineering/C=US/L=Santa Clara/ST=CA/O=Advanced Micro Devices/CN=%s",
		 common_name);
	assert_string_equal(X509_NAME_oneline(name, got, sizeof(got)), want);
}

static void names_are_amds(void **state)
{
	static const struct {
		enum snp_cert cert;
		const char *subject, *issuer;
	} names[] = {
		{ SNP_CERT_ARK, "ARK-Genoa", "ARK-Genoa" },
		{ SNP_CERT_ASK, "SEV-Genoa", "ARK-Genoa" },
		{ SNP_CERT_ASVK, "SEV-VLEK-Genoa", "ARK-Genoa" },
		{ SNP_CERT_VCEK, "SEV-VCEK", "SEV-Genoa" },
		{ SNP_CERT_VLEK, "SEV-VLEK", "SEV-VLEK-Genoa" },
	};
	struct snp_sp_config config = test_config(SNP_GENOA);
	struct snp_sp *sp;

	(void)state;
	config.vlek = true;
	sp = sp_open(&config);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		X509 *cert = get_cert(sp, names[i].cert);

		assert_name(X509_get_subject_name(cert), names[i].subject);
		assert_name(X509_get_issuer_name(cert), names[i].issuer);
		X509_free(cert);
	}
	snp_sp_free(sp);
}

/* rsassaPss with SHA-384, MGF1 with SHA-384, salt of 48 bytes */
static void signatures_are_rsa_pss_with_sha384_and_salt_48(void **state)
{
	static const uint8_t salt_48[] = { 0xa2, 0x03, 0x02, 0x01, 0x30 };
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct snp_sp *sp;

	(void)state;
	config.vlek = true;
	sp = sp_open(&config);
	for (int which = SNP_CERT_ARK; which < SNP_CERTS; which++) {
		X509 *cert = get_cert(sp, (enum snp_cert)which);
		const X509_ALGOR *algor;
		const ASN1_STRING *value;
		const void *param;
		int md, type;

		X509_get0_signature(NULL, &algor, cert);
		X509_ALGOR_get0(NULL, &type, &param, algor);
		value = param;
		assert_int_equal(X509_get_signature_nid(cert), NID_rsassaPss);
		assert_int_equal(X509_get_signature_info(cert, &md, NULL, NULL, NULL), 1);
		assert_int_equal(md, NID_sha384);
		assert_int_equal(type, V_ASN1_SEQUENCE);
		assert_memory_equal(value->data + value->length - sizeof(salt_48), salt_48,
				    sizeof(salt_48));
		X509_free(cert);
	}
	snp_sp_free(sp);
}

/* The value of AMD's extension 1.3.6.1.4.1.3704.1.@oid; NULL if there is none */
static const ASN1_OCTET_STRING *amd_ext(const X509 *cert, const char *oid)
{
	char text[64];
	ASN1_OBJECT *obj;
	int at;

	snprintf(text, sizeof(text), AMD_OID "%s", oid);
	obj = OBJ_txt2obj(text, 1);
	at = X509_get_ext_by_OBJ(cert, obj, -1);
	assert_int_equal(X509_get_ext_by_OBJ(cert, obj, at), -1); /* none twice */
	ASN1_OBJECT_free(obj);
	return at < 0 ? NULL : X509_EXTENSION_get_data(X509_get_ext(cert, at));
}

static void assert_ext(const X509 *cert, const char *oid, const void *value, int len)
{
	const ASN1_OCTET_STRING *got = amd_ext(cert, oid);

	if (!got || got->length != len || memcmp(got->data, value, (size_t)len) != 0)
		fail_msg("extension " AMD_OID "%s differs", oid);
}

static void assert_level(const X509 *cert, const char *oid, uint8_t level)
{
	const uint8_t small[] = { 2, 1, level }, large[] = { 2, 2, 0, level };

	if (level > 127)
		assert_ext(cert, oid, large, sizeof(large));
	else
		assert_ext(cert, oid, small, sizeof(small));
}

static void assert_string(const X509 *cert, const char *oid, const char *value)
{
	char der[80];
	int len = snprintf(der, sizeof(der), "\x16%c%s", (int)strlen(value), value);

	assert_ext(cert, oid, der, len);
}

static void assert_only_amds_extensions(const X509 *cert, int count)
{
	assert_int_equal(X509_get_ext_count(cert), count);
	for (int i = 0; i < count; i++) {
		const X509_EXTENSION *ext = X509_get_ext(cert, i);
		char oid[64];

		OBJ_obj2txt(oid, sizeof(oid), X509_EXTENSION_get_object((X509_EXTENSION *)ext), 1);
		assert_memory_equal(oid, AMD_OID, strlen(AMD_OID));
		assert_int_equal(X509_EXTENSION_get_critical(ext), 0);
	}
}

static void vcek_extensions_tell_product_tcb_and_chip(void **state)
{
	static const char *const names[] = { "Milan-B7", "Genoa-B7", "Turin" };
	uint8_t data[64] = { 0 }, report[SNP_REPORT_SIZE];

	(void)state;
	for (int product = SNP_MILAN; product <= SNP_TURIN; product++) {
		struct snp_sp_config config = test_config((enum snp_product)product);
		bool turin = product == SNP_TURIN;
		struct snp_tcb tcb = { turin ? 6 : 0, 127, 1, 9, 128 };
		struct snp_sp *sp;
		X509 *cert;

		config.cpuid_stepping = 7;
		snp_sp_config_set_tcb(&config, &tcb);
		sp = sp_running(&config);
		assert_int_equal(snp_sp_report(sp, 0, data, report), SNP_FW_SUCCESS);
		cert = get_cert(sp, SNP_CERT_VCEK);
		assert_level(cert, "1", turin);
		assert_string(cert, "2", names[product]);
		assert_level(cert, "3.1", 127);
		assert_level(cert, "3.2", 1);
		assert_level(cert, "3.3", 9);
		assert_level(cert, "3.8", 128);
		assert_ext(cert, "4", report + 0x1a0, turin ? 8 : 64);
		assert_null(amd_ext(cert, "5"));
		assert_int_equal(amd_ext(cert, "3.4") == NULL, turin);
		assert_int_equal(amd_ext(cert, "3.9") != NULL, turin);
		if (turin)
			assert_level(cert, "3.9", 6);
		assert_only_amds_extensions(cert, 11);
		X509_free(cert);
		snp_sp_free(sp);
	}
}

static void microcode_levels_are_der_integers(void **state)
{
	static const uint8_t levels[] = { 0, 1, 127, 128, 200, 255 };

	(void)state;
	for (size_t i = 0; i < sizeof(levels); i++) {
		struct snp_sp_config config = test_config(SNP_MILAN);
		struct snp_tcb tcb = { 0, 4, 0, 24, levels[i] };
		struct snp_sp *sp;
		X509 *cert;

		snp_sp_config_set_tcb(&config, &tcb);
		sp = sp_open(&config);
		cert = get_cert(sp, SNP_CERT_VCEK);
		assert_level(cert, "3.8", levels[i]);
		X509_free(cert);
		snp_sp_free(sp);
	}
}

static void vlek_extensions_tell_the_provider_not_the_chip(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct snp_sp *sp;
	X509 *cert;

	(void)state;
	config.vlek = true;
	strcpy(config.csp_id, "example-cloud");
	sp = sp_open(&config);
	cert = get_cert(sp, SNP_CERT_VLEK);
	assert_string(cert, "2", "Milan");
	assert_string(cert, "5", "example-cloud");
	assert_null(amd_ext(cert, "4"));
	assert_only_amds_extensions(cert, 11);
	X509_free(cert);
	snp_sp_free(sp);
}

static void no_certificate_points_to_a_revocation_list(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct snp_sp *sp;

	(void)state;
	config.vlek = true;
	sp = sp_open(&config);
	for (int which = SNP_CERT_ARK; which < SNP_CERTS; which++) {
		X509 *cert = get_cert(sp, (enum snp_cert)which);

		assert_int_equal(X509_get_ext_by_NID(cert, NID_crl_distribution_points, -1), -1);
		X509_free(cert);
	}
	snp_sp_free(sp);
}

static void cas_are_cas_and_nothing_more(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct snp_sp *sp;

	(void)state;
	config.vlek = true;
	sp = sp_open(&config);
	for (int which = SNP_CERT_ARK; which <= SNP_CERT_ASVK; which++) {
		X509 *cert = get_cert(sp, (enum snp_cert)which);
		bool root = which == SNP_CERT_ARK;

		assert_int_equal(X509_check_ca(cert), 1);
		assert_int_equal(X509_get_pathlen(cert), root ? -1 : 0);
		assert_int_equal(X509_get_key_usage(cert),
				 root ? KU_KEY_CERT_SIGN | KU_CRL_SIGN : KU_KEY_CERT_SIGN);
		assert_int_equal(EVP_PKEY_get_bits(X509_get0_pubkey(cert)), 4096);
		X509_free(cert);
	}
	snp_sp_free(sp);
}

/*
 * Table
 */

/* GUIDs of 56421 as text; their bytes in the table are in the text's order */
static void assert_guid(const uint8_t *entry, const char *text)
{
	char got[37];

	snprintf(got, sizeof(got),
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", entry[0],
		 entry[1], entry[2], entry[3], entry[4], entry[5], entry[6], entry[7], entry[8],
		 entry[9], entry[10], entry[11], entry[12], entry[13], entry[14], entry[15]);
	assert_string_equal(got, text);
}

static void check_table(const struct snp_sp *sp, const enum snp_cert which[3],
			const char *const guid[3])
{
	uint8_t table[16384];
	size_t size = snp_sp_cert_table(sp, NULL, 0), end = 4 * 24;

	assert_true(size > end && size <= sizeof(table));
	memset(table, 0xaa, sizeof(table));
	assert_int_equal(snp_sp_cert_table(sp, table, size - 1), size);
	assert_int_equal(table[0], 0xaa); /* too small: untouched */
	assert_int_equal(snp_sp_cert_table(sp, table, sizeof(table)), size);
	assert_int_equal(table[size], 0xaa);
	for (size_t i = 0; i < 3; i++) {
		size_t len;
		const uint8_t *der = snp_sp_cert(sp, which[i], &len);

		assert_guid(table + 24 * i, guid[i]);
		assert_int_equal(le32_at(table, 24 * i + 16), end);
		assert_int_equal(le32_at(table, 24 * i + 20), len);
		assert_memory_equal(table + end, der, len);
		end += len;
	}
	assert_true(is_zero(table + 72, 24));
	assert_int_equal(end, size);
}

static void certificate_table_has_the_chain_of_the_default_key(void **state)
{
	static const enum snp_cert vcek[] = { SNP_CERT_VCEK, SNP_CERT_ASK, SNP_CERT_ARK };
	static const enum snp_cert vlek[] = { SNP_CERT_VLEK, SNP_CERT_ASVK, SNP_CERT_ARK };
	static const char *const vcek_guid[] = { "63da758d-e664-4564-adc5-f4b93be8accd",
						 "4ab7b379-bbac-4fe4-a02f-05aef327c782",
						 "c0b406a4-a803-4952-9743-3fb6014cd0ae" };
	static const char *const vlek_guid[] = { "a8074bc2-a25a-483e-aae6-39c045a0b8a1",
						 "4ab7b379-bbac-4fe4-a02f-05aef327c782",
						 "c0b406a4-a803-4952-9743-3fb6014cd0ae" };
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct snp_sp *sp = sp_open(&config);
	size_t len = 1;

	(void)state;
	check_table(sp, vcek, vcek_guid);
	assert_null(snp_sp_cert(sp, SNP_CERT_VLEK, &len));
	assert_int_equal(len, 0);
	len = 1;
	assert_null(snp_sp_cert(sp, SNP_CERTS, &len));
	assert_int_equal(len, 0);
	assert_null(snp_sp_cert(sp, (enum snp_cert) - 1, &len));
	snp_sp_free(sp);
	config.vlek = true;
	sp = sp_open(&config);
	check_table(sp, vlek, vlek_guid);
	snp_sp_free(sp);
}

static void saving_certificates_leaves_no_other_files(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct snp_sp *sp = sp_open(&config);
	struct snp_sp_error error = { "" };
	char dir[64];

	(void)state;
	make_temp_dir(dir);
	assert_int_equal(snp_sp_save_certs(sp, dir, &error), 0);
	assert_int_equal(snp_sp_save_certs(sp, dir, &error), 0);
	assert_true(shell("test \"$(ls -A %s | tr '\\n' ' ')\" = "
			  "'ark.pem ask.pem cert_chain.pem vcek.pem '",
			  dir));
	remove_temp_dir(dir);
	assert_int_equal(snp_sp_save_certs(sp, dir, &error), -ENOENT);
	assert_non_null(strstr(error.text, "cannot open the directory"));
	assert_non_null(strstr(error.text, dir));
	snp_sp_free(sp);
}

/* A file's place is taken by a folder: it is named, and nothing half-made stays. */
static void certificate_that_cannot_be_saved_is_named(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct snp_sp *sp = sp_open(&config);
	struct snp_sp_error error = { "" };
	char dir[64], path[128];

	(void)state;
	make_temp_dir(dir);
	snprintf(path, sizeof(path), "%s/ask.pem", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(snp_sp_save_certs(sp, dir, &error), -EISDIR);
	assert_non_null(strstr(error.text, path));
	assert_true(shell("test \"$(ls -A %s | tr '\\n' ' ')\" = 'ark.pem ask.pem '", dir));
	assert_int_equal(snp_sp_save_certs(sp, dir, NULL), -EISDIR);
	remove_temp_dir(dir);
	snp_sp_free(sp);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(chain_verifies_with_the_openssl_command),
	cmocka_unit_test(names_are_amds),
	cmocka_unit_test(signatures_are_rsa_pss_with_sha384_and_salt_48),
	cmocka_unit_test(vcek_extensions_tell_product_tcb_and_chip),
	cmocka_unit_test(microcode_levels_are_der_integers),
	cmocka_unit_test(vlek_extensions_tell_the_provider_not_the_chip),
	cmocka_unit_test(no_certificate_points_to_a_revocation_list),
	cmocka_unit_test(cas_are_cas_and_nothing_more),
	cmocka_unit_test(certificate_table_has_the_chain_of_the_default_key),
	cmocka_unit_test(saving_certificates_leaves_no_other_files),
	cmocka_unit_test(certificate_that_cannot_be_saved_is_named),
};
SUITE(certs_suite, tests);
