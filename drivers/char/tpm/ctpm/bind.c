// SPDX-License-Identifier: GPL-2.0-only
/*
 * The binding: a VMPL0 report over the vTPM's manifest, answering a nonce of
 * this life of this TPM, and its digest in a PCR.
 *
 * When that fails the PCR is extended by an error event, so that nobody can
 * claim the binding later.
 */
#include <crypto/hash.h>
#include <linux/hash_info.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "../tpm.h"
#include "ctpm.h"

/* A TPM may give fewer random bytes than asked for, but not nothing for ever. */
#define RANDOM_TRIES		8

/* The nonce and what it was made of */
struct ctpm_nonce {
	u8 random[CTPM_RANDOM_SIZE];
	u32 reset_count;
	u32 restart_count;
	u8 value[CTPM_NONCE_SIZE];
};

static int hash_parts(const char *name, const void *a, size_t alen, const void *b, size_t blen,
		      u8 *out, size_t out_size)
{
	struct crypto_shash *tfm = crypto_alloc_shash(name, 0, 0);
	int ret;

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	if (crypto_shash_digestsize(tfm) > out_size) {
		ret = -EOVERFLOW;
	} else {
		SHASH_DESC_ON_STACK(desc, tfm);

		desc->tfm = tfm;
		ret = crypto_shash_init(desc);
		if (!ret)
			ret = crypto_shash_update(desc, a, alen);
		if (!ret)
			ret = crypto_shash_finup(desc, b, blen, out);
		shash_desc_zero(desc);
	}
	crypto_free_shash(tfm);
	return ret;
}

/**
 * ctpm_sha512() - SHA-512 over two parts
 * @out: 64 bytes
 * @a: first part
 * @alen: its length in bytes
 * @b: second part, or NULL
 * @blen: its length in bytes
 *
 * Return: 0 or -errno.
 */
int ctpm_sha512(u8 out[64], const void *a, size_t alen, const void *b, size_t blen)
{
	return hash_parts("sha512", a, alen, b, blen, out, 64);
}

/**
 * ctpm_hash() - what an event extends a bank by
 * @bank: the bank
 * @data: what is measured
 * @len: its length in bytes
 * @digest: filled in, with the bank's algorithm
 *
 * For a bank whose hash the kernel lacks it is the SHA-256 digest, cut or
 * filled up by zeros to the bank's size: an unusable bank must not stay as it
 * was, where it could be extended to anything.
 *
 * Return: 0 or -errno.
 */
int ctpm_hash(const struct tpm_bank_info *bank, const void *data, size_t len,
	      struct tpm_digest *digest)
{
	int ret = -ENOENT;

	memset(digest, 0, sizeof(*digest));
	digest->alg_id = bank->alg_id;
	if (bank->crypto_id < HASH_ALGO__LAST)
		ret = hash_parts(hash_algo_name[bank->crypto_id], data, len, NULL, 0,
				 digest->digest, sizeof(digest->digest));
	if (ret == -ENOENT)
		ret = hash_parts("sha256", data, len, NULL, 0, digest->digest,
				 sizeof(digest->digest));
	return ret;
}

/**
 * ctpm_pcr_allowed() - may a PCR hold the binding?
 * @pcr: its index
 *
 * Return: false for PCRs that user space can reset (16, 23), that locality 0
 * cannot extend or that a dynamic launch resets (17 to 22), or that do not
 * exist in every TPM.
 */
bool ctpm_pcr_allowed(int pcr)
{
	return pcr >= 0 && pcr <= 15;
}

/**
 * ctpm_step_name() - the name of a step, for messages
 * @step: where the binding failed
 *
 * Return: a constant string.
 */
const char *ctpm_step_name(enum ctpm_bind_step step)
{
	switch (step) {
	case CTPM_STEP_NONCE:
		return "the TPM's clock or random numbers";
	case CTPM_STEP_ATTEST:
		return "the SVSM's attestation";
	case CTPM_STEP_REPORT:
		return "the report's content";
	case CTPM_STEP_EXTEND:
		return "the PCR extension";
	}
	return "none";
}

static int read_clock(struct tpm_chip *chip, struct ctpm_nonce *n)
{
	int ret = tpm_try_get_ops(chip);

	if (ret)
		return ret;
	ret = tpm2_read_clock(chip, &n->reset_count, &n->restart_count);
	tpm_put_ops(chip);
	return ret > 0 ? -EIO : ret;	/* a TPM_RC */
}

static int read_random(struct tpm_chip *chip, u8 *out, size_t len)
{
	int tries, ret;

	for (tries = 0; len && tries < RANDOM_TRIES; tries++) {
		ret = tpm_get_random(chip, out, len);
		if (ret < 0)
			return ret;
		if (ret > len)
			return -EIO;
		out += ret;
		len -= ret;
	}
	return len ? -EIO : 0;
}

