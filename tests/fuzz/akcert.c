// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzz target: a good AK certificate, changed. The input is a list of changes; its first byte
 * says who makes them: the network, so that nothing but the good one is accepted; or an Owner CA
 * that signs anything, so that all that is behind the signature is reached: what is accepted
 * then names the AK, and has its key.
 */
#include <stdlib.h>

#include "../../tools/libctpm/verifier.h"
#include "../libctpm/guest.h"
#include "change.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct guest guest;
static struct verifier verifier;
static EVP_PKEY *ca_key;
static struct ctpm_bytes good_tbs;

/* The good one's first element; all its lengths are of two bytes */
static struct ctpm_bytes tbs_of(const struct blob *cert)
{
	const uint8_t *der = cert->data;

	REQUIRE(der[0] == 0x30 && der[1] == 0x82 && der[4] == 0x30 && der[5] == 0x82);
	return (struct ctpm_bytes){ der + 4, 4 + (size_t)(der[6] << 8 | der[7]) };
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	REQUIRE(getenv("FUZZ_DIR") && !setenv("TEST_KEYS", getenv("FUZZ_DIR"), 1));
	guest_start(&guest, KEYS, CTPM_MODE_SVSM);
	guest_boot(&guest);
	/* faster to sign with */
	verifier_start_on(&verifier, &guest, ANY, "P-256");
	guest_certify(&guest, verifier.ca);
	good_tbs = tbs_of(&guest.ak_cert);
	ca_key = key_read(verifier.ca_key);
	REQUIRE(ca_key);
	return 0;
}

static enum ctpm_error judge(const uint8_t *cert, size_t len, struct fact *fact)
{
	struct ctpm_bytes ak = { guest.ak_bytes.data, guest.ak_bytes.len };
	struct ctpm_why why = { CTPM_OK, "" };
	/* of its own size, so that a sanitizer sees the end */
	uint8_t *copy = malloc(len ? len : 1);
	enum ctpm_error error;

	REQUIRE(copy);
	memcpy(copy, cert, len);
	error = verifier_ak_cert(verifier.v, (struct ctpm_bytes){ copy, len }, ak, &guest.ak_public,
				 verifier.time, fact, &why);
	REQUIRE(error == why.code && !error == !why.text[0]);
	REQUIRE(!error || (!fact->key && !fact->vouches));
	free(copy);
	return error;
}

static void try_network(struct cur *in)
{
	static uint8_t cert[PART_MAX];
	size_t len = guest.ak_cert.len;
	struct fact fact;
	bool good;

	memcpy(cert, guest.ak_cert.data, len);
	while (cur_remaining(in))
		change(cert, &len, in);
	good = len == guest.ak_cert.len && !memcmp(cert, guest.ak_cert.data, len);
	REQUIRE(!judge(cert, len, &fact) == good);
	fact_clear(&fact);
}

static void put_header(struct cur *c, uint8_t tag, size_t len)
{
	cur_put_u8(c, tag);
	if (len >= 256) {
		cur_put_u8(c, 0x82);
		cur_put_u8(c, (uint8_t)(len >> 8));
	} else if (len >= 128) {
		cur_put_u8(c, 0x81);
	}
	cur_put_u8(c, (uint8_t)len);
}

/* tbs, ecdsa-with-SHA256, a signature of tbs */
static size_t sign(const uint8_t *tbs, size_t tbs_len, uint8_t *cert, size_t size)
{
	static const uint8_t algorithm[] = {
		0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2
	};
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct cur c = cur_writer(cert, size);
	uint8_t signature[80];
	size_t len = sizeof(signature);

	REQUIRE(ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, ca_key) == 1 &&
		EVP_DigestSign(ctx, signature, &len, tbs, tbs_len) == 1);
	EVP_MD_CTX_free(ctx);
	put_header(&c, 0x30, tbs_len + sizeof(algorithm) + 3 + len);
	cur_put_bytes(&c, tbs, tbs_len);
	cur_put_bytes(&c, algorithm, sizeof(algorithm));
	put_header(&c, 3, 1 + len);
	cur_put_u8(&c, 0);
	cur_put_bytes(&c, signature, len);
	REQUIRE(!c.failed);
	return c.pos;
}

static bool holds(const uint8_t *data, size_t len, const void *what, size_t n)
{
	return memmem(data, len, what, n);
}

static void try_ca(struct cur *in)
{
	static uint8_t tbs[PART_MAX], cert[PART_MAX + 256];
	const TPMS_ECC_POINT *point = &guest.ak_public.unique.ecc;
	size_t len = good_tbs.len;
	struct fact fact;

	memcpy(tbs, good_tbs.data, len);
	while (cur_remaining(in))
		change(tbs, &len, in);
	if (!judge(cert, sign(tbs, len, cert, sizeof(cert)), &fact)) {
		REQUIRE(holds(tbs, len, guest.ak_name.data, guest.ak_name.len));
		REQUIRE(holds(tbs, len, point->x.buffer, point->x.size));
		REQUIRE(holds(tbs, len, point->y.buffer, point->y.size));
		REQUIRE(fact.ek_name.len && fact.when.from <= verifier.time &&
			verifier.time < fact.when.until);
		REQUIRE(!fact.vouches || holds(tbs, len, fact.report, sizeof(fact.report)));
	}
	fact_clear(&fact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cur in = cur_reader(data, size);

	if (cur_get_u8(&in) & 1)
		try_ca(&in);
	else
		try_network(&in);
	return 0;
}
