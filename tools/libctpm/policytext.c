// SPDX-License-Identifier: GPL-2.0-or-later
/* Policies for people: in sentences, and made from a reference boot. */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy.h"
#include "why.h"

#define HEX_MAX 96 /* bytes of a value */

static const char *hex(const uint8_t *data, size_t len, char out[2 * HEX_MAX + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len && i < HEX_MAX; i++) {
		out[2 * i] = digits[data[i] >> 4];
		out[2 * i + 1] = digits[data[i] & 15];
		out[2 * i + 2] = '\0';
	}
	return out;
}

static void explain_list(FILE *f, const char *what, const struct list *list)
{
	char text[2 * HEX_MAX + 1] = "";

	if (!list->count)
		return;
	fprintf(f, "%s must be %s\n", what, list->count > 1 ? "one of" : "this one:");
	for (size_t i = 0; i < list->count; i++)
		fprintf(f, "    %s\n", hex(list->data + i * list->size, list->size, text));
}

static void explain_modes(FILE *f, const struct ctpm_policy *p)
{
	if (p->mode[CTPM_MODE_SVSM])
		fprintf(f, "The TPM may be in the SVSM (mode svsm), with a report of VMPL 0.\n");
	if (p->mode[CTPM_MODE_BIND])
		for (unsigned int v = 0; v < POLICY_VMPLS; v++)
			if (p->bind_vmpl[v])
				fprintf(f,
					"The TPM may be outside the SVSM (mode bind), with a "
					"report of VMPL %u.\n",
					v);
	if (p->mode[CTPM_MODE_BIND] && !p->allow_late)
		fprintf(f, "In mode bind the report is extended from user space: that the PCR was "
			   "zero before is all that is known.\n");
	if (p->mode[CTPM_MODE_BIND] && !p->require_ek_cert)
		fprintf(f, "In mode bind it need NOT be a TPM: without an EK certificate, who has "
			   "root can make keys of his own and say what he likes of PCRs.\n");
	if (p->mode[CTPM_MODE_BIND] && p->mode[CTPM_MODE_SVSM])
		fprintf(f, "A guest that has a TPM in the SVSM may come in mode bind as well, from "
			   "the VMPLs named: then all of it counts for as much as mode bind.\n");
}

static void explain_binding(FILE *f, const struct ctpm_policy *p)
{
	fprintf(f, "The report's digest must be the first that PCR %u was extended with%s.\n",
		p->report_pcr,
		p->allow_late ? ", possibly after user space had started"
			      : ", before user space could");
	if (p->allow_vouched)
		fprintf(f, "A report that the AK's certificate vouches for is taken without AMD's "
			   "signature: the Owner CA has verified that.\n");
	if (p->require_fresh)
		fprintf(f, "There must be a report made for the challenge.\n");
	if (p->require_ek_cert)
		fprintf(f, "The TPM must have an EK certificate of a maker that is trusted.\n");
	if (p->ak.count)
		fprintf(f, "%zu AKs are known without a certificate of the Owner CA.\n",
			p->ak.count);
}

static void explain_guest_policy(FILE *f, const struct ctpm_policy *p)
{
	for (size_t i = 0; i < policy_bits_count; i++) {
		if (p->must_be_set & policy_bits[i].bit)
			fprintf(f, "The guest policy must have %s.\n", policy_bits[i].name);
		if (p->must_be_clear & policy_bits[i].bit)
			fprintf(f, "The guest policy must not have %s.\n", policy_bits[i].name);
	}
}

static void explain_tcb(FILE *f, const struct ctpm_policy *p)
{
	bool any = false;

	if (!p->has_tcb) {
		fprintf(f, "Any TCB will do.\n");
		return;
	}
	for (int i = 0; i < CTPM_PRODUCTS; i++) {
		const struct ctpm_tcb *t = &p->floor[i];

		if (!p->tcb_of[i])
			continue;
		any = true;
		fprintf(f, "On %s the TCB must be at least: ",
			ctpm_product_name((enum ctpm_product)i));
		if (i == CTPM_TURIN)
			fprintf(f, "FMC %u, ", t->fmc);
		fprintf(f, "boot loader %u, TEE %u, SNP firmware %u, microcode %u.\n",
			t->bootloader, t->tee, t->snp, t->microcode);
	}
	fprintf(f, any ? "No other product will do.\n"
		       : "NO product will do: there is a floor of the TCB for none.\n");
}

