"""What a component declares of OpenID Connect: rows and plain data, like all of its `component.py`.

`idp.oidc` makes the token endpoint, the discovery document, CORS and the limits of requests of
what the components of an application declare.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from directory.component import Component, Feature, Route, routes_of
from idp.clients.metadata import ReadField, Registration


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests at once, then so many a second."""

    burst: int
    per_second: float


@dataclass(frozen=True)
class Endpoint(Route):
    """An address that applications call, or send browsers to.

    `discovery`: the member of the discovery document that names it. `rate`: how many requests one
    network may send. `is_read_by_pages`: pages of registered browser applications may read its
    answers (CORS).
    """

    discovery: str = ""
    rate: Rate | None = None
    is_read_by_pages: bool = False


@dataclass(frozen=True)
class Grant:
    """One `grant_type` of the token endpoint. `work`: a grant of Authlib's, as
    ``package.module:Class``. `confidential_only`: for clients that can keep a secret."""

    name: str
    work: str
    confidential_only: bool = False


@dataclass(frozen=True)
class OidcFeature(Feature):
    """`discovery`: members of the discovery document beside those of its endpoints and grants; a
    list is added to what others say under the same name. `client_metadata`: what may be registered
    of a client besides, each with what reads it (`idp.clients.metadata`)."""

    grants: tuple[Grant, ...] = ()
    discovery: Mapping[str, Any] = field(default_factory=dict)
    client_metadata: Mapping[str, ReadField] = field(default_factory=dict)


def features_of(components: Iterable[Component]) -> tuple[OidcFeature, ...]:
    """Every one they declare."""
    features = (feature for component in components for feature in component.features)
    return tuple(feature for feature in features if isinstance(feature, OidcFeature))


def endpoints_of(components: Iterable[Component]) -> tuple[Endpoint, ...]:
    """Every endpoint they declare."""
    routes = routes_of(components, "issuer")
    return tuple(route for route in routes if isinstance(route, Endpoint))


def registration_of(components: Iterable[Component]) -> Registration:
    """What may be registered of a client."""
    features = features_of(components)
    grants = [grant for feature in features for grant in feature.grants]
    return Registration(
        grant_types=tuple(grant.name for grant in grants),
        confidential_only=frozenset(grant.name for grant in grants if grant.confidential_only),
        fields={k: read for feature in features for k, read in feature.client_metadata.items()},
    )
