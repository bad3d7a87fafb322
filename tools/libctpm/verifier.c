// SPDX-License-Identifier: GPL-2.0-or-later
#include "verifier.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

struct ctpm_verifier *ctpm_verifier_new(bool amd)
{
	struct ctpm_verifier *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->roots = ctpm_roots_new(amd);
	v->extra = ctpm_certs_new();
	v->ek_roots = X509_STORE_new();
	if (!v->roots || !v->extra || !v->ek_roots || pthread_mutex_init(&v->cache.lock, NULL)) {
		ctpm_roots_free(v->roots);
		ctpm_certs_free(v->extra);
		X509_STORE_free(v->ek_roots);
		free(v);
		return NULL;
	}
	return v;
}

void ctpm_verifier_free(struct ctpm_verifier *v)
{
	if (!v)
		return;
	cache_clear(&v->cache);
	pthread_mutex_destroy(&v->cache.lock);
	for (size_t i = 0; i < v->cas; i++)
		X509_free(v->ca[i]);
	for (size_t i = 0; i < v->crls; i++)
		X509_CRL_free(v->crl[i]);
	ctpm_roots_free(v->roots);
	ctpm_certs_free(v->extra);
	X509_STORE_free(v->ek_roots);
	free(v);
}

/* What was accepted before may not be any more: a revocation list is there, say. */
static void forget(struct ctpm_verifier *v)
{
	pthread_mutex_lock(&v->cache.lock);
	cache_clear(&v->cache);
	pthread_mutex_unlock(&v->cache.lock);
}

enum ctpm_error ctpm_verifier_add_root(struct ctpm_verifier *v, const void *data, size_t len,
				       struct ctpm_why *why)
{
	forget(v);
	return ctpm_roots_add(v->roots, data, len, why);
}

enum ctpm_error ctpm_verifier_add_certs(struct ctpm_verifier *v, const void *data, size_t len,
					struct ctpm_why *why)
{
	forget(v);
	return ctpm_certs_add(v->extra, data, len, why);
}

/*
 * A maker's root, or what it has issued to an intermediate that is to be trusted; or a list of
 * any of these
 */
enum ctpm_error ctpm_verifier_add_ek_root(struct ctpm_verifier *v, const void *data, size_t len,
					  struct ctpm_why *why)
{
	struct ctpm_certs *certs = ctpm_certs_new();
	enum ctpm_error error = certs ? ctpm_certs_add(certs, data, len, why) : CTPM_ERR_MEMORY;

	for (size_t i = 0; !error && i < certs->count; i++)
		if (X509_STORE_add_cert(v->ek_roots, certs->cert[i]) != 1)
			error = CTPM_ERR_MEMORY;
	for (size_t i = 0; !error && i < certs->crls; i++)
		if (X509_STORE_add_crl(v->ek_roots, certs->crl[i]) != 1)
			error = CTPM_ERR_MEMORY;
	ctpm_certs_free(certs);
	return error;
}

/*
 * Whose each list is: namesakes are told apart by their keys, and who uses a list needs not do it.
 * Of the first @cas and @crls that is known.
 */
static void sort_crls(struct ctpm_verifier *v, size_t cas, size_t crls)
{
	for (size_t i = 0; i < v->crls; i++) {
		const X509_NAME *name = X509_CRL_get_issuer(v->crl[i]);

		for (size_t k = i < crls ? cas : 0; k < v->cas; k++)
			v->crl_of[i][k] =
				!X509_NAME_cmp(name, X509_get_subject_name(v->ca[k])) &&
				X509_CRL_verify(v->crl[i], X509_get0_pubkey(v->ca[k])) == 1;
	}
	ERR_clear_error();
}

/* A certificate, or a list, of an Owner CA, which may have certified EKs as well */
enum ctpm_error ctpm_verifier_add_ca(struct ctpm_verifier *v, const void *data, size_t len,
				     struct ctpm_why *why)
{
	struct ctpm_certs *certs = ctpm_certs_new();
	enum ctpm_error error = certs ? ctpm_certs_add(certs, data, len, why) : CTPM_ERR_MEMORY;
	size_t cas = v->cas, crls = v->crls;

	forget(v);
	if (!error &&
	    (v->cas + certs->count > OWNER_CAS_MAX || v->crls + certs->crls > OWNER_CAS_MAX))
		error = because(why, CTPM_ERR_ARGUMENT,
				"more than %d Owner CAs or revocation lists", OWNER_CAS_MAX);
	for (size_t i = 0; !error && i < certs->count; i++) {
		X509_up_ref(certs->cert[i]);
		v->ca[v->cas++] = certs->cert[i];
	}
	for (size_t i = 0; !error && i < certs->crls; i++) {
		X509_CRL_up_ref(certs->crl[i]);
		v->crl[v->crls++] = certs->crl[i];
		if (X509_STORE_add_crl(v->ek_roots, certs->crl[i]) != 1)
			error = CTPM_ERR_MEMORY;
	}
	sort_crls(v, cas, crls);
	ctpm_certs_free(certs);
	return error;
}

