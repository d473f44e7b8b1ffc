"""Reading a file of declarations: YAML into named things, each with the lines it stands in.

Scalars are taken as they are written: a code ``012`` or a name ``No`` is text, whatever YAML makes
of it. No anchors, no aliases, no tags: nothing grows and nothing is built while a file is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml
from yaml import AliasEvent, MappingNode, NodeEvent, ScalarNode, SequenceNode

from admin_ui.operations.declared.errors import (
    DECLARED_ALIAS,
    DECLARED_CHOICE,
    DECLARED_DEEP,
    DECLARED_FIELD,
    DECLARED_MISSING,
    DECLARED_SHAPE,
    DECLARED_SIZE,
    DECLARED_TWICE,
    DECLARED_VERSION,
    DECLARED_YAML,
)
from directory.errors import ErrorCode, Invalid, Words, refuse
from directory.text import clean

MOST_MB = 5
VERSION = "1"
_DEEPEST = 10
_VERSION_KEY = "danhmuc"
_NOTHING = ("", "~", "null")
_FLAGS = {"true": True, "false": False}
_A_TEXT = Words("một đoạn chữ", "a text")
_A_NUMBER = Words("một số nguyên", "a whole number")
_A_FLAG = Words("true hoặc false", "true or false")
_A_LIST = Words("một danh sách (mỗi dòng bắt đầu bằng “- ”)", "a list (lines beginning with “- ”)")
_A_MAP = Words("các mục “tên: giá trị”", "lines of “name: value”")

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Field:
    """What can be said of a thing. ``plain``: anything, as YAML reads it; ``node``: anything, to
    be read by somebody else, who says what is wrong; ``parts``: fields of its own. `choices`: of a
    text, all there are."""

    name: str
    kind: Literal["text", "whole", "flag", "texts", "plain", "node", "parts"] = "text"
    is_required: bool = False
    choices: tuple[str, ...] = ()
    parts: tuple[Field, ...] = ()


@dataclass(frozen=True)
class Declared:
    """One thing a file names: what is said of it, and in which line it begins."""

    line: int
    values: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A text; empty where nothing is said."""
        value = self.values.get(name, "")
        assert isinstance(value, str)  # noqa: S101 - narrows the type, by the field's kind
        return value

    def says(self, name: str) -> bool:
        """Whether anything is said of it."""
        return name in self.values

    @property
    def is_absent(self) -> bool:
        """Whether the thing is to be there no more."""
        return bool(self.values.get("absent"))


@dataclass
class _Reading:
    faults: list[Invalid] = field(default_factory=list)

    def fault(self, error: ErrorCode, node: Any, **params: Any) -> None:
        self.faults.append(Invalid(error, line=_line_of(node), **params))


def read_document(
    raw: bytes, sections: Mapping[str, tuple[Field, ...]]
) -> Mapping[str, Sequence[Declared]]:
    """What each section names. Raises Invalid with all that is wrong with the file's form."""
    if len(raw) > MOST_MB << 20:
        raise Invalid(DECLARED_SIZE, most=MOST_MB)
    root = _composed(raw)
    reading = _Reading()
    found = _sections(reading, root, sections)
    refuse(reading.faults)
    return found


def _composed(raw: bytes) -> Any:
    try:
        _refuse_aliases(raw)
        return yaml.compose(raw, Loader)
    except yaml.MarkedYAMLError as bad:
        mark = bad.problem_mark or bad.context_mark
        line = mark.line + 1 if mark else 1
        raise Invalid(DECLARED_YAML, line=line, detail=bad.problem or "?") from bad
    except (yaml.YAMLError, UnicodeError) as bad:
        detail = " ".join(str(bad).split())[:120]
        raise Invalid(DECLARED_YAML, line=1, detail=detail) from bad


def _refuse_aliases(raw: bytes) -> None:
    depth = 0
    for event in yaml.parse(raw, Loader):
        line = _line_of(event)
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            raise Invalid(DECLARED_ALIAS, line=line)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise Invalid(DECLARED_DEEP, line=line)


def _sections(
    reading: _Reading, root: Any, sections: Mapping[str, tuple[Field, ...]]
) -> Mapping[str, Sequence[Declared]]:
    if not isinstance(root, MappingNode):
        raise Invalid(DECLARED_VERSION, line=1)
    found: dict[str, Sequence[Declared]] = {}
    is_ours = False
    for key, node in _pairs(reading, root):
        if key.value == _VERSION_KEY:
            is_ours = isinstance(node, ScalarNode) and node.value == VERSION
        elif key.value in sections:
            found[key.value] = _things(reading, key.value, node, sections[key.value])
        else:
            reading.fault(DECLARED_FIELD, key, name=key.value[:80], known=", ".join(sections))
    if not is_ours:
        raise Invalid(DECLARED_VERSION, line=1)
    return found


