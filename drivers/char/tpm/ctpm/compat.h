/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Differences between kernel versions, 6.12 to 7.3; nothing else has any. Every
 * file of the driver is written for the newest of them, and is compiled with this
 * one included before its first line.
 */
#ifndef CTPM_COMPAT_H
#define CTPM_COMPAT_H

#include <linux/slab.h>
#include <linux/tpm.h>
#include <linux/unaligned.h>
#include <linux/version.h>
#include <asm/msr.h>
#include <asm/sev.h>

#include "../tpm.h"

/* The kernel's own repeats a call with interrupts off for as long as it takes: see svsm.c. */
int ctpm_issue_svsm_attest_req(u64 call_id, struct svsm_call *call,
			       struct svsm_attest_call *input);
#define snp_issue_svsm_attest_req ctpm_issue_svsm_attest_req

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
#define native_rdmsrq(msr)	native_read_msr(msr)
#define native_wrmsrq(msr, v)	native_wrmsrl((msr), (v))
#endif

/*
 * From 6.17 on the TPM core knows chips that answer within send(). Before, it asks
 * for a status that is always "done", and then for the response, in the buffer that
 * holds the command: that is when the command is made.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define TPM_CHIP_FLAG_SYNC	0

struct ctpm_class_ops {
	unsigned int flags;
	int (*send)(struct tpm_chip *chip, u8 *buf, size_t bufsiz, size_t cmd_len);
};

/**
 * struct ctpm_compat_ops - the two kinds of operations of a chip
 * @core: the TPM core's
 * @send: that of struct ctpm_class_ops
 * @cmd_len: bytes of the command in the core's buffer
 */
struct ctpm_compat_ops {
	struct tpm_class_ops core;
	int (*send)(struct tpm_chip *chip, u8 *buf, size_t bufsiz, size_t cmd_len);
	size_t cmd_len;
};

static inline struct ctpm_compat_ops *ctpm_compat_ops(struct tpm_chip *chip)
{
	return container_of((struct tpm_class_ops *)chip->ops, struct ctpm_compat_ops, core);
}

static inline int ctpm_compat_send(struct tpm_chip *chip, u8 *buf, size_t len)
{
	ctpm_compat_ops(chip)->cmd_len = len;
	return 0;
}

static inline int ctpm_compat_recv(struct tpm_chip *chip, u8 *buf, size_t size)
{
	struct ctpm_compat_ops *ops = ctpm_compat_ops(chip);

	return ops->send(chip, buf, size, ops->cmd_len);
}

static inline u8 ctpm_compat_status(struct tpm_chip *chip)
{
	return 0;
}

static inline void ctpm_compat_cancel(struct tpm_chip *chip)
{
}

static inline bool ctpm_compat_req_canceled(struct tpm_chip *chip, u8 status)
{
	return false;
}

static inline struct tpm_chip *ctpm_compat_chip_alloc(struct device *dev,
						      const struct ctpm_class_ops *ops)
{
	struct ctpm_compat_ops *both = devm_kzalloc(dev, sizeof(*both), GFP_KERNEL);

	if (!both)
		return ERR_PTR(-ENOMEM);
	both->core.flags = ops->flags;
	both->core.send = ctpm_compat_send;
	both->core.recv = ctpm_compat_recv;
	both->core.status = ctpm_compat_status;
	both->core.cancel = ctpm_compat_cancel;
	both->core.req_canceled = ctpm_compat_req_canceled;
	both->send = ops->send;
	return tpmm_chip_alloc(dev, &both->core);
}

#define tpm_class_ops ctpm_class_ops
#define tpmm_chip_alloc(dev, ops) ctpm_compat_chip_alloc(dev, ops)
#endif

/*
 * tpm2_read_clock() is not in the TPM core yet; its command buffers changed hands
 * with <linux/tpm_buf.h>.
 */
#define TPM2_CC_READ_CLOCK	0x0181
#define TPM2_READ_CLOCK_SIZE	25

static inline void ctpm_compat_counts(const struct tpm_buf *buf, u32 *reset_count,
				      u32 *restart_count)
{
	*reset_count = get_unaligned_be32(&buf->data[TPM_HEADER_SIZE + 16]);
	*restart_count = get_unaligned_be32(&buf->data[TPM_HEADER_SIZE + 20]);
}

#ifdef __LINUX_TPM_BUF_H__
static inline int tpm2_read_clock(struct tpm_chip *chip, u32 *reset_count, u32 *restart_count)
{
	struct tpm_buf *buf = kzalloc(TPM_BUFSIZE, GFP_KERNEL);
	int rc;

	if (!buf)
		return -ENOMEM;
	tpm_buf_init(buf, TPM_BUFSIZE);
	tpm_buf_reset(buf, TPM2_ST_NO_SESSIONS, TPM2_CC_READ_CLOCK);
	rc = tpm_transmit_cmd(chip, buf, TPM2_READ_CLOCK_SIZE, "reading the clock");
	if (!rc)
		ctpm_compat_counts(buf, reset_count, restart_count);
	kfree(buf);
	return rc;
}
#else
static inline int tpm2_read_clock(struct tpm_chip *chip, u32 *reset_count, u32 *restart_count)
{
	struct tpm_buf buf;
	int rc = tpm_buf_init(&buf, TPM2_ST_NO_SESSIONS, TPM2_CC_READ_CLOCK);

	if (rc)
		return rc;
	rc = tpm_transmit_cmd(chip, &buf, TPM2_READ_CLOCK_SIZE, "reading the clock");
	if (!rc)
		ctpm_compat_counts(&buf, reset_count, restart_count);
	tpm_buf_destroy(&buf);
	return rc;
}
#endif

#endif
