"""scim2-server over the accounts of this application."""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast

from scim2_models import (
    Meta,
    NotFoundException,
    NotImplementedException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    ScimFilter,
    ScimProvider,
    SearchRequest,
    ServiceProviderConfig,
    UnauthorizedException,
    UniquenessException,
)
from scim2_models.path import CompareOperator, Comparison
from scim2_server.applications.wsgi import WSGIApplication
from scim2_server.requests import ScimRequest
from scim2_server.storage import ScimStorage, SearchPage
from scim2_server.testserver.application import BEARER_TOKEN_SCHEME
from scim2_server.utils import load_default_resource_types, load_default_schemas

from relying_party.clock import now
from relying_party.provisioning import is_token
from relying_party.store import Store

_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_TABLES = {"User": "account", "Group": "account_group"}
# A filter "attribute eq value" on one of these reads the row alone, not every account.
_COLUMNS = {"username": "username", "externalid": "sub", "id": "id"}
_MOST_RESULTS = 500


def create_scim(store: Store, token: str) -> WSGIApplication:
    """The WSGI application, for whoever shows the token."""
    config = ServiceProviderConfig.model_validate(
        {
            "patch": {"supported": True},
            "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
            "filter": {"supported": True, "maxResults": _MOST_RESULTS},
            "changePassword": {"supported": False},
            "sort": {"supported": True},
            "etag": {"supported": True},
        }
    )
    config.authentication_schemes = [BEARER_TOKEN_SCHEME]
    provider = ScimProvider.from_discovery(
        load_default_schemas().values(), load_default_resource_types().values(), config=config
    )
    return _Application(AccountStorage(store, provider), provider, token)


class _Application(WSGIApplication):
    def __init__(self, storage: ScimStorage, provider: ScimProvider, token: str) -> None:
        super().__init__(storage, provider)
        self._token = token

    def check_auth(self, request: ScimRequest) -> None:
        if not is_token(request.header("Authorization") or "", self._token):
            raise UnauthorizedException


class AccountStorage(ScimStorage):
    """Users and groups in the application's own file.

    What a resource says is kept as it was said; who it is, and who is in a group, is kept in
    columns, where the application looks. One operation at a time: each reads, then writes.
    """

    def __init__(self, store: Store, provider: ScimProvider) -> None:
        self._store, self._provider = store, provider
        self._lock = threading.RLock()

    @contextmanager
    def operation(self) -> Iterator[None]:
        """Hold the lock for the whole operation."""
        with self._lock:
            yield

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        """A resource, as last written."""
        kind = str(resource_type.name)
        with self._store.read() as connection:
            row = _row(connection, kind, resource_id)
            has_members = not _leaves_out_members(response_parameters)
            return self._resource(connection, kind, row, has_members=has_members)

    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,  # noqa: ARG002 - cursors are not offered
    ) -> SearchPage:
        """One page of what matches, in the order of the ids where no other is wished."""
        if len(resource_types) != 1:
            raise NotImplementedException(detail="ask for Users or for Groups")
        kind = str(resource_types[0].name)
        start, count = search_request.start_index_0 or 0, search_request.count
        has_members = not _leaves_out_members(search_request)
        condition, is_sorted = search_request.filter, search_request.sort_by is not None
        with self._store.read() as connection:
            where, values = _where(kind, condition)
            query = f"SELECT * FROM {_TABLES[kind]}{where} ORDER BY id"  # noqa: S608 - our words
            total: int | None = None
            if condition is None and not is_sorted:
                counted = connection.execute(f"SELECT count(*) FROM {_TABLES[kind]}")  # noqa: S608
                total = counted.fetchone()[0]
                query += " LIMIT ? OFFSET ?"
                values = (-1 if count is None else count, start)
            everything = [
                self._resource(connection, kind, row, has_members=has_members)
                for row in connection.execute(query, values)
            ]
        if total is not None:
            return SearchPage(total, everything)
        found = [each for each in everything if condition is None or condition.match(each)]
        if is_sorted:
            found.sort(
                key=lambda each: _sort_key(search_request, each),
                reverse=search_request.sort_order == SearchRequest.SortOrder.descending,
            )
        return SearchPage(len(found), found[start : None if count is None else start + count])

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        """Keep a new resource. Raises `UniquenessException`."""
        kind, moment = str(resource_type.name), now()
        resource_id = secrets.token_hex(16)
        made = {"id": resource_id, "version": 1, "created_at": moment, "changed_at": moment}
        with self._store.write() as connection:
            _insert(connection, kind, {**made, **_columns(kind, resource)})
            _put_members(connection, kind, resource_id, resource)
            return self._resource(connection, kind, _row(connection, kind, resource_id))

    def update(
        self,
        resource_type: ResourceType,
        resource: Resource[Any],
        *,
        expected_version: str | None = None,
    ) -> Resource[Any]:
        """Keep a resource in the place of what it was."""
        kind, resource_id = str(resource_type.name), str(resource.id)
        with self._store.write() as connection:
            row = _row(connection, kind, resource_id, expected_version)
            changed = {"version": row["version"] + 1, "changed_at": now()}
            _update(connection, kind, resource_id, {**changed, **_columns(kind, resource)})
            _put_members(connection, kind, resource_id, resource)
            return self._resource(connection, kind, _row(connection, kind, resource_id))

    def delete(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        expected_version: str | None = None,
    ) -> None:
        """Forget a resource; what the person did in the application stays."""
        kind = str(resource_type.name)
        with self._store.write() as connection:
            _row(connection, kind, resource_id, expected_version)
            connection.execute(
                f"DELETE FROM {_TABLES[kind]} WHERE id = ?",  # noqa: S608
                (resource_id,),
            )
            if kind == "User":
                connection.execute(
                    "DELETE FROM account_group_member WHERE account_id = ?", (resource_id,)
                )

    def _resource(
        self,
        connection: sqlite3.Connection,
        kind: str,
        row: sqlite3.Row,
        *,
        has_members: bool = True,
    ) -> Resource[Any]:
        model = cast(type[Resource[Any]], self._provider.model_for(kind))
        data = json.loads(row["resource"])
        if kind == "Group" and has_members:
            members = connection.execute(
                "SELECT account_id FROM account_group_member WHERE group_id = ?"
                " ORDER BY account_id",
                (row["id"],),
            )
            data["members"] = [_member(each["account_id"]) for each in members]
        found = model.model_validate(data)
        found.id = row["id"]
        found.meta = Meta(
            resource_type=kind,
            created=datetime.fromtimestamp(row["created_at"], UTC),
            last_modified=datetime.fromtimestamp(row["changed_at"], UTC),
            version=_version(row),
        )
        return found


