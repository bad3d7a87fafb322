// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

#include "../common/cursor.h"
#include "../libctpm/tpm.h"

#define DEFAULT_TCTI "device:/dev/tpmrm0"
#define QUOTE_MAX    4096
#define NV_MAX	     8192
#define NV_CHUNK     512

/* TPM2_PolicySecret(TPM_RH_ENDORSEMENT), the policy of default EKs (EK Credential Profile, B.3) */
static const uint8_t ek_policy[] = {
	0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc,
	0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52,
	0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa,
};

#define AT_HOME (TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN)
#define AK_ATTRIBUTES                                                                             \
	(AT_HOME | TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT | \
	 TPMA_OBJECT_NODA)

static const TPMT_PUBLIC ecc_ak = {
	.type = TPM2_ALG_ECC,
	.nameAlg = TPM2_ALG_SHA256,
	.objectAttributes = AK_ATTRIBUTES,
	.parameters.eccDetail = { .symmetric.algorithm = TPM2_ALG_NULL,
				  .scheme = { .scheme = TPM2_ALG_ECDSA,
					      .details.ecdsa.hashAlg = TPM2_ALG_SHA256 },
				  .curveID = TPM2_ECC_NIST_P256,
				  .kdf.scheme = TPM2_ALG_NULL },
};

static const TPMT_PUBLIC rsa_ak = {
	.type = TPM2_ALG_RSA,
	.nameAlg = TPM2_ALG_SHA256,
	.objectAttributes = AK_ATTRIBUTES,
	.parameters.rsaDetail = { .symmetric.algorithm = TPM2_ALG_NULL,
				  .scheme = { .scheme = TPM2_ALG_RSASSA,
					      .details.rsassa.hashAlg = TPM2_ALG_SHA256 },
				  .keyBits = 2048 },
};

/* The storage root key of the TCG's provisioning guidance, ECC */
static const TPMT_PUBLIC srk = {
	.type = TPM2_ALG_ECC,
	.nameAlg = TPM2_ALG_SHA256,
	.objectAttributes = AT_HOME | TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_RESTRICTED |
			    TPMA_OBJECT_DECRYPT | TPMA_OBJECT_NODA,
	.parameters.eccDetail = { .symmetric = { .algorithm = TPM2_ALG_AES,
						 .keyBits.aes = 128,
						 .mode.aes = TPM2_ALG_CFB },
				  .scheme.scheme = TPM2_ALG_NULL,
				  .curveID = TPM2_ECC_NIST_P256,
				  .kdf.scheme = TPM2_ALG_NULL },
};

/* EK Credential Profile, template L-1 */
static const TPMT_PUBLIC rsa_ek = {
	.type = TPM2_ALG_RSA,
	.nameAlg = TPM2_ALG_SHA256,
	.objectAttributes = AT_HOME | TPMA_OBJECT_ADMINWITHPOLICY | TPMA_OBJECT_RESTRICTED |
			    TPMA_OBJECT_DECRYPT,
	.parameters.rsaDetail = { .symmetric = { .algorithm = TPM2_ALG_AES,
						 .keyBits.aes = 128,
						 .mode.aes = TPM2_ALG_CFB },
				  .scheme.scheme = TPM2_ALG_NULL,
				  .keyBits = 2048 },
	.unique.rsa.size = 256,
};

bool tpm_failed(const char *command, TSS2_RC rc)
{
	if (!rc)
		return false;
	fail("%s: %s", command, Tss2_RC_Decode(rc));
	return true;
}

/*
 * Does the TPM not take what it was given? That is an error of a parameter (TCG, TPM 2.0 Library,
 * part 2, 6.6); a TPM that is full, fails, or wants a password says nothing about it.
 */
static bool refuses_parameter(TSS2_RC rc)
{
	return !(rc & TSS2_RC_LAYER_MASK) && rc & TPM2_RC_FMT1 && rc & TPM2_RC_P;
}

/* What went wrong, without which handle, session or parameter it is about */
static TSS2_RC reason(TSS2_RC rc)
{
	return rc & TPM2_RC_FMT1 ? rc & ~(TPM2_RC_N_MASK | TPM2_RC_P) : rc;
}

/* A TPM that the host has added can be the first: only what is below its driver is the SVSM's. */
static char *default_tcti(void)
{
	char *tcti = svsm_tpm_tcti();

	if (tcti)
		return tcti;
	if (svsm_tpm()) {
		fail("there is no device of the SVSM's TPM: is ctpm.ko loaded?");
		return NULL;
	}
	tcti = strdup(DEFAULT_TCTI);
	if (!tcti)
		fail("no memory");
	return tcti;
}

