// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "why.h"

#define DEFAULT_REPORT_PCR 13
#define LIST_MAX	   4096
#define GUEST_SVN_MAX	   UINT32_MAX

const struct policy_bit policy_bits[] = {
	{ "smt", CTPM_POLICY_SMT },
	{ "migrate_ma", CTPM_POLICY_MIGRATE_MA },
	{ "debug", CTPM_POLICY_DEBUG },
	{ "single_socket", CTPM_POLICY_SINGLE_SOCKET },
};
const size_t policy_bits_count = sizeof(policy_bits) / sizeof(policy_bits[0]);

static const uint16_t bank_ids[POLICY_BANKS] = { CTPM_BANK_SHA256, CTPM_BANK_SHA384,
						 CTPM_BANK_SHA512 };

size_t policy_bank(uint16_t bank)
{
	size_t i = 0;

	while (i < POLICY_BANKS - 1 && bank_ids[i] != bank)
		i++;
	return i;
}

bool list_has(const struct list *list, const uint8_t *value)
{
	for (size_t i = 0; i < list->count; i++)
		if (!memcmp(list->data + i * list->size, value, list->size))
			return true;
	return false;
}

/* Where a value comes from, for the sentence, and whether all was well so far */
struct in {
	struct ctpm_policy *policy;
	struct ctpm_why *why;
	enum ctpm_error error;
};

static void refuse(struct in *in, const char *key, const char *expected)
{
	if (!in->error)
		in->error = because(in->why, CTPM_ERR_POLICY_FORM, "policy, \"%s\": expected %s",
				    key, expected);
}

static void get_bool(struct in *in, const char *key, const json_t *value, bool *out)
{
	if (!json_is_boolean(value))
		refuse(in, key, "true or false");
	else
		*out = json_is_true(value);
}

static bool get_number(struct in *in, const char *key, const json_t *value, uint64_t max,
		       const char *expected, uint64_t *out)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    (uint64_t)json_integer_value(value) > max) {
		refuse(in, key, expected);
		return false;
	}
	*out = (uint64_t)json_integer_value(value);
	return true;
}

