"""Adding and changing people, their posts and their standing."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from directory.actor import Actor, system
from directory.agencies.service import read_places
from directory.audit.kinds import Kind
from directory.audit.log import Foreseen, foresee, person_tag
from directory.authz.codes import listed_title
from directory.authz.decisions import require
from directory.authz.errors import POSITION_UNKNOWN
from directory.authz.objects import InPlace, OfPerson
from directory.authz.permissions import Permission
from directory.authz.positions import find_position, positions_of
from directory.authz.settling import PostChange, grants_left_behind
from directory.catalogue.errors import (
    AGENCY_UNKNOWN,
    CATALOGUE_CHANGED_MEANWHILE,
    PERSON_ADMINISTRATOR_MAIL,
    PERSON_ADMINISTRATOR_OF,
    PERSON_MAIL,
    PERSON_UNKNOWN,
    POST_UNKNOWN,
    UNIT_UNKNOWN,
    Unreadable,
)
from directory.catalogue.facts import FACT, FACTS, IN_LDAP, Fact, PersonFacts
from directory.catalogue.person import (
    LONGEST_TITLE,
    OBJECT_CLASSES,
    HasPosts,
    Person,
    Post,
    Status,
    derived_attributes,
    home_agency,
    home_post,
    is_title,
    mail_state,
    person_dn,
    person_from_entry,
    readable_part,
    standing_of,
    stored_attributes,
    without_old_end,
)
from directory.clock import is_date, today
from directory.errors import AppError, Conflict, Invalid, NotFound, refuse
from directory.errors.input import INPUT_DATE, INPUT_ID, INPUT_UNKNOWN_FIELD
from directory.ids import can_be_id, new_id
from directory.installation import Installation
from directory.intents.carrying import Requested, carry_out, record_refused
from directory.intents.history import changes_made
from directory.intents.model import VALUE_CHARS, EntryChange
from directory.ldap.entries import Entry
from directory.people.errors import (
    PERSON_NO_MAIN_POST,
    PERSON_REASON,
    PERSON_SAME_POST,
    PERSON_STATUS,
    PERSON_TITLE,
    POSITION_ELSEWHERE,
    POST_KIND,
    standing_words,
)
from directory.people.events import (
    PERSON_ACTIVATED,
    PERSON_ADD_REQUESTED,
    PERSON_ARRIVED,
    PERSON_CHANGE_REQUESTED,
    PERSON_MOVED,
    PERSON_POST_ADDED,
    PERSON_POSTS_ENDED,
    PERSON_RESUMED,
    PERSON_RETIRED,
    PERSON_SUSPENDED,
)
from directory.people.permissions import PeoplePermission
from directory.projection import queries
from directory.projection.rows import fitted_fact
from directory.text import as_seen, clean, clean_name, split_name

_log = logging.getLogger(__name__)

# What `change_person` takes, and what must be allowed for it; posts, standing and passwords have
# services of their own.
_BY_NAME = {str(permission): permission for permission in PeoplePermission}
_PERMISSION_OF: Mapping[str, Permission] = {
    **{fact.name: _BY_NAME[fact.permission] for fact in IN_LDAP if not fact.fixed},
    "title": PeoplePermission.WRITE,  # of the main post
}
EDITABLE = tuple(_PERMISSION_OF)

# When a password was set last; stays when it is taken away.
_PASSWORD_SET = "pwdChangedTime"  # noqa: S105

# Stored attributes that follow from others: nobody saw them, so nobody expects anything of them.
_FOLLOWING = ("dmSearchKey", "dmSortKey")


@dataclass(frozen=True)
class NewPerson(PersonFacts):
    """What is needed to add a person: facts, and what makes their main post; of a position (vị trí
    việc làm) unit and title follow."""

    agency_id: str
    unit_id: str = ""
    title: str = ""
    id: str = ""
    position_id: str = ""


def add_person(installation: Installation, actor: Actor, new: NewPerson) -> Person:
    """Add a person with one main post. They are pending, and active as soon as a password is set.

    Raises Invalid (naming the field), NotFound for the agency or unit, Conflict when the username,
    address or staff number belongs, or once belonged, to somebody else; as `move_person` where a
    position is concerned.
    """
    post = Post(new_id(), new.agency_id, new.unit_id, new.title, start=today().isoformat())
    post, positions = _on_position(installation, post, new.position_id, usual_title="Nhân viên")
    person = _checked(_named(new.full_name, _pending(new, post)))
    return add_record(installation, actor, person, positions=positions)


def _pending(new: NewPerson, post: Post) -> Person:
    facts: dict[str, Any] = {fact.name: _typed(fact, getattr(new, fact.name)) for fact in FACTS}
    person_id = new.id or new_id()
    return Person(person_id, "", "", "", status="pending", posts=(post,), **facts)


def _typed(fact: Fact | None, value: Any) -> Any:
    """What somebody means who types this, for a fact or the title."""
    if not isinstance(value, str):
        return value
    return clean(value).lower() if fact and fact.kind in ("login", "mail") else clean(value)


def add_record(
    installation: Installation,
    actor: Actor,
    person: Person,
    *,
    positions: Mapping[str, str] | None = None,
) -> Person:
    """Add a complete record (import, seed). `positions`: the ids of those that its posts hold, by
    the post's id. Raises as `add_person`."""
    positions = positions or {}
    with installation.database.read() as tx:
        for place in {post.place_id for post in person.posts} or {""}:
            require(tx, actor, PeoplePermission.WRITE, InPlace(place))
            if person.administrator_of:
                require(tx, actor, PeoplePermission.ADD_ADMINISTRATOR, InPlace(place))
        _check_account(tx, person)
    held = (
        _on_position(installation, post, positions.get(post.id, ""))[0] for post in person.posts
    )
    person = _checked(replace(person, posts=tuple(held)))
    if not can_be_id(person.id):
        raise Invalid(INPUT_ID, field="id")
    for post in person.posts:
        _refuse_unfit(post)
    if not all(alias and FACT["mail"].accepts(alias) for alias in person.aliases):
        raise Invalid(PERSON_MAIL, field="aliases")
    places = _places_of(installation, person.posts)
    change = EntryChange(
        operation="add",
        entry_id=person.id,
        dn=person_dn(person.id, installation.settings.suffix),
        subject=person_tag(person.id),
        agency=home_agency(person, today().isoformat()),
        attributes={
            "objectClass": OBJECT_CLASSES,
            "dmId": (person.id,),
            **stored_attributes(person),
            **derived_attributes(person, places, today().isoformat()),
        },
        reserve=reserved_values(person),
        posts=_post_change(None, person, positions=positions) if positions else None,
    )
    fields = {"username": person.username, "full_name": person.full_name}
    return person_from_entry(carry_out(installation, actor, change, (PERSON_ADD_REQUESTED, fields)))


