// SPDX-License-Identifier: GPL-2.0-only
#include <linux/io.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "calls.h"

/* The GHCB MSR protocol (AMD 56421, 2.3.1) */
#define SEV_INFO_REQUEST	0x002
#define PREFERRED_GPA_REQUEST	0x010
#define PSC_REQUEST		0x014
#define RUN_VMPL_REQUEST	0x016
#define FEATURES_REQUEST	0x080
#define PSC_SHARED		(2ULL << 52)

/* The GHCB page (table 3) */
#define GHCB_RAX		0x1f8
#define GHCB_RCX		0x308
#define GHCB_RDX		0x310
#define GHCB_RBX		0x318
#define GHCB_CODE		0x390
#define GHCB_INFO1		0x398
#define GHCB_INFO2		0x3a0
#define GHCB_SCRATCH		0x3a8
#define GHCB_BITMAP		0x3f0
#define GHCB_USAGE		0xffc

/* SW_EXITINFO1, and the reasons in SW_EXITINFO2 (table 7) */
#define MALFORMED		2
#define EXCEPTION		1
enum { OK, NOT_REGISTERED, BAD_USAGE, BAD_SCRATCH, MISSING, BAD_INPUT, BAD_EVENT };
#define GP_EVENT		0x80000b0dULL

/* Events */
#define EXIT_IOIO		0x7b
#define EXIT_MSR		0x7c
#define EXIT_VMMCALL		0x81
#define MMIO_READ		0x80000001
#define PAGE_STATE_CHANGE	0x80000010
#define GUEST_REQUEST		0x80000011
#define EXTENDED_REQUEST	0x80000012
#define AP_CREATION		0x80000013
#define RUN_VMPL		0x80000018
#define HV_FEATURES		0x8000fffd
#define IOIO_IN			BIT(0)
#define IOIO_STRING		BIT(2)
#define IOIO_8			BIT(4)

static u64 by_msr(u64 request)
{
	unsigned long flags;
	u64 saved, response;

	local_irq_save(flags);
	saved = read_ghcb_msr();
	write_ghcb_msr(request);
	asm volatile("rep; vmmcall" : : : "memory");
	response = read_ghcb_msr();
	write_ghcb_msr(saved);
	local_irq_restore(flags);
	return response;
}

static void msr_case(const char *name, u64 request, u64 mask, u64 expected)
{
	u64 response = by_msr(request);

	result((response & mask) == expected, name, "", response, expected);
}

static void msr_protocol(void)
{
	u64 run = by_msr(RUN_VMPL_REQUEST | 1ULL << 32);

	msr_case("GHCB MSR: protocol version 2, and no other", SEV_INFO_REQUEST,
		 0xffffffff00000fff, 0x0002000200000001);
	msr_case("GHCB MSR: no preferred GHCB address", PREFERRED_GPA_REQUEST, U64_MAX,
		 0xfffffffffffff011);
	msr_case("GHCB MSR: features: SNP, AP creation, multiple VMPLs", FEATURES_REQUEST, U64_MAX,
		 (0x23ULL << 12) | 0x081);
	result((run & 0xfff) == 0x17 && run >> 32, "GHCB MSR: VMPL 1 is not there to run", "", run,
	       0x17);
	msr_case("GHCB MSR: a page state change of no memory",
		 PSC_REQUEST | PSC_SHARED | wrong[NO_MEMORY].gpa, GENMASK_ULL(32, 0),
		 BIT_ULL(32) | 0x15);
	msr_case("GHCB MSR: a page state change of the SVSM's memory",
		 PSC_REQUEST | PSC_SHARED | wrong[SVSM_MEMORY].gpa, GENMASK_ULL(32, 0),
		 BIT_ULL(32) | 0x15);
	msr_case("GHCB MSR: a page state that is not defined",
		 PSC_REQUEST | 15ULL << 52 | __pa(pages), GENMASK_ULL(32, 0), BIT_ULL(32) | 0x15);
}

