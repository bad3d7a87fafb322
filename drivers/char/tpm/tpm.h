/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the TPM core exports to drivers. In Linux' tree this is a longer file,
 * which the headers of a distribution's kernel do not have.
 */
#ifndef __TPM_H__
#define __TPM_H__

#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/tpm.h>

struct tpm_chip *tpmm_chip_alloc(struct device *pdev, const struct tpm_class_ops *ops);
int tpm_chip_bootstrap(struct tpm_chip *chip);
int tpm_chip_register(struct tpm_chip *chip);
void tpm_chip_unregister(struct tpm_chip *chip);
int tpm_pm_suspend(struct device *dev);
int tpm_pm_resume(struct device *dev);

#endif
