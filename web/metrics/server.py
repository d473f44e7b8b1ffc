"""The port of the metrics: one thread in each worker, on a socket they share.

Apart from the threads that serve people: it answers when those are all held, and it is never on an
address that people use.
"""

from __future__ import annotations

import logging
import socket
import threading
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

ISSUER_OFFSET = 6
CONSOLE_OFFSET = 7
MACHINE_OFFSET = 8
_PATIENCE_S = 5
_log = logging.getLogger("web.metrics")


def listen(port: int) -> socket.socket | None:
    """A listening socket on loopback; None, and a line in the log, when it cannot be had: people
    sign in without metrics."""
    try:
        # A second server that takes over during an upgrade listens beside the first.
        return socket.create_server(("127.0.0.1", port), reuse_port=True)
    except OSError as error:
        _log.error("no metrics: port %s cannot be used", port, exc_info=error)
        return None


def serve(listening: socket.socket | None, *collectors: Collector) -> None:
    """Answer scrapes in a thread of this process."""
    if listening is None:
        return
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    for collector in collectors:
        registry.register(collector)
    server = _Server(listening, registry)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()


class _Server(TCPServer):
    def __init__(self, listening: socket.socket, registry: CollectorRegistry) -> None:
        super().__init__(listening.getsockname(), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        # All workers wait for the same connections: whoever comes late must not wait for ever.
        self.socket.setblocking(False)
        self.registry = registry

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        connection.settimeout(_PATIENCE_S)
        return connection, address

    def handle_error(self, *_: object) -> None:
        _log.warning("a scrape was not answered", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    timeout = _PATIENCE_S
    server: _Server

    def do_GET(self) -> None:
        if self.path != "/metrics":
            self._answer(404, b"", "text/plain")
            return
        self._answer(200, generate_latest(self.server.registry), CONTENT_TYPE_LATEST)

    def _answer(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass  # the line would hold what was asked for
