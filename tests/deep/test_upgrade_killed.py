"""An installation that the first version built and filled is started by this one, and nobody loses
anything: roles, sessions, applications, and the way back.

The old version is taken from the history of the repository.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.browser import Browser, read_forms
from tests.support.installation import short_folder
from tests.support.ports import find_free_block
from tests.support.product import (
    REPOSITORY,
    Account,
    Product,
    start_product,
    stop_product,
)

pytestmark = [
    pytest.mark.deep,
    pytest.mark.only_on_sqlite("the first version is started as people start it"),
]

FIRST_VERSION = "babbec0a679d4e34427cd7fff211b08f0092997d"
PEOPLE = 500
SUSPENDED = 6
_PASSWORD = "song-dao-bien-nui-4471"
_API = "https://api.kho.example.gov.vn"
# Run by both versions, each with its own code.
_ROLES = """
import json, os
from sqlalchemy import select
from directory.authz.roles import roles_of
from directory.authz.tables import application
from directory.clock import today
from directory.database.engine import Database
from directory.projection.tables import catalogue_person
from directory.settings import read_settings
database, found = Database(read_settings(os.environ).database_url), {}
with database.read() as tx:
    for person in sorted(tx.execute(select(catalogue_person.c.id)).scalars()):
        for app in sorted(tx.execute(select(application.c.id)).scalars()):
            held = roles_of(tx, person, app, today().isoformat())
            found[f"{person} {app}"] = sorted(f"{h.role} {h.agency_code} {h.field}" for h in held)
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Old:
    """A stopped installation of the first version, and what was true in it."""

    folder: Path
    port: int
    roles: dict[str, list[str]]
    people: dict[str, str]
    suspended: list[str]
    agent: Browser


@pytest.fixture
def old() -> Iterator[Old]:
    with short_folder() as folder:
        version = _first_version(folder)
        port = find_free_block()
        with _started(folder, port, checkout=version) as product:
            filled = _fill(product)
        yield replace(filled, folder=folder, port=port)


def _first_version(folder: Path) -> Path:
    target = folder / "first"
    target.mkdir()
    archive = subprocess.run(
        ["git", "archive", FIRST_VERSION], cwd=REPOSITORY, capture_output=True, check=True
    )
    subprocess.run(["tar", "x", "-C", target], input=archive.stdout, check=True)
    return target


@contextmanager
def _started(folder: Path, port: int, **more: Any) -> Iterator[Product]:
    product, process = start_product(folder, port, people=PEOPLE, **more)
    try:
        yield product
    finally:
        stop_product(product, process)


def _fill(product: Product) -> Old:
    """Grants of each kind, suspended people, an API that introspects, a session."""
    people = product.danhmuc_json("person", "list", "--limit", "500")["people"]
    usual = [each["username"] for each in people if each["status"] == "active"]
    suspended = usual[10 : 10 + SUSPENDED]
    for username in suspended:
        product.danhmuc("person", "set-password", username, "--password-stdin", stdin=_PASSWORD)
        product.danhmuc("person", "suspend", username, "--reason", "kiểm tra")
    for username in (*usual[30:34], suspended[0]):
        product.danhmuc(
            *("grant", "add", "--person", username, "--role", "quan-ly-van-ban:chuyen_vien"),
            *("--agency", "STTTT", "--until", "2099-12-31", "--reason", "thử"),
        )
    product.danhmuc(
        *("grant", "add", "--position", "Văn thư", "--unit", "Văn phòng"),
        *("--role", "mot-cua-dien-tu:giam_sat", "--agency", "STTTT", "--reason", "thử"),
    )
    product.import_clients(
        [
            {"client_id": _API, "client_name": "Kho", "grant_types": ["client_credentials"],
             "token_endpoint_auth_method": "client_secret_basic", "redirect_uris": []},
            {"client_id": "kho-khach", "client_name": "Khách", "resources": [_API],
             "redirect_uris": ["https://khach.example.gov.vn/cb"]},
        ]
    )  # fmt: skip
    agent = product.browser()
    page = agent.enter(f"{product.document_url}/dang-nhap", product.account("vanthu.stttt"))
    assert "Hạnh" in page.text
    statuses = product.danhmuc_json("person", "list", "--limit", "500")["people"]
    return Old(
        folder=product.state,
        port=product.port,
        roles=_roles(product),
        people={each["id"]: each["status"] for each in statuses},
        suspended=suspended,
        agent=agent,
    )


