// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "snpemu.h"

#define VERSION "0.1.0"

static const char help_text[] =
	"Usage: snpemu [OPTION]... --kernel FILE [-- QEMU-OPTION...]\n"
	"       snpemu measure [OPTION]... --kernel FILE\n"
	"       snpemu ci [OPTION]... --kernel-tree DIR | --kernel FILE\n"
	"Run a Linux kernel as an AMD SEV-SNP guest under an SVSM with a vTPM, emulated in\n"
	"software; or print the launch digest that its attestation reports will have; or test\n"
	"a kernel that way: \"snpemu ci --help\" explains.\n"
	"\n"
	"The guest:\n"
	"  --kernel FILE        a bzImage (vmlinuz)\n"
	"  --initrd FILE        its initramfs\n"
	"  --append TEXT        its command line\n"
	"  --vmpl N             its VMPL: 1 to 3 under the SVSM (2), 0 without one\n"
	"  --memory SIZE        its RAM, 512M to 16G (1G)\n"
	"  --smp N              its CPUs, 1 to 8 (1)\n"
	"  --disk FILE          a raw disk image, read-only (virtio-blk)\n"
	"  --serial FILE        what it writes to its second serial port; pipe:PATH: both ways,\n"
	"                       by the FIFOs PATH.in and PATH.out\n"
	"  --interactive        standard input is the console's\n"
	"  --timeout SECONDS    end it after that time (no limit)\n"
	"The SVSM and the AMD-SP:\n"
	"  --tpm KIND           swtpm, none, or unix:PATH, a TPM behind a socket (swtpm)\n"
	"  --state DIR          keep the TPM there from run to run\n"
	"  --keys DIR           keep the AMD-SP's keys there\n"
	"                       (${XDG_DATA_HOME:-~/.local/share}/snpemu/keys)\n"
	"  --certs DIR          write ARK, ASK and VCEK or VLEK there, in PEM\n"
	"  --product NAME       Milan, Genoa or Turin (Milan)\n"
	"  --report-version N   2, 3 or 5\n"
	"  --sign KEY           sign reports with the vcek or the vlek (vcek)\n"
	"  --policy HEX         the guest policy (30000)\n"
	"  --host-data HEX      32 bytes for the report's HOST_DATA\n"
	"  --id-block FILE      the ID block, 96 bytes, and\n"
	"  --id-auth FILE       its authentication information, 4096 bytes\n"
	"The emulation:\n"
	"  --vc KINDS           reflect as #VC: cpuid,msr,io,misc,mmio, all or none (none)\n"
	"  --trace KINDS        log: svsm,ghcb,rmp,exit,msr\n"
	"  --log FILE           the monitor's log (standard error)\n"
	"  --fault FAULT        break something on purpose; \"help\" lists what\n"
	"  --count              guest time is a count of instructions (one CPU)\n"
	"  --plain              no monitor: the same machine without SNP, to compare with\n"
	"  --qemu FILE          which QEMU (qemu-system-x86_64)\n"
	"  --json FILE          write the result and counters there\n"
	"  --verbose            say what is started, and the launch digest\n"
	"  --help, --version\n"
	"\n"
	"Exit status: the guest's own, 0 to 119 (the byte it wrote last to I/O port 0xf4), once\n"
	"it has powered off; 124: --timeout; 125: the guest died; 126: the emulator failed;\n"
	"127: usage; 128 + N: ended by signal N.\n";

enum {
	OPT_KERNEL = 256,
	OPT_INITRD,
	OPT_APPEND,
	OPT_VMPL,
	OPT_MEMORY,
	OPT_SMP,
	OPT_DISK,
	OPT_SERIAL,
	OPT_INTERACTIVE,
	OPT_TIMEOUT,
	OPT_TPM,
	OPT_STATE,
	OPT_KEYS,
	OPT_CERTS,
	OPT_PRODUCT,
	OPT_REPORT_VERSION,
	OPT_SIGN,
	OPT_POLICY,
	OPT_HOST_DATA,
	OPT_ID_BLOCK,
	OPT_ID_AUTH,
	OPT_VC,
	OPT_TRACE,
	OPT_LOG,
	OPT_FAULT,
	OPT_COUNT,
	OPT_PLAIN,
	OPT_QEMU,
	OPT_JSON,
	OPT_VERBOSE,
	OPT_HELP,
	OPT_VERSION,
};

