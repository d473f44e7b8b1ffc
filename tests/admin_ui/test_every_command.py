"""Every command: JSON as declared, text for people, refusals in a sentence, and a second run that
says what it did not do. A command without a case here fails."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import pytest

from admin_ui.cli.main import danhmuc as root
from directory.sheets.reading import Wanted, read_sheet
from tests.support.command_documents import DOCUMENTS, check_document, write_schema
from tests.support.command_line import CommandLine, Ended, danhmuc
from tests.support.installation import opened
from tests.support.made_once import make_keys

pytestmark = pytest.mark.only_on_sqlite("what a command prints does not depend on the store")

__all__ = ["danhmuc"]

PASSWORD = "mot-mat-khau-du-dai-2013"
# What a second run does: answers the same, makes another, refuses, or says that nothing changed.
SAME, ANEW, REFUSES, UNCHANGED = "same", "anew", "refuses", "unchanged"
APART = {
    "up": "runs until Ctrl-C and answers nothing",
    "worker": "runs until Ctrl-C and answers nothing",
    "setup": "asks a person; tests/admin_ui/test_first_steps.py",
    "backup restore": "wants everything stopped; tests/admin_ui/test_backup_restore.py",
    "request approve": "wants a second person; tests/directory/test_requests.py",
    "request refuse": "wants a second person; tests/directory/test_requests.py",
    "certificate bind": "wants a certificate; tests/admin_ui/test_cli_certificates.py",
    "certificate trust": "wants a certificate; tests/admin_ui/test_cli_certificates.py",
    "certificate distrust": "wants a certificate; tests/admin_ui/test_cli_certificates.py",
    "certificate load-list": "wants a list; tests/admin_ui/test_cli_certificates.py",
    "mfa remove": "wants a passkey; tests/idp/test_factor_policy.py",
    "mfa code": "a demo only; tests/admin_ui/test_cli_mfa.py",
    "connector test": "wants a target; tests/sync/test_connectors.py",
    "connector skip": "wants an account that is stuck; tests/sync/test_connectors.py",
    "session end": "wants somebody who is signed in; tests/idp/test_forced_sign_out.py",
    "seed": "a demo only; here it must refuse: test_what_only_a_demo_may_is_refused",
}
# Addresses, APP:ROLE, codes of errors, names of OAuth and of settings, kids.
_MEANT = re.compile(
    r"\S*[/:]\S*|\[[a-z_.]+\]|(client|authorization|refresh|offline|private)_\w+|DANHMUC_\w+"
    r"|\S{40,}|[ER]S256 \S{8}"
)
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Case:
    """One command. ``{n}`` in a word differs between the runs, ``{tmp}`` is a folder; `first`:
    commands before it; `{id}` is the id that the last of those answered."""

    command: str
    words: str = ""
    again: str = SAME
    first: tuple[str, ...] = ()
    stdin: str = ""
    code: int = 0
    ids: int = field(default=0)  # how many ids the text may name: of what has no other name


_PERSON = "person add --username nguoi{n} --full-name Nguyễn_Thị_Hạnh --agency SYT --unit VP"
_NETWORK = "mfa policy network kho{n} 10.13.0.0/16"
_RULE = "mfa policy set network:kho{n} --days 7"
_IDLE = "mfa policy set idle:kho:xem{n} --minutes 10"
_TOTP = "mfa enrol-totp bsmai"
_GRANT = "grant add --person bsmai --role kho:xem{n} --agency SYT --reason QĐ_1"
_ROLE = "role add kho:xem{n} --title Người_xem"
_CODE = "code put field MT{n} --name Môi_trường_{n}"
_ABSENCE = "absence add nguoi{n} --kind study --until 2027-06-30"
_SECRET = "role add kho:mat{n} --title Người_xem_mật --needs-approval"
_ASKED = "grant add --person bsmai --role kho:mat{n} --agency SYT --reason QĐ_1"
_CLIENT = "client add --name Lịch_{n} --client-id lich{n} --redirect-uri https://lich.vn/{n}"
_LDAP = "client ldap add --name Máy_in_{n} --release username --purpose In"
_SECOND = "person post add nguoi{n} --agency SYT --title Phó_phòng"
_POSITION = "position add --agency SYT --name Văn_thư_{n}"
_NOTICE = "notice set --text Bảo_trì_{n} --at sign-in"
_API = "resource add https://api{n}.vn/ --client kho"
_KEPT = (_PERSON,)
_SEALED = "break-glass create khan{n} --holder bsmai --second-holder nguoi{n}"
_CONNECTOR = "connector add {tmp}/k{n}.yaml"

_FILE = "danhmuc: 1\npositions: [{agency: SYT, name: 'Kế toán {n}'}]\n"

CASES = (
    Case("apply", "-", UNCHANGED, stdin=_FILE),
    Case("export"),
    Case("agency add", "--code TT{n} --name Thanh_tra --parent SYT", REFUSES, ids=1),
    Case("agency list", "--units"),
    Case("agency show", "SYT", ids=1),
    Case("agency tree"),
    Case("audit tail", "-n 500"),
    Case("audit search"),
    Case("backup create", "", ANEW),
    Case("backup drill", "", ANEW, first=("backup create",)),
    Case("backup keys", "--to {tmp}/keys{n}"),
    Case("backup list", first=("backup create",)),
    Case("backup unpack", "{file} --to {tmp}/unpacked{n}", REFUSES, first=("backup create",)),
    Case("catalogue brake"),
    Case("catalogue readers"),
    Case("catalogue rebuild", "", ANEW),
    Case("catalogue reconcile"),
    Case("certificate authorities"),
    Case("certificate bundle"),
    Case("check-config"),
    Case("client add", _CLIENT.removeprefix("client add "), REFUSES),
    Case("client disable", "lich{n} --reason thử", REFUSES, first=(_CLIENT,)),
    Case(
        "client enable",
        "lich{n} --reason thử",
        REFUSES,
        first=(_CLIENT, "client disable lich{n} --reason thử"),
    ),
    Case("client errors", "lich{n}", first=(_CLIENT,)),
    Case(
        "client import",
        "-",
        REFUSES,
        stdin='[{"client_id": "nhap{n}", "client_name": "Nhập", "redirect_uris": ["https://n.vn/"]}]',
    ),
    Case("client ldap add", _LDAP.removeprefix("client ldap add "), ANEW, ids=1),
    Case("client ldap disable", "{client} --reason thử", REFUSES, first=(_LDAP,), ids=1),
    Case(
        "client ldap enable",
        "{client} --reason thử",
        REFUSES,
        first=(_LDAP, "client ldap disable {client} --reason thử"),
        ids=1,
    ),
    Case("client ldap list", first=(_LDAP,), ids=99),
    Case("client ldap new-password", "{client}", ANEW, first=(_LDAP,), ids=1),
    Case("client ldap show", "{client}", first=(_LDAP,), ids=1),
    Case("client list", ids=0),
    Case("client release", "lich{n}", first=(_CLIENT,)),
    Case("client remove", "lich{n} --reason thử --dry-run", first=(_CLIENT,)),
    Case("client rotate-secret", "lich{n}", ANEW, first=(_CLIENT,)),
    Case("client show", "kho"),
    Case("client try", "lich{n}", ANEW, first=(_CLIENT,)),
    Case("client update", "lich{n} --name Lịch_mới_{n}", first=(_CLIENT,)),
    Case(
        "absence add", "nguoi{n} --kind study --until 2027-06-30", REFUSES, first=(_PERSON,), ids=2
    ),
    Case("absence end", "nguoi{n}", REFUSES, first=(_PERSON, _ABSENCE)),
    Case("absence list", "nguoi{n}", first=(_PERSON, _ABSENCE)),
    Case("code assign", "rank", UNCHANGED),
    Case("code import", "rank {tmp}/ma{n}.csv", UNCHANGED),
    Case("code lists"),
    Case("code close", "field MT{n} --on 2099-12-31", first=(_CODE,)),
    Case("code list", "field", first=(_CODE,)),
    Case("code put", _CODE.removeprefix("code put "), UNCHANGED),
    Case("doctor", code=1),
    Case("grant add", _GRANT.removeprefix("grant add "), REFUSES, first=(_ROLE,), ids=1),
    Case("grant conflicts", first=(_ROLE, _GRANT)),
    Case("grant explain", "--person bsmai --application kho", first=(_ROLE, _GRANT), ids=99),
    Case("grant privileged"),
    Case(
        "grant renew",
        "{id} --until 2099-12-31 --reason QĐ_3",
        REFUSES,
        first=(_ROLE, _GRANT),
        ids=1,
    ),
    Case("grant list", first=(_ROLE, _GRANT), ids=99),
    Case("grant revoke", "{id} --reason QĐ_2", REFUSES, first=(_ROLE, _GRANT)),
    Case("init", "--empty"),
    Case("key list"),
    Case("key revoke", "{kid} --reason thử", REFUSES),
    Case("key rotate", "--force", ANEW),
    Case("key rotate-sealing", "", UNCHANGED),
    Case("mfa enrol-totp", "bsmai", ANEW, first=("mfa reset bsmai --reason mất",)),
    Case("mfa policy network", "khach{n} 10.12.0.0/16", UNCHANGED),
    Case("mfa policy remove", "network:kho{n}", REFUSES, first=(_NETWORK, _RULE)),
    Case("mfa policy set", "network:kho{n}", UNCHANGED, first=(_NETWORK,)),
    Case("mfa policy show", first=(_NETWORK, _RULE, _ROLE, _IDLE)),
    Case("mfa reset", "bsmai --reason mất", UNCHANGED, first=(_TOTP,)),
    Case("mfa show", "bsmai", first=("mfa reset bsmai --reason mất", _TOTP)),
    Case("notice clear", "{id}", REFUSES, first=(_NOTICE,)),
    Case("notice set", _NOTICE.removeprefix("notice set "), UNCHANGED, ids=1),
    Case("notice show", first=(_NOTICE,), ids=99),
    Case("person add", _PERSON.removeprefix("person add "), REFUSES, ids=1),
    Case("person list", first=(_PERSON,)),
    Case("person move", "nguoi{n} --agency SYT --title Văn_thư", REFUSES, first=(_PERSON,)),
    Case(
        "person post add", "nguoi{n} --agency SYT --title Phó_phòng", ANEW, first=(_PERSON,), ids=1
    ),
    Case("person post end", "nguoi{n}x {id}", UNCHANGED, first=(_PERSON, _SECOND)),
    Case(
        "person resume",
        "nguoi{n} --reason thử",
        REFUSES,
        first=(_PERSON, "person suspend nguoi{n} --reason thử"),
    ),
    Case("person retire", "nguoi{n} --reason thử", REFUSES, first=(_PERSON,)),
    Case("person set-password", "nguoi{n} --password-stdin", first=(_PERSON,), stdin=PASSWORD),
    Case("person show", "nguoi{n}", first=(_PERSON,), ids=2),
    Case("person suspend", "nguoi{n} --reason thử", REFUSES, first=(_PERSON,)),
    Case("person unlock", "nguoi{n}", UNCHANGED, first=(_PERSON,)),
    Case("person update", "nguoi{n} --staff-no CB_{n}", UNCHANGED, first=(_PERSON,)),
    Case("position add", _POSITION.removeprefix("position add "), REFUSES, ids=1),
    Case("position close", "{id} --reason thử", REFUSES, first=(_POSITION,)),
    Case("position list", first=(_POSITION,), ids=99),
    Case("position rename", "{id} --name Kế_toán_{n}", UNCHANGED, first=(_POSITION,)),
    Case("connector add", "{tmp}/k{n}.yaml", REFUSES),
    Case("connector list", first=(_CONNECTOR,)),
    Case("connector match", "k{n}", first=(_CONNECTOR,)),
    Case("connector pause", "k{n}", UNCHANGED, first=(f"{_CONNECTOR} --start",)),
    Case("connector person", "bsmai"),
    Case("connector plan", "k{n}", first=(_CONNECTOR,)),
    Case("connector reconcile", "k{n} --last", first=(_CONNECTOR,)),
    Case("connector remove", "k{n}", REFUSES, first=(_CONNECTOR,)),
    Case("connector replay", "k{n}", first=(_CONNECTOR,)),
    Case("connector resume", "k{n}", UNCHANGED, first=(_CONNECTOR,)),
    Case("connector retry", "k{n}", first=(_CONNECTOR,)),
    Case("connector run", "k{n}", ANEW, first=(_CONNECTOR,)),
    Case("connector runs", "k{n}", first=(_CONNECTOR, "connector run k{n}")),
    Case("connector show", "k{n}", first=(_CONNECTOR,)),
    Case("connector status", "k{n}", first=(_CONNECTOR,)),
    Case("request list", "--state all", first=(_SECRET, _ASKED), ids=99),
    Case("request show", "{request}", first=(_SECRET, _ASKED)),
    Case("request withdraw", "{request} --reason thôi", REFUSES, first=(_SECRET, _ASKED)),
    Case("resource add", _API.removeprefix("resource add "), REFUSES),
    Case("resource list", first=(_API,)),
    Case("resource remove", "https://api{n}.vn/", REFUSES, first=(_API,)),
    Case("role add", _ROLE.removeprefix("role add "), UNCHANGED),
    Case("role list", first=(_ROLE,)),
    Case(
        "role restore",
        "kho:xem{n} --reason thử",
        REFUSES,
        first=(_ROLE, "role retire kho:xem{n} --reason thử"),
    ),
    Case("role retire", "kho:xem{n} --reason thử", REFUSES, first=(_ROLE,)),
    Case("break-glass create", _SEALED.removeprefix("break-glass create "), REFUSES, first=_KEPT),
    Case("break-glass list", first=(*_KEPT, _SEALED)),
    Case("break-glass seal", "khan{n}", ANEW, first=(*_KEPT, _SEALED)),
    Case("session list", "--person bsmai"),
    Case("slip issue", "bsmai --for help", ANEW),
    Case("slip list", first=("slip issue bsmai",)),
    Case("slip revoke", "bsmai", UNCHANGED, first=("slip issue bsmai",)),
    Case("message list"),
    Case("message retry", "--all", UNCHANGED),
    Case("message show-sample", "new-device"),
    Case("policy import-leaked", "-", ANEW, stdin="bsmai:mật khẩu nào đó"),
    Case("policy leaked"),
    Case("policy show"),
    Case("throttle clear", "--all", UNCHANGED),
    Case("throttle list"),
    Case("unused confirm", "--most 1", UNCHANGED),
    Case("unused list"),
)


def every_command() -> Iterator[str]:
    """All commands by their words, from the program itself."""

    def walk(command: click.Command, words: tuple[str, ...]) -> Iterator[str]:
        if not isinstance(command, click.Group):
            yield " ".join(words)
            return
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from walk(below, (*words, name))

    return walk(root, ())


@pytest.mark.without_sql
def test_every_command_has_a_case_and_a_declared_document() -> None:
    commands = set(every_command())
    assert commands == {case.command for case in CASES} | set(APART)
    assert commands == set(DOCUMENTS) | {"up", "worker"}


@pytest.mark.without_sql
def test_the_published_schema_is_what_is_declared() -> None:
    page = Path(__file__).parents[2] / "docs/reference/json-schema.json"
    assert page.read_text(encoding="utf-8") == write_schema()


_JSON_PAGE = Path(__file__).parents[2] / "docs/reference/json.md"
_EXAMPLES = re.findall(
    r"^## danhmuc ([a-z -]+)\n(?:.*\n)*?```json\n((?:.*\n)*?)```",
    _JSON_PAGE.read_text("utf-8"),
    re.M,
)


@pytest.mark.without_sql
@pytest.mark.parametrize(("command", "example"), _EXAMPLES, ids=[name for name, _ in _EXAMPLES])
def test_the_page_shows_documents_as_declared(command: str, example: str) -> None:
    document = json.loads(example)
    check_document(command, document)
    assert not list(ids_without_names(document))


@pytest.mark.without_sql
def test_the_page_shows_every_noun() -> None:
    shown = {command.split()[0] for command, _ in _EXAMPLES}
    assert shown == {command.split()[0] for command in DOCUMENTS} - {"init", "seed", "setup"}


@pytest.fixture(scope="module")
def filled(danhmuc: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A unit, two people of one name, an application with everything, pauses, keys."""
    tmp = tmp_path_factory.mktemp("commands")
    world = World(danhmuc, str(tmp))
    for command in (
        "agency add --name Văn_phòng --code VP --kind unit --parent SYT --type office",
        "client add --name Kho --client-id kho --redirect-uri https://kho.vn/cb --owner SYT "
        "--agency SYT --contact kho@syt.vn",
        "role add kho:xem --title Người_xem",
        "grant add --person bsmai --role kho:xem --agency SYT --until 2099-12-31 --reason QĐ",
    ):
        world.json(command, "")
    for number in range(len(CASES)):
        for n in (f"{run}{number}{more}" for run in "ab" for more in ("", "x")):
            (tmp / f"ma{n}.csv").write_text(f"Mã,Tên\n01.{n},Ngạch {n}\n")
            (tmp / f"k{n}.yaml").write_text(_DEFINITION.replace("{n}", n))
    with opened(danhmuc.settings) as installation:
        make_keys(installation)
    return world


