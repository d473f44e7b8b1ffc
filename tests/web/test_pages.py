"""Every page: well formed, light, without inline code, with contrast that can be measured."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from math import cos, radians, sin

import pytest
from flask.testing import FlaskClient

from tests.web.application import FOLDERS, PAGES, WEB, application

pytestmark = pytest.mark.without_sql

TOKENS = (WEB / "static" / "css" / "tokens.css").read_text()
PAGE_BYTES, SCRIPT_BYTES = 60 * 1024, 10 * 1024
VOID = {"meta", "link", "input", "br", "img", "hr", "path", "circle", "rect"}


class _Page(HTMLParser):
    """Collects what the tests ask about, and complains about unbalanced tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), f"an attribute twice in {self.get_starttag_text()}"
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def _get(client: FlaskClient, name: str, language: str = "vi") -> str:
    response = client.get(f"/pages/{name}?lang={language}")
    assert response.status_code == 200
    return response.get_data(as_text=True)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_well_formed_and_whole(name: str, language: str) -> None:
    page = _Page(_get(application().test_client(), name, language))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert page.all("html")[0]["lang"] == language
    assert [len(page.all(tag)) for tag in ("h1", "main", "header", "footer", "title")] == [1] * 5
    assert page.all("a")[0]["href"] == "#main"
    named = {attributes.get("for") for attributes in page.all("label")}
    for attributes in page.all("input"):
        assert attributes["type"] == "hidden" or attributes["id"] in named
        for each in (attributes.get("aria-describedby") or "").split():
            assert each in ids
    for attributes in page.all("form"):
        assert attributes["method"] == "post"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_inline_code_and_asks_nobody_else(name: str) -> None:
    text = _get(application().test_client(), name)
    page = _Page(text)
    assert page.all("style") == []
    for tag, attributes in page.tags:
        assert not any(key.startswith("on") or key == "style" for key in attributes), tag
        if tag in ("script", "link", "img"):
            address = attributes.get("src") or attributes.get("href") or ""
            assert address.startswith("/assets/")
    assert "<script>" not in text


@pytest.mark.parametrize("name", PAGES)
def test_a_form_of_ours_carries_a_token_and_a_form_for_others_does_not(name: str) -> None:
    text = _get(application().test_client(), name)
    forms = re.findall(r"<form(.*?)>(.*?)</form>", text, re.S)
    for attributes, content in forms:
        is_foreign = 'action="http' in attributes
        assert ('name="csrf_token"' in content) is not is_foreign


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_light(name: str) -> None:
    client = application().test_client()
    text = _get(client, name)
    addresses = set(re.findall(r'(?:src|href)="(/assets/[^"]+)"', text))
    bodies = {address: client.get(address) for address in addresses}
    assert {response.status_code for response in bodies.values()} == {200}
    sizes = {address: len(response.data) for address, response in bodies.items()}
    assert len(text.encode()) + sum(sizes.values()) <= PAGE_BYTES
    assert sum(size for address, size in sizes.items() if address.endswith(".js")) <= SCRIPT_BYTES


def test_all_scripts_together_are_small_and_independent() -> None:
    scripts = list((WEB / "static" / "js").glob("*.js"))
    assert sum(path.stat().st_size for path in scripts) <= SCRIPT_BYTES
    for path in scripts:
        text = path.read_text()
        assert len(text.splitlines()) <= 80
        for banned in ("innerHTML", "eval(", "import ", "document.write", ".style"):
            assert banned not in text, f"{banned} in {path.name}"


def test_the_sign_in_helps_password_managers_and_names_the_application() -> None:
    page = _Page(_get(application().test_client(), "sign-in"))
    seen = (attributes for attributes in page.all("input") if attributes.get("type") != "hidden")
    inputs = {attributes.get("name"): attributes for attributes in seen}
    assert inputs["login"]["autocomplete"] == "username webauthn"
    assert inputs["password"]["autocomplete"] == "current-password"
    assert "value" not in inputs["password"]
    assert inputs["shared"]["type"] == "checkbox"
    assert "Đăng nhập để vào Quản lý văn bản (mẫu)" in " ".join(page.text.split())


def test_what_people_typed_is_escaped() -> None:
    text = _get(application().test_client(), "form-post")
    assert 'value="&#34;&gt;&lt;script&gt;"' in text


def test_every_template_describes_its_variables() -> None:
    own = [*FOLDERS, WEB / "templates"]
    for path in (path for folder in own for path in folder.rglob("*.html")):
        assert path.read_text().startswith("{#"), path.name


