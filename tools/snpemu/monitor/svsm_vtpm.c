// SPDX-License-Identifier: GPL-2.0-or-later
/* The vTPM protocol (SVSM 8). The TPM is the host's swtpm, asked by mailbox. */
#include "monitor.h"

enum { VTPM_QUERY, VTPM_CMD };

#define TPM_SEND_COMMAND 8
#define BUFFER_SIZE	 4096 /* one page's worth, at any address */

/* SVSM, table 17 and 18; the answer takes the request's place */
struct send_command {
	u32 command;
	u8 locality;
	u32 size;
	u8 data[BUFFER_SIZE - 9];
} __attribute__((packed));

struct send_response {
	u32 size;
	u8 data[BUFFER_SIZE - 4];
} __attribute__((packed));

static u64 send_command(struct vcpu *v, u64 gpa)
{
	const struct send_command *request = guest_private(gpa, BUFFER_SIZE);
	const u32 *command = guest_private(gpa, sizeof(*command));
	u64 arg[4] = { 0 }, result;
	struct send_response *response;
	struct snpemu_slot *s;
	u32 size;

	/* the command first, then whether the rest is there, as COCONUT-SVSM has it */
	if (!gpa || !command || *command != TPM_SEND_COMMAND)
		return SVSM_ERR_INVALID_PARAMETER;
	if (!request)
		return SVSM_ERR_INVALID_ADDRESS;
	size = request->size;
	if (request->command != TPM_SEND_COMMAND || request->locality != 0 ||
	    size > sizeof(request->data))
		return SVSM_ERR_INVALID_PARAMETER;
	s = chan_call(v, SNPEMU_OP_VTPM, arg, request->data, size);
	result = s->ret[0];
	response = guest_private(gpa, BUFFER_SIZE);
	if (!result && !response)
		result = SVSM_ERR_INVALID_ADDRESS;
	if (!result) {
		if (s->out_len > sizeof(response->data))
			stop(v, SNPEMU_STOP_MONITOR, "host answers a TPM command with %u bytes",
			     s->out_len);
		response->size = (u32)s->ret[1];
		memcpy(response->data, s->data, s->out_len);
	}
	chan_done(s);
	return result;
}

u64 svsm_vtpm(struct vcpu *v, u32 call)
{
	switch (call) {
	case VTPM_QUERY:
		v->gpr.rcx = BIT(TPM_SEND_COMMAND);
		v->gpr.rdx = 0; /* features: none are defined */
		return SVSM_SUCCESS;
	case VTPM_CMD:
		return send_command(v, v->gpr.rcx);
	default:
		return SVSM_ERR_UNSUPPORTED_CALL;
	}
}
