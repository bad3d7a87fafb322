// SPDX-License-Identifier: GPL-2.0-or-later

// Microseconds that go-sev-guest takes to verify a report: its parsing, certificate and signature,
// the roots being known. bench PRODUCT CHAIN REPORT LEAF: PEM, the report, DER.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/google/go-sev-guest/abi"
	pb "github.com/google/go-sev-guest/proto/sevsnp"
	"github.com/google/go-sev-guest/verify"
	"github.com/google/go-sev-guest/verify/trust"
)

const (
	rounds = 7
	times  = 100
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	product, chain := os.Args[1], os.Args[2]
	report, err := os.ReadFile(os.Args[3])
	must(err)
	leaf, err := os.ReadFile(os.Args[4])
	must(err)
	roots := trust.AMDRootCertsProduct(product)
	must(roots.FromKDSCert(chain))
	options := &verify.Options{
		DisableCertFetching: true,
		Now:                 time.Now(),
		TrustedRoots:        map[string][]*trust.AMDRootCerts{product: {roots}},
	}
	best := time.Hour
	for i := 0; i < rounds; i++ {
		start := time.Now()
		for k := 0; k < times; k++ {
			parsed, err := abi.ReportToProto(report)
			must(err)
			must(verify.SnpAttestation(&pb.Attestation{
				Report: parsed,
				CertificateChain: &pb.CertificateChain{
					VcekCert: leaf,
					AskCert:  roots.ProductCerts.Ask.Raw,
					ArkCert:  roots.ProductCerts.Ark.Raw,
				},
			}, options))
		}
		if took := time.Since(start) / times; took < best {
			best = took
		}
	}
	fmt.Println(best.Microseconds())
}
