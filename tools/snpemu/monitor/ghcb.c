// SPDX-License-Identifier: GPL-2.0-or-later
/* VMGEXIT, and the GHCB protocol by MSR (GHCB 2.3.1). */
#include "monitor.h"

#define GHCB_MSR_INFO(m)      ((m)&0xfff)

#define SEV_INFO_RESPONSE     0x001
#define SEV_INFO_REQUEST      0x002
#define CPUID_REQUEST	      0x004
#define CPUID_RESPONSE	      0x005
#define AP_RESET_HOLD	      0x006
#define PREFERRED_GPA_REQUEST 0x010
#define PREFERRED_GPA_REPLY   0x011
#define REGISTER_GPA_REQUEST  0x012
#define REGISTER_GPA_REPLY    0x013
#define PSC_REQUEST	      0x014
#define PSC_RESPONSE	      0x015
#define RUN_VMPL_REQUEST      0x016
#define RUN_VMPL_RESPONSE     0x017
#define HV_FEATURES_REQUEST   0x080
#define HV_FEATURES_RESPONSE  0x081
#define TERMINATE_REQUEST     0x100

#define PROTOCOL_VERSION      2UL
#define PAGE_FRAME	      0x000ffffffffff000UL
#define RESPONSE_ERROR	      BIT(32)

#define FEATURE_SNP	      BIT(0)
#define FEATURE_AP_CREATION   BIT(1)
#define FEATURE_MULTI_VMPL    BIT(5)

u64 ghcb_features(void)
{
	return FEATURE_SNP | FEATURE_AP_CREATION | (config.vmpl ? FEATURE_MULTI_VMPL : 0);
}

/* Reason sets: 0 is the GHCB specification's, 1 Linux' (asm/sev-common.h). */
static const char *reason(u32 set, u32 code)
{
	static const char *const general[] = {
		"no particular reason",
		"GHCB protocol version not supported",
		"SNP features not supported",
	};
	static const char *const linux_set[] = {
		"GHCB registration failed", "page state change failed",
		"PVALIDATE failed",	    "not running at VMPL0",
		"CPUID page refused",	    "CPUID by the hypervisor failed",
		"secrets page refused",	    "no SVSM in the secrets page",
		"SVSM claims VMPL0",	    "calling area is not page aligned",
		"Secure TSC failed",	    "calling area could not be remapped",
		"Secure AVIC failed",
	};

	if (set == 0 && code < ARRAY_SIZE(general))
		return general[code];
	if (set == 1 && code < ARRAY_SIZE(linux_set))
		return linux_set[code];
	return "a reason without a name";
}

_Noreturn void ghcb_terminate(struct vcpu *v, u32 set, u32 code)
{
	stop(v, SNPEMU_STOP_TERMINATE,
	     "the guest asked to be terminated: set %u, code %u: %s; rip %lx", set, code,
	     reason(set, code), v->vmcb->rip);
}

static u64 cpuid_response(u64 m)
{
	u32 reg[4];

	cpuid_emulate(NULL, (u32)(m >> 32), 0, reg);
	return (u64)reg[m >> 30 & 3] << 32 | (m & 3UL << 30) | CPUID_RESPONSE;
}

static u64 run_vmpl(struct vcpu *v, u64 vmpl)
{
	if (vmpl != 0 || !config.vmpl)
		return RESPONSE_ERROR | RUN_VMPL_RESPONSE;
	svsm_call(v);
	return RUN_VMPL_RESPONSE;
}

static void by_msr(struct vcpu *v)
{
	u64 m = v->ghcb_msr;

	switch (GHCB_MSR_INFO(m)) {
	case SEV_INFO_REQUEST:
		v->ghcb_msr = PROTOCOL_VERSION << 48 | PROTOCOL_VERSION << 32 |
			      (u64)config.cbit << 24 | SEV_INFO_RESPONSE;
		break;
	case CPUID_REQUEST:
		v->ghcb_msr = cpuid_response(m);
		break;
	case AP_RESET_HOLD:
		v->running = false;
		break;
	case PREFERRED_GPA_REQUEST: /* none */
		v->ghcb_msr = PAGE_MASK | PREFERRED_GPA_REPLY;
		break;
	case REGISTER_GPA_REQUEST:
		v->ghcb_gpa = m & PAGE_FRAME;
		v->ghcb_msr = v->ghcb_gpa | REGISTER_GPA_REPLY;
		break;
	case PSC_REQUEST:
		v->ghcb_msr = PSC_RESPONSE;
		if (!rmp_page_state_change(v, m & PAGE_FRAME, m >> 52 & 0xf, false))
			v->ghcb_msr |= RESPONSE_ERROR;
		break;
	case RUN_VMPL_REQUEST:
		v->ghcb_msr = run_vmpl(v, m >> 32 & 0xff);
		break;
	case HV_FEATURES_REQUEST:
		v->ghcb_msr = ghcb_features() << 12 | HV_FEATURES_RESPONSE;
		break;
	case TERMINATE_REQUEST:
		ghcb_terminate(v, m >> 12 & 0xf, m >> 16 & 0xff);
	default:
		stop(v, SNPEMU_STOP_UNKNOWN_EXIT,
		     "GHCB MSR request %lx has no meaning in protocol version 2; rip %lx", m,
		     v->vmcb->rip);
	}
}

void ghcb_vmgexit(struct vcpu *v)
{
	u64 m = v->ghcb_msr;

	if (!GHCB_MSR_INFO(m)) {
		stats->ghcb_page++;
		ghcb_page(v);
		return;
	}
	stats->ghcb_msr++;
	by_msr(v);
	if (flag(SNPEMU_F_TRACE_GHCB))
		log_line("ghcb: CPU %u MSR %lx answered %lx; rip %lx", v->id, m, v->ghcb_msr,
			 v->vmcb->rip);
}
