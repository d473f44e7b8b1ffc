"""Reading client metadata (RFC 7591, OpenID Connect Registration): what we accept, one field a row.

Grant types, and fields of one feature alone, are declared by components (`idp.feature`).
Members we do not know are dropped with a warning, as RFC 7591 section 2 asks. Members that would
ask for protection we cannot give are refused: dropping those would weaken the application silently.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from directory.errors import Invalid
from directory.text import clean
from idp.clients.errors import (
    CLIENT_JWKS,
    CLIENT_JWKS_MISSING,
    CLIENT_NAME,
    CLIENT_NOT_A_FLAG,
    CLIENT_NOT_A_LIST,
    CLIENT_NOT_A_NUMBER,
    CLIENT_NOT_OFFERED,
    CLIENT_PUBLIC_WITHOUT_PERSON,
    CLIENT_REDIRECT_URI_MISSING,
    CLIENT_RESOURCE,
    CLIENT_UNSUPPORTED,
)
from idp.clients.model import (
    AUTH_METHODS,
    CONFIDENTIAL_METHODS,
    SCOPES,
    SECRET_METHODS,
)
from idp.clients.uris import check_redirect_uri, check_web_uri
from idp.keys.jose import ALGORITHMS, Refused, load_public_jwk
from idp.levels import LEVELS

_NOT_OURS = {"client_id", "client_secret", "client_id_issued_at", "client_secret_expires_at"}
# Asked for by some clients: refused by name, unless a component declares the field.
_CANNOT_HONOUR = {
    "jwks_uri": "",
    "sector_identifier_uri": "",
    "id_token_encrypted_response_alg": "",
    "userinfo_signed_response_alg": "",
    "userinfo_encrypted_response_alg": "",
    "require_pushed_authorization_requests": False,
    "require_signed_request_object": False,
    "dpop_bound_access_tokens": False,
    "tls_client_certificate_bound_access_tokens": False,
    "subject_type": "public",
}
_MAX_URIS = 50
_MAX_KEYS = 10
_DEFAULT_SCOPE = "openid profile email org roles"


@dataclass(frozen=True, slots=True)
class Reading:
    """Complete, normal metadata, and what was dropped on the way (sentences for the operator)."""

    metadata: dict[str, Any]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """What is being read. Readers of fields add to `warnings` what they drop."""

    raw: Mapping[str, Any]
    registration: Registration
    loopback: bool
    warnings: list[str]

    @property
    def is_native(self) -> bool:
        """Whether the application is installed on a computer or telephone (RFC 8252)."""
        return self.raw.get("application_type") == "native"


ReadField = Callable[[Source, str], Any]
"""Gives the checked value of a field, or its default where the source has none."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What components declare of registrations (`idp.feature.registration_of`).

    `grant_types`: all there are; `confidential_only`: those of them for clients that can keep a
    secret. `fields`: beside, or instead of, those of every client.
    """

    grant_types: tuple[str, ...]
    confidential_only: frozenset[str]
    fields: Mapping[str, ReadField]


def read_metadata(raw: Mapping[str, Any], registration: Registration, *, loopback: bool) -> Reading:
    """Check `raw` and fill in defaults. Raises `Invalid` whose `field` names the member at fault.

    `loopback`: accept plain http on loopback, as in a demo state.
    """
    source = Source(raw, registration, loopback, [])
    fields = {**_FIELDS, **registration.fields}
    _refuse_what_nobody_honours(raw, registration.fields)
    metadata = {name: read(source, name) for name, read in fields.items()}
    for name in sorted(set(raw) - set(fields) - _NOT_OURS - set(_CANNOT_HONOUR)):
        source.warnings.append(f"{name[:80]} is not supported and was dropped")
    _check_together(metadata, registration)
    return Reading(metadata, tuple(source.warnings))


def faults_of(
    raw: Mapping[str, Any], registration: Registration, *, loopback: bool
) -> list[Invalid]:
    """All that is wrong with `raw`, for somebody who is writing it; nothing when `read_metadata`
    takes it."""
    source, faults = Source(raw, registration, loopback, []), []
    for name, read in {**_FIELDS, **registration.fields}.items():
        try:
            read(source, name)
        except Invalid as fault:
            faults.append(fault)
    if not faults:
        try:
            read_metadata(raw, registration, loopback=loopback)
        except Invalid as fault:
            faults.append(fault)
    return faults


def _refuse_what_nobody_honours(raw: Mapping[str, Any], declared: Collection[str]) -> None:
    for name, harmless in _CANNOT_HONOUR.items():
        if name not in declared and raw.get(name) not in (None, harmless):
            raise Invalid(CLIENT_UNSUPPORTED, field=name)


def _check_together(metadata: Mapping[str, Any], registration: Registration) -> None:
    grants = metadata["grant_types"]
    if "authorization_code" in grants and not metadata["redirect_uris"]:
        raise Invalid(CLIENT_REDIRECT_URI_MISSING, field="redirect_uris")
    alone = next((grant for grant in grants if grant in registration.confidential_only), "")
    if alone and is_public(metadata):
        raise Invalid(CLIENT_PUBLIC_WITHOUT_PERSON, field="grant_types", grant_type=alone)
    if not is_public(metadata) and not needs_secret(metadata) and not metadata["jwks"]["keys"]:
        raise Invalid(CLIENT_JWKS_MISSING, field="jwks")


def _name(source: Source, field: str) -> str:
    value = source.raw.get(field) or source.raw.get("client_id")
    if not isinstance(value, str) or not clean(value) or len(value) > 200:
        raise Invalid(CLIENT_NAME, field=field)
    if not clean(value).isprintable():
        raise Invalid(CLIENT_NAME, field=field)
    return clean(value)


def _redirect_uris(source: Source, field: str) -> list[str]:
    native = source.is_native
    return [
        check_redirect_uri(field, uri, native=native, loopback=source.loopback)
        for uri in _list(source, field)
    ]


def read_web_uri(source: Source, field: str) -> str:
    """An https address; empty where nothing is said."""
    value = source.raw.get(field)
    return "" if value in (None, "") else check_web_uri(field, value, loopback=source.loopback)


def _list(source: Source, field: str) -> list[Any]:
    value = source.raw.get(field)
    if value is None:
        return []
    if not isinstance(value, list | tuple) or len(value) > _MAX_URIS:
        raise Invalid(CLIENT_NOT_A_LIST, field=field)
    return list(dict.fromkeys(value)) if all(isinstance(v, str) for v in value) else list(value)


def one_of(default: str, allowed: tuple[str, ...]) -> Callable[[Source, str], str]:
    """Reads one of these words."""

    def read(source: Source, field: str) -> str:
        value = source.raw.get(field) or default
        if value not in allowed:
            raise Invalid(CLIENT_NOT_OFFERED, field=field, value=str(value)[:80])
        return str(value)

    return read


def some_of(default: str, allowed: tuple[str, ...]) -> Callable[[Source, str], list[str]]:
    """Reads a list of these words."""

    def read(source: Source, field: str) -> list[str]:
        values = _list(source, field) or [default]
        for value in values:
            if value not in allowed:
                raise Invalid(CLIENT_NOT_OFFERED, field=field, value=str(value)[:80])
        return [str(value) for value in values]

    return read


def _grant_types(source: Source, field: str) -> list[str]:
    return some_of("authorization_code", source.registration.grant_types)(source, field)


def _scope(source: Source, field: str) -> str:
    value = source.raw.get(field)
    if value is None or value == "":
        value = _DEFAULT_SCOPE
    words = value if isinstance(value, list | tuple) else str(value).split()
    for unknown in dict.fromkeys(word for word in words if word not in SCOPES):
        source.warnings.append(f"scope {str(unknown)[:80]} is unknown and was dropped")
    return " ".join(scope for scope in SCOPES if scope in words)


def _jwks(source: Source, field: str) -> dict[str, Any]:
    value = source.raw.get(field)
    if value is None:
        return {"keys": []}
    keys = value.get("keys") if isinstance(value, Mapping) else None
    if not isinstance(keys, list) or len(keys) > _MAX_KEYS:
        raise Invalid(CLIENT_JWKS, field=field, reason="it must be a JWK Set of at most 10 keys")
    try:
        for jwk in keys:
            load_public_jwk(jwk)
    except Refused as error:
        raise Invalid(CLIENT_JWKS, field=field, reason=str(error)) from None
    return {"keys": keys}


def read_flag(source: Source, field: str) -> bool:
    """true or false; false where nothing is said."""
    value = source.raw.get(field, False)
    if not isinstance(value, bool):
        raise Invalid(CLIENT_NOT_A_FLAG, field=field)
    return value


def read_seconds(source: Source, field: str) -> int | None:
    """A number of seconds; None where nothing is said."""
    value = source.raw.get(field)
    if value is None:
        return None
    if type(value) is not int or not 0 <= value < 2**31:
        raise Invalid(CLIENT_NOT_A_NUMBER, field=field)
    return value


def _levels(source: Source, field: str) -> list[str]:
    """Levels of authentication, the most wanted first; those of others we cannot keep."""
    values = _list(source, field)
    if not all(value in LEVELS for value in values):
        raise Invalid(CLIENT_UNSUPPORTED, field=field)
    return values


def _contacts(source: Source, field: str) -> list[str]:
    values = _list(source, field)
    if not all(isinstance(v, str) and len(v) <= 254 and v.isprintable() for v in values):
        raise Invalid(CLIENT_NOT_A_LIST, field=field)
    return values


def _resources(source: Source, field: str) -> list[str]:
    values = _list(source, field)
    for value in values:
        if not isinstance(value, str) or not 0 < len(value) <= 200 or not value.isascii():
            raise Invalid(CLIENT_RESOURCE, field=field)
        if not value.isprintable() or " " in value or "#" in value:  # RFC 8707 section 2
            raise Invalid(CLIENT_RESOURCE, field=field)
    return values


_FIELDS: dict[str, ReadField] = {
    "application_type": one_of("web", ("web", "native")),
    "client_name": _name,
    "client_uri": read_web_uri,
    "logo_uri": read_web_uri,
    "policy_uri": read_web_uri,
    "tos_uri": read_web_uri,
    "contacts": _contacts,
    "redirect_uris": _redirect_uris,
    "post_logout_redirect_uris": _redirect_uris,
    "initiate_login_uri": read_web_uri,
    "backchannel_logout_uri": read_web_uri,
    "backchannel_logout_session_required": read_flag,
    "grant_types": _grant_types,
    "response_types": some_of("code", ("code",)),
    "scope": _scope,
    "token_endpoint_auth_method": one_of("client_secret_basic", AUTH_METHODS),
    "token_endpoint_auth_signing_alg": one_of("", ("", *ALGORITHMS)),
    "jwks": _jwks,
    # RFC 7591 metadata that names no algorithm means RS256 (OIDC Registration section 2).
    "id_token_signed_response_alg": one_of("RS256", ALGORITHMS),
    "subject_type": one_of("public", ("public",)),
    "default_max_age": read_seconds,
    "default_acr_values": _levels,
    "require_auth_time": read_flag,
    # Ours: the resource servers this client may ask tokens for (RFC 8707).
    "resources": _resources,
    # Ours: client assertions name the issuer alone and live five minutes at most (FAPI 2.0).
    "strict_assertions": read_flag,
}


def is_public(metadata: Mapping[str, Any]) -> bool:
    """Whether a client with this metadata cannot keep a secret (RFC 6749 section 2.1)."""
    return metadata["token_endpoint_auth_method"] not in CONFIDENTIAL_METHODS


def needs_secret(metadata: Mapping[str, Any]) -> bool:
    """Whether a client with this metadata authenticates with a secret."""
    return metadata["token_endpoint_auth_method"] in SECRET_METHODS
