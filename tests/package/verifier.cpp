// SPDX-License-Identifier: GPL-2.0-or-later
// A program of somebody else's: C++, with what "make install" has put there alone.
#include <ctpm/ca.h>
#include <ctpm/certs.h>
#include <ctpm/ear.h>
#include <ctpm/error.h>
#include <ctpm/eventlog.h>
#include <ctpm/evidence.h>
#include <ctpm/policy.h>
#include <ctpm/report.h>
#include <ctpm/verify.h>

#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <vector>

static std::vector<char> read(const char *path)
{
	std::ifstream file(path, std::ios::binary);

	return { std::istreambuf_iterator<char>(file), {} };
}

// verifier REPORT CERTIFICATE...: one of AMD's own reports
int main(int argc, char **argv)
{
	ctpm_roots *roots = ctpm_roots_new(true);
	ctpm_certs *certs = ctpm_certs_new();
	ctpm_report report;
	ctpm_why why = {};

	for (int i = 2; i < argc; i++) {
		std::vector<char> cert = read(argv[i]);

		if (ctpm_certs_add(certs, cert.data(), cert.size(), &why))
			std::printf("%s: %s\n", argv[i], why.text);
	}
	std::vector<char> data = read(argc > 1 ? argv[1] : "");
	ctpm_error error = ctpm_report_verify(data.data(), data.size(), certs, roots,
					      std::time(nullptr), &report, &why);
	std::printf("%s%s%s\n", ctpm_error_name(error), error ? ": " : "", error ? why.text : "");
	ctpm_certs_free(certs);
	ctpm_roots_free(roots);
	return error != CTPM_OK;
}
