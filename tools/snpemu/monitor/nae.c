// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Non-automatic exits: the events that come through the GHCB page (GHCB 4).
 * What the guest wrote there is copied once and checked; what it gets back is
 * written last, after another look at the page's state.
 */
#include "monitor.h"

/* The GHCB's layout (GHCB, table 3) */
#define GHCB_RAX     0x1f8
#define GHCB_RCX     0x308
#define GHCB_RDX     0x310
#define GHCB_RBX     0x318
#define GHCB_CODE    0x390
#define GHCB_INFO1   0x398
#define GHCB_INFO2   0x3a0
#define GHCB_SCRATCH 0x3a8
#define GHCB_BITMAP  0x3f0
#define GHCB_USAGE   0xffc

/* SW_EXITINFO1 of the answer, and SW_EXITINFO2 if that is ANSWER_MALFORMED */
enum { ANSWER_OK, ANSWER_EXCEPTION, ANSWER_MALFORMED };
enum {
	NOT_REGISTERED = 1,
	INVALID_USAGE,
	INVALID_SCRATCH,
	MISSING_INPUT,
	INVALID_INPUT,
	INVALID_EVENT,
};

/* Software events */
#define NAE_MMIO_READ	      0x80000001
#define NAE_MMIO_WRITE	      0x80000002
#define NAE_NMI_COMPLETE      0x80000003
#define NAE_AP_RESET_HOLD     0x80000004
#define NAE_PAGE_STATE_CHANGE 0x80000010
#define NAE_GUEST_REQUEST     0x80000011
#define NAE_EXTENDED_REQUEST  0x80000012
#define NAE_AP_CREATION	      0x80000013
#define NAE_RUN_VMPL	      0x80000018
#define NAE_HV_FEATURES	      0x8000fffd
#define NAE_TERMINATE	      0x8000fffe

#define AP_CREATE_ON_INIT     0
#define AP_CREATE	      1
#define AP_DESTROY	      2

#define PSC_ENTRIES	      253
#define PSC_INVALID_HEADER    (1UL << 32 | 1)
#define PSC_INVALID_ENTRY     (1UL << 32 | 2)
#define VMM_ERROR(e)	      ((u64)(e) >> 32)
#define VMM_ERR_INVALID_LEN   1
#define NO_HYPERCALL	      (-1000UL) /* -KVM_ENOSYS */

/* Fields of the GHCB page that events use: read, and given back if set in out */
enum { RAX = 1, RBX = 2, RCX = 4, RDX = 8, CODE = 16, INFO1 = 32, INFO2 = 64, SCRATCH = 128 };

struct nae {
	u64 rax, rbx, rcx, rdx, code, info1, info2, scratch;
	u32 valid, out;
	u64 answer1, answer2;
	bool silent; /* the CPU does not come back to this VMGEXIT */
};

static const struct {
	u32 mask;
	u16 offset, member;
} fields[] = {
	{ RAX, GHCB_RAX, offsetof(struct nae, rax) },
	{ RBX, GHCB_RBX, offsetof(struct nae, rbx) },
	{ RCX, GHCB_RCX, offsetof(struct nae, rcx) },
	{ RDX, GHCB_RDX, offsetof(struct nae, rdx) },
	{ CODE, GHCB_CODE, offsetof(struct nae, code) },
	{ INFO1, GHCB_INFO1, offsetof(struct nae, info1) },
	{ INFO2, GHCB_INFO2, offsetof(struct nae, info2) },
	{ SCRATCH, GHCB_SCRATCH, offsetof(struct nae, scratch) },
};

static u64 *member(struct nae *n, u32 i)
{
	return (u64 *)((u8 *)n + fields[i].member);
}

static void read_page(struct nae *n, u8 *page)
{
	for (u32 i = 0; i < ARRAY_SIZE(fields); i++) {
		u32 bit = fields[i].offset / 8;

		memcpy(member(n, i), page + fields[i].offset, 8);
		if (page[GHCB_BITMAP + bit / 8] >> bit % 8 & 1)
			n->valid |= fields[i].mask;
	}
}

