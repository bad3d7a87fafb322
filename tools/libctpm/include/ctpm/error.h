/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why something was refused.
 *
 * A function that can fail returns an enum ctpm_error and, where the caller
 * gives it a struct ctpm_why, says in one sentence what it expected, what it
 * found and what can be done. Neither allocates.
 */
#ifndef CTPM_ERROR_H
#define CTPM_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CTPM_API __attribute__((visibility("default")))
#else
#define CTPM_API
#endif

enum ctpm_error {
	CTPM_OK,
	/* not about what was checked */
	CTPM_ERR_MEMORY,
	CTPM_ERR_CRYPTO,   /* libcrypto failed */
	CTPM_ERR_ARGUMENT, /* the caller's mistake */
	/* the form of messages and of what they contain */
	CTPM_ERR_FORM,	   /* Documentation/protocol.rst, "Messages" */
	CTPM_ERR_TPM_FORM, /* TPM structures */
	CTPM_ERR_LOG_FORM,
	CTPM_ERR_POLICY_FORM,
	CTPM_ERR_REFUSED, /* well-formed, and not what it has to be */
	/* the SNP report */
	CTPM_ERR_REPORT_SIZE,
	CTPM_ERR_REPORT_VERSION,
	CTPM_ERR_REPORT_RESERVED,  /* a field that must be zero is not */
	CTPM_ERR_REPORT_ALGORITHM, /* not ECDSA P-384 with SHA-384 */
	CTPM_ERR_REPORT_UNSIGNED,  /* the chip key was masked */
	CTPM_ERR_REPORT_SIGNATURE,
	/* certificates */
	CTPM_ERR_CERT_TABLE,   /* the certificate table's form */
	CTPM_ERR_CERT_FORM,    /* no X.509 certificate, or trailing bytes */
	CTPM_ERR_CERT_MISSING, /* one that is needed is not there */
	CTPM_ERR_CERT_ROOT,    /* the root is not one that is trusted */
	CTPM_ERR_CERT_CHAIN,   /* issuer, purpose or signature */
	CTPM_ERR_CERT_TIME,    /* expired, or not valid yet */
	CTPM_ERR_CERT_REVOKED,
	CTPM_ERR_CERT_EXTENSION, /* one of AMD's is missing or malformed */
	CTPM_ERR_CERT_PRODUCT,	 /* certificates of different products */
	CTPM_ERR_CRL,		 /* the revocation list itself */
	/* certificate and report do not belong together */
	CTPM_ERR_KEY_TYPE, /* VCEK against VLEK */
	CTPM_ERR_TCB,
	CTPM_ERR_CHIP_ID,
	CTPM_ERRORS
};

/**
 * struct ctpm_why - why a function failed
 * @code: what it returned
 * @text: a sentence for a person
 */
struct ctpm_why {
	enum ctpm_error code;
	char text[256];
};

/**
 * ctpm_error_name() - the name of an error, for scripts
 * @code: an error
 *
 * Return: a constant string such as "report-signature", never NULL.
 */
CTPM_API const char *ctpm_error_name(enum ctpm_error code);

#ifdef __cplusplus
}
#endif

#endif
