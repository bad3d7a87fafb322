// SPDX-License-Identifier: GPL-2.0-or-later
/* Evidence and event logs for people; nothing of them is verified here. */
#include "ctpm.h"

#include <getopt.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "../libctpm/verifier.h"

#define LOG_SIZE_MAX 16777216
#define DRIVER_LOG   "/sys/kernel/security/ctpm/log"
#define BIND_LOG     "/run/ctpm/log"

static json_t *json_bytes(struct ctpm_bytes bytes)
{
	return json_hex(bytes.data, bytes.len);
}

/* TPM_ALG_ID by its name, or in hex */
static json_t *json_alg(uint16_t alg)
{
	static const struct {
		uint16_t id;
		const char *name;
	} names[] = {
		{ TPM2_ALG_RSA, "rsa" },       { TPM2_ALG_ECC, "ecc" },
		{ TPM2_ALG_SHA1, "sha1" },     { TPM2_ALG_SHA256, "sha256" },
		{ TPM2_ALG_SHA384, "sha384" }, { TPM2_ALG_SHA512, "sha512" },
		{ TPM2_ALG_ECDSA, "ecdsa" },   { TPM2_ALG_RSASSA, "rsassa" },
		{ TPM2_ALG_RSAPSS, "rsapss" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].id == alg)
			return json_string(names[i].name);
	return json_word(alg);
}

static json_t *json_pcrs(const struct ctpm_pcrs *pcrs)
{
	json_t *o = json_object();
	char index[8];

	for (unsigned int i = 0; i < CTPM_PCRS; i++) {
		if (!(pcrs->mask >> i & 1))
			continue;
		snprintf(index, sizeof(index), "%u", i);
		json_object_set_new(o, index, json_hex(pcrs->value[i], ctpm_bank_size(pcrs->bank)));
	}
	return json_pack("{s:o}", ctpm_bank_name(pcrs->bank), o);
}

/*
 * Event logs
 */

static const char *kind_name(enum ctpm_event_kind kind)
{
	static const char *const names[] = {
		[CTPM_EVENT_OTHER] = "other",
		[CTPM_EVENT_REPORT] = "report",
		[CTPM_EVENT_BIND_REPORT] = "report, mode bind",
		[CTPM_EVENT_IDENTITY] = "launch identity",
		[CTPM_EVENT_ERROR] = "error",
	};

	return names[kind];
}

static json_t *json_digests(const struct ctpm_log *log, const struct ctpm_event *e)
{
	json_t *o = json_object();

	for (size_t i = 0; i < log->banks; i++) {
		json_t *name = json_alg(log->bank[i]);

		json_object_set_new(o, json_string_value(name),
				    json_hex(e->digest[i], log->size[i]));
		json_decref(name);
	}
	return o;
}

static json_t *json_event(const struct ctpm_log *log, const struct ctpm_event *e)
{
	json_t *o = json_pack("{s:I, s:o, s:s, s:o}", "pcr", (json_int_t)e->pcr, "type",
			      json_word(e->type), "kind", kind_name(e->kind), "digests",
			      json_digests(log, e));

	if (e->kind == CTPM_EVENT_REPORT || e->kind == CTPM_EVENT_BIND_REPORT) {
		json_object_set_new(o, "late", json_boolean(e->report.late));
		json_object_set_new(o, "reset_count", json_integer(e->report.reset_count));
		json_object_set_new(o, "restart_count", json_integer(e->report.restart_count));
		json_object_set_new(o, "random",
				    json_hex(e->report.random, sizeof(e->report.random)));
		json_object_set_new(o, "report_size", json_integer(e->report.report_size));
		json_object_set_new(o, "manifest_size", json_integer(e->report.manifest_size));
	} else if (e->kind == CTPM_EVENT_ERROR) {
		json_object_set_new(o, "step", json_integer(e->step));
		json_object_set_new(o, "errno", json_integer(e->error));
	} else {
		json_object_set_new(o, "data", json_bytes(e->data));
	}
	return o;
}

/* Of each bank whose hash is known */
static enum ctpm_error add_replay(struct ctpm_bytes bytes, const struct ctpm_log *log, json_t *o,
				  struct ctpm_why *why)
{
	json_t *all = json_object();
	enum ctpm_error error = CTPM_OK;
	struct ctpm_pcrs pcrs;

