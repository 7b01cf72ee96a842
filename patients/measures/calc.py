"""Scoring an answered questionnaire (R-MB-02), raising its alerts (R-MB-07), and what one total says of another.

A total is shown only when every scored item is answered, unless the instrument's own rule skips items; an alert is
raised all the same. Change facts (R-MB-03, R-MB-04, R-MB-06) are None where nothing is published, never guessed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from patients.measures.enums import Method
from patients.measures.instruments import Instrument

Answers = Sequence[int | None]  # in the order of `instrument.numbers`; None: not answered


@dataclass(frozen=True, slots=True)
class Scored:
    """What the answers amount to."""

    total: int | None
    band: str | None
    subscales: Mapping[str, int | None] = field(default_factory=dict)
    alerts: tuple[int, ...] = ()  # item numbers, R-MB-07 and others
    risk_alerts: tuple[int, ...] = ()  # those about suicide or self-harm
    missing: tuple[int, ...] = ()  # scored items without an answer
    pattern: bool | None = None  # PCL-5 symptom pattern, AIMS Schooler-Kane; None: no such pattern, or not known


@dataclass(frozen=True, slots=True)
class Change:
    """What `now` says of `baseline`: `points` is now minus baseline, `percent` that of the baseline.

    None: it cannot be said, because nothing is published for the instrument.
    """

    points: int
    percent: int | None
    reliable: bool | None
    response: bool | None
    remission: bool | None
    recovered: bool | None
    deteriorated: bool | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A total on a day."""

    on: date
    total: int


@dataclass(frozen=True, slots=True)
class Track:
    """Where a course stands after a start (R-MB-06). None: no total in the window, or the rule has no value."""

    under_20_percent_at_week_4: bool | None
    no_response_by_week_8: bool | None
    deteriorated: bool | None
    reasons: tuple[str, ...]  # sentences for the task; empty: on track, or nothing to say

    @property
    def off(self) -> bool:
        """Whether both clinicians get a task."""
        return bool(self.reasons)


def problem_with(instrument: Instrument, answers: Answers) -> str | None:
    """Why these answers cannot be scored as they are, in a sentence; None: they can."""
    numbers = instrument.numbers
    if len(answers) != len(numbers):
        return f"{instrument.short_name} has {len(numbers)} items; {len(answers)} answers were given."
    for n, answer in zip(numbers, answers, strict=True):
        allowed = instrument.values(n)
        wrong = isinstance(answer, bool) or not isinstance(answer, int) or (allowed and answer not in allowed)
        if answer is not None and wrong:
            return f"Item {n} of {instrument.short_name} has no such answer."
    return None


def score(instrument: Instrument, answers: Answers) -> Scored:
    """Total, band, subscales, alerts and what is missing (R-MB-02). Raises ValueError where `problem_with` speaks."""
    if sentence := problem_with(instrument, answers):
        raise ValueError(sentence)
    if instrument.method is Method.TRIAGE:
        raise ValueError(f"{instrument.short_name} has no total; see triage.")
    given = dict(zip(instrument.numbers, answers, strict=True))
    alerts = [alert for alert in instrument.alerts if (given[alert.n] or 0) >= alert.least]
    counted = _with_skips(instrument.key, given)
    missing = tuple(n for n in instrument.score_items if counted[n] is None)
    total = None if missing else TOTALS[instrument.method](instrument, {n: value or 0 for n, value in counted.items()})
    return Scored(
        total=total,
        band=band(instrument, total),
        subscales={part.key: _sum(counted, part.items) for part in instrument.subscales},
        alerts=tuple(alert.n for alert in alerts),
        risk_alerts=tuple(alert.n for alert in alerts if alert.is_risk),
        missing=missing,
        pattern=_pattern(instrument.key, counted),
    )


def band(instrument: Instrument, total: int | None) -> str | None:
    """The name of the range that `total` lies in; None without a total or without bands."""
    if total is None:
        return None
    return next((found.label for found in instrument.bands if found.least <= total <= found.most), None)


