// SPDX-License-Identifier: GPL-2.0-or-later
#include "http.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <string.h>

#define LIBCURL	     "libcurl.so.4"
#define CONNECT_MAX  20 /* seconds */
#define TRANSFER_MAX 60

struct libcurl {
	__typeof__(curl_global_init) *global_init;
	__typeof__(curl_easy_init) *init;
	__typeof__(curl_easy_setopt) *setopt;
	__typeof__(curl_easy_perform) *perform;
	__typeof__(curl_easy_getinfo) *getinfo;
	__typeof__(curl_easy_cleanup) *cleanup;
	__typeof__(curl_easy_strerror) *strerror;
};

/* Never unloaded: what it has loaded in its turn does not always bear that */
static bool load(struct libcurl *c)
{
	void *lib = dlopen(LIBCURL, RTLD_NOW | RTLD_LOCAL);

	if (!lib) {
		fail("there is no " LIBCURL ": install libcurl4");
		return false;
	}
	c->global_init = dlsym(lib, "curl_global_init");
	c->init = dlsym(lib, "curl_easy_init");
	c->setopt = dlsym(lib, "curl_easy_setopt");
	c->perform = dlsym(lib, "curl_easy_perform");
	c->getinfo = dlsym(lib, "curl_easy_getinfo");
	c->cleanup = dlsym(lib, "curl_easy_cleanup");
	c->strerror = dlsym(lib, "curl_easy_strerror");
	if (c->global_init && c->init && c->setopt && c->perform && c->getinfo && c->cleanup &&
	    c->strerror && !c->global_init(CURL_GLOBAL_DEFAULT))
		return true;
	fail(LIBCURL " does not start");
	return false;
}

static size_t receive(char *data, size_t size, size_t n, void *to)
{
	struct http_answer *answer = to;

	size *= n;
	if (size > sizeof(answer->data) - answer->len) {
		answer->overflow = true;
		return CURL_WRITEFUNC_ERROR;
	}
	memcpy(answer->data + answer->len, data, size);
	answer->len += size;
	return size;
}

static void set_options(const struct libcurl *c, CURL *curl, const char *url, bool plain,
			struct http_answer *answer, char error[CURL_ERROR_SIZE])
{
	c->setopt(curl, CURLOPT_URL, url);
	/* what is fetched is verified, but who asks for which chip need not be known to all */
	c->setopt(curl, CURLOPT_PROTOCOLS_STR, plain ? "http,https" : "https");
	c->setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	c->setopt(curl, CURLOPT_NOSIGNAL, 1L);
	c->setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_MAX);
	c->setopt(curl, CURLOPT_TIMEOUT, (long)TRANSFER_MAX);
	c->setopt(curl, CURLOPT_USERAGENT, "ctpm/" CTPM_VERSION);
	c->setopt(curl, CURLOPT_WRITEFUNCTION, receive);
	c->setopt(curl, CURLOPT_WRITEDATA, answer);
	c->setopt(curl, CURLOPT_ERRORBUFFER, error);
}

long http_get(const char *url, bool plain, long wait_max, struct http_answer *answer, long *wait)
{
	char error[CURL_ERROR_SIZE] = "";
	curl_off_t after = 0;
	struct libcurl c;
	long status = 0;
	CURLcode code;
	CURL *curl;

	*wait = 0;
	if (!load(&c))
		return 0;
	curl = c.init();
	if (!curl) {
		fail("no memory");
		return 0;
	}
	answer->len = 0;
	set_options(&c, curl, url, plain, answer, error);
	code = c.perform(curl);
	c.getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	c.getinfo(curl, CURLINFO_RETRY_AFTER, &after);
	c.cleanup(curl);
	*wait = after > wait_max ? wait_max + 1 : (long)after;
	if (!code)
		return status;
	if (answer->overflow)
		fail("%s: an answer of more than %d bytes", url, ANSWER_MAX);
	else
		fail("%s: %s", url, *error ? error : c.strerror(code));
	return 0;
}