bool tpm_key_is(const struct tpm_key *key, const X509 *cert)
{
	EVP_PKEY *certified = X509_get0_pubkey(cert), *own = NULL;
	TPMT_PUBLIC public;
	bool same;

	if (!tpm_public(buffer_bytes(&key->public), &public, "the key", NULL))
		own = tpm_key(&public);
	same = own && certified && EVP_PKEY_eq(own, certified) == 1;
	EVP_PKEY_free(own);
	return same;
}

bool tpm_open(struct tpm *tpm, const char *tcti)
{
	char *found = NULL;
	bool ok;

	memset(tpm, 0, sizeof(*tpm));
	if (!tcti)
		tcti = found = default_tcti();
	if (!tcti)
		return false;
	/* tpm2-tss is talkative; what matters is said here */
	setenv("TSS2_LOG", "all+none", 0);
	ok = !Tss2_TctiLdr_Initialize(tcti, &tpm->tcti);
	if (!ok)
		fail("no TPM at %s: is ctpm.ko loaded, and are you root?", tcti);
	free(found);
	if (!ok)
		return false;
	if (tpm_failed("the TPM", Esys_Initialize(&tpm->esys, tpm->tcti, NULL))) {
		tpm_close(tpm);
		return false;
	}
	return true;
}

void tpm_close(struct tpm *tpm)
{
	if (tpm->esys)
		Esys_Finalize(&tpm->esys);
	if (tpm->tcti)
		Tss2_TctiLdr_Finalize(&tpm->tcti);
}

/* Everything a key is asked for later, from what the TPM gave */
static bool fill_key(struct tpm *tpm, const TPMT_PUBLIC *public, struct tpm_key *key)
{
	TPM2B_NAME *name = NULL;
	uint8_t bytes[sizeof(TPMT_PUBLIC)];
	size_t len = 0;

	if (tpm_failed("the key's name", Esys_TR_GetName(tpm->esys, key->handle, &name)))
		return false;
	key->name.data = malloc(name->size);
	if (key->name.data) {
		memcpy(key->name.data, name->name, name->size);
		key->name.len = name->size;
	}
	Esys_Free(name);
	if (!key->name.data || Tss2_MU_TPMT_PUBLIC_Marshal(public, bytes, sizeof(bytes), &len)) {
		fail("no memory for a key");
		return false;
	}
	key->public.data = malloc(len);
	if (!key->public.data) {
		fail("no memory for a key");
		return false;
	}
	memcpy(key->public.data, bytes, len);
	key->public.len = len;
	return true;
}

static bool create_primary(struct tpm *tpm, ESYS_TR hierarchy, const TPMT_PUBLIC *template,
			   struct tpm_key *key)
{
	const TPM2B_SENSITIVE_CREATE sensitive = { 0 };
	const TPM2B_PUBLIC public = { .publicArea = *template };
	const TPML_PCR_SELECTION no_pcrs = { 0 };
	const TPM2B_DATA no_data = { 0 };
	TPM2B_PUBLIC *made = NULL;
	bool ok;

	*key = (struct tpm_key){ .handle = ESYS_TR_NONE };
	if (tpm_failed("TPM2_CreatePrimary",
		       Esys_CreatePrimary(tpm->esys, hierarchy, ESYS_TR_PASSWORD, ESYS_TR_NONE,
					  ESYS_TR_NONE, &sensitive, &public, &no_data, &no_pcrs,
					  &key->handle, &made, NULL, NULL, NULL)))
		return false;
	ok = fill_key(tpm, &made->publicArea, key);
	Esys_Free(made);
	if (!ok)
		tpm_key_close(tpm, key);
	return ok;
}

void tpm_key_close(struct tpm *tpm, struct tpm_key *key)
{
	if (key->handle != ESYS_TR_NONE) {
		if (key->persistent)
			Esys_TR_Close(tpm->esys, &key->handle);
		else
			Esys_FlushContext(tpm->esys, key->handle);
	}
	buffer_free(&key->public);
	buffer_free(&key->name);
	key->handle = ESYS_TR_NONE;
}

bool tpm_ak_make(struct tpm *tpm, const char *alg, struct tpm_key *ak)
{
	return create_primary(tpm, ESYS_TR_RH_ENDORSEMENT, strcmp(alg, "rsa") ? &ecc_ak : &rsa_ak,
			      ak);
}

