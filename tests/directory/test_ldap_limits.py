"""How much programs may read, and how they find people: 1,200 of them, a real slapd."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from directory.catalogue.person import Person, Status, person_dn, stored_attributes
from directory.errors import AppError
from directory.ids import new_id
from directory.ldap.accounts import account_dn
from directory.ldap.base_entries import SERVICE_ACCOUNTS
from directory.ldap.entries import Change
from directory.ldap.gateway import Gateway
from directory.ldap.passwords import hash_password
from directory.text import split_name
from tests.support.slapd import SUFFIX, SlapdServer, running_slapd

pytestmark = pytest.mark.without_sql

PEOPLE, PASSWORD = 1200, "một mật khẩu đủ dài"
_NAMED = ("Đặng Thị Ngọc Hạnh", "Lý Quý", "Nguyễn Thuỳ Dương")
_ALL = (["*"], ["cn"], ["*", "+"], ["dmSearchKey"], ["name"], ["cn", "dmSearchKey"])


def person_called(name: str, number: int, status: Status = "active") -> Person:
    family, middle, given = split_name(name)
    return Person(
        id=new_id(),
        username=f"nguoi.{number}",
        full_name=name,
        family_name=family,
        middle_name=middle,
        given_name=given,
        status=status,
        mail=f"nguoi.{number}@binhduong.gov.vn",
    )


@pytest.fixture(scope="module")
def full() -> Iterator[SlapdServer]:
    folder = Path(tempfile.mkdtemp(prefix="dm-"))
    with running_slapd(folder) as server:
        manager = server.manager()
        for number in range(PEOPLE):
            name = _NAMED[number] if number < len(_NAMED) else f"Trần Văn {number}"
            person = person_called(name, number, "suspended" if number % 100 == 99 else "active")
            manager.add(
                person_dn(person.id, SUFFIX),
                {
                    "objectClass": ("inetOrgPerson", "dmPerson"),
                    "dmId": (person.id,),
                    "userPassword": (hash_password(PASSWORD),) if number == 0 else (),
                    **stored_attributes(person),
                },
            )
        yield server
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("account", "size"),
    [*((account, 1000) for account in SERVICE_ACCOUNTS), ("catalogue", 100), ("phonebook", 500)],
)
def test_every_account_reads_all_it_may_page_by_page(
    full: SlapdServer, account: str, size: int
) -> None:
    """RFC 2696: a page is bounded, reading page by page is not."""
    gateway = full.gateway(account)
    pages = gateway.pages(
        f"ou=people,{SUFFIX}", "(objectClass=inetOrgPerson)", ["cn"], page_size=size
    )
    found = [entry for page in pages for entry in page]
    seen = PEOPLE - PEOPLE // 100 if account == "phonebook" else PEOPLE
    assert len({entry.dn for entry in found}) == len(found) == seen


def test_one_answer_stays_bounded(full: SlapdServer) -> None:
    with pytest.raises(AppError, match="too_many"):
        full.gateway("phonebook").search(
            f"ou=people,{SUFFIX}", "(objectClass=inetOrgPerson)", ["cn"], scope="one"
        )


def test_people_read_nothing_by_pages(full: SlapdServer) -> None:
    (who,) = full.manager().search(f"ou=people,{SUFFIX}", "(uid=nguoi.0)", ["cn"], scope="one")
    person = Gateway([full.uri], who.dn, PASSWORD)
    with pytest.raises(AppError):
        list(person.pages(SUFFIX, "(objectClass=*)", ["cn"], page_size=100))
    person.close()


def test_people_read_little_even_where_somebody_opened_the_rules(full: SlapdServer) -> None:
    manager, people = full.manager(), f"ou=people,{SUFFIX}"
    (who,) = manager.search(people, "(uid=nguoi.0)", ["cn"], scope="one")
    (database,) = manager.search("cn=config", f"(olcSuffix={SUFFIX})", ["olcSuffix"], scope="sub")
    opened = "{0}to * by users read by * break"
    manager.modify(database.dn, [Change("add", "olcAccess", (opened,))])
    person = Gateway([full.uri], who.dn, PASSWORD)
    try:
        with pytest.raises(AppError, match="too_many"):  # of some hundred
            person.search(people, "(cn=tran van 10*)", ["cn"], scope="one")
        with pytest.raises(AppError):
            list(person.pages(people, "(cn=tran van 10*)", ["cn"], page_size=10))
    finally:
        person.close()
        manager.modify(database.dn, [Change("delete", "olcAccess", (opened,))])


@pytest.mark.parametrize(
    ("filter_", "name"),
    [
        ("(cn=*dang*)", "Đặng Thị Ngọc Hạnh"),
        ("(cn=*Đặng*)", "Đặng Thị Ngọc Hạnh"),
        ("(|(cn=*dang*)(mail=*dang*)(sn=*dang*))", "Đặng Thị Ngọc Hạnh"),
        ("(&(mail=*)(|(mail=hanh*)(cn=hanh*)(givenName=hanh*)))", "Đặng Thị Ngọc Hạnh"),
        ("(cn=hanh dang*)", "Đặng Thị Ngọc Hạnh"),
        ("(cn=*ly*)", "Lý Quý"),
        ("(cn=ly quy)", "Lý Quý"),
        ("(cn=*li*)", "Lý Quý"),
        ("(cn=quy*)", "Lý Quý"),
        ("(cn=*thuy duong*)", "Nguyễn Thuỳ Dương"),
        ("(mail=*nguoi.2@*)", "Nguyễn Thuỳ Dương"),
    ],
)
def test_programs_with_filters_of_their_own_find_people(
    full: SlapdServer, filter_: str, name: str
) -> None:
    phone_book = full.gateway("phonebook")
    for attributes in _ALL:
        found = phone_book.search(f"ou=people,{SUFFIX}", filter_, attributes, scope="one")
        if attributes in (["*"], ["cn"]):
            assert [entry.one("cn") for entry in found] == [name]
            assert all(len(entry.all("cn")) == 1 for entry in found)
        assert not any("dmsearchkey" in map(str.lower, entry.attributes) for entry in found)


def test_whoever_is_not_here_is_found_by_nobody(full: SlapdServer) -> None:
    phone_book = full.gateway("phonebook")
    for filter_ in ("(cn=*tran van 99)", "(dmSearchKey=*tran van 99)", "(uid=nguoi.99)"):
        assert phone_book.search(f"ou=people,{SUFFIX}", filter_, ["cn"], scope="one") == []


def test_a_stranger_finds_nobody_by_a_key(full: SlapdServer) -> None:
    (who,) = full.manager().search(f"ou=people,{SUFFIX}", "(uid=nguoi.0)", ["cn"], scope="one")
    person = Gateway([full.uri], who.dn, PASSWORD)
    assert account_dn("phonebook", SUFFIX)
    with pytest.raises(AppError):
        person.search(f"ou=people,{SUFFIX}", "(cn=*dang*)", ["cn"], scope="one")
    person.close()
