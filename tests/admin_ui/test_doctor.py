"""Doctor says what is wrong with each part, and nothing is ok while people cannot sign in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Executable, delete, insert, update

from admin_ui.components import COMPONENTS, REGISTRATION
from admin_ui.operations.doctor import Finding, examine, warnings_of
from admin_ui.operations.supervisor.tls import ensure_certificates
from directory import clock
from directory.actor import system
from directory.audit.log import record
from directory.audit.tables import audit_event
from directory.identity import find_identity, identity_path, write_identity
from directory.installation import Installation
from directory.settings import Settings, read_settings
from idp.clients.service import add_client
from sync.feed.events import FEED_RELEASED
from sync.feed.polling import poll
from sync.feed.tables import feed_brake, feed_state
from tests.support.installation import OPERATOR, prepare, short_folder, started
from tests.support.postgres import sql_store

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with short_folder() as folder, sql_store(migrated=False) as store:
        settings = read_settings({"DANHMUC_STATE": str(folder / "state"), **store})
        prepare(settings)
        with started(settings) as found:
            poll(found)
            yield found


@pytest.fixture
def awake(installation: Installation) -> Installation:
    poll(installation)  # its lease runs for seconds only
    return installation


def _part(settings: Settings, part: str) -> Finding:
    (found,) = [each for each in examine(settings, COMPONENTS) if each.part == part]
    return found


def test_what_is_well_is_ok(awake: Installation) -> None:
    findings = examine(awake.settings, COMPONENTS)
    # No worker runs here.
    silent = {"worker", "feed"}
    assert [each for each in findings if not each.ok and each.part not in silent] == []
    parts = {each.part for each in findings}
    assert parts >= {
        "disk",
        "clock",
        "identity",
        "LDAP schema",
        "feed",
        "worker",
        "keys and certificates",
    }


def _sql(installation: Installation, statement: Executable) -> None:
    with installation.database.write() as tx:
        tx.execute(statement)


def _brake(installation: Installation) -> None:
    _sql(installation, insert(feed_brake).values(name="catalogue", since=1, lost=2, accounts=3))


def _old_sweep(installation: Installation) -> None:
    _sql(installation, update(feed_state).values(swept_at=clock.now_ms() - 3 * clock.DAY))


def _tomorrow(installation: Installation) -> None:
    with installation.database.write() as tx:
        record(tx, FEED_RELEASED, system("test"), reason="accepted_deletions")
        tx.execute(update(audit_event).values(at=clock.now_ms() + clock.DAY))


def _other_owner(installation: Installation) -> None:
    known = find_identity(installation.settings.state)
    assert known is not None
    write_identity(installation.settings.state, replace(known, id="0" * 36))


def _unreachable_client(installation: Installation) -> None:
    add_client(installation, OPERATOR, REGISTRATION, {
        "client_name": "Lịch", "redirect_uris": ["https://10.20.30.40/cb"],
        "backchannel_logout_uri": "https://10.20.30.40/out",
    })  # fmt: skip


@pytest.mark.parametrize(
    ("part", "spoil", "mend", "said"),
    [
        ("feed brake", _brake, delete(feed_brake), "catalogue brake"),
        ("feed brake", _old_sweep, update(feed_state).values(swept_at=clock.now_ms()), "worker"),
        ("clock", _tomorrow, update(audit_event).values(at=1), "future"),
        ("sign-out addresses", _unreachable_client, None, "OUTBOUND_ALLOW"),
    ],
)
def test_what_is_wrong_is_told(
    awake: Installation,
    part: str,
    spoil: Callable[[Installation], None],
    mend: Executable | None,
    said: str,
) -> None:
    assert _part(awake.settings, part).ok
    spoil(awake)
    found = _part(awake.settings, part)
    if mend is not None:
        _sql(awake, mend)
    assert not found.ok, found
    assert re.search(said, found.says)


def test_a_store_of_somebody_else_is_told(awake: Installation) -> None:
    kept = identity_path(awake.settings.state).read_text()
    _other_owner(awake)
    found = _part(awake.settings, "identity")
    identity_path(awake.settings.state).write_text(kept)
    assert not found.ok
    assert "another installation" in found.says


def test_a_schema_that_lacks_a_name_is_told(
    awake: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from directory.ldap.schema import Step

    more = Step("danhmuc-9999", {"olcAttributeTypes": ["( dmAttribute:999 NAME 'dmNew' )"]})
    monkeypatch.setattr("admin_ui.operations.checks.schema_steps", lambda _arc: (more,))
    found = _part(awake.settings, "LDAP schema")
    assert not found.ok
    assert "dmNew" in found.says


def test_a_certificate_that_ends_is_told(
    awake: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(awake.settings, issuer=f"https://localhost:{awake.settings.port}")
    ensure_certificates(settings.tls_dir)
    foreign, gone = awake.settings.state / "proxy.pem", awake.settings.state / "gone.pem"
    foreign.write_bytes((settings.tls_dir / "server.pem").read_bytes())
    settings = replace(settings, proxy_certificate=foreign)
    assert _part(settings, "keys and certificates").ok
    later = clock.now_ms() + 360 * clock.DAY
    monkeypatch.setattr("directory.expiries.due.now_ms", lambda: later)
    found = _part(settings, "keys and certificates")
    assert not found.ok
    for told in ("Signing key ES256", "HTTPS certificate of the proxy (proxy.pem) until"):
        assert told in found.says
    assert "danhmuc key rotate --alg RS256" in found.says
    assert "seals stored values" not in found.says
    unread = _part(replace(settings, proxy_certificate=gone), "keys and certificates")
    assert "(gone.pem) cannot be read" in unread.says


def test_the_demos_names_are_warned_of_elsewhere(tmp_path: Path) -> None:
    given = {"DANHMUC_STATE": str(tmp_path)}
    said = warnings_of(read_settings(given))
    assert len(said) == 3
    # A start refuses these two once the folder was built for others.
    assert [("another DANHMUC_STATE" in each) for each in said] == [True, True, False]
    own = {
        "DANHMUC_PROVINCE": "tỉnh A",
        "DANHMUC_MAIL_DOMAIN": "a.vn",
        "DANHMUC_OPERATOR_PHONE": "1",
    }
    assert warnings_of(read_settings({**given, **own})) == []
    wide = {"DANHMUC_TRUSTED_PROXIES": "10.0.0.0/8", "DANHMUC_OUTBOUND_ALLOW": "0.0.0.0/0:443"}
    assert len(warnings_of(read_settings({**given, **own, **wide}))) == 2
    (tmp_path / "demo").touch()
    assert warnings_of(read_settings(given)) == []


def test_check_config_names_what_the_page_names(installation: Installation) -> None:
    import json
    import os
    import subprocess
    import sys

    plain = {k: v for k, v in os.environ.items() if not k.startswith("DANHMUC_")}
    done = subprocess.run(
        [sys.executable, "-m", "admin_ui.cli", "check-config", "--json"],
        env=plain | {"DANHMUC_STATE": str(installation.settings.state), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    document = json.loads(done.stdout)
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    assert document.keys() - {"warnings"} == set(re.findall(r"^\| `(DANHMUC_[A-Z_]+)`", page, re.M))
    assert document["DANHMUC_PORT"] == 8400
    assert document["DANHMUC_LDAP_URI"] == []
    assert document["DANHMUC_LDAP_CA_FILE"] is None
