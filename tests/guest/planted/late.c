// SPDX-License-Identifier: GPL-2.0-only
/* A driver that warns when the machine powers off. */
#include <linux/bug.h>
#include <linux/module.h>
#include <linux/reboot.h>

static int warn(struct notifier_block *nb, unsigned long action, void *data)
{
	WARN(1, "late: powering off\n");
	return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = warn };

static int __init late_init(void)
{
	return register_reboot_notifier(&notifier);
}
module_init(late_init);

MODULE_DESCRIPTION("A warning behind all tests");
MODULE_LICENSE("GPL");
