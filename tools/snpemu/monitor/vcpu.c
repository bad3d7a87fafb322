// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Virtual CPUs: from VMSA to VMCB, started, stopped and parked; the exit lock;
 * and NMIs, by which one CPU makes another leave the guest or wake up.
 */
#include "monitor.h"

#define LAPIC_ICR      ((volatile u32 *)0xfee00300)
#define LAPIC_ICR_HIGH ((volatile u32 *)0xfee00310)
#define ICR_NMI	       0x4400 /* assert, delivery mode NMI */

/*
 * How long to wait for a CPU to take an NMI, in TSC ticks: some seconds.  A CPU
 * that handles an NMI of its own takes no other until its IRET.
 */
#define NMI_PATIENCE (8UL << 30)

#define PAGE_ALIGNED __attribute__((aligned(4096)))

struct vcpu vcpus[SNPEMU_MAX_CPUS];
static struct vmcb vmcbs[SNPEMU_MAX_CPUS] PAGE_ALIGNED;
static u8 msrpm[8192] PAGE_ALIGNED, iopm[12288] PAGE_ALIGNED;
static u8 exit_lock_taken;

/* The image that FXRSTOR loads (APM vol. 1, 64-bit format) */
struct fxsave {
	u16 fcw, fsw, ftw, fop;
	u64 rip, dp;
	u32 mxcsr, mxcsr_mask;
	u8 st[8][16], xmm[16][16], reserved[96];
} __attribute__((aligned(16)));

void vcpu_init(void)
{
	msr_init(msrpm);
	io_init(iopm);
	for (u32 i = 0; i < SNPEMU_MAX_CPUS; i++) {
		vcpus[i].id = i;
		vcpus[i].vmcb = &vmcbs[i];
		vcpus[i].ghcb_gpa = vcpus[i].vmsa = vcpus[i].next_vmsa = NO_GPA;
		vcpus[i].caa = vcpus[i].next_caa = NO_GPA;
	}
}

void exit_lock(void)
{
	while (__atomic_exchange_n(&exit_lock_taken, 1, __ATOMIC_ACQUIRE))
		pause();
}

static void send_nmi(u32 id)
{
	u32 saved = *LAPIC_ICR_HIGH; /* the guest may be between its two writes */

	*LAPIC_ICR_HIGH = id << 24;
	*LAPIC_ICR = ICR_NMI;
	*LAPIC_ICR_HIGH = saved;
}

/*
 * Make a CPU leave the guest, or wake up if it was parked and has something to
 * run.  An NMI that arrives between the parked CPU's look at ->running and its
 * HLT is lost, so it is sent until it works.
 */
static void kick(struct vcpu *o)
{
	u64 start = rdtsc();

	__atomic_thread_fence(__ATOMIC_SEQ_CST); /* with the one in park() */
	while (o->in_guest || (o->parked && o->running)) {
		o->nmi = true;
		send_nmi(o->id);
		for (u32 i = 0; i < 1000 && (o->in_guest || o->parked); i++)
			pause();
		if (rdtsc() - start > NMI_PATIENCE) {
			log_line("CPU %u takes no NMI: its TLB may hold old translations", o->id);
			return;
		}
	}
}

/*
 * Drop the exit lock.  If the guest lost access to a page, first make every CPU
 * that is in the guest exit, which empties its TLB; none enters meanwhile.
 */
void exit_unlock(struct vcpu *v)
{
	if (npt_shrunk()) {
		for (u32 i = 0; i < config.smp; i++) {
			if (&vcpus[i] == v || !vcpus[i].in_guest)
				continue;
			stats->shoot_downs++;
			kick(&vcpus[i]);
		}
		npt_flushed();
	}
	__atomic_store_n(&exit_lock_taken, 0, __ATOMIC_RELEASE);
}

/*
 * #VMEXIT for an NMI, which is still pending: the monitor's own, whose purpose
 * was the exit, or the guest's.  (One of each at the same time counts as one.)
 */
