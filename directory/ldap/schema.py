"""Names of our LDAP attributes, classes and trees, and the steps that define them in slapd.

The definitions are `migrations/ldap/NNNN_*.ldif`: a step adds one schema entry, or replaces
definitions of an earlier one and adds to them. OIDs hang under an arc
that is configuration (``DANHMUC_OID_ARC``) until the province has a registered one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from directory.ldap import ldif

PEOPLE = "ou=people"
AGENCIES = "ou=agencies"
GROUPS = "ou=groups"
DEVICES = "ou=devices"
SERVICES = "ou=services"
APPLICATIONS = "ou=applications"
POLICIES = "ou=policies"
TREES = (PEOPLE, AGENCIES, GROUPS, DEVICES, SERVICES, APPLICATIONS, POLICIES)

ID = "dmId"
INTENT = "dmIntent"
STATUS = "dmStatus"
SEARCH_KEY = "dmSearchKey"
PRECEDENCE = "dmPrecedence"
POST = "dmPost"
AGENCY = "dmAgency"
UNIT = "dmUnit"
MAIL_ADDRESS = "dmMailAddress"
MAIL_STATE = "dmMailState"
KIND = "dmKind"
TYPE = "dmType"
PARENT = "dmParent"
CODE = "dmCode"
CURRENT_CODE = "dmCurrentCode"
OWNER = "dmOwner"
ROLE = "dmRole"
OPEN_TO = "dmOpenTo"
SECRET = "dmSecret"  # noqa: S105

PERSON_STATES = ("pending", "active", "suspended", "left")
ORGANISATION_STATES = ("active", "closed")

# A substring index needs 4 characters in the middle of a word, 2 at its beginning.
INDEXES = (
    "objectClass eq",
    "entryUUID,entryCSN eq",
    "uid,employeeNumber,departmentNumber eq",
    "mail eq,sub",
    "cn,sn,givenName,displayName,ou eq,sub",
    "member eq",
    "pwdAccountLockedTime pres",
    f"{ID},{INTENT},{STATUS},{MAIL_ADDRESS},{MAIL_STATE},{AGENCY},{UNIT} eq",
    f"{PARENT},{CURRENT_CODE},{OWNER},{ROLE} eq",
    f"{SEARCH_KEY} eq,sub",
)

_STEPS = Path(__file__).resolve().parents[2] / "migrations" / "ldap"


@dataclass(frozen=True)
class Step:
    """One schema step: the entry ``cn=<name>,cn=schema,cn=config`` and its attributes.

    `replaces`: the attributes are definitions that take the place of earlier ones of that entry, or
    join them, and `reindex` names attributes whose index covers something else from then on.
    """

    name: str
    attributes: dict[str, list[str]]
    replaces: bool = False
    reindex: tuple[str, ...] = ()

    def defines(self, name: str, attribute: str, definition: str) -> bool:
        """Whether this step puts another definition in the place of this one of the entry `name`.
        It then names in `reindex` what the one before named."""
        present = self.attributes.get(attribute, ())
        return self.name == name and find_earlier(definition, present) is not None


def schema_steps(oid_arc: str) -> tuple[Step, ...]:
    """Every step in order, with OIDs under `oid_arc`."""
    return tuple(
        _step(path.read_text("utf-8").replace("@ARC@", oid_arc))
        for path in sorted(_STEPS.glob("[0-9][0-9][0-9][0-9]_*.ldif"))
    )


def _step(text: str) -> Step:
    ((dn, attributes),) = ldif.read_records(text)
    if "objectClass" in attributes:
        return Step(attributes["cn"][0], attributes)
    name = dn.partition(",")[0].removeprefix("cn=")
    reindex = tuple(attributes.pop("reindex", ()))
    return Step(name, attributes, replaces=True, reindex=reindex)


def schema_dn(step: Step) -> str:
    """Where the step's schema entry is added; slapd numbers it ``cn={N}name``."""
    return f"cn={step.name},cn=schema,cn=config"


def schema_ldif(oid_arc: str) -> str:
    """What all steps come to, as LDIF, for a fresh build."""
    built: dict[str, Step] = {}
    for step in schema_steps(oid_arc):
        if not step.replaces:
            built[step.name] = step
            continue
        for kind, definitions in step.attributes.items():
            there = built[step.name].attributes[kind]
            for definition in definitions:
                old = find_earlier(definition, there)
                if old is None:
                    there.append(definition)
                else:
                    there[there.index(old)] = definition
    return ldif.records((schema_dn(step), step.attributes) for step in built.values())


def find_earlier(definition: str, present: Sequence[str]) -> str | None:
    """The one of the `present` values that `definition` takes the place of: of the same OID."""
    oid = plain_definition(definition).split()[1]
    return next((v for v in present if plain_definition(v).split()[1] == oid), None)


def plain_definition(value: str) -> str:
    """A definition without the number slapd gives it, blanks unified."""
    return " ".join(re.sub(r"^\{\d+\}", "", value).split())
