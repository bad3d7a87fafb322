/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the snpemu host process and the monitor agree on.
 *
 * The guest's RAM is one memfd that the host process and QEMU share.  Before
 * QEMU starts, the host writes into it everything that an SNP launch would
 * put there (kernel, initrd, boot parameters, first VMSA, secrets page) and
 * one configuration page.  QEMU then starts the monitor as a multiboot
 * kernel.  While the guest runs, monitor and host talk through one mailbox
 * slot per CPU in the monitor's own memory, which the guest cannot reach.
 *
 * All integers are little-endian and naturally aligned.  "gpa" is a guest
 * physical address without the C-bit; the monitor maps memory one to one, so
 * it is the machine's address and the offset into the memfd as well (all of
 * these areas lie below 3 GiB, where QEMU's RAM starts at offset 0).
 */
#ifndef SNPEMU_ABI_H
#define SNPEMU_ABI_H

#include <stdint.h>

/*
 * Memory map
 *
 *	0x01000000	the kernel (its protected-mode part, at its preferred
 *			address), at most up to the hand-over area
 *	0x0fe00000	hand-over area: e820-reserved, private and validated
 *	0x10000000	the monitor; not in the guest's memory map at all
 *	0x14000000	the initrd
 */
#define SNPEMU_KERNEL_GPA    0x01000000ULL
#define SNPEMU_HANDOVER_GPA  0x0fe00000ULL
#define SNPEMU_HANDOVER_SIZE 0x00200000ULL
#define SNPEMU_MON_GPA	     0x10000000ULL
#define SNPEMU_MON_SIZE	     0x04000000ULL
#define SNPEMU_INITRD_GPA    0x14000000ULL

/* Hand-over area, by the host unless said otherwise */
#define SNPEMU_BOOT_PARAMS_GPA (SNPEMU_HANDOVER_GPA + 0x0000) /* e820 and RSDP: monitor */
#define SNPEMU_CMDLINE_GPA     (SNPEMU_HANDOVER_GPA + 0x1000)
#define SNPEMU_GDT_GPA	       (SNPEMU_HANDOVER_GPA + 0x2000)
#define SNPEMU_PML4_GPA	       (SNPEMU_HANDOVER_GPA + 0x3000)
#define SNPEMU_PDPT_GPA	       (SNPEMU_HANDOVER_GPA + 0x4000)
#define SNPEMU_PD_GPA	       (SNPEMU_HANDOVER_GPA + 0x5000) /* 4 pages */
#define SNPEMU_SECRETS_GPA     (SNPEMU_HANDOVER_GPA + 0xa000)
#define SNPEMU_CPUID_GPA       (SNPEMU_HANDOVER_GPA + 0xb000) /* monitor */
#define SNPEMU_CAA_GPA	       (SNPEMU_HANDOVER_GPA + 0xc000)
#define SNPEMU_VMSA_GPA	       (SNPEMU_HANDOVER_GPA + 0xd000)
/*
 * setup_data with the confidential computing blob: ordinary RAM of the guest,
 * just below the hand-over area.  A reserved page would be mapped without the
 * C-bit by Linux for /sys/kernel/boot_params/setup_data.
 */
#define SNPEMU_CC_BLOB_GPA (SNPEMU_HANDOVER_GPA - 0x1000)

/* The monitor's own memory, by offset from SNPEMU_MON_GPA */
#define SNPEMU_MON_IMAGE_MAX 0x00400000ULL		      /* image and BSS end below this */
#define SNPEMU_RMP_GPA	     (SNPEMU_MON_GPA + 0x00400000ULL) /* one byte per 4 KiB page */
#define SNPEMU_RMP_SIZE	     0x00400000ULL		      /* so 16 GiB at most */
#define SNPEMU_TABLES_GPA    (SNPEMU_MON_GPA + 0x00800000ULL) /* nested page tables */
#define SNPEMU_TABLES_SIZE   0x03000000ULL
#define SNPEMU_CONFIG_GPA    (SNPEMU_MON_GPA + 0x03e00000ULL)
#define SNPEMU_STATS_GPA     (SNPEMU_MON_GPA + 0x03e01000ULL)
#define SNPEMU_SLOTS_GPA     (SNPEMU_MON_GPA + 0x03f00000ULL)
#define SNPEMU_SLOT_SIZE     0x00020000ULL
#define SNPEMU_MAX_CPUS	     8

