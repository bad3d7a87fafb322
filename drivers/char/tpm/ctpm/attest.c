// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SVSM's attestation protocol (AMD 58019, chapter 7), for the vTPM's service.
 * What comes back is checked here, and only here.
 */
#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uuid.h>
#include <asm/sev.h>

#include "ctpm.h"

/* Largest that is accepted from the SVSM, and what is offered at first. */
#define MANIFEST_MAX		SZ_64K
#define CERTIFICATES_MAX	SZ_64K
#define CERTIFICATES_FIRST	SZ_16K
#define ATTEST_TRIES		4	/* first, larger manifest, more certificates, none */

static const guid_t ctpm_vtpm_guid =
	GUID_INIT(0xc476f1eb, 0x0123, 0x45a5, 0x96, 0x41, 0xb4, 0xe7, 0xdd, 0xe5, 0xbf, 0xe3);

/**
 * ctpm_svsm_errno() - an SVSM's result code (58019, table 4) as errno
 * @code: what was in RAX after the call
 *
 * Return: 0 for SVSM_SUCCESS, or -errno.
 */
int ctpm_svsm_errno(u64 code)
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
	u8 *nonce;	/* may not cross a page, so it has one */
	u8 *report;
	u8 *manifest;
	u8 *certs;
	u32 manifest_size;
	u32 certs_size;
};

static void attest_bufs_free(struct ctpm_attest_bufs *b)
{
	free_page((unsigned long)b->nonce);
	free_page((unsigned long)b->report);
	if (b->manifest)
		free_pages_exact(b->manifest, b->manifest_size);
	if (b->certs)
		free_pages_exact(b->certs, b->certs_size);
}

static int attest_bufs_alloc(struct ctpm_attest_bufs *b, u32 manifest_size, u32 certs_size)
{
	*b = (struct ctpm_attest_bufs) {
		.nonce = (u8 *)get_zeroed_page(GFP_KERNEL),
		.report = (u8 *)get_zeroed_page(GFP_KERNEL),
		.manifest = alloc_pages_exact(manifest_size, GFP_KERNEL | __GFP_ZERO),
		.manifest_size = manifest_size,
		.certs_size = certs_size,
	};
	if (certs_size)
		b->certs = alloc_pages_exact(certs_size, GFP_KERNEL | __GFP_ZERO);
	if (b->nonce && b->report && b->manifest && (b->certs || !certs_size))
		return 0;
	attest_bufs_free(b);
	return -ENOMEM;
}

/* KUnit has a fake SVSM answer instead. */
VISIBLE_IF_KUNIT int ctpm_attest_call(struct svsm_call *call, struct svsm_attest_call *op)
{
	KUNIT_STATIC_STUB_REDIRECT(ctpm_attest_call, call, op);

	return snp_issue_svsm_attest_req(SVSM_ATTEST_CALL(SVSM_ATTEST_SINGLE_SERVICE), call, op);
}

static int attest_once(struct ctpm_attest_bufs *b, const u8 *nonce, struct svsm_call *call)
{
	struct svsm_attest_call op = {
		.report_buf = { .pa = __pa(b->report), .len = PAGE_SIZE },
		.nonce = { .pa = __pa(b->nonce), .len = CTPM_NONCE_SIZE },
		.manifest_buf = { .pa = __pa(b->manifest), .len = b->manifest_size },
	};
	int ret;

	memcpy(b->nonce, nonce, CTPM_NONCE_SIZE);
	if (b->certs) {
		op.certificates_buf.pa = __pa(b->certs);
		op.certificates_buf.len = b->certs_size;
	}
	export_guid(op.service_guid, &ctpm_vtpm_guid);
	*call = (struct svsm_call) {};
	ret = ctpm_attest_call(call, &op);
	/* a code of the SVSM's says more than the errno that is made of it */
	return ret && call->rax_out ? ctpm_svsm_errno(call->rax_out) : ret;
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
static int attest_take(struct ctpm_attest_bufs *b, const struct svsm_call *call,
		       struct ctpm_evidence *ev)
{
	int ret;

	if (!call->rcx_out || !call->r8_out)
		return -EMSGSIZE;
	ret = blob_copy(&ev->report, b->report, call->r8_out, PAGE_SIZE);
	if (!ret)
		ret = blob_copy(&ev->manifest, b->manifest, call->rcx_out, b->manifest_size);
	/* an SVSM that leaves RDX as it was has no certificates */
	if (!ret && b->certs && call->rdx_out != call->rdx)
		ret = blob_copy(&ev->certificates, b->certs, call->rdx_out, b->certs_size);
	if (ret)
		ctpm_evidence_free(ev);
	return ret;
}

/**
 * ctpm_attest() - have the SVSM attest its vTPM
 * @nonce: 64 bytes that the report must answer to
 * @ev: filled in; to be freed by ctpm_evidence_free()
 *
 * Sizes are negotiated: the SVSM says how much it needs when a buffer is too
 * small. Certificates are optional: an SVSM that refuses for any other reason is
 * asked once more without.
 *
 * Return: 0, -EMSGSIZE if sizes are returned that make no sense, -EOPNOTSUPP
 * without an attestation protocol, or another -errno.
 */
int ctpm_attest(const u8 nonce[CTPM_NONCE_SIZE], struct ctpm_evidence *ev)
{
	u32 manifest_size = PAGE_SIZE, certs_size = CERTIFICATES_FIRST;
	struct ctpm_attest_bufs bufs;
	struct svsm_call call;
	int ret, tries;

	for (tries = 0; tries < ATTEST_TRIES; tries++) {
		ret = attest_bufs_alloc(&bufs, manifest_size, certs_size);
		if (ret)
			return ret;
		ret = attest_once(&bufs, nonce, &call);
		if (!ret)
			ret = attest_take(&bufs, &call, ev);
		attest_bufs_free(&bufs);

		if (!ret || !call.rax_out)
			return ret;
		if (call.rax_out == SVSM_ERR_INVALID_PARAMETER) {
			/* R8 that was left as it was says nothing */
			if (call.r8_out != call.r8 && call.r8_out > PAGE_SIZE)
				return -EMSGSIZE;
			if (call.rcx_out > manifest_size && call.rcx_out <= MANIFEST_MAX) {
				manifest_size = PAGE_ALIGN(call.rcx_out);
				continue;
			}
			if (certs_size && call.rdx_out > certs_size &&
			    call.rdx_out <= CERTIFICATES_MAX) {
				certs_size = PAGE_ALIGN(call.rdx_out);
				continue;
			}
		}
		if (!certs_size)
			return ret;
		certs_size = 0;
	}
	return ret;
}