static void write_page(struct nae *n, u8 *page)
{
	n->info1 = n->answer1;
	n->info2 = n->answer2;
	n->out |= INFO1 | INFO2;
	memset(page + GHCB_BITMAP, 0, 16);
	for (u32 i = 0; i < ARRAY_SIZE(fields); i++) {
		u32 bit = fields[i].offset / 8;

		if (!(n->out & fields[i].mask))
			continue;
		memcpy(page + fields[i].offset, member(n, i), 8);
		page[GHCB_BITMAP + bit / 8] |= (u8)BIT(bit % 8);
	}
}

static void malformed(struct nae *n, u32 why)
{
	n->answer1 = ANSWER_MALFORMED;
	n->answer2 = why;
}

static void nae_cpuid(struct vcpu *v, struct nae *n)
{
	u32 reg[4];

	cpuid_emulate(v, (u32)n->rax, (u32)n->rcx, reg);
	n->rax = reg[0];
	n->rbx = reg[1];
	n->rcx = reg[2];
	n->rdx = reg[3];
	n->out = RAX | RBX | RCX | RDX;
}

static void nae_msr(struct vcpu *v, struct nae *n)
{
	bool write = n->info1 & 1;
	u64 value = (u32)n->rax | n->rdx << 32;

	if (write && (n->valid & (RAX | RDX)) != (RAX | RDX)) {
		malformed(n, MISSING_INPUT);
		return;
	}
	if (!msr_access(v, (u32)n->rcx, write, &value)) {
		n->answer1 = ANSWER_EXCEPTION;
		n->answer2 = (u32)EVENT_VALID | (u32)EVENT_ERROR | EVENT_TYPE(EVENT_EXCEPTION) |
			     VECTOR_GP;
		return;
	}
	if (!write) {
		n->rax = (u32)value;
		n->rdx = value >> 32;
		n->out = RAX | RDX;
	}
}

/* INS, OUTS: INFO2 elements in the scratch area */
static void nae_string_io(struct vcpu *v, struct nae *n, u16 port, u32 size)
{
	bool in = n->info1 & IOIO_IN;
	u8 *data;

	if (!(n->valid & SCRATCH) || n->info2 > PAGE_SIZE / size ||
	    !guest_shared(n->scratch, n->info2 * size)) {
		malformed(n, INVALID_SCRATCH);
		return;
	}
	for (u64 i = 0; i < n->info2; i++) {
		u32 value = 0;

		/* io_out() may wait for the host, see chan_call() */
		data = guest_shared(n->scratch + i * size, size);
		if (!data) {
			malformed(n, INVALID_SCRATCH);
			return;
		}
		if (in) {
			value = io_in(port, size);
			memcpy(data, &value, size);
		} else {
			memcpy(&value, data, size);
			io_out(v, port, size, value);
		}
	}
}

static void nae_io(struct vcpu *v, struct nae *n)
{
	u32 size = IOIO_SIZE(n->info1);
	u16 port = IOIO_PORT(n->info1);

	if (size != 1 && size != 2 && size != 4) {
		malformed(n, INVALID_INPUT);
	} else if (n->info1 & IOIO_STRING) {
		nae_string_io(v, n, port, size);
	} else if (n->info1 & IOIO_IN) {
		n->rax = io_in(port, size);
		n->out = RAX;
	} else if (n->valid & RAX) {
		io_out(v, port, size, (u32)n->rax);
	} else {
		malformed(n, MISSING_INPUT);
	}
}

/* INFO1: address, INFO2: length; a device's registers, not RAM */
static void nae_mmio(struct vcpu *v, struct nae *n)
{
	bool write = n->code == NAE_MMIO_WRITE;
	volatile void *device = (void *)n->info1;
	u8 *data = guest_shared(n->scratch, n->info2);
	u64 value = 0;

	(void)v;
	if (!data) {
		malformed(n, INVALID_SCRATCH);
		return;
	}
	if (n->info1 + n->info2 > BIT(39) || n->info1 + n->info2 < n->info1 ||
	    rmp_state(n->info1) != RMP_MMIO || rmp_state(n->info1 + n->info2 - 1) != RMP_MMIO ||
	    (n->info2 != 1 && n->info2 != 2 && n->info2 != 4 && n->info2 != 8)) {
		malformed(n, INVALID_INPUT);
		return;
	}
	if (write)
		memcpy(&value, data, n->info2);
	switch (n->info2 | (u64)write << 4) {
	case 0x01:
		value = *(volatile u8 *)device;
		break;
	case 0x02:
		value = *(volatile u16 *)device;
		break;
	case 0x04:
		value = *(volatile u32 *)device;
		break;
	case 0x08:
		value = *(volatile u64 *)device;
		break;
	case 0x11:
		*(volatile u8 *)device = (u8)value;
		break;
	case 0x12:
		*(volatile u16 *)device = (u16)value;
		break;
	case 0x14:
		*(volatile u32 *)device = (u32)value;
		break;
	case 0x18:
		*(volatile u64 *)device = value;
		break;
	}
	if (!write)
		memcpy(data, &value, n->info2);
}

