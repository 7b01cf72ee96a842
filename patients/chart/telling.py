"""From the timeline's rows to the story that is drawn, its sentence and its table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from clinic.ports import FutureStep
from patients.chart.lanes import amount_words
from patients.chart.story import MOST_LANES, Band, Curve, Lane, Mark, Reading, Story, Told, Turn, Visit, stretches
from patients.measures import instruments
from patients.timeline.enums import EntryKind

DRAWN = ("phq9", "gad7")  # the curves, the heavy one first
VISITS = {EntryKind.SESSION: "session", EntryKind.VISIT: "visit", EntryKind.MISSED: "missed"}
TURNS = {EntryKind.DOSE: "dose", EntryKind.HOLD: "hold", EntryKind.STOP: "stop"}
MOST_WORDS = 34
LEAST_AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class TableRow:
    """One datum of the picture, in words."""

    at: datetime
    what: str
    said: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What the picture shows of time, and since when it is new to the viewer, in words."""

    start: datetime
    now: datetime
    zone: ZoneInfo
    since: datetime | None = None
    since_words: str = ""


def tell(
    entries: Sequence[Told], frame: Frame, future: Iterable[FutureStep] = (), baseline: int | None = None
) -> Story:
    """The story of a patient's entries within a frame, its times in the patient's zone."""
    now = frame.now.astimezone(frame.zone)
    start = frame.start.astimezone(frame.zone)
    every = _lanes(entries, now, frame.zone, future)
    planned = [turn.at for lane in every for turn in lane.turns if turn.planned]
    end = _end(start, now, planned)
    lanes = tuple(lane for lane in every if stretches(lane.turns, start, end))
    return Story(
        start=start,
        now=now,
        end=end,
        since=frame.since.astimezone(frame.zone) if frame.since else None,
        since_words=frame.since_words,
        curves=_curves(entries, start, now, frame.zone),
        lanes=lanes,
        visits=tuple(
            Visit(entry.occurred_at.astimezone(frame.zone), VISITS[EntryKind(entry.kind)], entry.label)  # type: ignore[arg-type]
            for entry in entries
            if entry.kind in VISITS and start <= entry.occurred_at <= now
        ),
        marks=_marks(entries, start, now, frame.zone),
        bands=_bands(entries),
        baseline=baseline,
    )


def _end(start: datetime, now: datetime, planned: Iterable[datetime]) -> datetime:
    """Some room for the future: as much as is planned, within a fifth and a half of the past."""
    span = now - start
    wanted = max(planned, default=now) - now + timedelta(days=7)
    return now + max(LEAST_AHEAD, span * 0.19, min(wanted, span * 0.5))


def _curves(entries: Iterable[Told], start: datetime, now: datetime, zone: ZoneInfo) -> tuple[Curve, ...]:
    found: dict[str, list[Reading]] = {}
    for entry in entries:
        drawn = entry.kind == EntryKind.SCORE and entry.series in DRAWN and entry.value is not None
        if drawn and start <= entry.occurred_at <= now:
            found.setdefault(entry.series, []).append(
                Reading(entry.occurred_at.astimezone(zone), int(entry.value or 0))
            )
    heavy = next((key for key in DRAWN if key in found), "")
    return tuple(
        Curve(instruments.get(key).short_name, tuple(sorted(found[key], key=lambda one: one.at)), key == heavy)
        for key in DRAWN
        if key in found
    )


def _lanes(entries: Iterable[Told], now: datetime, zone: ZoneInfo, future: Iterable[FutureStep]) -> tuple[Lane, ...]:
    turns: dict[str, list[Turn]] = {}
    for entry in entries:
        if entry.kind in TURNS and entry.series:
            at = entry.occurred_at.astimezone(zone)
            until = entry.until.astimezone(zone) if entry.until else None
            kind = TURNS[EntryKind(entry.kind)]
            turns.setdefault(entry.series, []).append(
                Turn(at, kind, entry.value, entry.unit, until, planned=at > now)  # type: ignore[arg-type]
            )
    for step in future:
        at = datetime(step.from_day.year, step.from_day.month, step.from_day.day, tzinfo=zone)
        amount = _decimal(step.amount)
        known = any(turn.at.date() == step.from_day for turn in turns.get(step.series, ()))  # signed for a day to come
        if at > now and amount is not None and not known:
            kind = "dose" if amount else "stop"
            turns.setdefault(step.series, []).append(Turn(at, kind, amount, step.unit, planned=True))  # type: ignore[arg-type]
    lanes = [Lane(series, tuple(sorted(found, key=lambda turn: turn.at))) for series, found in turns.items()]
    lanes.sort(key=lambda lane: _importance(lane, now), reverse=True)
    calm = sorted(lanes[:MOST_LANES], key=lambda lane: (lane.turns[0].at, lane.name))  # a change moves no lane
    return (*calm, *lanes[MOST_LANES:])