_DEFINITION = """\
connector: k{n}
application: kho
target:
  kind: scim
  url: https://kho.vn/scim
accounts:
  userName: username
"""


@dataclass
class World:
    """The command line, with words split at blanks: ``_`` stands for a blank."""

    line: CommandLine
    tmp: str
    known: dict[str, str] = field(default_factory=dict)

    def argv(self, words: str, n: str) -> list[str]:
        known = {"n": n, "tmp": self.tmp, **self.known}
        split = [word.replace("_", " ") for word in words.split()]
        return [re.sub(r"\{(\w+)\}", lambda m: known[m[1]], word) for word in split]

    def json(self, words: str, n: str, stdin: str = "") -> Any:
        return self.line.json(*self.argv(words, n), stdin=stdin)

    def prepare(self, case: Case, n: str) -> list[str]:
        for words in case.first:
            self.line.run(*self.argv(words, n))
            done = self.line.run(*self.argv(words, n + "x"), "--json")
            answered = json.loads(done.stdout) if done.returncode == 0 else {}
            self.known |= {
                key: answered[key] for key in ("id", "file", "request") if key in answered
            }
            self.known["client"] = answered.get("client_id") or self.known.get("client", "")
            if "post" in answered:
                self.known["id"] = answered["post"]["id"]
        if "{kid}" in case.words:
            keys = self.line.json("key", "list")["keys"]
            self.known["kid"] = next(k["kid"] for k in keys if k["status"] == "current")
        return [*case.command.split(), *self.argv(case.words, n)]