static int make_nonce(struct tpm_chip *chip, struct ctpm_nonce *n)
{
	u8 tail[CTPM_RANDOM_SIZE + 8];
	int ret;

	ret = read_random(chip, n->random, sizeof(n->random));
	if (!ret)
		ret = read_clock(chip, n);
	if (ret)
		return ret;
	memcpy(tail, n->random, CTPM_RANDOM_SIZE);
	put_unaligned_le32(n->reset_count, tail + CTPM_RANDOM_SIZE);
	put_unaligned_le32(n->restart_count, tail + CTPM_RANDOM_SIZE + 4);
	return ctpm_sha512(n->value, CTPM_NONCE_LABEL, strlen(CTPM_NONCE_LABEL), tail,
			   sizeof(tail));
}

/**
 * ctpm_check_report() - is it the report that was asked for?
 * @ev: what the SVSM returned
 * @nonce: 64 bytes, what it was asked with
 *
 * Form, VMPL and REPORT_DATA; the signature is for a verifier to check, who has
 * the roots. So is a version that is not known yet: firmware is updated by the host,
 * and what is used here has had the same place in all of them.
 *
 * Return: 0, -EBADMSG for what is no report, -EPERM for another VMPL than 0,
 * -EKEYREJECTED for another nonce or manifest, or another -errno.
 */
int ctpm_check_report(const struct ctpm_evidence *ev, const u8 nonce[CTPM_NONCE_SIZE])
{
	const u8 *r = ev->report.data;
	u8 expected[CTPM_NONCE_SIZE];
	int ret;

	if (ev->report.len < SNP_REPORT_SIZE || get_unaligned_le32(r) < SNP_REPORT_VERSION_MIN)
		return -EBADMSG;
	if (get_unaligned_le32(r + SNP_REPORT_VMPL))
		return -EPERM;
	ret = ctpm_sha512(expected, nonce, CTPM_NONCE_SIZE, ev->manifest.data, ev->manifest.len);
	if (ret)
		return ret;
	return memcmp(r + SNP_REPORT_DATA, expected, sizeof(expected)) ? -EKEYREJECTED : 0;
}

/* Measure @data into @pcr of every bank, with @event in the log. */
static int measure(struct tpm_chip *chip, struct ctpm_log *log, u32 pcr, const void *data,
		   size_t len, u32 tag, const void *event, u32 size)
{
	size_t logged = log->len;
	struct tpm_digest *digests;
	unsigned int i;
	int ret = 0;

	digests = kcalloc(chip->nr_allocated_banks, sizeof(*digests), GFP_KERNEL);
	if (!digests)
		return -ENOMEM;
	for (i = 0; !ret && i < chip->nr_allocated_banks; i++)
		ret = ctpm_hash(&chip->allocated_banks[i], data, len, &digests[i]);
	/* first the log, which can be taken back, then the PCR */
	if (!ret)
		ret = ctpm_log_event(log, pcr, digests, chip->nr_allocated_banks,
				     chip->allocated_banks, tag, event, size);
	if (!ret) {
		ret = tpm_pcr_extend(chip, pcr, digests);
		if (ret)
			log->len = logged;
	}
	if (ret > 0)
		ret = -EIO;	/* a TPM_RC */
	kfree(digests);
	return ret;
}

static int measure_report(struct tpm_chip *chip, const struct ctpm_params *par,
			  const struct ctpm_nonce *n, struct ctpm_state *st)
{
	struct ctpm_report_event event = {
		.version = cpu_to_le32(CTPM_EVENT_VERSION),
		.flags = cpu_to_le32(st->late ? CTPM_REPORT_LATE : 0),
		.reset_count = cpu_to_le32(n->reset_count),
		.restart_count = cpu_to_le32(n->restart_count),
		.report_size = cpu_to_le32(st->ev.report.len),
		.manifest_size = cpu_to_le32(st->ev.manifest.len),
	};

	memcpy(event.random, n->random, sizeof(event.random));
	return measure(chip, &st->log, par->report_pcr, st->ev.report.data, st->ev.report.len,
		       CTPM_TAG_REPORT, &event, sizeof(event));
}

static int measure_identity(struct tpm_chip *chip, const struct ctpm_params *par,
			    struct ctpm_state *st)
{
	const u8 *r = st->ev.report.data;
	struct ctpm_identity_event event = {
		.version = cpu_to_le32(CTPM_EVENT_VERSION),
		.vmpl = cpu_to_le32(get_unaligned_le32(r + SNP_REPORT_VMPL)),
		.policy = cpu_to_le64(get_unaligned_le64(r + SNP_REPORT_POLICY)),
	};

	memcpy(event.measurement, r + SNP_REPORT_MEASUREMENT, sizeof(event.measurement));
	memcpy(event.host_data, r + SNP_REPORT_HOST_DATA, sizeof(event.host_data));
	memcpy(event.id_key_digest, r + SNP_REPORT_ID_KEY, sizeof(event.id_key_digest));
	memcpy(event.author_key_digest, r + SNP_REPORT_AUTHOR_KEY,
	       sizeof(event.author_key_digest));
	return measure(chip, &st->log, par->identity_pcr, &event, sizeof(event),
		       CTPM_TAG_IDENTITY, &event, sizeof(event));
}

