"""The board as text: one function for each kind of row, joined as strings (measured: templates cost four times that).

Everything that comes from a row of the database passes `conditional_escape`. Places are classes (`.r7 .n9`), made in
`static/css/dayboard-rows.css`, since the content-security policy allows no inline style.
"""

from datetime import datetime
from functools import cache
from uuid import UUID

from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from patients.scheduling.board import ROW, Board, Column, Visit
from patients.scheduling.calc import Range
from patients.scheduling.enums import Mode, Reason, Service, Status
from patients.scheduling.rules import local_range
from patients.scheduling.wording import time_words

CLASSES = {
    Status.BOOKED: "booked", Status.CONFIRMED: "conf", Status.ARRIVED: "arrived", Status.IN_SESSION: "in",
    Status.COMPLETED: "done", Status.NO_SHOW: "noshow",
}  # fmt: skip
PAIR = (
    '<span class="lk"><i class="mk mk-tm" aria-hidden="true"></i>'
    '<span class="visually-hidden">stacked visit, </span></span>'
)
NAMELESS = "visit"
ONE_LINE, TWO_LINES = 5, 8  # rows of a box in which so many lines of text stand whole
LONG = 100  # minutes; from here on hours are easier to read


def short_time(moment: datetime, board: Board) -> str:
    """2:00, in the site's time."""
    return time_words(moment.astimezone(board.zone).time()).rpartition(" ")[0]


def lasting(minutes: int) -> str:
    """How long, in words: 12 min, 4 h 52 min."""
    hours, rest = divmod(minutes, 60)
    return f"{minutes}\xa0min" if minutes < LONG else f"{hours}\xa0h" + (f" {rest}\xa0min" if rest else "")


