"""Nothing is too wide for the column it ends up in: PostgreSQL would refuse it, SQLite would not.

What the services take fits, in any script; what somebody writes to LDAP past them is cut or left
out, and never stands for somebody else.
"""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from sqlalchemy import RowMapping, String, Table, select

from directory import faults
from directory.actor import Actor
from directory.agencies.service import add_agency, change_agency
from directory.audit.log import record
from directory.audit.reading import list_events
from directory.authz import applications, codes, grants
from directory.authz.positions import add_position
from directory.authz.roles import Role, roles_of
from directory.catalogue.agency import Agency, agency_dn
from directory.catalogue.errors import Unreadable
from directory.catalogue.person import Person, Post, person_dn
from directory.clock import today
from directory.errors import Invalid
from directory.ids import new_id
from directory.installation import Installation
from directory.ldap.accounts import ldap_uris
from directory.people import service
from directory.people.service import NewPerson
from directory.projection import queries, tables
from idp.clients.registry import find_client
from idp.throttle.events import PERSON_UNLOCKED
from sync.feed.full_scan import reconcile
from sync.feed.judging import busy_ids
from sync.feed.polling import poll
from sync.feed.rebuilding import rebuild
from tests.support.installation import (
    OPERATOR,
    RunningInstallation,
    running_installation,
)
from tests.support.province import a_department

LETTERS = ("n", "ễ", "𠀀")  # of one, three and four bytes
PROJECTION: tuple[Table, ...] = tuple(
    table for table in vars(tables).values() if isinstance(table, Table)
)
_numbers = count(1)


@pytest.fixture(scope="module")
def running() -> Iterator[RunningInstallation]:
    with running_installation() as found:
        yield found


@pytest.fixture(scope="module")
def place(running: RunningInstallation) -> Agency:
    found = a_department(running.installation, "RONG")
    poll(running.installation)
    return found


def widths(table: Table) -> dict[str, int]:
    return {
        column.name: column.type.length
        for column in table.columns
        if isinstance(column.type, String) and column.type.length
    }


def rows_of(installation: Installation, entry_id: str) -> dict[str, list[RowMapping]]:
    """All that the projection says of an entry, by table."""
    found = {}
    with installation.database.read() as tx:
        for table in PROJECTION:
            key = next(n for n in ("person_id", "descendant_id", "id") if n in table.c)
            rows = tx.execute(select(table).where(table.c[key] == entry_id))
            found[table.name] = sorted((row._mapping for row in rows), key=str)
    return found


def assert_fits(installation: Installation, entry_id: str, *names: str) -> None:
    """The entry has rows in the tables of these names, and none is wider than its columns."""
    found = rows_of(installation, entry_id)
    assert {name for name, rows in found.items() if rows} == set(names)
    for table in PROJECTION:
        for row in found[table.name]:
            for column, width in widths(table).items():
                assert len(row[column] or "") <= width, f"{table.name}.{column}"


def assert_person_fits(installation: Installation, person_id: str) -> None:
    parts = ("login", "person", "post", "word")
    assert_fits(installation, person_id, "person_state", *(f"catalogue_{part}" for part in parts))


# What the services bound, by the column it ends up in. A new column needs a place here.
IDS = {"id", "person_id", "agency_id", "unit_id", "place_id", "sole_place_id", "parent_id"}
IDS |= {"ancestor_id", "descendant_id", "csn", "administrator_of"}
CUT_WHEN_MADE = {"catalogue_word.word", "catalogue_word.exact"}
ONE_OF_A_FEW = {
    "catalogue_agency.kind",
    "catalogue_agency.status",
    "catalogue_person.status",
    "catalogue_person.staff_category",
    "catalogue_person.language",
    "catalogue_post.kind",
    "catalogue_post.start_on",
    "catalogue_post.end_on",
}
BOUNDED = {
    "catalogue_person.username": "username",
    "catalogue_person.mail": "mail",
    "catalogue_person.staff_no": "staff_no",
    "catalogue_person.academic_title": "academic_title",
    "catalogue_login.login": "mail",
    "catalogue_agency.code": "code",
    "catalogue_agency.type": "type",
}


