"""Acts as the lines of a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from admin_ui.console.visitor import vocabulary_here
from directory.audit.acts import Act, State, find_run, tell
from directory.audit.event import Event
from directory.audit.sentences import Language, sentence
from directory.clock import day_of, local, today
from web.i18n import N_, current_locale, gettext

_WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)


@dataclass(frozen=True)
class ToldAct:
    """One act in a sentence. `at` in ms; `clock` with seconds; `address`: where it came from.

    `parts`: (clock, sentence) of each of its events, where there are several. `run`: the id of what
    it tells as numbers, to be told one by one.
    """

    at: int
    clock: str
    sentence: str
    address: str
    state: State
    parts: Sequence[tuple[str, str]]
    run: str


@dataclass(frozen=True)
class ToldDay:
    """The acts of one day."""

    title: str
    acts: Sequence[ToldAct]


def language_here() -> Language:
    """The language of this page."""
    return "en" if current_locale() == "en" else "vi"


def told_acts(acts: Sequence[Act], names: Mapping[str, str]) -> list[ToldDay]:
    """The acts in the language of this page, under the days they happened on."""
    language = language_here()
    days = groupby(acts, key=lambda act: day_of(act.first.at))
    return [
        ToldDay(_title(day.isoformat()), [_told(act, names, language) for act in its])
        for day, its in days
    ]


def _told(act: Act, names: Mapping[str, str], language: Language) -> ToldAct:
    return ToldAct(
        at=act.first.at,
        clock=_clock(act.first),
        sentence=tell(act, vocabulary_here(), names, language),
        address=act.first.address,
        state=act.state,
        parts=list(_parts(act, names, language)),
        run=find_run(act, vocabulary_here()),
    )


def _parts(act: Act, names: Mapping[str, str], language: Language) -> Iterator[tuple[str, str]]:
    if act.parts:
        for event in act.events:
            yield _clock(event), sentence(event, vocabulary_here(), names, language)


def _clock(event: Event) -> str:
    return local(event.at).partition(" ")[2]


def _title(day: str) -> str:
    """``Thứ Năm, 26/11/2026``; today says so."""
    found = today().fromisoformat(day)
    date, weekday = f"{found:%d/%m/%Y}", gettext(_WEEKDAYS[found.weekday()])
    if found == today():
        return gettext("Today, %(weekday)s %(date)s", weekday=weekday, date=date)
    return gettext("%(weekday)s, %(date)s", weekday=weekday, date=date)
