"""What a connector is to do, as a file says it (YAML), judged as a whole before it is taken.

    connector: van-ban
    application: van-ban-prod        # its client_id: who may enter has an account
    target:
      kind: scim
      url: https://van-ban.example/scim/v2
      profile: standard
    scope:
      agencies: [STTTT]              # only people of these and all under them
    accounts:
      userName: username
      name.familyName: family_name
      emails: mail
      enterprise.department: unit.name ?? agency.name
    roles:
      van_thu: Văn thư               # role of the application: group of the target
    leavers: disable
    reconcile: repair
    limits:
      at_once: 4
      per_second: 20

Whatever is wrong is said with its place in the file, all at once (`sync.engine.yaml_reading`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import yaml

from directory.errors import refuse
from directory.loading import load
from sync.engine.expressions import Expression, ExpressionFault, compile_expression
from sync.engine.target import Capability, TargetDefinition, TargetKind
from sync.engine.yaml_reading import YamlReading, compose, fault_at

_RECONCILES: Mapping[str, Literal["repair", "report", ""]] = {
    "repair": "repair",
    "report": "report",
    "never": "",
}
# Those two are other pages of the console.
_NAME = re.compile(r"(?!(?:xuat|dang-ky)$)[a-z][a-z0-9-]{0,39}")
_PATH = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}(\.[A-Za-z][A-Za-z0-9_]{0,63})?")


@dataclass(frozen=True)
class Limits:
    """`at_once`: requests at the same time; `per_second`: at most so many; `losses`: how many
    accounts may go within ten minutes before somebody is asked (None: the usual brake);
    `every_minutes`: nothing is done sooner after the last time."""

    at_once: int = 4
    per_second: int = 50
    losses: int | None = None
    every_minutes: int = 0


@dataclass(frozen=True)
class Definition:
    """A definition that was judged. `attributes`: path in the target → what goes there; `roles`:
    role of the application → group of the target; `leavers`: what becomes of the account of
    somebody who may not enter any more; `reconciles`: once a day all accounts of the target are
    read, and what differs is mended, or told (``report``); empty: never."""

    name: str
    application_id: str
    target: TargetDefinition
    attributes: Mapping[str, Expression]
    roles: Mapping[str, str] = field(default_factory=dict)
    agencies: tuple[str, ...] = ()
    leavers: Literal["disable", "delete"] = "disable"
    reconciles: Literal["repair", "report", ""] = "repair"
    limits: Limits = Limits()
    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_definition(source: str, kinds: Mapping[str, TargetKind]) -> Definition:
    """The definition of a file, for a target of one of `kinds`.

    Raises Invalid(``connector.definition``) for each fault, all at once.
    """
    return read_node(compose(source), kinds)


def read_node(root: yaml.Node | None, kinds: Mapping[str, TargetKind]) -> Definition:
    """The definition that is a part of another file; faults have their place there.

    Raises as `read_definition`.
    """
    reading = _Reading(kinds)
    definition = reading.definition(root)
    refuse(reading.faults)
    assert definition is not None  # noqa: S101 - else there is a fault
    return definition


class _Reading(YamlReading):
    def __init__(self, kinds: Mapping[str, TargetKind]) -> None:
        super().__init__()
        self._kinds = kinds

    def definition(self, root: yaml.Node | None) -> Definition | None:
        if root is None:
            self.faults.append(fault_at(0, 0, "the file is empty"))
            return None
        parts = self.mapping(
            root,
            required=("connector", "application", "target", "accounts"),
            optional=("scope", "roles", "leavers", "reconcile", "limits", "tables"),
        )
        name = self.text(parts.get("connector"), _NAME, "small letters, digits and dashes")
        application = self.text(parts.get("application"))
        target = self._target(parts.get("target"))
        tables = {key: self.texts(node) for key, node in self.entries(parts.get("tables")).items()}
        attributes = self._accounts(parts.get("accounts"), target, tables)
        scope = self.mapping(parts.get("scope"), optional=("agencies",))
        agencies = self.listed(scope.get("agencies"))
        self._require_able(target, parts)
        leavers = self._leavers(parts.get("leavers"), target.can)
        reconciles = self._reconciles(parts.get("reconcile"), target.can)
        limits = self._limits(parts.get("limits"))
        roles = self.texts(parts.get("roles"))
        if self.faults:
            return None
        return Definition(
            name=name,
            application_id=application,
            target=target,
            attributes=attributes,
            roles=roles,
            agencies=agencies,
            leavers=leavers,
            reconciles=reconciles,
            limits=limits,
            tables=tables,
        )

    def _target(self, node: yaml.Node | None) -> TargetDefinition:
        kind = self._kinds.get(self._kind(node))
        if node is None or kind is None:
            return TargetDefinition("", "")
        if kind.reads:
            found: TargetDefinition = load(kind.reads)(self, node)
            return found
        parts = self.mapping(node, required=("kind", "url"), optional=("profile",))
        profile = self.choice(parts.get("profile"), kind.profiles, "standard")
        url = self.address(parts.get("url"))
        return TargetDefinition(kind.name, url, profile, kind.can)

    def _kind(self, node: yaml.Node | None) -> str:
        if not isinstance(node, yaml.MappingNode):
            self.entries(node)
            return ""
        found = [value for key, value in node.value if key.value == "kind"]
        if not found:
            self.add(node, "'kind' is missing")
            return ""
        return self.choice(found[0], tuple(self._kinds), "")

    def _require_able(self, target: TargetDefinition, parts: Mapping[str, yaml.Node]) -> None:
        """What nobody could do for a definition is no part of it."""
        if not target.kind:
            return
        can, node = target.can, parts["target"]
        if Capability.CREATE not in can or not can & {Capability.DISABLE, Capability.DELETE}:
            self.add(node, "the target must be able to create, and to disable or delete")
        if not can & {Capability.FIND, Capability.REPEAT}:
            self.add(node, "a create without an answer could not be looked for, nor sent again")
        if "roles" in parts and Capability.GROUPS not in can:
            self.add(parts["roles"], "the target knows no groups")

    def _leavers(
        self, node: yaml.Node | None, can: frozenset[Capability]
    ) -> Literal["disable", "delete"]:
        usual = "disable" if Capability.DISABLE in can else "delete"
        found = self.choice(node, ("disable", "delete"), usual)
        if node is not None and can and Capability(found) not in can:
            self.add(node, f"the target cannot {found}")
        return "delete" if found == "delete" else "disable"

    def _reconciles(
        self, node: yaml.Node | None, can: frozenset[Capability]
    ) -> Literal["repair", "report", ""]:
        usual = "repair" if Capability.LIST in can else "never"
        found = _RECONCILES.get(self.choice(node, tuple(_RECONCILES), usual), "")
        if node is not None and found and can and Capability.LIST not in can:
            self.add(node, "the target cannot list its accounts")
        return found

    def _accounts(
        self,
        node: yaml.Node | None,
        target: TargetDefinition,
        tables: Mapping[str, Mapping[str, str]],
    ) -> Mapping[str, Expression]:
        kind = self._kinds.get(target.kind)
        known, found = kind.attributes if kind else (), {}
        entries = self.entries(node)
        for path, value in entries.items():
            if not _PATH.fullmatch(path) or (known and path not in known):
                self.add(value, f"the target has no attribute {path!r}")
                continue
            source = self.text(value)
            try:
                found[path] = compile_expression(source, tables)
            except ExpressionFault as fault:
                self.add(value, f"{path}: {fault.says} (at {fault.at} of {source[:60]!r})")
        if node is None:
            return found
        for path in sorted(target.uses - set(entries)):
            self.add(node, f"{path!r} is missing; the target uses it")
        if "userName" in known and "userName" not in found:
            self.add(node, "userName is missing")
        return found

    def _limits(self, node: yaml.Node | None) -> Limits:
        parts = self.mapping(node, optional=("at_once", "per_second", "losses", "every_minutes"))
        usual = Limits()
        return Limits(
            self.number(parts.get("at_once"), 1, 16, usual.at_once),
            self.number(parts.get("per_second"), 1, 1000, usual.per_second),
            self.number(parts["losses"], 0, 100_000, 0) if "losses" in parts else None,
            self.number(parts.get("every_minutes"), 0, 1440, usual.every_minutes),
        )
