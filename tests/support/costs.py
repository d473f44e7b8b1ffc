"""What a password costs in tests: a real argon2id in a real slapd, but a light one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from directory.ldap import passwords

LIGHT_COST = "m=64,t=1,p=1"
_FULL_COST = passwords.COST


@pytest.fixture(scope="module")
def full_cost() -> Iterator[None]:
    """In this module passwords cost as much as in production."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "COST", _FULL_COST)
        yield