/*
 * SNP reports
 */

static enum ctpm_error collect(const struct ctpm_verifier *v, struct ctpm_bytes table,
			       struct ctpm_certs **certs, struct ctpm_why *why)
{
	enum ctpm_error error = CTPM_OK;

	*certs = ctpm_certs_new();
	if (!*certs)
		return CTPM_ERR_MEMORY;
	if (table.len)
		error = ctpm_certs_add_table(*certs, table.data, table.len, why);
	return error ? error : certs_share(*certs, v->extra, why);
}

enum ctpm_error verifier_report(struct ctpm_verifier *v, struct ctpm_bytes report,
				const struct ctpm_report *parsed, struct ctpm_bytes table,
				int64_t time, enum ctpm_product *product, struct ctpm_why *why)
{
	uint8_t whole[CACHE_KEY_SIZE], chain[CACHE_KEY_SIZE];
	struct ctpm_certs *certs;
	enum ctpm_error error;
	struct fact fact;

	if (!cache_key(CACHE_REPORT, report, table, whole))
		return because(why, CTPM_ERR_CRYPTO, "libcrypto computes no SHA-256");
	cache_key_second(parsed->signing_key == CTPM_KEY_VLEK ? CACHE_VLEK : CACHE_VCEK, whole,
			 chain);
	if (cache_find(&v->cache, whole, time, &fact)) {
		*product = fact.product;
		fact_clear(&fact);
		return CTPM_OK;
	}
	/* if it is not this leaf's, another one of the table's may have signed it */
	if (!cache_find(&v->cache, chain, time, &fact) ||
	    report_verify_by(report.data, parsed, &fact, NULL)) {
		fact_clear(&fact);
		error = collect(v, table, &certs, why);
		if (!error)
			error = report_verify(report.data, parsed, certs, v->roots, time, &fact,
					      why);
		ctpm_certs_free(certs);
		if (error)
			return error;
		cache_add(&v->cache, chain, &fact);
	}
	*product = fact.product;
	cache_add(&v->cache, whole, &fact);
	fact_clear(&fact);
	return CTPM_OK;
}

/*
 * EK certificates
 */

static bool is_ek_cert(X509 *cert)
{
	EXTENDED_KEY_USAGE *usage = X509_get_ext_d2i(cert, NID_ext_key_usage, NULL, NULL);
	bool found = usage_has(usage, EK_OID);

	EXTENDED_KEY_USAGE_free(usage);
	return found && !(X509_get_extension_flags(cert) & EXFLAG_CA);
}

/* Who publishes no list revokes nothing; one that is there must be good. */
static int but_for_lists(int ok, X509_STORE_CTX *ctx)
{
	return ok || X509_STORE_CTX_get_error(ctx) == X509_V_ERR_UNABLE_TO_GET_CRL;
}

/* Up to a trusted certificate, which need not be a root, each valid at that time, none revoked */
static bool ek_chain(const struct ctpm_verifier *v, X509 *cert, int64_t time)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	bool ok = ctx && X509_STORE_CTX_init(ctx, v->ek_roots, cert, NULL) == 1;

	if (ok) {
		X509_STORE_CTX_set_time(ctx, 0, (time_t)time);
		X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_CRL_CHECK |
						      X509_V_FLAG_CRL_CHECK_ALL);
		X509_STORE_CTX_set_verify_cb(ctx, but_for_lists);
		ok = X509_verify_cert(ctx) == 1;
	}
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}

enum ctpm_error verifier_ek_cert(const struct ctpm_verifier *v, struct ctpm_bytes der,
				 const TPMT_PUBLIC *public, int64_t time, struct ctpm_why *why)
{
	X509 *cert = der.len && der.data[0] == 0x30 ? cert_read(der.data, der.len) : NULL;
	EVP_PKEY *key = tpm_key(public);
	enum ctpm_error error = CTPM_OK;

	if (!cert || !key)
		error = because(why, CTPM_ERR_CERT_FORM,
				"the EK's certificate is no X.509 certificate");
	else if (EVP_PKEY_eq(X509_get0_pubkey(cert), key) != 1)
		error = because(why, CTPM_ERR_REFUSED, "the EK's certificate is for another key");
	else if (!is_ek_cert(cert))
		error = because(why, CTPM_ERR_CERT_CHAIN,
				"the EK's certificate is not one for an EK");
	else if (!ek_chain(v, cert, time))
		error = because(why, CTPM_ERR_CERT_ROOT,
				"the EK's certificate is not one of a maker that is trusted, or "
				"not valid at this time, or revoked");
	ERR_clear_error();
	EVP_PKEY_free(key);
	X509_free(cert);
	return error;
}
