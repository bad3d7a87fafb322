// SPDX-License-Identifier: GPL-2.0-or-later
/* verify-report REPORT ARK TABLE [CERTIFICATE]...: is it a report of this chip maker's? */
#include <ctpm/certs.h>
#include <time.h>

#include "example.h"

int main(int argc, char **argv)
{
	struct ctpm_roots *roots = ctpm_roots_new(false); /* true: AMD's own, too */
	struct ctpm_certs *certs = ctpm_certs_new(), *chain;
	struct ctpm_why why = { CTPM_OK, "" };
	struct ctpm_report report;
	struct ctpm_bytes file[3];
	char *leaf, *lists;

	if (argc < 4 || !roots || !certs)
		return 2;
	for (int i = 0; i < 3; i++)
		file[i] = load(argv[i + 1]);
	check(argv[2], ctpm_roots_add(roots, file[1].data, file[1].len, &why), &why);
	/* what the host gave beside the report; and more, of which nothing is trusted either */
	check(argv[3], ctpm_certs_add_table(certs, file[2].data, file[2].len, &why), &why);
	for (int i = 4; i < argc; i++) {
		struct ctpm_bytes more = load(argv[i]);

		check(argv[i], ctpm_certs_add(certs, more.data, more.len, &why), &why);
		unload(more);
	}

	check(argv[1],
	      ctpm_report_verify(file[0].data, file[0].len, certs, roots, time(NULL), &report,
				 &why),
	      &why);
	printf("a genuine report of VMPL %u, guest policy %#llx\n", report.vmpl,
	       (unsigned long long)report.policy);

	/* only those certificates that it took, for somebody who has none */
	check(argv[1],
	      ctpm_report_chain(file[0].data, file[0].len, certs, roots, time(NULL), &chain, &why),
	      &why);
	leaf = ctpm_certs_pem(chain, CTPM_CERT_LEAF);
	lists = ctpm_certs_pem(chain, CTPM_CERT_CRL);
	if (!leaf || !lists)
		return 3;
	printf("%s%s", leaf, *lists ? lists : "no revocation list\n");

	free(leaf);
	free(lists);
	ctpm_certs_free(chain);
	ctpm_certs_free(certs);
	ctpm_roots_free(roots);
	for (int i = 0; i < 3; i++)
		unload(file[i]);
	return 0;
}
