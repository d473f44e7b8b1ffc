"""What `idp.factors.certificate` declares."""

from __future__ import annotations

from directory.component import Check, Component, Job, Route, TableRule
from directory.exports.events import LISTS
from idp import paths
from idp.factors.certificate.errors import ERRORS
from idp.factors.certificate.events import KINDS
from idp.factors.certificate.faults import FAULTS
from idp.factors.certificate.messages import MESSAGES
from idp.factors.certificate.permissions import CertificatePermission
from idp.factors.held import SecondFactor
from idp.flows.events import REFUSALS

_ASK = "idp.factors.certificate.views"
_OWN = "idp.factors.certificate.binding"

COMPONENT = Component(
    "idp.factors.certificate",
    tables_in=("idp.factors.certificate.tables",),
    tables={
        "certificate": TableRule(
            "until the person removes it, or it is reset; of somebody who left, until the key "
            "device is handed back",
            "put back; what was removed or ended since stays so",
        ),
        "certificate_authority": TableRule(
            "until an operator removes it", "put back; its revocation list is fetched anew"
        ),
        "revoked_certificate": TableRule("as long as its authority lists it", "put back"),
    },
    routes=(
        Route("certificate.accept", paths.ASK_CERTIFICATE, f"{_ASK}:accept"),
        Route("certificate.explain", f"{paths.ASK_CERTIFICATE}/tu-choi", f"{_ASK}:explain"),
        Route("certificate.show", paths.CERTIFICATE, f"{_OWN}:show"),
        Route("certificate.bind", paths.CERTIFICATE, f"{_OWN}:bind", ("POST",)),
        Route(
            "certificate.ask_removal",
            f"{paths.CERTIFICATE}/<certificate_id>/xoa",
            f"{_OWN}:ask_removal",
        ),
        Route(
            "certificate.remove",
            f"{paths.CERTIFICATE}/<certificate_id>/xoa",
            f"{_OWN}:remove",
            ("POST",),
        ),
    ),
    jobs=(
        Job("certificate_lists", 60.0, 300.0, "idp.factors.certificate.fetching:fetch"),
        Job("certificate_leavers", 10.0, 60.0, "idp.factors.certificate.leaving:end"),
        Job("certificate_reminders", 600.0, 600.0, "idp.factors.certificate.reminders:remind"),
    ),
    checks=(Check("certificate authorities", "idp.factors.certificate.checks:lists_are_current"),),
    expiries=("idp.factors.certificate.checks:expiries",),
    actors={
        "certificate_leavers": (
            "Hệ thống (chứng thư của người đã nghỉ)",
            "The system (certificates of leavers)",
        ),
        "certificate_lists": (
            "Hệ thống (danh sách thu hồi chứng thư)",
            "The system (lists of revoked certificates)",
        ),
    },
    kinds=KINDS,
    messages=MESSAGES,
    errors=ERRORS,
    permissions=(CertificatePermission,),
    words={
        REFUSALS: FAULTS,
        LISTS: {
            "certificates_ending": (
                "danh sách chứng thư số sắp hết hạn",
                "the list of certificates that end soon",
            ),
            "certificates_hand_back": (
                "danh sách thiết bị lưu khóa chờ thu hồi",
                "the list of key devices to be handed back",
            ),
        },
    },
    features=(
        SecondFactor(
            "certificate",
            held_by="idp.factors.certificate.store:held_by",
            remove_all="idp.factors.certificate.store:remove_all",
            withdraw_again="idp.factors.certificate.store:withdraw_again",
            section="certificate/section.html",
            notices="idp.factors.certificate.notices:notices",
            warns=True,
        ),
    ),
)
