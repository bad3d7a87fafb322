// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Nested page tables: two views of the same memory.  PML4 entry 0 maps guest
 * physical addresses without the C-bit, the C-bit's entry those with it.
 *
 *	state of the page	with the C-bit	without
 *	RMP_VALID		present		-
 *	RMP_VMSA		read-only	-	(Linux reads its SEV_FEATURES)
 *	RMP_PRIVATE		-		-
 *	RMP_SHARED		-		present
 *	RMP_FIRMWARE		present		present
 *	RMP_MMIO		-		present, unless reflected as #VC
 *	RMP_MONITOR		-		-
 *
 * A CPU without paging (CR0.PG = 0) makes private accesses only: it gets a root
 * of its own, where entry 0 is the view with the C-bit.
 *
 * This CPU's TLB is empty after each exit.  When a mapping was taken away the
 * others are made to exit before the lock is dropped (vcpu.c), and only then is
 * a table that fell out of use given to someone else.
 */
#include "monitor.h"

#define TABLE_ENTRIES 512
#define ENTRY_PRESENT BIT(0)
#define ENTRY_WRITE   BIT(1)
#define ENTRY_LEAF    BIT(7) /* in a PDPT or PD */
/*
 * Nested tables are walked as user accesses.  Accessed and dirty are set from
 * the start so that the machine never writes to a table.
 */
#define TABLE_FLAGS   0x67UL /* D, A, U, W, P */
#define ENTRY_ADDRESS 0x000ffffffffff000UL
#define GIB	      (1UL << 30)
#define VIEW_SIZE     (512 * GIB)

enum view { SHARED_VIEW, PRIVATE_VIEW };

typedef u64 table[TABLE_ENTRIES] __attribute__((aligned(4096)));

static table root, unpaged_root, pdpt[2];
static u64 pool_next = SNPEMU_TABLES_GPA;
static u64 *free_tables, *retired_tables; /* linked through their first entry */
static bool shrunk;

static u64 *table_alloc(void)
{
	u64 *t = free_tables;

	if (t) {
		free_tables = (u64 *)t[0];
	} else {
		if (pool_next == SNPEMU_TABLES_GPA + SNPEMU_TABLES_SIZE)
			stop(NULL, SNPEMU_STOP_MONITOR,
			     "all %lu nested page tables are in use: too many 2 MiB ranges with "
			     "private and shared pages mixed",
			     (u64)SNPEMU_TABLES_SIZE / PAGE_SIZE);
		t = (u64 *)pool_next;
		pool_next += PAGE_SIZE;
	}
	stats->tables_used++;
	memset(t, 0, PAGE_SIZE);
	return t;
}

static void table_retire(u64 *t)
{
	t[0] = (u64)retired_tables;
	retired_tables = t;
	stats->tables_used--;
}

static u64 *table_of(u64 e)
{
	return (u64 *)(e & ENTRY_ADDRESS);
}

static bool is_table(u64 e)
{
	return e & ENTRY_PRESENT && !(e & ENTRY_LEAF);
}

static void set_entry(u64 *e, u64 value)
{
	if (*e & ENTRY_PRESENT && *e != value)
		shrunk = true;
	__atomic_store_n(e, value, __ATOMIC_RELEASE);
}

static u64 leaf(enum view view, u64 gpa)
{
	u64 e = gpa | TABLE_FLAGS;

	switch (rmp_state(gpa)) {
	case RMP_FIRMWARE:
		return e;
	case RMP_SHARED:
		return view == SHARED_VIEW ? e : 0;
	case RMP_VALID:
		return view == PRIVATE_VIEW ? e : 0;
	case RMP_VMSA:
		return view == PRIVATE_VIEW ? e & ~ENTRY_WRITE : 0;
	case RMP_MMIO:
		return view == SHARED_VIEW && !flag(SNPEMU_F_VC_MMIO) ? e : 0;
	default:
		return 0;
	}
}

