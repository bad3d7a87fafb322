// SPDX-License-Identifier: GPL-2.0-only
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/msr-index.h>
#include <asm/svm.h>

#include "calls.h"

#define CALL(protocol, call)	((u64)(protocol) << 32 | (call))
#define CORE(call)		CALL(0, call)
#define ATTEST(call)		CALL(1, call)
#define VTPM(call)		CALL(2, call)

enum { REMAP_CA, PVALIDATE, CREATE_VCPU, DELETE_VCPU, DEPOSIT, WITHDRAW, QUERY, VTOM };

/* AMD 58019, table 4 */
#define SUCCESS			0
#define NO_PROTOCOL		0x80000001
#define NO_CALL			0x80000002
#define BAD_ADDRESS		0x80000003
#define BAD_PARAMETER		0x80000005
#define BAD_REQUEST		0x80000006
#define PROTOCOL_BASE		0x80001000
#define NO_UPDATE		16	/* PVALIDATE changed nothing */

/* A call with these registers has this result. */
static struct regs expect(u64 code, const char *name, const char *what, u64 rax, u64 rcx, u64 rdx,
			  u64 r8)
{
	struct regs out = svsm_call(rax, rcx, rdx, r8);

	result(out.rax == code, name, what, out.rax, code);
	return out;
}

static void same(const char *name, u64 found, u64 expected)
{
	result(found == expected, name, "", found, expected);
}

static void protocols(void)
{
	unsigned int i;
	static const struct {
		u32 protocol, version;
		bool there;
	} query[] = {
		{ 0, 1, true }, { 1, 1, true }, { 2, 1, true },
		{ 0, 0, false }, { 0, 2, false }, { 1, 0, false }, { 1, 2, false },
		{ 2, 0, false }, { 2, 2, false }, { 3, 1, false }, { U32_MAX, 1, false },
	};

	expect(NO_PROTOCOL, "a protocol that is not there", "", CALL(3, 0), 0, 0, 0);
	expect(NO_PROTOCOL, "the highest protocol number", "", CALL(U32_MAX, 0), 0, 0, 0);
	expect(NO_CALL, "core: an unknown call", "", CORE(8), 0, 0, 0);
	expect(NO_CALL, "core: the highest call number", "", CORE(U32_MAX), 0, 0, 0);
	/* COCONUT-SVSM has no such protocol there; 58019 says what a call is that is not */
	expect(NO_CALL, "attestation: an unknown call", "", ATTEST(2), 0, 0, 0);
	expect(NO_CALL, "vTPM: an unknown call", "", VTPM(2), 0, 0, 0);
	expect(NO_CALL, "core: DEPOSIT_MEM, which is not needed", "", CORE(DEPOSIT), 0, 0, 0);
	expect(NO_CALL, "core: WITHDRAW_MEM, likewise", "", CORE(WITHDRAW), 0, 0, 0);

	for (i = 0; i < ARRAY_SIZE(query); i++) {
		char *name = kasprintf(GFP_KERNEL, "core: protocol %u, version %u is %s",
				       query[i].protocol, query[i].version,
				       query[i].there ? "there" : "not there");
		struct regs out = svsm_call(CORE(QUERY), (u64)query[i].protocol << 32 |
					    query[i].version, 0, 0);

		result(!out.rax && out.rcx == (query[i].there ? BIT_ULL(32) | 1 : 0), name, "",
		       out.rcx, query[i].there);
		kfree(name);
	}
	same("core: there is no virtual top of memory",
	     expect(SUCCESS, "core: CONFIGURE_VTOM, asked", "", CORE(VTOM), 1, 0, 0).rcx, 0);
	expect(BAD_REQUEST, "core: CONFIGURE_VTOM, set", "", CORE(VTOM), 0x8000000000, 0, 0);
}

static void calling_areas(void)
{
	unsigned int i;

	expect(BAD_PARAMETER, "core: a calling area that is not page aligned", "", CORE(REMAP_CA),
	       __pa(pages) + 8, 0, 0);
	for (i = 0; i < WRONG; i++)
		expect(BAD_ADDRESS, "core: a calling area in ", wrong[i].what, CORE(REMAP_CA),
		       wrong[i].gpa, 0, 0);
}

