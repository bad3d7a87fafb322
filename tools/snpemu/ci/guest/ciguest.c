// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ciguest: what the suites of "snpemu ci" do in the guest that a shell cannot:
 * TPM commands as bytes, and the ioctls of /dev/sev-guest. Linked statically. One verb,
 * tsc, is for the host.
 *
 * Every verb prints what it found and ends with 0 if that is what it should be. Names
 * and numbers are those of the TCG's "TPM 2.0 Library", parts 2 and 3.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <linux/sev-guest.h>

#define BUFFER_SIZE 4096 /* of the kernel's TPM core, TPM_BUFSIZE */
/* The page of TPM_SEND_COMMAND holds 9 bytes before the command (AMD 58019) */
#define LARGEST_COMMAND	   (4096 - 9)

#define ST_NO_SESSIONS	   0x8001
#define ST_SESSIONS	   0x8002

#define CC_PCR_EXTEND	   0x182
#define CC_STIR_RANDOM	   0x146
#define CC_GET_CAPABILITY  0x17A
#define CC_GET_RANDOM	   0x17B
#define CC_HASH		   0x17D
#define CC_PCR_READ	   0x17E

#define RC_SIZE		   0x095
#define ALG_SHA256	   0x000B
#define RH_NULL		   0x40000007
#define RS_PW		   0x40000009
#define CAP_TPM_PROPERTIES 6
#define PT_FIXED	   0x100

struct tpm {
	int fd;
	uint8_t command[BUFFER_SIZE];
	size_t len;
	uint8_t response[BUFFER_SIZE];
	size_t got;
};

