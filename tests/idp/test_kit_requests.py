"""What is refused before any view, and what is known about a request."""

from __future__ import annotations

import uuid
from io import BytesIO

import pytest

from tests.idp.kit_application import HTTPS, make_application

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
    response = make_application(issuer).test_client().get("/", headers={"Host": host})
    assert response.status_code == status


def test_the_page_for_a_foreign_host_names_the_right_address_and_needs_nothing_else() -> None:
    client = make_application().test_client()
    response = client.get("/", headers={"Host": "evil.example"})
    page = response.get_data(as_text=True)
    assert 'href="http://localhost:8400"' in page
    assert "evil" not in page
    assert "stylesheet" not in page


def test_forwarded_host_is_not_believed() -> None:
    headers = {"Host": "evil.example", "X-Forwarded-Host": "localhost:8400"}
    assert make_application().test_client().get("/", headers=headers).status_code == 421


def test_a_probe_by_address_is_answered() -> None:
    response = make_application().test_client().get("/healthz", headers={"Host": "10.0.0.5:8400"})
    assert response.status_code == 200


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT"])
def test_trace_is_off_even_where_a_view_would_take_it(method: str) -> None:
    response = make_application().test_client().open("/echo", method=method)
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
    client = make_application().test_client()
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
    client = make_application().test_client()
    response = client.post("/echo", data=body, content_type=str(content_type))
    assert 400 <= response.status_code < 500


def test_a_form_of_unknown_length_is_refused() -> None:
    """What a server raises over a broken chunk must not become a fault of ours."""
    response = (
        make_application()
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
    response = make_application().test_client().post("/echo", data={"word": "a" * 300_000})
    assert response.status_code == 413


def test_each_request_has_an_id_of_its_own_made_by_us() -> None:
    client = make_application().test_client()
    sent = {"X-Request-Id": "chosen-by-sender"}
    ids = [client.get("/", headers=sent).headers["X-Request-Id"] for _ in range(3)]
    assert len(set(ids)) == 3
    assert {uuid.UUID(each).version for each in ids} == {7}


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "address"),
    [
        ("", "203.0.113.9", "", "203.0.113.9"),
        ("", "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.0/8", "10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.0/8", "10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.0/8", "10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.0/8", "10.0.0.1", "198.51.100.1, <script>", "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.0/8", "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("", "", "198.51.100.1", ""),
    ],
)
def test_the_address_is_believed_only_from_configured_proxies(
    trusted: str, peer: str, forwarded: str, address: str
) -> None:
    app = make_application(DANHMUC_TRUSTED_PROXIES=trusted)
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    response = app.test_client().get(
        "/actor", headers=headers, environ_overrides={"REMOTE_ADDR": peer}
    )
    assert response.json == {"address": address}
