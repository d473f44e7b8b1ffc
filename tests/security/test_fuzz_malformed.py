"""2,000 malformed requests over every endpoint: no 5xx, no hang, no leak, and alive afterwards.

Seeded: the same requests every time. A failure names the seed's request number and its bytes.
"""

from __future__ import annotations

import re
import socket
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from werkzeug.routing import Rule

from admin_ui.components import COMPONENTS
from directory.settings import read_settings
from tests.security.malformed_requests import (
    INJECTED_HEADER,
    SCRIPT,
    Template,
    WireRequest,
    malformed_requests,
)
from tests.support.browser import find_sign_in, read_forms
from tests.support.installation import opened
from tests.support.product import REPOSITORY, Product
from tests.support.relying_party import RelyingParty, authorization_request

USERNAME = "lanhdao.stttt"
SEED = 20_261_122
COUNT = 2_000
ANSWER_WITHIN_S = 5.0
# After the first requests, which load what every process loads once.
WARM_UP, MOST_GROWTH_MB = 200, 20.0
# Its own address: the pauses that wrong passwords earn must not meet the other tests.
SOURCE_ADDRESS = "127.0.0.77"
# A server may close while a body this large is still on its way (RFC 9112 section 9.3).
LARGE_BODY = 60_000
INCOMPLETE = {"chunked without end", "length too long"}