void vcpu_nmi(struct vcpu *v)
{
	nmi_window();
	if (v->nmi)
		v->nmi = false;
	else
		v->vmcb->event_inj = (u32)EVENT_VALID | EVENT_TYPE(EVENT_NMI) | VECTOR_NMI;
}

void vcpu_inject(struct vcpu *v, u32 vector, bool has_error, u32 error)
{
	v->vmcb->event_inj = (u32)EVENT_VALID | EVENT_TYPE(EVENT_EXCEPTION) | vector |
			     (has_error ? (u32)EVENT_ERROR : 0);
	v->vmcb->event_inj_err = error;
}

/* The guest's TSC now; with SNPEMU_F_HIDE_TIME it stood still since the exit. */
u64 vcpu_tsc(const struct vcpu *v)
{
	return (flag(SNPEMU_F_HIDE_TIME) ? v->exit_tsc : rdtsc()) + v->vmcb->tsc_offset;
}

static void init_control(struct vmcb *c)
{
	c->intercept_exceptions = BIT(VECTOR_UD);
	c->intercepts = SVM_INTERCEPT(SVM_EXIT_NMI) | SVM_INTERCEPT(SVM_EXIT_INIT) |
			SVM_INTERCEPT(SVM_EXIT_CPUID) | SVM_INTERCEPT(SVM_EXIT_IOIO) |
			SVM_INTERCEPT(SVM_EXIT_MSR) | SVM_INTERCEPT(SVM_EXIT_SHUTDOWN);
	for (u32 code = SVM_EXIT_VMRUN; code <= SVM_EXIT_SKINIT; code++)
		c->intercepts |= SVM_INTERCEPT(code);
	if (flag(SNPEMU_F_VC_MISC)) {
		c->intercepts |= SVM_INTERCEPT(SVM_EXIT_WBINVD) | SVM_INTERCEPT(SVM_EXIT_INVD) |
				 SVM_INTERCEPT(SVM_EXIT_RDPMC) | SVM_INTERCEPT(SVM_EXIT_MONITOR) |
				 SVM_INTERCEPT(SVM_EXIT_MWAIT);
		c->intercept_dr_read = c->intercept_dr_write = BIT(7);
	}
	c->iopm_base_pa = (u64)iopm;
	c->msrpm_base_pa = (u64)msrpm;
	c->asid = 1;
	c->tlb_ctl = 1;
	c->nested_ctl = 1;
}

static void load_fpu(const struct vmsa *s)
{
	struct fxsave fx = { .fcw = s->x87_fcw,
			     .fsw = s->x87_fsw,
			     .fop = s->x87_fop,
			     .rip = s->x87_rip,
			     .dp = s->x87_dp,
			     .mxcsr = s->mxcsr };
	u32 reg[4];

	for (u32 i = 0; i < 8; i++) {
		if ((s->x87_ftw >> 2 * i & 3) != 3) /* not empty */
			fx.ftw |= (u16)BIT(i);
		memcpy(fx.st[i], s->fpreg_x87 + 10 * i, 10);
	}
	memcpy(fx.xmm, s->fpreg_xmm, sizeof(fx.xmm));
	asm volatile("fxrstor64 %0" ::"m"(fx));
	cpuid(1, 0, reg);
	if (reg[2] & BIT(26)) { /* XSAVE */
		u64 cr4;

		asm volatile("mov %%cr4, %0" : "=r"(cr4));
		asm volatile("mov %0, %%cr4" ::"r"(cr4 | CR4_OSXSAVE));
		asm volatile("xsetbv" ::"c"(0), "a"((u32)s->xcr0), "d"((u32)(s->xcr0 >> 32)));
	}
}

