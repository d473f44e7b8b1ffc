"""What is measured: each operation as one client repeats it, its answer checked every time."""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from urllib.parse import parse_qs, urlencode, urlsplit

from bench.cast import CALLBACK, PASSWORD, VERIFIER, Account, Application, Cast
from bench.connection import Answer, Connection
from bench.load import Exhausted, Once
from directory.catalogue.person import person_dn
from directory.installation import open_installation
from directory.ldap import passwords
from directory.ldap.bind import BindResult, verify_password
from directory.settings import Settings
from idp.levels import TWO_FACTORS
from idp.sessions import store as sessions

_CODES = 400  # made before the measurement, enough for the warm-up too; one lives for a minute
_TOKEN_FIELD = re.compile(r'name="csrf_token" value="([^"]+)"')
_REFRESH = re.compile(r'<meta http-equiv="refresh" content="0; url=([^"]+)"')
_SEEN_FIELD = re.compile(r'name="seen_(\w+)" value="([^"]*)"')


@dataclass(frozen=True)
class Stage:
    """What operations need: where the product is, and who takes part."""

    settings: Settings
    cast: Cast
    connect: Callable[[int, str], Connection] = Connection

    def web(self, number: int = 0) -> Connection:
        return self.connect(self.settings.port, f"10.1.{number // 250}.{number % 250 + 1}")

    def console(self, number: int = 0) -> Connection:
        port = urlsplit(self.settings.console_url).port or 443
        return self.connect(port, f"10.2.{number // 250}.{number % 250 + 1}")


@dataclass(frozen=True)
class Operation:
    """`prepare` gives what client `number` repeats; `most_clients` can do so at once."""

    name: str
    prepare: Callable[[Stage, int], Once]
    most_clients: int = 8


def expect(answer: Answer, status: int) -> Answer:
    """The answer, when it has the status; anything else is a failure of the measurement."""
    if answer.status != status:
        raise RuntimeError(f"{answer.status} instead of {status}: {answer.text[:200]}")
    return answer


def _check(answer: Answer, status: int) -> None:
    expect(answer, status)


def sign_in(web: Connection, account: Account, target: str) -> str:
    """Follow `target` through the sign-in page; gives the address of the way back."""
    answer = web.get(target)
    while answer.status in (302, 303):
        if not _is_ours(answer.location, web.port):
            return answer.location
        page = answer.location
        answer = web.get(page)
    token = _TOKEN_FIELD.search(expect(answer, 200).text)
    if token is None:
        raise RuntimeError("no sign-in form")
    form = {
        "csrf_token": html.unescape(token[1]),
        "login": account.username,
        "password": PASSWORD,
    }
    answer = web.post(page, form)
    while answer.status in (302, 303) and _is_ours(answer.location, web.port):
        answer = web.get(answer.location)
    if answer.location:
        return answer.location
    # After a form of ours a page takes the browser to the application.
    onward = _REFRESH.search(expect(answer, 200).text)
    if onward is None:
        raise RuntimeError("no way back to the application")
    return html.unescape(onward[1])


def _is_ours(location: str, port: int) -> bool:
    return location.startswith("/") or urlsplit(location).port == port


def _authorization(application: Application) -> str:
    return "/authorize?" + urlencode(application.authorization())


def _code(location: str) -> str:
    return parse_qs(urlsplit(location).query)["code"][0]


def _basic(application: Application) -> str:
    return "Basic " + b64encode(f"{application.client_id}:{application.secret}".encode()).decode()


def _token_request(stage: Stage, web: Connection, form: dict[str, str]) -> dict[str, str]:
    answer = web.post("/token", form, Authorization=_basic(stage.cast.application))
    found: dict[str, str] = json.loads(expect(answer, 200).body)
    return found


def _redeem(stage: Stage, web: Connection, code: str) -> dict[str, str]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    return _token_request(stage, web, form)


def _tokens(stage: Stage, number: int) -> tuple[Connection, dict[str, str]]:
    web, account = stage.web(number), _one_of(stage.cast.people, number)
    back = sign_in(web, account, _authorization(stage.cast.application))
    return web, _redeem(stage, web, _code(back))


def _one_of(accounts: Sequence[Account], number: int) -> Account:
    return accounts[number % len(accounts)]


def _hash_alone(_stage: Stage, _number: int) -> Once:
    known = passwords.hash_password(PASSWORD)

    def once() -> None:
        if not passwords.matches(PASSWORD, known):
            raise RuntimeError("not the hash of its password")

    return once


def _bind_alone(stage: Stage, number: int) -> Once:
    person = _one_of(stage.cast.people, number)
    dn = person_dn(person.id, stage.settings.suffix)

    def once() -> None:
        if verify_password(stage.settings, dn, PASSWORD) is not BindResult.ACCEPTED:
            raise RuntimeError("the password is not accepted")

    return once


def _login(stage: Stage, number: int) -> Once:
    account = _one_of(stage.cast.people, number)
    web = stage.web(number)

    def once() -> None:
        web.cookies.clear()
        back = sign_in(web, account, _authorization(stage.cast.application))
        _redeem(stage, web, _code(back))

    return once


def _authorize(stage: Stage, number: int) -> Once:
    """A code for somebody who is signed in already."""
    web, _ = _tokens(stage, number)
    return lambda: _check(web.get(_authorization(stage.cast.application)), 303)