def _member(account_id: str) -> dict[str, str]:
    return {"value": account_id, "type": "User", "$ref": f"Users/{account_id}"}


def _version(row: sqlite3.Row) -> str:
    return f'W/"{row["version"]}"'


def _row(
    connection: sqlite3.Connection, kind: str, resource_id: str, version: str | None = None
) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute(
        f"SELECT * FROM {_TABLES[kind]} WHERE id = ?",  # noqa: S608
        (resource_id,),
    ).fetchone()
    if row is None:
        raise NotFoundException(detail=f"there is no such {kind}")
    if version is not None and version != _version(row):
        raise PreconditionFailedException
    return row


def _columns(kind: str, resource: Resource[Any]) -> dict[str, object]:
    """What the application looks for, out of the resource, and the resource itself."""
    data = json.loads(resource.model_dump_json(exclude={"id", "meta", "members"}))
    kept = json.dumps(data, ensure_ascii=False)
    if kind == "Group":
        return {"name": str(data.get("displayName") or ""), "resource": kept}
    enterprise = data.get(_ENTERPRISE) or {}
    return {
        "username": _folded(data["userName"]),
        "sub": data.get("externalId") or None,
        "name": str(data.get("displayName") or data["userName"]),
        "title": str(data.get("title") or ""),
        "agency": str(enterprise.get("organization") or ""),
        "is_active": int(data.get("active") is not False),
        "resource": kept,
    }


def _folded(name: str) -> str:
    """Names are the same in whatever letters (userName is not caseExact)."""
    return unicodedata.normalize("NFKC", name).casefold()


def _insert(connection: sqlite3.Connection, kind: str, values: Mapping[str, object]) -> None:
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    with _unique():
        connection.execute(
            f"INSERT INTO {_TABLES[kind]} ({names}) VALUES ({marks})",  # noqa: S608
            dict(values),
        )


def _update(
    connection: sqlite3.Connection, kind: str, resource_id: str, values: Mapping[str, object]
) -> None:
    changes = ", ".join(f"{name} = :{name}" for name in values)
    with _unique():
        connection.execute(
            f"UPDATE {_TABLES[kind]} SET {changes} WHERE id = :id",  # noqa: S608
            {**values, "id": resource_id},
        )


@contextmanager
def _unique() -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise UniquenessException(detail="the name, or the person, has an account") from error


def _put_members(
    connection: sqlite3.Connection, kind: str, group_id: str, resource: Resource[Any]
) -> None:
    if kind != "Group":
        return
    members = getattr(resource, "members", None) or []
    wanted = {str(member.value) for member in members if member.value}
    rows = connection.execute(
        "SELECT account_id FROM account_group_member WHERE group_id = ?", (group_id,)
    )
    there = {row["account_id"] for row in rows}
    connection.executemany(
        "DELETE FROM account_group_member WHERE group_id = ? AND account_id = ?",
        [(group_id, each) for each in there - wanted],
    )
    connection.executemany(
        "INSERT INTO account_group_member (group_id, account_id) VALUES (?, ?)",
        [(group_id, each) for each in wanted - there],
    )


def _where(kind: str, condition: ScimFilter[Any] | None) -> tuple[str, Sequence[object]]:
    """The rows that a filter can mean; it is asked again of each."""
    node = condition.ast if condition is not None else None
    if kind != "User" or not isinstance(node, Comparison) or node.op != CompareOperator.eq:
        return "", ()
    column = "" if node.attr_path.sub_attr else _COLUMNS.get(node.attr_path.attr.lower(), "")
    if not column or not isinstance(node.value, str):
        return "", ()
    return f" WHERE {column} = ?", (_folded(node.value) if column == "username" else node.value,)


def _sort_key(wish: SearchRequest[Any], resource: Resource[Any]) -> tuple[bool, Any, str]:
    value = wish.sort_value(resource)
    return value is None, "" if value is None else value, str(resource.id)


def _leaves_out_members(wish: ResponseParameters[Any] | SearchRequest[Any] | None) -> bool:
    """Who is in a group is not read where nobody wants to know, and no filter looks at it."""
    excluded = {str(each) for each in getattr(wish, "excluded_attributes", None) or []}
    return "members" in excluded and "members" not in str(getattr(wish, "filter", "")).lower()
