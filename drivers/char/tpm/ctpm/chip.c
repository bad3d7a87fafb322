// SPDX-License-Identifier: GPL-2.0-only
/* The tpm_chip: commands of the TPM core go to the SVSM's vTPM and back. */
#include <linux/device.h>
#include <linux/gfp.h>

#include "../tpm.h"
#include "svsm.h"

/**
 * struct ctpm_chip - private data of the chip
 * @page: command and response, in private memory; the TPM core serialises
 * @timeout_ms: longest wait for a busy SVSM
 */
struct ctpm_chip {
	u8 *page;
	unsigned int timeout_ms;
};

static int ctpm_chip_send(struct tpm_chip *chip, u8 *buf, size_t bufsiz, size_t cmd_len)
{
	struct ctpm_chip *priv = dev_get_drvdata(&chip->dev);

	return ctpm_vtpm_transmit(priv->page, buf, cmd_len, buf, bufsiz, priv->timeout_ms);
}

static const struct tpm_class_ops ctpm_chip_ops = {
	.flags = TPM_OPS_AUTO_STARTUP,
	.send = ctpm_chip_send,
};

/**
 * ctpm_chip_alloc() - a chip for the vTPM, not yet started or registered
 * @dev: the parent; the chip goes away with it
 * @timeout_ms: see ctpm_svsm_call()
 *
 * Return: the chip or an ERR_PTR().
 */
struct tpm_chip *ctpm_chip_alloc(struct device *dev, unsigned int timeout_ms)
{
	struct ctpm_chip *priv;
	struct tpm_chip *chip;

	priv = devm_kzalloc(dev, sizeof(*priv), GFP_KERNEL);
	if (!priv)
		return ERR_PTR(-ENOMEM);
	priv->timeout_ms = timeout_ms;
	priv->page = (u8 *)devm_get_free_pages(dev, GFP_KERNEL | __GFP_ZERO, 0);
	if (!priv->page)
		return ERR_PTR(-ENOMEM);

	chip = tpmm_chip_alloc(dev, &ctpm_chip_ops);
	if (IS_ERR(chip))
		return chip;
	/* it lives in VMPL0 and goes on while the guest sleeps */
	chip->flags |= TPM_CHIP_FLAG_TPM2 | TPM_CHIP_FLAG_SYNC | TPM_CHIP_FLAG_ALWAYS_POWERED;
	dev_set_drvdata(&chip->dev, priv);
	return chip;
}