def _check_account(tx: Connection, person: Person) -> None:
    """An administration account is somebody's, and used for nothing but administering."""
    if not person.administrator_of:
        return
    owner = queries.person(tx, person.administrator_of)
    if owner is None or owner.administrator_of or owner.status == "left":
        raise Invalid(PERSON_ADMINISTRATOR_OF, field="administrator_of")
    if person.aliases:
        raise Invalid(PERSON_ADMINISTRATOR_MAIL, field="mail")


def change_person(
    installation: Installation,
    actor: Actor,
    person_id: str,
    changes: Mapping[str, object],
    *,
    expected: Mapping[str, object] | None = None,
) -> Person:
    """Change facts of a person and their title (see `EDITABLE`), all of them in one operation.

    `expected`: the values of those fields the actor saw; when one differs from what is there now,
    Conflict(``catalogue.changed_meanwhile``) tells in `current` what they say now, and nothing is
    written. Conflict(``person.no_main_post``) when there is no main post to give a title to.
    """
    _refuse_unknown(changes)
    entry = _read_entry(installation, person_id)
    old = person_from_entry(entry)
    for permission in dict.fromkeys(_PERMISSION_OF[field] for field in changes):
        _require_over(installation, actor, permission, old)
    cleaned = {name: _typed(FACT.get(name), value) for name, value in changes.items()}
    told = {name: str(value) for name, value in cleaned.items()}
    try:
        _refuse_stale(entry, changes, expected or {})
    except Conflict as conflict:
        requested = _requested(told, values_of(old, told))
        agency = home_agency(old, today().isoformat())
        record_refused(installation, actor, person_tag(old.id), agency, requested, conflict.code)
        raise
    title = cleaned.pop("title", None)
    new: Person = replace(old, **cleaned)
    if "full_name" in changes:
        new = _named(new.full_name, new)
    if "mail" in changes and new.mail != old.mail:
        new = replace(new, aliases=_aliases_beside(new.mail, (*old.aliases, old.mail)))
    if title is not None:
        with installation.database.read() as tx:
            new = _titled(new, listed_title(tx, title))
    before = values_of(old, told)
    new = _checked(new, old, chosen=_several(entry, changes))
    return _save(installation, actor, entry, new, told, before, chosen=changes)


