"""What to put into an application of a common kind: one text file a kind, the same for the command
line and the console.

Everything stands in it that somebody needs beside the library's own manual; what is the
application's own to choose is named as such.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from directory.settings import Settings
from idp.clients.model import Client

STACKS = ("python", "node", "java", "dotnet", "php", "nginx", "apache", "dovecot")
_NOT_TOLD = "<the secret shown when it was made>"
_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=False,
    autoescape=False,  # noqa: S701 - configuration files, not HTML; what goes in was checked
)


def snippet(settings: Settings, client: Client, stack: str, *, secret: str = "") -> str:
    """The text of `stack` (one of `STACKS`) for this client. `secret`: as it was told just now; a
    placeholder without it."""
    redirect_uri = next(iter(client.redirect_uris), "https://your-application/callback")
    after = next(iter(client.post_logout_redirect_uris), "")
    return _environment.get_template(f"{stack}.txt").render(
        issuer=settings.issuer,
        name=client.name.replace('"', ""),
        client_id=client.id,
        client_secret="" if client.is_public else secret or _NOT_TOLD,
        auth_method=client.auth_method,
        algorithm=client.id_token_alg,
        scope=" ".join(scope for scope in client.metadata["scope"].split()),
        redirect_uri=redirect_uri,
        redirect_path=urlsplit(redirect_uri).path or "/",
        post_logout_redirect_uri=after,
    )
