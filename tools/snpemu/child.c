// SPDX-License-Identifier: GPL-2.0-or-later
/* Child processes: they start clean, do not outlive us, and end for sure. */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "snpemu.h"

#define ASKED_MS 1000 /* for one that was asked to end by other means than a signal */
#define TERM_MS	 3000

/*
 * fork(), but the child has neither our blocked signals nor SIGPIPE ignored,
 * and dies when we do, however that happens.
 */
pid_t child_fork(void)
{
	pid_t parent = getpid(), pid = fork();
	sigset_t none;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* died before it could have been noticed */
		_exit(127);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	return 0;
}

static bool ended_within(pid_t pid, int *status, uint64_t ms)
{
	uint64_t deadline = now_ms() + ms;

	while (!waitpid(pid, status, WNOHANG)) {
		if (now_ms() > deadline)
			return false;
		usleep(2000);
	}
	return true;
}

/* End a child and wait for it. asked: it knows already. Its status of waitpid(). */
int child_end(pid_t pid, bool asked)
{
	int status = 0;

	if (asked && ended_within(pid, &status, ASKED_MS))
		return status;
	kill(pid, SIGTERM);
	if (ended_within(pid, &status, TERM_MS))
		return status;
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return status;
}
