"""The accounts' other end: SCIM 2.0 (RFC 7643, 7644), by which the catalogue keeps them in step.

The protocol is scim2-server's: it reads requests, filters and patches, and writes answers. Here is
where its resources are kept (`AccountStorage`), and who may come in: whoever shows the token. It is
loaded when the first such request comes; the pages do not wait for it.
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable, Iterable
from typing import Any

MOUNTED_AT = "/scim"

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Provisioning:
    """WSGI middleware: what is below `/scim` goes to the application that `create` makes."""

    def __init__(self, pages: Application, create: Callable[[], Application]) -> None:
        self._pages, self._create = pages, create
        self._scim: Application | None = None
        self._lock = threading.Lock()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(f"{MOUNTED_AT}/"):
            return self._pages(environ, start_response)
        with self._lock:
            self._scim = self._scim or self._create()
        inner = environ | {
            "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + MOUNTED_AT,
            "PATH_INFO": path.removeprefix(MOUNTED_AT),
        }
        return self._scim(inner, start_response)


def is_token(shown: str, token: str) -> bool:
    """Whether an Authorization header shows the token (RFC 6750 section 2.1)."""
    scheme, _, value = shown.partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(value.encode(), token.encode())