static void explain_launch(FILE *f, const struct ctpm_policy *p)
{
	if (p->any_measurement)
		fprintf(f, "ANY launch measurement will do: then nothing says that the SVSM is "
			   "one that can be trusted with the binding.\n");
	explain_list(f, "The launch measurement", &p->measurement);
	explain_guest_policy(f, p);
	explain_tcb(f, p);
	if (!p->key[CTPM_KEY_VCEK] || !p->key[CTPM_KEY_VLEK])
		fprintf(f, "The report must be signed by a %s.\n",
			p->key[CTPM_KEY_VCEK] ? "VCEK" : "VLEK");
	explain_list(f, "HOST_DATA", &p->host_data);
	explain_list(f, "The digest of the ID key", &p->id_key);
	explain_list(f, "The digest of the author key", &p->author_key);
	explain_list(f, "The chip's id", &p->chip_id);
	if (p->guest_svn)
		fprintf(f, "The guest's security version must be at least %u.\n", p->guest_svn);
}

static void explain_pcrs(FILE *f, const struct ctpm_policy *p)
{
	static const char *const bank[POLICY_BANKS] = { "SHA-256", "SHA-384", "SHA-512" };
	size_t banks = 0;
	char what[64];

	for (size_t b = 0; b < POLICY_BANKS; b++)
		banks += p->has_pcrs[b];
	if (banks > 1)
		fprintf(f, "PCRs are of one bank, which the guest chooses, and only that bank's "
			   "rules are looked at:\n");
	for (size_t b = 0; b < POLICY_BANKS; b++) {
		for (unsigned int i = 0; i < CTPM_PCRS; i++) {
			snprintf(what, sizeof(what), "PCR %u (%s)", i, bank[b]);
			explain_list(f, what, &p->pcr[b][i]);
		}
	}
}

char *ctpm_policy_explain(const struct ctpm_policy *policy)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	bool bad;

	if (!f)
		return NULL;
	explain_modes(f, policy);
	explain_binding(f, policy);
	explain_launch(f, policy);
	explain_pcrs(f, policy);
	bad = ferror(f);
	if (fclose(f) || bad) {
		free(text);
		return NULL;
	}
	return text;
}

static json_t *hex_string(const uint8_t *data, size_t len)
{
	char text[2 * HEX_MAX + 1] = "";

	return json_string(hex(data, len, text));
}

static json_t *make_floor(const struct ctpm_report *report, enum ctpm_product product)
{
	struct ctpm_tcb t = ctpm_tcb_decode(product, report->reported_tcb);
	json_t *floor = json_pack("{s:i, s:i, s:i, s:i}", "bootloader", t.bootloader, "tee", t.tee,
				  "snp", t.snp, "microcode", t.microcode);

	if (floor && product == CTPM_TURIN)
		json_object_set_new(floor, "fmc", json_integer(t.fmc));
	return json_pack("{s:o}", ctpm_product_name(product), floor);
}

static json_t *make_guest_policy(const struct ctpm_report *report)
{
	json_t *bits = json_object();

	for (size_t i = 0; i < policy_bits_count; i++)
		json_object_set_new(bits, policy_bits[i].name,
				    json_boolean(report->policy & policy_bits[i].bit));
	return bits;
}

static json_t *make_pcrs(const struct ctpm_pcrs *pcrs, uint32_t mask)
{
	json_t *values = json_object();
	char index[16];

	for (unsigned int i = 0; i < CTPM_PCRS; i++) {
		if (!(mask >> i & 1))
			continue;
		snprintf(index, sizeof(index), "%u", i);
		json_object_set_new(values, index,
				    hex_string(pcrs->value[i], ctpm_bank_size(pcrs->bank)));
	}
	return json_pack("{s:o}", ctpm_bank_name(pcrs->bank), values);
}

enum ctpm_error ctpm_policy_make(const struct ctpm_claims *claims, uint32_t pcrs, char **text,
				 struct ctpm_why *why)
{
	struct ctpm_report report;
	enum ctpm_product product;
	enum ctpm_error error =
		ctpm_report_parse(claims->report.data, claims->report.len, &report, why);
	json_t *root;

	*text = NULL;
	if (error)
		return error;
	if (pcrs & ~claims->pcrs.mask)
		return because(why, CTPM_ERR_ARGUMENT,
			       "PCRs of mask %#x are wanted, the evidence has %#x", pcrs,
			       claims->pcrs.mask);
	root = json_pack("{s:i, s:[s], s:[o], s:o}", "version", 1, "modes",
			 ctpm_mode_name(claims->mode), "measurements",
			 hex_string(report.measurement, sizeof(report.measurement)), "guest_policy",
			 make_guest_policy(&report));
	/* an SVSM's report is of VMPL 0, whatever the policy */
	if (root && claims->mode == CTPM_MODE_BIND) {
		json_object_set_new(root, "bind_vmpls", json_pack("[i]", (int)report.vmpl));
		json_object_set_new(root, "require_ek_certificate", json_boolean(claims->ek_certs));
	}
	if (root && ctpm_report_product(&report, &product))
		json_object_set_new(root, "tcb", make_floor(&report, product));
	if (root && pcrs)
		json_object_set_new(root, "pcrs", make_pcrs(&claims->pcrs, pcrs));
	*text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
	json_decref(root);
	return *text ? CTPM_OK : CTPM_ERR_MEMORY;
}
