// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctpm/report.h>
#include <stdlib.h>

#include "../common/cursor.h"
#include "why.h"

#define VERSION_MIN	    2
#define VERSION_CPUID	    3
#define VERSION_MITIGATIONS 5
#define VERSION_MAX	    5

#define ALGO_ECDSA_P384	    1

#define FLAG_AUTHOR_KEY_EN  (1U << 0)
#define FLAG_MASK_CHIP_KEY  (1U << 1)
#define FLAG_SIGNING_KEY(f) ((f) >> 2 & 7)
#define FLAGS_RESERVED	    (~0x1fU)

#define VMPL_MAX	    3

/* R and S, little-endian, 72 bytes each, of which 48 are used */
#define SIGNATURE_COMPONENT 72
#define SCALAR_SIZE	    48
#define SIGNATURE_SIZE	    512

const char *ctpm_product_name(enum ctpm_product product)
{
	static const char *const names[] = { "Milan", "Genoa", "Turin" };

	return product < CTPM_PRODUCTS ? names[product] : "unknown";
}

/* Combined CPUID family and model, as AMD's processor identification has them */
bool ctpm_report_product(const struct ctpm_report *report, enum ctpm_product *product)
{
	uint8_t model = report->cpuid_model;

	if (!report->has_cpuid)
		return false;
	if (report->cpuid_family == 0x19 && model <= 0x0f)
		*product = CTPM_MILAN;
	else if (report->cpuid_family == 0x19 &&
		 ((model >= 0x10 && model <= 0x1f) || (model >= 0xa0 && model <= 0xaf)))
		*product = CTPM_GENOA;
	else if (report->cpuid_family == 0x1a && model <= 0x1f)
		*product = CTPM_TURIN;
	else
		return false;
	return true;
}

struct ctpm_tcb ctpm_tcb_decode(enum ctpm_product product, uint64_t raw)
{
	if (product == CTPM_TURIN)
		return (struct ctpm_tcb){ .fmc = (uint8_t)raw,
					  .bootloader = (uint8_t)(raw >> 8),
					  .tee = (uint8_t)(raw >> 16),
					  .snp = (uint8_t)(raw >> 24),
					  .microcode = (uint8_t)(raw >> 56) };
	return (struct ctpm_tcb){ .bootloader = (uint8_t)raw,
				  .tee = (uint8_t)(raw >> 8),
				  .snp = (uint8_t)(raw >> 48),
				  .microcode = (uint8_t)(raw >> 56) };
}

static struct ctpm_version get_version(struct cur *c)
{
	struct ctpm_version v;

	v.build = cur_get_u8(c);
	v.minor = cur_get_u8(c);
	v.major = cur_get_u8(c);
	return v;
}

/* Whatever must be zero: the offset of the first field that is not, or 0 */
struct reserved {
	size_t offset;
};

static void zeros(struct cur *c, size_t n, struct reserved *bad)
{
	size_t at = c->pos;

	if (!cur_get_zeros(c, n) && !bad->offset)
		bad->offset = at;
}

static void get_guest(struct cur *c, struct ctpm_report *r, uint32_t *algorithm,
		      struct reserved *bad)
{
	uint32_t flags;

	r->version = cur_get_le32(c);
	r->guest_svn = cur_get_le32(c);
	r->policy = cur_get_le64(c);
	cur_get_bytes(c, r->family_id, sizeof(r->family_id));
	cur_get_bytes(c, r->image_id, sizeof(r->image_id));
	r->vmpl = cur_get_le32(c);
	*algorithm = cur_get_le32(c);
	r->current_tcb = cur_get_le64(c);
	r->platform_info = cur_get_le64(c);
	flags = cur_get_le32(c);
	if (flags & FLAGS_RESERVED)
		bad->offset = c->pos - 4;
	r->author_key_en = flags & FLAG_AUTHOR_KEY_EN;
	r->mask_chip_key = flags & FLAG_MASK_CHIP_KEY;
	r->signing_key = (enum ctpm_signing_key)FLAG_SIGNING_KEY(flags);
	zeros(c, 4, bad);
	cur_get_bytes(c, r->report_data, sizeof(r->report_data));
	cur_get_bytes(c, r->measurement, sizeof(r->measurement));
	cur_get_bytes(c, r->host_data, sizeof(r->host_data));
	cur_get_bytes(c, r->id_key_digest, sizeof(r->id_key_digest));
	cur_get_bytes(c, r->author_key_digest, sizeof(r->author_key_digest));
	cur_get_bytes(c, r->report_id, sizeof(r->report_id));
	cur_get_bytes(c, r->report_id_ma, sizeof(r->report_id_ma));
}

