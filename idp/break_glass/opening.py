"""What a sign-in with such an account sets off, in the transaction that gives it its session."""

from __future__ import annotations

from sqlalchemy import Connection

from directory.actor import Actor, system
from directory.audit.log import person_tag, record
from directory.authz.keepers import list_keepers
from directory.authz.permissions import PROVINCE_OPERATOR, SECURITY_OFFICER
from directory.clock import now_ms
from directory.errors import TooMany
from directory.installation import Installation
from directory.messages.sending import send
from directory.notices import service as notices
from directory.notices.permissions import NoticePermission
from directory.notices.terms import Terms
from directory.projection import queries
from idp.break_glass import store
from idp.break_glass.events import BREAK_GLASS_OPENED
from idp.break_glass.messages import BREAK_GLASS_USED
from idp.break_glass.store import Account
from idp.sessions import store as sessions

_BY_ITSELF = system("break_glass")
_WATCHING = (PROVINCE_OPERATOR, SECURITY_OFFICER)


def note_session(
    tx: Connection, installation: Installation, actor: Actor, person_id: str, sid: str
) -> None:
    """Somebody has signed in. Of an account for emergencies: the session ends an hour after it was
    opened, and with the first one everybody who keeps the province is told at once."""
    account = store.take(tx, person_id) if store.find(tx, person_id) else None
    if account is None:
        return
    opened_at = account.opened_at
    if opened_at is None:
        opened_at = store.note_opened(tx, person_id, _put_up(tx, person_id))
        _tell(tx, installation, actor, account)
    sessions.end_by(tx, sid, opened_at + store.OPEN_MS)


def _tell(tx: Connection, installation: Installation, actor: Actor, account: Account) -> None:
    subject, agency = person_tag(account.person_id), queries.home_agency_of(tx, account.person_id)
    until = now_ms() + store.OPEN_MS
    record(tx, BREAK_GLASS_OPENED, actor, subject=subject, agency=agency, until=until)
    person = queries.person(tx, account.person_id)
    named = person.username if person is not None else ""
    for each in list_keepers(tx, _WATCHING, NoticePermission.WRITE):
        if each != account.person_id:
            send(
                tx,
                installation,
                BREAK_GLASS_USED,
                each,
                account=named,
                at=now_ms(),
                address=actor.address or "–",
            )


def _put_up(tx: Connection, person_id: str) -> str:
    """Above every page of the console until it is sealed again; gives its id."""
    person = queries.person(tx, person_id)
    named = person.username if person is not None else person_id
    terms = Terms(
        kind="warning",
        text_vi=f"BÁO ĐỘNG: tài khoản khẩn cấp {named} đã được mở. Hãy xác minh ai đang dùng và vì "
        "sao; dùng xong phải niêm phong lại.",
        text_en=f"ALARM: the break-glass account {named} was opened. Find out who uses it and why; "
        "it is to be sealed again after use.",
        places=("console",),
        shown_from=now_ms(),
    )
    try:
        return notices.put_up(tx, _BY_ITSELF, terms)[0].id
    except TooMany:
        return ""  # the event and the messages tell it all the same
