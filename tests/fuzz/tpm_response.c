// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzz target: what a TPM sends before there is a guest. The input is what comes
 * of each read: a length byte, then so many bytes; at its end the TPM is gone.
 */
#include <poll.h>
#include <sys/socket.h>

#include "../../tools/common/cursor.h"

static struct cur input;

static ssize_t input_recv(void *to, size_t size)
{
	size_t n = cur_get_u8(&input);

	if (n > size)
		n = size;
	if (n > cur_remaining(&input))
		n = cur_remaining(&input);
	cur_get_bytes(&input, to, n);
	return (ssize_t)n;
}

#define recv(fd, to, size, flags)  ((void)(fd), input_recv(to, size))
#define send(fd, data, len, flags) ((void)(fd), (void)(data), (ssize_t)(len))
#define poll(fds, n, timeout)	   ((fds)->revents = POLLIN, (int)(n))

#include "../../tools/snpemu/tpm.c"
#include "require.h"

/* The rest of snpemu, of which nothing is needed here */
void finish(struct vm *vm, int status, const char *format, ...)
{
	(void)vm;
	(void)status;
	(void)format;
}

void slot_answer(struct vm *vm, unsigned int i, uint64_t ret0, uint64_t ret1, const void *data,
		 size_t len)
{
	(void)vm;
	(void)i;
	(void)ret0;
	(void)ret1;
	(void)data;
	(void)len;
}

struct snpemu_slot *slot_at(struct vm *vm, unsigned int i)
{
	(void)vm;
	(void)i;
	return NULL;
}

const struct fault *fault_strike(struct vm *vm, enum fault_point point, uint32_t command,
				 enum fault_id *id)
{
	(void)vm;
	(void)point;
	(void)command;
	*id = FAULT_NONE;
	return NULL;
}

pid_t child_fork(void)
{
	return -1;
}

int child_end(pid_t pid, bool asked)
{
	(void)pid;
	return asked;
}

uint64_t now_ms(void)
{
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tpm t;
	const char *why;

	memset(&t, 0, sizeof(t));
	input = cur_reader(data, size);
	why = make_manifest(&t);
	REQUIRE(t.got <= sizeof(t.response));
	REQUIRE(why || (t.manifest_len && t.manifest_len <= sizeof(t.manifest)));
	return 0;
}
