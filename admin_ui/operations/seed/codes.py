"""Shared lists of codes that the demo begins with.

Ranks and their codes: Circular 02/2021/TT-BNV; administrative units: Decision 124/2004/QĐ-TTg, as
of January 2013.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from admin_ui.operations.seed.establishment import PRECEDENCE
from directory.authz.code_lists import CodeList
from directory.authz.codes import CodeValue

_RANKS_BASIS, _UNITS_BASIS = "TT 02/2021/TT-BNV", "QĐ 124/2004/QĐ-TTg"
_RANKS = (
    ("01.001", "Chuyên viên cao cấp", "Senior expert"),
    ("01.002", "Chuyên viên chính", "Principal expert"),
    ("01.003", "Chuyên viên", "Expert"),
    ("01.004", "Cán sự", "Associate"),
    ("01.005", "Nhân viên", "Clerk"),
    ("02.006", "Văn thư viên chính", "Principal records clerk"),
    ("02.007", "Văn thư viên", "Records clerk"),
    ("02.008", "Văn thư viên trung cấp", "Intermediate records clerk"),
)
_UNITS = (
    ("718", "Thành phố Thủ Dầu Một"),
    ("720", "Huyện Dầu Tiếng"),
    ("721", "Huyện Bến Cát"),
    ("722", "Huyện Phú Giáo"),
    ("723", "Huyện Tân Uyên"),
    ("724", "Thị xã Dĩ An"),
    ("725", "Thị xã Thuận An"),
)
_FIELDS = (
    ("DD", "Đất đai", "Land"),
    ("DKKD", "Đăng ký kinh doanh", "Business registration"),
    ("HT", "Hộ tịch", "Civil status"),
    ("LD", "Lao động", "Labour"),
    ("MT", "Môi trường", "Environment"),
    ("XD", "Xây dựng", "Construction"),
)


def demo_codes() -> Mapping[CodeList, Sequence[CodeValue]]:
    """The codes by list."""
    province = CodeValue("admin-unit", "74", "Tỉnh Bình Dương", basis=_UNITS_BASIS, precedence=1)
    return {
        "title": [
            CodeValue("title", f"CD{number:02}", title, precedence=place)
            for number, (title, place) in enumerate(PRECEDENCE.items(), 1)
        ],
        "rank": [
            CodeValue("rank", code, name, english, basis=_RANKS_BASIS)
            for code, name, english in _RANKS
        ],
        "admin-unit": [
            province,
            *(
                CodeValue("admin-unit", code, name, basis=_UNITS_BASIS, parent=province.code)
                for code, name in _UNITS
            ),
        ],
        "field": [CodeValue("field", code, name, english) for code, name, english in _FIELDS],
    }
