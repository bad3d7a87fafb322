// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A bzImage in the guest's memory, by the 64-bit boot protocol (Linux,
 * Documentation/arch/x86/boot.rst), with what an SNP guest is given beside
 * it: secrets page, CC blob, and the VMSA that the first CPU starts from.
 */
#include <string.h>

#include "../common/cursor.h"
#include "monitor/svm.h"
#include "snpemu.h"

/* Offsets in the setup header, the same in the file and in boot_params */
#define HDR_SETUP_SECTS	    0x1f1
#define HDR_SYSSIZE	    0x1f4 /* of the protected-mode code, in 16 bytes */
#define HDR_BOOT_FLAG	    0x1fe
#define HDR_JUMP	    0x200
#define HDR_MAGIC	    0x202
#define HDR_VERSION	    0x206
#define HDR_VID_MODE	    0x1fa
#define HDR_TYPE_OF_LOADER  0x210
#define HDR_RAMDISK_IMAGE   0x218
#define HDR_RAMDISK_SIZE    0x21c
#define HDR_CMD_LINE_PTR    0x228
#define HDR_INITRD_ADDR_MAX 0x22c
#define HDR_ALIGNMENT	    0x230
#define HDR_RELOCATABLE	    0x234
#define HDR_XLOADFLAGS	    0x236
#define HDR_CMDLINE_SIZE    0x238
#define HDR_SETUP_DATA	    0x250
#define HDR_INIT_SIZE	    0x260
#define HDR_END_MAX	    0x290 /* what follows in boot_params is not the header's */

#define MAGIC_HDRS	    0x53726448
#define VERSION_MIN	    0x020c /* 64-bit entry and xloadflags */
#define XLF_KERNEL_64	    1
#define LOADER_UNDEFINED    0xff
#define VIDEO_NORMAL	    0xffff
#define ENTRY_64	    0x200 /* into the protected-mode kernel */

#define SETUP_CC_BLOB	    7
#define CC_BLOB_MAGIC	    0x45444d41
#define CC_BLOB_AT	    0x100 /* in its page, behind the setup_data */

#define PTE_TABLE	    7	 /* present, writable, user */
#define PTE_LARGE	    0x83 /* present, writable, 2 MiB */
#define LARGE		    (2ULL << 20)

/* Segment attributes as TCG has them in the VMCB: CPL is in SS's DPL */
#define ATTR_CODE64 0xa9b
#define ATTR_DATA   0xc93
#define BOOT_CS	    0x10
#define BOOT_DS	    0x18

struct bzimage {
	const uint8_t *header; /* HDR_SETUP_SECTS to header_end, in the file */
	size_t header_end;
	const uint8_t *kernel;
	size_t kernel_size;
	uint32_t cmdline_size, init_size, initrd_max;
};

/* A field of the file's first sectors; the caller has checked their length. */
static uint64_t field(const struct file *f, size_t offset, size_t size)
{
	struct cur c = cur_reader(f->data, f->size);

	cur_skip(&c, offset);
	return cur_get_le(&c, size);
}

/* NULL, or what is wrong */
static const char *parse_bzimage(const struct file *f, struct bzimage *bz)
{
	uint64_t alignment;
	size_t setup;

	if (f->size < HDR_END_MAX || field(f, HDR_BOOT_FLAG, 2) != 0xaa55 ||
	    field(f, HDR_MAGIC, 4) != MAGIC_HDRS)
		return "is no Linux bzImage";
	if (field(f, HDR_VERSION, 2) < VERSION_MIN)
		return "speaks a boot protocol older than 2.12";
	if (!(field(f, HDR_XLOADFLAGS, 2) & XLF_KERNEL_64))
		return "is no 64-bit kernel";
	if (!field(f, HDR_RELOCATABLE, 1))
		return "is not relocatable";
	setup = (size_t)(field(f, HDR_SETUP_SECTS, 1) ? field(f, HDR_SETUP_SECTS, 1) : 4);
	setup = (setup + 1) * 512;
	bz->header_end = HDR_MAGIC + (size_t)field(f, HDR_JUMP + 1, 1);
	if (bz->header_end > HDR_END_MAX || f->size <= setup)
		return "is cut short, or has a setup header of an unknown length";
	bz->header = f->data + HDR_SETUP_SECTS;
	bz->kernel = f->data + setup;
	bz->kernel_size = f->size - setup;
	bz->cmdline_size = (uint32_t)field(f, HDR_CMDLINE_SIZE, 4);
	bz->init_size = (uint32_t)field(f, HDR_INIT_SIZE, 4);
	bz->initrd_max = (uint32_t)field(f, HDR_INITRD_ADDR_MAX, 4);
	if (field(f, HDR_SYSSIZE, 4) * 16 > bz->kernel_size)
		return "is cut short: its header tells of a longer kernel";
	alignment = field(f, HDR_ALIGNMENT, 4);
	if (!alignment || SNPEMU_KERNEL_GPA % alignment)
		return "cannot be loaded at 16 MiB: its alignment forbids it";
	if (SNPEMU_KERNEL_GPA + bz->kernel_size > SNPEMU_CC_BLOB_GPA ||
	    SNPEMU_KERNEL_GPA + bz->init_size > SNPEMU_CC_BLOB_GPA)
		return "is too large for the room below the hand-over area (237 MiB)";
	return NULL;
}

