// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The RMP (APM 15.36.3): one byte per 4 KiB page of RAM, the state of the page
 * and whether its RMP entry is a 2 MiB one.  RAM is numbered as in the memfd:
 * what lies above 4 GiB follows directly on what lies below.
 */
#include "monitor.h"

#define ENTRY_STATE 0x07
#define ENTRY_LARGE 0x80
#define HIGH_RAM    (4UL << 30)

#define PSC_PRIVATE 1 /* GHCB 2.3.1, page operation */
#define PSC_SHARED  2

static u64 low_end, high_end; /* RAM is [0, low_end) and [HIGH_RAM, high_end) */

static u8 *entry(u64 gpa)
{
	u64 n;

	if (gpa < low_end)
		n = gpa;
	else if (gpa >= HIGH_RAM && gpa < high_end)
		n = gpa - HIGH_RAM + low_end;
	else
		return NULL;
	return (u8 *)SNPEMU_RMP_GPA + n / PAGE_SIZE;
}

/* The entries of [gpa, gpa + len), or NULL unless all of it is RAM */
static u8 *entries(u64 gpa, u64 len)
{
	u8 *e = entry(gpa);

	if (!e || !len || gpa + len < gpa)
		return NULL;
	return entry(gpa + len - 1) == e + ((gpa % PAGE_SIZE + len - 1) / PAGE_SIZE) ? e : NULL;
}

static enum rmp_state state_of(u8 e)
{
	return e & ENTRY_STATE;
}

enum rmp_state rmp_state(u64 gpa)
{
	const u8 *e = entry(gpa);

	return e ? state_of(*e) : RMP_MMIO;
}

const char *rmp_name(u64 gpa)
{
	static const char *const names[] = {
		[RMP_MMIO] = "not RAM",
		[RMP_FIRMWARE] = "firmware's",
		[RMP_SHARED] = "shared",
		[RMP_PRIVATE] = "private and not validated",
		[RMP_VALID] = "private and validated",
		[RMP_VMSA] = "a VMSA",
		[RMP_MONITOR] = "the monitor's",
	};

	return names[rmp_state(gpa)];
}

/* Is every page of [gpa, gpa + len) in this state? */
bool rmp_is(u64 gpa, u64 len, enum rmp_state state)
{
	u8 *e = entries(gpa, len);

	if (!e)
		return false;
	for (u8 *last = entry(gpa + len - 1); e <= last; e++)
		if (state_of(*e) != state)
			return false;
	return true;
}

u64 rmp_ram_end(void)
{
	return high_end > HIGH_RAM ? high_end : low_end;
}

/* RAM is [0, ram_low) and [4 GiB, ram_high), whole 2 MiB, 16 GiB at most. */
void rmp_init(u64 ram_low, u64 ram_high)
{
	low_end = ram_low;
	high_end = ram_high;
	memset((void *)SNPEMU_RMP_GPA, RMP_FIRMWARE, SNPEMU_RMP_SIZE);
}

/* Whole pages of [from, to) get the state, the others stay the firmware's. */
void rmp_set_range(u64 from, u64 to, enum rmp_state state)
{
	for (u64 a = (from + PAGE_SIZE - 1) & PAGE_MASK; a + PAGE_SIZE <= to; a += PAGE_SIZE) {
		u8 *e = entry(a);

		if (e)
			*e = (u8)state;
	}
}

static void set_large(u8 *block, bool large)
{
	for (u64 i = 0; i < LARGE_SIZE / PAGE_SIZE; i++)
		block[i] = (u8)((block[i] & ENTRY_STATE) | (large ? ENTRY_LARGE : 0));
}

/* All ranges are set: where 2 MiB are valid the RMP entry is a 2 MiB one. */
void rmp_finish(void)
{
	for (u64 a = 0; a < rmp_ram_end() && !flag(SNPEMU_F_RMP_4K); a += LARGE_SIZE)
		if (rmp_is(a, LARGE_SIZE, RMP_VALID))
			set_large(entry(a), true);
}

static void smash(u64 gpa)
{
	u8 *block = entry(gpa & LARGE_MASK);

	if (block && *block & ENTRY_LARGE) {
		set_large(block, false);
		stats->psmash++;
	}
}

static void set_state(u64 gpa, u64 len, enum rmp_state state)
{
	u8 *e = entry(gpa);

	for (u64 i = 0; i < len / PAGE_SIZE; i++)
		e[i] = (u8)((e[i] & ENTRY_LARGE) | state);
}

/*
 * A page changed hands: what the other side finds there is not what was
 * written, as it was encrypted or is now taken for encrypted.
 */
static void scramble(u64 gpa)
{
	static u64 x = 0x9e3779b97f4a7c15UL;
	void *to = (void *)gpa;
	u64 n = PAGE_SIZE / 8;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	asm volatile("rep stosq" : "+D"(to), "+c"(n) : "a"(x) : "memory");
}

/* What speaks against a page state change?  NULL: nothing. */
static const char *psc_refusal(u64 gpa, u32 op, bool large, u64 *page)
{
	u64 len = large ? LARGE_SIZE : PAGE_SIZE;

	*page = gpa;
	if (op != PSC_PRIVATE && op != PSC_SHARED)
		return "unknown page operation";
	if (gpa % len)
		return "not aligned to its size";
	if (!entries(gpa, len))
		return "not RAM";
	for (; *page < gpa + len; *page += PAGE_SIZE) {
		enum rmp_state s = rmp_state(*page);

		if (s == RMP_VALID && op == PSC_SHARED)
			return "validation was not rescinded by PVALIDATE before (GHCB 4.1.6)";
		if (s != RMP_SHARED && s != RMP_PRIVATE && s != RMP_VALID)
			return "no page of the guest's to give or take";
	}
	return NULL;
}

