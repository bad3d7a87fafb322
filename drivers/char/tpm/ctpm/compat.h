/* SPDX-License-Identifier: GPL-2.0-only */
/* Differences between kernel versions, 6.11 to 7.3; nothing else has any. */
#ifndef CTPM_COMPAT_H
#define CTPM_COMPAT_H

#include <linux/module.h>
#include <linux/tpm.h>
#include <linux/version.h>
#include <asm/msr.h>
#include <asm/sev.h>

/* Exported by the TPM core, declared in the private drivers/char/tpm/tpm.h. */
struct tpm_chip *tpmm_chip_alloc(struct device *pdev, const struct tpm_class_ops *ops);
int tpm_chip_bootstrap(struct tpm_chip *chip);
int tpm_chip_register(struct tpm_chip *chip);
void tpm_chip_unregister(struct tpm_chip *chip);
int tpm_pm_suspend(struct device *dev);
int tpm_pm_resume(struct device *dev);

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define ctpm_read_ghcb_msr()	native_rdmsrq(MSR_AMD64_SEV_ES_GHCB)
#define ctpm_write_ghcb_msr(v)	native_wrmsrq(MSR_AMD64_SEV_ES_GHCB, (v))
#else
#define ctpm_read_ghcb_msr()	native_read_msr(MSR_AMD64_SEV_ES_GHCB)
#define ctpm_write_ghcb_msr(v)	native_wrmsrl(MSR_AMD64_SEV_ES_GHCB, (v))
#endif

/*
 * The operations of a chip that answers within send(). From 6.17 on the TPM
 * core knows such chips; before, it asks for a status that is always "done", and
 * then for the response, in the buffer that holds the command: that is when the
 * command is made.
 */
#ifdef CTPM_COMPAT_CHIP_OPS
static int ctpm_chip_transmit(struct tpm_chip *chip, const u8 *cmd, size_t len, u8 *rsp,
			      size_t size);
static size_t *ctpm_chip_cmd_len(struct tpm_chip *chip);

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
#define CTPM_CHIP_FLAGS		(TPM_CHIP_FLAG_TPM2 | TPM_CHIP_FLAG_SYNC)

static int ctpm_chip_send(struct tpm_chip *chip, u8 *buf, size_t size, size_t len)
{
	return ctpm_chip_transmit(chip, buf, len, buf, size);
}

static const struct tpm_class_ops ctpm_chip_ops = {
	.flags = TPM_OPS_AUTO_STARTUP,
	.send = ctpm_chip_send,
};
#else
#define CTPM_CHIP_FLAGS		TPM_CHIP_FLAG_TPM2

static int ctpm_chip_send(struct tpm_chip *chip, u8 *buf, size_t len)
{
	*ctpm_chip_cmd_len(chip) = len;
	return 0;
}

static int ctpm_chip_recv(struct tpm_chip *chip, u8 *buf, size_t size)
{
	return ctpm_chip_transmit(chip, buf, *ctpm_chip_cmd_len(chip), buf, size);
}

static u8 ctpm_chip_status(struct tpm_chip *chip)
{
	return 0;
}

static void ctpm_chip_cancel(struct tpm_chip *chip)
{
}

static bool ctpm_chip_req_canceled(struct tpm_chip *chip, u8 status)
{
	return false;
}

static const struct tpm_class_ops ctpm_chip_ops = {
	.flags = TPM_OPS_AUTO_STARTUP,
	.send = ctpm_chip_send,
	.recv = ctpm_chip_recv,
	.status = ctpm_chip_status,
	.cancel = ctpm_chip_cancel,
	.req_canceled = ctpm_chip_req_canceled,
};
#endif
#endif /* CTPM_COMPAT_CHIP_OPS */

/*
 * ctpm_compat_transmit() - a command without handles, parameters or sessions
 *
 * The command buffers of the TPM core changed hands with <linux/tpm_buf.h>.
 */
#ifdef CTPM_COMPAT_TRANSMIT
#ifdef __LINUX_TPM_BUF_H__
#include <linux/slab.h>
#include <linux/tpm_buf.h>

static int ctpm_compat_transmit(struct tpm_chip *chip, u32 ordinal, u8 *body, size_t len,
				const char *desc)
{
	struct tpm_buf *buf = kzalloc(TPM_BUFSIZE, GFP_KERNEL);
	int ret;

	if (!buf)
		return -ENOMEM;
	tpm_buf_init(buf, TPM_BUFSIZE);
	tpm_buf_reset(buf, TPM2_ST_NO_SESSIONS, ordinal);
	ret = tpm_transmit_cmd(chip, buf, len, desc);
	if (!ret)
		memcpy(body, buf->data + TPM_HEADER_SIZE, len);
	kfree(buf);
	return ret;
}
#else
static int ctpm_compat_transmit(struct tpm_chip *chip, u32 ordinal, u8 *body, size_t len,
				const char *desc)
{
	struct tpm_buf buf;
	int ret = tpm_buf_init(&buf, TPM2_ST_NO_SESSIONS, ordinal);

	if (ret)
		return ret;
	ret = tpm_transmit_cmd(chip, &buf, len, desc);
	if (!ret)
		memcpy(body, buf.data + TPM_HEADER_SIZE, len);
	tpm_buf_destroy(&buf);
	return ret;
}
#endif
#endif /* CTPM_COMPAT_TRANSMIT */

#endif
