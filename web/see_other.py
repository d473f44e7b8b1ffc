"""Sending a browser on to an address that was registered with us: byte for byte."""

from __future__ import annotations

from flask import Response
from werkzeug.datastructures import Headers


class SeeOther(Response):
    """A 303 whose Location leaves as it was given.

    Werkzeug spells it anew while it sends the headers: `?x=[1]` becomes `?x=%5B1%5D`, which is not
    what the application registered, and an address that it cannot take apart raises there, where no
    page of ours can be made any more.
    """

    def __init__(self, location: str) -> None:
        # 303 and never 307: a POST with credentials must not be sent on (RFC 9700 section 4.12).
        super().__init__(status=303, mimetype="text/html")
        self.headers["Location"] = location
        self.headers["Cache-Control"] = "no-store"

    def get_wsgi_headers(self, environ: dict[str, object]) -> Headers:
        """The headers as sent."""
        own = self.headers
        self.headers = Headers([(name, value) for name, value in own if name != "Location"])
        try:
            sent = super().get_wsgi_headers(environ)
        finally:
            self.headers = own
        sent["Location"] = own["Location"]
        return sent