static const struct option long_options[] = {
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "initrd", required_argument, NULL, OPT_INITRD },
	{ "append", required_argument, NULL, OPT_APPEND },
	{ "vmpl", required_argument, NULL, OPT_VMPL },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "smp", required_argument, NULL, OPT_SMP },
	{ "disk", required_argument, NULL, OPT_DISK },
	{ "serial", required_argument, NULL, OPT_SERIAL },
	{ "interactive", no_argument, NULL, OPT_INTERACTIVE },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "tpm", required_argument, NULL, OPT_TPM },
	{ "state", required_argument, NULL, OPT_STATE },
	{ "keys", required_argument, NULL, OPT_KEYS },
	{ "certs", required_argument, NULL, OPT_CERTS },
	{ "product", required_argument, NULL, OPT_PRODUCT },
	{ "report-version", required_argument, NULL, OPT_REPORT_VERSION },
	{ "sign", required_argument, NULL, OPT_SIGN },
	{ "policy", required_argument, NULL, OPT_POLICY },
	{ "host-data", required_argument, NULL, OPT_HOST_DATA },
	{ "id-block", required_argument, NULL, OPT_ID_BLOCK },
	{ "id-auth", required_argument, NULL, OPT_ID_AUTH },
	{ "vc", required_argument, NULL, OPT_VC },
	{ "trace", required_argument, NULL, OPT_TRACE },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "fault", required_argument, NULL, OPT_FAULT },
	{ "count", no_argument, NULL, OPT_COUNT },
	{ "plain", no_argument, NULL, OPT_PLAIN },
	{ "qemu", required_argument, NULL, OPT_QEMU },
	{ "json", required_argument, NULL, OPT_JSON },
	{ "verbose", no_argument, NULL, OPT_VERBOSE },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

struct word {
	const char *name;
	uint64_t flag;
};

static const struct word vc_words[] = {
	{ "cpuid", SNPEMU_F_VC_CPUID },
	{ "msr", SNPEMU_F_VC_MSR },
	{ "io", SNPEMU_F_VC_IO },
	{ "misc", SNPEMU_F_VC_MISC },
	{ "mmio", SNPEMU_F_VC_MMIO },
	{ "all", SNPEMU_F_VC_ALL },
	{ "none", 0 },
	{ NULL, 0 },
};

static const struct word trace_words[] = {
	{ "svsm", SNPEMU_F_TRACE_SVSM }, { "ghcb", SNPEMU_F_TRACE_GHCB },
	{ "rmp", SNPEMU_F_TRACE_RMP },	 { "exit", SNPEMU_F_TRACE_EXIT },
	{ "msr", SNPEMU_F_TRACE_MSR },	 { NULL, 0 },
};

static bool refuse(const char *name, const char *value, const char *expected)
{
	fprintf(stderr, "snpemu: --%s %s: expected %s\n", name, value, expected);
	return false;
}

static bool words(const struct word *w, const char *text, uint64_t *flags)
{
	while (*text) {
		size_t len = strcspn(text, ",");
		const struct word *found = w;

		while (found->name &&
		       (strlen(found->name) != len || memcmp(found->name, text, len)))
			found++;
		if (!found->name)
			return false;
		*flags |= found->flag;
		text += len + (text[len] == ',');
	}
	return true;
}

/* A number in [min, max] that uses all of the text */
static bool number(const char *text, int base, uint64_t min, uint64_t max, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, base);
	return text[0] != '-' && end != text && !*end && !errno && *value >= min && *value <= max;
}

static bool memory_size(const char *text, uint64_t *bytes)
{
	char *end;

	errno = 0;
	*bytes = strtoull(text, &end, 10);
	if (errno || end == text || text[0] == '-' || *bytes > SNPEMU_MEMORY_MAX)
		return false;
	if (!strcmp(end, "G"))
		*bytes <<= 30;
	else if (!strcmp(end, "M") || !*end)
		*bytes <<= 20;
	else
		return false;
	return *bytes >= SNPEMU_MEMORY_MIN && *bytes <= SNPEMU_MEMORY_MAX &&
	       *bytes % (2 << 20) == 0;
}

