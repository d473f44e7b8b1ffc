"""The kinds of audit events of `directory.requests`.

What a request is about in detail stands in the register; an event says whose it was, and of which
application and role.
"""

from __future__ import annotations

from collections.abc import Mapping

from directory.audit.kinds import Form, Kind

_OF_REQUEST: Mapping[str, Form] = {
    "request": "technical",
    "what": "request",
    "application": "application",
    "role": "role",
    "reason": "text",
}
_VI = "{what}[ {role}][ của {application}][ cho {subject}]"
_EN = "{what}[ {role}][ of {application}][ for {subject}]"

REQUEST_ASKED = Kind(
    "request.asked",
    {**_OF_REQUEST, "basis": "text"},
    vi="{actor} đề nghị " + _VI + "[: {reason}][ (căn cứ: {basis})]",
    en="{actor} asked for " + _EN + "[: {reason}][ (basis: {basis})]",
    groups=("roles",),
    counted=("yêu cầu", "requests"),
)

REQUEST_APPROVED = Kind(
    "request.approved",
    _OF_REQUEST,
    vi="{actor} phê duyệt yêu cầu " + _VI + "[: {reason}]",
    en="{actor} approved the request for " + _EN + "[: {reason}]",
    groups=("roles",),
)

REQUEST_REFUSED = Kind(
    "request.refused",
    _OF_REQUEST,
    vi="{actor} từ chối yêu cầu " + _VI + "[: {reason}]",
    en="{actor} refused the request for " + _EN + "[: {reason}]",
    groups=("roles",),
)

REQUEST_WITHDRAWN = Kind(
    "request.withdrawn",
    _OF_REQUEST,
    vi="{actor} rút yêu cầu " + _VI + "[: {reason}]",
    en="{actor} withdrew the request for " + _EN + "[: {reason}]",
    groups=("roles",),
    counted=("yêu cầu được rút", "requests withdrawn"),
)

REQUEST_LAPSED = Kind(
    "request.lapsed",
    _OF_REQUEST,
    vi="Yêu cầu " + _VI + " hết hạn, không ai giải quyết",
    en="The request for " + _EN + " lapsed; nobody decided it",
    groups=("roles",),
)

KINDS = (
    REQUEST_ASKED,
    REQUEST_APPROVED,
    REQUEST_REFUSED,
    REQUEST_WITHDRAWN,
    REQUEST_LAPSED,
)
