// SPDX-License-Identifier: GPL-2.0-or-later
/* AMD's names and extensions (57230, chapter 3). */
#include <openssl/x509v3.h>
#include <string.h>

#include "../common/cursor.h"
#include "certs.h"
#include "why.h"

#define AMD_OID	      "1.3.6.1.4.1.3704.1."
#define NAME_MAX_LEN  32
#define CHIP_ID_SIZE  64
#define TURIN_ID_SIZE 8

/* The subject's only common name, or false */
static bool common_name(const X509 *cert, char name[NAME_MAX_LEN])
{
	const X509_NAME *subject = X509_get_subject_name(cert);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	const ASN1_STRING *s;
	int len;

	if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0)
		return false;
	s = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
	len = ASN1_STRING_length(s);
	if (len <= 0 || len >= NAME_MAX_LEN || memchr(ASN1_STRING_get0_data(s), 0, (size_t)len))
		return false;
	memcpy(name, ASN1_STRING_get0_data(s), (size_t)len);
	name[len] = '\0';
	return true;
}

static bool product_by_name(const char *name, enum ctpm_product *product)
{
	for (int p = 0; p < CTPM_PRODUCTS; p++) {
		if (strcmp(name, ctpm_product_name((enum ctpm_product)p)))
			continue;
		*product = (enum ctpm_product)p;
		return true;
	}
	return false;
}

/* "ARK-Milan", "SEV-Milan", "SEV-VLEK-Milan", "SEV-VCEK", "SEV-VLEK" */
static enum role parse_name(const X509 *cert, enum ctpm_product *product)
{
	char name[NAME_MAX_LEN];

	if (!common_name(cert, name))
		return ROLE_OTHER;
	if (!strcmp(name, "SEV-VCEK"))
		return ROLE_VCEK;
	if (!strcmp(name, "SEV-VLEK"))
		return ROLE_VLEK;
	if (!strncmp(name, "ARK-", 4) && product_by_name(name + 4, product))
		return ROLE_ARK;
	if (!strncmp(name, "SEV-VLEK-", 9) && product_by_name(name + 9, product))
		return ROLE_ASVK;
	if (!strncmp(name, "SEV-", 4) && product_by_name(name + 4, product))
		return ROLE_ASK;
	return ROLE_OTHER;
}

enum role amd_role(const X509 *cert)
{
	enum ctpm_product product;

	return parse_name(cert, &product);
}

bool amd_ca_product(const X509 *cert, enum ctpm_product *product)
{
	enum role role = parse_name(cert, product);

	return role == ROLE_ARK || role == ROLE_ASK || role == ROLE_ASVK;
}

/* The value of one of AMD's extensions, which must be there once; failed otherwise */
static struct cur extension(const X509 *cert, const char *oid)
{
	struct cur none = { .failed = true };
	char text[sizeof(AMD_OID) + 8] = AMD_OID;
	ASN1_OBJECT *obj;
	const ASN1_OCTET_STRING *value;
	int at;

	strncat(text, oid, 8);
	obj = OBJ_txt2obj(text, 1);
	if (!obj)
		return none;
	at = X509_get_ext_by_OBJ(cert, obj, -1);
	if (at >= 0 && X509_get_ext_by_OBJ(cert, obj, at) >= 0)
		at = -1;
	ASN1_OBJECT_free(obj);
	if (at < 0)
		return none;
	value = X509_EXTENSION_get_data(X509_get_ext(cert, at));
	return cur_reader(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
}

/* A DER INTEGER of 0 to 255 */
static bool get_level(const X509 *cert, const char *oid, uint8_t *level)
{
	struct cur c = extension(cert, oid);
	uint8_t tag = cur_get_u8(&c), len = cur_get_u8(&c);

	if (tag != V_ASN1_INTEGER || len < 1 || len > 2 || (len == 2 && cur_get_u8(&c)))
		return false;
	*level = cur_get_u8(&c);
	return cur_complete(&c) && (len == 2) == (*level > 127);
}

/* An IA5String, of which the part before a hyphen names the product ("Milan-B0") */
static bool get_product(const X509 *cert, enum ctpm_product *product)
{
	struct cur c = extension(cert, "2");
	uint8_t tag = cur_get_u8(&c), len = cur_get_u8(&c);
	char name[NAME_MAX_LEN];

	if (tag != V_ASN1_IA5STRING || len >= sizeof(name))
		return false;
	cur_get_bytes(&c, name, len);
	name[len] = '\0';
	name[strcspn(name, "-")] = '\0';
	return cur_complete(&c) && product_by_name(name, product);
}

static enum ctpm_error malformed(struct ctpm_why *why, const char *what)
{
	return because(why, CTPM_ERR_CERT_EXTENSION,
		       "the certificate's extension for %s is missing, twice there or malformed",
		       what);
}

static enum ctpm_error compare_tcb(const X509 *leaf, enum ctpm_product product, uint64_t raw,
				   struct ctpm_why *why)
{
	struct ctpm_tcb tcb = ctpm_tcb_decode(product, raw);
	const struct {
		const char *oid, *name;
		uint8_t reported;
	} component[] = {
		{ "3.1", "boot loader", tcb.bootloader },
		{ "3.2", "TEE", tcb.tee },
		{ "3.3", "SNP firmware", tcb.snp },
		{ "3.8", "microcode", tcb.microcode },
		{ "3.9", "FMC", tcb.fmc },
	};
	size_t n = product == CTPM_TURIN ? 5 : 4;
	uint8_t level;

