// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzz target: each message of the protocol. There is one encoding of each: what was decoded
 * encodes to the same bytes.
 */
#include <ctpm/evidence.h>
#include <string.h>

#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(enum ctpm_error error, uint8_t *out, size_t len, const uint8_t *data, size_t size)
{
	bool ok = !error && len == size && !memcmp(out, data, size);

	free(out);
	return ok;
}

#define TRY(message, type)                                                                         \
	static enum ctpm_error try_##message(const uint8_t *data, size_t size, type *message)      \
	{                                                                                          \
		static const type zeros;                                                           \
		struct ctpm_why why = { CTPM_OK, "" };                                             \
		enum ctpm_error error = ctpm_##message##_decode(data, size, message, &why);        \
		uint8_t *out = NULL;                                                               \
		size_t len = 0;                                                                    \
                                                                                                   \
		REQUIRE(error == why.code && !error == !why.text[0]);                              \
		REQUIRE(!error || error == CTPM_ERR_FORM);                                         \
		if (error)                                                                         \
			REQUIRE(!memcmp(message, &zeros, sizeof(zeros)));                          \
		else                                                                               \
			REQUIRE(same(ctpm_##message##_encode(message, &out, &len, NULL), out, len, \
				     data, size));                                                 \
		return error;                                                                      \
	}

TRY(challenge, struct ctpm_challenge)
TRY(claims, struct ctpm_claims)
TRY(request, struct ctpm_claims)
TRY(reply, struct ctpm_reply)
TRY(evidence, struct ctpm_evidence)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctpm_challenge challenge;
	struct ctpm_evidence evidence;
	struct ctpm_claims claims;
	struct ctpm_reply reply;
	int is = 0;

	is += !try_challenge(data, size, &challenge);
	is += !try_claims(data, size, &claims);
	is += !try_request(data, size, &claims);
	is += !try_reply(data, size, &reply);
	is += !try_evidence(data, size, &evidence);
	/* what it says is no message of another kind */
	REQUIRE(is <= 1);
	if (evidence.claims.len)
		try_claims(evidence.claims.data, evidence.claims.len, &claims);
	return 0;
}
