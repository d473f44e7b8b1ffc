"""The forms of a position: adding, renaming, closing it."""

from __future__ import annotations

from wtforms import SelectField, StringField

from directory.authz.positions import NAME_CHARS
from web.forms import ChangeForm
from web.i18n import N_


class NewPositionForm(ChangeForm):
    """A position that is added."""

    place = SelectField(N_("Agency or unit"), choices=[], validate_choice=False)
    name = StringField(
        N_("Name of the position"),
        description=N_("For example: Văn thư, Trưởng phòng, Kế toán."),
        render_kw={"maxlength": NAME_CHARS},
    )


class NameForm(ChangeForm):
    """What a position is called."""

    name = StringField(
        N_("Name of the position"),
        description=N_("Nobody gains or loses a role by another name."),
        render_kw={"maxlength": NAME_CHARS},
    )


class ClosingForm(ChangeForm):
    """Why a position is closed."""

    reason = StringField(
        N_("Reason"),
        description=N_("It is kept in the audit log, for example a decision or a request."),
        render_kw={"maxlength": 500},
    )
