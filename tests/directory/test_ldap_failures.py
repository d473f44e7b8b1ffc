"""slapd killed, stopped and hung: what the gateway does, and that the feed misses nothing."""

from __future__ import annotations

import time

import pytest

from directory.errors import Unavailable
from directory.ids import new_id
from directory.ldap.accounts import account_dn
from directory.ldap.connections import breaker
from directory.ldap.filters import equals
from directory.ldap.gateway import Change, Gateway, Refresh
from tests.support.slapd import SUFFIX, SlapdServer
from tests.support.waiting import wait_until

pytestmark = pytest.mark.without_sql

PEOPLE = f"ou=people,{SUFFIX}"
PERSON = "(objectClass=dmPerson)"
DEAD = "ldapi://%2Fnonexistent%2Fldapi"
BREAKER_S = 1.6  # what a server that did not answer is left alone for


def test_a_read_survives_a_restart(own_slapd: SlapdServer) -> None:
    dn = own_slapd.add_person("an.nv")
    idp = own_slapd.gateway("idp")
    assert idp.read(dn) is not None
    for _ in range(3):
        own_slapd.kill()
        own_slapd.start()
        assert idp.read(dn) is not None
        assert idp.search(PEOPLE, equals("uid", "an.nv"), ["uid"])


def test_an_acknowledged_write_survives_kill_9(own_slapd: SlapdServer) -> None:
    gateway = own_slapd.gateway()
    written: dict[str, str] = {}
    for number in range(5):
        dn = own_slapd.add_person(f"an.{number}")
        written[dn] = gateway.modify(dn, [Change("replace", "title", (str(number),))])
        own_slapd.kill()
        own_slapd.start()
    for number, (dn, csn) in enumerate(written.items()):
        entry = gateway.read(dn, ["title", "entryCSN"])
        assert entry is not None
        assert (entry.one("title"), entry.one("entryCSN")) == (str(number), csn)


def test_a_write_after_a_restart_is_sent_once_and_works(own_slapd: SlapdServer) -> None:
    dn = own_slapd.add_person("an.nv")
    gateway = own_slapd.gateway()
    gateway.modify(dn, [Change("replace", "title", ("1",))])
    own_slapd.kill()
    own_slapd.start()
    gateway.modify(dn, [Change("replace", "title", ("2",))])
    assert own_slapd.log().count(f'MOD dn="{dn}"') == 2


def test_a_write_whose_answer_is_lost_is_not_sent_again(own_slapd: SlapdServer) -> None:
    dn = own_slapd.add_person("an.nv")
    account = account_dn("catalogue", SUFFIX)
    password = own_slapd.password("catalogue")
    gateway = Gateway([own_slapd.uri], account, password, timeout_s=1.5)
    gateway.modify(dn, [Change("replace", "title", ("1",))])
    own_slapd.pause()
    try:
        with pytest.raises(Unavailable) as lost:
            gateway.modify(dn, [Change("add", "title", ("2",))])
    finally:
        own_slapd.resume()
    assert lost.value.code == "ldap.unavailable"
    breaker.reset(own_slapd.uri)

    def titles() -> set[str]:
        entry = gateway.read(dn, ["title"])
        return set(entry.all("title")) if entry else set()

    # slapd finds the request in its socket when it goes on: done once, though we never heard.
    wait_until(lambda: titles() == {"1", "2"})
    assert own_slapd.log().count(f'MOD dn="{dn}"') == 2
    gateway.close()


def test_a_dead_catalogue_is_said_at_once(own_slapd: SlapdServer) -> None:
    idp = own_slapd.gateway("idp")
    assert idp.read(SUFFIX) is not None
    own_slapd.kill()
    began = time.monotonic()
    for _ in range(50):
        with pytest.raises(Unavailable) as gone:
            idp.read(SUFFIX)
        assert gone.value.code == "ldap.unavailable"
    assert time.monotonic() - began < 5
    own_slapd.start()
    time.sleep(BREAKER_S)
    assert idp.read(SUFFIX) is not None


def test_reads_go_to_the_next_server(own_slapd: SlapdServer) -> None:
    account, password = account_dn("idp", SUFFIX), own_slapd.password("idp")
    gateway = Gateway([DEAD, "ldap://127.0.0.1:1", own_slapd.uri], account, password)
    assert gateway.read(SUFFIX) is not None
    gateway.close()


