"""The applications of `docs/howto/libraries.md`, registered and run as the page says, with a person
signing in and out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

from tests.relying_parties import apache, node
from tests.support import how_to
from tests.support.browser import next_url, read_forms
from tests.support.ports import find_free_block
from tests.support.product import APACHE_HOST, NODE_HOST, Product

PAGE = "libraries.md"
USERNAME = "vanthu.stttt"
START_TIMEOUT_S = 30
APACHE = "mod_auth_openidc (Apache)"
DJANGO = "mozilla-django-oidc"
FLASK = ("Authlib", "pyoidc", "social-auth-core", "requests-oauthlib")
NODE = ("openid-client 6 (Node.js)", "express-openid-connect")


def test_every_library_is_run() -> None:
    assert set(how_to.headings(PAGE)) == {*FLASK, *NODE, DJANGO, APACHE}


def prepared(product: Product, library: str, base: str, folder: Path) -> dict[str, str]:
    """Register as the section says and write its files; the environment the page wants."""
    variables = {"APP": base, "ISSUER": product.issuer, "SECRET_KEY": "chi-de-thu-" + "x" * 40}
    blocks = how_to.section(PAGE, library)
    [command] = [block.text for block in blocks if block.language == "sh"]
    added = how_to.paste(product, folder, command.rstrip() + " --json", variables)
    assert added.returncode == 0, added.stderr
    for block in blocks:
        if block.language != "sh":
            (folder / block.file).write_text(block.text, encoding="utf-8")
    registered = json.loads(added.stdout)
    return variables | {
        "CLIENT_ID": registered["client_id"],
        "CLIENT_SECRET": registered["client_secret"],
    }


def start_commands(library: str, host: str, port: int) -> list[list[str]]:
    """What the page says starts it, here on an address of the test's own."""
    if library in NODE:
        node.install_packages()
        return [[shutil.which("node") or "node", "application.mjs"]]
    if library == DJANGO:
        django = [sys.executable, "-m", "django"]
        return [[*django, "migrate"], [*django, "runserver", "--noreload", f"{host}:{port}"]]
    flask = [sys.executable, "-m", "flask", "--app", "application", "run"]
    return [[*flask, "--host", host, "--port", str(port)]]


@contextmanager
def started(product: Product, library: str, folder: Path) -> Iterator[str]:
    """The application of that section, listening; its address."""
    host, port = NODE_HOST, find_free_block()
    base = f"http://{host}:{port}"
    environment = {
        **os.environ,
        **prepared(product, library, base, folder),
        "PORT": str(port),
        "PYTHONPATH": str(folder),
        "DJANGO_SETTINGS_MODULE": "settings",
        "OAUTHLIB_INSECURE_TRANSPORT": "1",
    }
    if library in NODE:
        (folder / "node_modules").symlink_to(node.FOLDER / "node_modules")
    log = folder / "application.log"
    *before, last = start_commands(library, host, port)
    with log.open("wb") as output:
        for command in before:
            subprocess.run(
                command, cwd=folder, env=environment, stdout=output, check=True, timeout=60
            )
        process = subprocess.Popen(
            last, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _await_listening(base, process, log)
        yield base
    except BaseException:
        print(log.read_text(errors="replace"))
        raise
    finally:
        process.terminate()
        process.wait(10)


def _await_listening(base: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        assert process.poll() is None, log.read_text(errors="replace")
        assert time.monotonic() < deadline, log.read_text(errors="replace")
        try:
            requests.get(base, timeout=5)
            return
        except requests.RequestException:
            time.sleep(0.1)


@pytest.fixture(scope="module", params=[*FLASK, DJANGO, *NODE])
def base(
    http_product: Product,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The address of one application after the other, each started once."""
    with started(http_product, request.param, tmp_path_factory.mktemp("application")) as address:
        yield address


def test_somebody_signs_in_and_out(http_product: Product, base: str) -> None:
    account = http_product.account(USERNAME)
    agent = http_product.browser()
    page = agent.enter(f"{base}/login", account)
    assert page.url.rstrip("/") == base, f"{page.status_code} {page.url}\n{page.text[:1500]}"
    assert page.json()["name"] == account.full_name
    assert page.json()["sub"] not in ("", USERNAME)

    page = agent.open(f"{base}/logout")
    assert (page.status_code, page.url) == (200, f"{base}/"), page.text[:1500]
    assert not page.json().get("sub"), "its own session is over"
    page = agent.open(f"{base}/login")
    assert any(form.name_of("password") for form in read_forms(page.text)), "ours is over too"


def test_an_answer_to_another_browser_lets_nobody_in(http_product: Product, base: str) -> None:
    """`state` is compared (RFC 6749 section 10.12), and PKCE is used: what the page shows is safe
    to copy."""
    victim, attacker = http_product.browser(), http_product.browser()
    account = http_product.account(USERNAME)
    answer = next_url(attacker.enter(f"{base}/login", account, until=base))
    assert "code=" in answer
    victim.open(f"{base}/login")  # an attempt of its own, still open
    victim.open(answer)
    assert not victim.open(f"{base}/").json().get("sub")


def test_apache(http_product: Product, tmp_path: Path) -> None:
    port = find_free_block()
    base = f"http://{APACHE_HOST}:{port}"
    environment = prepared(http_product, APACHE, base, tmp_path)
    module = (tmp_path / "openidc.conf").read_text(encoding="utf-8")
    account = http_product.account(USERNAME)
    agent = http_product.browser()
    with apache.running_apache(http_product, port, module, environment) as site:
        page = agent.enter(f"{base}/app", account)
        assert page.status_code == 200, site.log_tail()
        told = dict(line.split("=", 1) for line in page.text.splitlines() if "=" in line)
        assert told["OIDC_CLAIM_name"] == account.full_name
        back = f"{base}/signed-out"
        page = agent.open(f"{base}/oidc/callback?logout={quote(back, safe='')}")
        assert (page.status_code, page.url) == (200, back), site.log_tail()
        page = agent.open(f"{base}/app")
        assert any(form.name_of("password") for form in read_forms(page.text))
