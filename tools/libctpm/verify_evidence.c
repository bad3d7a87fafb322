// SPDX-License-Identifier: GPL-2.0-or-later
/* Documentation/protocol.rst, "Verification": each check is a function of its name. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "policy.h"
#include "verifier.h"

/* What is known of the report event */
struct boot {
	size_t reports, errors;
	enum ctpm_event_kind kind;
	struct ctpm_boot_event event;
	uint32_t pcr;
	bool first; /* of its PCR */
	uint8_t digest[CTPM_DIGEST_MAX];
	bool has_digest;
};

struct job {
	struct ctpm_verifier *v;
	const struct ctpm_policy *policy;
	struct ctpm_challenge challenge;
	struct ctpm_bytes challenge_bytes;
	struct ctpm_claims claims;
	struct ctpm_bytes claims_bytes;
	int64_t time;
	bool explain, request;
	struct ctpm_result *result;
	struct ctpm_finding *finding; /* of the check that is made now */
	/* from the form */
	TPMT_PUBLIC ak, ek;
	struct ctpm_bytes ek_bytes, bound_ak; /* in the manifest; bound_ak: mode bind */
	struct ctpm_bytes attest;
	TPMS_ATTEST quote;
	TPMT_SIGNATURE signature;
	struct ctpm_report fresh;
	struct boot boot;
	struct tpm_name ak_name;
	struct fact certified; /* by the AK's certificate, or by the policy */
};

static const char *const names[CTPM_CHECKS] = {
	[CTPM_CHECK_FORM] = "form",
	[CTPM_CHECK_CHALLENGE] = "challenge",
	[CTPM_CHECK_AK] = "ak",
	[CTPM_CHECK_AK_CERTIFICATE] = "ak-certificate",
	[CTPM_CHECK_SIGNATURE] = "signature",
	[CTPM_CHECK_QUOTE] = "quote",
	[CTPM_CHECK_QUALIFYING_DATA] = "qualifying-data",
	[CTPM_CHECK_PCR_DIGEST] = "pcr-digest",
	[CTPM_CHECK_REPORT] = "report",
	[CTPM_CHECK_VMPL] = "vmpl",
	[CTPM_CHECK_MANIFEST] = "manifest",
	[CTPM_CHECK_EK] = "ek",
	[CTPM_CHECK_LOG] = "log",
	[CTPM_CHECK_BINDING] = "binding",
	[CTPM_CHECK_CLOCK] = "clock",
	[CTPM_CHECK_FRESH] = "fresh",
	[CTPM_CHECK_MODE] = "mode",
	[CTPM_CHECK_MEASUREMENT] = "measurement",
	[CTPM_CHECK_GUEST_POLICY] = "guest-policy",
	[CTPM_CHECK_TCB] = "tcb",
	[CTPM_CHECK_IDENTITY] = "identity",
	[CTPM_CHECK_PCRS] = "pcrs",
};

const char *ctpm_check_name(enum ctpm_check check)
{
	return check < CTPM_CHECKS ? names[check] : "unknown";
}

const char *ctpm_status_name(enum ctpm_status status)
{
	static const char *const words[] = {
		[CTPM_NOT_REACHED] = "not reached",
		[CTPM_HOLDS] = "holds",
		[CTPM_FAILS] = "fails",
		[CTPM_NOT_ASKED] = "not asked",
		[CTPM_UNDECIDED] = "undecided",
	};

	return status <= CTPM_UNDECIDED ? words[status] : "unknown";
}

__attribute__((format(printf, 3, 4))) static void say(struct job *j, enum ctpm_error code,
						      const char *format, ...)
{
	va_list ap;

	j->finding->code = code;
	va_start(ap, format);
	vsnprintf(j->finding->text, sizeof(j->finding->text), format, ap);
	va_end(ap);
}

#define FAIL(j, ...) (say(j, CTPM_ERR_REFUSED, __VA_ARGS__), CTPM_FAILS)
#define HOLD(j, ...) ((j)->explain ? (say(j, CTPM_OK, __VA_ARGS__), CTPM_HOLDS) : CTPM_HOLDS)
#define NOT_ASKED(j, ...) \
	((j)->explain ? (say(j, CTPM_OK, __VA_ARGS__), CTPM_NOT_ASKED) : CTPM_NOT_ASKED)

/* What another function of the library has refused, in its words */
static enum ctpm_status failed(struct job *j, enum ctpm_error error, const struct ctpm_why *why)
{
	say(j, error, "%s", why->code == error ? why->text : ctpm_error_name(error));
	return error == CTPM_ERR_MEMORY || error == CTPM_ERR_CRYPTO ? CTPM_UNDECIDED : CTPM_FAILS;
}

#define SHOWN 12 /* bytes of a digest that are shown */

struct hex {
	char text[2 * SHOWN + 4];
};

static struct hex hex(const uint8_t *data, size_t len)
{
	struct hex h = { "" };
	size_t n = len < SHOWN ? len : SHOWN;

