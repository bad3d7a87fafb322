// SPDX-License-Identifier: GPL-2.0-or-later
/* The QEMU child: its command line, what it says by QMP, its end. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "snpemu.h"

#define ARGS_MAX 128
/* Without what TCG lacks in some version: it would warn, and differ between versions. */
#define QEMU_CPU                                                                              \
	"EPYC,+svm,+npt,-x2apic,-rdseed,-sha-ni,-fxsr-opt,-misalignsse,-3dnowprefetch,-osvw," \
	"-topoext,-nrip-save,-xsavec"

struct args {
	char *v[ARGS_MAX + 1];
	int n;
	int fds[8], n_fds; /* for the child to keep */
	bool failed;
};

static void arg(struct args *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void arg(struct args *a, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	if (a->n == ARGS_MAX || vasprintf(&a->v[a->n], format, ap) < 0)
		a->failed = true;
	else
		a->n++;
	va_end(ap);
}

/* KEY=PATH in a list of options, where a comma ends a value unless it is doubled */
static void arg_path(struct args *a, const char *before, const char *path)
{
	size_t n = strlen(path);
	char *doubled = malloc(2 * n + 1), *p = doubled;

	if (!doubled) {
		a->failed = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (path[i] == ',')
			*p++ = ',';
		*p++ = path[i];
	}
	*p = 0;
	arg(a, "%s%s", before, doubled);
	free(doubled);
}

/* Both ends of a socket: ours in *mine, the other one's number returned. */
static int socket_for(struct args *a, int *mine)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		a->failed = true;
		return -1;
	}
	*mine = pair[0];
	a->fds[a->n_fds++] = pair[1];
	return pair[1];
}

/* A port to which bytes can be written, which come out of our end of a socket */
static void port_args(struct args *a, const char *name, unsigned int port, int *mine)
{
	arg(a, "-chardev");
	arg(a, "socket,id=%s,fd=%d", name, socket_for(a, mine));
	arg(a, "-device");
	arg(a, "isa-debugcon,iobase=%#x,chardev=%s", port, name);
}

static void machine_args(struct vm *vm, struct args *a)
{
	const struct options *o = vm->opt;

	arg(a, "%s", o->qemu);
	arg(a, "-nodefaults");
	arg(a, "-no-user-config");
	arg(a, "-no-reboot");
	arg(a, "-display");
	arg(a, "none");
	arg(a, "-accel");
	/*
	 * With a thread for each CPU TCG mixes up nested and plain paging once in
	 * a while (seen on 7.2: the monitor's own code was walked through the
	 * guest's nested tables). One thread for all is hardly slower here.
	 */
	arg(a, "tcg,thread=single");
	arg(a, "-cpu");
	arg(a, "%s", QEMU_CPU);
	arg(a, "-smp");
	arg(a, "%u", o->smp);
	arg(a, "-m");
	arg(a, "%lluM", (unsigned long long)(o->memory >> 20));
	if (o->count) {
		arg(a, "-icount");
		arg(a, "shift=0,sleep=off");
	}
	arg(a, "-chardev");
	arg(a, "socket,id=qmp,fd=%d", socket_for(a, &vm->qmp_fd));
	arg(a, "-mon");
	arg(a, "chardev=qmp,mode=control");
	arg(a, "-chardev");
	arg(a, "stdio,id=console,signal=%s", o->interactive ? "on" : "off");
	arg(a, "-serial");
	arg(a, "chardev:console");
	if (o->serial) {
		arg(a, "-chardev");
		if (!strncmp(o->serial, SERIAL_PIPE, strlen(SERIAL_PIPE)))
			arg_path(a, "pipe,id=serial,path=", o->serial + strlen(SERIAL_PIPE));
		else
			arg_path(a, "file,id=serial,path=", o->serial);
		arg(a, "-serial");
		arg(a, "chardev:serial");
	}
	if (o->disk) {
		arg(a, "-drive");
		arg_path(a, "format=raw,if=none,id=disk,readonly=on,file=", o->disk);
		arg(a, "-device");
		/* a confidential guest takes only devices that respect the IOMMU API */
		arg(a, "virtio-blk-pci,drive=disk,disable-legacy=on,iommu_platform=on");
	}
}

static void monitor_args(struct vm *vm, struct args *a)
{
	arg(a, "-machine");
	arg(a, "pc,smm=off,memory-backend=ram");
	arg(a, "-object");
	arg(a, "memory-backend-file,id=ram,size=%llu,mem-path=/proc/self/fd/%d,share=on",
	    (unsigned long long)vm->memory.size, vm->memory.fd);
	arg(a, "-kernel");
	arg(a, "%s", vm->opt->monitor);
	port_args(a, "log", SNPEMU_PORT_LOG, &vm->log_fd);
	port_args(a, "doorbell", SNPEMU_PORT_DOORBELL, &vm->doorbell_fd);
}

