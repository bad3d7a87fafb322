// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit suites of the binding, a suite for each of its files, with a fake SVSM that
 * attests and a fake TPM; the last one asks the SVSM that is really there.
 */
#include <kunit/device.h>
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/cc_platform.h>
#include <linux/hash_info.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/unaligned.h>
#include <asm/sev.h>

#include "../tpm.h"
#include "ctpm.h"
#include "ctpm_test.h"

#define FAKE_MANIFEST_SIZE	314

/* What the fakes do, and what they saw */
static struct {
	/* attestation: sizes that are returned, whatever is there */
	u64 report_size, manifest_size, certs_size, attest_result;
	u64 no_certs;		/* by which a request with certificates is refused */
	u32 no_certs_from;	/* if it has room for more */
	bool rdx_untouched;	/* say nothing of certificates */
	bool other_nonce;
	int error;		/* the call cannot be made at all */
	u32 vmpl, report_version;
	/* TPM */
	u32 fail_command;	/* a command code that fails */
	unsigned int fail_times;
	u8 pcr[20];		/* of all banks, before */
	/* seen */
	unsigned int attests, extends;
	u8 extended[200];
} fake;

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

/* As the kernel's: 0, or -EINVAL with the SVSM's code in RAX */
static int fake_attest(struct svsm_call *call, struct svsm_attest_call *op)
{
	u8 *manifest = __va(op->manifest_buf.pa);

	fake.attests++;
	if (fake.error)
		return fake.error;
	call->rcx = __pa(op);
	call->rdx = -1;
	call->r8 = -1;
	if (fake.no_certs && op->certificates_buf.len > fake.no_certs_from) {
		call->rax_out = fake.no_certs;
		call->rcx_out = call->rcx;
		call->rdx_out = call->rdx;
		call->r8_out = call->r8;
		return -EINVAL;
	}
	call->rcx_out = fake.manifest_size;
	call->rdx_out = op->certificates_buf.len ? fake.certs_size : 0;
	call->r8_out = fake.report_size;
	call->rax_out = fake.attest_result;
	if (fake.rdx_untouched)
		call->rdx_out = call->rdx;
	if (fake.attest_result)
		return -EINVAL;
	if (fake.manifest_size > op->manifest_buf.len || fake.report_size > op->report_buf.len ||
	    (call->rdx_out > op->certificates_buf.len && !fake.rdx_untouched)) {
		call->rax_out = SVSM_ERR_INVALID_PARAMETER;
		return -EINVAL;
	}
	memset(manifest, 0x45, min_t(u64, fake.manifest_size, PAGE_SIZE));
	fake_report(__va(op->report_buf.pa), __va(op->nonce.pa), manifest, fake.manifest_size);
	return 0;
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

/**
 * ctpm_fake_tpm() - answer a TPM command
 * @cmd: the command, 256 bytes to read there
 * @rsp: for the response
 *
 * Return: its length in bytes.
 */
u32 ctpm_fake_tpm(const u8 *cmd, u8 *rsp)
{
	u32 code = get_unaligned_be32(cmd + 6), len;
	bool fails = code == fake.fail_command && fake.fail_times;

	if (fails)
		fake.fail_times--;
	len = 10 + (fails ? 0 : fake_body(code, cmd, rsp + 10));
	put_unaligned_be16(TPM2_ST_NO_SESSIONS, rsp);
	put_unaligned_be32(len, rsp + 2);
	put_unaligned_be32(fails ? TPM2_RC_FAILURE : 0, rsp + 6);
	return len;
}

static int fake_init(struct kunit *test)
{
	fake = (typeof(fake)) {
		.report_size = SNP_REPORT_SIZE,
		.manifest_size = FAKE_MANIFEST_SIZE,
		.certs_size = 5000,
		.report_version = 3,
	};
	kunit_activate_static_stub(test, ctpm_attest_call, fake_attest);
	return 0;
}

/* attest.c */

static int attest(struct ctpm_evidence *ev)
{
	static const u8 nonce[CTPM_NONCE_SIZE] = { 1, 2, 3 };

	memset(ev, 0, sizeof(*ev));
	return ctpm_attest(nonce, ev);
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
	static const u64 codes[] = {
		SVSM_ERR_INVALID_PARAMETER, SVSM_ERR_INVALID_REQUEST, 0x80001004,
	};
	struct ctpm_evidence ev;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		fake.no_certs = codes[i];
		KUNIT_ASSERT_EQ_MSG(test, attest(&ev), 0, "code %u", i);
		KUNIT_EXPECT_EQ(test, ev.report.len, SNP_REPORT_SIZE);
		KUNIT_EXPECT_EQ(test, ev.certificates.len, 0);
		ctpm_evidence_free(&ev);
	}
}