/* One list of one page; entry, entries and next as given */
static u64 *pvalidate_list(u16 entries, u16 next, u64 entry)
{
	u64 *list = (u64 *)pages;

	memset(list, 0, PAGE_SIZE);
	list[0] = entries | (u32)next << 16;
	list[1] = entry;
	return list;
}

static void pvalidate_entry(u64 code, const char *name, const char *what, u64 entry)
{
	expect(code, name, what, CORE(PVALIDATE), __pa(pvalidate_list(1, 0, entry)), 0, 0);
}

#define VALIDATE	BIT(2)
#define IGNORE_CF	BIT(3)

static void pvalidate(void)
{
	u64 page = __pa(pages + PAGE_SIZE), *list;
	u64 most = (PAGE_SIZE - 8) / 8;
	unsigned int i;

	expect(BAD_PARAMETER, "core: a PVALIDATE list that is not aligned", "", CORE(PVALIDATE),
	       __pa(pvalidate_list(1, 0, page | VALIDATE | IGNORE_CF)) + 4, 0, 0);
	for (i = 0; i < WRONG; i++)
		expect(BAD_ADDRESS, "core: a PVALIDATE list in ", wrong[i].what, CORE(PVALIDATE),
		       wrong[i].gpa, 0, 0);
	expect(BAD_PARAMETER, "core: a PVALIDATE list of no entries", "", CORE(PVALIDATE),
	       __pa(pvalidate_list(0, 0, page)), 0, 0);
	expect(BAD_PARAMETER, "core: one whose next entry is not in it", "", CORE(PVALIDATE),
	       __pa(pvalidate_list(1, 1, page)), 0, 0);
	expect(BAD_PARAMETER, "core: one that is longer than its page", "", CORE(PVALIDATE),
	       __pa(pvalidate_list(most + 1, 0, page)), 0, 0);
	list = pvalidate_list(1, 0, page);
	list[PAGE_SIZE / 8 - 1] = 1;
	expect(BAD_PARAMETER, "core: one of an entry, at the end of its page", "", CORE(PVALIDATE),
	       __pa(list) + PAGE_SIZE - 8, 0, 0);

	pvalidate_entry(BAD_PARAMETER, "core: an entry with a reserved bit", "",
			page | VALIDATE | IGNORE_CF | BIT(4));
	pvalidate_entry(BAD_PARAMETER, "core: an entry with the last reserved bit", "",
			page | VALIDATE | IGNORE_CF | BIT(11));
	pvalidate_entry(BAD_PARAMETER, "core: an entry of an unknown page size", "",
			page | VALIDATE | IGNORE_CF | 2);
	pvalidate_entry(BAD_PARAMETER, "core: a 2 MiB page that is not aligned", "",
			(page | BIT(12)) | VALIDATE | IGNORE_CF | 1);
	pvalidate_entry(BAD_ADDRESS, "core: PVALIDATE of ", wrong[SVSM_MEMORY].what,
			wrong[SVSM_MEMORY].gpa | VALIDATE);
	pvalidate_entry(BAD_ADDRESS, "core: PVALIDATE of ", wrong[NO_MEMORY].what,
			wrong[NO_MEMORY].gpa | VALIDATE);
	pvalidate_entry(BAD_ADDRESS, "core: PVALIDATE of ", wrong[WRAPS].what,
			wrong[WRAPS].gpa | VALIDATE);
	pvalidate_entry(PROTOCOL_BASE + NO_UPDATE, "core: validating a second time", "",
			page | VALIDATE);
	pvalidate_entry(SUCCESS, "core: the same where that may be", "",
			page | VALIDATE | IGNORE_CF);

	list = pvalidate_list(3, 0, page | VALIDATE | IGNORE_CF);
	list[2] = page | VALIDATE;
	list[3] = page | VALIDATE;
	expect(PROTOCOL_BASE + NO_UPDATE, "core: a list whose second entry fails", "",
	       CORE(PVALIDATE), __pa(list), 0, 0);
	same("core: tells so by its next entry", list[0] >> 16, 1);
}