/* The same machine without the monitor, to compare with */
static void plain_args(struct vm *vm, struct args *a, int tpm_ctrl)
{
	arg(a, "-machine");
	arg(a, "pc,smm=off");
	arg(a, "-kernel");
	arg(a, "%s", vm->opt->kernel);
	if (vm->opt->initrd) {
		arg(a, "-initrd");
		arg(a, "%s", vm->opt->initrd);
	}
	arg(a, "-append");
	arg(a, "%s", vm->opt->append);
	port_args(a, "status", SNPEMU_PORT_STATUS, &vm->status_fd);
	if (tpm_ctrl >= 0) {
		a->fds[a->n_fds++] = tpm_ctrl;
		arg(a, "-chardev");
		arg(a, "socket,id=tpm,fd=%d", tpm_ctrl);
		arg(a, "-tpmdev");
		arg(a, "emulator,id=tpm0,chardev=tpm");
		arg(a, "-device");
		arg(a, "tpm-crb,tpmdev=tpm0");
	}
}

static _Noreturn void exec_qemu(const struct vm *vm, const struct args *a)
{
	int null = vm->opt->interactive ? -1 : open("/dev/null", O_RDONLY);

	if (null >= 0)
		dup2(null, STDIN_FILENO);
	for (int i = 0; i < a->n_fds; i++)
		fcntl(a->fds[i], F_SETFD, 0);
	if (vm->memory.fd >= 0)
		fcntl(vm->memory.fd, F_SETFD, 0);
	execvp(a->v[0], a->v);
	fprintf(stderr, "snpemu: %s: %s\n", a->v[0], strerror(errno));
	_exit(127);
}

static void say_command(const struct args *a)
{
	fprintf(stderr, "snpemu: starts");
	for (int i = 0; i < a->n; i++)
		fprintf(stderr, strpbrk(a->v[i], " \t") ? " '%s'" : " %s", a->v[i]);
	fputc('\n', stderr);
}

bool qemu_start(struct vm *vm)
{
	struct args a = { .n = 0 };
	int tpm_ctrl = -1, swtpm_ctrl = -1;

	if (vm->opt->plain && !strcmp(vm->opt->tpm, "swtpm")) {
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
			finish(vm, EXIT_EMULATOR, "swtpm: %s", strerror(errno));
			return false;
		}
		tpm_ctrl = pair[0];
		swtpm_ctrl = pair[1];
		if (!tpm_start(vm, swtpm_ctrl))
			return false;
	}
	machine_args(vm, &a);
	if (vm->opt->plain)
		plain_args(vm, &a, tpm_ctrl);
	else
		monitor_args(vm, &a);
	for (char **more = vm->opt->qemu_args; more && *more; more++)
		arg(&a, "%s", *more);
	if (vm->opt->verbose)
		say_command(&a);
	vm->qemu = a.failed ? -1 : child_fork();
	if (vm->qemu == 0)
		exec_qemu(vm, &a);
	for (int i = 0; i < a.n; i++)
		free(a.v[i]);
	for (int i = 0; i < a.n_fds; i++)
		close(a.fds[i]);
	if (swtpm_ctrl >= 0)
		close(swtpm_ctrl);
	if (vm->qemu < 0)
		finish(vm, EXIT_EMULATOR, "QEMU cannot be started: %s", strerror(errno));
	return vm->qemu > 0;
}

static bool qmp_send(struct vm *vm, const char *command)
{
	return send(vm->qmp_fd, command, strlen(command), MSG_NOSIGNAL) >= 0;
}

void qemu_end(struct vm *vm)
{
	if (vm->qemu <= 0 || vm->qemu_gone)
		return;
	vm->qemu_status =
		child_end(vm->qemu, vm->qmp_fd >= 0 && qmp_send(vm, "{\"execute\":\"quit\"}\n"));
	vm->qemu_gone = true;
}

static void on_event(struct vm *vm, const json_t *message)
{
	const char *event = json_string_value(json_object_get(message, "event"));
	const char *reason =
		json_string_value(json_object_get(json_object_get(message, "data"), "reason"));

	if (event && !strcmp(event, "SUSPEND"))
		finish(vm, EXIT_GUEST_DIED, "the guest sleeps (S3), and nothing wakes it here");
	if (!event || strcmp(event, "SHUTDOWN") || !reason)
		return;
	if (!strcmp(reason, "guest-shutdown"))
		vm->ended = ENDED_POWER_OFF;
	else if (!strcmp(reason, "guest-reset"))
		vm->ended = ENDED_RESET;
	else
		vm->ended = ENDED_OTHER;
}

static void on_message(struct vm *vm, const char *line)
{
	json_t *message = json_loads(line, 0, NULL);

	if (json_object_get(message, "QMP") &&
	    !qmp_send(vm, "{\"execute\":\"qmp_capabilities\"}\n"))
		finish(vm, EXIT_EMULATOR, "QEMU takes no QMP command: %s", strerror(errno));
	on_event(vm, message);
	json_decref(message);
}

/*
 * QMP is a line for each message; a longer one than the buffer is not for us.
 * False: there is nothing, now or any more.
 */
bool qemu_qmp_readable(struct vm *vm)
{
	static char line[4096];
	static size_t used;
	ssize_t n = recv(vm->qmp_fd, line + used, sizeof(line) - 1 - used, MSG_DONTWAIT);
	char *end;

	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			close(vm->qmp_fd);
			vm->qmp_fd = -1;
		}
		return false;
	}
	used += (size_t)n;
	line[used] = 0;
	while ((end = strchr(line, '\n'))) {
		*end = 0;
		on_message(vm, line);
		used -= (size_t)(end + 1 - line);
		memmove(line, end + 1, used + 1);
	}
	if (used == sizeof(line) - 1)
		used = 0;
	return true;
}
