/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layouts and numbers of AMD's specifications: the VMCB (APM vol. 2, appendix
 * B), the VMSA (the same, "VMSA Layout"), #VMEXIT codes (appendix C) and MSRs.
 */
#ifndef SVM_H
#define SVM_H

#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define BIT(n) (1UL << (n))

struct vmcb_seg {
	u16 selector, attrib;
	u32 limit;
	u64 base;
} __attribute__((packed));

struct vmcb {
	u16 intercept_cr_read, intercept_cr_write;
	u16 intercept_dr_read, intercept_dr_write;
	u32 intercept_exceptions;
	u64 intercepts; /* bit n: exit code 0x60 + n */
	u8 reserved_0x14[0x3c - 0x14];
	u16 pause_filter_thresh, pause_filter_count;
	u64 iopm_base_pa, msrpm_base_pa, tsc_offset;
	u32 asid;
	u8 tlb_ctl, reserved_0x5d[3];
	u32 int_ctl, int_vector;
	u64 int_state;
	u64 exit_code, exit_info_1, exit_info_2;
	u32 exit_int_info, exit_int_info_err;
	u64 nested_ctl;
	u8 reserved_0x98[0x10];
	u32 event_inj, event_inj_err;
	u64 nested_cr3, virt_ext;
	u8 reserved_0xc0[0x400 - 0xc0];
	/* the state save area */
	struct vmcb_seg es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	u8 reserved_0x4a0[0x4cb - 0x4a0];
	u8 cpl;
	u32 reserved_0x4cc;
	u64 efer;
	u8 reserved_0x4d8[0x548 - 0x4d8];
	u64 cr4, cr3, cr0, dr7, dr6, rflags, rip;
	u8 reserved_0x580[0x5d8 - 0x580];
	u64 rsp;
	u8 reserved_0x5e0[0x5f8 - 0x5e0];
	u64 rax, star, lstar, cstar, sfmask, kernel_gs_base;
	u64 sysenter_cs, sysenter_esp, sysenter_eip, cr2;
	u8 reserved_0x648[0x668 - 0x648];
	u64 g_pat;
	u8 reserved_0x670[0x1000 - 0x670];
} __attribute__((packed));
_Static_assert(sizeof(struct vmcb) == 4096, "VMCB");
_Static_assert(__builtin_offsetof(struct vmcb, exit_code) == 0x70, "VMCB");
_Static_assert(__builtin_offsetof(struct vmcb, nested_cr3) == 0xb0, "VMCB");
_Static_assert(__builtin_offsetof(struct vmcb, es) == 0x400, "VMCB");
_Static_assert(__builtin_offsetof(struct vmcb, rip) == 0x578, "VMCB");
_Static_assert(__builtin_offsetof(struct vmcb, rax) == 0x5f8, "VMCB");
_Static_assert(__builtin_offsetof(struct vmcb, g_pat) == 0x668, "VMCB");

struct vmsa {
	struct vmcb_seg es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	u8 reserved_0xa0[0xca - 0xa0];
	u8 vmpl, cpl;
	u8 reserved_0xcc[4];
	u64 efer;
	u8 reserved_0xd8[0x148 - 0xd8];
	u64 cr4, cr3, cr0, dr7, dr6, rflags, rip;
	u64 dr0, dr1, dr2, dr3;
	u8 reserved_0x1a0[0x1d8 - 0x1a0];
	u64 rsp;
	u8 reserved_0x1e0[0x1f8 - 0x1e0];
	u64 rax, star, lstar, cstar, sfmask, kernel_gs_base;
	u64 sysenter_cs, sysenter_esp, sysenter_eip, cr2;
	u8 reserved_0x248[0x268 - 0x248];
	u64 g_pat;
	u8 reserved_0x270[0x2ec - 0x270];
	u32 tsc_aux;
	u8 reserved_0x2f0[0x308 - 0x2f0];
	u64 rcx, rdx, rbx, reserved_0x320, rbp, rsi, rdi;
	u64 r8, r9, r10, r11, r12, r13, r14, r15;
	u8 reserved_0x380[0x3b0 - 0x380];
	u64 sev_features;
	u8 reserved_0x3b8[0x3e8 - 0x3b8];
	u64 xcr0;
	u8 reserved_0x3f0[0x400 - 0x3f0];
	u64 x87_dp;
	u32 mxcsr;
	u16 x87_ftw, x87_fsw, x87_fcw, x87_fop, x87_ds, x87_cs;
	u64 x87_rip;
	u8 fpreg_x87[80], fpreg_xmm[256], fpreg_ymm[256];
} __attribute__((packed));
_Static_assert(__builtin_offsetof(struct vmsa, efer) == 0xd0, "VMSA");
_Static_assert(__builtin_offsetof(struct vmsa, rip) == 0x178, "VMSA");
_Static_assert(__builtin_offsetof(struct vmsa, rax) == 0x1f8, "VMSA");
_Static_assert(__builtin_offsetof(struct vmsa, rcx) == 0x308, "VMSA");
_Static_assert(__builtin_offsetof(struct vmsa, sev_features) == 0x3b0, "VMSA");
_Static_assert(__builtin_offsetof(struct vmsa, xcr0) == 0x3e8, "VMSA");
_Static_assert(__builtin_offsetof(struct vmsa, fpreg_x87) == 0x420, "VMSA");
_Static_assert(sizeof(struct vmsa) == 0x670, "VMSA");

