"""The snippets that `client add --for` prints, run as they stand against the started product."""

from __future__ import annotations

import runpy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.relying_parties import apache, node
from tests.support.ports import find_free_block
from tests.support.product import APACHE_HOST, NODE_HOST, Product

USERNAME = "vanthu.stttt"


def registered(product: Product, stack: str, redirect_uri: str) -> dict[str, Any]:
    """An application registered as the how-to says; with the snippet for it."""
    added = product.danhmuc_json(
        *("client", "add", "--name", f"Mẫu {stack}", "--for", stack),
        *("--redirect-uri", redirect_uri, "--scope", "openid", "--scope", "profile"),
        *("--scope", "roles"),
    )
    return dict(added)


@contextmanager
def served(app: Any, url: str) -> Iterator[None]:
    """A WSGI application listening where its redirect address says."""
    parts = urlsplit(url)
    server = make_server(str(parts.hostname), int(parts.port or 80), app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def test_flask_and_authlib(
    http_product: Product, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    base = f"http://{NODE_HOST}:{find_free_block()}"
    added = registered(http_product, "python", f"{base}/callback")
    monkeypatch.setenv("CLIENT_SECRET", added["client_secret"])
    monkeypatch.setenv("APP_SECRET_KEY", "chi-de-thu-" + "x" * 40)
    file = tmp_path / "application.py"
    file.write_text(added["snippet"], encoding="utf-8")
    names: dict[str, Any] = runpy.run_path(str(file), run_name="application")
    app: Flask = names["app"]

    @app.get("/")
    def who() -> dict[str, str]:
        session = names["session"]
        return {"sub": session.get("person", ""), "name": session.get("name", "")}

    with served(app, base):
        account = http_product.account(USERNAME)
        page = http_product.browser().enter(f"{base}/login", account)
    assert page.json()["name"] == account.full_name
    assert page.json()["sub"]


def test_express_and_openid_client(http_product: Product, tmp_path: Path) -> None:
    port = find_free_block()
    base = f"http://{NODE_HOST}:{port}"
    added = registered(http_product, "node", f"{base}/callback")
    file = tmp_path / "application.mjs"
    # Only a page that shows who came is added.
    shown = "\napp.get('/', (req, res) => res.json(req.session.person ?? {}));\n"
    file.write_text(added["snippet"] + shown, encoding="utf-8")
    node.install_packages()
    (tmp_path / "node_modules").symlink_to(node.FOLDER / "node_modules")
    own = {"PORT": str(port), "CLIENT_SECRET": added["client_secret"], "APP_SECRET_KEY": "x" * 40}
    with node.running(file, base, own):
        account = http_product.account(USERNAME)
        page = http_product.browser().enter(f"{base}/login", account)
    assert page.json()["name"] == account.full_name
    assert page.json()["sub"]


def test_apache(http_product: Product) -> None:
    port = find_free_block()
    base = f"http://{APACHE_HOST}:{port}"
    added = registered(http_product, "apache", f"{base}/oidc/callback")
    # The passphrase is the application's own to choose.
    module = added["snippet"].replace("<a long random text of your own>", "only-for-this-test")
    with apache.running_apache(http_product, port, module) as site:
        page = http_product.browser().enter(f"{base}/app", http_product.account(USERNAME))
        assert page.status_code == 200, site.log_tail()
        told = dict(line.split("=", 1) for line in page.text.splitlines() if "=" in line)
    assert told["OIDC_CLAIM_name"] == http_product.account(USERNAME).full_name
    assert told["REMOTE_USER"].startswith(told["OIDC_CLAIM_sub"])
    assert "van_thu" not in told.get("OIDC_CLAIM_roles_flat", "")
