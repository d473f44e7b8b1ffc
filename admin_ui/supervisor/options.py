"""What `danhmuc up` can be told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class UpOptions:
    """Options of `danhmuc up`; `people` counts only when a demo province is made."""

    people: int = 500
    empty: bool = False
    tls: bool = False
    ldap: bool = False
    with_mail: bool = False


class CannotStart(Exception):
    """Why nothing runs, as one sentence for the person at the terminal."""
