"""What a component declares of each kind of message it sends: its words, and what they tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from directory.audit.kinds import Pair, WordList
from directory.clock import DAY

Value = str | int | Pair
"""What a message tells: a text, an instant (ms), or words in both languages."""

LONGEST_LIFE_MS = 7 * DAY

# What the log calls each kind: every component adds its own.
WHAT = WordList({}, other=("một tin nhắn", "a message"))


@dataclass(frozen=True)
class Letter:
    """Subject and body in one language. ``{name}`` stands for a value; `username` is always one."""

    subject: str
    body: str


@dataclass(frozen=True)
class ShortText:
    """The same for a telephone: one short text, with the values of the letter. ``{phone}`` is whom
    to call. `is_security`: it warns whoever's account it is, so one more way is worth its price."""

    vi: str
    en: str
    is_security: bool = False


@dataclass(frozen=True, eq=False)
class MessageKind:
    """One kind of message.

    `told`: what the log calls it, as the object of "sent". `sample`: a value for each that the
    words ask for, of the form that whoever sends one must give. `life_ms`: until when after its
    cause it is worth being sent. `sms`: what goes to a telephone; None: it never does.
    """

    name: str
    told: Pair
    vi: Letter
    en: Letter
    sample: Mapping[str, Value]
    life_ms: int = 3 * DAY
    sms: ShortText | None = None

    def __post_init__(self) -> None:
        if self.life_ms > LONGEST_LIFE_MS:
            raise ValueError(f"{self.name}: nobody waits so long for a message")

    def check(self, values: Mapping[str, Value]) -> None:
        """A value too many, missing or of another form is a bug of whoever sends."""
        wanted = {name: type(value) for name, value in self.sample.items()}
        given = {name: type(value) for name, value in values.items()}
        if given != wanted:
            raise TypeError(f"{self.name} wants {wanted}, not {given}")


def words_of(kinds: Iterable[MessageKind]) -> Mapping[str, Pair]:
    """How the log calls each."""
    return {kind.name: kind.told for kind in kinds}
