"""The page of audit events: every kind with its fields and both sentences."""

from __future__ import annotations

from directory.audit.acts import GROUPS
from directory.audit.kinds import KINDS, Kind
from directory.audit.vocabulary import FORMS
from docs.generate.markdown import code

_HEAD = """# Audit events

Made from the code (`PYTHONPATH=. .venv/bin/python -m docs.generate`); a test keeps it true. How the
log is read, kept and bounded: [log.md](log.md). Kinds are declared in `directory/audit/kinds.py`;
none is renamed, no field is removed.

Every event also has an id, an instant, an actor, a subject, an agency, an address and the id of its
request. In a sentence `{field}` is told as its form says (it stands behind the field; *technical*:
never told), `[…]` is left out when something in it is missing, `[field?…]` stands only where the
field is true and `[field!…]` only where it is not.
"""


def write() -> str:
    """Every kind under the group that people look for it in."""
    parts = [_HEAD]
    for group, beginnings in GROUPS.items():
        kinds = {name: kind for name, kind in KINDS.items() if name.startswith(beginnings)}
        parts += [f"## {group}", ""]
        for name, kind in sorted(kinds.items()):
            parts += _of(name, kind)
    other = {n for n in KINDS if not n.startswith(tuple(sum(GROUPS.values(), ())))}
    if other:
        raise LookupError(f"in no group of directory.audit.acts: {sorted(other)}")
    return "\n".join(parts).rstrip("\n") + "\n"


def _of(name: str, kind: Kind) -> list[str]:
    fields = ", ".join(f"{code(field)} ({_form(kind, field)})" for field in kind.fields)
    remarks = [
        *(["awaits its outcome"] if kind.awaits_outcome else []),
        *(["a refusal"] if kind.is_refusal else []),
        *(f"names its parts `{part}` as `{{{word}}}`" for word, part in kind.parts.items()),
        *([f"over its budget counted as “{kind.counted[1]}”"] if kind.counted else []),
    ]
    return [
        f"### {name}",
        "",
        f"- fields: {fields or 'none'}",
        f"- vi: `{kind.vi}`",
        f"- en: `{kind.en}`",
        *([f"- {'; '.join(remarks)}"] if remarks else []),
        "",
    ]


def _form(kind: Kind, field: str) -> str:
    return str(kind.forms.get(field) or FORMS.get(field, "technical"))
