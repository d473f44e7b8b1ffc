"""The parameters of the request that is being answered."""

from __future__ import annotations

from flask import request

from idp.oidc.parameters import FORM, MAX_BODY_BYTES, Malformed, Parameters, parse


def read_query() -> Parameters:
    """The parameters of the request's query string. Raises `Malformed`."""
    return parse(request.query_string)


def read_form() -> Parameters:
    """The parameters of the request's form body; its query string must be empty of them.

    Raises `Malformed` for another content type, a body too long or of unknown length.
    """
    if request.mimetype != FORM:
        raise Malformed(415, f"The content type must be {FORM}.")
    if request.content_length is None:
        # An endless chunked body would hold a worker for as long as its sender likes.
        raise Malformed(411, "The request must have a Content-Length.")
    if request.content_length > MAX_BODY_BYTES:
        raise Malformed(413, "The request is too long.")
    return parse(request.get_data(cache=False, parse_form_data=False))