def _aliases_beside(mail: str, addresses: Iterable[str]) -> tuple[str, ...]:
    """An old address stays the person's own. LDAP, whose addresses have no letter case, would
    refuse the new one a second time."""
    return tuple(dict.fromkeys(each for each in addresses if each and each.lower() != mail))


def title_of(person: HasPosts) -> str:
    """The title of the main post held today; empty when there is none."""
    post = _main_post(person)
    return post.title if post else ""


def _main_post(person: HasPosts) -> Post | None:
    now = today().isoformat()
    home = home_post(person.posts, now)
    return home if home is not None and home.is_current(now) else None


def _titled(person: Person, title: str) -> Person:
    main = _main_post(person)
    if main is None:
        if not title:
            return person
        raise Conflict(PERSON_NO_MAIN_POST, field="title")
    posts = tuple(replace(post, title=title) if post is main else post for post in person.posts)
    return replace(person, posts=posts)


def values_of(person: Person, fields: Iterable[str]) -> dict[str, object]:
    """What the `EDITABLE` ones among `fields` say."""
    return {
        field: title_of(person) if field == "title" else getattr(person, field)
        for field in fields
        if field in EDITABLE
    }


def values_now(
    installation: Installation, person_id: str, fields: Iterable[str]
) -> dict[str, object]:
    """As `values_of`, what LDAP says at this moment: all of it, where another tool gave a fact
    several values."""
    return _values_in(_read_entry(installation, person_id), fields)


def shown_now(
    installation: Installation, person_id: str, fields: Iterable[str]
) -> dict[str, object]:
    """As `values_now`, in the width in which the projection, and so a form, shows it."""
    return _shown_in(_read_entry(installation, person_id), fields)


def _values_in(entry: Entry, fields: Iterable[str]) -> dict[str, object]:
    said = values_of(person_from_entry(entry), fields)
    return said | {
        field: "; ".join(sorted(_all_of(entry, field))) for field in _several(entry, said)
    }


def _several(entry: Entry, fields: Iterable[str]) -> list[str]:
    """Those of the fields that LDAP holds several values of, where we know of one."""
    return [field for field in fields if len(_all_of(entry, field)) > 1]


def _all_of(entry: Entry, field: str) -> tuple[str, ...]:
    return entry.all(FACT[field].attribute) if field in FACT else ()


def _shown_in(entry: Entry, fields: Iterable[str]) -> dict[str, object]:
    several = _several(entry, fields)
    return {
        field: said if field in several else _as_shown(field, said)
        for field, said in _values_in(entry, fields).items()
    }


def _as_shown(field: str, value: object) -> object:
    return fitted_fact(field, value) if field in FACT else value


def _refuse_stale(entry: Entry, changes: Iterable[str], expected: Mapping[str, object]) -> None:
    """Nobody edits what they have not seen: an older value, or the first of several."""
    several = _several(entry, {**expected, **dict.fromkeys(changes)})
    now = _shown_in(entry, {**expected, **dict.fromkeys(several)})
    seen = {f: v if f in several else _as_shown(f, v) for f, v in expected.items()}
    if any(f not in seen or as_seen(said) != as_seen(seen[f]) for f, said in now.items()):
        raise Conflict(CATALOGUE_CHANGED_MEANWHILE, current=now)


