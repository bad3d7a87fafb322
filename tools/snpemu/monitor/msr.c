// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Model-specific registers.  What a VMSA holds is not intercepted; what the
 * table below names is; anything else is unknown: #GP, counted and logged.
 */
#include "monitor.h"

/*
 * Never intercepted: the list of KVM for SEV-ES guests (their state is in the
 * VMSA or has none).  The machine keeps them per CPU and the monitor uses none.
 */
static const u32 free_msrs[] = {
	0x48,	     0x49,	 0x10b,			 /* SPEC_CTRL, PRED_CMD, FLUSH_CMD */
	0x174,	     0x175,	 0x176,			 /* SYSENTER */
	0x1d9,	     0x1db,	 0x1dc,			 /* DEBUGCTL, last branch */
	0x1dd,	     0x1de,				 /* last exception */
	0x277,	     0xda0,				 /* PAT, XSS */
	MSR_EFER,					 /* VMRUN's, see vcpu_enter() */
	0xc0000081,  0xc0000082, 0xc0000083, 0xc0000084, /* STAR, LSTAR, CSTAR, SFMASK */
	0xc0000100,  0xc0000101, 0xc0000102,		 /* FS, GS, kernel GS base */
	MSR_TSC_AUX,
};

enum policy {
	MACHINE,   /* the machine's own, read and write */
	READ_ONLY, /* the machine's own; a write is #GP */
	ZERO,	   /* reads 0, a write has no effect: a feature that is not there */
};

static const struct known {
	u32 first, last;
	enum policy policy;
	const char *name;
} known[] = {
	{ 0x17, 0x17, READ_ONLY, "PLATFORM_ID" },
	{ 0x8b, 0x8b, READ_ONLY, "PATCH_LEVEL" },
	{ 0xfe, 0xfe, READ_ONLY, "MTRRcap" },
	{ 0x179, 0x17a, MACHINE, "MCG_CAP, MCG_STATUS" },
	{ 0x17b, 0x17b, MACHINE, "MCG_CTL" },
	{ 0x1a0, 0x1a0, MACHINE, "MISC_ENABLE" },
	{ 0x200, 0x20f, MACHINE, "MTRRphysBase/Mask" },
	{ 0x250, 0x250, MACHINE, "MTRRfix64K" },
	{ 0x258, 0x259, MACHINE, "MTRRfix16K" },
	{ 0x268, 0x26f, MACHINE, "MTRRfix4K" },
	{ 0x2ff, 0x2ff, MACHINE, "MTRRdefType" },
	{ 0x400, 0x4ff, MACHINE, "MCi_CTL/STATUS/ADDR/MISC" },
	{ 0xc0010000, 0xc0010007, ZERO, "PERF_CTL/CTR: no counters" },
	{ 0xc0010010, 0xc0010010, ZERO, "SYSCFG: host memory encryption is off" },
	{ 0xc0010015, 0xc0010015, ZERO, "HWCR" },
	{ 0xc001001f, 0xc001001f, ZERO, "NB_CFG" },
	{ 0xc0010055, 0xc0010055, ZERO, "INT_PENDING: no C1E" },
	{ 0xc0010140, 0xc0010141, ZERO, "OSVW: no errata" },
	{ 0xc0010200, 0xc001020b, ZERO, "PERF_CTL/CTR: no counters" },
	{ 0xc0011020, 0xc001102f, ZERO, "LS_CFG to DE_CFG: no errata to work around" },
};

/* Where an MSR's two bits are in the permission map (APM 15.11) */
static bool map_bit(u32 msr, u32 *bit)
{
	if (msr < 0x2000)
		*bit = msr * 2;
	else if (msr >= 0xc0000000 && msr < 0xc0002000)
		*bit = (0x2000 + (msr - 0xc0000000)) * 2;
	else if (msr >= 0xc0010000 && msr < 0xc0012000)
		*bit = (0x4000 + (msr - 0xc0010000)) * 2;
	else
		return false; /* always intercepted */
	return true;
}

