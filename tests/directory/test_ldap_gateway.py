"""The gateway against a real slapd: what is written is read back, and refusals have names."""

from __future__ import annotations

import threading
import time
import unicodedata
from collections.abc import Callable

import pytest

from directory.errors import Conflict, Invalid, NotFound
from directory.ids import new_id
from directory.ldap.filters import equals
from directory.ldap.gateway import Change, Entry, Gateway, escape
from tests.support.slapd import SUFFIX, SlapdServer

pytestmark = pytest.mark.without_sql

PEOPLE = f"ou=people,{SUFFIX}"


def person_attributes(username: str, **more: str) -> tuple[str, dict[str, list[str]]]:
    person_id = new_id()
    values = {"dmId": person_id, "uid": username, "cn": "A", "sn": "A", "dmStatus": "active"} | more
    attributes = {name: [value] for name, value in values.items()}
    attributes["objectClass"] = ["inetOrgPerson", "dmPerson"]
    return f"dmId={person_id},{PEOPLE}", attributes


@pytest.fixture(scope="module")
def gateway(slapd_server: SlapdServer) -> Gateway:
    return slapd_server.gateway()


@pytest.fixture
def username() -> str:
    return f"u{new_id()[:12]}"


def test_an_entry_comes_back_as_it_was_written(gateway: Gateway, username: str) -> None:
    dn, attributes = person_attributes(username)
    attributes["title"] = ["Văn thư", "Trưởng phòng"]
    csn = gateway.add(dn, attributes)
    entry = gateway.read(dn, ["*", "entryCSN"])
    assert entry is not None
    assert entry.dn == dn
    assert entry.one("entrycsn") == csn
    assert set(entry.all("TITLE")) == {"Văn thư", "Trưởng phòng"}
    assert entry.one("mail", "none") == "none" and entry.all("mail") == ()
    assert gateway.read(f"dmId={new_id()},{PEOPLE}") is None


def test_a_modify_is_all_or_nothing_and_returns_its_csn(gateway: Gateway, username: str) -> None:
    dn, attributes = person_attributes(username, mail="a@x.vn", title="cũ")
    first = gateway.add(dn, attributes)
    second = gateway.modify(
        dn,
        [
            Change("replace", "title", ("mới",)),
            Change("add", "description", ("1", "2")),
            Change("delete", "mail"),
            Change("replace", "givenName", ()),
        ],
    )
    assert second > first
    entry = gateway.read(dn, ["*", "entryCSN"])
    assert entry is not None and entry.one("entryCSN") == second
    assert (entry.all("title"), entry.all("mail")) == (("mới",), ())
    with pytest.raises(Invalid) as refused:
        gateway.modify(
            dn,
            [Change("replace", "title", ("nửa",)), Change("replace", "dmStatus", ("alive",))],
        )
    assert refused.value.code == "ldap.constraint"
    assert gateway.read(dn, ["title", "entryCSN"]) == Entry(
        dn, {"title": ("mới",), "entryCSN": (second,)}
    )


def test_an_assertion_that_no_longer_holds_is_a_conflict(gateway: Gateway, username: str) -> None:
    dn, attributes = person_attributes(username, title="cũ")
    csn = gateway.add(dn, attributes)
    seen = f"(&{equals('title', 'cũ')}{equals('uid', username)})"
    gateway.modify(dn, [Change("replace", "title", ("của A",))], assertion=seen)
    for assertion in (seen, equals("entryCSN", csn)):
        with pytest.raises(Conflict) as refused:
            gateway.modify(dn, [Change("replace", "title", ("của B",))], assertion=assertion)
        assert refused.value.code == "ldap.assertion_failed"
    with pytest.raises(Conflict) as refused:
        gateway.delete(dn, assertion=seen)
    assert refused.value.code == "ldap.assertion_failed"
    found = gateway.read(dn)
    assert found is not None and found.one("title") == "của A"
    gateway.delete(dn, assertion=equals("title", "của A"))
    assert gateway.read(dn) is None


