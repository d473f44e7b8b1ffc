"""What a definition says of an application's own JSON interface.

    target:
      kind: rest
      url: https://cu.example/api
      token: {header: Authorization, value: "Token {token}"}
      headers: {Accept-Language: vi}
      requests:
        test: {path: /status}
        create:
          path: /users                      # POST, as nothing else is said
          body: {login: "{ten}", name: "{ho_ten}", code: "{person_id}", enabled: true}
        update:
          method: PATCH
          path: /users/{remote_id}
          body: {login: "{ten}", name: "{ho_ten}", code: "{person_id}", enabled: true}
        disable: {method: PATCH, path: "/users/{remote_id}", body: {enabled: false}}
        find: {path: /users, query: {q: "{ten}"}, items: /results}
        list: {path: /users, query: {page: "{page}"}, items: /results}
      account:                              # how an account is read from an answer
        id: /id
        person: /code
        active: /enabled
        login: ten
        attributes: {ten: /login, ho_ten: /name}
      answers: {exists: ["409", "400 already exists"], gone: ["404"], error: /error}
      empty: "null"                         # or omit

Names in braces are those of `accounts`, and `person_id`, `remote_id`, `groups`, `group`, `page`,
`offset`, `cursor`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import yaml

from directory.outbound.templates import Body, Pointer, Text, find_pointer
from sync.connectors.rest.templates import Address
from sync.engine.target import Capability, TargetDefinition
from sync.engine.yaml_reading import YamlReading

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_USUAL = {
    "test": "GET",
    "find": "GET",
    "list": "GET",
    "create": "POST",
    "update": "PATCH",
    "disable": "PATCH",
    "delete": "DELETE",
    "join": "POST",
    "leave": "DELETE",
}
_CAN = {
    "find": Capability.FIND,
    "list": Capability.LIST,
    "create": Capability.CREATE,
    "update": Capability.UPDATE,
    "disable": Capability.DISABLE,
    "delete": Capability.DELETE,
}
# What is known beside the account's own attributes.
_KNOWN = {
    "test": (),
    "find": ("person_id", "page", "offset", "cursor"),
    "list": ("page", "offset", "cursor"),
    "create": ("person_id", "groups"),
    "update": ("person_id", "remote_id", "groups"),
    "disable": ("person_id", "remote_id"),
    "delete": ("remote_id",),
    "join": ("remote_id", "group"),
    "leave": ("remote_id", "group"),
}
_OUR_NAMES = {name for names in _KNOWN.values() for name in names}
_WITHOUT_ACCOUNT = ("test", "list", "delete", "join", "leave")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_NOT_OURS = ("host", "content-length", "transfer-encoding", "connection", "content-type", "accept")
_STATUS = re.compile(r"([1-5][0-9]{2})( .{1,100})?")
_DEEPEST = 10


@dataclass(frozen=True)
class Request:
    """One request. `items`: where its answer has the list; `following`: where it says the cursor of
    the next page; `id`: where the answer to a create says what it made."""

    method: str
    address: Address
    body: Body | None
    items: Pointer | None = None
    following: Pointer | None = None
    id: Pointer | None = None

    def names(self) -> set[str]:
        """Every name in it."""
        return self.address.names() | (self.body.names() if self.body else set())

    def is_named_by_us(self) -> bool:
        """Of a create: the person's id is the account's name there too (RFC 9110 section 9.3.4)."""
        by_address = self.method == "PUT" and "person_id" in self.address.path.names()
        return by_address and self.id is None


@dataclass(frozen=True)
class Reading:
    """How an account is read from an answer. `login`: the attribute that it alone may have;
    `active_is`: what stands at `active` when it is."""

    id: Pointer | None = None
    person: Pointer | None = None
    active: Pointer | None = None
    active_is: str = "true"
    login: str = ""
    attributes: Mapping[str, Pointer] = field(default_factory=dict)


@dataclass(frozen=True)
class Status:
    """An answer by its status; with `says` one whose body has that text."""

    code: int
    says: str = ""


@dataclass(frozen=True)
class Answers:
    """What answers mean; all others of 400 and more are refusals. `error`: something stands there
    when an answer is a refusal whatever its status says."""

    exists: Sequence[Status] = (Status(409),)
    gone: Sequence[Status] = (Status(404), Status(410))
    away: Sequence[Status] = tuple(map(Status, (401, 403, 408, 429, 502, 503, 504)))
    error: Pointer | None = None


@dataclass(frozen=True)
class RestDetails:
    """All of it. `token_value` has ``{token}`` in it."""

    requests: Mapping[str, Request]
    account: Reading
    answers: Answers
    headers: Mapping[str, str]
    token_header: str
    token_value: str


def read_target(reading: YamlReading, node: yaml.Node) -> TargetDefinition:
    """Its part of a definition."""
    return _RestReading(reading).target(node)


class _RestReading:
    def __init__(self, reading: YamlReading) -> None:
        self._yaml = reading

    def target(self, node: yaml.Node) -> TargetDefinition:
        parts = self._yaml.mapping(
            node,
            required=("kind", "url", "requests"),
            optional=("headers", "token", "account", "answers", "empty"),
        )
        empty = self._yaml.choice(parts.get("empty"), ("null", "omit"), "null")
        requests = self._requests(parts.get("requests"), leaves_out=empty == "omit")
        account = self._account(parts.get("account"))
        token = self._yaml.mapping(parts.get("token"), optional=("header", "value"))
        details = RestDetails(
            requests,
            account,
            self._answers(parts.get("answers")),
            self._headers(parts.get("headers")),
            self._header(token.get("header")) or "Authorization",
            self._header_value(token.get("value")) or "Bearer {token}",
        )
        self._require_readable(parts, requests, account)
        uses = {name for each in requests.values() for name in each.names()} - _OUR_NAMES
        uses |= {*account.attributes}
        url = self._yaml.address(parts.get("url"))
        can = frozenset(_abilities(requests))
        return TargetDefinition("rest", url, can=can, details=details, uses=frozenset(uses))

    def _requests(self, node: yaml.Node | None, *, leaves_out: bool) -> dict[str, Request]:
        parts = self._yaml.mapping(node, required=("test", "create"), optional=tuple(_USUAL))
        return {
            name: self._request(name, each, leaves_out=leaves_out) for name, each in parts.items()
        }

    def _request(self, name: str, node: yaml.Node, *, leaves_out: bool) -> Request:
        optional = {"find": ("items", "next"), "list": ("items", "next"), "create": ("id",)}
        parts = self._yaml.mapping(
            node,
            required=("path",),
            optional=("method", "query", "body", *optional.get(name, ())),
        )
        path = self._yaml.text(parts.get("path"))
        if path and not re.fullmatch(r"/[^?#\\\x00-\x20]*", path):
            self._yaml.add(parts["path"], "a path that begins with / is expected, without a query")
        query = {
            key: Text(text) for key, text in self._yaml.texts(parts.get("query")).items() if text
        }
        body = None
        if "body" in parts:
            body = Body(self._tree(parts["body"], 0), leaves_out)
        found = Request(
            self._yaml.choice(parts.get("method"), _METHODS, _USUAL[name]),
            Address(Text(path), query),
            body,
            self._pointer(parts.get("items")),
            self._pointer(parts.get("next")),
            self._pointer(parts.get("id")),
        )
        unknown = found.names() & (_OUR_NAMES - set(_KNOWN[name]))
        if name in _WITHOUT_ACCOUNT:
            unknown = found.names() - set(_KNOWN[name])
        for each in sorted(unknown):
            self._yaml.add(node, f"{each!r} is not known when this is asked")
        return found

    def _tree(self, node: yaml.Node, depth: int) -> object:
        if depth > _DEEPEST:
            self._yaml.add(node, f"more than {_DEEPEST} levels")
            return None
        if isinstance(node, yaml.MappingNode):
            entries = self._yaml.entries(node).items()
            return {key: self._tree(each, depth + 1) for key, each in entries}
        if isinstance(node, yaml.SequenceNode):
            return [self._tree(each, depth + 1) for each in node.value]
        kind = node.tag.rpartition(":")[2]
        if kind == "str" or kind == "timestamp":
            return Text(str(node.value))
        found = yaml.safe_load(node.value) if kind in ("int", "float", "bool", "null") else ...
        if found is ... or (isinstance(found, float) and not math.isfinite(found)):
            self._yaml.add(node, "a text, a number, true, false or null is expected")
            return None
        return found

    def _account(self, node: yaml.Node | None) -> Reading:
        parts = self._yaml.mapping(
            node,
            required=("id",),
            optional=("person", "active", "active_is", "login", "attributes"),
        )
        pointers = {
            key: pointer
            for key, each in self._yaml.entries(parts.get("attributes")).items()
            if (pointer := self._pointer(each)) is not None
        }
        login = self._yaml.text(parts.get("login"))
        if login and login not in pointers:
            self._yaml.add(parts["login"], f"{login!r} is none of the attributes here")
        return Reading(
            self._pointer(parts.get("id")),
            self._pointer(parts.get("person")),
            self._pointer(parts.get("active")),
            self._yaml.text(parts.get("active_is")).lower() or "true",
            login,
            pointers,
        )

    def _require_readable(
        self, parts: Mapping[str, yaml.Node], requests: Mapping[str, Request], account: Reading
    ) -> None:
        """What is found must be told apart; what is made must have a name."""
        node = parts.get("requests")
        if node is None:
            return
        if ("find" in requests or "list" in requests) and not (account.id and account.login):
            self._yaml.add(node, "to find or list accounts, `account` must say id and login")
        create = requests.get("create")
        names_it = create is not None and (create.id or account.id or create.is_named_by_us())
        if not names_it:
            self._yaml.add(node, "`create` must say where its answer has the id")
        if ("join" in requests) != ("leave" in requests):
            self._yaml.add(node, "`join` and `leave` belong together")

    def _answers(self, node: yaml.Node | None) -> Answers:
        parts = self._yaml.mapping(node, optional=("exists", "gone", "away", "error"))
        usual = Answers()
        return Answers(
            self._statuses(parts.get("exists")) or usual.exists,
            self._statuses(parts.get("gone")) or usual.gone,
            self._statuses(parts.get("away")) or usual.away,
            self._pointer(parts.get("error")),
        )

    def _statuses(self, node: yaml.Node | None) -> tuple[Status, ...]:
        found = []
        for text in self._yaml.listed(node):
            match = _STATUS.fullmatch(text)
            if match is not None:
                found.append(Status(int(match[1]), (match[2] or "").strip()))
            elif node is not None:
                self._yaml.add(node, f"{text[:60]!r} is no status, with or without a text behind")
        return tuple(found)

    def _headers(self, node: yaml.Node | None) -> Mapping[str, str]:
        entries = self._yaml.entries(node)
        for name, each in entries.items():
            if not _HEADER.fullmatch(name) or name.lower() in _NOT_OURS:
                self._yaml.add(each, f"{name[:60]!r} cannot be set")
        return {name: self._header_value(each) for name, each in entries.items()}

    def _header(self, node: yaml.Node | None) -> str:
        return self._yaml.text(node, _HEADER, "a header")

    def _header_value(self, node: yaml.Node | None) -> str:
        return self._yaml.text(node, re.compile(r"[\x21-\x7e][\x20-\x7e]{0,499}"), "plain letters")

    def _pointer(self, node: yaml.Node | None) -> Pointer | None:
        text = self._yaml.text(node)
        found = find_pointer(text) if text else None
        if node is not None and text and found is None:
            self._yaml.add(node, f"{text[:60]!r} is no JSON pointer; it begins with /")
        return found


def _abilities(requests: Mapping[str, Request]) -> set[Capability]:
    found = {_CAN[name] for name in requests if name in _CAN}
    create = requests.get("create")
    if create is not None and create.is_named_by_us():
        found.add(Capability.REPEAT)
    carries = [
        name for name in ("create", "update") if "groups" in requests.get(name, _NONE).names()
    ]
    if "join" in requests or len(carries) == 2:
        found.add(Capability.GROUPS)
    return found


_NONE = Request("GET", Address(Text(""), {}), None)
