"""The kinds of audit events of `idp.spray`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList
from idp.spray.signs import SIGNS

_SIGNS = WordList({str(name): words for name, words in SIGNS.items()})

SPRAY_SUSPECTED = Kind(
    "spray.suspected",
    {"sign": _SIGNS, "network": "network", "count": "count"},
    vi="BÁO ĐỘNG dò mật khẩu: {sign}[, địa chỉ {network}], {count} tên đăng nhập trong 15 phút",
    en="ALARM, passwords are being guessed: {sign}[, from {network}], {count} names in 15 minutes",
    groups=("sign-in", "system"),
)
SPRAY_OVER = Kind(
    "spray.over",
    {"sign": _SIGNS, "network": "network", "count": "count"},
    vi="Hết dấu hiệu dò mật khẩu: {sign}[, địa chỉ {network}], nhiều nhất {count} tên đăng nhập",
    en="No more signs of guessing: {sign}[, from {network}], at most {count} names",
    groups=("sign-in", "system"),
)

KINDS = (SPRAY_SUSPECTED, SPRAY_OVER)