	for (size_t i = 0; i < n; i++)
		snprintf(h.text + 2 * i, 3, "%02x", data[i]);
	if (n < len)
		memcpy(h.text + 2 * n, "...", 4);
	return h;
}

#define HEX(data, len) (hex(data, len).text)

/*
 * The evidence itself
 */

/* Without a quote: the bank in which the event's digest is compared, any that quotes may be of */
static uint16_t bank_of(const struct ctpm_log *log)
{
	for (size_t i = 0; i < log->banks; i++)
		if (log->bank[i] == CTPM_BANK_SHA256 || log->bank[i] == CTPM_BANK_SHA384 ||
		    log->bank[i] == CTPM_BANK_SHA512)
			return log->bank[i];
	return 0;
}

static enum ctpm_error scan_log(struct job *j, struct ctpm_why *why)
{
	struct boot *b = &j->boot;
	struct ctpm_event e;
	struct ctpm_log log;
	uint32_t seen = 0;
	enum ctpm_error error = ctpm_log_open(j->claims.log.data, j->claims.log.len, &log, why);

	if (!error && j->request)
		j->claims.pcrs.bank = bank_of(&log);
	while (!error && !ctpm_log_at_end(&log)) {
		error = ctpm_log_next(&log, &e, why);
		if (error)
			break;
		b->errors += e.kind == CTPM_EVENT_ERROR;
		if (e.kind == CTPM_EVENT_REPORT || e.kind == CTPM_EVENT_BIND_REPORT) {
			const uint8_t *digest = ctpm_log_digest(&log, &e, j->claims.pcrs.bank);

			b->reports++;
			b->kind = e.kind;
			b->event = e.report;
			b->pcr = e.pcr;
			b->first = !(seen >> e.pcr & 1);
			b->has_digest = digest;
			if (digest)
				memcpy(b->digest, digest, ctpm_bank_size(j->claims.pcrs.bank));
		}
		seen |= 1u << e.pcr;
	}
	return error;
}

static enum ctpm_error parse_manifest(struct job *j, struct ctpm_why *why)
{
	enum ctpm_error error = CTPM_OK;

	j->ek_bytes = j->claims.manifest;
	if (j->claims.mode == CTPM_MODE_BIND)
		error = tpm_bind_manifest(j->claims.manifest, &j->ek_bytes, &j->bound_ak, why);
	return error ? error : tpm_public(j->ek_bytes, &j->ek, "the manifest's EK", why);
}

/* What claims and requests have in common */
static enum ctpm_error parse_binding(struct job *j, struct ctpm_why *why)
{
	const struct ctpm_claims *c = &j->claims;
	enum ctpm_error error =
		ctpm_report_parse(c->report.data, c->report.len, &j->result->report, why);

	if (!error)
		error = parse_manifest(j, why);
	if (!error)
		error = tpm_public(c->ak, &j->ak, "the AK", why);
	if (!error)
		error = scan_log(j, why);
	if (!error && tpm_name(c->ak, j->ak.nameAlg, &j->ak_name)) {
		memcpy(j->result->ak_name, j->ak_name.data, j->ak_name.len);
		j->result->ak_name_len = j->ak_name.len;
	}
	j->result->mode = c->mode;
	j->result->boot = j->boot.event;
	return error;
}

static enum ctpm_error parse_evidence(struct job *j, struct ctpm_bytes bytes, struct ctpm_why *why)
{
	struct ctpm_claims *c = &j->claims;
	struct ctpm_evidence evidence;
	enum ctpm_error error = ctpm_evidence_decode(bytes.data, bytes.len, &evidence, why);

	if (!error)
		error = ctpm_claims_decode(evidence.claims.data, evidence.claims.len, c, why);
	j->claims_bytes = evidence.claims;
	if (!error)
		error = tpm_quote(evidence.quote, &j->attest, &j->quote, &j->signature, why);
	if (!error)
		error = parse_binding(j, why);
	if (!error && c->fresh.len)
		error = ctpm_report_parse(c->fresh.data, c->fresh.len, &j->fresh, why);
	if (!error)
		j->result->pcrs = c->pcrs;
	return error;
}

static enum ctpm_error parse_request(struct job *j, struct ctpm_bytes bytes, struct ctpm_why *why)
{
	enum ctpm_error error = ctpm_request_decode(bytes.data, bytes.len, &j->claims, why);

	if (!error &&
	    EVP_Digest(bytes.data, bytes.len, j->result->request, NULL, EVP_sha256(), NULL) != 1)
		error = because(why, CTPM_ERR_CRYPTO, "libcrypto computes no SHA-256");
	return error ? error : parse_binding(j, why);
}

static enum ctpm_status form(struct job *j, struct ctpm_bytes bytes)
{
	struct ctpm_why why = { CTPM_OK, "" };
	enum ctpm_error error =
		j->request ? parse_request(j, bytes, &why) : parse_evidence(j, bytes, &why);

