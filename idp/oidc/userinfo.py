"""GET and POST /userinfo: the claims of the person behind a token (OIDC Core section 5.3)."""

from __future__ import annotations

from flask import Response, request

from directory.errors import Unavailable
from idp.keys.jose import Refused
from idp.oidc.bearer import LiveToken, find_live_token
from idp.oidc.claims import userinfo_claims
from idp.oidc.machine_endpoints import error_response, json_response
from idp.oidc.parameters import FORM, Malformed
from idp.oidc.received import read_form
from web.current import current_installation


class _NoToken(Exception):
    """The request brings no token at all (RFC 6750 section 3.1: say nothing more)."""


def userinfo_endpoint() -> Response:
    """The claims that the token's scope opens, as plain JSON."""
    installation = current_installation()
    try:
        token = _read_token()
        with installation.database.read() as tx:
            live = find_live_token(installation, tx, token)
        _check_audience(live, installation.settings.issuer)
    except _NoToken:
        return _challenge(401)
    except Malformed as problem:
        return _challenge(problem.status, "invalid_request", problem.problem)
    except Refused:
        return _challenge(401, "invalid_token", "The access token is not valid here.")
    except Unavailable:
        return error_response(503, "temporarily_unavailable", "Try again shortly.")
    if "openid" not in live.scope.split():
        return _challenge(403, "insufficient_scope", "The scope openid is needed.")
    return json_response(200, userinfo_claims(live.claims["sub"], live.about, live.scope))


def _read_token() -> str:
    found = []
    header = request.headers.get("Authorization", "")
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        found.append(rest.strip())
    has_body = request.content_length or "Transfer-Encoding" in request.headers
    if request.method == "POST" and request.mimetype == FORM and has_body:
        form = read_form()
        if form.repeated:
            raise Malformed(400, "A parameter is repeated.")
        if "access_token" in form:
            found.append(form["access_token"])
    # Never in the query string: addresses end up in logs (RFC 6750 section 2.3).
    if len(found) > 1:
        raise Malformed(400, "More than one access token.")
    if not found or not found[0]:
        raise _NoToken
    return found[0]


def _check_audience(live: LiveToken, issuer: str) -> None:
    audience = live.claims["aud"]
    if issuer not in (audience if isinstance(audience, list) else [audience]):
        raise Refused("not for us")


def _challenge(status: int, error: str = "", description: str = "") -> Response:
    realm = 'Bearer realm="danhmuc"'
    if not error:
        return json_response(status, {}, {"WWW-Authenticate": realm})
    response = error_response(status, error, description)
    response.headers["WWW-Authenticate"] = (
        f'{realm}, error="{error}", error_description="{description}"'
    )
    return response
