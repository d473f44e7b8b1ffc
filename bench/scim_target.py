"""The least that is a SCIM server (RFC 7644), in memory: it costs next to nothing, so that what is
measured before it is the connector. ``python -m bench.scim_target``, at PORT, takes TOKEN.

Users are one dictionary by id and one by name, groups one by id.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from itertools import count, islice
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_FILTER = re.compile(r'userName eq "([^"]+)"')
_NAMED = re.compile(r'displayName eq "([^"]+)"')
_MEMBER = re.compile(r'members\[value eq "([^"]+)"\]')
_MOST = 1000
_CONFIG = {
    "patch": {"supported": True},
    "filter": {"supported": True, "maxResults": _MOST},
    "etag": {"supported": False},
    "bulk": {"supported": False},
}
Answer = tuple[int, Any]


class Groups:
    """Its groups, and who is in them."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._members: dict[str, dict[str, None]] = {}

    def answer(self, method: str, name: str, query: dict[str, list[str]], body: Any) -> Answer:
        if method == "POST":
            made = str(len(self._names) + 1)
            self._names[made] = body["displayName"]
            self._members[made] = {each["value"]: None for each in body.get("members", [])}
            return 201, self._told(made, without_members=True)
        if not name:
            named = _NAMED.search(query.get("filter", [""])[0])
            is_short = query.get("excludedAttributes") == ["members"]
            page = [
                self._told(id_, without_members=is_short)
                for id_, called in self._names.items()
                if named is None or called == named[1]
            ]
            return 200, {"schemas": [_LIST], "totalResults": len(page), "Resources": page}
        if name not in self._names:
            return 404, {"detail": "no such group"}
        if method == "PATCH":
            members = self._members[name]
            for each in body["Operations"]:
                if each["op"] == "add":
                    members.update(dict.fromkeys(value["value"] for value in each["value"]))
                elif found := _MEMBER.fullmatch(each["path"]):
                    members.pop(found[1], None)
            return 204, None
        return 200, self._told(name, without_members=False)

    def _told(self, id_: str, *, without_members: bool) -> dict[str, Any]:
        group: dict[str, Any] = {"id": id_, "displayName": self._names[id_]}
        if not without_members:
            group["members"] = [{"value": each} for each in self._members[id_]]
        return group


class Users:
    """What it holds."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._by_id: dict[str, dict[str, Any]] = {}
        self._by_name: dict[str, str] = {}
        self._groups = Groups()

    def answer(self, method: str, target: str, body: Any) -> Answer:
        parts = urlsplit(target)
        kind, _, name = parts.path.strip("/").partition("/")
        if kind == "ServiceProviderConfig":
            return 200, _CONFIG
        if kind == "counts":
            working = sum(1 for each in self._by_id.values() if each.get("active"))
            return 200, {"accounts": len(self._by_id), "active": working}
        if kind == "Groups":
            return self._groups.answer(method, unquote(name), parse_qs(parts.query), body)
        if kind != "Users":
            return 200, {"schemas": [_LIST], "totalResults": 0, "Resources": []}
        if method == "POST":
            return self._add(body)
        if not name:
            return 200, self._list(parse_qs(parts.query))
        return self._one(method, unquote(name), body)

    def _add(self, body: dict[str, Any]) -> Answer:
        called = str(body["userName"]).lower()
        if called in self._by_name:
            return 409, {"detail": "userName is taken"}
        made = {**body, "id": str(next(self._numbers))}
        self._by_id[made["id"]], self._by_name[called] = made, made["id"]
        return 201, made

    def _one(self, method: str, name: str, body: Any) -> Answer:
        held = self._by_id.get(name)
        if held is None:
            return 404, {"detail": "no such user"}
        if method == "DELETE":
            del self._by_id[name], self._by_name[held["userName"].lower()]
            return 204, None
        if method == "PATCH":
            for each in body["Operations"]:
                if each["op"] == "remove":
                    held.pop(each["path"], None)
                else:
                    held[each["path"]] = each["value"]
            return 204, None
        return 200, held

    def _list(self, query: dict[str, list[str]]) -> dict[str, Any]:
        found = _FILTER.search(query.get("filter", [""])[0])
        if found:
            name = self._by_name.get(found[1].lower())
            page, total = ([self._by_id[name]], 1) if name else ([], 0)
        else:
            start = int(query.get("startIndex", ["1"])[0]) - 1
            size = min(int(query.get("count", ["100"])[0]), _MOST)
            page, total = [*islice(self._by_id.values(), start, start + size)], len(self._by_id)
        return {"schemas": [_LIST], "totalResults": total, "Resources": page}


async def _serve(users: Users, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while line := await reader.readline():
            method, target, _ = line.decode().split(" ", 2)
            headers = {}
            while (row := await reader.readline()) not in (b"\r\n", b""):
                name, _, value = row.decode().partition(":")
                headers[name.lower()] = value.strip()
            raw = await reader.readexactly(int(headers.get("content-length", "0")))
            status, answer = users.answer(method, target, json.loads(raw) if raw else None)
            said = b"" if answer is None else json.dumps(answer).encode()
            told = f"HTTP/1.1 {status} -\r\nContent-Type: application/scim+json\r\n"
            writer.write(f"{told}Content-Length: {len(said)}\r\n\r\n".encode() + said)
            await writer.drain()
            if headers.get("connection", "").lower() == "close":
                break
    except (OSError, ValueError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def _main() -> None:
    users = Users()
    port = int(os.environ["PORT"])
    server = await asyncio.start_server(lambda r, w: _serve(users, r, w), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main())
