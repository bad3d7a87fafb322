// SPDX-License-Identifier: GPL-2.0-or-later
/* snpemu: the order of a run. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "snpemu.h"

/* Every folder on the way; the last one is private. */
static void make_dirs(const char *path)
{
	char copy[4096];

	if (!*path)
		return;
	snprintf(copy, sizeof(copy), "%s", path);
	for (char *p = strchr(copy + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = 0;
		mkdir(copy, 0777);
		*p = '/';
	}
	mkdir(copy, 0700); /* snp_sp_new() says what is wrong if it is not there */
}

/* Signals are for the loop to read; children get their own mask back. */
static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static bool open_log(struct vm *vm)
{
	vm->log_to = STDERR_FILENO;
	if (!vm->opt->log)
		return true;
	vm->log_to = open(vm->opt->log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (vm->log_to < 0)
		finish(vm, EXIT_EMULATOR, "--log %s: %s", vm->opt->log, strerror(errno));
	return vm->log_to >= 0;
}

static int measure(struct vm *vm)
{
	char text[2 * SNP_DIGEST_SIZE + 1];

	if (!memory_build(vm) && launch_predict(vm)) {
		hex(text, vm->predicted, SNP_DIGEST_SIZE);
		/* there is no launch that it could differ from */
		memcpy(vm->launch_digest, vm->predicted, SNP_DIGEST_SIZE);
		vm->launched = true;
		if (puts(text) < 0 || fflush(stdout))
			finish(vm, EXIT_EMULATOR, "the launch digest cannot be written: %s",
			       strerror(errno));
		else
			vm->exit_code = 0;
	}
	memory_free(vm);
	return result_report(vm);
}

static bool prepare(struct vm *vm)
{
	if (vm->opt->plain)
		return true;
	make_dirs(vm->opt->keys);
	if (vm->opt->certs)
		make_dirs(vm->opt->certs);
	return !memory_build(vm) && launch_prepare(vm) && launch_predict(vm) && tpm_start(vm, -1);
}

static int run(struct vm *vm)
{
	int status;

	if (open_log(vm) && prepare(vm) && qemu_start(vm))
		loop_run(vm);
	qemu_end(vm);
	tpm_end(vm);
	status = result_report(vm);
	memory_free(vm);
	snp_sp_free(vm->sp);
	return status;
}

int main(int argc, char **argv)
{
	static struct options opt;
	static struct vm vm = { .opt = &opt,
				.log_fd = -1,
				.doorbell_fd = -1,
				.status_fd = -1,
				.qmp_fd = -1,
				.exit_code = -1,
				.memory = { .fd = -1 } };
	int status = options_parse(&opt, argc, argv);

	if (status)
		return status;
	vm.started_ms = now_ms();
	if (opt.measure)
		return measure(&vm);
	block_signals();
	return run(&vm);
}
