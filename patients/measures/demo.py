"""The demo's scores: answers through the product's own action, so that item 9 raises its flags; totals in bulk."""

from datetime import date, datetime, time, timedelta
from typing import Any

from clinic import clock
from clinic.demo import ZONE, Demo, data, stories
from patients.measures import actions, calc, instruments
from patients.measures.models import Score
from patients.record.models import Patient
from patients.risk import actions as risk
from patients.risk.models import Disposition, RiskFlag
from patients.timeline import actions as timeline
from patients.timeline.enums import EntryKind

LEFT_OPEN_DAYS = 21  # a flag younger than this is still open, as people find it


def load(demo: Demo) -> str:
    """All scores in the order of time; older flags acknowledged and closed by the therapist two days later."""
    given = sorted(_told(demo), key=lambda one: (one["day"], one["instrument"]))
    for one in given:
        _record(demo, one)
    flags = RiskFlag.objects.filter(closed_at=None, patient__in=list(demo.patients.values()))
    return f"{len(given)} scores, {flags.count()} open flags"


def _told(demo: Demo) -> list[dict[str, Any]]:
    found = []
    for story in stories():
        for row in story["scores"]:
            day = demo.day(story["start_date"], row["week"], 1)
            items = row.get("items") or _items(row["instrument"], row["total"], row.get("item9"))
            found.append({**row, "day": day, "therapist": story["therapist"], "items": items})
    for row in data()["patients"]:
        for instrument in ("phq9", "gad7"):
            for score in row.get(f"{instrument}_recent", []):
                day = demo.today - timedelta(weeks=score["weeks_ago"], days=(demo.today.weekday() - 1) % 7)
                items = _items(instrument, score["total"], score.get("item9"))
                found.append({"instrument": instrument, "total": score["total"], "items": items, "day": day,
                              "patient": row["key"], "therapist": row["therapist"]})  # fmt: skip
    return [one for one in found if one["day"] < demo.today and one["patient"] in demo.patients]


def _items(key: str, total: int, item9: int | None) -> list[int] | None:
    """Answers that add up to the total, spread evenly; None where the items may not be shown."""
    size = {"phq9": 9, "gad7": 7}.get(key)
    if size is None:
        return None
    free = size - 1 if key == "phq9" else size
    rest = total - (item9 or 0 if key == "phq9" else 0)
    answers = [rest // free + (1 if n < rest % free else 0) for n in range(free)]
    return [*answers, item9 or 0] if key == "phq9" else answers


def _record(demo: Demo, one: dict[str, Any]) -> None:
    patient: Patient = demo.patients[one["patient"]]
    known = instruments.everything()[one["instrument"]]
    with demo.at(one["day"], 8, 50) as moment:
        if known.items and one["items"]:
            score = actions.record(
                patient, instrument=known.key, answers=_answers(known, one["items"]), answered_at=moment,
                channel="desk", by=None,
            )  # fmt: skip
            assert score.total == one["total"], (one, score.total)
        else:
            score = _total_only(patient, known, one["total"], moment)
    flag = RiskFlag.objects.filter(object_id=score.pk).first() if score.alerts else None
    if flag is not None and one["day"] < demo.today - timedelta(days=LEFT_OPEN_DAYS):
        _close(demo, flag, score, one)


def _answers(known: Any, items: list[int]) -> list[int | None]:
    """The scored items' answers, and nothing for an item that is not scored."""
    return [*items, *([None] * (len(known.numbers) - len(items)))]


def _total_only(patient: Patient, known: Any, total: int, moment: datetime) -> Score:
    """A total that came with the patient's papers, for an instrument whose text we may not show."""
    score = Score.objects.create(
        patient=patient, instrument=known.key, version=known.version[:80], answered_at=moment, channel="import",
        total=total, band=calc.band(known, total) or "", recorded_at=clock.now(),
    )  # fmt: skip
    timeline.note(
        patient.pk, EntryKind.SCORE, on=score, occurred_at=moment, label=f"{known.short_name} {total}", by=None,
        series=known.key, value=total, url_name="measures:score",
    )  # fmt: skip
    return score


def _close(demo: Demo, flag: RiskFlag, score: Score, one: dict[str, Any]) -> None:
    therapist = demo.users[one["therapist"]]
    day: date = one["day"]
    with clock.at(datetime.combine(day, time(10, 15), ZONE)):
        actions.acknowledge(score, by=therapist)
    with clock.at(datetime.combine(day + timedelta(days=2), time(16), ZONE)):
        risk.close(
            flag, disposition=Disposition.PLAN_MADE,
            words="Talked it through together, looked at what keeps safe, agreed whom to call. Seen again this week.",
            by=therapist,
        )  # fmt: skip