def _id(case: Case) -> str:
    return case.command.replace(" ", "-")


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_json_is_one_document_as_declared(filled: World, case: Case) -> None:
    n = f"a{CASES.index(case)}"
    argv = filled.prepare(case, n)
    stdin = case.stdin.replace("{n}", n)
    done = filled.line.run(*argv, "--json", stdin=stdin)
    assert done.returncode == case.code, done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    document = json.loads(done.stdout)
    check_document(case.command, document)
    assert not list(ids_without_names(document))
    run_again(filled, case, argv, [*argv, "--json"], done, stdin)


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_text_is_for_people(filled: World, case: Case) -> None:
    n = f"b{CASES.index(case)}"
    argv = filled.prepare(case, n)
    stdin = case.stdin.replace("{n}", n)
    done = filled.line.run(*argv, stdin=stdin)
    assert done.returncode == case.code, done.stderr + done.stdout
    text = done.stdout + done.stderr
    assert text.strip()
    if case.command == "export":
        return  # a file, which YAML says the form of
    assert not re.search(r"\b(None|True|False)\b|[{}]|\['|\('|\[\]|<\w+ object", text), text
    assert "|" not in text  # folded keys
    if case.command != "check-config":
        assert "_" not in _MEANT.sub("", text), text
    assert len(set(_ID.findall(text))) <= case.ids, text
    run_again(filled, case, argv, argv, done, stdin)


