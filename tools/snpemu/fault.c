// SPDX-License-Identifier: GPL-2.0-or-later
/* What --fault can break, so that the guest's behaviour can be tested. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snpemu.h"

struct fault_kind {
	const char *name;
	enum fault_id id;
	enum fault_point point;
	uint64_t flag; /* of the monitor's configuration */
	bool takes_code;
	const char *help;
};

static const struct fault_kind kinds[] = {
	{ "no-vtpm", FAULT_NO_VTPM, FAULT_FLAG, SNPEMU_F_NO_VTPM, false,
	  "the SVSM has no vTPM protocol" },
	{ "no-attest", FAULT_NO_ATTEST, FAULT_FLAG, SNPEMU_F_NO_ATTEST, false,
	  "the SVSM has no attestation protocol" },
	{ "vtpm-busy", FAULT_VTPM_BUSY, FAULT_VTPM, 0, false, "SVSM_ERR_BUSY to a TPM command" },
	{ "vtpm-incomplete", FAULT_VTPM_INCOMPLETE, FAULT_VTPM, 0, false,
	  "SVSM_ERR_INCOMPLETE to a TPM command" },
	{ "vtpm-error", FAULT_VTPM_ERROR, FAULT_VTPM, 0, true,
	  "the given SVSM result code to a TPM command" },
	{ "vtpm-hang", FAULT_VTPM_HANG, FAULT_VTPM, 0, false, "no answer at all" },
	{ "vtpm-failure", FAULT_VTPM_FAILURE, FAULT_VTPM, 0, false,
	  "TPM_RC_FAILURE, as from a TPM in failure mode" },
	{ "vtpm-rc", FAULT_VTPM_RC, FAULT_VTPM, 0, true, "the given response code from the TPM" },
	{ "vtpm-size-zero", FAULT_VTPM_SIZE_ZERO, FAULT_VTPM_RESPONSE, 0, false,
	  "a response of 0 bytes" },
	{ "vtpm-size-short", FAULT_VTPM_SIZE_SHORT, FAULT_VTPM_RESPONSE, 0, false,
	  "a response shorter than a TPM header" },
	{ "vtpm-size-long", FAULT_VTPM_SIZE_LONG, FAULT_VTPM_RESPONSE, 0, false,
	  "a response one byte longer than the page" },
	{ "vtpm-size-huge", FAULT_VTPM_SIZE_HUGE, FAULT_VTPM_RESPONSE, 0, false,
	  "a response of 4 GiB - 1" },
	{ "vtpm-header", FAULT_VTPM_HEADER, FAULT_VTPM_RESPONSE, 0, false,
	  "a response whose header tells another length" },
	{ "vtpm-garbage", FAULT_VTPM_GARBAGE, FAULT_VTPM_RESPONSE, 0, false,
	  "a response of noise" },
	{ "attest-busy", FAULT_ATTEST_BUSY, FAULT_ATTEST, 0, false,
	  "SVSM_ERR_BUSY to an attestation" },
	{ "attest-error", FAULT_ATTEST_ERROR, FAULT_ATTEST, 0, true,
	  "the given SVSM result code to an attestation" },
	{ "attest-vmpl", FAULT_ATTEST_VMPL, FAULT_ATTEST, 0, false,
	  "a report at the guest's VMPL" },
	{ "attest-nonce", FAULT_ATTEST_NONCE, FAULT_ATTEST, 0, false,
	  "a report over another nonce" },
	{ "attest-manifest", FAULT_ATTEST_MANIFEST_OTHER, FAULT_ATTEST, 0, false,
	  "a manifest that is not the attested one" },
	{ "attest-report-short", FAULT_ATTEST_REPORT_SHORT, FAULT_ATTEST, 0, false,
	  "a report that is cut off" },
	{ "attest-report-long", FAULT_ATTEST_REPORT_LONG, FAULT_ATTEST, 0, false,
	  "a report of more than a page" },
	{ "attest-manifest-long", FAULT_ATTEST_MANIFEST_LONG, FAULT_ATTEST, 0, false,
	  "a manifest that needs more room with each call" },
	{ "guest-request-busy", FAULT_GUEST_REQUEST_BUSY, FAULT_GUEST_REQUEST, 0, false,
	  "\"busy\" from the hypervisor to a guest message" },
	{ "guest-request-error", FAULT_GUEST_REQUEST_ERROR, FAULT_GUEST_REQUEST, 0, true,
	  "the given firmware error to a guest message" },
};

