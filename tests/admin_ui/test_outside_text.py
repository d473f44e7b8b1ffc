"""Text from outside, through every door, as the programs of Windows and others write it."""

from __future__ import annotations

import ast
import codecs
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from admin_ui.operations.backup.key import holds
from directory.errors import Invalid, Unavailable
from directory.ldap.accounts import password_file, read_password
from directory.ldap.bind import BindResult
from directory.outside_text import read_line, read_text, text_of
from directory.people.credentials import check_password
from directory.sealed import SealBroken, make_key_file, read_key_file
from directory.settings import ConfigurationProblems, read_settings
from tests.support.command_line import CommandLine, danhmuc
from tests.support.installation import opened

__all__ = ["danhmuc"]

ROOT = Path(__file__).parents[2]
PASSWORD = "đường lên đồi chè 2051"

# How a text is written → what comes of it: the same text, or a refusal in a sentence.
_WRITTEN: dict[str, Callable[[str], bytes]] = {
    "UTF-8": lambda text: text.encode(),
    "UTF-8 with a mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "UTF-16 of Windows": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "UTF-16, big end first": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
}
_REFUSED: dict[str, Callable[[str], bytes]] = {
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "UTF-32": lambda text: codecs.BOM_UTF32_LE + text.encode("utf-32-le"),
    "an old code page": lambda text: text.encode("cp1258", "replace").replace(b"?", b"\xf0"),
}
_ENDS = {"none": "", "line feed": "\n", "Windows": "\r\n", "old": "\r"}


@pytest.fixture(params=sorted(_WRITTEN))
def written(request: pytest.FixtureRequest) -> Callable[[str], bytes]:
    return _WRITTEN[request.param]


@pytest.fixture(params=sorted(_REFUSED))
def refused(request: pytest.FixtureRequest) -> Callable[[str], bytes]:
    return _REFUSED[request.param]


def _may_sign_in(danhmuc: CommandLine, username: str) -> bool:
    with opened(danhmuc.settings) as installation:
        person = danhmuc.json("person", "show", username)["id"]
        return check_password(installation, person, PASSWORD) is BindResult.ACCEPTED


@pytest.mark.parametrize("end", sorted(_ENDS))
def test_a_piped_password_is_the_one_that_is_seen(
    danhmuc: CommandLine, written: Callable[[str], bytes], end: str
) -> None:
    piped = written(PASSWORD + _ENDS[end])
    danhmuc.json("person", "set-password", "bsmai", "--password-stdin", stdin=piped)
    assert _may_sign_in(danhmuc, "bsmai")


def test_a_person_is_added_with_it(
    danhmuc: CommandLine, written: Callable[[str], bytes], request: pytest.FixtureRequest
) -> None:
    username = f"an.{abs(hash(request.node.name)) % 10**9}"
    danhmuc.json(
        *("person", "add", "--full-name", "Lê An", "--agency", "SYT", "--username", username),
        "--password-stdin",
        stdin=written(PASSWORD + "\r\n"),
    )
    assert _may_sign_in(danhmuc, username)


def test_a_password_nobody_can_read_is_refused_in_a_sentence(
    danhmuc: CommandLine, refused: Callable[[str], bytes]
) -> None:
    setting = ("person", "set-password", "bsmai", "--password-stdin")
    said = danhmuc.refused(*setting, stdin=refused(PASSWORD + "\r\n"))
    assert "UTF-8" in said
    assert "chè" not in said


def _metadata(name: str) -> str:
    return json.dumps(
        [{"client_name": name, "redirect_uris": ["https://a.example.vn/cb"]}], ensure_ascii=False
    )


@pytest.mark.parametrize("door", ["file", "pipe"])
def test_applications_are_imported_from_it(
    danhmuc: CommandLine, written: Callable[[str], bytes], tmp_path: Path, door: str
) -> None:
    content = written(_metadata("Lịch công tác").replace(", ", ",\r\n") + "\r\n")
    path = tmp_path / "ứng dụng.json"
    path.write_bytes(content)
    source = str(path) if door == "file" else "-"
    done = danhmuc.json("client", "import", source, stdin=content)
    assert done["clients"][0]["client_name"] == "Lịch công tác"


@pytest.mark.parametrize("door", ["file", "pipe"])
def test_a_file_nobody_can_read_is_refused_in_a_sentence(
    danhmuc: CommandLine, refused: Callable[[str], bytes], tmp_path: Path, door: str
) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(refused(_metadata("Lịch ấm ự")))
    source = str(path) if door == "file" else "-"
    assert "UTF-8" in danhmuc.refused("client", "import", source, stdin=path.read_bytes())


