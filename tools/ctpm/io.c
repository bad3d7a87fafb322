// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctpm.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/asn1.h>
#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char sentence[1024];

int fail(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(sentence, sizeof(sentence), format, ap);
	va_end(ap);
	/* it may quote what others have written */
	for (char *p = sentence; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	fprintf(stderr, "ctpm%s%s: %s\n", *verb->name ? " " : "", verb->name, sentence);
	return EXIT_UNDECIDED;
}

const char *last_failure(void)
{
	return sentence;
}

int fail_why(const char *what, enum ctpm_error error, const struct ctpm_why *why)
{
	fail("%s: %s (%s)", what, why && why->code == error ? why->text : "failed",
	     ctpm_error_name(error));
	switch (error) {
	case CTPM_ERR_MEMORY:
	case CTPM_ERR_CRYPTO:
	case CTPM_ERR_ARGUMENT:
		return EXIT_UNDECIDED;
	default:
		return EXIT_REFUSED;
	}
}

void buffer_free(struct buffer *buffer)
{
	if (buffer->data)
		OPENSSL_cleanse(buffer->data, buffer->len);
	free(buffer->data);
	*buffer = (struct buffer){ NULL, 0 };
}

struct ctpm_bytes buffer_bytes(const struct buffer *buffer)
{
	return (struct ctpm_bytes){ buffer->data, buffer->len };
}

/* Files of securityfs and configfs tell no size, so: until the end. */
static bool read_all(int fd, const char *path, size_t max, struct buffer *out)
{
	size_t room = 4096;

	*out = (struct buffer){ malloc(room), 0 };
	while (out->data) {
		ssize_t n = read(fd, out->data + out->len, room - out->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fail("%s: %s", path, strerror(errno));
			break;
		}
		if (!n)
			return true;
		out->len += (size_t)n;
		if (out->len > max) {
			fail("%s: more than %zu bytes", path, max);
			break;
		}
		if (out->len == room) {
			uint8_t *more = malloc(2 * room);

			if (more)
				memcpy(more, out->data, out->len);
			OPENSSL_cleanse(out->data, out->len);
			free(out->data);
			out->data = more;
			room *= 2;
		}
	}
	if (!out->data)
		fail("no memory for %s", path);
	buffer_free(out);
	return false;
}

static bool read_path(const char *path, size_t max, bool optional, struct buffer *out)
{
	static bool taken;
	bool is_stdin = !strcmp(path, "-"), ok;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	if (is_stdin && taken)
		usage("standard input is read once: only one file can be -");
	taken |= is_stdin;
	*out = (struct buffer){ NULL, 0 };
	if (fd < 0) {
		if (optional && errno == ENOENT)
			return true;
		fail("%s: %s", path, strerror(errno));
		return false;
	}
	ok = read_all(fd, path, max, out);
	if (fd != STDIN_FILENO)
		close(fd);
	return ok;
}

bool read_file(const char *path, size_t max, struct buffer *out)
{
	return read_path(path, max, false, out);
}

bool read_file_if_there(const char *path, size_t max, struct buffer *out)
{
	return read_path(path, max, true, out);
}

bool read_text(const char *path, size_t max, struct buffer *out)
{
	struct buffer bytes;
	uint8_t *text;
	bool ok = read_file(path, max, &bytes);

	*out = (struct buffer){ NULL, 0 };
	if (!ok)
		return false;
	text = malloc(bytes.len + 1);
	if (!text)
		fail("no memory for %s", path);
	else if (bytes.len && memchr(bytes.data, 0, bytes.len))
		fail("%s: this is no text", path);
	else
		*out = (struct buffer){ text, bytes.len };
	if (out->data) {
		memcpy(text, bytes.data, bytes.len);
		text[bytes.len] = 0;
	} else {
		free(text);
	}
	buffer_free(&bytes);
	return out->data;
}

static bool write_all(int fd, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/* A device or a pipe stays what it is. */
static bool write_in_place(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	bool ok = fd >= 0 && write_all(fd, data, len);

	if (fd >= 0)
		ok = !close(fd) && ok;
	if (!ok)
		fail("%s: %s", path, strerror(errno));
	return ok;
}

/* The folder of a file */
static int open_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	free(folder);
	return fd;
}

/* What the user keeps from others; to be asked, it has to be set */
static mode_t current_umask(void)
{
	mode_t mask = umask(077);

	umask(mask);
	return mask;
}

static bool replace(const char *path, const void *data, size_t len, unsigned int mode)
{
	int folder = open_folder(path), fd = -1;
	char *temporary = NULL;
	bool ok = folder >= 0 && asprintf(&temporary, "%s.XXXXXX", path) >= 0;

	if (ok)
		fd = mkostemp(temporary, O_CLOEXEC);
	ok = fd >= 0 && write_all(fd, data, len) && !fchmod(fd, mode & ~current_umask()) &&
	     !fsync(fd);
	if (fd >= 0)
		ok = !close(fd) && ok;
	ok = ok && !rename(temporary, path);
	if (!ok && fd >= 0)
		unlink(temporary);
	/* its name is not on disk before its folder is; some file systems cannot say that of one */
	ok = ok && (!fsync(folder) || errno == EINVAL);
	if (!ok)
		fail("%s: %s", path, strerror(errno));
	if (folder >= 0)
		close(folder);
	free(temporary);
	return ok;
}

bool write_file(const char *path, const void *data, size_t len, unsigned int mode)
{
	struct stat st;
	char *file;
	bool ok;

	if (!strcmp(path, "-")) {
		if (write_all(STDOUT_FILENO, data, len))
			return true;
		fail("standard output: %s", strerror(errno));
		return false;
	}
	if (stat(path, &st))
		return replace(path, data, len, mode);
	if (!S_ISREG(st.st_mode))
		return write_in_place(path, data, len);
	/* what a symbolic link leads to is replaced, not the link */
	file = realpath(path, NULL);
	ok = file && replace(file, data, len, mode);
	if (!file)
		fail("%s: %s", path, strerror(errno));
	free(file);
	return ok;
}

char *path_of(const char *dir, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", dir, name) < 0) {
		fail("no memory");
		exit(EXIT_UNDECIDED);
	}
	return path;
}

