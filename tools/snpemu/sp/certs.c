// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Certificates as AMD's KDS issues them (57230): names, extensions and
 * RSASSA-PSS signatures are AMD's, the root is our own.
 *
 * None carries a CRL distribution point: there are verifiers that take a
 * chain for AMD's because of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "internal.h"

#define PSS_SALT_LEN	 48
#define NAME_SIZE	 32
#define AMD_OID		 "1.3.6.1.4.1.3704.1."
#define DAY		 86400L
#define CA_DAYS		 (25 * 365L)
#define VCEK_DAYS	 (7 * 365L)
#define VLEK_DAYS	 365L
#define TABLE_ENTRY_SIZE 24
#define TABLE_CERTS	 3

/*
 * Building blocks
 */

static bool set_name(X509_NAME *name, const char *common_name)
{
	static const struct {
		const char *field, *value;
	} fixed[] = {
		{ "OU", "Engineering" },
		{ "C", "US" },
		{ "L", "Santa Clara" },
		{ "ST", "CA" },
		{ "O", "Advanced Micro Devices" },
	};

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		if (!X509_NAME_add_entry_by_txt(name, fixed[i].field, MBSTRING_UTF8,
						(const unsigned char *)fixed[i].value, -1, -1, 0))
			return false;
	}
	return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
					  (const unsigned char *)common_name, -1, -1, 0);
}

/* All but extensions; valid from yesterday, since clocks differ */
static X509 *start_cert(const char *subject, const char *issuer, uint64_t serial, long days,
			EVP_PKEY *key)
{
	X509 *cert = X509_new();
	time_t now = time(NULL);

	if (cert && X509_set_version(cert, X509_VERSION_3) &&
	    ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial) &&
	    set_name(X509_get_subject_name(cert), subject) &&
	    set_name(X509_get_issuer_name(cert), issuer) &&
	    X509_time_adj_ex(X509_getm_notBefore(cert), -1, 0, &now) &&
	    X509_time_adj_ex(X509_getm_notAfter(cert), (int)days, 0, &now) &&
	    X509_set_pubkey(cert, key))
		return cert;
	X509_free(cert);
	return NULL;
}

static bool sign_cert(X509 *cert, EVP_PKEY *issuer)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	bool ok;

	ok = ctx && EVP_DigestSignInit(ctx, &pctx, EVP_sha384(), NULL, issuer) == 1 &&
	     EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	     EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, PSS_SALT_LEN) == 1 &&
	     EVP_PKEY_CTX_set_rsa_mgf1_md(pctx, EVP_sha384()) == 1 && X509_sign_ctx(cert, ctx) > 0;
	EVP_MD_CTX_free(ctx);
	return ok;
}

static bool add_ext(X509 *cert, X509V3_CTX *ctx, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, ctx, nid, value);
	bool ok = ext && X509_add_ext(cert, ext, -1);

	X509_EXTENSION_free(ext);
	return ok;
}

/*
 * ARK, ASK, ASVK
 */

static void issuer_name(enum snp_product product, enum snp_issuer which, char name[NAME_SIZE])
{
	static const char *const prefix[] = { "ARK", "SEV", "SEV-VLEK" };

	snprintf(name, NAME_SIZE, "%s-%s", prefix[which], snp_product_name(product));
}

X509 *snp_issue_ca(enum snp_product product, enum snp_issuer which, EVP_PKEY *key, EVP_PKEY *ark)
{
	static const uint64_t serial[] = { 0x0, 0x1, 0x101 };
	bool root = which == SNP_ISSUER_ARK;
	char subject[NAME_SIZE], issuer[NAME_SIZE];
	X509V3_CTX ctx = { 0 };
	X509 *cert;

	issuer_name(product, which, subject);
	issuer_name(product, SNP_ISSUER_ARK, issuer);
	cert = start_cert(subject, issuer, (uint64_t)(product + 1) << 16 | serial[which], CA_DAYS,
			  key);
	if (!cert)
		return NULL;
	X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
	if (add_ext(cert, &ctx, NID_subject_key_identifier, "hash") &&
	    add_ext(cert, &ctx, NID_basic_constraints,
		    root ? "critical,CA:TRUE" : "critical,CA:TRUE,pathlen:0") &&
	    add_ext(cert, &ctx, NID_key_usage,
		    root ? "critical,keyCertSign,cRLSign" : "critical,keyCertSign") &&
	    sign_cert(cert, ark))
		return cert;
	X509_free(cert);
	return NULL;
}

