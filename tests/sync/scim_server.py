"""A SCIM server that we did not write (scim2-server, in memory), behind a hand that spoils what it
answers, as targets do."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from scim2_server.memory import InMemoryStorage
from scim2_server.testserver.application import BearerTokenApplication
from scim2_server.utils import load_default_provider
from werkzeug.serving import make_server

from tests.support.installation import _QuietHandler
from tests.support.ports import free_port

TOKEN = "ma-truy-cap-thu"

Answer = tuple[str, list[tuple[str, str]], bytes]


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    body: Any
    token: str
    query: str = ""


@dataclass
class SpoiledServer:
    """`before` may answer instead of the server; `after` may change or lose what it answered."""

    url: str
    application: Any
    asked: list[Asked] = field(default_factory=list)
    before: Callable[[Asked], Answer | None] | None = None
    after: Callable[[Asked, Answer], Answer] | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(raw)
        asked = Asked(
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"],
            json.loads(raw) if raw else None,
            environ.get("HTTP_AUTHORIZATION", ""),
            environ.get("QUERY_STRING", ""),
        )
        self.asked.append(asked)
        answer = self.before(asked) if self.before else None
        if answer is None:
            answer = self._ask(environ)
            if self.after:
                answer = self.after(asked, answer)
        start_response(answer[0], answer[1])
        return [answer[2]] if isinstance(answer[2], bytes) else answer[2]

    def _ask(self, environ: dict[str, Any]) -> Answer:
        told: list[Any] = []
        answer = self.application(environ, lambda *said: told.extend(said))
        try:
            return told[0], told[1], b"".join(answer)
        finally:
            getattr(answer, "close", lambda: None)()

    def normal(self) -> None:
        self.before = self.after = None
        self.asked.clear()


class ScimServer(SpoiledServer):
    """What it holds is asked past everything."""

    def users(self) -> list[dict[str, Any]]:
        """What it holds, asked past everything."""
        return self._list("/Users")

    def groups(self) -> list[dict[str, Any]]:
        return self._list("/Groups")

    def _list(self, path: str) -> list[dict[str, Any]]:
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": "count=10000",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "HTTP_HOST": "127.0.0.1",
            "wsgi.input": BytesIO(b""),
            "wsgi.url_scheme": "http",
            "HTTP_AUTHORIZATION": f"Bearer {TOKEN}",
        }
        answer = self._ask(environ)
        found: list[dict[str, Any]] = json.loads(answer[2]).get("Resources", [])
        return found

    def user(self, login: str) -> dict[str, Any] | None:
        found = [user for user in self.users() if user["userName"] == login]
        assert len(found) < 2, "a duplicate"
        return found[0] if found else None

    def empty(self) -> None:
        """As it was in the beginning: each answer takes it longer, the more it holds."""
        self.application.storage = self.application.handler.storage = InMemoryStorage()


def answers(status: str, body: bytes = b"", *headers: tuple[str, str]) -> Answer:
    return status, [("Content-Type", "application/scim+json"), *headers], body


@contextmanager
def scim_server() -> Iterator[ScimServer]:
    """One, on a port of its own."""
    application = BearerTokenApplication(
        InMemoryStorage(), load_default_provider(), bearer_tokens=[TOKEN]
    )
    port = free_port()
    server = ScimServer(f"http://127.0.0.1:{port}", application)
    listening = make_server("127.0.0.1", port, server, threaded=True, request_handler=_QuietHandler)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
