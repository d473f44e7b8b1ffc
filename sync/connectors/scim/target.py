"""A SCIM server as a target of the engine."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from directory.settings import Settings
from sync.connectors.scim.client import ScimClient
from sync.connectors.scim.profiles import PROFILES, Profile
from sync.connectors.scim.resources import GROUP, found_of, patch_of, user_of
from sync.engine.target import (
    Access,
    Account,
    AccountPage,
    Found,
    Gone,
    Refused,
    Taken,
    Target,
    Unreachable,
)


class ScimTarget(Target):
    """Made for one turn; groups are looked up once."""

    def __init__(self, client: ScimClient, profile: Profile) -> None:
        self._client, self._profile = client, profile
        self._groups: dict[str, str] = {}
        self._lock = threading.Lock()
        self._is_asked = False

    def test(self) -> str:
        """As `Target.test`."""
        features = self._features()
        # A proxy may answer for the one and say 404 to the other.
        self._client.page("/Users", "")
        able = [
            name
            for name in ("patch", "filter", "etag", "bulk", "sort")
            if isinstance(features.get(name), dict) and features[name].get("supported") is True
        ]
        return f"SCIM 2.0: {', '.join(able) or 'no optional parts'}"

    def _features(self) -> dict[str, Any]:
        try:
            found = self._client.get("/ServiceProviderConfig")[0]
        except (Gone, Refused, Taken) as error:
            raise Unreachable(f"/ServiceProviderConfig: {error}") from error
        if not isinstance(found.get("patch"), dict):  # required (RFC 7643 section 5)
            raise Unreachable("/ServiceProviderConfig: this is none")
        return found

    def _updates_by_put(self) -> bool:
        """A server that says it has no PATCH is believed."""
        if self._profile.updates == "put":
            return True
        with self._lock:
            if not self._is_asked:
                patch = self._features().get("patch")
                if isinstance(patch, dict) and patch.get("supported") is False:
                    self._profile = replace(self._profile, updates="put")
                self._is_asked = True
        return self._profile.updates == "put"

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
        made = found_of(self._client.post("/Users", user_of(account, self._profile)))
        if made is None:
            raise Refused("the account was made without an id")
        login = str(account.attributes.get("userName", ""))
        if made.person_id not in ("", account.person_id) or made.login.lower() != login.lower():
            raise Refused("it was asked for one account and answers with another")
        return made.remote_id

    def update(self, remote_id: str, held: Account | None, wanted: Account) -> None:
        """As `Target.update`."""
        path = _user(remote_id)
        if self._updates_by_put():
            current, etag = self._own(path, wanted)
            self._client.put(path, {**current, **user_of(wanted, self._profile)}, etag)
        else:
            etag = self._own(path, wanted)[1] if held is None else ""
            self._client.patch(path, patch_of(held, wanted, self._profile), etag)

    def _own(self, path: str, account: Account) -> tuple[dict[str, Any], str]:
        """The user as it is there, and its ETag if that is of use; never somebody else's."""
        current, etag = self._client.get(path)
        external = current.get("externalId")
        if external and external != account.person_id:
            raise Taken("the account says that it is somebody else's")
        return current, etag if self._profile.sends_etag else ""

    def disable(self, remote_id: str, held: Account | None) -> None:  # noqa: ARG002 - not needed
        """As `Target.disable`."""
        path = _user(remote_id)
        if self._updates_by_put():
            current, etag = self._client.get(path)
            self._client.put(
                path, {**current, "active": False}, etag if self._profile.sends_etag else ""
            )
        else:
            change = {"op": "replace", "path": "active", "value": False}
            self._client.patch(path, [change])

    def delete(self, remote_id: str) -> None:
        """As `Target.delete`."""
        self._client.delete(_user(remote_id))

    def list_accounts(self, place: str) -> AccountPage:
        """As `Target.list_accounts`."""
        resources, following = self._client.page("/Users", place)
        found = [each for resource in resources if (each := found_of(resource)) is not None]
        return AccountPage(found, following)

    def change_groups(self, remote_id: str, leave: Sequence[str], join: Sequence[str]) -> None:
        """As `Target.change_groups`."""
        for name in leave:
            group = self._find_group(name)
            if group is not None:
                condition = f"members[value eq {json.dumps(remote_id)}]"
                self._change_group(group, {"op": "remove", "path": condition})
        for name in join:
            member = {"op": "add", "path": "members", "value": [{"value": remote_id}]}
            if not self._change_group(self._group(name), member):
                with self._lock:
                    self._groups.pop(name, None)
                if not self._change_group(self._group(name), member):
                    raise Refused(f"the group {name} is there, and is not")

    def _change_group(self, group: str, operation: dict[str, Any]) -> bool:
        """False: there is no such group any more. Never told as that the account is gone."""
        try:
            self._client.patch(_group(group), [operation])
        except Gone:
            return False
        return True

    def _group(self, name: str) -> str:
        """The group of that name, made if there is none. One thread at a time: servers do not see
        to it that there is one of a name."""
        with self._lock:
            found = self._find_group(name)
            if found is None:
                made = self._client.post("/Groups", {"schemas": [GROUP], "displayName": name})
                found = str(made.get("id") or "")
                if not found:
                    raise Refused("the group was made without an id")
                self._groups[name] = found
        return found

    def _find_group(self, name: str) -> str | None:
        if name in self._groups:
            return self._groups[name]
        condition = f"displayName eq {json.dumps(name, ensure_ascii=False)}"
        for resource in self._client.pages("/Groups", condition):
            if resource.get("displayName") == name and isinstance(resource.get("id"), str):
                self._groups[name] = resource["id"]
                return self._groups[name]
        return None


def open_target(settings: Settings, access: Access) -> ScimTarget:
    """A SCIM server, for one turn."""
    profile = PROFILES[access.definition.profile]
    return ScimTarget(ScimClient(settings, access, profile), profile)


def _user(remote_id: str) -> str:
    return f"/Users/{quote(remote_id, safe='')}"


def _group(remote_id: str) -> str:
    return f"/Groups/{quote(remote_id, safe='')}"
