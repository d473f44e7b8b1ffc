"""Facts another tool gave several values in LDAP: shown, chosen from, and never in the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from directory.agencies.service import add_agency
from directory.catalogue.agency import Agency
from directory.catalogue.person import Person, person_dn
from directory.errors import Conflict
from directory.ids import new_id
from directory.installation import Installation
from directory.intents.carrying import carry_out
from directory.ldap.entries import Change, Entry
from directory.people import service
from directory.people.service import NewPerson, change_person
from directory.text import as_seen
from tests.support.installation import OPERATOR, RunningInstallation
from tests.support.province import an_active_person

pytestmark = pytest.mark.both_engines

# Field → attribute, the value of ours, the one another tool adds, a third one.
FIELDS = {
    "username": ("uid", "x{n}.mot", "x{n}.hai", "x{n}.ba"),
    "full_name": ("cn", "Lê Thị Một", "Lê Thị Hai", "Lê Thị Ba"),
    "mail": (
        "mail",
        "x{n}.mot@binhduong.gov.vn",
        "x{n}.hai@example.org",
        "x{n}.ba@binhduong.gov.vn",
    ),
    "phone": ("telephoneNumber", "0274 1111111", "0912  222222", "0274 3333333"),
    "staff_category": ("employeeType", "OFFICIAL", "CONTRACT", "CIVIL_SERVANT"),
}


@pytest.fixture(scope="module")
def agency(running: RunningInstallation) -> Agency:
    return add_agency(
        running.installation, OPERATOR, Agency(id=new_id(), name="Sở Y tế", code="SYT")
    )


def entry_of(installation: Installation, person: Person) -> Entry:
    found = installation.ldap.read(person_dn(person.id, installation.settings.suffix), ["*"])
    assert found is not None
    return found


def with_two(installation: Installation, agency: Agency, field: str) -> tuple[Person, list[str]]:
    apart = new_id()[:6]
    attribute, *values = (text.replace("{n}", apart) for text in FIELDS[field])
    new: dict[str, Any] = {"username": f"u{apart}", "full_name": "Lê Thị Một"} | {field: values[0]}
    person = an_active_person(installation, NewPerson(agency_id=agency.id, **new))
    dn = person_dn(person.id, installation.settings.suffix)
    installation.ldap.modify(dn, [Change("add", attribute, (values[1],))])
    assert len(entry_of(installation, person).all(attribute)) == 2
    return person, values


@pytest.mark.parametrize("chosen", [0, 1, 2], ids=["ours", "the other", "a third"])
@pytest.mark.parametrize("field", sorted(FIELDS))
def test_all_is_shown_and_one_is_chosen(
    installation: Installation, agency: Agency, field: str, chosen: int
) -> None:
    person, values = with_two(installation, agency, field)
    seen = {field: getattr(person, field)}
    for expected in (seen, {}):  # with what a form showed, and from where nothing was shown
        with pytest.raises(Conflict) as told:
            change_person(
                installation, OPERATOR, person.id, {field: values[chosen]}, expected=expected
            )
        assert told.value.code == "catalogue.changed_meanwhile"
        current = told.value.params["current"]
        assert isinstance(current, Mapping)
        now = dict(current)
        assert all(value in now[field] for value in values[:2])
    done = change_person(installation, OPERATOR, person.id, {field: values[chosen]}, expected=now)
    written = " ".join(values[chosen].split())
    assert getattr(done, field) == written
    assert entry_of(installation, person).all(FIELDS[field][0]) == (written,)


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_other_fields_are_not_kept_from_anybody(
    installation: Installation, agency: Agency, field: str
) -> None:
    person, values = with_two(installation, agency, field)
    other = "phone" if field != "phone" else "staff_no"
    change_person(installation, OPERATOR, person.id, {other: "0274 9999999"}, expected={other: ""})
    assert len(entry_of(installation, person).all(FIELDS[field][0])) == 2
    service.suspend(installation, OPERATOR, person.id, "thử")
    assert set(entry_of(installation, person).all(FIELDS[field][0])) == set(values[:2])


@pytest.mark.parametrize("phone", ["0274  1111111", " 1 ", "x" * 3000])
def test_a_value_wider_than_ours_is_edited_at_the_first_try(
    installation: Installation, agency: Agency, phone: str
) -> None:
    person, _ = with_two(installation, agency, "staff_category")
    dn = person_dn(person.id, installation.settings.suffix)
    installation.ldap.modify(dn, [Change("replace", "telephoneNumber", (phone,))])
    shown = as_seen(service.read_person(installation, person.id).phone)
    done = change_person(
        installation, OPERATOR, person.id, {"phone": "0274 3822825"}, expected={"phone": shown}
    )
    assert done.phone == "0274 3822825"


@pytest.mark.parametrize("names", [("Le Binh",), ("Le An", "Le Binh")], ids=["other", "two"])
def test_a_name_changed_past_us_is_not_taken_for_its_search_key(
    installation: Installation,
    agency: Agency,
    names: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Search keys are names (SUP cn): an unaccented name matches its key still when the name
    itself is another, given after we had read the entry."""
    person = an_active_person(
        installation, NewPerson(username=f"u{new_id()[:6]}", full_name="Le An", agency_id=agency.id)
    )
    dn = person_dn(person.id, installation.settings.suffix)

    def too_late(*given: Any, **more: Any) -> Entry:
        installation.ldap.modify(dn, [Change("replace", "cn", names)])
        return carry_out(*given, **more)

    monkeypatch.setattr(service, "carry_out", too_late)
    with pytest.raises(Conflict):
        change_person(
            installation,
            OPERATOR,
            person.id,
            {"full_name": "Le Cuong"},
            expected={"full_name": "Le An"},
        )
    assert set(entry_of(installation, person).all("cn")) == set(names)
