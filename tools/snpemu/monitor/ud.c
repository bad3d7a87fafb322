// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Instructions of SNP guests that the machine does not have: PVALIDATE and
 * RMPADJUST end in #UD, VMGEXIT (REP VMMCALL) is taken for VMMCALL.
 */
#include "monitor.h"

static void set_result(struct vcpu *v, u32 result, bool carry)
{
	u64 f = v->vmcb->rflags;

	/* OF, SF, ZF, AF, PF as of the result, CF: no change was made */
	f &= ~(RFLAGS_OF | RFLAGS_SF | RFLAGS_ZF | RFLAGS_AF | RFLAGS_PF | RFLAGS_CF);
	f |= result ? 0 : RFLAGS_ZF;
	f |= __builtin_popcount(result & 0xff) & 1 ? 0 : RFLAGS_PF;
	f |= carry ? RFLAGS_CF : 0;
	v->vmcb->rflags = f;
	v->vmcb->rax = result;
	v->vmcb->rip += 4;
}

/* The page that RAX names.  False: #PF was injected. */
static bool operand(struct vcpu *v, const char *what, u64 *gpa)
{
	u64 va = v->vmcb->rax;
	bool private;

	if (!guest_translate(v, va, false, gpa, &private)) {
		v->vmcb->cr2 = va;
		vcpu_inject(v, VECTOR_PF, true, 0);
		return false;
	}
	if (!private)
		stop(v, SNPEMU_STOP_VIOLATION,
		     "%s of page %lx, which is mapped without the C-bit: only private pages can be "
		     "validated (APM vol. 3, %s); rip %lx cpl 0",
		     what, *gpa, what, v->vmcb->rip);
	return true;
}

static void pvalidate(struct vcpu *v)
{
	/* Bit 0 alone counts: Linux passes two bools, with anything above their byte. */
	bool large = v->gpr.rcx & 1, validate = v->gpr.rdx & 1;
	u64 gpa;
	u32 r;

	if (config.vmpl) {
		set_result(v, RMP_FAIL_PERMISSION, false);
		return;
	}
	if (!operand(v, "PVALIDATE", &gpa))
		return;
	if (rmp_state(gpa) != RMP_PRIVATE && rmp_state(gpa) != RMP_VALID)
		stop(v, SNPEMU_STOP_VIOLATION,
		     "PVALIDATE of page %lx, which is %s: the hypervisor must have assigned it to "
		     "the guest (APM 15.36.6); rip %lx cpl 0",
		     gpa, rmp_name(gpa), v->vmcb->rip);
	gpa &= large ? LARGE_MASK : PAGE_MASK;
	r = rmp_pvalidate(v, gpa, large, validate);
	set_result(v, r == RMP_NO_UPDATE ? 0 : r, r == RMP_NO_UPDATE);
}

static void rmpadjust(struct vcpu *v)
{
	u64 gpa;

	if (operand(v, "RMPADJUST", &gpa))
		set_result(v, rmp_adjust(v, gpa & PAGE_MASK, v->gpr.rcx, v->gpr.rdx), false);
}

void ud_exit(struct vcpu *v)
{
	static const u8 pvalidate_code[] = { 0xf2, 0x0f, 0x01, 0xff };
	static const u8 rmpadjust_code[] = { 0xf3, 0x0f, 0x01, 0xfe };
	void (*emulate)(struct vcpu * v) = NULL;
	u8 code[4];

	if (guest_fetch(v, code, sizeof(code))) {
		if (!memcmp(code, pvalidate_code, sizeof(code)))
			emulate = pvalidate;
		else if (!memcmp(code, rmpadjust_code, sizeof(code)))
			emulate = rmpadjust;
	}
	if (!emulate)
		vcpu_inject(v, VECTOR_UD, false, 0);
	else if (vcpu_cpl(v))
		vcpu_inject(v, VECTOR_GP, true, 0);
	else
		emulate(v);
}

/*
 * VMGEXIT is for the kernel.  A plain VMMCALL is #VC if that is asked for, else
 * #UD, as for a hypervisor that does not intercept it (APM 15.9).
 */
void ud_vmmcall(struct vcpu *v)
{
	static const u8 vmgexit_code[] = { 0xf3, 0x0f, 0x01, 0xd9 };
	static const u8 vmmcall_code[] = { 0x0f, 0x01, 0xd9 };
	u8 code[4];

	if (guest_fetch(v, code, 4) && !memcmp(code, vmgexit_code, 4) && !vcpu_cpl(v)) {
		v->vmcb->rip += 4;
		ghcb_vmgexit(v);
	} else if (flag(SNPEMU_F_VC_MISC) && guest_fetch(v, code, 3) &&
		   !memcmp(code, vmmcall_code, 3)) {
		vc_deliver(v, SVM_EXIT_VMMCALL);
	} else {
		vcpu_inject(v, VECTOR_UD, false, 0);
	}
}
