// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that sends messages as Linux's driver does.
 */
#include "sp_test.h"

void guest_open(struct guest *g, const struct snp_sp_config *config, uint8_t vmpck_id)
{
	memset(g, 0, sizeof(*g));
	g->sp = sp_running(config);
	g->vmpck_id = vmpck_id;
	guest_vmpck(g->sp, vmpck_id, g->vmpck);
}

void guest_open_default(struct guest *g)
{
	struct snp_sp_config config = test_config(SNP_MILAN);

	guest_open(g, &config, 1);
}

void guest_close(struct guest *g)
{
	snp_sp_free(g->sp);
}

enum snp_fw_status guest_issue(struct guest *g)
{
	memset(&g->response, 0xee, sizeof(g->response));
	return snp_sp_guest_request(g->sp, (const uint8_t *)&g->request, (uint8_t *)&g->response);
}

uint32_t guest_send(struct guest *g, uint8_t type, const void *plain, uint16_t len)
{
	guest_header(&g->request, g->seqno + 1, type, g->vmpck_id, len);
	guest_encrypt(&g->request, g->vmpck, plain);
	assert_int_equal(guest_issue(g), SNP_FW_SUCCESS);
	assert_true(guest_decrypt(&g->request, &g->response, g->vmpck, g->plain, RSP_MAX));
	g->seqno += 2;
	return le32_at(g->plain, 0);
}
