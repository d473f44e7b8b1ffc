"""Certificates in key devices: those that end soon, and devices of people who left."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response
from wtforms import SelectField

from admin_ui.console import page_sizes
from admin_ui.console.exporting import (
    LONG_LIST,
    export_asked_for,
    format_of_address,
    reason_page,
    refused,
    send,
)
from admin_ui.console.numbered_lists import address, numbered
from admin_ui.console.pages import grouped, leave_notice, page_number
from admin_ui.console.place_choices import names_of
from admin_ui.console.screen import Screen
from admin_ui.console.tiles import Tile
from admin_ui.console.views.today import PATH as TODAY_PATH
from admin_ui.console.visitor import certificates_here
from directory.access.listing import MOST_COUNTED
from directory.errors import Invalid, TooMany
from directory.ids import can_be_id
from idp.factors.certificate.handles import Which
from idp.factors.certificate.permissions import CertificatePermission
from web.forms import Form, one_of, only
from web.i18n import N_, gettext

certificates = Blueprint("certificates", __name__)

ENDING_PATH: Final = f"{TODAY_PATH}/chung-thu-sap-het-han"
HAND_BACK_PATH: Final = f"{TODAY_PATH}/thiet-bi-luu-khoa"
_ENDING, _HAND_BACK = N_("Certificates that end soon"), N_("Key devices to be handed back")
SCREEN = Screen(
    certificates,
    dict.fromkeys(
        (
            "list_ending",
            "take_away_ending",
            "ask_why_ending",
            "list_hand_back",
            "take_away_hand_back",
            "ask_why_hand_back",
            "take_back",
        ),
        CertificatePermission.BIND,
    ),
    step_up={
        "take_away_ending": LONG_LIST,
        "take_away_hand_back": LONG_LIST,
    },
    tiles=(
        Tile(
            _ENDING,
            N_("Within 30 days, or over. Ask for new ones, and bind those."),
            ENDING_PATH,
            CertificatePermission.BIND,
            lambda: certificates_here().counting("ending", MOST_COUNTED),
            most=MOST_COUNTED,
        ),
        Tile(
            _HAND_BACK,
            N_("Their people have left. Take the devices back, and have the certificates revoked."),
            HAND_BACK_PATH,
            CertificatePermission.BIND,
            lambda: certificates_here().counting("hand_back", MOST_COUNTED),
            most=MOST_COUNTED,
        ),
    ),
    under="today",
)


class PlaceFilter(Form):
    """Of which place, as the address says it."""

    noi = SelectField(N_("Agency"), filters=[only(can_be_id)], choices=[], validate_choice=False)


@certificates.get(ENDING_PATH)
def list_ending() -> Response:
    """What ends within 30 days, or is over."""
    return _list("ending", ENDING_PATH, _ENDING)


@certificates.post(f"{ENDING_PATH}/xuat")
def take_away_ending() -> Response:
    """The whole list of the address as a file."""
    return _take_away("ending", "chung-thu-sap-het-han")


@certificates.get(f"{ENDING_PATH}/xuat")
def ask_why_ending() -> Response:
    """The page that asks for the reason of a long list."""
    return _ask_why("ending", ENDING_PATH, _ENDING)


@certificates.get(HAND_BACK_PATH)
def list_hand_back() -> Response:
    """Devices of people who have left."""
    return _list("hand_back", HAND_BACK_PATH, _HAND_BACK)


@certificates.post(f"{HAND_BACK_PATH}/xuat")
def take_away_hand_back() -> Response:
    """The whole list of the address as a file."""
    return _take_away("hand_back", "thiet-bi-luu-khoa-cho-thu-hoi")


@certificates.get(f"{HAND_BACK_PATH}/xuat")
def ask_why_hand_back() -> Response:
    """The page that asks for the reason of a long list."""
    return _ask_why("hand_back", HAND_BACK_PATH, _HAND_BACK)


@certificates.post(f"{HAND_BACK_PATH}/<certificate_id>/da-nhan")
def take_back(certificate_id: str) -> Response:
    """The device is here."""
    certificates_here().take_back(certificate_id)
    response = redirect(HAND_BACK_PATH, 303)
    leave_notice(response, "device_handed_back")
    return response


def _list(which: Which, path: str, title: str) -> Response:
    form = PlaceFilter(request.args)
    asked = {"noi": form.noi.data}
    page = certificates_here().page(
        which, asked["noi"], page_number(), page_sizes.asked(path), MOST_COUNTED
    )
    form.noi.choices = one_of(N_("All agencies"), names_of(page.places))
    return numbered(
        "console/certificates.html",
        path,
        lines=len(page.certificates),
        total=page.total,
        asked=asked,
        title=gettext(title),
        which=which,
        form=form,
        certificates=page.certificates,
        is_capped=page.total >= MOST_COUNTED,
        is_filtered=bool(form.noi.data),
        has_places=len(page.places) > 1,
        all_url=path,
        export_url=address(f"{path}/xuat", asked),
        today_url=TODAY_PATH,
    )


def _take_away(which: Which, name: str) -> Response:
    export = export_asked_for()
    try:
        listing = certificates_here().take_away(which, PlaceFilter(request.args).noi.data, export)
    except (Invalid, TooMany) as error:
        return refused(error, export)
    return send(listing, export.form, name)


def _ask_why(which: Which, path: str, title: str) -> Response:
    asked = {"noi": PlaceFilter(request.args).noi.data}
    total = certificates_here().page(which, asked["noi"], 1, 1, MOST_COUNTED).total
    return reason_page(
        format_of_address(),
        title=gettext("Export the list"),
        list_name=gettext(title),
        list_url=address(path, asked),
        export_url=address(f"{path}/xuat", asked),
        count=grouped(total) + ("+" if total >= MOST_COUNTED else ""),
    )
