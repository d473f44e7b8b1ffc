"""What `idp.recovery` declares."""

from __future__ import annotations

from directory.component import Component, Job, TableRule
from idp.recovery.events import KINDS
from idp.recovery.messages import MESSAGES

COMPONENT = Component(
    "idp.recovery",
    tables_in=("idp.recovery.tables",),
    tables={
        "recovery_link": TableRule("a day after its end", "emptied: used ones would count again"),
        "link_wanted": TableRule("until the worker has sent it, seconds", "emptied"),
    },
    forget=("idp.recovery.links:purge",),
    jobs=(Job("recovery links", every_s=3, longest_s=60, work="idp.recovery.sending:send_links"),),
    kinds=KINDS,
    messages=MESSAGES,
    actors={"recovery": ("Trang Quên mật khẩu", "The page for a forgotten password")},
)