	for (size_t i = 0; i < log->banks && !error; i++) {
		json_t *one;

		if (!ctpm_bank_size(log->bank[i]))
			continue;
		error = ctpm_log_replay(bytes.data, bytes.len, log->bank[i], &pcrs, why);
		one = error ? NULL : json_pcrs(&pcrs);
		json_object_update(all, one);
		json_decref(one);
	}
	json_object_set_new(o, "pcrs", all);
	return error;
}

static enum ctpm_error json_log(struct ctpm_bytes bytes, json_t **out, struct ctpm_why *why)
{
	json_t *o = json_object(), *events = json_array();
	struct ctpm_event e;
	struct ctpm_log log;
	enum ctpm_error error = ctpm_log_open(bytes.data, bytes.len, &log, why);

	while (!error && !ctpm_log_at_end(&log)) {
		error = ctpm_log_next(&log, &e, why);
		if (!error)
			json_array_append_new(events, json_event(&log, &e));
	}
	json_object_set_new(o, "bytes", json_integer((json_int_t)bytes.len));
	json_object_set_new(o, "events", events);
	if (!error)
		error = add_replay(bytes, &log, o, why);
	if (error) {
		json_decref(o);
		o = NULL;
	}
	*out = o;
	return error;
}

static bool read_log(const char *path, struct buffer *out)
{
	if (path)
		return read_file(path, LOG_SIZE_MAX, out);
	if (!read_file_if_there(DRIVER_LOG, LOG_SIZE_MAX, out))
		return false;
	if (!out->data && !read_file_if_there(BIND_LOG, LOG_SIZE_MAX, out))
		return false;
	if (!out->data)
		fail("neither %s nor %s is there: give a file", DRIVER_LOG, BIND_LOG);
	return out->data;
}

static int eventlog(int argc, char **argv)
{
	static const struct option options[] = { { 0 } };
	struct ctpm_why why = { CTPM_OK, "" };
	struct buffer log;
	enum ctpm_error error;
	bool json = false;
	json_t *o;

	while (next_option(argc, argv, options, &json) != -1)
		;
	if (argc - optind > 1)
		usage("at most one log is shown");
	if (!read_log(argv[optind], &log))
		return EXIT_UNDECIDED;
	error = json_log(buffer_bytes(&log), &o, &why);
	buffer_free(&log);
	return error ? fail_why("the log", error, &why) : show_object(o, json, EXIT_ACCEPTED);
}

/*
 * Evidence
 */

static json_t *json_name(struct ctpm_bytes public, TPMI_ALG_HASH alg)
{
	struct tpm_name name;

	return tpm_name(public, alg, &name) ? json_hex(name.data, name.len)
					    : json_string("of a nameAlg that is unknown");
}

static json_t *json_public(struct ctpm_bytes bytes)
{
	struct ctpm_why why = { CTPM_OK, "" };
	TPMT_PUBLIC public;

	if (tpm_public(bytes, &public, "it", &why))
		return json_pack("{s:I, s:s}", "bytes", (json_int_t)bytes.len, "malformed",
				 why.text);
	return json_pack("{s:I, s:o, s:o, s:o}", "bytes", (json_int_t)bytes.len, "type",
			 json_alg(public.type), "name", json_name(bytes, public.nameAlg),
			 "attributes", json_word(public.objectAttributes));
}

static json_t *json_manifest(const struct ctpm_claims *c)
{
	struct ctpm_bytes ek = c->manifest, ak = { NULL, 0 };
	struct ctpm_why why = { CTPM_OK, "" };
	json_t *o = json_pack("{s:I}", "bytes", (json_int_t)c->manifest.len);

	if (c->mode == CTPM_MODE_BIND && tpm_bind_manifest(c->manifest, &ek, &ak, &why)) {
		json_object_set_new(o, "malformed", json_string(why.text));
		return o;
	}
	json_object_set_new(o, "ek", json_public(ek));
	if (ak.len)
		json_object_set_new(o, "ak", json_public(ak));
	return o;
}

static json_t *json_print(int (*print)(BIO *bio, const void *what), const void *what)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	long len = bio && print(bio, what) >= 0 ? BIO_get_mem_data(bio, &data) : 0;
	json_t *text = json_stringn(len > 0 ? data : "", len > 0 ? (size_t)len : 0);

	BIO_free(bio);
	return text;
}

