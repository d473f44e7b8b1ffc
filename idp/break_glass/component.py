"""What `idp.break_glass` declares."""

from __future__ import annotations

from directory.component import Check, Component, Job, TableRule
from idp.break_glass.errors import ERRORS
from idp.break_glass.events import KINDS
from idp.break_glass.messages import MESSAGES
from idp.break_glass.permissions import BreakGlassPermission

COMPONENT = Component(
    "idp.break_glass",
    tables_in=("idp.break_glass.tables",),
    tables={
        "break_glass": TableRule("always: few", "put back; the codes are gone, seal again"),
    },
    jobs=(Job("break-glass", every_s=30, longest_s=120, work="idp.break_glass.closing:close_due"),),
    checks=(Check("break-glass", "idp.break_glass.checks:are_sealed"),),
    kinds=KINDS,
    errors=ERRORS,
    actors={
        "break_glass": ("Thủ tục tài khoản khẩn cấp", "The procedure of the break-glass account")
    },
    permissions=(BreakGlassPermission,),
    messages=MESSAGES,
)