def run_again(
    filled: World, case: Case, argv: list[str], whole: list[str], before: Ended, stdin: str
) -> None:
    """The second run: never a traceback, never silence about what did nothing."""
    again = filled.line.run(*whole, stdin=stdin)
    assert "Traceback" not in again.stderr
    if case.again == REFUSES:
        assert again.returncode == 1, again.stdout
        assert len(again.stderr.strip().splitlines()) == 1
        assert again.stdout == ""
    else:
        assert again.returncode == case.code, again.stderr
    if case.again == UNCHANGED and "--json" not in whole:
        assert re.search(r"nothing was changed", again.stdout.lower()), again.stdout
    if case.again == SAME and "--json" not in whole and case.code == 0 and not case.stdin:
        steady = ("audit", "doctor", "backup", "catalogue", "client update")
        if not case.command.startswith(steady):
            assert again.stdout == before.stdout


def ids_without_names(document: Any) -> Iterator[str]:
    """Members that hold an id without a member beside them that tells it in words."""
    if isinstance(document, list):
        for each in document:
            yield from ids_without_names(each)
    if not isinstance(document, dict):
        return
    for key, value in document.items():
        if key in ("fields", "jwks", "events"):
            continue
        yield from ids_without_names(value)
        named = key.removesuffix("_id")
        is_id = key.endswith("_id") and value and key not in ("request_id", "client_id")
        if is_id and not {named, f"{named}_name"} & set(document):
            yield key


