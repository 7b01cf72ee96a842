"""Reading for the desk: what runs out, with everything the gates ask, in a fixed number of queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from clinic.rows import these
from medications.prescribing import queries as prescribing
from medications.prescribing.models import Authorisation, DoseOrder, Fill, Prescription
from medications.refills import answering
from medications.refills.answering import Answered
from medications.refills.calc import Forecast
from medications.refills.gates import Facts
from medications.refills.models import PharmacyAsk, RefillCall, RefillRequest
from medications.refills.seeing import ZONE, prescribers
from patients.inbox.models import Task
from patients.record.access import members, visible_patients
from patients.record.models import CareTeamMember

if TYPE_CHECKING:
    from clinic.staff.models import User

VISIT_TASK = "refills.visit"  # the front desk's: a prescriber asks to see somebody first


@dataclass(frozen=True)
class Running:
    """One active prescription of ours: its dose, what is authorised and was filled, the forecast, the gates' facts."""

    prescription: Prescription
    order: DoseOrder
    authorisations: Sequence[Authorisation]  # of this dose, in the order of issue, void ones too
    fills: Sequence[Fill]  # of this dose
    answered: Answered

    @property
    def forecast(self) -> Forecast:
        """When it runs out."""
        return self.answered.forecast

    @property
    def facts(self) -> Facts:
        """What the gates ask."""
        return self.answered.facts

    @property
    def due(self) -> bool:
        """Whether the desk is to be asked today; on hold nothing is dispensed."""
        return self.answered.due

    @property
    def opens_on(self) -> date:
        """The day on which the desk is asked."""
        return self.answered.opens_on

    @property
    def live(self) -> Authorisation | None:
        """What may be dispensed on this dose now."""
        return next((one for one in reversed(self.authorisations) if one.voided_at is None), None)

    def gates(self, days: int | None = None) -> list[dict[str, str]]:
        """Every gate's answer, for a supply of so many days (as usual)."""
        return self.answered.gates(days)


def running(today: date, *, only: Iterable[UUID] | None = None) -> list[Running]:
    """Every active prescription of ours that has a dose today. Nineteen queries, whatever the number.

    `only`: those prescriptions and no others. What is to stop on a day that is set already gets no more refills.
    """
    rows = Prescription.objects.filter(prescribing.not_over(today), origin="ours", stopped_on=None)
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    found = {str(row.pk): row for row in prescribing.with_orders(rows.order_by("pk"))}
    issued: dict[UUID, list[Authorisation]] = {}
    for one in Authorisation.objects.filter(prescription__in=these(found)).order_by("issued_at", "pk"):
        issued.setdefault(one.prescription_id, []).append(one)
    answers = answering.answered(found, today)
    return [now for one in answers if (now := _running(found[one.key], one, issued)) is not None]


def _running(row: Prescription, one: Answered, issued: Mapping[UUID, Sequence[Authorisation]]) -> Running | None:
    """The rows behind an answer, as pages show them."""
    order = next((order for order in prescribing.orders_of(row) if str(order.pk) == one.order), None)
    if order is None:  # signed between two statements
        return None
    told, known = {fill.key for fill in one.fills}, row.known_fills  # type: ignore[attr-defined]
    mine = [supply for supply in issued.get(row.pk, []) if str(supply.order_id) in one.pack]
    return Running(row, order, mine, [fill for fill in known if str(fill.pk) in told], one)


def visit_purpose(patient_id: UUID) -> str:
    """What makes the front desk's task one for a patient, however many of their supplies wait."""
    return f"refill-visit:{patient_id}"


def visits_asked(patients: Iterable[UUID]) -> dict[UUID, datetime]:
    """For whom the front desk still has to book a visit, and since when. One query."""
    rows = Task.objects.filter(purpose__in=[visit_purpose(pk) for pk in patients], done_at=None)
    return {task.patient_id: task.created_at for task in rows if task.patient_id}


def deciders(patients: "Iterable[UUID] | QuerySet[Any, Any]") -> QuerySet[CareTeamMember]:
    """The prescribers on the care teams of these patients, cover included; user loaded. One query."""
    rows = members().filter(patient__in=patients, user__in=prescribers().values("user"), user__is_active=True)
    return rows.select_related("user").order_by("user_id")


def waiting() -> QuerySet[RefillRequest]:
    """The requests that still stand: not those whose order was held, stopped, struck, or supplied otherwise since."""
    supplied = Authorisation.objects.filter(
        prescription=OuterRef("prescription"), voided_at=None, issued_at__gt=OuterRef("answered_at")
    )
    return RefillRequest.objects.filter(
        ~Exists(supplied), state="requested", prescription__held_at=None, prescription__stopped_on=None,
        prescription__retracted_at=None,
    )  # fmt: skip


def asked_for(prescriptions: Iterable[UUID]) -> set[UUID]:
    """Those for which a pharmacy waits for an answer: its request is open and no supply was signed since. One query."""
    supplied = Authorisation.objects.filter(
        prescription=OuterRef("request__prescription"), voided_at=None, issued_at__gt=OuterRef("recorded_at")
    )
    rows = PharmacyAsk.objects.filter(
        ~Exists(supplied), request__prescription__in=list(prescriptions), request__state="requested"
    )
    return set(rows.values_list("request__prescription_id", flat=True))


def desk(user: "User") -> QuerySet[RefillRequest]:
    """What waits for the person, of patients for whom they may decide, the first to run out first. Two queries."""
    rows = waiting().filter(_of_mine(user)).select_related("patient", "prescription__drug")
    asks = Prefetch("pharmacy_asks", PharmacyAsk.objects.select_related("pharmacy"))
    return rows.prefetch_related(asks).order_by("supply_end", "opened_at", "pk")


def decided(user: "User") -> QuerySet[RefillRequest]:
    """What was decided or withdrawn, the newest first. Two queries."""
    rows = RefillRequest.objects.filter(_of_mine(user)).exclude(state="requested")
    asks = Prefetch("pharmacy_asks", PharmacyAsk.objects.select_related("pharmacy"))
    return (
        rows.select_related("patient", "prescription__drug", "decided_by", "authorisation")
        .prefetch_related(asks)
        .order_by(F("decided_at").desc(), "-pk")
    )


def calls(user: "User") -> QuerySet[RefillCall]:
    """Patients who ask for a refill call, of those for whom the person may decide. One query."""
    rows = RefillCall.objects.filter(_of_mine(user), done_at=None)
    return rows.select_related("patient", "taken_by").order_by("asked_at")


def _of_mine(user: "User") -> Q:
    return visible_patients(user, "refill.decide", by="patient_id")


def bridged(request: RefillRequest, seen: date | None) -> date | None:
    """The day of a bridge since which nobody has seen the patient (R-RX-13). One query."""
    last = (
        RefillRequest.objects.filter(prescription_id=request.prescription_id, state="bridged")
        .order_by("-decided_at")
        .first()
    )
    if last is None or last.decided_at is None:
        return None
    day = last.decided_at.astimezone(ZONE).date()
    return None if seen is not None and seen > day else day


def by_prescription(rows: Iterable[RefillRequest], today: date) -> dict[UUID, Running]:
    """What the requests' prescriptions look like now. Nineteen queries."""
    return {one.prescription.pk: one for one in running(today, only=[row.prescription_id for row in rows])}