static bool hex_bytes(const char *text, uint8_t *out, size_t len)
{
	if (strlen(text) != 2 * len || strspn(text, "0123456789abcdefABCDEF") != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (sscanf(text + 2 * i, "%2hhx", &out[i]) != 1)
			return false;
	return true;
}

static bool set_product(struct options *o, const char *text)
{
	enum snp_product product;

	if (snp_product_from_name(text, &product))
		return refuse("product", text, "Milan, Genoa or Turin");
	snp_sp_config_init(&o->sp, product);
	return true;
}

static bool set_tpm(struct options *o, const char *text)
{
	if (!strncmp(text, "unix:", 5) && text[5])
		o->tpm = text + 5;
	else if (!strcmp(text, "swtpm") || !strcmp(text, "none"))
		o->tpm = text;
	else
		return refuse("tpm", text, "swtpm, none or unix:PATH");
	return true;
}

static bool set_fault(struct options *o, const char *text)
{
	char error[200];

	if (!strcmp(text, "help")) {
		fault_list();
		exit(0);
	}
	if (fault_parse(o, text, error, sizeof(error)))
		return true;
	fprintf(stderr, "snpemu: %s\n", error);
	return false;
}

/* Options of the emulated AMD-SP; --product is set before them. */
static bool set_sp(struct options *o, int which, const char *text)
{
	uint64_t v;

	switch (which) {
	case OPT_REPORT_VERSION:
		if (!number(text, 10, 2, 5, &v) || v == 4)
			return refuse("report-version", text, "2, 3 or 5");
		o->sp.report_version = (uint32_t)v;
		return true;
	case OPT_SIGN:
		if (strcmp(text, "vcek") && strcmp(text, "vlek"))
			return refuse("sign", text, "vcek or vlek");
		o->sp.vlek = !strcmp(text, "vlek");
		return true;
	case OPT_POLICY:
		if (!number(text, 16, 0, UINT64_MAX, &o->sp.policy))
			return refuse("policy", text, "a number in hex");
		return true;
	default:
		if (!hex_bytes(text, o->sp.host_data, SNP_HOST_DATA_SIZE))
			return refuse("host-data", text, "64 hex digits");
		return true;
	}
}

static bool set(struct options *o, int which, const char *text)
{
	uint64_t v;

	switch (which) {
	case OPT_KERNEL:
		o->kernel = text;
		return true;
	case OPT_INITRD:
		o->initrd = text;
		return true;
	case OPT_APPEND:
		o->append = text;
		return true;
	case OPT_VMPL:
		if (!number(text, 10, 0, 3, &v))
			return refuse("vmpl", text, "0 to 3");
		o->vmpl = (unsigned int)v;
		return true;
	case OPT_MEMORY:
		if (!memory_size(text, &o->memory))
			return refuse("memory", text, "512M to 16G, in whole 2 MiB");
		return true;
	case OPT_SMP:
		if (!number(text, 10, 1, SNPEMU_MAX_CPUS, &v))
			return refuse("smp", text, "1 to 8");
		o->smp = (unsigned int)v;
		return true;
	case OPT_TIMEOUT:
		if (!number(text, 10, 1, INT_MAX / 1000, &v))
			return refuse("timeout", text, "seconds");
		o->timeout = (unsigned int)v;
		return true;
	case OPT_VC:
		return words(vc_words, text, &o->flags) ||
		       refuse("vc", text, "cpuid, msr, io, misc, mmio, all or none");
	case OPT_TRACE:
		return words(trace_words, text, &o->flags) ||
		       refuse("trace", text, "svsm, ghcb, rmp, exit or msr");
	case OPT_DISK:
		o->disk = text;
		return true;
	case OPT_SERIAL:
		o->serial = text;
		return true;
	case OPT_INTERACTIVE:
		o->interactive = true;
		return true;
	case OPT_TPM:
		return set_tpm(o, text);
	case OPT_STATE:
		o->state = text;
		return true;
	case OPT_KEYS:
		o->keys = text;
		return true;
	case OPT_CERTS:
		o->certs = text;
		return true;
	case OPT_LOG:
		o->log = text;
		return true;
	case OPT_FAULT:
		return set_fault(o, text);
	case OPT_COUNT:
		o->count = true;
		o->flags |= SNPEMU_F_HIDE_TIME;
		return true;
	case OPT_PLAIN:
		o->plain = true;
		return true;
	case OPT_QEMU:
		o->qemu = text;
		return true;
	case OPT_JSON:
		o->json = text;
		return true;
	case OPT_ID_BLOCK:
		o->id_block = text;
		return true;
	case OPT_ID_AUTH:
		o->id_auth = text;
		return true;
	case OPT_VERBOSE:
		o->verbose = true;
		return true;
	case OPT_PRODUCT:
		return true; /* in the pass before */
	default:
		return set_sp(o, which, text);
	}
}

/*
 * What belongs to the program is beside it, or where "make install" puts it.
 * @path has PATH_MAX + 64 bytes; false if the program does not know where it is.
 */
static bool find_beside(char *path, const char *name)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0)
		return false;
	self[n] = 0;
	*strrchr(self, '/') = 0;
	snprintf(path, PATH_MAX + 64, "%s/%s", self, name);
	if (access(path, R_OK))
		snprintf(path, PATH_MAX + 64, "%s/../lib/snpemu/%s", self, name);
	return true;
}