void fault_list(void)
{
	puts("Faults: NAME[=CODE][:COUNT][@COMMAND]; strikes COUNT times, without it always;\n"
	     "@COMMAND: only for TPM commands with that code (0x17b); =CODE: the code to answer.");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		printf("  %-22s %s\n", kinds[i].name, kinds[i].help);
}

static const struct fault_kind *find_kind(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strlen(kinds[i].name) == len && !memcmp(kinds[i].name, name, len))
			return &kinds[i];
	return NULL;
}

/* A number after a mark; false if it is none. */
static bool number_after(const char **text, char mark, uint64_t *value)
{
	char *end;

	if (**text != mark)
		return true;
	if (!isdigit((unsigned char)(*text)[1]))
		return false;
	errno = 0;
	*value = strtoull(*text + 1, &end, 0);
	*text = end;
	return !errno;
}

/* What the kind of fault has no use for would be ignored: NULL, or what it is. */
static const char *superfluous(const struct fault_kind *kind, const char *rest)
{
	bool vtpm = kind->point == FAULT_VTPM || kind->point == FAULT_VTPM_RESPONSE;

	if (!kind->takes_code && strchr(rest, '='))
		return "takes no =CODE";
	if (!vtpm && strchr(rest, '@'))
		return "takes no @COMMAND";
	if (kind->point == FAULT_FLAG && strchr(rest, ':'))
		return "takes no :COUNT";
	return NULL;
}

bool fault_parse(struct options *opt, const char *text, char *error, size_t size)
{
	size_t len = strcspn(text, "=:@");
	const struct fault_kind *kind = find_kind(text, len);
	uint64_t code = 0, count = UINT64_MAX, command = 0;
	const char *rest = text + len, *why;

	if (!kind || opt->n_faults == FAULTS_MAX) {
		snprintf(error, size, "--fault %s: %s", text,
			 kind ? "too many faults" : "no such fault; --fault help lists them");
		return false;
	}
	why = superfluous(kind, rest);
	if (why) {
		snprintf(error, size, "--fault %s: %s", text, why);
		return false;
	}
	if (!number_after(&rest, '=', &code) || !number_after(&rest, ':', &count) ||
	    !number_after(&rest, '@', &command) || *rest || !count || command > UINT32_MAX ||
	    (kind->takes_code && (!code || code > UINT32_MAX))) {
		snprintf(error, size, "--fault %s: expected NAME[=CODE][:COUNT][@COMMAND]%s", text,
			 kind->takes_code ? ", with a CODE for this one" : "");
		return false;
	}
	opt->flags |= kind->flag;
	opt->faults[opt->n_faults++] = (struct fault){
		.kind = kind,
		.forever = count == UINT64_MAX,
		.left = count,
		.code = code,
		.command = (uint32_t)command,
	};
	return true;
}

/* Does a fault strike here and now? NULL and FAULT_NONE: no. */
const struct fault *fault_strike(struct vm *vm, enum fault_point point, uint32_t command,
				 enum fault_id *id)
{
	*id = FAULT_NONE;
	for (unsigned int i = 0; i < vm->opt->n_faults; i++) {
		struct fault *f = &vm->opt->faults[i];

		if (f->kind->point != point || (f->command && f->command != command) ||
		    (!f->forever && !f->left))
			continue;
		if (!f->forever)
			f->left--;
		*id = f->kind->id;
		return f;
	}
	return NULL;
}
