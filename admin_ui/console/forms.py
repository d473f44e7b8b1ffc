"""Reading what a form sent: exactly its fields, each once."""

from __future__ import annotations

from collections.abc import Collection

from flask import abort, request

from directory.text import clean
from web import csrf

_LONGEST = 1000


def read_fields(names: Collection[str]) -> dict[str, str]:
    """The posted values of `names`, trimmed. Anything missing, doubled, overlong or not asked for
    is answered with 422: a form of ours never sends it."""
    sent = {name: request.form.getlist(name) for name in request.form if name != csrf.FIELD}
    if set(sent) != set(names) or request.files:
        abort(422)
    if any(len(values) != 1 or len(values[0]) > _LONGEST for values in sent.values()):
        abort(422)
    return {name: clean(values[0]) for name, values in sent.items()}
