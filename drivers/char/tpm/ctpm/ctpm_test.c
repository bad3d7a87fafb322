// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit suites of the driver, a suite for each of its files, against a fake
 * SVSM with a fake TPM in it; the last one calls the SVSM that is really there.
 */
#include <kunit/device.h>
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/cc_platform.h>
#include <linux/hash_info.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/unaligned.h>

#include "compat.h"
#include "ctpm.h"

#define FAKE_MANIFEST_SIZE	314
#define FAKE_TIMEOUT_MS		30
#define VTPM_CALL(x)		(2ULL << 32 | (x))
#define ATTEST_SINGLE		(BIT_ULL(32) | 1)

/* What the fake SVSM does, and what it saw */
static struct fake {
	u64 result;		/* of each call, unless 0 */
	unsigned int result_times; /* so often, then it works */
	int error;		/* the call cannot be made at all */
	u64 commands;		/* of VTPM_QUERY */
	/* attestation: sizes that are returned, whatever is there */
	u64 report_size, manifest_size, certs_size, attest_result;
	bool no_certs;		/* refuse a request with certificates */
	bool other_nonce;
	u32 vmpl, report_version;
	/* TPM: a response of this size and header length instead of its own */
	bool forced;
	u32 forced_size, forced_length;
	u32 fail_command;	/* a command code that fails */
	unsigned int fail_times;
	u8 pcr[20];		/* of all banks, before */
	/* seen */
	unsigned int calls, attests, extends;
	struct ctpm_regs first, last;
	u8 command[64], extended[200];
} fake;

static u8 *test_page(struct kunit *test)
{
	u8 *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	return page;
}

static void fake_report(u8 *report, const u8 *nonce, const u8 *manifest, u32 len)
{
	memset(report, 0, SNP_REPORT_SIZE);
	put_unaligned_le32(fake.report_version, report);
	put_unaligned_le64(0x30000, report + SNP_REPORT_POLICY);
	put_unaligned_le32(fake.vmpl, report + SNP_REPORT_VMPL);
	memset(report + SNP_REPORT_MEASUREMENT, 0x4d, 48);
	ctpm_sha512(report + SNP_REPORT_DATA, nonce, CTPM_NONCE_SIZE, manifest, len);
	if (fake.other_nonce)
		report[SNP_REPORT_DATA] ^= 1;
}

static void fake_attest(struct ctpm_regs *regs)
{
	const struct svsm_attest_call *op = __va(regs->rcx);
	u8 *manifest = __va(op->manifest_buf.pa);

	fake.attests++;
	regs->rcx = fake.manifest_size;
	regs->rdx = op->certificates_buf.len ? fake.certs_size : 0;
	regs->r8 = fake.report_size;
	regs->rax = fake.attest_result;
	if (fake.attest_result)
		return;
	if (fake.no_certs && op->certificates_buf.len) {
		regs->rcx = 0;
		regs->rdx = 0;
		regs->rax = SVSM_ERR_INVALID_PARAMETER;
		return;
	}
	if (fake.manifest_size > op->manifest_buf.len || fake.report_size > op->report_buf.len ||
	    regs->rdx > op->certificates_buf.len) {
		regs->rax = SVSM_ERR_INVALID_PARAMETER;
		return;
	}
	memset(manifest, 0x45, min_t(u64, fake.manifest_size, PAGE_SIZE));
	fake_report(__va(op->report_buf.pa), __va(op->nonce.pa), manifest, fake.manifest_size);
}

static u32 fake_body(u32 code, const u8 *cmd, u8 *body)
{
	u16 n;

	switch (code) {
	case TPM2_CC_GET_RANDOM:
		n = get_unaligned_be16(cmd + 10);
		put_unaligned_be16(n, body);
		memset(body + 2, 0x52, n);
		return 2 + n;
	case 0x181: /* TPM2_ReadClock */
		memset(body, 0, 25);
		put_unaligned_be32(7, body + 16);
		put_unaligned_be32(9, body + 20);
		return 25;
	case TPM2_CC_PCR_READ:
		memset(body, 0, 20);
		put_unaligned_be32(1, body + 4);
		memcpy(body + 8, cmd + 14, 6);
		put_unaligned_be32(1, body + 14);
		n = get_unaligned_be16(cmd + 14) == TPM_ALG_SHA256 ? 32 : 20;
		put_unaligned_be16(n, body + 18);
		memset(body + 20, 0, n);
		memcpy(body + 20, fake.pcr, sizeof(fake.pcr));
		return 20 + n;
	case TPM2_CC_PCR_EXTEND:
		fake.extends++;
		memcpy(fake.extended, cmd + 10, sizeof(fake.extended));
		return 0;
	}
	return 0;
}

static void fake_tpm(u8 *page)
{
	u8 cmd[256], *rsp = page + 4;
	u32 code, len;
	bool fails;

	memcpy(cmd, page + 9, sizeof(cmd));
	memcpy(fake.command, page, sizeof(fake.command));
	code = get_unaligned_be32(cmd + 6);
	fails = code == fake.fail_command && fake.fail_times;
	if (fails)
		fake.fail_times--;
	if (fake.forced)
		memset(rsp, 0x5a, PAGE_SIZE - 4);
	len = 10 + (fails ? 0 : fake_body(code, cmd, rsp + 10));
	put_unaligned_be16(TPM2_ST_NO_SESSIONS, rsp);
	put_unaligned_be32(fake.forced ? fake.forced_length : len, rsp + 2);
	put_unaligned_be32(fails ? TPM2_RC_FAILURE : 0, rsp + 6);
	put_unaligned_le32(fake.forced ? fake.forced_size : len, page);
}

