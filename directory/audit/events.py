"""The kinds of audit events of `directory.audit`."""

from __future__ import annotations

from directory.audit.kinds import Kind

# Recorded by earlier versions only.
STRANGERS_UNRECORDED = Kind(
    "strangers.unrecorded",
    {"network": "network", "count": "count"},
    vi="{count} yêu cầu bị từ chối từ {network} không được ghi từng lần vì quá nhiều",
    en="{count} refused requests from {network} were not recorded one by one: too many",
    groups=("refused",),
    is_refusal=True,
)

EVENTS_UNRECORDED = Kind(
    "events.unrecorded",
    {
        "network": "network",
        "count": "count",
        "of_kinds": "kinds",
        "since": "instant",
        "until": "instant",
    },
    vi=(
        "{count} việc[ của {subject}][ từ {network}] không được ghi từng lần vì quá nhiều"
        "[: {of_kinds}][ (từ {since} đến {until})]"
    ),
    en=(
        "{count} events[ of {subject}][ from {network}] were not recorded one by one: too many"
        "[: {of_kinds}][ (from {since} to {until})]"
    ),
    groups=("refused",),
    is_refusal=True,
)

KINDS = (
    STRANGERS_UNRECORDED,
    EVENTS_UNRECORDED,
)
