"""Bringing a running slapd up to the schema and indexes of this version.

The mark that step N was applied is its own schema entry, ``cn=danhmuc-N,cn=schema,cn=config``: step
and mark are one operation, so neither can be there without the other, and the mark lives where the
schema lives (``cn=config`` is per server; a mark in the tree would replicate to a server whose
schema is still old). The embedded slapd gets the same steps when its configuration is built.
"""

from __future__ import annotations

import re

from directory.ldap.entries import Change
from directory.ldap.filters import equals
from directory.ldap.gateway import Gateway
from directory.ldap.schema import INDEXES, schema_dn, schema_steps


def migrate(manager: Gateway, *, oid_arc: str, suffix: str) -> list[str]:
    """Apply what is missing, in order. Returns what was applied, empty when all was there.

    `manager`: `Gateway.external` on the server itself; run it on every server of a pair, the
    standby first. Running it twice, or again after a crash, is harmless.
    """
    return _add_schema(manager, oid_arc) + _add_indexes(manager, suffix)


def applied_steps(manager: Gateway) -> list[str]:
    """Names of the schema steps this server has, in order."""
    entries = manager.search("cn=schema,cn=config", "(cn=*danhmuc-*)", ["cn"])
    return sorted(re.sub(r"^\{\d+\}", "", entry.one("cn")) for entry in entries)


def _add_schema(manager: Gateway, oid_arc: str) -> list[str]:
    present = set(applied_steps(manager))
    missing = [step for step in schema_steps(oid_arc) if step.name not in present]
    for step in missing:
        manager.add(schema_dn(step), step.attributes)
    return [step.name for step in missing]


def _add_indexes(manager: Gateway, suffix: str) -> list[str]:
    found = manager.search("cn=config", equals("olcSuffix", suffix), ["olcDbIndex"], scope="sub")
    if not found:
        return []
    present = {_plain(value) for value in found[0].all("olcDbIndex")}
    missing = tuple(index for index in INDEXES if index not in present)
    if missing:
        manager.modify(found[0].dn, [Change("add", "olcDbIndex", missing)])
    return [f"index {index}" for index in missing]


def _plain(value: str) -> str:
    return re.sub(r"^\{\d+\}", "", value)
