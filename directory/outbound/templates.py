"""Templates of requests: texts with ``{names}`` in them, and bodies made of such texts.

A value is put where it belongs as a value: into JSON by the JSON encoder, into an address
percent-encoded as a whole (RFC 3986 section 2.1), so that whatever letters it has it stays what it
is. A text that is one ``{name}`` and nothing else keeps the kind of its value: true is true, not
"true".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_NAME = re.compile(r"\{([A-Za-z][A-Za-z0-9_.]*)\}")

Known = Mapping[str, object]


@dataclass(frozen=True)
class Text:
    """A text of letters and names, by turns."""

    source: str

    def names(self) -> set[str]:
        """The names in it."""
        return set(_NAME.findall(self.source))

    def value(self, known: Known) -> object:
        """The value, of the kind that it is; None where nothing is known."""
        alone = _NAME.fullmatch(self.source)
        return known.get(alone[1]) if alone else self.text(known)

    def text(self, known: Known) -> str:
        """As a text; empty where nothing is known."""
        return _NAME.sub(lambda found: as_text(known.get(found[1])), self.source)


@dataclass(frozen=True)
class Body:
    """A tree of mappings, lists, `Text` and constants. `leaves_out`: what is not known is not sent;
    else it is sent as null."""

    tree: Any
    leaves_out: bool

    def names(self) -> set[str]:
        """The names in it."""
        return {name for text in _texts(self.tree) for name in text.names()}

    def document(self, known: Known) -> object:
        """The JSON document."""
        return self._made(self.tree, known)

    def _made(self, part: Any, known: Known) -> Any:
        if isinstance(part, Text):
            return part.value(known)
        if isinstance(part, list):
            return [self._made(each, known) for each in part]
        if not isinstance(part, dict):
            return part
        made = {key: self._made(each, known) for key, each in part.items()}
        return {
            key: value
            for key, value in made.items()
            if value is not None or part[key] is None or not self.leaves_out
        }


def _texts(part: Any) -> Iterator[Text]:
    if isinstance(part, Text):
        yield part
    elif isinstance(part, (list, dict)):
        for each in part.values() if isinstance(part, dict) else part:
            yield from _texts(each)


@dataclass(frozen=True)
class Pointer:
    """Where in a JSON document something stands (RFC 6901)."""

    tokens: tuple[str, ...]

    def find(self, document: object) -> object:
        """What stands there; None where there is no such place."""
        found = document
        for token in self.tokens:
            if isinstance(found, Mapping):
                found = found.get(token)
            elif isinstance(found, Sequence) and not isinstance(found, str):
                is_index = token.isascii() and token.isdecimal() and len(token) < 7
                found = found[int(token)] if is_index and int(token) < len(found) else None
            else:
                return None
        return found


def find_pointer(source: str) -> Pointer | None:
    """The pointer of a text; None when it is none. "/" alone means the whole document."""
    if source == "/":
        return Pointer(())
    if not source.startswith("/") or re.search(r"~(?![01])", source):
        return None
    tokens = source[1:].split("/")
    return Pointer(tuple(each.replace("~1", "/").replace("~0", "~") for each in tokens))


def as_text(value: object) -> str:
    """A value as a text: nothing is empty, several are joined by commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(as_text(each) for each in value)
    return str(value)
