/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Owner CA, which certifies AKs: Documentation/protocol.rst, "Enrolment"; and what a
 * guest does with its answer.
 */
#ifndef CTPM_CA_H
#define CTPM_CA_H

#include <ctpm/verify.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CTPM_SERIAL_SIZE     20 /* of certificates */
#define CTPM_CREDENTIAL_SIZE 32 /* what TPM2_MakeCredential hides */

/* An Owner CA's key and certificate; never changes, for any number of threads */
struct ctpm_ca;

/**
 * ctpm_ca_init() - make an Owner CA: an ECDSA key, and a certificate
 * @name: its common name, 1 to 64 characters
 * @curve: "P-384", which signs with SHA-384; "P-256", with SHA-256, costs verifiers less
 * @time: seconds since 1970, from when on it is valid
 * @days: for how long
 * @key: PEM (PKCS #8, not encrypted), to be wiped and given to free()
 * @cert: PEM, to be given to free()
 * @why: may be NULL
 *
 * Return: CTPM_OK, CTPM_ERR_ARGUMENT, CTPM_ERR_CRYPTO or CTPM_ERR_MEMORY.
 */
CTPM_API enum ctpm_error ctpm_ca_init(const char *name, const char *curve, int64_t time,
				      unsigned int days, char **key, char **cert,
				      struct ctpm_why *why);

/**
 * ctpm_ca_open() - an Owner CA from its files
 * @key: PEM
 * @cert: PEM
 * @ca: to be given to ctpm_ca_free(); NULL on failure
 * @why: may be NULL
 *
 * Return: CTPM_OK, CTPM_ERR_CERT_FORM, CTPM_ERR_ARGUMENT if they don't belong together,
 * CTPM_ERR_MEMORY.
 */
CTPM_API enum ctpm_error ctpm_ca_open(const char *key, const char *cert, struct ctpm_ca **ca,
				      struct ctpm_why *why);
CTPM_API void ctpm_ca_free(struct ctpm_ca *ca);

/**
 * ctpm_ca_answer() - answer a request that ctpm_verify_request() has accepted
 * @ca: the Owner CA
 * @request: encoded
 * @result: what ctpm_verify_request() made of it
 * @time: seconds since 1970, from when on the certificate is valid
 * @days: for how long
 * @reply: encoded, to be given to free()
 * @len: bytes of it
 * @serial: of the certificate
 * @why: may be NULL
 *
 * What is certified is the request's AK beside its EK, and that its report was verified.
 *
 * Return: CTPM_OK; CTPM_ERR_REFUSED if @result is of another request, or not accepted; or why else
 * it can't be answered.
 */
CTPM_API enum ctpm_error ctpm_ca_answer(const struct ctpm_ca *ca, struct ctpm_bytes request,
					const struct ctpm_result *result, int64_t time,
					unsigned int days, uint8_t **reply, size_t *len,
					uint8_t serial[CTPM_SERIAL_SIZE], struct ctpm_why *why);

/**
 * ctpm_ca_certify_ek() - a certificate for the EK of a request that was accepted
 * @ca: the Owner CA
 * @request: encoded
 * @time: seconds since 1970, from when on it is valid
 * @days: for how long
 * @cert: DER, to be given to free(); by the TCG's EK Credential Profile
 * @len: bytes of it
 * @serial: of the certificate
 * @why: may be NULL
 *
 * Return: as ctpm_ca_answer().
 */
CTPM_API enum ctpm_error ctpm_ca_certify_ek(const struct ctpm_ca *ca, struct ctpm_bytes request,
					    int64_t time, unsigned int days, uint8_t **cert,
					    size_t *len, uint8_t serial[CTPM_SERIAL_SIZE],
					    struct ctpm_why *why);

/**
 * ctpm_ca_crl() - a revocation list
 * @ca: the Owner CA
 * @serials: CTPM_SERIAL_SIZE bytes for each certificate that is revoked
 * @count: how many
 * @number: of this list, above that of all before
 * @time: seconds since 1970, from when on it is valid
 * @days: for how long
 * @crl: PEM, to be given to free()
 * @why: may be NULL
 *
 * Return: CTPM_OK, CTPM_ERR_ARGUMENT or CTPM_ERR_CRYPTO.
 */
CTPM_API enum ctpm_error ctpm_ca_crl(const struct ctpm_ca *ca, const uint8_t *serials, size_t count,
				     uint64_t number, int64_t time, unsigned int days, char **crl,
				     struct ctpm_why *why);

/**
 * ctpm_reply_open() - the AK's certificate, from the answer to a request
 * @reply: as ctpm_reply_decode() gives it
 * @key: what TPM2_ActivateCredential gave
 * @request: encoded, as it was sent
 * @cert: DER, to be given to free()
 * @len: bytes of it
 * @why: may be NULL
 *
 * Return: CTPM_OK; CTPM_ERR_REFUSED: not the answer to this request; CTPM_ERR_MEMORY.
 */
CTPM_API enum ctpm_error ctpm_reply_open(const struct ctpm_reply *reply,
					 const uint8_t key[CTPM_CREDENTIAL_SIZE],
					 struct ctpm_bytes request, uint8_t **cert, size_t *len,
					 struct ctpm_why *why);

#ifdef __cplusplus
}
#endif

#endif
