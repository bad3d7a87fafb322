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
#include <asm/sev.h>

#include "../tpm.h"
#include "ctpm.h"
#include "svsm.h"

#undef pr_fmt
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#define SVSM_VTPM_SEND_COMMAND	8
#define SVSM_DEVICE		"tpm-svsm"
#define OWN_DEVICE		"ctpm"

/**
 * struct ctpm - the one device; an SVSM has one vTPM
 * @made: the device that we made, or NULL
 * @foreign: the device of the driver whose chip is bound, or NULL
 * @owner: that driver's module; the device can be unbound from it
 * @probed: a device was there to be probed
 * @result: of the probe
 */
static struct {
	struct platform_device *made;
	struct device *foreign;
	struct module *owner;
	bool probed;
	int result;
} ctpm;

static int ctpm_own_chip(struct device *dev)
{
	struct tpm_chip *chip = ctpm_chip_alloc(dev, ctpm_timeout_ms);
	int ret;

	if (IS_ERR(chip))
		return PTR_ERR(chip);
	ret = tpm_chip_bootstrap(chip);
	if (ret) {
		dev_err(dev, "the vTPM does not start up (%d)\n", ret);
		return ret > 0 ? -EIO : ret;
	}
	ret = ctpm_start(dev, chip, false);
	if (ret)
		return ret;
	ret = tpm_chip_register(chip);
	if (ret)
		ctpm_stop();
	return ret;
}

static int ctpm_foreign_chip(struct device *dev)
{
	struct tpm_chip *chip;
	int ret = -ENODEV;

	device_lock(ctpm.foreign);
	chip = dev_get_drvdata(ctpm.foreign);
	if (chip)
		ret = ctpm_start(dev, chip, true);
	device_unlock(ctpm.foreign);
	return ret;
}

static int ctpm_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	int ret;

	if (ctpm.foreign)
		ret = ctpm_foreign_chip(dev);
	else
		ret = ctpm_own_chip(dev);
	/* not the chip that devres frees */
	if (ret)
		dev_set_drvdata(dev, NULL);
	ctpm.probed = true;
	ctpm.result = ret;
	return ret;
}

static void ctpm_remove(struct platform_device *pdev)
{
	struct tpm_chip *chip = platform_get_drvdata(pdev);

	ctpm_stop();
	if (chip)
		tpm_chip_unregister(chip);
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
	if (dev->driver && dev_get_drvdata(dev)) {
		ctpm.owner = dev->driver->owner;
		taken = try_module_get(ctpm.owner);
	}
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
	module_put(ctpm.owner);
	put_device(ctpm.foreign);
	ctpm.foreign = NULL;
}

static int __init ctpm_add(void)
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
	int ret = ctpm_detect_svsm();

	if (ret)
		return ret;
	ret = ctpm_svsm_init();
	if (ret)
		return ret;
	ret = ctpm_detect_vtpm();
	if (!ret)
		ret = ctpm_add();
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