static int fake_call(u64 call, u64 arg, struct ctpm_regs *regs)
{
	*regs = (struct ctpm_regs) { .rax = call, .rcx = arg };
	if (!fake.calls++)
		fake.first = *regs;
	fake.last = *regs;
	if (fake.error)
		return fake.error;
	if (fake.result && fake.result_times) {
		fake.result_times--;
		*regs = (struct ctpm_regs) { .rax = fake.result, .rcx = 0xbad };
		return 0;
	}
	switch (regs->rax) {
	case VTPM_CALL(0):
		regs->rax = 0;
		regs->rcx = fake.commands;
		break;
	case VTPM_CALL(1):
		regs->rax = 0;
		fake_tpm(__va(regs->rcx));
		break;
	case ATTEST_SINGLE:
		fake_attest(regs);
		break;
	default:
		regs->rax = SVSM_ERR_UNSUPPORTED_CALL;
	}
	return 0;
}

static int fake_init(struct kunit *test)
{
	fake = (struct fake) {
		.commands = BIT(8),
		.report_size = SNP_REPORT_SIZE,
		.manifest_size = FAKE_MANIFEST_SIZE,
		.certs_size = 5000,
		.report_version = 3,
		.result_times = UINT_MAX,
	};
	kunit_activate_static_stub(test, ctpm_svsm_once, fake_call);
	return 0;
}

/* svsm.c */

static void busy_is_asked_again(struct kunit *test)
{
	struct ctpm_regs regs;

	fake.result = SVSM_ERR_BUSY;
	fake.result_times = 3;
	KUNIT_EXPECT_EQ(test, ctpm_svsm_call(VTPM_CALL(0), 5, &regs, 1000), 0);
	KUNIT_EXPECT_EQ(test, fake.calls, 4);
	KUNIT_EXPECT_EQ(test, regs.rax, 0);
	KUNIT_EXPECT_EQ(test, fake.first.rcx, 5);
	/* with the registers of the first time */
	KUNIT_EXPECT_MEMEQ(test, &fake.first, &fake.last, sizeof(fake.first));
}

static void incomplete_is_asked_again(struct kunit *test)
{
	struct ctpm_regs regs;

	fake.result = SVSM_ERR_INCOMPLETE;
	fake.result_times = 2;
	KUNIT_EXPECT_EQ(test, ctpm_svsm_call(VTPM_CALL(0), 0, &regs, 1000), 0);
	KUNIT_EXPECT_EQ(test, fake.calls, 3);
}

static void busy_for_ever_ends_in_time(struct kunit *test)
{
	struct ctpm_regs regs;

	fake.result = SVSM_ERR_BUSY;
	KUNIT_EXPECT_EQ(test, ctpm_svsm_call(VTPM_CALL(0), 0, &regs, FAKE_TIMEOUT_MS), -ETIMEDOUT);
	KUNIT_EXPECT_GT(test, fake.calls, 1);
}

static void a_signal_ends_the_wait(struct kunit *test)
{
	struct ctpm_regs regs;

	fake.result = SVSM_ERR_BUSY;
	set_thread_flag(TIF_SIGPENDING);
	KUNIT_EXPECT_EQ(test, ctpm_svsm_call(VTPM_CALL(0), 0, &regs, 10000), -ERESTARTSYS);
	clear_thread_flag(TIF_SIGPENDING);
	KUNIT_EXPECT_EQ(test, fake.calls, 1);
}

static void a_call_that_is_lost_is_an_error(struct kunit *test)
{
	struct ctpm_regs regs;

	fake.error = -EIO;
	KUNIT_EXPECT_EQ(test, ctpm_svsm_call(VTPM_CALL(0), 0, &regs, 1000), -EIO);
	KUNIT_EXPECT_EQ(test, fake.calls, 1);
}

static struct kunit_case svsm_cases[] = {
	KUNIT_CASE(busy_is_asked_again),
	KUNIT_CASE(incomplete_is_asked_again),
	KUNIT_CASE(busy_for_ever_ends_in_time),
	KUNIT_CASE(a_signal_ends_the_wait),
	KUNIT_CASE(a_call_that_is_lost_is_an_error),
	{}
};

static struct kunit_suite svsm_suite = {
	.name = "ctpm-svsm",
	.init = fake_init,
	.test_cases = svsm_cases,
};

/* vtpm.c: the vTPM protocol */

static void query_tells_what_the_vtpm_can(struct kunit *test)
{
	u64 commands = 0;

	fake.commands = BIT(8) | BIT(20);
	KUNIT_EXPECT_EQ(test, ctpm_vtpm_query(&commands), 0);
	KUNIT_EXPECT_EQ(test, commands, BIT(8) | BIT(20));
}

