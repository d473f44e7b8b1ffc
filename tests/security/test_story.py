"""After a person's walk the audit log tells it: who, what, in which order."""

from __future__ import annotations

import time
from typing import Any

from tests.support.browser import read_forms
from tests.support.product import Product

USERNAME = "chuyenvien.stttt"
PATIENCE_S = 10.0


def walk(product: Product) -> None:
    """In at the first application, into the second without a password, out once at our page."""
    agent = product.browser()
    inside = agent.enter(f"{product.document_url}/dang-nhap", product.account(USERNAME))
    assert inside.url.startswith(product.document_url) and inside.status_code == 200, inside.text
    second = agent.open(f"{product.one_stop_url}/dang-nhap")
    assert second.url.startswith(product.one_stop_url) and second.status_code == 200, second.text
    page = agent.open(f"{product.issuer}/logout")
    form = next(form for form in read_forms(page.text) if form.method == "post")
    assert agent.submit(page, form).status_code == 200


def events_of(product: Product, person: str) -> list[dict[str, Any]]:
    """This person's and the applications' events, oldest first, as the command line prints them."""
    rows: list[dict[str, Any]] = product.danhmuc_json("audit", "tail", "-n", "1000")["events"]
    return [row for row in rows if person in str(row) or row["kind"].startswith("logout.")]


def test_audit_tells_the_walk(http_product: Product) -> None:
    """Sign-in, entry into both applications, the end of the session and who was told, in order."""
    person = http_product.danhmuc_json("person", "show", USERNAME)["id"]
    before = {row["id"] for row in events_of(http_product, person)}
    walk(http_product)
    deadline = time.monotonic() + PATIENCE_S
    while True:
        story = [row for row in events_of(http_product, person) if row["id"] not in before]
        order = places(story)
        if order or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    told = [(row["kind"], row["subject"], row["sentence"]) for row in story]
    assert order, told
    assert order == sorted(order), told
    assert all(row["sentence"].strip() and "{" not in row["sentence"] for row in story), told


MARKS = (
    ("signin.succeeded", ""),
    ("application.entered", "quan-ly-van-ban"),
    ("application.entered", "mot-cua-dien-tu"),
    ("session.ended", ""),
    ("logout.notified", ""),
)


def places(story: list[dict[str, Any]]) -> list[int]:
    """Where the parts of the walk stand in the story; empty while one is missing."""
    found = [
        next(
            (n for n, row in enumerate(story) if row["kind"] == kind and word in row["subject"]), -1
        )
        for kind, word in MARKS
    ]
    return [] if -1 in found else found
