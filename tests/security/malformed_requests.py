"""Malformed HTTP requests, as bytes on the wire, the same ones for the same seed.

Each begins as a request that an endpoint could accept and is then damaged in one to three ways:
what is nonsense from the first byte never gets past the parser and tests nothing behind it.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote_from_bytes

INJECTED_HEADER = "X-Injected-By-Test"
SCRIPT = "<script>alert('fuzz')</script>"

# Bytes, because half of them are not text.
_NASTY: tuple[bytes, ...] = (
    b"",
    b"\x00",
    b"a\x00b",
    b"\xff\xfe",
    b"\xc3\x28",  # a broken two-byte sequence
    b"\xed\xa0\x80",  # a lone surrogate
    b"\xc0\xaf",  # an overlong slash
    b"' OR 1=1--",
    b'"; DROP TABLE people; --',
    b"*)(uid=*",
    b"\\2a)(objectClass=*",
    b"{{7*7}}${7*7}<%= 7*7 %>",
    SCRIPT.encode(),
    b"%s%s%n%x",
    b"../../../../etc/passwd",
    b"file:///etc/passwd",
    b"http://169.254.169.254/latest/meta-data/",
    b"javascript:alert(1)",
    b"//evil.example/",
    b"\r\n" + INJECTED_HEADER.encode() + b": 1",
    b"-1",
    b"1e309",
    b"99999999999999999999999999",
    b"NaN",
    b"null",
    b"true",
    b"[]",
    b'{"a":1}',
    "Nguyễn Thị Ế\u0301\u202e\u200b".encode(),
    "🏛️".encode() * 50,
    b"eyJhbGciOiJub25lIn0.e30.",
    b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.AAAA",
    b"....",
    b"A" * 3000,
    b"%" * 40,
    b"%zz%u0041",
)
_PARAMETERS: tuple[str, ...] = (
    *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge"),
    *("code_challenge_method", "response_mode", "prompt", "max_age", "login_hint", "ui_locales"),
    *("id_token_hint", "acr_values", "claims", "request", "request_uri", "resource", "display"),
    *("grant_type", "code", "code_verifier", "refresh_token", "client_secret", "assertion"),
    *("client_assertion", "client_assertion_type", "token", "token_type_hint", "audience"),
    *("post_logout_redirect_uri", "logout_token", "sid", "flow", "username", "password"),
    *("csrf_token", "lang", "next", "code[]", "client_id[]", "__proto__", "a" * 600),
)
_METHODS = (
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "HEAD",
    "TRACE",
    "PROPFIND",
    "BREW",
    "get",
    "P\x01",
)
_PATH_ENDS = (
    *("%00", "%ff", "%c3%28", "/", "//", "/..%2f..%2fetc/passwd", "/../../", ";a=b", "%0d%0aX: 1"),
    *("%2e%2e/", "?", "#x", "\\..\\", "/" + "a" * 2000, "%", "%zz", "%25%30%30", "*", "\xe9"),
)
_CONTENT_TYPES = (
    *("application/json", "text/plain", "application/xml", "multipart/form-data", ""),
    *(
        "application/x-www-form-urlencoded; charset=utf-7",
        "multipart/form-data; boundary=",
        "a/b/c",
    ),
    *(
        "application/x-www-form-urlencoded; charset=nonsense",
        "\xff/\xff",
        "multipart/mixed; x=" * 9,
    ),
)
_AUTHORIZATIONS: tuple[bytes, ...] = (
    *(b"Basic", b"Basic ", b"Basic !!!!", b"Basic " + base64.b64encode(b"\xff\xfe:\x00")),
    *(b"Basic " + base64.b64encode(b"no-colon"), b"Basic " + base64.b64encode(b":" * 900)),
    *(b"Basic " + base64.b64encode(b"%ff%00:%zz"), b"Bearer", b"Bearer  ", b"Bearer a b c"),
    *(b"Bearer " + b"A" * 6000, b"Bearer eyJhbGciOiJub25lIn0.e30.", b"Bearer \xff\xfe", b"DPoP x"),
    *(b"Digest username=x", b"\x80", b"Negotiate AAAA", b"Bearer e30.e30.e30", b"bearer null"),
)


@dataclass
class WireRequest:
    """One request; `serialise` gives the bytes as they go out."""

    method: str
    path: str
    query: list[tuple[bytes, bytes]] = field(default_factory=list)
    form: list[tuple[bytes, bytes]] | None = None
    body: bytes | None = None
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    content_type: str = "application/x-www-form-urlencoded"
    framing: str = "length"
    damages: list[str] = field(default_factory=list)

    def serialise(self) -> bytes:
        """Request line, header fields and body."""
        target = self.path.encode("latin-1", "replace")
        if self.query:
            target += b"?" + _encode(self.query)
        body = self.body
        if body is None and self.form is not None:
            body = _encode(self.form)
        lines = [self.method.encode("latin-1") + b" " + target + b" HTTP/1.1"]
        lines += [name + b": " + value for name, value in self.headers]
        if body is not None:
            if self.content_type:
                lines.append(b"Content-Type: " + self.content_type.encode("latin-1"))
            framing_lines, body = _frame(self.framing, body)
            lines += framing_lines
        return b"\r\n".join([*lines, b"Connection: close", b"", body or b""])


def _encode(pairs: Sequence[tuple[bytes, bytes]]) -> bytes:
    return b"&".join(
        quote_from_bytes(name).encode() + b"=" + quote_from_bytes(value).encode()
        for name, value in pairs
    )


def _frame(framing: str, body: bytes) -> tuple[list[bytes], bytes]:
    length = str(len(body)).encode()
    chunked = b"Transfer-Encoding: chunked"
    if framing == "chunked":
        return [chunked], b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    if framing == "chunked without end":
        return [chunked], b"%x\r\n%s\r\n" % (len(body), body)
    if framing == "chunk size is not a number":
        return [chunked], b"zz\r\n%s\r\n0\r\n\r\n" % body
    if framing == "both lengths":
        return [b"Content-Length: " + length, chunked], body
    if framing == "length too long":
        return [b"Content-Length: %d" % (len(body) + 100)], body
    if framing == "length is not a number":
        return [b"Content-Length: -5"], body
    if framing == "two lengths":
        return [b"Content-Length: " + length, b"Content-Length: 3"], body
    return [b"Content-Length: " + length], body


_Damage = Callable[[random.Random, WireRequest], None]


def _odd_method(rng: random.Random, request: WireRequest) -> None:
    request.method = rng.choice(_METHODS)


def _odd_path(rng: random.Random, request: WireRequest) -> None:
    request.path += rng.choice(_PATH_ENDS)


def _nasty_query(rng: random.Random, request: WireRequest) -> None:
    for _ in range(rng.randint(1, 5)):
        request.query.append((rng.choice(_PARAMETERS).encode(), rng.choice(_NASTY)))


def _change_parameter(rng: random.Random, request: WireRequest) -> None:
    pairs = request.form if request.form else request.query
    if pairs:
        at = rng.randrange(len(pairs))
        pairs[at] = (pairs[at][0], rng.choice(_NASTY))


def _drop_parameter(rng: random.Random, request: WireRequest) -> None:
    pairs = request.form if request.form else request.query
    if pairs:
        pairs.pop(rng.randrange(len(pairs)))


def _repeat_parameter(rng: random.Random, request: WireRequest) -> None:
    pairs = request.form if request.form else request.query
    if pairs:
        name, value = rng.choice(pairs)
        pairs.append((name, rng.choice((value, rng.choice(_NASTY)))))


def _nasty_form(rng: random.Random, request: WireRequest) -> None:
    request.method = "POST"
    request.form = [*(request.form or [])]
    for _ in range(rng.randint(1, 6)):
        request.form.append((rng.choice(_PARAMETERS).encode(), rng.choice(_NASTY)))


def _many_parameters(rng: random.Random, request: WireRequest) -> None:
    request.method = "POST"
    request.form = [(b"p%d" % n, b"x") for n in range(rng.choice((1_200, 10_000)))]


def _huge_value(rng: random.Random, request: WireRequest) -> None:
    request.method = "POST"
    name = rng.choice(_PARAMETERS).encode()
    request.form = [*(request.form or []), (name, b"A" * rng.choice((70_000, 300_000, 1_000_000)))]


def _long_query(rng: random.Random, request: WireRequest) -> None:
    request.query.append((rng.choice(_PARAMETERS).encode(), b"A" * rng.choice((7_000, 9_000))))


def _json_body(rng: random.Random, request: WireRequest) -> None:
    request.method = "POST"
    pairs = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.form or []}
    request.body = rng.choice(
        (
            json.dumps(pairs).encode(),
            b'{"a": ',
            b"[" * 20_000,
            b'{"grant_type": {"$gt": ""}, "client_id": ["a"]}',
            b"\xff\xfe{}",
            b"null",
            b"1" * 5_000,
        )
    )
    request.content_type = "application/json"


def _multipart_body(rng: random.Random, request: WireRequest) -> None:
    request.method = "POST"
    part = b'--x\r\nContent-Disposition: form-data; name="client_id"%s\r\n\r\nvalue\r\n'
    request.body = rng.choice(
        (
            part % b"",
            part % b'; filename="../../a\x00.txt"',
            (part % b"") * 1_500 + b"--x--\r\n",
            b"--x",
            b"--x\r\n" + b"A" * 70_000,
            b"--x\r\nContent-Disposition: nonsense\r\n\r\n\xff\xfe\r\n--x--\r\n",
        )
    )
    request.content_type = "multipart/form-data; boundary=x"


def _odd_content_type(rng: random.Random, request: WireRequest) -> None:
    request.method = "POST"
    request.form = request.form or [(b"a", b"b")]
    request.content_type = rng.choice(_CONTENT_TYPES)


def _raw_body(rng: random.Random, request: WireRequest) -> None:
    request.method = "POST"
    request.body = rng.randbytes(rng.choice((1, 40, 4_000)))


def _odd_framing(rng: random.Random, request: WireRequest) -> None:
    request.method = "POST"
    request.form = request.form or [(b"a", b"b")]
    request.framing = rng.choice(
        (
            *("chunked", "chunked without end", "chunk size is not a number", "both lengths"),
            *("length too long", "length is not a number", "two lengths"),
        )
    )


def _garbage_cookie(rng: random.Random, request: WireRequest) -> None:
    names = (b"dm_session", b"dm_browser", b"__Host-dm_session", b"lang", b"dm_lang", b"\xff", b"")
    value = rng.choice((*_NASTY, b"A" * 43, b'"unterminated', b"a=b=c; ;;=;", b"\x01\x02"))
    value = value.replace(b"\r\n", b" ").replace(b"\x00", b"\x01")
    request.headers.append((b"Cookie", rng.choice(names) + b"=" + value))


def _garbage_authorization(rng: random.Random, request: WireRequest) -> None:
    _remove_header(request, b"Authorization")
    request.headers.append((b"Authorization", rng.choice(_AUTHORIZATIONS)))


def _odd_host(rng: random.Random, request: WireRequest) -> None:
    _remove_header(request, b"Host")
    hosts = (b"evil.example", b"localhost:1", b"", b"a b", b"\xff", b"[::1", b"localhost:99999999")
    for host in rng.choice(((), (rng.choice(hosts),), (rng.choice(hosts), rng.choice(hosts)))):
        request.headers.append((b"Host", host))


def _odd_header(rng: random.Random, request: WireRequest) -> None:
    request.headers += rng.choice(
        (
            [(b"Accept-Language", b"\xff;q=x,,,*;q=9,vi;q=-1")],
            [(b"X-Forwarded-For", b"\xff, ', 999.1.1.1"), (b"Forwarded", b'for="')],
            [(b"X-Forwarded-Host", b"evil.example"), (b"X-Forwarded-Proto", b"https")],
            [(b"Origin", b"null")],
            [(b"Origin", b"https://evil.example"), (b"Sec-Fetch-Site", b"cross-site")],
            [(b"Content-Encoding", b"gzip")],
            [(b"Range", b"bytes=9999999-1,a-b")],
            [(b"Expect", b"200-nonsense")],
            [(b"If-None-Match", b'"\xff'), (b"If-Modified-Since", b"yesterday")],
            [(b"X-Long", b"A" * 9_000)],
            [(b"X-%d" % n, b"x") for n in range(120)],
            [(b"X-Null", b"a\x00b")],
            [(b"Bad Name", b"x")],
            [(b"X-Folded", b"a\r\n b")],
            [(b"Upgrade", b"h2c"), (b"HTTP2-Settings", b"AAMAAABkAAQAAP__")],
            [(b"Transfer-Encoding", b"identity")],
            [(b"Accept", b"*/*;q=x, \xff")],
        )
    )


def _remove_header(request: WireRequest, name: bytes) -> None:
    request.headers = [pair for pair in request.headers if pair[0] != name]


_DAMAGES: Mapping[str, _Damage] = {
    damage.__name__.strip("_"): damage
    for damage in (
        *(_odd_method, _odd_path, _nasty_query, _change_parameter),
        *(_drop_parameter, _repeat_parameter, _nasty_form, _many_parameters, _huge_value),
        *(_long_query, _json_body, _multipart_body, _odd_content_type, _raw_body, _odd_framing),
        *(_garbage_cookie, _garbage_authorization, _odd_host, _odd_header),
    )
}


@dataclass(frozen=True)
class Template:
    """A request an endpoint could accept: what the damages begin with."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def begin(self, host: str) -> WireRequest:
        """A fresh copy that can be damaged."""
        return WireRequest(
            self.method,
            self.path,
            [(name.encode(), value.encode()) for name, value in self.query],
            None if self.form is None else [(n.encode(), v.encode()) for n, v in self.form],
            headers=[
                (b"Host", host.encode()),
                *((name.encode(), value.encode()) for name, value in self.headers),
            ],
        )


def malformed_requests(
    templates: Sequence[Template], host: str, count: int, seed: int
) -> Iterator[WireRequest]:
    """`count` damaged requests, every template in turn."""
    rng = random.Random(seed)
    names = sorted(_DAMAGES)
    for number in range(count):
        request = templates[number % len(templates)].begin(host)
        for name in rng.sample(names, rng.choice((1, 1, 1, 2, 3))):
            _DAMAGES[name](rng, request)
            request.damages.append(name)
        yield request
