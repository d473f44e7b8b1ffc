"""A static file as it is served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Asset:
    """One static file. `fingerprint` changes with its content."""

    body: bytes
    content_type: str
    fingerprint: str


Assets = Mapping[str, Asset]