/* A request by page: the fields that are written are valid */
struct request {
	u64 rax, rcx, rbx, rdx, code, info1, info2, scratch;
	u32 usage;
	u32 invalid;	/* byte offset of a field whose valid bit is left out */
};

static void put(u8 *page, u32 offset, u64 value, u32 invalid)
{
	memcpy(page + offset, &value, 8);
	if (offset != invalid)
		page[GHCB_BITMAP + offset / 64] |= BIT(offset / 8 % 8);
}

static u64 get(const u8 *page, u32 offset)
{
	u64 value;

	memcpy(&value, page + offset, 8);
	return value;
}

/* Through the kernel's own GHCB, or one at @gpa */
static struct regs by_page(const struct request *r, u64 gpa)
{
	unsigned long flags;
	struct regs out;
	u64 saved;
	u8 *page;

	local_irq_save(flags);
	saved = read_ghcb_msr();
	page = __va(gpa ?: saved);
	memset(page + 0xcb, 0, 0x400 - 0xcb);
	put(page, GHCB_RAX, r->rax, r->invalid);
	put(page, GHCB_RBX, r->rbx, r->invalid);
	put(page, GHCB_RCX, r->rcx, r->invalid);
	put(page, GHCB_RDX, r->rdx, r->invalid);
	put(page, GHCB_CODE, r->code, r->invalid);
	put(page, GHCB_INFO1, r->info1, r->invalid);
	put(page, GHCB_INFO2, r->info2, r->invalid);
	put(page, GHCB_SCRATCH, r->scratch, r->invalid);
	*(u16 *)(page + 0xffa) = 2;
	*(u32 *)(page + GHCB_USAGE) = r->usage;
	write_ghcb_msr(gpa ?: saved);
	asm volatile("rep; vmmcall" : : : "memory");
	write_ghcb_msr(saved);
	out = (struct regs) { get(page, GHCB_INFO1), get(page, GHCB_INFO2), get(page, GHCB_RAX),
			      get(page, GHCB_RBX) };
	*(u32 *)(page + GHCB_USAGE) = 0;
	local_irq_restore(flags);
	return out;
}

static void page_case(const char *name, u32 info1, u64 info2, const struct request *r)
{
	struct regs out = by_page(r, 0);

	if ((u32)out.rax != info1)
		result(false, name, " (SW_EXITINFO1)", out.rax, info1);
	else
		result(out.rcx == info2, name, "", out.rcx, info2);
}

static void malformed(const char *name, u64 reason, struct request r)
{
	page_case(name, MALFORMED, reason, &r);
}

#define REQ(...)	((struct request) { __VA_ARGS__ })

static void frame(void)
{
	struct regs out;

	malformed("GHCB: an event that does not exist", BAD_EVENT, REQ(.code = 0x80009999));
	malformed("GHCB: a usage other than 0", BAD_USAGE, REQ(.code = HV_FEATURES, .usage = 1));
	malformed("GHCB: SW_EXITCODE is not valid", MISSING,
		  REQ(.code = HV_FEATURES, .invalid = GHCB_CODE));
	malformed("GHCB: SW_EXITINFO1 is not valid", MISSING,
		  REQ(.code = HV_FEATURES, .invalid = GHCB_INFO1));
	malformed("GHCB: SW_EXITINFO2 is not valid", MISSING,
		  REQ(.code = HV_FEATURES, .invalid = GHCB_INFO2));
	out = by_page(&REQ(.code = HV_FEATURES), __pa(shared));
	result((u32)out.rax == MALFORMED && out.rcx == NOT_REGISTERED,
	       "GHCB: a shared page that is not registered", "", out.rcx, NOT_REGISTERED);
	page_case("GHCB: hypervisor features, well formed", OK, 0x23, &REQ(.code = HV_FEATURES));
}

