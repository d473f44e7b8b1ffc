"""The grant: a voucher becomes a token of the application for itself."""

from __future__ import annotations

from authlib.oauth2.rfc6749.errors import InvalidGrantError

from idp.oidc.grants.client_credentials import ClientCredentialsGrant
from tests.idp.voucher.vouchers import GRANT_TYPE, redeem


class VoucherGrant(ClientCredentialsGrant):
    """As a client acts for itself, for whoever has a voucher that was not used yet."""

    GRANT_TYPE = GRANT_TYPE

    def validate_token_request(self) -> None:
        super().validate_token_request()
        request = self.request
        voucher = request.parameters.get("voucher", "")
        if not redeem(request.tx, request.installation.keyring, request.client, voucher):
            raise InvalidGrantError("The voucher is not good, or was used before.")