/*
 * VCEK, VLEK
 */

/* One of AMD's extensions; @oid: what follows 1.3.6.1.4.1.3704.1 */
static bool add_amd(X509 *cert, const char *oid, const uint8_t *value, size_t len)
{
	char text[NAME_SIZE];
	ASN1_OBJECT *obj;
	ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
	X509_EXTENSION *ext = NULL;
	bool ok;

	snprintf(text, sizeof(text), AMD_OID "%s", oid);
	obj = OBJ_txt2obj(text, 1);
	if (obj && octets && ASN1_OCTET_STRING_set(octets, value, (int)len))
		ext = X509_EXTENSION_create_by_OBJ(NULL, obj, 0, octets);
	ok = ext && X509_add_ext(cert, ext, -1);
	X509_EXTENSION_free(ext);
	ASN1_OCTET_STRING_free(octets);
	ASN1_OBJECT_free(obj);
	return ok;
}

/* DER INTEGER: two's complement, so a leading zero byte above 127 */
static bool add_amd_level(X509 *cert, const char *oid, uint8_t level)
{
	uint8_t der[4];
	struct cur c = cur_writer(der, sizeof(der));

	cur_put_u8(&c, V_ASN1_INTEGER);
	cur_put_u8(&c, level > 127 ? 2 : 1);
	if (level > 127)
		cur_put_u8(&c, 0);
	cur_put_u8(&c, level);
	return !c.failed && add_amd(cert, oid, der, c.pos);
}

static bool add_amd_string(X509 *cert, const char *oid, const char *value)
{
	uint8_t der[2 + SNP_CSP_ID_MAX];
	struct cur c = cur_writer(der, sizeof(der));
	size_t len = strlen(value);

	cur_put_u8(&c, V_ASN1_IA5STRING);
	cur_put_u8(&c, (uint8_t)len);
	cur_put_bytes(&c, value, len);
	return !c.failed && add_amd(cert, oid, der, c.pos);
}

/* KDS, "TCB" extensions.  Turin has the FMC's, and no reserved number 4. */
static bool add_amd_tcb(X509 *cert, enum snp_product product, const struct snp_tcb *tcb)
{
	bool turin = product == SNP_TURIN;

	return (!turin || add_amd_level(cert, "3.9", tcb->fmc)) &&
	       add_amd_level(cert, "3.1", tcb->bootloader) &&
	       add_amd_level(cert, "3.2", tcb->tee) && add_amd_level(cert, "3.3", tcb->snp) &&
	       (turin || add_amd_level(cert, "3.4", 0)) && add_amd_level(cert, "3.5", 0) &&
	       add_amd_level(cert, "3.6", 0) && add_amd_level(cert, "3.7", 0) &&
	       add_amd_level(cert, "3.8", tcb->microcode);
}

/* Up to Genoa a VCEK's product name tells the stepping; a VLEK's never does. */
static bool add_amd_product(X509 *cert, const struct snp_sp_config *config,
			    enum snp_signing_key which)
{
	const char *name = snp_product_name(config->product);
	char text[NAME_SIZE];

	if (which == SNP_SIGNING_KEY_VLEK || config->product == SNP_TURIN)
		return add_amd_string(cert, "2", name);
	snprintf(text, sizeof(text), "%s-B%u", name, config->cpuid_stepping);
	return add_amd_string(cert, "2", text);
}

