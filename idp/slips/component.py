"""What `idp.slips` declares."""

from __future__ import annotations

from directory.component import Component, Job, TableRule
from idp.slips.errors import ERRORS
from idp.slips.events import KINDS
from idp.slips.permissions import SlipPermission
from idp.slips.request_kinds import HELP, SLIP

COMPONENT = Component(
    "idp.slips",
    tables_in=("idp.slips.tables",),
    tables={
        "slip": TableRule("90 days after its end", "emptied: used ones would count again"),
        "help_wanted": TableRule("until the worker has passed it on", "emptied"),
        "slip_approval": TableRule("a day, or until it is used", "emptied"),
    },
    forget=(
        "idp.slips.service:revoke_of_those_gone",
        "idp.slips.store:purge",
        "idp.slips.approvals:forget_expired",
    ),
    kinds=KINDS,
    errors=ERRORS,
    actors={"slips": ("Sổ phiếu kích hoạt và hỗ trợ", "The register of slips")},
    permissions=(SlipPermission,),
    requests=(SLIP, HELP),
    jobs=(Job("sign-in help", every_s=5, longest_s=60, work="idp.slips.asking:pass_on"),),
)
