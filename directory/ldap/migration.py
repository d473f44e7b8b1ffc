"""Bringing a running slapd up to this version: schema, indexes, limits, access rules, overlays.

The mark that a schema step was applied is what it wrote, so step and mark are one operation and
neither can be there without the other; and the mark lives where the schema lives (``cn=config`` is
per server; a mark in the tree would replicate to a server whose schema is still old). The embedded
slapd gets the same when its configuration is built.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from directory.ldap.config import access_rules, limits, overlays
from directory.ldap.entries import Change, Entry
from directory.ldap.filters import equals
from directory.ldap.gateway import Gateway
from directory.ldap.ldif import Attributes
from directory.ldap.schema import (
    INDEXES,
    Step,
    find_earlier,
    plain_definition,
    schema_dn,
    schema_steps,
)

_Apply = Callable[[], object]


@dataclass(frozen=True)
class Wanted:
    """What a slapd of the catalogue should be like. `provider_listeners`: see `access_rules`."""

    suffix: str
    oid_arc: str
    provider_listeners: tuple[str, ...] = ()


def migrate(manager: Gateway, wanted: Wanted) -> list[str]:
    """Apply what is missing, in order. Returns what was applied, empty when all was there.

    `manager`: `Gateway.external` on the server itself; run it on every server of a pair, the
    standby first. Running it twice, or again after a crash, is harmless.
    """
    done: list[str] = []
    for name, apply in _differences(manager, wanted):
        apply()
        done.append(name)
    return done


def differences(manager: Gateway, wanted: Wanted) -> list[str]:
    """What `migrate` would apply."""
    return [name for name, _ in _differences(manager, wanted)]


def applied_steps(manager: Gateway) -> list[str]:
    """Names of the schema entries of ours that this server has, in order."""
    return sorted(_schema_entries(manager))


def _differences(manager: Gateway, wanted: Wanted) -> Iterator[tuple[str, _Apply]]:
    """What differs and how it is mended; looked for one after the other, as a later one may need
    what an earlier one brings."""
    steps = schema_steps(wanted.oid_arc)
    for number, step in enumerate(steps):
        yield from _schema(manager, wanted, step, steps[number + 1 :])
    database = _database(manager, wanted.suffix)
    if database is None:
        return
    yield from _indexes(manager, wanted.suffix)
    settings = {
        "olcLimits": limits(wanted.suffix),
        "olcAccess": access_rules(wanted.suffix, wanted.provider_listeners),
    }
    for attribute, values in settings.items():
        if list(map(_plain, database.all(attribute))) != list(map(_plain, values)):
            change = Change("replace", attribute, values)
            yield attribute, partial(manager.modify, database.dn, [change])
    yield from _overlays(manager, database, wanted.suffix)


def _schema(
    manager: Gateway, wanted: Wanted, step: Step, later: Sequence[Step]
) -> Iterator[tuple[str, _Apply]]:
    there = _schema_entries(manager).get(step.name)
    if not step.replaces:
        if there is None:
            yield step.name, partial(manager.add, schema_dn(step), step.attributes)
        return
    if there is None:
        return  # the step that adds it was not applied either
    for attribute, definitions in step.attributes.items():
        for definition in definitions:
            if any(each.defines(step.name, attribute, definition) for each in later):
                continue  # the last one counts; in between nothing needs this one
            name = plain_definition(definition).split()[3].strip("'")
            old = find_earlier(definition, there.all(attribute))
            if old is None:
                new = Change("add", attribute, (definition,))
                yield name, partial(manager.modify, there.dn, [new])
                continue
            if plain_definition(old) == plain_definition(definition):
                continue
            number = old[: old.index("}") + 1]
            changes = [
                Change("delete", attribute, (old,)),
                Change("add", attribute, (number + definition,)),
            ]
            yield name, partial(_redefine, manager, wanted.suffix, there.dn, changes, step.reindex)


def _redefine(
    manager: Gateway, suffix: str, dn: str, changes: Sequence[Change], reindex: Sequence[str]
) -> None:
    """An index that is taken away and added again is made anew beside the running server, and not
    asked before it is whole. The index goes first: an interruption leaves one that is missing, and
    that is noticed."""
    database = _database(manager, suffix)
    for index in database.all("olcDbIndex") if database else ():
        if database and _names(index) & set(reindex):
            manager.modify(database.dn, [Change("delete", "olcDbIndex", (index,))])
    manager.modify(dn, changes)


def _indexes(manager: Gateway, suffix: str) -> Iterator[tuple[str, _Apply]]:
    ours = {name for index in INDEXES for name in _names(index)}
    for index in INDEXES:
        database = _database(manager, suffix)
        present = database.all("olcDbIndex") if database else ()
        if database is None or index in map(_plain, present):
            continue
        overlapping = [old for old in present if _names(old) & _names(index)]
        # What the province indexes beside ours stays indexed.
        others = [(_names(old) - ours, _plain(old).partition(" ")[2]) for old in overlapping]
        kept = [f"{','.join(sorted(names))} {kinds}" for names, kinds in others if names]
        changes = [Change("delete", "olcDbIndex", (old,)) for old in overlapping]
        changes += [Change("add", "olcDbIndex", (line,)) for line in (index, *kept)]
        yield f"index {index}", partial(manager.modify, database.dn, changes)


def _overlays(manager: Gateway, database: Entry, suffix: str) -> Iterator[tuple[str, _Apply]]:
    present = {
        _plain(entry.one("olcOverlay")): entry
        for entry in manager.search(database.dn, "(olcOverlay=*)", ["*"], scope="sub")
    }
    for name, attributes in overlays(suffix).items():
        found = present.get(name)
        if found is None:
            dn = f"olcOverlay={name},{database.dn}"
            yield f"overlay {name}", partial(_add_overlay, manager, name, dn, attributes)
            continue
        changes = [
            Change("replace", attribute, tuple(values))
            for attribute, values in attributes.items()
            if attribute.startswith("olc")
            and attribute != "olcOverlay"
            and set(map(_plain, found.all(attribute))) != set(map(_plain, values))
        ]
        if changes:
            yield f"overlay {name}", partial(manager.modify, found.dn, changes)


def _add_overlay(manager: Gateway, name: str, dn: str, attributes: Attributes) -> None:
    for modules in manager.search("cn=config", "(objectClass=olcModuleList)", ["*"], scope="sub"):
        loaded = {_plain(value).split()[0] for value in modules.all("olcModuleLoad")}
        if not loaded & {name, f"{name}.so", f"{name}.la"}:
            manager.modify(modules.dn, [Change("add", "olcModuleLoad", (f"{name}.so",))])
        break
    manager.add(dn, attributes)


def _schema_entries(manager: Gateway) -> dict[str, Entry]:
    entries = manager.search("cn=schema,cn=config", "(cn=*danhmuc-*)", ["*"], scope="one")
    return {_plain(entry.one("cn")): entry for entry in entries}


def _database(manager: Gateway, suffix: str) -> Entry | None:
    found = manager.search("cn=config", equals("olcSuffix", suffix), ["*"], scope="sub")
    return found[0] if found else None


def _names(index: str) -> set[str]:
    return set(_plain(index).partition(" ")[0].split(","))


def _plain(value: str) -> str:
    return re.sub(r"^\{\d+\}", "", value)
