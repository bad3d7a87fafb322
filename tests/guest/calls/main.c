// SPDX-License-Identifier: GPL-2.0-only
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/set_memory.h>
#include <asm/msr.h>
#include <asm/sev.h>

#include "calls.h"

u8 *pages, *shared;
struct wrong wrong[WRONG] = {
	[SHARED] = { "shared memory" },
	[RESCINDED] = { "memory that is not validated" },
	[SVSM_MEMORY] = { "the SVSM's memory", 0x10000000 },
	[NO_MEMORY] = { "no memory at all", 1ULL << 38 },
	[WRAPS] = { "the last page of all addresses", -PAGE_SIZE },
};

static struct svsm_ca *area;
static unsigned int count;

void result(bool ok, const char *name, const char *what, u64 found, u64 expected)
{
	count++;
	if (ok)
		pr_info("calls| ok %u - %s%s\n", count, name, what);
	else
		pr_info("calls| not ok %u - %s%s: %llx, not %llx\n", count, name, what, found,
			expected);
}

/* The kernel does not export these for both releases under one name. */
u64 read_ghcb_msr(void)
{
	u32 low, high;

	asm volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (MSR_AMD64_SEV_ES_GHCB));
	return low | (u64)high << 32;
}

void write_ghcb_msr(u64 value)
{
	asm volatile("wrmsr" : : "c" (MSR_AMD64_SEV_ES_GHCB), "a" ((u32)value),
		     "d" ((u32)(value >> 32)) : "memory");
}

/* As drivers/char/tpm/ctpm/svsm.c makes one; there is one CPU. */
struct regs svsm_call(u64 rax, u64 rcx, u64 rdx, u64 r8)
{
	register unsigned long in8 asm("r8") = r8;
	register unsigned long in9 asm("r9") = 0;
	unsigned long flags;
	u64 saved;
	u8 pending;

	local_irq_save(flags);
	saved = read_ghcb_msr();
	area->call_pending = 1;
	write_ghcb_msr(GHCB_MSR_VMPL_REQ_LEVEL(0));
	in8 = r8;
	in9 = 0;
	asm volatile("rep; vmmcall"
		     : "+a" (rax), "+c" (rcx), "+d" (rdx), "+r" (in8), "+r" (in9) : : "memory");
	r8 = in8;
	pending = xchg(&area->call_pending, 0);
	write_ghcb_msr(saved);
	local_irq_restore(flags);
	return (struct regs) { pending ? U64_MAX : rax, rcx, rdx, r8 };
}

static int make_pages(void)
{
	struct svsm_attest_call input = {};
	struct svsm_call call = {};
	u8 *rescinded;
	u64 *list;

	pages = (u8 *)__get_free_pages(GFP_KERNEL | __GFP_ZERO,
				       get_order((PAGES + SHARED_PAGES) * PAGE_SIZE));
	rescinded = (u8 *)get_zeroed_page(GFP_KERNEL);
	if (!pages || !rescinded)
		return -ENOMEM;
	shared = pages + PAGES * PAGE_SIZE;
	if (set_memory_decrypted((unsigned long)shared, SHARED_PAGES))
		return -ENOMEM;

	/* any call tells the calling area */
	snp_issue_svsm_attest_req(SVSM_CORE_CALL(6), &call, &input);
	area = call.caa;
	if (!area)
		return -ENODEV;

	list = (u64 *)pages;
	list[0] = 1;
	list[1] = __pa(rescinded);
	if (svsm_call(SVSM_CORE_CALL(SVSM_CORE_PVALIDATE), __pa(list), 0, 0).rax)
		return -EIO;
	wrong[SHARED].gpa = __pa(shared);
	wrong[RESCINDED].gpa = __pa(rescinded);
	return 0;
}

/* Pages are lost on purpose; insmod fails in any case. */
static int __init calls_init(void)
{
	int ret = make_pages();

	if (ret)
		return ret;
	svsm_cases();
	ghcb_cases();
	pr_info("calls| 1..%u\n", count);
	return -ECANCELED;
}
module_init(calls_init);

MODULE_DESCRIPTION("Malformed SVSM and GHCB requests");
MODULE_LICENSE("GPL");