static void every_svsm_code_has_an_errno(struct kunit *test)
{
	static const struct {
		u64 code;
		int error;
	} cases[] = {
		{ SVSM_ERR_UNSUPPORTED_PROTOCOL, -EOPNOTSUPP },
		{ SVSM_ERR_UNSUPPORTED_CALL, -EOPNOTSUPP },
		{ SVSM_ERR_INVALID_ADDRESS, -EFAULT },
		{ SVSM_ERR_INVALID_FORMAT, -EINVAL },
		{ SVSM_ERR_INVALID_PARAMETER, -EINVAL },
		{ SVSM_ERR_INVALID_REQUEST, -EINVAL },
		{ 0x80001000, -EIO },
		{ 1, -EIO },
		{ U64_MAX, -EIO },
	};
	u8 *page = test_page(test), rsp[64];
	u64 commands;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		fake.result = cases[i].code;
		KUNIT_EXPECT_EQ(test, ctpm_vtpm_query(&commands), cases[i].error);
		KUNIT_EXPECT_EQ(test,
				ctpm_vtpm_transmit(page, "0123456789", 10, rsp, sizeof(rsp), 1000),
				cases[i].error);
	}
}

/* TPM2_GetRandom(8) */
static const u8 get_random[] = { 0x80, 0x01, 0, 0, 0, 12, 0, 0, 1, 0x7b, 0, 8 };

static void a_command_is_framed_as_the_protocol_says(struct kunit *test)
{
	static const u8 header[] = { 8, 0, 0, 0, 0, sizeof(get_random), 0, 0, 0 };
	u8 *page = test_page(test), rsp[64];

	KUNIT_EXPECT_EQ(test, ctpm_vtpm_transmit(page, get_random, sizeof(get_random), rsp,
						 sizeof(rsp), 1000), 20);
	KUNIT_EXPECT_MEMEQ(test, fake.command, header, sizeof(header));
	KUNIT_EXPECT_MEMEQ(test, fake.command + sizeof(header), get_random, sizeof(get_random));
	KUNIT_EXPECT_EQ(test, fake.last.rcx, __pa(page));
	KUNIT_EXPECT_EQ(test, rsp[19], 0x52);
}

static void a_command_larger_than_the_page_is_refused(struct kunit *test)
{
	u8 *page = test_page(test), *cmd = test_page(test), rsp[64];

	KUNIT_EXPECT_EQ(test, ctpm_vtpm_transmit(page, cmd, PAGE_SIZE - 8, rsp, 64, 1000), -E2BIG);
	KUNIT_EXPECT_EQ(test, ctpm_vtpm_transmit(page, cmd, SIZE_MAX, rsp, 64, 1000), -E2BIG);
	KUNIT_EXPECT_EQ(test, fake.calls, 0);
	KUNIT_EXPECT_EQ(test, ctpm_vtpm_transmit(page, cmd, PAGE_SIZE - 9, rsp, 64, 1000), 10);
}

static void a_command_that_fails_is_wiped(struct kunit *test)
{
	u8 *page = test_page(test), rsp[64];

	fake.result = SVSM_ERR_INVALID_REQUEST;
	KUNIT_EXPECT_LT(test, ctpm_vtpm_transmit(page, "a secret, as it were", 20, rsp, 64, 1000),
			0);
	KUNIT_EXPECT_NULL(test, memchr_inv(page, 0, PAGE_SIZE));
}

/* A response of the fake TPM: its size, what its header says, the room for it */
static int forced_response(u8 *page, u8 *rsp, u32 size, u32 length, size_t room)
{
	fake.forced = true;
	fake.forced_size = size;
	fake.forced_length = length;
	return ctpm_vtpm_transmit(page, get_random, sizeof(get_random), rsp, room, 1000);
}

static void a_response_is_taken_and_wiped(struct kunit *test)
{
	u8 *page = test_page(test), *rsp = test_page(test);

	KUNIT_EXPECT_EQ(test, forced_response(page, rsp, 100, 100, PAGE_SIZE), 100);
	KUNIT_EXPECT_EQ(test, rsp[99], 0x5a);
	KUNIT_EXPECT_EQ(test, rsp[100], 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(page, 0, 104));
	/* the largest */
	KUNIT_EXPECT_EQ(test, forced_response(page, rsp, PAGE_SIZE - 4, PAGE_SIZE - 4, PAGE_SIZE),
			(int)PAGE_SIZE - 4);
	/* the smallest, into a buffer of its size */
	KUNIT_EXPECT_EQ(test, forced_response(page, rsp, 10, 10, 10), 10);
}

static void a_command_longer_than_its_response_is_wiped(struct kunit *test)
{
	u8 *page = test_page(test), *cmd = test_page(test), rsp[64];

	memset(cmd, 0x5a, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, ctpm_vtpm_transmit(page, cmd, 2000, rsp, sizeof(rsp), 1000), 10);
	KUNIT_EXPECT_NULL(test, memchr_inv(page, 0, PAGE_SIZE));
}

static void a_response_of_a_wrong_size_is_refused(struct kunit *test)
{
	static const struct {
		u32 size, length;
		size_t room;
	} cases[] = {
		{ 0, 0, PAGE_SIZE },
		{ 9, 9, PAGE_SIZE },
		{ PAGE_SIZE - 3, PAGE_SIZE - 3, 2 * PAGE_SIZE },
		{ U32_MAX, U32_MAX, PAGE_SIZE },
		{ 100, 99, PAGE_SIZE },
		{ 100, 101, PAGE_SIZE },
		{ 100, 0, PAGE_SIZE },
		{ 100, 100, 99 },
		{ 10, 10, 0 },
	};
	u8 *page = test_page(test), *rsp = test_page(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		KUNIT_EXPECT_EQ_MSG(test, forced_response(page, rsp, cases[i].size, cases[i].length,
							  cases[i].room), -EIO, "case %u", i);
		KUNIT_EXPECT_NULL(test, memchr_inv(page, 0, PAGE_SIZE));
		KUNIT_EXPECT_NULL(test, memchr_inv(rsp, 0, PAGE_SIZE));
	}
}

