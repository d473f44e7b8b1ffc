"""The form of a notice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from wtforms import HiddenField, SelectField, StringField

from directory.clock import find_instant, minute_of, now_ms
from directory.errors import Invalid
from directory.notices.errors import NOTICE_TIME
from directory.notices.service import Notice
from directory.notices.terms import KINDS, MOST_CHARS, PLACES, NoticeKind, Terms
from web.forms import ChangeForm, ChecksField, MomentField, choices_of, optional
from web.i18n import N_

_MOMENT = {"placeholder": N_("dd/mm/yyyy hh:mm"), "maxlength": 20, "inputmode": "numeric"}


class NoticeForm(ChangeForm):
    """What it says, where, and when."""

    kind = SelectField(N_("Kind"), choices=choices_of(KINDS), validate_choice=False)
    text_vi = StringField(
        N_("Text in Vietnamese"),
        description=N_("Everybody can read it, also without having signed in."),
        render_kw={"maxlength": MOST_CHARS},
    )
    text_en = StringField(
        N_("Text in English"),
        description=N_("Without it English pages show the Vietnamese text."),
        validators=[optional()],
        render_kw={"maxlength": MOST_CHARS},
    )
    places = ChecksField(N_("Where it is shown"))
    work_from = MomentField(
        N_("It begins"),
        description=N_("Of maintenance and of reading only: pages tell it in a sentence."),
        validators=[optional()],
        render_kw=_MOMENT,
    )
    work_until = MomentField(N_("It ends"), validators=[optional()], render_kw=_MOMENT)
    shown_from = MomentField(
        N_("Shown from"),
        description=N_("Without it: from now on."),
        validators=[optional()],
        render_kw=_MOMENT,
    )
    shown_until = MomentField(
        N_("Shown until"),
        description=N_("Without it: until the maintenance ends, or you take it down."),
        validators=[optional()],
        render_kw=_MOMENT,
    )
    version = HiddenField()

    def __init__(self, typed: Mapping[str, str], seen: Mapping[str, str]) -> None:
        super().__init__(typed, seen)
        self.places.choices = choices_of(PLACES)

    def terms(self) -> Terms:
        """What was typed. Raises Invalid for what is no moment."""
        sent = self.typed
        return Terms(
            kind=cast(NoticeKind, sent["kind"]),
            text_vi=sent["text_vi"],
            text_en=sent["text_en"],
            places=tuple(sent["places"].split()),
            shown_from=self._instant("shown_from") or _this_minute(),
            shown_until=self._instant("shown_until"),
            work_from=self._instant("work_from"),
            work_until=self._instant("work_until"),
        )

    def _instant(self, name: str) -> int | None:
        typed = self.typed[name]
        found = find_instant(typed)
        if typed and found is None:
            raise Invalid(NOTICE_TIME, field=name)
        return found


EMPTY: Mapping[str, str] = {
    "kind": "information",
    "text_vi": "",
    "text_en": "",
    "places": " ".join(PLACES),
    "work_from": "",
    "work_until": "",
    "shown_from": "",
    "shown_until": "",
    "version": "0",
}


def values_of(notice: Notice) -> Mapping[str, str]:
    """A notice as the form has it."""
    terms = notice.terms
    moments = {
        "work_from": terms.work_from,
        "work_until": terms.work_until,
        "shown_from": terms.shown_from,
        "shown_until": terms.shown_until,
    }
    return {
        "kind": terms.kind,
        "text_vi": terms.text_vi,
        "text_en": terms.text_en,
        "places": " ".join(terms.places),
        "version": str(notice.version),
        **{name: "" if each is None else minute_of(each) for name, each in moments.items()},
    }


def _this_minute() -> int:
    """Forms know no seconds."""
    return now_ms() // 60_000 * 60_000
