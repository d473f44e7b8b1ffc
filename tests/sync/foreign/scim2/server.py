"""scim2-server in memory, as its own test server starts one: listens at PORT, takes TOKEN."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from scim2_server.memory import InMemoryStorage
from scim2_server.testserver.application import BearerTokenApplication
from scim2_server.utils import load_default_provider
from werkzeug.serving import WSGIRequestHandler, make_server

_SCIM = BearerTokenApplication(
    InMemoryStorage(), load_default_provider(), bearer_tokens=[os.environ["TOKEN"]]
)


class _Silent(WSGIRequestHandler):
    def log(self, *_said: object) -> None:
        pass


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The front says that it is up; everything else is the server's."""
    if environ["PATH_INFO"] == "/":
        start_response("200 OK", [("Content-Length", "2")])
        return [b"up"]
    answer: Iterable[bytes] = _SCIM(environ, start_response)
    return answer


make_server(
    "127.0.0.1", int(os.environ["PORT"]), application, threaded=True, request_handler=_Silent
).serve_forever()
