// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SVSM's vTPM protocol (AMD 58019, chapter 8). What comes back is checked
 * here, and only here.
 */
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <asm/sev.h>

#include "ctpm.h"
#include "svsm.h"

#define SVSM_PROTOCOL_VTPM	2ULL
#define CTPM_VTPM_CALL(x)	(SVSM_PROTOCOL_VTPM << 32 | (x))
#define CTPM_VTPM_QUERY		0
#define CTPM_VTPM_CMD		1

#define VTPM_SEND_COMMAND	8	/* platform command, table 15 */

/* Request: u32 command, u8 locality, u32 size, data; response: u32 size, data. */
#define VTPM_REQ_LOCALITY	4
#define VTPM_REQ_SIZE		5
#define VTPM_REQ_DATA		9
#define VTPM_RSP_DATA		4

/* TPM header: u16 tag, u32 size, u32 code, big-endian */
#define TPM_HDR_SIZE		10
#define TPM_HDR_LENGTH		2

/**
 * ctpm_vtpm_query() - what the SVSM's vTPM can do
 * @commands: bit n is set if platform command n is supported
 *
 * Return: 0, -EOPNOTSUPP without a vTPM protocol, or another -errno.
 */
int ctpm_vtpm_query(u64 *commands)
{
	struct ctpm_regs result;
	int ret;

	ret = ctpm_svsm_call(CTPM_VTPM_CALL(CTPM_VTPM_QUERY), 0, &result, MSEC_PER_SEC);
	if (!ret)
		ret = ctpm_svsm_errno(result.rax);
	if (ret)
		return ret;
	*commands = result.rcx;
	return 0;
}

static void vtpm_fill(u8 *page, const u8 *cmd, size_t len)
{
	put_unaligned_le32(VTPM_SEND_COMMAND, page);
	page[VTPM_REQ_LOCALITY] = 0;
	put_unaligned_le32(len, page + VTPM_REQ_SIZE);
	memcpy(page + VTPM_REQ_DATA, cmd, len);
}

/* Length of the response in the page, or 0 if it is none. */
static u32 vtpm_response_len(const u8 *page)
{
	u32 len = get_unaligned_le32(page);

	if (len < TPM_HDR_SIZE || len > PAGE_SIZE - VTPM_RSP_DATA ||
	    get_unaligned_be32(page + VTPM_RSP_DATA + TPM_HDR_LENGTH) != len)
		return 0;
	return len;
}

/**
 * ctpm_vtpm_transmit() - have the vTPM execute a command
 * @page: a page of private memory to do it in; wiped of both afterwards
 * @cmd: the TPM command
 * @len: its length in bytes
 * @rsp: for the response; may be @cmd
 * @size: room there, bytes
 * @timeout_ms: see ctpm_svsm_call()
 *
 * Return: the response's length; -E2BIG if the command does not fit in the
 * page; -EIO if what comes back is no response: shorter than a TPM header,
 * longer than the page or @rsp, or not as long as its header says; or another
 * -errno.
 */
int ctpm_vtpm_transmit(u8 *page, const u8 *cmd, size_t len, u8 *rsp, size_t size,
		       unsigned int timeout_ms)
{
	size_t used = VTPM_REQ_DATA + len;
	struct ctpm_regs result;
	u32 rsp_len;
	int ret;

	if (len > PAGE_SIZE - VTPM_REQ_DATA)
		return -E2BIG;
	vtpm_fill(page, cmd, len);
	ret = ctpm_svsm_call(CTPM_VTPM_CALL(CTPM_VTPM_CMD), __pa(page), &result, timeout_ms);
	if (!ret && unlikely(result.rax != SVSM_SUCCESS))
		ret = ctpm_svsm_errno(result.rax);
	if (likely(!ret)) {
		rsp_len = vtpm_response_len(page);
		if (likely(rsp_len && rsp_len <= size)) {
			memcpy(rsp, page + VTPM_RSP_DATA, rsp_len);
			used = max(used, VTPM_RSP_DATA + rsp_len);
			ret = rsp_len;
		} else {
			used = PAGE_SIZE;
			ret = -EIO;
		}
	}
	memzero_explicit(page, used);
	return ret;
}
