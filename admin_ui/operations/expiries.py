"""Certificates that end; what is given says `directory.component.Component.expiries`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url

from directory.certificates import find_end
from directory.component import Expiry
from directory.errors import Words
from directory.installation import Installation
from directory.ldap.connections import certificate_ends
from directory.settings import Settings

_OURS = Words(
    "Khởi động lại Danh Mục: chứng thư được tạo mới khi còn dưới 30 ngày.",
    "Start Danh Mục anew: it is made again when fewer than 30 days remain.",
)


def certificates(installation: Installation) -> Sequence[Expiry]:
    """In files: of this machine, of the proxy before it, of the authorities of LDAP and SQL."""
    settings = installation.settings
    return [Expiry(what, find_end(path), renew) for what, path, renew in _files(settings)]


def ldap_servers(installation: Installation) -> Sequence[Expiry]:
    """Of the servers of the catalogue, as they showed them to this process."""
    settings = installation.settings
    renew = Words(
        "Cấp lại chứng thư trên máy chủ đó và khởi động lại slapd.",
        "Renew it on that server and start slapd anew.",
    )
    return [
        Expiry(
            Words(f"Chứng thư của máy chủ LDAP {host}", f"Certificate of LDAP at {host}"),
            end,
            renew,
        )
        for uri, end in certificate_ends().items()
        if uri in settings.ldap_uris
        for host in [urlsplit(uri).netloc]
    ]


def _files(settings: Settings) -> list[tuple[Words, Path, Words]]:
    found = []
    if settings.tls:
        server, authority = settings.tls_dir / "server.pem", settings.tls_dir / "ca.pem"
        if server.exists():
            found.append(
                (Words("Chứng thư HTTPS của máy này", "This machine's own"), server, _OURS)
            )
        if authority.exists():
            found.append(
                (Words("Chứng thư gốc của máy này", "This machine's authority"), authority, _OURS)
            )
    if settings.proxy_certificate is not None:
        what = Words(
            f"Chứng thư HTTPS của máy chủ proxy ({settings.proxy_certificate.name})",
            f"HTTPS certificate of the proxy ({settings.proxy_certificate.name})",
        )
        renew = Words(
            "Cấp lại chứng thư, đặt vào máy chủ proxy và nạp lại cấu hình.",
            "Renew it, put it on the proxy and have that load it.",
        )
        found.append((what, settings.proxy_certificate, renew))
    if settings.ldap_ca_file is not None:
        what = Words(
            f"Chứng thư gốc để kiểm tra LDAP ({settings.ldap_ca_file.name})",
            f"Authority of the LDAP servers ({settings.ldap_ca_file.name})",
        )
        renew = Words(
            "Thay tệp ở DANHMUC_LDAP_CA_FILE và khởi động lại Danh Mục.",
            "Replace the file of DANHMUC_LDAP_CA_FILE and start Danh Mục anew.",
        )
        found.append((what, settings.ldap_ca_file, renew))
    authority_of_sql = make_url(settings.database_url).query.get("sslrootcert")
    # `system`: libpq asks the machine's own authorities, which others look after.
    if isinstance(authority_of_sql, str) and authority_of_sql != "system":
        path = Path(authority_of_sql)
        what = Words(
            f"Chứng thư gốc để kiểm tra PostgreSQL ({path.name})",
            f"Authority of the PostgreSQL server ({path.name})",
        )
        renew = Words(
            "Thay tệp nêu ở sslrootcert của DANHMUC_DATABASE_URL.",
            "Replace the file named by sslrootcert in DANHMUC_DATABASE_URL.",
        )
        found.append((what, path, renew))
    return found
