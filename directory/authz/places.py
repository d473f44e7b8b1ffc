"""The agencies somebody may choose from, where they may do something."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from directory.authz.scopes import Scope, within
from directory.projection.queries import AGENCY_COLUMNS, AgencyRow
from directory.projection.tables import catalogue_agency

_MOST = 2000


def list_agencies_within(tx: Connection, scope: Scope) -> Sequence[AgencyRow]:
    """The living agencies of the scope, and its tops though they be units, as they are listed."""
    columns = catalogue_agency.c
    is_chosen = columns.kind == "agency"
    query = select(*AGENCY_COLUMNS).where(columns.status == "active")
    if not scope.everywhere:
        query = query.where(columns.id.in_(within(scope.roots)))
        is_chosen = is_chosen | columns.id.in_(scope.roots)
    query = query.where(is_chosen).order_by(columns.precedence, columns.sort_key, columns.id)
    return [AgencyRow(*row) for row in tx.execute(query.limit(_MOST)).all()]
