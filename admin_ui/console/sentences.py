"""What a person reads for the errors of the console and of the services it uses."""

from __future__ import annotations

from collections.abc import Mapping

from web.i18n import N_
from web.sentence import Sentence

_BACK = N_("Go back to the list and search again.")

SENTENCES: Mapping[str, Sentence] = {
    "console.no_permission": Sentence(
        N_("Your role in the administration does not include this page."),
        N_("If you need it for your work, ask the administrator who gave you your role."),
    ),
    "console.sign_in_failed": Sentence(
        N_("The sign-in could not be completed."), N_("Please sign in again.")
    ),
    "console.sign_in_stale": Sentence(
        N_("This sign-in was begun too long ago or in another browser."),
        N_("Please sign in again."),
    ),
    "console.sign_in_refused": Sentence(
        N_("The sign-in was not granted, so the administration stays closed."),
        N_("If you look after the people of an agency, ask for a role in the administration."),
    ),
    "console.sign_in_down": Sentence(
        N_("The sign-in does not answer at the moment."), N_("Please wait a moment and try again.")
    ),
    "console.no_secret": Sentence(
        N_("The administration is not set up completely."),
        N_("Please tell the operating unit, with the support code below."),
    ),
    "person.unknown": Sentence(
        N_("There is nobody here under this address, or you do not look after them."), _BACK
    ),
    "agency.unknown": Sentence(
        N_("There is no such agency or unit here, or you do not look after it."), _BACK
    ),
    "change.pending": Sentence(
        N_("The catalogue did not answer in time. Your change is noted and will be made."),
        N_("Please look at the page again in a minute before you change it once more."),
    ),
    "change.in_progress": Sentence(
        N_("Another change of this entry is under way."), N_("Please wait a moment and try again.")
    ),
    "authz.denied": Sentence(N_("You may look at this person, but not change them.")),
    "authz.denied.own_record": Sentence(
        N_("This is your own record: another administrator changes it.")
    ),
    "authz.denied.out_of_scope": Sentence(
        N_("You may look only: this person's main post is in an agency you do not look after."),
        N_("People are changed by the administrator of the agency that holds their main post."),
    ),
    "authz.denied.more_power": Sentence(
        N_(
            "This person holds an administrative role: only somebody who may give that role "
            "changes them."
        )
    ),
    "authz.denied.no_role": Sentence(
        N_("You may look only: your role does not include changing people.")
    ),
    "person.phone": Sentence(
        N_(
            "Write the phone number with at least 3 digits; "
            "blanks and + ( ) . - may stand between them."
        )
    ),
    "person.title": Sentence(N_("Enter the title, at most 200 characters.")),
    "person.no_main_post": Sentence(
        N_("This person holds no main post at the moment, so there is no title to change.")
    ),
}
