"""Imports that must not be, each planted once: the rules find every one of them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

pytestmark = pytest.mark.without_sql

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("directory", "web", "idp", "sync", "admin_ui")

# module that gets the import, what it imports
PLANTED = (
    ("directory/catalogue/value.py", "import ldap3"),
    ("directory/outbound/policy.py", "import ldap3"),
    ("directory/clock.py", "import web.urls"),
    ("directory/text.py", "import flask"),
    ("directory/projection/search.py", "import directory.people.service"),
    ("web/urls.py", "import idp.oidc.claims"),
    ("web/state.py", "import web.pages"),
    ("web/headers.py", "import sync.feed.state"),
    ("idp/sessions/store.py", "import joserfc"),
    ("idp/throttle/store.py", "import sync.feed.state"),
    ("idp/flows/store.py", "import admin_ui.operations.doctor"),
    ("idp/flows/step.py", "import idp.factors.password.step"),
    ("idp/factors/password/step.py", "import idp.journeys.dispatch"),
    ("idp/factors/password/pages.py", "import idp.oidc.claims"),
    ("idp/sessions/store.py", "import idp.flows.store"),
    ("sync/feed/state.py", "import idp.sessions.store"),
    ("sync/feed/brake.py", "import flask"),
    ("sync/retention.py", "import urllib3"),
    ("admin_ui/operations/doctor.py", "import ldap3"),
    ("admin_ui/operations/doctor.py", "import flask"),
    ("admin_ui/operations/initialise.py", "import admin_ui.cli.main"),
    ("admin_ui/console/views/people.py", "import admin_ui.operations.doctor"),
    ("admin_ui/operations/backup/create.py", "import authlib.oauth2"),
    ("admin_ui/operations/backup/swap.py", "import admin_ui.operations.initialise"),
    ("admin_ui/operations/initialise.py", "import admin_ui.operations.supervisor.run"),
)

# What a view of the console may use of ours: handles, what is asked and shown, words.
WITHIN_REACH_OF_VIEWS = (
    "admin_ui.console",
    "web",
    "directory.access.bulk",
    "directory.access.code_list_sheet",
    "directory.access.code_lists",
    "directory.access.explained",
    "directory.access.giving",
    "directory.access.handles",
    "directory.access.listing",
    "directory.access.positions",
    "directory.access.privileged",
    "directory.access.sheet",
    "directory.audit.acts",
    "directory.audit.event",
    "directory.audit.kinds",
    "directory.audit.sentences",
    "directory.authz.code_lists",
    "directory.authz.codes",
    "directory.authz.grant_lists",
    "directory.authz.position_lists",
    "directory.authz.roles",
    "directory.catalogue.facts",
    "directory.clock",
    "directory.errors",
    "directory.ids",
    "directory.people.absence_handles",
    "directory.people.handles",
    "directory.people.listing",
    "directory.requests.handles",
    "directory.requests.list_file",
    "directory.requests.register",
    "directory.text",
    "idp.applications.handles",
    "idp.factor_policy.handles",
    "idp.factors.certificate.handles",
    "idp.logout.handles",
    "idp.spray.handles",
    "idp.applications.kinds",
    "idp.applications.listing",
    "idp.slips.handles",
    "sync.engine.account_listing",
    "sync.engine.definition_handles",
    "sync.engine.handles",
    "sync.engine.list_files",
    "sync.engine.listing",
)


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the rules say of a copy of the sources with every forbidden import in it."""
    copy = tmp_path_factory.mktemp("planted")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=_everything_but_sources)
    for path, line in PLANTED:
        with (copy / path).open("a", encoding="utf-8") as module:
            module.write(f"\n{line}\n")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def _everything_but_sources(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if not name.endswith(".py") and not Path(folder, name).is_dir()}


@pytest.mark.parametrize(("path", "line"), PLANTED)
def test_a_forbidden_import_is_found(refused: str, path: str, line: str) -> None:
    module = path.removesuffix(".py").replace("/", ".")
    imported = line.removeprefix("import ")
    package = imported.partition(".")[0]
    wanted = imported if package in PACKAGES else package
    assert f"{module} -> {wanted}" in refused


def test_a_view_uses_handles_and_words_only() -> None:
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    views = graph.find_descendants("admin_ui.console.views") | {"admin_ui.console.views"}
    used = {name for view in views for name in graph.find_modules_directly_imported_by(view)}
    # Codes with their sentences, and names of what may be done.
    declared = {name for name in used if name.endswith((".errors", ".permissions"))}
    beyond = [n for n in sorted(used - declared) if not n.startswith(WITHIN_REACH_OF_VIEWS)]
    assert beyond == []


def test_what_has_no_pages_loads_no_web_framework() -> None:
    """The command line and the worker: half of a second that a person or a script would wait."""
    begin = "import sys, admin_ui.cli.people, admin_ui.entries.worker; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", begin], cwd=ROOT, capture_output=True, text=True, check=True
    )
    frameworks = {"flask", "werkzeug", "jinja2", "authlib", "wtforms", "babel", "sqlalchemy.orm"}
    assert frameworks.intersection(done.stdout.split()) == set()
