"""What `danhmuc up` can be told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class UpOptions:
    """Options of `danhmuc up`; `people`, `agencies` (all of 2013 by default) and `seed` count only
    when a demo province is made."""

    people: int = 500
    people_given: bool = False
    agencies: int | None = None
    seed: int = 2013
    empty: bool = False
    tls: bool = False
    ldap: bool = False
    with_mail: bool = False
    setting_up: bool = False  # `danhmuc setup` is at work: what it began, nobody else goes on with


class CannotStart(Exception):
    """Why nothing runs, as one sentence for the person at the terminal."""