def _code_exchange(stage: Stage, number: int) -> Once:
    web, _ = _tokens(stage, number)
    asked = (web.get(_authorization(stage.cast.application)) for _ in range(_CODES))
    codes = [_code(expect(answer, 303).location) for answer in asked]

    def once() -> None:
        if not codes:
            raise Exhausted
        _redeem(stage, web, codes.pop())

    return once


def _refresh(stage: Stage, number: int) -> Once:
    web, tokens = _tokens(stage, number)
    held = [tokens["refresh_token"]]

    def once() -> None:
        form = {"grant_type": "refresh_token", "refresh_token": held[0]}
        held[0] = _token_request(stage, web, form)["refresh_token"]

    return once


def _client_credentials(stage: Stage, number: int) -> Once:
    web = stage.web(number)

    def once() -> None:
        _token_request(stage, web, {"grant_type": "client_credentials"})

    return once


def _userinfo(stage: Stage, number: int) -> Once:
    web, tokens = _tokens(stage, number)
    request = web.request("GET", "/userinfo", Authorization=f"Bearer {tokens['access_token']}")
    return lambda: _check(web.send(request), 200)


def _introspection(stage: Stage, number: int) -> Once:
    web, tokens = _tokens(stage, number)

    def once() -> None:
        form = {"token": tokens["access_token"]}
        answer = web.post("/introspect", form, Authorization=_basic(stage.cast.application))
        if not json.loads(expect(answer, 200).body)["active"]:
            raise RuntimeError("inactive")

    return once


def _document(path: str) -> Callable[[Stage, int], Once]:
    def prepare(stage: Stage, number: int) -> Once:
        web = stage.web(number)
        request = web.request("GET", path)
        return lambda: _check(web.send(request), 200)

    return prepare


def enter_console(stage: Stage, account: Account, number: int) -> Connection:
    """A connection to the console with the session of `account`, who has proved two factors."""
    console, web = stage.console(number), stage.web(1000 + number)
    web.cookies["dm_session"] = _session_of(stage, account)
    away = expect(console.get("/dang-nhap?ve=/nguoi-dung"), 303).location
    back = sign_in(web, account, away)
    expect(console.get(back), 303)
    return console


def _session_of(stage: Stage, account: Account) -> str:
    installation = open_installation(stage.settings, "idp")
    with installation.database.write() as tx:
        _, value = sessions.open_session(
            tx,
            account.id,
            amr=("pwd", "otp"),
            acr=TWO_FACTORS,
            address="",
            user_agent="bench",
            shared_computer=False,
        )
    installation.close_connections()
    return value


def _page(targets: Sequence[str], who: str) -> Callable[[Stage, int], Once]:
    def prepare(stage: Stage, number: int) -> Once:
        accounts: Sequence[Account] = getattr(stage.cast, who)
        console = enter_console(stage, _one_of(accounts, number), number)
        # People look at a page for longer than the server keeps a connection (5 s).
        requests = cycle([console.request("GET", target, Connection="close") for target in targets])
        return lambda: _check(console.send(next(requests)), 200)

    return prepare


def _search(*texts: str) -> list[str]:
    return ["/nguoi-dung?" + urlencode({"tim": text}) for text in texts]


WITH_MARKS = _search("Nguyễn Văn Hùng", "trần thị", "Hạnh", "lê minh")
WITHOUT_MARKS = _search("nguyen van hung", "tran thi", "hanh", "le minh")
LISTS = ["/nguoi-dung"]


def _edit(stage: Stage, number: int) -> Once:
    """Opens the form of somebody of one's own and saves another telephone number."""
    console = enter_console(stage, _one_of(stage.cast.departments, number), number)
    listed = expect(console.get("/nguoi-dung"), 200).text
    ids = sorted(set(re.findall(r"/nguoi-dung/([0-9a-f-]{36})", listed)))
    chosen = ids[number % len(ids)]
    phones = _phones(number)

    def once() -> None:
        page = expect(console.get(f"/nguoi-dung/{chosen}/sua"), 200).text
        token = _TOKEN_FIELD.search(page)
        if token is None:
            raise RuntimeError("no form")
        seen = {name: html.unescape(value) for name, value in _SEEN_FIELD.findall(page)}
        form = seen | {f"seen_{name}": value for name, value in seen.items()}
        form |= {"csrf_token": html.unescape(token[1]), "phone": next(phones)}
        expect(console.post(f"/nguoi-dung/{chosen}/sua", form), 303)

    return once


def _phones(number: int) -> Iterator[str]:
    for count in range(10**6):
        yield f"0274 {300 + number} {count % 10_000:04d}"


OPERATIONS: tuple[Operation, ...] = (
    Operation("argon2id alone", _hash_alone),
    Operation("LDAP bind alone", _bind_alone, most_clients=2),  # a hash slot for each CPU
    Operation("whole login", _login),
    Operation("authorize, signed in", _authorize),
    Operation("code exchange", _code_exchange),
    Operation("refresh", _refresh),
    Operation("client_credentials", _client_credentials),
    Operation("userinfo", _userinfo),
    Operation("introspection", _introspection),
    Operation("discovery", _document("/.well-known/openid-configuration")),
    Operation("JWKS", _document("/jwks")),
    *(
        Operation(f"console: {what}, {who}", _page(targets, who))
        for who in ("departments", "districts", "province")
        for what, targets in (
            ("list", LISTS),
            ("search", WITHOUT_MARKS),
            ("search with marks", WITH_MARKS),
        )
    ),
    Operation("console: edit a person", _edit),
)
