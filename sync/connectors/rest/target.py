"""An application with a JSON interface of its own as a target of the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from directory.outbound.client import Connections, Response
from directory.outbound.templates import as_text
from directory.settings import Settings
from sync.connectors.json_http import find_id, in_one_line, json_of, retry_after_ms, send, storable
from sync.connectors.rest.requests import Request, RestDetails, Status
from sync.engine.expressions import Value
from sync.engine.target import (
    Access,
    Account,
    AccountPage,
    Cannot,
    Capability,
    Found,
    Gone,
    Refused,
    Taken,
    Target,
    Unreachable,
)

_MOST_PAGES = 10_000
_MOST_AT_ONCE = 10_000
_LONGEST_VALUE = 2000


class RestTarget(Target):
    """Made for one turn; keeps nothing."""

    def __init__(self, settings: Settings, access: Access) -> None:
        self._connections, self._url = Connections(settings), access.definition.url
        self._details: RestDetails = access.definition.details
        self._headers = {"Accept": "application/json", **self._details.headers}
        if access.token:
            shown = self._details.token_value.replace("{token}", access.token)
            self._headers[self._details.token_header] = shown

    def test(self) -> str:
        """As `Target.test`."""
        try:
            answer = self._ask("test", {})
            if "list" in self._details.requests:  # a proxy may answer for the one alone
                self._page("list", {}, "")
        except (Gone, Refused, Taken) as error:
            raise Unreachable(str(error)) from error
        return f"REST: HTTP {answer.status}"

    def find(self, account: Account) -> Sequence[Found]:
        """As `Target.find`."""
        login = as_text(account.attributes.get(self._details.account.login))
        return [
            found
            for found in map(self._found, self._items(account))
            if found is not None
            and (found.login.casefold() == login.casefold() or found.person_id == account.person_id)
        ]

    def _items(self, account: Account) -> Iterator[object]:
        """Whatever the server thinks that was asked for, page by page while something new comes."""
        known = {**account.attributes, "person_id": account.person_id}
        its, place = self._details.account, ""
        seen: set[str | None] = set()
        for _ in range(_MOST_PAGES):
            items, following = self._page("find", known, place)
            ids = {find_id(its.id.find(item)) for item in items} if its.id else set()
            yield from items
            if following is None or ids <= seen:
                return
            place, seen = following, seen | ids

    def create(self, account: Account) -> str:
        """As `Target.create`."""
        request = self._request("create", Capability.CREATE)
        try:
            answer = self._ask("create", _known(account))
        except Gone as error:
            raise Unreachable(str(error)) from error  # where they are made is always there
        if request.is_named_by_us():
            return account.person_id
        document = json_of(answer)
        pointer = request.id or self._details.account.id
        remote_id = find_id(pointer.find(document)) if pointer else None
        if remote_id is None:
            raise Refused("the account was made without an id", may_be_done=True)
        self._require_own(document, account)
        return remote_id

    def update(self, remote_id: str, held: Account | None, wanted: Account) -> None:  # noqa: ARG002
        """As `Target.update`: all of it is sent."""
        self._request("update", Capability.UPDATE)
        self._ask("update", {**_known(wanted), "remote_id": remote_id})

    def disable(self, remote_id: str, held: Account | None) -> None:
        """As `Target.disable`."""
        request = self._request("disable", Capability.DISABLE)
        known = {} if held is None else _known(held)
        if held is None and request.names() - {"remote_id"}:
            raise Refused("what the account holds is not known, and is to be sent with this")
        self._ask("disable", {**known, "remote_id": remote_id})

    def delete(self, remote_id: str) -> None:
        """As `Target.delete`."""
        self._request("delete", Capability.DELETE)
        self._ask("delete", {"remote_id": remote_id})

    def list_accounts(self, place: str) -> AccountPage:
        """As `Target.list_accounts`."""
        items, following = self._page("list", {}, place)
        return AccountPage([each for item in items if (each := self._found(item))], following)

    def _page(
        self, name: str, known: Mapping[str, object], place: str
    ) -> tuple[Sequence[object], str | None]:
        """Some of a list, and the place of what comes next: how many pages were read, how many
        accounts, and the cursor."""
        pages, _, rest = (place or "0:0:").partition(":")
        count, _, cursor = rest.partition(":")
        request = self._request(name, Capability(name))
        paging = {"page": int(pages) + 1, "offset": int(count), "cursor": cursor}
        try:
            document = json_of(self._ask(name, {**known, **paging}))
        except Gone as error:
            if not place:  # a list is there, or the whole target is not
                raise Unreachable(str(error)) from error
            return (), None  # some say so of the page behind the last
        items = request.items.find(document) if request.items else document
        if not isinstance(items, list):
            raise Unreachable("there is no list where one should be")
        items = items[:_MOST_AT_ONCE]
        cursor = as_text(request.following.find(document)) if request.following else ""
        is_last = not items or not (cursor or request.names() & {"page", "offset"})
        if is_last or int(pages) >= _MOST_PAGES or cursor != storable(cursor)[:_LONGEST_VALUE]:
            return items, None
        return items, f"{int(pages) + 1}:{int(count) + len(items)}:{cursor}"

    def change_groups(self, remote_id: str, leave: Sequence[str], join: Sequence[str]) -> None:
        """As `Target.change_groups`; where they are part of the account, it was sent with them."""
        for name, groups in (("leave", leave), ("join", join)):
            if name not in self._details.requests:
                continue
            for group in groups:
                try:
                    self._ask(name, {"remote_id": remote_id, "group": group})
                except (Gone, Taken) as error:
                    if name == "join" and isinstance(error, Gone):
                        raise Refused(f"the group {group}: {error}") from error

    def _request(self, name: str, what: Capability) -> Request:
        request = self._details.requests.get(name)
        if request is None:
            raise Cannot(what)
        return request

    def _ask(self, name: str, known: Mapping[str, object]) -> Response:
        request = self._details.requests[name]
        headers, document = self._headers, None
        if request.body is not None:
            headers = {**headers, "Content-Type": "application/json"}
            document = request.body.document(known)
        url = self._url + request.address.made(known)
        answer = send(self._connections, request.method, url, headers, document)
        self._judge(answer)
        return answer

    def _judge(self, answer: Response) -> None:
        means, why = self._details.answers, f"HTTP {answer.status}{_said(answer)}"
        if _is_one_of(answer, means.gone):
            raise Gone(why)
        if _is_one_of(answer, means.exists):
            raise Taken(why)
        if _is_one_of(answer, means.away):
            raise Unreachable(why, retry_after_ms(answer) if answer.status in (429, 503) else None)
        if 300 <= answer.status < 400:
            raise Unreachable(why)
        if not 200 <= answer.status < 300:
            raise Refused(why, may_be_done=answer.status >= 500)
        if means.error is not None and answer.body:
            told = means.error.find(json_of(answer))
            if told:
                raise Refused(f"{why}: {in_one_line(as_text(told))}")

    def _found(self, item: object) -> Found | None:
        its = self._details.account
        remote_id = find_id(its.id.find(item)) if its.id else None
        if remote_id is None:
            return None
        attributes = {
            path: value
            for path, pointer in its.attributes.items()
            if (value := _value(pointer.find(item))) is not None
        }
        active = as_text(its.active.find(item)).lower() if its.active else its.active_is
        person_id = its.person.find(item) if its.person else None
        return Found(
            remote_id,
            as_text(attributes.get(its.login)),
            storable(person_id) if isinstance(person_id, str) else "",
            active == its.active_is,
            attributes,
        )

    def _require_own(self, document: object, account: Account) -> None:
        """That the answer to a create is of that account, as far as it tells."""
        made = self._found(document)
        if made is None:
            return
        login = as_text(account.attributes.get(self._details.account.login))
        if made.person_id not in ("", account.person_id) or (
            made.login and made.login.casefold() != login.casefold()
        ):
            raise Refused("it was asked for one account and answers with another", may_be_done=True)


def open_target(settings: Settings, access: Access) -> RestTarget:
    """One, for one turn."""
    return RestTarget(settings, access)


def _known(account: Account) -> dict[str, object]:
    groups = list(account.groups)
    return {**account.attributes, "person_id": account.person_id, "groups": groups}


def _value(found: object) -> Value | None:
    if isinstance(found, bool):
        return found
    if isinstance(found, str) and found:
        return storable(found)[:_LONGEST_VALUE]
    return None


def _is_one_of(answer: Response, statuses: Sequence[Status]) -> bool:
    return any(
        each.code == answer.status and each.says.encode() in answer.body for each in statuses
    )


def _said(answer: Response) -> str:
    """The first of its letters, if it is a text."""
    if "html" in answer.content_type or not answer.body:
        return ""
    return f": {in_one_line(answer.body[:400].decode(errors='replace'))}"