/* vtpm.c: attestation */

static int attest(struct ctpm_evidence *ev)
{
	static const u8 nonce[CTPM_NONCE_SIZE] = { 1, 2, 3 };

	memset(ev, 0, sizeof(*ev));
	return ctpm_attest(nonce, ev, FAKE_TIMEOUT_MS);
}

static void evidence_comes_with_its_certificates(struct kunit *test)
{
	struct ctpm_evidence ev;

	KUNIT_ASSERT_EQ(test, attest(&ev), 0);
	KUNIT_EXPECT_EQ(test, ev.report.len, SNP_REPORT_SIZE);
	KUNIT_EXPECT_EQ(test, ev.manifest.len, FAKE_MANIFEST_SIZE);
	KUNIT_EXPECT_EQ(test, ev.certificates.len, 5000);
	KUNIT_EXPECT_EQ(test, fake.attests, 1);
	ctpm_evidence_free(&ev);
}

static void sizes_are_negotiated(struct kunit *test)
{
	struct ctpm_evidence ev;

	fake.manifest_size = PAGE_SIZE + 1;
	fake.certs_size = SZ_16K + 1;
	KUNIT_ASSERT_EQ(test, attest(&ev), 0);
	KUNIT_EXPECT_EQ(test, ev.manifest.len, PAGE_SIZE + 1);
	KUNIT_EXPECT_EQ(test, ev.certificates.len, SZ_16K + 1);
	KUNIT_EXPECT_EQ(test, fake.attests, 3);
	ctpm_evidence_free(&ev);
}

static void refused_certificates_are_done_without(struct kunit *test)
{
	struct ctpm_evidence ev;

	fake.no_certs = true;
	KUNIT_ASSERT_EQ(test, attest(&ev), 0);
	KUNIT_EXPECT_EQ(test, ev.report.len, SNP_REPORT_SIZE);
	KUNIT_EXPECT_EQ(test, ev.certificates.len, 0);
	ctpm_evidence_free(&ev);
}

static void sizes_without_sense_are_refused(struct kunit *test)
{
	static const struct {
		u64 report, manifest, certs, result;
		int error;
	} cases[] = {
		{ 0, 314, 0, 0, -EMSGSIZE },
		{ 1184, 0, 0, 0, -EMSGSIZE },
		{ PAGE_SIZE + 1, 314, 0, 0, -EMSGSIZE },
		{ U64_MAX, 314, 0, 0, -EMSGSIZE },
		{ 1184, SZ_64K + 1, 0, 0, -EINVAL },
		{ 1184, U64_MAX, 0, 0, -EINVAL },
		{ 1184, 314, 0, SVSM_ERR_UNSUPPORTED_PROTOCOL, -EOPNOTSUPP },
		{ 1184, 314, 0, SVSM_ERR_INVALID_REQUEST, -EINVAL },
		{ 1184, 314, 0, SVSM_ERR_INVALID_ADDRESS, -EFAULT },
		{ 1184, 314, 0, SVSM_ERR_BUSY, -ETIMEDOUT },
	};
	struct ctpm_evidence ev;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		fake.report_size = cases[i].report;
		fake.manifest_size = cases[i].manifest;
		fake.certs_size = cases[i].certs;
		fake.attest_result = cases[i].result;
		KUNIT_EXPECT_EQ_MSG(test, attest(&ev), cases[i].error, "case %u", i);
		KUNIT_EXPECT_NULL(test, ev.report.data);
		KUNIT_EXPECT_NULL(test, ev.manifest.data);
		KUNIT_EXPECT_NULL(test, ev.certificates.data);
	}
}

static struct kunit_case vtpm_cases[] = {
	KUNIT_CASE(query_tells_what_the_vtpm_can),
	KUNIT_CASE(every_svsm_code_has_an_errno),
	KUNIT_CASE(a_command_is_framed_as_the_protocol_says),
	KUNIT_CASE(a_command_larger_than_the_page_is_refused),
	KUNIT_CASE(a_command_that_fails_is_wiped),
	KUNIT_CASE(a_response_is_taken_and_wiped),
	KUNIT_CASE(a_command_longer_than_its_response_is_wiped),
	KUNIT_CASE(a_response_of_a_wrong_size_is_refused),
	KUNIT_CASE(evidence_comes_with_its_certificates),
	KUNIT_CASE(sizes_are_negotiated),
	KUNIT_CASE(refused_certificates_are_done_without),
	KUNIT_CASE(sizes_without_sense_are_refused),
	{}
};

static struct kunit_suite vtpm_suite = {
	.name = "ctpm-vtpm",
	.init = fake_init,
	.test_cases = vtpm_cases,
};

/* chip.c: the TPM core on top of it, with a chip that is not registered */

static struct tpm_bank_info test_banks[] = {
	{ .alg_id = TPM_ALG_SHA1, .digest_size = 20, .crypto_id = HASH_ALGO_SHA1 },
	{ .alg_id = TPM_ALG_SHA256, .digest_size = 32, .crypto_id = HASH_ALGO_SHA256 },
};

static struct tpm_chip *test_chip(struct kunit *test)
{
	struct device *dev = kunit_device_register(test, "ctpm-test");
	struct tpm_chip *chip;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	chip = ctpm_chip_alloc(dev, FAKE_TIMEOUT_MS);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, chip);
	/* as if tpm_chip_bootstrap() had found them */
	memcpy(chip->allocated_banks, test_banks, sizeof(test_banks));
	chip->nr_allocated_banks = ARRAY_SIZE(test_banks);
	return chip;
}

