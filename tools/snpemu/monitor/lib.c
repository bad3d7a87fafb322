// SPDX-License-Identifier: GPL-2.0-or-later
/* The log, and the memory functions that a compiler expects to find. */
#include "monitor.h"
#include <stdarg.h>

void *memcpy(void *to, const void *from, size_t n)
{
	void *d = to;

	asm volatile("rep movsb" : "+D"(d), "+S"(from), "+c"(n)::"memory");
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	u8 *d = to;
	const u8 *s = from;

	if (d <= s || d >= s + n)
		return memcpy(to, from, n);
	while (n--)
		d[n] = s[n];
	return to;
}

void *memset(void *to, int c, size_t n)
{
	void *d = to;

	asm volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(c) : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

struct line {
	char *buf;
	u32 size, used; /* one byte is kept for the end */
};

static void put(struct line *l, char c)
{
	if (l->used + 1 < l->size)
		l->buf[l->used++] = c;
}

static void put_number(struct line *l, u64 v, u32 base, u32 width, char fill)
{
	char digits[24];
	u32 n = 0;

	do {
		digits[n++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v);
	for (; width > n; width--)
		put(l, fill);
	while (n)
		put(l, digits[--n]);
}

/*
 * Format into buf, always ended by a NUL; what does not fit is cut off.  Knows
 * %s %c %u %d %x with l, a width and a leading 0.  Returns the length.
 */
u32 format_line(char *buf, u32 size, const char *f, va_list ap)
{
	struct line l = { buf, size, 0 };

	for (; *f; f++) {
		u32 width = 0;
		bool is_long = false;
		char fill = ' ';

		if (*f != '%') {
			put(&l, *f);
			continue;
		}
		if (*++f == '0')
			fill = *f++;
		while (*f >= '0' && *f <= '9')
			width = width * 10 + (u32)(*f++ - '0');
		if (*f == 'l') {
			is_long = true;
			f++;
		}
		switch (*f) {
		case 's':
			for (const char *s = va_arg(ap, const char *); *s; s++)
				put(&l, *s);
			break;
		case 'c':
			put(&l, (char)va_arg(ap, int));
			break;
		case 'd': {
			s64 v = is_long ? va_arg(ap, s64) : va_arg(ap, int);

			if (v < 0)
				put(&l, '-');
			put_number(&l, v < 0 ? -(u64)v : (u64)v, 10, width, fill);
			break;
		}
		case 'u':
		case 'x':
			put_number(&l, is_long ? va_arg(ap, u64) : va_arg(ap, u32),
				   *f == 'x' ? 16 : 10, width, fill);
			break;
		default:
			put(&l, '?');
		}
	}
	buf[l.used] = 0;
	return l.used;
}

void log_line(const char *format, ...)
{
	char buf[320];
	va_list ap;

	va_start(ap, format);
	format_line(buf, sizeof(buf), format, ap);
	va_end(ap);
	for (const char *s = buf; *s; s++)
		outb(SNPEMU_PORT_LOG, (u8)*s);
	outb(SNPEMU_PORT_LOG, '\n');
}