/* After sizes were negotiated there is still an attempt left */
static void certificates_that_are_refused_last_are_done_without(struct kunit *test)
{
	struct ctpm_evidence ev;

	fake.manifest_size = PAGE_SIZE + 1;
	fake.certs_size = SZ_16K + 1;
	fake.no_certs_from = SZ_16K;
	fake.no_certs = 0x80001004;
	KUNIT_ASSERT_EQ(test, attest(&ev), 0);
	KUNIT_EXPECT_EQ(test, ev.manifest.len, PAGE_SIZE + 1);
	KUNIT_EXPECT_EQ(test, ev.certificates.len, 0);
	KUNIT_EXPECT_EQ(test, fake.attests, 4);
	ctpm_evidence_free(&ev);
}

static void certificates_that_nobody_mentions_are_none(struct kunit *test)
{
	struct ctpm_evidence ev;

	fake.rdx_untouched = true;
	KUNIT_ASSERT_EQ(test, attest(&ev), 0);
	KUNIT_EXPECT_EQ(test, ev.report.len, SNP_REPORT_SIZE);
	KUNIT_EXPECT_EQ(test, ev.certificates.len, 0);
	ctpm_evidence_free(&ev);
}

static void a_call_that_is_not_made_is_an_error(struct kunit *test)
{
	struct ctpm_evidence ev;

	fake.error = -EINTR;
	KUNIT_EXPECT_EQ(test, attest(&ev), -EINTR);
	KUNIT_EXPECT_EQ(test, fake.attests, 1);
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
		{ U64_MAX - 1, 314, 0, 0, -EMSGSIZE },
		/* as if it had been left alone */
		{ U64_MAX, 314, 0, 0, -EINVAL },
		{ 1184, SZ_64K + 1, 0, 0, -EINVAL },
		{ 1184, U64_MAX, 0, 0, -EINVAL },
		{ 1184, 314, 0, SVSM_ERR_UNSUPPORTED_PROTOCOL, -EOPNOTSUPP },
		{ 1184, 314, 0, SVSM_ERR_INVALID_REQUEST, -EINVAL },
		{ 1184, 314, 0, SVSM_ERR_INVALID_ADDRESS, -EFAULT },
		{ 1184, 314, 0, SVSM_ERR_INVALID_FORMAT, -EINVAL },
		{ 1184, 314, 0, 0x80001000, -EIO },
		{ 1184, 314, 0, U64_MAX, -EIO },
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

static struct kunit_case attest_cases[] = {
	KUNIT_CASE(evidence_comes_with_its_certificates),
	KUNIT_CASE(sizes_are_negotiated),
	KUNIT_CASE(refused_certificates_are_done_without),
	KUNIT_CASE(certificates_that_are_refused_last_are_done_without),
	KUNIT_CASE(certificates_that_nobody_mentions_are_none),
	KUNIT_CASE(sizes_without_sense_are_refused),
	KUNIT_CASE(a_call_that_is_not_made_is_an_error),
	{}
};

static struct kunit_suite attest_suite = {
	.name = "ctpm-attest",
	.init = fake_init,
	.test_cases = attest_cases,
};

/* A chip that is not registered, on the fake TPM */

static struct tpm_bank_info test_banks[] = {
	{ .alg_id = TPM_ALG_SHA1, .digest_size = 20, .crypto_id = HASH_ALGO_SHA1 },
	{ .alg_id = TPM_ALG_SHA256, .digest_size = 32, .crypto_id = HASH_ALGO_SHA256 },
};

static int fake_send(struct tpm_chip *chip, u8 *buf, size_t bufsiz, size_t cmd_len)
{
	u8 cmd[256] = {};

	memcpy(cmd, buf, min(cmd_len, sizeof(cmd)));
	return ctpm_fake_tpm(cmd, buf);
}

static const struct tpm_class_ops fake_ops = {
	.flags = TPM_OPS_AUTO_STARTUP,
	.send = fake_send,
};

static struct tpm_chip *test_chip(struct kunit *test)
{
	struct device *dev;
	struct tpm_chip *chip;

	if (IS_ENABLED(CONFIG_TCG_TPM2_HMAC))
		kunit_skip(test, "the fake TPM has no sessions");
	dev = kunit_device_register(test, "ctpm-test");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	chip = tpmm_chip_alloc(dev, &fake_ops);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, chip);
	chip->flags |= TPM_CHIP_FLAG_TPM2 | TPM_CHIP_FLAG_SYNC;
	/* as if tpm_chip_bootstrap() had found them */
	memcpy(chip->allocated_banks, test_banks, sizeof(test_banks));
	chip->nr_allocated_banks = ARRAY_SIZE(test_banks);
	return chip;
}

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
	ev.report.data[0] = 5;
	KUNIT_EXPECT_EQ(test, ctpm_check_report(&ev, nonce), 0);
	ev.report.data[SNP_REPORT_VMPL] = 2;
	KUNIT_EXPECT_EQ(test, ctpm_check_report(&ev, nonce), -EPERM);
	ctpm_evidence_free(&ev);
}