/* Is a handle in use? */
static bool handle_exists(struct tpm *tpm, TPM2_HANDLE handle, bool *exists)
{
	TPMS_CAPABILITY_DATA *data = NULL;
	TPMI_YES_NO more;

	if (tpm_failed("TPM2_GetCapability",
		       Esys_GetCapability(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
					  TPM2_CAP_HANDLES, handle, 1, &more, &data)))
		return false;
	*exists = data->data.handles.count && data->data.handles.handle[0] == handle;
	Esys_Free(data);
	return true;
}

static bool open_persistent(struct tpm *tpm, TPM2_HANDLE handle, struct tpm_key *key)
{
	TPM2B_PUBLIC *public = NULL;
	bool ok;

	*key = (struct tpm_key){ .handle = ESYS_TR_NONE, .persistent = true };
	if (tpm_failed("the persistent key",
		       Esys_TR_FromTPMPublic(tpm->esys, handle, ESYS_TR_NONE, ESYS_TR_NONE,
					     ESYS_TR_NONE, &key->handle)) ||
	    tpm_failed("TPM2_ReadPublic",
		       Esys_ReadPublic(tpm->esys, key->handle, ESYS_TR_NONE, ESYS_TR_NONE,
				       ESYS_TR_NONE, &public, NULL, NULL))) {
		tpm_key_close(tpm, key);
		return false;
	}
	ok = fill_key(tpm, &public->publicArea, key);
	Esys_Free(public);
	if (!ok)
		tpm_key_close(tpm, key);
	return ok;
}

bool tpm_ak_open(struct tpm *tpm, struct tpm_key *ak)
{
	bool exists;

	if (!handle_exists(tpm, AK_HANDLE, &exists))
		return false;
	return exists ? open_persistent(tpm, AK_HANDLE, ak) : tpm_ak_make(tpm, "ecc", ak);
}

static bool evict(struct tpm *tpm, ESYS_TR object)
{
	ESYS_TR kept = ESYS_TR_NONE;

	if (tpm_failed("TPM2_EvictControl",
		       Esys_EvictControl(tpm->esys, ESYS_TR_RH_OWNER, object, ESYS_TR_PASSWORD,
					 ESYS_TR_NONE, ESYS_TR_NONE, AK_HANDLE, &kept)))
		return false;
	if (kept != ESYS_TR_NONE)
		Esys_TR_Close(tpm->esys, &kept);
	return true;
}

bool tpm_ak_keep(struct tpm *tpm, const struct tpm_key *ak)
{
	struct tpm_key old;
	bool exists, ok;

	if (!handle_exists(tpm, AK_HANDLE, &exists))
		return false;
	if (exists) {
		if (!open_persistent(tpm, AK_HANDLE, &old))
			return false;
		ok = evict(tpm, old.handle);
		if (ok)
			old.handle = ESYS_TR_NONE; /* gone, with what tpm2-tss knew of it */
		tpm_key_close(tpm, &old);
		if (!ok)
			return false;
	}
	return evict(tpm, ak->handle);
}

bool tpm_ek_default(struct tpm *tpm, struct tpm_key *ek)
{
	TPMT_PUBLIC template = rsa_ek;

	template.authPolicy.size = sizeof(ek_policy);
	memcpy(template.authPolicy.buffer, ek_policy, sizeof(ek_policy));
	return create_primary(tpm, ESYS_TR_RH_ENDORSEMENT, &template, ek);
}

bool tpm_ek_open(struct tpm *tpm, struct ctpm_bytes public, struct tpm_key *ek)
{
	TPMT_PUBLIC template;
	size_t offset = 0;

	if (Tss2_MU_TPMT_PUBLIC_Unmarshal(public.data, public.len, &offset, &template) ||
	    offset != public.len) {
		fail("the manifest holds no EK");
		return false;
	}
	/* the templates have zeros there, as many as the key has bytes (EK Credential Profile, B.3) */
	memset(template.unique.rsa.buffer, 0, sizeof(template.unique.rsa.buffer));
	if (template.type == TPM2_ALG_ECC) {
		memset(template.unique.ecc.x.buffer, 0, sizeof(template.unique.ecc.x.buffer));
		memset(template.unique.ecc.y.buffer, 0, sizeof(template.unique.ecc.y.buffer));
	}
	if (!create_primary(tpm, ESYS_TR_RH_ENDORSEMENT, &template, ek))
		return false;
	if (ek->public.len == public.len && !memcmp(ek->public.data, public.data, public.len))
		return true;
	fail("the EK in the manifest is not this TPM's: the report is not about this TPM");
	tpm_key_close(tpm, ek);
	return false;
}

