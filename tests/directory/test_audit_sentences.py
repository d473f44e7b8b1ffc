"""The log read aloud: every kind with every word it may hold, in both languages, whatever is
missing, and events as every version recorded them."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from admin_ui.components import VOCABULARY
from directory.audit import vocabulary
from directory.audit.event import Event, event_from_body
from directory.audit.kinds import Form, Kind, WordList
from directory.audit.sentences import Language, actor_name, sentence
from directory.people.permissions import PeoplePermission

pytestmark = pytest.mark.without_sql

KINDS = tuple(VOCABULARY.kinds.values())
LANGUAGES: tuple[Language, ...] = ("vi", "en")
PERSON, PLACE, CLIENT = "0f8fad5b-d9cb-469f-a165-70867728950e", "p-1", "quan-ly"
NAMES = {
    f"person:{PERSON}": "Nguyễn Thị Ngọc Hạnh",
    f"agency:{PLACE}": "Sở Thông tin và Truyền thông",
    f"client:{CLIENT}": "Quản lý văn bản",
    f"role:{CLIENT}|van_thu": "Văn thư",
}
# What only a programmer reads: marks of code, ids, pairs that one half is missing of.
CODE = re.compile(
    r"_|\b[a-z]+:[a-z]|\(id=|\bNone\b|\bTrue\b|\bFalse\b|[{}\[\]<>=]|  | [,.;:)]|\(\)|"
    r"[0-9a-f]{8}-[0-9a-f]{4}|\b1[0-9]{12}\b|^$"
)
# English that has no business in a Vietnamese sentence, and the other way round.
ENGLISH = re.compile(r"\b(the|of|was|were|is|not|and|for|with|from|by|to|who|reason|another)\b")
VIETNAMESE = re.compile(r"[ăâđêôơưáàảãạếềểễệốồổỗộớờởỡợúùủũụứừửữựíìỉĩịýỳỷỹỵ]", re.IGNORECASE)

TYPED = ("Theo Quyết định số 12", "")
SAMPLES: dict[str, tuple[Any, ...]] = {
    "text": ("ES256", "Theo văn bản", ""),
    "technical": ("01f0-_x:y", {"dmPost": ['{"id": "x"}']}, None),
    "count": (0, 1, 395, 12_345),
    "flag": (True, False),
    "seconds": (0.25, 12.0, 3),
    "instant": (1_795_000_000_000, "2026-11-26T10:00:00.000Z", 0, "", "2026", 10**18),
    "day": ("2026-12-31", ""),
    "last_day": ("2026-12-31", ""),
    "place": (PLACE, "gone_place", ""),
    "application": (CLIENT, "gone_client", ""),
    "role": ("van_thu", "gone_role"),
    "request": (*VOCABULARY.requests, "gone_kind", "", None),
    "permission": (*VOCABULARY.permissions, "a:b", "", None),
    "object": (
        f"person:{PERSON}",
        "agency:x",
        "province",
        "client:a_b",
        "role:a_b|c_d",
        "page:people.show",
        "OfPerson(id='xxxx')",
        "InPlace(id='')",
        "OfApplication(id='x')",
        "OfGrant(application_id='a', role='r')",
        "events.list_events",
        "something_else",
        "",
    ),
    "changes": (
        {"phone": "0274 385 8398"},
        {"status": "suspended", "agency": PLACE, "unit": "", "title": "Văn thư"},
        {"agency": "gone_place", "staff_category": "CONTRACT", "language": "vi"},
        {"status": "made_up", "parent_id": "", "type": "DEPARTMENT", "new_fact": "x_y"},
        {"phone": None, "precedence": "3", "aliases": ["a@b.vn", "c@d.vn"]},
        {},
    ),
    "difference": (
        {"telephoneNumber": ["0274 1", "0274 2"], "dmPost": ['{"id":"x"}'], "pwdEndTime": []},
        {"dmStatus": ["active"], "dmAgency": [PLACE], "jpegPhoto": ["(9 bytes, SHA-256 00)"]},
        {"ou": ["Sở A"], "dmIntent": ["x"], "sn": ["An"]},
        {},
    ),
    "kinds": ({"token.refused": 1460, "a.kind": 2}, {}),
    "network": ("10.1.2.3", "2001:db8::/64", "*", ""),
    "ldap_account": ("cn=catalogue,ou=services,dc=x", "dmId=1,ou=people", ""),
}


def values_of(form: Form) -> tuple[Any, ...]:
    if not isinstance(form, WordList):
        return SAMPLES[form]
    told = VOCABULARY.words_of(form)
    values = (*told, "a_word_nobody_declared", "http_503", "", None)
    first = next(iter(told))
    if not told[first][0][0].isalpha():
        return values  # the end of a sentence: never one of several
    return (*values, f"{first}, odd_word", [first, "odd_word"], {first: 2, "odd_word": 3})


def events_of(kind: Kind) -> Iterator[Event]:
    """Events of a kind: each value of each field beside the first ones of the others, and each
    field missing; with and without names, from everywhere."""
    columns = {field: values_of(form) for field, form in kind.fields.items()}
    first = {field: values[0] for field, values in columns.items()}
    variants = [first, {}]
    for field, values in columns.items():
        variants += [{**first, field: value} for value in values]
        variants.append({other: first[other] for other in first if other != field})
    places = itertools.cycle(
        itertools.product(
            (
                f"person:{PERSON}",
                "person:gone",
                "os:root",
                "os",
                "system:init",
                "system:odd_job",
                "anonymous",
                f"client:{CLIENT}",
                "client:gone_client",
                "",
            ),
            (
                f"person:{PERSON}",
                "person:gone",
                f"agency:{PLACE}",
                f"client:{CLIENT}",
                "",
                "position:p-1|chuyen vien",
                "post:gone",
                "odd_kind:x",
            ),
            ("10.0.0.7", "::1", ""),
        )
    )
    for fields in variants:
        for _ in range(30):
            actor, subject, address = next(places)
            yield Event("id", 1, kind.name, actor, subject, PLACE, address, "", fields)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_with_every_word_is_a_sentence(kind: Kind) -> None:
    for event in events_of(kind):
        for language in LANGUAGES:
            told = sentence(event, VOCABULARY, NAMES, language)
            plain = told
            for said in (*NAMES.values(), "a@b.vn", "c@d.vn", "the-file_1"):
                plain = plain.replace(said, "X")
            assert not CODE.search(plain), (told, event)
            assert told[0].isupper() or not told[0].isalpha(), told
            if language == "vi":
                assert not ENGLISH.search(plain), (told, event)
            else:
                assert not VIETNAMESE.search(_without_samples(plain)), (told, event)


def _without_samples(text: str) -> str:
    for said in ("Theo văn bản", *TYPED, "Văn thư", "Sở A"):
        text = text.replace(said, "X") if said else text
    return text


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_sentence_uses_only_what_the_kind_declares(kind: Kind) -> None:
    known = {*kind.fields, *kind.parts, "actor", "subject", "agency", "address"}
    for template in (kind.vi, kind.en):
        used = {*re.findall(r"\{(\w+)\}", template), *re.findall(r"\[(\w+)[?!]", template)}
        assert used <= known, used - known
        assert template.count("[") == template.count("]")
    assert set(kind.parts.values()) <= set(VOCABULARY.kinds)
    if kind.awaits_outcome:
        assert kind.name.endswith("requested")


def test_every_word_is_told_in_two_languages() -> None:
    forms = {form for kind in KINDS for form in kind.fields.values() if isinstance(form, WordList)}
    facts = {form for _, form in vocabulary.FACTS.values() if isinstance(form, WordList)}
    assert forms and facts
    for form in forms | facts:
        for word, pair in [*VOCABULARY.words_of(form).items(), ("other", form.other)]:
            assert all(pair), word
            assert pair[0] == pair[0].rstrip(".") and pair[1] == pair[1].rstrip("."), pair


def test_people_read_what_was_done() -> None:
    def told(kind: str, language: Language = "vi", **facts: Any) -> str:
        fields = facts.pop("fields", {})
        given = {
            "actor": f"person:{PERSON}",
            "subject": f"person:{PERSON}",
            "address": "10.0.0.7",
            "agency": "",
            "request_id": "",
        }
        event = Event("i", 1, kind, fields=fields, **given | facts)
        return sentence(event, VOCABULARY, NAMES, language)

    assert (
        told(
            "authz.denied",
            fields={
                "action": PeoplePermission.READ,
                "object": "OfPerson(id='x')",
                "reason": "out_of_scope",
            },
        )
        == "Nguyễn Thị Ngọc Hạnh bị từ chối xem một hồ sơ ngoài phạm vi"
    )
    for tag, said in (
        ("post:x", "một bố trí công tác"),
        ("position:x", "một vị trí việc làm"),
        ("request:x", "một yêu cầu"),
        ("client:x", "một ứng dụng"),
        ("province", "toàn tỉnh"),
        ("nothing_known:x", "một mục"),
    ):
        refused = {"action": PeoplePermission.READ, "object": tag, "reason": "out_of_scope"}
        assert f"bị từ chối xem {said} ngoài phạm vi" in told("authz.denied", fields=refused)
    assert told(
        "person.change.requested",
        actor="os:root",
        fields={
            "changes": {"phone": "0274 385 8398"},
            "before": {"phone": "0274 381 7597"},
        },
    ) == (
        "Người vận hành máy chủ (root) sửa Nguyễn Thị Ngọc Hạnh: "
        "điện thoại 0274 381 7597 → 0274 385 8398"
    )
    assert told(
        "grant.added",
        actor="system:init",
        fields={
            "application": CLIENT,
            "role": "van_thu",
            "scope": PLACE,
            "until": "",
            "reason": "",
        },
    ) == (
        "Hệ thống (khi khởi tạo) cấp vai trò Văn thư của Quản lý văn bản cho "
        "Nguyễn Thị Ngọc Hạnh tại Sở Thông tin và Truyền thông, không thời hạn"
    )
    assert told("signin.succeeded", address="::1", fields={"application": ""}) == (
        "Nguyễn Thị Ngọc Hạnh đăng nhập từ chính máy chủ"
    )
    assert told("client.auth_failed", subject="", address="", fields={"reason": "odd_word"}) == (
        "Một ứng dụng không rõ không xác thực được: thông tin xác thực không hợp lệ"
    )
    for text in ("Authlib's own words", "http_503"):  # without a line: the error is told
        refused = {"grant_type": "", "error": "invalid_scope", "reason": text}
        assert told("token.refused", actor=f"client:{CLIENT}", fields=refused) == (
            "Quản lý văn bản không được cấp mã truy cập: phạm vi thông tin không hợp lệ"
        )
    assert told("a.kind.of.tomorrow") == "Một sự việc mà phiên bản này chưa có lời kể"


def test_an_event_of_an_earlier_version_is_still_told() -> None:
    """A kind may gain a field; the oldest body there is has neither address nor fields."""
    for kind in KINDS:
        for known in range(len(kind.fields) + 1):
            fields = dict.fromkeys(list(kind.fields)[:known], "")
            body = {"id": "i", "kind": kind.name, "actor": "os:root", "fields": fields}
            event = event_from_body(json.dumps(body).encode(), 1)
            for language in LANGUAGES:
                assert sentence(event, VOCABULARY, {}, language), kind.name
    bare = event_from_body(b'{"id": "i", "kind": "person.suspended"}', 1)
    assert sentence(bare, VOCABULARY, {}) == "– khóa –"


def test_every_kind_of_actor_has_a_name() -> None:
    for tag in (
        "os:root",
        "os",
        "system:init",
        "system:x_y",
        "system",
        "anonymous",
        "client:a_b",
        "person:gone",
        "",
    ):
        for language in LANGUAGES:
            name = actor_name(tag, VOCABULARY, {}, language)
            assert not CODE.search(name) or not tag, (tag, name)