@pytest.mark.both_engines
def test_every_bounded_column_is_known_here() -> None:
    found = {f"{t.name}.{column}" for t in PROJECTION for column in widths(t) if column not in IDS}
    assert found == set(BOUNDED) | ONE_OF_A_FEW | CUT_WHEN_MADE


def widest_person(place: Agency, letter: str) -> NewPerson:
    """Every text as long as the service allows."""
    number = f"{next(_numbers):03}"
    domain = ".".join(["d" * 60] * 3)
    return NewPerson(
        username=f"u{number}".ljust(63, "u"),
        full_name=" ".join((letter * many).capitalize() for many in (65, 66, 67)),
        agency_id=place.id,
        title=letter * 200,
        mail=f"{f'm{number}'.ljust(64, 'm')}@{domain}".ljust(251, "d") + ".vn",
        phone="0" * 32,
        staff_no=number.ljust(64, "9"),
        academic_title=letter * 64,
        staff_category="NON_SPECIALISED",
    )


def with_one_more(new: NewPerson, field: str) -> NewPerson:
    longer = {"mail": f"{new.mail}n"}.get(field, f"{getattr(new, field)}{getattr(new, field)[-1]}")
    wider: dict[str, Any] = {field: longer}
    return replace(new, **wider)


@pytest.mark.both_engines
@pytest.mark.parametrize("letter", LETTERS)
def test_the_widest_person_is_taken_and_read_from_every_table(
    installation: Installation, place: Agency, letter: str
) -> None:
    new = widest_person(place, letter)
    assert (len(new.mail), len(new.full_name), len(new.title)) == (254, 200, 200)
    person = service.add_person(installation, OPERATOR, new)
    assert_person_fits(installation, person.id)
    with installation.database.read() as tx:
        row = queries.find_person_by_login(tx, new.mail)
    assert row is not None
    for field in ("username", "full_name", "mail", "phone", "staff_no", "staff_category"):
        assert getattr(row, field) == getattr(new, field)
    assert row.posts[0].title == new.title
    reconciled = reconcile(installation, OPERATOR, dry_run=True)
    assert person.id not in {found.entry_id for found in reconciled.differences}


PERSON_FIELDS = ("username", "full_name", "mail", "phone", "staff_no", "academic_title", "title")


@pytest.mark.both_engines
@pytest.mark.parametrize("field", PERSON_FIELDS)
def test_one_character_more_of_a_person_is_refused(
    installation: Installation, place: Agency, field: str
) -> None:
    new = widest_person(place, "ễ")
    with pytest.raises(Invalid) as refused:
        service.add_person(installation, OPERATOR, with_one_more(new, field))
    assert refused.value.params["field"] == field
    person = service.add_person(installation, OPERATOR, new)
    longer = getattr(with_one_more(new, field), field)
    with pytest.raises(Invalid) as refused:
        service.change_person(installation, OPERATOR, person.id, {field: longer})
    assert refused.value.params["field"] == field
    assert service.read_person(installation, person.id) == person


def a_record(place: Agency, **more: Any) -> Person:
    number = next(_numbers)
    post = Post(new_id(), place.id, "", "Chuyên viên")
    person = Person(
        new_id(), "Lê", "", "Sơ", username=f"ho.so{number}", full_name="Lê Sơ", posts=(post,)
    )
    return replace(person, **more)


WRONG_RECORDS: dict[str, tuple[str, Callable[[Person], Person]]] = {
    "its id": ("id", lambda p: replace(p, id="i" * 37)),
    "an alias": ("aliases", lambda p: replace(p, aliases=("a" * 60 + "@" + "b." * 100 + "vn",))),
    "no address": ("aliases", lambda p: replace(p, aliases=("not an address",))),
    "a post's id": ("posts", lambda p: replace(p, posts=(replace(p.posts[0], id="i" * 37),))),
    "its last day": (
        "end",
        lambda p: replace(p, posts=(replace(p.posts[0], end="2026-12-31T00:00"),)),
    ),
}


