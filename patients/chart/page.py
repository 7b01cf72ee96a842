"""Putting the chart's pages together: lines, picture, panels. Everything is read here, nothing in templates."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from clinic import clock
from clinic.ports import FutureStep, load
from clinic.web.templatetags.words import clock_time, day, full_day
from patients.chart import drawing, queries, since, telling
from patients.chart.shapes import svg
from patients.chart.story import Told
from patients.record import access
from patients.record.models import Patient
from patients.scheduling.enums import OPEN, Status
from patients.scheduling.models import Attendance

if TYPE_CHECKING:
    from clinic.staff.models import User

WINDOW_NAMES = {"30": "30 days", "90": "90 days", "episode": "episode", "all": "all"}
THEM = {"her", "him", "them"}


@dataclass(frozen=True)
class Picture:
    """Dose on score, ready to show: wide, the 90-day cut for a phone, and its table."""

    wide: SafeString
    narrow: SafeString
    table: SafeString
    rows: int
    window: str
    start: datetime
    links: Sequence[tuple[str, str]]
    empty: bool


# What the shade in the picture says, as the heading of the lines says it.
SHADED = {
    "visit": "since you last saw {whom}", "team": "since you joined the care team", "days": "the last 30 days",
}  # fmt: skip


def whom(patient: Patient) -> str:
    """How the patient is spoken of: her, him or them."""
    _, _, second = patient.pronouns.partition("/")
    return second.strip().lower() if second.strip().lower() in THEM else "them"


def chart(patient: Patient, viewer: "User", asked: str, token: str) -> dict[str, Any]:
    """Everything on the chart's first page; a fixed number of queries for a window."""
    now = clock.now()
    found = queries.since(viewer, patient.pk)
    episode = queries.episode_start(patient.pk, now)
    first = queries.baselines(patient.pk, episode or now - queries.REACH)
    allowed = may_of(viewer, patient.pk)
    bookings = queries.bookings_today(patient)
    places = {place: panels(place, patient, viewer, found.at, allowed, token) for place in ("since", "today", "third")}
    return {
        "patient": patient,
        "tab": "chart",
        "whom": whom(patient),
        "since": found,
        "since_on": day_words(found.at, now, patient),
        "ago": ago(found.at, now, patient),
        "lines": lines_since(patient, viewer, found, first),
        "times": times(bookings, viewer, patient),
        "tasks": tasks(viewer, patient),
        "picture": picture(patient, found, asked, episode, first),
        "panels": places,
        "starts": starts(patient, viewer, bookings, allowed),
        "may_write": allowed("record.write"),
        "may_hand": allowed("handoff.write"),
    }


def times(bookings: Sequence[Attendance], viewer: "User", patient: Patient) -> str:
    """2:00–2:45 pm, then Priya 2:50."""
    said = []
    for one in bookings:
        start, end = (clock_time(at, patient.zone) for at in (one.segment.starts_at, one.segment.ends_at))
        if one.segment.clinician_id != viewer.pk:
            said.append(f"{one.segment.clinician.given_name} {start}")
        else:
            said.append(f"{start[:-3] if start[-2:] == end[-2:] else start}–{end}")
    return ", then ".join(said) or "no visit booked"


def may_of(viewer: "User", patient_id: UUID) -> Callable[[str], bool]:
    """Whether the viewer has a capability for the patient. One query for all of them."""
    held = access.capabilities(viewer, patient_id)
    return lambda capability: capability in held


def day_words(at: datetime, now: datetime, patient: Patient) -> str:
    """Mon Nov 23; with the year where it lies far back."""
    local = at.astimezone(patient.zone)
    return full_day(local.date()) if now - at > timedelta(days=300) else day(local.date())


def ago(at: datetime, now: datetime, patient: Patient) -> str:
    """today, yesterday, 14 days ago."""
    days = (now.astimezone(patient.zone).date() - at.astimezone(patient.zone).date()).days
    return "today" if days < 1 else "yesterday" if days == 1 else f"{days} days ago"


def lines_since(patient: Patient, viewer: "User", found: queries.Since, first: Mapping[str, int]) -> list[since.Line]:
    """The lines from the timeline, then those that no row holds (port SINCE_LINES). Three queries and the port's."""
    entries = queries.new_entries(patient.pk, found.at, viewer)
    known = queries.before(patient.pk, found.at, entries, first)
    lines = [with_address(line, patient) for line in since.lines(entries, known, clock.now())]
    for room in load("SINCE_LINES"):
        lines += [
            since.Line(
                mark=one.mark,
                name=one.name,
                said=one.sentence,
                meta=one.meta,
                url=one.url,
                place=(2, "~") if one.mark == "m" else (99, ""),
            )
            for one in room(patient, viewer, found.at)
        ]
    return sorted(lines, key=lambda line: line.place)


def with_address(line: since.Line, patient: Patient) -> since.Line:
    """The line with the address of the page behind it."""
    return replace(line, url=address(line.url_name, patient.pk, line.object_id))


