// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The key folder, and configurations that are refused.
 */
#include "sp_test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#define FILES 8

static const char *const files[FILES] = { "ark.key",  "ark.pem",  "ask.key",	 "ask.pem",
					  "asvk.key", "asvk.pem", "chip.secret", "vlek.secret" };

static void copy_file(const char *from, const char *to)
{
	uint8_t buf[16384];
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	size_t n;

	assert_non_null(in);
	assert_non_null(out);
	n = fread(buf, 1, sizeof(buf), in);
	assert_int_equal(fwrite(buf, 1, n, out), n);
	fclose(in);
	fclose(out);
}

/* A directory with a copy of the shared keys of Milan, to be damaged */
static void make_keys(char dir[64])
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	char from[512], to[512];

	snp_sp_free(sp_open(&config)); /* the shared ones exist now */
	make_temp_dir(dir);
	snprintf(to, sizeof(to), "%s/Milan", dir);
	assert_int_equal(mkdir(to, 0700), 0);
	for (size_t i = 0; i < FILES; i++) {
		snprintf(from, sizeof(from), "%s/Milan/%s", shared_keys(), files[i]);
		snprintf(to, sizeof(to), "%s/Milan/%s", dir, files[i]);
		copy_file(from, to);
	}
}

static EVP_PKEY *vcek_of(const struct snp_sp_config *config)
{
	struct snp_sp *sp = sp_open(config);
	EVP_PKEY *key = cert_key(sp, SNP_CERT_VCEK);

	snp_sp_free(sp);
	return key;
}

static void keys_stay_the_same_from_run_to_run(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct snp_sp *a = sp_open(&config), *b = sp_open(&config);
	EVP_PKEY *key_a = cert_key(a, SNP_CERT_VCEK), *key_b = cert_key(b, SNP_CERT_VCEK);
	size_t len_a, len_b;
	const uint8_t *ark_a = snp_sp_cert(a, SNP_CERT_ARK, &len_a);
	const uint8_t *ark_b = snp_sp_cert(b, SNP_CERT_ARK, &len_b);

	(void)state;
	assert_int_equal(len_a, len_b);
	assert_memory_equal(ark_a, ark_b, len_a);
	assert_int_equal(EVP_PKEY_eq(key_a, key_b), 1);
	EVP_PKEY_free(key_a);
	EVP_PKEY_free(key_b);
	snp_sp_free(a);
	snp_sp_free(b);
}

static void vcek_depends_on_reported_tcb_and_chip(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN), other = config;
	EVP_PKEY *base = vcek_of(&config), *key;

	(void)state;
	other.reported_tcb.snp--;
	key = vcek_of(&other);
	assert_int_not_equal(EVP_PKEY_eq(base, key), 1);
	EVP_PKEY_free(key);
	other = config;
	other.launch_tcb.snp--;
	other.committed_tcb.snp--;
	key = vcek_of(&other);
	assert_int_equal(EVP_PKEY_eq(base, key), 1);
	EVP_PKEY_free(key);
	EVP_PKEY_free(base);
}

static void key_files_are_for_their_owner_alone(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	char path[512];
	struct stat st;

	(void)state;
	snp_sp_free(sp_open(&config));
	snprintf(path, sizeof(path), "%s/Milan", shared_keys());
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	for (size_t i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "%s/Milan/%s", shared_keys(), files[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
}

static int entries_in(const char *path)
{
	DIR *dir = opendir(path);
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2; /* . and .. */
}

/* A child that makes or loads keys and writes its VCEK's public point */
static pid_t start_maker(const struct snp_sp_config *config, int out)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct snp_sp *sp = NULL;
		uint8_t point[97];
		size_t len = 0;
		bool ok = !snp_sp_new(config, &sp, NULL);

		if (ok) {
			EVP_PKEY *key = cert_key(sp, SNP_CERT_VCEK);

			ok = EVP_PKEY_get_octet_string_param(key, "pub", point, sizeof(point),
							     &len) == 1 &&
			     write(out, point, len) == (ssize_t)len;
		}
		_exit(!ok);
	}
	return pid;
}

