"""What is refused before any view, and what is known about a request."""

from __future__ import annotations

import uuid
from io import BytesIO

import pytest

from tests.web.application import HTTPS, application, make_application
from web.request import sender

pytestmark = pytest.mark.without_sql


@pytest.mark.parametrize(
    ("issuer", "host", "status"),
    [
        ("http://localhost:8400", "localhost:8400", 200),
        ("http://localhost:8400", "LOCALHOST:8400", 200),
        ("http://localhost:8400", "localhost", 421),
        ("http://localhost:8400", "localhost:8401", 421),
        ("http://localhost:8400", "127.0.0.1:8400", 421),
        ("http://localhost:8400", "evil.example", 421),
        ("http://localhost:8400", "localhost:8400@evil.example", 421),
        ("http://localhost:8400", "", 421),
        (HTTPS, "sso.binhduong.gov.vn", 200),
        (HTTPS, "sso.binhduong.gov.vn:443", 200),
        (HTTPS, "sso.binhduong.gov.vn:80", 421),
        (HTTPS, "sso.binhduong.gov.vn.", 421),
    ],
)
def test_only_our_own_host_is_answered(issuer: str, host: str, status: int) -> None:
    response = application(issuer).test_client().get("/", headers={"Host": host})
    assert response.status_code == status


def test_the_page_for_a_foreign_host_names_the_right_address_and_needs_nothing_else() -> None:
    client = application().test_client()
    response = client.get("/", headers={"Host": "evil.example"})
    page = response.get_data(as_text=True)
    assert 'href="http://localhost:8400"' in page
    assert "evil" not in page
    assert "stylesheet" not in page


def test_forwarded_host_is_not_believed() -> None:
    headers = {"Host": "evil.example", "X-Forwarded-Host": "localhost:8400"}
    assert application().test_client().get("/", headers=headers).status_code == 421


def test_a_probe_by_address_is_answered() -> None:
    response = application().test_client().get("/healthz", headers={"Host": "10.0.0.5:8400"})
    assert response.status_code == 200


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT"])
def test_trace_is_off_even_where_a_view_would_take_it(method: str) -> None:
    response = application().test_client().open("/echo", method=method)
    assert response.status_code == 405
    assert response.headers["Allow"]


@pytest.mark.parametrize(
    "path",
    [
        "/?q=%00",
        "/?%00=q",
        "/pages/x%00",
        "/?q=%",
        "/?q=%zz",
        "/?q=%ff%fe",
        "/%ff%fe",
        "/%c0%af",
        "/pages/%E1%BB",
        "/?" + "&".join(f"a{i}=1" for i in range(2000)),
        "/?q=" + "a" * 20000,
        "/?lang=%ff",
        "/?lang=vi&lang=xx&=&&&;",
        "//evil",
        "/..%2f..%2fetc%2fpasswd",
        "/assets/x/../../../etc/passwd",
        "/assets/x/%2e%2e/%2e%2e/state.py",
    ],
)
def test_malformed_requests_are_nobodys_fault_but_the_senders(path: str) -> None:
    client = application().test_client()
    for method in ("GET", "HEAD", "POST", "OPTIONS", "PURGE"):
        response = client.open(path, method=method)
        assert response.status_code < 500, (method, path)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"word=%00", "application/x-www-form-urlencoded"),
        (b"word=%ff%fe", "application/x-www-form-urlencoded"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"--x\r\n", "multipart/form-data"),
        # A part without a name (found by the campaign of malformed requests).
        (b"--x\r\nContent-Disposition: y\r\n\r\na\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (b"{", "application/json"),
        (b"word=" + b"a" * 300_000, "application/x-www-form-urlencoded"),
        (b"word=a", "application/x-www-form-urlencoded; charset=\xff"),
        (b"&" * 5000, "application/x-www-form-urlencoded"),
    ],
)
def test_malformed_bodies_are_refused(body: bytes, content_type: str | bytes) -> None:
    client = application().test_client()
    response = client.post("/echo", data=body, content_type=str(content_type))
    assert 400 <= response.status_code < 500


