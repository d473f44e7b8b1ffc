"""Each declared fact of a person, through everything that is derived from its declaration."""

from __future__ import annotations

import itertools
from dataclasses import fields, replace
from typing import Any

import pytest
from sqlalchemy import select, update

from admin_ui.components import VOCABULARY
from directory.agencies.service import add_agency
from directory.audit import vocabulary
from directory.audit.reading import list_events
from directory.audit.sentences import sentence
from directory.catalogue import person as catalogue
from directory.catalogue.agency import Agency
from directory.catalogue.facts import FACT, FACTS, IN_LDAP, Fact, PersonFacts, StoredFact, Value
from directory.catalogue.person import Person, person_dn
from directory.errors import Invalid
from directory.ids import new_id
from directory.installation import Installation
from directory.people import service
from directory.people.permissions import PeoplePermission
from directory.people.service import NewPerson
from directory.projection import queries
from directory.projection.rebuild import rebuild
from directory.projection.tables import FACTS_WITH_COLUMN, catalogue_person
from idp.oidc.claims import CLAIMS_OF_SCOPE
from sync.feed.full_scan import reconcile
from tests.support.installation import OPERATOR, RunningInstallation

_numbers = itertools.count(1)
# What is fixed, as whose account one is, has tests of its own (test_administration_accounts).
_CHANGED = tuple(fact for fact in FACTS if not fact.fixed)
each_fact = pytest.mark.parametrize("fact", _CHANGED, ids=lambda fact: fact.name)


@pytest.fixture(scope="module")
def agency(running: RunningInstallation) -> Agency:
    return add_agency(running.installation, OPERATOR, Agency(id=new_id(), name="Sở Y tế", code="S"))


def samples(fact: Fact) -> tuple[Value, Value]:
    """Two values of a fact that nobody else has."""
    n = next(_numbers)
    if fact.kind == "choice":
        first, *_, last = fact.choices or {}
        return first, last
    values: dict[str, tuple[Value, Value]] = {
        "text": (f"Chữ {n}", f"Chữ {n}b"),
        "login": (f"ten{n}", f"ten{n}b"),
        "mail": (f"ten{n}@x.vn", f"ten{n}b@x.vn"),
        "phone": (f"0274 1{n}", f"0274 2{n}"),
        "number": (n, n + 1),
    }
    return values[fact.kind]


def a_person(installation: Installation, agency: Agency, **given: Any) -> Person:
    username = f"nguoi{next(_numbers)}"
    given = {"username": username, "full_name": "Lê Thị Mẫu", "agency_id": agency.id} | given
    return service.add_person(installation, OPERATOR, NewPerson(**given))


def row_of(installation: Installation, person_id: str) -> queries.PersonRow:
    with installation.database.read() as tx:
        row = queries.person(tx, person_id)
    assert row is not None
    return row


@each_fact
def test_a_fact_is_stored_read_changed_and_told(
    installation: Installation, agency: Agency, fact: Fact
) -> None:
    first, second = samples(fact)
    person = a_person(installation, agency, **{fact.name: first})
    changed = service.change_person(
        installation, OPERATOR, person.id, {fact.name: second}, expected={fact.name: first}
    )
    dn = person_dn(person.id, installation.settings.suffix)
    entry = installation.ldap.read(dn, ["*"])
    assert entry is not None and entry.one(fact.attribute) == str(second)
    for held in (changed, service.read_person(installation, person.id)):
        assert getattr(held, fact.name) == second
    assert getattr(row_of(installation, person.id), fact.name) == second
    with installation.database.read() as tx:
        (event, *_) = list_events(tx, kind="person.change.requested", limit=1)
    for language, label in (("vi", fact.label.vi), ("en", fact.label.en)):
        told = sentence(event, VOCABULARY, {}, language)  # type: ignore[arg-type]
        values = (fact.choices[str(v)] for v in (first, second)) if fact.choices else ()
        words = [pair[language == "en"] for pair in values] or [str(first), str(second)]
        assert f"{label} {words[0]} → {words[1]}" in told


