"""Why a certificate does not count, said to whoever showed it."""

from __future__ import annotations

from collections.abc import Mapping

from idp.factors.certificate.faults import (
    CHAIN,
    EXPIRED,
    LATE,
    NO_LIST,
    NONE,
    NOT_YET,
    OTHERS,
    PROXY,
    PURPOSE,
    REVOKED,
    UNBOUND,
    UNKNOWN_AUTHORITY,
    UNREADABLE,
    WEAK,
)
from web.i18n import N_

SENTENCES: Mapping[str, str] = {
    NONE: N_(
        "The browser sent no certificate. Put the key device in, wait until its light is on, and "
        "choose the certificate when the browser asks."
    ),
    UNREADABLE: N_("The certificate cannot be read."),
    UNKNOWN_AUTHORITY: N_(
        "This certificate comes from an authority that is not accepted here. Choose the one that "
        "the State's certification authority has issued to you."
    ),
    EXPIRED: N_("This certificate has expired. Ask your agency for a new one."),
    NOT_YET: N_(
        "This certificate is not valid yet: look from which day on it is, and at the computer's "
        "clock."
    ),
    PURPOSE: N_("This certificate is not for signing in: its issuer allows other uses only."),
    WEAK: N_("The key of this certificate is too weak to be accepted."),
    CHAIN: N_(
        "The authority that issued this certificate is not valid at the moment. Please tell the "
        "support below."
    ),
    REVOKED: N_(
        "This certificate is revoked. If you do not know why, tell the administrator of your "
        "agency."
    ),
    NO_LIST: N_(
        "It cannot be checked at the moment whether certificates are revoked, so none is accepted. "
        "This is not your fault: please sign in another way, or try again later."
    ),
    PROXY: N_(
        "The server in front did not accept this certificate. Please tell the support below."
    ),
    UNBOUND: N_(
        "This certificate is bound to no account. Sign in another way and bind it on the page "
        "Security, or ask the administrator of your agency."
    ),
    OTHERS: N_("This certificate is bound to another account."),
    LATE: N_("That took too long, or was sent twice. Please choose the certificate once more."),
}
