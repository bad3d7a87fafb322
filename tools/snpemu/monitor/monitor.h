/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snpemu's monitor: a hypervisor without an operating system, started by stock
 * QEMU (TCG) as a multiboot kernel, that runs an unmodified Linux as an
 * SEV-SNP guest and plays to it the platform, the hypervisor and the SVSM.
 *
 *	boot.S		the way into long mode
 *	main.c		set-up, the exit loop, the other CPUs' arrival
 *	svm.S, svm.h	VMRUN; the specifications' layouts and numbers
 *	vcpu.c		VMSA to VMCB; start, stop and park a CPU; the exit lock and
 *			the TLB shoot-down
 *	rmp.c		the RMP: the state of each page and the rules for changing it
 *	npt.c		nested page tables: two views of memory; nested page faults
 *	guest.c		the guest's memory by physical and by virtual address
 *	ud.c		PVALIDATE and RMPADJUST, which the machine does not know; VMGEXIT
 *	cpuid.c msr.c io.c	what the guest sees of the machine
 *	vc.c		#VC for intercepted instructions, if asked for
 *	ghcb.c nae.c	the GHCB's MSR protocol; its page and the events in it
 *	svsm.c svsm_core.c svsm_attest.c svsm_vtpm.c	the SVSM's protocols
 *	linux.c		e820, RSDP and CPUID page for the kernel
 *	chan.c lib.c	the mailbox to the host process; the log, memory functions
 *
 * Memory and mailbox are those of ../abi.h.  The host process has put kernel,
 * initrd and the first VMSA in place; the monitor starts CPU 0 from that VMSA
 * just as it starts the others from theirs.
 *
 * Encryption is not emulated, page states are.  The C-bit is an ordinary
 * address bit to the machine, so there is a view of memory with and one without
 * it, and a page is present only where its RMP state allows (npt.c).  A wrong
 * access stops the guest with a sentence that says which rule was broken.
 *
 * Locking: one exit lock, taken after each #VMEXIT and dropped before VMRUN.  It
 * guards everything but what struct vcpu marks otherwise.  It is also dropped
 * while a CPU waits for the host (chan_call): what was checked before has to be
 * checked again after.
 *
 * Outside what is emulated: accesses by devices (there is no IOMMU), INIT-SIPI
 * by the guest (SNP guests start CPUs by AP_CREATION), 5-level and 32-bit page
 * tables for instructions that the monitor has to read, YMM state in a VMSA.
 *
 * Specifications are cited as: APM (AMD 24593, volume 2), GHCB (56421), SVSM
 * (58019).
 */
#ifndef MONITOR_H
#define MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include "abi.h"
#include "svm.h"

#define PAGE_SIZE     4096UL
#define LARGE_SIZE    (2UL << 20)
#define PAGE_MASK     (~(PAGE_SIZE - 1))
#define LARGE_MASK    (~(LARGE_SIZE - 1))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct gpr { /* order known to svm.S; RAX and RSP live in the VMCB */
	u64 rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15;
};

struct vcpu {
	struct vmcb *vmcb;
	struct gpr gpr;
	u32 id; /* index and APIC ID */
	u64 ghcb_msr;
	u64 ghcb_gpa;		 /* registered by the guest; NO_GPA: none */
	u64 vmsa, caa;		 /* what it runs from */
	u64 next_vmsa, next_caa; /* made by SVSM_CORE_CREATE_VCPU */
	u64 exit_tsc;		 /* at the last #VMEXIT, SNPEMU_F_HIDE_TIME */
	bool restart;		 /* load the VMSA before the next VMRUN */
	/* Read without the exit lock */
	volatile bool online;	/* the CPU has arrived in the monitor */
	volatile bool running;	/* has a VMSA to run; else it is parked */
	volatile bool in_guest; /* between VMRUN and #VMEXIT */
	volatile bool parked;	/* sleeps in nmi_halt() */
	volatile bool nmi;	/* an NMI of the monitor's is on its way to it */
};

#define NO_GPA (~0UL)

extern struct snpemu_config config; /* the checked copy */
extern struct vcpu vcpus[SNPEMU_MAX_CPUS];
#define stats ((struct snpemu_stats *)SNPEMU_STATS_GPA)

static inline bool flag(u64 f)
{
	return config.flags & f;
}

static inline u64 cbit(void)
{
	return BIT(config.cbit);
}

/* vcpu.c */
void vcpu_init(void);
void vcpu_enter(struct vcpu *v);
bool vcpu_vmsa_ok(u64 gpa);
void vcpu_start(struct vcpu *target, u64 vmsa, u64 caa);
void vcpu_stop(struct vcpu *target);
bool vcpu_vmsa_in_use(u64 gpa);
void vcpu_nmi(struct vcpu *v);
void vcpu_inject(struct vcpu *v, u32 vector, bool has_error, u32 error);
u64 vcpu_tsc(const struct vcpu *v);
void exit_lock(void);
void exit_unlock(struct vcpu *v);

static inline u32 vcpu_cpl(const struct vcpu *v)
{
	return v->vmcb->ss.attrib >> 5 & 3; /* where TCG keeps it */
}

/* rmp.c */
enum rmp_state {
	RMP_MMIO,     /* no RAM here */
	RMP_FIRMWARE, /* tables and ROM of the machine: no RMP rules */
	RMP_SHARED,
	RMP_PRIVATE, /* assigned to the guest, not validated */
	RMP_VALID,
	RMP_VMSA,
	RMP_MONITOR,
};

