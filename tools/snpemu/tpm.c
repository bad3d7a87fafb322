// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The TPM behind the vTPM protocol: swtpm as a child, or a TPM behind a UNIX
 * socket that takes plain commands. One command at a time; the others wait in
 * the order they came, while the rest of the machine goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <openssl/crypto.h>

#include "../common/cursor.h"
#include "snpemu.h"

#define TPM_HEADER_SIZE	      10
#define TPM_RESPONSE_MAX      4096
#define TPM_START_MS	      60000 /* an RSA key may take its time on a busy machine */

#define TPM_ST_NO_SESSIONS    0x8001
#define TPM_ST_SESSIONS	      0x8002
#define TPM_CC_CREATE_PRIMARY 0x131
#define TPM_CC_STARTUP	      0x144
#define TPM_CC_FLUSH_CONTEXT  0x165
#define TPM_RC_INITIALIZE     0x100
#define TPM_RC_FAILURE	      0x101
#define TPM_RC_COMMAND_SIZE   0x142
#define TPM_RH_ENDORSEMENT    0x4000000b
#define TPM_RS_PW	      0x40000009

struct tpm {
	int fd;
	pid_t child;
	char *dir; /* of an ephemeral swtpm, to be removed */
	/* the slot whose command the TPM works on, and those that wait */
	int busy;
	struct waiting {
		unsigned int slot;
		size_t len; /* of the command */
	} queue[SNPEMU_MAX_CPUS];
	unsigned int waiting;
	uint8_t response[TPM_RESPONSE_MAX];
	size_t got;
	uint8_t manifest[1024];
	size_t manifest_len;
};

int tpm_fd(const struct vm *vm)
{
	return vm->tpm ? vm->tpm->fd : -1;
}

const uint8_t *tpm_manifest(const struct vm *vm, size_t *len)
{
	*len = vm->tpm ? vm->tpm->manifest_len : 0;
	return vm->tpm ? vm->tpm->manifest : NULL;
}

static uint32_t header_be32(const uint8_t *p, size_t at)
{
	struct cur c = cur_reader(p, TPM_HEADER_SIZE);

	cur_skip(&c, at);
	return cur_get_be32(&c);
}

/* A whole response is there: its length. 0: not yet; -1: it is none. */
static int response_complete(const struct tpm *t)
{
	uint32_t len;

	if (t->got < TPM_HEADER_SIZE)
		return 0;
	len = header_be32(t->response, 2);
	if (len < TPM_HEADER_SIZE || len > TPM_RESPONSE_MAX || t->got > len)
		return -1;
	return t->got == len ? (int)len : 0;
}

