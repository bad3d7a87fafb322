// SPDX-License-Identifier: GPL-2.0-only
/*
 * How an SVSM call is made.
 *
 * The kernel has svsm_perform_call_protocol() for that, but does not export
 * it, and what it exports on top (snp_issue_svsm_attest_req(), from 6.16 on
 * snp_svsm_vtpm_send_command()) repeats a call for as long as the SVSM answers
 * "busy" or "incomplete", with interrupts off: an SVSM that never stops takes
 * the CPU with it. So the driver makes its own calls, one at a time, and sleeps
 * in between, for a bounded time. Signals do not end that: most of a TPM's users
 * are in the kernel (IMA, the binding, the resource manager), and could not make
 * the command again.
 *
 * A call needs the calling area of the CPU that makes it, which is not
 * exported either: snp_issue_svsm_attest_req() leaves its address behind in
 * struct svsm_call. It passes on any call identifier, so a harmless one of the
 * core protocol teaches us the area, once for each CPU.
 */
#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <linux/cpuhotplug.h>
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <asm/msr.h>
#include <asm/sev.h>

#include "svsm.h"

#undef pr_fmt
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

/* here alone, the kernel's */
#undef snp_issue_svsm_attest_req

unsigned int ctpm_timeout_ms = 10000;
module_param_named(timeout_ms, ctpm_timeout_ms, uint, 0444);
MODULE_PARM_DESC(timeout_ms,
		 "longest wait for a busy SVSM, in milliseconds, 1 to 60000 (default 10000)");

/* Who waits for the TPM meanwhile is not to be taken for hung (120 seconds). */
#define TIMEOUT_MAX_MS		60000

#define SVSM_CORE_QUERY_PROTOCOL	6

/* An NMI between our WRMSR and VMGEXIT, as it uses the GHCB, takes the call away. */
#define CTPM_LOST_CALLS_MAX	16

#define CTPM_WAIT_MIN_US	50
#define CTPM_WAIT_MAX_US	10000

static DEFINE_PER_CPU(struct svsm_ca *, ctpm_caa);
static int ctpm_cpuhp_state;

/*
 * Learn the calling area of the CPU that comes online, before anything that may
 * use the TPM runs on it. It stays the same when the CPU goes and comes back,
 * and must not be asked for again then: Linux never gives back the GHCB that a
 * CPU halts with, so it may have none left for snp_issue_svsm_attest_req().
 */
static int ctpm_cpu_online(unsigned int cpu)
{
	struct svsm_attest_call input = {};
	struct svsm_call call = {};

	if (per_cpu(ctpm_caa, cpu))
		return 0;
	/*
	 * RCX, which names protocol and version, becomes an address: most
	 * likely of no protocol at all, and the answer does not matter.
	 */
	snp_issue_svsm_attest_req(SVSM_CORE_CALL(SVSM_CORE_QUERY_PROTOCOL), &call, &input);
	per_cpu(ctpm_caa, cpu) = call.caa;
	return 0;
}

/*
 * VMGEXIT with the registers of a call. R8 and R9 have no constraints of their
 * own, and a function call (a sanitizer's check, say) next to the asm statement
 * would change them: nothing but plain locals is used around it.
 */
static void ctpm_vmgexit_regs(u64 call, u64 arg, struct ctpm_regs *result)
{
	unsigned long rax = call, rcx = arg, rdx = 0, out8, out9;

	register unsigned long r8 asm("r8") = 0;
	register unsigned long r9 asm("r9") = 0;

	asm volatile("rep; vmmcall"
		     : "+a" (rax), "+c" (rcx), "+d" (rdx), "+r" (r8), "+r" (r9)
		     : : "memory");
	out8 = r8;
	out9 = r9;
	*result = (struct ctpm_regs) { rax, rcx, rdx, out8, out9 };
}

/*
 * One call by the GHCB MSR protocol. True if the SVSM took it, which call_pending
 * alone says: what the MSR has then is the host's word, or the address of the GHCB
 * after an NMI that was waiting, as nearly all do, until the VMGEXIT was over.
 */
static bool ctpm_vmgexit(struct svsm_ca *caa, u64 call, u64 arg, struct ctpm_regs *result)
{
	u64 saved;
	u8 pending;

	saved = native_rdmsrq(MSR_AMD64_SEV_ES_GHCB);
	WRITE_ONCE(caa->call_pending, 1);
	native_wrmsrq(MSR_AMD64_SEV_ES_GHCB, GHCB_MSR_VMPL_REQ_LEVEL(0));

	ctpm_vmgexit_regs(call, arg, result);

	/* not a plain read: the host could enter us without running the SVSM */
	pending = xchg(&caa->call_pending, 0);
	native_wrmsrq(MSR_AMD64_SEV_ES_GHCB, saved);
	return !pending;
}