def skipped(instrument: Instrument, answers: Answers) -> frozenset[int]:
    """The item numbers that need not be asked after these answers (AUDIT, AUDIT-C, PC-PTSD-5, ASQ)."""
    given = dict(zip(instrument.numbers, answers, strict=True))
    if instrument.key == "pcptsd5" and given[0] == 0:
        return frozenset(range(1, 6))
    if instrument.key == "auditc" and given[1] == 0:
        return frozenset({2, 3})
    if instrument.key == "audit" and given[1] == 0:
        return frozenset(range(2, 9))
    if instrument.key == "audit" and given[2] == 0 and given[3] == 0:
        return frozenset(range(4, 9))
    if instrument.key == "asq" and all(given[n] == 0 for n in range(1, 5)):
        return frozenset({5})
    return frozenset()


def change(instrument: Instrument, baseline: int, now: int, *, reliable: int | None = None) -> Change:
    """How `now` stands to `baseline`, the first total of the episode (R-MB-03, R-MB-04).

    `reliable` replaces the instrument's own size where the practice has configured another.
    """
    sizes = instrument.sizes
    size = sizes.reliable if reliable is None else reliable
    better = baseline - now if instrument.higher_is_worse else now - baseline
    return Change(
        points=now - baseline,
        percent=round(100 * (now - baseline) / baseline) if baseline else None,
        reliable=None if size is None else abs(better) >= size,
        response=_response(instrument, baseline, better),
        remission=None if sizes.remission_below is None else now < sizes.remission_below,
        recovered=None if size is None else _crossed(instrument, baseline, now, better >= size),
        deteriorated=None if size is None else -better >= size,
    )


def too_close(instrument: Instrument, earlier: date, later: date) -> str | None:
    """A sentence where two totals lie too close to be compared (R-MB-05, to confirm); None: far enough apart."""
    days = abs((later - earlier).days)
    if instrument.minimum_days is None or days >= instrument.minimum_days:
        return None
    apart = "on the same day" if days == 0 else "1 day apart" if days == 1 else f"{days} days apart"
    least = instrument.minimum_days
    return f"The two {instrument.short_name} totals are {apart}; compare totals at least {least} days apart."


def baseline_for(readings: Sequence[Reading], started_on: date) -> Reading | None:
    """The total that a start is measured from: the last on or before the day, else the first after it."""
    ordered = sorted(readings, key=lambda reading: reading.on)
    before = [reading for reading in ordered if reading.on <= started_on]
    return before[-1] if before else next(iter(ordered), None)


def track(
    instrument: Instrument, readings: Sequence[Reading], started_on: date, *, reliable: int | None = None
) -> Track:
    """Whether a plan or dose begun on `started_on` does what it should (R-MB-06; thresholds to confirm).

    Week 4 is judged by the first total in weeks 4 to 7, week 8 by the first in weeks 8 to 11. Whoever is in remission
    now gives no reason, and an improvement seen since then takes its reason back.
    """
    base = baseline_for(readings, started_on)
    after = sorted((r for r in readings if base and r.on > base.on), key=lambda reading: reading.on)
    if base is None or not after:
        return Track(None, None, None, ())
    at_4, at_8 = (_first_in_weeks(after, started_on, week, week + 3) for week in (4, 8))
    latest = change(instrument, base.total, after[-1].total, reliable=reliable)
    small = None if at_4 is None else not _fell_by(instrument, base.total, at_4.total, 20)
    at_8_response = change(instrument, base.total, at_8.total).response if at_8 else None
    unanswered = None if at_8_response is None else not at_8_response
    reasons = []
    if small and at_8 is None and not _fell_by(instrument, base.total, after[-1].total, 20):
        reasons.append(f"{instrument.short_name} is less than 20 % better at week 4.")
    if unanswered and not latest.response:
        reasons.append(f"{instrument.short_name} shows no response by week 8.")
    if latest.deteriorated:
        moved = "rose" if instrument.higher_is_worse else "fell"
        reasons.append(f"{instrument.short_name} {moved} from {base.total} to {after[-1].total}, a reliable change.")
    return Track(small, unanswered, latest.deteriorated, () if latest.remission else tuple(reasons))


