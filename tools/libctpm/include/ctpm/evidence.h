/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages of composite attestation and of enrolment: Documentation/protocol.rst,
 * "Messages". Nothing of what they say is verified here.
 *
 * Decoded messages point into the bytes that they were decoded from.
 */
#ifndef CTPM_EVIDENCE_H
#define CTPM_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ctpm/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CTPM_EVIDENCE_SIZE_MAX 262144
#define CTPM_NONCE_SIZE_MIN    16 /* of a challenge */
#define CTPM_NONCE_SIZE_MAX    64
#define CTPM_AUD_LEN_MAX       255
#define CTPM_EK_CERTS_MAX      4
#define CTPM_PCRS	       24
#define CTPM_DIGEST_MAX	       64

/* TPM_ALG_ID of the banks that evidence may be of */
#define CTPM_BANK_SHA256 0x000b
#define CTPM_BANK_SHA384 0x000c
#define CTPM_BANK_SHA512 0x000d

/**
 * struct ctpm_bytes - bytes of somebody else's
 * @data: may be NULL if there are none
 * @len: how many
 */
struct ctpm_bytes {
	const uint8_t *data;
	size_t len;
};

enum ctpm_mode {
	CTPM_MODE_SVSM, /* the TPM is in the SVSM */
	CTPM_MODE_BIND, /* outside, and bound from the initramfs */
	CTPM_MODES
};

/**
 * struct ctpm_pcrs - PCR values
 * @bank: CTPM_BANK_*
 * @mask: bit N: PCR N is there
 * @value: of ctpm_bank_size() bytes each
 */
struct ctpm_pcrs {
	uint16_t bank;
	uint32_t mask;
	uint8_t value[CTPM_PCRS][CTPM_DIGEST_MAX];
};

/**
 * struct ctpm_challenge - what a verifier asks
 * @nonce: CTPM_NONCE_SIZE_MIN to _MAX bytes
 * @aud: the verifier's name, printable ASCII without spaces; empty: none
 * @want_fresh: with a report made for this challenge
 * @want_bank: 0: which PCRs is left to the guest
 * @want_pcrs: mask
 */
struct ctpm_challenge {
	struct ctpm_bytes nonce;
	struct ctpm_bytes aud;
	bool want_fresh;
	uint16_t want_bank;
	uint32_t want_pcrs;
};

/**
 * struct ctpm_claims - what a guest says of itself
 * @nonce: the challenge's; in a request, 32 bytes of the guest's own
 * @aud: the challenge's; empty: none
 * @mode: where the TPM is
 * @report: of the boot
 * @manifest: what the report is over
 * @certs: certificate table (AMD 56421); empty: none
 * @log: crypto-agile log of the binding
 * @ak: TPMT_PUBLIC
 * @ak_cert: by the Owner CA, DER; empty: none
 * @ek_cert: of the TPM's maker or provider, DER
 * @ek_certs: how many
 * @fresh: report for this challenge; empty: none
 * @pcrs: values that are quoted
 *
 * In a request @aud, @ak_cert, @fresh and @pcrs are empty.
 */
struct ctpm_claims {
	struct ctpm_bytes nonce;
	struct ctpm_bytes aud;
	enum ctpm_mode mode;
	struct ctpm_bytes report;
	struct ctpm_bytes manifest;
	struct ctpm_bytes certs;
	struct ctpm_bytes log;
	struct ctpm_bytes ak;
	struct ctpm_bytes ak_cert;
	struct ctpm_bytes ek_cert[CTPM_EK_CERTS_MAX];
	size_t ek_certs;
	struct ctpm_bytes fresh;
	struct ctpm_pcrs pcrs;
};

/**
 * struct ctpm_evidence - claims, and the quote that signs them
 * @quote: TPM2B_ATTEST || TPMT_SIGNATURE, as TPM2_Quote returns them
 * @claims: encoded
 */
struct ctpm_evidence {
	struct ctpm_bytes quote;
	struct ctpm_bytes claims;
};

/**
 * struct ctpm_reply - an Owner CA's answer to a request
 * @credential: TPM2B_ID_OBJECT
 * @secret: TPM2B_ENCRYPTED_SECRET
 * @sealed: AK certificate under AES-256-GCM, and its tag
 */
struct ctpm_reply {
	struct ctpm_bytes credential;
	struct ctpm_bytes secret;
	struct ctpm_bytes sealed;
};

/*
 * Decoders. @data is @len bytes from anywhere; the result points into it and is zeros on
 * failure; @why may be NULL.
 *
 * Return: CTPM_OK, or CTPM_ERR_FORM: not this message in deterministic CBOR, or a
 * value that it can't have.
 */
