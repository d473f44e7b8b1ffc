"""What the feature declares: its endpoint, a page, its grant, and what is registered of clients."""

from __future__ import annotations

from directory.component import Component, Route
from idp.clients.events import MEMBERS
from idp.clients.metadata import read_seconds
from idp.feature import Endpoint, Grant, OidcFeature, Rate
from idp.oidc.events import GRANT_TYPES
from tests.idp.voucher.vouchers import GRANT_TYPE, LIFETIME

COMPONENT = Component(
    "tests.idp.voucher",
    routes=(
        Endpoint(
            "voucher.give",
            "/voucher",
            "tests.idp.voucher.endpoint:voucher_endpoint",
            ("POST",),
            answers_json=True,
            is_posted_from_elsewhere=True,
            discovery="voucher_endpoint",
            rate=Rate(20, 0.01),
            is_read_by_pages=True,
        ),
        Route("voucher.show_explanation", "/phieu", "tests.idp.voucher.pages:show_explanation"),
    ),
    features=(
        OidcFeature(
            grants=(
                Grant(GRANT_TYPE, "tests.idp.voucher.grant:VoucherGrant", confidential_only=True),
            ),
            discovery={"voucher_formats_supported": ["plain"]},
            client_metadata={LIFETIME: read_seconds},
        ),
    ),
    words={
        GRANT_TYPES: {GRANT_TYPE: ("bằng phiếu", "by a voucher")},
        MEMBERS: {LIFETIME: ("thời hạn phiếu", "life of vouchers")},
    },
)
