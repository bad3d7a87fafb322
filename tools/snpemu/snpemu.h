/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snpemu's host process.
 *
 *	main.c		the order of a run; "snpemu measure"
 *	options.c	the command line
 *	memory.c	the guest's RAM, shared with QEMU, and what is in it at launch
 *	linux.c		a bzImage and what the 64-bit boot protocol wants beside it
 *	launch.c	what the AMD-SP measures, in order
 *	child.c		child processes, started clean and ended for sure
 *	qemu.c		the QEMU child: its command line, its end
 *	loop.c		one thread that waits for everything
 *	slots.c		requests of the monitor (abi.h)
 *	tpm.c		swtpm, and the manifest made from its endorsement key
 *	attest.c	the SVSM's attestation protocol
 *	fault.c		what --fault can break
 *	result.c	exit status, sentence, --json
 *
 * sp/ is the AMD-SP, monitor/ what runs in QEMU below the guest.
 */
#ifndef SNPEMU_H
#define SNPEMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "abi.h"
#include "sp/sp.h"

#define SNPEMU_CBIT 39 /* TCG's addresses have 40 bits */

/* SVSM result codes (AMD 58019, table 4) */
#define SVSM_SUCCESS		      0
#define SVSM_ERR_INCOMPLETE	      0x80000000
#define SVSM_ERR_UNSUPPORTED_PROTOCOL 0x80000001
#define SVSM_ERR_INVALID_FORMAT	      0x80000004
#define SVSM_ERR_INVALID_PARAMETER    0x80000005
#define SVSM_ERR_INVALID_REQUEST      0x80000006
#define SVSM_ERR_BUSY		      0x80000007

/* Exit status; below these it is the guest's own */
enum {
	EXIT_GUEST_MAX = 119,
	EXIT_TIMEOUT = 124,
	EXIT_GUEST_DIED = 125,
	EXIT_EMULATOR = 126,
	EXIT_USAGE = 127,
	EXIT_CI_EMULATOR = 254, /* of snpemu ci: above 127 it ends a bisection */
};

#define FAULTS_MAX  16
#define SERIAL_PIPE "pipe:" /* before the path of --serial: both ways */

struct fault {
	const struct fault_kind *kind;
	bool forever;
	uint64_t left;	  /* times still to strike, unless forever */
	uint64_t code;	  /* result code, for those that take one */
	uint32_t command; /* TPM command code that it is for; 0: any */
};

struct options {
	const char *kernel, *initrd, *append;
	const char *qemu, *monitor;
	const char *tpm; /* "swtpm", "none" or the path of a socket */
	const char *state, *keys, *certs;
	const char *json, *log, *serial, *disk;
	const char *id_block, *id_auth;
	uint64_t memory;		 /* bytes */
	unsigned int smp, vmpl, timeout; /* timeout in seconds; 0: none */
	uint64_t flags;			 /* SNPEMU_F_* */
	bool plain, count, interactive, measure, verbose;
	struct snp_sp_config sp;
	struct fault faults[FAULTS_MAX];
	unsigned int n_faults;
	char **qemu_args; /* more for QEMU, NULL at the end */
};

/* A file mapped read-only */
struct file {
	const uint8_t *data;
	size_t size;
};

/* What was put into the guest's memory; all of it page aligned */
struct image {
	uint64_t kernel_end, initrd_end; /* initrd_end: SNPEMU_INITRD_GPA if there is none */
	uint64_t monitor_ro_end;
};

struct memory {
	int fd;
	uint8_t *ram;
	uint64_t size;
	struct image image;
};

struct tpm;

enum ended { ENDED_NOT, ENDED_POWER_OFF, ENDED_RESET, ENDED_OTHER };

