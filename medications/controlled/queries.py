"""Reading controlled substances: the log of a month, who began by telehealth, whose program is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet

from medications.controlled.calc import after
from medications.controlled.models import CertifiedStep
from medications.prescribing.models import Authorisation, Prescription
from medications.prescribing.queries import not_over
from medications.safety.models import InPersonExam, PdmpCheck
from patients.record.access import visible_patients
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

INTENDED = "intended here, not yet signed in the certified system"


@dataclass(frozen=True)
class Logged:
    """One line of the log: an authorisation with what the certified system did."""

    row: Authorisation
    steps: Sequence[CertifiedStep]

    @property
    def newest(self) -> str:
        """The newest status; empty: an intent."""
        return self.steps[-1].status if self.steps else ""

    @property
    def words(self) -> str:
        """The status in words."""
        return self.steps[-1].get_status_display() if self.steps else INTENDED

    @property
    def number(self) -> str:
        """The number that the certified system gave."""
        return next((step.number for step in reversed(self.steps) if step.number), "")

    @property
    def to_cancel(self) -> bool:
        """Void here, alive there."""
        return self.row.voided_at is not None and self.newest in ("signed", "paper")


def log(user: "User", month: date) -> list[Logged]:
    """What the prescriber issued of controlled substances in a month, in time (R-RX-07). Two queries."""
    rows = (
        Authorisation.objects.filter(issued_by=user, issued_on__gte=month, issued_on__lt=after(month))
        .exclude(schedule="")
        .select_related("patient", "order__product__drug")
        .prefetch_related(Prefetch("certified_steps", CertifiedStep.objects.order_by("at", "pk"), to_attr="steps"))
        .order_by("issued_at", "earliest_fill_on", "pk")
    )
    return [Logged(row, row.steps) for row in rows]


@dataclass(frozen=True)
class Share:
    """Of a year's controlled prescriptions those that left, and those of them that left electronically (R-RX-08)."""

    left: int
    electronic: int

    @property
    def percent(self) -> int:
        """Rounded down, so that the limit is never reached by rounding; none left: 100."""
        return self.electronic * 100 // self.left if self.left else 100


def share(user: "User", year: int) -> Share:
    """How the prescriber's controlled prescriptions of a calendar year left: electronically or on paper. One query."""
    rows = Authorisation.objects.filter(issued_by=user, issued_on__year=year).exclude(schedule="")
    signed, paper = (
        Count("pk", filter=Exists(CertifiedStep.objects.filter(authorisation=OuterRef("pk"), status=status)))
        for status in ("signed", "paper")
    )
    found = rows.aggregate(signed=signed, paper=paper)
    return Share(found["signed"] + found["paper"], found["signed"])


def of_order(order_id: UUID) -> list[Logged]:
    """The controlled authorisations of an order with their steps. Two queries."""
    rows = (
        Authorisation.objects.filter(order_id=order_id)
        .exclude(schedule="")
        .prefetch_related(Prefetch("certified_steps", CertifiedStep.objects.order_by("at", "pk"), to_attr="steps"))
        .order_by("issued_at", "earliest_fill_on", "pk")
    )
    return [Logged(row, row.steps) for row in rows]


def counted(authorisation: Authorisation) -> int:
    """The refills that a prescription has been given, with all that was added (R-RX-03). A query for each addition."""
    total, row = 0, authorisation
    while row.extends is not None:
        total, row = total + row.added, row.extends
    return total + row.refills


def newest_status(authorisation: Authorisation) -> str:
    """The newest status of one; empty: an intent. One query."""
    step = CertifiedStep.objects.filter(authorisation=authorisation).order_by("-at", "-pk").first()
    return step.status if step else ""


def active(today: date) -> QuerySet[Prescription]:
    """Every controlled substance of ours that is taken or on hold."""
    return Prescription.objects.filter(not_over(today), origin="ours").exclude(drug__schedule="")


def without_exam(today: date) -> QuerySet[Prescription]:
    """Those of patients whom nobody here has examined in person (R-RX-09)."""
    exams = InPersonExam.objects.filter(patient=OuterRef("patient"), retracted_at=None)
    return active(today).filter(~Exists(exams)).select_related("patient", "drug", "prescriber")


def without_look_up(today: date, days: int) -> QuerySet[Prescription]:
    """Those of patients whose program was not looked up for so many days (R-RX-10)."""
    lately = PdmpCheck.objects.filter(
        patient=OuterRef("patient"), retracted_at=None, looked_on__gt=today - timedelta(days=days)
    ).exclude(result="skipped")
    return active(today).filter(~Exists(lately)).select_related("patient", "drug", "prescriber")


def mine(rows: QuerySet[Prescription], user: "User") -> list[Prescription]:
    """Those of patients for whom the person prescribes, by name. One query."""
    patients = Patient.objects.filter(visible_patients(user, "medication.prescribe"))
    return list(rows.filter(patient__in=patients).order_by("patient__search_text", "drug__generic_name"))
