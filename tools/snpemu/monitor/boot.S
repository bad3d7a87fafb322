/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way into long mode: for CPU 0 from the multiboot loader, for the others
 * from INIT-SIPI.  Memory is mapped one to one, 512 GiB with 1 GiB pages.
 */
#define AP_TRAMPOLINE 0x8000		/* also in main.c */
#define STACK_SHIFT 14			/* 16 KiB for each CPU */
#define MAX_CPUS 8			/* SNPEMU_MAX_CPUS */

#define EFER_BITS 0x1900		/* SVME | NXE | LME */
#define CR4_BITS 0x620			/* OSXMMEXCPT | OSFXSR | PAE: FXRSTOR loads SSE state */
#define CR0_BITS 0x80000013		/* PG | ET | MP | PE */

	.section .multiboot, "a"
	.align 4
	.long 0x1badb002, 0x00000003, -(0x1badb002 + 0x00000003)

	.text
	.code32
	.globl _start
_start:
	cli
	cld
	movl %ebx, %ebp			/* multiboot information */
	movl $boot_pdpt + 3, boot_pml4
	xorl %ecx, %ecx
1:	movl %ecx, %eax
	shll $30, %eax
	orl $0x83, %eax
	movl %eax, boot_pdpt(,%ecx,8)
	movl %ecx, %eax
	shrl $2, %eax
	movl %eax, boot_pdpt + 4(,%ecx,8)
	incl %ecx
	cmpl $512, %ecx
	jne 1b
	movl $boot_pml4, %eax
	movl %eax, %cr3
	movl $CR4_BITS, %eax
	movl %eax, %cr4
	movl $0xc0000080, %ecx
	rdmsr
	orl $EFER_BITS, %eax
	wrmsr
	movl $CR0_BITS, %eax
	movl %eax, %cr0
	lgdt boot_gdtr
	ljmp $0x08, $start64
	.code64
start64:
	movl $0x10, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movl $stacks + (1 << STACK_SHIFT), %esp
	movl %ebp, %edi
	call monitor_main
2:	hlt
	jmp 2b

ap_start64:
	movl $0x10, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movl $0xfee00020, %eax
	movl (%rax), %edi		/* local APIC ID */
	shrl $24, %edi
	cmpl $MAX_CPUS, %edi
	jae 2b
	leal 1(%rdi), %eax
	shll $STACK_SHIFT, %eax
	leaq stacks(%rax), %rsp
	call ap_main
	jmp 2b

	/* Copied to AP_TRAMPOLINE, where a SIPI sends the other CPUs. */
	.section .rodata
	.code16
	.globl ap_trampoline, ap_trampoline_end
ap_trampoline:
	cli
	cld
	xorw %ax, %ax
	movw %ax, %ds
	lgdtl AP_TRAMPOLINE + ap_gdtr - ap_trampoline
	movl $0x11, %eax		/* ET | PE */
	movl %eax, %cr0
	ljmpl $0x18, $AP_TRAMPOLINE + ap_start32 - ap_trampoline
	.code32
ap_start32:
	movl $0x10, %eax
	movl %eax, %ds
	movl $boot_pml4, %eax
	movl %eax, %cr3
	movl $CR4_BITS, %eax
	movl %eax, %cr4
	movl $0xc0000080, %ecx
	rdmsr
	orl $EFER_BITS, %eax
	wrmsr
	movl $CR0_BITS, %eax
	movl %eax, %cr0
	ljmp $0x08, $ap_start64
ap_gdtr:
	.word 31
	.long boot_gdt
ap_trampoline_end:

	.align 8
boot_gdt:
	.quad 0
	.quad 0x00af9b000000ffff	/* 0x08: 64-bit code */
	.quad 0x00cf93000000ffff	/* 0x10: data */
	.quad 0x00cf9b000000ffff	/* 0x18: 32-bit code, for ap_start32 */
boot_gdtr:
	.word . - boot_gdt - 1
	.long boot_gdt

	.bss
	.align 4096
boot_pml4:
	.skip 4096
boot_pdpt:
	.skip 4096
stacks:
	.skip MAX_CPUS << STACK_SHIFT
	.section .note.GNU-stack, "", @progbits