def test_every_page_template_has_a_sample() -> None:
    found = [(path, folder) for folder in FOLDERS for path in folder.rglob("*.html")]
    templates = {path.relative_to(folder).as_posix() for path, folder in found}
    parts = {"password/must_reauth.html", "oidc/return_refused.html", "signin/not_usable.html"}
    # Looked at where the product shows them: tests/idp/test_every_page_is_reached.py.
    reached = {
        "entry_request.html",
        "oidc/trial.html",
        "oidc/trial_lost.html",
        "released.html",
        "password/change.html",
        "password/changed.html",
        "password/meanwhile.html",
        "password/new.html",
        "password/not_set.html",
        "password/section.html",
        "recovery/code.html",
        "recovery/done.html",
        "recovery/link_code.html",
        "recovery/link_name.html",
        "recovery/link_sent.html",
        "recovery/lost.html",
        "recovery/no_way.html",
        "recovery/wanted.html",
        "recovery/ways.html",
        "signin/journey_over.html",
        "signin/other_person.html",
        "signin/stages.html",
        "slips/code.html",
        "slips/confirm.html",
        "slips/ended.html",
        "certificate/bind.html",
        "certificate/facts.html",
        "certificate/form.html",
        "certificate/offer.html",
        "certificate/remove.html",
        "certificate/section.html",
        "passkey/add.html",
        "passkey/form.html",
        "passkey/offer.html",
        "passkey/remove.html",
        "passkey/rename.html",
        "passkey/section.html",
        "recovery_codes/ask.html",
        "recovery_codes/form.html",
        "recovery_codes/made.html",
        "recovery_codes/section.html",
        "security.html",
        "signin/code_paused.html",
        "signin/notices.html",
        "signin/warnings.html",
        "totp/enrol.html",
        "totp/form.html",
        "totp/remove.html",
        "totp/section.html",
    }
    assert templates - {template for template, _ in PAGES.values()} == parts | reached


# Contrast, computed from the tokens (WCAG 2.2, 1.4.3 and 1.4.11).

TEXT_PAIRS = [
    *((ink, ground) for ink in ("text", "text-soft", "accent") for ground in ("ground", "surface")),
    *((ink, "surface-sunken") for ink in ("text", "text-soft", "accent")),
    *(
        (ink, f"{tone}-wash")
        for tone in ("accent", "danger", "warning", "success")
        for ink in ("text", "accent")
    ),
    *((tone, f"{tone}-wash") for tone in ("accent", "danger", "warning", "success")),
    *((tone, "surface") for tone in ("danger", "warning", "success", "accent-strong")),
    ("danger-strong", "danger-wash"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-danger", "danger"),
    ("on-danger", "danger-strong"),
]
EDGE_PAIRS = [
    ("control-line", "surface"),
    ("control-line", "ground"),
    ("focus-outer", "surface"),
    ("focus-outer", "ground"),
    ("focus-outer", "focus-inner"),
    ("danger", "surface"),
]


def _themes() -> dict[str, dict[str, str]]:
    """Every state of the tokens: light and dark, on browsers with and without oklch()."""
    light, dark = TOKENS.split("@media (prefers-color-scheme: dark)")
    themes = {}
    for name, parts in {"light": [light], "dark": [light, dark]}.items():
        plain: dict[str, str] = {}
        rich: dict[str, str] = {}
        for part in parts:
            base, _, enhanced = part.partition("@supports")
            plain |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", base))
            rich |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", base))
            rich |= dict(re.findall(r"--([\w-]+): (oklch\([^)]+\));", enhanced))
        themes[f"{name}-hex"], themes[f"{name}-oklch"] = plain, rich
    return themes


def _luminance(colour: str) -> float:
    linear = _from_oklch(colour) if colour.startswith("oklch") else _from_hex(colour)
    red, green, blue = (min(1.0, max(0.0, each)) for each in linear)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _from_hex(colour: str) -> list[float]:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]


def _from_oklch(colour: str) -> list[float]:
    lightness, chroma, hue = (float(each.rstrip("%")) for each in colour[6:-1].split())
    light, a, b = lightness / 100, chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return [
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    ]


def _contrast(theme: dict[str, str], ink: str, ground: str) -> float:
    low, high = sorted(_luminance(theme[name]) for name in (ink, ground))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light-hex", "light-oklch", "dark-hex", "dark-oklch"])
def test_text_and_edges_stand_out(theme: str) -> None:
    tokens = _themes()[theme]
    weak = [pair for pair in TEXT_PAIRS if _contrast(tokens, *pair) < 4.5]
    weak += [pair for pair in EDGE_PAIRS if _contrast(tokens, *pair) < 3]
    assert weak == []


def test_both_spellings_of_the_accent_are_the_same_colour() -> None:
    themes = _themes()
    for scheme in ("light", "dark"):
        for name in ("accent", "accent-strong", "accent-wash"):
            plain = _from_hex(themes[f"{scheme}-hex"][name])
            rich = _from_oklch(themes[f"{scheme}-oklch"][name])
            assert plain == pytest.approx(rich, abs=0.02), (scheme, name)


def test_stacked_vietnamese_marks_have_room() -> None:
    sheets = "".join(path.read_text() for path in (WEB / "static" / "css").glob("*.css"))
    heights = re.findall(r"(?:line-height|--leading): ([\d.]+)", sheets)
    assert heights
    assert min(float(each) for each in heights) >= 1.35
