"""OAuth errors: Authlib's own classes, and the few it does not have."""

from __future__ import annotations

from authlib.oauth2 import OAuth2Error


class InvalidTargetError(OAuth2Error):
    """A resource that may not be asked for (RFC 8707 section 2)."""

    error = "invalid_target"


class ServerBusyError(OAuth2Error):
    """A store we depend on does not answer (RFC 6749 section 4.1.2.1)."""

    error = "temporarily_unavailable"
    status_code = 503
