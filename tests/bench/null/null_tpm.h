/* SPDX-License-Identifier: GPL-2.0-only */
/* What the TPM core exports, and declares in a private header. */
#include <linux/tpm.h>

struct tpm_chip *tpmm_chip_alloc(struct device *pdev, const struct tpm_class_ops *ops);
int tpm_chip_register(struct tpm_chip *chip);
void tpm_chip_unregister(struct tpm_chip *chip);
