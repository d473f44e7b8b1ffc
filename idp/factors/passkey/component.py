"""What `idp.factors.passkey` declares."""

from __future__ import annotations

from directory.component import Component, Route, TableRule
from idp.factors.held import SecondFactor
from idp.factors.passkey.errors import ERRORS
from idp.factors.passkey.events import KINDS
from idp.flows.events import REFUSALS

_PATH = "/bao-mat/khoa-truy-cap"
_VIEWS = "idp.factors.passkey.enrolment"

COMPONENT = Component(
    "idp.factors.passkey",
    tables_in=("idp.factors.passkey.tables",),
    tables={
        "passkey": TableRule(
            "until the person removes it, or it is reset",
            "put back; what was removed or stopped since stays so",
        ),
    },
    routes=(
        Route(
            "passkey.options",
            "/dang-nhap/khoa-truy-cap",
            "idp.factors.passkey.options:show",
            answers_json=True,
        ),
        Route("passkey.show", _PATH, f"{_VIEWS}:show"),
        Route("passkey.add", _PATH, f"{_VIEWS}:add", ("POST",)),
        Route("passkey.ask_name", f"{_PATH}/<passkey_id>/ten", f"{_VIEWS}:ask_name"),
        Route("passkey.rename", f"{_PATH}/<passkey_id>/ten", f"{_VIEWS}:rename", ("POST",)),
        Route("passkey.ask_removal", f"{_PATH}/<passkey_id>/xoa", f"{_VIEWS}:ask_removal"),
        Route("passkey.remove", f"{_PATH}/<passkey_id>/xoa", f"{_VIEWS}:remove", ("POST",)),
    ),
    kinds=KINDS,
    errors=ERRORS,
    words={
        REFUSALS: {
            "passkey_rejected": ("khóa truy cập không hợp lệ", "the passkey did not prove it"),
            "passkey_late": (
                "câu hỏi cho khóa truy cập đã dùng hoặc quá hạn",
                "what the passkey was asked is used or too old",
            ),
            "passkey_stopped": ("khóa truy cập đã bị ngừng", "the passkey is stopped"),
        }
    },
    features=(
        SecondFactor(
            "passkey",
            held_by="idp.factors.passkey.store:held_by",
            remove_all="idp.factors.passkey.store:remove_all",
            withdraw_again="idp.factors.passkey.store:withdraw_again",
            section="passkey/section.html",
            notices="idp.factors.passkey.notices:notices",
        ),
    ),
)