def move_person(
    installation: Installation,
    actor: Actor,
    person_id: str,
    post: Post,
    *,
    position_id: str = "",
    keep_grants: bool = False,
) -> Person:
    """Give a person a new main post from today; the old main post ends yesterday's evening.

    A role given to the person ends with this when they leave the branch it was given in; with
    `keep_grants` the actor gives each anew, and must be allowed to.
    Raises Forbidden(``position.brings_roles``) when the position brings roles the actor may not
    give, Invalid(``position.elsewhere``), Conflict(``position.closed``), and
    Conflict(``person.same_post``) when they hold that very post.
    """
    entry = _read_entry(installation, person_id)
    old = person_from_entry(entry)
    _require_over(installation, actor, PeoplePermission.WRITE, old)
    now = today()
    post = replace(post, kind="main", start=now.isoformat(), basis=clean(post.basis))
    post, positions = _on_position(installation, post, position_id)
    with installation.database.read() as tx:
        require(tx, actor, PeoplePermission.WRITE, InPlace(post.place_id))
    _refuse_unfit(post)
    _refuse_same(installation, old, post, positions)
    yesterday = (now - timedelta(days=1)).isoformat()
    kept = tuple(
        replace(p, end=yesterday) if p.kind == "main" and p.is_current(now.isoformat()) else p
        for p in old.posts
    )
    change = _post_change(
        old,
        replace(old, posts=(post, *kept)),
        positions=positions,
        reason=post.basis or _MOVED,
    )
    if keep_grants:
        with installation.database.read() as tx:
            left = grants_left_behind(tx, change)
        change = replace(change, kept_grants=tuple(each.grant.id for each in left))
    before = home_post(old.posts, now.isoformat()) or Post("", "", "", "")
    told = {"agency": post.agency_id, "unit": post.unit_id, "title": post.title}
    outcome = foresee(
        PERSON_MOVED,
        {
            "title_before": before.title,
            "place_before": before.agency_id,
            "title": post.title,
            "place": post.agency_id,
            "basis": post.basis,
        },
    )
    was = {"agency": before.agency_id, "unit": before.unit_id, "title": before.title}
    return _save_posts(installation, actor, entry, (post, *kept), change, (told, was), outcome)


def add_post(
    installation: Installation, actor: Actor, person_id: str, post: Post, *, position_id: str = ""
) -> Person:
    """Give a person a second post (kiêm nhiệm) or second them (biệt phái). Raises as `move_person`.

    Whoever gives it administers the place of the post; whose person it is does not change.
    """
    if post.kind == "main":
        raise Invalid(POST_KIND, field="kind")
    entry = _read_entry(installation, person_id)
    old = person_from_entry(entry)
    post = replace(post, basis=clean(post.basis), start=post.start or today().isoformat())
    post, positions = _on_position(installation, post, position_id)
    _require_over(installation, actor, PeoplePermission.WRITE, old)
    with installation.database.read() as tx:
        require(tx, actor, PeoplePermission.WRITE, InPlace(post.place_id))
    _refuse_unfit(post)
    posts = (*old.posts, post)
    change = _post_change(old, replace(old, posts=posts), positions=positions)
    told = {"agency": post.agency_id, "unit": post.unit_id, "title": post.title}
    facts = {"title": post.title, "place": post.agency_id, "basis": post.basis}
    return _save_posts(
        installation, actor, entry, posts, change, (told, {}), foresee(PERSON_POST_ADDED, facts)
    )


def end_posts(
    installation: Installation, actor: Actor, person_id: str, last_days: Mapping[str, str]
) -> Person:
    """End posts of a person: `last_days` maps their ids to the last day held (ISO date).

    Raises NotFound for a post that is not theirs.
    """
    for last_day in last_days.values():
        _refuse_no_date("end", last_day)
    entry = _read_entry(installation, person_id)
    old = person_from_entry(entry)
    _require_over(installation, actor, PeoplePermission.WRITE, old)
    for post_id in last_days.keys() - {p.id for p in old.posts}:
        raise NotFound(POST_UNKNOWN, value=post_id)
    posts = tuple(replace(p, end=last_days[p.id]) if p.id in last_days else p for p in old.posts)
    titles = ", ".join(p.title for p in old.posts if p.id in last_days)
    change = _post_change(old, replace(old, posts=posts), reason=_ENDED)
    until = ", ".join(sorted(set(last_days.values())))
    outcome = foresee(PERSON_POSTS_ENDED, {"titles": titles, "until": until})
    return _save_posts(
        installation, actor, entry, posts, change, ({"posts_ended": titles}, {}), outcome
    )


_KEPT_ENDED = 5  # ended posts in the entry of a person; earlier ones are kept in SQL
_MOVED, _ENDED = "chuyển nơi công tác", "thôi giữ vị trí"