struct vm {
	struct options *opt;
	struct memory memory;
	struct snp_sp *sp;
	struct tpm *tpm;
	pid_t qemu;
	int log_fd, doorbell_fd, status_fd, qmp_fd;
	enum ended ended; /* how QEMU says that the machine has ended */
	int qemu_status;  /* of waitpid() */
	bool qemu_gone, launched, has_status, stop;
	uint8_t status;	  /* the last that the guest wrote */
	uint32_t pending; /* slots with a request that is not answered yet, a bit each */
	/* the result */
	int exit_code;
	char sentence[640];
	uint8_t predicted[SNP_DIGEST_SIZE]; /* of what was loaded */
	uint8_t launch_digest[SNP_DIGEST_SIZE];
	uint64_t tpm_commands;
	uint64_t started_ms;
	uint32_t manifest_growth; /* of FAULT_ATTEST_MANIFEST_LONG */
	int log_to;		  /* where the monitor's log goes */
};

/* options.c: 0, or the status to exit with */
int options_parse(struct options *opt, int argc, char **argv);

/* result.c: finish with that status and sentence, unless there is one already */
void finish(struct vm *vm, int exit_code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int result_report(struct vm *vm);
uint64_t now_ms(void);
void hex(char *out, const uint8_t *data, size_t len);

/* memory.c */
int memory_build(struct vm *vm);
void memory_free(struct vm *vm);
bool file_map(struct vm *vm, const char *path, struct file *file);
void file_unmap(struct file *file);

/* linux.c: false after finish() */
bool linux_load(struct vm *vm, const struct file *kernel, const struct file *initrd);

/* launch.c */
bool launch_prepare(struct vm *vm);
bool launch_predict(struct vm *vm);
bool launch_measure(struct vm *vm);

/* child.c */
pid_t child_fork(void);
int child_end(pid_t pid, bool asked);

/* qemu.c */
bool qemu_start(struct vm *vm);
void qemu_end(struct vm *vm);
bool qemu_qmp_readable(struct vm *vm);

/* loop.c */
bool loop_run(struct vm *vm);

/* slots.c */
struct snpemu_slot *slot_at(struct vm *vm, unsigned int i);
void slot_ring(struct vm *vm, unsigned int i);
void slot_answer(struct vm *vm, unsigned int i, uint64_t ret0, uint64_t ret1, const void *data,
		 size_t len);

/* tpm.c */
bool tpm_start(struct vm *vm, int ctrl_fd);
void tpm_end(struct vm *vm);
int tpm_fd(const struct vm *vm);
void tpm_readable(struct vm *vm);
void tpm_request(struct vm *vm, unsigned int slot, const uint8_t *command, size_t len);
const uint8_t *tpm_manifest(const struct vm *vm, size_t *len);

/* attest.c */
void attest_request(struct vm *vm, unsigned int slot, const uint8_t *nonce, size_t len,
		    const uint64_t arg[4]);

/* fault.c */
enum fault_point {
	FAULT_FLAG,
	FAULT_VTPM,
	FAULT_VTPM_RESPONSE,
	FAULT_ATTEST,
	FAULT_GUEST_REQUEST,
};
enum fault_id {
	FAULT_NO_VTPM,
	FAULT_NO_ATTEST,
	FAULT_VTPM_BUSY,
	FAULT_VTPM_INCOMPLETE,
	FAULT_VTPM_ERROR,
	FAULT_VTPM_HANG,
	FAULT_VTPM_SIZE_ZERO,
	FAULT_VTPM_SIZE_SHORT,
	FAULT_VTPM_SIZE_LONG,
	FAULT_VTPM_SIZE_HUGE,
	FAULT_VTPM_HEADER,
	FAULT_VTPM_GARBAGE,
	FAULT_VTPM_FAILURE,
	FAULT_VTPM_RC,
	FAULT_ATTEST_BUSY,
	FAULT_ATTEST_ERROR,
	FAULT_ATTEST_VMPL,
	FAULT_ATTEST_NONCE,
	FAULT_ATTEST_REPORT_SHORT,
	FAULT_ATTEST_REPORT_LONG,
	FAULT_ATTEST_MANIFEST_LONG,
	FAULT_ATTEST_MANIFEST_OTHER,
	FAULT_GUEST_REQUEST_BUSY,
	FAULT_GUEST_REQUEST_ERROR,
	FAULT_NONE,
};
bool fault_parse(struct options *opt, const char *text, char *error, size_t size);
void fault_list(void);
const struct fault *fault_strike(struct vm *vm, enum fault_point point, uint32_t command,
				 enum fault_id *id);

#endif