def test_no_update_is_lost_under_assertions(slapd_server: SlapdServer, username: str) -> None:
    dn, attributes = person_attributes(username, dmPrecedence="0")
    slapd_server.gateway().add(dn, attributes)
    gateway = slapd_server.gateway()

    def count_up() -> None:
        done = 0
        while done < 10:
            entry = gateway.read(dn, ["dmPrecedence"])
            assert entry is not None
            old = entry.one("dmPrecedence")
            change = Change("replace", "dmPrecedence", (str(int(old) + 1),))
            try:
                gateway.modify(dn, [change], assertion=equals("dmPrecedence", old))
            except Conflict:
                continue
            done += 1

    run_in_threads(4, count_up)
    entry = gateway.read(dn, ["dmPrecedence"])
    assert entry is not None and entry.one("dmPrecedence") == "40"


@pytest.mark.parametrize("attribute", ["uid", "dmMailAddress", "employeeNumber"])
def test_of_four_at_once_one_gets_a_unique_value(slapd_server: SlapdServer, attribute: str) -> None:
    gateway = slapd_server.gateway()
    for _ in range(10):
        value = f"v{new_id()[:12]}"
        outcomes: list[str] = []
        barrier = threading.Barrier(4)

        def add(
            value: str = value,
            outcomes: list[str] = outcomes,
            barrier: threading.Barrier = barrier,
        ) -> None:
            dn, attributes = person_attributes(f"u{new_id()[:12]}")
            attributes[attribute] = [value]
            gateway.read(SUFFIX)  # connected before the start
            barrier.wait()
            try:
                gateway.add(dn, attributes)
                outcomes.append("added")
            except Conflict as conflict:
                outcomes.append(conflict.code)

        run_in_threads(4, add)
        assert sorted(outcomes) == ["added"] + ["ldap.value_taken"] * 3
        found = gateway.search(PEOPLE, equals(attribute, value), ["1.1"])
        assert len(found) == 1


def test_an_alias_cannot_be_another_persons_address(gateway: Gateway, username: str) -> None:
    dn, attributes = person_attributes(username)
    attributes["dmMailAddress"] = [f"{username}@x.vn", f"alias.{username}@x.vn"]
    gateway.add(dn, attributes)
    other, attributes = person_attributes(f"b{username}")
    gateway.add(other, attributes)
    with pytest.raises(Conflict) as refused:
        change = Change("add", "dmMailAddress", (f"ALIAS.{username}@x.vn",))
        gateway.modify(other, [change])
    assert refused.value.code == "ldap.value_taken"
    assert refused.value.params["attribute"] == "dmMailAddress"


def test_refusals_have_names(gateway: Gateway, username: str) -> None:
    dn, attributes = person_attributes(username)
    gateway.add(dn, attributes)
    with pytest.raises(Conflict) as conflict:
        gateway.add(dn, attributes | {"uid": ["someone.else"]})
    assert conflict.value.code == "ldap.already_exists"
    with pytest.raises(NotFound) as missing:
        gateway.modify(f"dmId={new_id()},{PEOPLE}", [Change("replace", "title", ("x",))])
    assert missing.value.code == "ldap.no_such_entry"
    with pytest.raises(NotFound):
        gateway.search(f"ou=nowhere,{SUFFIX}", "(objectClass=*)", ["1.1"])
    for bad in ("Upper", "a", "có dấu", "a b", "-x", "a*"):
        with pytest.raises(Invalid) as invalid:
            gateway.modify(dn, [Change("replace", "uid", (bad,))])
        assert invalid.value.code == "ldap.constraint", bad
    with pytest.raises(Conflict) as again:
        gateway.modify(dn, [Change("add", "uid", (username,))])
    assert again.value.code == "ldap.value_exists"
    with pytest.raises(Conflict) as absent:
        gateway.modify(dn, [Change("delete", "title", ("x",))])
    assert absent.value.code == "ldap.no_such_value"


