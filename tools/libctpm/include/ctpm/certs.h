/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AMD's certificates: ARK, ASK or ASVK, VCEK or VLEK, and revocation lists, as in
 * "Versioned Chip Endorsement Key (VCEK) Certificate and KDS Interface
 * Specification", publication 57230; and which roots are trusted.
 *
 * An object may be used by several threads at once as long as none adds to it.
 */
#ifndef CTPM_CERTS_H
#define CTPM_CERTS_H

#include <stddef.h>
#include <stdint.h>

#include <ctpm/error.h>
#include <ctpm/report.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CTPM_CERTS_MAX	     1024  /* certificates, and lists, in one object */
#define CTPM_CERTS_SIZE_MAX  65536 /* bytes of a table, or of certificates from who is not trusted */
#define CTPM_LISTS_SIZE_MAX  (16 * 1024 * 1024) /* bytes that ctpm_certs_add() takes at once */
#define CTPM_ROOTS_MAX	     16
#define CTPM_FINGERPRINT_LEN 32 /* SHA-256 of the certificate in DER */

/* Certificates of which nothing is verified yet, in any order */
struct ctpm_certs;

CTPM_API struct ctpm_certs *ctpm_certs_new(void);
CTPM_API void ctpm_certs_free(struct ctpm_certs *certs);

/**
 * ctpm_certs_add() - add certificates, or revocation lists
 * @certs: where to
 * @data: PEM, one or more after another, or one in DER
 * @len: bytes, up to CTPM_LISTS_SIZE_MAX
 * @why: may be NULL
 *
 * Return: CTPM_OK, CTPM_ERR_CERT_FORM, CTPM_ERR_MEMORY, or CTPM_ERR_ARGUMENT
 * if there are too many or too large ones. On failure @certs may have some.
 */
CTPM_API enum ctpm_error ctpm_certs_add(struct ctpm_certs *certs, const void *data, size_t len,
					struct ctpm_why *why);

/**
 * ctpm_certs_add_table() - add what an extended guest request gave
 * @certs: where to
 * @table: AMD 56421, "SNP Extended Guest Request": {GUID, u32 offset, u32 length}
 *	up to an entry of zeros, then certificates in DER
 * @len: bytes
 * @why: may be NULL
 *
 * Entries with other GUIDs than those of certificates are passed over.
 *
 * Return: as ctpm_certs_add(), or CTPM_ERR_CERT_TABLE.
 */
CTPM_API enum ctpm_error ctpm_certs_add_table(struct ctpm_certs *certs, const void *table,
					      size_t len, struct ctpm_why *why);

/* Roots that are trusted, by fingerprint, whatever name they bear */
struct ctpm_roots;

/**
 * ctpm_roots_new() - trusted roots
 * @amd: with AMD's own: Milan, Genoa and Turin
 *
 * Return: the roots, or NULL without memory.
 */
CTPM_API struct ctpm_roots *ctpm_roots_new(bool amd);
CTPM_API void ctpm_roots_free(struct ctpm_roots *roots);

/**
 * ctpm_roots_add() - trust another root
 * @roots: where to
 * @data: PEM or DER, one certificate: an ARK
 * @len: bytes
 * @why: may be NULL
 *
 * Return: CTPM_OK, CTPM_ERR_CERT_FORM, or CTPM_ERR_ARGUMENT if there are too many.
 */
CTPM_API enum ctpm_error ctpm_roots_add(struct ctpm_roots *roots, const void *data, size_t len,
					struct ctpm_why *why);

/**
 * ctpm_report_verify() - is a report AMD's?
 * @data: the report
 * @len: bytes
 * @certs: certificates of the key that signed it, up to a root; its revocation
 *	list, if one is there, is respected
 * @roots: which roots are trusted
 * @time: seconds since 1970 at which certificates must be valid
 * @report: filled in, zeros on failure
 * @why: may be NULL
 *
 * Form of the report, chain of certificates up to a trusted root, agreement of
 * the VCEK's or VLEK's extensions with the report (product, each component of
 * REPORTED_TCB, chip), signature. What the report says is the caller's to judge.
 *
 * Return: CTPM_OK, or what was refused first.
 */
CTPM_API enum ctpm_error ctpm_report_verify(const void *data, size_t len,
					    const struct ctpm_certs *certs,
					    const struct ctpm_roots *roots, int64_t time,
					    struct ctpm_report *report, struct ctpm_why *why);

/**
 * ctpm_report_chain() - the certificates by which a report is AMD's
 * @data: as for ctpm_report_verify(), and so on
 * @len: likewise
 * @certs: likewise
 * @roots: likewise
 * @time: likewise
 * @chain: those of @certs that it took: leaf, issuer, root, and the root's revocation lists; to
 *	be given to ctpm_certs_free(); NULL on failure
 * @why: may be NULL
 *
 * Return: as ctpm_report_verify().
 */
CTPM_API enum ctpm_error ctpm_report_chain(const void *data, size_t len,
					   const struct ctpm_certs *certs,
					   const struct ctpm_roots *roots, int64_t time,
					   struct ctpm_certs **chain, struct ctpm_why *why);

enum ctpm_cert_kind {
	CTPM_CERT_LEAF,	  /* VCEK or VLEK */
	CTPM_CERT_ISSUER, /* ASK or ASVK */
	CTPM_CERT_ROOT,	  /* ARK */
	CTPM_CERT_CRL
};

/**
 * ctpm_certs_pem() - certificates, or revocation lists, as text
 * @certs: certificates
 * @kind: which of them
 *
 * Return: PEM, one after another, "" if there are none, to be given to free(); NULL without
 * memory.
 */
CTPM_API char *ctpm_certs_pem(const struct ctpm_certs *certs, enum ctpm_cert_kind kind);

#ifdef __cplusplus
}
#endif

#endif