def test_the_keys_of_an_application_are_read_from_it(
    danhmuc: CommandLine, written: Callable[[str], bytes], tmp_path: Path
) -> None:
    key = {"kty": "EC", "crv": "P-256", "kid": "một", "alg": "ES256", "use": "sig"} | {
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }
    path = tmp_path / "keys.jwks"
    path.write_bytes(written(json.dumps({"keys": [key]}, ensure_ascii=False)))
    added = danhmuc.json(
        *("client", "add", "--name", "Có khóa", "--redirect-uri", "https://a.example.vn/cb"),
        *("--auth-method", "private_key_jwt", "--jwks-file", str(path)),
    )
    assert added["jwks"]["keys"][0]["kid"] == "một"


def test_a_key_that_came_back_through_an_editor_opens(
    written: Callable[[str], bytes], tmp_path: Path
) -> None:
    path = tmp_path / "master.key"
    make_key_file(path)
    key = read_key_file(path)
    path.write_bytes(written(key.hex() + "\r\n"))
    assert read_key_file(path) == key
    assert holds(path, key)


def test_a_key_nobody_can_read_is_damaged(refused: Callable[[str], bytes], tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(refused("ự" * 64))
    with pytest.raises(SealBroken):
        read_key_file(path)
    assert not holds(path, b"")


def test_the_password_of_a_service_account(written: Callable[[str], bytes], tmp_path: Path) -> None:
    password_file(tmp_path, "idp").write_bytes(written("một bí mật dài\r\n"))
    assert read_password(tmp_path, "idp") == "một bí mật dài"
    password_file(tmp_path, "idp").write_bytes(b"\xef\xbb\xbf\r\n")
    with pytest.raises(Unavailable, match="no_password"):
        read_password(tmp_path, "idp")


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_a_certificate_openssl_would_not_find_is_told(tmp_path: Path, mark: bytes) -> None:
    path = tmp_path / "ca.pem"
    path.write_bytes(mark + b"-----BEGIN CERTIFICATE-----")
    with pytest.raises(ConfigurationProblems, match="byte order mark"):
        read_settings({"DANHMUC_LDAP_CA_FILE": str(path)})


@pytest.mark.parametrize("end", sorted(_ENDS))
def test_the_first_line_of_a_pipe_that_stays_open(
    written: Callable[[str], bytes], end: str, tmp_path: Path
) -> None:
    path = tmp_path / "said"
    path.write_bytes(written("Ċ dòng một ਊ" + _ENDS[end] + ("dòng hai" if _ENDS[end] else "")))
    with path.open("rb") as stream:
        assert read_line(stream, "It") == "Ċ dòng một ਊ"
    lines = read_text(path).split("\n")
    assert lines == ["Ċ dòng một ਊ", *(["dòng hai"] if _ENDS[end] else [])]


def test_an_endless_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "said"
    path.write_bytes(b"x" * 1_000_000)
    with path.open("rb") as stream, pytest.raises(Invalid, match="long_line"):
        read_line(stream, "It")


def test_a_mark_inside_a_text_stays() -> None:
    assert text_of("a\ufeffb".encode(), "It") == "a\ufeffb"


# Files that only our own processes or the kernel write, program files that come with us, and the
# one place that hands out what is piped in, as bytes.
_OUR_OWN = {
    "admin_ui/cli/answers.py",
    "directory/database/holders.py",
    "directory/database/migrating.py",
    "directory/identity.py",
    "directory/ldap/embedded.py",
    "admin_ui/operations/backup/swap.py",
    "admin_ui/operations/held_state.py",
    "admin_ui/operations/supervisor/ports.py",
    "admin_ui/operations/supervisor/summary.py",
    "admin_ui/operations/seed/connected.py",
    "admin_ui/operations/seed/structure.py",
    "admin_ui/console/signin/tokens.py",
    "directory/ldap/schema.py",
}


def test_nothing_else_reads_text_from_outside() -> None:
    """A new reader takes `directory.outside_text`, or is named above with a reason to be there."""
    found = set()
    for room in ("admin_ui", "directory", "idp", "sync", "web"):
        for path in sorted((ROOT / room).rglob("*.py")):
            source = path.read_text()
            names = (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Attribute))
            takes_ours = "directory.outside_text import" in source
            for name in names:
                of_a_path = name.attr == "read_text" and not takes_ours
                of_a_pipe = ast.unparse(name) == "sys.stdin" and not takes_ours
                if of_a_path or of_a_pipe:
                    found.add(str(path.relative_to(ROOT)))
    assert found <= _OUR_OWN
