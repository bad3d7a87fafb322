// SPDX-License-Identifier: GPL-2.0-or-later
/* why FILE: what is wrong with it, if it is to be an SNP report */
#include <ctpm/report.h>

#include "example.h"

int main(int argc, char **argv)
{
	struct ctpm_bytes file = load(argc == 2 ? argv[1] : "");
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_report report;
	enum ctpm_error error = ctpm_report_parse(file.data, file.len, &report, &why);

	/* the code for a program to act on, its name for scripts and logs, the sentence for people */
	if (error == CTPM_ERR_REPORT_SIZE)
		puts("was it cut off on its way?");
	if (error)
		printf("%s: %s\n", ctpm_error_name(error), why.text);
	unload(file);
	return error != CTPM_OK;
}
