"""The words that events of all components share: facts of people and agencies, who acts, where.
What only one component says stands beside its kinds, in its `events.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from directory.audit.kinds import Form, Pair, WordList
from directory.catalogue import facts as catalogue

OTHER_VALUE: Pair = ("giá trị khác", "another value")
SOMETHING_ELSE: Pair = ("mục khác", "something else")

STATUSES = WordList(
    {
        "pending": ("chưa kích hoạt", "not activated"),
        "active": ("đang hoạt động", "active"),
        "suspended": ("bị khóa", "suspended"),
        "left": ("đã thôi sử dụng", "has left"),
        "closed": ("đã giải thể", "closed"),
    },
    other=OTHER_VALUE,
)


def _form_of(fact: catalogue.Fact) -> Form:
    if fact.sealed:
        return "technical"
    return WordList(fact.choices, other=OTHER_VALUE) if fact.choices else "text"


# Facts of people and agencies: label, and the form of the value.
FACTS: Mapping[str, tuple[Pair, Form]] = {
    **{fact.name: (fact.label, _form_of(fact)) for fact in catalogue.FACTS},
    "aliases": (("địa chỉ thư khác", "other addresses"), "text"),
    "title": (("chức vụ", "title"), "text"),
    "status": (("trạng thái", "status"), STATUSES),
    "agency": (("cơ quan", "agency"), "place"),
    "unit": (("đơn vị", "unit"), "place"),
    "posts_ended": (("kết thúc bố trí", "posts ended"), "text"),
    "name": (("tên", "name"), "text"),
    "short_name": (("tên viết tắt", "short name"), "text"),
    "code": (("mã", "code"), "text"),
    "type": (("loại hình", "type"), "technical"),
    "parent_id": (("trực thuộc", "part of"), "place"),
    "posts": (("bố trí công tác", "posts"), "technical"),
    "codes": (("các mã", "codes"), "technical"),
    "successors": (("cơ quan kế thừa", "successors"), "place"),
    # Of a code of a shared list.
    "name_vi": (("tên", "name"), "text"),
    "name_en": (("tên tiếng Anh", "English name"), "text"),
    "valid_from": (("ngày có hiệu lực", "first day"), "text"),
    "valid_to": (("ngày hết hiệu lực", "last day"), "text"),
    "parent": (("mã cấp trên", "code above"), "text"),
    "order": (("thứ tự", "order"), "text"),
    "basis": (("căn cứ", "basis"), "text"),
    "lock": (("khóa trong máy chủ LDAP", "lock in the LDAP server"), "technical"),
    "mark": (("dấu của lần sửa cuối", "mark of the last change"), "technical"),
    "other": (SOMETHING_ELSE, "technical"),
}

# LDAP attributes, in lower case: the fact they hold. Empty: it follows from others.
ATTRIBUTES: Mapping[str, str] = {
    **{fact.attribute.lower(): fact.name for fact in catalogue.IN_LDAP},
    "dmmailaddress": "aliases",
    "title": "title",
    "dmstatus": "status",
    "dmagency": "agency",
    "dmunit": "unit",
    "dmpost": "posts",
    "dmshortname": "short_name",
    "dmcurrentcode": "code",
    "dmcode": "codes",
    "dmtype": "type",
    "dmparent": "parent_id",
    "dmsuccessor": "successors",
    "pwdendtime": "lock",
    "dmintent": "mark",
    "displayname": "",
    "sn": "",
    "givenname": "",
    "dmmiddlename": "",
    "dmsearchkey": "",
    "dmsortkey": "",
    "dmmailstate": "",
    "departmentnumber": "",
    "o": "",
    "dmid": "",
    "objectclass": "",
}

# Our machinery, where its component has no name for it.
SYSTEM: Pair = ("Hệ thống", "The system")
OPERATOR: Pair = ("Người vận hành máy chủ", "Operator of the server")
SOMEBODY: Pair = ("Một người chưa đăng nhập", "Somebody not signed in")
ALL_NETWORKS: Pair = ("nhiều mạng khác nhau", "very many networks")
OTHER_EVENTS: Pair = ("việc khác", "other events")
OTHER_REQUEST: Pair = ("việc khác", "something else")
OTHER_ACTION: Pair = ("thao tác với", "work with")
WHOLE_PROVINCE: Pair = ("toàn tỉnh", "the whole province")
THIS_MACHINE: Pair = ("chính máy chủ", "the server itself")
NO_END: Pair = ("không thời hạn", "without end")
UNTIL: Pair = ("đến hết ngày {day}", "until {day}")
NOTHING: Pair = ("(trống)", "(empty)")
UNTOLD: Pair = (
    "Một sự việc mà phiên bản này chưa có lời kể",
    "Something this version has no words for",
)

# Objects of refused actions that are no subjects of events.
OTHER_OBJECTS: Mapping[str, Pair] = {
    "connector": ("một kết nối", "a connector"),
    "page": ("một trang", "a page"),
    "province": WHOLE_PROVINCE,
}
OTHER_OBJECT: Pair = ("một mục", "something")
# How objects were written down before they had tags.
OLD_OBJECTS: Mapping[str, str] = {
    "OfPerson(": "person",
    "InPlace(": "agency",
    "OfApplication(": "client",
    "OfGrant(": "role",
    "people.": "page",
    "events.": "page",
}