static void a_command_of_the_core_gets_through(struct kunit *test)
{
	struct tpm_chip *chip = test_chip(test);
	u8 random[16] = {};

	KUNIT_EXPECT_EQ(test, tpm_get_random(chip, random, sizeof(random)), 16);
	KUNIT_EXPECT_EQ(test, random[15], 0x52);
	KUNIT_EXPECT_TRUE(test, chip->flags & TPM_CHIP_FLAG_TPM2);
}

static void the_core_sees_errors(struct kunit *test)
{
	struct tpm_chip *chip = test_chip(test);
	u8 random[16];

	fake.result = SVSM_ERR_INVALID_REQUEST;
	KUNIT_EXPECT_LT(test, tpm_get_random(chip, random, sizeof(random)), 0);
	fake.result = 0;
	fake.forced = true;
	fake.forced_size = 28;
	fake.forced_length = 27;
	KUNIT_EXPECT_LT(test, tpm_get_random(chip, random, sizeof(random)), 0);
	fake.forced = false;
	KUNIT_EXPECT_EQ(test, tpm_get_random(chip, random, sizeof(random)), 16);
}

static struct kunit_case chip_cases[] = {
	KUNIT_CASE(a_command_of_the_core_gets_through),
	KUNIT_CASE(the_core_sees_errors),
	{}
};

static struct kunit_suite chip_suite = {
	.name = "ctpm-chip",
	.init = fake_init,
	.test_cases = chip_cases,
};

/* log.c: by hand, from the TCG's tables */

static void the_log_is_as_computed_by_hand(struct kunit *test)
{
	static const u8 expected[] = {
		0, 0, 0, 0, 3, 0, 0, 0,		/* PCR 0, EV_NO_ACTION */
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		37, 0, 0, 0,			/* size of the event */
		'S', 'p', 'e', 'c', ' ', 'I', 'D', ' ', 'E', 'v', 'e', 'n', 't', '0', '3', 0,
		0, 0, 0, 0, 0, 2, 0, 2,		/* client platform, 2.0, errata 0, 64 bits */
		2, 0, 0, 0, 4, 0, 20, 0, 11, 0, 32, 0, /* two banks */
		0,				/* no vendor information */
		13, 0, 0, 0, 6, 0, 0, 0,	/* PCR 13, EV_EVENT_TAG */
		2, 0, 0, 0,			/* digests */
		4, 0, 0xa1, 0xa1, 0xa1, 0xa1, 0xa1, 0xa1, 0xa1, 0xa1, 0xa1, 0xa1,
		0xa1, 0xa1, 0xa1, 0xa1, 0xa1, 0xa1, 0xa1, 0xa1, 0xa1, 0xa1,
		11, 0, 0xa2, 0xa2, 0xa2, 0xa2, 0xa2, 0xa2, 0xa2, 0xa2, 0xa2, 0xa2, 0xa2, 0xa2,
		0xa2, 0xa2, 0xa2, 0xa2, 0xa2, 0xa2, 0xa2, 0xa2, 0xa2, 0xa2, 0xa2, 0xa2,
		0xa2, 0xa2, 0xa2, 0xa2, 0xa2, 0xa2, 0xa2, 0xa2,
		11, 0, 0, 0,			/* size of the tagged event */
		3, 0x50, 0x54, 0x43, 3, 0, 0, 0, 'a', 'b', 'c',
	};
	struct tpm_digest digests[2] = {};
	struct ctpm_log log = {};

	memset(digests[0].digest, 0xa1, 20);
	memset(digests[1].digest, 0xa2, 32);
	KUNIT_ASSERT_EQ(test, ctpm_log_start(&log, test_banks, 2), 0);
	KUNIT_ASSERT_EQ(test, ctpm_log_event(&log, 13, digests, 2, test_banks, CTPM_TAG_ERROR,
					     "abc", 3), 0);
	KUNIT_ASSERT_EQ(test, log.len, sizeof(expected));
	KUNIT_EXPECT_MEMEQ(test, log.data, expected, sizeof(expected));
	ctpm_log_free(&log);
	KUNIT_EXPECT_NULL(test, log.data);
}

static void the_log_grows_without_losing_anything(struct kunit *test)
{
	struct tpm_digest digests[2] = {};
	struct ctpm_log log = {};
	size_t start, one;
	int i;

	KUNIT_ASSERT_EQ(test, ctpm_log_start(&log, test_banks, 2), 0);
	start = log.len;
	for (i = 0; i < 200; i++)
		KUNIT_ASSERT_EQ(test, ctpm_log_event(&log, 13, digests, 2, test_banks, i, "x", 1),
				0);
	one = (log.len - start) / 200;
	KUNIT_EXPECT_EQ(test, log.len, start + 200 * one);
	for (i = 0; i < 200; i++)
		KUNIT_EXPECT_EQ(test, get_unaligned_le32(log.data + start + (i + 1) * one - 9), i);
	ctpm_log_free(&log);
}

static struct kunit_case log_cases[] = {
	KUNIT_CASE(the_log_is_as_computed_by_hand),
	KUNIT_CASE(the_log_grows_without_losing_anything),
	{}
};

static struct kunit_suite log_suite = {
	.name = "ctpm-log",
	.test_cases = log_cases,
};