@pytest.mark.parametrize("what", WRONG_RECORDS)
def test_a_record_that_does_not_fit_is_refused(
    installation: Installation, place: Agency, what: str
) -> None:
    field, spoilt = WRONG_RECORDS[what]
    with pytest.raises(Invalid) as refused:
        service.add_record(installation, OPERATOR, spoilt(a_record(place)))
    assert refused.value.params["field"] == field


def test_a_post_ends_on_a_date_and_nothing_else(installation: Installation, place: Agency) -> None:
    person = service.add_record(installation, OPERATOR, a_record(place))
    post_id = person.posts[0].id
    with pytest.raises(Invalid):
        service.end_posts(installation, OPERATOR, person.id, {post_id: "cuối năm nay thôi"})
    done = service.end_posts(installation, OPERATOR, person.id, {post_id: "2026-12-31"})
    assert done.posts[0].end == "2026-12-31"


def widest_agency(letter: str) -> Agency:
    number = f"{next(_numbers):03}"
    return Agency(
        id=new_id(),
        name=letter * 250,
        code=number.ljust(35, letter),
        short_name=letter * 250,
        type=letter * 64,
        mail="m" * 254,
        phone="0" * 32,
    )


@pytest.mark.both_engines
@pytest.mark.parametrize("letter", LETTERS)
def test_the_widest_agency_is_taken_and_read_from_every_table(
    installation: Installation, letter: str
) -> None:
    agency = widest_agency(letter)
    add_agency(installation, OPERATOR, agency)
    assert_fits(installation, agency.id, "catalogue_agency", "catalogue_tree")
    with installation.database.read() as tx:
        row = queries.agency(tx, agency.id)
    assert row is not None
    for field in ("name", "code", "short_name", "type"):
        assert getattr(row, field) == getattr(agency, field)


@pytest.mark.both_engines
@pytest.mark.parametrize("field", ["name", "code", "short_name", "type", "mail", "phone"])
def test_one_character_more_of_an_agency_is_refused(installation: Installation, field: str) -> None:
    agency = widest_agency("ễ")
    longer: dict[str, Any] = {field: f"{getattr(agency, field)}m"}
    with pytest.raises(Invalid) as refused:
        add_agency(installation, OPERATOR, replace(agency, **longer))
    assert refused.value.params["field"] == field
    add_agency(installation, OPERATOR, agency)
    with pytest.raises(Invalid) as refused:
        change_agency(installation, OPERATOR, agency.id, longer)
    assert refused.value.params["field"] == field


@pytest.fixture(scope="module")
def application(running: RunningInstallation) -> str:
    app = applications.Application("a" * applications.ID_CHARS, "Rộng", access="roles")
    with running.installation.database.write() as tx:
        applications.put(tx, OPERATOR, app)
        grants.put_role(tx, OPERATOR, Role(app.id, "r" * 64, "Vai", "Role"))
    return app.id


@pytest.mark.both_engines
def test_one_character_more_of_an_application_or_role_is_refused(
    installation: Installation, application: str
) -> None:
    with installation.database.write() as tx:
        with pytest.raises(Invalid) as refused:
            applications.put(tx, OPERATOR, applications.Application(f"{application}a", "Rộng"))
        assert refused.value.params["field"] == "id"
        with pytest.raises(Invalid) as refused:
            grants.put_role(tx, OPERATOR, Role(application, "r" * 65, "Vai", "Role"))
        assert refused.value.params["field"] == "name"


