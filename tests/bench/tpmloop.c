// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tpmloop COUNT: that many TPM2_GetRandom(8) through /dev/tpm0, after some to
 * warm up; prints the median of the TSC ticks that one takes, and the mean of
 * the microseconds. Under "snpemu --count" a tick is an instruction of the
 * guest's, none of them the emulator's; the median leaves out those of timer
 * interrupts, which come as often as the TPM is slow.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define WARM_UP 50

static uint64_t ticks(void)
{
	uint32_t lo, hi;

	__asm__ volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi)::"memory");
	return lo | (uint64_t)hi << 32;
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	static const uint8_t command[] = { 0x80, 0x01, 0, 0, 0, 12, 0, 0, 1, 0x7b, 0, 8 };
	long count = argc > 1 ? atol(argv[1]) : 1000;
	int fd = open("/dev/tpm0", O_RDWR);
	uint8_t response[64];
	uint64_t *cost = calloc(count > 0 ? (size_t)count : 1, sizeof(*cost));
	double u0 = 0;

	if (fd < 0 || count <= 0 || !cost) {
		perror("/dev/tpm0");
		return 1;
	}
	for (long i = -WARM_UP; i < count; i++) {
		uint64_t start;

		if (i == 0)
			u0 = now_us();
		start = ticks();
		if (write(fd, command, sizeof(command)) != sizeof(command) ||
		    read(fd, response, sizeof(response)) != 20) {
			fprintf(stderr, "command %ld failed\n", i);
			return 1;
		}
		if (i >= 0)
			cost[i] = ticks() - start;
	}
	u0 = (now_us() - u0) / (double)count;
	qsort(cost, (size_t)count, sizeof(*cost), by_size);
	printf("result %llu %.1f\n", (unsigned long long)cost[count / 2], u0);
	return 0;
}
