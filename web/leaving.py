"""Sending a browser on to an address that is not ours.

Chromium and Safari apply the `form-action` of a page to every redirect that follows its POST,
also to the hops that the application adds, which are not known to us (w3c/webappsec-csp issue 8).
So a POST of ours never redirects to a foreign origin: a page takes the browser there, at once and
without scripts. A GET that needed no form redirects.
"""

from __future__ import annotations

from flask import Response, make_response, render_template, request

from web.headers import no_referrer
from web.see_other import SeeOther


def leave_to(url: str, name: str) -> Response:
    """Send the browser to `url` of the application `name`: a redirect, after a POST a page."""
    return SeeOther(url) if request.method in ("GET", "HEAD") else hand_over_page(url, name)


def hand_over_page(url: str, name: str) -> Response:
    """The page that takes the browser to `url` by itself; for a GET that a form's POST led to."""
    no_referrer()
    return make_response(render_template("kit/hand_over.html", url=url, application={"name": name}))
