"""What `idp.logout` declares."""

from __future__ import annotations

from directory.component import Component, Job, Route
from idp import paths
from idp.feature import Endpoint, OidcFeature
from idp.logout.errors import ERRORS
from idp.logout.events import KINDS
from idp.logout.permissions import SessionPermission

COMPONENT = Component(
    "idp.logout",
    routes=(
        Endpoint(
            "logout.end_session_endpoint",
            paths.END_SESSION,
            "idp.logout.views:end_session_endpoint",
            ("GET", "POST"),
            discovery="end_session_endpoint",
            is_posted_from_elsewhere=True,
        ),
        Route("logout.show_signed_out", paths.SIGN_OUT, "idp.logout.views:show_signed_out"),
        Route("logout.sign_out", paths.SIGN_OUT, "idp.logout.views:sign_out", ("POST",)),
    ),
    features=(
        OidcFeature(
            discovery={
                "backchannel_logout_supported": True,
                "backchannel_logout_session_supported": True,
            }
        ),
    ),
    jobs=(
        Job(
            "idp.logout.dead_sessions",
            every_s=2,
            longest_s=300,
            work="idp.logout.dead_sessions:end_dead",
        ),
        Job(
            "idp.logout.backchannel",
            every_s=1,
            longest_s=300,
            work="idp.logout.backchannel:deliver",
        ),
    ),
    kinds=KINDS,
    errors=ERRORS,
    permissions=(SessionPermission,),
)
