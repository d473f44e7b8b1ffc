"""What follows in SQL from a change of somebody's posts: meant and settled together with it.

The catalogue holds posts, SQL holds what hangs on them. A change of posts carries what is to become
of both, so that a crash in between leaves neither behind: whoever settles the change writes this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from directory.actor import Actor
from directory.authz.conflicts import note_conflicts
from directory.authz.decisions import decide, may_give
from directory.authz.errors import GRANT_NOT_YOURS_TO_RENEW, POSITION_BRINGS_ROLES
from directory.authz.grants import Grant, end_grant, list_standing, renew_grant
from directory.authz.objects import OfGrant
from directory.authz.permissions import GrantPermission
from directory.authz.positions import require_open
from directory.authz.tables import post_history, settled_post
from directory.catalogue.person import Post
from directory.clock import today
from directory.database.advisory_lock import take_advisory_lock
from directory.database.upsert import upsert
from directory.errors import AppError, Forbidden, Invalid
from directory.errors.input import INPUT_ID
from directory.projection import queries


@dataclass(frozen=True)
class PostChange:
    """What a change of somebody's posts means in SQL.

    `positions`: of the posts that are new, by the post's id. `dates`: first and last day of each
    post that is new or gets others, by its id; `longer`: those of them that begin earlier or end
    later than they did. `former`: posts that leave the entry, as LDAP held them.
    `places_before`: the agencies and units the person is of today; `places_after`: those they are
    of from a day on, in order of days. `kept_grants`: ids of grants that are renewed where they
    would end. `leaves`: every grant to the person ends. `reason`: of what ends.
    """

    person_id: str
    positions: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    longer: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    places_before: tuple[str, ...] = ()
    places_after: tuple[tuple[str, tuple[str, ...]], ...] = ()
    kept_grants: tuple[str, ...] = ()
    leaves: bool = False
    reason: str = ""

    @staticmethod
    def from_plain(data: Mapping[str, Any]) -> PostChange:
        """From what JSON makes of it."""
        plain = dict(data)
        plain["dates"] = {post: (start, end) for post, (start, end) in plain["dates"].items()}
        plain["places_after"] = tuple((day, tuple(its)) for day, its in plain["places_after"])
        for name in ("longer", "former", "places_before", "kept_grants"):
            plain[name] = tuple(plain[name])
        return PostChange(**plain)


@dataclass(frozen=True)
class GrantEnding:
    """A grant to a person that does not go along with them. `last_day`: empty for at once."""

    grant: Grant
    last_day: str


def grants_left_behind(tx: Connection, change: PostChange) -> Sequence[GrantEnding]:
    """The grants to the person whose branch they leave by the change, or all when they leave for
    good. A grant that never was for a place of theirs does not hang on where they are."""
    standing = list_standing(tx, "person", change.person_id)
    if change.leaves:
        return [GrantEnding(grant, "") for grant in standing]
    before = queries.list_above(tx, change.places_before)
    after = [(day, queries.list_above(tx, places)) for day, places in change.places_after]
    endings = []
    for grant in standing:
        left = next((day for day, above in after if grant.agency_id not in above), None)
        if left is None or grant.agency_id not in before:
            continue
        last_day = _day_before(left)
        if last_day < today().isoformat():
            last_day = ""
        if not (last_day and grant.end and grant.end <= last_day):
            endings.append(GrantEnding(grant, last_day))
    return endings


def prepare(tx: Connection, actor: Actor, intent_id: str, change: PostChange) -> None:
    """With the intent: may the actor give every role that the posts bring?

    A new post's position is noted as being given, so that whoever gives roles to positions in the
    meantime is seen to give them to this person too.
    Raises Forbidden(``position.brings_roles``, ``grant.not_yours_to_renew``), and as
    `require_open`.
    """
    for post_id, position_id in sorted(change.positions.items(), key=lambda item: item[1]):
        _bind(tx, actor, intent_id, change, post_id, position_id)
    if change.positions:
        note_conflicts(tx, [change.person_id])
    _require_rights_of_longer_posts(tx, actor, change)
    for ending in grants_left_behind(tx, change):
        if ending.grant.id in change.kept_grants:
            _require_renewable(tx, actor, ending.grant)


def settle(tx: Connection, actor: Actor, intent_id: str, change: PostChange) -> None:
    """When the change was made: rights follow the posts, ended ones are kept."""
    own = settled_post.c.person_id == change.person_id
    of_intent = own & (settled_post.c.intent_id == intent_id)
    tx.execute(update(settled_post).where(of_intent).values(intent_id=None))
    _settle_dates(tx, change)
    if change.longer:
        note_conflicts(tx, [change.person_id])
    if change.leaves:
        now = today().isoformat()
        goes_on = (settled_post.c.end_on == "") | (settled_post.c.end_on > now)
        tx.execute(update(settled_post).where(own, goes_on).values(end_on=now))
    _keep_former(tx, change)
    for ending in grants_left_behind(tx, change):
        if ending.grant.id in change.kept_grants and not change.leaves:
            renew_settled(tx, actor, ending.grant, change.reason)
        else:
            end_grant(tx, actor, ending.grant, change.reason, ending.last_day)


def abandon(tx: Connection, intent_id: str) -> None:
    """When the change was refused: nothing hangs on what it would have given."""
    tx.execute(delete(settled_post).where(settled_post.c.intent_id == intent_id))


def renew_settled(tx: Connection, actor: Actor, grant: Grant, reason: str) -> None:
    """Renew a grant whose renewal was allowed when it was asked for; if it is not any more (the
    role is gone, the actor has lost the power), it ends instead."""
    try:
        with tx.begin_nested():
            renew_grant(tx, actor, grant.id, grant.end, reason)
    except AppError:
        end_grant(tx, actor, grant, reason)


def former_posts(tx: Connection, person_id: str) -> Sequence[Post]:
    """Ended posts that no longer stand in the person's entry, latest first."""
    columns = post_history.c
    rows = tx.execute(
        select(post_history)
        .where(columns.person_id == person_id)
        .order_by(columns.end_on.desc(), columns.start_on.desc(), columns.post_id)
    )
    return [
        Post(
            id=row.post_id,
            agency_id=row.agency_id,
            unit_id=row.unit_id,
            title=row.title,
            kind=row.kind,
            start=row.start_on,
            end=row.end_on,
            basis=row.basis,
        )
        for row in rows
    ]


