"""Having people told: of each decision whoever asked, of what waits whoever decides it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, true

from directory.actor import Actor
from directory.audit.kinds import Pair, Vocabulary
from directory.authz.entrants import list_holders
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.scopes import scopes_of
from directory.clock import DAY, now_ms
from directory.errors import Words
from directory.installation import Installation
from directory.messages import digests
from directory.messages.digests import Turn
from directory.messages.sending import send
from directory.projection import queries
from directory.requests.messages import DECISIONS, REQUEST_DECIDED, REQUESTS_WAITING
from directory.requests.register import (
    Request,
    RequestQuestion,
    count_requests,
    list_requests,
    list_untold,
    tags_of,
    waiting_for,
)
from directory.requests.service import Kinds, note_told
from directory.requests.showing import ShownRequest, show_requests
from directory.text import clean

_DIGEST = "requests"
# Of what was decided before that nobody is told any more: a mail server was named later, or a store
# was put back.
_WORTH_MS = 3 * DAY
# Whoever has read the same list is reminded of it so much later.
_AGAIN_MS = 7 * DAY
_MOST_A_RUN = 100
_MOST_SHOWN = 10


def tell_decided(installation: Installation, kinds: Kinds, vocabulary: Vocabulary) -> None:
    """Tell whoever asked what became of it."""
    if not installation.settings.tells_people:
        return
    with installation.database.read() as tx:
        found = list_untold(tx, tuple(kinds), now_ms() - _WORTH_MS, _MOST_A_RUN)
        shown = show_requests(tx, vocabulary, kinds, found)
    for each in shown:
        with installation.database.write() as tx:
            if note_told(tx, each.request.id):
                _tell_decided(tx, installation, each)


def tell_waiting(installation: Installation, kinds: Kinds, vocabulary: Vocabulary) -> None:
    """Tell each administrator once a day what waits for them, where that is not what they were told
    before; the same again after a week."""
    if not installation.settings.tells_people:
        return
    with installation.database.read() as tx:
        if not list_requests(tx, RequestQuestion(), true(), limit=1):
            return
        people = list_holders(tx, ADMIN_APPLICATION)

    def tell(tx: Connection, turn: Turn) -> bool:
        return _tell_waiting(tx, installation, kinds, vocabulary, turn)

    digests.go_round(installation, _DIGEST, people, digests.day_began(), tell)


def _tell_decided(tx: Connection, installation: Installation, shown: ShownRequest) -> None:
    asked = shown.request
    kind, _, person_id = asked.asked_by.partition(":")
    if kind != "person" or asked.decided_by == asked.asked_by or not _is_active(tx, person_id):
        return
    send(
        tx,
        installation,
        REQUEST_DECIDED,
        person_id,
        asked_at=asked.asked_at,
        decision=DECISIONS[asked.state],
        what=_line(shown.sentence),
        more=_more(asked, shown.decided_by),
    )


def _more(asked: Request, by: Words) -> Pair:
    """Who decided it, and why; nothing of what lapsed."""
    if asked.state == "lapsed":
        return ("", "")
    reason = clean(asked.decision_reason)
    vi, en = f"Người quyết định: {clean(by.vi)}\n", f"Decided by: {clean(by.en)}\n"
    if reason:
        vi, en = f"{vi}Lý do: {reason}\n", f"{en}Reason: {reason}\n"
    return (f"{vi}\n", f"{en}\n")


def _tell_waiting(
    tx: Connection, installation: Installation, kinds: Kinds, vocabulary: Vocabulary, turn: Turn
) -> bool:
    actor = Actor("person", turn.person_id)
    scopes = scopes_of(tx, actor, {kind.permission for kind in kinds.values()})
    if all(scope.is_empty for scope in scopes.values()) or not _is_active(tx, actor.id):
        return False
    by_kind = {name: scopes[kind.permission] for name, kind in kinds.items()}
    among = waiting_for(tags_of(tx, actor), by_kind)
    found = list_requests(tx, RequestQuestion(), among, limit=_MOST_SHOWN + 1)
    if not found or not _is_worth(found[0], turn):
        return False
    count = len(found) if len(found) <= _MOST_SHOWN else count_requests(tx, among)
    shown = show_requests(tx, vocabulary, kinds, found[:_MOST_SHOWN])
    sent = send(
        tx,
        installation,
        REQUESTS_WAITING,
        turn.person_id,
        count=str(count),
        requests=_list(shown, count),
    )
    return sent > 0


def _is_worth(newest: Request, turn: Turn) -> bool:
    return newest.asked_at > turn.sent_at or now_ms() - turn.sent_at >= _AGAIN_MS


def _list(shown: Sequence[ShownRequest], count: int) -> Pair:
    lines = [_line(each.sentence) for each in shown]
    more = count - len(lines)
    vi, en = ("\n".join(f"  - {line[number]}" for line in lines) for number in (0, 1))
    if more:
        vi, en = f"{vi}\n  và {more} yêu cầu khác", f"{en}\n  and {more} more"
    return (vi, en)


def _line(sentence: Words) -> Pair:
    return (clean(sentence.vi), clean(sentence.en))


def _is_active(tx: Connection, person_id: str) -> bool:
    found = queries.person(tx, person_id)
    return found is not None and found.status == "active"
