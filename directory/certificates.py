"""Certificates in files that other programs show or trust."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509

from directory.clock import SECOND


def find_end(path: Path) -> int | None:
    """When (ms) the first of the certificates of a PEM file ends; None where none can be read."""
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        return None
    ends = (each.not_valid_after_utc.timestamp() for each in found)
    return int(min(ends)) * SECOND
