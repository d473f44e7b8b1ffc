"""Waiting until services answer."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from admin_ui.operations.options import CannotStart
from admin_ui.operations.supervisor.process import Child

_PATIENCE_S = 120  # a process that lives and loads is waited for, on a busy or an old machine
_PAUSE_S = 0.05


def answers_200(address: str, url: str, ca_file: Path | None = None) -> Callable[[], bool]:
    """A check that `url` answers 200 at `address` ("127.0.0.1:8400").

    The two differ because the public name of a service need not lead to this machine; the request
    carries the name (an unknown Host is refused) and connects to the address.
    """
    parts = urlsplit(url)
    host, _, port = address.rpartition(":")

    def check() -> bool:
        connection = _connect(host, int(port), ca_file)
        try:
            connection.request("GET", parts.path or "/", headers={"Host": parts.netloc})
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return check


def _connect(host: str, port: int, ca_file: Path | None) -> http.client.HTTPConnection:
    if ca_file is None:
        return http.client.HTTPConnection(host, port, timeout=5)
    context = ssl.create_default_context(cafile=str(ca_file))
    return http.client.HTTPSConnection(host, port, timeout=5, context=context)


def wait_until_healthy(
    children: Sequence[Child],
    is_stopping: Callable[[], bool],
    tell: Callable[[str], None],
) -> None:
    """Return when every child is healthy or a stop was asked for. Raises `CannotStart`."""
    began = time.monotonic()
    waiting = list(children)
    told = False
    while waiting and not is_stopping():
        for child in waiting:
            if not child.is_running:
                raise CannotStart(_failure(child, f"stopped ({child.describe_exit()})"))
        waiting = [child for child in waiting if not child.service.is_healthy()]
        elapsed = time.monotonic() - began
        if waiting and elapsed > _PATIENCE_S:
            raise CannotStart(_failure(waiting[0], f"does not answer after {elapsed:.0f} s"))
        if waiting and elapsed > 2 and not told:
            tell(f"Waiting for {', '.join(child.service.name for child in waiting)} ...")
            told = True
        if waiting:
            time.sleep(_PAUSE_S)


def _failure(child: Child, what: str) -> str:
    lines = child.last_lines()
    end = (
        f"; the end of {child.log_path}:\n{lines}"
        if lines
        else f"; its log {child.log_path} is empty"
    )
    return f"{child.service.name} {what}{end}"
