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

Whatever is wrong is said with its place in the file, all at once. No alias, no tag, no key that is
not known: a misspelt one would silently do nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

import yaml

from directory.errors import Invalid, refuse
from sync.engine.errors import CONNECTOR_DEFINITION
from sync.engine.expressions import Expression, ExpressionFault, compile_expression

LONGEST = 64 * 1024
_RECONCILES: Mapping[str, Literal["repair", "report", ""]] = {
    "repair": "repair",
    "report": "report",
    "never": "",
}
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_PATH = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}(\.[A-Za-z][A-Za-z0-9]{0,63})?")


@dataclass(frozen=True)
class TargetDefinition:
    """Where it goes. `profile`: how this kind of server is to be taken."""

    kind: str
    url: str
    profile: str = "standard"


@dataclass(frozen=True)
class Limits:
    """`at_once`: requests at the same time; `per_second`: at most so many; `losses`: how many
    accounts may go within ten minutes before somebody is asked (None: the usual brake)."""

    at_once: int = 4
    per_second: int = 50
    losses: int | None = None


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


def read_definition(
    source: str, kinds: Mapping[str, Sequence[str]], attributes: Mapping[str, Sequence[str]]
) -> Definition:
    """The definition of a file. `kinds`: kind of target → its profiles; `attributes`: kind → paths.

    Raises Invalid(``connector.definition``) for each fault, all at once.
    """
    if len(source) > LONGEST:
        raise Invalid(CONNECTOR_DEFINITION, line=1, column=1, says=f"more than {LONGEST} bytes")
    try:
        for event in yaml.parse(source, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise _at(event.start_mark, "anchors and aliases are not taken")
        root = yaml.compose(source, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _at(mark, f"this is no YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise _fault(0, 0, "this is no YAML: a character that it does not allow") from error
    reading = _Reading(kinds, attributes)
    definition = reading.definition(root)
    refuse(reading.faults)
    assert definition is not None  # noqa: S101 - else there is a fault
    return definition


def _at(mark: Any, says: str) -> Invalid:
    return _fault(mark.line, mark.column, says) if mark else _fault(0, 0, says)


def _fault(line: int, column: int, says: str) -> Invalid:
    return Invalid(CONNECTOR_DEFINITION, line=line + 1, column=column + 1, says=says)


class _Reading:
    """Faults are collected; what cannot be read is left out of what is read on."""

    def __init__(
        self, kinds: Mapping[str, Sequence[str]], attributes: Mapping[str, Sequence[str]]
    ) -> None:
        self.faults: list[Invalid] = []
        self._kinds, self._attributes = kinds, attributes

    def definition(self, root: yaml.Node | None) -> Definition | None:
        if root is None:
            self.faults.append(_fault(0, 0, "the file is empty"))
            return None
        parts = self._mapping(
            root,
            required=("connector", "application", "target", "accounts"),
            optional=("scope", "roles", "leavers", "reconcile", "limits", "tables"),
        )
        name = self._text(parts.get("connector"), _NAME, "small letters, digits and dashes")
        application = self._text(parts.get("application"))
        target = self._target(parts.get("target"))
        tables = {
            key: self._texts(node) for key, node in self._entries(parts.get("tables")).items()
        }
        attributes = self._accounts(parts.get("accounts"), target, tables)
        scope = self._mapping(parts.get("scope"), optional=("agencies",))
        agencies = self._list(scope.get("agencies"))
        leavers = self._choice(parts.get("leavers"), ("disable", "delete"), "disable")
        reconcile = self._choice(parts.get("reconcile"), tuple(_RECONCILES), "repair")
        limits = self._limits(parts.get("limits"))
        roles = self._texts(parts.get("roles"))
        if self.faults:
            return None
        return Definition(
            name=name,
            application_id=application,
            target=target,
            attributes=attributes,
            roles=roles,
            agencies=agencies,
            leavers="delete" if leavers == "delete" else "disable",
            reconciles=_RECONCILES.get(reconcile, ""),
            limits=limits,
            tables=tables,
        )

    def _target(self, node: yaml.Node | None) -> TargetDefinition:
        parts = self._mapping(node, required=("kind", "url"), optional=("profile",))
        kind = self._choice(parts.get("kind"), tuple(self._kinds), "")
        profile = self._choice(parts.get("profile"), tuple(self._kinds.get(kind, ())), "standard")
        url = self._text(parts.get("url"))
        if url and not _is_address(url):
            self._add(parts["url"], "an http or https address without query is expected")
        return TargetDefinition(kind, url.rstrip("/"), profile)

    def _accounts(
        self,
        node: yaml.Node | None,
        target: TargetDefinition,
        tables: Mapping[str, Mapping[str, str]],
    ) -> Mapping[str, Expression]:
        known, found = self._attributes.get(target.kind, ()), {}
        for path, value in self._entries(node).items():
            if not _PATH.fullmatch(path) or (known and path not in known):
                self._add(value, f"the target has no attribute {path!r}")
                continue
            source = self._text(value)
            try:
                found[path] = compile_expression(source, tables)
            except ExpressionFault as fault:
                self._add(value, f"{path}: {fault.says} (at {fault.at} of {source[:60]!r})")
        if node is not None and "userName" in known and "userName" not in found:
            self._add(node, "userName is missing")
        return found

    def _limits(self, node: yaml.Node | None) -> Limits:
        parts = self._mapping(node, optional=("at_once", "per_second", "losses"))
        usual = Limits()
        return Limits(
            self._number(parts.get("at_once"), 1, 16, usual.at_once),
            self._number(parts.get("per_second"), 1, 1000, usual.per_second),
            self._number(parts["losses"], 0, 100_000, 0) if "losses" in parts else None,
        )

    def _mapping(
        self,
        node: yaml.Node | None,
        *,
        required: Sequence[str] = (),
        optional: Sequence[str] = (),
    ) -> Mapping[str, yaml.Node]:
        entries = self._entries(node)
        known = (*required, *optional)
        for key, value in entries.items():
            if key not in known:
                self._add(value, f"{key!r} is not known here; known are {', '.join(known)}")
        if node is not None:
            for key in required:
                if key not in entries:
                    self._add(node, f"{key!r} is missing")
        return {key: value for key, value in entries.items() if key in known}

    def _entries(self, node: yaml.Node | None) -> dict[str, yaml.Node]:
        if node is None:
            return {}
        if not isinstance(node, yaml.MappingNode):
            self._add(node, "lines of the form 'name: value' are expected")
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = self._text(key)
            if name in found:
                self._add(key, f"{name!r} stands here twice")
            elif name:
                found[name] = value
        return found

    def _texts(self, node: yaml.Node | None) -> Mapping[str, str]:
        return {key: self._text(value) for key, value in self._entries(node).items()}

    def _list(self, node: yaml.Node | None) -> tuple[str, ...]:
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self._add(node, "a list is expected")
            return ()
        return tuple(self._text(each) for each in node.value)

    def _text(
        self, node: yaml.Node | None, form: re.Pattern[str] | None = None, meant: str = ""
    ) -> str:
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode) or not node.value or "\x00" in node.value:
            self._add(node, "a text is expected")
            return ""
        if form and not form.fullmatch(node.value):
            self._add(node, f"{node.value[:60]!r} cannot stand here: {meant}")
            return ""
        return str(node.value)

    def _choice(self, node: yaml.Node | None, known: Sequence[str], usual: str) -> str:
        found = self._text(node) if node is not None else usual
        if node is not None and found and found not in known:
            self._add(node, f"{found[:60]!r} is not known; known are {', '.join(known)}")
            return usual
        return found

    def _number(self, node: yaml.Node | None, least: int, most: int, usual: int) -> int:
        if node is None:
            return usual
        text = self._text(node)
        if text.isascii() and text.isdecimal() and len(text) < 8 and least <= int(text) <= most:
            return int(text)
        self._add(node, f"a number from {least} to {most} is expected")
        return usual

    def _add(self, node: yaml.Node, says: str) -> None:
        self.faults.append(_fault(node.start_mark.line, node.start_mark.column, says))


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises when it is none
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and not (parts.query or parts.fragment or parts.username)
    )