/* Nothing to do: the guest keeps DR7 itself, and NMIs are the machine's. */
static void nae_nothing(struct vcpu *v, struct nae *n)
{
	(void)v;
	(void)n;
}

static void nae_dr7_read(struct vcpu *v, struct nae *n)
{
	n->rax = v->vmcb->dr7;
	n->out = RAX;
}

static void nae_rdtsc(struct vcpu *v, struct nae *n)
{
	u64 value = vcpu_tsc(v);

	n->rax = (u32)value;
	n->rdx = value >> 32;
	n->out = RAX | RDX;
	if (n->code == SVM_EXIT_RDTSCP) {
		n->rcx = rdmsr(MSR_TSC_AUX);
		n->out |= RCX;
	}
}

/* No performance counters: they read as 0. */
static void nae_rdpmc(struct vcpu *v, struct nae *n)
{
	(void)v;
	n->rax = n->rdx = 0;
	n->out = RAX | RDX;
}

static void nae_vmmcall(struct vcpu *v, struct nae *n)
{
	(void)v;
	n->rax = NO_HYPERCALL;
	n->out = RAX;
}

static void nae_page_state_change(struct vcpu *v, struct nae *n)
{
	struct {
		u16 current, end;
		u32 reserved;
		u64 entry[PSC_ENTRIES];
	} * list;
	u32 end;

	list = guest_shared(n->scratch, sizeof(*list));
	if (!list) {
		malformed(n, INVALID_SCRATCH);
		return;
	}
	end = *(volatile u16 *)&list->end;
	if (end >= PSC_ENTRIES || list->current > end) {
		n->answer2 = PSC_INVALID_HEADER;
		return;
	}
	for (u32 i = *(volatile u16 *)&list->current; i <= end && i < PSC_ENTRIES; i++) {
		u64 e = *(volatile u64 *)&list->entry[i];

		if (!rmp_page_state_change(v, e & 0x000ffffffffff000UL, e >> 52 & 0xf,
					   e >> 56 & 1)) {
			n->answer2 = PSC_INVALID_ENTRY;
			return;
		}
		if (!guest_shared(n->scratch, sizeof(*list))) {
			malformed(n, INVALID_SCRATCH);
			return;
		}
		list->current = (u16)(i + 1);
	}
}

/* INFO1: request page, INFO2: response page; extended: RAX: certificates, RBX: pages */
static void nae_guest_request(struct vcpu *v, struct nae *n)
{
	bool extended = n->code == NAE_EXTENDED_REQUEST;
	u64 room = extended ? n->rbx * PAGE_SIZE : 0;
	const u64 arg[4] = { extended, room };
	struct snpemu_slot *s;
	u8 *response, *certs;

	/* RAX and RBX are inputs of the extended request alone: what is there otherwise is stale */
	if (n->info1 % PAGE_SIZE || n->info2 % PAGE_SIZE || (extended && n->rax % PAGE_SIZE) ||
	    (extended && n->rbx > SNPEMU_SLOT_DATA / PAGE_SIZE - 1) || n->info1 == n->info2 ||
	    !guest_shared(n->info1, PAGE_SIZE) || !guest_shared(n->info2, PAGE_SIZE) ||
	    (room && !guest_shared(n->rax, room))) {
		malformed(n, INVALID_INPUT);
		return;
	}
	s = chan_call(v, SNPEMU_OP_GUEST_REQUEST, arg, (void *)n->info1, PAGE_SIZE);
	response = guest_shared(n->info2, PAGE_SIZE);
	certs = room ? guest_shared(n->rax, room) : NULL;
	n->answer2 = s->ret[0];
	if (!response || (room && !certs) ||
	    (s->out_len && (s->out_len < PAGE_SIZE || s->out_len - PAGE_SIZE > room))) {
		malformed(n, INVALID_INPUT);
	} else if (s->out_len) {
		memcpy(response, s->data, PAGE_SIZE);
		if (certs)
			memcpy(certs, s->data + PAGE_SIZE, s->out_len - PAGE_SIZE);
	}
	if (extended && VMM_ERROR(n->answer2) == VMM_ERR_INVALID_LEN) {
		n->rbx = s->ret[1];
		n->out = RBX;
	}
	chan_done(s);
}

