// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit suites of the driver, a suite for each of its files, against a fake SVSM
 * with a fake TPM in it; the last one calls the SVSM that is really there.
 */
#include <kunit/device.h>
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/cc_platform.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/unaligned.h>
#include <asm/sev.h>

#include "../tpm.h"
#include "ctpm.h"
#include "ctpm_test.h"
#include "svsm.h"

#define FAKE_TIMEOUT_MS		30
#define VTPM_CALL(x)		(2ULL << 32 | (x))

/* What the fake SVSM does, and what it saw */
static struct {
	u64 result;		/* of each call, unless 0 */
	unsigned int result_times; /* so often, then it works */
	int error;		/* the call cannot be made at all */
	u64 commands;		/* of VTPM_QUERY */
	/* a response of this size and header length instead of the TPM's own */
	bool forced;
	u32 forced_size, forced_length;
	/* seen */
	unsigned int calls;
	struct ctpm_regs first, last;
	struct svsm_attest_call op;
	u8 command[64];
} fake;

static u8 *test_page(struct kunit *test)
{
	u8 *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	return page;
}

static void fake_cmd(u8 *page)
{
	u8 cmd[256], *rsp = page + 4;
	u32 len;

	memcpy(cmd, page + 9, sizeof(cmd));
	memcpy(fake.command, page, sizeof(fake.command));
	if (fake.forced)
		memset(rsp, 0x5a, PAGE_SIZE - 4);
	len = ctpm_fake_tpm(cmd, rsp);
	if (fake.forced)
		put_unaligned_be32(fake.forced_length, rsp + 2);
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
		fake_cmd(__va(regs->rcx));
		break;
	case SVSM_ATTEST_CALL(SVSM_ATTEST_SINGLE_SERVICE):
		memcpy(&fake.op, __va(regs->rcx), sizeof(fake.op));
		*regs = (struct ctpm_regs) { 0, 0x111, 0x222, 0x333, 0x444 };
		break;
	default:
		regs->rax = SVSM_ERR_UNSUPPORTED_CALL;
	}
	return 0;
}

