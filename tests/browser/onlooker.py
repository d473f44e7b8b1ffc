"""Looks at each page a test comes to, as a person with a wide or a narrow screen would.

Every look checks, on both, what must hold for every page of ours: no accessibility violation, no
breach of the content security policy, no sideways scrolling, no English left over. With PICTURES=1
in the environment it leaves two screenshots of each page in tests/screenshots.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request, Response

from tests.support.product import REPOSITORY

SCREENSHOTS = REPOSITORY / "tests" / "screenshots"
SIZES = {"wide": (1366, 768), "narrow": (360, 740)}
ENGLISH = re.compile(
    r"\b(sign|log|password|username|your|you|the|and|is|not|please|page|continue|error)\b",
    re.IGNORECASE,
)
# Names, addresses and codes are what they are.
_NOT_PROSE = "code, kbd, samp, [lang='en'], [translate='no'], input"


@dataclass
class Onlooker:
    """What was seen on one page (tab) since it was opened."""

    page: Page
    breaches: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.breaches.append(f"script error: {error}"))
        self.page.on("request", self._note)
        self.page.on("response", self._keep)

    def _hear(self, message: ConsoleMessage) -> None:
        # Chromium also reports every 4xx page as a console error: that is the test's own matter.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.breaches.append(f"console at {self.page.url}: {message.text}")

    def _note(self, request: Request) -> None:
        self.requested.append(request.url)

    def _keep(self, answer: Response) -> None:
        self.answers.append(answer)

    def forget(self) -> None:
        """Begin counting requests and answers anew."""
        self.requested.clear()
        self.answers.clear()

    def requests_to(self, base: str) -> list[str]:
        """Requests of this tab to that origin since `forget`."""
        return [url for url in self.requested if urlsplit(url).netloc == urlsplit(base).netloc]

    def weight(self) -> int:
        """Bytes on the wire of everything that came since `forget`, header fields included."""
        total = 0
        for answer in self.answers:
            answer.finished()
            sizes = answer.request.sizes()
            total += sizes["responseBodySize"] + sizes["responseHeadersSize"]
        return total

    def look(self, name: str, *, language: str = "vi", scripts: bool = True) -> None:
        """Check this page at both sizes, by axe at the wide one alone: what it asks for is hardly a
        matter of width, and it takes longest. Its pictures are ``name-wide`` and ``name-narrow``.
        """
        assert not self.breaches, self.breaches
        for size, (width, height) in SIZES.items():
            self.page.set_viewport_size({"width": width, "height": height})
            if os.environ.get("PICTURES"):
                self.page.screenshot(path=SCREENSHOTS / f"{name}-{size}.png", full_page=True)
            if scripts:
                if size == "wide":
                    self._ask_axe(name)
                self._check(f"{name} ({size})", width, language)
        width, height = SIZES["wide"]
        self.page.set_viewport_size({"width": width, "height": height})

    def look_once(self, name: str, language: str = "vi") -> None:
        """Check this page on the wide screen, and that the narrow one does not scroll sideways."""
        assert not self.breaches, self.breaches
        self._ask_axe(name)
        self._check(name, SIZES["wide"][0], language)
        width, height = SIZES["narrow"]
        self.page.set_viewport_size({"width": width, "height": height})
        found = self.page.evaluate("document.documentElement.scrollWidth")
        assert found <= width, f"{name}: {found} px wide, screen {width}"
        width, height = SIZES["wide"]
        self.page.set_viewport_size({"width": width, "height": height})

    def _ask_axe(self, name: str) -> None:
        axe = Axe().run(self.page)
        assert axe.violations_count == 0, f"{name}: {axe.generate_report()}"

    def _check(self, name: str, width: int, language: str) -> None:
        facts = self.page.evaluate(_FACTS, _NOT_PROSE)
        assert facts["lang"] == language, f"{name}: lang={facts['lang']}"
        assert facts["title"].strip(), f"{name}: no title"
        assert facts["headings"] == 1, f"{name}: {facts['headings']} h1"
        assert facts["width"] <= width, f"{name}: {facts['width']} px wide, screen {width}"
        assert not facts["small"], f"{name}: targets under 24 px: {facts['small']}"
        english = ENGLISH.findall(facts["prose"]) if language == "vi" else []
        assert not english, f"{name}: English on a Vietnamese page: {english}\n{facts['prose']}"


_FACTS = """
(notProse) => {
  const copy = document.body.cloneNode(true)
  copy.querySelectorAll(notProse + ', script, template').forEach((node) => node.remove())
  const small = [...document.querySelectorAll('button, input:not([type=hidden]), select')]
    .map((node) => [node, node.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.height < 24 || box.width < 24))
    .filter(([node]) => !['checkbox', 'radio'].includes(node.type))
    .map(([node]) => node.outerHTML.slice(0, 120))
  return {
    lang: document.documentElement.lang,
    title: document.title,
    headings: document.querySelectorAll('h1').length,
    width: document.documentElement.scrollWidth,
    small,
    prose: copy.textContent.replace(/\\s+/g, ' '),
  }
}
"""
