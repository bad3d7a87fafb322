// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests of the monitor, one mailbox slot per CPU: see abi.h. */
#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>

#include "snpemu.h"

/* In SW_EXITINFO2 (GHCB, "SNP Guest Request") */
#define VMM_ERR_INVALID_LEN (1ULL << 32)
#define VMM_ERR_BUSY	    (2ULL << 32)

struct snpemu_slot *slot_at(struct vm *vm, unsigned int i)
{
	return (void *)(vm->memory.ram + SNPEMU_SLOTS_GPA + i * SNPEMU_SLOT_SIZE);
}

void slot_answer(struct vm *vm, unsigned int i, uint64_t ret0, uint64_t ret1, const void *data,
		 size_t len)
{
	struct snpemu_slot *s = slot_at(vm, i);

	vm->pending &= ~(1U << i);
	if (len)
		memcpy(s->data, data, len);
	s->out_len = (uint32_t)len;
	s->ret[0] = ret0;
	s->ret[1] = ret1;
	__atomic_store_n(&s->state, SNPEMU_SLOT_DONE, __ATOMIC_RELEASE);
}

static void on_launch(struct vm *vm, unsigned int i, const struct snpemu_slot *s)
{
	if (s->arg[0] != SNPEMU_MON_GPA || s->arg[1] != vm->memory.image.monitor_ro_end) {
		finish(vm, EXIT_EMULATOR, "the monitor's image ends at %#llx, not at %#llx",
		       (unsigned long long)s->arg[1],
		       (unsigned long long)vm->memory.image.monitor_ro_end);
		return;
	}
	if (launch_measure(vm))
		slot_answer(vm, i, 0, 0, NULL, 0);
}

/* Guest messages: the request page in, the response page and certificates out */
static void on_guest_request(struct vm *vm, unsigned int i, const struct snpemu_slot *s,
			     uint32_t in_len)
{
	static uint8_t out[SNPEMU_SLOT_DATA];
	uint64_t room = s->arg[1];
	size_t certs = s->arg[0] ? snp_sp_cert_table(vm->sp, NULL, 0) : 0, len = SNP_PAGE_SIZE;
	enum snp_fw_status status;
	enum fault_id id;
	const struct fault *f = fault_strike(vm, FAULT_GUEST_REQUEST, 0, &id);

	if (in_len != SNP_PAGE_SIZE || certs > sizeof(out) - SNP_PAGE_SIZE) {
		finish(vm, EXIT_EMULATOR, "a guest request of %u bytes", in_len);
		return;
	}
	if (f) {
		slot_answer(vm, i, id == FAULT_GUEST_REQUEST_BUSY ? VMM_ERR_BUSY : f->code, 0, NULL,
			    0);
		return;
	}
	if (certs > room) {
		slot_answer(vm, i, VMM_ERR_INVALID_LEN, (certs + SNP_PAGE_SIZE - 1) / SNP_PAGE_SIZE,
			    NULL, 0);
		return;
	}
	status = snp_sp_guest_request(vm->sp, s->data, out);
	if (certs)
		len += snp_sp_cert_table(vm->sp, out + SNP_PAGE_SIZE, sizeof(out) - SNP_PAGE_SIZE);
	slot_answer(vm, i, status, 0, out, len);
	OPENSSL_cleanse(out, SNP_PAGE_SIZE);
}

static void on_stop(struct vm *vm, const struct snpemu_slot *s, uint32_t in_len)
{
	uint64_t why = s->arg[0];
	int len = in_len < 512 ? (int)in_len : 512;
	int exit_code = why == SNPEMU_STOP_MONITOR ? EXIT_EMULATOR : EXIT_GUEST_DIED;
	static const char *const names[] = {
		[SNPEMU_STOP_VIOLATION] = "page state violation",
		[SNPEMU_STOP_TERMINATE] = "termination by the guest",
		[SNPEMU_STOP_TRIPLE_FAULT] = "triple fault",
		[SNPEMU_STOP_UNKNOWN_EXIT] = "unhandled exit",
		[SNPEMU_STOP_PROTOCOL] = "protocol error",
		[SNPEMU_STOP_MONITOR] = "the monitor",
	};
	const char *name = why < sizeof(names) / sizeof(names[0]) && names[why] ? names[why]
										: "no known reason";

	finish(vm, exit_code, "%s: %.*s", name, len, (const char *)s->data);
}

/*
 * The monitor has rung for slot i. Its length is read once: the memory is
 * shared, and what was checked is what is used.
 */
void slot_ring(struct vm *vm, unsigned int i)
{
	struct snpemu_slot *s = i < vm->opt->smp ? slot_at(vm, i) : NULL;
	uint32_t in_len = 0;

	if (s && __atomic_load_n(&s->state, __ATOMIC_ACQUIRE) == SNPEMU_SLOT_REQUEST)
		in_len = __atomic_load_n(&s->in_len, __ATOMIC_RELAXED);
	else
		s = NULL;
	if (!s || in_len > SNPEMU_SLOT_DATA || vm->pending & 1U << i) {
		finish(vm, EXIT_EMULATOR,
		       "the monitor rings for slot %u, where there is no new request", i);
		return;
	}
	vm->pending |= 1U << i;
	switch (s->op) {
	case SNPEMU_OP_LAUNCH:
		on_launch(vm, i, s);
		break;
	case SNPEMU_OP_VTPM:
		tpm_request(vm, i, s->data, in_len);
		break;
	case SNPEMU_OP_GUEST_REQUEST:
		on_guest_request(vm, i, s, in_len);
		break;
	case SNPEMU_OP_ATTEST:
		attest_request(vm, i, s->data, in_len, s->arg);
		break;
	case SNPEMU_OP_STATUS:
		vm->status = (uint8_t)s->arg[0];
		vm->has_status = true;
		slot_answer(vm, i, 0, 0, NULL, 0);
		break;
	case SNPEMU_OP_STOP:
		on_stop(vm, s, in_len);
		break;
	default:
		finish(vm, EXIT_EMULATOR, "the monitor asks for operation %u, which is unknown",
		       s->op);
	}
}