/* What is no printable ASCII is escaped. */
static int print_name(BIO *bio, const void *name)
{
	return X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
}

static int print_time(BIO *bio, const void *time)
{
	return ASN1_TIME_print(bio, time);
}

static int print_number(BIO *bio, const void *number)
{
	return i2a_ASN1_INTEGER(bio, number);
}

/* The report that an AK's certificate vouches for (protocol.rst): SHA-256 || product; NULL if none */
static json_t *json_vouched(const X509 *cert)
{
	ASN1_OBJECT *oid = OBJ_txt2obj(REPORT_OID, 1);
	int at = oid ? X509_get_ext_by_OBJ(cert, oid, -1) : -1;
	const ASN1_OCTET_STRING *value =
		at < 0 ? NULL : X509_EXTENSION_get_data(X509_get_ext(cert, at));
	const uint8_t *p = value ? ASN1_STRING_get0_data(value) : NULL;
	ASN1_OCTET_STRING *inner =
		value ? d2i_ASN1_OCTET_STRING(NULL, &p, ASN1_STRING_length(value)) : NULL;
	json_t *o = NULL;

	if (inner && ASN1_STRING_length(inner) >= REPORT_DIGEST_SIZE) {
		const uint8_t *data = ASN1_STRING_get0_data(inner);
		struct ctpm_bytes product = { data + REPORT_DIGEST_SIZE,
					      (size_t)ASN1_STRING_length(inner) -
						      REPORT_DIGEST_SIZE };

		o = json_pack("{s:o}", "sha256", json_hex(data, REPORT_DIGEST_SIZE));
		json_object_set_new(o, "product", json_textn(product.data, product.len));
	}
	ASN1_OCTET_STRING_free(inner);
	ASN1_OBJECT_free(oid);
	return o;
}

static json_t *json_cert(struct ctpm_bytes der)
{
	const unsigned char *p = der.data;
	X509 *cert = d2i_X509(NULL, &p, (long)der.len);
	json_t *o = json_pack("{s:I}", "bytes", (json_int_t)der.len), *vouched;

	if (cert) {
		json_object_set_new(o, "subject",
				    json_print(print_name, X509_get_subject_name(cert)));
		json_object_set_new(o, "issuer",
				    json_print(print_name, X509_get_issuer_name(cert)));
		json_object_set_new(o, "serial",
				    json_print(print_number, X509_get0_serialNumber(cert)));
		json_object_set_new(o, "from", json_print(print_time, X509_get0_notBefore(cert)));
		json_object_set_new(o, "until", json_print(print_time, X509_get0_notAfter(cert)));
		vouched = json_vouched(cert);
		if (vouched)
			json_object_set_new(o, "vouches-for", vouched);
	} else {
		json_object_set_new(o, "malformed", json_string("no X.509 certificate"));
	}
	X509_free(cert);
	ERR_clear_error();
	return o;
}

static json_t *json_report_of(struct ctpm_bytes bytes)
{
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_report report;

	if (ctpm_report_parse(bytes.data, bytes.len, &report, &why))
		return json_pack("{s:s}", "malformed", why.text);
	return json_report(&report);
}

static json_t *json_log_of(struct ctpm_bytes bytes)
{
	struct ctpm_why why = { CTPM_OK, "" };
	json_t *o;

	return json_log(bytes, &o, &why) ? json_pack("{s:s}", "malformed", why.text) : o;
}

static json_t *json_claims(const struct ctpm_claims *c)
{
	json_t *o = json_pack("{s:o, s:s, s:o, s:o, s:I, s:o, s:o}", "nonce", json_bytes(c->nonce),
			      "mode", ctpm_mode_name(c->mode), "report", json_report_of(c->report),
			      "manifest", json_manifest(c), "certs", (json_int_t)c->certs.len,
			      "log", json_log_of(c->log), "ak", json_public(c->ak));

	if (c->aud.len)
		json_object_set_new(o, "aud", json_textn(c->aud.data, c->aud.len));
	if (c->ak_cert.len)
		json_object_set_new(o, "ak-cert", json_cert(c->ak_cert));
	if (c->ek_certs) {
		json_t *certs = json_array();

		for (size_t i = 0; i < c->ek_certs; i++)
			json_array_append_new(certs, json_cert(c->ek_cert[i]));
		json_object_set_new(o, "ek-certs", certs);
	}
	if (c->fresh.len)
		json_object_set_new(o, "fresh", json_report_of(c->fresh));
	if (c->pcrs.mask)
		json_object_set_new(o, "pcrs", json_pcrs(&c->pcrs));
	return o;
}