static const char *ap_refusal(const struct vcpu *ap, u32 op, u32 vmpl, u64 vmsa, u64 features)
{
	if (!ap || !ap->online)
		return "there is no such CPU";
	if (vmpl != config.vmpl)
		return "it is not at the guest's VMPL";
	if (op == AP_DESTROY)
		return NULL;
	if (op == AP_CREATE_ON_INIT)
		return "starting on INIT is not emulated";
	if (op != AP_CREATE)
		return "the operation is unknown";
	if (features != SEV_FEATURES_SNP_ACTIVE)
		return "its SEV_FEATURES are not the guest's";
	if (!vcpu_vmsa_ok(vmsa))
		return "its VMSA is none, or not one to run from";
	if (vcpu_vmsa_in_use(vmsa))
		return "its VMSA is in use";
	if (config.vmpl && ap->next_vmsa != vmsa)
		return "the SVSM has not made this VMSA for it";
	return NULL;
}

/* INFO1: APIC ID 63:32, VMPL 19:16, operation 15:0; INFO2: VMSA; RAX: SEV_FEATURES */
static void nae_ap_creation(struct vcpu *v, struct nae *n)
{
	u32 id = (u32)(n->info1 >> 32), op = n->info1 & 0xffff;
	struct vcpu *ap = id < config.smp ? &vcpus[id] : NULL;
	const char *why = ap_refusal(ap, op, n->info1 >> 16 & 0xf, n->info2, n->rax);

	if (op == AP_CREATE && !(n->valid & RAX)) {
		malformed(n, MISSING_INPUT);
	} else if (why) {
		log_line("AP creation of CPU %u from VMSA %lx (operation %u) refused: %s; rip %lx",
			 id, n->info2, op, why, v->vmcb->rip);
		malformed(n, INVALID_INPUT);
	} else if (op == AP_DESTROY) {
		vcpu_stop(ap);
	} else {
		vcpu_start(ap, n->info2, ap->next_caa);
	}
}

/* The CPU waits to be started anew; nothing is answered. */
static void nae_ap_reset_hold(struct vcpu *v, struct nae *n)
{
	v->running = false;
	n->silent = true;
}

static void nae_run_vmpl(struct vcpu *v, struct nae *n)
{
	if (n->info1 != 0 || !config.vmpl)
		malformed(n, INVALID_INPUT);
	else
		svsm_call(v);
}

static void nae_hv_features(struct vcpu *v, struct nae *n)
{
	(void)v;
	n->answer2 = ghcb_features();
}

static void nae_terminate(struct vcpu *v, struct nae *n)
{
	ghcb_terminate(v, n->info1 & 0xf, n->info1 >> 4 & 0xff);
}