/*
 * One attempt on whichever CPU. Return: 0, or -EIO if the call did not reach
 * the SVSM. KUnit has a fake SVSM answer instead.
 */
VISIBLE_IF_KUNIT int ctpm_svsm_once(u64 call, u64 arg, struct ctpm_regs *result)
{
	unsigned int tries = CTPM_LOST_CALLS_MAX;
	unsigned long flags;
	struct svsm_ca *caa;

	KUNIT_STATIC_STUB_REDIRECT(ctpm_svsm_once, call, arg, result);

	local_irq_save(flags);
	caa = this_cpu_read(ctpm_caa);
	if (unlikely(!caa))
		tries = 0;
	while (tries && unlikely(!ctpm_vmgexit(caa, call, arg, result)))
		tries--;
	local_irq_restore(flags);

	return tries ? 0 : -EIO;
}

/* Before the next attempt. Out of line: nearly every call is done at the first. */
static noinline int ctpm_svsm_wait(unsigned long *deadline, unsigned int *us,
				   unsigned int timeout_ms)
{
	if (!*us) {
		*us = CTPM_WAIT_MIN_US;
		*deadline = jiffies + msecs_to_jiffies(timeout_ms);
	}
	if (time_after_eq(jiffies, *deadline))
		return -ETIMEDOUT;
	usleep_range_state(*us, 2 * *us, TASK_IDLE);
	*us = min(2 * *us, CTPM_WAIT_MAX_US);
	return 0;
}

/**
 * ctpm_svsm_call() - make an SVSM call, waiting while the SVSM is busy
 * @call: what is asked for: protocol << 32 | call
 * @arg: its argument, RCX; those in RDX, R8 and R9 are 0
 * @result: registers after the call; on success RAX holds a final result code, neither
 *	    SVSM_ERR_BUSY nor SVSM_ERR_INCOMPLETE
 * @timeout_ms: longest time to go on for, in milliseconds
 *
 * Sleeps between attempts, whatever signal there is. Context: process context.
 *
 * Return: 0, -ETIMEDOUT if the SVSM did not finish in time, -EIO if the call did
 * not reach the SVSM.
 */
int ctpm_svsm_call(u64 call, u64 arg, struct ctpm_regs *result, unsigned int timeout_ms)
{
	unsigned long deadline;
	unsigned int us = 0;
	int ret;

	for (;;) {
		ret = ctpm_svsm_once(call, arg, result);
		if (ret || likely(result->rax != SVSM_ERR_BUSY &&
				  result->rax != SVSM_ERR_INCOMPLETE))
			return ret;
		ret = ctpm_svsm_wait(&deadline, &us, timeout_ms);
		if (ret)
			return ret;
	}
}

/**
 * ctpm_issue_svsm_attest_req() - as snp_issue_svsm_attest_req(), bounded in time
 * @call_id: SVSM_ATTEST_CALL()
 * @call: the registers, in and out, as far as that call has any
 * @input: the operation; lengths are not written back to it, they are in @call
 *
 * Sleeps between attempts. Context: process context.
 *
 * Return: 0; -EINVAL with the SVSM's result code in @call->rax_out; or what
 * ctpm_svsm_call() returns, with 0 there.
 */
int ctpm_issue_svsm_attest_req(u64 call_id, struct svsm_call *call,
			       struct svsm_attest_call *input)
{
	struct svsm_attest_call *op = (void *)get_zeroed_page(GFP_KERNEL);
	struct ctpm_regs regs;
	int ret;

	if (!op)
		return -ENOMEM;
	*op = *input;
	ret = ctpm_svsm_call(call_id, __pa(op), &regs, ctpm_timeout_ms);
	free_page((unsigned long)op);
	if (ret)
		return ret;
	call->rax_out = regs.rax;
	call->rcx_out = regs.rcx;
	call->rdx_out = regs.rdx;
	call->r8_out = regs.r8;
	call->r9_out = regs.r9;
	return regs.rax == SVSM_SUCCESS ? 0 : -EINVAL;
}

/**
 * ctpm_svsm_init() - get ready to call the SVSM, on every CPU
 *
 * Return: 0, -EINVAL for a timeout_ms out of range, or another -errno.
 */
int ctpm_svsm_init(void)
{
	int ret;

	if (!ctpm_timeout_ms || ctpm_timeout_ms > TIMEOUT_MAX_MS) {
		pr_err("timeout_ms=%u: must be 1 to %u\n", ctpm_timeout_ms, TIMEOUT_MAX_MS);
		return -EINVAL;
	}
	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "tpm/ctpm:online", ctpm_cpu_online, NULL);
	if (ret < 0)
		return ret;
	ctpm_cpuhp_state = ret;
	return 0;
}

void ctpm_svsm_exit(void)
{
	cpuhp_remove_state_nocalls(ctpm_cpuhp_state);
}
