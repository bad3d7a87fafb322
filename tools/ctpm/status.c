// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctpm/report.h>
#include <getopt.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"

/* The module, or Linux' own driver that calls the binding */
#define DRIVER_GLOB "/sys/bus/platform/drivers/{ctpm,tpm-svsm}/*/"
/* Linux' own device for the SVSM's TPM, with a driver or without */
#define SVSM_DEVICE "/sys/bus/platform/devices/tpm-svsm"

bool driver_says(const char *attribute, char *text, size_t size)
{
	char *pattern = path_of(DRIVER_GLOB, attribute);
	glob_t found;
	FILE *f = NULL;
	bool ok;

	if (!glob(pattern, GLOB_BRACE, NULL, &found)) {
		f = fopen(found.gl_pathv[0], "re");
		globfree(&found);
	}
	free(pattern);
	ok = f && fgets(text, (int)size, f);
	if (f)
		fclose(f);
	if (ok)
		text[strcspn(text, "\n")] = '\0';
	return ok;
}

bool svsm_tpm(void)
{
	char mode[32];

	return driver_says("mode", mode, sizeof(mode)) || !access(SVSM_DEVICE, F_OK);
}

char *svsm_tpm_tcti(void)
{
	char *tcti = NULL;
	glob_t found;

	if (glob(DRIVER_GLOB "tpmrm/tpmrm*", GLOB_BRACE, NULL, &found))
		return NULL;
	if (asprintf(&tcti, "device:/dev/%s", strrchr(found.gl_pathv[0], '/') + 1) < 0)
		tcti = NULL;
	globfree(&found);
	return tcti;
}

static bool driver_status(json_t *out)
{
	static const char *const attributes[] = { "mode",   "vmpl",	  "bound",	 "late",
						  "reason", "report_pcr", "identity_pcr" };
	char text[256];
	bool any = false;

	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (!driver_says(attributes[i], text, sizeof(text)))
			continue;
		json_object_set_new(out, attributes[i], json_string(text));
		any = true;
	}
	return any;
}

/* Only what somebody can read who asks: the report is root's. */
static void report_status(json_t *out)
{
	struct ctpm_report report;
	struct binding b;

	if (access(DRIVER_DIR "/report", R_OK) && access(BIND_DIR "/report", R_OK))
		return;
	if (!binding_load(&b))
		return;
	if (!ctpm_report_parse(b.report.data, b.report.len, &report, NULL)) {
		json_object_set_new(out, "report_vmpl", json_integer(report.vmpl));
		json_object_set_new(out, "measurement",
				    json_hex(report.measurement, sizeof(report.measurement)));
		json_object_set_new(out, "guest_policy", json_integer((json_int_t)report.policy));
	}
	if (b.mode == CTPM_MODE_BIND)
		json_object_set_new(out, "mode", json_string(ctpm_mode_name(b.mode)));
	binding_free(&b);
}

static bool tpm_status(const char *tcti, const char *dir, json_t *out)
{
	struct buffer cert = { NULL, 0 };
	uint32_t reset, restart;
	struct tpm_key ak;
	struct tpm tpm;
	bool ok;

	if (!tpm_open(&tpm, tcti))
		return false;
	ok = tpm_counts(&tpm, &reset, &restart) && tpm_ak_open(&tpm, &ak);
	if (ok) {
		json_object_set_new(out, "reset_count", json_integer(reset));
		json_object_set_new(out, "restart_count", json_integer(restart));
		json_object_set_new(out, "ak_name", json_hex(ak.name.data, ak.name.len));
		json_object_set_new(out, "ak_kept", json_boolean(ak.persistent));
		ak_cert_load(dir, &ak, &cert);
		json_object_set_new(out, "ak_certificate", json_boolean(cert.len));
		buffer_free(&cert);
		tpm_key_close(&tpm, &ak);
	}
	tpm_close(&tpm);
	return ok;
}

static void print_text(json_t *status)
{
	const char *key;
	json_t *value;

	json_object_foreach(status, key, value)
	{
		char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY);

		printf("%-14s %s\n", key, text ? text : json_string_value(value));
		free(text);
	}
}

static int status(int argc, char **argv)
{
	static const struct option options[] = { { "dir", required_argument, NULL, 'd' },
						 { TPM_OPTION, required_argument, NULL, 'T' },
						 { 0 } };
	const char *dir = STATE_DIR, *tcti = NULL;
	json_t *out = json_object();
	bool json = false, driver, tpm;
	int o;

	while ((o = next_option(argc, argv, options, &json)) != -1) {
		if (o == 'd')
			dir = optarg;
		else
			tcti = optarg;
	}
	if (optind != argc)
		usage("\"%s\" is one too many", argv[optind]);
	driver = driver_status(out);
	report_status(out);
	tpm = tpm_status(tcti, dir, out);
	json_object_set_new(out, "driver", json_boolean(driver));
	o = tpm ? EXIT_ACCEPTED : EXIT_UNDECIDED;
	if (json)
		return print_json(out, o);
	print_text(out);
	json_decref(out);
	return o;
}

const struct verb status_verb = {
	"status", status, "what confidential TPM this machine has",
	"usage: ctpm status [OPTION]...\n\n"
	"Mode, VMPL, whether the TPM is bound and why not, the report's measurement, the TPM's\n"
	"counts and AK.\n\n"
	"  --dir DIR             where the AK's certificate is; default: /var/lib/ctpm\n" TPM_HELP
};