	if (error)
		return failed(j, error, &why);
	return HOLD(j, "%zu bytes; mode %s", bytes.len, ctpm_mode_name(j->claims.mode));
}

static bool same(struct ctpm_bytes a, struct ctpm_bytes b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

static enum ctpm_status challenge(struct job *j)
{
	const struct ctpm_challenge *c = &j->challenge;
	const struct ctpm_claims *claims = &j->claims;

	if (!same(c->nonce, claims->nonce))
		return FAIL(j, "the answer is to nonce %s, this challenge's is %s",
			    HEX(claims->nonce.data, claims->nonce.len),
			    HEX(c->nonce.data, c->nonce.len));
	if (!same(c->aud, claims->aud))
		return FAIL(j, "the answer is for verifier \"%.*s\", this one is \"%.*s\"",
			    (int)claims->aud.len, (const char *)claims->aud.data, (int)c->aud.len,
			    (const char *)c->aud.data);
	if (c->want_bank &&
	    (claims->pcrs.bank != c->want_bank || c->want_pcrs & ~claims->pcrs.mask))
		return FAIL(j, "PCRs %#08x of bank %s were asked for, %#08x of %s are there",
			    c->want_pcrs, ctpm_bank_name(c->want_bank), claims->pcrs.mask,
			    ctpm_bank_name(claims->pcrs.bank));
	return HOLD(j, "nonce %s, verifier \"%.*s\"", HEX(c->nonce.data, c->nonce.len),
		    (int)c->aud.len, (const char *)c->aud.data);
}

static enum ctpm_status ak(struct job *j)
{
	struct ctpm_why why = { CTPM_OK, "" };
	enum ctpm_error error = tpm_check_ak(&j->ak, &why);

	if (!error && j->request)
		error = tpm_check_ek(&j->ek, &why);
	if (error)
		return failed(j, error, &why);
	return HOLD(j, "name %s, %s, attributes %#010x", HEX(j->ak_name.data, j->ak_name.len),
		    j->ak.type == TPM2_ALG_RSA ? "RSA" : "ECC", j->ak.objectAttributes);
}

/* One that the policy lists, with its EK */
static bool known_ak(struct job *j)
{
	const struct list *known = &j->policy->ak;

	for (size_t i = 0; i < known->count; i++) {
		const uint8_t *pair = known->data + i * known->size;

		if (!tpm_name_is(&j->ak_name, pair, AK_NAME_SIZE))
			continue;
		j->certified.ek_name.len = AK_NAME_SIZE;
		memcpy(j->certified.ek_name.data, pair + AK_NAME_SIZE, AK_NAME_SIZE);
		return true;
	}
	return false;
}

static enum ctpm_status ak_certificate(struct job *j)
{
	struct ctpm_why why = { CTPM_OK, "" };
	enum ctpm_error error;

	if (known_ak(j)) {
		j->certified.key = tpm_key(&j->ak);
		return j->certified.key ? HOLD(j, "the policy lists this AK")
					: FAIL(j, "the AK's public area holds no key");
	}
	if (!j->claims.ak_cert.len)
		return FAIL(j, "expected a certificate by an Owner CA, or this AK in the policy; "
			       "found neither: enrol the guest");
	error = verifier_ak_cert(j->v, j->claims.ak_cert, j->claims.ak, &j->ak, j->time,
				 &j->certified, &why);
	if (error)
		return failed(j, error, &why);
	return HOLD(j, "by an Owner CA that is trusted");
}

static enum ctpm_status signature(struct job *j)
{
	if (!tpm_verify(j->certified.key, &j->ak, j->attest, &j->signature))
		return FAIL(j, "the quote is not signed by the AK: it was changed, or made by "
			       "another key");
	return HOLD(j, "of the quote, by the AK");
}

static enum ctpm_status quote(struct job *j)
{
	const TPM2B_NAME *signer = &j->quote.qualifiedSigner;
	struct tpm_name expected;

	if (j->quote.magic != TPM2_GENERATED_VALUE || j->quote.type != TPM2_ST_ATTEST_QUOTE)
		return FAIL(j, "expected TPM_GENERATED and TPM_ST_ATTEST_QUOTE, found %#x and %#x",
			    j->quote.magic, j->quote.type);
	if (!tpm_endorsement_name(&j->ak_name, &expected))
		return FAIL(j, "the AK has no name");
	if (!tpm_name_is(&expected, signer->name, signer->size))
		return FAIL(j,
			    "expected a primary key of the endorsement hierarchy, %s; the "
			    "signer is %s",
			    HEX(expected.data, expected.len), HEX(signer->name, signer->size));
	return HOLD(j, "by a primary key of the endorsement hierarchy; TPM firmware %#llx",
		    (unsigned long long)j->quote.firmwareVersion);
}

static enum ctpm_status qualifying_data(struct job *j)
{
	const TPM2B_DATA *found = &j->quote.extraData;
	uint8_t expected[CTPM_QUALIFYING_DATA_SIZE];

	if (ctpm_qualifying_data(j->challenge_bytes, j->claims.report, j->claims_bytes, expected)) {
		say(j, CTPM_ERR_CRYPTO, "libcrypto computes no SHA-256");
		return CTPM_UNDECIDED;
	}
	if (found->size != sizeof(expected) || memcmp(found->buffer, expected, sizeof(expected)))
		return FAIL(j,
			    "expected %s for this challenge, report and claims; the quote has %s",
			    HEX(expected, sizeof(expected)), HEX(found->buffer, found->size));
	return HOLD(j, "%s, of this challenge, report and claims", HEX(expected, sizeof(expected)));
}

static uint32_t selected(const TPMS_PCR_SELECTION *s)
{
	uint32_t mask = 0;

	for (size_t i = 0; i < s->sizeofSelect && i < 4; i++)
		mask |= (uint32_t)s->pcrSelect[i] << (8 * i);
	return mask;
}

static enum ctpm_status pcr_digest(struct job *j)
{
	const TPMS_QUOTE_INFO *info = &j->quote.attested.quote;
	const TPMS_PCR_SELECTION *s = &info->pcrSelect.pcrSelections[0];
	const struct ctpm_pcrs *pcrs = &j->claims.pcrs;
	uint8_t digest[CTPM_DIGEST_MAX];
	size_t len;

	if (info->pcrSelect.count != 1 || s->hash != pcrs->bank || selected(s) != pcrs->mask)
		return FAIL(j,
			    "the claims have PCRs %#08x of bank %#x; the quote is of %#08x of "
			    "bank %#x, one of %u",
			    pcrs->mask, pcrs->bank, selected(s), s->hash, info->pcrSelect.count);
	/* by the hash of the signature, which is at the same place for each scheme */
	len = ctpm_pcrs_digest(pcrs, j->signature.signature.any.hashAlg, digest);
	if (!len) {
		say(j, CTPM_ERR_CRYPTO, "libcrypto computes no hash");
		return CTPM_UNDECIDED;
	}
	if (info->pcrDigest.size != len || memcmp(info->pcrDigest.buffer, digest, len))
		return FAIL(j, "the claimed values' digest is %s, the quoted one %s",
			    HEX(digest, len), HEX(info->pcrDigest.buffer, info->pcrDigest.size));
	return HOLD(j, "PCRs %#08x of bank %s", pcrs->mask, ctpm_bank_name(pcrs->bank));
}

/*
 * The binding
 */

/* The Owner CA has verified this very report, says the AK's certificate, and it may be believed. */
static bool vouched_for(const struct job *j)
{
	uint8_t digest[REPORT_DIGEST_SIZE];

	return j->policy->allow_vouched && j->certified.vouches &&
	       EVP_Digest(j->claims.report.data, j->claims.report.len, digest, NULL, EVP_sha256(),
			  NULL) == 1 &&
	       !memcmp(digest, j->certified.report, sizeof(digest));
}

static enum ctpm_status report(struct job *j)
{
	const struct ctpm_report *r = &j->result->report;
	struct ctpm_why why = { CTPM_OK, "" };
	enum ctpm_error error;

	if (vouched_for(j)) {
		j->result->vouched = true;
		j->result->product = j->certified.product;
		return HOLD(j,
			    "version %u, of a %s: the Owner CA has verified it, says the AK's "
			    "certificate",
			    r->version, ctpm_product_name(j->result->product));
	}
	error = verifier_report(j->v, j->claims.report, r, j->claims.certs, j->time,
				&j->result->product, &why);
	if (error)
		return failed(j, error, &why);
	return HOLD(j, "version %u, signed by the %s of a %s, up to a trusted root", r->version,
		    r->signing_key == CTPM_KEY_VLEK ? "VLEK" : "VCEK",
		    ctpm_product_name(j->result->product));
}

static enum ctpm_status vmpl(struct job *j)
{
	uint32_t found = j->result->report.vmpl;

	if (j->claims.mode == CTPM_MODE_SVSM && found)
		return FAIL(j, "expected a report of VMPL 0, the SVSM's; found VMPL %u", found);
	if (j->claims.mode == CTPM_MODE_BIND && !j->policy->bind_vmpl[found])
		return FAIL(j, "the policy doesn't accept a report of VMPL %u in mode bind", found);
	return HOLD(j, "VMPL %u", found);
}

static enum ctpm_status check_report_data(struct job *j, const struct ctpm_report *r,
					  const uint8_t nonce[CTPM_REPORT_NONCE_SIZE])
{
	uint8_t expected[64];

	if (ctpm_report_data(nonce, j->claims.manifest, expected)) {
		say(j, CTPM_ERR_CRYPTO, "libcrypto computes no SHA-512");
		return CTPM_UNDECIDED;
	}
	if (memcmp(r->report_data, expected, sizeof(expected)))
		return FAIL(j, "expected REPORT_DATA %s for this nonce and manifest, found %s",
			    HEX(expected, sizeof(expected)),
			    HEX(r->report_data, sizeof(r->report_data)));
	return HOLD(j, "REPORT_DATA %s is of this nonce and manifest",
		    HEX(expected, sizeof(expected)));
}

static enum ctpm_status manifest(struct job *j)
{
	uint8_t nonce[CTPM_REPORT_NONCE_SIZE];

	if (j->boot.reports != 1)
		return FAIL(j, "the log has %zu report events, not one: the nonce is unknown",
			    j->boot.reports);
	if (ctpm_boot_nonce(j->boot.kind, &j->boot.event, nonce)) {
		say(j, CTPM_ERR_CRYPTO, "libcrypto computes no SHA-512");
		return CTPM_UNDECIDED;
	}
	return check_report_data(j, &j->result->report, nonce);
}

/* One of them has to do. */
static enum ctpm_status ek_certificate(struct job *j)
{
	struct ctpm_why why = { CTPM_OK, "" };
	enum ctpm_error error = CTPM_ERR_CERT_MISSING;

	for (size_t i = 0; error && i < j->claims.ek_certs; i++)
		error = verifier_ek_cert(j->v, j->claims.ek_cert[i], &j->ek, j->time, &why);
	if (!j->claims.ek_certs)
		return FAIL(j, "the policy demands an EK certificate; there is none");
	return error ? failed(j, error, &why) : HOLD(j, "certified by a maker that is trusted");
}

static enum ctpm_status ek(struct job *j)
{
	struct tpm_name name;

	if (j->claims.mode == CTPM_MODE_BIND && !same(j->bound_ak, j->claims.ak))
		return FAIL(j, "the report is over another AK than the one that signs");
	if (!tpm_name(j->ek_bytes, j->ek.nameAlg, &name))
		return FAIL(j, "the manifest's EK has a nameAlg that is unknown");
	memcpy(j->result->ek_name, name.data, name.len);
	j->result->ek_name_len = name.len;
	if (!j->request && !tpm_name_is(&name, j->certified.ek_name.data, j->certified.ek_name.len))
		return FAIL(j, "the report is over EK %s, the AK is certified beside EK %s",
			    HEX(name.data, name.len),
			    HEX(j->certified.ek_name.data, j->certified.ek_name.len));
	if (j->policy->require_ek_cert)
		return ek_certificate(j);
	return HOLD(j, "name %s", HEX(name.data, name.len));
}

static enum ctpm_status event_log(struct job *j)
{
	const struct ctpm_pcrs *quoted = &j->claims.pcrs;
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_pcrs replayed;
	enum ctpm_error error = ctpm_log_replay(j->claims.log.data, j->claims.log.len, quoted->bank,
						&replayed, &why);

	if (error)
		return failed(j, error, &why);
	for (unsigned int i = 0; i < CTPM_PCRS; i++) {
		size_t size = ctpm_bank_size(quoted->bank);

		if (!(replayed.mask >> i & 1))
			continue;
		if (!(quoted->mask >> i & 1))
			return FAIL(j, "the log has events for PCR %u, which is not quoted", i);
		if (memcmp(replayed.value[i], quoted->value[i], size))
			return FAIL(j, "the log leads to %s in PCR %u, the TPM has %s",
				    HEX(replayed.value[i], size), i, HEX(quoted->value[i], size));
	}
	return HOLD(j, "it leads to the values of PCRs %#08x", replayed.mask);
}

static enum ctpm_status binding(struct job *j)
{
	static const enum ctpm_event_kind kinds[CTPM_MODES] = { CTPM_EVENT_REPORT,
								CTPM_EVENT_BIND_REPORT };
	const struct boot *b = &j->boot;
	uint8_t digest[CTPM_DIGEST_MAX];

	if (b->errors)
		return FAIL(j, "the log has an error event: the boot's binding failed");
	if (b->reports != 1 || b->kind != kinds[j->claims.mode])
		return FAIL(j, "expected one report event of mode %s, found %zu%s",
			    ctpm_mode_name(j->claims.mode), b->reports,
			    b->reports ? ", or of another mode" : "");
	if (b->pcr != j->policy->report_pcr || !b->first)
		return FAIL(j,
			    "expected the report as the first event of PCR %u, found it %s of "
			    "PCR %u",
			    j->policy->report_pcr, b->first ? "as the first" : "behind another",
			    b->pcr);
	if (b->event.late && !j->policy->allow_late)
		return FAIL(j, "user space could have extended PCR %u before the report was",
			    b->pcr);
	if (b->event.report_size != CTPM_REPORT_SIZE ||
	    b->event.manifest_size != j->claims.manifest.len)
		return FAIL(j, "the event is of a report of %u bytes and a manifest of %u",
			    b->event.report_size, b->event.manifest_size);
	if (!b->has_digest)
		return FAIL(j, j->request ? "the log has no digests of SHA-256, SHA-384 or SHA-512"
					  : "the log has no digests of the bank that is quoted");
	if (EVP_Digest(j->claims.report.data, j->claims.report.len, digest, NULL,
		       tpm_md(j->claims.pcrs.bank), NULL) != 1) {
		say(j, CTPM_ERR_CRYPTO, "libcrypto computes no hash");
		return CTPM_UNDECIDED;
	}
	if (memcmp(digest, b->digest, ctpm_bank_size(j->claims.pcrs.bank)))
		return FAIL(j, "the report's digest is %s, PCR %u was extended with %s",
			    HEX(digest, ctpm_bank_size(j->claims.pcrs.bank)), b->pcr,
			    HEX(b->digest, ctpm_bank_size(j->claims.pcrs.bank)));
	return HOLD(j, "the report's digest is the first event of PCR %u%s", b->pcr,
		    b->event.late ? ", late" : "");
}

static enum ctpm_status tpm_clock(struct job *j)
{
	const TPMS_CLOCK_INFO *now = &j->quote.clockInfo;
	const struct ctpm_boot_event *then = &j->boot.event;

	if (now->resetCount != then->reset_count || now->restartCount != then->restart_count)
		return FAIL(j,
			    "the report is of resetCount %u, restartCount %u; the TPM is at %u, "
			    "%u",
			    then->reset_count, then->restart_count, now->resetCount,
			    now->restartCount);
	return HOLD(j, "resetCount %u, restartCount %u, as at boot", now->resetCount,
		    now->restartCount);
}

static bool same_guest(const struct ctpm_report *a, const struct ctpm_report *b)
{
	return !memcmp(a->report_id, b->report_id, sizeof(a->report_id)) &&
	       !memcmp(a->measurement, b->measurement, sizeof(a->measurement)) &&
	       !memcmp(a->host_data, b->host_data, sizeof(a->host_data)) &&
	       !memcmp(a->chip_id, b->chip_id, sizeof(a->chip_id)) && a->policy == b->policy &&
	       a->vmpl == b->vmpl;
}

static enum ctpm_status fresh(struct job *j)
{
	struct ctpm_bytes name = { j->ak_name.data, j->ak_name.len };
	uint8_t nonce[CTPM_REPORT_NONCE_SIZE];
	struct ctpm_why why = { CTPM_OK, "" };
	enum ctpm_product product;
	enum ctpm_error error;
	enum ctpm_status status;

	if (!j->claims.fresh.len) {
		if (j->challenge.want_fresh || j->policy->require_fresh)
			return FAIL(j, "a report made for this challenge is asked for; there is "
				       "none");
		return NOT_ASKED(j, "nobody asks for a report made for this challenge");
	}
	error = verifier_report(j->v, j->claims.fresh, &j->fresh, j->claims.certs, j->time,
				&product, &why);
	if (error)
		return failed(j, error, &why);
	if (ctpm_fresh_nonce(j->challenge_bytes, name, nonce)) {
		say(j, CTPM_ERR_CRYPTO, "libcrypto computes no SHA-512");
		return CTPM_UNDECIDED;
	}
	status = check_report_data(j, &j->fresh, nonce);
	if (status == CTPM_HOLDS && !same_guest(&j->result->report, &j->fresh))
		return FAIL(j, "the fresh report is of another guest, or another launch, than the "
			       "boot's");
	/* its TCB counts, so who vouches for it matters as for the first */
	if (status == CTPM_HOLDS && !j->policy->key[j->fresh.signing_key])
		return FAIL(j, "the policy doesn't accept reports signed by a %s, as the fresh one",
			    j->fresh.signing_key == CTPM_KEY_VLEK ? "VLEK" : "VCEK");
	return status;
}

/*
 * The policy
 */

static enum ctpm_status mode(struct job *j)
{
	const char *name = ctpm_mode_name(j->claims.mode);

	return j->policy->mode[j->claims.mode] ? HOLD(j, "%s", name)
					       : FAIL(j, "the policy doesn't accept %s", name);
}

static enum ctpm_status measurement(struct job *j)
{
	const uint8_t *found = j->result->report.measurement;

	if (j->policy->any_measurement)
		return NOT_ASKED(j, "%s; the policy accepts any", HEX(found, 48));
	if (!list_has(&j->policy->measurement, found))
		return FAIL(j, "launch digest %s is not in the policy (%zu are)", HEX(found, 48),
			    j->policy->measurement.count);
	return HOLD(j, "launch digest %s", HEX(found, 48));
}

static enum ctpm_status guest_policy(struct job *j)
{
	uint64_t found = j->result->report.policy;

	for (size_t i = 0; i < policy_bits_count; i++) {
		uint64_t bit = policy_bits[i].bit;

		if (j->policy->must_be_set & bit && !(found & bit))
			return FAIL(j, "guest policy %#llx lacks %s", (unsigned long long)found,
				    policy_bits[i].name);
		if (j->policy->must_be_clear & bit && found & bit)
			return FAIL(j, "guest policy %#llx has %s", (unsigned long long)found,
				    policy_bits[i].name);
	}
	return HOLD(j, "guest policy %#llx", (unsigned long long)found);
}

static enum ctpm_status check_floor(struct job *j, const char *which,
				    const struct ctpm_report *report)
{
	enum ctpm_product product = j->result->product;
	const struct ctpm_tcb *floor = &j->policy->floor[product];
	struct ctpm_tcb found = ctpm_tcb_decode(product, report->reported_tcb);
	const struct {
		const char *name;
		uint8_t found, floor;
	} parts[] = {
		{ "FMC", found.fmc, floor->fmc },
		{ "boot loader", found.bootloader, floor->bootloader },
		{ "TEE", found.tee, floor->tee },
		{ "SNP firmware", found.snp, floor->snp },
		{ "microcode", found.microcode, floor->microcode },
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].found < parts[i].floor)
			return FAIL(j,
				    "%s level %u of the %s report is below the floor of %u for %s",
				    parts[i].name, parts[i].found, which, parts[i].floor,
				    ctpm_product_name(product));
	return HOLD(j, "FMC %u, boot loader %u, TEE %u, SNP %u, microcode %u", found.fmc,
		    found.bootloader, found.tee, found.snp, found.microcode);
}

