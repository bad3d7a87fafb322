// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The key folder: root keys and secrets of one product, made once.
 *
 * A folder is filled under a name of its own and then renamed to the
 * product's.  rename() fails if that name is taken by a folder with content,
 * so of several makers one wins, the others load what it made, and nobody
 * ever sees half a folder.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "internal.h"

#define ISSUER_BITS  4096
#define NAME_MAX_LEN 64

static const char *const key_file[SNP_ISSUERS] = { "ark.key", "ask.key", "asvk.key" };
static const char *const cert_file[SNP_ISSUERS] = { "ark.pem", "ask.pem", "asvk.pem" };
#define CHIP_FILE "chip.secret"
#define VLEK_FILE "vlek.secret"

void snp_keys_wipe(struct snp_keys *keys)
{
	for (size_t i = 0; i < SNP_ISSUERS; i++) {
		EVP_PKEY_free(keys->issuer[i]);
		X509_free(keys->cert[i]);
	}
	OPENSSL_cleanse(keys, sizeof(*keys));
}

static int generate(struct snp_keys *keys, enum snp_product product, struct snp_sp_error *error)
{
	for (size_t i = 0; i < SNP_ISSUERS; i++) {
		keys->issuer[i] = EVP_RSA_gen(ISSUER_BITS);
		if (!keys->issuer[i])
			return snp_fail_crypto(error, "make an RSA-4096 key");
		keys->cert[i] = snp_issue_ca(product, (enum snp_issuer)i, keys->issuer[i],
					     keys->issuer[SNP_ISSUER_ARK]);
		if (!keys->cert[i])
			return snp_fail_crypto(error, "issue a CA certificate");
	}
	if (RAND_priv_bytes(keys->chip_secret, SNP_SECRET_SIZE) != 1 ||
	    RAND_priv_bytes(keys->vlek_secret, SNP_SECRET_SIZE) != 1)
		return snp_fail_crypto(error, "make the chip's secrets");
	return 0;
}

/*
 * Writing
 */

static int write_all(int fd, const uint8_t *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
	return fsync(fd) ? -errno : 0;
}

/* A new file in @dir, on disk when this returns 0; gone when it does not. */
int snp_file_write(int dir, const char *name, const void *data, size_t len, unsigned int mode)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	int err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, data, len);
	if (close(fd) && !err)
		err = -errno;
	if (err)
		unlinkat(dir, name, 0);
	return err;
}

/* BIO_free() wipes a memory BIO's content. */
static int write_bio(int dir, const char *name, BIO *bio, int filled)
{
	char *pem;
	long len = filled ? BIO_get_mem_data(bio, &pem) : 0;
	int err = len > 0 ? snp_file_write(dir, name, pem, (size_t)len, 0600) : -EIO;

	BIO_free(bio);
	return err;
}

static int write_issuer(int dir, const struct snp_keys *keys, size_t i)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int err;

	if (!bio)
		return -ENOMEM;
	err = write_bio(dir, key_file[i], bio,
			PEM_write_bio_PrivateKey(bio, keys->issuer[i], NULL, NULL, 0, NULL, NULL));
	if (err)
		return err;
	bio = BIO_new(BIO_s_mem());
	if (!bio)
		return -ENOMEM;
	return write_bio(dir, cert_file[i], bio, PEM_write_bio_X509(bio, keys->cert[i]));
}

static int write_keys(int dir, const struct snp_keys *keys)
{
	int err = snp_file_write(dir, CHIP_FILE, keys->chip_secret, SNP_SECRET_SIZE, 0600);

	if (!err)
		err = snp_file_write(dir, VLEK_FILE, keys->vlek_secret, SNP_SECRET_SIZE, 0600);
	for (size_t i = 0; !err && i < SNP_ISSUERS; i++)
		err = write_issuer(dir, keys, i);
	if (!err && fsync(dir))
		err = -errno;
	return err;
}

static void remove_folder(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return;
	unlinkat(fd, CHIP_FILE, 0);
	unlinkat(fd, VLEK_FILE, 0);
	for (size_t i = 0; i < SNP_ISSUERS; i++) {
		unlinkat(fd, key_file[i], 0);
		unlinkat(fd, cert_file[i], 0);
	}
	close(fd);
	unlinkat(dir, name, AT_REMOVEDIR);
}

static int fill_folder(int dir, const char *name, const struct snp_keys *keys)
{
	int fd, err;

	if (mkdirat(dir, name, 0700))
		return -errno;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = write_keys(fd, keys);
	close(fd);
	return err;
}

/* Make @name appear with @keys in it.  Return -EEXIST if it was there. */
static int publish(int dir, const char *name, const struct snp_keys *keys)
{
	char own[NAME_MAX_LEN];
	uint64_t number;
	int err;

	if (RAND_bytes((uint8_t *)&number, sizeof(number)) != 1)
		return -EIO;
	snprintf(own, sizeof(own), ".%s.%016llx", name, (unsigned long long)number);
	err = fill_folder(dir, own, keys);
	if (!err && renameat(dir, own, dir, name))
		err = errno == ENOTEMPTY ? -EEXIST : -errno;
	if (err)
		remove_folder(dir, own);
	else if (fsync(dir))
		err = -errno;
	return err;
}

/*
 * Reading
 */

static int read_file(int dir, const char *name, uint8_t *buf, size_t size, size_t *len)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n = 0;
	int err = 0;

	if (fd < 0)
		return -errno;
	for (*len = 0; *len < size; *len += (size_t)n) {
		n = read(fd, buf + *len, size - *len);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			break;
	}
	if (n < 0)
		err = -errno;
	else if (*len == size)
		err = -EFBIG;
	close(fd);
	return err;
}