static const struct event {
	u64 code;
	const char *name;
	u32 inputs; /* beside code and both infos */
	void (*handle)(struct vcpu *v, struct nae *n);
} events[] = {
	{ SVM_EXIT_READ_DR7, "read DR7", 0, nae_dr7_read },
	{ SVM_EXIT_WRITE_DR7, "write DR7", RAX, nae_nothing },
	{ SVM_EXIT_RDTSC, "RDTSC", 0, nae_rdtsc },
	{ SVM_EXIT_RDPMC, "RDPMC", RCX, nae_rdpmc },
	{ SVM_EXIT_CPUID, "CPUID", RAX | RCX, nae_cpuid },
	{ SVM_EXIT_INVD, "INVD", 0, nae_nothing },
	{ SVM_EXIT_IOIO, "port I/O", 0, nae_io },
	{ SVM_EXIT_MSR, "MSR", RCX, nae_msr },
	{ SVM_EXIT_VMMCALL, "VMMCALL", RAX, nae_vmmcall },
	{ SVM_EXIT_RDTSCP, "RDTSCP", 0, nae_rdtsc },
	{ SVM_EXIT_WBINVD, "WBINVD", 0, nae_nothing },
	{ SVM_EXIT_MONITOR, "MONITOR", RAX, nae_nothing },
	{ SVM_EXIT_MWAIT, "MWAIT", RAX, nae_nothing },
	{ NAE_MMIO_READ, "MMIO read", SCRATCH, nae_mmio },
	{ NAE_MMIO_WRITE, "MMIO write", SCRATCH, nae_mmio },
	{ NAE_NMI_COMPLETE, "NMI complete", 0, nae_nothing },
	{ NAE_AP_RESET_HOLD, "AP reset hold", 0, nae_ap_reset_hold },
	{ NAE_PAGE_STATE_CHANGE, "page state change", SCRATCH, nae_page_state_change },
	{ NAE_GUEST_REQUEST, "guest request", 0, nae_guest_request },
	{ NAE_EXTENDED_REQUEST, "extended guest request", RAX | RBX, nae_guest_request },
	{ NAE_AP_CREATION, "AP creation", 0, nae_ap_creation },
	{ NAE_RUN_VMPL, "run VMPL", 0, nae_run_vmpl },
	{ NAE_HV_FEATURES, "hypervisor features", 0, nae_hv_features },
	{ NAE_TERMINATE, "terminate", 0, nae_terminate },
};

static const struct event *find_event(u64 code)
{
	for (u32 i = 0; i < ARRAY_SIZE(events); i++)
		if (events[i].code == code)
			return &events[i];
	return NULL;
}

static void dispatch(struct vcpu *v, struct nae *n, u32 usage)
{
	const struct event *e = find_event(n->code);
	u32 needs = CODE | INFO1 | INFO2 | (e ? e->inputs : 0);

	if (v->ghcb_msr != v->ghcb_gpa)
		malformed(n, NOT_REGISTERED);
	else if (usage)
		malformed(n, INVALID_USAGE);
	else if (!e)
		malformed(n, INVALID_EVENT);
	else if ((n->valid & needs) != needs)
		malformed(n, MISSING_INPUT);
	else
		e->handle(v, n);
	if (n->answer1 == ANSWER_MALFORMED)
		log_line("ghcb: event %lx (%s; %lx, %lx) refused, reason %lu; rip %lx", n->code,
			 e ? e->name : "no such event", n->info1, n->info2, n->answer2,
			 v->vmcb->rip);
	else if (flag(SNPEMU_F_TRACE_GHCB))
		log_line("ghcb: CPU %u %s (%lx, %lx) answered %lx, %lx; rip %lx", v->id, e->name,
			 n->info1, n->info2, n->answer1, n->answer2, v->vmcb->rip);
}

/* VMGEXIT with a GHCB's address in the GHCB MSR */
void ghcb_page(struct vcpu *v)
{
	u64 gpa = v->ghcb_msr;
	u8 *page = guest_shared(gpa, PAGE_SIZE);
	struct nae n = { 0 };
	u32 usage;

	if (!page)
		stop(v, SNPEMU_STOP_VIOLATION,
		     "the GHCB at %lx is %s: it must be a shared page (GHCB 2.3); rip %lx", gpa,
		     rmp_name(gpa), v->vmcb->rip);
	read_page(&n, page);
	memcpy(&usage, page + GHCB_USAGE, sizeof(usage));
	dispatch(v, &n, usage);
	if (n.silent)
		return;
	page = guest_shared(gpa, PAGE_SIZE);
	if (!page)
		stop(v, SNPEMU_STOP_VIOLATION,
		     "the GHCB at %lx is %s since its event began: no answer is possible; rip %lx",
		     gpa, rmp_name(gpa), v->vmcb->rip);
	write_page(&n, page);
}
