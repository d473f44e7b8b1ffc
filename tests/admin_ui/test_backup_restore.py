"""Restoring an older backup: what was settled is there once, what ended or was withdrawn is dead.

One story, told once for the whole file: a province at work, a backup in the middle of changes, a
day of changes after it, the restore. Each test looks at one part of the outcome.
"""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from admin_ui.cli.main import main
from admin_ui.components import COMPONENTS, REGISTRATION
from admin_ui.operations.backup.create import Backup, create_backup
from admin_ui.operations.backup.restore import Restored, restore
from directory.agencies.service import add_agency
from directory.audit.reading import Event, list_events
from directory.authz import applications, grants
from directory.authz.grants import Grant
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.positions import add_position
from directory.authz.roles import Role, roles_of
from directory.catalogue.agency import Agency
from directory.catalogue.person import Person, Post, person_dn
from directory.clock import now_s, today
from directory.errors import AppError
from directory.identity import VARIABLES, Identity
from directory.ids import new_id
from directory.installation import Installation
from directory.intents.carrying import _mean as mean
from directory.intents.model import EntryChange
from directory.intents.tables import intent
from directory.ldap_clients import service as ldap_clients
from directory.ldap_clients.keeping import keep_all, list_differing
from directory.ownership import claim_store
from directory.people import credentials, service
from directory.people.events import PERSON_CHANGE_REQUESTED
from directory.people.service import NewPerson, add_person, change_person
from directory.projection import queries
from directory.release import service as release
from directory.release.register import find_release
from directory.settings import Settings
from idp.applications.removal import remove_again
from idp.clients import service as clients
from idp.clients.service import Registered
from idp.factors.held import factors_of
from idp.factors.passkey import store as passkeys
from idp.factors.passkey.tables import passkey
from idp.factors.recovery_codes import store as recovery_codes
from idp.factors.service import reset
from idp.factors.totp import codes, store
from idp.factors.totp.tables import totp_authenticator
from idp.keys import service as keys
from idp.keys.store import key_set
from tests.support.authenticator import give_passkey
from tests.support.backup_installation import CALLBACK, Site, site_of
from tests.support.browser import PASSWORD, Account
from tests.support.installation import (
    OPERATOR,
    RunningInstallation,
    running_installation,
    running_slapd,
    short_folder,
)
from tests.support.made_once import make_keys
from tests.support.second_factor import give_totp
from tests.support.waiting import wait_until

pytestmark = pytest.mark.only_on_sqlite("PostgreSQL is backed up by its own tools: ours refuses")

SCOPE = "openid profile roles offline_access"
NEW_PASSWORD = "mười hai con giáp mới"
NAMES = ("an", "binh", "chi", "dung", "em", "giang", "hoa", "khanh", "lan")


@dataclass
class Story:
    """What happened, and what is to be looked at after the restore."""

    settings: Settings
    installation: Installation
    site: Site
    people: dict[str, Person]
    agency: Agency
    other_agency: Agency
    docs: Registered
    disabled: Registered
    rotated: Registered
    turning: Registered
    grant_id: str
    standing_grant_id: str
    askers: dict[str, tuple[str, str]]
    paper: tuple[str, ...]
    cookies: dict[str, str]
    tokens: dict[str, Any]
    client_token: str
    kid: str
    known_keys: dict[str, str]
    new_secrets: Mapping[str, str]
    lost: Person
    backup: Backup
    restored: Restored
    events_before: int
    events: list[Event]

    def attributes(self, name: str, *wanted: str) -> dict[str, tuple[str, ...]]:
        dn = person_dn(self.people[name].id, self.settings.suffix)
        entry = self.installation.ldap.read(dn, ["*", "entryCSN"])
        assert entry is not None
        return {attribute: entry.all(attribute) for attribute in wanted}


@dataclass
class Province:
    """What there is before the backup."""

    people: dict[str, Person]
    agency: Agency
    other_agency: Agency
    docs: Registered
    disabled: Registered
    rotated: Registered
    turning: Registered
    grant_id: str
    standing_grant_id: str
    askers: dict[str, tuple[str, str]]  # over LDAP: bind DN and password
    paper: tuple[str, ...] = ()