static void io_and_msr(void)
{
	u64 private = __pa(pages);

	malformed("GHCB: port I/O of 3 bytes", BAD_INPUT,
		  REQ(.code = EXIT_IOIO, .info1 = 0x80ULL << 16 | IOIO_IN | 3 << 4));
	malformed("GHCB: OUT without RAX", MISSING,
		  REQ(.code = EXIT_IOIO, .info1 = 0x80ULL << 16 | IOIO_8, .invalid = GHCB_RAX));
	malformed("GHCB: INS to private memory", BAD_SCRATCH,
		  REQ(.code = EXIT_IOIO, .info1 = 0x80ULL << 16 | IOIO_8 | IOIO_STRING | IOIO_IN,
		      .info2 = 16, .scratch = private));
	malformed("GHCB: INS of more than a page", BAD_SCRATCH,
		  REQ(.code = EXIT_IOIO, .info1 = 0x80ULL << 16 | IOIO_8 | IOIO_STRING | IOIO_IN,
		      .info2 = PAGE_SIZE + 1, .scratch = __pa(shared)));
	malformed("GHCB: INS that leaves shared memory", BAD_SCRATCH,
		  REQ(.code = EXIT_IOIO, .info1 = 0x80ULL << 16 | IOIO_8 | IOIO_STRING | IOIO_IN,
		      .info2 = PAGE_SIZE, .scratch = __pa(shared) - 1));
	malformed("GHCB: RDMSR without RCX", MISSING,
		  REQ(.code = EXIT_MSR, .rcx = 0x10, .invalid = GHCB_RCX));
	malformed("GHCB: WRMSR without RDX", MISSING,
		  REQ(.code = EXIT_MSR, .rcx = 0x10, .info1 = 1, .invalid = GHCB_RDX));
	page_case("GHCB: RDMSR of what is no MSR is a #GP", EXCEPTION, GP_EVENT,
		  &REQ(.code = EXIT_MSR, .rcx = 0xdeadbeef));
	malformed("GHCB: MMIO into private memory", BAD_SCRATCH,
		  REQ(.code = MMIO_READ, .info1 = 0xfee00020, .info2 = 4, .scratch = private));
	malformed("GHCB: MMIO without a scratch area", MISSING,
		  REQ(.code = MMIO_READ, .info1 = 0xfee00020, .info2 = 4,
		      .invalid = GHCB_SCRATCH));
	malformed("GHCB: MMIO of 3 bytes", BAD_INPUT,
		  REQ(.code = MMIO_READ, .info1 = 0xfee00020, .info2 = 3,
		      .scratch = __pa(shared)));
	malformed("GHCB: MMIO of RAM", BAD_INPUT,
		  REQ(.code = MMIO_READ, .info1 = private, .info2 = 4, .scratch = __pa(shared)));
	malformed("GHCB: MMIO of the SVSM's memory", BAD_INPUT,
		  REQ(.code = MMIO_READ, .info1 = wrong[SVSM_MEMORY].gpa, .info2 = 4,
		      .scratch = __pa(shared)));
	malformed("GHCB: MMIO at the last page of all addresses", BAD_INPUT,
		  REQ(.code = MMIO_READ, .info1 = wrong[WRAPS].gpa, .info2 = 4,
		      .scratch = __pa(shared)));
	result(by_page(&REQ(.code = EXIT_VMMCALL), 0).rdx == (u64)-1000,
	       "GHCB: there are no hypercalls", "", 0, -1000);
}

