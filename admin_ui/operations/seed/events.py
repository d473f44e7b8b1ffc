"""The kinds of audit events of `admin_ui.operations.seed`."""

from __future__ import annotations

from directory.audit.kinds import Kind

SEED_LOADED = Kind(
    "seed.loaded",
    {"people": "count", "agencies": "count", "seed": "technical"},
    vi="{actor} nạp dữ liệu mẫu: {people} người, {agencies} cơ quan",
    en="{actor} loaded demo data: {people} people, {agencies} agencies",
    groups=("system",),
)

KINDS = (SEED_LOADED,)