/* The hypervisor's RMPUPDATE on behalf of the guest.  False: refused. */
bool rmp_page_state_change(struct vcpu *v, u64 gpa, u32 op, bool large)
{
	u64 len = large ? LARGE_SIZE : PAGE_SIZE, page;
	const char *why = psc_refusal(gpa, op, large, &page);
	enum rmp_state to = op == PSC_PRIVATE ? RMP_PRIVATE : RMP_SHARED;

	if (why) {
		log_line("violation: page state change of %lx (%s, operation %u) refused: page "
			 "%lx is %s: %s; rip %lx",
			 gpa, large ? "2 MiB" : "4 KiB", op, page, rmp_name(page), why,
			 v->vmcb->rip);
		return false;
	}
	if (flag(SNPEMU_F_TRACE_RMP))
		log_line("rmp: %lx %s to %s, was %s", gpa, large ? "2 MiB" : "4 KiB",
			 op == PSC_PRIVATE ? "private" : "shared", rmp_name(gpa));
	if (!large)
		smash(gpa);
	for (u64 a = gpa; a < gpa + len; a += PAGE_SIZE) {
		if ((rmp_state(a) == RMP_SHARED) == (to == RMP_SHARED))
			continue; /* has that owner already */
		set_state(a, PAGE_SIZE, to);
		scramble(a);
		stats->psc_pages++;
	}
	if (large)
		set_large(entry(gpa), true);
	/* Pages that are validated stay so, among others that are not yet. */
	if (large && rmp_is(gpa, len, rmp_state(gpa))) {
		npt_update(gpa, true);
		return true;
	}
	for (u64 a = gpa; a < gpa + len; a += PAGE_SIZE)
		npt_update(a, false);
	return true;
}

/*
 * PVALIDATE (APM vol. 3): 0, RMP_FAIL_INPUT, RMP_FAIL_SIZEMISMATCH or, for its
 * carry flag, RMP_NO_UPDATE.  A page that is not assigned to the guest, which
 * would be a nested page fault, is RMP_FAIL_INPUT.
 */
u32 rmp_pvalidate(struct vcpu *v, u64 gpa, bool large, bool validate)
{
	u64 len = large ? LARGE_SIZE : PAGE_SIZE, same = 0;
	const u8 *e = entries(gpa, len);

	if (flag(SNPEMU_F_TRACE_RMP))
		log_line("rmp: pvalidate %lx %s %s, is %s; rip %lx", gpa, large ? "2 MiB" : "4 KiB",
			 validate ? "validate" : "rescind", rmp_name(gpa), v->vmcb->rip);
	if (!e || gpa % len)
		return RMP_FAIL_INPUT;
	for (u64 i = 0; i < len / PAGE_SIZE; i++) {
		if (state_of(e[i]) != RMP_PRIVATE && state_of(e[i]) != RMP_VALID)
			return RMP_FAIL_INPUT;
		same += (state_of(e[i]) == RMP_VALID) == validate;
	}
	if (large && !(*e & ENTRY_LARGE))
		return RMP_FAIL_SIZEMISMATCH;
	if (!large)
		smash(gpa); /* the hypervisor's answer to a fault with size mismatch */
	if (same == len / PAGE_SIZE)
		return RMP_NO_UPDATE;
	set_state(gpa, len, validate ? RMP_VALID : RMP_PRIVATE);
	npt_update(gpa, large);
	stats->pvalidated++;
	return 0;
}

/* The SVSM makes a valid page a VMSA, or the other way round. */
void rmp_set_vmsa(u64 gpa, bool on)
{
	smash(gpa);
	set_state(gpa, PAGE_SIZE, on ? RMP_VMSA : RMP_VALID);
	npt_update(gpa, false);
}

/*
 * RMPADJUST (APM vol. 3) as the guest itself executes it.  Permissions of less
 * privileged levels are checked and forgotten, as nothing runs there.
 */
u32 rmp_adjust(struct vcpu *v, u64 gpa, u64 size, u64 attributes)
{
	u32 vmpl = attributes & 0xff;
	bool large = size == 1, vmsa = attributes >> 16 & 1;
	u64 len = large ? LARGE_SIZE : PAGE_SIZE;

	if (flag(SNPEMU_F_TRACE_RMP))
		log_line("rmp: rmpadjust %lx size %lu attributes %lx, is %s; rip %lx", gpa, size,
			 attributes, rmp_name(gpa), v->vmcb->rip);
	if (size > 1 || attributes >> 17 || vmpl > 3 || gpa % len || (large && vmsa))
		return RMP_FAIL_INPUT;
	if (vmpl <= config.vmpl || (vmsa && config.vmpl))
		return RMP_FAIL_PERMISSION;
	if (!rmp_is(gpa, len, RMP_VALID) && !rmp_is(gpa, len, RMP_VMSA))
		stop(v, SNPEMU_STOP_VIOLATION,
		     "RMPADJUST of page %lx, which is %s: it must be private and validated (APM "
		     "15.36.5); rip %lx cpl %u",
		     gpa, rmp_name(gpa), v->vmcb->rip, vcpu_cpl(v));
	if (large)
		return *entry(gpa) & ENTRY_LARGE ? 0 : RMP_FAIL_SIZEMISMATCH;
	if (vmpl != 1 && vmsa)
		return RMP_FAIL_INPUT;
	if (config.vmpl || vmsa == (rmp_state(gpa) == RMP_VMSA))
		return 0;
	if (vcpu_vmsa_in_use(gpa))
		return RMP_FAIL_INUSE;
	rmp_set_vmsa(gpa, vmsa);
	return 0;
}
