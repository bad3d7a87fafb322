// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SVSM's vTPM protocol (AMD 58019, chapter 8) and the attestation of its
 * vTPM (chapter 7). What comes back is checked here, and only here.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/unaligned.h>
#include <linux/uuid.h>

#include "compat.h"
#include "ctpm.h"

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

/* Largest that is accepted from the SVSM, and what is offered at first. */
#define MANIFEST_MAX		SZ_64K
#define CERTIFICATES_MAX	SZ_64K
#define CERTIFICATES_FIRST	SZ_16K
#define ATTEST_TRIES		3

/* Where the operation's parts lie in its page; the nonce may not cross one. */
#define ATTEST_NONCE_OFFSET	0x80

static const guid_t ctpm_vtpm_guid =
	GUID_INIT(0xc476f1eb, 0x0123, 0x45a5, 0x96, 0x41, 0xb4, 0xe7, 0xdd, 0xe5, 0xbf, 0xe3);

/* SVSM result codes (58019, table 4) as errno */
static int ctpm_svsm_errno(u64 code)
{
	switch (code) {
	case SVSM_SUCCESS:
		return 0;
	case SVSM_ERR_UNSUPPORTED_PROTOCOL:
	case SVSM_ERR_UNSUPPORTED_CALL:
		return -EOPNOTSUPP;
	case SVSM_ERR_INVALID_ADDRESS:
		return -EFAULT;
	case SVSM_ERR_INVALID_FORMAT:
	case SVSM_ERR_INVALID_PARAMETER:
	case SVSM_ERR_INVALID_REQUEST:
		return -EINVAL;
	default:
		return -EIO;
	}
}

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

void ctpm_blob_free(struct ctpm_blob *blob)
{
	kvfree(blob->data);
	blob->data = NULL;
	blob->len = 0;
}

void ctpm_evidence_free(struct ctpm_evidence *ev)
{
	ctpm_blob_free(&ev->report);
	ctpm_blob_free(&ev->manifest);
	ctpm_blob_free(&ev->certificates);
}

/* The buffers of one attestation call, physically contiguous and private. */
struct ctpm_attest_bufs {
	u8 *op;
	u8 *report;
	u8 *manifest;
	u8 *certs;
	u32 manifest_size;
	u32 certs_size;
};

static void attest_bufs_free(struct ctpm_attest_bufs *b)
{
	free_page((unsigned long)b->op);
	free_page((unsigned long)b->report);
	if (b->manifest)
		free_pages_exact(b->manifest, b->manifest_size);
	if (b->certs)
		free_pages_exact(b->certs, b->certs_size);
}

static int attest_bufs_alloc(struct ctpm_attest_bufs *b, u32 manifest_size, u32 certs_size)
{
	*b = (struct ctpm_attest_bufs) {
		.op = (u8 *)get_zeroed_page(GFP_KERNEL),
		.report = (u8 *)get_zeroed_page(GFP_KERNEL),
		.manifest = alloc_pages_exact(manifest_size, GFP_KERNEL | __GFP_ZERO),
		.manifest_size = manifest_size,
		.certs_size = certs_size,
	};
	if (certs_size)
		b->certs = alloc_pages_exact(certs_size, GFP_KERNEL | __GFP_ZERO);
	if (b->op && b->report && b->manifest && (b->certs || !certs_size))
		return 0;
	attest_bufs_free(b);
	return -ENOMEM;
}

static int attest_once(struct ctpm_attest_bufs *b, const u8 *nonce, struct ctpm_regs *regs,
		       unsigned int timeout_ms)
{
	struct svsm_attest_call *op = (void *)b->op;

	memcpy(b->op + ATTEST_NONCE_OFFSET, nonce, CTPM_NONCE_SIZE);
	op->report_buf.pa = __pa(b->report);
	op->report_buf.len = PAGE_SIZE;
	op->nonce.pa = __pa(b->op + ATTEST_NONCE_OFFSET);
	op->nonce.len = CTPM_NONCE_SIZE;
	op->manifest_buf.pa = __pa(b->manifest);
	op->manifest_buf.len = b->manifest_size;
	if (b->certs) {
		op->certificates_buf.pa = __pa(b->certs);
		op->certificates_buf.len = b->certs_size;
	}
	export_guid(op->service_guid, &ctpm_vtpm_guid);
	return ctpm_svsm_call(SVSM_ATTEST_CALL(SVSM_ATTEST_SINGLE_SERVICE), __pa(op), regs,
			      timeout_ms);
}

static int blob_copy(struct ctpm_blob *blob, const u8 *data, u64 len, u64 max)
{
	if (len > max)
		return -EMSGSIZE;
	blob->len = len;
	if (!len)
		return 0;
	blob->data = kvmemdup(data, len, GFP_KERNEL);
	return blob->data ? 0 : -ENOMEM;
}

/* Sizes come back in RCX (manifest), RDX (certificates) and R8 (report). */
static int attest_take(struct ctpm_attest_bufs *b, const struct ctpm_regs *regs,
		       struct ctpm_evidence *ev)
{
	int ret;

	if (!regs->rcx || !regs->r8)
		return -EMSGSIZE;
	ret = blob_copy(&ev->report, b->report, regs->r8, PAGE_SIZE);
	if (!ret)
		ret = blob_copy(&ev->manifest, b->manifest, regs->rcx, b->manifest_size);
	if (!ret && b->certs)
		ret = blob_copy(&ev->certificates, b->certs, regs->rdx, b->certs_size);
	if (ret)
		ctpm_evidence_free(ev);
	return ret;
}

/**
 * ctpm_attest() - have the SVSM attest its vTPM
 * @nonce: 64 bytes that the report must answer to
 * @ev: filled in; to be freed by ctpm_evidence_free()
 * @timeout_ms: see ctpm_svsm_call()
 *
 * Sizes are negotiated: the SVSM says how much it needs when a buffer is too
 * small. An SVSM that has no certificates, or refuses to give them, is asked
 * again without.
 *
 * Return: 0, -EMSGSIZE if sizes are returned that make no sense, -EOPNOTSUPP
 * without an attestation protocol, or another -errno.
 */
int ctpm_attest(const u8 nonce[CTPM_NONCE_SIZE], struct ctpm_evidence *ev,
		unsigned int timeout_ms)
{
	u32 manifest_size = PAGE_SIZE, certs_size = CERTIFICATES_FIRST;
	struct ctpm_attest_bufs bufs;
	struct ctpm_regs regs;
	int ret, tries;

	for (tries = 0; tries < ATTEST_TRIES; tries++) {
		ret = attest_bufs_alloc(&bufs, manifest_size, certs_size);
		if (ret)
			return ret;
		ret = attest_once(&bufs, nonce, &regs, timeout_ms);
		if (!ret && regs.rax == SVSM_SUCCESS)
			ret = attest_take(&bufs, &regs, ev);
		else if (!ret)
			ret = ctpm_svsm_errno(regs.rax);
		attest_bufs_free(&bufs);

		if (ret != -EINVAL || regs.rax != SVSM_ERR_INVALID_PARAMETER)
			return ret;
		if (regs.r8 > PAGE_SIZE)
			return -EMSGSIZE;
		if (regs.rcx > manifest_size && regs.rcx <= MANIFEST_MAX)
			manifest_size = PAGE_ALIGN(regs.rcx);
		else if (regs.rdx > certs_size && regs.rdx <= CERTIFICATES_MAX)
			certs_size = PAGE_ALIGN(regs.rdx);
		else if (certs_size)
			certs_size = 0;
		else
			return ret;
	}
	return ret;
}
