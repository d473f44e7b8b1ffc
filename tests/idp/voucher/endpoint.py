"""POST /voucher: an application that has said who it is gets one."""

from __future__ import annotations

from flask import Response

from idp.clients.model import AUTH_METHODS
from idp.oidc.client_authentication import authenticate
from idp.oidc.engine import Answer
from idp.oidc.machine_endpoints import answer_client
from idp.oidc.token_request import TokenRequest
from tests.idp.voucher.vouchers import life_s, make


def voucher_endpoint() -> Response:
    """A voucher, and how long it is good."""
    return answer_client(_give, writes=False)


def _give(request: TokenRequest) -> Answer:
    client = authenticate(request, AUTH_METHODS)
    voucher = make(request.installation.keyring, client)
    return Answer(200, {"voucher": voucher, "expires_in": life_s(client)}, {})