static TPML_PCR_SELECTION selection(uint16_t bank, uint32_t mask)
{
	TPML_PCR_SELECTION s = { .count = 1 };

	s.pcrSelections[0].hash = bank;
	s.pcrSelections[0].sizeofSelect = 3;
	for (int i = 0; i < 3; i++)
		s.pcrSelections[0].pcrSelect[i] = (BYTE)(mask >> (8 * i));
	return s;
}

static uint32_t selected(const TPML_PCR_SELECTION *s)
{
	uint32_t mask = 0;

	for (int i = 0; s->count && i < s->pcrSelections[0].sizeofSelect && i < 3; i++)
		mask |= (uint32_t)s->pcrSelections[0].pcrSelect[i] << (8 * i);
	return mask;
}

/* A TPM gives as many at a time as it likes */
bool tpm_pcrs(struct tpm *tpm, uint16_t bank, uint32_t mask, struct ctpm_pcrs *pcrs)
{
	size_t size = ctpm_bank_size(bank);

	memset(pcrs, 0, sizeof(*pcrs));
	pcrs->bank = bank;
	while (pcrs->mask != mask) {
		TPML_PCR_SELECTION wanted = selection(bank, mask & ~pcrs->mask);
		TPML_PCR_SELECTION *got = NULL;
		TPML_DIGEST *values = NULL;
		uint32_t there, at = 0;

		if (tpm_failed("TPM2_PCR_Read",
			       Esys_PCR_Read(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
					     &wanted, NULL, &got, &values)))
			return false;
		there = selected(got) & mask & ~pcrs->mask;
		for (int i = 0; i < CTPM_PCRS; i++) {
			if (!(there >> i & 1) || at >= values->count ||
			    values->digests[at].size != size)
				continue;
			memcpy(pcrs->value[i], values->digests[at++].buffer, size);
			pcrs->mask |= 1u << i;
		}
		Esys_Free(got);
		Esys_Free(values);
		if (!at) {
			fail("the TPM has no PCRs in its %s bank, or not all that are asked for",
			     ctpm_bank_name(bank));
			return false;
		}
	}
	return true;
}

/* Do the PCRs that were signed have values of this digest? */
static bool still(const TPM2B_ATTEST *quoted, const uint8_t *digest, size_t len)
{
	TPMS_ATTEST attest;
	size_t offset = 0;

	return !Tss2_MU_TPMS_ATTEST_Unmarshal(quoted->attestationData, quoted->size, &offset,
					      &attest) &&
	       attest.attested.quote.pcrDigest.size == len &&
	       !memcmp(attest.attested.quote.pcrDigest.buffer, digest, len);
}

bool tpm_quote_pcrs(struct tpm *tpm, const struct tpm_key *ak, const struct ctpm_pcrs *pcrs,
		    const uint8_t qualifying[CTPM_QUALIFYING_DATA_SIZE], struct buffer *quote,
		    bool *changed)
{
	const TPMT_SIG_SCHEME scheme = { .scheme = TPM2_ALG_NULL };
	const TPML_PCR_SELECTION select = selection(pcrs->bank, pcrs->mask);
	TPM2B_DATA data = { .size = CTPM_QUALIFYING_DATA_SIZE };
	TPMT_SIGNATURE *signature = NULL;
	TPM2B_ATTEST *quoted = NULL;
	uint8_t bytes[QUOTE_MAX], digest[CTPM_DIGEST_MAX];
	size_t len = 0, digest_len;
	bool ok;

	memcpy(data.buffer, qualifying, CTPM_QUALIFYING_DATA_SIZE);
	if (tpm_failed("TPM2_Quote",
		       Esys_Quote(tpm->esys, ak->handle, ESYS_TR_PASSWORD, ESYS_TR_NONE,
				  ESYS_TR_NONE, &data, &scheme, &select, &quoted, &signature)))
		return false;
	/* each of the protocol's signatures has its hash there */
	digest_len = ctpm_pcrs_digest(pcrs, signature->signature.any.hashAlg, digest);
	*changed = !still(quoted, digest, digest_len);
	ok = !Tss2_MU_TPM2B_ATTEST_Marshal(quoted, bytes, sizeof(bytes), &len) &&
	     !Tss2_MU_TPMT_SIGNATURE_Marshal(signature, bytes, sizeof(bytes), &len);
	Esys_Free(quoted);
	Esys_Free(signature);
	if (!digest_len) {
		fail("the AK signs with another hash than SHA-256, SHA-384 or SHA-512, which no "
		     "verifier takes; \"ctpm ak create\" makes another AK");
		return false;
	}
	*quote = (struct buffer){ ok ? malloc(len) : NULL, len };
	if (!quote->data) {
		fail("the quote cannot be kept");
		return false;
	}
	memcpy(quote->data, bytes, len);
	return true;
}

