// SPDX-License-Identifier: GPL-2.0-or-later
/* One thread that waits for everything: monitor, TPM, QEMU, signals, time. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "snpemu.h"

#define LOG_PREFIX "snpemu: monitor: "

/* The monitor's log, line by line */
static void log_bytes(struct vm *vm, const char *data, size_t len)
{
	static bool inside;

	for (size_t i = 0; i < len; i++) {
		if (!inside && !vm->opt->log)
			dprintf(vm->log_to, LOG_PREFIX);
		size_t n = strcspn(data + i, "\n");

		if (i + n > len)
			n = len - i;
		inside = i + n == len;
		dprintf(vm->log_to, "%.*s%s", (int)n, data + i, inside ? "" : "\n");
		i += n;
	}
}

/* False: there is nothing, now or any more. */
static bool read_port(struct vm *vm, int *fd, void (*take)(struct vm *, const char *, size_t))
{
	char data[4097];
	ssize_t n = recv(*fd, data, sizeof(data) - 1, MSG_DONTWAIT);

	if (n > 0) {
		data[n] = 0;
		take(vm, data, (size_t)n);
		return true;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(*fd);
		*fd = -1;
	}
	return false;
}

static void doorbell_bytes(struct vm *vm, const char *data, size_t len)
{
	for (size_t i = 0; i < len && !vm->stop; i++)
		slot_ring(vm, (unsigned char)data[i]);
}

static void status_bytes(struct vm *vm, const char *data, size_t len)
{
	vm->status = (uint8_t)data[len - 1];
	vm->has_status = true;
}

static void on_signal(struct vm *vm, int fd)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGCHLD) {
		if (waitpid(vm->qemu, &vm->qemu_status, WNOHANG) == vm->qemu)
			vm->qemu_gone = true;
		return;
	}
	finish(vm, 128 + (int)info.ssi_signo, "signal %u", info.ssi_signo);
}

/* QEMU is gone: what it still had to say, then what that means. */
static void conclude(struct vm *vm)
{
	while (vm->log_fd >= 0 && read_port(vm, &vm->log_fd, log_bytes))
		;
	while (vm->doorbell_fd >= 0 && read_port(vm, &vm->doorbell_fd, doorbell_bytes))
		;
	while (vm->status_fd >= 0 && read_port(vm, &vm->status_fd, status_bytes))
		;
	while (vm->qmp_fd >= 0 && qemu_qmp_readable(vm))
		;
	if (vm->ended == ENDED_POWER_OFF)
		finish(vm, vm->status > EXIT_GUEST_MAX ? EXIT_GUEST_MAX : vm->status,
		       "the guest has powered off");
	else if (vm->ended == ENDED_RESET)
		finish(vm, EXIT_GUEST_DIED,
		       "the guest has reset the machine: a panic, or a reboot; see its console");
	else if (WIFSIGNALED(vm->qemu_status))
		finish(vm, EXIT_EMULATOR, "QEMU was ended by signal %d", WTERMSIG(vm->qemu_status));
	else
		finish(vm, EXIT_EMULATOR, "QEMU has ended with status %d; see its message above",
		       WEXITSTATUS(vm->qemu_status));
}

static void wait_for(struct pollfd *p, nfds_t *n, int fd)
{
	if (fd >= 0)
		p[(*n)++] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

static void dispatch(struct vm *vm, int fd, int signals)
{
	if (fd == signals)
		on_signal(vm, fd);
	else if (fd == vm->doorbell_fd)
		read_port(vm, &vm->doorbell_fd, doorbell_bytes);
	else if (fd == vm->log_fd)
		read_port(vm, &vm->log_fd, log_bytes);
	else if (fd == vm->status_fd)
		read_port(vm, &vm->status_fd, status_bytes);
	else if (fd == vm->qmp_fd)
		qemu_qmp_readable(vm);
	else if (fd == tpm_fd(vm))
		tpm_readable(vm);
}

static int time_left(const struct vm *vm)
{
	uint64_t used = now_ms() - vm->started_ms, all = (uint64_t)vm->opt->timeout * 1000;

	if (!all)
		return -1;
	return used < all ? (int)(all - used) : 0;
}

static void run(struct vm *vm, int signals)
{
	while (!vm->stop && !vm->qemu_gone) {
		struct pollfd p[8];
		nfds_t n = 0;
		int ready;

		wait_for(p, &n, signals);
		wait_for(p, &n, vm->doorbell_fd);
		wait_for(p, &n, vm->log_fd);
		wait_for(p, &n, vm->status_fd);
		wait_for(p, &n, vm->qmp_fd);
		wait_for(p, &n, tpm_fd(vm));
		ready = poll(p, n, time_left(vm));
		if (ready == 0)
			finish(vm, EXIT_TIMEOUT, "the guest still ran after %u s",
			       vm->opt->timeout);
		for (nfds_t i = 0; ready > 0 && i < n && !vm->stop; i++)
			if (p[i].revents)
				dispatch(vm, p[i].fd, signals);
	}
	if (vm->qemu_gone)
		conclude(vm);
}

/* Until the guest has ended. Signals are blocked already (main.c). */
bool loop_run(struct vm *vm)
{
	sigset_t set;
	int signals;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGCHLD);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (signals < 0) {
		finish(vm, EXIT_EMULATOR, "signals: %s", strerror(errno));
		return false;
	}
	run(vm, signals);
	close(signals);
	return true;
}
