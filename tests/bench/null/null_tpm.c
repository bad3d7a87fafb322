// SPDX-License-Identifier: GPL-2.0-only
/*
 * A TPM that answers every command at once, with 8 random-looking bytes: what a
 * command costs without a driver, in system calls and the TPM core alone.
 * For kernels whose TPM core knows TPM_CHIP_FLAG_SYNC.
 */
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/tpm.h>

#include "null_tpm.h"

static const u8 answer[20] = { 0x80, 0x01, 0, 0, 0, 20, 0, 0, 0, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8 };

static int null_send(struct tpm_chip *chip, u8 *buf, size_t size, size_t len)
{
	memcpy(buf, answer, sizeof(answer));
	return sizeof(answer);
}

/* No automatic startup: this TPM has no capabilities to tell of. */
static const struct tpm_class_ops null_ops = {
	.send = null_send,
};

static struct platform_device *pdev;
static struct tpm_chip *chip;

static int __init null_tpm_init(void)
{
	int ret;

	pdev = platform_device_register_simple("null_tpm", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	chip = tpmm_chip_alloc(&pdev->dev, &null_ops);
	ret = PTR_ERR_OR_ZERO(chip);
	if (!ret) {
		chip->flags |= TPM_CHIP_FLAG_TPM2 | TPM_CHIP_FLAG_SYNC |
			       TPM_CHIP_FLAG_BOOTSTRAPPED;
		ret = tpm_chip_register(chip);
	}
	if (ret)
		platform_device_unregister(pdev);
	return ret;
}
module_init(null_tpm_init);

static void __exit null_tpm_exit(void)
{
	tpm_chip_unregister(chip);
	platform_device_unregister(pdev);
}
module_exit(null_tpm_exit);

MODULE_DESCRIPTION("A TPM that costs nothing, for tests/bench");
MODULE_LICENSE("GPL");
