#!/usr/bin/env python3
"""A stand-in for Huawei Cloud's VPN service, over HTTPS on a port of 127.0.0.1.

usage: cloud.py CERTIFICATE KEY TOKEN ANSWERS PORTFILE REQUESTS

ANSWERS has a line for each request that has the token, "STATUS [JSON]"; the last one holds for all further requests. It is
read again for each. 302 leads to where the token must not go. REQUESTS gets a line for each request: its status and path."""
import http.server
import ssl
import sys

CERTIFICATE, KEY, TOKEN, ANSWERS, PORT_FILE, REQUESTS = sys.argv[1:]
ERROR = '{"error_code": "VPN.0001", "error_msg": "stand-in"}'


class Service(http.server.BaseHTTPRequestHandler):
    answered = 0

    def answer(self):
        if self.headers.get("X-Auth-Token") != TOKEN:
            return 401, ERROR
        with open(ANSWERS, encoding="utf-8") as file:
            answers = file.read().splitlines()
        status, _, body = answers[min(Service.answered, len(answers) - 1)].partition(" ")
        Service.answered += 1
        return int(status), body or ERROR

    def do_GET(self):
        status, body = self.answer()
        with open(REQUESTS, "a", encoding="utf-8") as file:
            file.write(f"{status} {self.path}\n")
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        if status == 429:
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(CERTIFICATE, KEY)
server.socket = context.wrap_socket(server.socket, server_side=True)
with open(PORT_FILE, "w", encoding="ascii") as port_file:
    port_file.write(f"{server.server_port}\n")
server.serve_forever()
