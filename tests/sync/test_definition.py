"""Definitions of connectors: what is wrong is said with its place, all at once."""

from __future__ import annotations

import pytest

from directory.errors import Invalid
from sync.engine import connectors

pytestmark = pytest.mark.without_sql

GOOD = """\
connector: van-ban
application: app
target:
  kind: scim
  url: https://van-ban.example/scim/v2
accounts:
  userName: username
  emails: mail
roles:
  van_thu: Văn thư
tables:
  chuc_danh: {Trưởng phòng: TP}
limits: {at_once: 2, losses: 10}
scope: {agencies: [STTTT]}
leavers: delete
"""


def faults(source: str) -> list[tuple[object, object, str]]:
    with pytest.raises(Invalid) as refused:
        connectors.read(source)
    all_of_them = [refused.value, *refused.value.also]
    return [(e.params["line"], e.params["column"], str(e.params["says"])) for e in all_of_them]


def test_a_good_one_is_read() -> None:
    found = connectors.read(GOOD)
    assert (found.name, found.application_id, found.leavers) == ("van-ban", "app", "delete")
    assert found.target.url == "https://van-ban.example/scim/v2"
    assert list(found.attributes) == ["userName", "emails"]
    assert found.roles == {"van_thu": "Văn thư"}
    assert found.agencies == ("STTTT",)
    assert (found.limits.at_once, found.limits.per_second, found.limits.losses) == (2, 50, 10)
    assert found.tables == {"chuc_danh": {"Trưởng phòng": "TP"}}


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "says"),
    [
        ("userName: username", "userName: usrname", 7, 13, "nothing of a person is called"),
        ("userName: username", "username: username", 7, 13, "has no attribute"),
        ("  userName: username\n", "", 7, 3, "userName is missing"),
        ("kind: scim", "kind: sql", 4, 9, "known are scim"),
        ("leavers: delete", "leavers: kill", 15, 10, "known are disable, delete"),
        ("leavers: delete", "leaver: delete", 15, 9, "'leaver' is not known"),
        ("application: app\n", "", 1, 1, "'application' is missing"),
        ("connector: van-ban", "connector: Văn bản", 1, 12, "cannot stand here"),
        ("at_once: 2", "at_once: 200", 13, 19, "from 1 to 16"),
        ("at_once: 2", "at_once: [2]", 13, 19, "a text is expected"),
        ("[STTTT]", "STTTT", 14, 19, "a list is expected"),
        ("https://van-ban.example/scim/v2", "gopher://x/", 5, 8, "http or https"),
        ("https://van-ban.example/scim/v2", "http://a:b@x/?q=1", 5, 8, "http or https"),
        ("application: app", "application: *a", 2, 14, "alias"),
        ("application: app", "application: &a app", 2, 14, "aliases are not taken"),
        ("  emails: mail", "  emails: mail\n  emails: phone", 9, 3, "twice"),
        ("connector: van-ban", "connector: {", 3, 7, "this is no YAML"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    old: str, new: str, line: int, column: int, says: str
) -> None:
    assert old in GOOD
    found = faults(GOOD.replace(old, new))
    assert [(ln, c) for ln, c, said in found if says in said] == [(line, column)], found


def test_all_of_it_is_said_at_once() -> None:
    bad = GOOD.replace("username", "usrname").replace("kind: scim", "kind: x")
    assert len(faults(bad.replace("leavers: delete", "leavers: x"))) >= 3


@pytest.mark.parametrize("source", ["", "- a\n", "a", "\x00", "!!python/object:os.system {}\n"])
def test_what_is_no_definition_at_all_is_refused(source: str) -> None:
    assert faults(source)


def test_a_long_one_is_refused() -> None:
    assert "more than" in faults(GOOD + "#" * 70_000)[0][2]
