"""danhmuc certificate …"""

from __future__ import annotations

from pathlib import Path

import click
from cryptography.hazmat.primitives.serialization import Encoding

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from admin_ui.cli.people import find_person
from admin_ui.cli.terminal import one_line
from directory.clock import iso, local
from directory.installation import Installation
from idp.factors.certificate import service
from idp.factors.certificate.authorities import Authority

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(cls=JsonGroup)
def certificate() -> None:
    """Certificates with which people sign in, and the authorities that issue them."""


@certificate.command()
@click.argument("name")
@click.argument("file", type=_FILE)
@click.option(
    "--reason", required=True, help="Stands in the log: how it was made sure whose it is."
)
def bind(name: str, file: Path, reason: str) -> None:
    """Bind the certificate in FILE (PEM or DER) to a person (username, work address or id)."""
    installation = open_own_installation()
    found = find_person(installation, name)
    bound = service.bind(installation, operator(), found.id, _content(file), reason)
    answer(
        {
            "id": bound.id,
            "username": found.username,
            "name": bound.subject,
            "issuer": bound.issuer,
            "serial": bound.serial,
            "ends_at": iso(bound.not_after),
        },
        f"{one_line(found.full_name)} signs in with the certificate “{one_line(bound.subject)}” "
        f"(number {bound.serial}) until {local(bound.not_after)}.",
    )


@certificate.command()
@click.argument("file", type=_FILE)
@click.option("--crl", "crl_url", default="", metavar="URL", help="Where its revocation list is.")
@click.option(
    "--without-crl", default="", metavar="REASON", help="Why no revocation list is looked at."
)
@click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="OID",
    help="Only certificates under this policy count; may be given several times.",
)
def trust(file: Path, crl_url: str, without_crl: str, policies: tuple[str, ...]) -> None:
    """Trust the authority in FILE (PEM or DER): a root, then those that it has issued.

    Compare the fingerprint with the one that the authority publishes. What it issues signs people
    in with two factors: trust none whose keys lie anywhere but in devices with a PIN.
    """
    added = service.trust(
        open_own_installation(),
        operator(),
        _content(file),
        policies=policies,
        crl_url=crl_url,
        without_crl=without_crl,
    )
    answer(
        _document(added),
        f"“{one_line(added.subject)}” is trusted.\nSHA-256 {_grouped(added.id)}",
    )


@certificate.command()
def authorities() -> None:
    """List the authorities that are trusted, and until when their revocation lists count."""
    found = service.list_authorities(open_own_installation())
    rows = [
        (each.id[:16], one_line(each.subject), local(each.not_after), _list_of(each))
        for each in found
    ]
    heads = ("SHA-256", "AUTHORITY", "ENDS", "REVOCATION LIST")
    answer(
        {"authorities": [_document(each) for each in found]},
        lambda: table(rows, heads) if rows else "No authority is trusted.",
    )


@certificate.command()
@click.argument("authority", metavar="SHA-256")
def distrust(authority: str) -> None:
    """Trust an authority no more (by its fingerprint, or the first 8 letters of it or more)."""
    gone = service.distrust(open_own_installation(), operator(), authority)
    answer(
        {"fingerprint": gone.id, "name": gone.subject, "removed": True},
        f"“{one_line(gone.subject)}” is trusted no more: what it issued opens nothing.",
    )


@certificate.command()
def bundle() -> None:
    """Print all trusted authorities as PEM: the file that the proxy needs."""
    pem = _bundle(open_own_installation())
    answer({"pem": pem}, pem.rstrip() or "No authority is trusted.")


@certificate.command("load-list")
@click.argument("authority", metavar="SHA-256")
@click.argument("file", type=_FILE)
def load_list(authority: str, file: Path) -> None:
    """Take the revocation list in FILE (PEM or DER), where none can be fetched."""
    installation = open_own_installation()
    content = file.read_bytes()
    found, added = service.load_list(installation, operator(), authority, content)
    answer(
        {"fingerprint": found.id, "name": found.subject, "added": added},
        f"The list of “{one_line(found.subject)}” counts; {added} certificates are new on it.",
    )


def _content(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(service.LONGEST + 1)


def _bundle(installation: Installation) -> str:
    found = service.list_authorities(installation)
    return "".join(each.certificate.public_bytes(Encoding.PEM).decode() for each in found)


def _list_of(authority: Authority) -> str:
    if authority.without_crl:
        return f"none: {one_line(authority.without_crl)}"
    ends = authority.crl_next_update
    said = f"until {local(ends)}" if ends else "not fetched yet"
    if not authority.has_current_list:
        said = f"MISSING: nobody gets in ({said})"
    return f"{said}; {authority.crl_problem}" if authority.crl_problem else said


def _grouped(fingerprint: str) -> str:
    return ":".join(fingerprint[at : at + 2] for at in range(0, len(fingerprint), 2)).upper()


def _document(authority: Authority) -> dict[str, object]:
    ends = authority.crl_next_update
    return {
        "fingerprint": authority.id,
        "name": authority.subject,
        "is_root": authority.is_root,
        "ends_at": iso(authority.not_after),
        "policies": list(authority.policies),
        "crl_url": authority.crl_url or None,
        "without_crl": authority.without_crl or None,
        "crl_ends_at": iso(ends) if ends else None,
        "crl_problem": authority.crl_problem or None,
    }
