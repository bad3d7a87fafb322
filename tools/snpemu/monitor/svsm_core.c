// SPDX-License-Identifier: GPL-2.0-or-later
/* The core protocol (SVSM 6). */
#include "monitor.h"

enum {
	CORE_REMAP_CA,
	CORE_PVALIDATE,
	CORE_CREATE_VCPU,
	CORE_DELETE_VCPU,
	CORE_DEPOSIT_MEM,
	CORE_WITHDRAW_MEM,
	CORE_QUERY_PROTOCOL,
	CORE_CONFIGURE_VTOM,
};

#define PROTOCOL_VERSION 1UL /* of each protocol, lowest and highest */

/* An entry of a PVALIDATE list: size 1:0, validate 2, ignore CF 3, page 63:12 */
#define ENTRY_SIZE(e)	((e)&3)
#define ENTRY_VALIDATE	BIT(2)
#define ENTRY_IGNORE_CF BIT(3)
#define ENTRY_RESERVED	0xff0UL

static u64 remap_ca(struct vcpu *v)
{
	u64 gpa = v->gpr.rcx;
	u8 *area = guest_private(gpa, PAGE_SIZE);

	if (gpa % PAGE_SIZE)
		return SVSM_ERR_INVALID_PARAMETER;
	if (!area)
		return SVSM_ERR_INVALID_ADDRESS;
	if (gpa != v->caa)
		memset(area, 0, PAGE_SIZE);
	v->caa = gpa;
	return SVSM_SUCCESS;
}

static bool is_calling_area(u64 gpa, u64 len)
{
	for (u32 i = 0; i < config.smp; i++)
		if ((vcpus[i].caa >= gpa && vcpus[i].caa < gpa + len) ||
		    (vcpus[i].next_caa >= gpa && vcpus[i].next_caa < gpa + len))
			return true;
	return false;
}

static u64 pvalidate_one(struct vcpu *v, u64 e)
{
	bool large = ENTRY_SIZE(e) == 1, validate = e & ENTRY_VALIDATE;
	u64 gpa = e & PAGE_MASK, len = large ? LARGE_SIZE : PAGE_SIZE;
	u32 r;

	if (e & ENTRY_RESERVED || ENTRY_SIZE(e) > 1 || gpa % len)
		return SVSM_ERR_INVALID_PARAMETER;
	if (gpa + len < gpa)
		return SVSM_ERR_INVALID_ADDRESS;
	if (!rmp_is(gpa, len, RMP_VALID) && !rmp_is(gpa, len, RMP_PRIVATE)) {
		/* mixed is for PVALIDATE to judge; what the guest has not, is not */
		for (u64 a = gpa; a < gpa + len; a += PAGE_SIZE)
			if (rmp_state(a) != RMP_VALID && rmp_state(a) != RMP_PRIVATE)
				return SVSM_ERR_INVALID_ADDRESS;
	}
	if (!validate && is_calling_area(gpa, len))
		return SVSM_ERR_INVALID_ADDRESS;
	r = rmp_pvalidate(v, gpa, large, validate);
	if (r && !(r == RMP_NO_UPDATE && e & ENTRY_IGNORE_CF))
		return SVSM_ERR_PROTOCOL_BASE + r;
	return SVSM_SUCCESS;
}

/* RCX: a list in one page; how far it got is written back. */
static u64 pvalidate(struct vcpu *v)
{
	struct {
		u16 entries, next;
		u32 reserved;
		u64 entry[];
	} * list;
	u64 gpa = v->gpr.rcx, room, result = SVSM_SUCCESS;
	u16 n, next;

	list = guest_private(gpa & PAGE_MASK, PAGE_SIZE);
	if (gpa % 8)
		return SVSM_ERR_INVALID_PARAMETER;
	if (!list)
		return SVSM_ERR_INVALID_ADDRESS;
	list = (void *)gpa;
	room = (PAGE_SIZE - gpa % PAGE_SIZE - sizeof(*list)) / 8;
	n = list->entries;
	next = list->next;
	if (!n || n > room || next >= n)
		return SVSM_ERR_INVALID_PARAMETER;
	for (; next < n; next++) {
		result = pvalidate_one(v, *(volatile u64 *)&list->entry[next]);
		if (result || !guest_private(gpa & PAGE_MASK, PAGE_SIZE))
			break;
	}
	if (!guest_private(gpa & PAGE_MASK, PAGE_SIZE))
		return SVSM_ERR_INVALID_ADDRESS; /* the list has taken its own page away */
	list->next = next;
	return result;
}

