/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The driver, for kernels whose own (tpm_svsm) does not call the binding:
 *
 *   driver.c  detection, the platform device, the order of the probe
 *   chip.c    the tpm_chip on top of the vTPM protocol
 *   vtpm.c    the SVSM's vTPM protocol
 *   svsm.c    the one file that knows how an SVSM call is made
 *   compat.h  differences between kernel versions
 */
#ifndef CTPM_SVSM_H
#define CTPM_SVSM_H

#include <linux/tpm.h>
#include <linux/types.h>

/**
 * struct ctpm_regs - registers after an SVSM call
 * @rax: result code
 * @rcx: first result, and so on
 * @rdx: second
 * @r8: third
 * @r9: fourth
 */
struct ctpm_regs {
	u64 rax, rcx, rdx, r8, r9;
};

/* svsm.c */
extern unsigned int ctpm_timeout_ms;
int ctpm_svsm_init(void);
void ctpm_svsm_exit(void);
int ctpm_svsm_call(u64 call, u64 arg, struct ctpm_regs *result, unsigned int timeout_ms);
#if IS_ENABLED(CONFIG_KUNIT)
int ctpm_svsm_once(u64 call, u64 arg, struct ctpm_regs *result);
#endif

/* vtpm.c */
int ctpm_vtpm_query(u64 *commands);
int ctpm_vtpm_transmit(u8 *page, const u8 *cmd, size_t len, u8 *rsp, size_t size,
		       unsigned int timeout_ms);

/* chip.c */
struct tpm_chip *ctpm_chip_alloc(struct device *dev, unsigned int timeout_ms);

#endif