static bool start_session(struct tpm *tpm, ESYS_TR *session)
{
	const TPMT_SYM_DEF none = { .algorithm = TPM2_ALG_NULL };

	return !tpm_failed("TPM2_StartAuthSession",
			   Esys_StartAuthSession(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE,
						 ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, NULL,
						 TPM2_SE_POLICY, &none, TPM2_ALG_SHA256, session));
}

static bool policy_secret(struct tpm *tpm, ESYS_TR session)
{
	return !tpm_failed("TPM2_PolicySecret",
			   Esys_PolicySecret(tpm->esys, ESYS_TR_RH_ENDORSEMENT, session,
					     ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, NULL,
					     NULL, NULL, 0, NULL, NULL));
}

bool tpm_activate(struct tpm *tpm, const struct tpm_key *ak, const struct tpm_key *ek,
		  struct ctpm_bytes id_object, struct ctpm_bytes secret, uint8_t out[64],
		  size_t *len, bool *refused)
{
	TPM2B_DIGEST *credential = NULL;
	TPM2B_ID_OBJECT id = { 0 };
	TPM2B_ENCRYPTED_SECRET encrypted = { 0 };
	ESYS_TR session;
	TSS2_RC rc;

	*refused = false;
	/* both come with their sizes removed */
	if (id_object.len > sizeof(id.credential) || secret.len > sizeof(encrypted.secret)) {
		fail("the credential is too large for a TPM");
		return false;
	}
	id.size = (UINT16)id_object.len;
	memcpy(id.credential, id_object.data, id_object.len);
	encrypted.size = (UINT16)secret.len;
	memcpy(encrypted.secret, secret.data, secret.len);
	if (!start_session(tpm, &session))
		return false;
	if (!policy_secret(tpm, session)) {
		Esys_FlushContext(tpm->esys, session);
		return false;
	}
	rc = Esys_ActivateCredential(tpm->esys, ak->handle, ek->handle, ESYS_TR_PASSWORD, session,
				     ESYS_TR_NONE, &id, &encrypted, &credential);
	Esys_FlushContext(tpm->esys, session);
	*refused = refuses_parameter(rc);
	if (tpm_failed(*refused ? "TPM2_ActivateCredential: the answer is not for this TPM and AK"
				: "TPM2_ActivateCredential",
		       rc))
		return false;
	*len = credential->size;
	memcpy(out, credential->buffer, credential->size);
	OPENSSL_cleanse(credential, sizeof(*credential));
	Esys_Free(credential);
	return true;
}

bool tpm_random(struct tpm *tpm, uint8_t *out, size_t len)
{
	while (len) {
		TPM2B_DIGEST *some = NULL;
		size_t n;

		if (tpm_failed("TPM2_GetRandom",
			       Esys_GetRandom(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
					      (UINT16)(len > 32 ? 32 : len), &some)))
			return false;
		n = some->size < len ? some->size : len;
		memcpy(out, some->buffer, n);
		Esys_Free(some);
		if (!n) {
			fail("the TPM gives no random numbers");
			return false;
		}
		out += n;
		len -= n;
	}
	return true;
}

bool tpm_counts(struct tpm *tpm, uint32_t *reset, uint32_t *restart)
{
	TPMS_TIME_INFO *info = NULL;

	if (tpm_failed("TPM2_ReadClock",
		       Esys_ReadClock(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &info)))
		return false;
	*reset = info->clockInfo.resetCount;
	*restart = info->clockInfo.restartCount;
	Esys_Free(info);
	return true;
}

bool tpm_banks(struct tpm *tpm, uint16_t *banks, size_t max, size_t *count)
{
	TPMS_CAPABILITY_DATA *data = NULL;
	const TPML_PCR_SELECTION *s;
	TPMI_YES_NO more;
	bool ok = true;

	*count = 0;
	if (tpm_failed("TPM2_GetCapability",
		       Esys_GetCapability(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
					  TPM2_CAP_PCRS, 0, 1, &more, &data)))
		return false;
	s = &data->data.assignedPCR;
	for (UINT32 i = 0; ok && i < s->count; i++) {
		BYTE any = 0;

		for (int k = 0; k < s->pcrSelections[i].sizeofSelect && k < 4; k++)
			any |= s->pcrSelections[i].pcrSelect[k];
		if (!any)
			continue;
		ok = *count < max;
		if (ok)
			banks[(*count)++] = s->pcrSelections[i].hash;
		else
			fail("the TPM has more than %zu PCR banks", max);
	}
	Esys_Free(data);
	return ok;
}