LEAKS = re.compile(
    r"Traceback|File \"|, line \d+|sqlalchemy|sqlite|psycopg|ldap3|werkzeug|jinja2?\b|gunicorn"
    r"|Python/\d|(?-i:\bSELECT\b|\bINSERT INTO\b)|dc=|ou=people|dmId=|root:x:0|/site-packages/",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Answer:
    """What came back: status 0 when the server closed without an answer."""

    status: int
    head: str
    body: str
    seconds: float
    reset: bool = False


@pytest.fixture(scope="module")
def client(http_product: Product) -> RelyingParty:
    """A registered application whose requests are damaged."""
    made = RelyingParty(http_product.issuer, "fuzz-target", name="Phần mềm bị thử")
    grants = ["authorization_code", "refresh_token", "client_credentials"]
    http_product.import_clients([made.metadata(grant_types=grants)])
    return made


def served_rules(product: Product) -> list[Rule]:
    """Every route of the sign-in application, asked of the application itself."""
    from idp.app import create_app

    with opened(read_settings(product.environment), "idp") as installation:
        return list(create_app(installation, COMPONENTS).url_map.iter_rules())


def plain_templates(rules: list[Rule]) -> list[Template]:
    """One request per route and method."""
    return [
        Template(method, re.sub(r"<[^>]*>", "x", rule.rule))
        for rule in sorted(rules, key=lambda rule: rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def deep_templates(product: Product, client: RelyingParty) -> list[Template]:
    """Requests that are valid before they are damaged, so that damage reaches behind the gates."""
    basic = requests.Request("GET", product.issuer, auth=(client.client_id, client.secret))
    authorization = basic.prepare().headers["Authorization"]
    proof = (("Authorization", authorization),)
    access_token = client.token(grant_type="client_credentials").json()["access_token"]
    authorize = tuple(authorization_request(client, state="s").items())
    code = (
        ("grant_type", "authorization_code"),
        ("code", "A" * 43),
        ("redirect_uri", client.redirect_uri),
        ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    )
    refresh = (("grant_type", "refresh_token"), ("refresh_token", "A" * 43))
    token = (("token", access_token), ("token_type_hint", "access_token"))
    logout = (
        ("client_id", client.client_id),
        ("post_logout_redirect_uri", client.after_logout_uri),
    )
    return [
        Template("GET", "/authorize", query=authorize),
        Template("POST", "/authorize", form=authorize),
        Template("POST", "/token", form=code, headers=proof),
        Template("POST", "/token", form=refresh, headers=proof),
        Template("POST", "/token", form=(("grant_type", "client_credentials"),), headers=proof),
        Template("POST", "/introspect", form=token, headers=proof),
        Template("POST", "/revoke", form=(("token", "A" * 43),), headers=proof),
        Template("GET", "/userinfo", headers=(("Authorization", f"Bearer {access_token}"),)),
        Template("GET", "/logout", query=logout),
        Template("POST", "/logout", form=logout),
        sign_in_template(product, authorize),
        *signed_in_templates(product, authorize),
    ]


def sign_in_template(product: Product, authorize: tuple[tuple[str, str], ...]) -> Template:
    """The sign-in form with a live flow, its cookie and its form token."""
    agent = product.browser()
    page = agent.open("/authorize", **dict(authorize))
    form = find_sign_in(page)
    assert form
    values = form.signing_in("khong.co.that", "sai mat khau")
    path = page.url.removeprefix(product.issuer) if not form.action else form.action
    cookies = "; ".join(f"{name}={value}" for name, value in agent.cookies().items())
    return Template(
        "POST",
        path.removeprefix(product.issuer),
        form=tuple(values.items()),
        headers=(("Cookie", cookies), ("Origin", product.issuer)),
    )


def signed_in_templates(product: Product, authorize: tuple[tuple[str, str], ...]) -> list[Template]:
    """What a person who is signed in can send."""
    agent = product.browser()
    page = agent.enter(f"{product.issuer}/dang-nhap", product.account(USERNAME))
    assert page.status_code == 200, page.text
    form = next(form for form in read_forms(page.text) if form.method == "post")
    cookies = (("Cookie", "; ".join(f"{k}={v}" for k, v in agent.cookies().items())),)
    leave = tuple(form.values().items())
    return [
        Template("GET", "/", headers=cookies),
        Template("GET", "/authorize", query=authorize, headers=cookies),
        Template("POST", "/authorize", form=authorize, headers=cookies),
        Template("POST", "/logout", form=(*leave, ("confirm", "no")), headers=cookies),
        # Last: the first one that is still acceptable ends the session.
        Template("POST", form.action.removeprefix(product.issuer), form=leave, headers=cookies),
    ]


def exchange(product: Product, request: WireRequest) -> Answer:
    """Send the bytes as they are and read until the server closes."""
    began = time.monotonic()
    deadline = began + ANSWER_WITHIN_S
    received, reset = b"", False
    address = ("127.0.0.1", product.port)
    with socket.create_connection(address, ANSWER_WITHIN_S, (SOURCE_ADDRESS, 0)) as connection:
        try:
            connection.sendall(request.serialise())
            if request.framing in INCOMPLETE:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            reset = True
        try:
            while chunk := connection.recv(65536):
                received += chunk
                connection.settimeout(max(0.01, deadline - time.monotonic()))
        except TimeoutError:
            pass
        except OSError:
            reset = True
    head, _, body = received.partition(b"\r\n\r\n")
    match = re.match(rb"HTTP/1\.[01] (\d{3}) ", head)
    return Answer(
        int(match[1]) if match else 0,
        head.decode("latin-1"),
        body.decode("utf-8", "replace"),
        time.monotonic() - began,
        reset,
    )


def complaint(product: Product, request: WireRequest, answer: Answer) -> str:
    """What is wrong with an answer; '' when nothing is."""
    if answer.seconds > ANSWER_WITHIN_S:
        return f"took {answer.seconds:.1f} s"
    if answer.status == 0:
        excused = request.framing in INCOMPLETE or len(request.serialise()) > LARGE_BODY
        return "" if excused else f"closed without an answer (reset: {answer.reset})"
    if answer.status >= 500:
        return f"status {answer.status}"
    everything = answer.head + answer.body
    if leak := LEAKS.search(everything):
        return f"leak: {leak[0]!r}"
    if str(REPOSITORY) in everything or str(product.state) in everything:
        return "leak: a path of the machine"
    if re.search(rf"^{INJECTED_HEADER}:", answer.head, re.IGNORECASE | re.MULTILINE):
        return "header injection"
    if "text/html" in answer.head and SCRIPT in answer.body:
        return "script came back unescaped"
    return _missing_headers(answer)


def _missing_headers(answer: Answer) -> str:
    # What the HTTP parser refuses never reaches the application and carries no X-Request-Id.
    head = answer.head.lower()
    if "x-request-id:" in head and "x-content-type-options: nosniff" not in head:
        return "no nosniff"
    return "names its server" if re.search(r"^(server|x-powered-by):", head, re.M) else ""


def log_sizes(product: Product) -> dict[str, int]:
    """How much every log holds now."""
    paths = [product.log, *(product.state / "logs").glob("*")]
    return {str(path): path.stat().st_size for path in paths if path.is_file()}


def log_since(product: Product, sizes: dict[str, int]) -> str:
    """What was logged after `sizes` were taken."""
    fresh = b""
    for path in [product.log, *(product.state / "logs").glob("*")]:
        fresh += path.read_bytes()[sizes.get(str(path), 0) :]
    return fresh.decode(errors="replace")


def resident_megabytes(product: Product) -> dict[int, float]:
    """Memory of every process of the sign-in application, as the kernel counts it."""
    found = {}
    for pid in (
        pid for pid, command in product.processes().items() if "admin_ui.entries.issuer" in command
    ):
        match = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        found[pid] = int(match[1]) / 1024 if match else 0.0
    return found


@dataclass
class Campaign:
    """What was sent and what came back."""

    failures: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    paths: Counter[str] = field(default_factory=Counter)
    resident: dict[int, float] = field(default_factory=dict)


def send_all(product: Product, templates: list[Template]) -> Campaign:
    """Send every request of the seed, one after the other."""
    campaign = Campaign()
    host = product.issuer.partition("//")[2]
    for number, request in enumerate(malformed_requests(templates, host, COUNT, SEED)):
        if number == WARM_UP:
            campaign.resident = resident_megabytes(product)
        answer = exchange(product, request)
        campaign.statuses[answer.status] += 1
        campaign.paths[templates[number % len(templates)].path] += 1
        if problem := complaint(product, request, answer):
            campaign.failures.append(
                f"#{number} {problem}; {request.damages}\n  {request.serialise()[:700]!r}\n"
                f"  -> {answer.head[:200]!r} {answer.body[:300]!r}"
            )
    return campaign


def assert_unharmed(
    product: Product, before: dict[int, str], logged: dict[str, int], resident: dict[int, float]
) -> None:
    """The same processes live, have not grown, logged no traceback, and serve people."""
    fresh = log_since(product, logged)
    assert "Traceback" not in fresh, fresh[max(0, fresh.index("Traceback") - 500) :][:4000]
    assert product.processes() == before, "a process died or was started again"
    growth = {pid: now - resident[pid] for pid, now in resident_megabytes(product).items()}
    assert growth and max(growth.values()) < MOST_GROWTH_MB, growth
    assert requests.get(f"{product.issuer}/readyz", timeout=5).status_code == 200
    page = product.browser().enter(f"{product.issuer}/dang-nhap", product.account(USERNAME))
    assert page.url == f"{product.issuer}/" and page.status_code == 200


def test_malformed_requests(http_product: Product, client: RelyingParty) -> None:
    rules = served_rules(http_product)
    templates = plain_templates(rules) + deep_templates(http_product, client)
    before, logged = http_product.processes(), log_sizes(http_product)

    campaign = send_all(http_product, templates)

    assert not campaign.failures, f"{len(campaign.failures)} failures, {campaign.statuses}\n" + (
        "\n".join(campaign.failures[:12])
    )
    assert campaign.paths.total() == COUNT
    assert min(campaign.paths[template.path] for template in templates) >= COUNT // 100
    # Damage must reach behind the gates too: some of these requests are still acceptable.
    assert campaign.statuses[200] + campaign.statuses[303] > COUNT // 50, campaign.statuses
    assert_unharmed(http_product, before, logged, campaign.resident)
