"""The kinds of audit events of `idp.factor_policy`."""

from __future__ import annotations

from collections.abc import Mapping

from directory.audit.kinds import Form, Kind, WordList
from idp.factor_policy.rules import KINDS as RULE_KINDS

_SORTS = WordList(
    {name: (words.vi.lower(), words.en.lower()) for name, words in RULE_KINDS.items()},
    other=("quy định khác", "another rule"),
)

# `asked_by`: whoever asked, where the actor is the second who approved; `alone`: it weakened the
# rules with no second person, which only the command line can.
_OF_CHANGE: Mapping[str, Form] = {"asked_by": "technical", "alone": "flag"}
_VI_ALONE = "[alone? (nới lỏng, không qua người thứ hai)]"
_EN_ALONE = "[alone? (weaker, approved by no second person)]"

FACTOR_RULE_SET = Kind(
    "factor_rule.set",
    {"sort": _SORTS, "target": "text", "days": "count", **_OF_CHANGE},
    vi="{actor} đặt quy định xác thực hai lớp: {sort}[ {target}][, {days} ngày]" + _VI_ALONE,
    en="{actor} set a rule for two factors: {sort}[ {target}][, {days} days]" + _EN_ALONE,
    groups=("sign-in", "system"),
)
FACTOR_RULE_REMOVED = Kind(
    "factor_rule.removed",
    {"sort": _SORTS, "target": "text", "days": "count", **_OF_CHANGE},
    vi="{actor} bỏ quy định xác thực hai lớp: {sort}[ {target}][, {days} ngày]" + _VI_ALONE,
    en="{actor} removed a rule for two factors: {sort}[ {target}][, {days} days]" + _EN_ALONE,
    groups=("sign-in", "system"),
)
SESSION_RULE_SET = Kind(
    "session_rule.set",
    {"sort": _SORTS, "target": "text", "minutes": "count", **_OF_CHANGE},
    vi="{actor} đặt giới hạn phiên đăng nhập: {sort} {target}, {minutes} phút" + _VI_ALONE,
    en="{actor} set a limit of sessions: {sort} {target}, {minutes} minutes" + _EN_ALONE,
    groups=("sign-in", "system"),
)
SESSION_RULE_REMOVED = Kind(
    "session_rule.removed",
    {"sort": _SORTS, "target": "text", "minutes": "count", **_OF_CHANGE},
    vi="{actor} bỏ giới hạn phiên đăng nhập: {sort} {target}, {minutes} phút" + _VI_ALONE,
    en="{actor} removed a limit of sessions: {sort} {target}, {minutes} minutes" + _EN_ALONE,
    groups=("sign-in", "system"),
)
NETWORK_ZONE_SET = Kind(
    "network_zone.set",
    {"name": "text", "networks": "text", "before": "text", **_OF_CHANGE},
    vi="{actor} đặt vùng mạng “{name}”: {networks}[, trước đó: {before}]" + _VI_ALONE,
    en="{actor} set the network “{name}”: {networks}[, before: {before}]" + _EN_ALONE,
    groups=("sign-in", "system"),
)
NETWORK_ZONE_REMOVED = Kind(
    "network_zone.removed",
    {"name": "text", "networks": "text"},
    vi="{actor} xóa vùng mạng “{name}” ({networks})",
    en="{actor} removed the network “{name}” ({networks})",
    groups=("sign-in", "system"),
)

KINDS = (
    FACTOR_RULE_SET,
    FACTOR_RULE_REMOVED,
    SESSION_RULE_SET,
    SESSION_RULE_REMOVED,
    NETWORK_ZONE_SET,
    NETWORK_ZONE_REMOVED,
)