/* The state of a CPU as its VMSA has it, into the VMCB and the machine. */
static void load_vmsa(struct vcpu *v)
{
	const struct vmsa *s = (void *)v->vmsa;
	struct vmcb *c = v->vmcb;

	memset(c, 0, sizeof(*c));
	init_control(c);
	memcpy(&c->es, &s->es, 10 * sizeof(struct vmcb_seg));
	c->cpl = s->cpl;
	c->efer = s->efer;
	memcpy(&c->cr4, &s->cr4, 7 * sizeof(u64)); /* CR4 to RIP */
	c->rsp = s->rsp;
	memcpy(&c->rax, &s->rax, 10 * sizeof(u64)); /* RAX to CR2 */
	c->g_pat = s->g_pat;
	v->gpr = (struct gpr){ s->rbx, s->rcx, s->rdx, s->rsi, s->rdi, s->rbp, s->r8,
			       s->r9,  s->r10, s->r11, s->r12, s->r13, s->r14, s->r15 };
	asm volatile("mov %0, %%dr0; mov %1, %%dr1; mov %2, %%dr2; mov %3, %%dr3" ::"r"(s->dr0),
		     "r"(s->dr1), "r"(s->dr2), "r"(s->dr3));
	wrmsr(MSR_TSC_AUX, s->tsc_aux);
	load_fpu(s);
	/* What VMRUN does not load, see svm.S */
	asm volatile("vmload %0" ::"a"(c) : "memory");
	v->ghcb_msr = 0;
	v->ghcb_gpa = NO_GPA;
	nmi_window(); /* the kick that woke this CPU, if one is left */
	v->nmi = false;
}

/* Wait for AP creation.  Called and left with the exit lock. */
static void park(struct vcpu *v)
{
	exit_unlock(v);
	v->parked = true;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	while (!v->running)
		nmi_halt();
	v->parked = false;
	exit_lock();
}

/* One stay in the guest, from and to the exit lock */
void vcpu_enter(struct vcpu *v)
{
	struct vmcb *c = v->vmcb;

	while (!v->running)
		park(v);
	if (v->restart) {
		v->restart = false;
		load_vmsa(v);
		v->exit_tsc = rdtsc();
	}
	/* VMRUN refuses a guest without SVME (APM 15.5.1), which Linux may clear on reboot. */
	c->efer |= EFER_SVME;
	c->nested_cr3 = npt_root(v);
	v->in_guest = true;
	exit_unlock(v);
	vmrun(c, &v->gpr, flag(SNPEMU_F_HIDE_TIME) ? &v->exit_tsc : NULL);
	v->in_guest = false;
	exit_lock();
	c->tlb_ctl = 0;
}

/* What XSETBV takes (APM vol. 3); anything else would be the monitor's own #GP. */
static bool xcr0_ok(u64 xcr0)
{
	u32 reg[4];

	cpuid(1, 0, reg);
	if (!(reg[2] & BIT(26))) /* XSAVE: not loaded */
		return true;
	cpuid(0xd, 0, reg);
	return xcr0 & BIT(0) && !(xcr0 & ~(reg[0] | (u64)reg[3] << 32)) &&
	       (!(xcr0 & BIT(2)) || xcr0 & BIT(1)); /* no AVX without SSE */
}

/* Can a CPU be run from this page? */
bool vcpu_vmsa_ok(u64 gpa)
{
	const struct vmsa *s = (void *)gpa;

	return !(gpa % PAGE_SIZE) && rmp_is(gpa, PAGE_SIZE, RMP_VMSA) && s->vmpl == config.vmpl &&
	       s->efer & EFER_SVME && s->sev_features == SEV_FEATURES_SNP_ACTIVE &&
	       xcr0_ok(s->xcr0);
}

/* Is a CPU executing from this VMSA? */
bool vcpu_vmsa_in_use(u64 gpa)
{
	for (u32 i = 0; i < config.smp; i++)
		if (vcpus[i].running && vcpus[i].vmsa == gpa)
			return true;
	return false;
}

/*
 * Run a CPU from a VMSA that vcpu_vmsa_ok() accepts.  One that runs already
 * goes over to it, as KVM does it.
 */
void vcpu_start(struct vcpu *target, u64 vmsa, u64 caa)
{
	target->vmsa = vmsa;
	target->caa = caa;
	target->restart = true;
	target->running = true;
	kick(target);
}

void vcpu_stop(struct vcpu *target)
{
	target->running = false;
	kick(target);
}