/* bind.c */

static void pcrs_that_can_be_reset_are_not_allowed(struct kunit *test)
{
	int pcr;

	for (pcr = -2; pcr < 40; pcr++)
		KUNIT_EXPECT_EQ(test, ctpm_pcr_allowed(pcr), pcr >= 0 && pcr < 16);
	KUNIT_EXPECT_FALSE(test, ctpm_pcr_allowed(INT_MAX));
	KUNIT_EXPECT_FALSE(test, ctpm_pcr_allowed(INT_MIN));
}

static void digests_are_the_banks_own(struct kunit *test)
{
	static const u8 sha256_abc[] = {
		0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae,
		0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61,
		0xf2, 0x00, 0x15, 0xad,
	};
	static const u8 sha1_abc[] = {
		0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81, 0x6a, 0xba, 0x3e, 0x25, 0x71, 0x78, 0x50,
		0xc2, 0x6c, 0x9c, 0xd0, 0xd8, 0x9d,
	};
	/* a hash that the kernel does not have */
	const struct tpm_bank_info unknown = {
		.alg_id = 0x29, .digest_size = 64, .crypto_id = HASH_ALGO__LAST,
	};
	static const u8 zeros[32];
	struct tpm_digest digest;

	KUNIT_EXPECT_EQ(test, ctpm_hash(&test_banks[0], "abc", 3, &digest), 0);
	KUNIT_EXPECT_EQ(test, digest.alg_id, TPM_ALG_SHA1);
	KUNIT_EXPECT_MEMEQ(test, digest.digest, sha1_abc, sizeof(sha1_abc));
	KUNIT_EXPECT_EQ(test, ctpm_hash(&test_banks[1], "abc", 3, &digest), 0);
	KUNIT_EXPECT_MEMEQ(test, digest.digest, sha256_abc, sizeof(sha256_abc));
	KUNIT_EXPECT_EQ(test, ctpm_hash(&unknown, "abc", 3, &digest), 0);
	KUNIT_EXPECT_EQ(test, digest.alg_id, 0x29);
	KUNIT_EXPECT_MEMEQ(test, digest.digest, sha256_abc, sizeof(sha256_abc));
	KUNIT_EXPECT_MEMEQ(test, digest.digest + 32, zeros, sizeof(zeros));
}

static void a_report_that_is_not_the_one_asked_for_is_refused(struct kunit *test)
{
	static const u8 nonce[CTPM_NONCE_SIZE] = { 1, 2, 3 }, other[CTPM_NONCE_SIZE] = { 1, 2, 4 };
	struct ctpm_evidence ev;

	KUNIT_ASSERT_EQ(test, attest(&ev), 0);
	KUNIT_EXPECT_EQ(test, ctpm_check_report(&ev, nonce), 0);
	KUNIT_EXPECT_EQ(test, ctpm_check_report(&ev, other), -EKEYREJECTED);

	ev.manifest.data[0] ^= 1;
	KUNIT_EXPECT_EQ(test, ctpm_check_report(&ev, nonce), -EKEYREJECTED);
	ev.manifest.data[0] ^= 1;
	ev.manifest.len--;
	KUNIT_EXPECT_EQ(test, ctpm_check_report(&ev, nonce), -EKEYREJECTED);
	ev.manifest.len++;
	ev.report.data[SNP_REPORT_DATA + 63] ^= 0x80;
	KUNIT_EXPECT_EQ(test, ctpm_check_report(&ev, nonce), -EKEYREJECTED);
	ev.report.data[SNP_REPORT_DATA + 63] ^= 0x80;

	ev.report.len--;
	KUNIT_EXPECT_EQ(test, ctpm_check_report(&ev, nonce), -EBADMSG);
	ev.report.len++;
	ev.report.data[0] = 1;
	KUNIT_EXPECT_EQ(test, ctpm_check_report(&ev, nonce), -EBADMSG);
	ev.report.data[0] = 6;
	KUNIT_EXPECT_EQ(test, ctpm_check_report(&ev, nonce), -EBADMSG);
	ev.report.data[0] = 5;
	KUNIT_EXPECT_EQ(test, ctpm_check_report(&ev, nonce), 0);
	ev.report.data[SNP_REPORT_VMPL] = 2;
	KUNIT_EXPECT_EQ(test, ctpm_check_report(&ev, nonce), -EPERM);
	ctpm_evidence_free(&ev);
}

static const struct ctpm_params test_params = {
	.report_pcr = 13,
	.identity_pcr = -1,
	.timeout_ms = FAKE_TIMEOUT_MS,
};

/* Tag of the log's last event, whose data are that long */
static u32 last_tag(const struct ctpm_state *st, u32 size)
{
	return get_unaligned_le32(st->log.data + st->log.len - size - 8);
}