static const struct ctpm_params test_params = {
	.report_pcr = 13,
	.identity_pcr = -1,
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

/* What is used here has its place in every version so far; a verifier judges. */
static void a_report_of_a_version_to_come_is_bound(struct kunit *test)
{
	struct tpm_chip *chip = test_chip(test);
	struct ctpm_state st = {};

	fake.report_version = 6;
	fake.report_size = SNP_REPORT_SIZE + 64;
	KUNIT_ASSERT_EQ(test, ctpm_bind(chip, &test_params, &st), 0);
	KUNIT_EXPECT_TRUE(test, st.bound);
	KUNIT_EXPECT_EQ(test, st.ev.report.len, SNP_REPORT_SIZE + 64);
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
	KUNIT_CASE(a_report_of_a_version_to_come_is_bound),
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

/* securityfs.c */

static void what_is_published_goes_away_again(struct kunit *test)
{
	struct ctpm_state st = {};
	int ret = ctpm_securityfs_publish(&st);

	if (ret == -EBUSY)
		kunit_skip(test, "this guest's binding is shown there");
	KUNIT_ASSERT_EQ(test, ret, 0);
	KUNIT_EXPECT_EQ(test, ctpm_securityfs_publish(&st), -EBUSY);
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

/* The SVSM of this guest, if it has one */

static int guest_init(struct kunit *test)
{
	if (!cc_platform_has(CC_ATTR_GUEST_SEV_SNP) || !snp_vmpl)
		kunit_skip(test, "not an SNP guest under an SVSM");
	return 0;
}

static void the_real_svsm_attests_its_vtpm(struct kunit *test)
{
	static const u8 nonce[CTPM_NONCE_SIZE] = { 1, 2, 3 };
	struct ctpm_evidence ev;

	KUNIT_ASSERT_EQ(test, attest(&ev), 0);
	KUNIT_EXPECT_EQ(test, ctpm_check_report(&ev, nonce), 0);
	KUNIT_EXPECT_GT(test, ev.certificates.len, 0);
	ctpm_evidence_free(&ev);
}

static struct kunit_case guest_cases[] = {
	KUNIT_CASE(the_real_svsm_attests_its_vtpm),
	{}
};

static struct kunit_suite guest_suite = {
	.name = "ctpm-guest",
	.init = guest_init,
	.test_cases = guest_cases,
};

kunit_test_suites(&attest_suite, &log_suite, &bind_suite, &securityfs_suite, &guest_suite);
