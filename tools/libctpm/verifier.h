/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Appraisal of evidence, inside of libctpm:
 *
 *   verifier.c          whom a verifier trusts; verified reports, cached; EK certificates
 *   akcert.c            AK certificates, cached
 *   verify_evidence.c   the protocol's checks, a function each
 *   ca.c                the Owner CA's side of AK certificates
 */
#ifndef VERIFIER_H
#define VERIFIER_H

#include <ctpm/ca.h>
#include <openssl/x509v3.h>

#include "cache.h"

/*
 * Extensions of AK certificates (Documentation/protocol.rst): name(EK) and name(AK); the digest of
 * the report that was verified, and its product
 */
#define NAMES_OID     "2.25.92105066589349177221159559202406486886"
#define REPORT_OID    "2.25.201367632286427945940432218849742037612"
#define AIK_OID	      "2.23.133.8.3" /* tcg-kp-AIKCertificate */

#define EK_OID	      "2.23.133.8.1" /* tcg-kp-EKCertificate */

#define OWNER_CAS_MAX 16

/* Is this purpose, an OID, among them? @usage may be NULL */
bool usage_has(const EXTENDED_KEY_USAGE *usage, const char *oid);

struct ctpm_verifier {
	struct ctpm_roots *roots;
	struct ctpm_certs *extra;
	X509 *ca[OWNER_CAS_MAX];
	X509_CRL *crl[OWNER_CAS_MAX];
	size_t cas, crls;
	bool crl_of[OWNER_CAS_MAX][OWNER_CAS_MAX]; /* this list is of this CA */
	X509_STORE *ek_roots;
	struct cache cache;
};

/* With the certificates of the evidence, table, and the verifier's own; the product is filled in */
enum ctpm_error verifier_report(struct ctpm_verifier *v, struct ctpm_bytes report,
				const struct ctpm_report *parsed, struct ctpm_bytes table,
				int64_t time, enum ctpm_product *product, struct ctpm_why *why);

/* An AK's certificate, for this AK; @fact, what it says, is to be given to fact_clear(). */
enum ctpm_error verifier_ak_cert(struct ctpm_verifier *v, struct ctpm_bytes der,
				 struct ctpm_bytes ak, const TPMT_PUBLIC *public, int64_t time,
				 struct fact *fact, struct ctpm_why *why);

/* An EK's certificate, for this key, by a maker that is trusted */
enum ctpm_error verifier_ek_cert(const struct ctpm_verifier *v, struct ctpm_bytes der,
				 const TPMT_PUBLIC *public, int64_t time, struct ctpm_why *why);

/* What an AK's certificate says: of which AK and EK it is; and what vouches_for() makes, or nothing */
struct subject {
	EVP_PKEY *ak;
	struct tpm_name ak_name, ek_name;
	struct ctpm_bytes vouches;
};

#define VOUCHES_MAX (REPORT_DIGEST_SIZE + 8)

/* ca.c: that this report was verified as one of this product's; its length, or 0 */
size_t vouches_for(struct ctpm_bytes report, enum ctpm_product product, uint8_t out[VOUCHES_MAX]);

/* ca.c: an AK's certificate in DER, to be given to OPENSSL_free(); its length, or 0 */
int ca_certify(const struct ctpm_ca *ca, const struct subject *subject, int64_t time,
	       unsigned int days, uint8_t serial[CTPM_SERIAL_SIZE], uint8_t **der);

#endif
