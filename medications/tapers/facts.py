"""What the checks of a plan need to know, loaded once: medicines, therapy, risk, other changes, leave, orders."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from clinic.staff.models import Absence
from medications.prescribing import listing
from medications.prescribing import queries as prescribing
from medications.prescribing.models import DoseOrder, Prescription
from medications.safety import queries as safety
from medications.safety.knowledge import DrugFacts
from medications.tapers import queries
from medications.tapers.calc import Stair
from medications.tapers.models import TaperPlan
from patients.plan.enums import Arm, VersionState
from patients.plan.models import InterventionRow
from patients.plan.queries import modality_name
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

NEAR = timedelta(days=14)  # two changes that lie closer cannot be told apart (R-TA-09)
LEAVE = timedelta(days=7)


@dataclass(frozen=True)
class Around:
    """What is known around a plan on a day."""

    today: date
    drug: DrugFacts | None
    taking: tuple[DrugFacts, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    conditions: tuple[str, ...] = ()
    therapies: tuple[str, ...] = ()  # of the plan in force, by name
    risk_open: bool = False
    changing: tuple[str, ...] = ()  # what else changes around the first day
    leave: tuple[date, date] | None = None  # the prescriber's next
    past: tuple[Stair, ...] = ()  # the doses as they were ordered, oldest first
    supply_end: date | None = None


def around(patient: Patient, prescription: Prescription, *, day: date, today: date, by: "User") -> Around:
    """Everything the checks ask. Thirteen queries."""
    known = safety.facts(patient, today)
    row = prescribing.with_orders(Prescription.objects.filter(pk=prescription.pk)).get()
    runs_out = listing.run_out([row], today).get(row.pk)
    return Around(
        today=today,
        drug=queries.drug_of(row),
        taking=tuple(queries.taking(patient.pk, today)),
        answers=known.answers,
        conditions=known.conditions,
        therapies=therapies(patient.pk),
        risk_open=known.risk_open,
        changing=changing(patient.pk, prescription.pk, day),
        leave=_leave(by, day),
        past=tuple(
            Stair(one.from_day, queries.daily_mg(one) * one.every_days, one.every_days)
            for one in prescribing.orders_of(row)
            if one.until_day is None or one.until_day > one.from_day
        ),
        supply_end=runs_out.on if runs_out is not None and runs_out.told else None,
    )


def therapies(patient_id: UUID) -> tuple[str, ...]:
    """The psychosocial interventions of the plan in force (R-TA-03). One query."""
    rows = InterventionRow.objects.filter(
        version__patient_id=patient_id, version__state=VersionState.SIGNED, arm=Arm.THERAPY
    ).order_by("position")
    return tuple(
        dict.fromkeys(modality_name(key) if key else words for key, words in rows.values_list("modality", "words"))
    )


def changing(patient_id: UUID, prescription_id: UUID, day: date) -> tuple[str, ...]:
    """Psychiatric medicines whose dose changes within two weeks of the day, or that are tapered too (R-TA-09)."""
    orders = DoseOrder.objects.filter(
        patient_id=patient_id, retracted_at=None, from_day__gte=day - NEAR, from_day__lte=day + NEAR,
        prescription__retracted_at=None, product__drug__psychiatric=True,
    ).exclude(prescription_id=prescription_id)  # fmt: skip
    plans = TaperPlan.objects.filter(patient_id=patient_id, state="active").exclude(prescription_id=prescription_id)
    names = [
        *orders.values_list("product__drug__generic_name", flat=True),
        *plans.values_list("prescription__drug__generic_name", flat=True),
    ]
    return tuple(sorted({name for name in names if name}))


def _leave(by: "User", day: date) -> tuple[date, date] | None:
    """The prescriber's leave that begins or ends within a week of the day, longer than a day (R-TA-09)."""
    near = Absence.objects.filter(user=by, starts_at__date__lte=day + LEAVE, ends_at__date__gte=day - LEAVE).order_by(
        "starts_at"
    )
    for one in near:
        if one.ends_at - one.starts_at >= timedelta(hours=20):
            return one.starts_at.date(), one.ends_at.date()
    return None
