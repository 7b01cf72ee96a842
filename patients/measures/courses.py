"""A questionnaire's scores over time as sentences and a small picture: change, response, warnings (R-MB-03 to 06)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from patients.measures import calc, instruments
from patients.measures.calc import Change, Reading
from patients.measures.instruments import Instrument
from patients.measures.models import Score

GAP_DAYS = 28  # longer gaps break the line (LOOK)
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 132, 30, 64, 14, 22


@dataclass(frozen=True, slots=True)
class Point:
    """A total in the picture."""

    x: float
    y: float
    total: int


@dataclass(frozen=True, slots=True)
class Picture:
    """The line of totals: pieces of line, points, and the two ends of the axis."""

    title: str
    pieces: tuple[str, ...]
    points: tuple[Point, ...]
    most: int
    zero_y: float
    goal_y: float | None
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Row:
    """A score as the table shows it."""

    score: Score
    change: Change | None
    baseline: bool
    missing: tuple[int, ...]

    @property
    def waits(self) -> bool:
        """Whether an answer still waits to be acknowledged (R-MB-07)."""
        return bool(self.score.alerts) and self.score.acknowledged_at is None and not self.score.in_error


@dataclass(frozen=True, slots=True)
class Course:
    """One questionnaire of one patient."""

    instrument: Instrument
    rows: tuple[Row, ...]  # newest first, those in error included
    base: Score | None
    latest: Score | None
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]
    off_track: tuple[str, ...]
    picture: Picture | None = field(default=None)


def courses(
    scores: Sequence[Score], *, zone: ZoneInfo, started_on: date | None, reliable: Mapping[str, int]
) -> list[Course]:
    """Every questionnaire with a score, in the order of the data. `scores`: newest first."""
    found: dict[str, list[Score]] = {}
    for score in scores:
        found.setdefault(score.instrument, []).append(score)
    return [
        _course(instrument, found[key], zone, started_on, reliable.get(key))
        for key, instrument in instruments.everything().items()
        if key in found
    ]


def reliable_sizes(configured: Mapping[str, Any]) -> dict[str, int]:
    """The sizes of reliable change that the practice has configured (R-MB-04)."""
    return {"phq9": configured["phq9_reliable_change"], "gad7": configured["gad7_reliable_change"]}


def _course(
    instrument: Instrument, scores: list[Score], zone: ZoneInfo, started_on: date | None, size: int | None
) -> Course:
    valid = [score for score in reversed(scores) if score.total is not None and not score.in_error]
    base, latest = (valid[0], valid[-1]) if valid else (None, None)
    readings = [Reading(score.answered_at.astimezone(zone).date(), score.total or 0) for score in valid]
    rows = tuple(_row(instrument, score, base, size) for score in scores)
    newest = next((row for row in rows if latest is not None and row.score.pk == latest.pk), None)
    track = calc.track(instrument, readings, started_on, reliable=size) if started_on and readings else None
    return Course(
        instrument=instrument,
        rows=rows,
        base=base,
        latest=latest,
        sentences=tuple(said(newest.change, size)) if newest and newest.change else (),
        warnings=_warnings(instrument, readings),
        off_track=() if track is None or _responded(newest) else track.reasons,
        picture=_picture(instrument, readings) if len(readings) > 1 else None,
    )


def _responded(newest: Row | None) -> bool:
    """Whether the newest total has fallen by half by now: what was behind earlier is history (R-MB-06)."""
    return newest is not None and newest.change is not None and bool(newest.change.response)


def _row(instrument: Instrument, score: Score, base: Score | None, size: int | None) -> Row:
    is_base = base is not None and base.pk == score.pk
    compared = None
    if base is not None and base.total is not None and score.total is not None and not score.in_error and not is_base:
        compared = calc.change(instrument, base.total, score.total, reliable=size)
    missing = calc.score(instrument, score.answers).missing if score.total is None and score.answers else ()
    return Row(score, compared, is_base, missing)


def said(change: Change, size: int | None) -> list[str]:
    """What a change amounts to, in words; nothing is claimed where nothing is published."""
    sentences = []
    if change.deteriorated:
        sentences.append(f"reliably worse: by {size or 'its published size'} points or more")
    elif change.reliable:
        sentences.append("reliable change")
    elif change.reliable is False:
        sentences.append("within the range of chance")
    if change.response:
        sentences.append("response: at least half below the first total")
    if change.remission:
        sentences.append("remission range")
    if change.recovered:
        sentences.append("recovered: crossed below the threshold")
    return sentences


def _warnings(instrument: Instrument, readings: Sequence[Reading]) -> tuple[str, ...]:
    """R-MB-05: totals that lie too close together say little of each other."""
    if len(readings) < 2:
        return ()
    pairs = [(readings[0], readings[-1]), (readings[-2], readings[-1])]
    found = [calc.too_close(instrument, earlier.on, later.on) for earlier, later in pairs]
    return tuple(dict.fromkeys(sentence for sentence in found if sentence))


def _picture(instrument: Instrument, readings: Sequence[Reading]) -> Picture:
    most = instrument.range[1] if instrument.range else max(reading.total for reading in readings) or 1
    first, last = readings[0].on, readings[-1].on
    days = max((last - first).days, 1)

    def place(reading: Reading) -> Point:
        x = LEFT + (WIDTH - LEFT - RIGHT) * (reading.on - first).days / days
        return Point(round(x, 1), _y(reading.total, most), reading.total)

    points = [place(reading) for reading in readings]
    pieces: list[list[Point]] = [[points[0]]]
    for before, reading, point in zip(readings, readings[1:], points[1:], strict=False):
        if reading.on - before.on > timedelta(days=GAP_DAYS):
            pieces.append([])
        pieces[-1].append(point)
    goal = readings[0].total / 2 if instrument.sizes.response_percent == 50 and instrument.higher_is_worse else None
    title = f"{instrument.short_name}, {len(readings)} totals: {readings[0].total} at first, {readings[-1].total} last"
    return Picture(
        title=title,
        pieces=tuple(" ".join(f"{p.x},{p.y}" for p in piece) for piece in pieces if len(piece) > 1),
        points=tuple(points),
        most=most,
        zero_y=_y(0, most),
        goal_y=_y(goal, most) if goal else None,
        first=first,
        last=last,
    )


def _y(total: float, most: int) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * total / most, 1)