	for (size_t i = 0; i < n; i++) {
		if (!get_level(leaf, component[i].oid, &level))
			return malformed(why, component[i].name);
		if (level != component[i].reported)
			return because(
				why, CTPM_ERR_TCB,
				"the certificate is for %s level %u, the report says %u: get "
				"the certificate for the reported TCB",
				component[i].name, level, component[i].reported);
	}
	return CTPM_OK;
}

static bool all_zero(const uint8_t *p, size_t n)
{
	uint8_t any = 0;

	for (size_t i = 0; i < n; i++)
		any |= p[i];
	return !any;
}

/* The hardware's id, as it is or in an OCTET STRING; a platform may mask the report's. */
static enum ctpm_error compare_chip(const X509 *leaf, enum ctpm_product product,
				    const uint8_t chip_id[CHIP_ID_SIZE], struct ctpm_why *why)
{
	size_t size = product == CTPM_TURIN ? TURIN_ID_SIZE : CHIP_ID_SIZE;
	struct cur c = extension(leaf, "4");
	const uint8_t *id;

	if (!c.failed && c.len == size + 2 &&
	    (cur_get_u8(&c) != V_ASN1_OCTET_STRING || cur_get_u8(&c) != size))
		return malformed(why, "the chip's id");
	id = cur_take(&c, size);
	if (!id || !cur_complete(&c))
		return malformed(why, "the chip's id");
	if (all_zero(chip_id, CHIP_ID_SIZE))
		return CTPM_OK;
	if (memcmp(id, chip_id, size) || !all_zero(chip_id + size, CHIP_ID_SIZE - size))
		return because(why, CTPM_ERR_CHIP_ID,
			       "the certificate is for chip %02x%02x%02x%02x..., the report for "
			       "%02x%02x%02x%02x...",
			       id[0], id[1], id[2], id[3], chip_id[0], chip_id[1], chip_id[2],
			       chip_id[3]);
	return CTPM_OK;
}

enum ctpm_error amd_compare(const X509 *leaf, enum role role, enum ctpm_product product,
			    const struct ctpm_report *report, struct ctpm_why *why)
{
	enum ctpm_product of_leaf, of_report;
	enum ctpm_error error;

	if (!get_product(leaf, &of_leaf))
		return malformed(why, "the product's name");
	if (of_leaf != product)
		return because(why, CTPM_ERR_CERT_PRODUCT,
			       "the certificate is for %s, its issuer is %s's",
			       ctpm_product_name(of_leaf), ctpm_product_name(product));
	if (report->has_cpuid && (!ctpm_report_product(report, &of_report) || of_report != product))
		return because(why, CTPM_ERR_CERT_PRODUCT,
			       "the certificates are %s's; the report is of a processor of family "
			       "%#x, model %#x",
			       ctpm_product_name(product), report->cpuid_family,
			       report->cpuid_model);
	error = compare_tcb(leaf, product, report->reported_tcb, why);
	if (!error && role == ROLE_VCEK)
		error = compare_chip(leaf, product, report->chip_id, why);
	return error;
}