def found(installation: Installation) -> Province:
    make_keys(installation)
    agency = add_agency(
        installation, OPERATOR, Agency(id=new_id(), name="Sở Một", code="S1", type="DEPARTMENT")
    )
    other = add_agency(
        installation, OPERATOR, Agency(id=new_id(), name="Sở Hai", code="S2", type="DEPARTMENT")
    )
    with installation.database.write() as tx:
        clerk = add_position(tx, OPERATOR, agency.id, "Văn thư")
    people = {
        name: add_person(
            installation,
            OPERATOR,
            NewPerson(
                username=name,
                full_name=f"Nguyễn Thị {name}",
                agency_id=agency.id,
                position_id=clerk.id,
            ),
        )
        for name in NAMES
    }
    for name in ("an", "binh", "chi", "em", "hoa"):
        credentials.set_password(installation, OPERATOR, people[name].id, PASSWORD)
    names = ("docs", "disabled", "rotated", "turning")
    docs, disabled, rotated, turning = (_client(installation, name) for name in names)
    with installation.database.write() as tx:
        grants.put_role(tx, OPERATOR, Role("docs", "van_thu", "Văn thư", "Clerk"))
        given = Grant("docs", "van_thu", "position", clerk.id, agency.id, "quy chế")
        standing = grants.add_grant(tx, OPERATOR, given)
        grants.put_role(tx, OPERATOR, Role("docs", "lanh_dao", "Lãnh đạo", "Head"))
        head = Grant("docs", "lanh_dao", "person", people["an"].id, agency.id, "quyết định")
        grant_id = grants.add_grant(tx, OPERATOR, head)
    for name in ("dung", "khanh"):
        give_totp(installation, people[name].id)
        give_passkey(installation, people[name].id, count=3)
        with installation.database.write() as tx:
            paper = recovery_codes.make(tx, people[name].id)
    _client(installation, "removed")
    with installation.database.write() as tx:
        grants.put_role(tx, OPERATOR, Role("removed", "dung", "Dùng", "Use"))
        grants.add_grant(
            tx, OPERATOR, Grant("removed", "dung", "person", people["an"].id, agency.id, "thử")
        )
    askers = {name: _asker(installation, name) for name in ("asks", "off", "anew", "less", "taken")}
    return Province(
        people, agency, other, docs, disabled, rotated, turning, grant_id, standing, askers, paper
    )


def _asker(installation: Installation, name: str) -> tuple[str, str]:
    app = applications.Application(name, name)
    learns = release.proposed(["username", "full_name"])
    secret = ldap_clients.register(installation, OPERATOR, app, learns)
    return f"cn={name},ou=applications,{installation.settings.suffix}", secret


def _client(installation: Installation, name: str) -> Registered:
    metadata = {
        "client_id": name,
        "client_name": name,
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "scope": "openid profile roles offline_access reports",
    }
    return clients.add_client(installation, OPERATOR, REGISTRATION, metadata)


def change_between_the_copies(installation: Installation, province: Province) -> str:
    """Settled changes, a new person, a password, and one change that a crash left open."""
    giang = province.people["giang"]
    change_person(installation, OPERATOR, giang.id, {"phone": "0274 111"})
    change_person(
        installation, OPERATOR, giang.id, {"phone": "0274 222", "mail": "giang@binhduong.gov.vn"}
    )
    add_person(
        installation,
        OPERATOR,
        NewPerson(username="moi", full_name="Trần Văn Mới", agency_id=province.agency.id),
    )
    credentials.set_password(installation, OPERATOR, province.people["hoa"].id, NEW_PASSWORD)
    lan = province.people["lan"]
    dn = person_dn(lan.id, installation.settings.suffix)
    entry = installation.ldap.read(dn, ["dmIntent"])
    assert entry is not None
    left_open = EntryChange(
        operation="modify",
        entry_id=lan.id,
        dn=dn,
        subject=f"person:{lan.id}",
        attributes={"telephoneNumber": ("0274 333",)},
        previous_intent=entry.one("dmIntent"),
    )
    requested: dict[str, object] = {"changes": {}, "before": {}}
    return mean(installation, OPERATOR, left_open, (PERSON_CHANGE_REQUESTED, requested))