@each_fact
def test_what_is_not_accepted_names_the_fact(
    installation: Installation, agency: Agency, fact: Fact
) -> None:
    unfit: dict[str, Value] = {"choice": "KING", "number": -1}
    wrong = unfit.get(fact.kind, "x" * (fact.longest + 1))
    person = a_person(installation, agency)
    with pytest.raises(Invalid) as refused:
        service.change_person(installation, OPERATOR, person.id, {fact.name: wrong})
    assert refused.value.declared is fact.refused
    assert refused.value.params["field"] == fact.name
    assert fact.refused.code == f"person.{fact.name}"


@pytest.mark.parametrize(
    "fact", [f for f in FACTS_WITH_COLUMN if not f.fixed], ids=lambda fact: fact.name
)
def test_a_column_that_was_not_filled_is_filled_from_ldap(
    installation: Installation, agency: Agency, fact: Fact
) -> None:
    """As after an upgrade, while the version before it still wrote rows."""
    first, other = samples(fact)
    person = a_person(installation, agency, **{fact.name: first})
    column = catalogue_person.c[fact.name]
    wrong = None if column.nullable else other
    mine = catalogue_person.c.id == person.id
    for repair in (
        lambda: reconcile(installation, OPERATOR, dry_run=False),
        lambda: rebuild(installation, lambda _tx, _done: None),
    ):
        with installation.database.write() as tx:
            tx.execute(update(catalogue_person).where(mine).values({column: wrong}))
        if column.nullable:
            assert getattr(row_of(installation, person.id), fact.name) == fact.default
        repair()
        with installation.database.read() as tx:
            assert tx.execute(select(column).where(mine)).scalar_one() == first


def test_a_row_is_read_by_the_names_of_its_columns(
    installation: Installation, agency: Agency
) -> None:
    given = {fact.name: samples(fact)[0] for fact in _CHANGED}
    person = a_person(installation, agency, **given)
    row = row_of(installation, person.id)
    assert {name: getattr(row, name) for name in given} == given
    names = [each.name for each in fields(queries.PersonRow) if each.name != "posts"]
    with installation.database.read() as tx:
        turned = [catalogue_person.c[name] for name in reversed(names)]
        (found,) = queries.people_from(
            tx.execute(select(*turned).where(catalogue_person.c.id == person.id))
        )
    assert found == replace(row, posts=())


@pytest.mark.without_sql
def test_declarations_are_complete() -> None:
    assert len({fact.attribute for fact in IN_LDAP}) == len(IN_LDAP)
    claims = {name for names in CLAIMS_OF_SCOPE.values() for name in names}
    for fact in FACTS:
        assert fact.permission in list(PeoplePermission)
        assert not fact.claim or fact.claim in claims, "a claim needs a scope that opens it"
        assert fact.label.vi[0].islower() and fact.label.en[0].islower()
        assert vocabulary.ATTRIBUTES[fact.attribute.lower()] == fact.name
        assert fact.accepts(fact.default) or fact.required
    assert {each.name for each in fields(PersonFacts)} == set(FACT)
    assert {fact.name for fact in _CHANGED} == set(FACT) & set(service.EDITABLE)
    assert set(catalogue.stored_attributes(Person("i", "", "", ""))) >= {
        fact.attribute for fact in IN_LDAP
    }


@pytest.mark.without_sql
@pytest.mark.parametrize(
    "more", [{"attribute": "dmSecret"}, {"column": StoredFact(12)}, {"claim": "secret"}], ids=str
)
def test_a_sealed_fact_is_in_no_open_store(more: dict[str, Any]) -> None:
    facts: dict[str, Any] = {"attribute": "", "label": FACT["phone"].label} | more
    with pytest.raises(ValueError, match="sealed"):
        Fact(refused=FACT["phone"].refused, sealed=True, **facts)
