"""An account as a SCIM User (RFC 7643 section 4.1), and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sync.connectors.json_http import find_id, storable
from sync.connectors.scim.kind import ATTRIBUTES
from sync.connectors.scim.profiles import Profile
from sync.engine.expressions import Value
from sync.engine.target import Account, Found

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_MULTI_VALUED = ("emails", "phoneNumbers")


def user_of(account: Account, profile: Profile, *, active: bool = True) -> dict[str, Any]:
    """The resource that is sent."""
    user: dict[str, Any] = {
        "schemas": [USER],
        "externalId": account.person_id,
        "active": active,
    }
    for path, value in account.attributes.items():
        top, _, rest = path.partition(".")
        if path in _MULTI_VALUED:
            user[path] = [_value_of(value, profile)]
        elif top == "enterprise":
            user.setdefault(ENTERPRISE, {})[rest] = value
        elif rest:
            user.setdefault(top, {})[rest] = value
        else:
            user[path] = value
    if ENTERPRISE in user:
        user["schemas"].append(ENTERPRISE)
    return user


def _value_of(value: Value, profile: Profile) -> dict[str, Any]:
    return {"value": value} if profile.plain_values else _work(value)


def _work(value: Value) -> dict[str, Any]:
    return {"value": value, "type": "work", "primary": True}


def patch_of(held: Account | None, wanted: Account, profile: Profile) -> list[dict[str, Any]]:
    """The operations that make of `held` what is wanted; of something unknown: all that is wanted.
    Whole attributes are replaced, which every server understands; that it is active is always said.
    A name to sign in with that may not leave any more stays as it is: there is no account without.
    """
    before = user_of(held, profile) if held is not None else {}
    after = user_of(wanted, profile)
    operations = []
    for name, value in after.items():
        if name == "schemas" or (name != "active" and before.get(name) == value):
            continue
        if name == ENTERPRISE:
            old = before.get(ENTERPRISE, {})
            operations += [
                _replace(f"{ENTERPRISE}:{part}", new)
                for part, new in value.items()
                if old.get(part) != new
            ]
        else:
            operations.append(_replace(name, value))
    for name, value in before.items():
        if name == ENTERPRISE:
            gone = [part for part in value if part not in after.get(ENTERPRISE, {})]
            operations += [{"op": "remove", "path": f"{ENTERPRISE}:{part}"} for part in gone]
        elif name not in after and name not in ("schemas", "userName"):
            operations.append({"op": "remove", "path": name})
    return operations


def put_of(
    current: Mapping[str, Any], held: Account | None, wanted: Account, profile: Profile
) -> dict[str, Any]:
    """The whole user that takes the place of `current`: what others wrote in it stays, what we sent
    and may not send any more goes; but for the name to sign in with, as in `patch_of`."""
    before = user_of(held, profile) if held is not None else {}
    after = user_of(wanted, profile)
    kept = {name: value for name, value in current.items() if name not in before}
    if "userName" in current:
        kept["userName"] = current["userName"]
    theirs = current.get(ENTERPRISE)
    sent = before.get(ENTERPRISE, {})
    enterprise = {
        **{part: value for part, value in _mapping(theirs).items() if part not in sent},
        **after.pop(ENTERPRISE, {}),
    }
    kept.pop(ENTERPRISE, None)
    told = [each for each in current.get("schemas") or [] if each != ENTERPRISE]
    after["schemas"] = list(dict.fromkeys([*told, USER, *([ENTERPRISE] if enterprise else [])]))
    return {**kept, **after, **({ENTERPRISE: enterprise} if enterprise else {})}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _replace(path: str, value: object) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def found_of(resource: Mapping[str, Any]) -> Found | None:
    """The account of a resource; None when it is none that can be named."""
    given, login = resource.get("id"), resource.get("userName")
    remote_id = find_id(given) if isinstance(given, str) else None
    if remote_id is None:
        return None
    external = resource.get("externalId")
    return Found(
        remote_id,
        storable(login) if isinstance(login, str) else "",
        storable(external) if isinstance(external, str) else "",
        str(resource.get("active", True)).lower() != "false",  # some say it as a text
        _attributes_of(resource),
    )


def _attributes_of(resource: Mapping[str, Any]) -> dict[str, Value]:
    """Those of its attributes that we could have sent."""
    found: dict[str, Value] = {}
    for path in ATTRIBUTES:
        top, _, part = path.partition(".")
        held = resource.get(ENTERPRISE if top == "enterprise" else top)
        if path in _MULTI_VALUED:
            first = held[0] if isinstance(held, list) and len(held) == 1 else None
            held, part = first, "value"
        if part:
            held = held.get(part) if isinstance(held, Mapping) else None
        if isinstance(held, str) and held:
            found[path] = storable(held)
    return found


def groups_by_user(
    resources: Sequence[Mapping[str, Any]],
) -> Mapping[str, tuple[str, ...]] | None:
    """The names of the groups that users of a page say they are in (RFC 7643 section 4.1.2), by
    the ids of the users; None where none of them says, or one says it without names."""
    found: dict[str, tuple[str, ...]] = {}
    for resource in resources:
        told = resource.get("groups")
        if not isinstance(told, list) or not told:
            continue
        direct = [_mapping(each) for each in told if _mapping(each).get("type") != "indirect"]
        names = [each.get("display") for each in direct]
        if not all(isinstance(name, str) and name for name in names):
            return None
        found[str(resource.get("id"))] = tuple(sorted({storable(str(name)) for name in names}))
    return found or None
