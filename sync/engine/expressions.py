"""The language in which a definition says what an application receives of a person.

    mail
    upper(plain(family_name)) + " " + given_name
    lookup("chuc_danh", post.title, "Khác")
    if(agency.type == "DEPARTMENT", agency.code, above_code("DEPARTMENT"))

Values are texts, and true or false. There are names, texts in quotes, `+` (joins), `??` (the next
one where the first is empty), `==`, `!=`, and the functions of `FUNCTIONS`. No loops, no
arithmetic, no way to anything that is not a name of `NAMES`: whatever is written ends at once, and
is judged before it is saved.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from directory.errors import Words
from directory.text import plain

Value = str | bool

# What is known of a person → the attribute of the release (`directory.release`) that it tells; of
# the id, which says nothing of them, none.
NAMES: Mapping[str, str] = {
    "id": "",
    "username": "username",
    "full_name": "full_name",
    "family_name": "full_name",
    "middle_name": "full_name",
    "given_name": "full_name",
    "mail": "mail",
    "phone": "phone",
    "staff_no": "staff_no",
    "staff_category": "staff_category",
    "academic_title": "academic_title",
    "language": "language",
    "post.title": "post",
    "post.kind": "post",
    "agency.id": "agency",
    "agency.code": "agency_code",
    "agency.name": "agency",
    "agency.short_name": "agency",
    "agency.type": "agency",
    "unit.id": "unit",
    "unit.code": "unit",
    "unit.name": "unit",
    "unit.short_name": "unit",
}
# Of what functions that look at the places above tell.
PLACES = "agency"

_LONGEST, _DEEPEST, _LONGEST_VALUE = 500, 20, 2000
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\\x00-\x1f]|\\["\\])*")|(?P<name>[a-z][a-z_]*(?:\.[a-z_]+)?)"""
    r"""|(?P<sign>\?\?|==|!=|[+(),]))"""
)


class ExpressionFault(Exception):
    """It is none, and why; `at`: the column, from 1."""

    def __init__(self, vi: str, en: str, at: int) -> None:
        super().__init__(en)
        self.said, self.at = Words(vi, en), at

    @property
    def says(self) -> str:
        """For the command line."""
        return self.said.en


@dataclass(frozen=True)
class Place:
    """A place above the person's agency or unit."""

    type: str
    code: str
    name: str


@dataclass(frozen=True)
class Facts:
    """What is known of one person: a value for each of `NAMES`, and the places above, nearest
    first. `tables`: the lists of words that the definition declares."""

    values: Mapping[str, Value]
    above: Sequence[Place] = ()
    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


Evaluate = Callable[[Facts], Value]


@dataclass(frozen=True)
class Function:
    """A function: how many arguments it takes, and what it does with them. `says`: for the
    reference page."""

    fewest: int
    most: int
    work: Callable[[Facts, Sequence[Value]], Value]
    says: str


def _initials(_facts: Facts, given: Sequence[Value]) -> str:
    return "".join(word[0] for word in plain(_text(given[0])).split())


def _lookup(facts: Facts, given: Sequence[Value]) -> str:
    table = facts.tables.get(_text(given[0]), {})
    default = _text(given[2]) if len(given) > 2 else ""
    return table.get(_text(given[1]), default)


def _above(facts: Facts, kind: str) -> Place:
    return next((each for each in facts.above if each.type == kind), Place("", "", ""))


def _left(_facts: Facts, given: Sequence[Value]) -> str:
    count = _text(given[1])
    return _text(given[0])[: int(count)] if count.isdecimal() and len(count) < 5 else ""


FUNCTIONS: Mapping[str, Function] = {
    "upper": Function(1, 1, lambda _, given: _text(given[0]).upper(), "in capitals"),
    "lower": Function(1, 1, lambda _, given: _text(given[0]).lower(), "in small letters"),
    "trim": Function(1, 1, lambda _, given: _text(given[0]).strip(), "without blanks around it"),
    "plain": Function(
        1, 1, lambda _, given: plain(_text(given[0])), "in small letters without diacritics"
    ),
    "initials": Function(1, 1, _initials, "the first letter of each word, without diacritics"),
    "left": Function(2, 2, _left, 'its first letters: left(phone, "4")'),
    "replace": Function(
        3,
        3,
        lambda _, given: _text(given[0]).replace(_text(given[1]) or "\0", _text(given[2])),
        "with the second text replaced by the third",
    ),
    "local_part": Function(
        1, 1, lambda _, given: _text(given[0]).partition("@")[0], "what stands before the @"
    ),
    "lookup": Function(
        2, 3, _lookup, "the word of a table for a value; the third where there is none"
    ),
    "above_code": Function(
        1,
        1,
        lambda facts, given: _above(facts, _text(given[0])).code,
        "the code of the nearest place of a type at or above the person's agency",
    ),
    "above_name": Function(
        1, 1, lambda facts, given: _above(facts, _text(given[0])).name, "the name of that place"
    ),
    "if": Function(
        3,
        3,
        lambda _, given: given[1] if given[0] not in (False, "") else given[2],
        "the second where the first is true or not empty, else the third",
    ),
    "not": Function(1, 1, lambda _, given: given[0] in (False, ""), "the opposite"),
}


@dataclass(frozen=True)
class Expression:
    """An expression that was judged. `tells`: attributes of the release that it tells of."""

    source: str
    tells: frozenset[str]
    _evaluate: Evaluate

    def value(self, facts: Facts) -> Value:
        """What it comes to for one person; never longer than 2000 characters."""
        found = self._evaluate(facts)
        return found[:_LONGEST_VALUE] if isinstance(found, str) else found