def _refuse_same(
    installation: Installation, person: Person, post: Post, positions: Mapping[str, str]
) -> None:
    """Raise Conflict when the main post held today says all of it already: a move twice would end
    the post it had just begun. Another decision (`basis`) or position is another post."""
    held = home_post(person.posts, post.start)
    if held is None or not held.is_current(post.start) or not _says_the_same(held, post):
        return
    with installation.database.read() as tx:
        position = positions_of(tx, person.id).get(held.id)
    if positions.get(post.id, "") == (position.id if position else ""):
        raise Conflict(PERSON_SAME_POST, field="title")


def _says_the_same(held: Post, post: Post) -> bool:
    return (held.agency_id, held.unit_id, held.title, held.basis) == (
        *(post.agency_id, post.unit_id, post.title, post.basis),
    )


def _on_position(
    installation: Installation, post: Post, position_id: str, *, usual_title: str = ""
) -> tuple[Post, dict[str, str]]:
    """The post on its position: the place it must have, and the title unless another is given."""
    with installation.database.read() as tx:
        title = listed_title(tx, post.title)
    if not position_id:
        return replace(post, title=title or usual_title), {}
    with installation.database.read() as tx:
        wanted = find_position(tx, position_id)
    if wanted is None:
        raise NotFound(POSITION_UNKNOWN, value=position_id)
    unit_id = post.unit_id or wanted.unit_id
    if (post.agency_id, unit_id) != (wanted.agency_id, wanted.unit_id):
        raise Invalid(POSITION_ELSEWHERE, field="position", name=wanted.name)
    return replace(post, title=title or wanted.name, unit_id=unit_id), {post.id: wanted.id}


def _post_change(
    old: Person | None,
    new: Person,
    *,
    positions: Mapping[str, str] | None = None,
    reason: str = "",
) -> PostChange:
    """What the difference of posts means for the rights that hang on them."""
    before = {p.id: (p.start, p.end) for p in old.posts} if old else {}
    dates = {p.id: (p.start, p.end) for p in new.posts if before.get(p.id) != (p.start, p.end)}
    now = today().isoformat()
    # From a day on which a post ends, or begins, the person may be of other places.
    turns = {_day_after(end) for start, end in dates.values() if end >= now}
    turns |= {start for start, _ in dates.values() if start > now}
    return PostChange(
        person_id=new.id,
        positions=dict(positions or {}),
        dates=dates,
        longer=tuple(
            post_id
            for post_id in dates.keys() & before.keys()
            if _is_longer(before[post_id], dates[post_id])
        ),
        places_before=_own_places(old, now) if old else (),
        places_after=tuple((day, _own_places(new, day)) for day in sorted({now} | turns)),
        reason=reason,
    )


def _is_longer(old: tuple[str, str], new: tuple[str, str]) -> bool:
    return new[0] < old[0] or (old[1] != "" and (new[1] == "" or new[1] > old[1]))


def _day_after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def _own_places(person: Person, day: str) -> tuple[str, ...]:
    """The agencies and units the person is of: at home, and wherever they hold a post."""
    posts = [post for post in person.posts if post.is_current(day)]
    if (home := home_post(person.posts, day)) is not None:
        posts.append(home)
    return tuple(sorted({place for p in posts for place in (p.agency_id, p.unit_id) if place}))


def _save_posts(
    installation: Installation,
    actor: Actor,
    entry: Entry,
    posts: Sequence[Post],
    change: PostChange,
    told: tuple[Mapping[str, str], Mapping[str, object]],
    outcome: Foreseen,
) -> Person:
    stays, former = _apart(posts)
    change = replace(change, former=tuple(post.to_value() for post in former))
    old = person_from_entry(entry)
    new = _checked(replace(old, posts=stays), old)
    return _save(installation, actor, entry, new, *told, outcome=outcome, posts=change)


def _apart(posts: Sequence[Post]) -> tuple[tuple[Post, ...], tuple[Post, ...]]:
    """Those that stay in the entry, and the ended ones that are long enough ago to leave it."""
    now = today().isoformat()
    ended = sorted(
        (post for post in posts if post.end and post.end < now),
        key=lambda post: (post.end, post.start, post.id),
        reverse=True,
    )
    home = home_post(posts, now)
    former = tuple(post for post in ended[_KEPT_ENDED:] if post != home)
    return tuple(post for post in posts if post not in former), former


