// SPDX-License-Identifier: GPL-2.0-only
/* What a verifier needs, for root to read: /sys/kernel/security/ctpm/. */
#include <linux/cleanup.h>
#include <linux/fs.h>
#include <linux/rwsem.h>
#include <linux/security.h>

#include "ctpm.h"

/*
 * A file that is open outlives its removal: ctpm_dir is not NULL for as long as there
 * is something to read, and readers keep it so.
 */
static DECLARE_RWSEM(ctpm_readers);
static struct dentry *ctpm_dir;
static struct dentry *ctpm_files[4];

static ssize_t ctpm_blob_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	const struct ctpm_blob *blob = file_inode(file)->i_private;

	guard(rwsem_read)(&ctpm_readers);
	if (!ctpm_dir)
		return -ENODEV;
	return simple_read_from_buffer(buf, count, pos, blob->data, blob->len);
}

static const struct file_operations ctpm_blob_fops = {
	.owner = THIS_MODULE,
	.read = ctpm_blob_read,
	.llseek = default_llseek,
};

static ssize_t ctpm_log_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	const struct ctpm_log *log = file_inode(file)->i_private;

	guard(rwsem_read)(&ctpm_readers);
	if (!ctpm_dir)
		return -ENODEV;
	return simple_read_from_buffer(buf, count, pos, log->data, log->len);
}

static const struct file_operations ctpm_log_fops = {
	.owner = THIS_MODULE,
	.read = ctpm_log_read,
	.llseek = default_llseek,
};

static void set_dir(struct dentry *dir)
{
	guard(rwsem_write)(&ctpm_readers);
	ctpm_dir = dir;
}

/**
 * ctpm_securityfs_publish() - show the evidence and the log to root
 * @st: stays as it is until ctpm_securityfs_remove() returns
 *
 * Return: 0, -EBUSY if that of another binding is shown, or another -errno;
 * nothing is left behind on an error.
 */
int ctpm_securityfs_publish(struct ctpm_state *st)
{
	const struct {
		const char *name;
		void *data;
		const struct file_operations *fops;
	} files[ARRAY_SIZE(ctpm_files)] = {
		{ "report", &st->ev.report, &ctpm_blob_fops },
		{ "manifest", &st->ev.manifest, &ctpm_blob_fops },
		{ "certificates", &st->ev.certificates, &ctpm_blob_fops },
		{ "log", &st->log, &ctpm_log_fops },
	};
	struct dentry *dir;
	unsigned int i;

	if (ctpm_dir)
		return -EBUSY;
	dir = securityfs_create_dir("ctpm", NULL);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	set_dir(dir);
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		ctpm_files[i] = securityfs_create_file(files[i].name, 0400, ctpm_dir,
						       files[i].data, files[i].fops);
		if (IS_ERR(ctpm_files[i])) {
			int ret = PTR_ERR(ctpm_files[i]);

			ctpm_files[i] = NULL;
			ctpm_securityfs_remove();
			return ret;
		}
	}
	return 0;
}

/**
 * ctpm_securityfs_remove() - take it back
 *
 * Waits for who is reading; a file that is still open gives -ENODEV then.
 */
void ctpm_securityfs_remove(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ctpm_files); i++) {
		securityfs_remove(ctpm_files[i]);
		ctpm_files[i] = NULL;
	}
	securityfs_remove(ctpm_dir);
	set_dir(NULL);
}
