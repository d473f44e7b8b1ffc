"""The signed-in person as pages name them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from directory.clock import today
from directory.projection import queries
from idp.sessions.store import Session


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Names for the page head; empty where there is none."""

    full_name: str
    username: str
    title: str = ""
    unit: str = ""
    agency: str = ""


def read_signed_in(tx: Connection, session: Session) -> SignedIn:
    """The person of a session, in the post they act in."""
    person = queries.person(tx, session.person_id)
    if person is None:
        return SignedIn("", "")
    post = person.acting_post(today().isoformat(), session.post_id or "")
    if post is None:
        return SignedIn(person.full_name, person.username)
    places = queries.agencies_by_id(tx, [post.agency_id, post.unit_id])
    names = {place_id: place.name for place_id, place in places.items()}
    return SignedIn(
        full_name=person.full_name,
        username=person.username,
        title=post.title,
        unit=names.get(post.unit_id, ""),
        agency=names.get(post.agency_id, ""),
    )