static void put(struct tpm *t, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		t->command[t->len++] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

static uint32_t get(const struct tpm *t, size_t at, size_t bytes)
{
	uint32_t value = 0;

	for (size_t i = 0; i < bytes; i++)
		value = value << 8 | t->response[at + i];
	return value;
}

static void start(struct tpm *t, uint16_t tag, uint32_t code)
{
	t->len = 0;
	put(t, tag, 2);
	put(t, 0, 4);
	put(t, code, 4);
}

/* Send it; 0, or the errno of write or read, or EPROTO for what is no TPM response */
static int transmit(struct tpm *t)
{
	uint32_t len = (uint32_t)t->len;
	ssize_t n;

	t->len = 2;
	put(t, len, 4);
	t->len = len;
	if (write(t->fd, t->command, len) != (ssize_t)len)
		return errno;
	n = read(t->fd, t->response, sizeof(t->response));
	if (n < 0)
		return errno;
	t->got = (size_t)n;
	if (n < 10 || get(t, 2, 4) != (uint32_t)n ||
	    (get(t, 0, 2) != ST_NO_SESSIONS && get(t, 0, 2) != ST_SESSIONS)) {
		printf("a response of %zd bytes that is none\n", n);
		return EPROTO;
	}
	return 0;
}

/* Send it; it has to succeed and to answer @size bytes at least behind the header */
static bool run(struct tpm *t, const char *what, size_t size)
{
	int err = transmit(t);

	if (err) {
		printf("%s: %s\n", what, strerror(err));
		return false;
	}
	if (get(t, 6, 4)) {
		printf("%s: response code %#x\n", what, get(t, 6, 4));
		return false;
	}
	if (t->got < 10 + size) {
		printf("%s: a response of %zu bytes\n", what, t->got);
		return false;
	}
	return true;
}

static bool get_random(struct tpm *t, uint16_t bytes)
{
	start(t, ST_NO_SESSIONS, CC_GET_RANDOM);
	put(t, bytes, 2);
	if (!run(t, "TPM2_GetRandom", 2))
		return false;
	if (get(t, 10, 2) == bytes && t->got == 12U + bytes)
		return true;
	printf("TPM2_GetRandom: %u bytes asked for, %u came\n", bytes, get(t, 10, 2));
	return false;
}

static bool stir_random(struct tpm *t)
{
	start(t, ST_NO_SESSIONS, CC_STIR_RANDOM);
	put(t, 8, 2);
	put(t, 0x0123456789abcdef, 8);
	return run(t, "TPM2_StirRandom", 0);
}

/* One fixed property: its answer names what was asked, so another's shows */
static bool property(struct tpm *t, uint32_t which, uint32_t *value)
{
	start(t, ST_NO_SESSIONS, CC_GET_CAPABILITY);
	put(t, CAP_TPM_PROPERTIES, 4);
	put(t, which, 4);
	put(t, 1, 4);
	if (!run(t, "TPM2_GetCapability", 17))
		return false;
	if (get(t, 19, 4) != which) {
		printf("TPM2_GetCapability: %#x asked for, %#x came\n", which, get(t, 19, 4));
		return false;
	}
	*value = get(t, 23, 4);
	return true;
}

static bool is_tpm2(struct tpm *t)
{
	uint32_t family, manufacturer;

	if (!property(t, PT_FIXED, &family) || !property(t, PT_FIXED + 5, &manufacturer))
		return false;
	printf("family %08x, manufacturer %08x\n", family, manufacturer);
	return family == 0x322e3000; /* "2.0" */
}

/* @count rounds of commands whose answers can be told from those to other commands */
static bool many(struct tpm *t, unsigned long count)
{
	uint8_t last[32] = { 0 };
	uint32_t value;

	for (unsigned long i = 0; i < count; i++) {
		if (!get_random(t, sizeof(last)) || !property(t, PT_FIXED + i % 5, &value))
			return false;
		if (!memcmp(last, t->response + 12, sizeof(last))) {
			printf("twice the same random bytes\n");
			return false;
		}
		memcpy(last, t->response + 12, sizeof(last));
	}
	printf("%lu rounds\n", count);
	return true;
}

/* As many as there is time for, until the file is gone */
static bool load(struct tpm *t, const char *file)
{
	unsigned long rounds = 0;

	while (!access(file, F_OK)) {
		if (!stir_random(t) || !many(t, 10))
			return false;
		rounds++;
	}
	printf("%lu times\n", rounds);
	return rounds > 0;
}

static bool hash(struct tpm *t, unsigned long count, uint8_t byte, uint16_t size)
{
	start(t, ST_NO_SESSIONS, CC_HASH);
	put(t, size, 2);
	memset(t->command + t->len, byte, size);
	t->len += size;
	put(t, ALG_SHA256, 2);
	put(t, RH_NULL, 4);
	for (unsigned long i = 0; i < count; i++)
		if (!run(t, "TPM2_Hash", 34))
			return false;
	for (size_t i = 0; i < get(t, 10, 2) && 12 + i < t->got; i++)
		printf("%02x", t->response[12 + i]);
	printf("\n");
	return true;
}

/* TPM2_GetRandom with bytes behind its end, which the TPM refuses by TPM_RC_SIZE */
static int padded(struct tpm *t, size_t size)
{
	start(t, ST_NO_SESSIONS, CC_GET_RANDOM);
	put(t, 8, 2);
	memset(t->command + t->len, 0, sizeof(t->command) - t->len);
	t->len = size;
	return transmit(t);
}

static bool largest(struct tpm *t)
{
	for (size_t size = LARGEST_COMMAND - 1; size <= LARGEST_COMMAND; size++) {
		int err = padded(t, size);

		if (err || (get(t, 6, 4) & 0xBF) != RC_SIZE) {
			printf("%zu bytes: %s, response code %#x\n", size, strerror(err),
			       err ? 0 : get(t, 6, 4));
			return false;
		}
	}
	return get_random(t, 16);
}

static bool too_large(struct tpm *t)
{
	for (size_t size = LARGEST_COMMAND + 1; size <= BUFFER_SIZE; size++) {
		int err = padded(t, size);

		printf("%zu bytes: %s\n", size, err ? strerror(err) : "accepted");
		if (err != E2BIG && err != EINVAL)
			return false;
	}
	return get_random(t, 16);
}

static bool pcr_extend(struct tpm *t, unsigned long pcr, const char *digest)
{
	start(t, ST_SESSIONS, CC_PCR_EXTEND);
	put(t, pcr, 4);
	put(t, 9, 4);
	put(t, RS_PW, 4);
	put(t, 0, 2);
	put(t, 0, 1);
	put(t, 0, 2);
	put(t, 1, 4);
	put(t, ALG_SHA256, 2);
	for (size_t i = 0; i < 32; i++) {
		unsigned int byte;

		if (sscanf(digest + 2 * i, "%2x", &byte) != 1)
			return false;
		put(t, byte, 1);
	}
	return run(t, "TPM2_PCR_Extend", 0);
}

static bool pcr_read(struct tpm *t, unsigned long pcr)
{
	start(t, ST_NO_SESSIONS, CC_PCR_READ);
	put(t, 1, 4);
	put(t, ALG_SHA256, 2);
	put(t, 3, 1);
	for (size_t i = 0; i < 3; i++)
		put(t, pcr / 8 == i ? 1U << pcr % 8 : 0, 1);
	if (!run(t, "TPM2_PCR_Read", 4 + 10 + 4 + 2 + 32))
		return false;
	for (size_t i = 0; i < 32; i++)
		printf("%02x", t->response[10 + 20 + i]);
	printf("\n");
	return true;
}

/* What comes of one TPM2_StirRandom: "ok", "rc CODE" or an error's name; never a failure */
static bool outcome(struct tpm *t)
{
	int err;

	start(t, ST_NO_SESSIONS, CC_STIR_RANDOM);
	put(t, 8, 2);
	put(t, 0x0123456789abcdef, 8);
	err = transmit(t);
	if (err)
		printf("errno %s\n", strerrorname_np(err));
	else if (get(t, 6, 4))
		printf("rc %#x\n", get(t, 6, 4));
	else
		printf("ok\n");
	return true;
}

static unsigned long number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (end == text || *end) {
		fprintf(stderr, "ciguest: %s: expected a number\n", text);
		exit(2);
	}
	return value;
}

