"""What a state folder was built for, remembered in it: `identity.json`.

The suffix and the schema's arc stand in every entry, the mail domain in every address, the issuer
in every token and at every application: under another one nothing of what is there would be found
again. Such a value is refused where it differs, and taken from here where none is given.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from directory.declared_settings import SETTINGS
from directory.errors import Invalid
from directory.errors.installation import IDENTITY_DAMAGED

_FILE = "identity.json"

# The fields of an identity that are settings, and the variable of each.
_FOR_EVER = {each.field: each.name for each in SETTINGS if each.identity == "for ever"}
_RENAMEABLE = {each.field: each.name for each in SETTINGS if each.identity == "renameable"}
VARIABLES = _FOR_EVER | _RENAMEABLE
RENAMEABLE = tuple(_RENAMEABLE)


@dataclass(frozen=True)
class Identity:
    """`id` is drawn once and stands in the SQL store too. `issuer` is empty as long as nobody but
    this machine was served: then it may still become another one."""

    id: str
    suffix: str
    oid_arc: str
    mail_domain: str
    province: str
    demo: bool
    issuer: str = ""


def find_identity(state: Path) -> Identity | None:
    """The identity of a state folder; None for one that is new, or older than this file.

    Raises Invalid(``identity.damaged``).
    """
    path = state / _FILE
    try:
        return Identity(**json.loads(path.read_text("utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, TypeError) as error:
        raise Invalid(IDENTITY_DAMAGED, path=str(path), detail=str(error)) from error


def identity_path(state: Path) -> Path:
    """Where it is remembered."""
    return state / _FILE


def write_identity(state: Path, identity: Identity) -> Path:
    """Remember `identity`, whole or not at all. Gives the file."""
    text = json.dumps(asdict(identity), ensure_ascii=False, indent=1) + "\n"
    path = state / _FILE
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
    return path


def forget_identity(state: Path) -> None:
    """The folder is to be built anew."""
    (state / _FILE).unlink(missing_ok=True)


def identity_problems(
    identity: Identity, given: Mapping[str, str], *, demo: bool, renaming: bool
) -> list[str]:
    """A sentence for each of the `given` settings (by field) that is not what the folder was built
    for; with `renaming` those that may change are let through."""
    found = [
        _problem(field, getattr(identity, field), value)
        for field, value in given.items()
        if getattr(identity, field) not in ("", value) and not (renaming and field in RENAMEABLE)
    ]
    if identity.demo and not demo:
        found.append("this state folder was built as a demo: make the file “demo” in it again")
    if demo and not identity.demo:
        found.append(
            "this state folder was built for real people: remove the file “demo” in it, which "
            "would allow what only a demo may do"
        )
    return found


def _problem(field: str, ours: str, given: str) -> str:
    told = (
        f"DANHMUC_{VARIABLES[field]}={given!r}: this state folder was built for {ours!r}. Set "
        "that, or leave the variable out; for another province use another DANHMUC_STATE"
    )
    if field in RENAMEABLE:
        return f"{told}. If it has really changed: danhmuc init --rename"
    return told
