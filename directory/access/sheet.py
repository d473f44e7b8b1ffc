"""A sheet that gives roles and takes them back: what its columns are, and what its lines mean.

Words of people become ids here, as far as they are the actor's to know: whoever is not answers as
somebody who does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from directory.access import errors
from directory.access.bulk import Line, Withdrawal
from directory.access.pasted import read_one
from directory.audit.sentences import Language
from directory.authz.applications import names_seen
from directory.authz.exclusions import Holder
from directory.authz.grant_lists import list_held
from directory.authz.grants import Grant, default_end
from directory.authz.places import list_agencies_within
from directory.authz.positions import list_open_positions
from directory.authz.roles import Role, list_roles
from directory.authz.scopes import Scope, holds_person
from directory.errors import AppError, ErrorCode, Invalid, Words
from directory.projection import queries
from directory.projection.queries import AgencyRow
from directory.sheets.limits import MEGABYTE, Limits
from directory.sheets.reading import SheetRow, SheetRows, Wanted
from directory.sheets.writing import Column, Listing
from directory.text import fold

# As many as somebody looks through before they are done.
MOST_LINES = 200
MOST_MEGABYTES = 2
MOST_BYTES = MOST_MEGABYTES * MEGABYTE
# A file that is somewhat larger still arrives, and is told so at its field.
MOST_BODY_BYTES = MOST_BYTES + MEGABYTE
# Far more than so many lines need; what is longer says so before it is read.
_LIMITS = Limits(
    file_bytes=MOST_BYTES, unpacked_bytes=32 * MEGABYTE, rows=5000, columns=60, seconds=5.0
)
_IN_BRACKETS = re.compile(r".*\(([^()]+)\)")
_GIVE = frozenset(("", "cap", "giao", "give"))
_WITHDRAW = frozenset(("thu hoi", "withdraw"))
COLUMNS = (
    Wanted("act", ("Việc cần làm", "Thao tác", "Action")),
    Wanted("holder", ("Tên đăng nhập", "Người giữ", "Người dùng", "User name", "Holder")),
    Wanted("position", ("Vị trí việc làm", "Vị trí", "Position")),
    Wanted("application", ("Ứng dụng", "Application"), is_required=True),
    Wanted("role", ("Vai trò", "Role"), is_required=True),
    Wanted("code", ("Mã cơ quan", "Agency code"), kind="code"),
    Wanted("place", ("Nơi áp dụng", "Cơ quan", "Đơn vị", "Place", "Agency")),
    Wanted("field", ("Lĩnh vực", "Field"), kind="code"),
    Wanted("procedure", ("Thủ tục", "Procedure"), kind="code"),
    Wanted("start", ("Từ ngày", "From", "First day"), kind="day"),
    Wanted("end", ("Đến hết ngày", "Đến ngày", "Until", "Last day"), kind="day"),
    Wanted("reason", ("Lý do", "Reason")),
    Wanted("basis", ("Căn cứ", "Basis", "Legal basis")),
)
_WIDTHS = {"holder": 24, "position": 24, "application": 28, "role": 24, "reason": 34, "basis": 28}
_TITLE = Words("Cấp và thu hồi quyền", "Roles to give and take back")
_HOW = Words(
    "Mỗi dòng một quyền, tối đa {most} dòng. Việc cần làm: Cấp hoặc Thu hồi, để trống là Cấp. "
    "Đến hết ngày để trống: theo thời hạn của vai trò.",
    "A line for each role, at most {most}. Action: Give or Withdraw, empty is Give. Last day "
    "empty: as the role says.",
)
_WHO = Words(
    "Cấp cho người thì ghi tên đăng nhập; cấp cho vị trí việc làm thì ghi tên vị trí và để trống "
    "tên đăng nhập.",
    "For a person write the user name; for a position write its name and leave the user name "
    "empty.",
)


@dataclass(frozen=True)
class ReadLine:
    """A row of the sheet, as the spreadsheet program numbers it, and what it asks; or why not."""

    row: int
    line: Line | None
    problems: Sequence[AppError] = ()


def read(raw: bytes, pasted: str) -> SheetRows:
    """As `directory.access.pasted.read_one`."""
    return read_one(raw, pasted, COLUMNS, _LIMITS)


def lines_of(tx: Connection, scope: Scope, sheet: SheetRows) -> Sequence[ReadLine]:
    """What each row asks. Raises Invalid(``bulk.too_many``)."""
    if len(sheet.rows) > MOST_LINES:
        raise Invalid(errors.BULK_TOO_MANY, count=len(sheet.rows), most=MOST_LINES)
    reader = _Reader(tx, scope, [row.values for row in sheet.rows if not row.faults])
    read = [_read(reader, row) for row in sheet.rows]
    return _once_each(read)


def _once_each(read: Sequence[ReadLine]) -> Sequence[ReadLine]:
    """The lines; one that says the same as an earlier one says so."""
    first: dict[object, int] = {}
    told = []
    for each in read:
        key = _key(each.line)
        if key is not None and key in first:
            error = Invalid(errors.LINE_TWICE, row=first[key])
            each = replace(each, line=None, problems=(error,))
        elif key is not None:
            first[key] = each.row
        told.append(each)
    return told


def _key(line: Line | None) -> object:
    if isinstance(line, Grant):
        return replace(line, reason="", basis="", start="", end="")
    return line


def _read(reader: _Reader, row: SheetRow) -> ReadLine:
    if row.faults:
        return ReadLine(row.number, None, [fault.error for fault in row.faults])
    try:
        return ReadLine(row.number, reader.line(row.values))
    except Invalid as error:
        return ReadLine(row.number, None, [error])


class _Reader:
    """Words of people, looked up for all rows at once."""

    def __init__(self, tx: Connection, scope: Scope, rows: Sequence[Mapping[str, str]]) -> None:
        self._tx, self._scope = tx, scope
        self._applications = names_seen(tx, scope)
        self._agencies = list_agencies_within(tx, scope)
        self._roles: dict[str, Sequence[Role]] = {}
        self._people = self._seen({_login(row["holder"]) for row in rows if row["holder"]})
        of_positions = [self._find_place(row) for row in rows if row["position"]]
        self._positions = list_open_positions(tx, {each.id for each in of_positions if each})
        withdrawing = [row for row in rows if fold(row["act"]) in _WITHDRAW]
        holders = {found for row in withdrawing if (found := self._find_holder(row))}
        self._held = list_held(tx, scope, holders)

    def line(self, values: Mapping[str, str]) -> Line:
        """What a row asks. Raises Invalid."""
        act = fold(values["act"])
        if act not in _GIVE | _WITHDRAW:
            raise Invalid(errors.LINE_ACT, value=values["act"][:40])
        role = self._role(values)
        place = self._place(values)
        kind, holder_id = self._holder(values, place)
        if act in _WITHDRAW:
            return self._standing(values, role, (kind, holder_id), place)
        if place is None:
            raise Invalid(errors.LINE_PLACE_MISSING)
        return Grant(
            application_id=role.application_id,
            role=role.name,
            holder_kind="position" if kind == "position" else "person",
            holder_id=holder_id,
            agency_id=place.id,
            reason=values["reason"],
            field=values["field"],
            procedure=values["procedure"],
            start=values["start"],
            end=values["end"]
            or default_end(self._tx, role.application_id, role.name, values["start"]),
            basis=values["basis"],
        )

    def _role(self, values: Mapping[str, str]) -> Role:
        asked = values["application"]
        found = [
            each
            for each, name in self._applications.items()
            if each == asked or fold(name) == fold(asked)
        ]
        if len(found) != 1:
            raise Invalid(errors.LINE_APPLICATION, value=asked[:80])
        roles = self._roles_of(found[0])
        asked = values["role"]
        for role in roles:
            if asked and fold(asked) in map(fold, (role.name, role.title_vi, role.title_en)):
                return role
        raise Invalid(
            errors.LINE_ROLE,
            application=self._applications[found[0]],
            value=asked[:80],
            roles=", ".join(role.title_vi for role in roles) or "–",
        )

    def _roles_of(self, application_id: str) -> Sequence[Role]:
        if application_id not in self._roles:
            self._roles[application_id] = list_roles(self._tx, application_id)
        return self._roles[application_id]

    def _place(self, values: Mapping[str, str]) -> AgencyRow | None:
        code, name = values["code"], values["place"]
        asked = code or name
        if not asked:
            return None
        by_code = [each for each in self._agencies if each.code and fold(each.code) == fold(asked)]
        found = by_code or ([] if code else [a for a in self._agencies if _is_called(a, name)])
        if len(found) == 1:
            return found[0]
        problem = errors.LINE_PLACE_SEVERAL if found else errors.LINE_PLACE
        raise Invalid(problem, value=asked[:80])

    def _holder(self, values: Mapping[str, str], place: AgencyRow | None) -> Holder:
        if values["holder"] and values["position"]:
            raise Invalid(errors.LINE_HOLDER_TWICE)
        if values["holder"]:
            return "person", self._person(values["holder"])
        if not values["position"]:
            raise Invalid(errors.LINE_HOLDER_MISSING)
        if place is None:
            raise Invalid(errors.LINE_PLACE_MISSING)
        return "position", self._position(values["position"], place)

    def _find_place(self, values: Mapping[str, str]) -> AgencyRow | None:
        try:
            return self._place(values)
        except Invalid:
            return None  # said at its row

    def _find_holder(self, values: Mapping[str, str]) -> Holder | None:
        try:
            return self._holder(values, self._place(values))
        except Invalid:
            return None

    def _person(self, told: str) -> str:
        login = _login(told)
        if login not in self._people:
            raise Invalid(errors.LINE_PERSON, value=login[:80])
        return self._people[login]

    def _seen(self, logins: Collection[str]) -> Mapping[str, str]:
        """The ids of those of the people who are the actor's to know, by how they are called."""
        found = queries.find_people_by_login(self._tx, logins)
        queries.read_placed_people(self._tx, {each.id for each in found.values()})
        return {
            login: each.id
            for login, each in found.items()
            if holds_person(self._tx, self._scope, each.id, writing=False)
        }

    def _position(self, name: str, place: AgencyRow) -> str:
        among = self._positions[place.id]
        found = [each for each in among if fold(each.name) == fold(name)]
        if len(found) == 1:
            return found[0].id
        problem: ErrorCode = errors.LINE_POSITION_SEVERAL if found else errors.LINE_POSITION
        raise Invalid(problem, value=name[:80], place=place.name)

    def _standing(
        self,
        values: Mapping[str, str],
        role: Role,
        holder: Holder,
        place: AgencyRow | None,
    ) -> Withdrawal:
        found = [
            each
            for each in self._held[holder]
            if (each.application_id, each.role) == (role.application_id, role.name)
            and (place is None or each.agency_id == place.id)
            and values["field"] in ("", each.field)
            and values["procedure"] in ("", each.procedure)
        ]
        if not found:
            raise Invalid(errors.LINE_NOT_HELD)
        if len(found) > 1:
            raise Invalid(errors.LINE_HELD_SEVERAL, count=len(found))
        return Withdrawal(found[0].id)


def _login(told: str) -> str:
    in_brackets = _IN_BRACKETS.fullmatch(told)
    return in_brackets[1] if in_brackets else told


def _is_called(agency: AgencyRow, name: str) -> bool:
    return fold(name) in (fold(agency.name), fold(agency.short_name or ""))


def template(language: Language) -> Listing:
    """A sheet to fill in: nothing but its headings, each as wide as what it takes."""
    place = 0 if language == "vi" else -1
    return Listing(
        title=_TITLE.filled(language, {}),
        notes=(_HOW.filled(language, {"most": MOST_LINES}), _WHO.filled(language, {})),
        columns=[Column(column.words[place], _WIDTHS.get(column.name, 16)) for column in COLUMNS],
        rows=(),
        count=0,
    )
