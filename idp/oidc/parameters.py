"""Reading the parameters of an OAuth request: one strict shape, before anything looks at a value.

Frameworks guess: they take the first of two values, merge query and body, replace bad bytes. Each
of those guesses has been somebody's vulnerability.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

MAX_BODY_BYTES = 64 * 1024
MAX_FIELDS = 60
FORM = "application/x-www-form-urlencoded"
# RFC 8707 section 2: the one parameter that may be repeated.
_REPEATABLE = "resource"


class Malformed(Exception):
    """The request has not the shape of an OAuth request. `status`: 400, 411, 413 or 415."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Parameters(Mapping[str, str]):
    """The parameters by name; a parameter without a value counts as absent (RFC 6749 section 3.1).

    `repeated`: names that came more than once, which is an error wherever they are used.
    Several `resource` values are joined by a blank, which none of them may contain.
    """

    values_by_name: dict[str, str]
    repeated: frozenset[str]

    def __getitem__(self, name: str) -> str:
        return self.values_by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)


# Voluntary (OIDC Core section 3.1.2.1): they may help a sign-in and never end one. In characters.
HINTS = {"login_hint": 256, "ui_locales": 100, "acr_values": 200, "display": 20}
_LISTS = frozenset({"ui_locales", "acr_values"})


def cut_hints(parameters: Parameters) -> Parameters:
    """The same request with hints of a length we can keep: of a list its first words, in order of
    preference; of the others all or nothing."""
    values = {name: _cut(name, value) for name, value in parameters.items()}
    return Parameters({name: v for name, v in values.items() if v}, parameters.repeated)


def _cut(name: str, value: str) -> str:
    longest = HINTS.get(name)
    if longest is None or len(value) <= longest:
        return value
    if name not in _LISTS:
        return ""
    words = value[: longest + 1].split()
    return " ".join(words if value[longest].isspace() else words[:-1])


def parse(raw: bytes) -> Parameters:
    """Decode `application/x-www-form-urlencoded` bytes. Raises `Malformed`."""
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except UnicodeDecodeError:
        raise Malformed(400, "The parameters are not percent-encoded UTF-8.") from None
    except ValueError:
        raise Malformed(400, "The request has too many parameters.") from None
    values: dict[str, str] = {}
    repeated = set()
    for name, value in pairs:
        if name == _REPEATABLE and values.get(name) and value:
            value = f"{values[name]} {value}"
        elif name in values:
            repeated.add(name)
        values[name] = value
    present = {name: value for name, value in values.items() if value}
    return Parameters(present, frozenset(repeated))