#define SNPEMU_MEMORY_MIN    (512ULL << 20)
#define SNPEMU_MEMORY_MAX    (16ULL << 30)

/* Ports that QEMU offers to the monitor alone; the guest reads ones there */
#define SNPEMU_PORT_LOG	     0xe9 /* isa-debugcon: the monitor's log, text lines */
#define SNPEMU_PORT_DOORBELL 0xea /* isa-debugcon: one byte, the index of a slot */
/*
 * Port that the monitor offers to the guest: the last byte written there is
 * the guest's exit status, reported when it powers off.
 */
#define SNPEMU_PORT_STATUS 0xf4

#define SNPEMU_MAGIC	   0x756d65706e73ULL /* "snpemu" */
#define SNPEMU_ABI_VERSION 1

/* struct snpemu_config.flags */
#define SNPEMU_F_NO_VTPM    (1ULL << 0) /* the SVSM has no vTPM protocol */
#define SNPEMU_F_NO_ATTEST  (1ULL << 1) /* the SVSM has no attestation protocol */
#define SNPEMU_F_RMP_4K	    (1ULL << 2) /* the RMP starts with 4 KiB entries */
#define SNPEMU_F_HIDE_TIME  (1ULL << 3) /* the guest's TSC stands still in the monitor */
#define SNPEMU_F_VC_CPUID   (1ULL << 8) /* reflect as #VC: CPUID */
#define SNPEMU_F_VC_MSR	    (1ULL << 9)
#define SNPEMU_F_VC_IO	    (1ULL << 10)
#define SNPEMU_F_VC_MISC    (1ULL << 11) /* WBINVD, RDPMC, MONITOR, MWAIT, DR7, VMMCALL */
#define SNPEMU_F_VC_MMIO    (1ULL << 12)
#define SNPEMU_F_VC_ALL	    (0x1fULL << 8)
#define SNPEMU_F_TRACE_SVSM (1ULL << 16) /* a log line for each SVSM call */
#define SNPEMU_F_TRACE_GHCB (1ULL << 17) /* ... GHCB event */
#define SNPEMU_F_TRACE_RMP  (1ULL << 18) /* ... page state change, PVALIDATE, RMPADJUST */
#define SNPEMU_F_TRACE_EXIT (1ULL << 19) /* ... #VMEXIT */
#define SNPEMU_F_TRACE_MSR  (1ULL << 20) /* ... intercepted MSR access */

/* At SNPEMU_CONFIG_GPA: host to monitor, read once */
struct snpemu_config {
	uint64_t magic;
	uint32_t version;
	uint32_t size; /* of this structure, bytes */
	uint64_t flags;
	uint64_t memory; /* bytes of RAM */
	uint32_t smp;	 /* CPUs, 1 to SNPEMU_MAX_CPUS */
	uint32_t vmpl;	 /* the guest's; 0: no SVSM */
	uint32_t cbit;	 /* position of the C-bit */
	uint32_t reserved;
	uint64_t initrd_gpa;  /* 0: none */
	uint64_t initrd_size; /* bytes */
};

/* At SNPEMU_STATS_GPA: monitor to host, may be read at any time */
struct snpemu_stats {
	uint64_t entered;   /* 1 once the guest was first entered */
	uint64_t exits[16]; /* #VMEXITs by kind: enum snpemu_exit */
	uint64_t svsm_core; /* SVSM calls by protocol */
	uint64_t svsm_attest;
	uint64_t svsm_vtpm;
	uint64_t svsm_refused; /* answered with an error */
	uint64_t ghcb_page;    /* VMGEXITs with a GHCB page */
	uint64_t ghcb_msr;     /* ... by the GHCB MSR protocol */
	uint64_t psc_pages;    /* 4 KiB pages that changed state */
	uint64_t pvalidated;   /* PVALIDATE entries carried out */
	uint64_t psmash;       /* 2 MiB RMP entries split */
	uint64_t shoot_downs;  /* CPUs made to exit for their TLB's sake */
	uint64_t reflected;    /* #VC exceptions delivered */
	uint64_t unknown_msr;  /* accesses to an MSR the monitor has no name for */
	uint64_t tables_used;  /* nested page tables in use */
};