/* RCX: VMSA, RDX: calling area, R8: APIC ID */
static u64 create_vcpu(struct vcpu *v)
{
	u64 vmsa = v->gpr.rcx, caa = v->gpr.rdx;
	u32 id = (u32)v->gpr.r8;

	if (vmsa % PAGE_SIZE || caa % PAGE_SIZE || vmsa == caa || !guest_private(vmsa, PAGE_SIZE) ||
	    !guest_private(caa, PAGE_SIZE) || is_calling_area(vmsa, PAGE_SIZE))
		return SVSM_ERR_INVALID_ADDRESS;
	if (id >= config.smp || !vcpus[id].online)
		return SVSM_ERR_INVALID_PARAMETER;
	rmp_set_vmsa(vmsa, true);
	if (!vcpu_vmsa_ok(vmsa)) {
		rmp_set_vmsa(vmsa, false);
		return SVSM_ERR_INVALID_PARAMETER;
	}
	vcpus[id].next_vmsa = vmsa;
	vcpus[id].next_caa = caa;
	return SVSM_SUCCESS;
}

/* RCX: VMSA */
static u64 delete_vcpu(struct vcpu *v)
{
	u64 vmsa = v->gpr.rcx;

	if (vmsa % PAGE_SIZE || !rmp_is(vmsa, PAGE_SIZE, RMP_VMSA))
		return SVSM_ERR_INVALID_PARAMETER;
	if (vcpu_vmsa_in_use(vmsa))
		return SVSM_ERR_PROTOCOL_BASE + RMP_FAIL_INUSE;
	for (u32 i = 0; i < config.smp; i++)
		if (vcpus[i].next_vmsa == vmsa)
			vcpus[i].next_vmsa = vcpus[i].next_caa = NO_GPA;
	rmp_set_vmsa(vmsa, false);
	return SVSM_SUCCESS;
}

/* RCX: protocol 63:32, version 31:0; back: highest 63:32, lowest 31:0, or 0 */
static u64 query_protocol(struct vcpu *v)
{
	u64 rcx = v->gpr.rcx;

	v->gpr.rcx = 0;
	if ((u32)rcx == PROTOCOL_VERSION && svsm_has_protocol((u32)(rcx >> 32)))
		v->gpr.rcx = PROTOCOL_VERSION << 32 | PROTOCOL_VERSION;
	return SVSM_SUCCESS;
}

u64 svsm_core(struct vcpu *v, u32 call)
{
	switch (call) {
	case CORE_REMAP_CA:
		return remap_ca(v);
	case CORE_PVALIDATE:
		return pvalidate(v);
	case CORE_CREATE_VCPU:
		return create_vcpu(v);
	case CORE_DELETE_VCPU:
		return delete_vcpu(v);
	case CORE_QUERY_PROTOCOL:
		return query_protocol(v);
	case CORE_CONFIGURE_VTOM:
		if (!(v->gpr.rcx & 1)) /* not a query */
			return SVSM_ERR_INVALID_REQUEST;
		v->gpr.rcx = 0; /* there is no virtual top of memory */
		return SVSM_SUCCESS;
	case CORE_DEPOSIT_MEM: /* the SVSM has all the memory that it needs */
	case CORE_WITHDRAW_MEM:
	default:
		return SVSM_ERR_UNSUPPORTED_CALL;
	}
}
