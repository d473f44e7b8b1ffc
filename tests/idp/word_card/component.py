"""What the factor declares: where it answers beside the pages of the sign-in."""

from __future__ import annotations

from directory.component import Component, Route

COMPONENT = Component(
    "tests.idp.word_card",
    routes=(
        Route("word_card.show_card", "/the-tu", "tests.idp.word_card.enrolment:show_card"),
        Route(
            "word_card.ask_for_row",
            "/the-tu/dong",
            "tests.idp.word_card.enrolment:ask_for_row",
            ("POST",),
            answers_json=True,
        ),
    ),
)