def test_a_form_of_unknown_length_is_refused() -> None:
    """What a server raises over a broken chunk must not become a fault of ours."""
    response = (
        application()
        .test_client()
        .post(
            "/echo",
            input_stream=BytesIO(b"word=a"),
            content_type="application/x-www-form-urlencoded",
            headers={"Transfer-Encoding": "chunked"},
            environ_overrides={"wsgi.input_terminated": True},
        )
    )
    assert response.status_code == 411


def test_a_body_that_is_too_large_is_refused_as_such() -> None:
    response = application().test_client().post("/echo", data={"word": "a" * 300_000})
    assert response.status_code == 413


def test_each_request_has_an_id_of_its_own_made_by_us() -> None:
    client = application().test_client()
    sent = {"X-Request-Id": "chosen-by-sender"}
    ids = [client.get("/", headers=sent).headers["X-Request-Id"] for _ in range(3)]
    assert len(set(ids)) == 3
    assert {uuid.UUID(each).version for each in ids} == {7}


# What a proxy sends, and the address that is recorded. Peer 10.0.0.1 is the declared proxy.
FORWARDED = [
    ("198.51.100.1", "198.51.100.1"),
    ("2001:db8::7", "2001:db8::7"),
    ("2001:0DB8:0:0::7", "2001:db8::7"),
    # With a port: IIS ARR, Azure Application Gateway, AWS with client-port preservation.
    ("198.51.100.1:51234", "198.51.100.1"),
    ("198.51.100.1:0", "198.51.100.1"),
    ("[2001:db8::7]:51234", "2001:db8::7"),
    ("[2001:db8::7]", "2001:db8::7"),
    # RFC 7239 section 6, where vendors put it: quoted, an obfuscated port, an obfuscated node.
    ('"198.51.100.1:51234"', "198.51.100.1"),
    ('"[2001:db8::7]:47011"', "2001:db8::7"),
    ('"[2001:db8::7]:_x9"', "2001:db8::7"),
    ("198.51.100.1:_secret", "198.51.100.1"),
    ("_hidden", "10.0.0.1"),
    ("unknown", "10.0.0.1"),
    ('"unknown"', "10.0.0.1"),
    # Several hops; what stands left of the first undeclared one was invented by whoever is there.
    ("6.6.6.6, 198.51.100.1", "198.51.100.1"),
    ("198.51.100.1, 10.0.0.2", "198.51.100.1"),
    ("198.51.100.1:9, 10.0.0.2:8, 10.0.0.3", "198.51.100.1"),
    ("198.51.100.1, unknown, 10.0.0.2", "10.0.0.2"),
    ("198.51.100.1, <script>", "10.0.0.1"),
    ("198.51.100.1, 10.0.0.2,", "198.51.100.1"),
    # Empty elements and blanks (RFC 9110 section 5.6.1).
    ("", "10.0.0.1"),
    (" ", "10.0.0.1"),
    (",", "10.0.0.1"),
    (", 198.51.100.1", "198.51.100.1"),
    ("198.51.100.1,,10.0.0.2", "198.51.100.1"),
    ("198.51.100.1 ,\t10.0.0.2 ", "198.51.100.1"),
    # One IPv4 address however a socket for both families writes it; zones are our own cards.
    ("::ffff:198.51.100.1", "198.51.100.1"),
    ("[::ffff:198.51.100.1]:443", "198.51.100.1"),
    ("198.51.100.1, ::ffff:10.0.0.2", "198.51.100.1"),
    ("fe80::1%eth0", "fe80::1"),
    ("[fe80::1%25eth0]:443", "fe80::1"),
    # No addresses.
    ("198.51.100.1/32", "10.0.0.1"),
    ("198.51.100", "10.0.0.1"),
    ("198.051.100.001", "10.0.0.1"),
    ("[2001:db8::7", "10.0.0.1"),
    ("localhost", "10.0.0.1"),
    ("for=198.51.100.1", "10.0.0.1"),
    ("1" * 5000, "10.0.0.1"),
    (":" * 5000, "10.0.0.1"),
    (", ".join(["6.6.6.6"] * 1000 + ["198.51.100.1"]), "198.51.100.1"),
]