static void vcpus(void)
{
	u64 vmsa = __pa(pages), caa = __pa(pages + PAGE_SIZE);
	struct sev_es_save_area *save;
	unsigned int i;

	memset(pages, 0, PAGES * PAGE_SIZE);
	expect(BAD_ADDRESS, "core: a VMSA that is not page aligned", "", CORE(CREATE_VCPU),
	       vmsa + 8, caa, 0);
	expect(BAD_ADDRESS, "core: a new CPU's calling area that is not", "", CORE(CREATE_VCPU),
	       vmsa, caa + 8, 0);
	expect(BAD_ADDRESS, "core: one page for VMSA and calling area", "", CORE(CREATE_VCPU),
	       vmsa, vmsa, 0);
	for (i = 0; i < WRONG; i++) {
		expect(BAD_ADDRESS, "core: a VMSA in ", wrong[i].what, CORE(CREATE_VCPU),
		       wrong[i].gpa, caa, 0);
		expect(BAD_ADDRESS, "core: a new CPU's calling area in ", wrong[i].what,
		       CORE(CREATE_VCPU), vmsa, wrong[i].gpa, 0);
	}
	expect(BAD_PARAMETER, "core: an APIC ID that no CPU has", "", CORE(CREATE_VCPU), vmsa, caa,
	       77);
	expect(BAD_PARAMETER, "core: a VMSA of zeros", "", CORE(CREATE_VCPU), vmsa, caa, 0);
	/* a VMSA page would not be ours to write any more */
	pages[0] = 1;
	same("core: which then is an ordinary page again", pages[0], 1);
	save = (struct sev_es_save_area *)pages;
	save->vmpl = 2;
	save->efer = EFER_SVME;
	save->sev_features = 1; /* SNP */
	expect(BAD_PARAMETER, "core: a VMSA whose XCR0 has no x87", "", CORE(CREATE_VCPU), vmsa,
	       caa, 0);
	save->xcr0 = BIT_ULL(62) | 1;
	expect(BAD_PARAMETER, "core: one whose XCR0 has what the CPU has not", "",
	       CORE(CREATE_VCPU), vmsa, caa, 0);
	save->xcr0 = 1;
	expect(SUCCESS, "core: a VMSA", "", CORE(CREATE_VCPU), vmsa, caa, 0);
	expect(SUCCESS, "core: deleting it", "", CORE(DELETE_VCPU), vmsa, 0, 0);
	expect(BAD_PARAMETER, "core: deleting a VMSA that is none", "", CORE(DELETE_VCPU), vmsa, 0,
	       0);
	expect(BAD_PARAMETER, "core: deleting one that is not page aligned", "",
	       CORE(DELETE_VCPU), vmsa + 8, 0, 0);
	expect(BAD_PARAMETER, "core: deleting one in no memory", "", CORE(DELETE_VCPU),
	       wrong[NO_MEMORY].gpa, 0, 0);
}

/* Tables 11 and 13; everything in the three pages */
struct operation {
	u64 report_gpa;
	u32 report_size, reserved_1;
	u64 nonce_gpa;
	u16 nonce_size, reserved_2[3];
	u64 manifest_gpa;
	u32 manifest_size, reserved_3;
	u64 certificate_gpa;
	u32 certificate_size, reserved_4;
	u8 guid[16];
	u32 manifest_version, reserved_5;
};

#define REPORT_SIZE	1184
#define NONCE_AT	0x100

static struct operation *good(void)
{
	static const u8 guid[] = { 0xeb, 0xf1, 0x76, 0xc4, 0x23, 0x01, 0xa5, 0x45,
				   0x96, 0x41, 0xb4, 0xe7, 0xdd, 0xe5, 0xbf, 0xe3 };
	struct operation *op = (void *)pages;

	memset(pages, 0, PAGES * PAGE_SIZE);
	*op = (struct operation) {
		.report_gpa = __pa(pages + PAGE_SIZE),
		.report_size = PAGE_SIZE,
		.nonce_gpa = __pa(pages) + NONCE_AT,
		.nonce_size = 64,
		.manifest_gpa = __pa(pages + 2 * PAGE_SIZE),
		.manifest_size = PAGE_SIZE,
	};
	memcpy(op->guid, guid, sizeof(guid));
	return op;
}

static struct regs attest(u64 code, const char *name, const char *what)
{
	return expect(code, name, what, ATTEST(1), __pa(pages), 0, 0);
}

