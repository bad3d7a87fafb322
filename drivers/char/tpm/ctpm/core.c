// SPDX-License-Identifier: GPL-2.0-only
/*
 * ctpm: the SVSM's vTPM as a TPM of this SEV-SNP guest, bound to its report.
 *
 * Three ways to a TPM, in this order:
 *
 * - another driver (tpm_svsm) has the vTPM already: its chip is bound, no
 *   second one is made;
 * - the kernel has a "tpm-svsm" device without a driver (6.16 and later): it
 *   is taken;
 * - otherwise a device "ctpm" is made.
 */
#include <linux/cc_platform.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/sysfs.h>

#include "compat.h"
#include "ctpm.h"

#undef pr_fmt
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#define SVSM_VTPM_SEND_COMMAND	8
#define SVSM_DEVICE		"tpm-svsm"
#define OWN_DEVICE		"ctpm"

static struct ctpm_params ctpm_params = {
	.report_pcr = CTPM_PCR_DEFAULT,
	.identity_pcr = -1,
	.timeout_ms = 10000,
};

module_param_named(report_pcr, ctpm_params.report_pcr, int, 0444);
MODULE_PARM_DESC(report_pcr, "PCR that gets the digest of the SNP report, 0 to 15 (default 13)");
module_param_named(identity_pcr, ctpm_params.identity_pcr, int, 0444);
MODULE_PARM_DESC(identity_pcr,
		 "PCR that gets the digest of the launch identity, 0 to 15, or -1 for none (default)");
module_param_named(require_binding, ctpm_params.require_binding, bool, 0444);
MODULE_PARM_DESC(require_binding, "register no TPM that cannot be bound to the report (default 0)");
module_param_named(timeout_ms, ctpm_params.timeout_ms, uint, 0444);
MODULE_PARM_DESC(timeout_ms,
		 "longest wait for a busy SVSM, in milliseconds, 1 to 600000 (default 10000)");

#define TIMEOUT_MAX_MS		600000

/**
 * struct ctpm - the one binding; an SVSM has one vTPM
 * @state: evidence and log
 * @made: the device that we made, or NULL
 * @foreign: the device of the driver whose chip is bound, or NULL
 * @probed: a device was there to be probed
 * @result: of the probe
 */
static struct {
	struct ctpm_state state;
	struct platform_device *made;
	struct device *foreign;
	bool probed;
	int result;
} ctpm;

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
	return sysfs_emit(buf, "%d\n", ctpm.state.bound);
}
static DEVICE_ATTR_RO(bound);

static ssize_t late_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", ctpm.state.late);
}
static DEVICE_ATTR_RO(late);

static ssize_t reason_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	if (ctpm.state.bound)
		return sysfs_emit(buf, "none\n");
	return sysfs_emit(buf, "%s: error %d\n", ctpm_step_name(ctpm.state.step),
			  ctpm.state.error);
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
ATTRIBUTE_GROUPS(ctpm);

/* The PCR is extended here, and nowhere is the TPM within reach before. */
static int ctpm_bind_chip(struct device *dev, struct tpm_chip *chip)
{
	struct ctpm_state *st = &ctpm.state;
	int ret = ctpm_bind(chip, &ctpm_params, st);

	if (ret) {
		dev_err(dev, "PCR %d cannot be extended (%d): no TPM\n", ctpm_params.report_pcr,
			ret);
		return ret;
	}
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

static int ctpm_own_chip(struct device *dev)
{
	struct tpm_chip *chip = ctpm_chip_alloc(dev, ctpm_params.timeout_ms);
	int ret;

	if (IS_ERR(chip))
		return PTR_ERR(chip);
	ret = tpm_chip_bootstrap(chip);
	if (ret) {
		dev_err(dev, "the vTPM does not start up (%d)\n", ret);
		return ret > 0 ? -EIO : ret;
	}
	ret = ctpm_bind_chip(dev, chip);
	if (!ret)
		ret = tpm_chip_register(chip);
	return ret;
}

static int ctpm_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	int ret;

	if (ctpm.foreign) {
		ctpm.state.late = true;
		ret = ctpm_bind_chip(dev, dev_get_drvdata(ctpm.foreign));
	} else {
		ret = ctpm_own_chip(dev);
	}
	if (!ret && ctpm_securityfs_publish(&ctpm.state))
		dev_warn(dev, "no folder in securityfs: log and report cannot be read\n");
	if (ret) {
		ctpm_state_free(&ctpm.state);
		/* not the chip that devres frees */
		dev_set_drvdata(dev, NULL);
	}
	ctpm.probed = true;
	ctpm.result = ret;
	return ret;
}

static void ctpm_remove(struct platform_device *pdev)
{
	struct tpm_chip *chip = platform_get_drvdata(pdev);

	ctpm_securityfs_remove();
	if (chip)
		tpm_chip_unregister(chip);
	ctpm_state_free(&ctpm.state);
}

