#!/usr/bin/env python3
"""receiver.py PORT-FILE COUNT-FILE: answers every POST with 200, and keeps a byte of each. It ends by a signal."""
import http.server
import sys


class Receiver(http.server.BaseHTTPRequestHandler):
  protocol_version = "HTTP/1.1"

  def do_POST(self):
    self.rfile.read(int(self.headers["Content-Length"]))
    with open(sys.argv[2], "a", encoding="ascii") as kept:
      kept.write(".")
    self.send_response(200)
    self.send_header("Content-Length", "0")
    self.end_headers()

  def log_message(self, *words):
    pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
with open(sys.argv[1], "w", encoding="ascii") as port:
  port.write(str(server.server_port))
server.serve_forever()