static bool send_all(int fd, const uint8_t *data, size_t len)
{
	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* Read what is there. False if the TPM is gone. */
static bool receive(struct tpm *t)
{
	ssize_t n;

	do
		n = recv(t->fd, t->response + t->got, sizeof(t->response) - t->got, 0);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	t->got += (size_t)n;
	return true;
}

/* One command before there is a guest. Returns the response code, or -1. */
static int64_t transact(struct tpm *t, const uint8_t *command, size_t len)
{
	uint64_t deadline = now_ms() + TPM_START_MS;
	int complete = 0;

	t->got = 0;
	if (!send_all(t->fd, command, len))
		return -1;
	while (!complete) {
		struct pollfd p = { .fd = t->fd, .events = POLLIN };
		uint64_t now = now_ms();

		if (now >= deadline || poll(&p, 1, (int)(deadline - now)) < 0 ||
		    (p.revents && !receive(t)))
			return -1;
		complete = response_complete(t);
	}
	return complete < 0 ? -1 : (int64_t)header_be32(t->response, 6);
}

/* TCG EK Credential Profile, template L-1: RSA 2048, as a TPMT_PUBLIC */
static void put_ek_template(struct cur *c)
{
	/* PolicySecret(TPM_RH_ENDORSEMENT) */
	static const uint8_t policy[32] = {
		0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc,
		0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52,
		0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa,
	};

	cur_put_be16(c, 0x0001); /* RSA */
	cur_put_be16(c, 0x000b); /* name: SHA-256 */
	cur_put_be32(c, 0x000300b2);
	cur_put_be16(c, sizeof(policy));
	cur_put_bytes(c, policy, sizeof(policy));
	cur_put_be16(c, 0x0006); /* AES */
	cur_put_be16(c, 128);
	cur_put_be16(c, 0x0043); /* CFB */
	cur_put_be16(c, 0x0010); /* scheme: null */
	cur_put_be16(c, 2048);
	cur_put_be32(c, 0); /* exponent: the default */
	cur_put_be16(c, 256);
	cur_put_zeros(c, 256);
}

static size_t create_ek(uint8_t *buf, size_t size)
{
	uint8_t template[400];
	struct cur t = cur_writer(template, sizeof(template)), c = cur_writer(buf, size), len;

	put_ek_template(&t);
	cur_put_be16(&c, TPM_ST_SESSIONS);
	len = c;
	cur_put_be32(&c, 0);
	cur_put_be32(&c, TPM_CC_CREATE_PRIMARY);
	cur_put_be32(&c, TPM_RH_ENDORSEMENT);
	cur_put_be32(&c, 9); /* authorization: an empty password */
	cur_put_be32(&c, TPM_RS_PW);
	cur_put_zeros(&c, 5);
	cur_put_be16(&c, 4); /* inSensitive: empty */
	cur_put_be32(&c, 0);
	cur_put_be16(&c, (uint16_t)t.pos);
	cur_put_bytes(&c, template, t.pos);
	cur_put_be16(&c, 0); /* outsideInfo */
	cur_put_be32(&c, 0); /* creationPCR */
	cur_put_be32(&len, (uint32_t)c.pos);
	return c.failed || t.failed ? 0 : c.pos;
}

static size_t simple_command(uint8_t *buf, size_t size, uint32_t code, uint32_t value, size_t n)
{
	struct cur c = cur_writer(buf, size);

	cur_put_be16(&c, TPM_ST_NO_SESSIONS);
	cur_put_be32(&c, (uint32_t)(TPM_HEADER_SIZE + n));
	cur_put_be32(&c, code);
	cur_put_be(&c, value, n);
	return c.pos;
}

/*
 * The manifest is the EK's TPMT_PUBLIC, from the TPM itself. Returns NULL, or
 * what went wrong.
 */
static const char *make_manifest(struct tpm *t)
{
	uint8_t buf[512];
	struct cur c;
	uint32_t handle;
	uint16_t size;
	int64_t rc;

	rc = transact(t, buf, simple_command(buf, sizeof(buf), TPM_CC_STARTUP, 0, 2));
	if (rc && rc != TPM_RC_INITIALIZE)
		return "does not start up";
	if (transact(t, buf, create_ek(buf, sizeof(buf))))
		return "makes no endorsement key";
	c = cur_reader(t->response, t->got);
	cur_skip(&c, TPM_HEADER_SIZE);
	handle = cur_get_be32(&c);
	cur_skip(&c, 4); /* parameterSize */
	size = cur_get_be16(&c);
	if (size > sizeof(t->manifest))
		return "has an endorsement key of an absurd size";
	cur_get_bytes(&c, t->manifest, size);
	if (c.failed || !size)
		return "answers CreatePrimary with something else";
	t->manifest_len = size;
	if (transact(t, buf, simple_command(buf, sizeof(buf), TPM_CC_FLUSH_CONTEXT, handle, 4)))
		return "does not flush its endorsement key";
	return NULL;
}

static char *state_dir(struct vm *vm)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = NULL;

	if (vm->opt->state) {
		if (asprintf(&dir, "%s/tpm", vm->opt->state) < 0) {
			finish(vm, EXIT_EMULATOR, "out of memory");
			return NULL;
		}
		if ((mkdir(vm->opt->state, 0700) && errno != EEXIST) ||
		    (mkdir(dir, 0700) && errno != EEXIST)) {
			finish(vm, EXIT_EMULATOR, "%s: %s", dir, strerror(errno));
			free(dir);
			return NULL;
		}
		return dir;
	}
	if (asprintf(&dir, "%s/snpemu-tpm.XXXXXX", tmp ? tmp : "/tmp") < 0) {
		finish(vm, EXIT_EMULATOR, "out of memory");
		return NULL;
	}
	if (!mkdtemp(dir)) {
		finish(vm, EXIT_EMULATOR, "%s: %s", dir, strerror(errno));
		free(dir);
		return NULL;
	}
	vm->tpm->dir = dir;
	return strdup(dir);
}

