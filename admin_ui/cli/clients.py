"""danhmuc client …"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from admin_ui.cli.answers import (
    JsonGroup,
    answer,
    open_own_installation,
    operator,
    read_stdin,
    table,
)
from admin_ui.cli.client_errors import errors
from admin_ui.cli.client_ldap import ldap
from admin_ui.cli.client_release import release
from admin_ui.cli.client_remove import remove
from admin_ui.cli.client_try import try_
from admin_ui.cli.people import find_agency
from admin_ui.cli.terminal import one_line
from admin_ui.components import REGISTRATION
from admin_ui.operations.errors import INPUT_FILE
from directory.authz import applications
from directory.authz.applications import Access, Application
from directory.clock import HOUR, iso, local
from directory.errors import Invalid
from directory.installation import Installation
from directory.outside_text import read_text, text_of
from directory.projection import queries
from idp.clients import logo as logos
from idp.clients import service, snippets
from idp.clients.errors import CLIENT_NOT_A_LIST
from idp.clients.model import AUTH_METHODS, Client
from idp.clients.resources import resources_of
from idp.keys.jose import ALGORITHMS

Command = Callable[..., None]


@click.group(cls=JsonGroup)
def client() -> None:
    """Applications that sign people in (OAuth clients)."""


client.add_command(release)
client.add_command(try_)
client.add_command(errors)
client.add_command(ldap)
client.add_command(remove)


_agency = click.option(
    "--agency", "agency_codes", multiple=True, metavar="CODE", help="Open to its people only."
)
_role = click.option("--role", "by_role", is_flag=True, help="Open to holders of its roles only.")
_sharing = click.option(
    "--internal/--shared",
    "internal",
    default=None,
    help="Internal to its owner, whose administrators look after it, or shared (the default).",
)
_for = click.option(
    "--for",
    "stack",
    type=click.Choice(snippets.STACKS),
    default=None,
    help="Print what to put into an application of this kind.",
)
# Option name, metadata member, whether it may be given several times, metavar, help.
_MEMBERS: tuple[tuple[str, str, bool, str, str], ...] = (
    ("--redirect-uri", "redirect_uris", True, "U", "Where answers may go; compared exactly."),
    ("--post-logout-redirect-uri", "post_logout_redirect_uris", True, "U", "After sign-out."),
    ("--backchannel-logout-uri", "backchannel_logout_uri", False, "U", "Told of sign-outs."),
    ("--client-uri", "client_uri", False, "U", "What its tile opens."),
    ("--contact", "contacts", True, "M", "E-mail or telephone of who looks after it."),
    ("--scope", "scope", True, "S", "Default: openid profile email org roles. Name offline_access"
     " too for refresh beyond the session."),
    ("--resource", "resources", True, "URI", "An API it may ask tokens for."),
)  # fmt: skip


def _read_further(
    _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> dict[str, Any]:
    """Members that have no option of their own: what features declare needs none."""
    members = {}
    for one in given:
        name, equals, text = one.partition("=")
        if not name or not equals:
            raise click.BadParameter(f"{one!r} is not NAME=JSON")
        try:
            members[name] = json.loads(text)
        except ValueError:
            members[name] = text
    return members


def _member_options(*, replacing: bool) -> Callable[[Command], Command]:
    """The options that stand for client metadata, the same for add and update."""

    def decorate(command: Command) -> Command:
        for option, member, several, metavar, text in reversed(_MEMBERS):
            more = " Replaces all." if replacing and several else ""
            more += " Empty takes it away." if replacing else ""
            command = click.option(
                option, member, multiple=several, default=None, metavar=metavar, help=text + more
            )(command)
        for choice in (
            click.option("--grant-type", "grant_types", multiple=True, default=None,
                         type=click.Choice(REGISTRATION.grant_types)),
            click.option("--id-token-alg", "id_token_signed_response_alg", default=None,
                         type=click.Choice(sorted(ALGORITHMS)),
                         help="What signs its ID tokens. Default: ES256."),
            click.option("--strict-assertions", "strict_assertions", is_flag=True, default=None,
                         help="private_key_jwt: the audience is the issuer alone, for 5 minutes."),
            click.option("--member", "further", multiple=True, metavar="NAME=JSON",
                         callback=_read_further,
                         help="Any other member of its metadata (RFC 7591)."),
        ):  # fmt: skip
            command = choice(command)
        return command

    return decorate


def _members(given: Mapping[str, Any], *, replacing: bool) -> dict[str, Any]:
    """The metadata members among the options that were given."""
    members: dict[str, Any] = dict(given["further"])
    for name, value in given.items():
        if name == "further" or value is None or value == ():
            continue
        if isinstance(value, tuple):
            found: Any = [each for each in value if each]
            value = " ".join(found) if name == "scope" else found
        if value or replacing:
            members[name] = value
    return members


@client.command()
@click.option("--name", required=True)
@click.option("--public", is_flag=True, help="Cannot keep a secret: a browser or phone app.")
@click.option("--native", is_flag=True, help="Installed on a computer or telephone (RFC 8252).")
@click.option(
    "--auth-method",
    type=click.Choice(AUTH_METHODS),
    default="client_secret_basic",
    show_default=True,
)
@click.option("--jwks-file", type=click.Path(exists=True, dir_okay=False), default=None)
@_member_options(replacing=False)
@click.option("--client-id", default="", help="Default: a random one.")
@click.option("--pkce-exempt", default="", metavar="REASON", help="Confidential clients only.")
@click.option("--owner", default="", metavar="CODE", help="The agency that answers for it.")
@click.option("--description", default="", metavar="D", help="One sentence for its tile.")
@click.option(
    "--logo",
    type=click.Path(exists=True, dir_okay=False),
    default=None,
    metavar="F",
    help="PNG, JPEG or WebP, at most 100 KB.",
)
@_sharing
@_agency
@_role
@_for
def add(
    name: str,
    public: bool,
    native: bool,
    auth_method: str,
    jwks_file: str | None,
    client_id: str,
    pkce_exempt: str,
    owner: str,
    description: str,
    logo: str | None,
    internal: bool | None,
    agency_codes: tuple[str, ...],
    by_role: bool,
    stack: str | None,
    **members: Any,
) -> None:  # fmt: skip
    """Register an application; its secret is shown once.

    It is open to everyone unless --agency or --role narrows who may enter.
    """
    installation = open_own_installation()
    given: dict[str, Any] = {
        "client_id": client_id,
        "client_name": name,
        "application_type": "native" if native else "",
        "token_endpoint_auth_method": "none" if public or native else auth_method,
        "jwks": _read_json(jwks_file) if jwks_file else None,
    }
    registered = service.add_client(
        installation,
        operator(),
        REGISTRATION,
        {key: value for key, value in given.items() if value} | _members(members, replacing=False),
        entry=service.Entry(
            **_access(installation, agency_codes, by_role),
            **_described_as(
                installation, owner=owner, description=description, internal=bool(internal)
            ),
        ),
        pkce_exempt=pkce_exempt,
    )
    if logo:
        logos.set_logo(installation, operator(), registered.client.id, Path(logo).read_bytes())
    _warn(registered.warnings)
    snippet = _snippet(installation, registered, stack)
    answer(
        _registered_document(installation, registered) | ({"snippet": snippet} if stack else {}),
        lambda: "\n".join([_told(installation, registered), *(["", snippet] if stack else [])]),
    )


@client.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@_agency
@_role
def import_(file: str, agency_codes: tuple[str, ...], by_role: bool) -> None:
    """Register a JSON list of RFC 7591 metadata, all or none; given ids and secrets are kept."""
    installation = open_own_installation()
    documents = _read_json(file)
    if not isinstance(documents, list):
        raise Invalid(CLIENT_NOT_A_LIST, field="")
    entry = service.Entry(**_access(installation, agency_codes, by_role))
    done = service.import_clients(installation, operator(), REGISTRATION, documents, entry=entry)
    for registered in done:
        _warn(registered.warnings, of=registered.client.name)
    answer(
        {"clients": [_registered_document(installation, registered) for registered in done]},
        lambda: "\n\n".join(_told(installation, registered) for registered in done),
    )


@client.command()
@click.argument("client_id")
@_for
def show(client_id: str, stack: str | None) -> None:
    """Show one client; its secret cannot be read again."""
    installation = open_own_installation()
    with installation.database.read() as tx:
        found = service.show_client(tx, client_id)
    if stack:
        text = snippets.snippet(installation.settings, found, stack)
        answer({"snippet": text}, text)
        return
    answer(_document(installation, found), lambda: _described(installation, found))


@client.command("list")
def list_() -> None:
    """List all clients."""
    installation = open_own_installation()
    with installation.database.read() as tx:
        found = service.list_clients(tx)
    rows = [
        (c.id, c.name, c.auth_method, "disabled" if c.disabled_at else "enabled") for c in found
    ]
    answer(
        {"clients": [_document(installation, c) for c in found]},
        table(rows, ("CLIENT ID", "NAME", "AUTHENTICATION", "STATE")),
    )


@client.command()
@click.argument("client_id")
@click.option("--name", default=None)
@click.option("--auth-method", type=click.Choice(AUTH_METHODS), default=None)
@click.option("--application-type", type=click.Choice(("web", "native")), default=None)
@click.option("--jwks-file", type=click.Path(exists=True, dir_okay=False), default=None)
@_member_options(replacing=True)
@click.option("--pkce-exempt", default=None, metavar="REASON", help="Empty takes it back.")
@click.option("--owner", default=None, metavar="CODE", help="The agency that answers for it.")
@click.option("--description", default=None, metavar="D", help="One sentence for its tile.")
@click.option("--logo", default=None, metavar="F", help="A picture; empty takes it away.")
@_sharing
@_agency
@_role
@click.option("--everyone", is_flag=True, help="Open to everyone.")
def update(
    client_id: str,
    name: str | None,
    auth_method: str | None,
    application_type: str | None,
    jwks_file: str | None,
    pkce_exempt: str | None,
    owner: str | None,
    description: str | None,
    logo: str | None,
    internal: bool | None,
    agency_codes: tuple[str, ...],
    by_role: bool,
    everyone: bool,
    **members: Any,
) -> None:
    """Change what is registered; everything is checked again."""
    installation = open_own_installation()
    given: dict[str, Any] = {
        "client_name": name,
        "token_endpoint_auth_method": auth_method,
        "application_type": application_type,
        "jwks": _read_json(jwks_file) if jwks_file else None,
    }
    changes = {key: value for key, value in given.items() if value is not None}
    changes |= _members(members, replacing=True)
    told = _described_as(installation, owner=owner, description=description, internal=internal)
    if agency_codes or by_role or everyone:
        told |= _access(installation, agency_codes, by_role, everyone=everyone)
    registered = service.update_client(
        installation,
        operator(),
        REGISTRATION,
        client_id,
        changes,
        told=told,
        pkce_exempt=pkce_exempt,
    )
    if logo is not None:
        body = Path(logo).read_bytes() if logo else b""
        logos.set_logo(installation, operator(), client_id, body)
    _warn(registered.warnings)
    answer(
        _registered_document(installation, registered),
        lambda: "\n".join([f"Changed {registered.client.name}.", *_secret_lines(registered)]),
    )


@client.command("rotate-secret")
@click.argument("client_id")
@click.option(
    "--overlap",
    type=click.IntRange(0),
    metavar="HOURS",
    default=service.DEFAULT_OVERLAP_MS // HOUR,
    show_default=True,
    help="How long the old secret works too, while the application changes over.",
)
@click.option("--at-once", is_flag=True, help="Refuse the old one at once: others have seen it.")
def rotate_secret(client_id: str, overlap: int, at_once: bool) -> None:  # fmt: skip
    """Make a new secret, shown once. It works at once, and the old one for a while as well."""
    rotated = service.rotate_secret(
        open_own_installation(), operator(), client_id, overlap_ms=0 if at_once else overlap * HOUR
    )
    until = rotated.previous_until
    old = f"The old one works until {local(until)}." if until else "The old one is refused."
    answer(
        {
            "client_id": client_id,
            "client_secret": rotated.secret,
            "previous_secret_until": iso(until) if until else None,
        },
        f"New secret of {client_id}: {rotated.secret}\n{old}",
    )


_reason = click.option("--reason", required=True)


@client.command()
@click.argument("client_id")
@_reason
def disable(client_id: str, reason: str) -> None:
    """Nobody may enter the application any more; its tokens are dead within 5 s."""
    service.disable_client(open_own_installation(), operator(), client_id, reason)
    answer({"client_id": client_id, "disabled": True}, f"Disabled {client_id}.")


@client.command()
@click.argument("client_id")
@_reason
def enable(client_id: str, reason: str) -> None:
    """Take a disabling back: the application works as before, people sign in to it again."""
    service.enable_client(open_own_installation(), operator(), client_id, reason)
    answer({"client_id": client_id, "disabled": False}, f"Enabled {client_id}.")


def _access(
    installation: Installation,
    agency_codes: tuple[str, ...],
    by_role: bool,
    *,
    everyone: bool = False,
) -> dict[str, Any]:
    """Who may enter, as fields of `idp.clients.service.Entry`."""
    if sum((bool(agency_codes), by_role, everyone)) > 1:
        raise click.UsageError("Say once who may enter: --agency, --role or --everyone.")
    access: Access = "agencies" if agency_codes else "roles" if by_role else "everyone"
    agencies = tuple(find_agency(installation, code).id for code in agency_codes)
    return {"access": access, "agencies": agencies}


def _described_as(
    installation: Installation,
    *,
    owner: str | None,
    description: str | None,
    internal: bool | None,
) -> dict[str, Any]:
    """The other fields of `Entry`, those that were given."""
    sharing = None if internal is None else "internal" if internal else "shared"
    told = {
        "description": description,
        "owner_agency_id": find_agency(installation, owner).id if owner else owner,
        "sharing": sharing,
    }
    return {key: value for key, value in told.items() if value is not None}


def _read_json(path: str) -> Any:
    try:
        if path == "-":
            text = text_of(read_stdin().read(), "Standard input")
        else:
            text = read_text(Path(path))
        return json.loads(text)
    except (ValueError, OSError, RecursionError) as error:
        raise Invalid(INPUT_FILE, field="file", path=path, why=str(error)) from error


def _warn(warnings: tuple[str, ...], *, of: str = "") -> None:
    for warning in warnings:
        click.echo(f"warning: {one_line(f'{of}: {warning}' if of else warning)}", err=True)


def _snippet(installation: Installation, registered: service.Registered, stack: str | None) -> str:
    if stack is None:
        return ""
    return snippets.snippet(
        installation.settings, registered.client, stack, secret=registered.secret or ""
    )


def _registered_document(
    installation: Installation, registered: service.Registered
) -> dict[str, Any]:
    secret = {"client_secret": registered.secret} if registered.secret else {}
    return (
        _document(installation, registered.client)
        | secret
        | {"warnings": list(registered.warnings)}
    )


def _document(installation: Installation, found: Client) -> dict[str, Any]:
    with installation.database.read() as tx:
        app = applications.find(tx, found.id)
        stands_for = list(resources_of(tx, found.id))
        agencies = _agency_codes(installation, app)
    return {
        "client_id": found.id,
        **found.metadata,
        "description": app.description if app else "",
        "owner": agencies.get(app.owner_agency_id) if app else None,
        "sharing": app.sharing if app else None,
        "access": app.access if app else None,
        "agencies": [agencies.get(one, one) for one in app.agencies] if app else [],
        "pkce_exempt": found.pkce_exempt,
        "stands_for": stands_for,
        "previous_secret_until": _instant(found.previous_secret_until),
        "disabled": found.disabled_at is not None,
        "disabled_at": _instant(found.disabled_at),
    }


def _agency_codes(installation: Installation, app: Application | None) -> dict[str, str]:
    wanted = [one for one in (app.owner_agency_id, *app.agencies) if one] if app else []
    with installation.database.read() as tx:
        return {one.id: one.code for one in queries.agencies_by_id(tx, wanted).values()}


def _instant(at: int | None) -> str | None:
    return None if at is None else iso(at)


_ACCESS = {
    "everyone": "everyone",
    "agencies": "people of",
    "roles": "holders of one of its roles",
}
# What people read, in this order; the rest is in --json.
_LABELS: tuple[tuple[str, str], ...] = (
    ("description", "description"),
    ("owner", "owner"),
    ("sharing", "use"),
    ("contacts", "contacts"),
    ("application_type", "type"),
    ("client_uri", "opens"),
    ("redirect_uris", "answers go to"),
    ("post_logout_redirect_uris", "after sign-out"),
    ("backchannel_logout_uri", "told of sign-outs"),
    ("token_endpoint_auth_method", "authentication"),
    ("previous_secret_until", "old secret until"),
    ("grant_types", "grant types"),
    ("scope", "scope"),
    ("id_token_signed_response_alg", "ID tokens signed"),
    ("resources", "asks tokens for"),
    ("stands_for", "stands for"),
    ("pkce_exempt", "goes without PKCE"),
)


def _described(installation: Installation, found: Client) -> str:
    document = _document(installation, found)
    state = f"disabled since {local(found.disabled_at)}" if found.disabled_at else "enabled"
    open_to = _ACCESS.get(document["access"] or "", "nobody")
    rows = [("client id", found.id), ("state", state)]
    rows += [("open to", " ".join([open_to, ", ".join(document["agencies"])]).strip())]
    for member, label in _LABELS:
        value = document[member]
        for each in value if isinstance(value, list) else [value]:
            if each:
                rows.append((label, str(each)))
    rows += [("public key", key["kid"]) for key in found.metadata["jwks"]["keys"] if "kid" in key]
    lines = [found.name]
    shown: set[str] = set()
    for label, text in rows:
        lines.append(one_line(f"  {'' if label in shown else label:20}{text}"))
        shown.add(label)
    return "\n".join(lines)


def _told(installation: Installation, registered: service.Registered) -> str:
    issuer = installation.settings.issuer
    lines = [
        f"Registered {registered.client.name}.",
        f"  issuer         {issuer}",
        f"  discovery      {issuer}/.well-known/openid-configuration",
        f"  client_id      {registered.client.id}",
        f"  ID tokens      {registered.client.id_token_alg}",
        f"  authentication {registered.client.auth_method}",
    ]
    return "\n".join([*lines, *_secret_lines(registered)])


def _secret_lines(registered: service.Registered) -> list[str]:
    if not registered.secret:
        return []
    return [f"  client_secret  {registered.secret}", "", "The secret is not shown again."]