static u64 *pd_entry(enum view view, u64 gpa)
{
	u64 *e = &pdpt[view][gpa / GIB];

	if (!*e)
		*e = (u64)table_alloc() | TABLE_FLAGS;
	return &table_of(*e)[gpa / LARGE_SIZE % TABLE_ENTRIES];
}

/* 2 MiB with 4 KiB entries: as the 2 MiB entry was, until they are set. */
static u64 *split(u64 *pde, u64 gpa)
{
	u64 *pt, flags = *pde & ~(ENTRY_ADDRESS | ENTRY_LEAF);

	if (is_table(*pde))
		return table_of(*pde);
	pt = table_alloc();
	for (u64 i = 0; i < TABLE_ENTRIES && flags; i++)
		pt[i] = ((gpa & LARGE_MASK) + i * PAGE_SIZE) | flags;
	__atomic_store_n(pde, (u64)pt | TABLE_FLAGS, __ATOMIC_RELEASE);
	return pt;
}

static void update_page(u64 gpa)
{
	for (enum view view = SHARED_VIEW; view <= PRIVATE_VIEW; view++) {
		u64 *pde = pd_entry(view, gpa);
		u64 value = leaf(view, gpa);

		if (!*pde && !value)
			continue;
		set_entry(&split(pde, gpa)[gpa / PAGE_SIZE % TABLE_ENTRIES], value);
	}
}

/* 2 MiB in one state become one entry again. */
static void update_large(u64 gpa)
{
	for (enum view view = SHARED_VIEW; view <= PRIVATE_VIEW; view++) {
		u64 *pde = pd_entry(view, gpa), old = *pde, value = leaf(view, gpa);

		set_entry(pde, value ? value | ENTRY_LEAF : 0);
		if (is_table(old))
			table_retire(table_of(old));
	}
}

/* The RMP changed at gpa: one page, or 2 MiB that are all in the same state. */
void npt_update(u64 gpa, bool large)
{
	if (large)
		update_large(gpa);
	else
		update_page(gpa);
}

static bool uniform(u64 gpa)
{
	enum rmp_state s = rmp_state(gpa);

	for (u64 a = gpa; a < gpa + LARGE_SIZE; a += PAGE_SIZE)
		if (rmp_state(a) != s)
			return false;
	return true;
}

/* Is the whole GiB no RAM?  RAM starts and ends at 2 MiB. */
static bool no_ram(u64 gpa)
{
	for (u64 a = gpa; a < gpa + GIB; a += LARGE_SIZE)
		if (rmp_state(a) != RMP_MMIO)
			return false;
	return true;
}

void npt_build(void)
{
	root[0] = (u64)pdpt[SHARED_VIEW] | TABLE_FLAGS;
	root[cbit() >> 39] = (u64)pdpt[PRIVATE_VIEW] | TABLE_FLAGS;
	unpaged_root[0] = unpaged_root[cbit() >> 39] = root[cbit() >> 39];
	for (u64 g = 0; g < VIEW_SIZE; g += GIB) {
		if (no_ram(g)) {
			u64 e = leaf(SHARED_VIEW, g);

			pdpt[SHARED_VIEW][g / GIB] = e ? e | ENTRY_LEAF : 0;
			continue;
		}
		for (u64 a = g; a < g + GIB; a += LARGE_SIZE) {
			if (uniform(a)) {
				update_large(a);
				continue;
			}
			for (u64 p = a; p < a + LARGE_SIZE; p += PAGE_SIZE)
				update_page(p);
		}
	}
	shrunk = false;
}

bool npt_shrunk(void)
{
	return shrunk;
}

/* No CPU holds an old translation or reads an old table any more. */
void npt_flushed(void)
{
	shrunk = false;
	while (retired_tables) {
		u64 *t = retired_tables;

		retired_tables = (u64 *)t[0];
		t[0] = (u64)free_tables;
		free_tables = t;
	}
}

