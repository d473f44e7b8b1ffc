"""Why and why not, in sentences: for the page and for the command line the same."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from directory.authz.explaining import EnteredApplication, Explanation, Source
from directory.clock import day_of, today, written
from directory.errors import Words
from directory.projection import queries
from directory.projection.queries import PersonRow
from directory.requests.register import Request

_STATUSES: Mapping[str, Words] = {
    "pending": Words("chưa kích hoạt", "is not activated yet"),
    "suspended": Words("đang bị tạm ngừng", "is suspended"),
    "left": Words("đã đóng vì người này đã nghỉ", "is closed, since the person has left"),
}
_OPERATING = Words("đơn vị vận hành", "the operating unit")
_NOBODY = Words("người không còn trong danh mục", "somebody no longer in the catalogue")


def tell_entry(person: PersonRow, app: EnteredApplication, why: Explanation) -> Words:
    """Why they may enter."""
    if app.access == "everyone":
        return Words(
            "Ứng dụng mở cho mọi người có tài khoản đang hoạt động.",
            "The application is open to everybody whose account is active.",
        )
    if app.access == "roles":
        count = len({one.grant.role for one in why.roles}) or why.elsewhere
        return Words(
            f"Ứng dụng mở cho người giữ vai trò của ứng dụng; người này đang giữ {count} vai trò.",
            f"The application is open to holders of its roles; this person holds {count}.",
        )
    way = why.way_in
    agency = app.agencies.get(way.agency_id, "") if way else ""
    post = next((each for each in person.posts if way and each.id == way.post_id), None)
    title = post.title if post else "…"
    return Words(
        f"Ứng dụng mở cho {agency}; người này giữ bố trí “{title}” trong phạm vi đó.",
        f"The application is open to {agency}; this person holds the post “{title}” in it.",
    )


def tell_obstacle(tx: Connection, reason: str, person: PersonRow, app: EnteredApplication) -> Words:
    """What keeps them out. `reason`: the word of the decision."""
    if reason == "application_removed":
        return Words(
            "Ứng dụng đã bị xóa hẳn: không ai vào được.",
            "The application was removed for good: nobody can enter it.",
        )
    if reason == "application_disabled":
        day = _day(app.disabled_at)
        return Words(
            f"Ứng dụng đã ngừng từ ngày {day}: không ai vào được.",
            f"The application has been disabled since {day}: nobody can enter it.",
        )
    if reason == "person_not_active":
        vi, en = _STATUSES.get(person.status, Words("không hoạt động", "is not active"))
        return Words(f"Tài khoản của người này {vi}.", f"The person’s account {en}.")
    if reason == "no_role":
        return Words(
            "Ứng dụng chỉ mở cho người giữ vai trò của ứng dụng; người này hiện không giữ vai trò "
            "nào.",
            "The application is open to holders of its roles only; this person holds none today.",
        )
    opened = ", ".join(app.agencies.values()) or "–"
    where = _where(tx, person)
    return Words(
        f"Ứng dụng chỉ mở cho: {opened}. {where.vi}",
        f"The application is open to these only: {opened}. {where.en}",
    )


def _where(tx: Connection, person: PersonRow) -> Words:
    now = today().isoformat()
    ids = sorted({post.agency_id for post in person.posts if post.is_current(now)})
    if not ids:
        return Words(
            "Người này không có bố trí nào đang có hiệu lực.", "This person holds no post today."
        )
    names = ", ".join(each.name for each in queries.agencies_by_id(tx, ids).values())
    return Words(f"Người này đang công tác tại: {names}.", f"This person works at: {names}.")


def tell_source(source: Source, names: Mapping[str, str]) -> Words:
    """What gives them a role, or did: where, by what, by whom, when, on what basis, until when."""
    grant, where = source.grant, _through(source)
    vi = [f"Tại {source.place}{_narrowed(source, 'lĩnh vực', 'thủ tục')}, {where.vi}"]
    en = [f"In {source.place}{_narrowed(source, 'field', 'procedure')}, {where.en}"]
    giver, given = _who(grant.given_by, names), _day(source.given_at)
    vi.append(f"{giver.vi} cấp ngày {given}")
    en.append(f"given by {giver.en} on {given}")
    if grant.approved_by:
        approver = _who(grant.approved_by, names)
        vi.append(f"{approver.vi} phê duyệt")
        en.append(f"approved by {approver.en}")
    if grant.basis:
        vi.append(f"căn cứ {grant.basis}")
        en.append(f"on the basis of {grant.basis}")
    until = _until(source, names)
    vi.append(until.vi)
    en.append(until.en)
    return Words("; ".join(vi) + ".", "; ".join(en) + ".")


def tell_request(asked: Request, names: Mapping[str, str], titles: Mapping[str, Words]) -> Words:
    """That somebody asked for it, and when. `titles`: of roles, by name."""
    who, day = _who(asked.asked_by, names), _day(asked.asked_at)
    vi, en = _begun(who.vi), _begun(who.en)
    if asked.kind == "enter":
        return Words(
            f"{vi} đề nghị được vào ứng dụng ngày {day}; đang chờ quyết định.",
            f"{en} asked to be let in on {day}; it waits for a decision.",
        )
    role = titles.get(asked.payload.get("role", ""), Words("…", "…"))
    return Words(
        f"{vi} đề nghị cấp vai trò “{role.vi}” ngày {day}; đang chờ quyết định.",
        f"{en} asked for the role “{role.en}” on {day}; it waits for a decision.",
    )


def _begun(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _through(source: Source) -> Words:
    if source.through == "person":
        return Words("cấp cho chính người này", "given to the person")
    name = source.through_name or "…"
    if source.through == "post":
        return Words(f"cấp theo bố trí “{name}”", f"given to the post “{name}”")
    return Words(f"cấp theo vị trí việc làm “{name}”", f"given to the position “{name}”")


def _until(source: Source, names: Mapping[str, str]) -> Words:
    """Until when, or why not today."""
    grant = source.grant
    if source.state == "withdrawn":
        who, day = _who(source.ended_by, names), _day(source.ended_at)
        why = f": {source.why_ended}" if source.why_ended else ""
        return Words(
            f"{who.vi} đã thu hồi ngày {day}{why}", f"taken back by {who.en} on {day}{why}"
        )
    if source.state == "ended":
        day = _told(grant.end)
        return Words(f"đã hết hạn ngày {day}", f"it ended on {day}")
    if source.state == "begins":
        day = _told(grant.start)
        return Words(f"đến ngày {day} mới có hiệu lực", f"it begins on {day}")
    if source.state == "waits":
        return _waits(source)
    if not grant.end:
        return Words("không thời hạn", "without end")
    day = _told(grant.end)
    return Words(f"đến hết ngày {day}", f"until {day}")


def _waits(source: Source) -> Words:
    post, now = source.post, today().isoformat()
    if post is not None and post.end and post.end < now:
        day = _told(post.end)
        return Words(
            f"không còn hiệu lực vì bố trí này đã kết thúc ngày {day}",
            f"not in force, since the post it hangs on ended on {day}",
        )
    if post is not None and post.start > now:
        day = _told(post.start)
        return Words(
            f"chưa có hiệu lực vì bố trí này bắt đầu ngày {day}",
            f"not in force yet, since the post it hangs on begins on {day}",
        )
    return Words(
        "không có hiệu lực vì người này không giữ bố trí đó hôm nay",
        "not in force, since the person does not hold that post today",
    )


def _narrowed(source: Source, field: str, procedure: str) -> str:
    told = ((field, source.grant.field), (procedure, source.grant.procedure))
    return "".join(f", {label} {code}" for label, code in told if code)


def _who(tag: str, names: Mapping[str, str]) -> Words:
    if not tag.startswith("person:"):
        return _OPERATING
    return Words(names[tag], names[tag]) if tag in names else _NOBODY


def _day(instant_ms: int | None) -> str:
    return "–" if instant_ms is None else f"{day_of(instant_ms):%d/%m/%Y}"


def _told(day: str) -> str:
    return written(day)