static _Noreturn void exec_swtpm(const char *dir, int data_fd, int ctrl_fd, bool plain)
{
	char *argv[16], *data = NULL, *ctrl = NULL;
	int n = 0, null = open("/dev/null", O_RDWR);

	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
	}
	/* from inside, because swtpm has no way to write a comma in a path */
	if (chdir(dir) || asprintf(&data, "%d", data_fd) < 0 ||
	    asprintf(&ctrl, "type=unixio,clientfd=%d", ctrl_fd) < 0)
		_exit(127);
	argv[n++] = "swtpm";
	argv[n++] = "socket";
	argv[n++] = "--tpm2";
	argv[n++] = "--tpmstate";
	argv[n++] = "dir=.,mode=0600";
	argv[n++] = "--flags";
	/* the control channel's user initialises the TPM itself */
	argv[n++] = plain ? "startup-none" : "not-need-init,startup-none";
	argv[n++] = plain ? "--ctrl" : "--fd";
	argv[n++] = plain ? ctrl : data;
	argv[n] = NULL;
	fcntl(plain ? ctrl_fd : data_fd, F_SETFD, 0);
	execvp("swtpm", argv);
	fprintf(stderr, "snpemu: swtpm: %s\n", strerror(errno));
	_exit(127);
}

static bool start_swtpm(struct vm *vm, int ctrl_fd)
{
	struct tpm *t = vm->tpm;
	int pair[2] = { -1, -1 };
	char *dir = state_dir(vm);

	if (!dir)
		return false;
	if (ctrl_fd < 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		finish(vm, EXIT_EMULATOR, "swtpm: %s", strerror(errno));
		free(dir);
		return false;
	}
	t->child = child_fork();
	if (t->child == 0)
		exec_swtpm(dir, pair[1], ctrl_fd, ctrl_fd >= 0);
	free(dir);
	if (pair[1] >= 0)
		close(pair[1]);
	t->fd = pair[0];
	if (t->child < 0)
		finish(vm, EXIT_EMULATOR, "swtpm: %s", strerror(errno));
	return t->child > 0;
}

static bool connect_unix(struct vm *vm, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(a.sun_path)) {
		finish(vm, EXIT_USAGE, "--tpm: the path is longer than a socket's may be");
		return false;
	}
	strcpy(a.sun_path, path);
	vm->tpm->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (vm->tpm->fd < 0 || connect(vm->tpm->fd, (struct sockaddr *)&a, sizeof(a))) {
		finish(vm, EXIT_EMULATOR, "--tpm: %s: %s", path, strerror(errno));
		return false;
	}
	return true;
}

/* ctrl_fd: swtpm's end of QEMU's own TPM device, or -1: we speak to it. */
bool tpm_start(struct vm *vm, int ctrl_fd)
{
	const char *why;

	if (!strcmp(vm->opt->tpm, "none"))
		return true;
	vm->tpm = calloc(1, sizeof(*vm->tpm));
	if (!vm->tpm) {
		finish(vm, EXIT_EMULATOR, "out of memory");
		return false;
	}
	vm->tpm->fd = vm->tpm->busy = -1;
	if (!(!strcmp(vm->opt->tpm, "swtpm") ? start_swtpm(vm, ctrl_fd)
					     : connect_unix(vm, vm->opt->tpm)))
		return false;
	if (ctrl_fd >= 0)
		return true;
	why = make_manifest(vm->tpm);
	if (why)
		finish(vm, EXIT_EMULATOR, "the TPM (%s) %s", vm->opt->tpm, why);
	return !why;
}

static void remove_dir(const char *dir)
{
	pid_t child = child_fork();

	if (child == 0) {
		execlp("rm", "rm", "-rf", "--", dir, (char *)NULL);
		_exit(127);
	}
	if (child > 0)
		waitpid(child, NULL, 0);
}

void tpm_end(struct vm *vm)
{
	struct tpm *t = vm->tpm;

	if (!t)
		return;
	/* the child first: it complains when its client goes away */
	if (t->child > 0)
		child_end(t->child, false);
	if (t->fd >= 0)
		close(t->fd);
	if (t->dir)
		remove_dir(t->dir);
	free(t->dir);
	OPENSSL_cleanse(t->response, sizeof(t->response));
	free(t);
	vm->tpm = NULL;
}

static void work_on(struct vm *vm, const struct waiting *w)
{
	vm->tpm->busy = (int)w->slot;
	vm->tpm->got = 0;
	vm->tpm_commands++;
	if (!send_all(vm->tpm->fd, slot_at(vm, w->slot)->data, w->len))
		finish(vm, EXIT_EMULATOR, "the TPM (%s) takes no command: %s", vm->opt->tpm,
		       strerror(errno));
}

/* A response with a bare header, which the TPM could have made */
static void answer_code(struct vm *vm, unsigned int slot, uint32_t code)
{
	uint8_t buf[TPM_HEADER_SIZE];
	struct cur c = cur_writer(buf, sizeof(buf));

	cur_put_be16(&c, TPM_ST_NO_SESSIONS);
	cur_put_be32(&c, sizeof(buf));
	cur_put_be32(&c, code);
	slot_answer(vm, slot, SVSM_SUCCESS, sizeof(buf), buf, sizeof(buf));
}

