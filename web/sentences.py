"""What a person reads for each error code: what happened, and what to do now.

Sentences are msgids; params of the error fill their placeholders. A code without a sentence of its
own falls back to the sentence of its class, so that nothing internal is ever shown.
"""

from __future__ import annotations

from collections.abc import Mapping

from web.i18n import N_
from web.sentence import Sentence

_RELOAD = N_("Reload the page to see the current data, then make your change again.")
_WAIT = N_("Please wait a moment and try again.")
_ASK = N_("If you need it for your work, ask the administrator of your agency.")

SENTENCES: Mapping[str, Sentence] = {
    "csrf.page_too_old": Sentence(
        N_("This page had been open for too long, so nothing was sent."),
        N_("Open the page again and repeat the last step."),
        title=N_("Please open the page again"),
    ),
    "csrf.no_cookie": Sentence(
        N_("The browser did not keep the cookie this page needs, so nothing was sent."),
        N_("Allow cookies for this address, then open the page again."),
        title=N_("Please allow cookies"),
    ),
    "csrf.other_site": Sentence(
        N_("The request came from another website, so it was refused."),
        N_("Open the page here and repeat the step if it was yours."),
    ),
    "ldap.unavailable": Sentence(N_("The user catalogue does not answer at the moment."), _WAIT),
    "ldap.value_taken": Sentence(N_("This value is already used by another entry.")),
    "database.unavailable": Sentence(N_("The data store does not answer at the moment."), _WAIT),
    "catalogue.unreadable": Sentence(
        N_("This entry of the catalogue is damaged, so it cannot be changed."),
        N_("Please tell the operating unit, with the support code below."),
    ),
    "catalogue.changed_meanwhile": Sentence(
        N_("The data was changed by someone else meanwhile."), _RELOAD
    ),
    "change.in_progress": Sentence(
        N_("Another change of the same entry is being carried out."), _WAIT
    ),
    "signin.busy": Sentence(N_("Very many people are signing in at the moment."), _WAIT),
    "request.too_many": Sentence(
        N_("Very many requests came from your network at once, so this one was not answered."),
        _WAIT,
    ),
    "signin.other_browser": Sentence(
        N_("This sign-in was begun in another browser or on another device."),
        N_("Open the application in this browser and sign in here."),
        title=N_("Please begin again in this browser"),
    ),
}

BY_CLASS: Mapping[str, Sentence] = {
    "Invalid": Sentence(
        N_("Some of what was sent cannot be accepted."), N_("Check what you entered and try again.")
    ),
    "NotFound": Sentence(
        N_("There is no such page, or you may not see it."),
        N_("Check the address, or start again from the front page."),
    ),
    "Forbidden": Sentence(N_("You may not do this."), _ASK),
    "Conflict": Sentence(N_("The data was changed by someone else meanwhile."), _RELOAD),
    "TooMany": Sentence(
        N_("So much came within a short time that the last request was not carried out."), _WAIT
    ),
    "Unavailable": Sentence(N_("A part of the system does not answer at the moment."), _WAIT),
    "AppError": Sentence(
        N_("The request could not be carried out."), N_("Check what you entered and try again.")
    ),
}

BY_STATUS: Mapping[int, Sentence] = {
    400: Sentence(
        N_("The address or the data sent is incomplete or damaged."),
        N_("Go back and try again, or start from the front page."),
    ),
    401: Sentence(
        N_("Only those who are signed in see this page."), N_("Sign in, then open this page again.")
    ),
    403: BY_CLASS["Forbidden"],
    404: BY_CLASS["NotFound"],
    405: Sentence(
        N_("This address cannot be used in that way."), N_("Start again from the front page.")
    ),
    409: BY_CLASS["Conflict"],
    413: Sentence(
        N_("This system does not accept that much at once, so nothing was kept."),
        N_("Send less at once, for example a smaller file."),
    ),
    414: Sentence(
        N_("A link or an application put more into the address than this system reads."),
        N_("Start again from the front page."),
    ),
    421: Sentence(
        N_("This system is not served under the address you opened. The right address is:")
    ),
    429: BY_CLASS["TooMany"],
    431: Sentence(
        N_("The browser sent more cookies than this system accepts, usually those of other sites."),
        N_("Delete the cookies of this address, or open a private window, and try again."),
    ),
    500: Sentence(
        N_("A fault on our side stopped the request; it has been recorded."),
        N_("Please try again. If it happens again, report the support code below."),
    ),
    503: BY_CLASS["Unavailable"],
}

TITLES: Mapping[int, str] = {
    400: N_("The request is not valid"),
    401: N_("Please sign in"),
    403: N_("Not allowed"),
    404: N_("Page not found"),
    405: N_("The request is not valid"),
    409: N_("The data has changed"),
    413: N_("Too much data"),
    414: N_("The address is too long"),
    421: N_("Wrong address"),
    429: N_("Too many attempts"),
    431: N_("Too much data"),
    500: N_("Something went wrong"),
    503: N_("Not available at the moment"),
}
