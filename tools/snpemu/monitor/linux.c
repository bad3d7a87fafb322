// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel is told about the machine that only the machine knows: the
 * memory map and the ACPI root pointer.  At the same time every page gets its
 * state at launch.
 */
#include "monitor.h"

#define MULTIBOOT_HAS_MAP BIT(6)
#define E820_RAM	  1
#define E820_RESERVED	  2
#define E820_MAX	  128
#define PCI_HOLE	  0xf0000000UL /* no RAM from here to 4 GiB */
#define HIGH_RAM	  (4UL << 30)

/* struct boot_params of Linux */
#define BP_RSDP		0x070
#define BP_E820_ENTRIES 0x1e8
#define BP_E820_TABLE	0x2d0

/* Multiboot specification 3.3 */
struct multiboot_info {
	u32 flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr;
	u32 syms[4], mmap_length, mmap_addr;
};

struct multiboot_range {
	u32 size; /* of the rest */
	u64 from, len;
	u32 type;
} __attribute__((packed));

struct e820 {
	u64 from, len;
	u32 type;
} __attribute__((packed));

static void add(u8 *params, u64 from, u64 to, u32 type)
{
	u8 n = params[BP_E820_ENTRIES];
	const struct e820 e = { from, to - from, type };

	if (from >= to)
		return;
	if (n == E820_MAX)
		stop(NULL, SNPEMU_STOP_MONITOR, "more than %u ranges of memory", E820_MAX);
	memcpy(params + BP_E820_TABLE + n * sizeof(e), &e, sizeof(e));
	params[BP_E820_ENTRIES]++;
	if (type == E820_RAM)
		rmp_set_range(from, to, RMP_VALID);
	if (flag(SNPEMU_F_TRACE_RMP))
		log_line("e820: %016lx to %016lx type %u", from, to, type);
}

/* The hand-over area is reserved, the monitor's memory is not mentioned. */
static void add_range(u8 *params, u64 from, u64 to, u32 type)
{
	const u64 ours = SNPEMU_HANDOVER_GPA, monitor_end = SNPEMU_MON_GPA + SNPEMU_MON_SIZE;

	if (type != E820_RAM || to <= ours || from >= monitor_end) {
		add(params, from, to, type);
		return;
	}
	if (from > ours || to < monitor_end)
		stop(NULL, SNPEMU_STOP_MONITOR,
		     "RAM from %lx to %lx does not hold all of %lx to %lx", from, to, ours,
		     monitor_end);
	add(params, from, ours, E820_RAM);
	add(params, ours, SNPEMU_MON_GPA, E820_RESERVED);
	add(params, monitor_end, to, E820_RAM);
}

static struct multiboot_range *first_range(const struct multiboot_info *info)
{
	return (void *)(u64)info->mmap_addr;
}

static struct multiboot_range *next_range(const struct multiboot_info *info,
					  struct multiboot_range *r)
{
	r = (void *)((u8 *)r + r->size + 4);
	return (u8 *)r < (u8 *)(u64)info->mmap_addr + info->mmap_length ? r : NULL;
}

/* Where RAM below 4 GiB ends: the firmware's tables are its last part. */
static u64 low_ram_end(const struct multiboot_info *info)
{
	u64 end = 0;

	for (struct multiboot_range *r = first_range(info); r; r = next_range(info, r))
		if (r->from + r->len <= PCI_HOLE && r->from + r->len > end)
			end = r->from + r->len;
	return end;
}

static u64 find_rsdp(void)
{
	for (u64 a = 0xe0000; a < 0x100000; a += 16) {
		u8 sum = 0;

		if (memcmp((void *)a, "RSD PTR ", 8))
			continue;
		for (u64 i = 0; i < 20; i++) /* ACPI 5.2.5.3 */
			sum += ((u8 *)a)[i];
		if (!sum)
			return a;
	}
	stop(NULL, SNPEMU_STOP_MONITOR, "the firmware has left no ACPI tables");
}

void linux_setup(u32 multiboot_info)
{
	const struct multiboot_info *info = (void *)(u64)multiboot_info;
	u8 *params = (u8 *)SNPEMU_BOOT_PARAMS_GPA;
	u64 low, rsdp;

	if (!(info->flags & MULTIBOOT_HAS_MAP) || !info->mmap_length)
		stop(NULL, SNPEMU_STOP_MONITOR, "QEMU has given no memory map");
	low = low_ram_end(info);
	if (low % LARGE_SIZE || low > config.memory || low < SNPEMU_MON_GPA + SNPEMU_MON_SIZE)
		stop(NULL, SNPEMU_STOP_MONITOR,
		     "RAM below 4 GiB ends at %lx: that is not a machine with %lu MiB", low,
		     config.memory >> 20);
	rmp_init(low, HIGH_RAM + config.memory - low);
	params[BP_E820_ENTRIES] = 0;
	for (struct multiboot_range *r = first_range(info); r; r = next_range(info, r))
		add_range(params, r->from, r->from + r->len, r->type);
	rsdp = find_rsdp();
	memcpy(params + BP_RSDP, &rsdp, sizeof(rsdp));
	cpuid_fill_page((void *)SNPEMU_CPUID_GPA);

	rmp_set_range(SNPEMU_HANDOVER_GPA, SNPEMU_HANDOVER_GPA + SNPEMU_HANDOVER_SIZE, RMP_VALID);
	rmp_set_range(SNPEMU_VMSA_GPA, SNPEMU_VMSA_GPA + PAGE_SIZE, RMP_VMSA);
	rmp_set_range(SNPEMU_MON_GPA, SNPEMU_MON_GPA + SNPEMU_MON_SIZE, RMP_MONITOR);
	rmp_finish();
}
