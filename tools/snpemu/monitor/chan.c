// SPDX-License-Identifier: GPL-2.0-or-later
/* The mailbox to the host process: one slot per CPU, see ../abi.h. */
#include "monitor.h"
#include <stdarg.h>

static struct snpemu_slot *slot_of(const struct vcpu *v)
{
	return (void *)(SNPEMU_SLOTS_GPA + (v ? v->id : 0) * SNPEMU_SLOT_SIZE);
}

static void ring(const struct vcpu *v, struct snpemu_slot *s)
{
	__atomic_store_n(&s->state, SNPEMU_SLOT_REQUEST, __ATOMIC_RELEASE);
	outb(SNPEMU_PORT_DOORBELL, (u8)(v ? v->id : 0));
}

/*
 * Ask the host to do op and wait for its answer, without the exit lock: other
 * CPUs go on, and may change the state of any page meanwhile.  The caller reads
 * the answer from the slot and hands the slot back with chan_done().
 */
struct snpemu_slot *chan_call(struct vcpu *v, u32 op, const u64 arg[4], const void *in, u32 len)
{
	struct snpemu_slot *s = slot_of(v);

	if (s->state != SNPEMU_SLOT_IDLE || len > SNPEMU_SLOT_DATA)
		stop(v, SNPEMU_STOP_MONITOR, "mailbox slot %u: state %u, request of %u bytes",
		     v->id, s->state, len);
	s->op = op;
	s->in_len = len;
	s->out_len = 0;
	memcpy(s->arg, arg, sizeof(s->arg));
	s->ret[0] = s->ret[1] = 0;
	memcpy(s->data, in, len);
	ring(v, s);
	exit_unlock(v);
	while (__atomic_load_n(&s->state, __ATOMIC_ACQUIRE) != SNPEMU_SLOT_DONE)
		pause();
	exit_lock();
	if (s->out_len > SNPEMU_SLOT_DATA)
		stop(v, SNPEMU_STOP_MONITOR, "host answers op %u with %u bytes, more than a slot",
		     op, s->out_len);
	return s;
}

void chan_done(struct snpemu_slot *s)
{
	u32 used = s->in_len > s->out_len ? s->in_len : s->out_len;

	/* Requests and answers hold what the guest unsealed. */
	memset(s->data, 0, used < SNPEMU_SLOT_DATA ? used : SNPEMU_SLOT_DATA);
	__atomic_store_n(&s->state, SNPEMU_SLOT_IDLE, __ATOMIC_RELEASE);
}

/*
 * The guest cannot go on: tell the person and the host why.  The exit lock is
 * kept, so the other CPUs stand still from their next exit on.  v is NULL
 * before there is a guest.
 */
_Noreturn void stop(const struct vcpu *v, enum snpemu_stop why, const char *format, ...)
{
	struct snpemu_slot *s = slot_of(v);
	char sentence[320];
	va_list ap;
	u32 n;

	va_start(ap, format);
	n = format_line(sentence, sizeof(sentence), format, ap);
	va_end(ap);
	memset(s, 0, sizeof(*s));
	s->op = SNPEMU_OP_STOP;
	s->in_len = n;
	s->arg[0] = why;
	s->arg[1] = v ? v->vmcb->rip : 0;
	memcpy(s->data, sentence, n);
	ring(v, s);
	for (;;)
		asm volatile("cli; hlt");
}
