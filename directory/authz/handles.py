"""What an actor may read of the audit log: scoped in SQL, told with names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from directory.actor import Actor
from directory.audit.acts import Act, ActQuestion, count_acts, events_of, list_acts
from directory.audit.kinds import Vocabulary
from directory.audit.names import names_for, tags_named
from directory.audit.sentences import Language
from directory.authz.acts_file import MOST_TAKEN, ScopedQuestion, acts_taken_away
from directory.authz.errors import AUTHZ_DENIED
from directory.authz.grants import Grant, holder_tag
from directory.authz.permissions import AuditPermission
from directory.authz.scopes import Scope, places_within, scope_of
from directory.errors import Forbidden
from directory.exports.notes import Export
from directory.ids import new_event_id
from directory.installation import Installation
from directory.sheets.writing import Listing

PAGE = 50
_OF_GRANTS = ("grant.",)
_MOST_OF_HOLDER = 500  # acts that are looked at for those of one grant
_NOBODY = "nobody"  # no tag is like it


@dataclass(frozen=True)
class ActPage:
    """Acts, newest first, and the names that tell them. `older`: the `before` of the next page,
    empty on the last. `too_many`: more names fit than were looked for. `is_unfolded`: nothing is
    left out as folded under a run."""

    acts: Sequence[Act]
    names: Mapping[str, str]
    older: str = ""
    too_many: bool = False
    is_unfolded: bool = False


@dataclass(frozen=True)
class ActsOf:
    """The latest acts about or by one person or thing, and the names that tell them."""

    acts: Sequence[Act]
    names: Mapping[str, str]


@dataclass(frozen=True)
class EventsFor:
    """The audit log as far as `actor` may read it."""

    _installation: Installation
    _actor: Actor
    _vocabulary: Vocabulary

    def page(
        self, question: ActQuestion, name: str, language: Language, size: int = PAGE
    ) -> ActPage:
        """One page of the acts of the actor's places. `name`: part of the name of who did it, or
        of whom or what it happened to. Raises Forbidden without ``audit:read``."""
        with self._installation.database.read() as tx:
            question, scope, too_many = self._asked(tx, question, name)
            acts = list_acts(
                tx, self._vocabulary, question, limit=size + 1, agencies=places_within(scope)
            )
            shown = acts[:size]
            older = shown[-1].first.id if len(acts) > size else ""
            names = names_for(tx, self._vocabulary, events_of(shown), language)
            return ActPage(shown, names, older, too_many, question.is_unfolded)

    def take_away(
        self, question: ActQuestion, name: str, filter_told: str, export: Export
    ) -> Listing:
        """All acts of a question as a file to be written, noted before the first of them is read;
        nothing is left out as folded. Raises as `page`, and as `directory.exports.taking.take`."""
        # What happens from now on, this taking first of all, is no part of it.
        question = replace(question, before=new_event_id(), unfolds=True)
        with self._installation.database.read() as tx:
            question, scope, _ = self._asked(tx, question, name)
            count = count_acts(
                tx, self._vocabulary, question, most=MOST_TAKEN, agencies=places_within(scope)
            )
        asked = ScopedQuestion(question, scope, count)
        return acts_taken_away(
            self._installation, self._actor, self._vocabulary, asked, filter_told, export
        )

    def _asked(
        self, tx: Connection, question: ActQuestion, name: str
    ) -> tuple[ActQuestion, Scope, bool]:
        """The question with the tags of `name`, where the actor may ask it, and whether more names
        fit than are looked for."""
        scope = scope_of(tx, self._actor, AuditPermission.READ)
        if scope.is_empty:
            raise Forbidden(AUTHZ_DENIED, action=AuditPermission.READ, reason="no_role")
        if not name:
            return question, scope, False
        # A name nobody has is looked for like one of somebody out of scope: neither the page nor
        # its cost tells the two apart.
        who, too_many = tags_named(tx, self._vocabulary, name)
        return replace(question, who=who or (_NOBODY,)), scope, too_many


def acts_of(
    tx: Connection,
    vocabulary: Vocabulary,
    scope: Scope,
    tag: str,
    *,
    limit: int,
    also: Collection[str] = (),
) -> ActsOf:
    """The latest acts about or by whom the tag names that lie in the scope, or belong to no
    agency. `also`: ids that the page names beside them."""
    question = ActQuestion(who=(tag,))
    acts = list_acts(
        tx, vocabulary, question, limit=limit, agencies=places_within(scope), also_of_no_agency=True
    )
    return ActsOf(acts, names_for(tx, vocabulary, events_of(acts), also=also))


def acts_of_grant(tx: Connection, vocabulary: Vocabulary, grant: Grant) -> ActsOf:
    """What happened to a grant, newest first."""
    tag = holder_tag(grant.holder_kind, grant.holder_id)
    question = ActQuestion(kinds=_OF_GRANTS, who=(tag,))
    acts = list_acts(tx, vocabulary, question, limit=_MOST_OF_HOLDER)
    its = [act for act in acts if act.first.fields.get("grant") == grant.id]
    return ActsOf(its, names_for(tx, vocabulary, events_of(its)))
