"""What is known of a person: one declaration a fact, and all that handles it follows.

From this table come the mapping to and from LDAP (`directory.catalogue.person`), the columns, rows
and records of the projection (`directory.projection`), what the service accepts and who may change
it (`directory.people.service`), claims, the console's form and page, the options and documents of
``danhmuc person``, and the words of the audit log. A new fact is a field of `PersonFacts`, an SQL
revision for its column, a step for its LDAP attribute, and its words.

Written by hand, because they are more than one value with one meaning: posts, and the title, agency
and unit that follow from them; standing, which is readable alone; the parts of the full name, and
the keys people are searched and sorted by; further mail addresses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from directory.catalogue import errors
from directory.errors import ErrorCode, Words
from directory.ids import ID_CHARS

Value = str | int


@dataclass(frozen=True)
class StoredFact:
    """A fact's column in the projection, of its name. `width` None: of any length. `nullable`: the
    column came by a later revision, and NULL is "none"; older ones hold an empty text."""

    width: int | None = None
    nullable: bool = True
    indexed: bool = False


@dataclass(frozen=True)
class Fact:
    """One fact of a person; its name is that of its field in `PersonFacts`.

    `attribute`: where LDAP holds it. `label`: as in a sentence; pages begin it with a capital.
    `kind`: what it is, for inputs, links and options; ``person`` is the id of another one.

    What is accepted: `longest`, `pattern`, `choices` (stable word → words for people), `between`
    for numbers; an empty text unless it is `required`. `unique`: nobody else may ever have it.
    `refused`: what is said of anything else.

    `permission`: whoever has it over the person (a `PeoplePermission`) may change the fact; one
    that is `fixed` is said when the person is added, and never changed.
    `claim`: as what applications learn it (`idp.oidc.claims` says in which scope). `searched`:
    people are found by it, typed as one word. `sealed`: personal data that applications do not
    need: in neither LDAP nor the projection, and the log tells only that it was changed.

    `page`: on the person's page, always or when there is something. `on_form`: changed on the
    console's form. `hint`: how to write it. `listed`: in the document of ``danhmuc person list``.
    """

    attribute: str
    label: Words
    refused: ErrorCode
    name: str = ""
    kind: Literal["text", "login", "mail", "phone", "number", "choice", "person"] = "text"
    default: Value = ""
    column: StoredFact | None = None
    required: bool = False
    longest: int = 0
    pattern: re.Pattern[str] | None = None
    choices: Mapping[str, Words] | None = None
    between: tuple[int, int] = (0, 0)
    unique: bool = False
    fixed: bool = False
    permission: str = "people:write"
    claim: str = ""
    searched: bool = False
    sealed: bool = False
    page: Literal["", "always", "filled"] = ""
    on_form: bool = False
    hint: Words | None = None
    listed: bool = False

    def __post_init__(self) -> None:
        if self.sealed and (self.attribute or self.column or self.claim):
            raise ValueError(f"{self.label.en}: what is sealed is in no open store")

    @property
    def heading(self) -> Words:
        """The label where it stands alone."""
        return Words(*(text[:1].upper() + text[1:] for text in self.label))

    def accepts(self, value: object) -> bool:
        """Whether this may be written."""
        if self.kind == "number":
            least, most = self.between
            return isinstance(value, int) and least <= value <= most
        if not isinstance(value, str):
            return False
        if not value:
            return not self.required
        if self.choices is not None:
            return value in self.choices
        return len(value) <= self.longest and (
            self.pattern is None or self.pattern.fullmatch(value) is not None
        )

    def to_ldap(self, value: Value) -> tuple[str, ...]:
        """The values of its attribute. An absent fact is an absent attribute."""
        return (str(value),) if value != "" else ()

    def from_ldap(self, text: str) -> Value:
        """What an attribute says, where it says anything. Raises ValueError for no number."""
        if not text:
            return self.default
        return int(text) if self.kind == "number" else text

    def to_row(self, value: Value) -> Value | None:
        """What its column holds."""
        return None if value == "" and self.column and self.column.nullable else value


def _declared(fact: Fact) -> Any:
    return field(default=fact.default, metadata={"fact": fact})


_ONE_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]+")
STAFF_CATEGORIES = {
    "OFFICIAL": Words("cán bộ", "official"),
    "CIVIL_SERVANT": Words("công chức", "civil servant"),
    "PUBLIC_EMPLOYEE": Words("viên chức", "public employee"),
    "CONTRACT": Words("người lao động hợp đồng", "contract employee"),
    "NON_SPECIALISED": Words("người hoạt động không chuyên trách", "non-specialised worker"),
}
LANGUAGES = {"vi": Words("tiếng Việt", "Vietnamese"), "en": Words("tiếng Anh", "English")}


@dataclass(frozen=True, kw_only=True)
class PersonFacts:
    """The table: the facts a person, a row of the projection and a person to be added share."""

    username: str = _declared(
        Fact(
            "uid",
            Words("tên đăng nhập", "user name"),
            errors.PERSON_USERNAME,
            kind="login",
            column=StoredFact(64, nullable=False, indexed=True),
            required=True,
            longest=63,
            pattern=re.compile(r"[a-z0-9][a-z0-9._-]{1,62}"),
            unique=True,
            claim="preferred_username",
            searched=True,
            page="always",
            hint=Words("Chữ a–z, số 0–9, dấu . - _", "a–z, 0–9, . - _"),
        )
    )
    full_name: str = _declared(
        Fact(
            "cn",
            Words("họ và tên", "full name"),
            errors.PERSON_FULL_NAME,
            column=StoredFact(nullable=False),
            required=True,
            longest=200,
            pattern=re.compile(r"[^\x00-\x1f<>]+"),
            claim="name",
            hint=Words("Họ, tên đệm và tên, đủ dấu.", "Họ đệm tên, with diacritics."),
        )
    )
    mail: str = _declared(
        Fact(
            "mail",
            Words("thư công vụ", "work e-mail"),
            errors.PERSON_MAIL,
            kind="mail",
            column=StoredFact(254, nullable=False),
            longest=254,  # RFC 5321 section 4.5.3.1.3, less the brackets
            pattern=re.compile(r"[a-z0-9][a-z0-9._+-]{0,63}@[a-z0-9-]+(\.[a-z0-9-]+)+"),
            unique=True,
            claim="email",
            searched=True,
            page="always",
            listed=True,
        )
    )
    staff_no: str = _declared(
        Fact(
            "employeeNumber",
            Words("mã cán bộ", "staff number"),
            errors.PERSON_STAFF_NO,
            column=StoredFact(64, nullable=False),
            longest=64,
            unique=True,
            searched=True,
            page="filled",
        )
    )
    phone: str = _declared(
        Fact(
            "telephoneNumber",
            Words("điện thoại", "phone number"),
            errors.PERSON_PHONE,
            kind="phone",
            column=StoredFact(nullable=False),
            longest=32,
            pattern=re.compile(r"(?=.*[0-9].*[0-9].*[0-9])[0-9+(). -]{3,32}"),
            searched=True,
            page="always",
            on_form=True,
            hint=Words(
                "Ghi như khi gọi, ví dụ 0274 382 0000.",
                "As it is dialled, for example 0274 382 0000.",
            ),
            listed=True,
        )
    )
    academic_title: str = _declared(
        Fact(
            "dmAcademicTitle",
            Words("học hàm, học vị", "academic title"),
            errors.PERSON_ACADEMIC_TITLE,
            column=StoredFact(64),
            longest=64,
            pattern=_ONE_LINE,
            page="filled",
            on_form=True,
            hint=Words("Ví dụ: PGS.TS, TS, ThS.", "For example PGS.TS, TS, ThS."),
            listed=True,
        )
    )
    staff_category: str = _declared(
        Fact(
            "employeeType",
            Words("loại cán bộ", "staff category"),
            errors.PERSON_STAFF_CATEGORY,
            kind="choice",
            column=StoredFact(32, nullable=False),
            choices=STAFF_CATEGORIES,
        )
    )
    precedence: int = _declared(
        Fact(
            "dmPrecedence",
            Words("thứ tự", "precedence"),
            errors.PERSON_PRECEDENCE,
            kind="number",
            default=500,
            column=StoredFact(nullable=False),
            between=(0, 99999),
        )
    )
    language: str = _declared(
        Fact(
            "preferredLanguage",
            Words("ngôn ngữ", "language"),
            errors.PERSON_LANGUAGE,
            kind="choice",
            default="vi",
            column=StoredFact(16, nullable=False),
            required=True,
            choices=LANGUAGES,
        )
    )
    administrator_of: str = _declared(
        Fact(
            "dmAdministratorOf",
            Words("tài khoản quản trị của", "administration account of"),
            errors.PERSON_ADMINISTRATOR_OF,
            kind="person",
            column=StoredFact(ID_CHARS, indexed=True),
            longest=ID_CHARS,
            pattern=_ONE_LINE,
            fixed=True,
            page="filled",
            listed=True,
        )
    )


FACTS: tuple[Fact, ...] = tuple(
    replace(each.metadata["fact"], name=each.name) for each in fields(PersonFacts)
)
IN_LDAP = tuple(fact for fact in FACTS if fact.attribute)
# What everybody has comes first.
ON_PAGE = sorted((fact for fact in FACTS if fact.page), key=lambda fact: fact.page != "always")
FACT: Mapping[str, Fact] = {fact.name: fact for fact in FACTS}
