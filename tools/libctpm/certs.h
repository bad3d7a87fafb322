/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SNP reports and AMD's certificates, inside of libctpm:
 *
 *   certs.c           certificates as they come: PEM, DER, table
 *   roots.c           which roots are trusted
 *   amd.c             AMD's names and extensions, compared with a report
 *   chain.c           from root to leaf
 *   verify_report.c   a report's signature, and all of it in order
 */
#ifndef CERTS_H
#define CERTS_H

#include <ctpm/certs.h>
#include <openssl/x509.h>

/* By the name that AMD gives the subject; what a certificate is good for is checked apart. */
enum role { ROLE_ARK, ROLE_ASK, ROLE_ASVK, ROLE_VCEK, ROLE_VLEK, ROLE_OTHER };

struct ctpm_certs {
	X509 *cert[CTPM_CERTS_MAX];
	enum role role[CTPM_CERTS_MAX];
	size_t count;
	X509_CRL *crl[CTPM_CERTS_MAX];
	size_t crls;
};

/* One certificate, PEM or DER, and nothing else; NULL if it is none. */
X509 *cert_read(const void *data, size_t len);

/* A private key in PEM, not encrypted; NULL if it is none. */
EVP_PKEY *key_read(const char *pem);

/*
 * r || s of an ECDSA signature, big-endian, each padded to @size; false if it is not all of @der,
 * or in another encoding than DER's.
 */
bool ecdsa_components(const uint8_t *der, size_t len, int size, uint8_t *raw);

/* All that @from has is in @to as well. */
enum ctpm_error certs_share(struct ctpm_certs *to, const struct ctpm_certs *from,
			    struct ctpm_why *why);

bool roots_trust(const struct ctpm_roots *roots, const X509 *cert);

/* amd.c */
enum role amd_role(const X509 *cert);
bool amd_ca_product(const X509 *cert, enum ctpm_product *product);
enum ctpm_error amd_compare(const X509 *leaf, enum role role, enum ctpm_product product,
			    const struct ctpm_report *report, struct ctpm_why *why);

struct fact;

/* chain.c: @fact's leaf and role up to a trusted root; its product, and its validity */
enum ctpm_error chain_verify(const struct ctpm_certs *certs, const struct ctpm_roots *roots,
			     int64_t time, struct fact *fact, struct ctpm_why *why);

/* What chain_verify() has found, as certificates of their own */
enum ctpm_error chain_share(const struct ctpm_certs *certs, const struct fact *fact,
			    struct ctpm_certs *to, struct ctpm_why *why);

/* verify_report.c: by any of @certs, which is then @fact's leaf */
enum ctpm_error report_verify(const uint8_t *data, const struct ctpm_report *report,
			      const struct ctpm_certs *certs, const struct ctpm_roots *roots,
			      int64_t time, struct fact *fact, struct ctpm_why *why);

/* verify_report.c: the signature alone */
enum ctpm_error report_signature(const X509 *leaf, const uint8_t *report, struct ctpm_why *why);

/* verify_report.c: by a leaf whose chain was verified */
enum ctpm_error report_verify_by(const uint8_t *data, const struct ctpm_report *report,
				 const struct fact *fact, struct ctpm_why *why);

#endif
