/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * void vmrun(struct vmcb *vmcb [rdi], struct gpr *gpr [rsi], u64 *exit_tsc [rdx])
 *
 * With exit_tsc, the guest's TSC stands still from one #VMEXIT to the next VMRUN:
 * *exit_tsc is what it was at the former. Where ticks are instructions, those
 * here that are not between the two RDTSCs are known.
 *
 * VMRUN does not switch FS, GS, TR, LDTR and the MSRs of SYSCALL and SYSENTER.
 * The monitor uses none of them, so they simply keep the guest's values and no
 * VMLOAD or VMSAVE is needed here.  The same goes for FPU and vector registers:
 * the monitor is built with -mgeneral-regs-only.
 */
	.set VMCB_TSC_OFFSET, 0x50
	/* from the first RDTSC to the second; an intercepted one is the guest's */
	.set VMRUN_INSTRUCTIONS, 38
	.text
	.globl vmrun
vmrun:
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	pushq %rsi
	pushq %rdx
	testq %rdx, %rdx
	jz 1f
	movq %rdx, %rcx
	rdtsc
	shlq $32, %rdx
	orq %rdx, %rax
	subq (%rcx), %rax
	addq $VMRUN_INSTRUCTIONS, %rax
	subq %rax, VMCB_TSC_OFFSET(%rdi)
1:	movq %rdi, %rax
	movq 0(%rsi), %rbx
	movq 8(%rsi), %rcx
	movq 16(%rsi), %rdx
	movq 32(%rsi), %rdi
	movq 40(%rsi), %rbp
	movq 48(%rsi), %r8
	movq 56(%rsi), %r9
	movq 64(%rsi), %r10
	movq 72(%rsi), %r11
	movq 80(%rsi), %r12
	movq 88(%rsi), %r13
	movq 96(%rsi), %r14
	movq 104(%rsi), %r15
	movq 24(%rsi), %rsi
	vmrun %rax
	movq 8(%rsp), %rax
	movq %rbx, 0(%rax)
	movq %rcx, 8(%rax)
	movq %rdx, 16(%rax)
	movq %rsi, 24(%rax)
	movq %rdi, 32(%rax)
	movq %rbp, 40(%rax)
	movq %r8, 48(%rax)
	movq %r9, 56(%rax)
	movq %r10, 64(%rax)
	movq %r11, 72(%rax)
	movq %r12, 80(%rax)
	movq %r13, 88(%rax)
	movq %r14, 96(%rax)
	movq %r15, 104(%rax)
	popq %rcx
	jrcxz 2f
	rdtsc
	movl %eax, (%rcx)
	movl %edx, 4(%rcx)
2:	popq %rsi
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	cld
	ret

/*
 * void nmi_window(void): take a pending NMI; void nmi_halt(void): sleep until
 * one comes.  Interrupts stay off (IF = 0), so nothing else can get in while
 * GIF is set.
 */
	.globl nmi_window, nmi_halt, nmi_entry
nmi_window:
	stgi
	nop
	clgi
	ret
nmi_halt:
	stgi
	hlt
	clgi
	ret
nmi_entry:
	iretq

/* void exception(u64 vector, const u64 *frame), with or without an error code */
	.globl exception_entries
	.balign 16
exception_entries:
	.set vector, 0
	.rept 32
	.balign 16
	movl $vector, %edi
	jmp 1f
	.set vector, vector + 1
	.endr
1:	movq %rsp, %rsi
	andq $-16, %rsp
	call exception
	.section .note.GNU-stack, "", @progbits
