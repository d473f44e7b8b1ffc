"""Debian's Apache with mod_auth_openidc, run privately from a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import requests

from tests.support.product import APACHE_HOST, Product

MODULES = Path("/usr/lib/apache2/modules")
START_TIMEOUT_S = 15

# Prints what the application behind the module is told about the person.
_CGI = """#!/bin/sh
printf 'Content-Type: text/plain; charset=utf-8\\r\\nCache-Control: no-store\\r\\n\\r\\n'
env | grep -E '^(OIDC_|REMOTE_USER=)'
"""

# What a server of any kind needs; `{module}` is the relying party's own.
_SERVER = """
ServerRoot "{folder}"
ServerName {host}
Listen {host}:{port}
PidFile "{folder}/apache.pid"
ErrorLog "{folder}/error.log"
LogLevel warn auth_openidc:debug
Mutex file:{folder}
User www-data
Group www-data
StartServers 2
MinSpareServers 1
MaxSpareServers 3
MaxRequestWorkers 8

LoadModule mpm_prefork_module {modules}/mod_mpm_prefork.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule authz_user_module {modules}/mod_authz_user.so
LoadModule alias_module {modules}/mod_alias.so
LoadModule env_module {modules}/mod_env.so
LoadModule cgi_module {modules}/mod_cgi.so
LoadModule auth_openidc_module {modules}/mod_auth_openidc.so

{module}
{trust}

ScriptAlias /app "{folder}/who"
ScriptAlias /stttt "{folder}/who"
ScriptAlias /secret "{folder}/who"
ScriptAlias /elsewhere "{folder}/who"
Alias /signed-out "{folder}/signed-out.txt"

<Directory "{folder}">
    Require all granted
</Directory>
"""

_MODULE = """
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client_id}
OIDCClientSecret {client_secret}
OIDCRedirectURI {base}/oidc/callback
OIDCCryptoPassphrase "only-for-this-test-run"
OIDCScope "openid profile email org offline_access"
OIDCPKCEMethod S256
OIDCResponseType code
OIDCIDTokenSignedResponseAlg {algorithm}
OIDCSessionType server-cache
OIDCCacheType shm
OIDCRemoteUserClaim preferred_username
OIDCPassClaimsAs environment
OIDCInfoHook iat access_token access_token_expires id_token userinfo refresh_token session
OIDCDefaultLoggedOutURL {base}/signed-out
OIDCHTTPTimeoutLong 15

<Location /app>
    AuthType openid-connect
    Require valid-user
</Location>
<Location /oidc>
    AuthType openid-connect
    Require valid-user
</Location>
<Location /stttt>
    AuthType openid-connect
    Require claim agency_code:STTTT
</Location>
<Location /secret>
    AuthType openid-connect
    Require claim acr:2
    OIDCUnAutzAction auth
    OIDCPathAuthRequestParams acr_values=2
</Location>
<Location /elsewhere>
    AuthType openid-connect
    Require claim agency_code:KHONG-CO
</Location>
"""


@dataclass(frozen=True)
class ApacheRelyingParty:
    """A running Apache whose `/app`, `/stttt`, `/secret` and `/elsewhere` need a sign-in."""

    base: str
    folder: Path

    def log_tail(self, lines: int = 40) -> str:
        """The last lines of its error log, for a failure's message."""
        text = (self.folder / "error.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])


def addresses(port: int) -> dict[str, Any]:
    """The addresses of an Apache at that port, as RFC 7591 names them."""
    base = f"http://{APACHE_HOST}:{port}"
    return {
        "redirect_uris": [f"{base}/oidc/callback"],
        "post_logout_redirect_uris": [f"{base}/signed-out"],
        "backchannel_logout_uri": f"{base}/oidc/callback?logout=backchannel",
    }


def usual_module(product: Product, port: int, client: dict[str, Any], algorithm: str) -> str:
    """The module's directives for a client of that algorithm, with everything it can do."""
    return _MODULE.format(
        base=f"http://{APACHE_HOST}:{port}",
        issuer=product.issuer,
        client_id=client["client_id"],
        client_secret=client["client_secret"],
        algorithm=algorithm,
    )


@contextmanager
def running_apache(
    product: Product, port: int, module: str, environment: Mapping[str, str] = MappingProxyType({})
) -> Iterator[ApacheRelyingParty]:
    """Apache as relying party of `product`, `module` its directives, stopped at the end."""
    binary = shutil.which("apache2") or "/usr/sbin/apache2"
    assert Path(binary).exists(), "apache2 is needed for this test"
    # Readable for the user Apache changes to when it is started by root.
    folder = Path(tempfile.mkdtemp(prefix="danhmuc-apache-"))
    folder.chmod(0o755)
    base = f"http://{APACHE_HOST}:{port}"
    _write(folder, product, port, module)
    output = (folder / "start.log").open("wb")
    process = subprocess.Popen(
        [binary, "-DFOREGROUND", "-f", str(folder / "httpd.conf")],
        env={**os.environ, **environment},
        stdout=output,
        stderr=subprocess.STDOUT,
        # On SIGTERM Apache signals its whole process group: it must be one of its own.
        start_new_session=True,
    )
    apache = ApacheRelyingParty(base, folder)
    try:
        _await_ready(apache, process)
        yield apache
    finally:
        process.terminate()
        process.wait(10)
        output.close()
        shutil.rmtree(folder, ignore_errors=True)


def _write(folder: Path, product: Product, port: int, module: str) -> None:
    trust = ""
    if product.ca_file:
        shutil.copyfile(product.ca_file, folder / "ca.pem")
        trust = f"OIDCCABundlePath {folder}/ca.pem"
    (folder / "who").write_text(_CGI)
    (folder / "who").chmod(0o755)
    (folder / "signed-out.txt").write_text("signed out\n")
    configuration = _SERVER.format(
        folder=folder, modules=MODULES, host=APACHE_HOST, port=port, module=module, trust=trust
    )
    (folder / "httpd.conf").write_text(configuration, encoding="utf-8")


def _await_ready(apache: ApacheRelyingParty, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        log = (apache.folder / "start.log").read_text()
        assert process.poll() is None, f"apache2 ended with {process.returncode}\n{log}"
        assert time.monotonic() < deadline, f"apache2 is not ready\n{log}"
        try:
            requests.get(f"{apache.base}/signed-out", timeout=2)
            return
        except requests.RequestException:
            time.sleep(0.1)