static void the_reports_digest_is_extended_and_logged(struct kunit *test)
{
	struct tpm_chip *chip = test_chip(test);
	const struct ctpm_report_event *event;
	struct ctpm_state st = {};
	struct tpm_digest digest;
	u8 nonce[CTPM_NONCE_SIZE], tail[40];

	KUNIT_ASSERT_EQ(test, ctpm_bind(chip, &test_params, &st), 0);
	KUNIT_EXPECT_TRUE(test, st.bound);
	KUNIT_EXPECT_FALSE(test, st.late);
	KUNIT_EXPECT_EQ(test, fake.extends, 1);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(fake.extended), 13);
	ctpm_hash(&test_banks[1], st.ev.report.data, st.ev.report.len, &digest);
	/* handle, authorization (13 bytes), count, SHA-1 (22 bytes), algorithm */
	KUNIT_EXPECT_MEMEQ(test, fake.extended + 4 + 13 + 4 + 22 + 2, digest.digest, 32);

	event = (void *)(st.log.data + st.log.len - sizeof(*event));
	KUNIT_EXPECT_EQ(test, last_tag(&st, sizeof(*event)), CTPM_TAG_REPORT);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(event->reset_count), 7);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(event->restart_count), 9);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(event->flags), 0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(event->report_size), SNP_REPORT_SIZE);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(event->manifest_size), FAKE_MANIFEST_SIZE);

	/* the nonce can be made again from the event */
	memcpy(tail, event->random, 32);
	put_unaligned_le32(7, tail + 32);
	put_unaligned_le32(9, tail + 36);
	ctpm_sha512(nonce, CTPM_NONCE_LABEL, strlen(CTPM_NONCE_LABEL), tail, sizeof(tail));
	KUNIT_EXPECT_EQ(test, ctpm_check_report(&st.ev, nonce), 0);
	ctpm_state_free(&st);
}

static void the_launch_identity_has_its_own_pcr(struct kunit *test)
{
	struct ctpm_params params = test_params;
	struct tpm_chip *chip = test_chip(test);
	const struct ctpm_identity_event *event;
	struct ctpm_state st = {};

	params.identity_pcr = 11;
	KUNIT_ASSERT_EQ(test, ctpm_bind(chip, &params, &st), 0);
	KUNIT_EXPECT_EQ(test, fake.extends, 2);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(fake.extended), 11);
	event = (void *)(st.log.data + st.log.len - sizeof(*event));
	KUNIT_EXPECT_EQ(test, last_tag(&st, sizeof(*event)), CTPM_TAG_IDENTITY);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(event->policy), 0x30000);
	KUNIT_EXPECT_EQ(test, event->measurement[47], 0x4d);
	ctpm_state_free(&st);
}

static void a_pcr_that_is_not_zero_makes_the_binding_late(struct kunit *test)
{
	struct tpm_chip *chip = test_chip(test);
	const struct ctpm_report_event *event;
	struct ctpm_state st = {};

	fake.pcr[19] = 1;
	KUNIT_ASSERT_EQ(test, ctpm_bind(chip, &test_params, &st), 0);
	KUNIT_EXPECT_TRUE(test, st.bound);
	KUNIT_EXPECT_TRUE(test, st.late);
	event = (void *)(st.log.data + st.log.len - sizeof(*event));
	KUNIT_EXPECT_EQ(test, le32_to_cpu(event->flags), CTPM_REPORT_LATE);
	ctpm_state_free(&st);
}

/* An error event in PCR and log, and nothing to publish */
static void expect_error(struct kunit *test, enum ctpm_bind_step step, int error)
{
	struct tpm_chip *chip = test_chip(test);
	const struct ctpm_error_event *event;
	struct ctpm_state st = {};
	struct ctpm_log empty = {};
	struct tpm_digest digest;

	KUNIT_ASSERT_EQ(test, ctpm_bind(chip, &test_params, &st), 0);
	KUNIT_EXPECT_FALSE(test, st.bound);
	KUNIT_EXPECT_EQ(test, st.step, step);
	KUNIT_EXPECT_EQ(test, st.error, error);
	KUNIT_EXPECT_NULL(test, st.ev.report.data);
	/* the one event of the log: that of a report which is in no PCR is not */
	ctpm_log_start(&empty, test_banks, 2);
	KUNIT_EXPECT_EQ(test, st.log.len, empty.len + 12 + 22 + 34 + 4 + 8 + sizeof(*event));
	ctpm_log_free(&empty);
	event = (void *)(st.log.data + st.log.len - sizeof(*event));
	KUNIT_EXPECT_EQ(test, last_tag(&st, sizeof(*event)), CTPM_TAG_ERROR);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(event->step), step);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(event->error), -error);
	ctpm_hash(&test_banks[1], event, sizeof(*event), &digest);
	KUNIT_EXPECT_MEMEQ(test, fake.extended + 4 + 13 + 4 + 22 + 2, digest.digest, 32);
	ctpm_state_free(&st);
}

static void a_failed_attestation_leaves_an_error_event(struct kunit *test)
{
	fake.attest_result = SVSM_ERR_UNSUPPORTED_PROTOCOL;
	expect_error(test, CTPM_STEP_ATTEST, -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, fake.extends, 1);
}

static void a_report_at_another_vmpl_leaves_an_error_event(struct kunit *test)
{
	fake.vmpl = 2;
	expect_error(test, CTPM_STEP_REPORT, -EPERM);
}

static void a_report_over_another_nonce_leaves_an_error_event(struct kunit *test)
{
	fake.other_nonce = true;
	expect_error(test, CTPM_STEP_REPORT, -EKEYREJECTED);
}

static void no_random_number_leaves_an_error_event(struct kunit *test)
{
	fake.fail_command = TPM2_CC_GET_RANDOM;
	fake.fail_times = UINT_MAX;
	expect_error(test, CTPM_STEP_NONCE, -EIO);
}

static void no_clock_leaves_an_error_event(struct kunit *test)
{
	fake.fail_command = 0x181;
	fake.fail_times = UINT_MAX;
	expect_error(test, CTPM_STEP_NONCE, -EIO);
}

