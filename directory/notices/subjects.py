"""Notices as the audit log names them: its sentences quote them, so they need no names."""

from __future__ import annotations

from directory.audit.kinds import SubjectKind

NOTICE = SubjectKind("notice", ("thông báo", "the notice"), in_fields=False)