def work_after_the_backup(
    installation: Installation, province: Province
) -> tuple[Person, str, Mapping[str, str]]:
    """Rights are given and taken; gives who was added, the key revoked and the new secrets."""
    people = province.people
    service.suspend(installation, OPERATOR, people["binh"].id, "kỷ luật")
    service.retire(installation, OPERATOR, people["chi"].id, "nghỉ hưu")
    moved = Post(new_id(), province.other_agency.id, "", "Chuyên viên")
    service.move_person(installation, OPERATOR, people["dung"].id, moved)
    credentials.set_password(installation, OPERATOR, people["em"].id, NEW_PASSWORD)
    assert reset(installation, OPERATOR, factors_of(COMPONENTS), people["dung"].id, "mất máy")
    with installation.database.write() as tx:
        used = store.next_code(tx, installation.keyring, people["khanh"].id)
        assert used is not None
        assert store.take(tx, installation.keyring, people["khanh"].id, used[0]).is_right
        assert recovery_codes.use(tx, people["khanh"].id, province.paper[0])
        (held,) = passkeys.held_by(tx, people["khanh"].id)
        assert passkeys.note_use(tx, held.id, 9) and passkeys.stop(tx, held.id)
    change_person(installation, OPERATOR, people["khanh"].id, {"phone": "0274 999"})
    lost = add_person(
        installation,
        OPERATOR,
        NewPerson(username="sau", full_name="Lê Thị Sau", agency_id=province.agency.id),
    )
    credentials.set_password(installation, OPERATOR, lost.id, PASSWORD)
    with installation.database.write() as tx:
        grants.revoke_grant(tx, OPERATOR, province.grant_id, "thôi chức vụ")
        docs = applications.find(tx, "rotated")
        assert docs is not None
        applications.put(tx, OPERATOR, replace(docs, access="roles"))
        learned = find_release(tx, "rotated")
        assert learned is not None
        kept = {name: why for name, why in learned.attributes.items() if name != "username"}
        release.change(tx, OPERATOR, "rotated", kept)
        release.change(tx, OPERATOR, "less", release.proposed(["username"]))
        applications.disable(tx, OPERATOR, "off")
    for name in ("removed", "taken"):
        remove_again(installation, OPERATOR, name, "thay thế")  # without the thirty days
    later = ldap_clients.rotate(installation, OPERATOR, "anew")
    province.askers["anew again"] = (province.askers["anew"][0], later)
    province.askers["later"] = _asker(installation, "later")
    keep_all(installation)
    clients.disable_client(installation, OPERATOR, "disabled", "lộ khóa")
    secrets_now = {
        "rotated": clients.rotate_secret(installation, OPERATOR, "rotated", overlap_ms=0).secret,
        "turning": clients.rotate_secret(installation, OPERATOR, "turning").secret,
    }
    with installation.database.read() as tx:
        # Not the key of access tokens: those must be dead for another reason than this.
        kid = next(k.kid for k in keys.list_keys(tx) if k.alg == "RS256" and k.status == "current")
    keys.revoke(installation, OPERATOR, kid, "nghi lộ")
    keys.rotate(installation, OPERATOR, "ES256", force=True)
    return lost, kid, secrets_now


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    with short_folder() as folder:
        yield from tell(folder / "state")


def tell(state: Path) -> Iterator[Story]:
    cookies: dict[str, str] = {}
    with running_installation(state) as running, site_of(running.settings) as site:
        installation = running.installation
        province = found(installation)
        visitor = site.browser()
        tokens = site.party(province.docs).tokens(visitor, province.people["an"], scope=SCOPE)
        cookies["an"] = visitor.cookie

        def told(step: str, done: int, _total: int) -> None:
            if (step, done) == ("Copying the SQL store", 0):
                change_between_the_copies(installation, province)

        backup = create_backup(installation, OPERATOR, told=told)
        lost, kid, new_secrets = work_after_the_backup(installation, province)
        for name, login in (("sau", "sau"), ("an again", "an")):
            later = site.browser()
            later.sign_in(Account(login, PASSWORD, login))
            cookies[name] = later.cookie
        answer = site.party(province.docs).token(grant_type="client_credentials")
        client_token = answer.json()["access_token"]
        assert site.is_active(province.docs, client_token)
        assert site.is_active(province.docs, tokens["access_token"])
        with installation.database.read() as tx:
            events = len(list_events(tx, limit=5000))
            known_keys = {key.kid: key.status for key in keys.list_keys(tx)}
    restored = restore(running.settings, COMPONENTS, OPERATOR, backup.path)
    with running_installation(state) as running, site_of(running.settings) as site:
        with running.installation.database.read() as tx:
            told_events = list(list_events(tx, limit=5000))
        # A token says its second only: one of the restore's own second is taken for one before it.
        wait_until(lambda: now_s() >= key_set(running.installation).epoch_s, 5)
        yield Story(
            settings=running.settings,
            installation=running.installation,
            site=site,
            **vars(province),
            cookies=cookies,
            tokens=tokens,
            client_token=client_token,
            kid=kid,
            known_keys=known_keys,
            new_secrets=new_secrets,
            lost=lost,
            backup=backup,
            restored=restored,
            events_before=events,
            events=told_events,
        )