def minutes_waiting(visit: Visit, now: datetime) -> int:
    """Since when somebody has been sitting in the waiting room."""
    return max(0, int((now - (visit.arrived_at or now)).total_seconds() // 60))


def state(visit: Visit, board: Board) -> tuple[str, str]:
    """The visit's class on the board, and its status in words."""
    status = Status(visit.status)
    if visit.waits and board.is_today and (visit.late_until or visit.overdue(board.now)):
        due = f"due {short_time(visit.starts_at, board)}"
        words = f"running late, about {short_time(visit.late_until, board)}" if visit.late_until else "not here yet"
        return "late", f"{due}, {words}"
    words = {
        Status.BOOKED: "not confirmed",
        Status.CONFIRMED: "confirmed",
        Status.ARRIVED: f"arrived {short_time(visit.arrived_at or visit.starts_at, board)}",
        Status.IN_SESSION: f"started {short_time(visit.started_at or visit.starts_at, board)}",
        Status.COMPLETED: "over",
        Status.NO_SHOW: f"no-show, {Reason(visit.reason).label}" if visit.reason else "no-show",
    }[status]
    if status is Status.ARRIVED and board.is_today:
        words += f", waits {lasting(minutes_waiting(visit, board.now))}"
    return CLASSES[status], words


def extra(visit: Visit) -> str:
    """What else the desk must know: first visit, video, telephone, walk-in; neutral words only (R-HP-08)."""
    found = [Service(visit.service).label] if visit.service == Service.INTAKE else []
    if visit.mode != Mode.IN_PERSON:
        found.append(Mode(visit.mode).label)
    if visit.walk_in and visit.mode == Mode.IN_PERSON:
        found.append("walk-in")
    return ", ".join(found)


def visit_url(visit: Visit) -> str:
    """The visit's page."""
    return _url(visit.patient_id, visit.pk)


def _url(patient_id: UUID, pk: UUID) -> str:
    return f"{_base()}{patient_id}/visit/{pk}/"


@cache
def _base() -> str:
    return reverse("scheduling:board").removesuffix("board/")


def name(visit: Visit) -> str:
    """The name, as a link for who may open the visit; roving focus goes from link to link."""
    text = conditional_escape(visit.name or NAMELESS)
    if not visit.may_open:
        return f'<b class="nm">{text}</b>'
    link = f'<a href="{visit_url(visit)}" id="v-{visit.pk}" data-visit data-item>{text}</a>'
    return f'<b class="nm">{link}</b>'


def person(visit: Visit) -> SafeString:
    """The name in the side column, as a plain link; by its id it keeps the focus when the board renews itself."""
    text = visit.name or NAMELESS
    return (
        format_html('<b><a href="{}" id="s-{}">{}</a></b>', visit_url(visit), visit.pk, text)
        if visit.may_open
        else format_html("<b>{}</b>", text)
    )


def place(board: Board, span: Range) -> tuple[str, int]:
    """The classes that put a box where it belongs, and how many rows it has."""
    start, rows = board.rows(span)
    size = "xs " if rows <= ONE_LINE else ("sm " if rows <= TWO_LINES else "")
    return f"{size}r{start} n{rows}", rows


def visit_box(visit: Visit, board: Board, *, beside: bool = False) -> str:
    """One visit in its column; `beside`: its time was given to somebody else, or it took that of a visit not held."""
    kind, words = state(visit, board)
    where, _ = place(board, Range(visit.starts_at, visit.ends_at))
    if beside:
        where = f"{'shared' if kind == 'noshow' else 'beside'} {where}"
    if kind == "conf":
        status = '<span class="ok">✓<span class="visually-hidden"> confirmed</span></span>'
        words = ""
    else:
        status = ""
    more = extra(visit)
    said = ", ".join(conditional_escape(part) for part in (words if kind != "done" else "", more) if part)
    hidden = '<span class="visually-hidden">, over</span>' if kind == "done" else ""
    strong = kind in ("arrived", "late")
    line = (f'<span class="st"><b>{said}</b></span>' if strong else f'<span class="st">{said}</span>') if said else ""
    marks = (PAIR if visit.stacked else "") + status
    if marks:
        where, marks = f"marked {where}", f'<span class="mks">{marks}</span>'
    group = f' data-booking="{visit.booking_id}"' if visit.stacked else ""
    return (
        f'<li class="ap {kind} {where}"{group}>'
        f'<span class="ln"><span class="tm">{short_time(visit.starts_at, board)}</span> {name(visit)}</span>'
        f"{hidden}{marks}{line}</li>"
    )


def away_box(span: Range, reason: str, board: Board) -> str:
    """Time in which the clinician sees nobody."""
    where, _ = place(board, span)
    return f'<li class="ap off {where}"><span>{conditional_escape(reason)}</span></li>'


def free_box(span: Range, column: Column, board: Board) -> str:
    """Time that can be offered."""
    where, rows = place(board, span)
    when = local_range(span, board.zone)
    link = ""
    if board.may_book:
        begin = span.starts_at.isoformat().replace("+00:00", "Z")
        href = f"{reverse('scheduling:find')}?clinician={column.clinician.pk}&amp;start={begin}"
        label = f'Book<span class="visually-hidden"> {conditional_escape(column.clinician.name)} {when}</span>'
        key = f"f-{column.clinician.pk}-{int(span.ends_at.timestamp())}"  # the end stays where it is as time goes on
        link = f'<a class="btn btn-outline-secondary btn-sm" id="{key}" href="{href}" data-item>{label}</a>'
    return f'<li class="ap free {where}"><b>{when} free</b>{link if rows >= 4 else ""}</li>'


def column(found: Column, board: Board) -> str:
    """A clinician's day, in the order of time."""
    missed = [Range(v.starts_at, v.ends_at) for v in found.visits if v.status == Status.NO_SHOW]
    held = [Range(v.starts_at, v.ends_at) for v in found.visits if v.status != Status.NO_SHOW] + found.free

    def beside(visit: Visit) -> bool:
        others = held if visit.status == Status.NO_SHOW else missed
        return any(Range(visit.starts_at, visit.ends_at).overlaps(other) for other in others)

    boxes = [(v.starts_at, 1, visit_box(v, board, beside=beside(v))) for v in found.visits]
    boxes += [(span.starts_at, 0, away_box(span, reason, board)) for span, reason in _seen(found.away, board)]
    boxes += [(span.starts_at, 2, free_box(span, found, board)) for span in found.free]
    boxes.sort(key=lambda box: box[:2])
    who = found.clinician
    return (
        f'<section class="dcol" data-column aria-label="{conditional_escape(who.name)}">'
        f'<h2 class="dname h3">{head(found)}</h2>'
        f"<ol>{''.join(box for _, _, box in boxes)}</ol></section>"
    )


def head(found: Column) -> str:
    """A column's head: the discipline's mark, the name, the credentials."""
    who = found.clinician
    return (
        f'<i class="mk mk-{found.mark}" aria-hidden="true"></i> {conditional_escape(who.name)} '
        f'<span class="meta">{conditional_escape(who.credentials)}</span>'
    )


def _seen(away: list[tuple[Range, str]], board: Board) -> list[tuple[Range, str]]:
    """The parts of absences that lie on the board."""
    return [(span, reason) for span, reason in away if board.row(span.ends_at) > 1]


def hours(board: Board) -> str:
    """The hours at the left."""
    rows = []
    for hour in range(board.first // 60, board.last // 60):
        start = (hour * 60 - board.first) // ROW + 1
        rows.append(f'<li class="r{start} n12">{hour % 12 or 12} {"am" if hour % 24 < 12 else "pm"}</li>')
    if (row := now_row(board)) is not None:
        text = time_words(board.now.astimezone(board.zone).time()).rpartition(" ")[0]
        rows.append(f'<li class="nowl t{row}">{text}</li>')
    return f'<ol class="hours" aria-hidden="true">{"".join(rows)}</ol>'


def now_row(board: Board) -> int | None:
    """How many rows below the top we are; None on other days and outside the hours drawn."""
    local = board.now.astimezone(board.zone)
    minutes = local.hour * 60 + local.minute
    if local.date() != board.day or not board.first <= minutes < board.last:
        return None
    return (minutes - board.first) // ROW


def now_line(board: Board) -> str:
    """Where we are in the day."""
    row = now_row(board)
    if row is None:
        return ""
    text = time_words(board.now.astimezone(board.zone).time())
    return f'<div class="now t{row}" role="img" aria-label="Now, {text}"></div>'


def day(board: Board) -> SafeString:
    """The whole grid."""
    heads = "".join(f'<div class="dhead"><b>{head(c)}</b></div>' for c in board.columns)
    body = "".join(column(c, board) for c in board.columns)
    return mark_safe(  # noqa: S308 - every piece was escaped where it was made
        f'<div class="day k{min(len(board.columns), 60)}" data-roving><div class="dheads"><span></span>{heads}</div>'
        f'<div class="dgrid">{hours(board)}{body}{now_line(board)}</div></div>'
    )


def agenda_row(visit: Visit, who: Column, board: Board) -> str:
    """A visit as a line of the list: the same words as on the board."""
    kind, words = state(visit, board)
    words = f"✓ {words}" if kind == "conf" else words
    more = extra(visit)
    when = local_range(Range(visit.starts_at, visit.ends_at), board.zone)
    struck = ' class="struck"' if kind == "noshow" else ""
    return (
        f'<tr class="{"past" if kind == "done" else ""}"><td>{when}</td>'
        f"<td><span{struck}>{name(visit)}</span>{' ' + PAIR if visit.stacked else ''}</td>"
        f'<td><i class="mk mk-{who.mark}" aria-hidden="true"></i> {conditional_escape(who.clinician.name)}</td>'
        f"<td>{conditional_escape(words)}</td><td>{conditional_escape(more)}</td></tr>"
    )


def agenda(board: Board) -> SafeString:
    """The day as a table, in the order of time."""
    of = {c.clinician.pk: c for c in board.columns}
    rows = "".join(agenda_row(visit, of[visit.clinician_id], board) for visit in board.visits)
    heads = "".join(f'<th scope="col">{text}</th>' for text in ("Time", "Patient", "Clinician", "Status", "Kind"))
    return mark_safe(  # noqa: S308 - every piece was escaped where it was made
        f'<table class="table pad agenda" data-roving><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    )


def companions(visit: Visit, board: Board) -> str:
    """With whom and when, for the side column: "Daniel 2:00, then Priya 2:50"."""
    parts = board.parts[visit.booking_id, visit.patient_id]
    return ", then ".join(f"{board.names[v.clinician_id]} {short_time(v.starts_at, board)}" for v in parts)


def waiting_line(visit: Visit, board: Board) -> SafeString:
    """A person in the waiting room."""
    forms: str = ""
    if visit.forms is not None:
        forms = " · forms complete" if visit.forms else mark_safe(' · <b class="inkk">forms not complete</b>')
    return format_html(
        '<li><div class="line"><span class="grow">{}</span><span class="num"><b>{}</b></span></div>'
        '<p class="meta">{}{}</p></li>',
        person(visit), lasting(minutes_waiting(visit, board.now)), companions(visit, board), forms,
    )  # fmt: skip


def national(phone: str) -> str:
    """A telephone number as people here write it: 503-555-0164."""
    digits = phone.removeprefix("+1")
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}" if phone.startswith("+1") and len(digits) == 10 else phone


def late_line(visit: Visit, board: Board) -> SafeString:
    """A person who is not here yet; the number to call for who may open the visit."""
    past = int((board.now - visit.starts_at).total_seconds() // 60)
    about = f"about {short_time(visit.late_until, board)}" if visit.late_until else f"{lasting(past)}, no word"
    phone = f" · {national(visit.phone)}" if visit.may_open and visit.phone else ""
    return format_html(
        '<li><div class="line"><span class="grow">{}</span><span class="num">{}</span></div>'
        '<p class="meta">{}{}</p></li>',
        person(visit), about, companions(visit, board), phone,
    )  # fmt: skip
