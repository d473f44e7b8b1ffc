"""Attacks through the command line: text that acts on the terminal, odd input, what it leaves."""

from __future__ import annotations

import json
import os
import pwd
import stat
import subprocess
import sys
import unicodedata
from pathlib import Path
from unittest import mock

import pytest

from admin_ui.cli.answers import operator
from admin_ui.cli.terminal import one_line, shown
from directory.catalogue.person import person_dn
from directory.installation import open_installation
from directory.ldap.bind import BindResult
from directory.ldap.entries import Change
from directory.people.credentials import check_password
from directory.projection.apply import apply_entry
from directory.settings import read_settings
from tests.admin_ui.test_cli import PASSWORD
from tests.support.command_line import CommandLine, danhmuc
from tests.support.installation import opened

__all__ = ["danhmuc"]

ROOT = Path(__file__).parents[2]
NASTY = "Nguyễn \x1b[2J\x1b]0;x\x07\x9b31m\u202eNA\u2066\r\n22/11/2026 09:00:00  An đăng nhập\x7f"


def acts(text: str) -> set[str]:
    """What in `text` a terminal would obey or be misled by."""
    return {c for c in text if unicodedata.category(c) in ("Cc", "Cs", "Cf") and c not in "\n\t"}


def test_nothing_that_acts_is_left_and_letters_stay() -> None:
    assert not acts(shown(NASTY))
    assert "\n" not in one_line(NASTY)
    whole = "Đặng Thị Quỳnh Như, Y Blơk Niê, H'Hen; 🙂\n\tcột"
    assert shown(whole) == whole
    everything = "".join(map(chr, range(0x3000)))
    assert {c for c in acts(shown(everything)) if ord(c) < 0x100} <= {"\xad"}


@pytest.fixture(scope="module")
def nasty(danhmuc: CommandLine) -> str:
    """The id of a person whose entry somebody edited past the service."""
    danhmuc.json("agency", "add", "--code", "TTRA", "--name", "Thanh tra tỉnh")
    added = danhmuc.json(
        *("person", "add", "--username", "xau.tinh", "--full-name", "Trần Văn Xấu"),
        *("--agency", "TTRA", "--title", "Cán \x1b[31m bộ"),
    )
    installation = open_installation(read_settings({"DANHMUC_STATE": str(danhmuc.state)}))
    dn = person_dn(added["id"], installation.settings.suffix)
    installation.ldap.modify(
        dn, [Change("replace", "cn", (NASTY,)), Change("replace", "title", (NASTY,))]
    )
    entry = installation.ldap.read(dn, ["*", "entryCSN"])
    assert entry is not None
    with installation.database.write() as tx:
        apply_entry(tx, entry)
    installation.close_connections()
    return str(added["id"])


COMMANDS = (
    ("person", "show", "xau.tinh"),
    ("person", "list", "--agency", "TTRA"),
    ("person", "suspend", "xau.tinh", "--reason", NASTY),
    ("person", "unlock", "xau.tinh"),
    ("person", "show", NASTY),
    ("agency", "add", "--code", "KHAC", "--name", NASTY),
    ("agency", "show", "KHAC"),
    ("agency", "tree"),
    ("client", "add", "--name", NASTY, "--redirect-uri", "https://a.example/"),
    ("role", "add", "danh-muc:thu", "--title", NASTY),
    ("role", "add", f"{NASTY}:thu", "--title", "x"),
    ("grant", "revoke", NASTY, "--reason", NASTY),
    ("audit", "tail", "-n", "200"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]))
@pytest.mark.parametrize("as_json", [False, True])
def test_nothing_printed_acts_on_the_terminal(
    danhmuc: CommandLine, nasty: str, command: tuple[str, ...], as_json: bool
) -> None:
    done = danhmuc.run(*command, *(["--json"] if as_json else []))
    assert done.returncode in (0, 1), done.stderr
    assert not acts(done.stdout + done.stderr)
    assert not any(line.startswith("22/11/2026 09:00:00") for line in done.stdout.splitlines())
    if as_json and done.returncode == 0:
        assert json.loads(done.stdout)