/* What was below it at launch can have been broken into then, whatever runs since. */
static enum ctpm_status tcb(struct job *j)
{
	enum ctpm_product product = j->result->product;
	enum ctpm_status status;

	if (!j->policy->has_tcb)
		return NOT_ASKED(j, "the policy sets no floor");
	if (!j->policy->tcb_of[product])
		return FAIL(j, "the policy has no floor for %s, so none of them will do",
			    ctpm_product_name(product));
	status = check_floor(j, "boot's", &j->result->report);
	if (status == CTPM_HOLDS && j->claims.fresh.len)
		status = check_floor(j, "fresh", &j->fresh);
	return status;
}

static bool listed(const struct list *list, const uint8_t *value)
{
	return !list->count || list_has(list, value);
}

static enum ctpm_status identity(struct job *j)
{
	const struct ctpm_report *r = &j->result->report;
	const struct ctpm_policy *p = j->policy;

	if (r->signing_key > CTPM_KEY_VLEK)
		return FAIL(j, "the report is not signed");
	if (!p->key[r->signing_key])
		return FAIL(j, "the policy doesn't accept reports signed by a %s",
			    r->signing_key == CTPM_KEY_VLEK ? "VLEK" : "VCEK");
	if (!listed(&p->host_data, r->host_data))
		return FAIL(j, "HOST_DATA %s is not in the policy", HEX(r->host_data, 32));
	if (!listed(&p->id_key, r->id_key_digest))
		return FAIL(j, "ID key %s is not in the policy", HEX(r->id_key_digest, 48));
	if (p->author_key.count &&
	    (!r->author_key_en || !list_has(&p->author_key, r->author_key_digest)))
		return FAIL(j, "author key %s is not in the policy", HEX(r->author_key_digest, 48));
	if (!listed(&p->chip_id, r->chip_id))
		return FAIL(j, "chip %s is not in the policy", HEX(r->chip_id, 64));
	if (r->guest_svn < p->guest_svn)
		return FAIL(j, "the guest's security version is %u, below %u", r->guest_svn,
			    p->guest_svn);
	return HOLD(j, "chip %s, guest version %u", HEX(r->chip_id, 64), r->guest_svn);
}