@pytest.mark.both_engines
def test_the_widest_position_can_be_granted_a_role(
    installation: Installation, place: Agency, application: str
) -> None:
    title, post_id = "ễ" * 200, new_id()
    with installation.database.write() as tx:
        position = add_position(tx, OPERATOR, place.id, title)
    person = service.add_record(
        installation,
        OPERATOR,
        a_record(place, posts=(Post(post_id, place.id, "", title),)),
        positions={post_id: position.id},
    )
    with installation.database.write() as tx:
        for code_list, code in (("field", "f" * 64), ("procedure", "p" * 64)):
            codes.put_code(tx, OPERATOR, codes.CodeValue(code_list, code, "Mã"))  # type: ignore[arg-type]
        narrowed = Role(application, "r" * 64, "t", "t", by_field="may", by_procedure="may")
        grants.put_role(tx, OPERATOR, narrowed)
    grant = grants.Grant(
        application_id=application,
        role="r" * 64,
        holder_kind="position",
        holder_id=position.id,
        agency_id=place.id,
        reason="phân công",
        field="f" * 64,
        procedure="p" * 64,
        end="2099-12-31",
    )
    with installation.database.write() as tx:
        grants.add_grant(tx, OPERATOR, grant)
        held = roles_of(tx, person.id, application, today().isoformat())
    assert [(role.field, role.procedure) for role in held] == [(grant.field, grant.procedure)]
    too_wide = {
        "field": replace(grant, field="f" * 65),
        "procedure": replace(grant, procedure="p" * 65),
        "end": replace(grant, end="2099-12-31T00:00"),
    }
    for field, wide in too_wide.items():
        with installation.database.write() as tx, pytest.raises(Invalid) as refused:
            grants.add_grant(tx, OPERATOR, wide)
        assert refused.value.params["field"] == field
    with installation.database.write() as tx, pytest.raises(Invalid) as refused:
        add_position(tx, OPERATOR, place.id, f"{title}ễ")
    assert refused.value.params["field"] == "name"


# Past the services: with LDAP's own tools, by somebody whom not even the server's rules bind.


def write_past(running: RunningInstallation, dn: str, **values: str) -> None:
    lines = [f"dn: {dn}", "changetype: modify"]
    for attribute, value in values.items():
        encoded = base64.b64encode(value.encode()).decode()
        lines += [f"replace: {attribute}", f"{attribute}:: {encoded}", "-"]
    ldapmodify(running, "\n".join(lines))