static struct cur page_at(struct vm *vm, uint64_t gpa)
{
	memset(vm->memory.ram + gpa, 0, SNP_PAGE_SIZE);
	return cur_writer(vm->memory.ram + gpa, SNP_PAGE_SIZE);
}

static void put_at(struct cur *c, size_t offset, uint64_t value, size_t size)
{
	struct cur at = cur_writer(c->w, c->len);

	cur_skip(&at, offset);
	cur_put_le(&at, value, size);
}

static void put_boot_params(struct vm *vm, const struct bzimage *bz, size_t initrd_size)
{
	struct cur c = page_at(vm, SNPEMU_BOOT_PARAMS_GPA);

	memcpy(c.w + HDR_SETUP_SECTS, bz->header, bz->header_end - HDR_SETUP_SECTS);
	put_at(&c, HDR_TYPE_OF_LOADER, LOADER_UNDEFINED, 1);
	put_at(&c, HDR_VID_MODE, VIDEO_NORMAL, 2);
	put_at(&c, HDR_CMD_LINE_PTR, SNPEMU_CMDLINE_GPA, 4);
	put_at(&c, HDR_SETUP_DATA, SNPEMU_CC_BLOB_GPA, 8);
	put_at(&c, HDR_RAMDISK_IMAGE, initrd_size ? SNPEMU_INITRD_GPA : 0, 4);
	put_at(&c, HDR_RAMDISK_SIZE, initrd_size, 4);
}

/* struct cc_setup_data and struct cc_blob_sev_info of Linux */
static void put_cc_blob(struct vm *vm)
{
	struct cur c = page_at(vm, SNPEMU_CC_BLOB_GPA);

	cur_put_le64(&c, 0); /* next */
	cur_put_le32(&c, SETUP_CC_BLOB);
	cur_put_le32(&c, SNP_PAGE_SIZE - 16); /* so that all of the page stays reserved */
	cur_put_le32(&c, SNPEMU_CC_BLOB_GPA + CC_BLOB_AT);
	cur_put_zeros_to(&c, CC_BLOB_AT);
	cur_put_le32(&c, CC_BLOB_MAGIC);
	cur_put_le16(&c, 1); /* version */
	cur_put_le16(&c, 0);
	cur_put_le64(&c, SNPEMU_SECRETS_GPA);
	cur_put_le32(&c, SNP_PAGE_SIZE);
	cur_put_le32(&c, 0);
	cur_put_le64(&c, SNPEMU_CPUID_GPA);
	cur_put_le32(&c, SNP_PAGE_SIZE);
}

/* 4 GiB one to one, all of it with the C-bit, and a GDT */
static void put_tables(struct vm *vm)
{
	struct cur gdt = page_at(vm, SNPEMU_GDT_GPA), pml4 = page_at(vm, SNPEMU_PML4_GPA),
		   pdpt = page_at(vm, SNPEMU_PDPT_GPA);
	const uint64_t c_bit = 1ULL << SNPEMU_CBIT;

	cur_skip(&gdt, BOOT_CS);
	cur_put_le64(&gdt, 0x00af9b000000ffff);
	cur_put_le64(&gdt, 0x00cf93000000ffff);
	cur_put_le64(&pml4, SNPEMU_PDPT_GPA | c_bit | PTE_TABLE);
	for (uint64_t i = 0; i < 4; i++) {
		struct cur pd = page_at(vm, SNPEMU_PD_GPA + i * SNP_PAGE_SIZE);

		cur_put_le64(&pdpt, (SNPEMU_PD_GPA + i * SNP_PAGE_SIZE) | c_bit | PTE_TABLE);
		for (uint64_t n = 0; n < 512; n++)
			cur_put_le64(&pd, (i * 512 + n) * LARGE | c_bit | PTE_LARGE);
	}
}