void msr_init(u8 *msrpm)
{
	u32 bit;

	memset(msrpm, 0xff, 2 * PAGE_SIZE);
	for (u32 i = 0; i < ARRAY_SIZE(free_msrs); i++)
		if (map_bit(free_msrs[i], &bit))
			msrpm[bit / 8] &= (u8) ~(3 << bit % 8);
}

/* The local APIC has to stay where it is and on: the monitor needs it too. */
static bool apic_base(bool write, u64 *value)
{
	u64 now = rdmsr(MSR_APIC_BASE);

	if (write)
		return *value == now;
	*value = now;
	return true;
}

static bool tsc(struct vcpu *v, bool write, u64 *value)
{
	if (write)
		v->vmcb->tsc_offset += *value - vcpu_tsc(v);
	else
		*value = vcpu_tsc(v);
	return true;
}

static bool known_msr(const struct known *k, u32 msr, bool write, u64 *value)
{
	switch (k->policy) {
	case READ_ONLY:
		if (write)
			return false;
		*value = rdmsr(msr);
		return true;
	case MACHINE:
		if (write)
			wrmsr(msr, *value);
		else
			*value = rdmsr(msr);
		return true;
	default:
		if (!write)
			*value = 0;
		return true;
	}
}

/* An access by the guest, itself or through the GHCB.  False: #GP. */
bool msr_access(struct vcpu *v, u32 msr, bool write, u64 *value)
{
	if (msr == MSR_APIC_BASE)
		return apic_base(write, value);
	if (msr == MSR_TSC)
		return tsc(v, write, value);
	for (u32 i = 0; i < ARRAY_SIZE(known); i++)
		if (msr >= known[i].first && msr <= known[i].last)
			return known_msr(&known[i], msr, write, value);
	stats->unknown_msr++;
	log_line("msr: unknown MSR %x %s, answered by #GP; rip %lx", msr,
		 write ? "written" : "read", v->vmcb->rip);
	return false;
}

/* Those that are the guest's own on hardware, never intercepted */
static bool guest_msr(struct vcpu *v, u32 msr, bool write, u64 *value)
{
	if (msr == MSR_SEV_ES_GHCB) {
		if (write)
			v->ghcb_msr = *value;
		else
			*value = v->ghcb_msr;
		return true;
	}
	if (msr == MSR_SEV_STATUS && !write) {
		*value = SEV_STATUS_SNP_GUEST;
		return true;
	}
	return false;
}

/*
 * The MSR by which a guest asks for its calling area: on hardware it is always
 * intercepted, so it is the guest's #VC handler that answers (SVSM 5).
 */
static bool caa_msr(struct vcpu *v, u32 msr, bool write, u64 *value)
{
	if (msr != MSR_SVSM_CAA || write || !config.vmpl)
		return false;
	*value = v->caa;
	return true;
}

void msr_exit(struct vcpu *v)
{
	struct vmcb *c = v->vmcb;
	bool write = c->exit_info_1 & 1;
	u32 msr = (u32)v->gpr.rcx;
	u64 value = (u32)c->rax | v->gpr.rdx << 32;

	if (flag(SNPEMU_F_TRACE_MSR))
		log_line("msr: %s %x %lx rip %lx", write ? "wrmsr" : "rdmsr", msr,
			 write ? value : 0, c->rip);
	if (!guest_msr(v, msr, write, &value)) {
		if (flag(SNPEMU_F_VC_MSR)) {
			vc_deliver(v, SVM_EXIT_MSR);
			return;
		}
		if (!caa_msr(v, msr, write, &value) && !msr_access(v, msr, write, &value)) {
			vcpu_inject(v, VECTOR_GP, true, 0);
			return;
		}
	}
	if (!write) {
		c->rax = (u32)value;
		v->gpr.rdx = value >> 32;
	}
	c->rip += 2;
}
