// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * #VC, if the configuration asks for it: an intercepted instruction is not done
 * by the monitor but handed back to the guest as exception 29 with the exit code
 * as its error code, and the guest's own handler asks through the GHCB.
 *
 * QEMU's TCG pushes no error code for vector 29, so the exception frame is made
 * here as the CPU would make it (APM 8.9): gate, stack, frame.
 */
#include "monitor.h"

#define GATE_PRESENT	BIT(47)
#define GATE_INTERRUPT	14 /* clears IF */
#define GATE_TRAP	15
#define TSS_RSP0	0x04
#define TSS_IST(n)	(0x24 + 8 * ((n)-1))

#define CODE_ATTRIBUTES 0xa9b /* G, L, P, S, execute/read, accessed */
#define NULL_ATTRIBUTES 0xc93 /* SS is null in 64-bit mode; TCG takes CPL from its DPL */

struct gate {
	u64 handler;
	u16 selector;
	u32 ist, type;
};

static bool read_gate(const struct vcpu *v, struct gate *g)
{
	const struct vmcb *c = v->vmcb;
	u64 d[2];

	if (c->idtr.limit < VECTOR_VC * 16 + 15 ||
	    !guest_read(v, c->idtr.base + VECTOR_VC * 16, d, sizeof(d)) || !(d[0] & GATE_PRESENT))
		return false;
	g->handler = (d[0] & 0xffff) | d[0] >> 48 << 16 | d[1] << 32;
	g->selector = d[0] >> 16 & 0xfffc;
	g->ist = d[0] >> 32 & 7;
	g->type = d[0] >> 40 & 0x1f;
	return g->type == GATE_INTERRUPT || g->type == GATE_TRAP;
}

/* The stack that gate and privilege level call for */
static bool choose_stack(const struct vcpu *v, const struct gate *g, u64 *sp)
{
	u32 offset = g->ist ? TSS_IST(g->ist) : TSS_RSP0;

	*sp = v->vmcb->rsp;
	if (!g->ist && !vcpu_cpl(v))
		return true;
	/* #VMEXIT does not save TR */
	asm volatile("vmsave %0" ::"a"(v->vmcb) : "memory");
	return offset + 7 <= v->vmcb->tr.limit &&
	       guest_read(v, v->vmcb->tr.base + offset, sp, sizeof(*sp));
}

void vc_deliver(struct vcpu *v, u32 exit_code)
{
	struct vmcb *c = v->vmcb;
	struct gate g;
	u64 sp;

	if (!(c->efer & EFER_LMA))
		stop(v, SNPEMU_STOP_UNKNOWN_EXIT,
		     "#VC(%x) outside long mode is not emulated; rip %lx", exit_code, c->rip);
	if (read_gate(v, &g) && choose_stack(v, &g, &sp)) {
		const u64 frame[] = { exit_code,      c->rip,
				      c->cs.selector, c->rflags | RFLAGS_RF,
				      c->rsp,	      c->ss.selector };

		sp = (sp & ~15UL) - sizeof(frame);
		if (guest_write(v, sp, frame, sizeof(frame))) {
			if (g.ist || vcpu_cpl(v))
				c->ss = (struct vmcb_seg){ 0, NULL_ATTRIBUTES, ~0U, 0 };
			c->cs = (struct vmcb_seg){ g.selector, CODE_ATTRIBUTES, ~0U, 0 };
			c->cpl = 0;
			c->rsp = sp;
			c->rip = g.handler;
			c->rflags &= ~(RFLAGS_TF | RFLAGS_NT | RFLAGS_RF | RFLAGS_VM);
			if (g.type == GATE_INTERRUPT)
				c->rflags &= ~RFLAGS_IF;
			c->int_state = 0;
			stats->reflected++;
			return;
		}
	}
	/* A fault while #VC is delivered; without a gate for #DF it is a shutdown. */
	log_line("#VC(%x) cannot be delivered (IDT %lx, stack %lx): #DF; rip %lx", exit_code,
		 c->idtr.base, c->rsp, c->rip);
	vcpu_inject(v, VECTOR_DF, true, 0);
}
