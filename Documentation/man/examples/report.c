// SPDX-License-Identifier: GPL-2.0-or-later
/* show REPORT: some of what it says. Nothing is verified: ctpm_report_verify() does that. */
#include <ctpm/report.h>

#include "example.h"

int main(int argc, char **argv)
{
	struct ctpm_bytes file = load(argc == 2 ? argv[1] : "");
	struct ctpm_why why = { CTPM_OK, "" };
	enum ctpm_product product;
	struct ctpm_report r;
	struct ctpm_tcb tcb;

	check("the report", ctpm_report_parse(file.data, file.len, &r, &why), &why);
	printf("version %u, VMPL %u, debugging %s\nmeasurement ", r.version, r.vmpl,
	       r.policy & CTPM_POLICY_DEBUG ? "allowed" : "forbidden");
	for (size_t i = 0; i < sizeof(r.measurement); i++)
		printf("%02x", r.measurement[i]);
	putchar('\n');
	/* the layout of a TCB_VERSION is the product's */
	if (ctpm_report_product(&r, &product)) {
		tcb = ctpm_tcb_decode(product, r.reported_tcb);
		printf("%s, SNP firmware %u, microcode %u\n", ctpm_product_name(product), tcb.snp,
		       tcb.microcode);
	} else {
		printf("version %u doesn't tell the product\n", r.version);
	}
	unload(file);
	return 0;
}