def list_former_ends(tx: Connection) -> Mapping[str, str]:
    """The last day of every ended post that no longer stands in an entry, by its id."""
    rows = tx.execute(select(post_history.c.post_id, post_history.c.end_on))
    return {row.post_id: row.end_on for row in rows}


def _bind(
    tx: Connection,
    actor: Actor,
    intent_id: str,
    change: PostChange,
    post_id: str,
    position_id: str,
) -> None:
    wanted = require_open(tx, position_id)
    _require_giving(tx, actor, list_standing(tx, "position", wanted.id))
    if _is_known(tx, post_id):
        raise Invalid(INPUT_ID, field="posts")  # rights may hang on that id already
    start, end = change.dates[post_id]
    tx.execute(
        insert(settled_post).values(
            person_id=change.person_id,
            post_id=post_id,
            position_id=wanted.id,
            start_on=start,
            end_on=end,
            intent_id=intent_id,
        )
    )


def _is_known(tx: Connection, post_id: str) -> bool:
    settled = select(settled_post.c.post_id).where(settled_post.c.post_id == post_id)
    is_settled = tx.execute(settled).first() is not None
    return is_settled or bool(queries.list_posts_with_id(tx, post_id))


def _settle_dates(tx: Connection, change: PostChange) -> None:
    for row in _settled_rows(tx, change, change.dates):
        start, end = change.dates[row.post_id]
        if row.post_id not in change.longer:
            # What somebody wrote past us is no reason to let a right hold for longer.
            start = max(start, row.start_on)
            end = min((day for day in (end, row.end_on) if day), default="")
        its = (settled_post.c.person_id == row.person_id) & (settled_post.c.post_id == row.post_id)
        tx.execute(update(settled_post).where(its).values(start_on=start, end_on=end))


def _settled_rows(tx: Connection, change: PostChange, posts: Iterable[str]) -> Sequence[Row[Any]]:
    columns = settled_post.c
    its = (columns.person_id == change.person_id) & columns.post_id.in_(list(posts))
    return tx.execute(select(settled_post).where(its)).all()


def _require_rights_of_longer_posts(tx: Connection, actor: Actor, change: PostChange) -> None:
    """To let a post begin earlier or end later gives what hangs on it for longer."""
    for row in _settled_rows(tx, change, change.longer):
        take_advisory_lock(tx, "post", row.post_id)
        given = list_standing(tx, "post", row.post_id)
        if row.position_id:
            require_open(tx, row.position_id)
            given = [*given, *list_standing(tx, "position", row.position_id)]
        _require_giving(tx, actor, given)


def _require_giving(tx: Connection, actor: Actor, given: Iterable[Grant]) -> None:
    beyond = [
        f"{grant.application_id}:{grant.role}"
        for grant in given
        if not may_give(tx, actor, grant.application_id, grant.role, grant.agency_id)
    ]
    if beyond:
        raise Forbidden(POSITION_BRINGS_ROLES, roles=", ".join(sorted(set(beyond))))


def _require_renewable(tx: Connection, actor: Actor, grant: Grant) -> None:
    about = OfGrant(
        grant.application_id, grant.role, grant.agency_id, grant.holder_kind, grant.holder_id
    )
    if not decide(tx, actor, GrantPermission.WRITE, about).allowed:
        role = f"{grant.application_id}:{grant.role}"
        raise Forbidden(GRANT_NOT_YOURS_TO_RENEW, roles=role)


def _keep_former(tx: Connection, change: PostChange) -> None:
    for value in change.former:
        post = Post.from_value(value)
        row = {
            "person_id": change.person_id,
            "post_id": post.id,
            "agency_id": post.agency_id,
            "unit_id": post.unit_id,
            "title": post.title,
            "kind": post.kind,
            "start_on": post.start,
            "end_on": post.end,
            "basis": post.basis,
        }
        tx.execute(upsert(tx, post_history).values(row).on_conflict_do_nothing())


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()