def test_a_hung_server_costs_one_timeout(own_slapd: SlapdServer) -> None:
    account, password = account_dn("idp", SUFFIX), own_slapd.password("idp")
    gateway = Gateway([own_slapd.uri], account, password, timeout_s=1.5)
    assert gateway.read(SUFFIX) is not None
    own_slapd.pause()
    try:
        began = time.monotonic()
        for _ in range(20):
            with pytest.raises(Unavailable):
                gateway.read(SUFFIX)
        assert time.monotonic() - began < 12  # twenty times the timeout are 30
    finally:
        own_slapd.resume()
    breaker.reset(own_slapd.uri)
    assert gateway.read(SUFFIX) is not None
    gateway.close()


def test_a_wrong_password_of_ours_is_unavailable_not_a_crash(own_slapd: SlapdServer) -> None:
    gateway = Gateway([own_slapd.uri], account_dn("idp", SUFFIX), "wrong")
    with pytest.raises(Unavailable) as refused:
        gateway.read(SUFFIX)
    assert "refused" in refused.value.detail and "wrong" not in refused.value.detail
    gateway.close()


def test_a_refresh_tells_what_changed(own_slapd: SlapdServer) -> None:
    gateway = own_slapd.gateway()
    first, second, third = (own_slapd.add_person(f"an.{number}") for number in range(3))
    start = refresh(gateway, None)
    uuids = {entry.dn: uuid for uuid, entry, _ in start.entries}
    assert set(uuids) == {first, second, third}
    assert start.complete and start.departed({"gone"}) == {"gone"}
    assert start.departed(uuids.values()) == frozenset()

    idle = refresh(gateway, start.cookie)
    assert (idle.entries, idle.departed(uuids.values())) == ((), frozenset())

    csn = gateway.modify(first, [Change("replace", "title", ("Trưởng phòng",))])
    gateway.delete(second)
    fourth = own_slapd.add_person("an.3")
    later = refresh(gateway, start.cookie)
    changed = {entry.dn: (entry, state) for _, entry, state in later.entries}
    assert set(changed) == {first, fourth}
    assert changed[first][0].one("entryCSN") == csn
    assert changed[first][0].one("title") == "Trưởng phòng"
    assert later.departed(uuids.values()) == {uuids[second]}
    assert later.cookie != start.cookie


def test_no_delete_is_missed_when_slapd_is_killed(own_slapd: SlapdServer) -> None:
    gateway = own_slapd.gateway()
    for _ in range(3):
        dns = [own_slapd.add_person(f"u{new_id()[:8]}") for _ in range(4)]
        start = refresh(gateway, None)
        uuids = {entry.dn: uuid for uuid, entry, _ in start.entries}
        for dn in dns[:3]:
            gateway.delete(dn)
        own_slapd.kill()
        own_slapd.start()
        after = refresh(gateway, start.cookie)
        known = frozenset(uuids.values())
        if after.reload_required:
            after = refresh(gateway, None)
        assert after.departed(known) == {uuids[dn] for dn in dns[:3]}


def test_changes_on_both_sides_of_a_crash_are_told(own_slapd: SlapdServer) -> None:
    gateway = own_slapd.gateway()
    before, gone = own_slapd.add_person("before"), own_slapd.add_person("gone")
    start = refresh(gateway, None)
    uuids = {entry.dn: uuid for uuid, entry, _ in start.entries}
    gateway.modify(before, [Change("replace", "title", ("x",))])
    own_slapd.kill()
    own_slapd.start()
    gateway.delete(gone)
    after = own_slapd.add_person("after")
    told = refresh(gateway, start.cookie)
    assert not told.reload_required
    assert {entry.dn for _, entry, _ in told.entries} >= {before, after}
    assert told.departed(uuids.values()) == {uuids[gone]}


def test_a_cookie_from_the_future_asks_for_a_reload(own_slapd: SlapdServer) -> None:
    """As after a restore of an older backup: slapd must not be believed to have nothing new."""
    gateway = own_slapd.gateway()
    own_slapd.add_person("an.nv")
    start = refresh(gateway, None)
    assert start.cookie is not None and b"csn=2" in start.cookie
    ahead = start.cookie.replace(b"csn=2", b"csn=3", 1)
    assert refresh(gateway, ahead).reload_required


def refresh(gateway: Gateway, cookie: bytes | None) -> Refresh:
    return gateway.refresh(PEOPLE, PERSON, ["*", "entryCSN"], cookie)
