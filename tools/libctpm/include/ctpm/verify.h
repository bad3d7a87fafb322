/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Appraisal of evidence: Documentation/protocol.rst, "Verification".
 */
#ifndef CTPM_VERIFY_H
#define CTPM_VERIFY_H

#include <ctpm/certs.h>
#include <ctpm/evidence.h>
#include <ctpm/eventlog.h>
#include <ctpm/policy.h>
#include <ctpm/report.h>

#ifdef __cplusplus
extern "C" {
#endif

/* In the order in which they are made and shown */
enum ctpm_check {
	CTPM_CHECK_FORM,
	CTPM_CHECK_CHALLENGE,
	CTPM_CHECK_AK,
	CTPM_CHECK_AK_CERTIFICATE,
	CTPM_CHECK_SIGNATURE,
	CTPM_CHECK_QUOTE,
	CTPM_CHECK_QUALIFYING_DATA,
	CTPM_CHECK_PCR_DIGEST,
	CTPM_CHECK_REPORT,
	CTPM_CHECK_VMPL,
	CTPM_CHECK_MANIFEST,
	CTPM_CHECK_EK,
	CTPM_CHECK_LOG,
	CTPM_CHECK_BINDING,
	CTPM_CHECK_CLOCK,
	CTPM_CHECK_FRESH,
	CTPM_CHECK_MODE,
	CTPM_CHECK_MEASUREMENT,
	CTPM_CHECK_GUEST_POLICY,
	CTPM_CHECK_TCB,
	CTPM_CHECK_IDENTITY,
	CTPM_CHECK_PCRS,
	CTPM_CHECKS
};

enum ctpm_status {
	CTPM_NOT_REACHED, /* it needs what another check refused */
	CTPM_HOLDS,
	CTPM_FAILS,
	CTPM_NOT_ASKED, /* neither challenge nor policy want it */
	CTPM_UNDECIDED	/* an error that says nothing about the evidence */
};

enum ctpm_verdict { CTPM_ACCEPTED, CTPM_REFUSED, CTPM_COULD_NOT_DECIDE };

/**
 * struct ctpm_finding - what came of a check
 * @status: whether it holds
 * @code: the library's error, if it does not
 * @text: what was expected and what was found
 */
struct ctpm_finding {
	enum ctpm_status status;
	enum ctpm_error code;
	char text[256];
};

#define CTPM_REQUEST_DIGEST_SIZE 32

/**
 * struct ctpm_result - what came of all of them
 * @verdict: accepted only if every check holds that was asked for
 * @check: by enum ctpm_check
 * @mode: of the TPM
 * @report: zeros if it is malformed
 * @product: if CTPM_CHECK_REPORT holds
 * @vouched: CTPM_CHECK_REPORT holds by the Owner CA's word, not by AMD's signature
 * @boot: what the report event says
 * @ak_name: the AK's Name
 * @ak_name_len: bytes of it
 * @ek_name: that of the manifest's EK, if CTPM_CHECK_EK was made
 * @ek_name_len: bytes of it
 * @pcrs: what was quoted
 * @request: SHA-256 of the request for enrolment; zeros for evidence
 */
struct ctpm_result {
	enum ctpm_verdict verdict;
	struct ctpm_finding check[CTPM_CHECKS];
	enum ctpm_mode mode;
	struct ctpm_report report;
	enum ctpm_product product;
	bool vouched;
	struct ctpm_boot_event boot;
	uint8_t ak_name[66];
	size_t ak_name_len;
	uint8_t ek_name[66];
	size_t ek_name_len;
	struct ctpm_pcrs pcrs;
	uint8_t request[CTPM_REQUEST_DIGEST_SIZE];
};

/**
 * ctpm_check_name() - a check's name in the protocol
 * @check: a check
 *
 * Return: such as "ak-certificate", never NULL.
 */
CTPM_API const char *ctpm_check_name(enum ctpm_check check);

/**
 * ctpm_status_name() - a status in words
 * @status: a status
 *
 * Return: such as "not reached", never NULL.
 */
CTPM_API const char *ctpm_status_name(enum ctpm_status status);

/* Whom a verifier trusts, and what it has verified already */
struct ctpm_verifier;

/**
 * ctpm_verifier_new() - a verifier
 * @amd: AMD's own roots are trusted
 *
 * Give it what it is to know, then verify, from any number of threads.
 *
 * Return: the verifier, or NULL without memory.
 */
CTPM_API struct ctpm_verifier *ctpm_verifier_new(bool amd);
CTPM_API void ctpm_verifier_free(struct ctpm_verifier *verifier);

/*
 * Trust another root of SNP (an ARK); take certificates or lists that evidence may lack
 * (ASK, VCEK, AMD's CRL); trust an issuer of EK certificates, a TPM's maker, or take its CRL;
 * trust an Owner CA, or take its CRL, which counts for EKs that it has certified, too. PEM or DER.
 *
 * Return: CTPM_OK, CTPM_ERR_CERT_FORM, CTPM_ERR_ARGUMENT if there are too many,
 * CTPM_ERR_MEMORY.
 */
CTPM_API enum ctpm_error ctpm_verifier_add_root(struct ctpm_verifier *verifier, const void *data,
						size_t len, struct ctpm_why *why);
CTPM_API enum ctpm_error ctpm_verifier_add_certs(struct ctpm_verifier *verifier, const void *data,
						 size_t len, struct ctpm_why *why);
CTPM_API enum ctpm_error ctpm_verifier_add_ek_root(struct ctpm_verifier *verifier, const void *data,
						   size_t len, struct ctpm_why *why);
CTPM_API enum ctpm_error ctpm_verifier_add_ca(struct ctpm_verifier *verifier, const void *data,
					      size_t len, struct ctpm_why *why);

/* Every finding gets its text, not only those that fail */
#define CTPM_VERIFY_EXPLAIN 1u

/**
 * ctpm_verify() - appraise evidence
 * @verifier: whom to trust
 * @policy: what to accept
 * @challenge: encoded, as it was sent
 * @evidence: encoded, as it came
 * @time: seconds since 1970 at which certificates must be valid
 * @flags: CTPM_VERIFY_*
 * @result: filled in
 *
 * Return: the verdict.
 */
CTPM_API enum ctpm_verdict ctpm_verify(struct ctpm_verifier *verifier,
				       const struct ctpm_policy *policy,
				       struct ctpm_bytes challenge, struct ctpm_bytes evidence,
				       int64_t time, unsigned int flags,
				       struct ctpm_result *result);

/**
 * ctpm_verify_request() - appraise a request for enrolment
 * @verifier: whom to trust
 * @policy: what to accept
 * @request: encoded, as it came
 * @time: seconds since 1970
 * @flags: CTPM_VERIFY_*
 * @result: filled in; checks of the quote are CTPM_NOT_ASKED
 *
 * Return: the verdict.
 */
CTPM_API enum ctpm_verdict ctpm_verify_request(struct ctpm_verifier *verifier,
					       const struct ctpm_policy *policy,
					       struct ctpm_bytes request, int64_t time,
					       unsigned int flags, struct ctpm_result *result);

/**
 * ctpm_verify_ak_cert() - is this the certificate of an AK?
 * @verifier: with the Owner CAs that are trusted
 * @cert: DER
 * @ak: TPMT_PUBLIC
 * @ek: TPMT_PUBLIC, of the EK that the AK is beside
 * @time: seconds since 1970
 * @why: may be NULL
 *
 * For a guest, to whom anybody can send something that its TPM opens.
 *
 * Return: CTPM_OK, or what was refused.
 */
CTPM_API enum ctpm_error ctpm_verify_ak_cert(struct ctpm_verifier *verifier, struct ctpm_bytes cert,
					     struct ctpm_bytes ak, struct ctpm_bytes ek,
					     int64_t time, struct ctpm_why *why);

#ifdef __cplusplus
}
#endif

#endif