static void get_platform(struct cur *c, struct ctpm_report *r, struct reserved *bad)
{
	r->reported_tcb = cur_get_le64(c);
	r->has_cpuid = r->version >= VERSION_CPUID;
	if (r->has_cpuid) {
		r->cpuid_family = cur_get_u8(c);
		r->cpuid_model = cur_get_u8(c);
		r->cpuid_stepping = cur_get_u8(c);
		zeros(c, 21, bad);
	} else {
		zeros(c, 24, bad);
	}
	cur_get_bytes(c, r->chip_id, sizeof(r->chip_id));
	r->committed_tcb = cur_get_le64(c);
	r->current = get_version(c);
	zeros(c, 1, bad);
	r->committed = get_version(c);
	zeros(c, 1, bad);
	r->launch_tcb = cur_get_le64(c);
	r->has_mitigations = r->version >= VERSION_MITIGATIONS;
	if (r->has_mitigations) {
		r->launch_mit_vector = cur_get_le64(c);
		r->current_mit_vector = cur_get_le64(c);
	} else {
		zeros(c, 16, bad);
	}
	zeros(c, 152, bad);
}

static void skip_signature(struct cur *c, struct reserved *bad)
{
	for (int i = 0; i < 2; i++) {
		cur_skip(c, SCALAR_SIZE);
		zeros(c, SIGNATURE_COMPONENT - SCALAR_SIZE, bad);
	}
	zeros(c, SIGNATURE_SIZE - 2 * SIGNATURE_COMPONENT, bad);
}

static enum ctpm_error check_form(const struct ctpm_report *r, uint32_t algorithm,
				  const struct reserved *bad, struct ctpm_why *why)
{
	if (r->version < VERSION_MIN || r->version > VERSION_MAX)
		return because(why, CTPM_ERR_REPORT_VERSION,
			       "the report has version %u; versions %u to %u are understood",
			       r->version, VERSION_MIN, VERSION_MAX);
	if (algorithm != ALGO_ECDSA_P384)
		return because(why, CTPM_ERR_REPORT_ALGORITHM,
			       "the report is signed by algorithm %u, not by %u, ECDSA P-384 with "
			       "SHA-384",
			       algorithm, ALGO_ECDSA_P384);
	if (bad->offset)
		return because(why, CTPM_ERR_REPORT_RESERVED,
			       "the report's bytes at %#zx are reserved and not zero: it is "
			       "damaged, or newer than its version says",
			       bad->offset);
	if (r->vmpl > VMPL_MAX)
		return because(why, CTPM_ERR_REPORT_RESERVED,
			       "the report was asked for from VMPL %u; there are 0 to %u", r->vmpl,
			       VMPL_MAX);
	if (r->signing_key != CTPM_KEY_VCEK && r->signing_key != CTPM_KEY_VLEK &&
	    r->signing_key != CTPM_KEY_NONE)
		return because(why, CTPM_ERR_REPORT_RESERVED,
			       "the report's signing key has type %u; 0 (VCEK), 1 (VLEK) and 7 "
			       "(none) are defined",
			       (unsigned int)r->signing_key);
	return CTPM_OK;
}

enum ctpm_error ctpm_report_parse(const void *data, size_t len, struct ctpm_report *report,
				  struct ctpm_why *why)
{
	struct cur c = cur_reader(data, len);
	struct reserved bad = { 0 };
	uint32_t algorithm = 0;
	enum ctpm_error error;

	memset(report, 0, sizeof(*report));
	if (len != CTPM_REPORT_SIZE)
		return because(why, CTPM_ERR_REPORT_SIZE, "a report has %u bytes, not %zu",
			       CTPM_REPORT_SIZE, len);
	get_guest(&c, report, &algorithm, &bad);
	get_platform(&c, report, &bad);
	skip_signature(&c, &bad);
	error = cur_complete(&c)
			? check_form(report, algorithm, &bad, why)
			: because(why, CTPM_ERR_REPORT_SIZE, "the report ends within its fields");
	if (error)
		memset(report, 0, sizeof(*report));
	return error;
}