enum { RMP_FAIL_INPUT = 1, RMP_FAIL_PERMISSION, RMP_FAIL_INUSE };
enum { RMP_FAIL_SIZEMISMATCH = 6, RMP_NO_UPDATE = 16 };

void rmp_init(u64 ram_low, u64 ram_high);
void rmp_set_range(u64 from, u64 to, enum rmp_state state);
void rmp_finish(void);
enum rmp_state rmp_state(u64 gpa);
const char *rmp_name(u64 gpa);
bool rmp_is(u64 gpa, u64 len, enum rmp_state state);
u64 rmp_ram_end(void);
bool rmp_page_state_change(struct vcpu *v, u64 gpa, u32 op, bool large);
u32 rmp_pvalidate(struct vcpu *v, u64 gpa, bool large, bool validate);
void rmp_set_vmsa(u64 gpa, bool on);
u32 rmp_adjust(struct vcpu *v, u64 gpa, u64 size, u64 attributes);

/* npt.c */
void npt_build(void);
void npt_update(u64 gpa, bool large);
u64 npt_root(const struct vcpu *v);
void npt_fault(struct vcpu *v);
bool npt_shrunk(void);
void npt_flushed(void);

/* guest.c */
void *guest_private(u64 gpa, u64 len);
void *guest_shared(u64 gpa, u64 len);
bool guest_translate(const struct vcpu *v, u64 va, bool write, u64 *gpa, bool *private);
bool guest_read(const struct vcpu *v, u64 va, void *buf, u32 len);
bool guest_write(const struct vcpu *v, u64 va, const void *buf, u32 len);
bool guest_fetch(const struct vcpu *v, void *buf, u32 len);

/* Exits */
void ud_exit(struct vcpu *v);
void ud_vmmcall(struct vcpu *v);
void cpuid_exit(struct vcpu *v);
void cpuid_emulate(const struct vcpu *v, u32 function, u32 index, u32 reg[4]);
void cpuid_fill_page(void *page);
void msr_init(u8 *msrpm);
void msr_exit(struct vcpu *v);
bool msr_access(struct vcpu *v, u32 msr, bool write, u64 *value);
void io_init(u8 *iopm);
void io_exit(struct vcpu *v);
u32 io_in(u16 port, u32 size);
void io_out(struct vcpu *v, u16 port, u32 size, u32 value);

/* vc.c */
void vc_deliver(struct vcpu *v, u32 exit_code);

/* ghcb.c, nae.c */
void ghcb_vmgexit(struct vcpu *v);
void ghcb_page(struct vcpu *v);
u64 ghcb_features(void);
_Noreturn void ghcb_terminate(struct vcpu *v, u32 set, u32 code);

/* svsm.c and its protocols */
enum {
	SVSM_SUCCESS = 0,
	SVSM_ERR_INCOMPLETE = 0x80000000,
	SVSM_ERR_UNSUPPORTED_PROTOCOL,
	SVSM_ERR_UNSUPPORTED_CALL,
	SVSM_ERR_INVALID_ADDRESS,
	SVSM_ERR_INVALID_FORMAT,
	SVSM_ERR_INVALID_PARAMETER,
	SVSM_ERR_INVALID_REQUEST,
	SVSM_ERR_BUSY,
	SVSM_ERR_PROTOCOL_BASE = 0x80001000,
};

#define SVSM_PROTOCOL_CORE   0
#define SVSM_PROTOCOL_ATTEST 1
#define SVSM_PROTOCOL_VTPM   2

void svsm_call(struct vcpu *v);
bool svsm_has_protocol(u32 protocol);
u64 svsm_core(struct vcpu *v, u32 call);
u64 svsm_attest(struct vcpu *v, u32 call);
u64 svsm_vtpm(struct vcpu *v, u32 call);

/* linux.c */
void linux_setup(u32 multiboot_info);

/* chan.c */
struct snpemu_slot *chan_call(struct vcpu *v, u32 op, const u64 arg[4], const void *in, u32 len);
void chan_done(struct snpemu_slot *slot);
_Noreturn void stop(const struct vcpu *v, enum snpemu_stop why, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* lib.c */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
u32 format_line(char *buf, u32 size, const char *format, __builtin_va_list ap);
void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

/* svm.S */
void vmrun(struct vmcb *vmcb, struct gpr *gpr, u64 *exit_tsc);
void nmi_window(void);
void nmi_halt(void);
void nmi_entry(void);

static inline void outb(u16 port, u8 v)
{
	asm volatile("outb %0, %1" ::"a"(v), "Nd"(port) : "memory");
}

static inline u8 inb(u16 port)
{
	u8 v;

	asm volatile("inb %1, %0" : "=a"(v) : "Nd"(port) : "memory");
	return v;
}

static inline void pause(void)
{
	asm volatile("pause" ::: "memory");
}

static inline void wrmsr(u32 msr, u64 v)
{
	asm volatile("wrmsr" ::"c"(msr), "a"((u32)v), "d"((u32)(v >> 32)) : "memory");
}

static inline u64 rdmsr(u32 msr)
{
	u32 lo, hi;

	asm volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return lo | (u64)hi << 32;
}

static inline u64 rdtsc(void)
{
	u32 lo, hi;

	asm volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return lo | (u64)hi << 32;
}

static inline void cpuid(u32 function, u32 index, u32 reg[4])
{
	asm volatile("cpuid"
		     : "=a"(reg[0]), "=b"(reg[1]), "=c"(reg[2]), "=d"(reg[3])
		     : "a"(function), "c"(index));
}

#endif