/* Faults that keep the command from the TPM. True if one struck. */
static bool fault_before(struct vm *vm, unsigned int slot, uint32_t code, enum fault_id *id)
{
	const struct fault *f = fault_strike(vm, FAULT_VTPM, code, id);

	if (!f)
		return false;
	switch (*id) {
	case FAULT_VTPM_BUSY:
		slot_answer(vm, slot, SVSM_ERR_BUSY, 0, NULL, 0);
		return true;
	case FAULT_VTPM_INCOMPLETE:
		slot_answer(vm, slot, SVSM_ERR_INCOMPLETE, 0, NULL, 0);
		return true;
	case FAULT_VTPM_ERROR:
		slot_answer(vm, slot, f->code, 0, NULL, 0);
		return true;
	case FAULT_VTPM_FAILURE:
		answer_code(vm, slot, TPM_RC_FAILURE);
		return true;
	case FAULT_VTPM_RC:
		answer_code(vm, slot, (uint32_t)f->code);
		return true;
	case FAULT_VTPM_HANG:
		return true;
	default:
		return false;
	}
}

/* Faults in what comes back: size to claim, bytes to give */
static void answer_with_fault(struct vm *vm, unsigned int slot, enum fault_id id)
{
	struct tpm *t = vm->tpm;
	uint64_t claim = t->got;

	switch (id) {
	case FAULT_VTPM_SIZE_ZERO:
		claim = 0;
		break;
	case FAULT_VTPM_SIZE_SHORT:
		claim = TPM_HEADER_SIZE - 1;
		break;
	case FAULT_VTPM_SIZE_LONG:
		claim = TPM_RESPONSE_MAX - 3; /* one more than the page has room for */
		break;
	case FAULT_VTPM_SIZE_HUGE:
		claim = 0xffffffff;
		break;
	case FAULT_VTPM_HEADER:
		t->response[5] ^= 1; /* the length in the header */
		break;
	case FAULT_VTPM_GARBAGE:
		for (size_t i = 0; i < t->got; i++)
			t->response[i] = (uint8_t)(0xa5 + i * 7);
		break;
	default:
		break;
	}
	slot_answer(vm, slot, SVSM_SUCCESS, claim, t->response, t->got);
}

static void next_command(struct vm *vm)
{
	struct tpm *t = vm->tpm;

	while (t->busy < 0 && t->waiting) {
		struct waiting first = t->queue[0];

		memmove(t->queue, t->queue + 1, --t->waiting * sizeof(t->queue[0]));
		work_on(vm, &first);
	}
}

/* TPM_SEND_COMMAND of the CPU with that slot */
void tpm_request(struct vm *vm, unsigned int slot, const uint8_t *command, size_t len)
{
	struct tpm *t = vm->tpm;
	enum fault_id id = FAULT_NONE;
	uint32_t code = len >= TPM_HEADER_SIZE ? header_be32(command, 6) : 0;

	if (!t) {
		slot_answer(vm, slot, SVSM_ERR_INVALID_REQUEST, 0, NULL, 0);
		return;
	}
	/* As a TPM would say itself; swtpm waits for the rest, or hangs up. */
	if (len < TPM_HEADER_SIZE || header_be32(command, 2) != len) {
		answer_code(vm, slot, TPM_RC_COMMAND_SIZE);
		return;
	}
	if (fault_before(vm, slot, code, &id))
		return;
	/* a slot waits once at most (slot_ring()) */
	t->queue[t->waiting++] = (struct waiting){ slot, len };
	next_command(vm);
}

void tpm_readable(struct vm *vm)
{
	struct tpm *t = vm->tpm;
	enum fault_id id = FAULT_NONE;
	int complete;
	uint32_t code;

	if (!receive(t)) {
		finish(vm, EXIT_EMULATOR, "the TPM (%s) has gone away", vm->opt->tpm);
		return;
	}
	complete = response_complete(t);
	if (complete < 0 || t->busy < 0)
		finish(vm, EXIT_EMULATOR, "the TPM (%s) answers with what is no TPM response",
		       vm->opt->tpm);
	else if (complete) {
		unsigned int slot = (unsigned int)t->busy;

		t->busy = -1;
		code = header_be32(slot_at(vm, slot)->data, 6);
		fault_strike(vm, FAULT_VTPM_RESPONSE, code, &id);
		answer_with_fault(vm, slot, id);
		OPENSSL_cleanse(t->response, sizeof(t->response));
		next_command(vm);
	}
}
