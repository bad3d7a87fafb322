// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ticks: what an instruction that the emulator intercepts costs by the guest's
 * clock, where that counts instructions: one. Prints the least of 1000 tries.
 */
#include <stdint.h>
#include <stdio.h>

/* Two readings in a row, with CPUID or NOP and nothing else in between */
#define TICKS(instruction)                                            \
	__asm__ volatile("rdtsc\n\tmovl %%eax, %%esi\n\t" instruction \
			 "\n\trdtsc\n\tsubl %%esi, %%eax"             \
			 : "=&a"(ticks)                               \
			 :                                            \
			 : "ebx", "ecx", "edx", "esi")

int main(void)
{
	uint32_t ticks, nop = UINT32_MAX, cpuid = UINT32_MAX;

	for (int i = 0; i < 1000; i++) {
		TICKS("nop");
		nop = ticks < nop ? ticks : nop;
		TICKS("cpuid");
		cpuid = ticks < cpuid ? ticks : cpuid;
	}
	printf("ticks of NOP %u, of CPUID %u\n", nop, cpuid);
	return nop != cpuid;
}
