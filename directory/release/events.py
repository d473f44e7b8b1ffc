"""The kinds of audit events of `directory.release`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList
from directory.audit.vocabulary import SOMETHING_ELSE
from directory.release.attributes import ATTRIBUTES

ATTRIBUTE_NAMES = WordList(
    {each.name: each.label for each in ATTRIBUTES.values()}, other=SOMETHING_ELSE, several=True
)

RELEASE_DECIDED = Kind(
    "release.decided",
    {
        "version": "count",
        "added": ATTRIBUTE_NAMES,
        "removed": ATTRIBUTE_NAMES,
        "reason": "text",
        "asked_by": "technical",
    },
    vi=(
        "{actor} quyết định thông tin {subject} được biết (phiên bản {version})"
        "[, thêm: {added}][, bỏ: {removed}][: {reason}]"
    ),
    en=(
        "{actor} decided what {subject} learns of people (version {version})"
        "[, added: {added}][, taken away: {removed}][: {reason}]"
    ),
    groups=("applications",),
)

KINDS = (RELEASE_DECIDED,)