static void a_failed_extend_leaves_an_error_event_alone(struct kunit *test)
{
	fake.fail_command = TPM2_CC_PCR_EXTEND;
	fake.fail_times = 1;
	expect_error(test, CTPM_STEP_EXTEND, -EIO);
	KUNIT_EXPECT_EQ(test, fake.extends, 1);
}

static void a_pcr_that_takes_nothing_is_an_error(struct kunit *test)
{
	struct tpm_chip *chip = test_chip(test);
	struct ctpm_state st = {};

	fake.fail_command = TPM2_CC_PCR_EXTEND;
	fake.fail_times = UINT_MAX;
	KUNIT_EXPECT_LT(test, ctpm_bind(chip, &test_params, &st), 0);
	KUNIT_EXPECT_FALSE(test, st.bound);
	ctpm_state_free(&st);
}

static void a_tpm_without_banks_is_refused(struct kunit *test)
{
	struct tpm_chip *chip = test_chip(test);
	struct ctpm_state st = {};

	chip->nr_allocated_banks = 0;
	KUNIT_EXPECT_EQ(test, ctpm_bind(chip, &test_params, &st), -ENODEV);
	ctpm_state_free(&st);
}

static struct kunit_case bind_cases[] = {
	KUNIT_CASE(pcrs_that_can_be_reset_are_not_allowed),
	KUNIT_CASE(digests_are_the_banks_own),
	KUNIT_CASE(a_report_that_is_not_the_one_asked_for_is_refused),
	KUNIT_CASE(the_reports_digest_is_extended_and_logged),
	KUNIT_CASE(the_launch_identity_has_its_own_pcr),
	KUNIT_CASE(a_pcr_that_is_not_zero_makes_the_binding_late),
	KUNIT_CASE(a_failed_attestation_leaves_an_error_event),
	KUNIT_CASE(a_report_at_another_vmpl_leaves_an_error_event),
	KUNIT_CASE(a_report_over_another_nonce_leaves_an_error_event),
	KUNIT_CASE(no_random_number_leaves_an_error_event),
	KUNIT_CASE(no_clock_leaves_an_error_event),
	KUNIT_CASE(a_failed_extend_leaves_an_error_event_alone),
	KUNIT_CASE(a_pcr_that_takes_nothing_is_an_error),
	KUNIT_CASE(a_tpm_without_banks_is_refused),
	{}
};

static struct kunit_suite bind_suite = {
	.name = "ctpm-bind",
	.init = fake_init,
	.test_cases = bind_cases,
};

/* securityfs.c; not where the driver itself has published already */

static void what_is_published_goes_away_again(struct kunit *test)
{
	struct ctpm_state st = {};

	KUNIT_ASSERT_EQ(test, ctpm_securityfs_publish(&st), 0);
	ctpm_securityfs_remove();
	KUNIT_ASSERT_EQ(test, ctpm_securityfs_publish(&st), 0);
	ctpm_securityfs_remove();
	/* nothing is there to remove: nothing happens */
	ctpm_securityfs_remove();
}

static struct kunit_case securityfs_cases[] = {
	KUNIT_CASE(what_is_published_goes_away_again),
	{}
};

static struct kunit_suite securityfs_suite = {
	.name = "ctpm-securityfs",
	.test_cases = securityfs_cases,
};

/* The way to the SVSM of this guest, if it is one */

static int guest_init(struct kunit *test)
{
	if (!cc_platform_has(CC_ATTR_GUEST_SEV_SNP) || !snp_vmpl)
		kunit_skip(test, "not an SNP guest under an SVSM");
	return ctpm_svsm_init();
}

static void guest_exit(struct kunit *test)
{
	if (cc_platform_has(CC_ATTR_GUEST_SEV_SNP) && snp_vmpl)
		ctpm_svsm_exit();
}

static void the_real_vtpm_answers(struct kunit *test)
{
	u8 *page = (u8 *)__get_free_page(GFP_KERNEL), rsp[64];
	u64 commands = 0;

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, ctpm_vtpm_query(&commands), 0);
	KUNIT_EXPECT_TRUE(test, commands & BIT(8));
	/* 8 random bytes, or an error if the TPM was not started up */
	KUNIT_EXPECT_GE(test, ctpm_vtpm_transmit(page, get_random, sizeof(get_random), rsp,
						 sizeof(rsp), 10000), 10);
	free_page((unsigned long)page);
}

static void the_real_svsm_attests_it(struct kunit *test)
{
	static const u8 nonce[CTPM_NONCE_SIZE] = { 1, 2, 3 };
	struct ctpm_evidence ev;

	KUNIT_ASSERT_EQ(test, attest(&ev), 0);
	KUNIT_EXPECT_EQ(test, ctpm_check_report(&ev, nonce), 0);
	KUNIT_EXPECT_GT(test, ev.certificates.len, 0);
	ctpm_evidence_free(&ev);
}

static struct kunit_case guest_cases[] = {
	KUNIT_CASE(the_real_vtpm_answers),
	KUNIT_CASE(the_real_svsm_attests_it),
	{}
};

static struct kunit_suite guest_suite = {
	.name = "ctpm-guest",
	.init = guest_init,
	.exit = guest_exit,
	.test_cases = guest_cases,
};

kunit_test_suites(&svsm_suite, &vtpm_suite, &chip_suite, &log_suite, &bind_suite,
		  &securityfs_suite, &guest_suite);
