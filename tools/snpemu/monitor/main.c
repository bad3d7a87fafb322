// SPDX-License-Identifier: GPL-2.0-or-later
/* Set-up, the other CPUs' arrival, and the exit loop. */
#include "monitor.h"

#define AP_TRAMPOLINE	0x8000 /* also in boot.S */
#define LAPIC_ICR	((volatile u32 *)0xfee00300)
#define ICR_INIT_OTHERS 0xc4500
#define ICR_SIPI_OTHERS 0xc4600
#define AP_PATIENCE	(16UL << 30) /* TSC ticks */
#define VECTORS		32

struct snpemu_config config;
static u8 hsave[SNPEMU_MAX_CPUS][PAGE_SIZE] __attribute__((aligned(4096)));

extern u8 image_start[], image_ro_end[];
extern u8 ap_trampoline[], ap_trampoline_end[];
extern u8 exception_entries[]; /* VECTORS times 16 bytes */

void monitor_main(u32 multiboot_info);
void ap_main(u32 id);
void exception(u64 vector, const u64 *frame);

static void read_config(void)
{
	const struct snpemu_config *c = (void *)SNPEMU_CONFIG_GPA;

	if (c->magic != SNPEMU_MAGIC || c->version != SNPEMU_ABI_VERSION || c->size != sizeof(*c))
		stop(NULL, SNPEMU_STOP_MONITOR,
		     "no configuration of ABI version %u at %lx: snpemu and its monitor are not of "
		     "one build",
		     SNPEMU_ABI_VERSION, (u64)SNPEMU_CONFIG_GPA);
	config = *c;
	if (!config.smp || config.smp > SNPEMU_MAX_CPUS || config.vmpl > 3 || config.cbit < 39 ||
	    config.cbit > 47 || config.memory < SNPEMU_MEMORY_MIN ||
	    config.memory > SNPEMU_MEMORY_MAX || config.memory % LARGE_SIZE)
		stop(NULL, SNPEMU_STOP_MONITOR,
		     "configuration refused: %u CPUs, VMPL%u, C-bit %u, %lu MiB", config.smp,
		     config.vmpl, config.cbit, config.memory >> 20);
}

static void check_machine(void)
{
	u32 reg[4];

	cpuid(0x80000001, 0, reg);
	if (!(reg[2] & BIT(2)))
		stop(NULL, SNPEMU_STOP_MONITOR,
		     "this machine has no SVM: QEMU needs -cpu ...,+svm");
	cpuid(0x8000000a, 0, reg);
	if (!(reg[3] & BIT(0)))
		stop(NULL, SNPEMU_STOP_MONITOR,
		     "this machine has no nested paging: QEMU needs -cpu ...,+npt");
}

/* NMIs are taken in nmi_window() and nmi_halt(); an exception is a bug here. */
static void load_idt(void)
{
	static u64 idt[VECTORS][2];
	struct {
		u16 limit;
		u64 base;
	} __attribute__((packed)) d = { sizeof(idt) - 1, (u64)idt };

	for (u32 i = 0; i < VECTORS; i++) {
		u64 a = i == VECTOR_NMI ? (u64)nmi_entry : (u64)exception_entries + i * 16;

		idt[i][0] = (a & 0xffff) | 0x08 << 16 | 0x8eUL << 40 | (a >> 16 & 0xffff) << 48;
		idt[i][1] = a >> 32;
	}
	asm volatile("lidt %0" ::"m"(d) : "memory");
}

void exception(u64 vector, const u64 *frame)
{
	u64 cr2;

	asm volatile("mov %%cr2, %0" : "=r"(cr2));
	stop(NULL, SNPEMU_STOP_MONITOR,
	     "exception %lu in the monitor: stack %lx %lx %lx %lx, cr2 %lx (a bug of snpemu's)",
	     vector, frame[0], frame[1], frame[2], frame[3], cr2);
}

static void cpu_init(u32 id)
{
	load_idt();
	wrmsr(MSR_VM_HSAVE_PA, (u64)hsave[id]);
	vcpus[id].online = true;
}

/* Bring every other CPU into the monitor. */
static void start_aps(void)
{
	u64 start = rdtsc();
	u32 seen;

	if (config.smp == 1)
		return;
	memcpy((void *)AP_TRAMPOLINE, ap_trampoline, (u64)(ap_trampoline_end - ap_trampoline));
	*LAPIC_ICR = ICR_INIT_OTHERS;
	for (u32 i = 0; i < 200000; i++)
		pause();
	*LAPIC_ICR = ICR_SIPI_OTHERS | AP_TRAMPOLINE >> 12;
	do {
		seen = 0;
		for (u32 i = 0; i < config.smp; i++)
			seen += vcpus[i].online;
		if (rdtsc() - start > AP_PATIENCE)
			stop(NULL, SNPEMU_STOP_MONITOR, "only %u of %u CPUs have come", seen,
			     config.smp);
	} while (seen < config.smp);
	memset((void *)AP_TRAMPOLINE, 0, (u64)(ap_trampoline_end - ap_trampoline));
}

