"""The command line as scripts use it: JSON on stdout, one sentence on stderr, exit codes."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from directory.audit.reading import list_events
from directory.catalogue.facts import IN_LDAP
from directory.ldap.bind import BindResult
from directory.people.credentials import check_password
from tests.support.command_line import ADD_MAI, CommandLine, danhmuc
from tests.support.installation import opened
from tests.support.made_once import make_keys

__all__ = ["danhmuc"]

ROOT = Path(__file__).parents[2]
PASSWORD = "mot-mat-khau-du-dai-2013"


def test_a_story_from_an_empty_catalogue(danhmuc: CommandLine) -> None:
    danhmuc.json(
        *("agency", "add", "--code", "STTTT", "--name", "Sở Thông tin và Truyền thông"),
        *("--type", "department"),
    )
    danhmuc.json(
        *("agency", "add", "--name", "Văn phòng", "--kind", "unit", "--parent", "STTTT"),
    )
    added = danhmuc.json(
        *("person", "add", "--username", "hanhntn", "--full-name", "Nguyễn Thị Ngọc Hạnh"),
        *("--agency", "sttTT", "--unit", "văn phòng", "--title", "Văn thư"),
        *("--mail", "hanhntn@binhduong.gov.vn", "--password-stdin"),
        stdin=PASSWORD + "\n",
    )
    assert set(added) == {"id", "username"}
    shown = danhmuc.json("person", "show", "HANHNTN@binhduong.gov.vn")
    assert shown["id"] == added["id"]
    assert shown["posts"][0]["unit"] == "Văn phòng"
    listed = danhmuc.json("person", "list", "--agency", "STTTT", "--query", "hanh ngoc")
    assert (listed["total"], [p["username"] for p in listed["people"]]) == (1, ["hanhntn"])

    client = danhmuc.json(
        *("client", "add", "--name", "Lịch", "--redirect-uri", "https://lich.example.vn/cb"),
        *("--client-id", "lich", "--role"),
    )
    assert client["client_id"] == "lich"
    assert len(client["client_secret"]) >= 43
    danhmuc.json("role", "add", "lich:nguoi_lap", "--title", "Người lập lịch")
    grant = danhmuc.json(
        *("grant", "add", "--person", "hanhntn", "--role", "lich:nguoi_lap", "--agency", "STTTT"),
        *("--reason", "QĐ 12"),
    )
    grants = danhmuc.json("grant", "list", "--person", "hanhntn")["grants"]
    assert [g["id"] for g in grants] == [grant["id"]]
    danhmuc.json("grant", "revoke", grant["id"], "--reason", "thôi nhiệm vụ")
    assert danhmuc.json("grant", "list", "--person", "hanhntn")["grants"] == []

    assert danhmuc.json("person", "suspend", "hanhntn", "--reason", "nghỉ")["status"] == "suspended"
    assert danhmuc.json("person", "resume", "hanhntn", "--reason", "về")["status"] == "active"
    danhmuc.json("person", "unlock", "hanhntn")
    moved = danhmuc.json("person", "move", "hanhntn", "--agency", "STTTT", "--title", "Chuyên viên")
    assert moved["post"]["title"] == "Chuyên viên"
    assert danhmuc.json("person", "retire", "hanhntn", "--reason", "nghỉ hưu")["status"] == "left"

    told = danhmuc.run("audit", "tail", "-n", "50", "--lang", "en").stdout
    login = pwd.getpwuid(os.getuid()).pw_name
    for words in (
        f"Operator of the server ({login}) added Nguyễn Thị Ngọc Hạnh (hanhntn)",
        "set a password for Nguyễn Thị Ngọc Hạnh, whose account is active now",
        "granted role Người lập lịch of Lịch to Nguyễn Thị Ngọc Hạnh in Sở Thông tin và Truyền "
        "thông",
        "retired Nguyễn Thị Ngọc Hạnh: nghỉ hưu",
    ):
        assert words in told
    assert PASSWORD not in told


def test_every_fact_is_given_changed_and_told(danhmuc: CommandLine) -> None:
    danhmuc.json("agency", "add", "--code", "STC", "--name", "Sở Tài chính")
    first: dict[str, Any] = {"username": "facts", "full_name": "Lê Thị Đủ"}
    second: dict[str, Any] = {"username": "facts2", "full_name": "Lê Thị Đủ Hai"}
    # What is fixed is never changed, and has tests of its own.
    changed = [fact for fact in IN_LDAP if not fact.fixed]
    for fact in changed:
        one, two = {
            "choice": (*fact.choices, "")[:2] if fact.choices else (),
            "number": (7, 8),
            "mail": ("du@x.vn", "du2@x.vn"),
            "phone": ("0274 7", "0274 8"),
        }.get(fact.kind, ("Chữ", "Chữ hai"))
        first.setdefault(fact.name, one)
        second.setdefault(fact.name, two)

    def options(facts: dict[str, Any]) -> list[str]:
        return [f"--{name.replace('_', '-')}={value}" for name, value in facts.items()]

    danhmuc.json("person", "add", "--agency", "STC", *options(first))
    shown = danhmuc.json("person", "show", "facts")
    assert {name: shown[name] for name in first} == first
    done = danhmuc.json("person", "update", "facts", *options(second))
    assert (done["username"], sorted(done["changed"])) == ("facts2", sorted(second))
    shown = danhmuc.json("person", "show", "facts2")
    assert {name: shown[name] for name in second} == second
    (listed,) = danhmuc.json("person", "list", "--query", "facts2")["people"]
    assert {f.name: listed[f.name] for f in changed if f.listed} == {
        f.name: second[f.name] for f in changed if f.listed
    }
    text = danhmuc.run("person", "show", "facts2").stdout
    assert all(str(second[fact.name]) in text for fact in changed if fact.page)
    assert danhmuc.json("person", "update", "facts2", "--phone", "")["changed"] == ["phone"]
    assert danhmuc.json("person", "show", "facts2")["phone"] is None


def test_the_password_given_at_adding_works_at_once(danhmuc: CommandLine) -> None:
    added = danhmuc.json(
        *(*ADD_MAI, "--username", "maiyt", "--password-stdin"), stdin=PASSWORD + "\n"
    )
    with opened(danhmuc.settings, "idp") as installation:
        assert check_password(installation, added["id"], PASSWORD) is BindResult.ACCEPTED
        assert check_password(installation, added["id"], PASSWORD + "x") is BindResult.REJECTED


def test_refusals_are_one_sentence_and_change_nothing(danhmuc: CommandLine) -> None:
    add = ("person", "add", "--full-name", "Lê Anh", "--agency", "SYT", "--username")
    assert "15 characters" in danhmuc.refused(*add, "anhl", "--password-stdin", stdin="ngan\n")
    assert danhmuc.json("person", "list", "--query", "anhl")["total"] == 0
    assert "no such agency" in danhmuc.refused(*add[:-3], "--agency", "NOPE", "--username", "x1")
    assert "username" in danhmuc.refused(*add, "Lê Anh")
    assert "no such person" in danhmuc.refused("person", "show", "nobody")
    unknown = ("grant", "add", "--person", "bsmai", "--role", "no:role", "--agency", "SYT")
    assert "no role" in danhmuc.refused(*unknown, "--reason", "x")
    assert "redirect_uri" in danhmuc.refused(
        "client", "add", "--name", "x", "--redirect-uri", "javascript:alert(1)"
    )
    assert "cannot be read" in danhmuc.refused("client", "import", "-", stdin="{not json")


def test_the_program_itself_ends_with_the_same_codes(danhmuc: CommandLine) -> None:
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    environ["DANHMUC_STATE"] = str(danhmuc.state)
    program = [sys.executable, "-W", "ignore", "-m", "admin_ui.cli"]
    for argv, code in ((("agency", "list", "--json"), 0), (("person", "show", "nobody"), 1)):
        done = subprocess.run([*program, *argv], capture_output=True, env=environ, check=False)
        assert done.returncode == code
        assert b"Traceback" not in done.stderr


def test_wrong_usage_is_exit_2(danhmuc: CommandLine) -> None:
    assert danhmuc.run("person", "add").returncode == 2
    assert danhmuc.run("no-such-command").returncode == 2
    both = ("grant", "add", "--person", "a", "--post", "b", "--role", "r:r", "--agency", "SYT")
    assert danhmuc.run(*both, "--reason", "x").returncode == 2


def test_import_is_all_or_nothing_and_keeps_ids_and_secrets(
    danhmuc: CommandLine, tmp_path: Path
) -> None:
    secret = "s" * 43
    good = {
        "client_id": "kept",
        "client_secret": secret,
        "client_name": "Kept",
        "redirect_uris": ["https://kept.example.vn/cb"],
        "scope": "openid profile unknown_scope",
    }
    file = tmp_path / "clients.json"
    file.write_text(json.dumps([good, {"client_name": "Bad", "redirect_uris": ["ftp://x"]}]))
    danhmuc.refused("client", "import", str(file))
    assert "kept" not in {c["client_id"] for c in danhmuc.json("client", "list")["clients"]}
    file.write_text(json.dumps([good]))
    done = danhmuc.run("client", "import", str(file), "--json")
    assert done.returncode == 0
    assert "unknown_scope" in done.stderr
    imported = json.loads(done.stdout)["clients"][0]
    assert (imported["client_id"], imported["client_secret"]) == ("kept", secret)
    assert imported["scope"] == "openid profile"


def test_keys_rotate_and_are_told(danhmuc: CommandLine) -> None:
    with opened(danhmuc.settings) as installation:
        make_keys(installation)
    before = {k["kid"]: k["status"] for k in danhmuc.json("key", "list")["keys"]}
    refused = danhmuc.refused("key", "rotate")
    assert "--force" in refused and "published only since" in refused
    assert before == {k["kid"]: k["status"] for k in danhmuc.json("key", "list")["keys"]}
    rotated = danhmuc.json("key", "rotate", "--force")
    assert before[rotated["kid"]] == "next"
    danhmuc.json("key", "revoke", rotated["kid"], "--reason", "thử")
    after = {k["kid"]: k["status"] for k in danhmuc.json("key", "list")["keys"]}
    assert after[rotated["kid"]] == "revoked"
    with installation.database.read() as tx:
        kinds = [event.kind for event in list_events(tx, kind="key.")]
    assert {"key.created", "key.rotated", "key.revoked"} <= set(kinds)
    installation.close_connections()


@pytest.mark.parametrize("kid", ["-oops", "-61VgSeiBousA9CdldkPGnJ3BHZShStq", "-h1"])
def test_a_kid_that_begins_with_a_dash_is_a_kid(danhmuc: CommandLine, kid: str) -> None:
    assert f"no signing key {kid}" in danhmuc.refused("key", "revoke", kid, "--reason", "x")


def test_a_folder_that_is_no_installation_is_said(tmp_path: Path) -> None:
    assert "not initialised" in CommandLine(tmp_path).refused("person", "list")


def test_doctor_and_check_config(danhmuc: CommandLine) -> None:
    report = danhmuc.run("doctor", "--json")
    findings = {f["part"]: f["ok"] for f in json.loads(report.stdout)["findings"]}
    assert findings["LDAP"]
    assert findings["SQL store"]
    assert danhmuc.json("check-config")["DANHMUC_ISSUER"] == "http://localhost:8400"
