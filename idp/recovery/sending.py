"""Who gets a link that was asked for: the worker looks, once whoever asked has been answered."""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection

from directory.actor import system
from directory.audit.log import person_tag, record
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.roles import reach
from directory.clock import now_ms, today
from directory.installation import Installation
from directory.messages.sending import send
from directory.projection import queries
from directory.projection.queries import PersonRow
from directory.settings import Settings
from idp import paths, printed_codes
from idp.recovery import links
from idp.recovery.events import RECOVERY_LINK_SENT
from idp.recovery.messages import RECOVERY_LINK
from idp.recovery.ways import LINK_CODE
from idp.throttle import store as throttle
from idp.throttle.store import Counter, Wait
from web.urls import absolute

_BY_ITSELF = system("recovery")
_MOST_A_RUN = 200


def send_links(installation: Installation) -> None:
    """The worker's job: make and send what was asked for."""
    with installation.database.read() as tx:
        wanted = links.list_wanted(tx, _MOST_A_RUN)
    for wanted_id in wanted:
        installation.database.retrying(partial(_send, installation, wanted_id))


def is_offered(settings: Settings) -> bool:
    """Whether there are mailboxes to which a link may go, and something that sends it."""
    return bool(settings.smtp_url and settings.recovery_mail_domains)


def may_have_one(tx: Connection, settings: Settings, person: PersonRow) -> bool:
    """Whether somebody gets a link: their work e-mail can be read without this system, and the
    account has no power over others, which must not hang on one mailbox."""
    domain = person.mail.rpartition("@")[2].lower()
    if not is_offered(settings) or person.status != "active":
        return False
    if domain not in settings.recovery_mail_domains or person.administrator_of:
        return False
    return not reach(tx, person.id, ADMIN_APPLICATION, today().isoformat())


def url_of(settings: Settings, shown: str) -> str:
    """Where the link leads. The code stands behind the ``#``, which browsers send to no server: no
    log and no program that opens links beforehand has it, and opening uses nothing up."""
    return f"{absolute(settings, paths.RECOVER)}?buoc={LINK_CODE}#{shown}"


def _send(installation: Installation, wanted_id: str, tx: Connection) -> None:
    person_id = links.take_wanted(tx, wanted_id)
    person = queries.person(tx, person_id) if person_id else None
    settings = installation.settings
    if person is None or not may_have_one(tx, settings, person):
        return
    if not _is_bearable(tx, installation, person.id):
        return
    shown = printed_codes.shown(links.add(tx, installation.keyring, person.id))
    send(
        tx,
        installation,
        RECOVERY_LINK,
        person.id,
        until=now_ms() + links.LIFE_MS,
        link=url_of(settings, shown),
        code=shown,
    )
    record(
        tx,
        RECOVERY_LINK_SENT,
        _BY_ITSELF,
        subject=person_tag(person.id),
        agency=queries.home_agency_of(tx, person.id),
    )


def _is_bearable(tx: Connection, installation: Installation, person_id: str) -> bool:
    """Whether this account gets one more, whatever name it was asked for by."""
    key = throttle.login_hash(installation.keyring, f"link to:{person_id}")
    reserved = throttle.reserve(tx, (Counter("name", key, None),))
    if reserved is None or isinstance(reserved, Wait):
        return False
    throttle.fail(tx, reserved)
    return True
