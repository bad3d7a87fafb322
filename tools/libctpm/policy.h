/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_H
#define POLICY_H

#include <ctpm/policy.h>
#include <ctpm/report.h>

/* Values of one size, of which one must be met; with none of them everything is */
struct list {
	size_t count;
	size_t size;
	uint8_t *data;
};

#define POLICY_BANKS 3
#define POLICY_VMPLS 4
#define AK_NAME_SIZE 34 /* of SHA-256 */

struct ctpm_policy {
	bool mode[CTPM_MODES];
	bool any_measurement;
	struct list measurement;
	struct list ak; /* Names of AK and EK, one after the other */
	bool allow_late;
	bool allow_vouched;
	bool require_fresh;
	bool require_ek_cert;
	uint32_t report_pcr;
	bool bind_vmpl[POLICY_VMPLS];
	uint64_t must_be_set, must_be_clear; /* bits of the guest policy */
	bool has_tcb, tcb_of[CTPM_PRODUCTS];
	struct ctpm_tcb floor[CTPM_PRODUCTS];
	bool key[2]; /* by enum ctpm_signing_key */
	struct list host_data, id_key, author_key, chip_id;
	uint32_t guest_svn;
	bool has_pcrs[POLICY_BANKS];
	struct list pcr[POLICY_BANKS][CTPM_PCRS];
};

bool list_has(const struct list *list, const uint8_t *value);

/* Index in has_pcrs and pcr */
size_t policy_bank(uint16_t bank);

/* Bits of the guest policy that have names */
struct policy_bit {
	const char *name;
	uint64_t bit;
};

extern const struct policy_bit policy_bits[];
extern const size_t policy_bits_count;

#endif
