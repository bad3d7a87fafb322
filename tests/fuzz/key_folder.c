// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzz target: one file of a key folder that somebody has damaged.
 *
 * The first byte says which file, and whether the rest replaces its content or
 * is a list of changes to it: {u16 offset, u8 exclusive-or}.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sp_fuzz.h"

#define FILES	    8
#define CHANGES	    8 /* bit of the first byte */
#define CHANGE_SIZE 3

static const char *const names[FILES] = { "ark.key",  "ark.pem",  "ask.key",	 "ask.pem",
					  "asvk.key", "asvk.pem", "chip.secret", "vlek.secret" };

struct content {
	uint8_t data[SNP_FILE_SIZE_MAX];
	size_t len;
};

static struct content sound[FILES];
static char folder[512];

static void path_of(char *path, size_t size, const char *dir, size_t i)
{
	int n = snprintf(path, size, "%s/Milan/%s", dir, names[i]);

	REQUIRE(n > 0 && (size_t)n < size);
}

static void write_file(size_t i, const uint8_t *data, size_t len)
{
	char path[1024];
	int fd;

	path_of(path, sizeof(path), folder, i);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	REQUIRE(fd >= 0 && write(fd, data, len) == (ssize_t)len);
	close(fd);
}

static void read_sound(size_t i)
{
	char path[1024];
	ssize_t n;
	int fd;

	path_of(path, sizeof(path), fuzz_dir(), i);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = read(fd, sound[i].data, sizeof(sound[i].data));
	REQUIRE(n > 0);
	sound[i].len = (size_t)n;
	close(fd);
}

/* A copy of this process's own: several may run in one directory. */
static void set_up(void)
{
	char path[1024];

	snp_sp_free(fuzz_platform());
	REQUIRE(snprintf(folder, sizeof(folder), "%s/broken.XXXXXX", fuzz_dir()) <
		(int)sizeof(folder));
	REQUIRE(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/Milan", folder);
	REQUIRE(!mkdir(path, 0700));
	for (size_t i = 0; i < FILES; i++) {
		read_sound(i);
		write_file(i, sound[i].data, sound[i].len);
	}
}

static void clean_up(void)
{
	char path[1024];

	for (size_t i = 0; i < FILES; i++) {
		path_of(path, sizeof(path), folder, i);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/Milan", folder);
	rmdir(path);
	rmdir(folder);
}

static void damage(size_t i, const uint8_t *data, size_t size, bool changes)
{
	static struct content content;
	struct cur c = cur_reader(data, size);

	if (!changes) {
		write_file(i, data, size);
		return;
	}
	content = sound[i];
	while (cur_remaining(&c) >= CHANGE_SIZE) {
		uint16_t at = cur_get_le16(&c);

		content.data[at % content.len] ^= cur_get_u8(&c);
	}
	write_file(i, content.data, content.len);
}

/* A key that was taken is of use: what it signs verifies under its certificate. */
static void check_issuer(EVP_PKEY *key, X509 *cert)
{
	EVP_MD_CTX *sign = EVP_MD_CTX_new(), *verify = EVP_MD_CTX_new();
	uint8_t sig[512];
	size_t len = sizeof(sig);

	REQUIRE(EVP_DigestSignInit(sign, NULL, EVP_sha384(), NULL, key) == 1);
	REQUIRE(EVP_DigestSign(sign, sig, &len, sig, 0) == 1);
	REQUIRE(EVP_DigestVerifyInit(verify, NULL, EVP_sha384(), NULL, X509_get0_pubkey(cert)) ==
		1);
	REQUIRE(EVP_DigestVerify(verify, sig, len, sig, 0) == 1);
	EVP_MD_CTX_free(sign);
	EVP_MD_CTX_free(verify);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct snp_sp_error error = { "" };
	struct snp_keys keys = { 0 };
	size_t file;
	int err;

	if (!folder[0]) {
		set_up();
		atexit(clean_up);
	}
	if (!size)
		return 0;
	file = data[0] % FILES;
	damage(file, data + 1, size - 1, data[0] & CHANGES);
	err = snp_keys_get(&keys, SNP_MILAN, folder, &error);
	if (err)
		REQUIRE(err == -EIO && error.text[0]);
	else if (file / 2 < SNP_ISSUERS)
		check_issuer(keys.issuer[file / 2], keys.cert[file / 2]);
	snp_keys_wipe(&keys);
	write_file(file, sound[file].data, sound[file].len);
	return 0;
}
