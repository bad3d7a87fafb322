// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuzz target: a public area, a quote, a manifest of mode bind; whatever of these it is. */
#include <openssl/ec.h>
#include <string.h>

#include "../../tools/libctpm/tpm.h"
#include "require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define AT_HOME (TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_RESTRICTED)

static void try_public(struct ctpm_bytes bytes, const TPMT_SIGNATURE *signature)
{
	struct ctpm_why why = { CTPM_OK, "" };
	enum ctpm_error error, ak, ek;
	struct tpm_name name, qualified;
	TPMT_PUBLIC public;
	EVP_PKEY *key;

	error = tpm_public(bytes, &public, "it", &why);
	REQUIRE(error == why.code && !error == !why.text[0]);
	if (error)
		return;
	if (tpm_name(bytes, public.nameAlg, &name))
		REQUIRE(tpm_name_is(&name, name.data, name.len) && name.len <= TPM_NAME_MAX &&
			tpm_endorsement_name(&name, &qualified) && qualified.len == name.len);
	ak = tpm_check_ak(&public, &why);
	ek = tpm_check_ek(&public, NULL);
	/* no key is both */
	REQUIRE(ak || ek);
	if (!ak || !ek)
		REQUIRE((public.objectAttributes & AT_HOME) == AT_HOME && name.len);
	key = tpm_key(&public);
	if (key && !ak)
		REQUIRE(!tpm_verify(key, &public, bytes, signature));
	EVP_PKEY_free(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctpm_bytes all = { data, size }, ek, ak, attest;
	struct ctpm_why why = { CTPM_OK, "" };
	TPMT_SIGNATURE signature;
	TPMS_ATTEST parsed;
	enum ctpm_error error = tpm_quote(all, &attest, &parsed, &signature, &why);

	REQUIRE(error == why.code && !error == !why.text[0]);
	if (!error)
		REQUIRE(attest.data == data + 2 && attest.len + 2 < size);
	/* also with a key whose quote this may be: what is signed is not a public area */
	try_public(all, &signature);
	if (!tpm_bind_manifest(all, &ek, &ak, NULL)) {
		REQUIRE(ek.len + ak.len + 4 == size);
		try_public(ek, &signature);
		try_public(ak, &signature);
	}
	return 0;
}