static bool add_amd_owner(X509 *cert, const struct snp_sp_config *config,
			  enum snp_signing_key which)
{
	if (which == SNP_SIGNING_KEY_VLEK)
		return add_amd_string(cert, "5", config->csp_id);
	return add_amd(cert, "4", config->chip_id,
		       config->product == SNP_TURIN ? SNP_TURIN_ID_SIZE : SNP_CHIP_ID_SIZE);
}

static X509 *issue_leaf(const struct snp_sp *sp, enum snp_signing_key which)
{
	const struct snp_sp_config *config = &sp->config;
	bool vlek = which == SNP_SIGNING_KEY_VLEK;
	enum snp_issuer by = vlek ? SNP_ISSUER_ASVK : SNP_ISSUER_ASK;
	char issuer[NAME_SIZE];
	X509 *cert;

	issuer_name(config->product, by, issuer);
	cert = start_cert(vlek ? "SEV-VLEK" : "SEV-VCEK", issuer, 0, vlek ? VLEK_DAYS : VCEK_DAYS,
			  vlek ? sp->vlek : sp->vcek);
	if (cert && add_amd_level(cert, "1", config->product == SNP_TURIN) &&
	    add_amd_product(cert, config, which) &&
	    add_amd_tcb(cert, config->product, &config->reported_tcb) &&
	    add_amd_owner(cert, config, which) && sign_cert(cert, sp->keys.issuer[by]))
		return cert;
	X509_free(cert);
	return NULL;
}

/*
 * What the handle has of them
 */

static bool keep(struct snp_sp *sp, enum snp_cert which, X509 *cert)
{
	int len = cert ? i2d_X509(cert, &sp->cert[which].data) : 0;

	sp->cert[which].len = len > 0 ? (size_t)len : 0;
	return len > 0;
}

static bool keep_leaf(struct snp_sp *sp, enum snp_cert which, enum snp_signing_key key)
{
	X509 *cert = issue_leaf(sp, key);
	bool ok = keep(sp, which, cert);

	X509_free(cert);
	return ok;
}

int snp_certs_issue(struct snp_sp *sp, struct snp_sp_error *error)
{
	bool ok = keep(sp, SNP_CERT_ARK, sp->keys.cert[SNP_ISSUER_ARK]) &&
		  keep(sp, SNP_CERT_ASK, sp->keys.cert[SNP_ISSUER_ASK]) &&
		  keep_leaf(sp, SNP_CERT_VCEK, SNP_SIGNING_KEY_VCEK);

	if (ok && sp->vlek)
		ok = keep(sp, SNP_CERT_ASVK, sp->keys.cert[SNP_ISSUER_ASVK]) &&
		     keep_leaf(sp, SNP_CERT_VLEK, SNP_SIGNING_KEY_VLEK);
	return ok ? 0 : snp_fail_crypto(error, "issue the endorsement certificates");
}

const uint8_t *snp_sp_cert(const struct snp_sp *sp, enum snp_cert which, size_t *len)
{
	*len = 0;
	if ((size_t)which >= SNP_CERTS)
		return NULL;
	*len = sp->cert[which].len;
	return sp->cert[which].data;
}

/*
 * The guest's table
 */

/* 56421, "SNP Extended Guest Request": in text byte order */
static const uint8_t guid_vcek[16] = { 0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64,
				       0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd };
static const uint8_t guid_vlek[16] = { 0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e,
				       0xaa, 0xe6, 0x39, 0xc0, 0x45, 0xa0, 0xb8, 0xa1 };
static const uint8_t guid_ask[16] = { 0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4,
				      0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27, 0xc7, 0x82 };
static const uint8_t guid_ark[16] = { 0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52,
				      0x97, 0x43, 0x3f, 0xb6, 0x01, 0x4c, 0xd0, 0xae };

