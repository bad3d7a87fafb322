// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a TPM driver calls before it registers the SVSM's vTPM: the order of
 * things, module parameters, and the binding's state in sysfs.
 */
#include <linux/device.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/sysfs.h>
#include <asm/sev.h>

#include "ctpm.h"

#undef pr_fmt
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

static struct ctpm_params ctpm_params = {
	.report_pcr = CTPM_PCR_DEFAULT,
	.identity_pcr = -1,
};

module_param_named(report_pcr, ctpm_params.report_pcr, int, 0444);
MODULE_PARM_DESC(report_pcr, "PCR that gets the digest of the SNP report, 0 to 15 (default 13)");
module_param_named(identity_pcr, ctpm_params.identity_pcr, int, 0444);
MODULE_PARM_DESC(identity_pcr,
		 "PCR that gets the digest of the launch identity, 0 to 15, or -1 for none (default)");
module_param_named(require_binding, ctpm_params.require_binding, bool, 0444);
MODULE_PARM_DESC(require_binding, "register no TPM that cannot be bound to the report (default 0)");

/* The one binding; an SVSM has one vTPM */
static struct ctpm_state ctpm_state;

static ssize_t mode_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "svsm\n");
}
static DEVICE_ATTR_RO(mode);

static ssize_t vmpl_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", snp_vmpl);
}
static DEVICE_ATTR_RO(vmpl);

static ssize_t bound_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", ctpm_state.bound);
}
static DEVICE_ATTR_RO(bound);

static ssize_t late_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", ctpm_state.late);
}
static DEVICE_ATTR_RO(late);

static ssize_t reason_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	if (ctpm_state.bound)
		return sysfs_emit(buf, "none\n");
	return sysfs_emit(buf, "%s: error %d\n", ctpm_step_name(ctpm_state.step),
			  ctpm_state.error);
}
static DEVICE_ATTR_RO(reason);

static ssize_t report_pcr_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", ctpm_params.report_pcr);
}
static DEVICE_ATTR_RO(report_pcr);

static ssize_t identity_pcr_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", ctpm_params.identity_pcr);
}
static DEVICE_ATTR_RO(identity_pcr);

static struct attribute *ctpm_attrs[] = {
	&dev_attr_mode.attr,
	&dev_attr_vmpl.attr,
	&dev_attr_bound.attr,
	&dev_attr_late.attr,
	&dev_attr_reason.attr,
	&dev_attr_report_pcr.attr,
	&dev_attr_identity_pcr.attr,
	NULL
};

static const struct attribute_group ctpm_group = {
	.attrs = ctpm_attrs,
};

/* For the driver's device, so that they come and go with it */
const struct attribute_group *ctpm_groups[] = {
	&ctpm_group,
	NULL
};
EXPORT_SYMBOL_GPL(ctpm_groups);

/* Return: 0, or -EINVAL with a line in the log that says which is not allowed. */
static int ctpm_check_params(void)
{
	if (!ctpm_pcr_allowed(ctpm_params.report_pcr)) {
		pr_err("report_pcr=%d: must be 0 to 15, others can be reset or not be extended\n",
		       ctpm_params.report_pcr);
		return -EINVAL;
	}
	if (ctpm_params.identity_pcr != -1 &&
	    (!ctpm_pcr_allowed(ctpm_params.identity_pcr) ||
	     ctpm_params.identity_pcr == ctpm_params.report_pcr)) {
		pr_err("identity_pcr=%d: must be 0 to 15 and not report_pcr, or -1\n",
		       ctpm_params.identity_pcr);
		return -EINVAL;
	}
	return 0;
}

/* What came of it, in a line. Return: 0 if the TPM may be registered. */
static int ctpm_tell(struct device *dev, const struct ctpm_state *st)
{
	if (!st->bound) {
		dev_err(dev, "the TPM is not bound to the SNP report: %s failed (%d)\n",
			ctpm_step_name(st->step), st->error);
		return ctpm_params.require_binding ? st->error : 0;
	}
	if (st->late)
		dev_warn(dev, "PCR %d was within reach of user space before: the binding is late\n",
			 ctpm_params.report_pcr);
	dev_info(dev, "TPM bound to the SNP report in PCR %d\n", ctpm_params.report_pcr);
	return 0;
}

/**
 * ctpm_start() - bind the SVSM's vTPM to the SNP report of this guest
 * @dev: the TPM driver's device
 * @chip: the vTPM, started up by tpm_chip_bootstrap()
 * @late: the chip is registered already, so user space may have used it
 *
 * To be called before tpm_chip_register(): user space then has no way to extend
 * the PCR first. Publishes what a verifier needs in securityfs. Context: process
 * context, once until ctpm_stop().
 *
 * Return: 0 if the TPM may be registered, bound or, unless require_binding is
 * set, with an error event in the PCR; -EINVAL for parameters that are not
 * allowed; -EBUSY for a second one; another -errno if the TPM must not be
 * registered.
 */
int ctpm_start(struct device *dev, struct tpm_chip *chip, bool late)
{
	struct ctpm_state *st = &ctpm_state;
	int ret = ctpm_check_params();

	if (ret)
		return ret;
	if (st->log.data)
		return -EBUSY;
	st->late = late;
	ret = ctpm_bind(chip, &ctpm_params, st);
	if (ret)
		dev_err(dev, "PCR %d cannot be extended (%d): no TPM\n", ctpm_params.report_pcr,
			ret);
	else
		ret = ctpm_tell(dev, st);
	if (ret) {
		ctpm_state_free(st);
		return ret;
	}
	if (ctpm_securityfs_publish(st))
		dev_warn(dev, "no folder in securityfs: log and report cannot be read\n");
	return 0;
}
EXPORT_SYMBOL_GPL(ctpm_start);

/**
 * ctpm_stop() - forget the binding, before the TPM goes away
 *
 * The PCR stays as it is.
 */
void ctpm_stop(void)
{
	ctpm_securityfs_remove();
	ctpm_state_free(&ctpm_state);
}
EXPORT_SYMBOL_GPL(ctpm_stop);

MODULE_DESCRIPTION("Binds the confidential vTPM of an SEV-SNP guest to its attestation report");
MODULE_AUTHOR("The ctpm authors");
MODULE_LICENSE("GPL");
