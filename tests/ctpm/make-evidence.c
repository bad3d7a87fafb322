// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * make-evidence DIR [COMMAND]: what guests and their machines would have sent, for tests of the
 * ctpm command on the host.
 *
 *	DIR/report, log, table	of a guest's boot; chip/: certificates of its machine
 *	DIR/roots		whom to trust: its ARK, and an Owner CA
 *	DIR/challenge, evidence	of that boot, under an AK certificate of that CA
 *	DIR/nonce, plain	nonce in hex, and evidence for that nonce alone
 *	DIR/request		for an AK certificate
 *	DIR/MACHINE/...		reports of other machines, with their certificates
 *
 * With COMMAND, which has to answer DIR/request with DIR/reply: DIR/enrolled, evidence under
 * the certificate in that reply, which is opened as the guest's TPM would.
 */
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../tools/common/cursor.h"
#include "../libctpm/guest.h"

#define ANY_POLICY "{\"version\": 1, \"modes\": [\"svsm\"], \"measurements\": \"any\"}"

static const char *dir;

static char *path_to(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void save(const char *name, const void *data, size_t len)
{
	FILE *f = fopen(path_to(name), "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void save_machine(const char *name, struct snp_sp *sp, const uint8_t *report)
{
	struct snp_sp_error error = { "" };
	uint8_t table[32768];
	char file[64];
	size_t len = snp_sp_cert_table(sp, table, sizeof(table));

	assert_int_equal(mkdir(path_to(name), 0755), 0);
	if (snp_sp_save_certs(sp, path_to(name), &error))
		fail_msg("%s", error.text);
	snprintf(file, sizeof(file), "%s/report", name);
	save(file, report, CTPM_REPORT_SIZE);
	snprintf(file, sizeof(file), "%s/table", name);
	save(file, table, len);
}

static void make_machine(const char *name, enum snp_product product, uint32_t version, bool vlek,
			 uint8_t chip)
{
	struct machine m;

	machine_config(&m, product, KEYS);
	m.config.vlek = vlek;
	m.config.chip_id[0] ^= chip;
	if (version)
		m.config.report_version = version;
	machine_start(&m);
	save_machine(name, m.sp, m.report);
	machine_stop(&m);
}

/*
 * TPM2_ActivateCredential, by the private keys that a TPM would not give out
 */

static void decrypt_seed(const struct guest *g, struct ctpm_bytes secret, uint8_t seed[32])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(g->ek, NULL);
	uint8_t *label = OPENSSL_memdup("IDENTITY", 9), out[256];
	size_t len = sizeof(out);

	assert_int_equal(EVP_PKEY_decrypt_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()), 1);
	assert_int_equal(EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, label, 9), 1);
	assert_int_equal(EVP_PKEY_decrypt(ctx, out, &len, secret.data + 2, secret.len - 2), 1);
	assert_int_equal(len, 32);
	memcpy(seed, out, 32);
	EVP_PKEY_CTX_free(ctx);
}

/* KDFa for one block: HMAC(key, 1 || label || 0 || context || bits) */
static void kdfa(const uint8_t seed[32], const char *label, const struct tpm_name *name,
		 uint32_t bits, uint8_t out[32])
{
	uint8_t text[128];
	struct cur c = cur_writer(text, sizeof(text));
	unsigned int len;

	cur_put_be32(&c, 1);
	cur_put_bytes(&c, label, strlen(label) + 1);
	if (name)
		cur_put_bytes(&c, name->data, name->len);
	cur_put_be32(&c, bits);
	assert_false(c.failed);
	assert_non_null(HMAC(EVP_sha256(), seed, 32, text, c.pos, out, &len));
}

static void activate(const struct guest *g, const struct ctpm_reply *r,
		     uint8_t key[CTPM_CREDENTIAL_SIZE])
{
	static const uint8_t iv[16];
	uint8_t seed[32], aes[32], mac_key[32], mac[32], all[256], plain[64];
	struct cur c = cur_reader(r->credential.data, r->credential.len);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	const uint8_t *found;
	unsigned int len;
	size_t n;
	int out;

	decrypt_seed(g, r->secret, seed);
	kdfa(seed, "STORAGE", &g->ak_name, 128, aes);
	kdfa(seed, "INTEGRITY", NULL, 256, mac_key);
	assert_int_equal(cur_get_be16(&c), r->credential.len - 2);
	assert_int_equal(cur_get_be16(&c), 32);
	found = cur_take(&c, 32);
	n = cur_remaining(&c);
	assert_int_equal(n, 2 + CTPM_CREDENTIAL_SIZE);
	memcpy(all, cur_take(&c, n), n);
	memcpy(all + n, g->ak_name.data, g->ak_name.len);
	HMAC(EVP_sha256(), mac_key, 32, all, n + g->ak_name.len, mac, &len);
	assert_memory_equal(mac, found, 32);
	assert_int_equal(EVP_DecryptInit_ex(ctx, EVP_aes_128_cfb128(), NULL, aes, iv), 1);
	assert_int_equal(EVP_DecryptUpdate(ctx, plain, &out, all, (int)n), 1);
	memcpy(key, plain + 2, CTPM_CREDENTIAL_SIZE);
	EVP_CIPHER_CTX_free(ctx);
}