def ldapmodify(running: RunningInstallation, ldif: str) -> None:
    uri = ldap_uris(running.settings)[0]
    command = ["ldapmodify", "-Q", "-Y", "EXTERNAL", "-e", "!relax", "-H", uri]
    done = subprocess.run(command, input=f"{ldif}\n", text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def someone(running: RunningInstallation, place: Agency) -> tuple[Person, str]:
    """A person the feed has seen, and where their entry is."""
    return somebody_for_each(running, place, [""])[""]


def somebody_for_each(
    running: RunningInstallation, place: Agency, cases: Iterable[str]
) -> dict[str, tuple[Person, str]]:
    """As many, with the feed asked once: what it costs hardly depends on how many it finds."""
    people = {
        case: service.add_record(running.installation, OPERATOR, a_record(place)) for case in cases
    }
    poll(running.installation)
    suffix = running.settings.suffix
    return {case: (person, person_dn(person.id, suffix)) for case, person in people.items()}


def follow(running: RunningInstallation, way: str) -> None:
    WAYS[way](running.installation)
    poll(running.installation)


WAYS: dict[str, Callable[[Installation], object]] = {
    "feed": poll,
    "reconcile": lambda installation: reconcile(installation, OPERATOR),
    "rebuild": lambda installation: rebuild(installation, OPERATOR),
}
ways = pytest.mark.parametrize("way", WAYS)


def wide_post(place: Agency, **more: Any) -> str:
    post = Post(new_id(), place.id, "", "Trưởng phòng", "main", "2020-01-01")
    return replace(post, **more).to_value()


WIDE_OF_PEOPLE: dict[str, str] = {
    "uid": "u" * 65,
    "cn": "𠀀 " * 5000,
    "sn": "ễ" * 5000,
    "givenName": "ễ" * 5000,
    "dmMiddleName": "ễ" * 5000,
    "mail": f"{'m' * 260}@x.vn",
    "dmMailAddress": f"{'m' * 260}@x.vn",
    "employeeNumber": "9" * 65,
    "employeeType": "T" * 33,
    "preferredLanguage": "v" * 17,
    "dmPrecedence": "9" * 30,
    "dmStatus": "active" + "e" * 11,
    "dmSortKey": "z" * 5000,
    "dmAgency": "a" * 37,
    "dmIntent": "i" * 37,
}


@ways
def test_a_person_with_too_wide_a_value_is_followed(
    running: RunningInstallation, place: Agency, way: str
) -> None:
    people = somebody_for_each(running, place, WIDE_OF_PEOPLE)
    for attribute, (_, dn) in people.items():
        wide = WIDE_OF_PEOPLE[attribute]
        if attribute == "uid":  # nobody else's
            wide = f"{next(_numbers)}{wide}"
        write_past(running, dn, telephoneNumber="0274 9", **{attribute: wide})
    follow(running, way)
    left = reconcile(running.installation, OPERATOR, dry_run=True)
    for attribute, (person, _) in people.items():
        rows = rows_of(running.installation, person.id)
        (found,) = rows["catalogue_person"]
        assert found["phone"] == "0274 9", attribute
        assert_fits(running.installation, person.id, *(name for name in rows if rows[name]))
        assert (found["status"] == "active") == (attribute != "dmStatus"), attribute
        assert person.id not in {one.entry_id for one in left.differences}, attribute


@ways
def test_a_person_with_too_wide_a_post_is_followed(
    running: RunningInstallation, place: Agency, way: str
) -> None:
    people = somebody_for_each(running, place, ("title", "kind", "start", "end", "basis"))
    # What changes from word to word does not become small when it is compressed.
    wide = " ".join(new_id() for _ in range(300))
    for field, (_, dn) in people.items():
        post = wide_post(place, **{field: wide})
        write_past(running, dn, telephoneNumber="0274 9", dmPost=post)
    follow(running, way)
    for field, (person, _) in people.items():
        found = rows_of(running.installation, person.id)
        assert found["catalogue_person"][0]["phone"] == "0274 9", field
        assert_person_fits(running.installation, person.id)
        assert (found["catalogue_post"][0]["title"] == wide) == (field == "title")


WIDE_OF_AGENCIES: dict[str, str] = {
    "dmCurrentCode": "C" * 65,
    "dmType": "T" * 65,
    "dmKind": "k" * 17,
    "dmStatus": "closed" + "d" * 11,
    "dmPrecedence": "9" * 30,
    "ou": "ễ" * 5000,
    "dmShortName": "ễ" * 5000,
    "mail": f"{'m' * 260}@x.vn",
    "dmIntent": "i" * 37,
}


@pytest.mark.both_engines
@ways
def test_an_agency_with_too_wide_a_value_is_followed(
    running: RunningInstallation, place: Agency, way: str
) -> None:
    agencies = {
        attribute: a_department(running.installation, f"R{next(_numbers)}", place.id)
        for attribute in WIDE_OF_AGENCIES
    }
    poll(running.installation)
    for attribute, agency in agencies.items():
        dn = agency_dn(agency.id, running.settings.suffix)
        wide = {attribute: WIDE_OF_AGENCIES[attribute]}
        write_past(running, dn, telephoneNumber="0274 9", **wide)
    follow(running, way)
    for attribute, agency in agencies.items():
        (found,) = rows_of(running.installation, agency.id)["catalogue_agency"]
        assert found["phone"] == "0274 9", attribute
        assert_fits(running.installation, agency.id, "catalogue_agency", "catalogue_tree")


def unreadable(running: RunningInstallation, subject: str) -> list[str]:
    with running.installation.database.read() as tx:
        events = list_events(tx, kind="catalogue.unreadable", subject=subject, limit=100)
    return [event.fields["reason"] for event in events]


NO_POSTS: dict[str, Callable[[Agency], str]] = {
    "too long an id": lambda place: wide_post(place, id="i" * 37),
    "too long a place": lambda place: wide_post(place, agency_id="i" * 37),
    "too long a unit": lambda place: wide_post(place, unit_id="i" * 37),
    "a number": lambda place: wide_post(place).replace('"2020-01-01"', "2020"),
    "an object": lambda place: wide_post(place).replace('"2020-01-01"', "{}"),
    "a list": lambda _: "[]",
    "too deep": lambda _: "[" * 100_000,
    "half a character": lambda place: json.dumps(json.loads(wide_post(place, basis="\ud800"))),
}


@ways
def test_a_person_with_a_post_that_is_none_keeps_their_rows(
    running: RunningInstallation, place: Agency, way: str
) -> None:
    people = somebody_for_each(running, place, NO_POSTS)
    before = {what: rows_of(running.installation, people[what][0].id) for what in people}
    for what, (_, dn) in people.items():
        write_past(running, dn, telephoneNumber="0274 9", dmPost=NO_POSTS[what](place))
    follow(running, way)
    for what, (person, dn) in people.items():
        assert rows_of(running.installation, person.id) == before[what], what
        assert len(unreadable(running, f"person:{person.id}")) == 1, what
        write_past(running, dn, dmPost=wide_post(place))
    poll(running.installation)
    for what, (person, _) in people.items():
        (found,) = rows_of(running.installation, person.id)["catalogue_person"]
        assert found["phone"] == "0274 9", what


@ways
def test_an_agency_under_what_cannot_be_one_keeps_its_rows(
    running: RunningInstallation, place: Agency, way: str
) -> None:
    agency = a_department(running.installation, f"R{next(_numbers)}", place.id)
    poll(running.installation)
    before = rows_of(running.installation, agency.id)
    write_past(
        running, agency_dn(agency.id, running.settings.suffix), dmParent=f"{place.id}{place.id}"
    )
    follow(running, way)
    assert rows_of(running.installation, agency.id) == before
    assert len(unreadable(running, f"agency:{agency.id}")) == 1


@ways
@pytest.mark.parametrize("more", ["-2", "\\00"])
def test_an_entry_under_what_cannot_be_an_id_is_nobody(
    running: RunningInstallation, place: Agency, more: str, way: str
) -> None:
    """And whoever the beginning of that id belongs to stays as they are."""
    renamed, dn = someone(running, place)
    owner, _ = someone(running, place)
    well, well_dn = someone(running, place)
    before = rows_of(running.installation, owner.id)
    odd_id = f"{owner.id}{more}"
    ldapmodify(running, f"dn: {dn}\nchangetype: modrdn\nnewrdn: dmId={odd_id}\ndeleteoldrdn: 1\n")
    write_past(running, well_dn, telephoneNumber="0274 9")
    follow(running, way)
    assert rows_of(running.installation, well.id)["catalogue_person"][0]["phone"] == "0274 9"
    assert rows_of(running.installation, renamed.id)["catalogue_person"][0]["status"] == "left"
    assert any(owner.id in reason for reason in unreadable(running, ""))
    ldapmodify(running, f"dn: {dn.replace(renamed.id, odd_id)}\nchangetype: delete")
    poll(running.installation)
    assert rows_of(running.installation, owner.id) == before


@ways
def test_what_is_too_wide_never_stands_for_somebody_else(
    running: RunningInstallation, place: Agency, application: str, way: str
) -> None:
    installation = running.installation
    new = widest_person(place, "n")
    victim = service.add_person(installation, OPERATOR, new)
    thief, dn = someone(running, place)
    with installation.database.write() as tx:
        role, post_id = "r" * 64, victim.posts[0].id
        grant = grants.Grant(application, role, "post", post_id, place.id, "phân công")
        grants.add_grant(tx, OPERATOR, grant)
    # Cut to their columns these would be the victim's.
    claims = {
        "uid": f"{victim.username}uu",
        "mail": f"{victim.mail}.vn",
        "dmMailAddress": f"{victim.mail}.vn",
        "employeeNumber": f"{victim.staff_no}9",
    }
    write_past(running, dn, **claims)
    WAYS[way](installation)
    poll(installation)
    mine = rows_of(installation, thief.id)
    row = mine["catalogue_person"][0]
    assert (row["username"], row["mail"], row["staff_no"]) == ("", "", "")
    assert [row["login"] for row in mine["catalogue_login"]] == [claims["uid"]]
    with installation.database.read() as tx:
        for login in (victim.username, victim.mail):
            found = queries.find_person_by_login(tx, login)
            assert found is not None
            assert found.id == victim.id
    write_past(running, dn, dmPost=wide_post(place, id=f"{post_id}2"))
    WAYS[way](installation)
    poll(installation)
    with installation.database.read() as tx:
        assert roles_of(tx, thief.id, application, today().isoformat()) == []


def test_somebody_with_too_wide_an_address_can_still_be_suspended(
    running: RunningInstallation, place: Agency
) -> None:
    person, dn = someone(running, place)
    wide = {"dmMailAddress": f"{'m' * 260}@x.vn", "employeeNumber": "9" * 300}
    write_past(running, dn, **wide)
    service.suspend(running.installation, OPERATOR, person.id, "bị chiếm tài khoản")
    assert rows_of(running.installation, person.id)["catalogue_person"][0]["status"] == "suspended"


@pytest.mark.both_engines
@ways
def test_what_postgresql_has_no_place_for_is_left_out(
    running: RunningInstallation, place: Agency, way: str
) -> None:
    attributes = ("cn", "employeeType", "mail", "dmMailAddress", "dmIntent")
    people = somebody_for_each(running, place, attributes)
    for attribute, (_, dn) in people.items():
        write_past(running, dn, telephoneNumber="0274 9", **{attribute: "a\0b@x.vn"})
    follow(running, way)
    for attribute, (person, _) in people.items():
        found = rows_of(running.installation, person.id)
        assert found["catalogue_person"][0]["phone"] == "0274 9", attribute
        values = [value for rows in found.values() for row in rows for value in row.values()]
        assert not [value for value in values if isinstance(value, str) and "\0" in value]
        service.suspend(running.installation, OPERATOR, person.id, "bị chiếm tài khoản")


def test_two_posts_of_one_id_are_no_record(running: RunningInstallation, place: Agency) -> None:
    person, dn = someone(running, place)
    before, post = rows_of(running.installation, person.id), person.posts[0]
    other = replace(post, title="Trưởng phòng").to_value()
    encoded = base64.b64encode(other.encode()).decode()
    ldapmodify(running, f"dn: {dn}\nchangetype: modify\nadd: dmPost\ndmPost:: {encoded}")
    rebuild(running.installation, OPERATOR)
    poll(running.installation)
    assert rows_of(running.installation, person.id) == before
    assert len(unreadable(running, f"person:{person.id}")) == 1


def test_a_mark_that_is_no_intents_is_told_once(
    running: RunningInstallation, place: Agency
) -> None:
    person, dn = someone(running, place)

    def reports() -> int:
        with running.installation.database.read() as tx:
            subject = f"person:{person.id}"
            return len(list_events(tx, kind="catalogue.out_of_band", subject=subject, limit=100))

    write_past(running, dn, dmIntent="i" * 37)
    poll(running.installation)
    assert reports() == 1
    service.change_person(running.installation, OPERATOR, person.id, {"phone": "0274 9"})
    poll(running.installation)
    assert reports() == 1


def test_a_change_is_settled_though_the_entry_holds_no_record_any_more(
    running: RunningInstallation, place: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, dn = someone(running, place)

    def meanwhile(point: str) -> None:
        if point == "intent.applied":
            write_past(running, dn, dmPost="[]")

    with monkeypatch.context() as patch:
        patch.setattr(faults, "reach", meanwhile)
        with pytest.raises(Unreadable) as said:
            service.change_person(running.installation, OPERATOR, person.id, {"phone": "0274 9"})
    assert "not a JSON object" in said.value.detail
    with running.installation.database.read() as tx:
        assert not busy_ids(tx, [person.id])
    poll(running.installation)
    assert len(unreadable(running, f"person:{person.id}")) == 1


@pytest.mark.parametrize("odd_id", ["", "c" * 129, "a\0b", "\ud800", "ứng-dụng"])
def test_what_cannot_be_a_client_id_names_no_client(
    installation: Installation, odd_id: str
) -> None:
    with installation.database.read() as tx:
        assert find_client(installation, tx, odd_id) is None


@pytest.mark.both_engines
def test_a_very_long_login_of_the_operating_system_is_recorded(installation: Installation) -> None:
    actor = Actor("os", "quan.tri@" + "b" * 300)
    with installation.database.write() as tx:
        event_id = record(tx, PERSON_UNLOCKED, actor, subject="person:none")
        (event,) = list_events(tx, kind="person.unlocked", subject="person:none", limit=1)
    assert event.id == event_id
    assert event.actor.startswith("os:quan.tri@bbb")
