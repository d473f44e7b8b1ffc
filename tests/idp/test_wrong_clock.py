"""A clock that was a year wrong for a while, and is right again.

Every column that holds an instant is moved a year ahead and a year back: nothing waits longer than
its longest legal value, and nothing lives longer, or again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import requests
from sqlalchemy import BigInteger, ColumnElement, Table, select, update

import admin_ui.console.tables
import sync.feed.tables
from admin_ui.components import COMPONENTS, REGISTRATION
from admin_ui.console import kept_forms
from admin_ui.console import sessions as console_sessions
from admin_ui.console.kept_forms import KeptForm
from admin_ui.console.tables import console_kept_form, console_session
from directory import clock
from directory.audit import budgets
from directory.audit.tables import audit_unrecorded
from directory.authz import conflicts, grants
from directory.authz.roles import Role
from directory.authz.tables import role_exclusion
from directory.catalogue.person import Person
from directory.component import load_tables
from directory.database import job_runs
from directory.database import lease as leases
from directory.database.engine import metadata
from directory.database.instants import ZeroForNone
from directory.database.tables import job_run, lease
from directory.ids import digest, new_event_id, new_secret
from directory.intents.model import EntryChange
from directory.intents.recovery import recover_open_intents
from directory.intents.tables import intent
from directory.leaked_passwords import store as leaked_passwords
from directory.leaked_passwords.tables import leaked_list
from directory.messages import queue as messages
from directory.messages.sending import send
from directory.messages.tables import message
from directory.outbox import queue
from directory.outbox.tables import outbox
from directory.people.messages import PASSWORD_CHANGED
from directory.projection.tables import person_state
from idp.clients import service as clients
from idp.clients.model import check_client_secret
from idp.clients.tables import client
from idp.devices import store as devices
from idp.devices.tables import known_device
from idp.factors.certificate import fetching
from idp.factors.certificate import service as certificates
from idp.factors.certificate.tables import certificate_authority
from idp.flows import store as flows
from idp.flows.tables import flows as flow_table
from idp.keys import store as keys
from idp.keys.epoch import raise_epoch
from idp.keys.tables import revocation_epoch
from idp.lifetimes import FLOW_MS
from idp.oidc import posted_requests, token_families
from idp.oidc.tables import posted_request, token_family
from idp.sessions import liveness
from idp.sessions.tables import sessions as session_table
from idp.slips import approvals
from idp.slips import service as slips
from idp.slips import store as slip_store
from idp.slips.tables import slip, slip_approval
from idp.throttle import store as throttle
from idp.throttle.tables import throttle_counter
from sync.feed import brake, nightly
from sync.feed.state import read_state
from sync.feed.tables import feed_loss
from tests.support.browser import PASSWORD, Browser
from tests.support.idp_app import IdpApp, at_time
from tests.support.installation import OPERATOR
from tests.support.pki import Authority

pytestmark = pytest.mark.only_on_sqlite("instants are whole numbers on either")

YEAR_MS = 365 * clock.DAY
WRONG = "mật khẩu này sai hoàn toàn"
_ = (admin_ui.console.tables, sync.feed.tables)

# What nobody waits for and nothing lives by: told, sorted by or kept, never compared with now.
ONLY_TOLD = {
    "absence.given_at": "told",
    "certificate.made_at": "told",
    "certificate.last_used_at": "told",
    "certificate.ended_at": "whether, not when",
    "certificate.not_before": "of whoever issued it",
    "certificate.not_after": "of whoever issued it",
    "certificate_authority.added_at": "told",
    "certificate_authority.not_after": "of whoever issued it",
    "certificate_authority.crl_this_update": "of whoever issued it",
    "certificate_authority.crl_next_update": "of whoever issued it",
    "certificate_authority.crl_taken_at": "told",
    "former_password.made_at": "which came last, and no more",
    "former_password.set_at": "one ahead: an age is counted from later, and nobody is kept out",
    "password_change.began_at": "one ahead counts for over (`directory.passwords.changing`)",
    "password_profile.since": "one ahead: ages are counted from later, and nobody is kept out",
    "leaked_list.ended_at": "whether, not when, but for how long its numbers are kept",
    "break_glass.created_at": "told",
    "break_glass.sealed_at": "told; from a clock ahead doctor reminds later",
    "break_glass.opened_at": "one ahead is closed at once (`idp.break_glass.store.list_to_close`)",
    "break_glass.closed_at": "whether, not when",
    "signin_miss.at": "forgotten within a minute where it is ahead (`idp.throttle.misses.forget`)",
    "spray_alarm.began_at": "told",
    "spray_alarm.seen_at": "one ahead is ended at once (`idp.spray.alarms.end_quiet`)",
    "spray_alarm.ended_at": "whether, not when, but for how long it is kept",
    "sessions.idle_ms": "no instant",
    "factor_rule.changed_at": "told",
    "network_zone.changed_at": "told",
    "factor_grace.begun_at": "one ahead counts as begun now",
    "known_device.second_factor_at": "one ahead counts for none: tests/idp/test_factor_policy.py",
    "message.created_at": "told",
    "passkey.last_used_at": "told",
    "passkey.made_at": "told",
    "passkey.sign_count": "no instant",
    "passkey.stopped_at": "whether, not when",
    "recovery_code.made_at": "told",
    "recovery_code.used_at": "whether, not when",
    "export_approval.expires_at": "bounded: tests/console/test_export_requests.py",
    "person_state.known_since": "told; from a clock ahead the account is told as unused later",
    "person_state.signed_in_at": "whether, not when",
    "person_state.last_used_at": "from a clock ahead the account is warned later",
    "unused_warning.told_at": "one ahead counts for none: tests/directory/test_unused_warnings.py",
    "notice.put_up_at": "told",
    "notice.changed_at": "told",
    "notice.taken_down_at": "whether, not when",
    "notice.shown_from": "typed, or told as shown later: whoever put it up sees and changes it",
    "notice.shown_until": "typed by people",
    "notice.work_from": "typed by people",
    "notice.work_until": "typed by people",
    "help_wanted.asked_at": "told; the next turn of the worker takes all there are",
    "grant_reminder.told_at": "one ahead counts for none: tests/directory/test_reminders.py",
    "certificate.told_at": "one ahead counts for none: tests/idp/test_certificate_reminders.py",
    "link_wanted.asked_at": "bounded both ways where it is taken",
    "text_sent.sent_at": "one ahead is not counted and forgotten",
    "message_digest.looked_at": "one ahead counts for none: tests/directory/test_reminders.py",
    "message_digest.sent_at": "one ahead counts for never",
    "recovery_link.used_at": "whether, not when",
    "recovery_link.made_at": "what is ahead is forgotten: idp.recovery.links.purge",
    "recovery_link.expires_at": "bounded where it is read",
    "request.told_at": "whether, not when",
    "ldap_client.made_at": "told",
    "ldap_client.rotated_at": "told",
    "slip.revoked_at": "whether, not when",
    "slip.used_at": "whether, not when",
    "release.decided_at": "told",
    "release.replaced_at": "whether, not when",
    "role.retired_at": "whether, not when",
    "totp_authenticator.last_step": "no instant; one ahead of the clock counts for nothing",
    "totp_authenticator.last_used_at": "told",
    "totp_authenticator.made_at": "told",
    "totp_enrolment.begun_at": "one of a wrong clock is begun anew",
    "audit_unrecorded.number": "no instant",
    "application.disabled_at": "its removal waits for it, at most until it is disabled anew",
    "application.removed_at": "whether, not when",
    "audit_event.at": "told",
    "catalogue_event.at": "told",
    "catalogue_event.sequence": "no instant",
    "change_reader.sequence": "no instant",
    "change_reader.taken_at": "told; one of a wrong clock is late",
    "client.changed_at": "told",
    "client.created_at": "told",
    "connector.added_at": "told",
    "connector.compared_at": "told",
    "connector.failing_since": "told; one of a wrong clock is late",
    "connector.paused_at": "whether, not when",
    # `sync.engine.running` takes one that is further ahead than any for none.
    "connector.reconciled_at": "a day ahead counts for none",
    "connector.retry_at": "bounded where it is read; tests/sync/test_connectors.py",
    "connector.stopped_at": "whether, not when",
    "connector.succeeded_at": "told",
    "connector_account.changed_at": "told",
    "connector_account.doubtful_since": "whether, not when",
    "connector_account.due_at": "bounded where it is read; tests/sync/test_connectors.py",
    "connector_account.left_at": "one of a wrong clock counts for nothing",
    "connector_finding.repaired_at": "told",
    "connector_refusal.refused_at": "told",
    "connector_run.began_at": "told; which is newest its id says",
    "connector_run.ended_at": "whether, not when, but for how long it is kept",
    "client.disabled_at": "its removal waits for it, at most until it is disabled anew",
    "client.removed_at": "whether, not when",
    "entry_step.done_at": "whether, not when",
    "feed_brake.accounts": "no instant",
    "feed_brake.lost": "no instant",
    "feed_brake.since": "told",
    "feed_deferred.since": "told",
    "feed_state.last_sequence": "no instant",
    "feed_state.loaded_at": "whether, not when",
    "flows.authenticated_at": "told",
    "installation.created_at": "told",
    "intent.settled_at": "whether, not when",
    # `JobRun.age_ms` takes a time that has not come yet for none.
    "job_run.ended_at": "told",
    "job_run.failing_since": "told",
    "lease.epoch": "no instant",
    "lease.working_since": "told; whether a run is too long is measured by its worker",
    "position.closed_at": "whether, not when",
    "request.asked_at": "told",
    "request.decided_at": "told",
    "request.expires_at": "a person decides it; at worst it waits for longer, or is asked again",
    "resource_server.created_at": "told",
    "role_grant.granted_at": "told",
    "role_grant.revoked_at": "whether, not when",
    "session_clients.first_at": "sorted by",
    "session_clients.told_at": "whether, not when",
    "sessions.ended_at": "whether, not when; a purge reads it",
    "signing_key.activated_at": "told",
    "signing_key.created_at": "sorted by",
    "token_family.auth_time": "told to the application",
    "token_family.revoked_at": "whether, not when",
    # A mark lives longer than what it marks; which is dead by its own dates when the mark is gone.
    "single_use.expires_at": "only a purge reads it",
}


def move(idp: IdpApp, table: Table, column: str, by_ms: int, where: ColumnElement[bool]) -> None:
    found = table.c[column]
    by = by_ms // 1000 if column == "auth_time" else by_ms
    with idp.installation.database.write() as tx:
        changed = tx.execute(
            update(table).where(where, found.is_not(None)).values({column: found + by})
        )
        assert changed.rowcount


def answer(browser: Browser, person: Person, password: str = PASSWORD) -> requests.Response:
    return browser.answer(browser.open_sign_in(), person.username, password)


def look_at_sessions(idp: IdpApp, patch: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    person, browser = idp.person(), idp.browser()
    browser.sign_in(person)
    move(idp, session_table, column, by_ms, session_table.c.person_id == person.id)
    with at_time(patch, liveness.ABSOLUTE_MS + clock.SKEW_MS + 1):
        assert not browser.is_signed_in()
    if column in ("created_at", "auth_time") and by_ms < 0:
        return
    assert not browser.is_signed_in()
    browser.sign_in(person)
    assert browser.is_signed_in()


def look_at_flows(idp: IdpApp, patch: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    person, browser = idp.person(), idp.browser()
    page = browser.open_sign_in()
    mine = flow_table.c.id_hash == digest(page.url.partition("flow=")[2])
    move(idp, flow_table, column, by_ms, mine)
    with at_time(patch, FLOW_MS + clock.SKEW_MS + 1):
        assert browser.answer(page, person.username, PASSWORD).status_code == 410
    with idp.installation.database.write() as tx:
        flows.trim(tx)
        kept = tx.execute(select(flow_table.c.id_hash).where(mine)).first()
    assert (kept is None) or not (by_ms > 0 and column in ("created_at", "expires_at"))
    assert answer(browser, person).status_code == 303


def look_at_families(idp: IdpApp, patch: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    person, app = idp.person(), idp.documents
    tokens = app.tokens(idp.browser(), person, scope="openid offline_access")

    def refresh(token: str) -> requests.Response:
        body = {"grant_type": "refresh_token", "refresh_token": token}
        where = f"{idp.url}/token"
        return requests.post(where, data=body, auth=(app.client_id, app.secret), timeout=20)

    if column == "rotated_at":
        first = tokens["refresh_token"]
        assert refresh(first).status_code == 200
        move(idp, token_family, column, by_ms, token_family.c.person_id == person.id)
        # The grace for a lost answer is ten seconds, not a year.
        assert refresh(first).status_code == 400
        return
    move(idp, token_family, column, by_ms, token_family.c.person_id == person.id)
    with at_time(patch, token_families.OFFLINE_LIFE_MS + clock.SKEW_MS + 1):
        assert refresh(tokens["refresh_token"]).status_code == 400


def look_at_posted(idp: IdpApp, patch: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    with idp.installation.database.write() as tx:
        reference = posted_requests.keep(tx, {"client_id": "x"}).partition("posted=")[2]
    mine = posted_request.c.reference_hash == digest(reference)
    move(idp, posted_request, column, by_ms, mine)
    with idp.installation.database.write() as tx:
        assert posted_requests.fetch(tx, reference) is None
        posted_requests.keep(tx, {"client_id": "x"})
        assert tx.execute(select(posted_request).where(mine)).first() is None


def look_at_counters(idp: IdpApp, patch: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    person = idp.person()
    for _ in range(5):
        last = answer(idp.browser(), person, WRONG)
    assert last.headers["Retry-After"] == "2"
    move(idp, throttle_counter, column, by_ms, throttle_counter.c.subject == person.id)
    with at_time(patch, 2001):
        # Its own delay is over: whatever the columns say, the longest wait of all is no answer.
        got = answer(idp.browser(), person)
        assert got.status_code == 303 or int(got.headers["Retry-After"]) <= 43_200
        assert got.status_code == 303 or column == "blocked_until"
    with at_time(patch, throttle.LONG_PAUSE_MS + 1):
        assert answer(idp.browser(), person).status_code == 303


def look_at_devices(idp: IdpApp, patch: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    person, browser = idp.person(), idp.browser()
    browser.sign_in(person)
    move(idp, known_device, column, by_ms, known_device.c.person_id == person.id)
    with at_time(patch, devices.UNUSED_MS + 1), idp.installation.database.write() as tx:
        assert devices.find_counter(tx, browser.http.cookies["dm_device"], person.id) is None
    browser.http.cookies.pop("dm_session")
    browser.sign_in(person)
    with idp.installation.database.read() as tx:
        assert devices.find_counter(tx, browser.http.cookies["dm_device"], person.id)


def look_at_validity(idp: IdpApp, patch: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    person, before, after = idp.person(), idp.browser(), idp.browser()
    with at_time(patch, -clock.HOUR):
        before.sign_in(person)
    move(idp, person_state, column, by_ms, person_state.c.person_id == person.id)
    after.sign_in(person)
    assert after.is_signed_in()
    if by_ms > 0:
        assert not before.is_signed_in()


def look_at_leases(idp: IdpApp, patch: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    name, ttl_ms = f"thu.{new_secret(6)}", 30_000
    assert leases.acquire(idp.installation.database, name, "a", ttl_ms)
    move(idp, lease, column, by_ms, lease.c.name == name)
    with at_time(patch, ttl_ms + clock.SKEW_MS + 1):
        assert leases.acquire(idp.installation.database, name, "b", ttl_ms)


def look_at_outbox(idp: IdpApp, patch: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    topic = f"thu.{new_secret(6)}"
    with idp.installation.database.write() as tx:
        item_id = queue.put(tx, topic, {})
    move(idp, outbox, column, by_ms, outbox.c.id == item_id)
    with at_time(patch, 15 * clock.MINUTE), idp.installation.database.write() as tx:
        assert [item.id for item in queue.claim(tx, topic)] == [item_id]
        queue.done(tx, item_id)


def look_at_messages(idp: IdpApp, patch: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    person = idp.person()
    settings = replace(idp.installation.settings, smtp_url="smtp://127.0.0.1:9")
    with idp.installation.database.write() as tx:
        messages.forget_all(tx)
        held = replace(idp.installation, settings=settings)
        assert send(tx, held, PASSWORD_CHANGED, person.id, at=clock.now_ms())
        if column == "failed_at":
            found = messages.claim(tx, "mail")
            assert found is not None and messages.fail(tx, found, "refused")
    move(idp, message, column, by_ms, message.c.person_id == person.id)
    with at_time(patch, clock.HOUR), idp.installation.database.write() as tx:
        if column == "due_at":
            assert messages.claim(tx, "mail") is not None
        elif column == "expires_at":
            assert messages.is_any_over(tx)
        else:
            messages.forget_old(tx)
            assert messages.count_failed(tx) == 0
        messages.forget_all(tx)


def look_at_epoch(idp: IdpApp, _patch: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    person = idp.person()
    with idp.installation.database.write() as tx:
        at = raise_epoch(tx, "thử")
    move(idp, revocation_epoch, column, by_ms, revocation_epoch.c.at == at)
    keys.key_store(idp.served).forget()
    tokens = idp.documents.tokens(idp.browser(), person)
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert requests.get(f"{idp.url}/userinfo", headers=headers, timeout=20).status_code == 200


def look_at_retired_keys(
    _idp: IdpApp, _patch: pytest.MonkeyPatch, _column: str, by_ms: int
) -> None:
    assert not keys._is_published("retired", clock.now_ms() + by_ms)


def look_at_intents(idp: IdpApp, patch: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    intent_id = new_event_id()
    change = EntryChange("modify", intent_id, f"dmId={intent_id},ou=people", "", {})
    with idp.installation.database.write() as tx:
        tx.execute(
            intent.insert().values(
                id=intent_id,
                entry_id=intent_id,
                open_entry=intent_id,
                actor='{"kind": "os", "id": "x"}',
                change=change.to_json(),
                state="requested",
                entry_csn="",
                created_at=clock.now_ms(),
                settled_at=None,
            )
        )
    move(idp, intent, column, by_ms, intent.c.id == intent_id)
    with at_time(patch, 11_000):
        recover_open_intents(idp.installation)
    with idp.installation.database.read() as tx:
        state = tx.execute(select(intent.c.state).where(intent.c.id == intent_id)).scalar()
    assert state != "requested"


def look_at_nightly(idp: IdpApp, patch: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    done: list[str] = []
    patch.setattr(nightly, "reconcile", lambda *_args, reason: done.append(reason))
    with idp.installation.database.read() as tx:
        state = read_state(tx)
    moved = type(state)(**{**state.__dict__, "loaded_at": 1, column: clock.now_ms() + by_ms})
    patch.setattr(nightly, "read_state", lambda _tx: moved)
    nightly.reconcile_nightly(idp.installation)
    assert done == ["nightly"]


def look_at_console(idp: IdpApp, patch: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    person, browser = idp.person(), idp.browser()
    browser.sign_in(person)
    with idp.installation.database.write() as tx:
        sid = tx.execute(
            select(session_table.c.sid).where(session_table.c.person_id == person.id)
        ).scalar_one()
        value = console_sessions.open_session(tx, idp.installation.keyring, person.id, sid, "")
    move(idp, console_session, column, by_ms, console_session.c.cookie_hash == digest(value))
    ahead = console_sessions.ABSOLUTE_MS + clock.SKEW_MS + 1
    for instant in (0, ahead) if column != "created_at" else (ahead,):
        with at_time(patch, instant), idp.installation.database.read() as tx:
            assert console_sessions.find(tx, value) is None


def look_at_kept_forms(idp: IdpApp, _patch: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    session, form = new_secret(), KeptForm({}, {})
    with idp.installation.database.write() as tx:
        kept_forms._keep(tx, idp.installation.keyring, session, "/", form)
    mine = console_kept_form.c.cookie_hash == session
    move(idp, console_kept_form, column, by_ms, mine)
    with idp.installation.database.write() as tx:
        kept_forms._keep(tx, idp.installation.keyring, new_secret(), "/", form)
        assert tx.execute(select(console_kept_form).where(mine)).first() is None


def look_at_slips(idp: IdpApp, patch: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    person = idp.person()
    given = slips.issue(idp.installation, OPERATOR, person.id, "help").slip
    move(idp, slip, column, by_ms, slip.c.id == given.id)
    longest = slip_store.MOST_HOURS * clock.HOUR + clock.SKEW_MS + 1
    with at_time(patch, longest), idp.installation.database.read() as tx:
        assert slip_store.list_open(tx, person.id) == []
    again = slips.issue(idp.installation, OPERATOR, person.id, "help").slip
    with idp.installation.database.read() as tx:
        assert [each.id for each in slip_store.list_open(tx, person.id)] == [again.id]


def look_at_slip_approvals(idp: IdpApp, _: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    person = idp.person()
    with idp.installation.database.write() as tx:
        approvals.approve(tx, new_event_id(), person.id, "help", "person:x")
        assert approvals.find_until(tx, "person:x", person.id)
    mine = slip_approval.c.person_id == person.id
    move(idp, slip_approval, column, by_ms, mine)
    with idp.installation.database.write() as tx:
        assert approvals.find_until(tx, "person:x", person.id) is None
        approvals.forget_expired(tx)
        assert tx.execute(select(slip_approval).where(mine)).first() is None


def look_at_leaked(idp: IdpApp, _: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    with idp.installation.database.write() as tx:
        mine = leaked_list.c.id == leaked_passwords.begin(tx, "x")
    move(idp, leaked_list, column, by_ms, mine)
    with idp.installation.database.write() as tx:
        leaked_passwords.forget(tx)
        states = tx.execute(select(leaked_list.c.state).where(mine)).scalars().all()
    assert states in ([], ["ended"])


def look_at_revocation_lists(idp: IdpApp, _: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    made = Authority.root().issued.pem
    authority = certificates.trust(idp.installation, OPERATOR, made, without_crl="x")
    mine = certificate_authority.c.id == authority.id
    with idp.installation.database.write() as tx:
        address = {"crl_url": "http://127.0.0.1:9/", "crl_due_at": clock.now_ms()}
        tx.execute(update(certificate_authority).where(mine).values(address))
    move(idp, certificate_authority, column, by_ms, mine)
    fetching.fetch(idp.installation)
    with idp.installation.database.read() as tx:
        due_at = tx.execute(select(certificate_authority.c.crl_due_at).where(mine)).scalar_one()
    certificates.distrust(idp.installation, OPERATOR, authority.id)
    assert 0 < due_at - clock.now_ms() < clock.HOUR, "it was tried"


def look_at_exclusions(idp: IdpApp, _: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    app, names = idp.documents.client_id, ("lap", "duyet")
    mine = (role_exclusion.c.application_id == app) & role_exclusion.c.looked_at.is_not(None)
    with idp.installation.database.write() as tx:
        for name in names:
            grants.put_role(tx, OPERATOR, Role(app, name, name, name))
        grants.put_role(tx, OPERATOR, Role(app, names[0], "Lập", "Make", excludes=names[1:]))
    conflicts.look_again(idp.installation)
    move(idp, role_exclusion, column, by_ms, mine)
    conflicts.look_again(idp.installation)
    with idp.installation.database.read() as tx:
        looked_at = tx.execute(select(role_exclusion.c.looked_at).where(mine)).scalar_one()
    assert abs(looked_at - clock.now_ms()) < clock.MINUTE


def look_at_secrets(idp: IdpApp, _patch: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    made = clients.add_client(
        idp.installation,
        OPERATOR,
        REGISTRATION,
        {"client_name": "Hai khóa", "grant_types": ["client_credentials"], "scope": "org"},
    )
    clients.rotate_secret(idp.installation, OPERATOR, made.client.id)
    move(idp, client, column, by_ms, client.c.client_id == made.client.id)
    with idp.installation.database.read() as tx:
        stored = clients.show_client(tx, made.client.id)
    assert not check_client_secret(stored, made.secret or "")


def look_at_losses(idp: IdpApp, _patch: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    with idp.installation.database.write() as tx:
        brake.note_loss(tx, "thu")
    move(idp, feed_loss, column, by_ms, feed_loss.c.entry_uuid == "thu")
    with idp.installation.database.write() as tx:
        brake.require_few(tx)
        assert tx.execute(select(feed_loss)).first() is None


def look_at_runs(idp: IdpApp, _patch: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    now, name = clock.now_ms(), f"thu.{new_secret(6)}"
    with idp.installation.database.write() as tx:
        job_runs.write_runs(tx, [job_runs.JobRun(name, now, now, None)])
    move(idp, job_run, column, by_ms, job_run.c.name == name)
    with idp.installation.database.read() as tx:
        assert job_runs.list_runs(tx)[name].age_ms > clock.DAY, "nothing that proves life"


def look_at_untold(idp: IdpApp, _patch: pytest.MonkeyPatch, column: str, by_ms: int) -> None:
    who = f"person:{new_secret(6)}"
    with idp.installation.database.write() as tx:
        budgets.count(tx, who, "authz.denied", "")
    move(idp, audit_unrecorded, column, by_ms, audit_unrecorded.c.who == who)
    if column == "last_at":  # it began ten minutes ago
        began = -10 * clock.MINUTE
        move(idp, audit_unrecorded, "first_at", began, audit_unrecorded.c.who == who)
    with idp.installation.database.write() as tx:
        assert who in {untold.who for untold in budgets.take_untold(tx)}


Look = Callable[[IdpApp, pytest.MonkeyPatch, str, int], None]
LOOKS: dict[str, Look] = {
    **{
        f"sessions.{name}": look_at_sessions
        for name in ("created_at", "auth_time", "last_seen_at", "expires_at")
    },
    **{f"flows.{name}": look_at_flows for name in ("created_at", "expires_at", "proven_since")},
    **{
        f"token_family.{name}": look_at_families
        for name in ("created_at", "expires_at", "rotated_at")
    },
    "posted_request.expires_at": look_at_posted,
    **{f"slip.{name}": look_at_slips for name in ("issued_at", "expires_at")},
    "slip_approval.expires_at": look_at_slip_approvals,
    "leaked_list.begun_at": look_at_leaked,
    "certificate_authority.crl_due_at": look_at_revocation_lists,
    "role_exclusion.looked_at": look_at_exclusions,
    **{
        f"signin_throttle.{name}": look_at_counters
        for name in ("began_at", "last_at", "blocked_until", "pending_at")
    },
    **{f"known_device.{name}": look_at_devices for name in ("made_at", "last_used_at")},
    "person_state.sessions_valid_after": look_at_validity,
    "lease.deadline": look_at_leases,
    **{f"outbox.{name}": look_at_outbox for name in ("created_at", "due_at")},
    **{f"message.{name}": look_at_messages for name in ("due_at", "expires_at", "failed_at")},
    "revocation_epoch.at": look_at_epoch,
    "signing_key.retired_at": look_at_retired_keys,
    "intent.created_at": look_at_intents,
    "feed_state.swept_at": look_at_nightly,
    "client.previous_secret_until": look_at_secrets,
    "feed_loss.at": look_at_losses,
    "job_run.succeeded_at": look_at_runs,
    **{f"audit_unrecorded.{name}": look_at_untold for name in ("first_at", "last_at")},
    "console_kept_form.expires_at": look_at_kept_forms,
    **{
        f"console_session.{name}": look_at_console
        for name in ("created_at", "last_seen_at", "expires_at")
    },
}


def test_every_instant_that_is_kept_is_looked_at() -> None:
    load_tables(COMPONENTS)  # also those that no other test of this run has asked for
    instants = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, BigInteger | ZeroForNone)
    }
    named = LOOKS.keys() | ONLY_TOLD.keys()
    assert instants == named, "a new one is looked at, or ONLY_TOLD says why nobody waits for it"


@pytest.mark.parametrize("by_ms", [YEAR_MS, -YEAR_MS], ids=["ahead", "back"])
@pytest.mark.parametrize("column", sorted(LOOKS))
def test_a_year_off(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, column: str, by_ms: int
) -> None:
    LOOKS[column](idp_app, monkeypatch, column.partition(".")[2], by_ms)