def suspend(installation: Installation, actor: Actor, person_id: str, reason: str) -> Person:
    """Stop a person from signing in; their sessions end at once. So with their administration
    accounts."""
    done = _set_status(installation, actor, person_id, "suspended", PERSON_SUSPENDED, reason)
    follow_owners(installation, person_id)
    return done


def resume(installation: Installation, actor: Actor, person_id: str, reason: str) -> Person:
    """Make a suspended person what they were: active, or still waiting for their first password.
    Whoever waits for one that another tool has set is let in as well."""
    return _set_status(installation, actor, person_id, "active", PERSON_RESUMED, reason)


def retire(installation: Installation, actor: Actor, person_id: str, reason: str) -> Person:
    """A person has left for good: no sign-in, all posts and grants end. The record stays. So with
    their administration accounts."""
    done = _set_status(installation, actor, person_id, "left", PERSON_RETIRED, reason)
    follow_owners(installation, person_id)
    return done


_ACCOUNTS = system("accounts")
_WITH_OWNER = "Cùng với tài khoản của chính người đó"


def follow_owners(installation: Installation, owner_id: str = "") -> None:
    """Suspend and retire administration accounts whose owners are, of one or of all.

    Also a job of the worker: what a crash or an outage left open, and owners that another tool
    suspended in LDAP.
    """
    with installation.database.read() as tx:
        behind = queries.list_accounts_behind(tx, owner_id)
    for account_id, status in behind:
        kind = PERSON_RETIRED if status == "left" else PERSON_SUSPENDED
        try:
            _set_status(installation, _ACCOUNTS, account_id, status, kind, _WITH_OWNER)
        except AppError as error:
            _log.warning(
                "account does not follow its owner",
                extra={"person": account_id, "code": error.code, "detail": error.detail},
            )


def activate(installation: Installation, actor: Actor, person_id: str, act: str) -> None:
    """A password was set for somebody pending, by somebody who may: they are active from now on.
    Whoever is not pending any more stays as they are. `act`: the event that asked for it.

    The account that writes passwords may do this as well, whatever the process may besides.
    """
    installation = replace(installation, ldap=installation.credentials)
    entry = _read_with_state(installation, person_id)
    if standing_of(entry) == "pending":
        _save_status(installation, actor, entry, "active", foresee(PERSON_ACTIVATED, {}), act=act)


_ALLOWED_FROM: Mapping[str, tuple[str, ...]] = {
    "suspended": ("active", "pending"),
    "active": ("suspended", "pending"),
    "left": ("active", "suspended", "pending"),
}
_ACTION: Mapping[str, Permission] = {
    "suspended": PeoplePermission.SUSPEND,
    "active": PeoplePermission.SUSPEND,
    "left": PeoplePermission.RETIRE,
}


def _set_status(
    installation: Installation,
    actor: Actor,
    person_id: str,
    status: Status,
    kind: Kind,
    reason: str,
) -> Person:
    if not clean(reason):
        raise Invalid(PERSON_REASON, field="reason")
    entry = _read_with_state(installation, person_id)
    with installation.database.read() as tx:
        require(tx, actor, _ACTION[status], OfPerson(person_id))
        waits = status == "active" and _waits_for_a_password(tx, entry)
    now = standing_of(entry)
    if now not in _ALLOWED_FROM[status] or (waits and now == "pending"):
        raise Conflict(PERSON_STATUS, status=standing_words(now))
    if waits:
        status = "pending"
    outcome = foresee(kind, {"reason": clean(reason)})
    return _save_status(installation, actor, entry, status, outcome)


def _waits_for_a_password(tx: Connection, entry: Entry) -> bool:
    """Whether who is suspended or pending has never been more than pending: so our own changes say,
    and slapd, which notes the time of every password, says that none was set since."""
    return not entry.all(_PASSWORD_SET) and _earlier_standing(tx, entry) == "pending"


def _earlier_standing(tx: Connection, entry: Entry) -> str:
    """What a person was before they were suspended. Empty where no change of ours tells: what
    another tool added is not known to have waited for anything."""
    now = standing_of(entry)
    if now != "suspended":
        return now
    for change in changes_made(tx, entry.one("dmId")):
        for values in (change.attributes, change.expected):  # what it made, what it found
            told = "".join(values.get("dmStatus", ()))
            if told in ("active", "pending"):
                return told
    return ""


