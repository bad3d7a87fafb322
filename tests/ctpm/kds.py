#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
kds.py DIR PORTFILE LOG: AMD's key server (57230) for the machines in DIR, which
make-evidence has made, and worse ones.

A base URL is http://127.0.0.1:PORT/WHAT/MACHINE. What is served below it is what
57230 says, at exactly the path and with the parameters that follow from the
machine's report; WHAT may spoil it. Each request is a line in LOG.
"""
import http.server
import os
import sys

top, port_file, log = sys.argv[1:]
asked = set()


def expected(report, product):
    """The path of the VCEK's certificate, by the report's own bytes"""
    tcb = report[0x180:0x188]
    if product == "Turin":
        names = (("fmcSPL", 0), ("blSPL", 1), ("teeSPL", 2), ("snpSPL", 3), ("ucodeSPL", 7))
        chip = report[0x1a0:0x1a8]
    else:
        names = (("blSPL", 0), ("teeSPL", 1), ("snpSPL", 6), ("ucodeSPL", 7))
        chip = report[0x1a0:0x1e0]
    query = "&".join("%s=%02d" % (name, tcb[at]) for name, at in names)
    return "%s?%s" % (chip.hex(), query)


class Server(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def read(self, machine, name):
        with open(os.path.join(top, machine, name), "rb") as f:
            return f.read()

    def piece(self, what, machine, product, last):
        """What is asked for: its bytes, or None"""
        if last == "cert_chain":
            return self.read(machine, "cert_chain.pem")
        if last == "crl":
            return None if what == "nolist" else self.read(
                machine, "lists/revoked.der" if what == "revoked" else "lists/crl.der")
        if last != expected(self.read(machine, "report"), product):
            return None
        if what == "garbage":
            return bytes(range(256)) * 4
        return self.read("other" if what == "wrong" else machine, "vcek.der")

    def do_GET(self):
        with open(log, "a", encoding="ascii") as f:
            f.write(self.path + "\n")
        what, machine, vcek, v1, product, last = self.path[1:].split("/")
        if (vcek, v1) != ("vcek", "v1") or product != ("Turin" if machine == "turin" else "Milan"):
            return self.answer(404)
        if what == "busy" and self.path not in asked:
            asked.add(self.path)
            return self.answer(429, Retry_After="1")
        if what == "later":
            return self.answer(429, Retry_After="86400")
        if what == "elsewhere":
            return self.answer(302, Location=self.path.replace("elsewhere", "good", 1))
        if what == "huge" and last != "cert_chain":
            return self.answer(200, bytes(1 << 20))
        body = self.piece(what, machine, product, last)
        return self.answer(404) if body is None else self.answer(200, body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
with open(port_file + ".new", "w", encoding="ascii") as f:
    f.write(str(server.server_address[1]))
os.rename(port_file + ".new", port_file)
server.serve_forever()
