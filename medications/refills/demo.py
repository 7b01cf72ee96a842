"""The demo's refill desk: the job ran this morning, three were signed since; two patients asked for a call."""

from collections.abc import Sequence
from datetime import timedelta

from clinic.demo import Demo, data
from clinic.refusal import Refused
from clinic.staff.models import User
from medications.pharmacies import actions as pharmacies_actions
from medications.pharmacies import demo as pharmacies
from medications.pharmacies.enums import Route
from medications.pharmacies.models import Pharmacy, Transmission
from medications.prescribing import actions as prescribing
from medications.prescribing.models import Authorisation, Prescription
from medications.refills import actions, gates, queries, seeing
from medications.refills.models import RefillRequest
from patients.record.models import Patient
from patients.scheduling import actions as scheduling
from patients.scheduling.enums import Service

IN_ORDER = ("ottilie", "meiling", "siobhan")
COMES_BACK = "priyanka"  # whose pharmacy does not answer
REQUEST = """<Message><Header><From Qualifier="P">{sender}</From><MessageID>demo-{number}</MessageID>
<RxReferenceNumber>90233{number}</RxReferenceNumber><PrescriberOrderNumber>{order}</PrescriberOrderNumber></Header>
<Body><RxRenewalRequest><Patient><DateOfBirth><Date>{born}</Date></DateOfBirth></Patient></RxRenewalRequest></Body>
</Message>"""
WHY = "Talked through at the last visit, the next one is arranged by telephone."


def load(demo: Demo) -> str:
    """Open what is due, as the nightly job does; one approved refill left, one came back, one is for the module."""
    pharmacies.let_leave(demo)
    _in_order(demo)
    with demo.at(demo.today, 4, 10):
        counts = actions.open_due(demo.today)
    rows = list(RefillRequest.objects.filter(state="requested").select_related("prescription__drug"))
    kept = {demo.patients[key].pk for key in IN_ORDER}  # they stay, to be signed together
    others = [row for row in rows if row.patient_id not in kept]
    plain = [row for row in others if row.prescription.drug and not row.prescription.drug.schedule]
    listed = [row for row in rows if row.prescription.drug and row.prescription.drug.schedule in ("III", "IV")]
    _approve(demo, plain[3:], 7, 30)
    demo.afterwards[:] = [pharmacies.comes_back]
    hers = [row for row in plain if row.patient_id == demo.patients[COMES_BACK].pk]
    _approve(demo, [*hers, *plain[7:]], 7, 40)
    demo.afterwards.clear()
    _approve(demo, listed, 7, 50)
    with demo.at(demo.today, 8, 40):
        for key in ("priyanka", "amara"):
            actions.ask_for_call(demo.patients[key], words="reach in the afternoon", by=demo.users["fd_kealoha"])
    _pharmacy_asks(demo)
    _messages(demo)
    return f"{counts['opened']} refill requests"


def _in_order(demo: Demo) -> None:
    """Some of whom nothing is left to ask: what was dispensed is told, the next visit is booked."""
    for key in IN_ORDER:
        patient = demo.patients[key]
        person = next(row for row in data()["patients"] if row["key"] == key)
        by, desk = demo.users[person["prescriber"]], demo.users["fd_kealoha"]
        untold = Authorisation.objects.filter(patient=patient, voided_at=None, fills=None, schedule="")
        with demo.at(demo.today - timedelta(days=1), 16):
            for one in untold.exclude(prescription__stopped_on__isnull=False):
                for number in range(one.refills + 1):
                    day = one.issued_on + timedelta(days=number * one.days_supply)
                    if day < demo.today:
                        prescribing.record_fill(
                            one.prescription, filled_on=day, quantity=one.quantity, days_supply=one.days_supply,
                            told_by="pharmacy", by=by,
                        )  # fmt: skip
            if not seeing.next_visit([patient.pk]):
                _book(demo, patient, by, desk)


def _book(demo: Demo, patient: Patient, by: User, desk: User) -> None:
    """The first time that both have in the second week from now."""
    for number in range(8, 22):
        day = demo.today + timedelta(days=number)
        starts_at = demo.extra["diary"].first(day, patient.pk, by.pk, after=0) if day.weekday() < 4 else None
        if starts_at is None:
            continue
        part = scheduling.Part(by, Service.MEDICATION, starts_at, starts_at + timedelta(minutes=20))
        try:
            scheduling.book(patient=patient, site=by.site or patient.site, parts=[part], by=desk)
        except Refused:
            continue
        return


def _pharmacy_asks(demo: Demo) -> None:
    """Faxes of this morning: pharmacies ask though nothing is due yet, once for lithium whose level is overdue."""
    where = Pharmacy.objects.filter(closed_at=None).order_by("name").first()
    for key, drug, words in (
        ("damico", "sertraline", "Rx 4471207, by fax"),
        ("cormac", "lithium", "Rx 8820193, by fax"),
    ):
        patient = demo.patients[key]
        row = Prescription.objects.filter(patient=patient, drug__generic_name=drug, stopped_on=None).first()
        person = next(one for one in data()["patients"] if one["key"] == key)
        if row is None or where is None:
            continue
        with demo.at(demo.today, 8, 50):
            actions.pharmacy_asks(
                row, pharmacy=where, asked_on=demo.today, words=words, by=demo.users[person["therapist"]]
            )  # fmt: skip


def _messages(demo: Demo) -> None:
    """Two messages of this morning: one that waits at the desk, and one whose birth date is that of somebody else."""
    rows = Transmission.objects.filter(
        route=Route.PHARMACY, sent_at__isnull=False, authorisation__voided_at=None, authorisation__fills__isnull=False,
        authorisation__prescription__held_at=None, authorisation__prescription__stopped_on=None,
        patient__in=list(demo.patients.values()), authorisation__issued_by=demo.users["rx_nguyen"],
    )  # fmt: skip
    waiting = RefillRequest.objects.filter(state="requested").values("prescription")
    found = rows.exclude(authorisation__prescription__in=waiting).select_related("patient", "pharmacy")
    for number, row in enumerate(found.order_by("patient__number", "pk")[:2]):
        if row.pharmacy is None:
            continue
        born = row.patient.born_on + timedelta(days=number)
        with demo.at(demo.today, 8, 55):
            pharmacies_actions.take_in(
                REQUEST.format(number=number, sender=row.pharmacy.ncpdp_id, order=row.pk.hex, born=born).encode()
            )


def _approve(demo: Demo, rows: Sequence[RefillRequest], hour: int, minute: int) -> None:
    """The first of these that can be approved, by a prescriber of its patient."""
    for row in rows:
        member = queries.deciders([row.patient_id]).first()
        if member is None or gates.refused(row.gates):
            continue
        try:
            with demo.at(demo.today, hour, minute):
                actions.approve(row, reasons=dict.fromkeys((gate["gate"] for gate in row.gates), WHY), by=member.user)
        except Refused:
            continue
        return
