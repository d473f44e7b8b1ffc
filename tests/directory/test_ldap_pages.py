"""Reading everything page by page."""

from __future__ import annotations

import pytest

from directory.errors import Unavailable
from tests.support.slapd import SlapdServer

pytestmark = pytest.mark.without_sql

PEOPLE = 25


def test_every_entry_comes_once_and_in_pages(own_slapd: SlapdServer) -> None:
    added = {own_slapd.add_person(f"page{number}") for number in range(PEOPLE)}
    gateway = own_slapd.gateway()
    pages = list(gateway.pages(own_slapd.suffix, "(objectClass=dmPerson)", ["uid"], page_size=10))
    assert [len(page) for page in pages] == [10, 10, 5]
    assert {entry.dn for page in pages for entry in page} == added
    assert list(gateway.pages(own_slapd.suffix, "(uid=nobody)", ["uid"])) == [[]]


def test_other_requests_go_between(own_slapd: SlapdServer) -> None:
    for number in range(PEOPLE):
        own_slapd.add_person(f"page{number}")
    gateway = own_slapd.gateway()
    seen = 0
    for page in gateway.pages(own_slapd.suffix, "(uid=page*)", ["uid"], page_size=10):
        seen += len(page)
        assert gateway.read(page[0].dn) is not None
    assert seen == PEOPLE


def test_a_connection_lost_between_two_pages_is_no_short_answer(own_slapd: SlapdServer) -> None:
    for number in range(PEOPLE):
        own_slapd.add_person(f"page{number}")
    gateway = own_slapd.gateway()
    pages = gateway.pages(own_slapd.suffix, "(uid=page*)", ["uid"], page_size=10)
    next(pages)
    own_slapd.kill()
    own_slapd.start()
    with pytest.raises(Unavailable, match=r"ldap\.unavailable"):
        next(pages)