static int measure_error(struct tpm_chip *chip, u32 pcr, struct ctpm_state *st)
{
	const struct ctpm_error_event event = {
		.version = cpu_to_le32(CTPM_EVENT_VERSION),
		.step = cpu_to_le32(st->step),
		.error = cpu_to_le32(-st->error),
	};

	return measure(chip, &st->log, pcr, &event, sizeof(event), CTPM_TAG_ERROR, &event,
		       sizeof(event));
}

static int failed(struct ctpm_state *st, enum ctpm_bind_step step, int ret)
{
	st->step = step;
	return ret;
}

static int try_bind(struct tpm_chip *chip, const struct ctpm_params *par, struct ctpm_state *st)
{
	struct ctpm_nonce nonce;
	int ret;

	ret = make_nonce(chip, &nonce);
	if (ret)
		return failed(st, CTPM_STEP_NONCE, ret);
	ret = ctpm_attest(nonce.value, &st->ev);
	if (ret)
		return failed(st, CTPM_STEP_ATTEST, ret);
	ret = ctpm_check_report(&st->ev, nonce.value);
	if (ret)
		return failed(st, CTPM_STEP_REPORT, ret);
	ret = measure_report(chip, par, &nonce, st);
	if (!ret && par->identity_pcr >= 0)
		ret = measure_identity(chip, par, st);
	if (ret)
		return failed(st, CTPM_STEP_EXTEND, ret);
	return 0;
}

static int read_pcr(struct tpm_chip *chip, const struct tpm_bank_info *bank, u32 pcr,
		    struct tpm_digest *digest)
{
	int ret;

	memset(digest, 0, sizeof(*digest));
	digest->alg_id = bank->alg_id;
	ret = tpm_pcr_read(chip, pcr, digest);
	return ret > 0 ? -EIO : ret;
}

/* A PCR that is not zero in some bank was within someone's reach before. */
static int check_untouched(struct tpm_chip *chip, u32 pcr, struct ctpm_state *st)
{
	struct tpm_digest digest;
	unsigned int i;
	int ret;

	for (i = 0; i < chip->nr_allocated_banks; i++) {
		const struct tpm_bank_info *bank = &chip->allocated_banks[i];

		ret = read_pcr(chip, bank, pcr, &digest);
		if (ret)
			return ret;
		if (memchr_inv(digest.digest, 0, bank->digest_size))
			st->late = true;
	}
	return 0;
}

/* The bank to show to people: SHA-256 if there is one */
static const struct tpm_bank_info *shown_bank(const struct tpm_chip *chip)
{
	unsigned int i;

	for (i = 0; i < chip->nr_allocated_banks; i++)
		if (chip->allocated_banks[i].alg_id == TPM_ALG_SHA256)
			return &chip->allocated_banks[i];
	return &chip->allocated_banks[0];
}

/**
 * ctpm_bind() - bind a TPM to the SNP report of this guest
 * @chip: started up, registered or not
 * @par: parameters
 * @st: zeroed but for @late, which stays if set; filled in and to be freed by
 *	ctpm_state_free(), whatever is returned
 *
 * A binding that fails leaves an error event in the PCR; @st then says what
 * failed, and 0 is returned.
 *
 * Return: 0, or -errno if the PCR cannot be extended at all, so that the TPM's
 * state says nothing.
 */
int ctpm_bind(struct tpm_chip *chip, const struct ctpm_params *par, struct ctpm_state *st)
{
	const struct tpm_bank_info *bank;
	struct tpm_digest before = {}, after;
	int ret;

	if (!chip->nr_allocated_banks)
		return -ENODEV;
	ret = ctpm_log_start(&st->log, chip->allocated_banks, chip->nr_allocated_banks);
	if (ret)
		return ret;
	bank = shown_bank(chip);
	ret = check_untouched(chip, par->report_pcr, st);
	if (!ret)
		ret = read_pcr(chip, bank, par->report_pcr, &before);

	st->error = ret ? failed(st, CTPM_STEP_EXTEND, ret) : try_bind(chip, par, st);
	st->bound = !st->error;
	if (st->error) {
		ctpm_evidence_free(&st->ev);
		ret = measure_error(chip, par->report_pcr, st);
		if (!ret && par->identity_pcr >= 0)
			ret = measure_error(chip, par->identity_pcr, st);
		if (ret)
			return ret;
	}
	if (!read_pcr(chip, bank, par->report_pcr, &after)) {
		dev_info(&chip->dev, "PCR %d before: %*phN\n", par->report_pcr, bank->digest_size,
			 before.digest);
		dev_info(&chip->dev, "PCR %d after:  %*phN\n", par->report_pcr, bank->digest_size,
			 after.digest);
	}
	return 0;
}

void ctpm_state_free(struct ctpm_state *st)
{
	ctpm_evidence_free(&st->ev);
	ctpm_log_free(&st->log);
}
