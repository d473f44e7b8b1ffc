"""The kinds of targets there are. What makes one is named, and loaded when it is used."""

from __future__ import annotations

from collections.abc import Mapping

from sync.engine.target import TargetKind

_SCIM_ATTRIBUTES = (
    "userName",
    "name.formatted",
    "name.familyName",
    "name.middleName",
    "name.givenName",
    "displayName",
    "nickName",
    "title",
    "userType",
    "preferredLanguage",
    "locale",
    "timezone",
    "emails",
    "phoneNumbers",
    "enterprise.employeeNumber",
    "enterprise.costCenter",
    "enterprise.organization",
    "enterprise.division",
    "enterprise.department",
)

KINDS: Mapping[str, TargetKind] = {
    kind.name: kind
    for kind in (
        TargetKind(
            "scim",
            profiles=("standard", "put", "plain-values", "scimmy"),
            attributes=_SCIM_ATTRIBUTES,
            opens="sync.connectors.scim.target:open_target",
        ),
    )
}
