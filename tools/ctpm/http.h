/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTP, by libcurl, which is loaded when it is asked for: guests, and initramfs above all, need
 * neither it nor the thirty libraries behind it.
 */
#ifndef HTTP_H
#define HTTP_H

#include "ctpm.h"

#define ANSWER_MAX 32768 /* bytes; AMD's have at most 5000 */

struct http_answer {
	uint8_t data[ANSWER_MAX];
	size_t len;
	bool overflow;
};

/*
 * The HTTP status, or 0 having said what went wrong. @wait: how long the server wants one to wait, at
 * most @wait_max + 1 seconds. https alone, unless @plain.
 */
long http_get(const char *url, bool plain, long wait_max, struct http_answer *answer, long *wait);

#endif