static int read_secret(int dir, const char *name, uint8_t secret[SNP_SECRET_SIZE])
{
	uint8_t buf[SNP_SECRET_SIZE + 1];
	size_t len;
	int err = read_file(dir, name, buf, sizeof(buf), &len);

	if (!err && len != SNP_SECRET_SIZE)
		err = -EIO;
	if (!err)
		memcpy(secret, buf, SNP_SECRET_SIZE);
	OPENSSL_cleanse(buf, sizeof(buf));
	return err;
}

static int read_issuer(int dir, struct snp_keys *keys, size_t i)
{
	uint8_t buf[SNP_FILE_SIZE_MAX];
	size_t len;
	BIO *bio;
	int err = read_file(dir, key_file[i], buf, sizeof(buf), &len);

	if (!err) {
		bio = BIO_new_mem_buf(buf, (int)len);
		keys->issuer[i] = PEM_read_bio_PrivateKey(bio, NULL, NULL, "");
		BIO_free(bio);
	}
	OPENSSL_cleanse(buf, sizeof(buf));
	if (!err)
		err = read_file(dir, cert_file[i], buf, sizeof(buf), &len);
	if (!err) {
		bio = BIO_new_mem_buf(buf, (int)len);
		keys->cert[i] = PEM_read_bio_X509(bio, NULL, NULL, NULL);
		BIO_free(bio);
	}
	return err;
}

/*
 * Damage to the private numbers alone goes unseen until a signature does not
 * verify; better here than in what a verifier is given.
 */
static bool signs(EVP_PKEY *key, EVP_PKEY *pubkey)
{
	static const uint8_t msg[] = "snpemu key folder";
	EVP_MD_CTX *sign = EVP_MD_CTX_new(), *verify = EVP_MD_CTX_new();
	uint8_t sig[ISSUER_BITS / 8];
	size_t len = sizeof(sig);
	bool ok;

	ok = sign && verify && EVP_DigestSignInit(sign, NULL, EVP_sha384(), NULL, key) == 1 &&
	     EVP_DigestSign(sign, sig, &len, msg, sizeof(msg)) == 1 &&
	     EVP_DigestVerifyInit(verify, NULL, EVP_sha384(), NULL, pubkey) == 1 &&
	     EVP_DigestVerify(verify, sig, len, msg, sizeof(msg)) == 1;
	EVP_MD_CTX_free(sign);
	EVP_MD_CTX_free(verify);
	return ok;
}

/* A key of the right kind, whole, its own certificate, and that under the ARK. */
static bool issuer_is_sound(const struct snp_keys *keys, size_t i)
{
	return keys->issuer[i] && keys->cert[i] && EVP_PKEY_is_a(keys->issuer[i], "RSA") &&
	       EVP_PKEY_get_bits(keys->issuer[i]) == ISSUER_BITS &&
	       X509_check_private_key(keys->cert[i], keys->issuer[i]) == 1 &&
	       signs(keys->issuer[i], X509_get0_pubkey(keys->cert[i])) &&
	       X509_verify(keys->cert[i], keys->issuer[SNP_ISSUER_ARK]) == 1;
}

static int load(int dir, const char *name, struct snp_keys *keys, struct snp_sp_error *error)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int err;

	if (fd < 0)
		return errno == ENOENT ? -ENOENT
				       : snp_fail(error, -errno, "key folder %s: %s", name,
						  strerror(errno));
	err = read_secret(fd, CHIP_FILE, keys->chip_secret);
	if (!err)
		err = read_secret(fd, VLEK_FILE, keys->vlek_secret);
	for (size_t i = 0; !err && i < SNP_ISSUERS; i++) {
		err = read_issuer(fd, keys, i);
		if (!err && !issuer_is_sound(keys, i))
			err = -EIO;
	}
	close(fd);
	if (err)
		return snp_fail(error, -EIO,
				"the key folder %s is broken (%s); remove it to have new keys made",
				name, strerror(-err));
	return 0;
}

static int open_dir(const char *path, struct snp_sp_error *error)
{
	int fd;

	if (mkdir(path, 0700) && errno != EEXIST)
		return snp_fail(error, -errno, "cannot make the key directory %s: %s", path,
				strerror(errno));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return snp_fail(error, -errno, "cannot open the key directory %s: %s", path,
				strerror(errno));
	return fd;
}

static int make_or_load(int dir, const char *name, enum snp_product product, struct snp_keys *keys,
			struct snp_sp_error *error)
{
	int err = generate(keys, product, error);

	if (err)
		return err;
	err = publish(dir, name, keys);
	if (err == -EEXIST) {
		snp_keys_wipe(keys);
		return load(dir, name, keys, error);
	}
	if (err)
		return snp_fail(error, err, "cannot save the keys of %s: %s", name, strerror(-err));
	return 0;
}

int snp_keys_get(struct snp_keys *keys, enum snp_product product, const char *dir,
		 struct snp_sp_error *error)
{
	const char *name = snp_product_name(product);
	int fd, err;

	if (!dir)
		return generate(keys, product, error);
	fd = open_dir(dir, error);
	if (fd < 0)
		return fd;
	err = load(fd, name, keys, error);
	if (err == -ENOENT)
		err = make_or_load(fd, name, product, keys, error);
	close(fd);
	return err;
}