size_t snp_sp_cert_table(const struct snp_sp *sp, uint8_t *table, size_t size)
{
	const struct {
		const uint8_t *guid;
		const struct snp_der *cert;
	} entry[TABLE_CERTS] = {
		{ sp->vlek ? guid_vlek : guid_vcek,
		  &sp->cert[sp->vlek ? SNP_CERT_VLEK : SNP_CERT_VCEK] },
		{ guid_ask, &sp->cert[sp->vlek ? SNP_CERT_ASVK : SNP_CERT_ASK] },
		{ guid_ark, &sp->cert[SNP_CERT_ARK] },
	};
	size_t offset = (TABLE_CERTS + 1) * TABLE_ENTRY_SIZE, needed = offset;
	struct cur c;

	for (size_t i = 0; i < TABLE_CERTS; i++)
		needed += entry[i].cert->len;
	if (!table || size < needed)
		return needed;
	c = cur_writer(table, needed);
	for (size_t i = 0; i < TABLE_CERTS; i++) {
		cur_put_bytes(&c, entry[i].guid, 16);
		cur_put_le32(&c, (uint32_t)offset);
		cur_put_le32(&c, (uint32_t)entry[i].cert->len);
		offset += entry[i].cert->len;
	}
	cur_put_zeros(&c, TABLE_ENTRY_SIZE);
	for (size_t i = 0; i < TABLE_CERTS; i++)
		cur_put_bytes(&c, entry[i].cert->data, entry[i].cert->len);
	return needed;
}

/*
 * The verifier's files
 */

static int replace_file(int dir, const char *name, const char *data, size_t len)
{
	char own[NAME_SIZE * 2];
	uint64_t number;
	int err;

	if (RAND_bytes((uint8_t *)&number, sizeof(number)) != 1)
		return -EIO;
	snprintf(own, sizeof(own), ".%s.%016llx", name, (unsigned long long)number);
	err = snp_file_write(dir, own, data, len, 0644);
	if (!err && renameat(dir, own, dir, name)) {
		err = -errno;
		unlinkat(dir, own, 0);
	}
	return err;
}

static bool put_pem(BIO *bio, const struct snp_der *der)
{
	return PEM_write_bio(bio, PEM_STRING_X509, "", der->data, (long)der->len) > 0;
}

/* @second: SNP_CERTS for none */
static int save_pem(const struct snp_sp *sp, int dir, const char *name, enum snp_cert first,
		    enum snp_cert second)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem;
	long len = 0;
	int err = -EIO;

	if (bio && put_pem(bio, &sp->cert[first]) &&
	    (second == SNP_CERTS || put_pem(bio, &sp->cert[second])))
		len = BIO_get_mem_data(bio, &pem);
	if (len > 0)
		err = replace_file(dir, name, pem, (size_t)len);
	BIO_free(bio);
	return err;
}

int snp_sp_save_certs(const struct snp_sp *sp, const char *path, struct snp_sp_error *error)
{
	static const struct {
		const char *name;
		enum snp_cert first, second;
	} files[] = {
		{ "ark.pem", SNP_CERT_ARK, SNP_CERTS },
		{ "ask.pem", SNP_CERT_ASK, SNP_CERTS },
		{ "vcek.pem", SNP_CERT_VCEK, SNP_CERTS },
		{ "cert_chain.pem", SNP_CERT_ASK, SNP_CERT_ARK },
		{ "asvk.pem", SNP_CERT_ASVK, SNP_CERTS },
		{ "vlek.pem", SNP_CERT_VLEK, SNP_CERTS },
		{ "cert_chain_vlek.pem", SNP_CERT_ASVK, SNP_CERT_ARK },
	};
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = 0;

	if (dir < 0)
		return snp_fail(error, -errno, "cannot open the directory %s: %s", path,
				strerror(errno));
	for (size_t i = 0; !err && i < sizeof(files) / sizeof(files[0]); i++) {
		if (!sp->cert[files[i].first].len)
			continue;
		err = save_pem(sp, dir, files[i].name, files[i].first, files[i].second);
		if (err)
			snp_fail(error, err, "cannot write %s/%s: %s", path, files[i].name,
				 strerror(-err));
	}
	close(dir);
	return err;
}
