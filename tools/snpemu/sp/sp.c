// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The handle: a configuration is checked, then the platform powered on.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include "internal.h"

#define SPL_MAX		127 /* KDS: every SPL but the microcode's */
#define STEPPING_MAX	15
#define POLICY_ALL_ONES ((1ULL << 26) - 1)

/* What differs between products and is only a matter of names and numbers */
static const struct {
	const char *name;
	uint8_t family, model, stepping;
	struct snp_tcb tcb;
} products[] = {
	[SNP_MILAN] = { "Milan", 0x19, 0x01, 1, { 0, 4, 0, 24, 219 } },
	[SNP_GENOA] = { "Genoa", 0x19, 0x11, 1, { 0, 10, 0, 24, 84 } },
	[SNP_TURIN] = { "Turin", 0x1a, 0x02, 1, { 1, 2, 1, 3, 73 } },
};
#define PRODUCTS (sizeof(products) / sizeof(products[0]))

int snp_product_from_name(const char *name, enum snp_product *product)
{
	for (size_t i = 0; i < PRODUCTS; i++) {
		if (!strcasecmp(name, products[i].name)) {
			*product = (enum snp_product)i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *snp_product_name(enum snp_product product)
{
	return (size_t)product < PRODUCTS ? products[product].name : "unknown product";
}

const char *snp_fw_status_name(enum snp_fw_status status)
{
	switch (status) {
	case SNP_FW_SUCCESS:
		return "SUCCESS";
	case SNP_FW_INVALID_GUEST_STATE:
		return "INVALID_GUEST_STATE";
	case SNP_FW_POLICY_FAILURE:
		return "POLICY_FAILURE";
	case SNP_FW_BAD_SIGNATURE:
		return "BAD_SIGNATURE";
	case SNP_FW_BAD_MEASUREMENT:
		return "BAD_MEASUREMENT";
	case SNP_FW_HWERROR_PLATFORM:
		return "HWERROR_PLATFORM";
	case SNP_FW_INVALID_PARAM:
		return "INVALID_PARAM";
	case SNP_FW_AEAD_OFLOW:
		return "AEAD_OFLOW";
	case SNP_FW_INVALID_KEY:
		return "INVALID_KEY";
	}
	return "unknown status";
}

int snp_fail(struct snp_sp_error *error, int err, const char *fmt, ...)
{
	va_list args;

	if (error) {
		va_start(args, fmt);
		vsnprintf(error->text, sizeof(error->text), fmt, args);
		va_end(args);
	}
	return err;
}

int snp_fail_crypto(struct snp_sp_error *error, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	snp_fail(error, -EIO, "libcrypto could not %s: %s", what,
		 reason ? reason : "no reason given");
	ERR_clear_error();
	return -EIO;
}

enum snp_fw_status snp_refuse(struct snp_sp *sp, enum snp_fw_status status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(sp->reason, sizeof(sp->reason), fmt, args);
	va_end(args);
	return status;
}

const char *snp_sp_reason(const struct snp_sp *sp)
{
	return sp->reason;
}

/* TCB_VERSION: the ABI has one layout up to Genoa and one from Turin on. */
uint64_t snp_tcb_encode(enum snp_product product, const struct snp_tcb *tcb)
{
	if (product == SNP_TURIN)
		return (uint64_t)tcb->fmc | (uint64_t)tcb->bootloader << 8 |
		       (uint64_t)tcb->tee << 16 | (uint64_t)tcb->snp << 24 |
		       (uint64_t)tcb->microcode << 56;
	return (uint64_t)tcb->bootloader | (uint64_t)tcb->tee << 8 | (uint64_t)tcb->snp << 48 |
	       (uint64_t)tcb->microcode << 56;
}

struct snp_tcb snp_tcb_decode(enum snp_product product, uint64_t version)
{
	struct snp_tcb tcb = { .microcode = (uint8_t)(version >> 56) };

	if (product == SNP_TURIN) {
		tcb.fmc = (uint8_t)version;
		tcb.bootloader = (uint8_t)(version >> 8);
		tcb.tee = (uint8_t)(version >> 16);
		tcb.snp = (uint8_t)(version >> 24);
	} else {
		tcb.bootloader = (uint8_t)version;
		tcb.tee = (uint8_t)(version >> 8);
		tcb.snp = (uint8_t)(version >> 48);
	}
	return tcb;
}

bool snp_tcb_not_above(const struct snp_tcb *a, const struct snp_tcb *b)
{
	return a->fmc <= b->fmc && a->bootloader <= b->bootloader && a->tee <= b->tee &&
	       a->snp <= b->snp && a->microcode <= b->microcode;
}

void snp_sp_config_set_tcb(struct snp_sp_config *config, const struct snp_tcb *tcb)
{
	config->current_tcb = *tcb;
	config->reported_tcb = *tcb;
	config->committed_tcb = *tcb;
	config->launch_tcb = *tcb;
}

void snp_sp_config_init(struct snp_sp_config *config, enum snp_product product)
{
	*config = (struct snp_sp_config){
		.product = product,
		.report_version = product == SNP_TURIN ? 5 : 3,
		.csp_id = "snpemu",
		.platform_info = SNP_PLATFORM_SMT_EN | SNP_PLATFORM_ECC_EN |
				 SNP_PLATFORM_ALIAS_CHECK_COMPLETE,
		.policy = SNP_POLICY_MUST_BE_ONE | SNP_POLICY_SMT,
	};
	if ((size_t)product >= PRODUCTS)
		return;
	config->cpuid_family = products[product].family;
	config->cpuid_model = products[product].model;
	config->cpuid_stepping = products[product].stepping;
	snp_sp_config_set_tcb(config, &products[product].tcb);
}

static int check_tcb(const struct snp_sp_config *config, const char *name,
		     const struct snp_tcb *tcb, struct snp_sp_error *error)
{
	if (tcb->fmc && config->product != SNP_TURIN)
		return snp_fail(error, -EINVAL, "%s has an FMC level of %u, but %s has no FMC",
				name, tcb->fmc, snp_product_name(config->product));
	if (tcb->fmc > SPL_MAX || tcb->bootloader > SPL_MAX || tcb->tee > SPL_MAX ||
	    tcb->snp > SPL_MAX)
		return snp_fail(error, -EINVAL,
				"%s has a level above %d; only the microcode's may be, up to 255",
				name, SPL_MAX);
	if (!snp_tcb_not_above(tcb, &config->current_tcb))
		return snp_fail(error, -EINVAL, "%s is above CURRENT_TCB in some component", name);
	return 0;
}

static int check_tcbs(const struct snp_sp_config *config, struct snp_sp_error *error)
{
	int err = check_tcb(config, "CURRENT_TCB", &config->current_tcb, error);

	if (!err)
		err = check_tcb(config, "REPORTED_TCB", &config->reported_tcb, error);
	if (!err)
		err = check_tcb(config, "COMMITTED_TCB", &config->committed_tcb, error);
	if (!err)
		err = check_tcb(config, "LAUNCH_TCB", &config->launch_tcb, error);
	return err;
}

/* The checks of SNP_LAUNCH_START on the policy, as far as they apply to one guest. */
static int check_policy(const struct snp_sp_config *config, struct snp_sp_error *error)
{
	uint64_t policy = config->policy;
	unsigned int major = policy >> 8 & 0xff, minor = policy & 0xff;

	if (!(policy & SNP_POLICY_MUST_BE_ONE) || policy & ~POLICY_ALL_ONES)
		return snp_fail(error, -EINVAL,
				"guest policy 0x%llx: bit 17 must be set and bits 63 to 26 clear",
				(unsigned long long)policy);
	if (major > config->fw_major || (major == config->fw_major && minor > config->fw_minor))
		return snp_fail(error, -EINVAL,
				"guest policy asks for firmware %u.%u at least, this is %u.%u",
				major, minor, config->fw_major, config->fw_minor);
	if (config->platform_info & SNP_PLATFORM_SMT_EN && !(policy & SNP_POLICY_SMT))
		return snp_fail(error, -EINVAL,
				"SMT is on in the platform but the guest policy does not allow it");
	return 0;
}

static bool all_zero(const uint8_t *p, size_t n)
{
	struct cur c = cur_reader(p, n);

	return cur_get_zeros(&c, n);
}

static int check_names(const struct snp_sp_config *config, struct snp_sp_error *error)
{
	size_t len = strnlen(config->csp_id, sizeof(config->csp_id));

	if (config->vlek && (!len || len > SNP_CSP_ID_MAX))
		return snp_fail(error, -EINVAL, "the CSP id must have 1 to %d characters",
				SNP_CSP_ID_MAX);
	for (size_t i = 0; i < len && i <= SNP_CSP_ID_MAX; i++) {
		if (config->csp_id[i] < 0x20 || config->csp_id[i] > 0x7e)
			return snp_fail(error, -EINVAL, "the CSP id must be printable ASCII");
	}
	if (config->product == SNP_TURIN &&
	    !all_zero(config->chip_id + SNP_TURIN_ID_SIZE, SNP_CHIP_ID_SIZE - SNP_TURIN_ID_SIZE))
		return snp_fail(error, -EINVAL, "a Turin chip id has %d bytes, then zeros",
				SNP_TURIN_ID_SIZE);
	return 0;
}

static int check_config(const struct snp_sp_config *config, struct snp_sp_error *error)
{
	uint32_t version = config->report_version;
	int err;

	if ((size_t)config->product >= PRODUCTS)
		return snp_fail(error, -EINVAL, "product %d is not one of Milan, Genoa, Turin",
				(int)config->product);
	if (version != 2 && version != SNP_FIRST_CPUID_VERSION && version != SNP_FIRST_MIT_VERSION)
		return snp_fail(error, -EINVAL, "report version %u is not one of 2, 3, 5", version);
	if (config->cpuid_stepping > STEPPING_MAX)
		return snp_fail(error, -EINVAL, "CPUID stepping %u is above %d",
				config->cpuid_stepping, STEPPING_MAX);
	if (!config->id_block != !config->id_auth)
		return snp_fail(error, -EINVAL,
				"an ID block and its authentication information go together");
	if (config->author_key_en && !config->id_block)
		return snp_fail(error, -EINVAL, "an author key needs an ID block");
	err = check_tcbs(config, error);
	if (!err)
		err = check_policy(config, error);
	if (!err)
		err = check_names(config, error);
	return err;
}

/* The firmware that first made each version of the report */
static void choose_firmware(struct snp_sp_config *config)
{
	if (config->fw_major || config->fw_minor || config->fw_build)
		return;
	config->fw_major = 1;
	config->fw_build = 1;
	if (config->report_version >= SNP_FIRST_MIT_VERSION)
		config->fw_minor = 58;
	else if (config->report_version >= SNP_FIRST_CPUID_VERSION)
		config->fw_minor = 56;
	else
		config->fw_minor = 55;
}

static void take_config(struct snp_sp *sp, const struct snp_sp_config *config)
{
	sp->config = *config;
	if (config->id_block) {
		memcpy(sp->id_block, config->id_block, sizeof(sp->id_block));
		memcpy(sp->id_auth, config->id_auth, sizeof(sp->id_auth));
		sp->has_id_block = true;
	}
	sp->config.id_block = NULL;
	sp->config.id_auth = NULL;
	sp->config.key_dir = NULL;
}

static int make_guest_secrets(struct snp_gctx *gctx)
{
	return RAND_priv_bytes((uint8_t *)gctx->vmpck, sizeof(gctx->vmpck)) == 1 &&
	       RAND_priv_bytes(gctx->vmrk, sizeof(gctx->vmrk)) == 1 &&
	       RAND_bytes(gctx->report_id, sizeof(gctx->report_id)) == 1;
}

static int power_on(struct snp_sp *sp, const char *key_dir, struct snp_sp_error *error)
{
	int err = snp_keys_get(&sp->keys, sp->config.product, key_dir, error);

	if (err)
		return err;
	if (all_zero(sp->config.chip_id, SNP_CHIP_ID_SIZE)) {
		if (!snp_chip_id_make(&sp->keys, sp->config.chip_id))
			return snp_fail_crypto(error, "derive the chip id");
		if (sp->config.product == SNP_TURIN)
			memset(sp->config.chip_id + SNP_TURIN_ID_SIZE, 0,
			       SNP_CHIP_ID_SIZE - SNP_TURIN_ID_SIZE);
	}
	sp->vcek = snp_endorsement_key(sp, SNP_SIGNING_KEY_VCEK);
	if (!sp->vcek)
		return snp_fail_crypto(error, "derive the VCEK");
	if (sp->config.vlek) {
		sp->vlek = snp_endorsement_key(sp, SNP_SIGNING_KEY_VLEK);
		if (!sp->vlek)
			return snp_fail_crypto(error, "derive the VLEK");
	}
	if (!make_guest_secrets(&sp->gctx))
		return snp_fail_crypto(error, "make the guest's keys");
	return snp_certs_issue(sp, error);
}

int snp_sp_new(const struct snp_sp_config *config, struct snp_sp **out, struct snp_sp_error *error)
{
	struct snp_sp_config checked = *config;
	struct snp_sp *sp;
	int err;

	choose_firmware(&checked);
	err = check_config(&checked, error);
	if (err)
		return err;
	sp = calloc(1, sizeof(*sp));
	if (!sp)
		return snp_fail(error, -ENOMEM, "no memory for the AMD-SP");
	take_config(sp, &checked);
	err = power_on(sp, config->key_dir, error);
	if (err) {
		snp_sp_free(sp);
		return err;
	}
	*out = sp;
	return 0;
}

void snp_sp_free(struct snp_sp *sp)
{
	if (!sp)
		return;
	snp_keys_wipe(&sp->keys);
	EVP_PKEY_free(sp->vcek);
	EVP_PKEY_free(sp->vlek);
	for (size_t i = 0; i < SNP_CERTS; i++)
		OPENSSL_free(sp->cert[i].data);
	OPENSSL_cleanse(sp, sizeof(*sp));
	free(sp);
}
