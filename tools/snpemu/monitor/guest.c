// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest's memory.  Accesses of the monitor on the guest's behalf come through
 * here and obey the page states, so it can be talked into nothing that the guest
 * could not do itself.  MMIO events (nae.c) and VMSAs (vcpu.c) check theirs there.
 */
#include "monitor.h"

#define PTE_PRESENT BIT(0)
#define PTE_WRITE   BIT(1)
#define PTE_LARGE   BIT(7)
#define PTE_ADDRESS 0x000ffffffffff000UL
#define PML4_SHIFT  39
#define PDPT_SHIFT  30
#define PT_SHIFT    12

/* len bytes in private, validated pages, or NULL */
void *guest_private(u64 gpa, u64 len)
{
	return rmp_is(gpa, len, RMP_VALID) ? (void *)gpa : NULL;
}

/*
 * len bytes in shared pages, or NULL.  The guest may change them at any moment:
 * copy first, check the copy.
 */
void *guest_shared(u64 gpa, u64 len)
{
	return rmp_is(gpa, len, RMP_SHARED) ? (void *)gpa : NULL;
}

/* Walk the guest's 4-level tables, which are private pages (APM 15.34.5). */
static bool walk(const struct vcpu *v, u64 va, u64 *entry, u32 *shift)
{
	u64 table = v->vmcb->cr3 & PTE_ADDRESS & ~cbit();

	for (*shift = PML4_SHIFT;; *shift -= 9) {
		const u64 *t = guest_private(table, PAGE_SIZE);

		if (!t)
			return false;
		*entry = t[va >> *shift & 511];
		if (!(*entry & PTE_PRESENT))
			return false;
		if (*shift == PT_SHIFT || (*shift <= PDPT_SHIFT && *entry & PTE_LARGE))
			return true;
		table = *entry & PTE_ADDRESS & ~cbit();
	}
}

/*
 * The guest physical address behind a linear one, and whether the guest has
 * mapped it with the C-bit.
 */
bool guest_translate(const struct vcpu *v, u64 va, bool write, u64 *gpa, bool *private)
{
	u64 entry;
	u32 shift;

	if (!(v->vmcb->cr0 & CR0_PG)) {
		*gpa = va;
		*private = true;
		return true;
	}
	if (!(v->vmcb->efer & EFER_LMA) || !walk(v, va, &entry, &shift))
		return false;
	if (write && !(entry & PTE_WRITE))
		return false;
	*gpa = (entry & PTE_ADDRESS & ~cbit() & ~(BIT(shift) - 1)) | (va & (BIT(shift) - 1));
	*private = entry & cbit();
	return true;
}

static bool usable(u64 gpa, bool private)
{
	return rmp_is(gpa, 1, private ? RMP_VALID : RMP_SHARED) || rmp_is(gpa, 1, RMP_FIRMWARE);
}

static bool copy(const struct vcpu *v, u64 va, u8 *buf, u32 len, bool write)
{
	while (len) {
		u32 n = (u32)(PAGE_SIZE - va % PAGE_SIZE);
		bool private;
		u64 gpa;

		if (n > len)
			n = len;
		if (!guest_translate(v, va, write, &gpa, &private) || !usable(gpa, private))
			return false;
		if (write)
			memcpy((void *)gpa, buf, n);
		else
			memcpy(buf, (void *)gpa, n);
		va += n;
		buf += n;
		len -= n;
	}
	return true;
}

bool guest_read(const struct vcpu *v, u64 va, void *buf, u32 len)
{
	return copy(v, va, buf, len, false);
}

bool guest_write(const struct vcpu *v, u64 va, const void *buf, u32 len)
{
	return copy(v, va, (u8 *)buf, len, true);
}

/* The bytes of the instruction at RIP */
bool guest_fetch(const struct vcpu *v, void *buf, u32 len)
{
	const struct vmcb *c = v->vmcb;
	bool long_mode = c->efer & EFER_LMA && c->cs.attrib & BIT(9); /* CS.L */
	u64 va = long_mode ? c->rip : (u32)(c->cs.base + c->rip);

	return guest_read(v, va, buf, len);
}
