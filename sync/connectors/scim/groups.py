"""The groups of a SCIM server (RFC 7643 section 4.2): who is in them is changed member by member,
whatever their size, and read as a whole only to compare."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote

from sync.connectors.scim.client import ScimClient, again_if_outdated
from sync.connectors.scim.resources import GROUP
from sync.engine.target import Gone, Refused, Taken, Unreachable

_MOST_GROUPS = 5_000
_READING_S = 10.0  # a reading holds a lease of twenty seconds
Members = list[dict[str, Any]]


class Groups:
    """Made for one turn; each group is looked up once. Safe to be called from several threads."""

    def __init__(self, client: ScimClient) -> None:
        self._client = client
        self._ids: dict[str, list[str]] = {}
        self._turns: dict[str, threading.Lock] = {}
        self._members: Mapping[str, set[str]] | None = None
        self._untold = ""
        self._has_read = False
        self._lock = threading.Lock()

    def join(self, name: str, member: str) -> None:
        """Put an account into a group, which is made if there is none."""
        value = [{"value": member}]
        add = {"op": "add", "path": "members", "value": value}

        def with_it(members: Members) -> Members:
            return [each for each in members if each.get("value") != member] + value

        if not self._change(self._make(name), add, with_it):
            with self._lock:
                self._ids.pop(name, None)
            if not self._change(self._make(name), add, with_it):
                raise Refused(f"the group {name} is there, and is not")

    def leave(self, name: str, member: str) -> None:
        """Take an account out of a group, if it is there and the account is in it; and out of every
        other of that name: one that was made without an answer may have been made twice."""
        with self._lock:
            groups = self._find(name)
        remove: dict[str, Any] = {
            "op": "remove",
            "path": f"members[value eq {json.dumps(member)}]",
        }
        if self._client.profile.names_members:
            remove = {"op": "remove", "path": "members", "value": [{"value": member}]}
        for group in groups:
            self._change(
                group,
                remove,
                lambda members: [each for each in members if each.get("value") != member],
            )

    def _change(
        self, group: str, operation: dict[str, Any], changed: Callable[[Members], Members]
    ) -> bool:
        """False: there is no such group any more. Never told as that the account is gone. One at a
        time: there are servers that read a group, change it and write it, and lose what another
        request wrote between."""
        path = _path(group)

        def put() -> None:
            current, etag = self._client.get(path)
            members = _members_of(current)
            self._client.put(path, {**current, "members": changed(members)}, etag)

        try:
            with self._turn_of(group):
                if self._client.obeyed_profile().group_updates == "put":
                    again_if_outdated(put)
                else:
                    self._client.patch(path, [operation])
        except Gone:
            return False
        return True

    def _turn_of(self, group: str) -> threading.Lock:
        with self._lock:
            return self._turns.setdefault(group, threading.Lock())

    def _make(self, name: str) -> str:
        """The group of that name, made if there is none. One thread at a time: servers do not see
        to it that there is one of a name."""
        with self._lock:
            found = self._find(name)
            if not found:
                found = self._ids[name] = [self._post(name)]
        return found[0]

    def _post(self, name: str) -> str:
        try:
            made = self._client.post("/Groups", {"schemas": [GROUP], "displayName": name})
        except Taken as error:
            # Somebody else made it meanwhile. Never told as that the account is taken.
            if found := self._find(name):
                return found[0]
            raise Refused(f"the group {name}: {error}") from error
        if not isinstance(made.get("id"), str) or not made["id"]:
            raise Refused("the group was made without an id")
        return str(made["id"])

    def _find(self, name: str) -> list[str]:
        """All of that name, always in the same order."""
        if name in self._ids:
            return self._ids[name]
        condition = f"displayName eq {json.dumps(name, ensure_ascii=False)}"
        found = sorted(
            group["id"]
            for group in self._client.pages("/Groups", condition, without="members")
            if group.get("displayName") == name and isinstance(group.get("id"), str)
        )
        if found:
            self._ids[name] = found
        return found

    def members(self) -> Mapping[str, set[str]] | None:
        """Every account that is in a group → the names of its groups. None where that cannot be
        read, or is more than anybody reads: an answer that is too long, thousands of groups."""
        with self._lock:
            if not self._has_read:
                # Without it the accounts are compared all the same.
                try:
                    self._members = self._read_members()
                except (Unreachable, Refused, Gone) as error:
                    self._untold = str(error)
                self._has_read = True
            return self._members

    @property
    def untold(self) -> str:
        """Why `members` cannot say it."""
        return self._untold

    def _read_members(self) -> Mapping[str, set[str]] | None:
        until = time.monotonic() + _READING_S
        found: dict[str, set[str]] = {}
        groups = list(islice(self._client.pages("/Groups", within_s=_READING_S), _MOST_GROUPS + 1))
        if len(groups) > _MOST_GROUPS:
            self._untold = f"more than {_MOST_GROUPS} groups"
            return None
        for group in groups:
            whole = group
            if "members" not in group:  # nobody is in it, or lists do not say who
                if time.monotonic() > until:
                    self._untold = f"its groups take longer than {_READING_S:.0f} s"
                    return None
                whole, _ = self._client.get(_path(str(group.get("id"))))
            name = group.get("displayName")
            if isinstance(name, str):
                for member in _members_of(whole):
                    found.setdefault(str(member.get("value")), set()).add(name)
        return found


def _members_of(group: Mapping[str, Any]) -> Members:
    members = group.get("members")
    return [each for each in members if isinstance(each, dict)] if isinstance(members, list) else []


def _path(remote_id: str) -> str:
    return f"/Groups/{quote(remote_id, safe='')}"
