"""What an application asks for when it sends a browser to sign out (RP-Initiated Logout 1.0 §2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import Connection

from directory.errors import Invalid
from directory.installation import Installation
from idp.clients.model import Client
from idp.clients.registry import find_client
from idp.logout.errors import REQUEST_DOUBLED_PARAMETER
from idp.oidc.id_token_hint import Hint, read_hint
from idp.oidc.parameters import Parameters
from idp.sessions.store import Session

_NAMES = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales")


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """`hint` is None unless it is genuine and fits `client_id`. `return_url` is where the browser
    may go afterwards, state included: only with a hint, and only if it is registered; `refused` is
    the address that was asked for otherwise."""

    client: Client | None
    hint: Hint | None
    return_url: str
    refused: str

    @property
    def registered(self) -> tuple[str, ...]:
        """What the application may be told about its own registration: with a genuine hint."""
        if self.client is None or self.hint is None:
            return ()
        return tuple(self.client.post_logout_redirect_uris)

    def proves(self, session: Session) -> bool:
        """Whether it comes from an application that was entered with this very session."""
        if self.hint is None:
            return False
        return self.hint.person_id == session.person_id and self.hint.sid == session.sid


def pick(parameters: Parameters) -> dict[str, str]:
    """The parameters that count here. Raises `Invalid` for a doubled one."""
    if parameters.repeated & set(_NAMES):
        raise Invalid(REQUEST_DOUBLED_PARAMETER)
    return {name: parameters[name] for name in _NAMES if name in parameters}


def read_request(
    installation: Installation, tx: Connection, values: Mapping[str, str]
) -> LogoutRequest:
    """The request that `values` make. Nothing in it is trusted without a genuine hint."""
    hint = read_hint(installation, values.get("id_token_hint", ""))
    named = values.get("client_id", "")
    if hint is not None and named and named != hint.client_id:
        hint = None
    client = find_client(installation, tx, hint.client_id if hint else named)
    wanted = values.get("post_logout_redirect_uri", "")
    may_return = hint is not None and client is not None
    if not wanted or client is None or not may_return:
        return LogoutRequest(client, hint, "", wanted)
    if not client.is_post_logout_redirect_uri(wanted):
        return LogoutRequest(client, hint, "", wanted)
    return LogoutRequest(client, hint, _with_state(wanted, values.get("state", "")), "")


def _with_state(uri: str, state: str) -> str:
    """The registered bytes as they are, and `state` behind them."""
    separator = "&" if "?" in uri else "?"
    return uri + separator + urlencode({"state": state}) if state else uri
