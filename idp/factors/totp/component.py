"""What `idp.factors.totp` declares."""

from __future__ import annotations

from directory.component import Component, Route, TableRule
from idp.factors.held import SecondFactor
from idp.factors.totp.errors import ERRORS
from idp.factors.totp.events import KINDS
from idp.flows.events import REFUSALS

_PATH = "/bao-mat/ung-dung-xac-thuc"
_VIEWS = "idp.factors.totp.enrolment"

COMPONENT = Component(
    "idp.factors.totp",
    tables_in=("idp.factors.totp.tables",),
    tables={
        "totp_authenticator": TableRule(
            "until the person removes it, or it is reset", "put back; what was removed since goes"
        ),
        "totp_enrolment": TableRule("an hour", "put back; its session is over"),
    },
    forget=("idp.factors.totp.store:purge",),
    routes=(
        Route("totp.show", _PATH, f"{_VIEWS}:show"),
        Route("totp.confirm", _PATH, f"{_VIEWS}:confirm", ("POST",)),
        Route("totp.ask_removal", f"{_PATH}/<authenticator_id>/xoa", f"{_VIEWS}:ask_removal"),
        Route("totp.remove", f"{_PATH}/<authenticator_id>/xoa", f"{_VIEWS}:remove", ("POST",)),
    ),
    kinds=KINDS,
    errors=ERRORS,
    words={
        REFUSALS: {
            "wrong_code": ("sai mã xác thực", "wrong code"),
            "used_code": ("mã xác thực đã dùng", "a code that was used already"),
        }
    },
    features=(
        SecondFactor(
            "totp",
            held_by="idp.factors.totp.store:held_by",
            remove_all="idp.factors.totp.store:remove_all",
            withdraw_again="idp.factors.totp.store:withdraw_again",
            section="totp/section.html",
        ),
    ),
)
