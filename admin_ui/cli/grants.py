"""danhmuc grant …"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from admin_ui.cli.grant_document import line_of, told_grant, told_source
from admin_ui.cli.people import find_agency, find_person
from admin_ui.operations.sentences import sentence_of
from directory.access.asking import Given, give_or_ask, renew_or_ask
from directory.access.explained import Explained, WhyFor
from directory.access.handles import GrantsFor
from directory.access.privileged import CONCERNS
from directory.access.privileged_handles import PrivilegedFor
from directory.authz import grants
from directory.authz.grant_lists import GrantQuestion
from directory.clock import iso, local
from directory.projection import queries


@click.group(cls=JsonGroup)
def grant() -> None:
    """Roles given to people, posts and positions."""


@grant.command()
@click.option("--person", default="", metavar="NAME", help="Username, work address or id.")
@click.option("--post", default="", metavar="ID", help="One person's post.")
@click.option("--position", default="", metavar="ID", help="Whoever holds it, now or later.")
@click.option("--role", "role_name", required=True, metavar="APP:ROLE")
@click.option("--agency", "agency_code", required=True, metavar="CODE", help="Where it holds.")
@click.option("--field", default="", help="Only for this field (lĩnh vực).")
@click.option("--procedure", default="", help="Only for this procedure (thủ tục).")
@click.option("--from", "start", default="", metavar="DATE", help="First day, if not today.")
@click.option("--until", default="", metavar="DATE", help="Last day; none: as the role says.")
@click.option("--without-end", is_flag=True)
@click.option("--reason", required=True)
@click.option("--basis", default="", help="What it rests on, as a decision.")
def add(
    person: str,
    post: str,
    position: str,
    role_name: str,
    agency_code: str,
    field: str,
    procedure: str,
    start: str,
    until: str,
    without_end: bool,
    reason: str,
    basis: str,
) -> None:
    """Give a role to exactly one of --person, --post or --position.

    A role that needs a second person's approval is asked for: `danhmuc request`.
    """
    if len([v for v in (person, post, position) if v]) != 1:
        raise click.UsageError("Give exactly one of --person, --post and --position.")
    installation = open_own_installation()
    agency = find_agency(installation, agency_code)
    kind: grants.HolderKind = "person"
    if person:
        holder = find_person(installation, person).id
    elif post:
        kind, holder = "post", post
    else:
        kind, holder = "position", position
    application, _, name = role_name.rpartition(":")
    with installation.database.write() as tx:
        end = until or grants.default_end(tx, application, name, start)
        wanted = grants.Grant(
            application_id=application,
            role=name,
            holder_kind=kind,
            holder_id=holder,
            agency_id=agency.id,
            reason=reason,
            field=field,
            procedure=procedure,
            start=start,
            end="" if without_end else end,
            basis=basis,
        )
        given = give_or_ask(tx, operator(), wanted)
    _answer(given, f"Granted {role_name} in {agency.name}, grant {given.grant_id}.")


def _answer(given: Given, done: str, **more: str) -> None:
    asked = f"Asked for: request {given.request_id} waits for a second person."
    document = {"id": given.grant_id, "request": given.request_id} | more
    answer(document, done if given.grant_id else asked)


@grant.command()
@click.argument("grant_id", metavar="ID")
@click.option("--reason", required=True)
def revoke(grant_id: str, reason: str) -> None:
    """Take a role back, at once."""
    installation = open_own_installation()
    with installation.database.write() as tx:
        grants.revoke_grant(tx, operator(), grant_id, reason)
    answer({"id": grant_id}, "Revoked.")


@grant.command()
@click.argument("grant_id", metavar="ID")
@click.option("--until", default="", metavar="DATE", help="New last day; none: as the role says.")
@click.option("--without-end", is_flag=True)
@click.option("--reason", required=True)
@click.option("--basis", default="", help="What it rests on; none: the same as before.")
def renew(grant_id: str, until: str, without_end: bool, reason: str, basis: str) -> None:
    """Give a standing role for another term: the old grant ends, one like it begins."""
    installation = open_own_installation()
    with installation.database.write() as tx:
        old = grants.find_standing(tx, grant_id)
        end = until or (grants.default_end(tx, old.application_id, old.role) if old else "")
        given = renew_or_ask(tx, operator(), grant_id, "" if without_end else end, reason, basis)
    _answer(given, f"Renewed, grant {given.grant_id}.", renews=grant_id)


@grant.command("list")
@click.option("--application", default="", metavar="CLIENT_ID")
@click.option("--role", "role_name", default="", metavar="APP:ROLE")
@click.option("--person", default="", metavar="NAME", help="Also by their posts and positions.")
@click.option("--position", default="", metavar="ID")
@click.option("--agency", "agency_code", default="", metavar="CODE", help="In it and under it.")
@click.option("--ends-within", default=None, type=int, metavar="DAYS")
@click.option("--left-behind", is_flag=True, help="Of people who moved away or left.")
@click.option("--after", default="", metavar="NEXT", help="Go on: the `next` of a page.")
def list_(
    application: str,
    role_name: str,
    person: str,
    position: str,
    agency_code: str,
    ends_within: int | None,
    left_behind: bool,
    after: str,
) -> None:
    """List standing grants."""
    installation = open_own_installation()
    of_role, _, name = role_name.rpartition(":")
    question = GrantQuestion(
        application_id=application or of_role,
        role=name,
        person_id=find_person(installation, person).id if person else "",
        position_id=position,
        place_id=find_agency(installation, agency_code).id if agency_code else "",
        ends_within=ends_within,
        left_behind=left_behind,
        after=after,
    )
    page = GrantsFor(installation, operator()).page(question)
    told = [told_grant(each, page.names) for each in page.grants]
    rows = [line_of(each) for each in told]
    answer(
        {"grants": told, "next": page.next},
        table(rows, ("ID", "ROLE", "HOLDER", "IN", "UNTIL")),
    )


@grant.command()
@click.option("--application", default="", metavar="CLIENT_ID")
def conflicts(application: str) -> None:
    """List people who hold two roles that exclude each other."""
    installation = open_own_installation()
    found = GrantsFor(installation, operator()).conflicts(application)
    with installation.database.read() as tx:
        names = queries.list_names(tx, {one.person_id for one in found})
    people = {each: "{} ({})".format(*names[each]) for each in names}
    documents = [asdict(one) | {"person": people.get(one.person_id)} for one in found]
    for document in documents:
        document["application"] = document.pop("application_id")
        document["grant"] = document.pop("grant_id")
        document["other_grant"] = document.pop("other_grant_id")
    rows = [
        (people.get(one.person_id), f"{one.application_id}:{one.role}", one.excluded)
        for one in found
    ]
    answer({"conflicts": documents}, table(rows, ("PERSON", "ROLE", "EXCLUDED BY")))


@grant.command()
def privileged() -> None:
    """List who holds the roles that reach the whole province, and what looks wrong."""
    found = PrivilegedFor(open_own_installation(), operator()).list()
    holders = [
        told_grant(each.named, found.names)
        | {
            "owner": each.owner,
            "given_at": iso(each.given_at),
            "last_act_at": iso(each.last_act_at) if each.last_act_at else None,
            "concerns": list(each.concerns),
        }
        for each in found.holders
    ]
    rows = [
        (
            each.named.role.en,
            each.named.holder,
            each.owner or "–",
            local(each.last_act_at) if each.last_act_at else "never",
            "; ".join(CONCERNS[one].en for one in each.concerns) or "–",
        )
        for each in found.holders
    ]
    few = [role.name for role in found.roles if role.has_few]
    answer(
        {"holders": holders, "few": few},
        table(rows, ("ROLE", "ACCOUNT", "OF", "LAST USED", "TO LOOK AT")),
    )


@grant.command()
@click.option("--person", required=True, metavar="NAME")
@click.option("--application", required=True, metavar="CLIENT_ID")
def explain(person: str, application: str) -> None:
    """Why a person may enter an application or not, where each role comes from, what is missing."""
    installation = open_own_installation()
    found = find_person(installation, person)
    told = WhyFor(installation, operator()).explain(found.id, application)
    answer(_explained(told), lambda: _explained_text(told))


def _explained(told: Explained) -> dict[str, Any]:
    why = told.why
    return {
        "may_enter": told.may_enter,
        "missing": why.obstacles[0] if why.obstacles else None,
        "obstacles": list(why.obstacles),
        "roles": [told_source(each, why.names) for each in why.roles],
        "others": [told_source(each, why.names) for each in why.others],
        "not_held": [
            {
                "role": each.role.name,
                "title": each.role.title_vi,
                "problem": each.problem.code if each.problem else None,
            }
            for each in told.missing
        ],
        "requests": [
            {"id": each.request.id, "kind": each.request.kind, "asked_by": each.request.asked_by}
            for each in told.waiting
        ],
    }


def _explained_text(told: Explained) -> str:
    lines = [f"May enter. {told.entry.en}" if told.entry else "May not enter."]
    lines += [each.words.en for each in told.obstacles]
    lines += [f"{each.words.en} Request {each.request.id}." for each in told.waiting]
    for role, sources in told.held:
        lines += [f"Holds {role.application_id}:{role.name}. {each.words.en}" for each in sources]
    for missing in told.missing:
        lines.append(f"Does not hold {missing.role.application_id}:{missing.role.name}.")
        lines += [f"  {each.words.en}" for each in missing.past]
        if missing.problem:
            lines.append("  " + sentence_of(missing.problem, "en"))
    return "\n".join(lines)
