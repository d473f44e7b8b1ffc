"""What a folder is to the engine, and how a definition describes it.

target:
  kind: csv
  folder: /srv/ban-giao/luong      # below one of DANHMUC_DROP_FOLDERS
  files: changes                   # or full: each file has everybody
  name: accounts                   # what names of files begin with
  separator: ";"                   # or "," (usual), or tab
  mark: "no"                       # the byte order mark of UTF-8, by which Excel knows it
  line_ends: lf                    # or crlf (usual)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import yaml

from sync.engine.target import Capability, TargetDefinition, TargetKind
from sync.engine.yaml_reading import YamlReading

_SEPARATORS: Mapping[str, str] = {",": ",", ";": ";", "tab": "\t"}
_ENDS: Mapping[str, str] = {"crlf": "\r\n", "lf": "\n"}
_CAN = frozenset(
    {
        Capability.CREATE,
        Capability.UPDATE,
        Capability.DISABLE,
        Capability.GROUPS,
        Capability.REPEAT,
        Capability.BATCH,
    }
)
KIND = TargetKind(
    "csv",
    opens="sync.connectors.csv_drop.target:open_target",
    can=_CAN,
    reads="sync.connectors.csv_drop.kind:read_target",
)


@dataclass(frozen=True)
class CsvDetails:
    """How files are written. `is_full`: each has everybody, else what changed."""

    is_full: bool
    name: str
    separator: str
    has_mark: bool
    line_end: str


def read_target(reading: YamlReading, node: yaml.Node) -> TargetDefinition:
    """Its part of a definition."""
    parts = reading.mapping(
        node,
        required=("kind", "folder"),
        optional=("files", "name", "separator", "mark", "line_ends"),
    )
    details = CsvDetails(
        is_full=reading.choice(parts.get("files"), ("changes", "full"), "changes") == "full",
        name=reading.text(parts.get("name"), re.compile(r"[a-z][a-z0-9_-]{0,39}"), "small letters")
        or "accounts",
        separator=_SEPARATORS[reading.choice(parts.get("separator"), tuple(_SEPARATORS), ",")],
        has_mark=reading.choice(parts.get("mark"), ("yes", "no"), "yes") == "yes",
        line_end=_ENDS[reading.choice(parts.get("line_ends"), tuple(_ENDS), "crlf")],
    )
    folder = reading.text(parts.get("folder"))
    if folder and not _is_whole(folder):
        reading.add(parts["folder"], "a path from / on is expected, without . and ..")
    can = _CAN | {Capability.FULL} if details.is_full else _CAN
    return TargetDefinition("csv", folder, can=can, details=details)


def _is_whole(folder: str) -> bool:
    return (
        folder.startswith("/")
        and str(PurePosixPath(folder)) == folder
        and (".." not in PurePosixPath(folder).parts)
    )
