"""danhmuc client and resource: as people read them and as scripts do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from idp.clients.snippets import STACKS
from tests.support.command_line import CommandLine

# What only a programmer reads: never in a text for people.
PYTHON_WORDS = re.compile(r"\bNone\b|\bTrue\b|\bFalse\b|\[\]|\['|\{'|dict_|<object")
FULL = (
    "client", "add", "--name", "Lịch công tác",
    "--redirect-uri", "https://lich.example.vn/cb",
    "--redirect-uri", "https://lich.example.vn/cb2",
    "--post-logout-redirect-uri", "https://lich.example.vn/",
    "--client-uri", "https://lich.example.vn/",
    "--contact", "Nguyễn Văn An, 0274 000 111",
    "--owner", "SYT", "--description", "Lịch làm việc của lãnh đạo",
    "--id-token-alg", "RS256", "--agency", "SYT",
)  # fmt: skip


@pytest.fixture(scope="module")
def full(danhmuc: CommandLine) -> dict[str, object]:
    return dict(danhmuc.json(*FULL))


def test_add_says_all_that_a_developer_needs(danhmuc: CommandLine) -> None:
    done = danhmuc.run(*FULL)
    assert done.returncode == 0, done.stderr
    for label in ("issuer", "discovery", "client_id", "client_secret", "authentication"):
        assert re.search(rf"^  {label} +\S", done.stdout, re.MULTILINE), label
    assert "/.well-known/openid-configuration" in done.stdout
    assert "RS256" in done.stdout
    assert not PYTHON_WORDS.search(done.stdout)
    assert "warning" not in done.stderr


def test_a_shown_client_reads_as_text_and_as_data(
    danhmuc: CommandLine,
    full: dict[str, object],
) -> None:
    client_id = str(full["client_id"])
    text = danhmuc.run("client", "show", client_id).stdout
    assert not PYTHON_WORDS.search(text), text
    for words in ("Lịch công tác", "people of SYT", "Lịch làm việc của lãnh đạo", "enabled"):
        assert words in text
    assert text.count("answers go to") == 1 and "https://lich.example.vn/cb2" in text
    data = danhmuc.json("client", "show", client_id)
    assert (data["owner"], data["access"], data["agencies"]) == ("SYT", "agencies", ["SYT"])
    assert data["contacts"] == ["Nguyễn Văn An, 0274 000 111"]
    assert data["disabled_at"] is None and data["disabled"] is False
    assert "client_secret" not in data


@pytest.mark.parametrize("stack", STACKS)
def test_a_snippet_for_every_stack(
    danhmuc: CommandLine,
    full: dict[str, object],
    stack: str,
) -> None:
    added = danhmuc.json(*FULL, "--for", stack)
    assert added["client_id"] in added["snippet"]
    assert added["client_secret"] in added["snippet"]
    again = danhmuc.run("client", "show", str(added["client_id"]), "--for", stack).stdout
    assert str(added["client_secret"]) not in again
    assert str(added["client_id"]) in again
    assert "{{" not in again and "{%" not in again
    public = danhmuc.json(
        "client", "add", "--name", "Trang", "--public", "--redirect-uri",
        "https://trang.example.vn/cb", "--for", stack,
    )  # fmt: skip
    assert "secret shown when" not in public["snippet"]


def test_a_native_application_registers_by_the_command_line(
    danhmuc: CommandLine,
) -> None:
    own = ("--redirect-uri", "vn.gov.binhduong.app:/cb", "--redirect-uri", "http://127.0.0.1/cb")
    added = danhmuc.json("client", "add", "--name", "Điện thoại", "--native", *own)
    assert added["application_type"] == "native"
    assert added["token_endpoint_auth_method"] == "none"
    assert "client_secret" not in added
    sentence = danhmuc.refused("client", "add", "--name", "x", "--public", *own[:2])
    assert "--native" in sentence
    sentence = danhmuc.refused(
        "client", "add", "--name", "x", "--native", "--redirect-uri", "myapp://cb"
    )
    assert "dot" in sentence


def test_a_secret_made_by_an_import_is_printed(
    danhmuc: CommandLine,
    tmp_path: Path,
) -> None:
    file = tmp_path / "clients.json"
    file.write_text(
        json.dumps([{"client_name": "A", "redirect_uris": ["https://a.example.vn/cb"]}] * 2)
    )
    done = danhmuc.run("client", "import", str(file))
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"^  client_secret +\S{40,}$", done.stdout, re.MULTILINE)) == 2
    assert done.stderr.count("warning: A: ") >= 2


def test_every_member_can_be_changed(
    danhmuc: CommandLine,
    full: dict[str, object],
    tmp_path: Path,
) -> None:
    client_id = str(full["client_id"])
    danhmuc.json("resource", "add", "https://api.example.vn/", "--client", client_id)
    picture = tmp_path / "logo.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 30)
    changed = danhmuc.json(
        "client", "update", client_id, "--name", "Lịch mới", "--scope", "openid",
        "--scope", "offline_access", "--grant-type", "authorization_code",
        "--grant-type", "refresh_token", "--id-token-alg", "ES256", "--application-type", "web",
        "--resource", "https://api.example.vn/", "--description", "Mới", "--contact", "moi@x.vn",
        "--client-uri", "https://moi.example.vn/", "--owner", "", "--logo", str(picture),
        "--auth-method", "client_secret_post", "--strict-assertions",
    )  # fmt: skip
    assert changed["client_name"] == "Lịch mới"
    assert changed["scope"] == "openid offline_access"
    assert changed["grant_types"] == ["authorization_code", "refresh_token"]
    assert changed["resources"] == ["https://api.example.vn/"]
    assert changed["description"] == "Mới" and changed["owner"] is None
    assert changed["stands_for"] == ["https://api.example.vn/"]
    assert changed["token_endpoint_auth_method"] == "client_secret_post"
    emptied = danhmuc.json("client", "update", client_id, "--client-uri", "", "--resource", "")
    assert (emptied["client_uri"], emptied["resources"]) == (None, [])


def test_a_member_without_an_option_of_its_own_is_given_by_its_name(
    danhmuc: CommandLine, full: dict[str, object]
) -> None:
    given = ("--member", "default_max_age=3600", "--member", "policy_uri=https://lich.vn/p")
    add = ("client", "add", "--name", "x", "--redirect-uri", "https://x.example.vn/cb")
    made = danhmuc.json(*add, *given)
    assert (made["default_max_age"], made["policy_uri"]) == (3600, "https://lich.vn/p")
    update = ("client", "update", str(full["client_id"]), "--member")
    assert danhmuc.json(*update, "require_auth_time=true")["require_auth_time"] is True
    assert danhmuc.json(*update, "default_max_age=null")["default_max_age"] is None
    refused = danhmuc.run(*update, "default_max_age=soon")
    assert refused.returncode == 1 and "default_max_age" in refused.stderr
    dropped = danhmuc.run(*update, "nobody_knows=1")
    assert dropped.returncode == 0 and "nobody_knows" in dropped.stderr
    assert danhmuc.run(*update, "default_max_age").returncode == 2


def test_resources_are_added_listed_and_removed(danhmuc: CommandLine) -> None:
    api = danhmuc.json("client", "add", "--name", "Kho", "--grant-type", "client_credentials")
    uri = "https://kho.example.vn/api"
    added = danhmuc.json("resource", "add", uri, "--client", api["client_id"])
    assert (added["uri"], added["client_id"]) == (uri, api["client_id"])
    assert uri in [one["uri"] for one in danhmuc.json("resource", "list")["resources"]]
    assert uri in danhmuc.run("resource", "list").stdout
    assert api["client_id"] in danhmuc.refused("resource", "add", uri, "--client", api["client_id"])
    assert "absolute URI" in danhmuc.refused("resource", "add", "kho", "--client", api["client_id"])
    assert danhmuc.json("resource", "remove", uri)["removed"] is True
    assert "no resource" in danhmuc.refused("resource", "remove", uri)


def test_rotate_disable_enable_remove(danhmuc: CommandLine) -> None:
    client_id = danhmuc.json(
        "client", "add", "--name", "Vòng đời", "--grant-type", "client_credentials"
    )["client_id"]
    rotated = danhmuc.json("client", "rotate-secret", client_id)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", rotated["previous_secret_until"])
    assert (
        danhmuc.json("client", "rotate-secret", client_id, "--at-once")["previous_secret_until"]
        is None
    )
    assert "168 hours" in danhmuc.refused("client", "rotate-secret", client_id, "--overlap", "169")
    assert danhmuc.json("client", "disable", client_id, "--reason", "x")["disabled"] is True
    assert "already" in danhmuc.refused("client", "disable", client_id, "--reason", "x")
    assert "disabled since" in danhmuc.run("client", "show", client_id).stdout
    assert "30 days" in danhmuc.refused("client", "remove", client_id, "--reason", "x")
    assert danhmuc.json("client", "enable", client_id, "--reason", "x")["disabled"] is False
    assert "not disabled" in danhmuc.refused("client", "enable", client_id, "--reason", "x")


def test_what_cannot_work_is_warned_about(danhmuc: CommandLine) -> None:
    done = danhmuc.run(
        "client", "add", "--name", "x", "--redirect-uri", "https://x.example.vn/cb",
        "--backchannel-logout-uri", "https://127.0.0.1:9/bc",
    )  # fmt: skip
    for word in ("--client-uri", "--post-logout-redirect-uri", "DANHMUC_OUTBOUND_ALLOW"):
        assert word in done.stderr


def test_try_says_what_is_wrong_with_a_pasted_address(
    danhmuc: CommandLine, full: dict[str, object]
) -> None:
    client_id = str(full["client_id"])
    url = danhmuc.json("client", "try", client_id)["url"]
    assert url.startswith(danhmuc.settings.issuer) and "thu=" in url
    address = f"{danhmuc.settings.issuer}/authorize?client_id={client_id}&response_type=code"
    done = danhmuc.run("client", "try", client_id, "--check", f"{address}&redirect_uri=https://x/")
    assert done.returncode == 1
    for told in ("https://x/", "https://lich.example.vn/cb2", "PKCE", "scope"):
        assert told in done.stdout, done.stdout
    assert not PYTHON_WORDS.search(done.stdout)
    done = danhmuc.run("client", "try", client_id, "--check")
    assert done.returncode == 0 and "is right" in done.stdout


def test_try_refuses_what_nobody_signs_in_to(danhmuc: CommandLine) -> None:
    made = danhmuc.json("client", "add", "--name", "Máy", "--grant-type", "client_credentials")
    done = danhmuc.run("client", "try", str(made["client_id"]))
    assert done.returncode == 1 and "do not sign in" in done.stderr
