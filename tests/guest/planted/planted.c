// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bugs of the kind that a driver in an SNP guest can have, one for each value
 * of the parameter. On hardware each is a fault, an error or garbage; an emulator
 * that lets it pass hides it. insmod fails in any case, what was seen is in the
 * kernel log. Pages are lost on purpose.
 */
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/set_memory.h>
#include <linux/smp.h>
#include <linux/vmalloc.h>
#include <asm/msr.h>
#include <asm/sev.h>
#include <asm/svm.h>

static char *bug = "";
module_param(bug, charp, 0444);
MODULE_PARM_DESC(bug, "which bug to have");

/* SVSM_CORE_PVALIDATE of one page: the list goes where an attestation's would */
static u64 svsm_pvalidate(void *page, bool validate)
{
	struct svsm_attest_call input = {};
	struct svsm_pvalidate_call *list = (void *)&input;
	struct svsm_call call = {};
	u64 *entry = (u64 *)(list + 1);

	list->num_entries = 1;
	*entry = __pa(page) | (validate ? BIT(2) : 0);
	snp_issue_svsm_attest_req(SVSM_CORE_CALL(SVSM_CORE_PVALIDATE), &call, &input);
	return call.rax_out;
}

static void touch_rescinded(u8 *page)
{
	pr_info("planted: rescinded: %llx\n", svsm_pvalidate(page, false));
	pr_info("planted: read %x\n", READ_ONCE(page[0]));
}

static void validate_twice(u8 *page)
{
	pr_info("planted: second validation: %llx\n", svsm_pvalidate(page, true));
}

static void private_page_mapped_shared(u8 *page)
{
	struct page *p = virt_to_page(page);
	u8 *alias = vmap(&p, 1, VM_MAP, pgprot_decrypted(PAGE_KERNEL));

	WRITE_ONCE(alias[0], 'x');
	pr_info("planted: private page reads %x\n", READ_ONCE(page[0]));
}

static void shared_page_mapped_private(u8 *page)
{
	struct page *p = virt_to_page(page);
	u8 *alias = vmap(&p, 1, VM_MAP, PAGE_KERNEL);

	set_memory_decrypted((unsigned long)page, 1);
	pr_info("planted: shared page reads %x\n", READ_ONCE(alias[0]));
}

static void shared_without_rescinding(u8 *page)
{
	unsigned long flags;
	u64 saved, response;

	local_irq_save(flags);
	saved = native_rdmsrq(MSR_AMD64_SEV_ES_GHCB);
	native_wrmsrq(MSR_AMD64_SEV_ES_GHCB,
		      GHCB_MSR_PSC_REQ_GFN(__pa(page) >> PAGE_SHIFT, SNP_PAGE_STATE_SHARED));
	asm volatile("rep; vmmcall" : : : "memory");
	response = native_rdmsrq(MSR_AMD64_SEV_ES_GHCB);
	native_wrmsrq(MSR_AMD64_SEV_ES_GHCB, saved);
	local_irq_restore(flags);
	pr_info("planted: page state change: %llx\n", response);
}

static void content_expected_to_survive(u8 *page)
{
	strscpy(page, "hello", PAGE_SIZE);
	set_memory_decrypted((unsigned long)page, 1);
	pr_info("planted: content %s\n", strcmp(page, "hello") ? "lost" : "survived");
}

static void tpm_buffer_shared(u8 *page)
{
	set_memory_decrypted((unsigned long)page, 1);
	memset(page, 0, PAGE_SIZE);
	page[0] = 8;
	page[5] = 10;
	pr_info("planted: vTPM command: %d\n", snp_svsm_vtpm_send_command(page));
}

static void svsm_memory_read(u8 *page)
{
	u8 *p = memremap(0x10000000, PAGE_SIZE, MEMREMAP_WB | MEMREMAP_ENC);

	pr_info("planted: SVSM memory reads %x\n", p ? READ_ONCE(p[0]) : 0);
}

/* Another CPU has the page in its TLB, and goes on reading it without any exit. */
static bool rescinded;
static unsigned long before, after;

