"""The SCIM protocol (RFC 7644)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from directory.outbound.client import Connections, Response
from directory.settings import Settings
from sync.connectors.json_http import (
    find_object,
    in_one_line,
    object_of,
    retry_after_ms,
    send,
    storable,
)
from sync.connectors.scim.features import obeyed
from sync.connectors.scim.profiles import Profile
from sync.engine.target import Access, Gone, Refused, Taken, Unreachable

_TYPE = "application/scim+json"
_SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
_ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
_MOST_PAGES = 10_000
_LONGEST_S = 120.0
_TRIES = 3
_BEGINNING = 16 * 1024


class Outdated(Refused):
    """Somebody changed the resource since it was read (If-Match, RFC 7644 section 3.14)."""


def again_if_outdated(change: Callable[[], None]) -> None:
    """Do what reads a resource and writes it; once more when somebody was faster."""
    for _ in range(_TRIES - 1):
        try:
            return change()
        except Outdated:
            continue
    return change()


class ScimClient:
    """One server. Safe to be called from several threads."""

    def __init__(self, settings: Settings, access: Access, profile: Profile) -> None:
        self._connections = Connections(settings)
        self._access, self.profile = access, profile
        self._obeyed: Profile | None = None
        self._lock = threading.Lock()

    def read_config(self) -> Mapping[str, Any]:
        """What the server says of itself. Raises Unreachable."""
        try:
            found = self.get("/ServiceProviderConfig")[0]
        except (Gone, Refused, Taken) as error:
            raise Unreachable(f"/ServiceProviderConfig: {error}") from error
        if not isinstance(found.get("patch"), dict):  # required (RFC 7643 section 5)
            raise Unreachable("/ServiceProviderConfig: this is none")
        self._obeyed = obeyed(self.profile, found)
        return found

    def obeyed_profile(self) -> Profile:
        """The profile, less what the server says that it has not; it is asked once."""
        with self._lock:
            if self._obeyed is None:
                self.read_config()
            return self._obeyed or self.profile

    def get(self, path: str) -> tuple[dict[str, Any], str]:
        """A resource and its ETag (empty: none). Raises Gone, Unreachable, Refused."""
        answer = self._send("GET", path)
        return object_of(answer), answer.headers.get("etag", "")

    def post(self, path: str, resource: Mapping[str, Any]) -> dict[str, Any]:
        """Make a resource; gives what was made. Raises Taken too."""
        return object_of(self._send_to_all("POST", path, resource))

    def put(self, path: str, resource: Mapping[str, Any], etag: str = "") -> None:
        """Replace a resource, if it is as of `etag`. Raises Outdated."""
        self._send("PUT", path, resource, etag)

    def patch(self, path: str, operations: list[dict[str, Any]], etag: str = "") -> None:
        """Change a resource. Some servers answer 200 with it, some 204 without; and not all that
        is in it, such as everybody in a group, need be read to know that it went well."""
        message = {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": operations,
        }
        self._send("PATCH", path, message, etag, cut_at=_BEGINNING)

    def delete(self, path: str) -> None:
        """Delete a resource."""
        self._send("DELETE", path)

    def pages(
        self, path: str, condition: str = "", *, without: str = "", within_s: float = _LONGEST_S
    ) -> Iterator[dict[str, Any]]:
        """Every resource of a list; `without` an attribute that nobody wants to know.

        What `condition` (a filter) leaves out is up to the server; some ignore it. A server that
        gives the same page for ever is left when nothing new comes. Raises Unreachable for one that
        takes longer than `within_s`.
        """
        seen: set[str] = set()
        place = ""
        until = time.monotonic() + within_s
        for _ in range(_MOST_PAGES):
            if time.monotonic() > until:
                raise Unreachable(f"{path}: its list takes longer than {within_s:.0f} s")
            try:
                resources, following = self.page(path, place, condition, without)
            except Refused:
                if place or not condition:
                    raise
                # A filter with a quoted character, or on what it has no filter for.
                condition = ""
                resources, following = self.page(path, place, condition, without)
            fresh = [each for each in resources if str(each.get("id")) not in seen]
            seen.update(str(resource.get("id")) for resource in fresh)
            yield from fresh
            if following is None or not fresh:
                return
            place = following

    def page(
        self, path: str, place: str, condition: str = "", without: str = ""
    ) -> tuple[list[dict[str, Any]], str | None]:
        """The page of a list at a place, and the place of the next: by cursor (RFC 9865) where the
        server gives one, else by index. '' is the beginning, None means there is no other."""
        kind, _, at = place.partition(":")
        start = int(at) if kind == "index" else 1
        profile = self.obeyed_profile()
        query: dict[str, Any] = {}
        if profile.pages:
            by_cursor = kind == "cursor" or (not place and profile.begins_with_cursor)
            query = {"count": profile.page_size}
            query |= {"cursor": at} if by_cursor else {"startIndex": start}
        if condition and profile.filters:
            query["filter"] = condition
        if without:
            query["excludedAttributes"] = [without] if profile.searches else without
        page = object_of(self._ask_for(path, query, by_search=profile.searches))
        resources = page.get("Resources") or []
        if not isinstance(resources, list):
            raise Unreachable("a list without resources")
        found = [each for each in resources if isinstance(each, dict)]
        cursor, total = page.get("nextCursor"), page.get("totalResults")
        if not resources or not profile.pages:
            return found, None
        if isinstance(cursor, str) and cursor and cursor == storable(cursor):
            return found, f"cursor:{cursor[:2000]}"
        start += len(resources)
        is_all = kind == "cursor" or (isinstance(total, int) and start > total)
        return found, None if is_all else f"index:{start}"

    def _ask_for(self, path: str, query: Mapping[str, Any], *, by_search: bool) -> Response:
        if by_search:
            return self._send_to_all("POST", f"{path}/.search", {"schemas": [_SEARCH], **query})
        return self._send_to_all("GET", f"{path}?{urlencode(query, quote_via=quote)}")

    def _send_to_all(
        self, method: str, path: str, resource: Mapping[str, Any] | None = None
    ) -> Response:
        """To an endpoint, which is there or the whole server is not."""
        try:
            return self._send(method, path, resource)
        except Gone as error:
            raise Unreachable(f"{path.partition('?')[0]}: {error}") from error

    def _send(
        self,
        method: str,
        path: str,
        resource: Mapping[str, Any] | None = None,
        etag: str = "",
        *,
        cut_at: int | None = None,
    ) -> Response:
        headers = {"Accept": _TYPE}
        if self._access.token:
            headers["Authorization"] = f"Bearer {self._access.token}"
        if etag and self.obeyed_profile().sends_etag:
            headers["If-Match"] = etag
        if resource is not None:
            headers["Content-Type"] = _TYPE
        url = self._access.definition.url + path
        answer = send(self._connections, method, url, headers, resource, cut_at=cut_at)
        _judge(answer)
        return answer


def _judge(answer: Response) -> None:
    status, why = answer.status, f"HTTP {answer.status}{_said(answer)}"
    if 200 <= status < 300:
        if _ERROR.encode() in answer.body and find_object(answer).get("schemas") == [_ERROR]:
            raise Refused(f"{why}, and says that it is an error", may_be_done=True)
        return
    if status == 404:
        raise Gone(why)
    if status == 409:
        raise Taken(why)
    if status == 412:
        raise Outdated(why)
    if status == 429 or status == 503:
        raise Unreachable(why, retry_after_ms(answer))
    if status in (401, 403, 408) or status in (502, 504) or 300 <= status < 400:
        raise Unreachable(why)
    raise Refused(why, may_be_done=status >= 500)


def _said(answer: Response) -> str:
    """What the server says of its refusal (RFC 7644 section 3.12), in one line."""
    detail = find_object(answer).get("detail")
    return f": {in_one_line(str(detail))}" if detail else ""
