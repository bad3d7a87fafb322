// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Attestation reports: the ABI, "ATTESTATION_REPORT Structure".
 */
#include "internal.h"

#define REPORT_SIGNED_SIZE     0x2a0 /* what the signature covers; then the signature */

#define FLAG_AUTHOR_KEY_EN     (1U << 0)
#define FLAG_MASK_CHIP_KEY     (1U << 1)
#define FLAG_SIGNING_KEY_SHIFT 2

static void put_version(struct cur *c, const struct snp_sp_config *config)
{
	cur_put_u8(c, config->fw_build);
	cur_put_u8(c, config->fw_minor);
	cur_put_u8(c, config->fw_major);
	cur_put_u8(c, 0);
}

/* From the start to HOST_DATA: who asks, and how the guest was launched */
static void put_guest(struct cur *c, const struct snp_sp *sp, uint32_t vmpl,
		      enum snp_signing_key which, const uint8_t report_data[SNP_REPORT_DATA_SIZE])
{
	const struct snp_sp_config *config = &sp->config;
	const struct snp_gctx *g = &sp->gctx;

	cur_put_le32(c, config->report_version);
	cur_put_le32(c, g->guest_svn);
	cur_put_le64(c, config->policy);
	cur_put_bytes(c, g->family_id, sizeof(g->family_id));
	cur_put_bytes(c, g->image_id, sizeof(g->image_id));
	cur_put_le32(c, vmpl);
	cur_put_le32(c, SNP_ALGO_ECDSA_P384);
	cur_put_le64(c, snp_tcb_encode(config->product, &config->current_tcb));
	cur_put_le64(c, config->platform_info);
	cur_put_le32(c, (config->author_key_en ? FLAG_AUTHOR_KEY_EN : 0) |
				(config->mask_chip_key ? FLAG_MASK_CHIP_KEY : 0) |
				(uint32_t)which << FLAG_SIGNING_KEY_SHIFT);
	cur_put_zeros_to(c, 0x50);
	cur_put_bytes(c, report_data, SNP_REPORT_DATA_SIZE);
	cur_put_bytes(c, g->ld, SNP_DIGEST_SIZE);
	cur_put_bytes(c, config->host_data, SNP_HOST_DATA_SIZE);
	cur_put_bytes(c, g->id_key_digest, SNP_DIGEST_SIZE);
	cur_put_bytes(c, g->author_key_digest, SNP_DIGEST_SIZE);
	cur_put_bytes(c, g->report_id, sizeof(g->report_id));
	/* REPORT_ID_MA: all ones, there is no migration agent */
	for (size_t i = 0; i < SNP_SECRET_SIZE; i++)
		cur_put_u8(c, 0xff);
}

/* From REPORTED_TCB to the end of what is signed: the platform */
static void put_platform(struct cur *c, const struct snp_sp *sp)
{
	const struct snp_sp_config *config = &sp->config;

	cur_put_le64(c, snp_tcb_encode(config->product, &config->reported_tcb));
	if (config->report_version >= SNP_FIRST_CPUID_VERSION) {
		cur_put_u8(c, config->cpuid_family);
		cur_put_u8(c, config->cpuid_model);
		cur_put_u8(c, config->cpuid_stepping);
	}
	cur_put_zeros_to(c, 0x1a0);
	if (config->mask_chip_id)
		cur_put_zeros(c, SNP_CHIP_ID_SIZE);
	else
		cur_put_bytes(c, config->chip_id, SNP_CHIP_ID_SIZE);
	cur_put_le64(c, snp_tcb_encode(config->product, &config->committed_tcb));
	put_version(c, config); /* CURRENT */
	put_version(c, config); /* COMMITTED */
	cur_put_le64(c, snp_tcb_encode(config->product, &config->launch_tcb));
	if (config->report_version >= SNP_FIRST_MIT_VERSION) {
		cur_put_le64(c, config->launch_mit_vector);
		cur_put_le64(c, config->current_mit_vector);
	}
	cur_put_zeros_to(c, REPORT_SIGNED_SIZE);
}

enum snp_fw_status snp_report_make(struct snp_sp *sp, uint32_t vmpl, uint32_t key_sel,
				   const uint8_t report_data[SNP_REPORT_DATA_SIZE],
				   uint8_t report[SNP_REPORT_SIZE])
{
	struct cur c = cur_writer(report, SNP_REPORT_SIZE);
	enum snp_signing_key which;
	enum snp_fw_status status = snp_select_key(sp, key_sel, &which);
	bool ok;

	if (status)
		return status;
	if (which == SNP_SIGNING_KEY_VCEK && sp->config.mask_chip_key)
		which = SNP_SIGNING_KEY_NONE;
	put_guest(&c, sp, vmpl, which, report_data);
	put_platform(&c, sp);
	ok = !c.failed && c.pos == REPORT_SIGNED_SIZE;
	if (ok && which == SNP_SIGNING_KEY_NONE)
		cur_put_zeros_to(&c, SNP_REPORT_SIZE);
	else
		ok = ok && snp_sign(which == SNP_SIGNING_KEY_VLEK ? sp->vlek : sp->vcek, report,
				    REPORT_SIGNED_SIZE, report + REPORT_SIGNED_SIZE);
	if (ok)
		return SNP_FW_SUCCESS;
	memset(report, 0, SNP_REPORT_SIZE);
	return snp_refuse(sp, SNP_FW_HWERROR_PLATFORM, "libcrypto could not sign a report");
}

enum snp_fw_status snp_sp_report(struct snp_sp *sp, uint32_t vmpl,
				 const uint8_t report_data[SNP_REPORT_DATA_SIZE],
				 uint8_t report[SNP_REPORT_SIZE])
{
	sp->reason[0] = '\0';
	memset(report, 0, SNP_REPORT_SIZE);
	if (!sp->gctx.running)
		return snp_refuse(sp, SNP_FW_INVALID_GUEST_STATE, "the launch is not finished");
	if (vmpl >= SNP_VMPLS)
		return snp_refuse(sp, SNP_FW_INVALID_PARAM, "VMPL %u is above 3", vmpl);
	return snp_report_make(sp, vmpl, SNP_KEY_SEL_VLEK_OR_VCEK, report_data, report);
}
