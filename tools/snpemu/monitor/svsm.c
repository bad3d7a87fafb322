// SPDX-License-Identifier: GPL-2.0-or-later
/* The SVSM's calling convention (SVSM 5): the call is in RAX, the calling area
 * says whether there is one. */
#include "monitor.h"

#define CALL_PENDING 0 /* byte in the calling area */

bool svsm_has_protocol(u32 protocol)
{
	switch (protocol) {
	case SVSM_PROTOCOL_CORE:
		return true;
	case SVSM_PROTOCOL_ATTEST:
		return !flag(SNPEMU_F_NO_ATTEST);
	case SVSM_PROTOCOL_VTPM:
		return !flag(SNPEMU_F_NO_VTPM);
	default:
		return false;
	}
}

static u64 dispatch(struct vcpu *v, u32 protocol, u32 call)
{
	if (!svsm_has_protocol(protocol))
		return SVSM_ERR_UNSUPPORTED_PROTOCOL;
	switch (protocol) {
	case SVSM_PROTOCOL_CORE:
		stats->svsm_core++;
		return svsm_core(v, call);
	case SVSM_PROTOCOL_ATTEST:
		stats->svsm_attest++;
		return svsm_attest(v, call);
	default:
		stats->svsm_vtpm++;
		return svsm_vtpm(v, call);
	}
}

/* The guest runs VMPL0: look into its calling area and do what it asks for. */
void svsm_call(struct vcpu *v)
{
	u8 *area = guest_private(v->caa, PAGE_SIZE);
	u64 rax = v->vmcb->rax, rcx = v->gpr.rcx, result;

	if (!area)
		stop(v, SNPEMU_STOP_VIOLATION,
		     "the SVSM calling area at %lx is %s: it must be private and validated (SVSM "
		     "5); rip %lx",
		     v->caa, rmp_name(v->caa), v->vmcb->rip);
	/* VMPL0 was entered for nothing: the guest sees its call as not done. */
	if (!area[CALL_PENDING])
		return;
	area[CALL_PENDING] = 0;
	result = dispatch(v, (u32)(rax >> 32), (u32)rax);
	v->vmcb->rax = result;
	if (result)
		stats->svsm_refused++;
	if (flag(SNPEMU_F_TRACE_SVSM))
		log_line("svsm: CPU %u protocol %u call %u rcx %lx: %lx, rcx %lx; rip %lx", v->id,
			 (u32)(rax >> 32), (u32)rax, rcx, result, v->gpr.rcx, v->vmcb->rip);
}
