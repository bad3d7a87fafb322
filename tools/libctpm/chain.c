// SPDX-License-Identifier: GPL-2.0-or-later
/* From root to leaf: who issued whom, for what, when, and with which signature. */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "cache.h"
#include "why.h"

#define RSA_BITS 4096

struct chain {
	X509 *ark, *ica, *leaf;
};

static const char *role_name(enum role role)
{
	static const char *const names[] = { "ARK", "ASK", "ASVK", "VCEK", "VLEK", "certificate" };

	return names[role];
}

/* As all of AMD's issuers have: no other is worth the time that its signatures take */
static bool has_rsa_4096(const X509 *cert)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);

	return key && EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) == RSA_BITS;
}

/* By its name; of several the one that has signed, so that junk cannot stand in its way */
static X509 *find_issuer(const struct ctpm_certs *certs, enum role role, X509 *of)
{
	const X509_NAME *name = X509_get_issuer_name(of);
	X509 *found = NULL;

	for (size_t i = 0; i < certs->count; i++) {
		X509 *cert = certs->cert[i];

		if (certs->role[i] != role || X509_NAME_cmp(X509_get_subject_name(cert), name) ||
		    !has_rsa_4096(cert))
			continue;
		if (found && X509_verify(of, X509_get0_pubkey(found)) == 1)
			break;
		found = cert;
	}
	ERR_clear_error();
	return found;
}

/* RSASSA-PSS with SHA-384, as AMD signs everything (57230, 1.4) */
static bool pss_sha384(const X509 *cert)
{
	int md, pk;
	uint32_t flags;

	return X509_get_signature_info((X509 *)(uintptr_t)cert, &md, &pk, NULL, &flags) &&
	       flags & X509_SIG_INFO_VALID && md == NID_sha384 && pk == NID_rsassaPss;
}

static enum ctpm_error signed_by(X509 *cert, X509 *issuer, enum role role, struct ctpm_why *why)
{
	bool ok = has_rsa_4096(issuer) && pss_sha384(cert) &&
		  X509_verify(cert, X509_get0_pubkey(issuer)) == 1;

	ERR_clear_error();
	return ok ? CTPM_OK
		  : because(why, CTPM_ERR_CERT_CHAIN,
			    "the %s is not signed by the issuer that it names, with RSA-4096-PSS "
			    "and SHA-384",
			    role_name(role));
}

/* An issuer, with at most @depth more below it; or one that must not issue */
static enum ctpm_error check_purpose(X509 *cert, enum role role, bool ca, struct ctpm_why *why)
{
	uint32_t flags = X509_get_extension_flags(cert);
	bool ok = !(flags & (EXFLAG_INVALID | EXFLAG_CRITICAL));

	if (ca)
		ok = ok && flags & EXFLAG_CA && flags & EXFLAG_KUSAGE &&
		     X509_get_key_usage(cert) & KU_KEY_CERT_SIGN;
	else
		ok = ok && !(flags & EXFLAG_CA);
	return ok ? CTPM_OK
		  : because(why, CTPM_ERR_CERT_CHAIN,
			    ca ? "the %s is no certificate of an issuer"
			       : "the %s is an issuer's certificate, or has critical extensions "
				 "that are unknown",
			    role_name(role));
}

static enum ctpm_error check_time(const X509 *cert, enum role role, int64_t now,
				  struct ctpm_why *why)
{
	time_t t = (time_t)now;
	int before = X509_cmp_time(X509_get0_notBefore(cert), &t);
	int after = X509_cmp_time(X509_get0_notAfter(cert), &t);

	if (before < 0 && after > 0)
		return CTPM_OK;
	return because(why, CTPM_ERR_CERT_TIME, "the %s %s at the time of verification, %lld",
		       role_name(role),
		       !before || !after ? "has a malformed validity"
		       : before > 0	 ? "is not valid yet"
					 : "is expired",
		       (long long)now);
}

/* A list of the ARK's says who of those below it must not be believed any more. */
static enum ctpm_error check_crl(X509_CRL *crl, const struct chain *ch, int64_t now,
				 struct ctpm_why *why)
{
	time_t t = (time_t)now;
	const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl);
	X509_REVOKED *entry;

	if (X509_CRL_verify(crl, X509_get0_pubkey(ch->ark)) != 1) {
		ERR_clear_error();
		return because(why, CTPM_ERR_CRL, "the revocation list is not signed by the ARK");
	}
	if (X509_cmp_time(X509_CRL_get0_lastUpdate(crl), &t) >= 0)
		return because(why, CTPM_ERR_CRL, "the revocation list is not valid yet");
	if (!next || X509_cmp_time(next, &t) <= 0)
		return because(why, CTPM_ERR_CRL,
			       "the revocation list is out of date: get a new one");
	if (X509_CRL_get0_by_cert(crl, &entry, ch->ica) ||
	    X509_CRL_get0_by_cert(crl, &entry, ch->ark))
		return because(why, CTPM_ERR_CERT_REVOKED,
			       "AMD has revoked the certificate's issuer");
	return CTPM_OK;
}

