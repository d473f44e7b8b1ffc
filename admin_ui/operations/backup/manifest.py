"""What an archive says about itself: its first member, `manifest.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from admin_ui.operations.backup.errors import BACKUP_DAMAGED, BACKUP_NEWER_FORMAT
from directory.errors import Invalid

FORMAT = 2  # 1 did not say which installation it is of


@dataclass(frozen=True)
class Member:
    """One file of the archive."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """Times in ms. `ldap_taken_at` lies before the copy of the catalogue began, `sql_taken_at`
    after it: what was settled in between is in SQL only, and is applied again at a restore.

    `context_csn`: every entry of the copy that is newer was changed while it was made (RFC 4533:
    the contextCSN is written after the entry). `audit_head`: the id of the last audit event.
    """

    program: str
    created_at: int
    ldap_taken_at: int
    sql_taken_at: int
    suffix: str
    revision: str
    demo: bool
    context_csn: str
    audit_head: str
    people: int
    agencies: int
    audit_events: int
    open_intents: int
    members: Mapping[str, Member]
    # Whose archive it is; empty in those of format 1.
    installation: str = ""
    oid_arc: str = ""
    mail_domain: str = ""
    province: str = ""
    issuer: str = ""
    format: int = FORMAT

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True)

    @staticmethod
    def from_json(text: str | bytes) -> Manifest:
        """Raises Invalid: ``backup.newer_format``, ``backup.damaged``."""
        try:
            data = json.loads(text)
            if data["format"] > FORMAT:
                raise Invalid(BACKUP_NEWER_FORMAT, program=str(data["program"]))
            data["members"] = {name: Member(**said) for name, said in data["members"].items()}
            return Manifest(**data)
        except (ValueError, KeyError, TypeError) as error:
            raise Invalid(BACKUP_DAMAGED, detail=f"manifest: {error}") from error