def address(name: str, patient_id: UUID, pk: object) -> str:
    """The page of a row, if its room has one."""
    if not name:
        return ""
    try:
        return reverse(name, kwargs={"patient_id": patient_id, "pk": pk})
    except NoReverseMatch:
        return ""


def tasks(viewer: "User", patient: Patient) -> list[dict[str, Any]]:
    """What the viewer has to do for the patient, each with its one action. One query."""
    from patients.inbox.queries import kinds

    known = kinds()
    rows = []
    for task in queries.tasks_for(viewer, patient.pk):
        kind = known.get(task.kind)
        url = address(kind.url_name, patient.pk, task.object_id) if kind and task.object_id else ""
        rows.append({"task": task, "mark": kind.mark if kind else "patient", "url": url})
    return rows


def panels(
    place: str, patient: Patient, viewer: "User", since_at: datetime, allowed: Callable[[str], bool], token: str
) -> list[SafeString]:
    """The parts that other rooms put on the chart (port CHART_PANELS); not run for who may not see them."""
    found = []
    for panel in load("CHART_PANELS"):
        if panel.place == place and allowed(panel.capability):
            context = panel.context(patient, viewer, since_at)
            if context is not None:
                known = {"patient": patient, "me": viewer, "csrf_token": token, "panel": panel}
                found.append(render_to_string(panel.template, {**known, **context}))
    return found


def starts(
    patient: Patient, viewer: "User", bookings: Sequence[Attendance], allowed: Callable[[str], bool]
) -> list[dict[str, object]]:
    """The contacts that the viewer may begin, the likely one last: what is booked with them today, else their own."""
    own = [one for one in bookings if one.segment.clinician_id == viewer.pk and one.status in OPEN]
    booked = next(iter(own), None)
    medication = booked is not None and booked.segment.service == "medication"
    kinds = [
        ("visits:begin", "Start visit", "medication.prescribe"),
        ("sessions:begin", "Start session", "session.write"),
    ]
    if medication:
        kinds.reverse()
    found: list[dict[str, object]] = []
    for name, label, capability in kinds:
        url = begin_address(name, patient.pk) if allowed(capability) else ""
        if url:
            found.append({"url": url, "label": label, "attendance": None})
    if found and booked is not None:
        found[-1]["attendance"] = booked.pk
        if booked.status == Status.IN_SESSION:
            found[-1]["label"] = str(found[-1]["label"]).replace("Start", "Continue")
    return found


def begin_address(name: str, patient_id: UUID) -> str:
    """Where a contact with this patient begins."""
    try:
        return reverse(name, kwargs={"patient_id": patient_id})
    except NoReverseMatch:
        return ""


def picture(
    patient: Patient, found: queries.Since, asked: str, episode: datetime | None, first: Mapping[str, int]
) -> Picture:
    """Dose on score. One query for the past, one more for "all"; and the lanes' own."""
    now = clock.now()
    window = queries.window(patient.pk, asked, now, episode)
    entries = queries.drawn(patient.pk, window.start)
    steps = future(patient.pk)
    baseline = first.get("phq9") or first.get("gad7")
    words = SHADED[found.how].format(whom=whom(patient))
    frame = telling.Frame(window.start, now, patient.zone, found.at, words)
    story = telling.tell(entries, frame, steps, baseline)
    title, rows = telling.sentence(story), telling.table(story)
    narrow = _narrow(entries, frame, steps, baseline)
    return Picture(
        wide=_drawn(drawing.draw(story), title, "dos"),
        narrow=_drawn(drawing.draw(narrow, drawing.NARROW), telling.sentence(narrow), "dos-narrow"),
        table=_table(rows),
        rows=len(rows),
        window=window.key,
        start=window.start,
        links=list(WINDOW_NAMES.items()),
        empty=not (story.curves or story.lanes or story.visits or story.marks),
    )


def _narrow(entries: Sequence[Told], frame: telling.Frame, steps: Iterable[FutureStep], baseline: int | None) -> Any:
    """The newest 90 days, for a phone."""
    start = max(frame.start, frame.now - timedelta(days=90))
    return telling.tell(entries, replace(frame, start=start), steps, baseline)


def _drawn(found: drawing.Drawing, title: str, key: str) -> SafeString:
    markup = svg(found.shapes, width=found.width, height=found.height, title=title, key=key)
    return mark_safe(markup)  # noqa: S308 (shapes escape every word)


def _table(rows: Sequence[telling.TableRow]) -> SafeString:
    """The picture's data, row by row, joined as one string: a course of years has many."""
    body = "".join(
        f"<tr><td>{full_day(row.at)}</td><td>{escape(row.what)}</td><td>{escape(row.said)}</td></tr>" for row in rows
    )
    head = "<tr><th>When</th><th>What</th><th>How much, or in words</th></tr>"
    return mark_safe(f'<table class="table table-sm"><thead>{head}</thead><tbody>{body}</tbody></table>')  # noqa: S308


def future(patient_id: UUID) -> list[FutureStep]:
    """What is planned, from the rooms that plan (port CHART_LANES)."""
    return [step for room in load("CHART_LANES") for step in room(patient_id)]
