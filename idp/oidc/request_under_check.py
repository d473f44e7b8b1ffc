"""An authorization request while the table of checks goes over it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection

from directory.installation import Installation
from idp.clients.model import Client
from idp.levels import ONE_FACTOR
from idp.oidc.parameters import Parameters

# What is kept while a person signs in; a parameter we do not know is not remembered.
KNOWN_PARAMETERS = frozenset(
    {
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "nonce",
        "resource",
        "code_challenge",
        "code_challenge_method",
        "prompt",
        "max_age",
        "id_token_hint",
        "login_hint",
        "ui_locales",
        "acr_values",
        "display",
    }
)


# In the request of a flow: who tries the sign-in. No browser can say it: what /authorize keeps are
# the parameters known above.
TRIED_BY = "tried_by"
ANYBODY = "anybody"


@dataclass(slots=True)
class AuthorizationRequest:
    """What was asked, and what the checks made of it. A field is there once its check has passed.

    `challenge`: the S256 challenge, empty for an exempted client without one. `max_age` in seconds.
    `hinted_person`: whom `id_token_hint` names, empty when there is none. `least_acr`: the level
    that the session must have reached. `tried_by`: the id of who tries the sign-in (`ANYBODY` for
    whoever came first), None for one that the application asked for.
    """

    installation: Installation
    tx: Connection
    parameters: Parameters
    tried_by: str | None = None
    client: Client = field(init=False)
    redirect_uri: str = field(init=False)
    response_mode: str = field(init=False, default="query")
    scope: str = field(init=False)
    resources: tuple[str, ...] = field(init=False, default=())
    challenge: str = field(init=False, default="")
    prompts: frozenset[str] = field(init=False, default=frozenset())
    max_age: int | None = field(init=False, default=None)
    hinted_person: str = field(init=False, default="")
    least_acr: str = field(init=False, default=ONE_FACTOR)

    @property
    def state(self) -> str:
        """The client's `state`, byte for byte; empty when it sent none."""
        return self.parameters.get("state", "")

    @property
    def is_silent(self) -> bool:
        """Whether no page may be shown (prompt=none)."""
        return "none" in self.prompts

    def known_parameters(self) -> dict[str, str]:
        """What must be remembered to run the checks again, and that it is a trial where it is."""
        known = {name: v for name, v in self.parameters.items() if name in KNOWN_PARAMETERS}
        return known | ({TRIED_BY: self.tried_by} if self.tried_by is not None else {})

    def is_client_known(self) -> bool:
        """Whether the check of the client has passed: its name may be shown."""
        return hasattr(self, "client")
