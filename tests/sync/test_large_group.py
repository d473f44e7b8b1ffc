"""A group of twenty thousand: who joins or leaves costs one small request, whatever its size."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from directory.people import service
from tests.support.installation import OPERATOR
from tests.sync.kept_accounts import Sync
from tests.sync.scim_server import Asked, answers

MEMBERS = 20_000
ID = "nhom-1"
GROUP = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Văn thư"}
WHOLE = 70 * MEMBERS  # about what its members take as JSON
_LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


class LargeGroup:
    """The group, before a server that keeps the accounts. It tells all of itself wherever it may:
    in a list that does not leave members out, and in the answer to a change (RFC 7644 section
    3.5.2), of which it notes how much is taken."""

    def __init__(self) -> None:
        self.members = {f"ai-{n}" for n in range(MEMBERS)}
        self.asked: list[tuple[str, int]] = []
        self.told = 0

    def answer(self, asked: Asked) -> Any:
        if not asked.path.startswith("/Groups"):
            return None
        self.asked.append((asked.method, len(json.dumps(asked.body)) if asked.body else 0))
        if asked.method == "GET" and "excludedAttributes=members" in asked.query:
            page = {"schemas": [_LIST], "totalResults": 1, "Resources": [{**GROUP, "id": ID}]}
            return answers("200 OK", json.dumps(page).encode())
        if asked.method == "PATCH" and asked.path == f"/Groups/{ID}":
            (operation,) = asked.body["Operations"]
            if operation["op"] == "add":
                self.members |= {each["value"] for each in operation["value"]}
            else:
                self.members -= {json.loads(operation["path"][len("members[value eq ") : -1])}
        return "200 OK", [("Content-Type", "application/scim+json")], self._all()

    def _all(self) -> Iterator[bytes]:
        """Much more than anybody reads."""
        piece = b'{"members": [' + b'{"value": "nguoi"},' * 3000
        for _ in range(60 * WHOLE // len(piece)):
            self.told += len(piece)
            yield piece


def test_nobody_reads_or_sends_all_of_a_group_for_one_member(sync: Sync) -> None:
    group = LargeGroup()
    sync.server.before = group.answer
    people = [sync.joiner() for _ in range(5)]
    sync.run()
    assert [sync.state(each).state for each in people] == ["in_step"] * 5
    ids = [str(sync.state(each).remote_id) for each in people]
    assert len(group.members) == MEMBERS + 5
    assert group.members >= set(ids)
    for person in people[:2]:
        service.suspend(sync.installation, OPERATOR, person.id, "nghỉ việc")
    sync.run()
    assert group.members & set(ids) == set(ids[2:])
    methods = [method for method, _ in group.asked]
    assert methods.count("PATCH") == 7
    assert set(methods) == {"GET", "PATCH"}
    assert methods.count("GET") <= 3, "it is looked for once in a turn"
    assert max(size for _, size in group.asked) < 300
    # What stands in buffers between the two is not read either.
    assert group.told / 7 < 10 * WHOLE, "it ends when nobody takes any more"
