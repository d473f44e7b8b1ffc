"""May this be the password of an account? What is wrong with it is told all at once."""

from __future__ import annotations

from collections.abc import Iterator

from directory.errors import Invalid
from directory.passwords.errors import (
    PASSWORD_CLASSES,
    PASSWORD_COMMON,
    PASSWORD_LEAKED,
    PASSWORD_PERSONAL,
)
from directory.passwords.leaked_hashes import is_leaked
from directory.passwords.lists import common
from directory.passwords.made_of import Owner, is_common, is_personal
from directory.passwords.policy import PasswordPolicy
from directory.settings import Settings

_LONGEST_LOOKED_AT = 64  # what is longer is more than those lists and patterns


def faults_of(
    settings: Settings, policy: PasswordPolicy, password: str, owner: Owner
) -> Iterator[Invalid]:
    """What is wrong with what a password (in normal form) is made of."""
    if policy.classes and not _has_all_classes(password):
        yield Invalid(PASSWORD_CLASSES, field="password")
    if is_leaked(settings.leaked_hashes, password):
        yield Invalid(PASSWORD_LEAKED, field="password")
        return
    if len(password) > _LONGEST_LOOKED_AT:
        return
    if is_common(password, common(settings.password_list)):
        yield Invalid(PASSWORD_COMMON, field="password")
    elif is_personal(password, owner):
        yield Invalid(PASSWORD_PERSONAL, field="password")


def _has_all_classes(password: str) -> bool:
    is_sign = (not char.isalnum() for char in password)
    return (
        any(map(str.isupper, password))
        and any(map(str.islower, password))
        and any(map(str.isdigit, password))
        and any(is_sign)
    )