# --- nothing from before the restore lives -------------------------------------------------------
@pytest.mark.parametrize("who", ["an", "an again", "sau"])
def test_every_session_is_over(story: Story, who: str) -> None:
    assert not story.site.browser(story.cookies[who]).is_signed_in()


def test_sessions_opened_after_the_backup_are_known_and_ended(story: Story) -> None:
    """Their applications can be told: the backup itself knows nothing of them."""
    with closing(sqlite3.connect(story.settings.state / "danhmuc.db")) as sql:
        rows = sql.execute("SELECT ended_at, end_reason FROM sessions").fetchall()
    restored = [row for row in rows if row[1] == "restored"]
    assert len(restored) == story.restored.rebuilt.sessions_ended == 3
    assert all(ended for ended, _ in rows)


def test_refresh_tokens_are_refused(story: Story) -> None:
    answer = story.site.party(story.docs).refresh(story.tokens["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert story.restored.rebuilt.tokens_revoked == 1


def test_access_tokens_are_refused_also_those_without_a_row(story: Story) -> None:
    assert story.site.userinfo(story.tokens["access_token"]) == 401
    assert not story.site.is_active(story.docs, story.tokens["access_token"])
    assert not story.site.is_active(story.docs, story.client_token)


def test_new_tokens_are_good(story: Story) -> None:
    party, visitor = story.site.party(story.docs), story.site.browser()
    fresh = party.tokens(visitor, story.people["an"], scope=SCOPE)
    assert story.site.userinfo(fresh["access_token"]) == 200
    assert story.site.is_active(story.docs, fresh["access_token"])
    assert party.refresh(fresh["refresh_token"]).status_code == 200
    answer = party.token(grant_type="client_credentials")
    assert story.site.is_active(story.docs, answer.json()["access_token"])


# --- what was withdrawn stays withdrawn ----------------------------------------------------------
def test_a_lost_telephone_stays_out_and_a_used_code_used(story: Story) -> None:
    with story.installation.database.read() as tx:
        assert recovery_codes.count_left(tx, story.people["khanh"].id) == 9
        assert recovery_codes.held_by(tx, story.people["dung"].id) == []
        assert not store.is_enrolled(tx, story.people["dung"].id)
        assert store.is_enrolled(tx, story.people["khanh"].id)
        mine = totp_authenticator.c.person_id == story.people["khanh"].id
        last_step = tx.execute(select(totp_authenticator.c.last_step).where(mine)).scalar_one()
        assert passkeys.held_by(tx, story.people["dung"].id) == []
        counted = select(passkey.c.sign_count, passkey.c.stopped_at.is_not(None))
        assert tx.execute(counted).all() == [(9, True)]
    assert codes.present_step() - 60 < last_step
    event, _ = [each for each in story.events if each.kind == "factors.reset"]
    assert (event.actor, event.subject) == ("system:restore", f"person:{story.people['dung'].id}")


def test_who_was_suspended_or_left_stays_so(story: Story) -> None:
    for name, status in (("binh", "suspended"), ("chi", "left")):
        assert story.attributes(name, "dmStatus") == {"dmStatus": (status,)}
        with story.installation.database.read() as tx:
            person = queries.person(tx, story.people[name].id)
        assert person is not None
        assert person.status == status
        assert not story.site.lets_in(name)


def test_a_replaced_password_does_not_come_alive_again(story: Story) -> None:
    for name in ("em", "hoa"):
        assert not story.site.lets_in(name, PASSWORD)
        assert not story.site.lets_in(name, NEW_PASSWORD)
        credentials.set_password(
            story.installation, OPERATOR, story.people[name].id, NEW_PASSWORD + "x"
        )
        assert story.site.lets_in(name, NEW_PASSWORD + "x")
    cleared = {story.people["em"].id, story.people["hoa"].id}
    assert set(story.restored.rebuilt.carried.passwords) == cleared


def test_a_revoked_grant_stays_revoked_and_another_stands(story: Story) -> None:
    day = today().isoformat()
    with story.installation.database.read() as tx:
        standing = {grant.id for grant in grants.list_grants(tx)}
        held = roles_of(tx, story.people["an"].id, "docs", day)
    assert story.standing_grant_id in standing
    assert story.grant_id not in standing
    assert [role.role for role in held] == ["van_thu"]


def test_who_moved_away_holds_the_old_position_no_more(story: Story) -> None:
    with story.installation.database.read() as tx:
        assert roles_of(tx, story.people["dung"].id, "docs", today().isoformat()) == []
    assert story.restored.rebuilt.carried.posts == [story.people["dung"].id]
    assert story.attributes("dung", "departmentNumber") == {"departmentNumber": ()}


def test_a_disabled_client_a_rotated_secret_and_a_narrowed_entry_stay(story: Story) -> None:
    answer = story.site.party(story.disabled).token(grant_type="client_credentials")
    assert answer.status_code == 401
    answer = story.site.party(story.rotated).token(grant_type="client_credentials")
    assert answer.status_code == 401
    for before in (story.rotated, story.turning):
        fresh = replace(before, secret=story.new_secrets[before.client.id])
        assert story.site.party(fresh).token(grant_type="client_credentials").status_code == 200
    # Its application is still changing over from the one to the other.
    answer = story.site.party(story.turning).token(grant_type="client_credentials")
    assert answer.status_code == 200
    with story.installation.database.read() as tx:
        rotated = applications.find(tx, "rotated")
        learns = find_release(tx, "rotated")
    assert rotated is not None
    assert rotated.access == "roles"
    assert learns is not None
    assert "username" not in learns.attributes
    assert "full_name" in learns.attributes


def test_what_was_removed_for_good_is_removed_again(story: Story) -> None:
    with story.installation.database.read() as tx:
        for name in ("removed", "taken"):
            assert applications.find(tx, name) is None
            tombstone = applications.find_ever(tx, name)
            assert tombstone is not None and tombstone.name == name
        assert clients.connections(tx, "removed") == {"removed": None}
        assert grants.list_grants(tx, application_id="removed") == []
    assert {"removed", "taken"} <= set(story.restored.rebuilt.carried.applications)


def test_what_applications_read_over_ldap_is_what_was_not_taken_back(story: Story) -> None:
    socket = str(story.settings.state / "slapd" / "ldapi").replace("/", "%2F")

    def ask(name: str) -> tuple[int, str]:
        dn, secret = story.askers[name]
        command = ["ldapsearch", "-LLL", "-x", "-H", f"ldapi://{socket}", "-D", dn, "-w", secret]
        command += ["-b", f"ou=people,{story.settings.suffix}", "(uid=an)", "uid", "cn"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    code, read = ask("asks")
    assert code == 0 and "uid: an\n" in read and "\ncn:" in read
    code, read = ask("less")
    assert code == 0 and "uid: an\n" in read and "\ncn:" not in read
    for name in ("off", "anew", "later", "taken"):
        assert ask(name)[0] == 49, name
    assert ask("anew again")[0] == 0
    assert list_differing(story.installation) == []


def test_a_revoked_key_stays_revoked(story: Story) -> None:
    with story.installation.database.read() as tx:
        statuses = {key.kid: key.status for key in keys.list_keys(tx)}
    assert statuses[story.kid] == "revoked"
    assert story.kid not in story.site.browser().get("/jwks").text


def test_the_keys_that_applications_know_by_now_go_on_signing(story: Story) -> None:
    """Those of the day of the copy may be known to nobody: every sign-in would be refused."""
    with story.installation.database.read() as tx:
        statuses = {key.kid: key.status for key in keys.list_keys(tx)}
    assert statuses == story.known_keys
    assert story.restored.rebuilt.carried.keys == [story.kid]


# --- what was settled is there, once -------------------------------------------------------------
def test_a_change_acknowledged_between_the_copies_is_there_once(story: Story) -> None:
    found = story.attributes("giang", "telephoneNumber", "mail", "dmIntent")
    assert found["telephoneNumber"] == ("0274 222",)
    assert found["mail"] == ("giang@binhduong.gov.vn",)
    with story.installation.database.read() as tx:
        rows = tx.execute(
            select(intent.c.id, intent.c.state)
            .where(intent.c.entry_id == story.people["giang"].id)
            .order_by(intent.c.created_at, intent.c.id)
        ).all()
        person = queries.person(tx, story.people["giang"].id)
    assert [row.state for row in rows] == ["done"] * 3
    assert found["dmIntent"] == (rows[-1].id,)
    assert person is not None
    assert (person.phone, person.mail) == ("0274 222", "giang@binhduong.gov.vn")
    outcomes = [
        event
        for event in story.events
        if event.kind == "change.done" and event.subject == f"person:{story.people['giang'].id}"
    ]
    assert len(outcomes) == 3


def test_a_person_added_between_the_copies_is_there(story: Story) -> None:
    with story.installation.database.read() as tx:
        added = queries.find_person_by_login(tx, "moi")
    assert added is not None
    entry = story.installation.ldap.read(person_dn(added.id, story.settings.suffix), ["uid"])
    assert entry is not None
    assert entry.one("uid") == "moi"
    assert len(story.restored.rebuilt.replay.done) == 3
    assert story.restored.rebuilt.replay.refused == ()


def test_a_change_left_open_is_settled(story: Story) -> None:
    assert story.restored.rebuilt.recovered == 1
    assert story.attributes("lan", "telephoneNumber") == {"telephoneNumber": ("0274 333",)}
    with story.installation.database.read() as tx:
        waiting = select(func.count()).select_from(intent).where(intent.c.state == "requested")
        assert tx.execute(waiting).scalar_one() == 0


def test_what_came_after_the_backup_is_gone(story: Story) -> None:
    assert story.attributes("khanh", "telephoneNumber") == {"telephoneNumber": ()}
    with story.installation.database.read() as tx:
        assert queries.find_person_by_login(tx, "sau") is None
    dn = person_dn(story.lost.id, story.settings.suffix)
    assert story.installation.ldap.read(dn, ["uid"]) is None


def test_the_event_links_both_logs(story: Story) -> None:
    (event,) = [each for each in story.events if each.kind == "installation.restored"]
    assert event.actor == "os:tester"
    fields = event.fields
    assert fields["backup_head"] == story.backup.manifest.audit_head
    assert fields["backup_head"] in {each.id for each in story.events}
    with closing(sqlite3.connect(story.restored.aside / "danhmuc.db")) as sql:
        head, count = sql.execute("SELECT max(id), count(*) FROM audit_event").fetchone()
    assert fields["replaced_head"] == head
    assert head not in {each.id for each in story.events}
    assert count == story.events_before
    assert fields["replaced_store"] == "read"
    assert fields["withdrawals"] == {
        "people": 2,
        "posts": 1,
        "grants": 2,
        "clients": 1,
        "client_secrets": 4,
        "applications": 4,
        "releases": 4,
        "keys": 1,
        "factors": 2,
    }
    assert fields["passwords_cleared"] == 2


def test_the_replaced_state_is_kept_whole_and_nothing_lies_about(story: Story) -> None:
    aside = story.restored.aside
    assert (aside / "slapd" / "db" / "data.mdb").stat().st_size > 0
    assert (aside / "secrets" / "ldap-idp.password").exists()
    names = {path.name for path in story.settings.state.iterdir()}
    assert not names & {"restoring", "restore-in-progress", "restore-in-progress.new"}
    assert not (story.settings.run_dir / "backup" / "copies").exists()


# --- refusals: nothing is changed ----------------------------------------------------------------
@dataclass
class Small:
    """A small stopped installation with one archive."""

    settings: Settings
    archive: Path

    def fingerprint(self) -> dict[str, bytes]:
        """Every file that a restore may touch."""
        state = self.settings.state
        places = [state / "danhmuc.db", *sorted((state / "secrets").iterdir())]
        places += sorted((state / "keys").iterdir())
        places += sorted((state / "slapd" / "db").iterdir())
        return {str(path): path.read_bytes() for path in places}


def claim(installation: Installation) -> None:
    """As a start does: the store says whose it is and which master key is right."""
    settings = installation.settings
    names = {field: getattr(settings, field) for field in VARIABLES}
    identity = Identity(new_id(), demo=settings.demo, **(names | {"issuer": ""}))
    with installation.database.write() as tx:
        claim_store(tx, identity, installation.keyring)


def prepare_small(state: Path, *, with_keys: bool = True) -> Small:
    with running_installation(state) as running:
        claim(running.installation)
        if with_keys:  # the only thing sealed under the master key here; RSA takes its time
            make_keys(running.installation)
        agency = add_agency(
            running.installation, OPERATOR, Agency(id=new_id(), name="Sở Ba", code="S3")
        )
        add_person(
            running.installation,
            OPERATOR,
            NewPerson(username="an", full_name="Nguyễn Văn An", agency_id=agency.id),
        )
        backup = create_backup(running.installation, OPERATOR)
        add_person(
            running.installation,
            OPERATOR,
            NewPerson(username="binh", full_name="Nguyễn Văn Bình", agency_id=agency.id),
        )
    return Small(running.settings, backup.path)


@pytest.fixture(scope="module")
def small() -> Iterator[Small]:
    with short_folder() as folder:
        yield prepare_small(folder / "state")


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def refusal(small: Small, archive: Path, keys_dir: Path | None = None) -> str:
    before = small.fingerprint()
    with pytest.raises(AppError) as refused:
        restore(small.settings, COMPONENTS, OPERATOR, archive, keys_dir)
    assert small.fingerprint() == before
    assert not (small.settings.state / "restoring").exists()
    assert not (small.settings.state / "restore-in-progress").exists()
    return refused.value.code


def test_a_damaged_archive_is_refused(small: Small, tmp_path: Path) -> None:
    copy = tmp_path / small.archive.name
    shutil.copy(small.archive, copy)
    shutil.copy(f"{small.archive}.sha256", f"{copy}.sha256")
    flip(copy, 5000)
    assert refusal(small, copy) == "backup.checksum"
    Path(f"{copy}.sha256").unlink()
    assert refusal(small, copy) == "backup.damaged"
    copy.write_bytes(small.archive.read_bytes()[:-40])
    assert refusal(small, copy) == "backup.damaged"
    copy.write_bytes(b"")
    assert refusal(small, copy) == "backup.not_a_backup"
    assert refusal(small, tmp_path / "missing") == "backup.no_file"


def test_wrong_keys_are_refused(small: Small, tmp_path: Path) -> None:
    for name, code in (
        ("backup.key", "backup.other_key"),
        ("master.key", "backup.other_master_key"),
    ):
        apart = tmp_path / name
        shutil.copytree(small.settings.keys_dir, apart)
        (apart / name).write_text(secrets.token_hex(32) + "\n")
        assert refusal(small, small.archive, apart) == code
        (apart / name).write_text("short\n")
        assert refusal(small, small.archive, apart) == "backup.no_key"
        (apart / name).unlink()
        assert refusal(small, small.archive, apart) == "backup.no_key"


def test_another_province_is_refused(small: Small) -> None:
    other = replace(small.settings, suffix="dc=other,dc=gov,dc=vn")
    assert refusal(Small(other, small.archive), small.archive) == "backup.other_identity"


def test_a_running_system_is_not_restored(small: Small) -> None:
    with (
        running_slapd(small.settings),
        pytest.raises(AppError, match=r"backup\.system_runs"),
    ):
        restore(small.settings, COMPONENTS, OPERATOR, small.archive)


class CommandLine:
    """`danhmuc backup …` in this process: exit code and what it printed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, settings: Settings, *arguments: str, **more: str) -> tuple[int, str, str]:
        with self._monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["danhmuc", "backup", *arguments])
            for name, value in {"DANHMUC_STATE": str(settings.state), **more}.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main()
        said = self._capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err


@pytest.fixture
def danhmuc(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(monkeypatch, capsys)


def test_the_command_line_tells_one_sentence(
    small: Small, tmp_path: Path, danhmuc: CommandLine
) -> None:
    broken = tmp_path / "broken.backup"
    broken.write_bytes(small.archive.read_bytes()[:-1])
    code, _, said = danhmuc(small.settings, "restore", str(broken))
    assert code == 1
    assert "damaged, altered or cut off. Nothing was changed." in said
    _, listed, _ = danhmuc(small.settings, "list", "--json")
    assert [each["good"] for each in json.loads(listed)["backups"]] == [True]
    (tmp_path / "file").write_text("")
    code, _, said = danhmuc(small.settings, "create", "--to", str(tmp_path / "file" / "x"))
    assert (code, "Traceback" in said) == (1, False)
    assert "The disk refuses: Not a directory" in said


# --- a store that cannot be read, a new machine --------------------------------------------------
def test_with_an_unreadable_store_every_delegated_power_is_to_be_reviewed() -> None:
    with short_folder() as folder:
        state = folder / "state"
        with running_installation(state) as running:
            backup, admin = _with_an_administrator(running)
        (state / "danhmuc.db").write_bytes(b"not a database" * 1000)
        for journal in state.glob("danhmuc.db-*"):
            if journal.suffix != ".write-lock":
                journal.unlink(missing_ok=True)
        done = restore(running.settings, COMPONENTS, OPERATOR, backup.path)
        assert done.rebuilt.present.state == "unreadable"
        first, *powers = done.rebuilt.carried.review
        assert "cannot be read" in first
        assert len(powers) == 1
        assert "agency-admin" in powers[0]
        assert admin.username in powers[0]
        with running_installation(state) as running, running.installation.database.read() as tx:
            (event,) = list_events(tx, kind="installation.restored")
            assert event.fields["replaced_store"] == "unreadable"
            assert event.fields["replaced_head"] == ""


def _with_an_administrator(running: RunningInstallation) -> tuple[Backup, Person]:
    installation = running.installation
    agency = add_agency(installation, OPERATOR, Agency(id=new_id(), name="Sở Tư", code="S4"))
    admin = add_person(
        installation,
        OPERATOR,
        NewPerson(username="quantri", full_name="Nguyễn Văn Quản", agency_id=agency.id),
    )
    with installation.database.write() as tx:
        if applications.find(tx, ADMIN_APPLICATION) is None:
            console = applications.Application(ADMIN_APPLICATION, "Quản trị", access="roles")
            applications.put(tx, OPERATOR, console)
        role = Role(ADMIN_APPLICATION, "agency-admin", "Quản trị cơ quan", "Agency administrator")
        grants.put_role(tx, OPERATOR, role)
        given = Grant(ADMIN_APPLICATION, role.name, "person", admin.id, agency.id, "phân công")
        grants.add_grant(tx, OPERATOR, given)
    return create_backup(installation, OPERATOR), admin


def test_a_new_machine_is_restored_from_archive_and_keys(
    small: Small, danhmuc: CommandLine
) -> None:
    with short_folder() as folder:
        apart, state = folder / "apart", folder / "new"
        code, _, said = danhmuc(small.settings, "keys", "--to", str(apart), "--json")
        assert code == 0, said
        fresh = replace(small.settings, state=state, database_url=f"sqlite:///{state}/danhmuc.db")
        code, _, said = danhmuc(fresh, "restore", str(small.archive))
        assert code == 1
        assert "--keys DIR" in said
        code, printed, said = danhmuc(
            fresh, "restore", str(small.archive), "--keys", str(apart), "--json"
        )
        assert code == 0, said
        document = json.loads(printed)
        assert document["replaced_store"] == "none"
        assert "unknown" in document["review"][0]
        with running_installation(state) as running, running.installation.database.read() as tx:
            assert queries.find_person_by_login(tx, "an") is not None
            assert queries.find_person_by_login(tx, "binh") is None


def test_restoring_twice_the_same_archive_gives_the_same() -> None:
    with short_folder() as folder:
        one = prepare_small(folder / "state", with_keys=False)
        for _ in range(2):
            restore(one.settings, COMPONENTS, OPERATOR, one.archive)
        with (
            running_installation(one.settings.state) as running,
            running.installation.database.read() as tx,
        ):
            assert queries.find_person_by_login(tx, "an") is not None
            assert queries.find_person_by_login(tx, "binh") is None
        asides = list(one.settings.state.glob("before-restore-*"))
        assert len(asides) == 2
