"""Passwords, judged by a real slapd: who gets in, who does not, and what never reaches slapd."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from directory.errors import Unavailable
from directory.ids import new_id
from directory.ldap import schema
from directory.ldap.accounts import account_dn
from directory.ldap.base_entries import DECOY
from directory.ldap.bind import BindResult, verify_at
from directory.ldap.connections import breaker
from directory.ldap.embedded import prepare_slapd, start_slapd, wait_for
from directory.ldap.gateway import Change
from directory.ldap.hash_slots import HashSlots
from directory.ldap.passwords import hash_password, matches
from tests.support.ports import free_port
from tests.support.slapd import SUFFIX, SlapdServer, plan_slapd

pytestmark = pytest.mark.without_sql

PASSWORD = "mật khẩu rất dài của An"
PAST, FUTURE = "20200101000000Z", "20991231000000Z"


def verify(server: SlapdServer, dn: str, password: object) -> BindResult:
    return verify_at([server.uri], dn, password)


@pytest.fixture
def person(slapd_server: SlapdServer) -> str:
    return slapd_server.add_person(f"u{new_id()[:12]}", PASSWORD)


def test_only_the_right_password_is_accepted(slapd_server: SlapdServer, person: str) -> None:
    assert verify(slapd_server, person, PASSWORD) is BindResult.ACCEPTED
    for wrong in (PASSWORD + " ", PASSWORD.upper(), "x", " ", "*", "{ARGON2}", "x" * 1025):
        assert verify(slapd_server, person, wrong) is BindResult.REJECTED, wrong
    assert verify(slapd_server, person, PASSWORD) is BindResult.ACCEPTED


def test_a_password_is_the_same_however_the_keyboard_composes_it(
    slapd_server: SlapdServer, person: str
) -> None:
    for form in ("NFC", "NFD"):
        typed = unicodedata.normalize(form, PASSWORD)
        assert verify(slapd_server, person, typed) is BindResult.ACCEPTED


@pytest.mark.parametrize(
    "nothing", ["", "\0", PASSWORD + "\0", None, [], {}, 0, True, b"bytes", "\ud800"], ids=repr
)
def test_what_is_no_password_never_reaches_slapd(own_slapd: SlapdServer, nothing: object) -> None:
    person = own_slapd.add_person("an.nv", PASSWORD)
    before = own_slapd.log().count(" BIND ")
    assert verify(own_slapd, person, nothing) is BindResult.REJECTED
    assert verify(own_slapd, "", PASSWORD) is BindResult.REJECTED
    assert own_slapd.log().count(" BIND ") == before
    assert verify(own_slapd, person, PASSWORD) is BindResult.ACCEPTED
    assert own_slapd.log().count(" BIND ") > before


@pytest.mark.parametrize(
    "dn",
    [
        f"dmId=00000000-0000-4000-8000-000000000000,ou=people,{SUFFIX}",
        f"dmId=*,ou=people,{SUFFIX}",
        f"ou=people,{SUFFIX}",
        f"cn=manager,{SUFFIX}",
        "cn=config",
        "cn=manager,dc=other,dc=vn",
        "uid=an.nv",
        "not a DN",
        "gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth",
        "dn:uid=root,cn=external,cn=auth",
    ],
)
def test_a_foreign_name_gets_nobody_in(slapd_server: SlapdServer, person: str, dn: str) -> None:
    for password in (PASSWORD, slapd_server.password("catalogue")):
        assert verify(slapd_server, dn, password) is BindResult.REJECTED


def test_one_entrys_password_is_no_use_for_another(slapd_server: SlapdServer, person: str) -> None:
    other = slapd_server.add_person(f"u{new_id()[:12]}", "another password, longer")
    assert verify(slapd_server, other, PASSWORD) is BindResult.REJECTED
    assert verify(slapd_server, account_dn("idp", SUFFIX), PASSWORD) is BindResult.REJECTED


def test_a_person_without_a_password_is_rejected(slapd_server: SlapdServer) -> None:
    dn = slapd_server.add_person(f"u{new_id()[:12]}")
    for password in ("x", "userPassword", "{ARGON2}"):
        assert verify(slapd_server, dn, password) is BindResult.REJECTED


@pytest.fixture(scope="module")
def open_to_others() -> Iterator[SlapdServer]:
    """A slapd with its socket, which is the provider's, and the port of other programs."""
    folder = Path(tempfile.mkdtemp(prefix="dm-"))
    slapd = plan_slapd(folder, port=free_port())
    prepare_slapd(slapd)
    process = start_slapd(slapd, open_port=True)
    server = SlapdServer(slapd, process)
    try:
        wait_for(slapd.uri, process=process)
        yield server
    finally:
        server.close()
        shutil.rmtree(folder)