def test_a_limited_search_is_short_and_an_unlimited_one_is_whole(
    slapd_server: SlapdServer, username: str
) -> None:
    gateway = slapd_server.gateway()
    for number in range(5):
        dn, attributes = person_attributes(f"{username}.{number}", title=username)
        gateway.add(dn, attributes)
    found = gateway.search(PEOPLE, equals("title", username), ["uid"], size_limit=3)
    assert len(found) == 3
    assert len(gateway.search(PEOPLE, equals("title", username), ["uid"])) == 5
    assert len(gateway.search(SUFFIX, equals("title", username), ["uid"])) == 0
    assert len(gateway.search(SUFFIX, equals("title", username), ["uid"], scope="sub")) == 5


HOSTILE = (
    "*",
    "a*",
    "a)(uid=*",
    "*)(|(objectClass=*",
    "\\2a",
    "\0",
    "a\0b",
    "＊",
    "a" * 10_240,
    "(&)",
    "\\",
)


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_login_matches_nobody(own_slapd_once: SlapdServer, value: str) -> None:
    gateway = own_slapd_once.gateway("idp")
    assert gateway.search(PEOPLE, f"(&(objectClass=dmPerson){equals('uid', value)})", ["uid"]) == []
    last = [line for line in own_slapd_once.log().splitlines() if " SRCH base=" in line][-1]
    logged = last.partition("filter=")[2]
    assert logged.count("(") == 3, "one equality filter inside ours, nothing more"
    assert "=*" not in logged


@pytest.fixture(scope="module")
def own_slapd_once(slapd_server: SlapdServer) -> SlapdServer:
    slapd_server.add_person("alice")
    slapd_server.add_person("a2a")
    return slapd_server


def test_an_escaped_value_matches_itself(gateway: Gateway, username: str) -> None:
    names = [
        "#x",
        " x ",
        "a,ou=b",
        "a+b",
        '"',
        ";",
        "a*b",
        "(x)",
        "\\",
        "Nguyễn\u00a0Thị",
        "=",
        "<>",
    ]
    for number, name in enumerate(names):
        dn, attributes = person_attributes(f"{username}.{number}", cn=name, title=username)
        gateway.add(dn, attributes)
        entry = gateway.read(dn)
        assert entry is not None and entry.one("cn") == name
        both = f"(&{equals('title', username)}{equals('cn', name)})"
        assert [found.dn for found in gateway.search(PEOPLE, both, ["1.1"])] == [dn], name


def test_blanks_at_the_ends_of_a_value_are_not_lost() -> None:
    assert escape(" a\u00a0") == "\\20a\\c2\\a0"
    assert escape("Nguyễn (A)*\\\0") == "Nguyễn\\20\\28A\\29\\2a\\5c\\00"


def test_one_search_takes_about_a_millisecond(gateway: Gateway, username: str) -> None:
    dn, attributes = person_attributes(username)
    gateway.add(dn, attributes)
    times: list[float] = []
    for _ in range(50):
        began = time.perf_counter()
        assert gateway.search(PEOPLE, equals("uid", username), ["*", "entryCSN"])
        times.append(time.perf_counter() - began)
    # 0.5 ms alone on two cores; 40 ms would be Nagle's algorithm come back.
    assert sorted(times)[25] < 0.02


def test_threads_do_not_share_a_connection(own_slapd: SlapdServer) -> None:
    gateway = own_slapd.gateway("idp")
    barrier = threading.Barrier(3)

    def ask() -> None:
        gateway.read(SUFFIX)
        barrier.wait()
        gateway.read(SUFFIX)

    run_in_threads(3, ask)
    binds = [line for line in own_slapd.log().splitlines() if 'BIND dn="cn=idp,' in line]
    connections = {line.split("conn=")[1].split()[0] for line in binds}
    assert len(connections) == 3


def test_vietnamese_text_is_kept_as_given(gateway: Gateway, username: str) -> None:
    decomposed = unicodedata.normalize("NFD", "Nguyễn Thị Thuỳ")
    dn, attributes = person_attributes(username, cn=decomposed)
    gateway.add(dn, attributes)
    entry = gateway.read(dn)
    assert entry is not None and entry.one("cn") == decomposed


def run_in_threads(count: int, work: Callable[[], object]) -> None:
    """Run `work` in `count` threads; a failure in any of them fails here."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    if failures:
        raise failures[0]
