"""The table of claims, in a page that is written by hand around it."""

from __future__ import annotations

from collections.abc import Iterator

from directory.catalogue.facts import FACTS
from docs.generate.markdown import code, in_page, table
from idp.oidc.claims import CLAIMS_OF_SCOPE, MEANING, OF_ROLES, ROLES_AT

_HEADS = (
    "scope",
    "claim",
    "what it is",
    "fact of the person",
    "ID token",
    "userinfo, introspection",
    "access token",
)
_YES = "●"
_OR_ROLES_AT = f"{_YES} or `{ROLES_AT}`"


def write() -> str:
    return in_page("docs/reference/claims.md", table(_HEADS, _rows()))


def _rows() -> Iterator[tuple[str, ...]]:
    facts = {fact.claim: fact.name for fact in FACTS if fact.claim}
    for scope, names in CLAIMS_OF_SCOPE.items():
        for name in names:
            fact = code(facts.get(name, ""))
            yield code(scope), code(name), MEANING[name], fact, *_where(name)
    yield "", code(ROLES_AT), MEANING[ROLES_AT], "", *_where(ROLES_AT)


def _where(name: str) -> tuple[str, str, str]:
    """In the ID token, in userinfo and introspection, in the access token (`idp.oidc.tokens`)."""
    if name in OF_ROLES:
        return _OR_ROLES_AT, _YES, _OR_ROLES_AT
    if name == ROLES_AT:
        return _YES, "", _YES
    return _YES, _YES, ""