/*
 * The AMD-SP measures the guest. What the monitor adds after this (memory map,
 * ACPI root pointer, CPUID page) is the machine's, and not measured.
 */
static void launch(struct vcpu *v)
{
	const u64 arg[4] = { (u64)image_start, (u64)image_ro_end };
	struct snpemu_slot *s = chan_call(v, SNPEMU_OP_LAUNCH, arg, NULL, 0);

	if (s->ret[0])
		stop(v, SNPEMU_STOP_MONITOR, "the AMD-SP refuses the launch: %lx", s->ret[0]);
	chan_done(s);
}

static void start_bsp(struct vcpu *v)
{
	if (!vcpu_vmsa_ok(SNPEMU_VMSA_GPA))
		stop(v, SNPEMU_STOP_MONITOR, "the first VMSA is not one to run from");
	vcpu_start(v, SNPEMU_VMSA_GPA, config.vmpl ? SNPEMU_CAA_GPA : NO_GPA);
	stats->entered = 1;
}

static enum snpemu_exit kind(u64 code)
{
	switch (code) {
	case SVM_EXIT_CPUID:
		return SNPEMU_EXIT_CPUID;
	case SVM_EXIT_MSR:
		return SNPEMU_EXIT_MSR;
	case SVM_EXIT_IOIO:
		return SNPEMU_EXIT_IO;
	case SVM_EXIT_NPF:
		return SNPEMU_EXIT_NPF;
	case SVM_EXIT_VMMCALL:
		return SNPEMU_EXIT_VMGEXIT;
	case SVM_EXIT_EXCP_UD:
		return SNPEMU_EXIT_UD;
	case SVM_EXIT_NMI:
		return SNPEMU_EXIT_NMI;
	default:
		return SNPEMU_EXIT_OTHER;
	}
}

static _Noreturn void unknown_exit(struct vcpu *v)
{
	const struct vmcb *c = v->vmcb;

	stop(v, SNPEMU_STOP_UNKNOWN_EXIT,
	     "#VMEXIT %lx (%lx, %lx; event %x) has no meaning here; CPU %u rip %lx rax %lx cr3 %lx",
	     c->exit_code, c->exit_info_1, c->exit_info_2, c->exit_int_info, v->id, c->rip, c->rax,
	     c->cr3);
}

static void handle_exit(struct vcpu *v)
{
	const struct vmcb *c = v->vmcb;
	u64 code = c->exit_code;

	stats->exits[kind(code)]++;
	if (flag(SNPEMU_F_TRACE_EXIT))
		log_line("exit: CPU %u code %lx (%lx, %lx) rip %lx", v->id, code, c->exit_info_1,
			 c->exit_info_2, c->rip);
	/* An exit in the middle of an event's delivery: only memory can do that. */
	if (c->exit_int_info & EVENT_VALID && code != SVM_EXIT_NPF && code != SVM_EXIT_SHUTDOWN)
		unknown_exit(v);
	switch (code) {
	case SVM_EXIT_CPUID:
		cpuid_exit(v);
		break;
	case SVM_EXIT_MSR:
		msr_exit(v);
		break;
	case SVM_EXIT_IOIO:
		io_exit(v);
		break;
	case SVM_EXIT_NPF:
		npt_fault(v);
		break;
	case SVM_EXIT_VMMCALL:
		ud_vmmcall(v);
		break;
	case SVM_EXIT_EXCP_UD:
		ud_exit(v);
		break;
	case SVM_EXIT_NMI:
		vcpu_nmi(v);
		break;
	case SVM_EXIT_SHUTDOWN:
		stop(v, SNPEMU_STOP_TRIPLE_FAULT,
		     "triple fault; CPU %u rip %lx rsp %lx cr2 %lx cr3 %lx rax %lx", v->id, c->rip,
		     c->rsp, c->cr2, c->cr3, c->rax);
	case SVM_EXIT_WBINVD:
	case SVM_EXIT_INVD:
	case SVM_EXIT_RDPMC:
	case SVM_EXIT_MONITOR:
	case SVM_EXIT_MWAIT:
	case SVM_EXIT_READ_DR7:
	case SVM_EXIT_WRITE_DR7:
		vc_deliver(v, (u32)code); /* intercepted only for that */
		break;
	default:
		/* VMRUN and its like: no SVM for the guest */
		if (code < SVM_EXIT_VMRUN || code > SVM_EXIT_SKINIT)
			unknown_exit(v);
		vcpu_inject(v, VECTOR_UD, false, 0);
	}
}

static _Noreturn void run(struct vcpu *v)
{
	for (;;) {
		vcpu_enter(v);
		handle_exit(v);
	}
}

void ap_main(u32 id)
{
	exit_lock();
	cpu_init(id);
	run(&vcpus[id]);
}

void monitor_main(u32 multiboot_info)
{
	memset(stats, 0, sizeof(*stats));
	read_config();
	check_machine();
	vcpu_init();
	exit_lock();
	launch(&vcpus[0]);
	linux_setup(multiboot_info);
	npt_build();
	exit_unlock(&vcpus[0]);
	cpu_init(0);
	start_aps();
	exit_lock();
	start_bsp(&vcpus[0]);
	run(&vcpus[0]);
}