static json_t *json_selection(const TPML_PCR_SELECTION *s)
{
	json_t *o = json_object();

	for (uint32_t i = 0; i < s->count; i++) {
		json_t *bank = json_alg(s->pcrSelections[i].hash);

		json_object_set_new(
			o, json_string_value(bank),
			json_hex(s->pcrSelections[i].pcrSelect, s->pcrSelections[i].sizeofSelect));
		json_decref(bank);
	}
	return o;
}

static json_t *json_quote(struct ctpm_bytes bytes)
{
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_bytes attest;
	TPMT_SIGNATURE signature;
	TPMS_ATTEST a;
	json_t *o;

	if (tpm_quote(bytes, &attest, &a, &signature, &why))
		return json_pack("{s:I, s:s}", "bytes", (json_int_t)bytes.len, "malformed",
				 why.text);
	o = json_pack(
		"{s:I, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:b, s:o, s:o, s:o}", "bytes",
		(json_int_t)bytes.len, "magic", json_word(a.magic), "type", json_word(a.type),
		"qualifiedSigner", json_hex(a.qualifiedSigner.name, a.qualifiedSigner.size),
		"extraData", json_hex(a.extraData.buffer, a.extraData.size), "clock",
		(json_int_t)a.clockInfo.clock, "resetCount", (json_int_t)a.clockInfo.resetCount,
		"restartCount", (json_int_t)a.clockInfo.restartCount, "safe", a.clockInfo.safe,
		"firmwareVersion", json_word(a.firmwareVersion), "sigAlg",
		json_alg(signature.sigAlg), "hash", json_alg(signature.signature.any.hashAlg));
	if (a.type == TPM2_ST_ATTEST_QUOTE) {
		const TPMS_QUOTE_INFO *info = &a.attested.quote;

		json_object_set_new(o, "pcrSelect", json_selection(&info->pcrSelect));
		json_object_set_new(o, "pcrDigest",
				    json_hex(info->pcrDigest.buffer, info->pcrDigest.size));
	}
	return o;
}

static int evidence_show(int argc, char **argv)
{
	static const struct option options[] = { { 0 } };
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_evidence evidence;
	struct ctpm_claims claims;
	enum ctpm_error error;
	struct buffer file;
	bool json = false;
	int status;

	while (next_option(argc, argv, options, &json) != -1)
		;
	if (optind != argc - 1)
		usage("one file of evidence is shown");
	if (!read_file(argv[optind], 2 * CTPM_EVIDENCE_SIZE_MAX, &file))
		return EXIT_UNDECIDED;
	error = ctpm_evidence_decode(file.data, file.len, &evidence, &why);
	if (!error)
		error = ctpm_claims_decode(evidence.claims.data, evidence.claims.len, &claims,
					   &why);
	if (error)
		status = fail_why(argv[optind], error, &why);
	else
		status = show_object(json_pack("{s:I, s:o, s:o}", "bytes", (json_int_t)file.len,
					       "quote", json_quote(evidence.quote), "claims",
					       json_claims(&claims)),
				     json, EXIT_ACCEPTED);
	buffer_free(&file);
	return status;
}

const struct verb evidence_show_verb = {
	"evidence show", evidence_show, "show what evidence says",
	"usage: ctpm evidence show FILE [--json]\n\n"
	"Shows the quote and the claims of evidence, - for standard input. Nothing is verified.\n\n"
	"  --json                as a JSON object\n"
};

const struct verb eventlog_verb = {
	"eventlog", eventlog, "show and replay an event log",
	"usage: ctpm eventlog [FILE] [--json]\n\n"
	"Shows the events of a TCG crypto-agile log, - for standard input, and the PCR values that they\n"
	"lead to. Default: " DRIVER_LOG ", or " BIND_LOG ".\n\n"
	"  --json                as a JSON object\n"
};