def _first_in_weeks(readings: Sequence[Reading], started_on: date, first: int, last: int) -> Reading | None:
    return next((r for r in readings if first <= (r.on - started_on).days // 7 <= last), None)


def _fell_by(instrument: Instrument, baseline: int, now: int, percent: int) -> bool:
    better = baseline - now if instrument.higher_is_worse else now - baseline
    return baseline > 0 and better * 100 >= baseline * percent


def _response(instrument: Instrument, baseline: int, better: int) -> bool | None:
    sizes = instrument.sizes
    if sizes.response_points is not None:
        return better >= sizes.response_points
    if sizes.response_percent is None:
        return None
    return baseline > 0 and better * 100 >= baseline * sizes.response_percent


def _crossed(instrument: Instrument, baseline: int, now: int, reliably: bool) -> bool | None:
    below, above = instrument.sizes.recovery_below, instrument.sizes.recovery_above
    if below is not None:
        return reliably and baseline >= below > now
    if above is not None:
        return reliably and baseline <= above < now
    return None


def _with_skips(key: str, given: Mapping[int, int | None]) -> dict[int, int | None]:
    """The answers with 0 for what the instrument's own rule skips; an answer given all the same counts."""
    counted = dict(given)
    if key == "pcptsd5" and given[0] == 0:  # no such event ever: stop, the total is 0
        return dict.fromkeys(given, 0)
    zero: list[int] = []
    if key in ("audit", "auditc") and given[1] == 0:
        zero = [2, 3] if key == "auditc" else list(range(2, 9))
    elif key == "audit" and given[2] == 0 and given[3] == 0:
        zero = list(range(4, 9))
    counted.update({n: 0 for n in zero if counted[n] is None})
    return counted


def _sum(counted: Mapping[int, int | None], items: Sequence[int]) -> int | None:
    values = [counted[n] for n in items]
    return None if None in values else sum(value or 0 for value in values)


def _pattern(key: str, counted: Mapping[int, int | None]) -> bool | None:
    if key == "pcl5":  # endorsed is 2 or more; one of B, one of C, two of D, two of E (DSM-5)
        needs = ((range(1, 6), 1), (range(6, 8), 1), (range(8, 15), 2), (range(15, 21), 2))
        if None in counted.values():
            return None
        return all(sum((counted[n] or 0) >= 2 for n in items) >= least for items, least in needs)
    if key == "aims":  # Schooler-Kane: one of items 1 to 7 at 3 or more, or two of them at 2 or more
        seen = [counted[n] or 0 for n in range(1, 8)]
        positive = max(seen) >= 3 or sum(value >= 2 for value in seen) >= 2
        return positive or (None if None in [counted[n] for n in range(1, 8)] else False)
    return None


def _total_of_sum(instrument: Instrument, counted: Mapping[int, int]) -> int:
    return sum(counted[n] for n in instrument.score_items)


def _total_of_thresholds(instrument: Instrument, counted: Mapping[int, int]) -> int:
    return sum(counted[n] >= (2 if n <= 3 else 3) for n in instrument.score_items)


def _total_of_domains(instrument: Instrument, counted: Mapping[int, int]) -> int:
    groups = ((1, 2, 3, 4), (5,), (6, 7, 8, 9), (10,), (11,), (12,), (13,), (14,), (15, 16))
    return sum(max(counted[n] for n in group) for group in groups)


TOTALS: Mapping[Method, Callable[[Instrument, Mapping[int, int]], int]] = {
    Method.SUM: _total_of_sum,
    Method.SUM_TIMES_4: lambda instrument, counted: 4 * _total_of_sum(instrument, counted),
    Method.THRESHOLDS: _total_of_thresholds,
    Method.DOMAINS: _total_of_domains,
    Method.FIRST_13: _total_of_sum,
}