static enum ctpm_error check_crls(const struct ctpm_certs *certs, const struct chain *ch,
				  int64_t now, struct ctpm_why *why)
{
	const X509_NAME *name = X509_get_subject_name(ch->ark);
	enum ctpm_error error = CTPM_OK;

	for (size_t i = 0; !error && i < certs->crls; i++)
		if (!X509_NAME_cmp(X509_CRL_get_issuer(certs->crl[i]), name))
			error = check_crl(certs->crl[i], ch, now, why);
	return error;
}

static enum ctpm_error find_chain(const struct ctpm_certs *certs, const struct ctpm_roots *roots,
				  enum role ica_role, struct chain *ch, struct ctpm_why *why)
{
	ch->ica = find_issuer(certs, ica_role, ch->leaf);
	if (!ch->ica)
		return because(why, CTPM_ERR_CERT_MISSING, "the %s that issued it is not there",
			       role_name(ica_role));
	ch->ark = find_issuer(certs, ROLE_ARK, ch->ica);
	if (!ch->ark)
		return because(why, CTPM_ERR_CERT_MISSING, "the ARK that issued it is not there");
	if (!roots_trust(roots, ch->ark))
		return because(why, CTPM_ERR_CERT_ROOT,
			       "the root is none that is trusted: its fingerprint decides, not its "
			       "name");
	return CTPM_OK;
}

static enum ctpm_error check_one(X509 *cert, X509 *issuer, enum role role, bool ca, int64_t now,
				 struct ctpm_why *why)
{
	enum ctpm_error error = check_purpose(cert, role, ca, why);

	if (!error)
		error = check_time(cert, role, now, why);
	if (!error)
		error = signed_by(cert, issuer, role, why);
	return error;
}

/* For how long the same would come out */
static bool chain_validity(const struct ctpm_certs *certs, const struct chain *ch,
			   struct validity *when)
{
	const X509_NAME *name = X509_get_subject_name(ch->ark);
	bool ok;

	*when = (struct validity){ INT64_MIN, INT64_MAX };
	ok = validity_of_cert(when, ch->ark) && validity_of_cert(when, ch->ica) &&
	     validity_of_cert(when, ch->leaf);
	for (size_t i = 0; ok && i < certs->crls; i++)
		if (!X509_NAME_cmp(X509_CRL_get_issuer(certs->crl[i]), name))
			ok = validity_of_crl(when, certs->crl[i]);
	return ok;
}

enum ctpm_error chain_verify(const struct ctpm_certs *certs, const struct ctpm_roots *roots,
			     int64_t time, struct fact *fact, struct ctpm_why *why)
{
	enum role role = fact->role;
	enum role ica_role = role == ROLE_VLEK ? ROLE_ASVK : ROLE_ASK;
	struct chain ch = { .leaf = fact->leaf };
	enum ctpm_product of_ica;
	enum ctpm_error error = find_chain(certs, roots, ica_role, &ch, why);

	if (!error)
		error = check_one(ch.ark, ch.ark, ROLE_ARK, true, time, why);
	if (!error)
		error = check_one(ch.ica, ch.ark, ica_role, true, time, why);
	if (!error)
		error = check_one(ch.leaf, ch.ica, role, false, time, why);
	if (!error)
		error = check_crls(certs, &ch, time, why);
	if (error)
		return error;
	if (!amd_ca_product(ch.ark, &fact->product) || !amd_ca_product(ch.ica, &of_ica) ||
	    fact->product != of_ica)
		return because(why, CTPM_ERR_CERT_PRODUCT,
			       "the %s is of another product than the ARK", role_name(ica_role));
	if (!chain_validity(certs, &ch, &fact->when))
		return because(why, CTPM_ERR_CERT_TIME, "a certificate's validity is malformed");
	return CTPM_OK;
}

enum ctpm_error chain_share(const struct ctpm_certs *certs, const struct fact *fact,
			    struct ctpm_certs *to, struct ctpm_why *why)
{
	enum role ica_role = fact->role == ROLE_VLEK ? ROLE_ASVK : ROLE_ASK;
	struct ctpm_certs chain = { .cert = { fact->leaf },
				    .role = { fact->role, ica_role, ROLE_ARK },
				    .count = 3 };
	const X509_NAME *name;

	chain.cert[1] = find_issuer(certs, ica_role, fact->leaf);
	if (chain.cert[1])
		chain.cert[2] = find_issuer(certs, ROLE_ARK, chain.cert[1]);
	if (!chain.cert[2])
		return because(why, CTPM_ERR_CERT_MISSING, "the chain is not there");
	name = X509_get_subject_name(chain.cert[2]);
	for (size_t i = 0; i < certs->crls; i++)
		if (!X509_NAME_cmp(X509_CRL_get_issuer(certs->crl[i]), name))
			chain.crl[chain.crls++] = certs->crl[i];
	return certs_share(to, &chain, why);
}
