"""The kinds of audit events of `idp.factor_policy`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList
from idp.factor_policy.rules import KINDS as RULE_KINDS

_SORTS = WordList(
    {name: (words.vi.lower(), words.en.lower()) for name, words in RULE_KINDS.items()},
    other=("quy định khác", "another rule"),
)

FACTOR_RULE_SET = Kind(
    "factor_rule.set",
    {"sort": _SORTS, "target": "text", "days": "count"},
    vi="{actor} đặt quy định xác thực hai lớp: {sort}[ {target}][, {days} ngày]",
    en="{actor} set a rule for two factors: {sort}[ {target}][, {days} days]",
    groups=("sign-in", "system"),
)
FACTOR_RULE_REMOVED = Kind(
    "factor_rule.removed",
    {"sort": _SORTS, "target": "text", "days": "count"},
    vi="{actor} bỏ quy định xác thực hai lớp: {sort}[ {target}][, {days} ngày]",
    en="{actor} removed a rule for two factors: {sort}[ {target}][, {days} days]",
    groups=("sign-in", "system"),
)
NETWORK_ZONE_SET = Kind(
    "network_zone.set",
    {"name": "text", "networks": "text", "before": "text"},
    vi="{actor} đặt vùng mạng “{name}”: {networks}[, trước đó: {before}]",
    en="{actor} set the network “{name}”: {networks}[, before: {before}]",
    groups=("sign-in", "system"),
)
NETWORK_ZONE_REMOVED = Kind(
    "network_zone.removed",
    {"name": "text", "networks": "text"},
    vi="{actor} xóa vùng mạng “{name}” ({networks})",
    en="{actor} removed the network “{name}” ({networks})",
    groups=("sign-in", "system"),
)

KINDS = (FACTOR_RULE_SET, FACTOR_RULE_REMOVED, NETWORK_ZONE_SET, NETWORK_ZONE_REMOVED)