def address_of(trusted: str, peer: str, **headers: str) -> object:
    app = make_application(DANHMUC_TRUSTED_PROXIES=trusted)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    response = app.test_client().get(
        "/actor", headers=sent, environ_overrides={"REMOTE_ADDR": peer}
    )
    return (response.json or {})["address"]


@pytest.mark.parametrize(("sent", "address"), FORWARDED)
def test_what_a_proxy_sends_is_understood(sent: str, address: str) -> None:
    assert address_of("10.0.0.0/24", "10.0.0.1", X_Forwarded_For=sent) == address
    # gunicorn on a unix socket knows no peer: only a proxy of this machine can be behind it.
    over_a_socket = address_of("10.0.0.0/24", "", X_Forwarded_For=sent)
    assert over_a_socket == ("" if address == "10.0.0.1" else address)


@pytest.mark.parametrize(("sent", "_address"), FORWARDED)
def test_nobody_else_is_believed(sent: str, _address: str) -> None:
    for trusted in ("", "10.0.0.0/24"):
        assert address_of(trusted, "203.0.113.9", X_Forwarded_For=sent) == "203.0.113.9"


def test_a_header_that_came_in_several_lines_is_one_list() -> None:
    app = make_application(DANHMUC_TRUSTED_PROXIES="10.0.0.0/24")
    lines = [("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-For", "198.51.100.1, 10.0.0.2")]
    response = app.test_client().get(
        "/actor", headers=lines, environ_overrides={"REMOTE_ADDR": "10.0.0.1"}
    )
    assert response.json == {"address": "198.51.100.1"}


def test_the_other_header_is_not_believed() -> None:
    """A proxy that writes X-Forwarded-For passes a browser's `Forwarded` through untouched."""
    invented = 'for=6.6.6.6;proto=https, for="[2001:db8::7]:47011"'
    assert address_of("10.0.0.0/24", "10.0.0.1", Forwarded=invented) == "10.0.0.1"
    both = address_of("10.0.0.0/24", "10.0.0.1", Forwarded=invented, X_Forwarded_For="198.51.100.1")
    assert both == "198.51.100.1"


@pytest.mark.parametrize(
    ("trusted", "peer", "headers", "is_proxy", "undeclared"),
    [
        ("10.0.0.0/24", "10.0.0.1", {"X-Forwarded-For": "198.51.100.1"}, False, ""),
        ("10.0.0.0/24", "198.51.100.1", {}, False, ""),
        # Everybody's address is nobody's: declared, on a socket, or evident.
        ("10.0.0.0/24", "10.0.0.1", {}, True, ""),
        ("10.0.0.0/24", "10.0.0.1", {"X-Forwarded-For": "unknown"}, True, ""),
        ("10.0.0.0/24", "10.0.0.1", {"X-Forwarded-For": "10.0.0.9"}, True, ""),
        ("", "", {}, True, ""),
        ("", "10.0.0.1", {"X-Forwarded-For": "198.51.100.1"}, True, "10.0.0.1"),
        ("", "10.0.0.1", {"Forwarded": "for=198.51.100.1"}, True, "10.0.0.1"),
        ("10.9.0.1", "10.0.0.1", {"X-Forwarded-For": "198.51.100.1"}, True, "10.0.0.1"),
        # Who adds the header behind a declared proxy stays one address.
        ("10.0.0.1", "10.0.0.1", {"X-Forwarded-For": "6.6.6.6, 198.51.100.1"}, False, ""),
    ],
)
def test_an_address_that_many_share_is_known_as_such(
    trusted: str, peer: str, headers: dict[str, str], is_proxy: bool, undeclared: str
) -> None:
    app = make_application(DANHMUC_TRUSTED_PROXIES=trusted)
    with app.test_request_context(headers=headers, environ_overrides={"REMOTE_ADDR": peer}):
        assert (sender().is_proxy, sender().undeclared_proxy) == (is_proxy, undeclared)


def test_an_undeclared_proxy_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    peers = ["192.0.2.71", "192.0.2.71", "192.0.2.72"]
    for peer in peers:
        address_of("", peer, X_Forwarded_For="198.51.100.1")
    told = [record for record in caplog.records if "TRUSTED_PROXIES" in record.getMessage()]
    assert [getattr(record, "peer", "") for record in told] == ["192.0.2.71", "192.0.2.72"]