#define SEV_FEATURES_SNP_ACTIVE BIT(0)

/* #VMEXIT codes; the GHCB's NAE events use them too */
#define SVM_EXIT_READ_DR7   0x27
#define SVM_EXIT_WRITE_DR7  0x37
#define SVM_EXIT_EXCP_UD    0x46
#define SVM_EXIT_NMI	    0x61
#define SVM_EXIT_INIT	    0x63
#define SVM_EXIT_CR0_SEL    0x65
#define SVM_EXIT_RDTSC	    0x6e
#define SVM_EXIT_RDPMC	    0x6f
#define SVM_EXIT_CPUID	    0x72
#define SVM_EXIT_INVD	    0x76
#define SVM_EXIT_HLT	    0x78
#define SVM_EXIT_IOIO	    0x7b
#define SVM_EXIT_MSR	    0x7c
#define SVM_EXIT_SHUTDOWN   0x7f
#define SVM_EXIT_VMRUN	    0x80
#define SVM_EXIT_VMMCALL    0x81
#define SVM_EXIT_SKINIT	    0x86
#define SVM_EXIT_RDTSCP	    0x87
#define SVM_EXIT_WBINVD	    0x89
#define SVM_EXIT_MONITOR    0x8a
#define SVM_EXIT_MWAIT	    0x8b
#define SVM_EXIT_NPF	    0x400
#define SVM_INTERCEPT(code) BIT((code)-0x60)

/* EXITINFO1 */
#define NPF_WRITE      BIT(1)
#define NPF_FETCH      BIT(4)
#define NPF_TABLE_WALK BIT(33)
#define IOIO_IN	       BIT(0)
#define IOIO_STRING    BIT(2)
#define IOIO_SIZE(i)   ((i) >> 4 & 7)
#define IOIO_PORT(i)   ((u16)((i) >> 16))

/* EVENTINJ, EXITINTINFO */
#define EVENT_VALID	BIT(31)
#define EVENT_ERROR	BIT(11)
#define EVENT_TYPE(t)	((u32)(t) << 8)
#define EVENT_NMI	2
#define EVENT_EXCEPTION 3
#define EVENT_SOFT	4

#define VECTOR_NMI	2
#define VECTOR_UD	6
#define VECTOR_DF	8
#define VECTOR_GP	13
#define VECTOR_PF	14
#define VECTOR_VC	29

#define CR0_PG		BIT(31)
#define CR4_OSXSAVE	BIT(18)
#define CR4_PKE		BIT(22)

#define EFER_LMA	BIT(10)
#define EFER_SVME	BIT(12)

#define RFLAGS_CF	BIT(0)
#define RFLAGS_PF	BIT(2)
#define RFLAGS_AF	BIT(4)
#define RFLAGS_ZF	BIT(6)
#define RFLAGS_SF	BIT(7)
#define RFLAGS_TF	BIT(8)
#define RFLAGS_IF	BIT(9)
#define RFLAGS_OF	BIT(11)
#define RFLAGS_NT	BIT(14)
#define RFLAGS_RF	BIT(16)
#define RFLAGS_VM	BIT(17)

#define MSR_TSC		0x10
#define MSR_APIC_BASE	0x1b
#define MSR_TSC_AUX	0xc0000103
#define MSR_EFER	0xc0000080
#define MSR_VM_HSAVE_PA 0xc0010117
#define MSR_SEV_ES_GHCB 0xc0010130
#define MSR_SEV_STATUS	0xc0010131
#define MSR_SVSM_CAA	0xc001f000

/* SEV_STATUS: SEV, SEV-ES and SEV-SNP are active */
#define SEV_STATUS_SNP_GUEST 7

#endif
