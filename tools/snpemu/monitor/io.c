// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * I/O ports.  The machine's are the guest's, but for the log, the doorbell and
 * the exit status; with SNPEMU_F_VC_IO all accesses come here through the GHCB.
 */
#include "monitor.h"

static bool hidden(u32 port)
{
	return port == SNPEMU_PORT_LOG || port == SNPEMU_PORT_DOORBELL ||
	       port == SNPEMU_PORT_STATUS;
}

void io_init(u8 *iopm)
{
	if (flag(SNPEMU_F_VC_IO)) {
		memset(iopm, 0xff, 3 * PAGE_SIZE);
		return;
	}
	for (u32 port = 0; port < 0x10000; port++)
		if (hidden(port))
			iopm[port / 8] |= (u8)BIT(port % 8);
}

static bool any_hidden(u16 port, u32 size)
{
	for (u32 i = 0; i < size; i++)
		if (hidden((u32)port + i))
			return true;
	return false;
}

u32 io_in(u16 port, u32 size)
{
	u32 value = 0;

	if (any_hidden(port, size)) {
		for (u32 i = 0; i < size; i++)
			value |= (u32)(hidden((u32)port + i) ? 0xff : inb((u16)(port + i)))
				 << 8 * i;
		return value;
	}
	if (size == 1)
		asm volatile("inb %w1, %b0" : "+a"(value) : "Nd"(port) : "memory");
	else if (size == 2)
		asm volatile("inw %w1, %w0" : "+a"(value) : "Nd"(port) : "memory");
	else
		asm volatile("inl %w1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static void exit_status(struct vcpu *v, u8 status)
{
	const u64 arg[4] = { status };

	chan_done(chan_call(v, SNPEMU_OP_STATUS, arg, NULL, 0));
}

void io_out(struct vcpu *v, u16 port, u32 size, u32 value)
{
	if (any_hidden(port, size)) {
		for (u32 i = 0; i < size; i++) {
			if (port + i == SNPEMU_PORT_STATUS)
				exit_status(v, (u8)(value >> 8 * i));
			else if (!hidden((u32)port + i))
				outb((u16)(port + i), (u8)(value >> 8 * i));
		}
		return;
	}
	if (size == 1)
		outb(port, (u8)value);
	else if (size == 2)
		asm volatile("outw %w0, %w1" ::"a"(value), "Nd"(port) : "memory");
	else
		asm volatile("outl %0, %w1" ::"a"(value), "Nd"(port) : "memory");
}

/* EXITINFO2 is the address of the next instruction. */
void io_exit(struct vcpu *v)
{
	struct vmcb *c = v->vmcb;
	u64 info = c->exit_info_1;
	u16 port = IOIO_PORT(info);
	u32 size = IOIO_SIZE(info);

	if (flag(SNPEMU_F_VC_IO)) {
		vc_deliver(v, SVM_EXIT_IOIO);
		return;
	}
	if (info & IOIO_STRING)
		stop(v, SNPEMU_STOP_UNKNOWN_EXIT,
		     "string I/O on port %x, which is the monitor's; rip %lx", port, c->rip);
	if (!(info & IOIO_IN))
		io_out(v, port, size, (u32)c->rax);
	else if (size == 4)
		c->rax = io_in(port, size);
	else
		c->rax = (c->rax & (~0UL << 8 * size)) | io_in(port, size);
	c->rip = c->exit_info_2;
}