static enum ctpm_status golden_pcrs(struct job *j)
{
	const struct ctpm_pcrs *pcrs = &j->claims.pcrs;
	size_t bank = policy_bank(pcrs->bank);
	bool any = false;

	for (size_t b = 0; b < POLICY_BANKS; b++)
		any |= j->policy->has_pcrs[b];
	if (!any)
		return NOT_ASKED(j, "the policy has no PCR values");
	if (!j->policy->has_pcrs[bank])
		return FAIL(j, "the policy has no PCR values of bank %s",
			    ctpm_bank_name(pcrs->bank));
	for (unsigned int i = 0; i < CTPM_PCRS; i++) {
		const struct list *golden = &j->policy->pcr[bank][i];

		if (!golden->count)
			continue;
		if (!(pcrs->mask >> i & 1))
			return FAIL(j, "the policy has values for PCR %u, which is not quoted", i);
		if (!list_has(golden, pcrs->value[i]))
			return FAIL(j, "PCR %u is %s, which is not in the policy", i,
				    HEX(pcrs->value[i], golden->size));
	}
	return HOLD(j, "as in the policy");
}

/*
 * All of them
 */

#define AFTER(check) (1u << CTPM_CHECK_##check)

/* Without a quote, in a request, some are not asked for. */
static const struct {
	enum ctpm_status (*make)(struct job *j);
	uint32_t needs;
	bool of_quote;
} checks[CTPM_CHECKS] = {
	[CTPM_CHECK_CHALLENGE] = { challenge, AFTER(FORM), true },
	[CTPM_CHECK_AK] = { ak, AFTER(FORM), false },
	[CTPM_CHECK_AK_CERTIFICATE] = { ak_certificate, AFTER(AK), true },
	[CTPM_CHECK_SIGNATURE] = { signature, AFTER(AK_CERTIFICATE), true },
	[CTPM_CHECK_QUOTE] = { quote, AFTER(FORM), true },
	[CTPM_CHECK_QUALIFYING_DATA] = { qualifying_data, AFTER(FORM), true },
	[CTPM_CHECK_PCR_DIGEST] = { pcr_digest, AFTER(SIGNATURE) | AFTER(QUOTE), true },
	[CTPM_CHECK_REPORT] = { report, AFTER(FORM), false },
	[CTPM_CHECK_VMPL] = { vmpl, AFTER(FORM), false },
	[CTPM_CHECK_MANIFEST] = { manifest, AFTER(FORM), false },
	[CTPM_CHECK_EK] = { ek, AFTER(FORM) | AFTER(AK_CERTIFICATE), false },
	[CTPM_CHECK_LOG] = { event_log, AFTER(FORM), true },
	[CTPM_CHECK_BINDING] = { binding, AFTER(FORM), false },
	[CTPM_CHECK_CLOCK] = { tpm_clock, AFTER(QUOTE) | AFTER(MANIFEST), true },
	[CTPM_CHECK_FRESH] = { fresh, AFTER(REPORT), true },
	[CTPM_CHECK_MODE] = { mode, AFTER(FORM), false },
	[CTPM_CHECK_MEASUREMENT] = { measurement, AFTER(FORM), false },
	[CTPM_CHECK_GUEST_POLICY] = { guest_policy, AFTER(FORM), false },
	[CTPM_CHECK_TCB] = { tcb, AFTER(REPORT), false },
	[CTPM_CHECK_IDENTITY] = { identity, AFTER(FORM), false },
	[CTPM_CHECK_PCRS] = { golden_pcrs, AFTER(FORM), true },
};

