"""The page of audit events: every kind with its fields and both sentences."""

from __future__ import annotations

from admin_ui.components import VOCABULARY
from directory.audit.acts import GROUPS
from directory.audit.kinds import Form, Kind, WordList
from docs.generate.markdown import code

_HEAD = """# Audit events

Made from the code (`PYTHONPATH=. .venv/bin/python -m docs.generate`); a test keeps it true. How the
log is read, kept and bounded: [log.md](log.md). Kinds are declared in the `events.py` of the
package that records them; none is renamed, no field is removed.

Every event also has an id, an instant, an actor, a subject, an agency, an address and the id of its
request. In a sentence `{field}` is told as its form says (it stands behind the field; *technical*:
never told), `[…]` is left out when something in it is missing, `[field?…]` stands only where the
field is true and `[field!…]` only where it is not.
"""


def write() -> str:
    """Every kind under the first of the groups that people find it in."""
    parts = [_HEAD]
    for group in GROUPS:
        parts += [f"## {group}", ""]
        for _, kind in sorted(VOCABULARY.kinds.items()):
            if kind.groups[0] == group:
                parts += _of(kind)
    return "\n".join(parts).rstrip("\n") + "\n"


def _of(kind: Kind) -> list[str]:
    fields = ", ".join(f"{code(name)} ({_form(form)})" for name, form in kind.fields.items())
    remarks = [
        *(f"also found under {group}" for group in kind.groups[1:]),
        *(["awaits its outcome"] if kind.awaits_outcome else []),
        *(["a refusal"] if kind.is_refusal else []),
        *(f"names its parts `{part}` as `{{{word}}}`" for word, part in kind.parts.items()),
        *([f"over its budget counted as “{kind.counted[1]}”"] if kind.counted else []),
    ]
    return [
        f"### {kind.name}",
        "",
        f"- fields: {fields or 'none'}",
        *(_words(name, form) for name, form in kind.fields.items() if isinstance(form, WordList)),
        *(_permissions(name) for name, form in kind.fields.items() if form == "permission"),
        f"- vi: `{kind.vi}`",
        f"- en: `{kind.en}`",
        *([f"- {'; '.join(remarks)}"] if remarks else []),
        "",
    ]


def _form(form: Form) -> str:
    return "words" if isinstance(form, WordList) else form


def _words(field: str, form: WordList) -> str:
    """The stable words that programs may meet there."""
    known = "; ".join(map(code, VOCABULARY.words_of(form)))
    return f"- words of {code(field)}: {known}{'; and others' if form.is_open else ''}"


def _permissions(field: str) -> str:
    return f"- words of {code(field)}: {'; '.join(map(code, VOCABULARY.permissions))}"