def _importance(lane: Lane, now: datetime) -> tuple[bool, datetime, str]:
    """What is taken now comes before what is not; then what changed last."""
    past = [turn for turn in lane.turns if turn.at <= now]
    last = past[-1] if past else lane.turns[0]
    live = last.kind != "stop" and (last.until is None or last.until > now)
    return live, last.at, lane.name


def _marks(entries: Iterable[Told], start: datetime, now: datetime, zone: ZoneInfo) -> tuple[Mark, ...]:
    marks = []
    for entry in entries:
        if not start <= entry.occurred_at <= now:
            continue
        if entry.kind == EntryKind.EVENT:
            marks.append(Mark(entry.occurred_at.astimezone(zone), "event", short(entry.label)))
        elif entry.kind == EntryKind.RISK and entry.until != entry.occurred_at:
            until = entry.until.astimezone(zone) if entry.until else None
            closed = f", closed {until:%b} {until.day}" if until else ""
            words = entry.label.partition(":")[0].removesuffix(".")  # the answer's own words stand in the record
            marks.append(Mark(entry.occurred_at.astimezone(zone), "risk", f"{short(words)}{closed}"))
    return tuple(marks)


def _bands(entries: Iterable[Told]) -> tuple[Band, ...]:
    series = {entry.series for entry in entries if entry.kind == EntryKind.SCORE}
    key = next((key for key in DRAWN if key in series), "")
    if not key:
        return ()
    found = instruments.get(key)
    return tuple(Band(b.least, b.most, b.label.replace("moderately", "mod.")) for b in found.bands)


def sentence(story: Story) -> str:
    """The picture in one sentence, for whoever cannot see it."""
    parts = []
    for curve in story.curves:
        first, last = curve.readings[0], curve.readings[-1]
        went = f"went from {first.value} to {last.value}" if len(curve.readings) > 1 else f"was {last.value}"
        parts.append(f"{curve.name} {went}")
    for lane in story.lanes[:4]:
        doses = [turn for turn in lane.turns if turn.kind == "dose" and turn.amount is not None and not turn.planned]
        steps = " → ".join(amount_words(turn.amount or Decimal(0)) for turn in doses)
        if steps:
            parts.append(f"{lane.name} {steps} {lane.unit}")
    held = sum(visit.kind != "missed" for visit in story.visits)
    missed = len(story.visits) - held
    if story.visits:
        parts.append(f"{held} visits held, {missed} not")
    span = f"Between {story.start:%B} {story.start.day} and {story.now:%B} {story.now.day}, {story.now.year}"
    return f"{span}: {'; '.join(parts)}." if parts else f"{span} nothing was recorded that could be drawn."


def table(story: Story) -> list[TableRow]:
    """The data of the picture, newest first."""
    rows = [TableRow(one.at, curve.name, str(one.value)) for curve in story.curves for one in curve.readings]
    for lane in story.lanes:
        rows += [TableRow(turn.at, lane.name, _turn_words(turn)) for turn in lane.turns if turn.at <= story.end]
    names = {"session": "Session", "visit": "Medication visit", "missed": "Not held"}
    rows += [TableRow(visit.at, names[visit.kind], visit.words) for visit in story.visits]
    rows += [TableRow(mark.at, "Risk" if mark.kind == "risk" else "Event", mark.words) for mark in story.marks]
    return sorted(rows, key=lambda row: row.at, reverse=True)


def _turn_words(turn: Turn) -> str:
    if turn.kind == "hold":
        return "on hold"
    if turn.kind == "stop":
        return "stop planned" if turn.planned else "stopped"
    words = amount_words(turn.amount, turn.unit) if turn.amount is not None else ""
    return f"{words}, planned" if turn.planned else words


def short(words: str) -> str:
    """Words that fit beside a flag; the table has them whole on their own line."""
    return words if len(words) <= MOST_WORDS else f"{words[: MOST_WORDS - 1].rstrip()}…"


def _decimal(text: str) -> Decimal | None:
    try:
        found = Decimal(str(text).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and found >= 0 else None
