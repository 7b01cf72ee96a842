"""A course of treatment on the timeline: rows as the rooms write them, made directly."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from clinic.rows import new_id
from clinic.staff.models import User
from patients.measures import instruments
from patients.measures.models import Score
from patients.notes.models import Note
from patients.record.models import Patient
from patients.timeline.enums import EntryKind
from patients.timeline.models import Entry
from tests.cast import Cast, at

NOW = "2026-11-23 13:30"


def entry(
    patient: Patient,
    kind: EntryKind,
    when: str | datetime,
    *,
    series: str = "",
    value: float | Decimal | None = None,
    unit: str = "",
    label: str = "",
    by: User | None = None,
    recorded: str | datetime | None = None,
    **fields: Any,
) -> Entry:
    """One row of the timeline; recorded when it happened, unless said otherwise."""
    moment = at(when) if isinstance(when, str) else when
    known = at(recorded) if isinstance(recorded, str) else recorded
    return Entry.objects.create(
        patient=patient, kind=kind, occurred_at=moment, recorded_at=known or moment, series=series,
        value=None if value is None else Decimal(str(value)), unit=unit, label=label or f"{kind} {series}", by=by,
        object_kind="test", object_id=fields.pop("object_id", None) or new_id(), **fields,
    )  # fmt: skip


def score(
    patient: Patient, key: str, total: int, when: str | datetime, recorded: str | datetime | None = None
) -> Score:
    """A score with its row of the timeline."""
    moment = at(when) if isinstance(when, str) else when
    row = Score.objects.create(
        patient=patient, instrument=key, version="1", answered_at=moment, channel="desk", total=total,
        recorded_at=moment, answers=[0] * len(instruments.get(key).numbers),
    )  # fmt: skip
    entry(patient, EntryKind.SCORE, moment, series=key, value=total, recorded=recorded, object_id=row.pk)
    return row


def seen(patient: Patient, by: User, when: str | datetime) -> Note:
    """A signed note of a contact of 45 minutes."""
    moment = at(when) if isinstance(when, str) else when
    return Note.objects.create(
        patient=patient, author=by, kind="session", started_at=moment, ended_at=moment + timedelta(minutes=45),
        created_at=moment, saved_at=moment, signed_at=moment + timedelta(hours=1), signed_by=by,
        signature=by.signature, content_hash="0" * 64,
    )  # fmt: skip


def josie(cast: Cast) -> Patient:
    """The course of the look's chart, for Ana: scores, two drugs, sessions, visits not held, events, a risk."""
    ana = cast.ana
    phq = [19, 18, 17, 15, 14, 12, 11, 15, 12, 9, 7]
    gad = [15, 15, 14, 14, 12, 12, 11, 14, 12, 11, 8]
    days = ["06-25", "07-09", "07-23", "08-06", "08-20", "09-03", "09-24", "10-05", "10-19", "11-02", "11-16"]
    for one, two, day in zip(phq, gad, days, strict=True):
        score(ana, "phq9", one, f"2026-{day} 09:00")
        score(ana, "gad7", two, f"2026-{day} 09:05")
    for day, amount in (("07-06", 50), ("08-03", 100), ("10-05", 150)):
        entry(ana, EntryKind.DOSE, f"2026-{day} 10:00", series="sertraline", value=amount, unit="mg", by=cast.priya)
    for day, amount in (("06-15", 10), ("08-24", 9), ("09-14", 8), ("10-05", 7), ("11-10", 6)):
        entry(ana, EntryKind.DOSE, f"2026-{day} 10:00", series="diazepam", value=amount, unit="mg", by=cast.priya)
    entry(ana, EntryKind.HOLD, "2026-10-19 10:00", series="diazepam", by=cast.priya, until=at("2026-10-27 00:00"))
    for n in range(17):
        when = at("2026-07-06 14:00") + timedelta(days=7 * n + (7 if n > 8 else 0))
        entry(ana, EntryKind.SESSION, when, label="Exposure ladder, step 4: bridge alone", by=cast.tess)
    for visit in ("2026-07-08 15:00", "2026-08-05 15:00", "2026-10-06 15:00", "2026-11-10 15:00"):
        entry(ana, EntryKind.VISIT, visit, label="Diazepam to 6 mg; sleeping six hours", by=cast.priya)
    entry(ana, EntryKind.MISSED, "2026-09-07 14:00", series="therapy", label="therapy session cancelled: patient asked")
    entry(
        ana, EntryKind.MISSED, "2026-11-16 14:00", series="therapy", recorded="2026-11-13 09:00", by=cast.fran,
        label="therapy session cancelled: work or school",
    )  # fmt: skip
    entry(ana, EntryKind.EVENT, "2026-09-03 12:00", label="back at work", by=cast.tess)
    entry(ana, EntryKind.EVENT, "2026-10-01 12:00", label="mother in hospital", by=cast.tess)
    entry(ana, EntryKind.EVENT, "2026-11-17 12:00", label="her mother is home again; wedding on Dec 12", by=cast.priya)
    entry(
        ana, EntryKind.RISK, "2026-10-05 09:30", label="PHQ-9 item 9 was 1", until=at("2026-10-06 11:00"),
        url_name="risk:flag",
    )  # fmt: skip
    entry(ana, EntryKind.HOMEWORK, "2026-11-21 12:00", label="bridge alone on three days: all three, peak 70, 55, 40")
    seen(ana, cast.tess, "2026-11-09 14:00")
    return ana