@pytest.mark.parametrize("status", schema.PERSON_STATES)
def test_who_is_not_active_binds_nowhere_but_at_the_providers_listener(
    open_to_others: SlapdServer, status: str
) -> None:
    person = open_to_others.add_person(f"u{new_id()[:12]}", PASSWORD, dmStatus=status)
    ours, port = open_to_others.uri, open_to_others.slapd.port_uri
    asked = {
        (uri, password): verify_at([uri], person, password)
        for uri in (ours, port)
        for password in (PASSWORD, "wrong")
    }
    elsewhere = BindResult.ACCEPTED if status == "active" else BindResult.REJECTED
    assert asked == {
        (ours, PASSWORD): BindResult.ACCEPTED,
        (ours, "wrong"): BindResult.REJECTED,
        (port, PASSWORD): elsewhere,
        (port, "wrong"): BindResult.REJECTED,
    }


@pytest.mark.parametrize("status", ["active", "suspended"])
def test_wrong_passwords_lock_nobody_and_write_nothing(
    open_to_others: SlapdServer, status: str
) -> None:
    """Not at the port of other programs, and not at the sign-in, whose own counters limit tries."""
    person = open_to_others.add_person(f"u{new_id()[:12]}", PASSWORD, dmStatus=status)
    decoy = account_dn(DECOY, SUFFIX)
    manager = open_to_others.manager()
    before = [manager.read(dn, ["*", "+"]) for dn in (person, decoy)]
    for dn in (person, decoy):
        for uri in (open_to_others.uri, open_to_others.slapd.port_uri):
            for _ in range(40):
                assert verify_at([uri], dn, "wrong") is BindResult.REJECTED
    assert [manager.read(dn, ["*", "+"]) for dn in (person, decoy)] == before
    assert verify_at([open_to_others.uri], person, PASSWORD) is BindResult.ACCEPTED


def test_an_app_password_ends_with_its_owners_standing(open_to_others: SlapdServer) -> None:
    """And no entry but the owner's is written for it."""
    owner = open_to_others.add_person(f"u{new_id()[:12]}", PASSWORD)
    device_id = new_id()
    device = f"dmId={device_id},ou=devices,{SUFFIX}"
    open_to_others.gateway("idp-cred").add(
        device,
        {
            "objectClass": ["device", "dmDevice"],
            "cn": ["điện thoại"],
            "dmId": [device_id],
            "dmOwner": [owner.partition(",")[0].removeprefix("dmId=")],
            "userPassword": [hash_password("một mật khẩu máy")],
        },
    )
    port = [open_to_others.slapd.port_uri]
    assert verify_at(port, device, "một mật khẩu máy") is BindResult.ACCEPTED
    assert verify_at(port, device, "wrong") is BindResult.REJECTED
    for status in ("suspended", "left", "pending"):
        open_to_others.gateway().modify(owner, [Change("replace", "dmStatus", (status,))])
        assert verify_at(port, device, "một mật khẩu máy") is BindResult.REJECTED
    open_to_others.gateway().modify(owner, [Change("replace", "dmStatus", ("active",))])
    assert verify_at(port, device, "một mật khẩu máy") is BindResult.ACCEPTED


def test_an_account_slapds_operator_ended_is_told_as_locked(
    slapd_server: SlapdServer, person: str
) -> None:
    gateway = slapd_server.gateway()
    gateway.modify(person, [Change("replace", "pwdEndTime", (PAST,))])
    assert verify(slapd_server, person, PASSWORD) is BindResult.LOCKED
    assert verify(slapd_server, person, "wrong") is BindResult.LOCKED
    gateway.modify(person, [Change("replace", "pwdEndTime", (FUTURE,))])
    assert verify(slapd_server, person, PASSWORD) is BindResult.ACCEPTED
    gateway.modify(person, [Change("delete", "pwdEndTime")])
    assert verify(slapd_server, person, PASSWORD) is BindResult.ACCEPTED


def test_a_reset_password_must_be_changed(slapd_server: SlapdServer, person: str) -> None:
    new = hash_password("temporary password, long")
    slapd_server.gateway().modify(
        person,
        [
            Change("replace", "userPassword", (new,)),
            Change("replace", "pwdReset", ("TRUE",)),
        ],
    )
    assert verify(slapd_server, person, "temporary password, long") is BindResult.MUST_CHANGE
    assert verify(slapd_server, person, PASSWORD) is BindResult.REJECTED