def _things(
    reading: _Reading, name: str, node: Any, fields: tuple[Field, ...]
) -> Sequence[Declared]:
    if _is_nothing(node):
        return ()
    if not isinstance(node, SequenceNode):
        reading.fault(DECLARED_SHAPE, node, name=name, wanted=_A_LIST)
        return ()
    return [Declared(_line_of(each), _said(reading, name, each, fields)) for each in node.value]


def _said(reading: _Reading, name: str, node: Any, fields: tuple[Field, ...]) -> Mapping[str, Any]:
    if not isinstance(node, MappingNode):
        reading.fault(DECLARED_SHAPE, node, name=name, wanted=_A_MAP)
        return {}
    known = {each.name: each for each in fields}
    said: dict[str, Any] = {}
    for key, value in _pairs(reading, node):
        if key.value not in known:
            reading.fault(DECLARED_FIELD, key, name=key.value[:80], known=", ".join(known))
        elif not _is_nothing(value):
            said[key.value] = _value(reading, value, known[key.value])
    for each in fields:
        if each.is_required and not said.get(each.name):
            reading.fault(DECLARED_MISSING, node, name=each.name)
    return said


def _pairs(reading: _Reading, node: MappingNode) -> Sequence[tuple[ScalarNode, Any]]:
    lines: dict[str, int] = {}
    pairs = []
    for key, value in node.value:
        if not isinstance(key, ScalarNode):
            reading.fault(DECLARED_SHAPE, key, name="?", wanted=_A_MAP)
        elif key.value in lines:
            reading.fault(DECLARED_TWICE, key, name=key.value[:80], first=lines[key.value])
        else:
            lines[key.value] = _line_of(key)
            pairs.append((key, value))
    return pairs


def _value(reading: _Reading, node: Any, wanted: Field) -> Any:
    if wanted.kind == "node":
        return node
    if wanted.kind == "plain":
        return _plain(reading, node)
    if wanted.kind == "parts":
        return _said(reading, wanted.name, node, wanted.parts)
    if wanted.kind == "texts":
        return _texts(reading, node, wanted)
    if not isinstance(node, ScalarNode):
        reading.fault(DECLARED_SHAPE, node, name=wanted.name, wanted=_A_TEXT)
        return ""
    return _scalar(reading, node, wanted)


def _scalar(reading: _Reading, node: ScalarNode, wanted: Field) -> Any:
    told = clean(node.value)
    if wanted.kind == "flag":
        if told not in _FLAGS:
            reading.fault(DECLARED_SHAPE, node, name=wanted.name, wanted=_A_FLAG)
        return _FLAGS.get(told, False)
    if wanted.kind == "whole":
        if not (told.isascii() and told.isdigit() and len(told) < 10):
            reading.fault(DECLARED_SHAPE, node, name=wanted.name, wanted=_A_NUMBER)
            return 0
        return int(told)
    if wanted.choices and told not in wanted.choices:
        known = ", ".join(wanted.choices)
        reading.fault(DECLARED_CHOICE, node, name=wanted.name, known=known)
    return told


def _texts(reading: _Reading, node: Any, wanted: Field) -> tuple[str, ...]:
    is_list = isinstance(node, SequenceNode)
    if not is_list or not all(isinstance(each, ScalarNode) for each in node.value):
        reading.fault(DECLARED_SHAPE, node, name=wanted.name, wanted=_A_LIST)
        return ()
    return tuple(clean(each.value) for each in node.value)


def _plain(reading: _Reading, node: Any) -> Any:
    """As JSON has it: client metadata is JSON (RFC 7591)."""
    if isinstance(node, MappingNode):
        return {key.value: _plain(reading, value) for key, value in _pairs(reading, node)}
    if isinstance(node, SequenceNode):
        return [_plain(reading, each) for each in node.value]
    if node.tag == "tag:yaml.org,2002:bool" and node.value in _FLAGS:
        return _FLAGS[node.value]
    if node.tag == "tag:yaml.org,2002:int" and node.value.isascii() and node.value.isdigit():
        return int(node.value)
    return None if node.tag == "tag:yaml.org,2002:null" else node.value


def _line_of(part: Any) -> int:
    return int(part.start_mark.line) + 1


def _is_nothing(node: Any) -> bool:
    return isinstance(node, ScalarNode) and node.style is None and node.value in _NOTHING
