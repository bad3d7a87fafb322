// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctpm.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void add_path(const char **paths, size_t *n, const char *path)
{
	if (*n == FOLDERS_MAX)
		usage("at most %d of these are taken", FOLDERS_MAX);
	paths[(*n)++] = path;
}

bool trust_option(struct trust *t, int option, const char *value)
{
	if (option == OPTION_NO_AMD)
		t->no_amd = true;
	else if (option == OPTION_ROOTS)
		add_path(t->folder, &t->folders, value);
	else if (option == OPTION_CERTS)
		add_path(t->extra, &t->extras, value);
	else
		return false;
	return true;
}

typedef enum ctpm_error (*taker)(struct trust *t, const struct buffer *file, struct ctpm_why *why);

static enum ctpm_error take_others(struct trust *t, const struct buffer *file, struct ctpm_why *why)
{
	enum ctpm_error error = ctpm_verifier_add_certs(t->verifier, file->data, file->len, why);

	return error ? error : ctpm_certs_add(t->certs, file->data, file->len, why);
}

static enum ctpm_error take_ark(struct trust *t, const struct buffer *file, struct ctpm_why *why)
{
	enum ctpm_error error = ctpm_verifier_add_root(t->verifier, file->data, file->len, why);

	if (!error)
		error = ctpm_roots_add(t->roots, file->data, file->len, why);
	return error ? error : take_others(t, file, why);
}

static enum ctpm_error take_ca(struct trust *t, const struct buffer *file, struct ctpm_why *why)
{
	return ctpm_verifier_add_ca(t->verifier, file->data, file->len, why);
}

static enum ctpm_error take_ek_root(struct trust *t, const struct buffer *file,
				    struct ctpm_why *why)
{
	return ctpm_verifier_add_ek_root(t->verifier, file->data, file->len, why);
}

/* Whose list it is decides its issuer's name and signature. */
static enum ctpm_error take_crl(struct trust *t, const struct buffer *file, struct ctpm_why *why)
{
	enum ctpm_error error = take_ca(t, file, why);

	return error ? error : take_others(t, file, why);
}

static const struct {
	const char *pattern;
	taker take;
} takers[] = {
	{ "ark*.pem", take_ark },    { "ca*.pem", take_ca },   { "crl*.pem", take_crl },
	{ "ek*.pem", take_ek_root }, { "*.pem", take_others },
};

static taker taker_of(const char *name)
{
	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++)
		if (!fnmatch(takers[i].pattern, name, FNM_PERIOD))
			return takers[i].take;
	return NULL;
}

static bool take_file(struct trust *t, const char *path, taker take)
{
	struct ctpm_why why = { CTPM_OK, "" };
	struct buffer file;
	enum ctpm_error error;

	if (!read_file(path, CTPM_LISTS_SIZE_MAX, &file))
		return false;
	error = take(t, &file, &why);
	buffer_free(&file);
	if (error)
		fail_why(path, error, &why);
	return !error;
}

/* Its files in the order of their names, as @of says of each */
static bool take_folder(struct trust *t, const char *folder, taker (*of)(const char *name))
{
	struct dirent **entries;
	int n = scandir(folder, &entries, NULL, alphasort);
	bool ok = n >= 0;

	if (!ok)
		fail("%s: %s", folder, strerror(errno));
	for (int i = 0; i < n; i++) {
		taker take = of(entries[i]->d_name);
		char *path = path_of(folder, entries[i]->d_name);

		ok = ok && (!take || take_file(t, path, take));
		free(path);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return ok;
}

/* For reports alone: PEM or DER, or else a certificate table */
static enum ctpm_error take_extra(struct trust *t, const struct buffer *file, struct ctpm_why *why)
{
	enum ctpm_error error = ctpm_certs_add(t->certs, file->data, file->len, why);

	if (error != CTPM_ERR_CERT_FORM)
		return error;
	/* which of the two it was meant to be can't be told: the first reason stands */
	return ctpm_certs_add_table(t->certs, file->data, file->len, NULL) ? error : CTPM_OK;
}

static taker extra_of(const char *name)
{
	static const char *const patterns[] = { "*.pem", "*.der", "*.crt" };

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		if (!fnmatch(patterns[i], name, FNM_PERIOD))
			return take_extra;
	return NULL;
}

static bool take_path(struct trust *t, const char *path)
{
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return take_folder(t, path, extra_of);
	return take_file(t, path, take_extra);
}

bool trust_open(struct trust *t)
{
	bool ok;

	t->verifier = ctpm_verifier_new(!t->no_amd);
	t->roots = ctpm_roots_new(!t->no_amd);
	t->certs = ctpm_certs_new();
	ok = t->verifier && t->roots && t->certs;
	if (!ok)
		fail("no memory");
	for (size_t i = 0; ok && i < t->folders; i++)
		ok = take_folder(t, t->folder[i], taker_of);
	for (size_t i = 0; ok && i < t->extras; i++)
		ok = take_path(t, t->extra[i]);
	return ok;
}

void trust_close(struct trust *t)
{
	ctpm_verifier_free(t->verifier);
	ctpm_roots_free(t->roots);
	ctpm_certs_free(t->certs);
}

bool load_policy(const char *path, struct buffer *text, struct ctpm_policy **policy)
{
	struct ctpm_why why = { CTPM_OK, "" };
	enum ctpm_error error;

	*policy = NULL;
	if (!read_file(path, CTPM_POLICY_SIZE_MAX, text))
		return false;
	error = ctpm_policy_parse((const char *)text->data, text->len, policy, &why);
	if (error)
		fail_why(path, error, &why);
	return !error;
}
