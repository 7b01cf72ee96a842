"""What the pages are measured on: the demo practice, then rows in bulk up to a thousand patients and ten years."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management import call_command

from clinic import clock
from clinic.rows import new_id
from clinic.staff.models import RoleGrant, User, WorkingHours
from medications.catalogue.models import Product
from medications.prescribing import actions as prescribing
from medications.prescribing.models import Prescription
from patients.measures.models import Score
from patients.notes import actions as notes
from patients.record import actions as record
from patients.record.calc import phone_digits, search_text
from patients.record.enums import FactKey
from patients.record.models import CareTeamMember, Patient
from patients.scheduling.models import Attendance, Booking, Occupancy, Segment
from patients.timeline.models import Entry
from therapy.sessions import actions as sessions
from therapy.sessions.models import Session

PATIENTS = 1_000
CLINICIANS = 40
VISITS = 8  # of each of them on the measured day
WRITES = 40  # how often each writing page is measured
ZONE = ZoneInfo("America/Los_Angeles")
GIVEN = ("Ada", "Bao", "Cem", "Dov", "Eli", "Fay", "Gus", "Hoa", "Ian", "Jun", "Kai", "Lea", "Mio", "Nia", "Ola")
FAMILY = (
    "Abara",
    "Brandt",
    "Castro",
    "Duarte",
    "Eriksen",
    "Farah",
    "Greco",
    "Hansen",
    "Ito",
    "Jensen",
    "Kovač",
    "Lund",
)


@dataclass
class Seeded:
    """Whom and what the measurements use."""

    therapist: User
    prescriber: User
    desk: User
    old: Patient  # ten years of data
    drafts: list[Session]
    prescriptions: list[Prescription]
    to_book: list[Patient]


def seed() -> Seeded:
    """Load what is not there yet; drafts and prescriptions to sign are new in every run."""
    if not User.objects.exists():
        call_command("load_demo")
    people = {key: User.objects.get(email__startswith=key) for key in ("signe", "thao", "leilani")}
    therapist, prescriber, desk = people["signe"], people["thao"], people["leilani"]
    if Patient.objects.count() < PATIENTS:
        _bulk(therapist, prescriber)
    mine = Patient.objects.filter(number__gte=500_000).order_by("number")
    _crowd(list(mine), therapist)
    old = mine[0]
    if Entry.objects.filter(patient=old).count() < 1_000:
        _ten_years(old, therapist)
    grown = mine.filter(born_on__year__range=(1965, 1995))  # the checks ask for no reason at this age
    # Nobody has two sessions at once: who had one in an earlier run rests.
    seen = Session.objects.filter(note__started_at__gte=clock.now() - timedelta(days=1)).values("patient")
    some = list(grown.exclude(pk__in=seen).order_by("?")[: 2 * WRITES])
    return Seeded(
        therapist, prescriber, desk, old, [_draft(one, therapist) for one in some[:WRITES]],
        [_prescribed(one, prescriber) for one in some[WRITES:]], some[:WRITES],
    )  # fmt: skip


def _bulk(therapist: User, prescriber: User) -> None:
    now = clock.now()
    patients = []
    for number in range(PATIENTS - Patient.objects.count()):
        given, family = GIVEN[number % len(GIVEN)], f"{FAMILY[number % len(FAMILY)]} {number}"
        phone = f"+1503555{number:04d}"
        patients.append(
            Patient(
                number=500_000 + number, given_name=given, family_name=family, search_text=search_text(family, given),
                born_on=date(1960 + number % 45, 1 + number % 12, 1 + number % 28), site=therapist.site,
                phone=phone, phone_digits=phone_digits(phone), registered_at=now - timedelta(days=400),
            )
        )  # fmt: skip
    Patient.objects.bulk_create(patients)
    since = now - timedelta(days=399)
    CareTeamMember.objects.bulk_create(
        [CareTeamMember(patient=p, user=u, role=r, starts_at=since)
         for p in patients for u, r in ((therapist, "therapist"), (prescriber, "prescriber"))]
    )  # fmt: skip
    _visits(patients, therapist)
    Score.objects.bulk_create([score for n, p in enumerate(patients) for score in _scores(p, n, range(12))])


def _scores(patient: Patient, number: int, months: Any) -> list[Score]:
    now = clock.now()
    return [
        Score(
            patient=patient, instrument="phq9", version="bench", answered_at=now - timedelta(days=30 * month + 2),
            channel="desk", total=(number + month) % 17, band="", recorded_at=now - timedelta(days=30 * month + 2),
            answers=[((number + month) % 17 + place) // 8 for place in range(8)] + [0, None],
        )
        for month in months
    ]  # fmt: skip


def _visits(patients: list[Patient], therapist: User) -> None:
    """A year of monthly visits each, over already; nobody is occupied by them any more."""
    now, bookings, segments, attendances = clock.now(), [], [], []
    for number, patient in enumerate(patients):
        for month in range(1, 13):
            starts_at = now - timedelta(days=30 * month, minutes=number)
            booking = Booking(site=therapist.site, booked_at=starts_at - timedelta(days=7))
            segment = Segment(
                booking=booking, clinician=therapist, service="therapy", starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=45),
            )  # fmt: skip
            bookings.append(booking)
            segments.append(segment)
            attendances.append(
                Attendance(
                    segment=segment, patient=patient, status="completed", started_at=starts_at,
                    ended_at=starts_at + timedelta(minutes=45),
                )
            )  # fmt: skip
    Booking.objects.bulk_create(bookings, batch_size=2_000)
    Segment.objects.bulk_create(segments, batch_size=2_000)
    Attendance.objects.bulk_create(attendances, batch_size=2_000)


def _crowd(patients: list[Patient], like: User) -> None:
    """Clinicians up to forty at the site of `like`, and a full column for each of them on the measured day."""
    now, number = clock.now(), RoleGrant.objects.filter(role="therapist", user__site=like.site).count()
    new = [
        User(email=f"crowd{n}@example.org", given_name=GIVEN[n % len(GIVEN)], family_name=f"Crowd {n}",
             credentials="LPC", site=like.site, created_at=now)
        for n in range(number, CLINICIANS)
    ]  # fmt: skip
    User.objects.bulk_create(new)
    RoleGrant.objects.bulk_create([RoleGrant(user=user, role="therapist", given_at=now) for user in new])
    WorkingHours.objects.bulk_create(
        [WorkingHours(user=user, site=like.site, weekday=day, starts=time(8), ends=time(18), from_day=date(2024, 1, 8))
         for user in new for day in range(5)]
    )  # fmt: skip
    starts = datetime.combine(date.fromisoformat(working_day()), time(9), ZONE)
    if Segment.objects.filter(clinician__email__startswith="crowd", starts_at=starts).exists():
        return
    bookings, segments, attendances, taken = [], [], [], []
    crowd = User.objects.filter(email__startswith="crowd").order_by("email")
    for place, (user, hour) in enumerate((user, hour) for user in crowd for hour in range(VISITS)):
        at = starts + timedelta(hours=hour)
        span = {"starts_at": at, "ends_at": at + timedelta(minutes=45)}
        booking = Booking(site=like.site, booked_at=now)
        segment = Segment(booking=booking, clinician=user, service="therapy", **span)
        patient = patients[place % len(patients)]
        bookings.append(booking)
        segments.append(segment)
        attendances.append(Attendance(segment=segment, patient=patient, status=("booked", "confirmed")[place % 2]))
        taken += [
            Occupancy(segment=segment, clinician=user, **span),
            Occupancy(segment=segment, patient=patient, **span),
        ]
    Booking.objects.bulk_create(bookings)
    Segment.objects.bulk_create(segments)
    Attendance.objects.bulk_create(attendances)
    Occupancy.objects.bulk_create(taken)


def _ten_years(patient: Patient, therapist: User) -> None:
    """Weekly sessions, two scores a month, a dose step each quarter."""
    now, rows = clock.now(), []
    for week in range(520):
        at = now - timedelta(weeks=week, days=1)
        rows.append(_entry(patient, "session", at, "weekly session", therapist, value=45, unit="min"))
        if week % 2 == 0:
            for series in ("phq9", "gad7"):
                rows.append(_entry(patient, "score", at, series.upper(), None, value=week % 20, series=series))
        if week % 13 == 0:
            until = None if week == 0 else at + timedelta(weeks=13)
            value = 50 + (week // 13) % 4 * 25
            rows.append(
                _entry(
                    patient, "dose", at, "dose", None, value=value, unit="mg", series="sertraline", until=until
                )
            )  # fmt: skip
    Entry.objects.bulk_create(rows)
    Score.objects.bulk_create(_scores(patient, 3, range(12, 120)))


def _entry(patient: Patient, kind: str, at: datetime, label: str, by: User | None, **fields: Any) -> Entry:
    return Entry(
        patient=patient, kind=kind, occurred_at=at, recorded_at=at, label=label, by=by, object_kind="bench.row",
        object_id=new_id(), **fields,
    )  # fmt: skip


def _draft(patient: Patient, therapist: User) -> Session:
    session = sessions.begin(patient, by=therapist, started_at=clock.now() - timedelta(minutes=50))
    session = sessions.save(session, topic="The week, and what helped", by=therapist)
    session.note.refresh_from_db()
    text = "A paragraph as long as people write it. " * 12
    notes.save(
        session.note, parts={"data": text, "assessment": text, "plan": text}, based_on=session.note.revision,
        ended_at=clock.now() - timedelta(minutes=5), minutes=45, by=therapist,
    )  # fmt: skip
    return session


def _prescribed(patient: Patient, prescriber: User) -> Prescription:
    found = Prescription.objects.filter(patient=patient, stopped_on=None, retracted_at=None).first()
    if found is not None:
        return found
    record.no_known_allergies(patient, by=prescriber)
    for key in FactKey.values:
        record.record_fact(patient, key=key, answer="no", by=prescriber)
    product = Product.objects.get(
        drug__generic_name="sertraline", form="tablet", release="immediate", strength=50, unit="mg"
    )
    regimen = prescribing.Regimen(product, [{"when": "morning", "quantity": "1"}])
    order = prescribing.prescribe(
        patient, regimen=regimen, supply=prescribing.Supply(Decimal(30), 30, 1), target_symptom="low mood",
        reason="first choice", by=prescriber,
    )  # fmt: skip
    return order.prescription


def working_day() -> str:
    """The demo's next full day: today, or Monday on a weekend."""
    day = clock.today(ZONE)
    while day.weekday() > 3:
        day += timedelta(days=1)
    return datetime.combine(day, time(9), ZONE).date().isoformat()
