"""Second factors at the command line: seen, taken away, set up, and codes of a demo."""

from __future__ import annotations

import pytest

from directory.audit.reading import list_events
from directory.projection import queries
from directory.settings import Settings
from idp.factors.totp import store
from tests.support.command_line import ADD_MAI, CommandLine, danhmuc
from tests.support.installation import opened
from tests.support.second_factor import code_now, whole_step

__all__ = ["danhmuc", "whole_step"]


@pytest.fixture
def mai(danhmuc: CommandLine, request: pytest.FixtureRequest) -> str:
    name = f"mai.{len(request.node.name)}.{request.node.name[-6:-1].strip('[]x_').lower()}"
    assert danhmuc.run(*ADD_MAI, "--username", name).returncode == 0
    return name


def test_what_somebody_has_is_shown_and_taken_away(danhmuc: CommandLine, mai: str) -> None:
    assert danhmuc.json("mfa", "show", mai)["factors"] == []
    assert "has no second factor" in danhmuc.run("mfa", "show", mai).stdout
    given = danhmuc.json("mfa", "enrol-totp", mai, "--name", "Điện thoại của Mai")
    assert given["uri"].startswith("otpauth://totp/") and given["secret"] in given["uri"]
    (held,) = danhmuc.json("mfa", "show", mai)["factors"]
    assert (held["kind"], held["name"], held["last_used_at"]) == (
        "totp",
        "Điện thoại của Mai",
        None,
    )
    assert given["secret"] not in danhmuc.run("mfa", "show", mai).stdout
    assert danhmuc.run("mfa", "reset", mai).returncode == 2  # nobody resets without a reason
    before = _valid_after(danhmuc, mai)
    assert danhmuc.json("mfa", "reset", mai, "--reason", "mất máy")["removed"] == 1
    assert _valid_after(danhmuc, mai) > before  # signed out everywhere
    assert danhmuc.json("mfa", "show", mai)["factors"] == []
    again = danhmuc.run("mfa", "reset", mai, "--reason", "mất máy")
    assert (again.returncode, "nothing was changed" in again.stdout) == (0, True)
    with opened(danhmuc.settings) as installation, installation.database.read() as tx:
        added, reset = list_events(tx, kind="totp.added"), list_events(tx, kind="factors.reset")
    assert added[0].fields["name"] == "Điện thoại của Mai"
    assert (reset[0].fields["count"], reset[0].fields["reason"]) == (1, "mất máy")
    assert reset[0].actor.startswith("os:") and given["secret"] not in str(added[0].fields)


def _valid_after(danhmuc: CommandLine, name: str) -> int:
    with opened(danhmuc.settings) as installation, installation.database.read() as tx:
        person = queries.find_person_by_login(tx, name)
        assert person is not None
        standing = queries.person_status(tx, person.id)
    assert standing is not None
    return standing.sessions_valid_after


def test_only_a_demo_shows_codes(
    danhmuc: CommandLine, mai: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = danhmuc.json("mfa", "enrol-totp", mai)
    refused = danhmuc.run("mfa", "code", mai)
    assert refused.returncode == 1 and "Only a demo" in refused.stderr
    monkeypatch.setattr(Settings, "demo", True)
    shown = danhmuc.json("mfa", "code", mai)
    assert shown["code"] in {code_now(given["secret"]), code_now(given["secret"], -1)}
    with opened(danhmuc.settings) as installation, installation.database.write() as tx:
        person = queries.find_person_by_login(tx, mai)
        assert person is not None
        assert store.take(tx, installation.keyring, person.id, shown["code"]).is_right
    assert danhmuc.json("mfa", "code", mai)["code"] != shown["code"]
    assert danhmuc.json("mfa", "reset", mai, "--reason", "thử")["removed"] == 1
    assert "no authenticator application" in danhmuc.refused("mfa", "code", mai)


@pytest.mark.parametrize("name", ["", "x" * 61])
def test_a_name_is_short(danhmuc: CommandLine, mai: str, name: str) -> None:
    refused = danhmuc.run("mfa", "enrol-totp", mai, "--name", name)
    assert refused.returncode == 1 and "1 to 60 characters" in refused.stderr


def test_nobody_is_nobody(danhmuc: CommandLine) -> None:
    for words in (("show", "khong-ai"), ("reset", "khong-ai", "--reason", "x")):
        assert danhmuc.run("mfa", *words).returncode == 1