static void attest_buffers(void)
{
	struct operation *op;
	struct regs out;
	u64 manifest, certs;
	unsigned int i;

	good();
	out = attest(SUCCESS, "attestation: of the vTPM", "");
	manifest = out.rcx;
	same("attestation: says how long the report is", out.r8, REPORT_SIZE);
	same("attestation: a report of version 2 to 5 is there",
	     pages[PAGE_SIZE] >= 2 && pages[PAGE_SIZE] <= 5, true);

	op = good();
	op->report_size = REPORT_SIZE - 1;
	out = attest(BAD_PARAMETER, "attestation: a report buffer one byte too small", "");
	same("attestation: is told the report's size", out.r8, REPORT_SIZE);
	same("attestation: and gets nothing", !memchr_inv(pages + PAGE_SIZE, 0, 2 * PAGE_SIZE),
	     true);
	op = good();
	op->report_size = 0;
	attest(BAD_PARAMETER, "attestation: no report buffer", "");

	op = good();
	op->manifest_size = manifest - 1;
	out = attest(BAD_PARAMETER, "attestation: a manifest buffer one byte too small", "");
	same("attestation: is told the manifest's size", out.rcx, manifest);
	same("attestation: and gets nothing, either",
	     !memchr_inv(pages + PAGE_SIZE, 0, 2 * PAGE_SIZE), true);
	op = good();
	op->manifest_size = manifest;
	attest(SUCCESS, "attestation: a manifest buffer that just fits", "");

	op = good();
	op->certificate_gpa = __pa(pages + PAGE_SIZE);
	op->certificate_size = 1;
	out = attest(BAD_PARAMETER, "attestation: a certificate buffer of a byte", "");
	certs = out.rdx;
	same("attestation: is told the certificates' size", certs > 1000 && certs <= 0x4000, true);
	op = good();
	op->certificate_gpa = __pa(pages + PAGE_SIZE);
	op->certificate_size = 0x4001;
	attest(BAD_PARAMETER, "attestation: a certificate buffer above 16 KiB", "");

	for (i = 0; i < WRONG; i++) {
		op = good();
		op->report_gpa = wrong[i].gpa;
		attest(BAD_ADDRESS, "attestation: a report buffer in ", wrong[i].what);
		op = good();
		op->manifest_gpa = wrong[i].gpa;
		attest(BAD_ADDRESS, "attestation: a manifest buffer in ", wrong[i].what);
		op = good();
		op->certificate_gpa = wrong[i].gpa;
		op->certificate_size = 0x4000;
		attest(BAD_ADDRESS, "attestation: a certificate buffer in ", wrong[i].what);
		op = good();
		op->nonce_gpa = wrong[i].gpa;
		attest(BAD_PARAMETER, "attestation: a nonce in ", wrong[i].what);
		expect(BAD_PARAMETER, "attestation: an operation in ", wrong[i].what, ATTEST(1),
		       wrong[i].gpa, 0, 0);
		expect(BAD_PARAMETER, "attestation: one for all services in ", wrong[i].what,
		       ATTEST(0), wrong[i].gpa, 0, 0);
	}
}

/* One field wrong in each call */
static void attest_fields(void)
{
	static const struct {
		const char *name;
		u32 offset, size;
		u64 value;
	} field[] = {
		{ "reserved bytes at 0xc", 0x0c, 4, 1 },
		{ "reserved bytes at 0x1a", 0x1a, 2, 1 },
		{ "reserved bytes at 0x1e", 0x1e, 2, 0x8000 },
		{ "reserved bytes at 0x2c", 0x2c, 4, 1 },
		{ "reserved bytes at 0x3c", 0x3c, 4, 0x80000000 },
		{ "reserved bytes at 0x54", 0x54, 4, 1 },
		{ "no nonce", 0x18, 2, 0 },
		{ "a nonce of 63 bytes", 0x18, 2, 63 },
		{ "a nonce of 65 bytes", 0x18, 2, 65 },
		{ "an unknown manifest version", 0x50, 4, 1 },
	};
	struct operation *op;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(field); i++) {
		memcpy((u8 *)good() + field[i].offset, &field[i].value, field[i].size);
		attest(BAD_PARAMETER, "attestation: ", field[i].name);
	}
	op = good();
	op->guid[0]++;
	attest(NO_PROTOCOL, "attestation: an unknown service", "");
	op = good();
	op->nonce_gpa = __pa(pages) + PAGE_SIZE - 63;
	attest(BAD_PARAMETER, "attestation: a nonce that crosses a page", "");
	op = good();
	op->report_gpa += 8;
	attest(BAD_PARAMETER, "attestation: a report buffer that is not page aligned", "");
	op = good();
	op->manifest_gpa += 8;
	attest(BAD_PARAMETER, "attestation: a manifest buffer that is not page aligned", "");
	op = good();
	op->certificate_gpa = __pa(pages) + 8;
	op->certificate_size = 8;
	attest(BAD_PARAMETER, "attestation: a certificate buffer that is not page aligned", "");

	/* for all services the operation ends before GUID and version */
	good();
	memset(pages + offsetof(struct operation, guid), 0xff,
	       sizeof(*op) - offsetof(struct operation, guid));
	expect(SUCCESS, "attestation: of all services, whatever is behind the operation", "",
	       ATTEST(0), __pa(pages), 0, 0);
	op = good();
	op->reserved_4 = 1;
	expect(BAD_PARAMETER, "attestation: of all services, reserved bytes", "", ATTEST(0),
	       __pa(pages), 0, 0);
}