static enum ctpm_verdict verdict(const struct ctpm_result *r)
{
	enum ctpm_verdict v = CTPM_ACCEPTED;

	for (int i = 0; i < CTPM_CHECKS; i++) {
		if (r->check[i].status == CTPM_FAILS)
			return CTPM_REFUSED;
		if (r->check[i].status != CTPM_HOLDS && r->check[i].status != CTPM_NOT_ASKED)
			v = CTPM_COULD_NOT_DECIDE;
	}
	return v;
}

static enum ctpm_verdict run(struct job *j, struct ctpm_bytes bytes)
{
	struct ctpm_result *r = j->result;
	uint32_t held = 0;

	memset(r, 0, sizeof(*r));
	j->finding = &r->check[CTPM_CHECK_FORM];
	j->finding->status = form(j, bytes);
	held |= (uint32_t)(j->finding->status == CTPM_HOLDS) << CTPM_CHECK_FORM;
	for (int i = CTPM_CHECK_FORM + 1; i < CTPM_CHECKS; i++) {
		j->finding = &r->check[i];
		if (j->request && checks[i].of_quote)
			j->finding->status = CTPM_NOT_ASKED;
		else if ((held & checks[i].needs) == checks[i].needs)
			j->finding->status = checks[i].make(j);
		/* in a request nothing may wait for what it doesn't have */
		held |= (uint32_t)(j->finding->status == CTPM_HOLDS ||
				   (j->request && checks[i].of_quote))
			<< i;
	}
	fact_clear(&j->certified);
	r->verdict = verdict(r);
	return r->verdict;
}

