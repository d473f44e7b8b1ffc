"""What deciding about many grants asks, read for all of them before the first is decided."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from directory.actor import Actor
from directory.authz.applications import take_there
from directory.authz.codes import read_codes
from directory.authz.decisions import read_positions
from directory.authz.grant import Grant
from directory.authz.grants import FIRST_HOLDERS
from directory.authz.permissions import ApplicationPermission, is_privileged
from directory.authz.positions import read_holders
from directory.authz.roles import find_giver, is_given_everywhere, read_roles
from directory.authz.scopes import read_placed, read_places_of_applications, scope_of
from directory.authz.standing import Standing
from directory.database.advisory_lock import take_advisory_locks
from directory.database.engine import is_reading
from directory.projection import queries


def prepare(
    tx: Connection, actor: Actor, given: Sequence[Grant], changed: Sequence[Grant]
) -> Standing:
    """What stands, for who decides about giving `given`, and about renewing or taking back
    `changed`, told as they were a moment ago.

    Turns are taken before anything is read, and as whoever gives one takes them: the holder's, the
    grant that ends, then that of what is counted and of what excludes another. Few statements for
    all; from then on `tx` is asked no more, until something is written or waited for.
    """
    standing = Standing(tx)
    holders = [each.holder for each in given if each.holder_kind != "person"]
    take_advisory_locks(tx, holders)
    standing.take_all({each.id for each in changed})
    named = [*given, *changed]
    counted = {
        (FIRST_HOLDERS, each.role)
        for each in named
        if actor.kind in ("os", "system") and is_privileged(each.application_id, each.role)
    }
    excluding = {("exclusions", each.application_id) for each in named}
    take_advisory_locks(tx, [*holders, *sorted(counted), *sorted(excluding)])
    if tx.dialect.name == "postgresql" and not is_reading(tx):
        take_there(tx, {each.application_id for each in named})
    _read_ahead(tx, actor, named, standing)
    return standing


def _read_ahead(tx: Connection, actor: Actor, grants: Sequence[Grant], standing: Standing) -> None:
    if not grants:
        return
    wanted = {(each.application_id, each.role) for each in grants}
    declared = read_roles(tx, wanted)
    of_kind = {
        kind: {each.holder_id for each in grants if each.holder_kind == kind}
        for kind in ("person", "post", "position")
    }
    queries.read_placed_people(tx, of_kind["person"])
    posts = queries.read_posts(tx, of_kind["post"])
    read_holders(tx, of_kind["post"])
    positions = read_positions(tx, actor, of_kind["position"])
    codes = {("field", each.field) for each in grants} | {
        ("procedure", each.procedure) for each in grants
    }
    read_codes(tx, {each for each in codes if each[1]})
    narrow = {
        each.application_id
        for each in declared
        if not is_given_everywhere(tx, each.application_id, each.name)
    }
    places = {each.agency_id for each in grants} | {find_giver(tx, *each)[1] for each in wanted}
    places |= {post.place_id for post in posts} | {*positions}
    queries.read_places(tx, places | {*read_places_of_applications(tx, narrow)})
    if narrow and actor.kind == "person":
        read_placed(tx, scope_of(tx, actor, ApplicationPermission.READ), narrow)
    standing.read_ahead(grants, declared)
