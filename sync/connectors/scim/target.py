"""A SCIM server as a target of the engine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from directory.settings import Settings
from sync.connectors.scim.client import ScimClient, again_if_outdated
from sync.connectors.scim.features import names_of
from sync.connectors.scim.groups import Groups
from sync.connectors.scim.profiles import PROFILES
from sync.connectors.scim.resources import found_of, groups_by_user, patch_of, put_of, user_of
from sync.engine.target import (
    Access,
    Account,
    AccountPage,
    Found,
    PlaceLost,
    Refused,
    Taken,
    Target,
)


class ScimTarget(Target):
    """Made for one turn; groups are looked up once."""

    def __init__(self, client: ScimClient) -> None:
        self._client = client
        self._groups = Groups(client)

    def test(self) -> str:
        """As `Target.test`."""
        config = self._client.read_config()
        # A proxy may answer for the one and say 404 to the other.
        self._client.page("/Users", "")
        return f"SCIM 2.0: {names_of(config)}"

    def find(self, account: Account) -> Sequence[Found]:
        """As `Target.find`. Servers compare names as they like, or not at all: we do it again."""
        login = str(account.attributes.get("userName", ""))
        condition = f"userName eq {json.dumps(login, ensure_ascii=False)}"
        return [
            found
            for resource in self._client.pages("/Users", condition)
            if (found := found_of(resource)) is not None
            and (found.login.lower() == login.lower() or found.person_id == account.person_id)
        ]

    def create(self, account: Account) -> str:
        """As `Target.create`."""
        made = found_of(self._client.post("/Users", user_of(account, self._client.profile)))
        if made is None:
            raise Refused("the account was made without an id", may_be_done=True)
        login = str(account.attributes.get("userName", ""))
        if made.person_id not in ("", account.person_id) or made.login.lower() != login.lower():
            raise Refused("it was asked for one account and answers with another", may_be_done=True)
        return made.remote_id

    def update(self, remote_id: str, held: Account | None, wanted: Account) -> None:
        """As `Target.update`."""
        path, profile = _user(remote_id), self._client.obeyed_profile()

        def change() -> None:
            if profile.updates == "put":
                current, etag = self._own(path, wanted)
                self._client.put(path, put_of(current, held, wanted, profile), etag)
            else:
                etag = self._own(path, wanted)[1] if held is None else ""
                self._client.patch(path, patch_of(held, wanted, profile), etag)

        again_if_outdated(change)

    def _own(self, path: str, account: Account) -> tuple[dict[str, Any], str]:
        """The user as it is there, and its ETag; never somebody else's."""
        current, etag = self._client.get(path)
        external = current.get("externalId")
        if external and external != account.person_id:
            raise Taken("the account says that it is somebody else's")
        return current, etag

    def disable(self, remote_id: str, held: Account | None) -> None:  # noqa: ARG002 - not needed
        """As `Target.disable`."""
        path = _user(remote_id)

        def change() -> None:
            if self._client.obeyed_profile().updates == "put":
                current, etag = self._client.get(path)
                self._client.put(path, {**current, "active": False}, etag)
            else:
                self._client.patch(path, [{"op": "replace", "path": "active", "value": False}])

        again_if_outdated(change)

    def delete(self, remote_id: str) -> None:
        """As `Target.delete`."""
        self._client.delete(_user(remote_id))

    def list_accounts(self, place: str) -> AccountPage:
        """As `Target.list_accounts`."""
        try:
            resources, following = self._client.page("/Users", place)
        except Refused as error:
            if place:  # a cursor does not last for ever (RFC 9865 section 2.3)
                raise PlaceLost(error.why) from error
            raise
        found = [each for resource in resources if (each := found_of(resource)) is not None]
        members = self._groups.members() if found else {}
        if members is not None:
            found = [
                replace(each, groups=tuple(sorted(members.get(each.remote_id, ()))))
                for each in found
            ]
            return AccountPage(found, following)
        # Groups that are too large to be read: users may say themselves in which they are.
        told = groups_by_user(resources)
        if told is None:
            return AccountPage(found, following, self._groups.untold)
        found = [replace(each, groups=told.get(each.remote_id, ())) for each in found]
        return AccountPage(found, following)

    def change_groups(self, remote_id: str, leave: Sequence[str], join: Sequence[str]) -> None:
        """As `Target.change_groups`."""
        for name in leave:
            self._groups.leave(name, remote_id)
        for name in join:
            self._groups.join(name, remote_id)


def open_target(settings: Settings, access: Access) -> ScimTarget:
    """A SCIM server, for one turn."""
    return ScimTarget(ScimClient(settings, access, PROFILES[access.definition.profile]))


def _user(remote_id: str) -> str:
    return f"/Users/{quote(remote_id, safe='')}"
