// SPDX-License-Identifier: GPL-2.0-or-later
//! sev-verify REPORT CHAIN LEAF: an attestation report, checked by virtee's sev.
//! CHAIN is, in PEM, the ASK (or ASVK) and the ARK that is trusted, LEAF the VCEK (or
//! VLEK). Exit status 0: accepted, 1: refused, 2: something could not be read.
use std::{env, error::Error, fs, process::exit};

use openssl::x509::X509;
use sev::certs::snp::{ca, Certificate, Chain, Verifiable};
use sev::firmware::guest::AttestationReport;
use sev::parser::ByteParser;

fn read(args: &[String]) -> Result<(Chain, AttestationReport), Box<dyn Error>> {
    let [_, report, chain, leaf] = args else {
        return Err("usage: sev-verify REPORT CHAIN LEAF".into());
    };
    let [ask, ark] = &X509::stack_from_pem(&fs::read(chain)?)?[..] else {
        return Err("CHAIN is not two certificates".into());
    };
    let chain = Chain {
        ca: ca::Chain::from((ask, ark)),
        vek: Certificate::from_bytes(&fs::read(leaf)?)?,
    };
    Ok((chain, AttestationReport::from_bytes(&fs::read(report)?)?))
}

fn main() {
    let args: Vec<String> = env::args().collect();
    let (chain, report) = read(&args).unwrap_or_else(|error| {
        eprintln!("{error}");
        exit(2)
    });
    if let Err(error) = (&chain, &report).verify() {
        eprintln!("{error}");
        exit(1)
    }
}