def _save_status(
    installation: Installation,
    actor: Actor,
    entry: Entry,
    status: Status,
    outcome: Foreseen,
    *,
    act: str = "",
) -> Person:
    """One modify that needs nothing of the entry but its standing: what else is wrong with it, or
    with the agencies it names, must not keep anybody in."""
    person = readable_part(entry)
    attributes = {
        "dmStatus": (status,),
        **mail_state(status, has_address=bool(person.mail)),
        **without_old_end(entry),
    }
    posts = None
    if status == "left":
        attributes |= _ended_posts(entry)
        posts = PostChange(person.id, leaves=True, reason=str(outcome[1]["reason"]))
    edited = attributes.keys() - {"dmMailState", "pwdEndTime"}
    expected = {name: entry.all(name) for name in edited}
    if status == "pending":
        expected[_PASSWORD_SET] = ()  # whoever is given one meanwhile does not wait any more
    with installation.database.read() as tx:
        agency = queries.home_agency_of(tx, person.id)
    change = EntryChange(
        operation="modify",
        entry_id=person.id,
        dn=person_dn(person.id, installation.settings.suffix),
        subject=person_tag(person.id),
        agency=agency,
        attributes=attributes,
        expected=expected,
        posts=posts,
        outcome=outcome,
        act=act,
    )
    requested = _requested({"status": status}, {"status": standing_of(entry)})
    return readable_part(carry_out(installation, actor, change, requested))


def _ended_posts(entry: Entry) -> dict[str, tuple[str, ...]]:
    """The posts with an end today at the latest; nothing where they cannot be read."""
    try:
        posts = person_from_entry(entry).posts
    except Unreadable:
        return {}
    end = today().isoformat()
    ended = (p if p.end and p.end < end else replace(p, end=end) for p in posts)
    return {"dmPost": tuple(post.to_value() for post in ended)} if posts else {}


def _read_with_state(installation: Installation, person_id: str) -> Entry:
    """With what slapd notes about the password, and says only when it is asked by name."""
    return _read_entry(installation, person_id, "pwdEndTime", _PASSWORD_SET)


def _read_entry(installation: Installation, person_id: str, *more: str) -> Entry:
    entry = installation.ldap.read(person_dn(person_id, installation.settings.suffix), ["*", *more])
    if entry is None:
        raise NotFound(PERSON_UNKNOWN)
    return entry


def read_person(installation: Installation, person_id: str) -> Person:
    """The person as LDAP holds them now. Raises NotFound, Unreadable."""
    return person_from_entry(_read_entry(installation, person_id))


def reserved_values(person: Person) -> tuple[tuple[str, str], ...]:
    """(namespace, value) pairs that nobody else may ever have."""
    values = dict.fromkeys(
        (
            *((f"person.{f.name}", str(getattr(person, f.name))) for f in FACTS if f.unique),
            *(("person.mail", alias) for alias in person.aliases),
        )
    )
    # What was written past us and is longer than we give to anybody needs no reservation, and
    # must not keep whoever has it from being suspended.
    return tuple((name, v) for name, v in values if 0 < len(v) <= VALUE_CHARS and "\0" not in v)


def _save(
    installation: Installation,
    actor: Actor,
    entry: Entry,
    new: Person,
    told: Mapping[str, str],
    before_told: Mapping[str, object],
    *,
    chosen: Iterable[str] = (),
    outcome: Foreseen | None = None,
    posts: PostChange | None = None,
) -> Person:
    """`chosen`: fields whose one value takes the place of whatever there is."""
    old = person_from_entry(entry)
    before, after = stored_attributes(old), stored_attributes(new)
    several = {FACT[field].attribute for field in _several(entry, chosen)}
    edited = {
        name: values for name, values in after.items() if values != before[name] or name in several
    }
    if not edited:
        return old

    def derive(now: Entry) -> dict[str, tuple[str, ...]]:
        told = {name: values for name, values in edited.items() if name not in _FOLLOWING}
        person = person_from_entry(now.with_values(told))
        stored = stored_attributes(person)
        places = _places_of(installation, person.posts)
        following = {name: stored[name] for name in edited if name in _FOLLOWING}
        return told | following | derived_attributes(person, places, today().isoformat())

    change = EntryChange(
        operation="modify",
        entry_id=new.id,
        dn=person_dn(new.id, installation.settings.suffix),
        subject=person_tag(new.id),
        agency=home_agency(old, today().isoformat()),
        attributes=edited,
        expected={name: entry.all(name) for name in edited if name not in _FOLLOWING},
        reserve=reserved_values(new),
        posts=posts,
        outcome=outcome,
        arrival=_arrival(old, new, outcome),
    )
    requested = _requested(told, before_told)
    return person_from_entry(carry_out(installation, actor, change, requested, derive=derive))


