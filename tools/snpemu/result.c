// SPDX-License-Identifier: GPL-2.0-or-later
/* How a run ended: the exit status, a sentence for people, --json for programs. */
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "snpemu.h"

uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void finish(struct vm *vm, int exit_code, const char *format, ...)
{
	va_list ap;

	vm->stop = true;
	if (vm->exit_code >= 0)
		return;
	vm->exit_code = exit_code;
	va_start(ap, format);
	vsnprintf(vm->sentence, sizeof(vm->sentence), format, ap);
	va_end(ap);
	/* it may quote paths and the monitor: keep it ASCII for terminals and JSON */
	for (char *p = vm->sentence; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
}

static const char *verdict(int exit_code)
{
	switch (exit_code) {
	case EXIT_TIMEOUT:
		return "timeout";
	case EXIT_GUEST_DIED:
		return "guest died";
	case EXIT_EMULATOR:
		return "emulator failed";
	case EXIT_USAGE:
		return "usage";
	default:
		return "ended";
	}
}

/* 2 * len digits and a NUL */
void hex(char *out, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sprintf(out + 2 * i, "%02x", data[i]);
}

static json_t *stats_json(const struct snpemu_stats *s)
{
	static const char *const exits[] = { "cpuid", "msr", "io", "npf", "vmgexit",
					     "ud",    "nmi", "cr", "hlt", "other" };
	json_t *o = json_object(), *e = json_object();

	for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++)
		json_object_set_new(e, exits[i], json_integer((json_int_t)s->exits[i]));
	json_object_set_new(o, "exits", e);
#define FIELD(name) json_object_set_new(o, #name, json_integer((json_int_t)s->name))
	FIELD(svsm_core);
	FIELD(svsm_attest);
	FIELD(svsm_vtpm);
	FIELD(svsm_refused);
	FIELD(ghcb_page);
	FIELD(ghcb_msr);
	FIELD(psc_pages);
	FIELD(pvalidated);
	FIELD(psmash);
	FIELD(shoot_downs);
	FIELD(reflected);
	FIELD(unknown_msr);
	FIELD(tables_used);
#undef FIELD
	return o;
}

static bool write_json(struct vm *vm)
{
	char digest[2 * SNP_DIGEST_SIZE + 1] = "";
	json_t *o = json_object();
	int failed;

	hex(digest, vm->launch_digest, SNP_DIGEST_SIZE);
	json_object_set_new(o, "exit_status", json_integer(vm->exit_code));
	json_object_set_new(o, "verdict", json_string(verdict(vm->exit_code)));
	json_object_set_new(o, "sentence", json_string(vm->sentence));
	json_object_set_new(o, "seconds", json_real((double)(now_ms() - vm->started_ms) / 1000.0));
	json_object_set_new(o, "vmpl", json_integer(vm->opt->vmpl));
	json_object_set_new(o, "cpus", json_integer(vm->opt->smp));
	json_object_set_new(o, "memory", json_integer((json_int_t)vm->opt->memory));
	json_object_set_new(o, "measurement", vm->launched ? json_string(digest) : json_null());
	json_object_set_new(o, "tpm_commands", json_integer((json_int_t)vm->tpm_commands));
	json_object_set_new(o, "monitor",
			    vm->memory.ram && !vm->opt->plain
				    ? stats_json((const void *)(vm->memory.ram + SNPEMU_STATS_GPA))
				    : json_null());
	failed = json_dump_file(o, vm->opt->json, JSON_INDENT(2));
	json_decref(o);
	if (failed)
		fprintf(stderr, "snpemu: %s: cannot be written: %s\n", vm->opt->json,
			strerror(errno));
	return !failed;
}

/* Say it; returns the process' exit status. */
int result_report(struct vm *vm)
{
	if (vm->exit_code > EXIT_GUEST_MAX)
		fprintf(stderr, "snpemu: %s: %s\n", verdict(vm->exit_code), vm->sentence);
	if (vm->opt->json && !write_json(vm) && vm->exit_code <= EXIT_GUEST_MAX)
		return EXIT_EMULATOR;
	return vm->exit_code;
}
