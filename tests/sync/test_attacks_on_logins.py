"""Somebody who can write to LDAP past the service must not take over another person's sign-in."""

from __future__ import annotations

import pytest

from directory.catalogue.person import Person
from directory.ids import new_id
from directory.projection import queries
from sync.feed.full_scan import reconcile
from sync.feed.polling import poll
from sync.feed.rebuilding import rebuild
from tests.support.installation import OPERATOR
from tests.sync.outsider import Fed


def owner(fed: Fed, login: str) -> str:
    with fed.installation.database.read() as tx:
        found = queries.find_person_by_login(tx, login)
    return found.id if found else ""


@pytest.fixture
def victim(fed: Fed) -> Person:
    return fed.someone_known(mail=f"{new_id()[:8]}@binhduong.gov.vn")


def claims_of(victim: Person) -> dict[str, str]:
    """Values that slapd takes, since none of them is a second one of the same attribute."""
    return {
        "the username as an address": f"dmMailAddress: {victim.username}",
        "the username in capitals": f"dmMailAddress: {victim.username.upper()}",
        "the address as the main one": f"mail: {victim.mail}",
    }


@pytest.mark.parametrize("how", claims_of(Person("", "", "", "", username="", full_name="")))
def test_a_login_stays_with_its_person(fed: Fed, victim: Person, how: str) -> None:
    thief = fed.someone_known(mail=f"{new_id()[:8]}@binhduong.gov.vn")
    claim = claims_of(victim)[how]
    attribute = claim.partition(":")[0]
    verb = "replace" if attribute == "mail" else "add"
    fed.ldapmodify(f"dn: {fed.dn(thief.id)}\nchangetype: modify\n{verb}: {attribute}\n{claim}\n")
    poll(fed.installation)
    logins = (victim.username, victim.mail, victim.username.upper())
    assert [owner(fed, login) for login in logins] == [victim.id] * 3
    assert owner(fed, thief.username) == thief.id
    reconcile(fed.installation, OPERATOR)
    assert [owner(fed, login) for login in logins] == [victim.id] * 3
    rebuild(
        fed.installation, OPERATOR
    )  # one odd entry does not keep everybody's copy from being made
    assert [owner(fed, login) for login in logins] == [victim.id] * 3