static u64 vtpm_request(u8 *at, u32 command, u8 locality, u32 size)
{
	static const u8 get_random[] = { 0x80, 0x01, 0, 0, 0, 12, 0, 0, 1, 0x7b, 0, 8 };

	memset(pages, 0, PAGES * PAGE_SIZE);
	memcpy(at, &command, 4);
	at[4] = locality;
	memcpy(at + 5, &size, 4);
	memcpy(at + 9, get_random, sizeof(get_random));
	return __pa(at);
}

static void vtpm_answers(const char *name, u64 gpa, u8 *at, u32 size)
{
	expect(SUCCESS, name, "", VTPM(1), gpa, 0, 0);
	same("vTPM: and the TPM's answer is as long as it says", *(u32 *)at, size);
	same("vTPM: in its header, too", at[4 + 5], size);
}

static void vtpm(void)
{
	u8 *crossing = pages + PAGE_SIZE - 6;
	struct regs out = expect(SUCCESS, "vTPM: QUERY", "", VTPM(0), 0, 5, 0);
	unsigned int i;

	same("vTPM: takes TPM_SEND_COMMAND, and nothing else", out.rcx, BIT(8));
	same("vTPM: has no features", out.rdx, 0);

	expect(BAD_PARAMETER, "vTPM: a command at address 0", "", VTPM(1), 0, 0, 0);
	for (i = 0; i < WRONG; i++)
		expect(BAD_PARAMETER, "vTPM: a command in ", wrong[i].what, VTPM(1), wrong[i].gpa,
		       0, 0);
	expect(BAD_PARAMETER, "vTPM: an unknown platform command", "", VTPM(1),
	       vtpm_request(pages, 9, 0, 12), 0, 0);
	expect(BAD_PARAMETER, "vTPM: a locality other than 0", "", VTPM(1),
	       vtpm_request(pages, 8, 1, 12), 0, 0);
	expect(BAD_PARAMETER, "vTPM: a command larger than its page", "", VTPM(1),
	       vtpm_request(pages, 8, 0, PAGE_SIZE - 8), 0, 0);
	expect(BAD_PARAMETER, "vTPM: a command of 4 GiB - 1", "", VTPM(1),
	       vtpm_request(pages, 8, 0, U32_MAX), 0, 0);
	vtpm_answers("vTPM: a command", vtpm_request(pages, 8, 0, 12), pages, 20);
	vtpm_answers("vTPM: a command that crosses into another page",
		     vtpm_request(crossing, 8, 0, 12), crossing, 20);
	/* these are the TPM's to refuse */
	vtpm_answers("vTPM: a command of no bytes", vtpm_request(pages, 8, 0, 0), pages, 10);
	vtpm_answers("vTPM: a command of less than a header", vtpm_request(pages, 8, 0, 9), pages,
		     10);
	vtpm_answers("vTPM: a command longer than its header says",
		     vtpm_request(pages, 8, 0, PAGE_SIZE - 9), pages, 10);

	/* its first bytes are the guest's, its last are not */
	expect(BAD_ADDRESS, "vTPM: a command that goes on in shared memory", "", VTPM(1),
	       vtpm_request(shared - 64, 8, 0, 12), 0, 0);
}

void svsm_cases(void)
{
	protocols();
	calling_areas();
	pvalidate();
	vcpus();
	attest_buffers();
	attest_fields();
	vtpm();
}