static void put_vmsa(struct vm *vm)
{
	const struct vmcb_seg data = { BOOT_DS, ATTR_DATA, ~0U, 0 };
	const struct vmsa s = {
		.cs = { BOOT_CS, ATTR_CODE64, ~0U, 0 },
		.ds = data,
		.es = data,
		.ss = data,
		.gdtr = { 0, 0, BOOT_DS + 7, SNPEMU_GDT_GPA },
		.vmpl = (uint8_t)vm->opt->vmpl,
		.efer = 0x1500,	   /* SVME, LMA, LME */
		.cr0 = 0x80000011, /* PG, ET, PE */
		.cr3 = SNPEMU_PML4_GPA | 1ULL << SNPEMU_CBIT,
		.cr4 = 0x20, /* PAE */
		.dr6 = 0xffff0ff0,
		.dr7 = 0x400,
		.rflags = 2,
		.rip = SNPEMU_KERNEL_GPA + ENTRY_64,
		.rsi = SNPEMU_BOOT_PARAMS_GPA,
		.g_pat = 0x0007040600070406,
		.sev_features = SEV_FEATURES_SNP_ACTIVE,
		.xcr0 = 1,
		.mxcsr = 0x1f80,
		.x87_ftw = 0xffff,
		.x87_fcw = 0x37f,
	};

	page_at(vm, SNPEMU_VMSA_GPA);
	memcpy(vm->memory.ram + SNPEMU_VMSA_GPA, &s, sizeof(s));
}

static const char *too_large(const struct vm *vm, const struct bzimage *bz,
			     const struct file *initrd)
{
	uint64_t low_end = vm->opt->memory < 0xc0000000 ? vm->opt->memory : 0xc0000000;

	if (strlen(vm->opt->append) > bz->cmdline_size || strlen(vm->opt->append) >= SNP_PAGE_SIZE)
		return "--append: the command line is longer than the kernel takes";
	/* the firmware's tables are at the end of low memory */
	if (initrd->size > low_end - SNPEMU_INITRD_GPA - (16 << 20) ||
	    SNPEMU_INITRD_GPA + initrd->size > bz->initrd_max)
		return "--initrd: too large for this --memory";
	return NULL;
}

bool linux_load(struct vm *vm, const struct file *kernel, const struct file *initrd)
{
	struct image *image = &vm->memory.image;
	uint8_t *ram = vm->memory.ram;
	struct bzimage bz;
	const char *why = parse_bzimage(kernel, &bz);

	if (why) {
		finish(vm, EXIT_EMULATOR, "%s %s", vm->opt->kernel, why);
		return false;
	}
	why = too_large(vm, &bz, initrd);
	if (why) {
		finish(vm, EXIT_EMULATOR, "%s", why);
		return false;
	}
	memcpy(ram + SNPEMU_KERNEL_GPA, bz.kernel, bz.kernel_size);
	if (initrd->size)
		memcpy(ram + SNPEMU_INITRD_GPA, initrd->data, initrd->size);
	page_at(vm, SNPEMU_CMDLINE_GPA);
	memcpy(ram + SNPEMU_CMDLINE_GPA, vm->opt->append, strlen(vm->opt->append));
	put_boot_params(vm, &bz, initrd->size);
	put_cc_blob(vm);
	put_tables(vm);
	put_vmsa(vm);
	page_at(vm, SNPEMU_CPUID_GPA);
	page_at(vm, SNPEMU_CAA_GPA);
	image->kernel_end = (SNPEMU_KERNEL_GPA + bz.kernel_size + SNP_PAGE_SIZE - 1) &
			    ~(uint64_t)(SNP_PAGE_SIZE - 1);
	image->initrd_end = (SNPEMU_INITRD_GPA + initrd->size + SNP_PAGE_SIZE - 1) &
			    ~(uint64_t)(SNP_PAGE_SIZE - 1);
	return true;
}
