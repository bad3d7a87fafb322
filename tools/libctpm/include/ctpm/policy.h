/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a verifier accepts: JSON, Documentation/policy.rst.
 */
#ifndef CTPM_POLICY_H
#define CTPM_POLICY_H

#include <ctpm/evidence.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CTPM_POLICY_SIZE_MAX 1048576

/* Never changes once it is there: for any number of threads */
struct ctpm_policy;

/**
 * ctpm_policy_parse() - read a policy
 * @text: JSON
 * @len: bytes, at most CTPM_POLICY_SIZE_MAX
 * @policy: the policy, or NULL on failure
 * @why: may be NULL
 *
 * Unknown keys are refused, so that a mistyped one does not go unnoticed.
 *
 * Return: CTPM_OK, CTPM_ERR_POLICY_FORM or CTPM_ERR_MEMORY.
 */
CTPM_API enum ctpm_error ctpm_policy_parse(const char *text, size_t len,
					   struct ctpm_policy **policy, struct ctpm_why *why);
CTPM_API void ctpm_policy_free(struct ctpm_policy *policy);

/**
 * ctpm_policy_explain() - a policy in sentences
 * @policy: a policy
 *
 * Return: lines of text, to be given to free(), or NULL without memory.
 */
CTPM_API char *ctpm_policy_explain(const struct ctpm_policy *policy);

/**
 * ctpm_policy_make() - the policy that a reference boot fulfils
 * @claims: of the reference, verified by whoever trusts it
 * @pcrs: mask of the PCRs whose values become golden ones
 * @text: JSON, to be given to free()
 * @why: may be NULL
 *
 * Its measurement, TCB as floor, guest policy, in mode bind the report's VMPL, and the PCRs.
 *
 * Return: CTPM_OK, CTPM_ERR_MEMORY, CTPM_ERR_ARGUMENT if the evidence lacks one of
 * @pcrs, or what ctpm_report_parse() says.
 */
CTPM_API enum ctpm_error ctpm_policy_make(const struct ctpm_claims *claims, uint32_t pcrs,
					  char **text, struct ctpm_why *why);

#ifdef __cplusplus
}
#endif

#endif
