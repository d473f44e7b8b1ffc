"""Answers of the authorization endpoint: to the application, or as a page.

Decided inside the transaction as plain values, rendered after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2 import OAuth2Error
from flask import Response, make_response, render_template, request

from directory.installation import Installation
from idp.oidc.checks.client import DisabledClientError
from idp.oidc.request_under_check import AuthorizationRequest
from web.headers import let_forms_go_anywhere, no_referrer
from web.leaving import hand_over_page, leave_to
from web.see_other import SeeOther


@dataclass(frozen=True, slots=True)
class ToApplication:
    """Send the browser back to a *validated* redirect URI with these parameters."""

    redirect_uri: str
    response_mode: str
    application_name: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ToPage:
    """Send the browser to a page of ours."""

    path: str


@dataclass(frozen=True, slots=True)
class Page:
    """Show a page here and now."""

    template: str
    status: int
    values: Mapping[str, Any] = field(default_factory=dict)


Outcome = ToApplication | ToPage | Page


def hand_over(
    installation: Installation, asked: AuthorizationRequest, fields: Mapping[str, str]
) -> ToApplication:
    """An answer to the application; every one carries `iss` (RFC 9207) and its own `state`."""
    if asked.tried_by is not None:
        raise AssertionError("a trial never leads to the application")
    answer = {**fields, "iss": installation.settings.issuer}
    if asked.state:
        answer["state"] = asked.state
    return ToApplication(asked.redirect_uri, asked.response_mode, asked.client.name, answer)


def hand_over_error(
    installation: Installation, asked: AuthorizationRequest, error: OAuth2Error
) -> ToApplication:
    """An error the application is told about (RFC 6749 section 4.1.2.1)."""
    description = {"error_description": error.description} if error.description else {}
    return hand_over(installation, asked, {"error": error.error, **description})


def client_error(asked: AuthorizationRequest | None, error: OAuth2Error, parameter: str) -> Page:
    """The page for a request whose sender cannot be trusted with an answer. Never a Location."""
    if asked is not None and isinstance(error, DisabledClientError):
        return client_disabled(asked)
    known = asked is not None and asked.is_client_known()
    application = {"name": asked.client.name} if asked is not None and known else None
    values = {
        "application": application,
        "error": error.error,
        "parameter": parameter,
        "problem": error.description,
    }
    return Page("oidc/client_error.html", 400, values)


def client_disabled(asked: AuthorizationRequest) -> Page:
    """The page of an application that is switched off."""
    settings = asked.installation.settings
    values = {
        "application": {"name": asked.client.name},
        "contact": {"name": settings.operator_name, "phone": settings.operator_phone, "mail": ""},
        "retry_url": request.full_path if request.method == "GET" else "",
    }
    return Page("oidc/client_disabled.html", 403, values)


def render(outcome: Outcome, *, after_form: bool = False) -> Response:
    """The outcome as a response. `after_form`: a POST of ours led here, so no redirect leaves."""
    if isinstance(outcome, Page):
        return make_response(render_template(outcome.template, **outcome.values), outcome.status)
    if isinstance(outcome, ToPage):
        return SeeOther(outcome.path)
    if outcome.response_mode == "form_post":
        return _form_post(outcome)
    separator = "&" if "?" in outcome.redirect_uri else "?"
    url = outcome.redirect_uri + separator + urlencode(outcome.fields)
    return (hand_over_page if after_form else leave_to)(url, outcome.application_name)


def _form_post(outcome: ToApplication) -> Response:
    let_forms_go_anywhere()
    no_referrer()
    return make_response(
        render_template(
            "oidc/form_post.html",
            action=outcome.redirect_uri,
            fields=outcome.fields,
            application={"name": outcome.application_name},
        )
    )