bool tpm_extend(struct tpm *tpm, uint32_t pcr, const TPML_DIGEST_VALUES *digests)
{
	return !tpm_failed("TPM2_PCR_Extend",
			   Esys_PCR_Extend(tpm->esys, ESYS_TR_PCR0 + pcr, ESYS_TR_PASSWORD,
					   ESYS_TR_NONE, ESYS_TR_NONE, digests));
}

bool tpm_event(struct tpm *tpm, uint32_t pcr, struct ctpm_bytes event)
{
	TPM2B_EVENT data = { .size = (UINT16)event.len };

	if (event.len > sizeof(data.buffer)) {
		fail("%zu bytes are more than a TPM takes for an event", event.len);
		return false;
	}
	memcpy(data.buffer, event.data, event.len);
	return !tpm_failed("TPM2_PCR_Event",
			   Esys_PCR_Event(tpm->esys, ESYS_TR_PCR0 + pcr, ESYS_TR_PASSWORD,
					  ESYS_TR_NONE, ESYS_TR_NONE, &data, NULL));
}

/*
 * NV
 */

static bool nv_open(struct tpm *tpm, uint32_t index, ESYS_TR *nv, TPMS_NV_PUBLIC *public)
{
	TPM2B_NV_PUBLIC *read = NULL;

	if (tpm_failed("the NV index", Esys_TR_FromTPMPublic(tpm->esys, index, ESYS_TR_NONE,
							     ESYS_TR_NONE, ESYS_TR_NONE, nv)))
		return false;
	if (tpm_failed("TPM2_NV_ReadPublic",
		       Esys_NV_ReadPublic(tpm->esys, *nv, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
					  &read, NULL))) {
		Esys_TR_Close(tpm->esys, nv);
		return false;
	}
	*public = read->nvPublic;
	Esys_Free(read);
	return true;
}

/* Was the index never written, or may not everybody read it? */
static bool nothing_to_read(TSS2_RC rc)
{
	rc = reason(rc);
	return rc == TPM2_RC_NV_UNINITIALIZED || rc == TPM2_RC_NV_AUTHORIZATION ||
	       rc == TPM2_RC_AUTH_UNAVAILABLE || rc == TPM2_RC_BAD_AUTH || rc == TPM2_RC_AUTH_FAIL;
}

bool tpm_nv_read(struct tpm *tpm, uint32_t index, struct buffer *out)
{
	TPMS_NV_PUBLIC public;
	bool exists, ok = true;
	ESYS_TR nv;

	*out = (struct buffer){ NULL, 0 };
	if (!handle_exists(tpm, index, &exists))
		return false;
	if (!exists)
		return true;
	if (!nv_open(tpm, index, &nv, &public))
		return false;
	out->data = malloc(NV_MAX);
	while (ok && out->data && out->len < public.dataSize && out->len < NV_MAX) {
		size_t left = public.dataSize - out->len;
		TPM2B_MAX_NV_BUFFER *some = NULL;
		TSS2_RC rc = Esys_NV_Read(tpm->esys, nv, nv, ESYS_TR_PASSWORD, ESYS_TR_NONE,
					  ESYS_TR_NONE, (UINT16)(left < NV_CHUNK ? left : NV_CHUNK),
					  (UINT16)out->len, &some);

		if (nothing_to_read(rc)) {
			fail("NV index %#010x cannot be read, and is left out: %s", index,
			     Tss2_RC_Decode(rc));
			buffer_free(out);
			break;
		}
		ok = !tpm_failed("TPM2_NV_Read", rc);
		if (!ok)
			break;
		ok = some->size && some->size <= left;
		if (ok)
			memcpy(out->data + out->len, some->buffer, some->size);
		else
			fail("TPM2_NV_Read: %u bytes instead of up to %zu", some->size, left);
		out->len += ok ? some->size : 0;
		Esys_Free(some);
	}
	Esys_TR_Close(tpm->esys, &nv);
	if (!ok)
		buffer_free(out);
	return ok;
}

static bool nv_define(struct tpm *tpm, uint32_t index, size_t size)
{
	const TPM2B_AUTH none = { 0 };
	const TPM2B_NV_PUBLIC public = {
		.nvPublic = { .nvIndex = index,
			      .nameAlg = TPM2_ALG_SHA256,
			      .attributes = TPMA_NV_OWNERWRITE | TPMA_NV_OWNERREAD |
					    TPMA_NV_AUTHREAD | TPMA_NV_PPREAD | TPMA_NV_NO_DA,
			      .dataSize = (UINT16)size },
	};
	ESYS_TR nv;

	if (tpm_failed("TPM2_NV_DefineSpace",
		       Esys_NV_DefineSpace(tpm->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD,
					   ESYS_TR_NONE, ESYS_TR_NONE, &none, &public, &nv)))
		return false;
	Esys_TR_Close(tpm->esys, &nv);
	return true;
}

