"""What a SCIM server is to the engine."""

from __future__ import annotations

from sync.connectors.scim.profiles import PROFILES
from sync.engine.target import Capability, TargetKind

ATTRIBUTES = (
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

KIND = TargetKind(
    "scim",
    opens="sync.connectors.scim.target:open_target",
    can=frozenset(Capability) - {Capability.REPEAT, Capability.BATCH, Capability.FULL},
    attributes=ATTRIBUTES,
    profiles=tuple(PROFILES),
)
