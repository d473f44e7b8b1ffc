"""The table of ways in which somebody proves who they are without the password. A further one
is a row here, and its step in `idp.journeys.recover`."""

from __future__ import annotations

from dataclasses import dataclass

from idp import paths
from idp.factors.passkey import step as passkey
from web.i18n import N_

CHOOSE, BY_CODE, NO_WAY = "recover", "recover_by_code", "help_wanted"
BY_LINK, LINK_CODE = "recover_by_link", "link_code"


@dataclass(frozen=True, slots=True)
class Way:
    """`step`: where it is proved; or `path`, of a journey of its own. `text`, `hint`: msgids."""

    text: str
    hint: str
    step: str = ""
    path: str = ""


WAYS: tuple[Way, ...] = (
    Way(
        N_("A recovery code"),
        N_("From the list that you printed when you set up the second factor."),
        step=BY_CODE,
    ),
    Way(
        N_("A passkey"),
        N_("Fingerprint, face or PIN of this computer or telephone."),
        step=passkey.NAME,
    ),
    Way(
        N_("A link to my work e-mail"),
        N_("If you can read your e-mail without signing in here. It is good for 15 minutes."),
        step=BY_LINK,
    ),
    Way(
        N_("A slip of my agency"),
        N_("The administrator of your agency prints it for you at the counter."),
        path=paths.ACTIVATE,
    ),
    Way(
        N_("I have none of these"),
        N_("We tell the administrator of your agency that you need help."),
        step=NO_WAY,
    ),
)
