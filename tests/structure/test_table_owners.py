"""Tables are reached by the component that owns them; whoever else wants to know asks it.

So a table can change with its owner alone. Where one query over the tables of several components is
the right answer, `JOINS` says why.
"""

from __future__ import annotations

import pytest

from admin_ui.components import COMPONENTS
from tests.support.sources import Sources, imported, parsed, read_sources

pytestmark = pytest.mark.without_sql

_SCOPED = "what an actor may see is part of the query: counts and pages are scoped at the source"
_STANDING = "one query says whether person, session and application still stand, for every request"

# (module, whose tables it reads): why
JOINS = {
    ("idp.factor_policy.decision", "directory.projection"): "which people are gone",
    ("directory.passwords.history", "directory.projection"): "which people are gone",
    ("directory.authz.scopes", "directory.projection"): _SCOPED,
    ("directory.authz.decisions", "directory.projection"): _SCOPED,
    ("directory.authz.roles", "directory.projection"): _SCOPED,
    ("directory.authz.places", "directory.projection"): _SCOPED,
    ("directory.authz.entrants", "directory.projection"): "one count over grants, posts and people",
    ("directory.authz.naming", "directory.projection"): "what grants are called, in one statement",
    ("directory.authz.exclusions", "directory.projection"): "whom a holder stands for, with names",
    ("directory.authz.explaining", "directory.projection"): "what a grant is, with names, at once",
    ("directory.authz.grant_lists", "directory.projection"): _SCOPED,
    ("directory.authz.position_lists", "directory.projection"): _SCOPED,
    ("directory.authz.staffing", "directory.projection"): _SCOPED,
    ("directory.people.listing", "directory.projection"): _SCOPED,
    ("directory.people.unused", "directory.projection"): _SCOPED,
    ("directory.people.absences", "directory.projection"): "who of the people asked about is away",
    ("directory.people.unused_warnings", "directory.projection"): "who stands and was not warned",
    ("directory.access.reminders", "directory.authz"): "whose roles end and who was not told so",
    ("idp.sessions.liveness", "directory.projection"): _STANDING,
    ("idp.sessions.store", "directory.projection"): _STANDING,
    ("idp.devices.store", "directory.projection"): _STANDING,
    ("idp.slips.store", "directory.projection"): _STANDING,
    ("idp.recovery.links", "directory.projection"): _STANDING,
    ("idp.factors.certificate.leaving", "directory.projection"): _STANDING,
    ("idp.factors.certificate.listing", "directory.projection"): _SCOPED,
    ("idp.oidc.liveness", "directory.projection"): _STANDING,
    ("idp.oidc.liveness", "directory.authz"): _STANDING,
    ("idp.oidc.liveness", "idp.sessions"): _STANDING,
    ("idp.oidc.liveness", "directory.release"): _STANDING,
    ("admin_ui.console.sessions", "idp.sessions"): _STANDING,
    ("admin_ui.console.sessions", "directory.projection"): "a session with whose it is, at once",
    ("sync.engine.listing", "directory.projection"): _SCOPED,
    ("sync.engine.listing", "directory.authz"): _SCOPED,
    ("sync.engine.account_listing", "directory.projection"): _SCOPED,
    ("sync.retention", "directory.intents"): "an intent goes when the feed has judged its entry",
    ("sync.retention", "directory.ldap_clients"): "their intents go when they are old",
    ("sync.retention", "sync.feed"): "an intent goes when the feed has judged its entry",
    ("admin_ui.operations.seed.loading", "directory.authz"): "a demo's first rows, in bulk",
    ("admin_ui.operations.seed.loading", "directory.intents"): "a demo's first rows, in bulk",
}

OWNERS = {module: each.package for each in COMPONENTS for module in each.tables_in}


def _reached(sources: Sources) -> set[tuple[str, str]]:
    """(module, owner) of every module that imports the tables of a component it is no part of."""
    return {
        (name, OWNERS[module])
        for name, text in sources.items()
        for module in imported(parsed(text), sources)
        if module in OWNERS and not name.startswith(f"{OWNERS[module]}.")
    }


def test_tables_are_reached_by_their_owner_and_by_joins_with_a_reason() -> None:
    assert _reached(read_sources()) == set(JOINS)


@pytest.mark.parametrize(
    ("module", "planted"),
    [
        ("web.metrics.store", "from directory.outbox.tables import outbox"),
        ("admin_ui.operations.doctor", "def late():\n    import directory.audit.tables"),
        ("idp.flows.store", "from idp.sessions import tables"),
    ],
)
def test_another_reach_is_found(module: str, planted: str) -> None:
    sources = read_sources()
    found = _reached({**sources, module: f"{sources[module]}\n{planted}\n"})
    assert [name for name, _ in found - _reached(sources)] == [module]