static void makers_at_the_same_time_end_with_the_same_keys(void **state)
{
	struct snp_sp_config config;
	uint8_t point[2][97];
	char dir[64], path[128];
	pid_t pid[2];
	int fd[2];

	(void)state;
	snp_sp_config_init(&config, SNP_MILAN);
	make_temp_dir(dir);
	snprintf(path, sizeof(path), "%s/keys", dir); /* is made, too */
	config.key_dir = path;
	assert_int_equal(pipe(fd), 0);
	for (int i = 0; i < 2; i++)
		pid[i] = start_maker(&config, fd[1]);
	for (int i = 0; i < 2; i++) {
		int status;

		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_int_equal(status, 0);
		assert_int_equal(read(fd[0], point[i], sizeof(point[i])), sizeof(point[i]));
	}
	assert_memory_equal(point[0], point[1], sizeof(point[0]));
	assert_int_equal(entries_in(path), 1); /* nothing left of the loser's */
	strcat(path, "/Milan");
	assert_int_equal(entries_in(path), FILES);
	close(fd[0]);
	close(fd[1]);
	remove_temp_dir(dir);
}

static void broken_key_folder_is_refused_and_kept(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	char dir[64], path[512];

	(void)state;
	for (size_t i = 0; i < FILES; i++) {
		/* each file: missing, cut short, of another kind */
		for (int damage = 0; damage < 3; damage++) {
			struct snp_sp_error error = { "" };
			struct snp_sp *sp = NULL;

			make_keys(dir);
			config.key_dir = dir;
			snprintf(path, sizeof(path), "%s/Milan/%s", dir, files[i]);
			if (damage == 0)
				assert_int_equal(unlink(path), 0);
			else if (damage == 1)
				assert_int_equal(truncate(path, 20), 0);
			else
				copy_file("/proc/self/exe", path);
			assert_int_equal(snp_sp_new(&config, &sp, &error), -EIO);
			assert_null(sp);
			assert_non_null(strstr(error.text, "Milan"));
			assert_int_equal(access(path, F_OK), damage ? 0 : -1);
			remove_temp_dir(dir);
		}
	}
}

static void keys_and_certificates_that_do_not_match_are_refused(void **state)
{
	static const char *const swap[][2] = {
		{ "ask.key", "asvk.key" }, /* not the certificate's key */
		{ "ask.pem", "asvk.pem" }, /* not the key's certificate */
	};
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct snp_sp *sp = NULL;
	char dir[64], from[512], to[512];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		make_keys(dir);
		config.key_dir = dir;
		snprintf(from, sizeof(from), "%s/Milan/%s", dir, swap[i][1]);
		snprintf(to, sizeof(to), "%s/Milan/%s", dir, swap[i][0]);
		copy_file(from, to);
		assert_int_equal(snp_sp_new(&config, &sp, NULL), -EIO);
		remove_temp_dir(dir);
	}
	/* sound in itself, but under the ARK of another product's folder */
	make_keys(dir);
	config.key_dir = dir;
	{
		struct snp_sp_config genoa = test_config(SNP_GENOA);

		snp_sp_free(sp_open(&genoa));
	}
	snprintf(from, sizeof(from), "%s/Genoa/ask.key", shared_keys());
	snprintf(to, sizeof(to), "%s/Milan/ask.key", dir);
	copy_file(from, to);
	snprintf(from, sizeof(from), "%s/Genoa/ask.pem", shared_keys());
	snprintf(to, sizeof(to), "%s/Milan/ask.pem", dir);
	copy_file(from, to);
	assert_int_equal(snp_sp_new(&config, &sp, NULL), -EIO);
	remove_temp_dir(dir);
}

static void assert_keys_refused(const char *dir, int err, const char *why)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct snp_sp_error error = { "" };
	struct snp_sp *sp = NULL;

	config.key_dir = dir;
	assert_int_equal(snp_sp_new(&config, &sp, &error), err);
	assert_null(sp);
	if (!strstr(error.text, why))
		fail_msg("\"%s\" does not speak of \"%s\"", error.text, why);
}

/* PEM takes text behind its end, but no file here is that long. */
static void key_file_above_16_kib_is_refused(void **state)
{
	static const char text[16384] = { '\n' };
	char dir[64], path[128];
	FILE *file;

	(void)state;
	make_keys(dir);
	snprintf(path, sizeof(path), "%s/Milan/ask.pem", dir);
	file = fopen(path, "ab");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, sizeof(text), file), sizeof(text));
	fclose(file);
	assert_keys_refused(dir, -EIO, "is broken");
	remove_temp_dir(dir);
}