static void page_states(void)
{
	u64 *list = (u64 *)shared;
	u64 change = PSC_SHARED;

	malformed("GHCB: a page state change list in private memory", BAD_SCRATCH,
		  REQ(.code = PAGE_STATE_CHANGE, .scratch = __pa(pages)));
	malformed("GHCB: one that leaves shared memory", BAD_SCRATCH,
		  REQ(.code = PAGE_STATE_CHANGE, .scratch = __pa(shared) - 8));
	memset(shared, 0, PAGE_SIZE);
	list[0] = 253 << 16;
	page_case("GHCB: a page state change list of 254 entries", OK, BIT_ULL(32) | 1,
		  &REQ(.code = PAGE_STATE_CHANGE, .scratch = __pa(shared)));
	list[0] = 1 | 0 << 16;
	page_case("GHCB: one that begins behind its end", OK, BIT_ULL(32) | 1,
		  &REQ(.code = PAGE_STATE_CHANGE, .scratch = __pa(shared)));
	list[0] = 0;
	list[1] = change | wrong[NO_MEMORY].gpa;
	page_case("GHCB: a page state change of no memory", OK, BIT_ULL(32) | 2,
		  &REQ(.code = PAGE_STATE_CHANGE, .scratch = __pa(shared)));
	list[1] = change | wrong[SVSM_MEMORY].gpa;
	page_case("GHCB: a page state change of the SVSM's memory", OK, BIT_ULL(32) | 2,
		  &REQ(.code = PAGE_STATE_CHANGE, .scratch = __pa(shared)));
	list[1] = 15ULL << 52 | __pa(pages);
	page_case("GHCB: a page state that is not defined", OK, BIT_ULL(32) | 2,
		  &REQ(.code = PAGE_STATE_CHANGE, .scratch = __pa(shared)));
}

static void guest_requests(void)
{
	u64 a = __pa(shared), b = a + PAGE_SIZE;

	malformed("GHCB: a guest request that is not page aligned", BAD_INPUT,
		  REQ(.code = GUEST_REQUEST, .info1 = a + 8, .info2 = b));
	malformed("GHCB: a guest response that is not page aligned", BAD_INPUT,
		  REQ(.code = GUEST_REQUEST, .info1 = a, .info2 = b - 8));
	malformed("GHCB: one page for a guest request and its response", BAD_INPUT,
		  REQ(.code = GUEST_REQUEST, .info1 = a, .info2 = a));
	malformed("GHCB: a guest request in private memory", BAD_INPUT,
		  REQ(.code = GUEST_REQUEST, .info1 = __pa(pages), .info2 = b));
	malformed("GHCB: a guest response in private memory", BAD_INPUT,
		  REQ(.code = GUEST_REQUEST, .info1 = a, .info2 = __pa(pages)));
	malformed("GHCB: certificates to private memory", BAD_INPUT,
		  REQ(.code = EXTENDED_REQUEST, .info1 = a, .info2 = b, .rax = __pa(pages),
		      .rbx = 1));
	malformed("GHCB: certificates to 2^52 pages", BAD_INPUT,
		  REQ(.code = EXTENDED_REQUEST, .info1 = a, .info2 = b, .rax = a,
		      .rbx = 1ULL << 52));
	malformed("GHCB: an extended guest request without RBX", MISSING,
		  REQ(.code = EXTENDED_REQUEST, .info1 = a, .info2 = b, .invalid = GHCB_RBX));
	malformed("GHCB: VMPL 1 is not there to run", BAD_INPUT,
		  REQ(.code = RUN_VMPL, .info1 = 1));
}

static void ap_creation(void)
{
	u64 id = 77ULL << 32, vmpl = 2 << 16;

	malformed("GHCB: a CPU that is not there", BAD_INPUT,
		  REQ(.code = AP_CREATION, .info1 = id | vmpl | 1, .info2 = __pa(pages)));
	malformed("GHCB: a CPU at another VMPL", BAD_INPUT,
		  REQ(.code = AP_CREATION, .info1 = 1 << 16 | 1, .info2 = __pa(pages)));
	malformed("GHCB: a CPU from a page that is no VMSA", BAD_INPUT,
		  REQ(.code = AP_CREATION, .info1 = vmpl | 1, .info2 = __pa(pages), .rax = 1));
	malformed("GHCB: a CPU without SEV_FEATURES", MISSING,
		  REQ(.code = AP_CREATION, .info1 = vmpl | 1, .info2 = __pa(pages),
		      .invalid = GHCB_RAX));
	malformed("GHCB: an operation on a CPU that is not defined", BAD_INPUT,
		  REQ(.code = AP_CREATION, .info1 = vmpl | 3, .info2 = __pa(pages)));
}

void ghcb_cases(void)
{
	msr_protocol();
	frame();
	io_and_msr();
	page_states();
	guest_requests();
	ap_creation();
}
