"""What `idp.factors.recovery_codes` declares."""

from __future__ import annotations

from directory.component import Component, Route, TableRule
from idp.factors.held import SecondFactor
from idp.factors.recovery_codes.errors import ERRORS
from idp.factors.recovery_codes.events import KINDS
from idp.flows.events import REFUSALS

_PATH = "/bao-mat/ma-khoi-phuc"

COMPONENT = Component(
    "idp.factors.recovery_codes",
    tables_in=("idp.factors.recovery_codes.tables",),
    tables={
        "recovery_code": TableRule(
            "until replaced, or reset", "put back; what was used or replaced since stays so"
        ),
    },
    routes=(
        Route("recovery_codes.ask", _PATH, "idp.factors.recovery_codes.views:ask"),
        Route("recovery_codes.make", _PATH, "idp.factors.recovery_codes.views:make", ("POST",)),
    ),
    kinds=KINDS,
    errors=ERRORS,
    words={
        REFUSALS: {
            "wrong_recovery_code": ("sai mã khôi phục", "wrong recovery code"),
            "used_recovery_code": (
                "mã khôi phục đã dùng",
                "a recovery code that was used already",
            ),
        }
    },
    features=(
        SecondFactor(
            "recovery_code",
            held_by="idp.factors.recovery_codes.store:held_by",
            remove_all="idp.factors.recovery_codes.store:remove_all",
            withdraw_again="idp.factors.recovery_codes.store:withdraw_again",
            section="recovery_codes/section.html",
            notices="idp.factors.recovery_codes.views:notices",
            stands_in=True,
        ),
    ),
)
