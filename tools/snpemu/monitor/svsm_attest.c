// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The attestation protocol (SVSM 7).  Report, manifest and certificates are
 * the host's, asked for by mailbox; addresses and sizes are checked here.
 */
#include "monitor.h"

enum { ATTEST_SERVICES, ATTEST_SINGLE_SERVICE };

#define NONCE_SIZE	     64
#define CERTIFICATE_SIZE_MAX 0x4000
/* Neither a report nor a manifest will ever be larger. */
#define BUFFER_SIZE_MAX 0x100000

/* SVSM, tables 11 and 13 */
struct operation {
	u64 report_gpa;
	u32 report_size, reserved_1;
	u64 nonce_gpa;
	u16 nonce_size, reserved_2[3];
	u64 manifest_gpa;
	u32 manifest_size, reserved_3;
	u64 certificate_gpa;
	u32 certificate_size, reserved_4;
	/* of the call for a single service alone */
	u8 guid[16];
	u32 manifest_version, reserved_5;
};
_Static_assert(sizeof(struct operation) == 0x58, "attestation operation");
#define SERVICES_SIZE offsetof(struct operation, guid)

static bool reserved_clear(const struct operation *op)
{
	return !op->reserved_1 && !op->reserved_2[0] && !op->reserved_2[1] && !op->reserved_2[2] &&
	       !op->reserved_3 && !op->reserved_4 && !op->reserved_5;
}

/* Part of the operation's answer, to page-aligned private memory */
static void *buffer(u64 gpa, u32 size)
{
	return gpa % PAGE_SIZE || size > BUFFER_SIZE_MAX ? NULL : guest_private(gpa, size);
}

static u64 read_operation(u64 gpa, u32 call, struct operation *op)
{
	u64 size = call == ATTEST_SERVICES ? SERVICES_SIZE : sizeof(*op);
	const void *p = guest_private(gpa, size);

	memset(op, 0, sizeof(*op));
	if (!p)
		return SVSM_ERR_INVALID_PARAMETER;
	memcpy(op, p, size);
	if (!reserved_clear(op) || op->nonce_size != NONCE_SIZE ||
	    op->nonce_gpa % PAGE_SIZE > PAGE_SIZE - NONCE_SIZE ||
	    !guest_private(op->nonce_gpa, NONCE_SIZE) || op->report_gpa % PAGE_SIZE ||
	    op->manifest_gpa % PAGE_SIZE || op->certificate_size > CERTIFICATE_SIZE_MAX ||
	    (op->certificate_size && op->certificate_gpa % PAGE_SIZE))
		return SVSM_ERR_INVALID_PARAMETER;
	return SVSM_SUCCESS;
}

/* Sizes to the registers; if there is room for all, the parts to the guest. */
static u64 give(struct vcpu *v, const struct operation *op, const struct snpemu_slot *s)
{
	struct snpemu_attest a;
	void *report, *manifest, *certs = NULL;

	memcpy(&a, s->data, sizeof(a));
	v->gpr.rcx = a.manifest_len;
	v->gpr.rdx = a.certs_len;
	v->gpr.r8 = a.report_len;
	if (a.manifest_len > op->manifest_size || a.report_len > op->report_size ||
	    a.certs_len > op->certificate_size)
		return SVSM_ERR_INVALID_PARAMETER;
	report = buffer(op->report_gpa, a.report_len);
	manifest = buffer(op->manifest_gpa, a.manifest_len);
	if (a.certs_len)
		certs = buffer(op->certificate_gpa, a.certs_len);
	if (!report || !manifest || (a.certs_len && !certs))
		return SVSM_ERR_INVALID_ADDRESS;
	memcpy(report, s->data + sizeof(a), a.report_len);
	memcpy(manifest, s->data + sizeof(a) + a.report_len, a.manifest_len);
	if (certs)
		memcpy(certs, s->data + sizeof(a) + a.report_len + a.manifest_len, a.certs_len);
	return SVSM_SUCCESS;
}

static bool answer_ok(const struct snpemu_slot *s)
{
	struct snpemu_attest a;

	if (s->out_len < sizeof(a))
		return false;
	memcpy(&a, s->data, sizeof(a));
	return (u64)a.report_len + a.manifest_len + a.certs_len == s->out_len - sizeof(a);
}

u64 svsm_attest(struct vcpu *v, u32 call)
{
	struct operation op;
	struct snpemu_slot *s;
	u64 arg[4] = { call }, result;

	if (call != ATTEST_SERVICES && call != ATTEST_SINGLE_SERVICE)
		return SVSM_ERR_UNSUPPORTED_CALL;
	result = read_operation(v->gpr.rcx, call, &op);
	if (result)
		return result;
	memcpy(&arg[1], op.guid, sizeof(op.guid));
	arg[3] = (u64)(op.certificate_size != 0) << 32 | op.manifest_version;
	s = chan_call(v, SNPEMU_OP_ATTEST, arg, (void *)op.nonce_gpa, NONCE_SIZE);
	result = s->ret[0];
	if (!result && !answer_ok(s))
		stop(v, SNPEMU_STOP_MONITOR,
		     "host answers an attestation with %u bytes that do "
		     "not add up",
		     s->out_len);
	if (!result)
		result = give(v, &op, s);
	chan_done(s);
	return result;
}