def compile_expression(source: str, tables: Mapping[str, Mapping[str, str]]) -> Expression:
    """The expression, or `ExpressionFault`."""
    if len(source) > _LONGEST:
        raise ExpressionFault(
            f"dài hơn {_LONGEST} ký tự", f"longer than {_LONGEST} characters", _LONGEST + 1
        )
    reading = _Reading(source, tables)
    evaluate = reading.choice(0)
    reading.expect_end()
    return Expression(source, frozenset(reading.tells - {""}), evaluate)


class _Reading:
    """Recursive descent, a function a level: choice (??), comparison, joining, atom."""

    def __init__(self, source: str, tables: Mapping[str, Mapping[str, str]]) -> None:
        self.tables = tables
        self.tells: set[str] = set()
        self._tokens = _tokens(source)
        self._at = 0
        self._end = len(source) + 1

    def choice(self, depth: int) -> Evaluate:
        if depth > _DEEPEST:
            raise ExpressionFault(
                f"quá {_DEEPEST} lớp ngoặc",
                f"more than {_DEEPEST} levels of brackets",
                self._column(),
            )
        terms = [self.comparison(depth)]
        while self._takes("??"):
            terms.append(self.comparison(depth))
        if len(terms) == 1:
            return terms[0]
        return lambda facts: next(
            (found for term in terms if (found := term(facts)) not in ("", False)), ""
        )

    def comparison(self, depth: int) -> Evaluate:
        first = self.joined(depth)
        for sign in ("==", "!="):
            if self._takes(sign):
                second, is_equal = self.joined(depth), sign == "=="
                return lambda facts: (first(facts) == second(facts)) is is_equal
        return first

    def joined(self, depth: int) -> Evaluate:
        terms = [self.atom(depth)]
        while self._takes("+"):
            terms.append(self.atom(depth))
        if len(terms) == 1:
            return terms[0]

        def join(facts: Facts) -> str:
            return "".join(_text(term(facts)) for term in terms)[:_LONGEST_VALUE]

        return join

    def atom(self, depth: int) -> Evaluate:
        kind, word, column = self._next()
        if kind == "text":
            literal = re.sub(r"\\(.)", r"\1", word[1:-1])
            return lambda _facts: literal
        if kind == "sign":
            if word != "(":
                raise ExpressionFault(
                    f"cần một giá trị, không phải {word!r}",
                    f"a value is expected, not {word!r}",
                    column,
                )
            inner = self.choice(depth + 1)
            self._require(")")
            return inner
        if word in ("true", "false"):
            return lambda _facts: word == "true"
        if self._takes("("):
            return self._call(word, column, depth)
        if word not in NAMES:
            raise ExpressionFault(
                f"không có dữ liệu nào của người dùng tên {word!r}",
                f"nothing of a person is called {word!r}",
                column,
            )
        self.tells.add(NAMES[word])
        return lambda facts: facts.values[word]

    def _call(self, word: str, column: int, depth: int) -> Evaluate:
        function = FUNCTIONS.get(word)
        if function is None:
            raise ExpressionFault(
                f"không có hàm {word!r}", f"there is no function {word!r}", column
            )
        if word.startswith("above_"):
            self.tells.add(PLACES)
        given: list[Evaluate] = []
        first_token = self._tokens[self._at] if self._at < len(self._tokens) else None
        while not self._takes(")"):
            if given:
                self._require(",")
            given.append(self.choice(depth + 1))
        if not function.fewest <= len(given) <= function.most:
            raise ExpressionFault(
                f"{word} nhận từ {function.fewest} đến {function.most} giá trị",
                f"{word} takes {function.fewest} to {function.most}",
                column,
            )
        if word == "lookup":
            self._require_table(first_token, column)

        def call(facts: Facts) -> Value:
            found = function.work(facts, [each(facts) for each in given])
            return found[:_LONGEST_VALUE] if isinstance(found, str) else found

        return call

    def _require_table(self, token: tuple[str, str, int] | None, column: int) -> None:
        kind, word, at = token or ("", "", column)
        if kind != "text" or word[1:-1] not in self.tables:
            raise ExpressionFault(
                "lookup cần tên một bảng của định nghĩa này, trong ngoặc kép",
                "lookup wants the name of a table of this file, in quotes",
                at,
            )

    def expect_end(self) -> None:
        if self._at < len(self._tokens):
            raise ExpressionFault(
                "chỗ này thừa", "nothing is expected here any more", self._column()
            )

    def _column(self) -> int:
        return self._tokens[self._at][2] if self._at < len(self._tokens) else self._end

    def _takes(self, sign: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at][:2] == ("sign", sign):
            self._at += 1
            return True
        return False

    def _require(self, sign: str) -> None:
        if not self._takes(sign):
            raise ExpressionFault(
                f"chỗ này cần {sign!r}", f"{sign!r} is expected here", self._column()
            )

    def _next(self) -> tuple[str, str, int]:
        if self._at >= len(self._tokens):
            raise ExpressionFault(
                "cuối biểu thức còn thiếu một giá trị", "a value is expected at the end", self._end
            )
        self._at += 1
        return self._tokens[self._at - 1]


def _tokens(source: str) -> list[tuple[str, str, int]]:
    found, at, end = [], 0, len(source.rstrip())
    while at < end:
        match = _TOKEN.match(source, at)
        if match is None or match.lastgroup is None:
            rest = len(source[at:]) - len(source[at:].lstrip())
            raise ExpressionFault(
                "ký tự này không thuộc biểu thức", "this is no part of an expression", at + rest + 1
            )
        found.append((match.lastgroup, match[match.lastgroup], match.start(match.lastgroup) + 1))
        at = match.end()
    return found


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ("true" if value else "false")