/* Somebody else's place for what must be the owner's alone */
static void links_are_not_followed(void **state)
{
	char dir[64], path[128], moved[128];

	(void)state;
	make_keys(dir);
	snprintf(path, sizeof(path), "%s/Milan/chip.secret", dir);
	snprintf(moved, sizeof(moved), "%s/chip.secret", dir);
	assert_int_equal(rename(path, moved), 0);
	assert_int_equal(symlink("../chip.secret", path), 0);
	assert_keys_refused(dir, -EIO, "is broken");
	remove_temp_dir(dir);

	make_keys(dir);
	snprintf(path, sizeof(path), "%s/Milan", dir);
	snprintf(moved, sizeof(moved), "%s/other", dir);
	assert_int_equal(rename(path, moved), 0);
	assert_int_equal(symlink("other", path), 0);
	assert_keys_refused(dir, -ENOTDIR, "key folder Milan");
	remove_temp_dir(dir);
}

static void assert_keys_taken(const char *dir)
{
	struct snp_sp_config config = test_config(SNP_MILAN);

	config.key_dir = dir;
	snp_sp_free(sp_open(&config));
}

/* One key for all three issuers, its certificate, and @stored in the file of the key */
static void put_issuers(const char *dir, EVP_PKEY *key, EVP_PKEY *stored)
{
	static const char *const names[] = { "ark", "ask", "asvk" };
	X509 *cert = X509_new();
	char path[128];

	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_set_pubkey(cert, key);
	assert_true(X509_sign(cert, key, EVP_sha384()) > 0);
	for (size_t i = 0; i < 3; i++) {
		FILE *file;

		snprintf(path, sizeof(path), "%s/Milan/%s.key", dir, names[i]);
		file = fopen(path, "wb");
		assert_int_equal(PEM_write_PrivateKey(file, stored, NULL, NULL, 0, NULL, NULL), 1);
		fclose(file);
		snprintf(path, sizeof(path), "%s/Milan/%s.pem", dir, names[i]);
		file = fopen(path, "wb");
		assert_int_equal(PEM_write_X509(file, cert), 1);
		fclose(file);
	}
	X509_free(cert);
}

static EVP_PKEY *make_key(const char *type, int bits)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, bits), 1);
	assert_int_equal(EVP_PKEY_keygen(ctx, &key), 1);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* Sound in all else: a key of this kind and length would be taken. */
static void issuers_other_than_rsa_4096_are_refused(void **state)
{
	static const struct {
		const char *type;
		int bits, err;
	} kinds[] = {
		{ "RSA", 4096, 0 },
		{ "RSA", 2048, -EIO },
		{ "RSA-PSS", 4096, -EIO },
	};
	char dir[64];

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		EVP_PKEY *key = make_key(kinds[i].type, kinds[i].bits);

		make_keys(dir);
		put_issuers(dir, key, key);
		if (kinds[i].err)
			assert_keys_refused(dir, kinds[i].err, "is broken");
		else
			assert_keys_taken(dir);
		EVP_PKEY_free(key);
		remove_temp_dir(dir);
	}
}

/* The public half is as it was; the private one does not belong to it. */
static void issuer_with_damaged_private_numbers_is_refused(void **state)
{
	static const char *const damaged[] = { OSSL_PKEY_PARAM_RSA_D,
					       OSSL_PKEY_PARAM_RSA_EXPONENT1 };
	EVP_PKEY *key = make_key("RSA", 4096), *broken = NULL;
	OSSL_PARAM *params = NULL;
	EVP_PKEY_CTX *ctx;
	char dir[64];

	(void)state;
	assert_int_equal(EVP_PKEY_todata(key, EVP_PKEY_KEYPAIR, &params), 1);
	for (size_t i = 0; i < 2; i++) {
		OSSL_PARAM *p = OSSL_PARAM_locate(params, damaged[i]);

		assert_non_null(p);
		((uint8_t *)p->data)[100] ^= 1;
	}
	ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &broken, EVP_PKEY_KEYPAIR, params), 1);
	make_keys(dir);
	put_issuers(dir, key, broken);
	assert_keys_refused(dir, -EIO, "is broken");
	put_issuers(dir, key, key);
	assert_keys_taken(dir);
	remove_temp_dir(dir);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	EVP_PKEY_free(key);
	EVP_PKEY_free(broken);
}

