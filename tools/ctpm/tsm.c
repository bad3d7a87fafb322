// SPDX-License-Identifier: GPL-2.0-or-later
/* Linux, Documentation/ABI/testing/configfs-tsm-report */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TSM_DIR	 "/sys/kernel/config/tsm/report"
#define BLOB_MAX 65536
/* The vTPM's service (58019, "Attestation Protocol") */
#define VTPM_GUID "c476f1eb-0123-45a5-9641-b4e7dde5bfe3"

/* An attribute takes its value in one write. */
static bool set(const char *entry, const char *name, const void *data, size_t len)
{
	char *path = path_of(entry, name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, data, len) == (ssize_t)len;

	if (!ok)
		fail("%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	free(path);
	return ok;
}

static bool get(const char *entry, const char *name, struct buffer *out)
{
	char *path = path_of(entry, name);
	bool ok = read_file(path, BLOB_MAX, out);

	free(path);
	return ok;
}

/* How often the entry was written to: if it isn't what we did, somebody else uses it. */
static bool generation_is(const char *entry, unsigned long expected)
{
	struct buffer text;
	bool ok;

	if (!get(entry, "generation", &text))
		return false;
	ok = text.len && strtoul((char *)text.data, NULL, 10) == expected;
	buffer_free(&text);
	if (!ok)
		fail("%s: somebody else writes to it", entry);
	return ok;
}

/* The kernel asks for VMPL 0 if it isn't told, which the AMD-SP refuses to who is above it. */
static bool own_level(const char *entry)
{
	struct buffer floor;
	bool ok;

	if (!get(entry, "privlevel_floor", &floor))
		return false;
	ok = set(entry, "privlevel", floor.data, floor.len);
	buffer_free(&floor);
	return ok;
}

static bool ask(const char *entry, bool svsm, const uint8_t nonce[64], struct buffer *report,
		struct buffer *manifest, struct buffer *certs)
{
	unsigned long writes = 2;

	if (svsm) {
		if (!set(entry, "service_provider", "svsm", 4) ||
		    !set(entry, "service_guid", VTPM_GUID, strlen(VTPM_GUID)))
			return false;
		writes = 3;
	} else if (!own_level(entry)) {
		return false;
	}
	return set(entry, "inblob", nonce, 64) && get(entry, "outblob", report) &&
	       get(entry, "auxblob", certs) && (!svsm || get(entry, "manifestblob", manifest)) &&
	       generation_is(entry, writes);
}

bool tsm_report(bool svsm, const uint8_t nonce[64], struct buffer *report, struct buffer *manifest,
		struct buffer *certs)
{
	/* not by our process's number: who was killed with that one has left an entry */
	char entry[] = TSM_DIR "/ctpm-XXXXXX";
	bool ok;

	*report = *manifest = *certs = (struct buffer){ NULL, 0 };
	if (!mkdtemp(entry)) {
		fail("%s: %s: is configfs mounted, and the module sev-guest loaded?", TSM_DIR,
		     strerror(errno));
		return false;
	}
	ok = ask(entry, svsm, nonce, report, manifest, certs);
	rmdir(entry);
	if (!ok) {
		buffer_free(report);
		buffer_free(manifest);
		buffer_free(certs);
	}
	return ok;
}
