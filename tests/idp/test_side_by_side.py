"""Two transactions that want the same: whoever comes second waits, and finds what the first left.

SQLite makes every writer wait. PostgreSQL lets them work side by side: what is looked up and then
written must be held in between, and no race may end as a fault.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, select

from admin_ui.components import REGISTRATION
from directory.authz import applications, grants
from directory.authz.applications import Application
from directory.authz.grants import Grant
from directory.catalogue.agency import OBJECT_CLASSES as AGENCY_CLASSES
from directory.catalogue.agency import Agency, agency_attributes
from directory.catalogue.person import OBJECT_CLASSES as PERSON_CLASSES
from directory.catalogue.person import Person, stored_attributes
from directory.errors import Conflict, NotFound
from directory.ids import new_id
from directory.intents.carrying import _reserve as reserve_values
from directory.intents.model import EntryChange
from directory.intents.tables import reserved_value
from directory.ldap.entries import Entry
from directory.projection.apply import apply_entry, touch_person
from directory.projection.tables import (
    catalogue_login,
    catalogue_person,
    catalogue_tree,
    person_state,
)
from idp.clients.service import add_client
from idp.devices import store as devices
from idp.devices.tables import known_device
from idp.flows import store as flows
from idp.keys import service as keys
from idp.keys.tables import signing_key
from idp.sessions import store as sessions
from idp.throttle import store as throttle
from tests.support.installation import OPERATOR
from tests.support.oidc_installation import OidcInstallation, Province
from tests.support.relying_party import REDIRECT
from web.forwarded import Sender

pytestmark = pytest.mark.both_engines

Work = Callable[[Connection], Any]


def meet(served: OidcInstallation, first: Work, second: Work) -> tuple[Any, Any]:
    """What both gave; `second` begins when `first` is done and not committed yet."""
    came: list[Any] = []

    def come_second() -> None:
        try:
            came.append(served.installation.database.retrying(second))
        except Exception as error:
            came.append(error)

    thread = threading.Thread(target=come_second)
    with served.installation.database.write() as tx:
        gave = first(tx)
        thread.start()
        time.sleep(0.15)
    thread.join()
    return gave, came[0]


def entry_of(person: Person, csn: int) -> Entry:
    values = stored_attributes(person) | {"objectClass": PERSON_CLASSES, "dmId": (person.id,)}
    stamp = {"entryCSN": (f"20261122000000.{csn:06d}Z#000000#000#000000",)}
    return Entry(f"dmId={person.id}", {**values, **stamp})


def a_person(username: str, title: str = "An") -> Person:
    return Person(
        id=new_id(),
        username=username,
        full_name=f"Nguyễn Văn {title}",
        family_name="Nguyễn",
        middle_name="Văn",
        given_name=title,
        mail=f"{username}@binhduong.gov.vn",
    )


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_request_and_feed_bring_the_same_new_person(
    served: OidcInstallation, order: tuple[int, int]
) -> None:
    person = a_person(f"moi.{order[0]}")
    first, second = order
    _, came = meet(
        served,
        lambda tx: apply_entry(tx, entry_of(person, first)),
        lambda tx: apply_entry(tx, entry_of(person, second)),
    )
    assert came is None
    with served.installation.database.read() as tx:
        columns = catalogue_person.c
        csns = tx.execute(select(columns.csn).where(columns.id == person.id)).scalars().all()
        names = select(func.count()).where(catalogue_login.c.person_id == person.id)
        assert tx.execute(names).scalar() == 2
    assert csns == [entry_of(person, 2).one("entryCSN")]


def test_a_login_that_two_entries_claim_stays_with_the_first(served: OidcInstallation) -> None:
    one, other = a_person("cu.1"), a_person("cu.1")
    _, came = meet(
        served,
        lambda tx: apply_entry(tx, entry_of(one, 1)),
        lambda tx: apply_entry(tx, entry_of(other, 2)),
    )
    assert came is None
    with served.installation.database.read() as tx:
        columns = catalogue_login.c
        held = select(columns.person_id).where(columns.login == "cu.1")
        assert tx.execute(held).scalars().all() == [one.id]


def test_two_touch_a_person_nobody_has_touched(served: OidcInstallation) -> None:
    person_id = new_id()
    for end_sessions in (False, True):
        _, came = meet(
            served,
            lambda tx: touch_person(tx, person_id, end_sessions=False),
            partial(touch_person, person_id=person_id, end_sessions=end_sessions),
        )
        assert came is None
    with served.installation.database.read() as tx:
        row = tx.execute(select(person_state).where(person_state.c.person_id == person_id)).one()
    assert row.version == 4
    assert row.sessions_valid_after > 0


@pytest.mark.parametrize("reverse", [False, True])
def test_agencies_that_come_together_all_find_their_place(
    served: OidcInstallation, reverse: bool
) -> None:
    parent = Agency(id=new_id(), name="Sở trên", code=f"T{reverse}")
    child = Agency(id=new_id(), name="Phòng dưới", kind="unit", parent_id=parent.id)

    def apply(agency: Agency) -> Work:
        values = agency_attributes(agency) | {"objectClass": AGENCY_CLASSES, "dmId": (agency.id,)}
        stamp = {"entryCSN": ("20261122000000.000001Z#000000#000#000000",)}
        return lambda tx: apply_entry(tx, Entry(f"dmId={agency.id}", {**values, **stamp}))

    order = (child, parent) if reverse else (parent, child)
    _, came = meet(served, *map(apply, order))
    assert came is None
    with served.installation.database.read() as tx:
        columns = catalogue_tree.c
        above = select(columns.ancestor_id).where(columns.descendant_id == child.id)
        assert set(tx.execute(above).scalars()) == {parent.id, child.id}


def test_two_tokens_of_one_session_and_application(
    served: OidcInstallation, province: Province
) -> None:
    cookie = served.sign_in(province.an)
    with served.installation.database.read() as tx:
        session = sessions.find(tx, cookie)
    assert session is not None

    def note(tx: Connection) -> None:
        sessions.note_client(tx, session.sid, province.client.client.id)

    _, came = meet(served, note, note)
    assert came is None
    with served.installation.database.read() as tx:
        assert sessions.clients_of(tx, session.sid) == [province.client.client.id]


def test_a_flow_is_finished_once(served: OidcInstallation) -> None:
    with served.installation.database.write() as tx:
        flow_id = flows.create(tx, {}, "", "browser")

    def finish(tx: Connection) -> bool:
        flow = flows.load(tx, flow_id, "browser", to_finish=True)
        if flow is not None:
            flows.finish(tx, flow_id)
        return flow is not None

    assert meet(served, finish, finish) == (True, False)


def test_a_try_meets_the_end_of_a_pause(served: OidcInstallation) -> None:
    keyring = served.installation.keyring

    def reserve(tx: Connection) -> object:
        sender = Sender("10.9.9.9", is_proxy=False)
        return throttle.reserve(tx, throttle.elsewhere(keyring, "typed:ai", None, sender))

    with served.installation.database.write() as tx:
        reserved = reserve(tx)
    assert isinstance(reserved, throttle.Reservation)
    _, came = meet(served, lambda tx: throttle.lift(tx, key_hashes=[reserved.login_hash]), reserve)
    assert isinstance(came, throttle.Reservation)


def test_wrong_tries_at_the_same_instant_all_count(served: OidcInstallation) -> None:
    keyring = served.installation.keyring
    sender = Sender("10.9.9.10", is_proxy=False)
    meant = throttle.elsewhere(keyring, "typed:cung luc", None, sender)

    def try_wrong(tx: Connection) -> throttle.Failure:
        got = throttle.reserve(tx, meant)
        assert isinstance(got, throttle.Reservation)
        return throttle.fail(tx, got)

    for _ in range(2):
        meet(served, try_wrong, try_wrong)
    with served.installation.database.write() as tx:
        last = try_wrong(tx)
    assert last.wait is not None


def test_two_sign_ins_of_one_person_keep_to_the_number_of_devices(served: OidcInstallation) -> None:
    person_id = new_id()
    for _ in range(devices.MOST_DEVICES - 1):
        with served.installation.database.write() as tx:
            devices.remember(tx, "", person_id)
    meet(
        served,
        lambda tx: devices.remember(tx, "", person_id),
        lambda tx: devices.remember(tx, "", person_id),
    )
    with served.installation.database.read() as tx:
        kept = tx.execute(
            select(func.count())
            .select_from(known_device)
            .where(known_device.c.person_id == person_id)
        ).scalar_one()
    assert kept == devices.MOST_DEVICES


def test_a_value_given_back_may_be_taken(served: OidcInstallation) -> None:
    value = ("person.mail", "moi@binhduong.gov.vn")

    def change() -> EntryChange:
        return EntryChange("add", new_id(), "", "", {}, reserve=(value,))

    def give_back(tx: Connection) -> None:
        tx.execute(delete(reserved_value).where(reserved_value.c.value == value[1]))

    with served.installation.database.write() as tx:
        reserve_values(tx, new_id(), change())
    _, came = meet(served, give_back, lambda tx: reserve_values(tx, new_id(), change()))
    assert came is None
    with served.installation.database.write() as tx, pytest.raises(Conflict, match="taken"):
        reserve_values(tx, new_id(), change())


def test_of_two_that_want_a_value_one_gets_it(served: OidcInstallation) -> None:
    wanted = (("person.staff_no", "CB-77"), ("agency.code", "X"))
    changes = [EntryChange("add", new_id(), "", "", {}, reserve=wanted) for _ in range(2)]
    _, came = meet(
        served,
        lambda tx: reserve_values(tx, new_id(), changes[0]),
        lambda tx: reserve_values(tx, new_id(), changes[1]),
    )
    assert isinstance(came, Conflict)
    assert came.code == "agency.code.taken"


def test_an_application_is_registered_once(served: OidcInstallation) -> None:
    app = Application("ung-dung-hai-lan", "Hai lần")
    _, came = meet(
        served,
        lambda tx: applications.put(tx, OPERATOR, app),
        lambda tx: applications.put(tx, OPERATOR, app),
    )
    assert came == ""  # nothing changed: no second event tells it


def test_a_client_id_is_given_once(served: OidcInstallation) -> None:
    given = {"client_id": "hai-lan", "client_name": "Hai lần", "redirect_uris": [REDIRECT]}
    came: list[object] = []

    def register() -> None:
        try:
            came.append(add_client(served.installation, OPERATOR, REGISTRATION, given).client.id)
        except Conflict as refusal:
            came.append(refusal.code)

    threads = [threading.Thread(target=register) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, came)) == ["client.exists"] * 3 + ["hai-lan"]


def test_a_grant_is_revoked_once(served: OidcInstallation, province: Province) -> None:
    with served.installation.database.write() as tx:
        grant_id = grants.add_grant(
            tx,
            OPERATOR,
            Grant(
                province.client.client.id,
                "van_thu",
                "person",
                province.binh.id,
                province.agency.id,
                "kiểm thử",
            ),
        )

    def revoke(tx: Connection) -> None:
        grants.revoke_grant(tx, OPERATOR, grant_id, "thử")

    _, came = meet(served, revoke, revoke)
    assert isinstance(came, NotFound)
    assert len([e for e in served.events("grant.revoked") if e.fields["grant"] == grant_id]) == 1


def test_two_rotations_leave_one_key_that_signs(served: OidcInstallation) -> None:
    together = threading.Barrier(2)

    def rotate() -> None:
        together.wait()
        keys.rotate(served.installation, OPERATOR, "ES256", force=True)

    threads = [threading.Thread(target=rotate) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with served.installation.database.read() as tx:
        columns = signing_key.c
        query = select(columns.status).where(columns.alg == "ES256")
        statuses = sorted(tx.execute(query).scalars())
    assert statuses == ["current", "next", "retired", "retired"]