static const char *find_monitor(void)
{
	static char path[PATH_MAX + 64];

	return find_beside(path, "monitor.elf") ? path : NULL;
}

/* "snpemu ci" is a script, which runs this program for each guest. Returns only if it cannot. */
static int run_ci(char **argv)
{
	char script[PATH_MAX + 64], self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n > 0 && find_beside(script, "ci/ci.sh")) {
		self[n] = 0;
		setenv("SNPEMU", self, 1);
		argv[0] = (char *)"sh";
		argv[1] = script;
		execv("/bin/sh", argv);
	}
	fprintf(stderr, "snpemu: ci: cannot be started: %s\n", strerror(errno));
	return EXIT_CI_EMULATOR;
}

static const char *default_keys(void)
{
	static char path[PATH_MAX];
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");

	if (data && data[0] == '/')
		snprintf(path, sizeof(path), "%s/snpemu/keys", data);
	else
		snprintf(path, sizeof(path), "%s/.local/share/snpemu/keys", home ? home : "");
	return path;
}

static int check(struct options *o)
{
	if (!o->kernel) {
		fprintf(stderr, "snpemu: --kernel is missing; --help explains\n");
		return EXIT_USAGE;
	}
	if (o->count && o->smp != 1) {
		fprintf(stderr, "snpemu: --count needs --smp 1\n");
		return EXIT_USAGE;
	}
	if (o->plain && strcmp(o->tpm, "swtpm") && strcmp(o->tpm, "none")) {
		fprintf(stderr, "snpemu: --plain takes --tpm swtpm or none only\n");
		return EXIT_USAGE;
	}
	if (!o->id_block != !o->id_auth) {
		fprintf(stderr, "snpemu: --id-block and --id-auth belong together\n");
		return EXIT_USAGE;
	}
	if (!strcmp(o->tpm, "none"))
		o->flags |= SNPEMU_F_NO_VTPM;
	o->sp.key_dir = o->keys;
	return 0;
}

/*
 * Once for --product, whose defaults the other options change whatever their
 * order is, and once for all the others.
 */
static bool parse_pass(struct options *o, int argc, char **argv, bool product)
{
	int c;

	optind = 0;
	opterr = !product;
	while ((c = getopt_long(argc, argv, "+", long_options, NULL)) != -1) {
		if (product) {
			if (c == OPT_PRODUCT && !set_product(o, optarg))
				return false;
			continue;
		}
		if (c == OPT_HELP) {
			fputs(help_text, stdout);
			exit(0);
		}
		if (c == OPT_VERSION) {
			puts("snpemu " VERSION);
			exit(0);
		}
		if (c == '?' || !set(o, c, optarg))
			return false;
	}
	return true;
}

int options_parse(struct options *o, int argc, char **argv)
{
	*o = (struct options){ .append = "",
			       .qemu = "qemu-system-x86_64",
			       .tpm = "swtpm",
			       .memory = 1ULL << 30,
			       .smp = 1,
			       .vmpl = 2,
			       .monitor = find_monitor(),
			       .keys = default_keys() };
	snp_sp_config_init(&o->sp, SNP_MILAN);
	if (argc > 1 && !strcmp(argv[1], "ci"))
		return run_ci(argv);
	if (argc > 1 && !strcmp(argv[1], "measure")) {
		o->measure = true;
		argv++;
		argc--;
	}
	if (!parse_pass(o, argc, argv, true) || !parse_pass(o, argc, argv, false))
		return EXIT_USAGE;
	if (optind < argc && strcmp(argv[optind - 1], "--")) {
		fprintf(stderr, "snpemu: %s: unexpected; --help explains\n", argv[optind]);
		return EXIT_USAGE;
	}
	o->qemu_args = argv + optind;
	return check(o);
}
