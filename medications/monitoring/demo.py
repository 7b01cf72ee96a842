"""The demo's results: what was due was done, day by day, but for a level that is overdue and a count that is low."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from clinic.demo import ZONE, Demo, data
from medications.monitoring import actions, engine, knowledge, queries
from medications.monitoring.actions import Given
from medications.monitoring.actions.results import judged, told
from medications.monitoring.calc import Reading
from medications.monitoring.engine import Due, Plan
from medications.monitoring.enums import Level, Source
from medications.monitoring.knowledge import AIMS, ANC, PHQ9, PHQ9_ITEM_9, WEIGHT
from medications.monitoring.models import Result
from medications.monitoring.queries import Situation
from patients.record.models import Patient

LITHIUM, PLATELETS = "14334-7", "777-3"
ROUNDS = 90
# value, and the laboratory's own range where it sends one
USUAL: dict[str, tuple[str, str, str]] = {
    LITHIUM: ("0.72", "0.6", "1.2"), "98979-8": ("84", "", ""), "2160-0": ("0.9", "0.6", "1.3"),
    "2951-2": ("139", "135", "146"), "2823-3": ("4.2", "3.5", "5.2"), "17861-6": ("9.4", "8.5", "10.6"),
    "3016-3": ("2.1", "0.4", "4.5"), "4086-5": ("74", "50", "125"), "1742-6": ("22", "7", "40"),
    "1920-8": ("21", "8", "40"), PLATELETS: ("238", "150", "400"), "3432-2": ("7", "4", "12"),
    ANC: ("4200", "1500", "8000"), "8480-6": ("122", "", ""), "8462-4": ("76", "", ""), "8867-4": ("72", "", ""),
    "8310-5": ("36.7", "", ""), "8280-0": ("92", "", ""), WEIGHT: ("81", "", ""), "1558-6": ("92", "", ""),
    "8636-3": ("422", "", ""), "8302-2": ("150", "", ""), "19123-9": ("2", "1.7", "2.4"),
    "2842-3": ("12", "4", "23"), "1963-8": ("25", "22", "29"), "1975-2": ("0.6", "0.2", "1.2"),
}  # fmt: skip
# A story's own levels: weeks since its beginning.
TOLD = {
    ("henrike", LITHIUM): ((1, "0.80"), (2, "0.79"), (13, "0.78"), (26, "0.81"), (43, "1.42"), (44, "0.58"),
                           (46, "0.64"), (58, "0.62")),
}  # fmt: skip
OVERDUE = "cormac"  # whose lithium level is 41 days overdue
OVERDUE_DAYS = 41
LOW_COUNT = "babatunde"
UNANSWERED = "rosalind"


def load(demo: Demo) -> str:
    """Results of everybody who takes something of ours; past alerts answered; one alert waits."""
    people = {row["key"]: row for row in data()["patients"] if row["prescriber"]}
    mine = {key: demo.patients[key] for key in people if key in demo.patients}
    found = queries.situations([patient.pk for patient in mine.values()])
    plan = Plan(knowledge.current(), queries.choices(demo.today))
    count = 0
    for key, patient in mine.items():
        known = found[patient.pk]
        if any(course.ours for course in known.courses):
            by = demo.users[people[key]["prescriber"]]
            count += _keep(demo, patient, sorted(_cared_for(demo, key, known, plan)), known, by)
    return f"{count} results"


def due(demo: Demo) -> str:
    """What is due, as the nightly job finds it."""
    with demo.at(demo.today, 3, 50):
        counts = actions.sweep(demo.today)
    return f"{counts['opened']} due items"


def _cared_for(demo: Demo, key: str, known: Situation, plan: Plan) -> Iterator[tuple[date, str, str]]:
    """Day, code and value of what was measured or asked: each round does what is overdue, as a clinic does."""
    for code, day, value in _told(demo, key):
        _add(known, code, day, value)
        yield day, code, value
    for _ in range(ROUNDS):
        late = [one for one in _due(demo, known, plan) if not _left_out(demo, key, one)]
        if not late:
            break
        for one in late:
            value = _value(demo, key, one.code, one.due_on, known)
            _add(known, one.code, one.due_on, value)
            yield one.due_on, one.code, value
    if key == UNANSWERED:
        yield demo.today - timedelta(days=3), PLATELETS, "138"
    if key == OVERDUE:
        day = demo.today - timedelta(days=90 + OVERDUE_DAYS)
        _add(known, LITHIUM, day, "0.68")
        yield day, LITHIUM, "0.68"


def _told(demo: Demo, key: str) -> Iterator[tuple[str, date, str]]:
    story = next((one for one in data()["stories"] if key in one["patients"]), None)
    for (who, code), values in TOLD.items():
        if who == key and story is not None:
            for week, value in values:
                yield code, demo.day(story["start_date"], week, 2), value


def _due(demo: Demo, known: Situation, plan: Plan) -> list[Due]:
    everything = engine.due(known.person, known.courses, known.results, plan, demo.today)
    return [one for one in everything if one.due_on < demo.today and one.code not in (PHQ9, PHQ9_ITEM_9, AIMS)]


def _left_out(demo: Demo, key: str, one: Due) -> bool:
    """What the story tells itself, what is overdue on purpose, and the last few days, as they are everywhere."""
    if (key, one.code) in TOLD:
        return True
    if key == OVERDUE and one.code == LITHIUM:
        return one.due_on > demo.today - timedelta(days=91 + OVERDUE_DAYS)
    soft = one.asks[0].blocks is None or sum(map(ord, key + one.code)) % 9 == 0
    return soft and one.due_on > demo.today - timedelta(days=12 + sum(map(ord, key)) % 20)


def _value(demo: Demo, key: str, code: str, day: date, known: Situation) -> str:
    item = knowledge.current().item(code)
    if item is None or not item.unit or code not in USUAL:
        return "Nothing new." if item is not None and item.question else "within its range"
    before = [one for one in known.results.get(code, []) if one.value is not None]
    if key == LOW_COUNT and code == ANC:
        start = min(course.start for course in known.courses if course.drug.name == "clozapine")
        week = (day - start).days // 7
        recent = [one for one in before if one.value is not None and one.value < 1500]
        if week == 14 and not recent:
            return "1350"
        return "1420" if len(recent) == 1 else "3900"
    if key == LOW_COUNT and code == WEIGHT:
        return ("80", "82.1", "84.4", "83", "82")[min(len(before), 4)]
    base = Decimal(USUAL[code][0])
    shift = (sum(map(ord, key)) + len(before) * 3) % 5 - 2
    return f"{(base * (100 + shift) / 100).quantize(Decimal('0.01')):f}"


def _add(known: Situation, code: str, day: date, value: str) -> None:
    number = Decimal(value) if value.replace(".", "").isdigit() else None
    rows = known.results.setdefault(code, [])
    rows.append(Reading(day, number))
    rows.sort(key=lambda one: one.on)


def _keep(
    demo: Demo, patient: Patient, measured: list[tuple[date, str, str]], known: Situation, by: Any
) -> int:  # fmt: skip
    """Keep them as the record would, told under the clock of their day; past alerts were answered in time."""
    count = 0
    for day, code, value in dict.fromkeys(measured):
        if day > demo.today:
            continue
        at = datetime.combine(day, time(8, 10), ZONE)
        with demo.at(day, 15):
            given = _given(code, at, value)
            rows = judged(patient, [given], source=Source.IMPORTED, found=known, by=by)
            Result.objects.bulk_create(rows)
            told(patient, rows, by=by)
            count += 1
        if rows[0].level != Level.NONE and day < demo.today - timedelta(days=7):
            with demo.at(day, 16):
                actions.handle(rows[0], words=_answer(rows[0]), by=by)
    return count


def _given(code: str, at: datetime, value: str) -> Given:
    if not value.replace(".", "").isdigit():
        return Given(code, at, words=value)
    low, high = (Decimal(end) if end else None for end in USUAL[code][1:])
    hours = Decimal(12) if code in (LITHIUM, "4086-5", "3432-2") else None
    return Given(code, at, Decimal(value), low=low, high=high, hours_after_dose=hours)


def _answer(row: Result) -> str:
    if row.code == ANC:
        return "Medicine continued, counts three times a week; hematology not needed yet."
    if row.code == LITHIUM:
        return "Reached by telephone; dose and other medicines looked at, level again in a week."
    return "Talked through at the visit; measured again as planned."