def _arrival(
    old: Person, new: Person, outcome: Foreseen | None
) -> tuple[str, str, Mapping[str, object]] | None:
    """What is told to the agency whose person this becomes; the one before reads of the move."""
    now = today().isoformat()
    agency = home_agency(new, now)
    if outcome is None or outcome[0] != PERSON_MOVED.name or agency == home_agency(old, now):
        return None
    return agency, *foresee(PERSON_ARRIVED, outcome[1])


def _requested(told: Mapping[str, str], before: Mapping[str, object]) -> Requested:
    """How the log tells a change: what differs, new and old."""
    old = {name: str(value) for name, value in before.items()}
    changes = {name: value for name, value in told.items() if value != old.get(name)} or told
    kept = {name: old[name] for name in changes if name in old}
    return PERSON_CHANGE_REQUESTED, {"changes": dict(changes), "before": kept}


def _require_over(
    installation: Installation, actor: Actor, action: Permission, person: Person
) -> None:
    with installation.database.read() as tx:
        require(tx, actor, action, OfPerson(person.id))


def _places_of(installation: Installation, posts: Sequence[Post]) -> dict[str, Any]:
    wanted = [place for post in posts for place in (post.agency_id, post.unit_id) if place]
    places = read_places(installation, wanted)
    for post in posts:
        if post.agency_id not in places:
            raise NotFound(AGENCY_UNKNOWN)
        if post.unit_id and post.unit_id not in places:
            raise NotFound(UNIT_UNKNOWN)
    return places


def _named(full_name: str, person: Person) -> Person:
    full_name = clean_name(full_name)
    family, middle, given = split_name(full_name)
    return replace(
        person, full_name=full_name, family_name=family, middle_name=middle, given_name=given
    )


def _refuse_unknown(changes: Mapping[str, object]) -> None:
    for name in changes:
        if name not in EDITABLE:
            raise Invalid(INPUT_UNKNOWN_FIELD, field=name)


def _refuse_unfit(post: Post) -> None:
    """What no form asks for: only a program can have got it wrong."""
    if not can_be_id(post.id):
        raise Invalid(INPUT_ID, field="posts")
    for field, day in (("start", post.start), ("end", post.end)):
        if day:
            _refuse_no_date(field, day)


def _refuse_no_date(field: str, value: str) -> None:
    if not is_date(value):
        raise Invalid(INPUT_DATE, field=field, value=value)


def _checked(new: Person, old: Person | None = None, *, chosen: Iterable[str] = ()) -> Person:
    """Raise Invalid for each fact and title that may not be written.

    Of somebody who is there already (`old`) only what becomes another is asked about, and what was
    `chosen` of several values: what was written past us must not keep the rest as it is.
    """
    wrong = [
        fact
        for fact in FACTS
        if not fact.accepts(value := getattr(new, fact.name))
        and (old is None or fact.name in chosen or value != getattr(old, fact.name))
    ]
    faults = [Invalid(fact.refused, field=fact.name) for fact in wrong]
    if not _is_titled(new, old.posts if old else ()):
        faults.append(Invalid(PERSON_TITLE, field="title"))
    if new.administrator_of and new.mail and (old is None or new.mail != old.mail):
        faults.append(Invalid(PERSON_ADMINISTRATOR_MAIL, field="mail"))
    refuse(faults)
    return new


def _is_titled(person: Person, before: Sequence[Post]) -> bool:
    there, main = {post.id: post.title for post in before}, _main_post(person)
    return all(
        0 < len(post.title) <= LONGEST_TITLE and (post is not main or is_title(post.title))
        for post in person.posts
        if post.title != there.get(post.id)
    )
