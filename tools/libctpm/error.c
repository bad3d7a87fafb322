// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>

#include "why.h"

static const char *const names[CTPM_ERRORS] = {
	[CTPM_OK] = "ok",
	[CTPM_ERR_MEMORY] = "memory",
	[CTPM_ERR_CRYPTO] = "crypto",
	[CTPM_ERR_ARGUMENT] = "argument",
	[CTPM_ERR_FORM] = "form",
	[CTPM_ERR_TPM_FORM] = "tpm-form",
	[CTPM_ERR_LOG_FORM] = "log-form",
	[CTPM_ERR_POLICY_FORM] = "policy-form",
	[CTPM_ERR_REFUSED] = "refused",
	[CTPM_ERR_REPORT_SIZE] = "report-size",
	[CTPM_ERR_REPORT_VERSION] = "report-version",
	[CTPM_ERR_REPORT_RESERVED] = "report-reserved",
	[CTPM_ERR_REPORT_ALGORITHM] = "report-algorithm",
	[CTPM_ERR_REPORT_UNSIGNED] = "report-unsigned",
	[CTPM_ERR_REPORT_SIGNATURE] = "report-signature",
	[CTPM_ERR_CERT_TABLE] = "cert-table",
	[CTPM_ERR_CERT_FORM] = "cert-form",
	[CTPM_ERR_CERT_MISSING] = "cert-missing",
	[CTPM_ERR_CERT_ROOT] = "cert-root",
	[CTPM_ERR_CERT_CHAIN] = "cert-chain",
	[CTPM_ERR_CERT_TIME] = "cert-time",
	[CTPM_ERR_CERT_REVOKED] = "cert-revoked",
	[CTPM_ERR_CERT_EXTENSION] = "cert-extension",
	[CTPM_ERR_CERT_PRODUCT] = "cert-product",
	[CTPM_ERR_CRL] = "crl",
	[CTPM_ERR_KEY_TYPE] = "key-type",
	[CTPM_ERR_TCB] = "tcb",
	[CTPM_ERR_CHIP_ID] = "chip-id",
};

const char *ctpm_error_name(enum ctpm_error code)
{
	return code < CTPM_ERRORS && names[code] ? names[code] : "unknown";
}

enum ctpm_error because(struct ctpm_why *why, enum ctpm_error code, const char *format, ...)
{
	va_list ap;

	if (!why)
		return code;
	why->code = code;
	va_start(ap, format);
	vsnprintf(why->text, sizeof(why->text), format, ap);
	va_end(ap);
	return code;
}
