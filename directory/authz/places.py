"""The agencies somebody may choose from, where they may do something."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from directory.authz.scopes import Scope, within
from directory.projection.queries import AGENCY_COLUMNS, AgencyRow
from directory.projection.tables import catalogue_agency, catalogue_tree
from directory.text import fold

_MOST = 2000


def list_named_within(tx: Connection, scope: Scope, text: str, most: int) -> Sequence[AgencyRow]:
    """Agencies and units of the scope with the text in their names, or that are called it by code
    or id; the higher first."""
    columns = catalogue_agency.c
    is_called = (columns.code == text.upper()) | (columns.id == text)
    fits = columns.search_key.contains(fold(text), autoescape=True) | is_called
    query = select(*AGENCY_COLUMNS).where(fits, columns.status == "active")
    if not scope.everywhere:
        query = query.where(columns.id.in_(within(scope.roots)))
    query = query.order_by(columns.precedence, columns.sort_key, columns.id).limit(most)
    return [AgencyRow(*row) for row in tx.execute(query).all()]


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


def list_units_of(tx: Connection, agency_id: str) -> Sequence[AgencyRow]:
    """The living units of an agency, whose agencies below have units of their own."""
    columns = catalogue_agency.c
    under = within((agency_id,))
    agencies_below = select(columns.id).where(
        columns.kind == "agency", columns.id.in_(under), columns.id != agency_id
    )
    of_others = select(catalogue_tree.c.descendant_id).where(
        catalogue_tree.c.ancestor_id.in_(agencies_below)
    )
    query = (
        select(*AGENCY_COLUMNS)
        .where(columns.status == "active", columns.kind == "unit")
        .where(columns.id.in_(under), columns.id.not_in(of_others))
        .order_by(columns.precedence, columns.sort_key, columns.id)
    )
    return [AgencyRow(*row) for row in tx.execute(query.limit(_MOST)).all()]


def way_within(tx: Connection, scope: Scope, place_id: str) -> Sequence[AgencyRow]:
    """The places of the scope from its top down to `place_id`; none when it lies outside."""
    tree = catalogue_tree.c
    query = (
        select(*AGENCY_COLUMNS)
        .join(catalogue_tree, tree.ancestor_id == catalogue_agency.c.id)
        .where(tree.descendant_id == place_id)
        .order_by(tree.depth.desc())
    )
    if not scope.everywhere:
        query = query.where(catalogue_agency.c.id.in_(within(scope.roots)))
    return [AgencyRow(*row) for row in tx.execute(query).all()]
