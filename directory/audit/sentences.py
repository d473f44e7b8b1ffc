"""Events told in sentences: every word of a field from a list, every id as a name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Literal

from directory.audit import vocabulary as words
from directory.audit.event import Event
from directory.audit.kinds import Form, Kind, Pair, Vocabulary, WordList
from directory.clock import is_date, local, written
from directory.text import clean

Language = Literal["vi", "en"]

_PART = re.compile(r"\[(?:(?P<name>\w+)(?P<when>[?!]))?(?P<text>[^\[\]]*)\]")
_PLACE = re.compile(r"\{(\w+)\}")
_HTTP = re.compile(r"http_(\d{3})")
_NO_VALUE = "–"
_LONGEST_TEXT = 300  # of what somebody typed


def sentence(
    event: Event, vocabulary: Vocabulary, names: Mapping[str, str], language: Language = "vi"
) -> str:
    """The event in one sentence. `names` maps tags (``person:<id>``) and ids to names.

    Nothing is shown as it is stored but what people typed: what has no name or word is told in
    general terms, and what an older version did not record is left out.
    """
    kind = vocabulary.kinds.get(event.kind)
    if kind is None:
        return words.UNTOLD[language == "en"]
    told = _Telling(event, kind, vocabulary, names, language)
    template = kind.vi if language == "vi" else kind.en
    text = _PLACE.sub(
        lambda found: told.word(found[1]) or _NO_VALUE, _PART.sub(told.part, template)
    )
    text = " ".join(text.split())
    return text[:1].upper() + text[1:]


def field_words(
    event: Event,
    field: str,
    vocabulary: Vocabulary,
    names: Mapping[str, str],
    language: Language = "vi",
) -> str:
    """What a sentence of the event would say for one of its fields."""
    kind = vocabulary.kinds.get(event.kind)
    return _Telling(event, kind, vocabulary, names, language).word(field) if kind else ""


def actor_name(
    tag: str, vocabulary: Vocabulary, names: Mapping[str, str], language: Language = "vi"
) -> str:
    """Who did something, whatever kind of actor."""
    kind, _, rest = tag.partition(":")
    if kind == "os":
        operator = words.OPERATOR[language == "en"]
        return f"{operator} ({rest})" if rest else operator
    if kind == "system":
        return vocabulary.actors.get(rest, words.SYSTEM)[language == "en"]
    if kind == "anonymous":
        return words.SOMEBODY[language == "en"]
    return _name_of(tag, vocabulary, names, language)


def _name_of(tag: str, vocabulary: Vocabulary, names: Mapping[str, str], language: Language) -> str:
    """The name of what a tag names; in general terms without one."""
    if not tag:
        return ""
    declared = vocabulary.subjects.get(tag.partition(":")[0])
    nameless = declared.nameless if declared else words.OTHER_OBJECT
    return names.get(tag) or nameless[language == "en"]


@dataclass(frozen=True)
class _Telling:
    """One event on its way into words."""

    event: Event
    kind: Kind
    vocabulary: Vocabulary
    names: Mapping[str, str]
    language: Language

    def part(self, found: re.Match[str]) -> str:
        """What stands for a part in brackets."""
        text = found["text"]
        if found["name"] and self._is_there(found["name"]) != (found["when"] == "?"):
            return ""
        # Whose name stands in a part that has a condition is told in general terms without one.
        fields = (name for name in _PLACE.findall(text) if not found["name"] or name in self._known)
        return text if all(map(self._is_there, fields)) else ""

    @property
    def _known(self) -> tuple[str, ...]:
        return (*self.kind.fields, *self.kind.parts)

    def _name_of(self, tag: str) -> str:
        return _name_of(tag, self.vocabulary, self.names, self.language)

    def _is_there(self, name: str) -> bool:
        if name in ("actor", "subject", "agency", "address"):
            return bool(getattr(self.event, name))
        return bool(self.event.fields.get(name)) and (
            self._form(name) == "flag" or bool(self.word(name))
        )

    def word(self, name: str) -> str:
        """What stands for a placeholder; empty when there is nothing to tell."""
        event = self.event
        if name == "actor":
            return actor_name(event.actor, self.vocabulary, self.names, self.language)
        if name == "subject":
            return self._name_of(event.subject)
        if name == "agency":
            return self._place(event.agency)
        if name == "address":
            return _address(event.address) or self.pick(words.THIS_MACHINE)
        value = event.fields.get(name)
        return "" if value is None else self._told(self._form(name), value)

    def pick(self, pair: Pair) -> str:
        return pair[self.language == "en"]

    def _form(self, name: str) -> Form:
        if name in self.kind.parts:
            return "names"
        return self.kind.fields[name]

    def _told(self, form: Form, value: object) -> str:
        return (
            self._words(form, value) if isinstance(form, WordList) else _SPECIAL[form](self, value)
        )

    def _words(self, known: WordList, value: object) -> str:
        if isinstance(value, Mapping):
            words_of = self.vocabulary.words_of(known)
            counted = ((pair, value.get(word)) for word, pair in words_of.items())
            return ", ".join(f"{self._count(n)} {self.pick(pair)}" for pair, n in counted if n)
        if known.several and not isinstance(value, list):
            value = str(value).split(",")
        if isinstance(value, list | tuple):
            told = (self._word(known, str(word).strip()) for word in value)
            return ", ".join(dict.fromkeys(filter(None, told)))
        return self._word(known, str(value))

    def _word(self, known: WordList, word: str) -> str:
        if not word:
            return ""
        if pair := known.told.get(word) or self.vocabulary.words.get(known, {}).get(word):
            return self.pick(pair)
        if known.instead and (instead := self.word(known.instead)):
            return instead
        if status := _HTTP.fullmatch(word):
            return self.pick(
                (f"ứng dụng trả lời mã {status[1]}", f"it answered with status {status[1]}")
            )
        return self.pick(known.other)

    def _text(self, value: object) -> str:
        if isinstance(value, list | tuple):
            return ", ".join(filter(None, map(self._text, value)))
        if isinstance(value, bool | Mapping):
            return ""
        text = clean(str(value))
        return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"

    def _count(self, value: object) -> str:
        if not isinstance(value, int) or isinstance(value, bool):
            return ""
        return f"{value:,}".replace(",", "." if self.language == "vi" else ",")

    def _seconds(self, value: object) -> str:
        if not isinstance(value, int | float) or isinstance(value, bool):
            return ""
        text = f"{value:.1f}"
        return text.replace(".", ",") if self.language == "vi" else text

    def _instant(self, value: object) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            return local(value) if 0 < value < _LAST_INSTANT else ""
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            return ""
        return local(int(moment.timestamp() * 1000)) if moment.tzinfo else ""

    def _day(self, value: object) -> str:
        return written(str(value))

    def _last_day(self, value: object) -> str:
        day = str(value)
        if not is_date(day):
            return self.pick(words.NO_END)
        return self.pick(words.UNTIL).format(day=written(day))

    def _place(self, value: object) -> str:
        if isinstance(value, list | tuple):
            return ", ".join(map(self._place, value))
        return self._name_of(f"agency:{value}") if value else self._province

    @property
    def _province(self) -> str:
        return self.pick(words.WHOLE_PROVINCE)

    def _application(self, value: object) -> str:
        return self._name_of(f"client:{value}") if value else ""

    def _role(self, value: object) -> str:
        tag = f"role:{self.event.fields.get('application', '')}|{value}"
        return self._name_of(tag)

    def _permission(self, value: object) -> str:
        known = self.vocabulary.permissions
        return self.pick(known.get(str(value), words.OTHER_ACTION)) if value else ""

    def _request(self, value: object) -> str:
        return self.pick(self.vocabulary.requests.get(str(value), words.OTHER_REQUEST))

    def _object(self, value: object) -> str:
        text = str(value)
        kind = text.partition(":")[0]
        old = (kind for start, kind in words.OLD_OBJECTS.items() if text.startswith(start))
        kind = next(old, kind)
        declared = self.vocabulary.subjects.get(kind)
        if declared is None:
            return self.pick(words.OTHER_OBJECTS.get(kind, words.OTHER_OBJECT))
        return self.pick(declared.refused or declared.nameless)

    def _changes(self, value: object) -> str:
        if not isinstance(value, Mapping):
            return ""
        before = self.event.fields.get("before")
        old = before if isinstance(before, Mapping) else {}
        return ", ".join(self._change(str(name), old.get(name), new) for name, new in value.items())

    def _change(self, name: str, old: object, new: object) -> str:
        label, form = words.FACTS.get(name, words.FACTS["other"])
        if form == "technical":
            return self.pick(label)
        told_new = self._value(form, new)
        if old is None:
            return f"{self.pick(label)}: {told_new}"
        return f"{self.pick(label)} {self._value(form, old)} → {told_new}"

    def _value(self, form: Form, value: object) -> str:
        if value in ("", [], (), None):
            return self.pick(words.NOTHING)
        return self._told(form, value) or self.pick(words.NOTHING)

    def _difference(self, value: object) -> str:
        before = self.event.fields.get("before")
        if not isinstance(value, Mapping) or not isinstance(before, Mapping):
            return ""
        told: dict[str, str] = {}
        for name in [*before, *(name for name in value if name not in before)]:
            fact = words.ATTRIBUTES.get(str(name).lower(), "other")
            if str(name).lower() == "ou" and self.event.subject.startswith("agency:"):
                fact = "name"
            if fact and fact not in told:
                told[fact] = self._change(fact, before.get(name, []), value.get(name, []))
        return ", ".join(told.values())

    def _kinds(self, value: object) -> str:
        counted = value.items() if isinstance(value, Mapping) else ()
        told = ((self.vocabulary.kinds.get(str(kind)), number) for kind, number in counted)
        return ", ".join(
            f"{self._count(number)} "
            f"{self.pick((kind.counted if kind else None) or words.OTHER_EVENTS)}"
            for kind, number in told
        )

    def _network(self, value: object) -> str:
        if value == "*":
            return self.pick(words.ALL_NETWORKS)
        return (_address(str(value)) or self.pick(words.THIS_MACHINE)) if value else ""

    def _names(self, value: object) -> str:
        tags = dict.fromkeys(map(str, value)) if isinstance(value, list) else ()
        return ", ".join(self._name_of(tag) for tag in tags)

    def _ldap_account(self, value: object) -> str:
        first = str(value).partition(",")[0]
        name = clean(first.partition("=")[2])
        return self.pick((f"tài khoản LDAP {name}", f"the LDAP account {name}")) if name else ""

    def _nothing(self, _value: object) -> str:
        return ""


_LAST_INSTANT = 253_402_300_800_000  # year 10000: what no clock of ours will say
_SPECIAL: Mapping[str, Callable[[_Telling, object], str]] = {
    "text": _Telling._text,
    "technical": _Telling._nothing,
    "flag": _Telling._nothing,  # only whether it is set, in brackets
    "count": _Telling._count,
    "seconds": _Telling._seconds,
    "instant": _Telling._instant,
    "day": _Telling._day,
    "last_day": _Telling._last_day,
    "place": _Telling._place,
    "application": _Telling._application,
    "role": _Telling._role,
    "permission": _Telling._permission,
    "object": _Telling._object,
    "request": _Telling._request,
    "changes": _Telling._changes,
    "difference": _Telling._difference,
    "names": _Telling._names,
    "kinds": _Telling._kinds,
    "network": _Telling._network,
    "ldap_account": _Telling._ldap_account,
}


def _address(text: str) -> str:
    """An address as people read it; empty for the machine itself."""
    try:
        return "" if ip_address(text).is_loopback else text
    except ValueError:
        return clean(text)