/* Defined anew, so that it is exactly as large as what it holds */
bool tpm_nv_write(struct tpm *tpm, uint32_t index, struct ctpm_bytes data)
{
	TPMS_NV_PUBLIC public;
	bool exists, ok = true;
	ESYS_TR nv;

	if (data.len > NV_MAX) {
		fail("%zu bytes are more than a TPM keeps", data.len);
		return false;
	}
	if (!handle_exists(tpm, index, &exists))
		return false;
	if (exists &&
	    (!nv_open(tpm, index, &nv, &public) ||
	     tpm_failed("TPM2_NV_UndefineSpace",
			Esys_NV_UndefineSpace(tpm->esys, ESYS_TR_RH_OWNER, nv, ESYS_TR_PASSWORD,
					      ESYS_TR_NONE, ESYS_TR_NONE))))
		return false;
	if (!nv_define(tpm, index, data.len) || !nv_open(tpm, index, &nv, &public))
		return false;
	for (size_t at = 0; ok && at < data.len;) {
		size_t left = data.len - at;
		TPM2B_MAX_NV_BUFFER some = { .size = (UINT16)(left < NV_CHUNK ? left : NV_CHUNK) };

		memcpy(some.buffer, data.data + at, some.size);
		ok = !tpm_failed("TPM2_NV_Write",
				 Esys_NV_Write(tpm->esys, ESYS_TR_RH_OWNER, nv, ESYS_TR_PASSWORD,
					       ESYS_TR_NONE, ESYS_TR_NONE, &some, (UINT16)at));
		at += some.size;
	}
	if (ok)
		Esys_TR_Close(tpm->esys, &nv);
	else /* half a certificate is none */
		Esys_NV_UndefineSpace(tpm->esys, ESYS_TR_RH_OWNER, nv, ESYS_TR_PASSWORD,
				      ESYS_TR_NONE, ESYS_TR_NONE);
	return ok;
}

/*
 * Sealing
 */

/*
 * What the policy of TPM2_PolicyPCR for these values is (TCG, TPM 2.0 Library, part 3, 23.7). A
 * TPM's own word would not do: it leaves out banks that it has not, and computes that of no PCRs.
 */
static bool pcr_policy(const struct ctpm_pcrs *pcrs, TPM2B_DIGEST *policy)
{
	const TPML_PCR_SELECTION select = selection(pcrs->bank, pcrs->mask);
	uint8_t bytes[CTPM_DIGEST_MAX + 64] = { 0 }; /* from the policy of zeros */
	size_t at = ctpm_bank_size(CTPM_BANK_SHA256), n;

	if (Tss2_MU_TPM2_CC_Marshal(TPM2_CC_PolicyPCR, bytes, sizeof(bytes), &at) ||
	    Tss2_MU_TPML_PCR_SELECTION_Marshal(&select, bytes, sizeof(bytes), &at))
		return false;
	n = ctpm_pcrs_digest(pcrs, CTPM_BANK_SHA256, bytes + at);
	if (!n)
		return false;
	policy->size = (UINT16)n;
	return EVP_Digest(bytes, at + n, policy->buffer, NULL, EVP_sha256(), NULL) == 1;
}

static bool create_sealed(struct tpm *tpm, const struct tpm_key *parent, const TPM2B_DIGEST *policy,
			  struct ctpm_bytes secret, struct buffer *object)
{
	const TPML_PCR_SELECTION no_pcrs = { 0 };
	const TPM2B_DATA no_data = { 0 };
	TPM2B_SENSITIVE_CREATE sensitive = { 0 };
	TPM2B_PUBLIC template = {
		.publicArea = { .type = TPM2_ALG_KEYEDHASH,
				.nameAlg = TPM2_ALG_SHA256,
				.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
						    TPMA_OBJECT_NODA,
				.authPolicy = *policy,
				.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL },
	};
	uint8_t bytes[sizeof(TPM2B_PUBLIC) + sizeof(TPM2B_PRIVATE)];
	TPM2B_PRIVATE *private = NULL;
	TPM2B_PUBLIC *public = NULL;
	size_t len = 0;
	TSS2_RC rc;