CTPM_API enum ctpm_error ctpm_challenge_decode(const void *data, size_t len,
					       struct ctpm_challenge *challenge,
					       struct ctpm_why *why);
CTPM_API enum ctpm_error ctpm_evidence_decode(const void *data, size_t len,
					      struct ctpm_evidence *evidence, struct ctpm_why *why);
CTPM_API enum ctpm_error ctpm_claims_decode(const void *data, size_t len,
					    struct ctpm_claims *claims, struct ctpm_why *why);
CTPM_API enum ctpm_error ctpm_request_decode(const void *data, size_t len,
					     struct ctpm_claims *request, struct ctpm_why *why);
CTPM_API enum ctpm_error ctpm_reply_decode(const void *data, size_t len, struct ctpm_reply *reply,
					   struct ctpm_why *why);

/*
 * Encoders. What comes out is in *@out, *@len bytes, to be given to free().
 *
 * Return: CTPM_OK, CTPM_ERR_MEMORY, or CTPM_ERR_ARGUMENT if the decoder would refuse it.
 */
CTPM_API enum ctpm_error ctpm_challenge_encode(const struct ctpm_challenge *challenge,
					       uint8_t **out, size_t *len, struct ctpm_why *why);
CTPM_API enum ctpm_error ctpm_evidence_encode(const struct ctpm_evidence *evidence, uint8_t **out,
					      size_t *len, struct ctpm_why *why);
CTPM_API enum ctpm_error ctpm_claims_encode(const struct ctpm_claims *claims, uint8_t **out,
					    size_t *len, struct ctpm_why *why);
CTPM_API enum ctpm_error ctpm_request_encode(const struct ctpm_claims *request, uint8_t **out,
					     size_t *len, struct ctpm_why *why);
CTPM_API enum ctpm_error ctpm_reply_encode(const struct ctpm_reply *reply, uint8_t **out,
					   size_t *len, struct ctpm_why *why);

/*
 * What TPM2_Quote has as qualifyingData, and a fresh report's nonce. @challenge
 * is the encoded challenge, @name the AK's Name.
 *
 * Return: CTPM_OK or CTPM_ERR_CRYPTO.
 */
#define CTPM_QUALIFYING_DATA_SIZE 32
#define CTPM_REPORT_NONCE_SIZE	  64
CTPM_API enum ctpm_error ctpm_qualifying_data(struct ctpm_bytes challenge, struct ctpm_bytes report,
					      struct ctpm_bytes claims,
					      uint8_t data[CTPM_QUALIFYING_DATA_SIZE]);
CTPM_API enum ctpm_error ctpm_fresh_nonce(struct ctpm_bytes challenge, struct ctpm_bytes name,
					  uint8_t nonce[CTPM_REPORT_NONCE_SIZE]);

/**
 * ctpm_report_data() - what a report over a manifest has as REPORT_DATA (58019, chapter 7)
 * @nonce: of the boot or fresh
 * @manifest: the vTPM's
 * @data: SHA-512 of both; may be @nonce
 *
 * Return: CTPM_OK or CTPM_ERR_CRYPTO.
 */
CTPM_API enum ctpm_error ctpm_report_data(const uint8_t nonce[CTPM_REPORT_NONCE_SIZE],
					  struct ctpm_bytes manifest, uint8_t data[64]);

/**
 * ctpm_pcrs_digest() - the pcrDigest of a quote of these values
 * @pcrs: PCR values
 * @hash: CTPM_BANK_*, the hash of the signature
 * @digest: filled in
 *
 * Return: its size, or 0 if libcrypto fails or @hash is another.
 */
CTPM_API size_t ctpm_pcrs_digest(const struct ctpm_pcrs *pcrs, uint16_t hash,
				 uint8_t digest[CTPM_DIGEST_MAX]);

/**
 * ctpm_bank_size() - bytes of a PCR
 * @bank: CTPM_BANK_*
 *
 * Return: 32, 48 or 64, or 0 for any other bank.
 */
CTPM_API size_t ctpm_bank_size(uint16_t bank);

/**
 * ctpm_bank_name() - a bank's name
 * @bank: CTPM_BANK_*
 *
 * Return: "sha256", "sha384", "sha512", or NULL for any other.
 */
CTPM_API const char *ctpm_bank_name(uint16_t bank);

/**
 * ctpm_mode_name() - a mode's name in messages and policies
 * @mode: a mode
 *
 * Return: "svsm" or "bind".
 */
CTPM_API const char *ctpm_mode_name(enum ctpm_mode mode);

#ifdef __cplusplus
}
#endif

#endif