@pytest.mark.usefixtures("full_cost")
def test_the_stored_hash_is_argon2id_with_our_cost(own_slapd: SlapdServer) -> None:
    own_slapd.add_person("an.nv", PASSWORD)
    manager = own_slapd.manager()
    for entry in manager.search(SUFFIX, "(userPassword=*)", ["userPassword"], scope="sub"):
        (stored,) = entry.all("userPassword")
        assert stored.startswith("{ARGON2}$argon2id$v=19$m=19456,t=2,p=1$"), entry.dn
    value = hash_password(PASSWORD)
    assert value != hash_password(PASSWORD)
    assert matches(unicodedata.normalize("NFD", PASSWORD), value)
    assert not matches(PASSWORD + "x", value)
    # Every byte counts, also where other hashes have stopped reading.
    long = hash_password("a" * 100)
    assert matches("a" * 100, long) and not matches("a" * 79 + "b" + "a" * 20, long)
    assert not matches(PASSWORD, "{SSHA}x")


def test_searches_stay_the_service_accounts_after_people_signed_in(own_slapd: SlapdServer) -> None:
    """200 binds as people, one that timed out, and every search is still ours."""
    person = own_slapd.add_person("an.nv", PASSWORD)
    idp = own_slapd.gateway("idp")
    for _ in range(200):
        assert verify(own_slapd, person, PASSWORD) is BindResult.ACCEPTED
        assert idp.search(f"ou=people,{SUFFIX}", "(uid=an.nv)", ["uid"])
    own_slapd.pause()  # the bind gets no answer in time
    with pytest.raises(Unavailable):
        verify_at([own_slapd.uri], person, PASSWORD, timeout_s=0.3)
    own_slapd.resume()
    breaker.reset(own_slapd.uri)
    for _ in range(20):
        assert idp.search(f"ou=people,{SUFFIX}", "(uid=an.nv)", ["uid"])
    who = who_searched(own_slapd.log(), "(uid=an.nv)")
    assert len(who) == 220
    assert {dn.lower() for dn in who} == {account_dn("idp", SUFFIX)}


def who_searched(log: str, filter_: str) -> list[str]:
    """The DN each search with `filter_` ran as: the last bind on its connection before it."""
    bound: dict[str, str] = {}
    found: list[str] = []
    for line in log.splitlines():
        connection = line.partition("conn=")[2].partition(" ")[0]
        if 'BIND dn="' in line:
            bound[connection] = line.partition('BIND dn="')[2].partition('"')[0]
        if " SRCH base=" in line and f'filter="{filter_}"' in line:
            found.append(bound[connection])
    return found


@pytest.mark.usefixtures("full_cost")
def test_an_unknown_name_takes_as_long_as_a_wrong_password(own_slapd: SlapdServer) -> None:
    person = own_slapd.add_person(f"u{new_id()[:12]}", PASSWORD)
    nobody = f"dmId={new_id()},ou=people,{SUFFIX}"
    empty = own_slapd.add_person(f"u{new_id()[:12]}")
    decoy = f"cn=decoy,ou=services,{SUFFIX}"
    times: dict[str, list[float]] = {person: [], nobody: [], empty: []}
    for _ in range(9):
        for dn, taken in times.items():
            began = time.perf_counter()
            result = verify_at([own_slapd.uri], dn, "wrong password", decoy_dn=decoy)
            assert result is BindResult.REJECTED
            taken.append(time.perf_counter() - began)
    # On a busy machine an answer without a hash may come late enough to be taken for one with it.
    most = {dn: sorted(taken)[6] for dn, taken in times.items()}
    assert min(most.values()) > 0.4 * max(most.values()), most


def test_no_more_hashes_at_once_than_slots(tmp_path: Path) -> None:
    slots, at_once, most = HashSlots(tmp_path / "run", slots=2), [], []
    lock = threading.Lock()

    def work() -> None:
        with slots.slot():
            with lock:
                at_once.append(1)
                most.append(len(at_once))
            time.sleep(0.02)
            with lock:
                at_once.pop()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 8
    assert max(most) == 2


def test_who_waits_too_long_for_a_slot_is_sent_away(
    slapd_server: SlapdServer, tmp_path: Path
) -> None:
    slots = HashSlots(tmp_path, slots=1)
    began = time.monotonic()
    with HashSlots(tmp_path, slots=1).slot(), pytest.raises(Unavailable) as busy:
        verify_at([slapd_server.uri], f"dmId=x,{SUFFIX}", PASSWORD, slots=slots)
    assert busy.value.code == "signin.busy"
    assert busy.value.params["retry_after_s"] == 2
    assert 1.9 < time.monotonic() - began < 8
    assert (
        verify_at([slapd_server.uri], f"dmId=x,{SUFFIX}", "x", slots=slots) is BindResult.REJECTED
    )
