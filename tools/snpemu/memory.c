// SPDX-License-Identifier: GPL-2.0-or-later
/* The guest's RAM, shared with QEMU, and what an SNP launch puts into it. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/cursor.h"
#include "snpemu.h"

bool file_map(struct vm *vm, const char *path, struct file *file)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) || !st.st_size) {
		finish(vm, EXIT_EMULATOR, "%s: %s", path,
		       fd < 0 ? strerror(errno) : "not a file with content");
		if (fd >= 0)
			close(fd);
		return false;
	}
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (p == MAP_FAILED) {
		finish(vm, EXIT_EMULATOR, "%s: cannot be mapped: %s", path, strerror(errno));
		return false;
	}
	*file = (struct file){ p, (size_t)st.st_size };
	return true;
}

void file_unmap(struct file *file)
{
	if (file->data)
		munmap((void *)file->data, file->size);
	*file = (struct file){ 0 };
}

/* The monitor's first segment is its read-only image; QEMU loads the others. */
static bool load_monitor(struct vm *vm, const struct file *elf)
{
	struct memory *m = &vm->memory;
	Elf32_Ehdr header;
	Elf32_Phdr ro;
	struct cur c = cur_reader(elf->data, elf->size);
	const uint8_t *bytes;

	cur_get_bytes(&c, &header, sizeof(header));
	if (c.failed || memcmp(header.e_ident, ELFMAG, SELFMAG) ||
	    header.e_ident[EI_CLASS] != ELFCLASS32 || !header.e_phnum || header.e_phoff > elf->size)
		goto bad;
	c = cur_reader(elf->data + header.e_phoff, elf->size - header.e_phoff);
	cur_get_bytes(&c, &ro, sizeof(ro));
	if (c.failed || ro.p_type != PT_LOAD || ro.p_vaddr != SNPEMU_MON_GPA ||
	    ro.p_filesz > SNPEMU_MON_IMAGE_MAX || ro.p_offset > elf->size)
		goto bad;
	c = cur_reader(elf->data + ro.p_offset, elf->size - ro.p_offset);
	bytes = cur_take(&c, ro.p_filesz);
	if (!bytes)
		goto bad;
	memcpy(m->ram + SNPEMU_MON_GPA, bytes, ro.p_filesz);
	m->image.monitor_ro_end =
		(SNPEMU_MON_GPA + ro.p_filesz + SNP_PAGE_SIZE - 1) & ~(uint64_t)(SNP_PAGE_SIZE - 1);
	return true;
bad:
	finish(vm, EXIT_EMULATOR, "%s: not snpemu's monitor", vm->opt->monitor);
	return false;
}

static void put_config(struct vm *vm)
{
	const struct image *image = &vm->memory.image;
	struct snpemu_config config = {
		.magic = SNPEMU_MAGIC,
		.version = SNPEMU_ABI_VERSION,
		.size = sizeof(config),
		.flags = vm->opt->flags,
		.memory = vm->opt->memory,
		.smp = vm->opt->smp,
		.vmpl = vm->opt->vmpl,
		.cbit = SNPEMU_CBIT,
	};

	if (image->initrd_end > SNPEMU_INITRD_GPA) {
		config.initrd_gpa = SNPEMU_INITRD_GPA;
		config.initrd_size = image->initrd_end - SNPEMU_INITRD_GPA;
	}
	memcpy(vm->memory.ram + SNPEMU_CONFIG_GPA, &config, sizeof(config));
}

static bool allocate(struct vm *vm)
{
	struct memory *m = &vm->memory;

	m->size = vm->opt->memory;
	/* QEMU alone inherits it (qemu.c), and opens it as /proc/self/fd/N */
	m->fd = memfd_create("snpemu-ram", MFD_CLOEXEC);
	if (m->fd < 0 || ftruncate(m->fd, (off_t)m->size)) {
		finish(vm, EXIT_EMULATOR, "no memory for the guest: %s", strerror(errno));
		return false;
	}
	m->ram = mmap(NULL, m->size, PROT_READ | PROT_WRITE, MAP_SHARED, m->fd, 0);
	if (m->ram == MAP_FAILED) {
		m->ram = NULL;
		finish(vm, EXIT_EMULATOR, "no memory for the guest: %s", strerror(errno));
		return false;
	}
	return true;
}

int memory_build(struct vm *vm)
{
	struct file kernel = { 0 }, initrd = { 0 }, monitor = { 0 };
	bool ok;

	vm->memory.fd = -1;
	ok = allocate(vm) && file_map(vm, vm->opt->kernel, &kernel) &&
	     (!vm->opt->initrd || file_map(vm, vm->opt->initrd, &initrd)) &&
	     file_map(vm, vm->opt->monitor, &monitor) && linux_load(vm, &kernel, &initrd) &&
	     load_monitor(vm, &monitor);
	if (ok)
		put_config(vm);
	file_unmap(&kernel);
	file_unmap(&initrd);
	file_unmap(&monitor);
	return ok ? 0 : -1;
}

void memory_free(struct vm *vm)
{
	if (vm->memory.ram)
		munmap(vm->memory.ram, vm->memory.size);
	if (vm->memory.fd >= 0)
		close(vm->memory.fd);
	vm->memory.ram = NULL;
	vm->memory.fd = -1;
}