def test_two_of_one_name_are_told_apart(filled: World) -> None:
    same = "person add --full-name Nguyễn_Thị_Hạnh --agency SYT --username"
    filled.json(f"{same} hanh1 --title Văn_thư", "")
    filled.json(f"{same} hanh2 --unit VP --title Kế_toán", "")
    listed = filled.json("person list --query hanh --limit 1000", "")["people"]
    told = {p["username"]: (p["title"], p["unit"], p["agency_code"]) for p in listed}
    assert told["hanh1"] == ("Văn thư", None, "SYT")
    assert told["hanh2"] == ("Kế toán", "Văn phòng", "SYT")
    text = filled.line.run("person", "list", "--query", "hanh", "--limit", "1000").stdout
    assert "Kế toán" in text and "Văn phòng" in text and "SYT" in text


def test_each_half_of_a_sealed_code_is_on_a_page_of_its_own(filled: World) -> None:
    for name in ("giu1", "giu2"):
        filled.json(f"person add --username {name} --full-name Người_giữ --agency SYT", "")
    sealed = ("break-glass", "create", "khan-cap", "--holder", "giu1", "--second-holder", "giu2")
    first, second = filled.line.run(*sealed).stdout.split("\f\n")
    assert "1/2" in first and "2/2" in second and "\\u000c" not in first + second


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_the_list_of_people_is_written_to_a_file(filled: World, form: str) -> None:
    file = Path(filled.tmp) / f"danh-sách.{form}"
    done = filled.json(f"person list --agency SYT --{form} {{tmp}}/{file.name}", "")
    listed = filled.json("person list --agency SYT --limit 200", "")
    assert done == {"file": str(file), "count": listed["total"]}
    wanted = (Wanted("name", ("Họ và tên",), is_required=True),)
    rows = read_sheet(file.read_bytes(), wanted).rows
    assert [row.values["name"] for row in rows] == [p["full_name"] for p in listed["people"]]
    check_document("person list", done)
    assert file.stat().st_mode & 0o777 == 0o600
    assert not [path for path in file.parent.iterdir() if "draft" in path.name]
    told = filled.line.run("audit", "tail", "--kind", "list.exported").stdout
    assert "xuất danh sách người dùng" in told


def test_what_only_a_demo_may_is_refused(filled: World) -> None:
    assert "not a demo" in filled.line.refused("seed", "--people", "400")


def test_what_is_shown_of_an_application_can_be_imported(filled: World) -> None:
    """null is a member that is not given (RFC 7591 section 2)."""
    shown = filled.json("client show kho", "")
    shown |= {"client_id": "kho-nua"}
    done = filled.json("client import -", "", stdin=json.dumps([shown]))
    assert done["clients"][0]["client_name"] == "Kho"
