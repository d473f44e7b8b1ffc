"""OAuth errors that Authlib does not have."""

from __future__ import annotations

from authlib.oauth2 import OAuth2Error


class InvalidTargetError(OAuth2Error):
    """A resource that may not be asked for (RFC 8707 section 2)."""

    error = "invalid_target"
