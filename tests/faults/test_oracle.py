"""The oracle itself: it is silent about a world where all is well, and sees every planted fault."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.invariants import Event, Evidence, Intent, broken, read_entries
from tests.support.journal import Answer, Attempt, Journal, read_journal

pytestmark = pytest.mark.only_on_sqlite("the judge of storms reads what it is given")

PERSON = "person-1"


def an_intent(number: int, previous: str, phone: str, state: str = "done") -> Intent:
    change = {"previous_intent": previous, "attributes": {"telephoneNumber": [phone]}}
    return Intent(f"intent-{number}", PERSON, state, change, f"csn-{number}")


def requested(number: int, phone: str) -> Event:
    fields = {"intent": f"intent-{number}", "changes": {"phone": phone}}
    return Event(f"asked-{number}", "person.change.requested", f"person:{PERSON}", fields)


def outcome(number: int, kind: str = "change.done") -> Event:
    fields = {"intent": f"intent-{number}"}
    return Event(f"told-{number}", kind, f"person:{PERSON}", fields)


def signed_in(number: int, sid: str) -> Event:
    fields = {"session": sid, "renewed": False}
    return Event(f"signed-in-{number}", "signin.succeeded", f"person:{PERSON}", fields)


def granted(number: int, family: str, token: str, grant_type: str) -> Event:
    fields = {"family": family, "token": token, "grant_type": grant_type}
    return Event(f"granted-{number}", "token.granted", f"person:{PERSON}", fields)


def edit(number: int, value: str, answer: Answer, *, alone: bool = True) -> Attempt:
    facts = {"person": PERSON, "field": "phone", "value": value, "alone": alone}
    return Attempt(number, "edit", facts, 2 * number, 2 * number + 1, answer)


def well() -> tuple[list[Attempt], Evidence]:
    """Two edits done, one refused as a conflict; one sign-in with a code and a refresh."""
    entry = {
        "objectclass": ("inetOrgPerson", "dmPerson"),
        "dmid": (PERSON,),
        "dmintent": ("intent-2",),
        "telephonenumber": ("2",),
        "uid": ("an",),
        "cn": ("An",),
        "dmstatus": ("active",),
    }
    row = {"phone": "2", "username": "an", "full_name": "An", "status": "active", "mail": ""}
    intents = (
        an_intent(1, "", "1"),
        an_intent(2, "intent-1", "2"),
        an_intent(3, "intent-2", "3", "conflict"),
    )
    evidence = Evidence(
        entries={PERSON: entry},
        rows={PERSON: row},
        intents={intent.id: intent for intent in intents},
        events=[
            *(requested(n, str(n)) for n in (1, 2, 3)),
            *(outcome(1), outcome(2), outcome(3, "change.refused")),
            signed_in(1, "sid-1"),
            granted(1, "family-1", "token-1", "authorization_code"),
            granted(2, "family-1", "token-2", "refresh_token"),
        ],
        sessions={"sid-1": {"cookie_hash": "cookie-1", "person_id": PERSON}},
        families={"family-1": {}},
    )
    person = {"person": PERSON}
    journal = [
        edit(1, "1", "done"),
        edit(2, "2", "unknown"),
        edit(3, "3", "refused", alone=False),
        Attempt(4, "sign-in", person, 8, 9, "done", {"cookie_hash": "cookie-1"}),
        Attempt(5, "code", person | {"presented": "c"}, 10, 11, "done", {"token": "token-1"}),
        Attempt(6, "refresh", person | {"presented": "r"}, 12, 13, "done", {"token": "token-2"}),
    ]
    return journal, evidence


def test_nothing_is_said_where_all_is_well() -> None:
    assert broken(*well()) == []


def test_an_edit_nobody_answered_may_be_done_or_not() -> None:
    journal, evidence = well()
    journal.append(edit(7, "7", "unknown"))
    assert broken(journal, evidence) == []


Fault = Callable[[list[Attempt], Evidence], object]


def without(evidence: Evidence, event_id: str) -> None:
    evidence.events = [event for event in evidence.events if event.id != event_id]


def twice(evidence: Evidence, event_id: str) -> None:
    event = next(event for event in evidence.events if event.id == event_id)
    evidence.events.append(replace(event, id=event_id + "-again"))


def restate(evidence: Evidence, number: int, state: str) -> None:
    intent_id = f"intent-{number}"
    evidence.intents[intent_id] = replace(evidence.intents[intent_id], state=state)


def set_entry(evidence: Evidence, name: str, value: str) -> None:
    evidence.entries[PERSON] = {**evidence.entries[PERSON], name: (value,)}


FAULTS: dict[str, tuple[Fault, str]] = {
    "damaged file": (lambda j, e: setattr(e, "integrity", "row 7 missing"), "damaged"),
    "stuck intent": (lambda j, e: restate(e, 2, "requested"), "stuck"),
    "request not audited": (lambda j, e: without(e, "asked-1"), "requested 0 times"),
    "outcome not audited": (lambda j, e: without(e, "told-2"), "done 0 times"),
    "outcome audited twice": (lambda j, e: twice(e, "told-2"), "done 2 times"),
    "refusal audited as done": (lambda j, e: twice(e, "told-1"), "done 2 times"),
    "refusal not audited": (lambda j, e: without(e, "told-3"), "refused 0 times"),
    "event of no intent": (lambda j, e: e.events.append(outcome(9)), "that is not there"),
    "event twice": (lambda j, e: e.events.append(e.events[0]), "in the log 2 times"),
    "lost update": (
        lambda j, e: e.intents.update({"intent-2": an_intent(2, "", "2")}),
        "follow the same one",
    ),
    "change undone": (lambda j, e: set_entry(e, "dmintent", "intent-1"), "bears 1 of the 2"),
    "entry gone": (lambda j, e: e.entries.clear(), "not in the catalogue"),
    "value overwritten": (lambda j, e: set_entry(e, "telephonenumber", "9"), "telephonenumber is"),
    "projection behind": (
        lambda j, e: e.rows.update({PERSON: {**e.rows[PERSON], "phone": "1"}}),
        "phone is '1' in SQL",
    ),
    "person missing in SQL": (lambda j, e: e.rows.clear(), "only one of catalogue and projection"),
    "acknowledged edit lost": (
        lambda j, e: j.append(edit(7, "7", "done")),
        "edit 7 .* answered done, its intents are \\[\\]",
    ),
    "refused edit made": (
        lambda j, e: j.__setitem__(0, edit(1, "1", "refused", alone=False)),
        "answered refused, its intents are \\['done'\\]",
    ),
    "conflict with nobody": (
        lambda j, e: j.insert(1, edit(9, "9", "refused")),
        "though nobody else edits",
    ),
    "session without event": (lambda j, e: without(e, "signed-in-1"), "recorded 0 times"),
    "event without session": (lambda j, e: e.sessions.clear(), "session sid-1 is not there"),
    "sign-in audited twice": (lambda j, e: twice(e, "signed-in-1"), "recorded 2 times"),
    "session of another": (
        lambda j, e: e.sessions.update({"sid-1": {**e.sessions["sid-1"], "person_id": "person-2"}}),
        "its session is not there",
    ),
    "code used twice": (lambda j, e: twice(e, "granted-1"), "its code was used 2 times"),
    "tokens without family": (lambda j, e: e.families.clear(), "family family-1 is not there"),
    "own change taken for another's": (
        lambda j, e: e.events.append(Event("x", "catalogue.out_of_band", "person:p", {})),
        "out_of_band of person:p",
    ),
    "grant not audited": (lambda j, e: without(e, "granted-2"), "recorded 0 times"),
    "code accepted twice": (
        lambda j, e: j.append(replace(j[4], number=9)),
        "code:c was accepted 2 times",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_seen(name: str) -> None:
    plant, sentence = FAULTS[name]
    journal, evidence = copy.deepcopy(well())
    plant(journal, evidence)
    with pytest.raises(AssertionError, match=sentence):
        assert not broken(journal, evidence), "\n".join(broken(journal, evidence))


def test_a_journal_remembers_what_was_begun_and_what_was_answered(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    first, second = journal.begin("edit", value="một"), journal.begin("edit", value="hai")
    journal.end(second, "done", status=200)
    journal.close()
    found = read_journal(tmp_path / "journal")
    assert [(a.number, a.answer) for a in found] == [(first, "unknown"), (second, "done")]
    assert found[1].told == {"status": 200}
    assert found[1].ended < found[0].ended
    assert all(json.loads(line) for line in journal.path.read_text().splitlines())


def test_folded_and_encoded_ldif_is_read() -> None:
    ldif = 'dn: dmId=a,ou=people\ndmId: a\ncn:: xJDhurduZw==\ndmPost: {"x\n ":1}\n\ndn: o=x\no: x\n'
    assert read_entries(ldif) == {
        "a": {"dn": ("dmId=a,ou=people",), "dmid": ("a",), "cn": ("Đặng",), "dmpost": ('{"x":1}',)}
    }