enum ctpm_verdict ctpm_verify(struct ctpm_verifier *verifier, const struct ctpm_policy *policy,
			      struct ctpm_bytes challenge, struct ctpm_bytes evidence, int64_t time,
			      unsigned int flags, struct ctpm_result *result)
{
	struct job j = {
		.v = verifier,
		.policy = policy,
		.challenge_bytes = challenge,
		.time = time,
		.explain = flags & CTPM_VERIFY_EXPLAIN,
		.result = result,
	};

	/* the verifier's own challenge: if it is none, nothing can be an answer to it */
	if (ctpm_challenge_decode(challenge.data, challenge.len, &j.challenge, NULL)) {
		memset(result, 0, sizeof(*result));
		j.finding = &result->check[CTPM_CHECK_CHALLENGE];
		say(&j, CTPM_ERR_ARGUMENT, "what was given as the challenge is none");
		j.finding->status = CTPM_UNDECIDED;
		result->verdict = CTPM_COULD_NOT_DECIDE;
		return result->verdict;
	}
	return run(&j, evidence);
}

enum ctpm_verdict ctpm_verify_request(struct ctpm_verifier *verifier,
				      const struct ctpm_policy *policy, struct ctpm_bytes request,
				      int64_t time, unsigned int flags, struct ctpm_result *result)
{
	struct job j = {
		.v = verifier,
		.policy = policy,
		.time = time,
		.explain = flags & CTPM_VERIFY_EXPLAIN,
		.request = true,
		.result = result,
	};

	return run(&j, request);
}
