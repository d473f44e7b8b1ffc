"""The checks of this package; what they give and raise says `directory.component.Check`."""

from __future__ import annotations

from directory.component import NotWell
from directory.installation import Installation
from directory.passwords import leaked_hashes
from directory.passwords.leaked_hashes import NotAList


def leaked_passwords(installation: Installation) -> str:
    """Their list can be read, and is one."""
    path = installation.settings.leaked_hashes
    if path is None:
        return "no list (DANHMUC_LEAKED_HASHES)"
    try:
        size = leaked_hashes.check(path)
    except OSError as error:
        raise NotWell(f"{path} cannot be read: {error.strerror}; nothing is refused") from error
    except NotAList as wrong:
        raise NotWell(f"{path}: {wrong}; it is looked at in vain") from wrong
    return f"{path}, {size // 1_000_000} MB"
