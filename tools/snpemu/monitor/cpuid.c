// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the guest sees in CPUID: the machine's own values, with SEV-SNP, without
 * SVM and all that no SNP guest has.
 */
#include "monitor.h"

#define HYPERVISOR_LEAF 0x40000000
#define SNP_CPUID_MAX	64 /* entries of a CPUID page (SNP ABI 8.14.2.6) */

/* struct snp_cpuid_fn of the SNP ABI; the page starts with a count of them */
struct entry {
	u32 function, index;
	u64 xcr0, xss;
	u32 reg[4];
	u64 reserved;
};

enum { EAX, EBX, ECX, EDX };

/*
 * With CPUID reflected, Linux answers leaf 0xd itself from the CPUID page and
 * gives up unless subleaf 1 has XSAVEC or XSAVES, which QEMU's TCG lacks.  So
 * no XSAVE then, nor what depends on it: AVX, FMA, F16C, AVX2.
 */
static void hide_xsave(u32 function, u32 index, u32 reg[4])
{
	if (function == 0 && reg[EAX] > 0xc)
		reg[EAX] = 0xc;
	if (function == 1)
		reg[ECX] &= ~(u32)(BIT(12) | BIT(26) | BIT(27) | BIT(28) | BIT(29));
	if (function == 7 && index == 0)
		reg[EBX] &= ~(u32)BIT(5);
	if (function == 0xd)
		memset(reg, 0, 4 * sizeof(u32));
}

static void set_bit(u32 *reg, u32 n, bool on)
{
	*reg = (*reg & ~(u32)BIT(n)) | (on ? (u32)BIT(n) : 0);
}

/* v NULL: for the CPUID page, before the guest has set anything */
void cpuid_emulate(const struct vcpu *v, u32 function, u32 index, u32 reg[4])
{
	u64 cr4 = v ? v->vmcb->cr4 : 0;

	cpuid(function, index, reg);
	switch (function) {
	case 1:
		set_bit(&reg[ECX], 31, true);  /* hypervisor present */
		set_bit(&reg[ECX], 21, false); /* x2APIC: its MSRs would bypass the monitor */
		set_bit(&reg[ECX], 27, cr4 & CR4_OSXSAVE && reg[ECX] & BIT(26));
		break;
	case 7:
		if (index == 0)
			set_bit(&reg[ECX], 4, cr4 & CR4_PKE); /* OSPKE */
		break;
	case HYPERVISOR_LEAF:
		/* our signature, "snpemusnpemu", and no further leaves */
		reg[EAX] = HYPERVISOR_LEAF;
		memcpy(&reg[EBX], "snpemusnpemu", 12);
		break;
	case 0x80000000:
		if (reg[EAX] < 0x8000001f)
			reg[EAX] = 0x8000001f;
		break;
	case 0x80000001:
		set_bit(&reg[ECX], 2, false); /* SVM */
		break;
	case 0x80000008:
		/* the C-bit is the first bit that is no address */
		if ((reg[EAX] & 0xff) > config.cbit)
			reg[EAX] = (reg[EAX] & ~0xffU) | config.cbit;
		break;
	case 0x8000000a: /* SVM features */
		memset(reg, 0, 4 * sizeof(u32));
		break;
	case 0x8000001f:
		reg[EAX] = BIT(1) | BIT(3) | BIT(4) | BIT(5); /* SEV, -ES, -SNP, VMPL */
		reg[EBX] = config.cbit | 1 << 6 | 4 << 12;    /* one address bit lost, 4 VMPLs */
		reg[ECX] = reg[EDX] = 0;
		break;
	default:
		/* the machine's hypervisor leaves (TCGTCGTCGTCG) */
		if (function > HYPERVISOR_LEAF && function < HYPERVISOR_LEAF + 0x10000)
			memset(reg, 0, 4 * sizeof(u32));
	}
	if (flag(SNPEMU_F_VC_CPUID))
		hide_xsave(function, index, reg);
}

void cpuid_exit(struct vcpu *v)
{
	u32 reg[4];

	if (flag(SNPEMU_F_VC_CPUID)) {
		vc_deliver(v, SVM_EXIT_CPUID);
		return;
	}
	cpuid_emulate(v, (u32)v->vmcb->rax, (u32)v->gpr.rcx, reg);
	v->vmcb->rax = reg[EAX];
	v->gpr.rbx = reg[EBX];
	v->gpr.rcx = reg[ECX];
	v->gpr.rdx = reg[EDX];
	v->vmcb->rip += 2;
}

/* The CPUID page that the AMD-SP would have checked at launch */
void cpuid_fill_page(void *page)
{
	static const u32 leaf[][2] = {
		{ 0, 0 },	   { 1, 0 },	      { 5, 0 },		 { 6, 0 },
		{ 7, 0 },	   { 7, 1 },	      { 0xb, 0 },	 { 0xb, 1 },
		{ 0xd, 0 },	   { 0xd, 1 },	      { 0xd, 2 },	 { HYPERVISOR_LEAF, 0 },
		{ 0x80000000, 0 }, { 0x80000001, 0 }, { 0x80000002, 0 }, { 0x80000003, 0 },
		{ 0x80000004, 0 }, { 0x80000005, 0 }, { 0x80000006, 0 }, { 0x80000007, 0 },
		{ 0x80000008, 0 }, { 0x8000000a, 0 }, { 0x80000019, 0 }, { 0x8000001a, 0 },
		{ 0x8000001d, 0 }, { 0x8000001d, 1 }, { 0x8000001d, 2 }, { 0x8000001d, 3 },
		{ 0x8000001e, 0 }, { 0x8000001f, 0 },
	};
	struct entry *e = (void *)((u8 *)page + 16);
	u32 count = ARRAY_SIZE(leaf);

	_Static_assert(ARRAY_SIZE(leaf) <= SNP_CPUID_MAX, "CPUID page");
	memset(page, 0, PAGE_SIZE);
	memcpy(page, &count, sizeof(count));
	for (u32 i = 0; i < count; i++, e++) {
		e->function = leaf[i][0];
		e->index = leaf[i][1];
		/* the sizes of subleaves 0 and 1 are for x87 alone */
		if (e->function == 0xd && e->index < 2)
			e->xcr0 = 1;
		cpuid_emulate(NULL, e->function, e->index, e->reg);
	}
}
