/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Malformed requests of an SNP guest to its SVSM and its hypervisor, and the
 * answers that the specifications ask for: AMD 58019 (SVSM) and AMD 56421 (GHCB),
 * where the former leaves it open what COCONUT-SVSM answers.
 *
 *   main.c   the cases' memory, and how a result is printed
 *   svsm.c   SVSM calls
 *   ghcb.c   GHCB requests, by MSR and by page
 */
#ifndef CALLS_H
#define CALLS_H

#include <linux/types.h>

/* Addresses that are wrong in one way each */
struct wrong {
	const char *what;
	u64 gpa;
};

enum { SHARED, RESCINDED, SVSM_MEMORY, NO_MEMORY, WRAPS, WRONG };
extern struct wrong wrong[WRONG];

/* Private and validated pages, and shared ones behind them */
extern u8 *pages, *shared;
#define PAGES		3
#define SHARED_PAGES	2

/* What may be answered */
struct regs {
	u64 rax, rcx, rdx, r8;
};

struct regs svsm_call(u64 rax, u64 rcx, u64 rdx, u64 r8);

/* Case name, and whether it went well; prints what was found otherwise */
void result(bool ok, const char *name, const char *what, u64 found, u64 expected);

u64 read_ghcb_msr(void);
void write_ghcb_msr(u64 value);

void svsm_cases(void);
void ghcb_cases(void);

#endif
