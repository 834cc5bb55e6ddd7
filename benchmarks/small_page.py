"""A web server with one small page, in this process: the moment that a request comes in is the figure."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue

PAGE = b"""<!doctype html><html lang="sv"><meta charset="utf-8"><title>En sida</title>
<h1>En sida</h1><dl><dt>Namn</dt><dd>Vera Vall</dd><dt>Ort</dt><dd>Tallinge</dd></dl></html>"""


@dataclass
class SmallPage:
    """``arrivals`` are the times (``time.perf_counter``) at which the page was asked for."""

    address: str
    arrivals: SimpleQueue[float] = field(default_factory=SimpleQueue)


@contextmanager
def small_page() -> Iterator[SmallPage]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            arrived = time.perf_counter()
            if self.path.startswith("/sida"):
                page.arrivals.put(arrived)
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(PAGE)))
            self.end_headers()
            self.wfile.write(PAGE)

        def log_message(self, *_: object) -> None:
            """Nothing: every request would be a line on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    page = SmallPage(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield page
    finally:
        server.shutdown()
        server.server_close()