static void reader(void *page)
{
	u64 end = rdtsc() + 4000000000ULL;

	while (rdtsc() < end) {
		READ_ONCE(*(u8 *)page);
		if (READ_ONCE(rescinded))
			after++;
		else
			WRITE_ONCE(before, before + 1);
	}
}

static void stale_translation(u8 *page)
{
	smp_call_function_single(!smp_processor_id(), reader, page, 0);
	while (READ_ONCE(before) < 1000)
		cpu_relax();
	svsm_pvalidate(page, false);
	WRITE_ONCE(rescinded, true);
	mdelay(1500);
	pr_info("planted: %lu reads of a page that was gone\n", after);
}

/* 2 MiB of which one page is shared become private, without the PVALIDATE for that page */
static u8 *mixed_block(unsigned int shared)
{
	u8 *block = (u8 *)__get_free_pages(GFP_KERNEL, get_order(PMD_SIZE));
	struct snp_psc_desc *desc;
	unsigned long flags;
	struct ghcb *ghcb;

	if (!block)
		return NULL;
	memset(block, 'x', PMD_SIZE);
	set_memory_decrypted((unsigned long)block + shared * PAGE_SIZE, 1);
	local_irq_save(flags);
	ghcb = __va(native_rdmsrq(MSR_AMD64_SEV_ES_GHCB));
	desc = (void *)ghcb->shared_buffer;
	memset(desc, 0, sizeof(desc->hdr) + sizeof(desc->entries[0]));
	desc->entries[0].gfn = __pa(block) >> PAGE_SHIFT;
	desc->entries[0].operation = SNP_PAGE_STATE_PRIVATE;
	desc->entries[0].pagesize = 1;
	memset(ghcb->save.valid_bitmap, 0, sizeof(ghcb->save.valid_bitmap));
	ghcb->protocol_version = 2;
	ghcb->ghcb_usage = 0;
	ghcb_set_sw_exit_code(ghcb, SVM_VMGEXIT_PSC);
	ghcb_set_sw_exit_info_1(ghcb, 0);
	ghcb_set_sw_exit_info_2(ghcb, 0);
	ghcb_set_sw_scratch(ghcb, __pa(desc));
	asm volatile("rep; vmmcall" : : : "memory");
	pr_info("planted: page state change of 2 MiB: %llx\n", ghcb->save.sw_exit_info_2);
	local_irq_restore(flags);
	return block;
}

static void touch_one_of_mixed(u8 *page)
{
	u8 *block = mixed_block(1), *alias;
	struct page *p;

	if (!block)
		return;
	p = virt_to_page(block + PAGE_SIZE);
	alias = vmap(&p, 1, VM_MAP, PAGE_KERNEL);
	pr_info("planted: page that was shared reads %x\n", READ_ONCE(alias[0]));
}

static void rest_of_mixed(u8 *page)
{
	u8 *block = mixed_block(0);

	if (block)
		pr_info("planted: page that stayed valid reads %c\n",
			READ_ONCE(block[5 * PAGE_SIZE]));
}

static const struct {
	const char *name;
	void (*run)(u8 *page);
} bugs[] = {
	{ "touch-rescinded", touch_rescinded },
	{ "validate-twice", validate_twice },
	{ "private-page-mapped-shared", private_page_mapped_shared },
	{ "shared-page-mapped-private", shared_page_mapped_private },
	{ "shared-without-rescinding", shared_without_rescinding },
	{ "content-expected-to-survive", content_expected_to_survive },
	{ "tpm-buffer-shared", tpm_buffer_shared },
	{ "svsm-memory-read", svsm_memory_read },
	{ "stale-translation", stale_translation },
	{ "touch-one-of-mixed", touch_one_of_mixed },
	{ "rest-of-mixed", rest_of_mixed },
};

static int __init planted_init(void)
{
	u8 *page = (u8 *)get_zeroed_page(GFP_KERNEL);
	unsigned int i;

	if (!page)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(bugs); i++) {
		if (strcmp(bug, bugs[i].name))
			continue;
		bugs[i].run(page);
		return -ECANCELED;
	}
	return -EINVAL;
}
module_init(planted_init);

MODULE_DESCRIPTION("Planted page state bugs of an SNP guest");
MODULE_LICENSE("GPL");