static void product_that_is_no_folder_is_refused_and_kept(void **state)
{
	char dir[64], path[128];

	(void)state;
	make_temp_dir(dir);
	snprintf(path, sizeof(path), "%s/Milan", dir);
	copy_file("/dev/null", path);
	assert_keys_refused(dir, -ENOTDIR, "key folder Milan");
	assert_int_equal(entries_in(dir), 1);
	remove_temp_dir(dir);
}

static void key_directory_that_cannot_be_made_is_an_error(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);
	struct snp_sp_error error = { "" };
	struct snp_sp *sp = NULL;

	(void)state;
	config.key_dir = "/proc/no-such-directory/keys";
	assert_true(snp_sp_new(&config, &sp, &error) < 0);
	assert_non_null(strstr(error.text, config.key_dir));
	config.key_dir = "/proc/self/exe"; /* not a directory */
	assert_int_equal(snp_sp_new(&config, &sp, &error), -ENOTDIR);
}

static void keys_of_one_handle_alone_need_no_directory(void **state)
{
	struct snp_sp_config config;
	uint8_t data[64] = { 0 }, report[SNP_REPORT_SIZE];
	struct snp_sp *sp;
	EVP_PKEY *key;

	(void)state;
	snp_sp_config_init(&config, SNP_TURIN);
	sp = sp_running(&config);
	key = cert_key(sp, SNP_CERT_VCEK);
	assert_int_equal(snp_sp_report(sp, 3, data, report), SNP_FW_SUCCESS);
	assert_true(report_verifies(report, key));
	EVP_PKEY_free(key);
	snp_sp_free(sp);
}

static void given_chip_id_is_used(void **state)
{
	struct snp_sp_config config = test_config(SNP_TURIN);
	uint8_t data[64] = { 0 }, report[SNP_REPORT_SIZE];
	struct snp_sp *sp;

	(void)state;
	memset(config.chip_id, 0x77, 8);
	sp = sp_running(&config);
	assert_int_equal(snp_sp_report(sp, 0, data, report), SNP_FW_SUCCESS);
	assert_memory_equal(report + 0x1a0, config.chip_id, 64);
	snp_sp_free(sp);
}

/*
 * Configurations
 */

static void assert_config_refused(const struct snp_sp_config *config, const char *why)
{
	struct snp_sp_error error = { "" };
	struct snp_sp *sp = NULL;

	assert_int_equal(snp_sp_new(config, &sp, &error), -EINVAL);
	assert_null(sp);
	if (!strstr(error.text, why))
		fail_msg("\"%s\" does not speak of \"%s\"", error.text, why);
}

