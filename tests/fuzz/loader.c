// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzz target: what snpemu loads into the guest's memory. The first byte says
 * whether the rest is a kernel or a monitor.
 */
#include <stdarg.h>
#include <sys/mman.h>

#include "../../tools/snpemu/linux.c"
#include "../../tools/snpemu/memory.c"
#include "require.h"

#define MEMORY (512ULL << 20)

static char reason[256];

void finish(struct vm *vm, int status, const char *format, ...)
{
	va_list ap;

	(void)vm;
	REQUIRE(status == EXIT_EMULATOR);
	va_start(ap, format);
	vsnprintf(reason, sizeof(reason), format, ap);
	va_end(ap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct options opt = {
		.kernel = "kernel", .monitor = "monitor", .append = "quiet", .memory = MEMORY
	};
	static struct vm vm = { .opt = &opt };
	struct file file = { data + 1, size - 1 }, none = { 0 };
	struct image *image = &vm.memory.image;
	bool kernel, ok;

	if (size < 2)
		return 0;
	if (!vm.memory.ram) {
		vm.memory.ram = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		REQUIRE(vm.memory.ram != MAP_FAILED);
	}
	reason[0] = '\0';
	kernel = data[0] & 1;
	ok = kernel ? linux_load(&vm, &file, &none) : load_monitor(&vm, &file);
	REQUIRE(ok == !reason[0]);
	if (!ok)
		return 0;
	if (kernel)
		REQUIRE(image->kernel_end > SNPEMU_KERNEL_GPA &&
			image->kernel_end <= SNPEMU_CC_BLOB_GPA &&
			image->initrd_end == SNPEMU_INITRD_GPA);
	else
		REQUIRE(image->monitor_ro_end >= SNPEMU_MON_GPA &&
			image->monitor_ro_end <= SNPEMU_MON_GPA + SNPEMU_MON_IMAGE_MAX);
	return 0;
}