enum snpemu_exit {
	SNPEMU_EXIT_CPUID,
	SNPEMU_EXIT_MSR,
	SNPEMU_EXIT_IO,
	SNPEMU_EXIT_NPF,
	SNPEMU_EXIT_VMGEXIT,
	SNPEMU_EXIT_UD,
	SNPEMU_EXIT_NMI,
	SNPEMU_EXIT_CR,
	SNPEMU_EXIT_HLT,
	SNPEMU_EXIT_OTHER,
};

/*
 * Mailbox.  The monitor, on CPU n: fills slot n (op, in_len, arg, data), sets
 * state to SNPEMU_SLOT_REQUEST (release), writes n to the doorbell and waits
 * for SNPEMU_SLOT_DONE (acquire); then sets SNPEMU_SLOT_IDLE.  The host, on a
 * doorbell: reads the slot (acquire), answers (status, out_len, ret, data) and
 * sets SNPEMU_SLOT_DONE (release).  Slots are independent: a TPM command in
 * one does not delay a request in another.
 */
enum { SNPEMU_SLOT_IDLE, SNPEMU_SLOT_REQUEST, SNPEMU_SLOT_DONE };

struct snpemu_slot {
	uint32_t state;
	uint32_t op;	  /* enum snpemu_op */
	uint32_t in_len;  /* bytes of data, monitor to host */
	uint32_t out_len; /* bytes of data, host to monitor */
	uint64_t arg[4];  /* monitor to host, see each op */
	uint64_t ret[2];  /* host to monitor */
	uint8_t data[];	  /* up to SNPEMU_SLOT_SIZE - sizeof(struct) bytes */
};
#define SNPEMU_SLOT_DATA (SNPEMU_SLOT_SIZE - 64)

enum snpemu_op {
	/*
	 * Once, by CPU 0, before the guest is entered: the AMD-SP measures
	 * what is in memory (arg[0], arg[1]: first byte and end of the
	 * monitor's read-only image, page aligned).  ret[0]: 0, or not: stop.
	 */
	SNPEMU_OP_LAUNCH = 1,
	/*
	 * TPM_SEND_COMMAND: in: the TPM command, arg[0]: locality.  ret[0]:
	 * SVSM result code (0, SVSM_ERR_BUSY, ...) to give to the guest;
	 * ret[1]: the response size to claim, which equals out_len unless a
	 * fault is injected; out: the response.
	 */
	SNPEMU_OP_VTPM = 2,
	/*
	 * SNP guest request: in: the request page (4096 bytes); arg[0]: 1 for
	 * an extended one; arg[1]: bytes of room for certificates.  ret[0]:
	 * SW_EXITINFO2 of the GHCB (firmware error, VMM error << 32); ret[1]:
	 * pages needed when VMM error is 1; out: the response page, then the
	 * certificate table.
	 */
	SNPEMU_OP_GUEST_REQUEST = 3,
	/*
	 * SVSM attestation: in: the 64-byte nonce; arg[0]: call (0 services,
	 * 1 single service); arg[1], arg[2]: GUID in its 16 wire bytes;
	 * arg[3]: bit 63..32: 1 if certificates are wanted, 31..0: manifest
	 * version.  ret[0]: SVSM result code; out: struct snpemu_attest,
	 * then report, manifest and certificates, one after the other.
	 */
	SNPEMU_OP_ATTEST = 4,
	/* arg[0]: the exit status that the guest wrote.  No answer data. */
	SNPEMU_OP_STATUS = 5,
	/*
	 * The guest cannot go on: arg[0]: enum snpemu_stop; arg[1]: guest RIP;
	 * in: a sentence.  The host ends QEMU and never answers.
	 */
	SNPEMU_OP_STOP = 6,
};

struct snpemu_attest {
	uint32_t report_len, manifest_len, certs_len, reserved;
};

enum snpemu_stop {
	SNPEMU_STOP_VIOLATION = 1, /* RMP or page state rule broken */
	SNPEMU_STOP_TERMINATE,	   /* the guest asked for termination (GHCB) */
	SNPEMU_STOP_TRIPLE_FAULT,
	SNPEMU_STOP_UNKNOWN_EXIT, /* an exit, GHCB or SVSM event without a name */
	SNPEMU_STOP_PROTOCOL,	  /* GHCB or SVSM protocol broken beyond an answer */
	SNPEMU_STOP_MONITOR,	  /* the monitor's own limit or error */
};

#endif
