"""What can be told of a person: the attributes an application is allowed one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from directory.errors import Words


@dataclass(frozen=True)
class Attribute:
    """`label`: as in a sentence. `scopes`: those of OpenID Connect that ask for it; `claims`: what
    tells it there. `purpose`: what it commonly serves, proposed to whoever registers."""

    name: str
    label: Words
    scopes: tuple[str, ...]
    claims: tuple[str, ...]
    purpose: Words


ATTRIBUTES: Mapping[str, Attribute] = {
    attribute.name: attribute
    for attribute in (
        Attribute(
            "full_name",
            Words("họ và tên", "full name"),
            ("profile",),
            ("name", "given_name", "family_name"),
            Words("Hiển thị tên người dùng", "To show who uses it"),
        ),
        Attribute(
            "username",
            Words("tên đăng nhập", "user name"),
            ("profile",),
            ("preferred_username",),
            Words("Hỗ trợ người dùng, tra cứu", "To help people and to find them"),
        ),
        Attribute(
            "mail",
            Words("thư công vụ", "work e-mail"),
            ("email",),
            ("email", "email_verified"),
            Words("Gửi thông báo công việc", "To send notices of work"),
        ),
        Attribute(
            "agency",
            Words("cơ quan", "agency"),
            ("org",),
            ("agency",),
            Words("Phân việc theo cơ quan", "To assign work by agency"),
        ),
        Attribute(
            "agency_code",
            Words("mã cơ quan", "code of the agency"),
            ("org", "roles"),
            ("agency_code",),
            Words("Phân việc theo cơ quan", "To assign work by agency"),
        ),
        Attribute(
            "unit",
            Words("phòng, ban", "unit"),
            ("org",),
            ("unit",),
            Words("Phân việc theo phòng, ban", "To assign work by unit"),
        ),
        Attribute(
            "post",
            Words("chức danh", "post"),
            ("org",),
            ("post",),
            Words("Hiển thị chức danh khi xử lý công việc", "To show in which post they act"),
        ),
        Attribute(
            "roles",
            Words("vai trò trong ứng dụng", "roles in the application"),
            ("roles",),
            ("roles", "roles_flat"),
            Words("Phân quyền trong ứng dụng", "To decide what they may do in it"),
        ),
        # Of these no claim tells: they leave to the accounts that an application keeps itself.
        Attribute(
            "phone",
            Words("điện thoại", "phone number"),
            (),
            (),
            Words("Liên hệ công việc", "To call them about work"),
        ),
        Attribute(
            "staff_no",
            Words("mã cán bộ", "staff number"),
            (),
            (),
            Words("Đối chiếu hồ sơ cán bộ", "To match records of staff"),
        ),
        Attribute(
            "staff_category",
            Words("loại cán bộ", "staff category"),
            (),
            (),
            Words("Phân loại người dùng", "To tell kinds of staff apart"),
        ),
        Attribute(
            "academic_title",
            Words("học hàm, học vị", "academic title"),
            (),
            (),
            Words("Ghi đúng danh xưng", "To address them rightly"),
        ),
        Attribute(
            "language",
            Words("ngôn ngữ", "language"),
            (),
            (),
            Words("Hiển thị đúng ngôn ngữ", "To show their language"),
        ),
    )
}


def asked_by(scopes: Iterable[str]) -> tuple[str, ...]:
    """The attributes that some of these scopes ask for."""
    asked = set(scopes)
    return tuple(each.name for each in ATTRIBUTES.values() if asked & set(each.scopes))


def told_attributes(names: Collection[str]) -> Words:
    """Their labels as a part of a sentence."""
    labels = [each.label for each in ATTRIBUTES.values() if each.name in names]
    if not labels:
        return Words("không có gì ngoài mã định danh", "nothing but an identifier")
    return Words(", ".join(each.vi for each in labels), ", ".join(each.en for each in labels))