	if (!secret.len || secret.len > sizeof(sensitive.sensitive.data.buffer)) {
		fail("a TPM seals 1 to 128 bytes; seal a key, and encrypt the rest with it");
		return false;
	}
	sensitive.sensitive.data.size = (UINT16)secret.len;
	memcpy(sensitive.sensitive.data.buffer, secret.data, secret.len);
	rc = Esys_Create(tpm->esys, parent->handle, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
			 &sensitive, &template, &no_data, &no_pcrs, &private, &public, NULL, NULL,
			 NULL);
	OPENSSL_cleanse(&sensitive, sizeof(sensitive));
	if (tpm_failed("TPM2_Create", rc))
		return false;
	rc = Tss2_MU_TPM2B_PUBLIC_Marshal(public, bytes, sizeof(bytes), &len);
	if (!rc)
		rc = Tss2_MU_TPM2B_PRIVATE_Marshal(private, bytes, sizeof(bytes), &len);
	Esys_Free(public);
	Esys_Free(private);
	*object = (struct buffer){ rc ? NULL : malloc(len), len };
	if (!object->data) {
		fail("the sealed object cannot be kept");
		return false;
	}
	memcpy(object->data, bytes, len);
	return true;
}

bool tpm_seal(struct tpm *tpm, const struct ctpm_pcrs *pcrs, struct ctpm_bytes secret,
	      struct buffer *object)
{
	struct tpm_key parent;
	TPM2B_DIGEST policy;
	bool ok;

	if (!pcr_policy(pcrs, &policy)) {
		fail("libcrypto computes no hash");
		return false;
	}
	if (!create_primary(tpm, ESYS_TR_RH_OWNER, &srk, &parent))
		return false;
	ok = create_sealed(tpm, &parent, &policy, secret, object);
	tpm_key_close(tpm, &parent);
	return ok;
}

static bool load_sealed(struct tpm *tpm, const struct tpm_key *parent, struct ctpm_bytes object,
			ESYS_TR *handle, bool *refused)
{
	TPM2B_PUBLIC public = { 0 };
	TPM2B_PRIVATE private = { 0 };
	size_t offset = 0;
	TSS2_RC rc;

	if (Tss2_MU_TPM2B_PUBLIC_Unmarshal(object.data, object.len, &offset, &public) ||
	    Tss2_MU_TPM2B_PRIVATE_Unmarshal(object.data, object.len, &offset, &private) ||
	    offset != object.len) {
		fail("the file holds no sealed object");
		*refused = true;
		return false;
	}
	rc = Esys_Load(tpm->esys, parent->handle, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
		       &private, &public, handle);
	*refused = refuses_parameter(rc);
	return !tpm_failed(
		*refused ? "TPM2_Load: it was sealed by another TPM, or damaged" : "TPM2_Load", rc);
}

static bool unseal_loaded(struct tpm *tpm, ESYS_TR handle, uint16_t bank, uint32_t pcrs,
			  struct buffer *secret, bool *refused)
{
	const TPML_PCR_SELECTION select = selection(bank, pcrs);
	TPM2B_SENSITIVE_DATA *data = NULL;
	ESYS_TR session;
	TSS2_RC rc;

	if (!start_session(tpm, &session))
		return false;
	if (tpm_failed("TPM2_PolicyPCR",
		       Esys_PolicyPCR(tpm->esys, session, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
				      NULL, &select))) {
		Esys_FlushContext(tpm->esys, session);
		return false;
	}
	rc = Esys_Unseal(tpm->esys, handle, session, ESYS_TR_NONE, ESYS_TR_NONE, &data);
	Esys_FlushContext(tpm->esys, session);
	*refused = reason(rc) == TPM2_RC_POLICY_FAIL;
	if (tpm_failed(*refused ? "TPM2_Unseal: the PCRs are not those that it was sealed to"
				: "TPM2_Unseal",
		       rc))
		return false;
	*secret = (struct buffer){ malloc(data->size), data->size };
	if (secret->data)
		memcpy(secret->data, data->buffer, data->size);
	OPENSSL_cleanse(data, sizeof(*data));
	Esys_Free(data);
	if (!secret->data)
		fail("no memory");
	return secret->data;
}

bool tpm_unseal(struct tpm *tpm, uint16_t bank, uint32_t pcrs, struct ctpm_bytes object,
		struct buffer *secret, bool *refused)
{
	struct tpm_key parent;
	ESYS_TR handle;
	bool ok;

	*refused = false;
	if (!create_primary(tpm, ESYS_TR_RH_OWNER, &srk, &parent))
		return false;
	ok = load_sealed(tpm, &parent, object, &handle, refused);
	if (ok) {
		ok = unseal_loaded(tpm, handle, bank, pcrs, secret, refused);
		Esys_FlushContext(tpm->esys, handle);
	}
	tpm_key_close(tpm, &parent);
	return ok;
}
