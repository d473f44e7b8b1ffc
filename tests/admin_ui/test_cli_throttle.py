"""Pauses of the sign-in at the command line, and proxies nobody declared."""

from __future__ import annotations

import pytest

from admin_ui.components import COMPONENTS
from admin_ui.operations.doctor import examine
from directory.actor import Actor
from directory.audit.log import record
from directory.projection import queries
from directory.settings import read_settings
from idp.throttle import store as throttle
from idp.throttle.events import PROXY_UNDECLARED
from tests.support.command_line import ADD_MAI, CommandLine, danhmuc
from tests.support.installation import opened
from web.forwarded import Sender

__all__ = ["danhmuc"]


def wrong_passwords(danhmuc: CommandLine, name: str, address: str, tries: int) -> None:
    """Wrong tries as the sign-in counts them, every delay waited out."""
    with opened(danhmuc.settings) as installation, installation.database.write() as tx:
        person = queries.find_person_by_login(tx, name)
        who = throttle.typed_name(name)
        sender = Sender(address, is_proxy=False)
        meant = throttle.elsewhere(installation.keyring, who, person.id if person else None, sender)
        for _ in range(tries):
            throttle.fail(tx, throttle.Reservation("", meant))


def test_pauses_are_listed_and_ended(danhmuc: CommandLine) -> None:
    assert danhmuc.json("throttle", "list")["pauses"] == []
    assert danhmuc.run("throttle", "list").stdout == "No pauses.\n"
    assert danhmuc.run(*ADD_MAI, "--username", "mai.tam.dung").returncode == 0
    wrong_passwords(danhmuc, "mai.tam.dung", "10.9.0.1", 10)
    wrong_passwords(danhmuc, "khong-ai-ca", "10.9.0.2", 50)
    listed = danhmuc.json("throttle", "list")["pauses"]
    kinds = {(one["kind"], one["username"], one["network"]) for one in listed}
    assert kinds == {
        ("name", "mai.tam.dung", None),
        ("name", None, None),
        ("address", None, "10.9.0.2"),
    }
    shown = danhmuc.run("throttle", "list").stdout
    assert "Trần Mai (mai.tam.dung)" in shown and "10.9.0.2" in shown
    assert danhmuc.json("throttle", "clear", "mai.tam.dung") == {"cleared": 1}
    assert danhmuc.json("throttle", "clear", "--address", "10.9.0.2") == {"cleared": 1}
    assert danhmuc.json("throttle", "clear", "--all") == {"cleared": 1}
    assert danhmuc.json("throttle", "list")["pauses"] == []
    # An address may be named as the list shows it.
    for nothing in (("mai.tam.dung",), ("--address", "10.9.0.2"), ("10.9.0.2",), ("--all",)):
        ended = danhmuc.run("throttle", "clear", *nothing)
        assert (ended.returncode, ended.stdout) == (
            0,
            "Nothing was paused; nothing was changed.\n",
        )


@pytest.mark.parametrize(
    "wrong", [(), ("mai", "--all"), ("--address", "khong-phai"), ("--address", "10.0.0.0/33")]
)
def test_what_no_pause_can_be_meant_by_is_refused_in_a_sentence(
    danhmuc: CommandLine, wrong: tuple[str, ...]
) -> None:
    ended = danhmuc.run("throttle", "clear", *wrong)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1 and "[throttle." in ended.stderr


def test_unlocking_says_when_it_changes_nothing(danhmuc: CommandLine) -> None:
    assert danhmuc.run(*ADD_MAI, "--username", "mai.khong.khoa").returncode == 0
    ended = danhmuc.run("person", "unlock", "mai.khong.khoa")
    assert (ended.returncode, ended.stdout) == (
        0,
        "Trần Mai was not paused; nothing was changed.\n",
    )
    assert danhmuc.run("person", "retire", "mai.khong.khoa", "--reason", "nghỉ hưu").returncode == 0
    ended = danhmuc.run("person", "unlock", "mai.khong.khoa")
    assert ended.returncode == 1 and "has left" in ended.stderr


def test_doctor_names_a_proxy_that_nobody_declared(danhmuc: CommandLine) -> None:
    def says(trusted: str) -> tuple[bool, str]:
        environ = {"DANHMUC_STATE": str(danhmuc.state), "DANHMUC_TRUSTED_PROXIES": trusted}
        found = next(
            one for one in examine(read_settings(environ), COMPONENTS) if one.part == "proxies"
        )
        return found.ok, found.says

    assert says("")[0]
    with opened(danhmuc.settings) as installation, installation.database.write() as tx:
        record(tx, PROXY_UNDECLARED, Actor("anonymous", address="10.1.0.5"), peer="10.1.0.5")
    ok, sentence = says("10.1.0.6")
    assert not ok and "10.1.0.5" in sentence and "DANHMUC_TRUSTED_PROXIES" in sentence
    assert says("10.1.0.0/28") == (True, "10.1.0.0/28")