static int nibble(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool get_hex(const json_t *value, uint8_t *out, size_t size)
{
	const char *text = json_string_value(value);

	if (!text || json_string_length(value) != 2 * size)
		return false;
	for (size_t i = 0; i < size; i++) {
		int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* One value in hex, or an array of them, not empty */
static void get_list(struct in *in, const char *key, const json_t *value, size_t size,
		     struct list *list)
{
	size_t n = json_is_array(value) ? json_array_size(value) : 1;

	if (!n || n > LIST_MAX) {
		refuse(in, key, "values in hex, at least one");
		return;
	}
	list->data = calloc(n, size);
	if (!list->data) {
		in->error = CTPM_ERR_MEMORY;
		return;
	}
	list->size = size;
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_is_array(value) ? json_array_get(value, i) : value;

		if (!get_hex(one, list->data + i * size, size)) {
			refuse(in, key, "values in hex, of the size that such a value has");
			return;
		}
		list->count++;
	}
}

/* Strings of a set of names: @set gets true where one was there */
static void get_names(struct in *in, const char *key, const json_t *value,
		      const char *(*name)(size_t), size_t names, bool *set)
{
	size_t i;
	json_t *one;

	memset(set, 0, names * sizeof(*set));
	if (!json_is_array(value) || !json_array_size(value))
		refuse(in, key, "an array of names, at least one");
	json_array_foreach(value, i, one)
	{
		size_t k = 0;

		while (k < names &&
		       (!json_is_string(one) || strcmp(json_string_value(one), name(k))))
			k++;
		if (k == names) {
			refuse(in, key, "names that are known here");
			return;
		}
		set[k] = true;
	}
}

static const char *mode_name(size_t i)
{
	return ctpm_mode_name((enum ctpm_mode)i);
}

static const char *key_name(size_t i)
{
	static const char *const names[] = { "vcek", "vlek" };

	return names[i];
}

static void get_version(struct in *in, const char *key, const json_t *value)
{
	uint64_t version;

	if (get_number(in, key, value, UINT32_MAX, "1", &version) && version != 1)
		refuse(in, key, "1: no other version is known");
}

static void get_modes(struct in *in, const char *key, const json_t *value)
{
	get_names(in, key, value, mode_name, CTPM_MODES, in->policy->mode);
}

static void get_measurements(struct in *in, const char *key, const json_t *value)
{
	if (json_is_string(value) && !strcmp(json_string_value(value), "any"))
		in->policy->any_measurement = true;
	else
		get_list(in, key, value, 48, &in->policy->measurement);
}

/* {"name": hex, "ek": hex}: which AK is known to be beside which EK */
static void get_aks(struct in *in, const char *key, const json_t *value)
{
	struct list *list = &in->policy->ak;
	size_t n = json_is_array(value) ? json_array_size(value) : 0;

	if (!n || n > LIST_MAX) {
		refuse(in, key, "an array of objects, at least one");
		return;
	}
	list->size = 2 * AK_NAME_SIZE;
	list->data = calloc(n, list->size);
	if (!list->data) {
		in->error = CTPM_ERR_MEMORY;
		return;
	}
	for (; list->count < n; list->count++) {
		const json_t *one = json_array_get(value, list->count);
		uint8_t *to = list->data + list->count * list->size;

		if (json_object_size(one) != 2 ||
		    !get_hex(json_object_get(one, "name"), to, AK_NAME_SIZE) ||
		    !get_hex(json_object_get(one, "ek"), to + AK_NAME_SIZE, AK_NAME_SIZE)) {
			refuse(in, key, "\"name\" and \"ek\", Names of SHA-256 in hex (000b...)");
			return;
		}
	}
}

static void get_allow_late(struct in *in, const char *key, const json_t *value)
{
	get_bool(in, key, value, &in->policy->allow_late);
}

static void get_allow_vouched(struct in *in, const char *key, const json_t *value)
{
	get_bool(in, key, value, &in->policy->allow_vouched);
}

static void get_require_fresh(struct in *in, const char *key, const json_t *value)
{
	get_bool(in, key, value, &in->policy->require_fresh);
}

static void get_require_ek_cert(struct in *in, const char *key, const json_t *value)
{
	get_bool(in, key, value, &in->policy->require_ek_cert);
}

static void get_report_pcr(struct in *in, const char *key, const json_t *value)
{
	uint64_t pcr;

	if (get_number(in, key, value, 15, "a PCR that cannot be reset, 0 to 15", &pcr))
		in->policy->report_pcr = (uint32_t)pcr;
}

static void get_bind_vmpls(struct in *in, const char *key, const json_t *value)
{
	uint64_t vmpl;
	size_t i;
	json_t *one;

	memset(in->policy->bind_vmpl, 0, sizeof(in->policy->bind_vmpl));
	if (!json_is_array(value) || !json_array_size(value))
		refuse(in, key, "an array of 0 to 3");
	json_array_foreach(value, i, one) if (get_number(in, key, one, POLICY_VMPLS - 1,
							 "an array of 0 to 3", &vmpl))
		in->policy->bind_vmpl[vmpl] = true;
}

static void get_guest_policy(struct in *in, const char *key, const json_t *value)
{
	const char *name;
	json_t *one;

	if (!json_is_object(value))
		refuse(in, key, "an object of bits");
	json_object_foreach((json_t *)(uintptr_t)value, name, one)
	{
		size_t i = 0;
		bool set = false;

		while (i < policy_bits_count && strcmp(policy_bits[i].name, name))
			i++;
		if (i == policy_bits_count) {
			refuse(in, key, "smt, migrate_ma, debug, single_socket");
			return;
		}
		if (json_is_null(one)) {
			in->policy->must_be_clear &= ~policy_bits[i].bit;
			continue;
		}
		get_bool(in, name, one, &set);
		in->policy->must_be_clear &= ~policy_bits[i].bit;
		*(set ? &in->policy->must_be_set : &in->policy->must_be_clear) |=
			policy_bits[i].bit;
	}
}

static void get_floor(struct in *in, const char *product, const json_t *value,
		      struct ctpm_tcb *floor)
{
	const char *name;
	json_t *one;

	if (!json_is_object(value))
		refuse(in, product, "an object of components");
	json_object_foreach((json_t *)(uintptr_t)value, name, one)
	{
		uint8_t *level = !strcmp(name, "bootloader")  ? &floor->bootloader
				 : !strcmp(name, "tee")	      ? &floor->tee
				 : !strcmp(name, "snp")	      ? &floor->snp
				 : !strcmp(name, "microcode") ? &floor->microcode
				 : !strcmp(name, "fmc")	      ? &floor->fmc
							      : NULL;
		uint64_t n;

		if (!level)
			refuse(in, product, "bootloader, tee, snp, microcode, fmc");
		else if (get_number(in, name, one, UINT8_MAX, "a level, 0 to 255", &n))
			*level = (uint8_t)n;
	}
}

static void get_tcb(struct in *in, const char *key, const json_t *value)
{
	const char *name;
	json_t *one;

	in->policy->has_tcb = true;
	if (!json_is_object(value))
		refuse(in, key, "an object of products");
	json_object_foreach((json_t *)(uintptr_t)value, name, one)
	{
		int p = 0;

		while (p < CTPM_PRODUCTS && strcmp(ctpm_product_name((enum ctpm_product)p), name))
			p++;
		if (p == CTPM_PRODUCTS) {
			refuse(in, key, "Milan, Genoa, Turin");
			return;
		}
		in->policy->tcb_of[p] = true;
		get_floor(in, name, one, &in->policy->floor[p]);
	}
}

static void get_signing_keys(struct in *in, const char *key, const json_t *value)
{
	get_names(in, key, value, key_name, 2, in->policy->key);
}

static void get_host_data(struct in *in, const char *key, const json_t *value)
{
	get_list(in, key, value, 32, &in->policy->host_data);
}

static void get_id_keys(struct in *in, const char *key, const json_t *value)
{
	get_list(in, key, value, 48, &in->policy->id_key);
}

static void get_author_keys(struct in *in, const char *key, const json_t *value)
{
	get_list(in, key, value, 48, &in->policy->author_key);
}

static void get_chip_ids(struct in *in, const char *key, const json_t *value)
{
	get_list(in, key, value, 64, &in->policy->chip_id);
}

static void get_guest_svn(struct in *in, const char *key, const json_t *value)
{
	uint64_t svn;

	if (get_number(in, key, value, GUEST_SVN_MAX, "a number of 32 bits", &svn))
		in->policy->guest_svn = (uint32_t)svn;
}

/* "0" to "23", as a number is written and no other way */
static bool pcr_index(const char *text, unsigned int *pcr)
{
	char again[8];

	*pcr = (unsigned int)strtoul(text, NULL, 10);
	snprintf(again, sizeof(again), "%u", *pcr);
	return *pcr < CTPM_PCRS && !strcmp(again, text);
}

static void get_bank(struct in *in, const char *bank, const json_t *value, size_t at)
{
	const char *name;
	unsigned int pcr;
	json_t *one;

	in->policy->has_pcrs[at] = true;
	if (!json_is_object(value) || !json_object_size(value))
		refuse(in, bank, "an object of PCRs, at least one");
	json_object_foreach((json_t *)(uintptr_t)value, name, one)
	{
		if (!pcr_index(name, &pcr)) {
			refuse(in, bank, "PCRs 0 to 23");
			return;
		}
		get_list(in, name, one, ctpm_bank_size(bank_ids[at]), &in->policy->pcr[at][pcr]);
	}
}

static void get_pcrs(struct in *in, const char *key, const json_t *value)
{
	const char *name;
	json_t *one;

	if (!json_is_object(value))
		refuse(in, key, "an object of banks");
	json_object_foreach((json_t *)(uintptr_t)value, name, one)
	{
		size_t i = 0;

		while (i < POLICY_BANKS && strcmp(ctpm_bank_name(bank_ids[i]), name))
			i++;
		if (i == POLICY_BANKS) {
			refuse(in, key, "sha256, sha384, sha512");
			return;
		}
		get_bank(in, name, one, i);
	}
}

static const struct {
	const char *name;
	void (*get)(struct in *in, const char *key, const json_t *value);
	bool required;
} keys[] = {
	{ "version", get_version, true },
	{ "modes", get_modes, true },
	{ "measurements", get_measurements, true },
	{ "aks", get_aks, false },
	{ "allow_late", get_allow_late, false },
	{ "allow_vouched_report", get_allow_vouched, false },
	{ "require_fresh", get_require_fresh, false },
	{ "require_ek_certificate", get_require_ek_cert, false },
	{ "report_pcr", get_report_pcr, false },
	{ "bind_vmpls", get_bind_vmpls, false },
	{ "guest_policy", get_guest_policy, false },
	{ "tcb", get_tcb, false },
	{ "signing_keys", get_signing_keys, false },
	{ "host_data", get_host_data, false },
	{ "id_key_digests", get_id_keys, false },
	{ "author_key_digests", get_author_keys, false },
	{ "chip_ids", get_chip_ids, false },
	{ "min_guest_svn", get_guest_svn, false },
	{ "pcrs", get_pcrs, false },
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static void get_all(struct in *in, const json_t *root)
{
	size_t known = 0;

	if (!json_is_object(root)) {
		refuse(in, "", "an object");
		return;
	}
	for (size_t i = 0; i < KEYS && !in->error; i++) {
		const json_t *value = json_object_get(root, keys[i].name);

		if (value) {
			keys[i].get(in, keys[i].name, value);
			known++;
		} else if (keys[i].required) {
			refuse(in, keys[i].name, "it to be there");
		}
	}
	/* without it root can pass keys of his own off as a TPM's: who wants that has to say so */
	if (!in->error && in->policy->mode[CTPM_MODE_BIND] &&
	    !json_object_get(root, "require_ek_certificate"))
		refuse(in, "require_ek_certificate", "it to be there, with mode bind");
	if (!in->error && known != json_object_size(root)) {
		const char *name;
		json_t *value;

		json_object_foreach((json_t *)(uintptr_t)root, name, value)
		{
			size_t i = 0;

			while (i < KEYS && strcmp(keys[i].name, name))
				i++;
			if (i == KEYS)
				in->error = because(in->why, CTPM_ERR_POLICY_FORM,
						    "policy: no key \"%.64s\" is known", name);
		}
	}
}

enum ctpm_error ctpm_policy_parse(const char *text, size_t len, struct ctpm_policy **policy,
				  struct ctpm_why *why)
{
	struct in in = { calloc(1, sizeof(**policy)), why, CTPM_OK };
	json_error_t at;
	json_t *root;

	*policy = NULL;
	if (!in.policy)
		return CTPM_ERR_MEMORY;
	in.policy->report_pcr = DEFAULT_REPORT_PCR;
	in.policy->bind_vmpl[0] = true;
	in.policy->must_be_clear = CTPM_POLICY_DEBUG | CTPM_POLICY_MIGRATE_MA;
	in.policy->key[CTPM_KEY_VCEK] = in.policy->key[CTPM_KEY_VLEK] = true;
	root = len <= CTPM_POLICY_SIZE_MAX ? json_loadb(text, len, JSON_REJECT_DUPLICATES, &at)
					   : NULL;
	if (root)
		get_all(&in, root);
	else if (len > CTPM_POLICY_SIZE_MAX)
		in.error = because(why, CTPM_ERR_POLICY_FORM, "policy: more than %d bytes",
				   CTPM_POLICY_SIZE_MAX);
	else
		in.error = because(why, CTPM_ERR_POLICY_FORM, "policy: no JSON, line %d: %.100s",
				   at.line, at.text);
	json_decref(root);
	if (in.error)
		ctpm_policy_free(in.policy);
	else
		*policy = in.policy;
	return in.error;
}

void ctpm_policy_free(struct ctpm_policy *policy)
{
	if (!policy)
		return;
	free(policy->measurement.data);
	free(policy->ak.data);
	free(policy->host_data.data);
	free(policy->id_key.data);
	free(policy->author_key.data);
	free(policy->chip_id.data);
	for (size_t b = 0; b < POLICY_BANKS; b++)
		for (size_t i = 0; i < CTPM_PCRS; i++)
			free(policy->pcr[b][i].data);
	free(policy);
}