static int fake_init(struct kunit *test)
{
	fake = (typeof(fake)) {
		.commands = BIT(8),
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

static void a_signal_does_not_end_the_wait(struct kunit *test)
{
	struct ctpm_regs regs;

	fake.result = SVSM_ERR_BUSY;
	fake.result_times = 3;
	set_thread_flag(TIF_SIGPENDING);
	KUNIT_EXPECT_EQ(test, ctpm_svsm_call(VTPM_CALL(0), 0, &regs, 10000), 0);
	clear_thread_flag(TIF_SIGPENDING);
	KUNIT_EXPECT_EQ(test, fake.calls, 4);
}

static void a_call_that_is_lost_is_an_error(struct kunit *test)
{
	struct ctpm_regs regs;

	fake.error = -EIO;
	KUNIT_EXPECT_EQ(test, ctpm_svsm_call(VTPM_CALL(0), 0, &regs, 1000), -EIO);
	KUNIT_EXPECT_EQ(test, fake.calls, 1);
}

/* As snp_issue_svsm_attest_req(), but for the address of the operation */
static void attestation_is_asked_for_as_the_kernel_does(struct kunit *test)
{
	struct svsm_attest_call op = { .nonce = { .pa = 0x5000, .len = 64 } };
	struct svsm_call call = {};

	KUNIT_EXPECT_EQ(test, snp_issue_svsm_attest_req(SVSM_ATTEST_CALL(1), &call, &op), 0);
	KUNIT_EXPECT_MEMEQ(test, &fake.op, &op, sizeof(op));
	KUNIT_EXPECT_EQ(test, fake.last.rcx & ~PAGE_MASK, 0);
	KUNIT_EXPECT_EQ(test, call.rax_out, 0);
	KUNIT_EXPECT_EQ(test, call.rcx_out, 0x111);
	KUNIT_EXPECT_EQ(test, call.rdx_out, 0x222);
	KUNIT_EXPECT_EQ(test, call.r8_out, 0x333);

	fake.result = SVSM_ERR_INVALID_PARAMETER;
	KUNIT_EXPECT_EQ(test, snp_issue_svsm_attest_req(SVSM_ATTEST_CALL(1), &call, &op), -EINVAL);
	KUNIT_EXPECT_EQ(test, call.rax_out, SVSM_ERR_INVALID_PARAMETER);
}

static void an_attestation_that_is_busy_for_ever_ends_in_time(struct kunit *test)
{
	unsigned int timeout_ms = ctpm_timeout_ms;
	struct svsm_attest_call op = {};
	struct svsm_call call = {};

	fake.result = SVSM_ERR_BUSY;
	ctpm_timeout_ms = FAKE_TIMEOUT_MS;
	KUNIT_EXPECT_EQ(test, snp_issue_svsm_attest_req(SVSM_ATTEST_CALL(1), &call, &op),
			-ETIMEDOUT);
	ctpm_timeout_ms = timeout_ms;
	KUNIT_EXPECT_EQ(test, call.rax_out, 0);
}

static struct kunit_case svsm_cases[] = {
	KUNIT_CASE(busy_is_asked_again),
	KUNIT_CASE(incomplete_is_asked_again),
	KUNIT_CASE(busy_for_ever_ends_in_time),
	KUNIT_CASE(a_signal_does_not_end_the_wait),
	KUNIT_CASE(a_call_that_is_lost_is_an_error),
	KUNIT_CASE(attestation_is_asked_for_as_the_kernel_does),
	KUNIT_CASE(an_attestation_that_is_busy_for_ever_ends_in_time),
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

static struct kunit_case vtpm_cases[] = {
	KUNIT_CASE(query_tells_what_the_vtpm_can),
	KUNIT_CASE(every_svsm_code_has_an_errno),
	KUNIT_CASE(a_command_is_framed_as_the_protocol_says),
	KUNIT_CASE(a_command_larger_than_the_page_is_refused),
	KUNIT_CASE(a_command_that_fails_is_wiped),
	KUNIT_CASE(a_response_is_taken_and_wiped),
	KUNIT_CASE(a_command_longer_than_its_response_is_wiped),
	KUNIT_CASE(a_response_of_a_wrong_size_is_refused),
	{}
};

static struct kunit_suite vtpm_suite = {
	.name = "ctpm-vtpm",
	.init = fake_init,
	.test_cases = vtpm_cases,
};

/* chip.c: the TPM core on top of it, with a chip that is not registered */

static struct tpm_chip *svsm_chip(struct kunit *test)
{
	struct device *dev = kunit_device_register(test, "ctpm-test");
	struct tpm_chip *chip;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	chip = ctpm_chip_alloc(dev, FAKE_TIMEOUT_MS);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, chip);
	return chip;
}

static void a_command_of_the_core_gets_through(struct kunit *test)
{
	struct tpm_chip *chip = svsm_chip(test);
	u8 random[16] = {};

	KUNIT_EXPECT_EQ(test, tpm_get_random(chip, random, sizeof(random)), 16);
	KUNIT_EXPECT_EQ(test, random[15], 0x52);
	KUNIT_EXPECT_TRUE(test, chip->flags & TPM_CHIP_FLAG_TPM2);
}

static void the_core_sees_errors(struct kunit *test)
{
	struct tpm_chip *chip = svsm_chip(test);
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

static struct kunit_case guest_cases[] = {
	KUNIT_CASE(the_real_vtpm_answers),
	{}
};

static struct kunit_suite guest_suite = {
	.name = "ctpm-guest-vtpm",
	.init = guest_init,
	.exit = guest_exit,
	.test_cases = guest_cases,
};

kunit_test_suites(&svsm_suite, &vtpm_suite, &chip_suite, &guest_suite);
