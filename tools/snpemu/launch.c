// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The launch, as the AMD-SP sees it: every page that was put into the guest,
 * in this order, by its type (AMD 56860, SNP_LAUNCH_UPDATE). What the machine
 * itself adds later (memory map, ACPI root pointer) is put in by the monitor
 * after the measurement.
 */
#include <stdio.h>
#include <string.h>

#include "../common/cursor.h"
#include "snpemu.h"

#define RANGES_MAX    16
#define AUTH_KEY_ALGO 4 /* offset in the ID authentication information */

struct range {
	enum snp_page_type type;
	uint64_t from, to; /* in memory */
	uint64_t gpa;	   /* as PAGE_INFO has it */
};

static void add(struct range *r, size_t *n, enum snp_page_type type, uint64_t from, uint64_t to)
{
	r[(*n)++] = (struct range){ type, from, to, from };
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
	add(r, &n, SNP_PAGE_VMSA, SNPEMU_VMSA_GPA, SNPEMU_VMSA_GPA + SNP_PAGE_SIZE);
	r[n - 1].gpa = SNP_VMSA_GPA;
	return n;
}

/* The whole of a file that has one size alone */
static bool read_exact(struct vm *vm, const char *path, uint8_t *to, size_t size)
{
	struct file f;
	bool ok;

	if (!file_map(vm, path, &f))
		return false;
	ok = f.size == size;
	if (ok)
		memcpy(to, f.data, size);
	else
		finish(vm, EXIT_EMULATOR, "%s: has %zu bytes, expected %zu", path, f.size, size);
	file_unmap(&f);
	return ok;
}

/*
 * AUTH_KEY_EN of SNP_LAUNCH_FINISH follows from the file: its AUTH_KEY_ALGO
 * names an algorithm if there is an author key.
 */
static bool read_id_block(struct vm *vm, struct snp_sp_config *config,
			  uint8_t block[SNP_ID_BLOCK_SIZE], uint8_t auth[SNP_ID_AUTH_SIZE])
{
	struct cur c = cur_reader(auth, SNP_ID_AUTH_SIZE);

	if (!vm->opt->id_block)
		return true;
	if (!read_exact(vm, vm->opt->id_block, block, SNP_ID_BLOCK_SIZE) ||
	    !read_exact(vm, vm->opt->id_auth, auth, SNP_ID_AUTH_SIZE))
		return false;
	cur_skip(&c, AUTH_KEY_ALGO);
	config->id_block = block;
	config->id_auth = auth;
	config->author_key_en = cur_get_le32(&c) != 0;
	return true;
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
	uint8_t id_block[SNP_ID_BLOCK_SIZE], id_auth[SNP_ID_AUTH_SIZE];
	struct snp_sp_config config = vm->opt->sp;
	struct snp_sp_error error = { "" };

	if (!read_id_block(vm, &config, id_block, id_auth))
		return false;
	if (snp_sp_new(&config, &vm->sp, &error)) {
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

static size_t range_size(const struct range *r)
{
	return (size_t)(r->to - r->from);
}

/* What the launch digest of the ranges will be, as they are in memory now */
static enum snp_fw_status predict(struct vm *vm, uint8_t ld[SNP_DIGEST_SIZE])
{
	struct range r[RANGES_MAX];
	size_t n = list_ranges(&vm->memory.image, r);
	enum snp_fw_status status = SNP_FW_SUCCESS;

	memset(ld, 0, SNP_DIGEST_SIZE);
	for (size_t i = 0; !status && i < n; i++)
		status = snp_launch_digest_update(ld, r[i].type, r[i].gpa,
						  vm->memory.ram + r[i].from, range_size(&r[i]));
	return status;
}

/* Before QEMU starts: what the measurement has to be. For "snpemu measure", too. */
bool launch_predict(struct vm *vm)
{
	enum snp_fw_status status = predict(vm, vm->predicted);

	if (status)
		finish(vm, EXIT_EMULATOR, "cannot be measured: %s", snp_fw_status_name(status));
	return !status;
}

static enum snp_fw_status update_and_finish(struct vm *vm)
{
	struct range r[RANGES_MAX];
	size_t n = list_ranges(&vm->memory.image, r);
	enum snp_fw_status status = SNP_FW_SUCCESS;

	for (size_t i = 0; !status && i < n; i++)
		status = snp_sp_launch_update(vm->sp, r[i].type, r[i].gpa,
					      vm->memory.ram + r[i].from, range_size(&r[i]));
	snp_sp_launch_digest(vm->sp, vm->launch_digest);
	return status ? status : snp_sp_launch_finish(vm->sp);
}

/* Measure what is in memory now, and finish the launch. */
bool launch_measure(struct vm *vm)
{
	char found[2 * SNP_DIGEST_SIZE + 1], expected[sizeof(found)];
	enum snp_fw_status status = update_and_finish(vm);

	hex(found, vm->launch_digest, SNP_DIGEST_SIZE);
	hex(expected, vm->predicted, SNP_DIGEST_SIZE);
	if (memcmp(vm->launch_digest, vm->predicted, SNP_DIGEST_SIZE)) {
		finish(vm, EXIT_EMULATOR,
		       "the launch digest is %s, expected %s: QEMU or its firmware has changed "
		       "what was loaded",
		       found, expected);
		return false;
	}
	if (status) {
		finish(vm, EXIT_EMULATOR, "the AMD-SP refuses the launch: %s: %s",
		       snp_fw_status_name(status), snp_sp_reason(vm->sp));
		return false;
	}
	if (vm->opt->verbose)
		fprintf(stderr, "snpemu: launch digest %s\n", found);
	vm->launched = true;
	return true;
}