/* A chip of another driver's is suspended by that. */
static int ctpm_suspend(struct device *dev)
{
	return dev_get_drvdata(dev) ? tpm_pm_suspend(dev) : 0;
}

static int ctpm_resume(struct device *dev)
{
	return dev_get_drvdata(dev) ? tpm_pm_resume(dev) : 0;
}

static DEFINE_SIMPLE_DEV_PM_OPS(ctpm_pm, ctpm_suspend, ctpm_resume);

static const struct platform_device_id ctpm_ids[] = {
	{ .name = OWN_DEVICE },
	{ .name = SVSM_DEVICE },
	{}
};
MODULE_DEVICE_TABLE(platform, ctpm_ids);

static struct platform_driver ctpm_driver = {
	.probe = ctpm_probe,
	.remove = ctpm_remove,
	.id_table = ctpm_ids,
	.driver = {
		.name = "ctpm",
		.pm = pm_sleep_ptr(&ctpm_pm),
		.dev_groups = ctpm_groups,
		.suppress_bind_attrs = true,
		.probe_type = PROBE_FORCE_SYNCHRONOUS,
	},
};

static int __init ctpm_check_params(void)
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
	if (!ctpm_params.timeout_ms || ctpm_params.timeout_ms > TIMEOUT_MAX_MS) {
		pr_err("timeout_ms=%u: must be 1 to %u\n", ctpm_params.timeout_ms,
		       TIMEOUT_MAX_MS);
		return -EINVAL;
	}
	return 0;
}

/* One line says why there is nothing to do here. */
static int __init ctpm_detect_svsm(void)
{
	if (!cc_platform_has(CC_ATTR_GUEST_SEV_SNP)) {
		pr_info("not an SEV-SNP guest\n");
		return -ENODEV;
	}
	if (!snp_vmpl) {
		pr_info("this guest runs at VMPL0: there is no SVSM\n");
		return -ENODEV;
	}
	return 0;
}

static int __init ctpm_detect_vtpm(void)
{
	u64 commands;
	int ret;

	ret = ctpm_vtpm_query(&commands);
	if (ret == -EOPNOTSUPP) {
		pr_info("the SVSM has no vTPM\n");
		return -ENODEV;
	}
	if (ret) {
		pr_err("the SVSM does not answer (%d)\n", ret);
		return ret;
	}
	if (!(commands & BIT_ULL(SVSM_VTPM_SEND_COMMAND))) {
		pr_info("the SVSM's vTPM takes no TPM commands (platform commands %llx)\n",
			commands);
		return -ENODEV;
	}
	return 0;
}

/*
 * The kernel's own device, if a driver has it. Its module stays for as long as
 * its chip is in use here.
 */
static struct device *__init ctpm_find_foreign(void)
{
	struct device *dev = bus_find_device_by_name(&platform_bus_type, NULL, SVSM_DEVICE);
	bool taken = false;

	if (!dev)
		return NULL;
	device_lock(dev);
	if (dev->driver && dev_get_drvdata(dev))
		taken = try_module_get(dev->driver->owner);
	device_unlock(dev);
	if (taken)
		return dev;
	put_device(dev);
	return NULL;
}

static void ctpm_put_foreign(void)
{
	if (!ctpm.foreign)
		return;
	module_put(ctpm.foreign->driver->owner);
	put_device(ctpm.foreign);
	ctpm.foreign = NULL;
}

static int __init ctpm_start(void)
{
	int ret;

	ctpm.foreign = ctpm_find_foreign();
	ret = platform_driver_register(&ctpm_driver);
	if (ret)
		goto put;
	if (!ctpm.probed) {
		ctpm.made = platform_device_register_simple(OWN_DEVICE, PLATFORM_DEVID_NONE, NULL,
							    0);
		if (IS_ERR(ctpm.made)) {
			ret = PTR_ERR(ctpm.made);
			goto unregister;
		}
	}
	ret = ctpm.probed ? ctpm.result : -ENODEV;
	if (!ret)
		return 0;
	platform_device_unregister(ctpm.made);
unregister:
	platform_driver_unregister(&ctpm_driver);
put:
	ctpm_put_foreign();
	return ret;
}

static int __init ctpm_init(void)
{
	int ret = ctpm_check_params();

	if (ret)
		return ret;
	ret = ctpm_detect_svsm();
	if (ret)
		return ret;
	ret = ctpm_svsm_init();
	if (ret)
		return ret;
	ret = ctpm_detect_vtpm();
	if (!ret)
		ret = ctpm_start();
	if (ret)
		ctpm_svsm_exit();
	return ret;
}
module_init(ctpm_init);

static void __exit ctpm_exit(void)
{
	platform_device_unregister(ctpm.made);
	platform_driver_unregister(&ctpm_driver);
	ctpm_put_foreign();
	ctpm_svsm_exit();
}
module_exit(ctpm_exit);

MODULE_DESCRIPTION("Confidential vTPM of an SEV-SNP guest, bound to its attestation report");
MODULE_AUTHOR("The ctpm authors");
MODULE_LICENSE("GPL");