u64 npt_root(const struct vcpu *v)
{
	return (u64)(v->vmcb->cr0 & CR0_PG ? root : unpaged_root);
}

/* Is a page table of the guest's itself the reason, reached without the C-bit? */
static bool fix_cr3(struct vcpu *v, u64 gpa)
{
	/*
	 * Hardware walks the guest's tables as private memory whatever their
	 * addresses say (APM 15.34.5), and Linux's decompressor loads CR3
	 * without the C-bit.  The machine does not know that rule.
	 */
	if (!(v->vmcb->exit_info_1 & NPF_TABLE_WALK) || gpa >> 12 != v->vmcb->cr3 >> 12 ||
	    !rmp_is(gpa, 1, RMP_VALID))
		return false;
	v->vmcb->cr3 |= cbit();
	return true;
}

static const char *rule(bool private, enum rmp_state s, bool write)
{
	switch (s) {
	case RMP_MONITOR:
		return "that memory is not the guest's";
	case RMP_MMIO:
		return private ? "devices are reached without the C-bit only"
			       : "addresses from 512 GiB up are not mapped";
	case RMP_PRIVATE:
		return private ? "it must be validated before it is used (APM 15.36.6)"
			       : "a page assigned to the guest is reached with the C-bit only";
	case RMP_SHARED:
		return "a shared page is reached without the C-bit only (APM 15.36.10)";
	case RMP_VMSA:
		return private && write ? "a VMSA must not be written (APM 15.36.10)"
					: "a VMSA is private (APM 15.36.10)";
	default:
		return "a private page is reached with the C-bit only: without it one reads "
		       "ciphertext and must not write (APM 15.36.10)";
	}
}

static _Noreturn void violation(struct vcpu *v, u64 gpa, bool private)
{
	const struct vmcb *c = v->vmcb;
	u64 info = c->exit_info_1;
	const char *what = info & NPF_FETCH   ? "instruction fetch from"
			   : info & NPF_WRITE ? "write to"
					      : "read of";

	stop(v, SNPEMU_STOP_VIOLATION,
	     "%s %s page %lx%s%s, which is %s: %s; CPU %u rip %lx cpl %u cr3 %lx",
	     private ? "private" : "shared", what, gpa & PAGE_MASK,
	     info & NPF_TABLE_WALK ? " by a page table walk" : "",
	     c->exit_int_info & EVENT_VALID ? " during event delivery" : "", rmp_name(gpa),
	     rule(private, rmp_state(gpa), info & NPF_WRITE), v->id, c->rip, vcpu_cpl(v), c->cr3);
}

void npt_fault(struct vcpu *v)
{
	struct vmcb *c = v->vmcb;
	u64 gpa = c->exit_info_2 & ~cbit();
	bool unpaged = c->nested_cr3 == (u64)unpaged_root;
	bool private = c->exit_info_2 & cbit() || unpaged;

	/* Paging was turned on or off since the root was chosen, or CR3 is mended. */
	if (npt_root(v) != c->nested_cr3 || (!private && fix_cr3(v, gpa))) {
		/* The event whose delivery met the fault is delivered again. */
		if (c->exit_int_info & EVENT_VALID &&
		    (c->exit_int_info & EVENT_TYPE(7)) != EVENT_TYPE(EVENT_SOFT)) {
			c->event_inj = c->exit_int_info;
			c->event_inj_err = c->exit_int_info_err;
		}
		return;
	}
	if (flag(SNPEMU_F_VC_MMIO) && !private && rmp_state(gpa) == RMP_MMIO &&
	    !(c->exit_info_1 & (NPF_TABLE_WALK | NPF_FETCH)) && !(c->exit_int_info & EVENT_VALID)) {
		vc_deliver(v, SVM_EXIT_NPF);
		return;
	}
	violation(v, gpa, private);
}