/*
 * The guest
 */

static void send_request(const struct guest *g, struct blob *request)
{
	uint8_t nonce[32], *out;
	struct ctpm_claims c = {
		.nonce = { nonce, sizeof(nonce) },
		.mode = g->mode,
		.report = { g->report, sizeof(g->report) },
		.manifest = { g->manifest.data, g->manifest.len },
		.certs = { g->certs.data, g->certs.len },
		.log = { g->log.data, g->log.len },
		.ak = { g->ak_bytes.data, g->ak_bytes.len },
	};

	assert_int_equal(RAND_bytes(nonce, sizeof(nonce)), 1);
	assert_int_equal(ctpm_request_encode(&c, &out, &request->len, NULL), CTPM_OK);
	assert_true(request->len <= sizeof(request->data));
	memcpy(request->data, out, request->len);
	free(out);
	save("request", request->data, request->len);
}

static void read_reply(struct guest *g, const struct blob *request)
{
	uint8_t key[CTPM_CREDENTIAL_SIZE], *cert;
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_reply r;
	struct blob reply;
	FILE *f = fopen(path_to("reply"), "rb");

	assert_non_null(f);
	reply.len = fread(reply.data, 1, sizeof(reply.data), f);
	fclose(f);
	assert_int_equal(ctpm_reply_decode(reply.data, reply.len, &r, NULL), CTPM_OK);
	activate(g, &r, key);
	if (ctpm_reply_open(&r, key, (struct ctpm_bytes){ request->data, request->len }, &cert,
			    &g->ak_cert.len, &why))
		fail_msg("%s", why.text);
	memcpy(g->ak_cert.data, cert, g->ak_cert.len);
	free(cert);
}

static void save_nonce(const struct verifier *v)
{
	char text[2 * CTPM_NONCE_SIZE_MAX + 1];

	for (size_t i = 0; i < v->challenge.nonce.len; i++)
		snprintf(text + 2 * i, 3, "%02x", v->challenge.nonce.data[i]);
	save("nonce", text, strlen(text));
}

static void save_trust(const struct guest *g, const struct verifier *v)
{
	struct snp_sp_error error = { "" };

	assert_int_equal(mkdir(path_to("roots"), 0755), 0);
	assert_int_equal(snp_sp_save_certs(g->m.sp, path_to("roots"), &error), 0);
	assert_int_equal(unlink(path_to("roots/vcek.pem")), 0);
	assert_int_equal(unlink(path_to("roots/ask.pem")), 0);
	assert_int_equal(unlink(path_to("roots/cert_chain.pem")), 0);
	save("roots/ca.pem", v->ca_cert, strlen(v->ca_cert));
}

static void make_evidence(struct guest *g, struct verifier *v)
{
	guest_certify(g, v->ca);
	guest_attest(g, v);
	save("challenge", v->challenge_bytes, v->challenge_len);
	save("evidence", g->evidence, g->evidence_len);
	verifier_ask(v, "", false);
	guest_attest(g, v);
	save_nonce(v);
	save("plain", g->evidence, g->evidence_len);
}

int main(int argc, char **argv)
{
	struct blob request;
	struct verifier v;
	struct guest g;

	if (argc < 2 || argc > 3)
		return 2;
	dir = argv[1];
	guest_start(&g, KEYS, CTPM_MODE_SVSM);
	guest_boot(&g);
	verifier_start(&v, &g, ANY_POLICY);
	save_trust(&g, &v);
	save("log", g.log.data, g.log.len);
	save_machine("chip", g.m.sp, g.report);
	make_evidence(&g, &v);
	send_request(&g, &request);
	if (argc == 3) {
		assert_int_equal(system(argv[2]), 0);
		read_reply(&g, &request);
		guest_attest(&g, &v);
		save("enrolled", g.evidence, g.evidence_len);
	}
	make_machine("other", SNP_MILAN, 0, false, 1);
	make_machine("turin", SNP_TURIN, 0, false, 0);
	make_machine("old", SNP_MILAN, 2, false, 0);
	make_machine("vlek", SNP_MILAN, 0, true, 0);
	guest_stop(&g);
	verifier_stop(&v);
	return 0;
}