static bool tpm(int argc, char **argv)
{
	static struct tpm t;
	const char *verb = argc > 3 ? argv[3] : "";

	t.fd = argc > 2 ? open(argv[2], O_RDWR | O_CLOEXEC) : -1;
	if (t.fd < 0) {
		printf("%s: %s\n", argc > 2 ? argv[2] : "no device", strerror(errno));
		return false;
	}
	if (!strcmp(verb, "is-tpm2"))
		return is_tpm2(&t);
	if (!strcmp(verb, "many") && argc == 5)
		return many(&t, number(argv[4]));
	if (!strcmp(verb, "load") && argc == 5)
		return load(&t, argv[4]);
	if (!strcmp(verb, "hash") && argc == 7)
		return hash(&t, number(argv[4]), (uint8_t)number(argv[5]),
			    (uint16_t)(number(argv[6]) % 2048));
	if (!strcmp(verb, "largest"))
		return largest(&t);
	if (!strcmp(verb, "too-large"))
		return too_large(&t);
	if (!strcmp(verb, "extend") && argc == 6 && strlen(argv[5]) == 64)
		return pcr_extend(&t, number(argv[4]), argv[5]);
	if (!strcmp(verb, "pcr") && argc == 5)
		return pcr_read(&t, number(argv[4]));
	if (!strcmp(verb, "outcome"))
		return outcome(&t);
	fprintf(stderr, "ciguest: no such verb: %s\n", verb);
	exit(2);
}

static bool issue(unsigned long what, const void *req, void *resp)
{
	struct snp_guest_request_ioctl io = { .msg_version = 1,
					      .req_data = (uintptr_t)req,
					      .resp_data = (uintptr_t)resp };
	int fd = open("/dev/sev-guest", O_RDWR | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, what, &io)) {
		fprintf(stderr, "/dev/sev-guest: %s, firmware error %#x, hypervisor's %#x\n",
			strerror(errno), io.fw_error, io.vmm_error);
		return false;
	}
	close(fd);
	return true;
}

/* report VMPL BYTE: a report over 64 such bytes, to standard output */
static bool report(unsigned long vmpl, uint8_t byte)
{
	struct snp_report_req req = { .vmpl = (uint32_t)vmpl };
	static struct snp_report_resp resp;
	uint32_t status, size;

	memset(req.user_data, byte, sizeof(req.user_data));
	if (!issue(SNP_GET_REPORT, &req, &resp))
		return false;
	/* MSG_REPORT_RSP: status, size, 24 reserved bytes, the report */
	memcpy(&status, resp.data, 4);
	memcpy(&size, resp.data + 4, 4);
	if (status || size > sizeof(resp.data) - 32) {
		fprintf(stderr, "status %#x, %u bytes\n", status, size);
		return false;
	}
	return fwrite(resp.data + 32, 1, size, stdout) == size;
}

/* derived-key FIELDS VMPL: in hex */
static bool derived_key(unsigned long fields, unsigned long vmpl)
{
	struct snp_derived_key_req req = { .guest_field_select = fields, .vmpl = (uint32_t)vmpl };
	struct snp_derived_key_resp resp = { .data = { 0 } };
	uint32_t status;

	if (!issue(SNP_GET_DERIVED_KEY, &req, &resp))
		return false;
	memcpy(&status, resp.data, 4);
	if (status) {
		fprintf(stderr, "status %#x\n", status);
		return false;
	}
	for (size_t i = 32; i < 64; i++)
		printf("%02x", resp.data[i]);
	printf("\n");
	return true;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* The TSC between two looks at the clock that are as close together as five tries get them */
static void tsc_and_time(uint64_t *tsc, uint64_t *ns)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < 5; i++) {
		uint64_t before = now_ns(), now = __builtin_ia32_rdtsc(), after = now_ns();

		if (after - before >= best)
			continue;
		best = after - before;
		*tsc = now;
		*ns = before + (after - before) / 2;
	}
}

/* How fast this machine's TSC is, which QEMU gives to its guest as it is */
static bool tsc_khz(void)
{
	uint64_t tsc[2], ns[2];

	tsc_and_time(&tsc[0], &ns[0]);
	usleep(100000);
	tsc_and_time(&tsc[1], &ns[1]);
	printf("%lu\n", (unsigned long)((tsc[1] - tsc[0]) * 1000000 / (ns[1] - ns[0])));
	return true;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (!strcmp(verb, "tpm"))
		return !tpm(argc, argv);
	if (!strcmp(verb, "report") && argc == 4)
		return !report(number(argv[2]), (uint8_t)number(argv[3]));
	if (!strcmp(verb, "derived-key") && argc == 4)
		return !derived_key(number(argv[2]), number(argv[3]));
	if (!strcmp(verb, "tsc"))
		return !tsc_khz();
	fprintf(stderr,
		"usage: ciguest tpm DEVICE is-tpm2|many COUNT|load FILE|hash COUNT BYTE SIZE|\n"
		"                          largest|too-large|extend PCR SHA256|pcr PCR|outcome\n"
		"       ciguest report VMPL BYTE\n"
		"       ciguest derived-key FIELDS VMPL\n"
		"       ciguest tsc\n");
	return 2;
}
