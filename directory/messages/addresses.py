"""Where a person is reached: by their work e-mail, and by a mobile telephone."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from directory.message_kinds import MessageKind
from directory.messages.queue import Way
from directory.messages.texts import find_number
from directory.projection import queries
from directory.projection.queries import PersonRow
from directory.settings import Settings


@dataclass(frozen=True)
class Addressee:
    """Whose account it is about, and the address or number it goes to."""

    person: PersonRow
    way: Way
    address: str


def find_addressees(
    tx: Connection, settings: Settings, kind: MessageKind, person_id: str
) -> list[Addressee]:
    """Where one of that kind goes to. A telephone gets what no mail can tell, and with
    DANHMUC_SMS_BESIDE_MAIL warnings; an account for administering has what it lacks from whoever it
    belongs to."""
    person = queries.person(tx, person_id)
    if person is None:
        return []
    is_by_sms = settings.sms_file is not None and kind.sms is not None
    owner = person
    if person.administrator_of and not (person.mail and (person.phone or not is_by_sms)):
        owner = queries.person(tx, person.administrator_of) or person
    mail = (person.mail or owner.mail) if settings.smtp_url else ""
    found = [Addressee(person, "mail", mail)] if mail else []
    is_warning = kind.sms is not None and kind.sms.is_security
    is_beside = is_warning and settings.sms_beside_mail == "security"
    if is_by_sms and (is_beside or not mail):
        number = find_number(person.phone or owner.phone)
        found += [Addressee(person, "sms", number)] if number else []
    return found