bool make_dir(const char *path)
{
	if (!mkdir(path, 0700) || errno == EEXIST)
		return true;
	fail("%s: %s", path, strerror(errno));
	return false;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool parse_hex(const char *text, uint8_t *out, size_t max, size_t *len)
{
	size_t n = strlen(text);

	if (n % 2 || n / 2 > max)
		return false;
	for (size_t i = 0; i < n / 2; i++) {
		int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	*len = n / 2;
	return true;
}

char *to_hex(const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = data;
	char *text = malloc(2 * len + 1);

	if (!text) {
		fail("no memory");
		exit(EXIT_UNDECIDED);
	}
	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[p[i] >> 4];
		text[2 * i + 1] = digits[p[i] & 15];
	}
	text[2 * len] = '\0';
	return text;
}

json_t *json_hex(const void *data, size_t len)
{
	char *text = to_hex(data, len);
	json_t *string = json_string(text);

	free(text);
	return string;
}

json_t *json_textn(const void *data, size_t len)
{
	static const char unknown[] = "\xef\xbf\xbd"; /* U+FFFD */
	const unsigned char *p = data;
	char *text = malloc(3 * len + 1);
	unsigned long character;
	size_t at = 0;
	json_t *string;

	for (size_t i = 0; text && i < len;) {
		int n = UTF8_getc(p + i, (int)(len - i), &character);
		bool known = n > 0 && character <= 0x10ffff;

		memcpy(text + at, known ? (const char *)p + i : unknown, known ? (size_t)n : 3);
		at += known ? (size_t)n : 3;
		i += known ? (size_t)n : 1;
	}
	string = text ? json_stringn(text, at) : NULL;
	free(text);
	return string;
}

json_t *json_text(const char *text)
{
	return json_textn(text, strlen(text));
}

int print_json(json_t *object, int status)
{
	/* in ASCII: what others have written is no matter of a terminal's */
	if (!object || json_dumpf(object, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) ||
	    putchar('\n') == EOF)
		status = fail("cannot write the result");
	json_decref(object);
	return status;
}

const char *coloured(const char *text, enum colour colour, char *room, size_t size)
{
	static const int codes[] = { [GREEN] = 32, [RED] = 31, [YELLOW] = 33 };
	const char *no = getenv("NO_COLOR");

	if (!isatty(STDOUT_FILENO) || (no && *no))
		return text;
	snprintf(room, size, "\033[%dm%s\033[0m", codes[colour], text);
	return room;
}

bool parse_pcrs(const char *text, uint32_t *mask)
{
	*mask = 0;
	for (;;) {
		char *end;
		unsigned long first, last;

		if (*text < '0' || *text > '9')
			return false;
		first = last = strtoul(text, &end, 10);
		if (*end == '-' && end[1] >= '0' && end[1] <= '9')
			last = strtoul(end + 1, &end, 10);
		if (first > last || last >= CTPM_PCRS)
			return false;
		for (; first <= last; first++)
			*mask |= 1u << first;
		if (!*end)
			return true;
		if (*end != ',')
			return false;
		text = end + 1;
	}
}

bool parse_number(const char *text, uint64_t max, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno && *number <= max;
}