def test_json_gives_the_very_text_that_is_stored(danhmuc: CommandLine, nasty: str) -> None:
    assert danhmuc.json("person", "show", nasty)["full_name"] == NASTY


@pytest.mark.parametrize("typed", ["\r\n", "\n", ""])
def test_a_password_is_one_line_whatever_ends_it(
    danhmuc: CommandLine, nasty: str, typed: str
) -> None:
    danhmuc.run("person", "resume", "xau.tinh", "--reason", "thử")
    danhmuc.json("person", "set-password", "xau.tinh", "--password-stdin", stdin=PASSWORD + typed)
    with opened(danhmuc.settings) as installation:
        assert check_password(installation, nasty, PASSWORD) is BindResult.ACCEPTED


@pytest.mark.parametrize("odd", ["\0", "\x1b", "\x07", "\udcff", "\x9b"])
def test_a_password_nobody_could_type_is_refused(
    danhmuc: CommandLine, nasty: str, odd: str
) -> None:
    said = danhmuc.refused(
        *("person", "set-password", "xau.tinh", "--password-stdin"), stdin=PASSWORD + odd + "x\n"
    )
    assert "cannot be seen or typed" in said or "is not UTF-8" in said
    assert PASSWORD not in said


def test_endless_input_is_not_read(danhmuc: CommandLine, nasty: str) -> None:
    said = danhmuc.refused(
        *("person", "set-password", "xau.tinh", "--password-stdin"), stdin="ab c" * 1_000_000
    )
    assert "longer than any line" in said


def run_for_real(
    state: Path, *argv: bytes, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "admin_ui.cli", *argv],
        input=stdin,
        capture_output=True,
        cwd=ROOT,
        env=os.environ
        | {"DANHMUC_STATE": str(state), "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"},
        check=False,
    )


def test_bytes_that_are_no_text_are_refused_without_showing_them(
    danhmuc: CommandLine, nasty: str
) -> None:
    secret = PASSWORD.encode()
    setting = (b"person", b"set-password", b"xau.tinh", b"--password-stdin")
    done = run_for_real(danhmuc.state, *setting, stdin=secret + b"\xff\n")
    assert (done.returncode, b"Traceback" in done.stderr) == (1, False)
    assert secret not in done.stderr + done.stdout
    done = run_for_real(danhmuc.state, b"person", b"show", b"\xff\xfe")
    assert (done.returncode, b"Traceback" in done.stderr) == (2, False)


def test_what_init_makes_is_readable_by_nobody_else(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    state.chmod(0o755)  # made by hand before
    old = os.umask(0o022)
    try:
        done = run_for_real(state, b"init", b"--empty")
    finally:
        os.umask(old)
    assert done.returncode == 0, done.stderr
    found = [path for path in state.rglob("*") if not path.is_symlink() and not path.is_socket()]
    assert len(found) > 10
    open_to_others = {
        str(path.relative_to(state)): oct(stat.S_IMODE(path.stat().st_mode))
        for path in found
        if path.stat().st_mode & 0o077
    }
    assert open_to_others == {}


def test_check_config_does_not_print_the_password_of_the_database(danhmuc: CommandLine) -> None:
    url = "postgresql+psycopg://danhmuc:rat-bi-mat@db.example/danhmuc?sslmode=verify-full"
    with mock.patch.dict(os.environ, {"DANHMUC_DATABASE_URL": url}):
        for more in ([], ["--json"]):
            done = danhmuc.run("check-config", *more)
            assert done.returncode == 0, done.stderr
            assert "db.example" in done.stdout
            assert "rat-bi-mat" not in done.stdout + done.stderr
        assert "rat-bi-mat" not in repr(read_settings(os.environ))


def test_the_actor_is_an_account_there_is() -> None:
    me = pwd.getpwuid(os.getuid()).pw_name
    for claimed, told in (("nobody", "nobody"), ("an\x1b[2J", me), ("khong.co.ai", me), ("", me)):
        with mock.patch.dict(os.environ, {"SUDO_USER": claimed}):
            assert operator().id == told
