// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The SVSM's attestation protocol (AMD 58019, chapter 7): manifests, and a
 * report at VMPL0 with REPORT_DATA = SHA-512(nonce || manifest).
 */
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>

#include "../common/cursor.h"
#include "snpemu.h"

#define NONCE_SIZE	  64
#define MANIFEST_MAX	  8192
#define CALL_SERVICES	  0
#define SERVICES_ENTRY	  24 /* bytes of the header and of each entry */
#define WANTS_CERTS(arg3) ((arg3) >> 32 & 1)
#define VERSION(arg3)	  ((uint32_t)(arg3))

/* In EFI byte order */
static const uint8_t services_guid[16] = { 0xbb, 0x9e, 0x84, 0x63, 0x92, 0x3d, 0x70, 0x46,
					   0xa1, 0xff, 0x58, 0xf9, 0xc9, 0x4b, 0x87, 0xbb };
static const uint8_t vtpm_guid[16] = { 0xeb, 0xf1, 0x76, 0xc4, 0x23, 0x01, 0xa5, 0x45,
				       0x96, 0x41, 0xb4, 0xe7, 0xdd, 0xe5, 0xbf, 0xe3 };

/* The services manifest: a table of GUIDs with each service's manifest */
static void put_services(struct cur *c, const uint8_t *vtpm, size_t len)
{
	cur_put_bytes(c, services_guid, sizeof(services_guid));
	cur_put_le32(c, (uint32_t)(2 * SERVICES_ENTRY + len));
	cur_put_le32(c, 1);
	cur_put_bytes(c, vtpm_guid, sizeof(vtpm_guid));
	cur_put_le32(c, 2 * SERVICES_ENTRY);
	cur_put_le32(c, (uint32_t)len);
	cur_put_bytes(c, vtpm, len);
}

/* 0 or the SVSM's result code */
static uint64_t make_manifest(struct vm *vm, const uint64_t arg[4], struct cur *c)
{
	size_t len;
	const uint8_t *vtpm = tpm_manifest(vm, &len);

	if (arg[0] == CALL_SERVICES) {
		put_services(c, vtpm, len);
		return SVSM_SUCCESS;
	}
	if (VERSION(arg[3]))
		return SVSM_ERR_INVALID_PARAMETER;
	if (memcmp(&arg[1], vtpm_guid, sizeof(vtpm_guid)) || !len)
		return SVSM_ERR_UNSUPPORTED_PROTOCOL;
	cur_put_bytes(c, vtpm, len);
	return SVSM_SUCCESS;
}

static bool report_data(const uint8_t *nonce, const struct cur *manifest, uint8_t out[64])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool ok = md && EVP_DigestInit_ex(md, EVP_sha512(), NULL) &&
		  EVP_DigestUpdate(md, nonce, NONCE_SIZE) &&
		  EVP_DigestUpdate(md, manifest->r, manifest->pos) &&
		  EVP_DigestFinal_ex(md, out, NULL);

	EVP_MD_CTX_free(md);
	return ok;
}

static void break_answer(enum fault_id id, struct snpemu_attest *a, uint8_t *manifest,
			 uint32_t *growth)
{
	switch (id) {
	case FAULT_ATTEST_MANIFEST_OTHER:
		manifest[a->manifest_len - 1] ^= 1;
		break;
	case FAULT_ATTEST_REPORT_SHORT:
		a->report_len = SNP_REPORT_SIZE / 2;
		break;
	case FAULT_ATTEST_REPORT_LONG:
		a->report_len = SNP_PAGE_SIZE + 1;
		break;
	case FAULT_ATTEST_MANIFEST_LONG:
		*growth += SNP_PAGE_SIZE;
		a->manifest_len = *growth + 1;
		break;
	default:
		break;
	}
}

static void answer(struct vm *vm, unsigned int slot, const uint8_t *report,
		   const struct cur *manifest, bool certs, enum fault_id id)
{
	static uint8_t out[SNPEMU_SLOT_DATA];
	uint8_t changed[MANIFEST_MAX];
	struct snpemu_attest a = { .report_len = SNP_REPORT_SIZE,
				   .manifest_len = (uint32_t)manifest->pos };
	struct cur c = cur_writer(out, sizeof(out));

	memcpy(changed, manifest->r, manifest->pos);
	if (certs)
		a.certs_len = (uint32_t)snp_sp_cert_table(vm->sp, NULL, 0);
	break_answer(id, &a, changed, &vm->manifest_growth);
	cur_put_bytes(&c, &a, sizeof(a));
	cur_put_bytes(&c, report, a.report_len < SNP_REPORT_SIZE ? a.report_len : SNP_REPORT_SIZE);
	cur_put_zeros_to(&c, sizeof(a) + a.report_len);
	cur_put_bytes(&c, changed, a.manifest_len < manifest->pos ? a.manifest_len : manifest->pos);
	cur_put_zeros_to(&c, sizeof(a) + a.report_len + a.manifest_len);
	if (certs)
		snp_sp_cert_table(vm->sp, cur_room(&c, a.certs_len), a.certs_len);
	if (c.failed) /* a fault has made it larger than a slot */
		slot_answer(vm, slot, SVSM_ERR_INVALID_REQUEST, 0, NULL, 0);
	else
		slot_answer(vm, slot, SVSM_SUCCESS, 0, out, c.pos);
}

void attest_request(struct vm *vm, unsigned int slot, const uint8_t *nonce, size_t len,
		    const uint64_t arg[4])
{
	uint8_t manifest[MANIFEST_MAX], data[64] = { 0 }, report[SNP_REPORT_SIZE];
	struct cur m = cur_writer(manifest, sizeof(manifest));
	uint64_t result =
		len == NONCE_SIZE ? make_manifest(vm, arg, &m) : SVSM_ERR_INVALID_PARAMETER;
	enum fault_id id;
	const struct fault *f = fault_strike(vm, FAULT_ATTEST, 0, &id);

	if (id == FAULT_ATTEST_BUSY || id == FAULT_ATTEST_ERROR)
		result = id == FAULT_ATTEST_BUSY ? SVSM_ERR_BUSY : f->code;
	if (!result && (m.failed || !report_data(nonce, &m, data)))
		result = SVSM_ERR_INVALID_REQUEST;
	if (id == FAULT_ATTEST_NONCE)
		data[0] ^= 1;
	if (!result &&
	    snp_sp_report(vm->sp, id == FAULT_ATTEST_VMPL ? vm->opt->vmpl : 0, data, report))
		result = SVSM_ERR_INVALID_REQUEST;
	if (result)
		slot_answer(vm, slot, result, 0, NULL, 0);
	else
		answer(vm, slot, report, &m, WANTS_CERTS(arg[3]), id);
}
