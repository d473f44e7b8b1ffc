"""Starting them, and what each of them is known to differ in."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
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
from tests.sync.foreign.processes import ForeignProcess, started
from tests.sync.scim_server import TOKEN, ScimServer

_HERE = Path(__file__).resolve().parent
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
def django_scim2(folder: Path) -> Iterator[ForeignProcess]:
    """django-scim2 on an SQLite file, ``django.db`` of the folder."""
    argv, file = [sys.executable, "server.py"], str(folder / "django.db")
    with started(argv, _HERE / "django_scim2", FILE=file, TOKEN=TOKEN) as found:
        yield found


@contextmanager
def scimmy() -> Iterator[ForeignProcess]:
    """scimmy, in memory."""
    install_packages(_HERE / "scimmy")
    node = shutil.which("node")
    assert node, "node is needed: it runs a SCIM server that we did not write"
    with started([node, "server.mjs"], _HERE / "scimmy", TOKEN=TOKEN) as found:
        yield found


@contextmanager
def scim2() -> Iterator[ForeignProcess]:
    """scim2-server, in memory."""
    with started([sys.executable, "server.py"], _HERE / "scim2", TOKEN=TOKEN) as found:
        yield found


def _emptied(url: str) -> Callable[[], object]:
    return lambda: requests.delete(f"{url}/all", timeout=10).raise_for_status()


@contextmanager
def _django_scim2(folder: Path) -> Iterator[Foreign]:
    with django_scim2(folder) as found:
        keeps = frozenset({"name.familyName", "name.givenName", "emails"})
        yield Foreign(f"{found.url}/scim/v2", "django-scim2", _emptied(found.url), keeps=keeps)


@contextmanager
def _scimmy() -> Iterator[Foreign]:
    with scimmy() as found:
        yield Foreign(f"{found.url}/scim", "scimmy", _emptied(found.url))


SERVERS: dict[str, Callable[[Path], AbstractContextManager[Foreign]]] = {
    "scim2-server": lambda _: _scim2_server(),
    "scim2-server, by cursor": lambda _: _scim2_server(
        pagination={"cursor": True, "index": False, "maxPageSize": 50}
    ),
    "scim2-server, no PATCH": lambda _: _scim2_server(patch={"supported": False}),
    "django-scim2": _django_scim2,
    "scimmy": lambda _: _scimmy(),
}