static void impossible_configurations_are_refused_with_the_reason(void **state)
{
	const struct snp_sp_config good = test_config(SNP_MILAN), turin = test_config(SNP_TURIN);
	uint8_t page[TEST_PAGE] = { 0 };
	struct snp_sp_config bad;

	(void)state;
	bad = good, bad.product = (enum snp_product)3;
	assert_config_refused(&bad, "product");
	bad = good, bad.report_version = 4;
	assert_config_refused(&bad, "report version 4");
	bad = good, bad.cpuid_stepping = 16;
	assert_config_refused(&bad, "stepping");
	bad = good, bad.current_tcb.fmc = 1;
	assert_config_refused(&bad, "no FMC");
	bad = good, bad.current_tcb.bootloader = 128;
	assert_config_refused(&bad, "CURRENT_TCB");
	bad = good, bad.current_tcb.tee = 128;
	assert_config_refused(&bad, "CURRENT_TCB");
	bad = good, bad.current_tcb.snp = 128;
	assert_config_refused(&bad, "CURRENT_TCB");
	bad = turin, bad.current_tcb.fmc = 128;
	assert_config_refused(&bad, "CURRENT_TCB");
	bad = turin, bad.launch_tcb.fmc++;
	assert_config_refused(&bad, "LAUNCH_TCB");
	bad = good, bad.reported_tcb.snp++;
	assert_config_refused(&bad, "REPORTED_TCB");
	bad = good, bad.committed_tcb.tee++;
	assert_config_refused(&bad, "COMMITTED_TCB");
	bad = good, bad.launch_tcb.microcode++;
	assert_config_refused(&bad, "LAUNCH_TCB");
	bad = good, bad.policy = 0;
	assert_config_refused(&bad, "bit 17");
	bad = good, bad.policy |= 1ULL << 26;
	assert_config_refused(&bad, "policy");
	bad = good, bad.policy |= 0x200;
	assert_config_refused(&bad, "firmware 2.0");
	bad = good, bad.policy |= 0x1ff;
	assert_config_refused(&bad, "firmware 1.255");
	bad = good, bad.policy &= ~SNP_POLICY_SMT;
	assert_config_refused(&bad, "SMT");
	bad = good, bad.id_block = page;
	assert_config_refused(&bad, "ID block");
	bad = good, bad.id_auth = page;
	assert_config_refused(&bad, "ID block");
	bad = good, bad.author_key_en = true;
	assert_config_refused(&bad, "author key");
	bad = good, bad.vlek = true, bad.csp_id[0] = '\0';
	assert_config_refused(&bad, "CSP id");
	bad = good, memset(bad.csp_id, 'x', sizeof(bad.csp_id)), bad.vlek = true;
	assert_config_refused(&bad, "CSP id");
	bad = good, bad.csp_id[0] = '\n';
	assert_config_refused(&bad, "CSP id");
	bad = turin, bad.chip_id[8] = 1;
	assert_config_refused(&bad, "chip id");
}

static void policies_of_all_kinds_are_taken(void **state)
{
	struct snp_sp_config config = test_config(SNP_MILAN);

	(void)state;
	config.policy = 0x3ff0000 | 1 << 8 | 56; /* every bit; this firmware at least */
	snp_sp_free(sp_open(&config));
	config.policy = SNP_POLICY_MUST_BE_ONE;
	config.platform_info &= ~SNP_PLATFORM_SMT_EN;
	snp_sp_free(sp_open(&config));
}

static void names_are_found_both_ways(void **state)
{
	enum snp_product product;

	(void)state;
	for (int i = SNP_MILAN; i <= SNP_TURIN; i++) {
		assert_int_equal(
			snp_product_from_name(snp_product_name((enum snp_product)i), &product), 0);
		assert_int_equal(product, i);
	}
	assert_int_equal(snp_product_from_name("turin", &product), 0);
	assert_int_equal(snp_product_from_name("Naples", &product), -EINVAL);
	assert_string_equal(snp_fw_status_name(SNP_FW_AEAD_OFLOW), "AEAD_OFLOW");
	assert_string_equal(snp_fw_status_name((enum snp_fw_status)0x7777), "unknown status");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(keys_stay_the_same_from_run_to_run),
	cmocka_unit_test(vcek_depends_on_reported_tcb_and_chip),
	cmocka_unit_test(key_files_are_for_their_owner_alone),
	cmocka_unit_test(makers_at_the_same_time_end_with_the_same_keys),
	cmocka_unit_test(broken_key_folder_is_refused_and_kept),
	cmocka_unit_test(keys_and_certificates_that_do_not_match_are_refused),
	cmocka_unit_test(key_file_above_16_kib_is_refused),
	cmocka_unit_test(links_are_not_followed),
	cmocka_unit_test(issuers_other_than_rsa_4096_are_refused),
	cmocka_unit_test(issuer_with_damaged_private_numbers_is_refused),
	cmocka_unit_test(product_that_is_no_folder_is_refused_and_kept),
	cmocka_unit_test(key_directory_that_cannot_be_made_is_an_error),
	cmocka_unit_test(keys_of_one_handle_alone_need_no_directory),
	cmocka_unit_test(given_chip_id_is_used),
	cmocka_unit_test(impossible_configurations_are_refused_with_the_reason),
	cmocka_unit_test(policies_of_all_kinds_are_taken),
	cmocka_unit_test(names_are_found_both_ways),
};
SUITE(keys_suite, tests);