def _roles(product: Product) -> dict[str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", _ROLES],
        cwd=product.checkout,
        env=product.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def test_nobody_loses_anything(old: Old) -> None:
    (old.folder / "up.log").unlink()
    with _started(old.folder, old.port) as product:
        _look_at_everything(product, old)
    said = (old.folder / "up.log").read_text()
    assert "positions were made of titles; nobody gained or lost a role" in said
    (named,) = [line for line in said.splitlines() if "Backed up before the upgrade: " in line]
    assert Path(named.partition(": ")[2]).is_file()


def test_killed_in_the_middle_the_next_start_goes_on(old: Old) -> None:
    """Ever later moments, until a start has upgraded everything before it is killed."""
    wait, kills = 0.3, 0
    while not _has_upgraded(old, wait):
        wait, kills = wait * 1.3, kills + 1
        assert kills < 20, (old.folder / "up.log").read_text()
    assert kills >= 3
    with _started(old.folder, old.port) as product:
        _look_at_everything(product, old)
    named = [line.partition("upgrade: ")[2] for line in
             (old.folder / "up.log").read_text().splitlines()
             if line.startswith("Backed up before the upgrade: ")]  # fmt: skip
    assert named
    assert Path(named[-1]).is_file()


def _has_upgraded(old: Old, seconds: float) -> bool:
    """Start and kill after so many seconds; whether all was done by then."""
    log = old.folder / "up.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "admin_ui.cli", "up"],
            cwd=REPOSITORY,
            env=_environment(old),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    time.sleep(seconds)
    assert process.poll() is None, log.read_text()
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return "positions were made of titles" in log.read_text()


def _environment(old: Old) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("DANHMUC_")}
    ours = {"DANHMUC_STATE": str(old.folder / "state"), "DANHMUC_PORT": str(old.port)}
    return kept | ours | {"PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"}


def _look_at_everything(product: Product, old: Old) -> None:
    _await_steps(product)
    found = product.danhmuc_json("doctor")
    assert found["ok"], found
    assert _roles(product) == old.roles
    listed = product.danhmuc_json("person", "list", "--limit", "500")["people"]
    assert {each["id"]: each["status"] for each in listed} == old.people
    compared = product.danhmuc_json("catalogue", "reconcile", "--dry-run")
    assert not any(value for name, value in compared.items() if name != "entries"), compared
    assert "kho-khach" in product.danhmuc("client", "list").stdout
    assert _API in product.danhmuc("resource", "list").stdout
    _sign_in_everywhere(product, old)


def _await_steps(product: Product) -> None:
    """What the worker does after a start: entries are brought to this version."""
    deadline = time.monotonic() + 180  # of a machine that does other things too
    while True:
        found = json.loads(product.danhmuc("doctor", "--json", check=False).stdout)
        says = {each["part"]: each["says"] for each in found["findings"]}
        if found["ok"] and says["upgrade of entries"] == "all are of this version":
            return
        assert time.monotonic() < deadline, found
        time.sleep(0.5)


def _sign_in_everywhere(product: Product, old: Old) -> None:
    page = old.agent.open(f"{product.one_stop_url}/dang-nhap")
    assert "Hạnh" in page.text
    page = old.agent.open(f"{product.document_url}/van-ban")
    assert "Hạnh" in page.text
    assert not any(form.name_of("password") for form in read_forms(page.text)), "asked again"
    page = product.browser().enter(product.console_url, product.account("quantri.stttt"))
    assert page.url.startswith(product.issuer) and "hai lớp" in page.text  # a second factor first
    one_stop = product.browser().enter(
        f"{product.one_stop_url}/dang-nhap", product.account("chuyenvien.stttt")
    )
    assert "Lê Minh Khoa" in one_stop.text
    for username in old.suspended:
        account = Account(username, _PASSWORD, "")
        page = product.browser().enter(f"{product.document_url}/dang-nhap", account)
        assert "Tài khoản đang tạm khóa" in page.text
