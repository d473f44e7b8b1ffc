"""What connectors and their failures are called on pages: a sentence, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sync.engine.reconciling import FindingKind
from web.i18n import N_, gettext


@dataclass(frozen=True)
class Failure:
    """What went wrong, what to do about it, and in `detail` what the application said."""

    told: str
    advice: str
    detail: str = ""


_ACCOUNT: Mapping[str, tuple[str, str]] = {
    "refused": (
        N_("The application refused this account."),
        N_("Mend what it names, here or in the application, then try again."),
    ),
    "silent": (
        N_("The application does not answer for this account."),
        N_("Look whether it can open this account itself, then try again."),
    ),
    "taken": (
        N_("The application has an account of that name that was not made from here."),
        N_("Confirm whose it is, or rename or delete one of the two there, then try again."),
    ),
    "cannot": (
        N_("The application has no way to do this from here."),
        N_("It has to be done there by hand."),
    ),
    "skipped": (
        N_("It is left alone: somebody decided so."),
        N_("The reason stands here. Sending it again takes that back."),
    ),
    "fault": (
        N_("A fault of this system kept the account back."),
        N_("Try again; if it stays so, tell the operators."),
    ),
}
FINDING_PATHS: Mapping[str, FindingKind] = {
    "khac-du-lieu": "differs",
    "giu-khac": "kept",
    "nhom-lai-khac": "again",
    "nhom-chua-so": "groups",
    "bi-khoa": "disabled",
    "duoc-mo-lai": "revived",
    "khong-con": "missing",
    "chua-biet": "unlinked",
    "cua-nguoi-khac": "anothers",
    "hai-lan": "twice",
    "vo-chu": "unknown",
}

# What the last reading found: what it means, and what is done about it.
FINDING_TOLD: Mapping[FindingKind, str] = {
    "differs": N_("Somebody changed it there. Mending sends it again."),
    "kept": N_("It still differs after it was mended: the application wants it so."),
    "again": N_(
        "Its groups were mended the last time and differ again: somebody there changes them. "
        "Mending puts them right each time; find out who does it."
    ),
    "groups": N_(
        "The application did not tell who is in its groups, or its answer was too long: they were "
        "not compared. Changes of groups are sent all the same."
    ),
    "disabled": N_("It was disabled there. Mending enables it."),
    "revived": N_("It was disabled from here and works again. Mending disables it."),
    "missing": N_("It is not there any more. Mending makes it again."),
    "unlinked": N_("It bears a person’s id, and was not known. Mending takes it up."),
    "anothers": N_("It bears somebody else’s id now: it is set aside until somebody looks."),
    "twice": N_("A second account that bears a person’s id: delete one of the two there."),
    "unknown": N_("Nobody’s that is known here. It is left alone; you can say whose it is."),
}
# How the detail of a target that is away begins → what it means.
_AWAY: tuple[tuple[str, str, str], ...] = (
    (
        "HTTP 401",
        N_("The application does not accept the token any more."),
        N_("Have a new token made in the application, and enter it here."),
    ),
    (
        "HTTP 403",
        N_("The application does not let this token do what is needed."),
        N_("Have the rights of the token widened in the application."),
    ),
    (
        "HTTP 429",
        N_("The application asks for a pause: it is sent too much at a time."),
        N_("It goes on by itself. If that happens often, lower the number of requests a second."),
    ),
    (
        "HTTP 503",
        N_("The application says that it is not available for now."),
        N_("It is asked again by itself, at most after 15 minutes."),
    ),
    (
        "outbound.forbidden",
        N_("This address may not be called from here."),
        N_("The operators add it to the addresses that are allowed (DANHMUC_OUTBOUND_ALLOW)."),
    ),
    (
        "outbound.timeout",
        N_("The application did not answer in time."),
        N_("Look whether it runs. It is asked again by itself, at most after 15 minutes."),
    ),
    (
        "outbound.unavailable",
        N_("Nobody answers at the address of the application."),
        N_("Look whether it runs and the address is right. It is asked again by itself."),
    ),
)
_AWAY_IN_GENERAL = (
    N_("What answers at this address does not work as it should."),
    N_("Check the address and the application. It is asked again by itself."),
)
_IN_A_ROW = "accounts in a row"


def told_of_account(code: str | None, detail: str | None) -> Failure | None:
    """Why an account does not get there; None where nothing failed."""
    if not code:
        return None
    told, advice = _ACCOUNT.get(code, _ACCOUNT["fault"])
    return Failure(gettext(told), gettext(advice), detail or "")


def told_of_target(detail: str | None) -> Failure:
    """Why a target cannot be worked with."""
    said = detail or ""
    if _IN_A_ROW in said:
        return Failure(
            gettext("The application refused very many accounts, one after the other."),
            gettext("Its store may be away, or the definition does not fit it any more."),
            said,
        )
    for begins, told, advice in _AWAY:
        if begins in said:
            return Failure(gettext(told), gettext(advice), said)
    told, advice = _AWAY_IN_GENERAL
    return Failure(gettext(told), gettext(advice), said)


def find_kind(word: str) -> FindingKind | Literal[""]:
    """What was found that an address calls so; empty for all."""
    return FINDING_PATHS.get(word, "")
