"""An authorization request gone over as /authorize does, with all faults at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from sqlalchemy import Connection

from directory.errors import Words
from directory.ids import new_secret
from directory.installation import Installation
from idp import paths
from idp.clients.model import Client
from idp.oidc.checks.order import CHECKS
from idp.oidc.diagnosis import Fault, explain, reason_of, received_of
from idp.oidc.parameters import Malformed, Parameters, cut_hints, parse
from idp.oidc.request_under_check import AuthorizationRequest
from idp.oidc.text import order_scopes
from web.urls import absolute

LONGEST_ADDRESS = 16_000
_OTHER_ADDRESS = Words(
    "Địa chỉ không phải địa chỉ đăng nhập của hệ thống này",
    "The address is not that of the sign-in here",
)
_TAKE_ISSUER = Words(
    "Lấy địa chỉ đăng nhập từ tài liệu discovery của hệ thống, không ghi tay.",
    "Let the application take it from the discovery document, instead of writing it down.",
)
_MALFORMED = Words("Các tham số không đọc được", "The parameters cannot be read")
_ENCODE = Words(
    "Các tham số phải được mã hóa phần trăm (UTF-8), mỗi tham số một lần.",
    "Parameters must be percent-encoded UTF-8, each of them once.",
)
_OTHER_CLIENT = Words("Yêu cầu của một ứng dụng khác", "The request of another application")
_CORRECT_ID = Words(
    "Ghi lại client_id trong cấu hình của ứng dụng cho đúng.",
    "Correct the client_id in the application's settings.",
)


@dataclass(frozen=True)
class Examination:
    """A request, and all that is wrong with it."""

    parameters: Mapping[str, str]
    faults: Sequence[Fault]


def find_faults(asked: AuthorizationRequest) -> list[Fault]:
    """What the checks of /authorize refuse, one after another; nothing is answered or recorded."""
    faults = []
    for check in CHECKS:
        try:
            check.run(asked)
        except OAuth2Error as error:
            client = asked.client if asked.is_client_known() else None
            received = received_of(asked.parameters, check.parameter)
            if check.parameter == "":
                received = ", ".join(
                    sorted(asked.parameters.repeated & set(asked.known_parameters()))
                )
            reason = reason_of(error)
            faults.append(explain(client, reason, error.error, check.parameter, received))
            if client is None:
                return faults
            if check.parameter == "redirect_uri":
                # For the checks that follow; one that is registered, never the one received.
                asked.redirect_uri = next(iter(client.redirect_uris), "")
    return faults


def examine_registered(installation: Installation, tx: Connection, client: Client) -> Examination:
    """The request that an application makes which is set up as it is registered."""
    parameters = {
        "client_id": client.id,
        "response_type": "code",
        "redirect_uri": next(iter(client.redirect_uris), ""),
        "scope": order_scopes(client.scopes),
        "nonce": new_secret(16),
        "code_challenge": create_s256_code_challenge(new_secret()),
        "code_challenge_method": "S256",
    }
    asked = Parameters(parameters, frozenset())
    return _examined(installation, tx, asked, [])


def examine_address(
    installation: Installation, tx: Connection, client: Client, address: str
) -> Examination:
    """The request that an application sent a browser with, as its address says it."""
    expected = absolute(installation.settings, paths.AUTHORIZE)
    try:
        where, query = _parted(address[:LONGEST_ADDRESS])
        parameters = cut_hints(parse(query.encode(errors="replace")))
    except (Malformed, ValueError):
        fault = Fault("", _MALFORMED, received_of({"address": address}, "address"), (), _ENCODE)
        return Examination({}, [fault])
    faults = []
    if where != expected:
        received = received_of({"address": where}, "address")
        faults.append(Fault("", _OTHER_ADDRESS, received, (expected,), _TAKE_ISSUER))
    if (named := parameters.get("client_id", client.id)) != client.id:
        # Nothing of that other application is looked at, which may be nobody's business here.
        received = received_of({"client_id": named}, "client_id")
        faults.append(Fault("client_id", _OTHER_CLIENT, received, (client.id,), _CORRECT_ID))
        values = {**parameters, "client_id": client.id}
        parameters = Parameters(values, parameters.repeated)
    return _examined(installation, tx, parameters, faults)


def _parted(address: str) -> tuple[str, str]:
    parts = urlsplit(address.strip())
    return f"{parts.scheme}://{parts.netloc}{parts.path}", parts.query


def _examined(
    installation: Installation, tx: Connection, parameters: Parameters, faults: list[Fault]
) -> Examination:
    asked = AuthorizationRequest(installation, tx, parameters)
    faults = [*faults, *find_faults(asked)]
    # What only comes back to the application is of no use to a trial.
    kept = {name: v for name, v in asked.known_parameters().items() if name != "state"}
    return Examination(kept, faults)
