"""Forms over what is there: what an earlier version left, and choices that are none any more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from wtforms import SelectField, StringField

from tests.web.application import REFUSED, application
from web.forms import Accepted, ChangeForm, one_of, optional

pytestmark = pytest.mark.without_sql


class SampleForm(ChangeForm):
    note = StringField("Note", [optional()])
    kind = SelectField(
        "Kind",
        [optional(), Accepted(lambda word: word in ("a", "b"), REFUSED)],
        choices=one_of("–", {"a": "A", "b": "B"}),
        validate_choice=False,
    )


@pytest.fixture(autouse=True)
def in_a_request() -> Iterator[None]:
    with application().test_request_context("/?lang=vi"):
        yield


def test_a_field_that_nobody_sent_is_empty() -> None:
    form = SampleForm({"kind": "a"}, {"kind": "a", "note": ""})
    assert form.typed == {"note": "", "kind": "a"} and form.changes == {}


def test_a_word_that_is_no_choice_any_more_stays_chosen_and_is_no_change() -> None:
    form = SampleForm({"note": "", "kind": "old"}, {"note": "", "kind": "old"})
    assert [each.value for each in form.kind.iter_choices() if each.selected] == ["old"]
    assert form.changes == {} and form.accepts_changes()
    assert "old" not in [each.value for each in SampleForm({}, {}).kind.iter_choices()]


def test_what_is_refused_is_told_once_in_our_words() -> None:
    form = SampleForm({"note": "", "kind": "x"}, {"note": "", "kind": "a"})
    assert not form.accepts_changes()
    assert len(form.kind.errors) == 1 and "choice" not in form.kind.errors[0]
