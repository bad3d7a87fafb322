// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/cursor.h"

#define FILE_MAX 65536
#define CERT_MAX 4096

static bool load(const char *dir, const char *name, struct buffer *out)
{
	char *path = path_of(dir, name);
	bool ok = read_file(path, FILE_MAX, out);

	free(path);
	return ok;
}

bool binding_load(struct binding *b)
{
	const char *dir = DRIVER_DIR;

	memset(b, 0, sizeof(*b));
	b->mode = CTPM_MODE_SVSM;
	if (access(DRIVER_DIR "/report", R_OK) && !access(BIND_DIR "/report", R_OK)) {
		b->mode = CTPM_MODE_BIND;
		dir = BIND_DIR;
	}
	if (access(DRIVER_DIR, F_OK) && b->mode == CTPM_MODE_SVSM) {
		fail("nothing has bound a TPM here: neither %s (ctpm.ko) nor %s (\"ctpm bind\") is "
		     "there",
		     DRIVER_DIR, BIND_DIR);
		return false;
	}
	if (load(dir, "report", &b->report) && load(dir, "manifest", &b->manifest) &&
	    load(dir, "certificates", &b->certs) && load(dir, "log", &b->log)) {
		if (b->report.len)
			return true;
		fail("%s/report is empty: the TPM is not bound; the kernel's log says why", dir);
	}
	binding_free(b);
	return false;
}

void binding_free(struct binding *b)
{
	buffer_free(&b->report);
	buffer_free(&b->manifest);
	buffer_free(&b->certs);
	buffer_free(&b->log);
}

bool binding_ek(const struct binding *b, struct ctpm_bytes *ek)
{
	struct cur c = cur_reader(b->manifest.data, b->manifest.len);

	*ek = buffer_bytes(&b->manifest);
	if (b->mode == CTPM_MODE_SVSM)
		return true;
	ek->len = cur_get_be16(&c);
	ek->data = cur_take(&c, ek->len);
	if (ek->data)
		return true;
	fail("the manifest of this boot is damaged");
	return false;
}

/* Indices may be larger than the certificate in them: the rest would make it none for a verifier. */
static void cut_to_cert(struct buffer *nv, uint32_t index)
{
	const uint8_t *p = nv->data;
	X509 *cert = nv->len ? d2i_X509(NULL, &p, (long)nv->len) : NULL;

	if (cert) {
		nv->len = (size_t)(p - nv->data);
	} else if (nv->len) {
		fail("NV index %#010x holds no certificate, and is left out", index);
		buffer_free(nv);
	}
	X509_free(cert);
	ERR_clear_error();
}

bool ek_certs_load(struct tpm *tpm, struct ek_certs *certs)
{
	static const uint32_t indices[] = { EK_CERT_RSA, EK_CERT_ECC };

	memset(certs, 0, sizeof(*certs));
	for (size_t i = 0; i < sizeof(indices) / sizeof(indices[0]); i++) {
		if (!tpm_nv_read(tpm, indices[i], &certs->cert[certs->count])) {
			ek_certs_free(certs);
			return false;
		}
		cut_to_cert(&certs->cert[certs->count], indices[i]);
		certs->count += certs->cert[certs->count].len != 0;
	}
	return true;
}

void ek_certs_free(struct ek_certs *certs)
{
	for (size_t i = 0; i < CTPM_EK_CERTS_MAX; i++)
		buffer_free(&certs->cert[i]);
	certs->count = 0;
}

static bool is_of(const struct buffer *cert, const struct tpm_key *ak)
{
	const uint8_t *p = cert->data;
	X509 *x = d2i_X509(NULL, &p, (long)cert->len);
	bool same = x && tpm_key_is(ak, x);

	X509_free(x);
	ERR_clear_error();
	return same;
}

bool ak_cert_load(const char *dir, const struct tpm_key *ak, struct buffer *cert)
{
	char *path = path_of(dir, "ak.der");
	bool ok = read_file_if_there(path, CERT_MAX, cert);

	/* as after each boot of a TPM that is new each time */
	if (cert->data && !is_of(cert, ak)) {
		fail("%s is no certificate of this TPM's AK, and is left out: enrol again", path);
		buffer_free(cert);
	}
	free(path);
	return ok;
}

void claims_fill(struct ctpm_claims *c, const struct binding *b, const struct tpm_key *ak,
		 const struct ek_certs *certs)
{
	c->mode = b->mode;
	c->report = buffer_bytes(&b->report);
	c->manifest = buffer_bytes(&b->manifest);
	c->certs = buffer_bytes(&b->certs);
	c->log = buffer_bytes(&b->log);
	c->ak = buffer_bytes(&ak->public);
	for (size_t i = 0; i < certs->count; i++)
		c->ek_cert[i] = buffer_bytes(&certs->cert[i]);
	c->ek_certs = certs->count;
}
