// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The launch, as the AMD-SP sees it: every page that was put into the guest,
 * in this order, by its type (AMD 56860, SNP_LAUNCH_UPDATE). What the machine
 * itself adds later (memory map, ACPI root pointer) is put in by the monitor
 * after the measurement.
 */
#include <string.h>

#include "snpemu.h"

struct range {
	enum snp_page_type type;
	uint64_t from, to;
};

#define RANGES_MAX 16

static void add(struct range *r, size_t *n, enum snp_page_type type, uint64_t from, uint64_t to)
{
	r[(*n)++] = (struct range){ type, from, to };
}

static size_t list_ranges(const struct image *i, struct range r[RANGES_MAX])
{
	size_t n = 0;

	add(r, &n, SNP_PAGE_NORMAL, SNPEMU_KERNEL_GPA, i->kernel_end);
	add(r, &n, SNP_PAGE_NORMAL, SNPEMU_CC_BLOB_GPA, SNPEMU_CC_BLOB_GPA + SNP_PAGE_SIZE);
	/* boot parameters, command line, GDT, page tables */
	add(r, &n, SNP_PAGE_NORMAL, SNPEMU_BOOT_PARAMS_GPA, SNPEMU_PD_GPA + 4 * SNP_PAGE_SIZE);
	add(r, &n, SNP_PAGE_SECRETS, SNPEMU_SECRETS_GPA, SNPEMU_SECRETS_GPA + SNP_PAGE_SIZE);
	add(r, &n, SNP_PAGE_CPUID, SNPEMU_CPUID_GPA, SNPEMU_CPUID_GPA + SNP_PAGE_SIZE);
	add(r, &n, SNP_PAGE_ZERO, SNPEMU_CAA_GPA, SNPEMU_CAA_GPA + SNP_PAGE_SIZE);
	add(r, &n, SNP_PAGE_NORMAL, SNPEMU_MON_GPA, i->monitor_ro_end);
	if (i->initrd_end > SNPEMU_INITRD_GPA)
		add(r, &n, SNP_PAGE_NORMAL, SNPEMU_INITRD_GPA, i->initrd_end);
	return n;
}

/* Power on the AMD-SP and have it write the secrets page. */
bool launch_prepare(struct vm *vm)
{
	const struct snp_svsm svsm = {
		.base = SNPEMU_MON_GPA,
		.size = SNPEMU_MON_SIZE,
		.caa = SNPEMU_CAA_GPA,
		.max_version = 1,
		.guest_vmpl = (uint8_t)vm->opt->vmpl,
	};
	struct snp_sp_error error = { "" };

	if (snp_sp_new(&vm->opt->sp, &vm->sp, &error)) {
		finish(vm, EXIT_EMULATOR, "the AMD-SP: %s", error.text);
		return false;
	}
	if (vm->opt->certs && snp_sp_save_certs(vm->sp, vm->opt->certs, &error)) {
		finish(vm, EXIT_EMULATOR, "--certs: %s", error.text);
		return false;
	}
	snp_sp_secrets_page(vm->sp, vm->opt->vmpl ? &svsm : NULL,
			    vm->memory.ram + SNPEMU_SECRETS_GPA);
	return true;
}

static enum snp_fw_status update_sp(struct vm *vm, enum snp_page_type type, uint64_t gpa,
				    const uint8_t *data, size_t len)
{
	return snp_sp_launch_update(vm->sp, type, gpa, data, len);
}

static enum snp_fw_status update_digest(struct vm *vm, enum snp_page_type type, uint64_t gpa,
					const uint8_t *data, size_t len)
{
	return snp_launch_digest_update(vm->launch_digest, type, gpa, data, len);
}

static enum snp_fw_status
update_all(struct vm *vm, enum snp_fw_status (*update)(struct vm *, enum snp_page_type, uint64_t,
						       const uint8_t *, size_t))
{
	struct range r[RANGES_MAX];
	size_t n = list_ranges(&vm->memory.image, r);
	enum snp_fw_status status = SNP_FW_SUCCESS;
	const uint8_t *ram = vm->memory.ram;

	for (size_t i = 0; !status && i < n; i++)
		status = update(vm, r[i].type, r[i].from, ram + r[i].from, r[i].to - r[i].from);
	if (!status)
		status = update(vm, SNP_PAGE_VMSA, SNP_VMSA_GPA, ram + SNPEMU_VMSA_GPA,
				SNP_PAGE_SIZE);
	return status;
}

/* What the measurement will be, from the files alone: for "snpemu measure" */
bool launch_predict(struct vm *vm)
{
	enum snp_fw_status status = update_all(vm, update_digest);

	if (status)
		finish(vm, EXIT_EMULATOR, "cannot be measured: %s", snp_fw_status_name(status));
	return !status;
}

/* Measure what is in memory now, and finish the launch. */
bool launch_measure(struct vm *vm)
{
	enum snp_fw_status status = update_all(vm, update_sp);

	snp_sp_launch_digest(vm->sp, vm->launch_digest);
	if (!status)
		status = snp_sp_launch_finish(vm->sp);
	if (status) {
		finish(vm, EXIT_EMULATOR, "the AMD-SP refuses the launch: %s: %s",
		       snp_fw_status_name(status), snp_sp_reason(vm->sp));
		return false;
	}
	vm->launched = true;
	return true;
}
