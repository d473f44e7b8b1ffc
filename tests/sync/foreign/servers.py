"""Starting them, and what each of them is known to differ in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from scim2_models import ScimProvider, ServiceProviderConfig
from scim2_server.memory import InMemoryStorage
from scim2_server.service import ScimService
from scim2_server.testserver.application import BearerTokenApplication
from scim2_server.utils import load_default_resource_types, load_default_schemas
from werkzeug.serving import make_server

from tests.relying_parties.node import install_packages
from tests.support.installation import _QuietHandler
from tests.support.ports import free_port
from tests.support.waiting import wait_until
from tests.sync.scim_server import TOKEN, ScimServer

_HERE = Path(__file__).resolve().parent
_START_S = 60.0
_ALL = frozenset({"displayName", "name.familyName", "name.givenName", "title", "emails"})
_ENTERPRISE = frozenset({"enterprise.department", "enterprise.organization"})


@dataclass(frozen=True)
class Foreign:
    """A running server. `keeps`: which attributes it keeps as they were sent; `has_etag`: a change
    of a version that is not the present one is refused."""

    url: str
    profile: str
    empty: Callable[[], object]
    keeps: frozenset[str] = _ALL | _ENTERPRISE
    has_etag: bool = False


def _config(**changed: object) -> dict[str, Any]:
    parts: dict[str, Any] = {
        name: {"supported": True} for name in ("patch", "changePassword", "sort", "etag")
    }
    parts["bulk"] = {"supported": False, "maxOperations": 0, "maxPayloadSize": 0}
    parts["filter"] = {"supported": True, "maxResults": 1000}
    return {**parts, **changed}


@contextmanager
def _scim2_server(**changed: object) -> Iterator[Foreign]:
    provider = ScimProvider.from_discovery(
        load_default_schemas().values(),
        load_default_resource_types().values(),
        config=ServiceProviderConfig.model_validate(_config(**changed)),
    )
    service = ScimService(provider, secret="x" * 32)
    application = BearerTokenApplication(InMemoryStorage(), provider, service, [TOKEN])
    port = free_port()
    server = ScimServer(f"http://127.0.0.1:{port}", application)
    listening = make_server("127.0.0.1", port, server, threaded=True, request_handler=_QuietHandler)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield Foreign(server.url, "standard", server.empty, has_etag=True)
    finally:
        listening.shutdown()
        listening.server_close()


@contextmanager
def _started(argv: Sequence[str], folder: Path, **more: str) -> Iterator[str]:
    """A server of another program, at an address of its own."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "PORT": str(port), "TOKEN": TOKEN, **more}
    process = subprocess.Popen(argv, cwd=folder, env=environment)

    def answers() -> bool:
        assert process.poll() is None, f"{argv} ended with {process.returncode}"
        with suppress(requests.RequestException):
            return requests.get(f"{url}/", timeout=5).ok
        return False

    try:
        wait_until(answers, _START_S, every_s=0.1)
        yield url
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def _django_scim2(folder: Path) -> Iterator[Foreign]:
    file = str(folder / "django.db")
    with _started([sys.executable, "server.py"], _HERE / "django_scim2", FILE=file) as url:
        yield Foreign(
            f"{url}/scim/v2",
            "django-scim2",
            lambda: requests.delete(f"{url}/all", timeout=10).raise_for_status(),
            keeps=frozenset({"name.familyName", "name.givenName", "emails"}),
        )


@contextmanager
def _scimmy() -> Iterator[Foreign]:
    install_packages(_HERE / "scimmy")
    node = shutil.which("node")
    assert node, "node is needed: it runs a SCIM server that we did not write"
    with _started([node, "server.mjs"], _HERE / "scimmy") as url:
        yield Foreign(
            f"{url}/scim",
            "scimmy",
            lambda: requests.delete(f"{url}/all", timeout=10).raise_for_status(),
        )


SERVERS: dict[str, Callable[[Path], AbstractContextManager[Foreign]]] = {
    "scim2-server": lambda _: _scim2_server(),
    "scim2-server, by cursor": lambda _: _scim2_server(
        pagination={"cursor": True, "index": False, "maxPageSize": 50}
    ),
    "scim2-server, no PATCH": lambda _: _scim2_server(patch={"supported": False}),
    "django-scim2": _django_scim2,
    "scimmy": lambda _: _scimmy(),
}
