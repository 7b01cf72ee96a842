"""Reading how the list was gone through: the list as it is asked now, the last time, what still waits for an answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from clinic.rows import these
from clinic.staff.enums import Role
from clinic.staff.models import User
from medications.prescribing import queries as prescribing
from medications.prescribing.models import DoseOrder, HoldPeriod, Prescription
from medications.reconciling.enums import Answer
from medications.reconciling.models import ReconciledLine, Reconciliation
from patients.record.queries import team_users

PURPOSE = "reconciling-said:"


@dataclass(frozen=True)
class Listed:
    """A medicine as it is asked about. `base` changes with its order, a hold or a stop: a stale page is noticed."""

    row: Prescription
    order: DoseOrder | None
    held: bool

    @property
    def key(self) -> str:
        """The prescription's key, as forms name their fields."""
        return str(self.row.pk)

    @property
    def base(self) -> str:
        """The state that the person saw."""
        held = "held" if self.held else ""
        return f"{self.order.pk if self.order else ''}:{held}:{self.row.stopped_on or ''}"

    @property
    def ours(self) -> bool:
        """Prescribed here."""
        return self.row.origin == "ours"

    @property
    def name(self) -> str:
        """Its generic name, or what was typed."""
        name = prescribing.generic_name(self.row)
        return name.capitalize() if self.row.drug else name

    @property
    def amount(self) -> str:
        """What a day gives, or an injection."""
        return prescribing.dose(self.order) if self.order else ""

    @property
    def sig(self) -> str:
        """How it is to be taken; on hold: not at all, so that nobody confirms the order beneath."""
        found = self.order.sig if self.order else self.row.sig_text
        return f"Take none until it is resumed. Before: {found}" if self.held else found


def listed(patient_id: UUID, today: date) -> list[Listed]:
    """Everything on the list, on hold too: ours first, then the oldest. Six queries, whatever the number."""
    rows = [
        Listed(row, prescribing.last_order(row, today), row.held_at is not None)
        for row in prescribing.active(patient_id, today)
    ]
    return sorted(rows, key=lambda one: (not one.ours, one.row.started_on, one.key))


def last(patient_id: UUID) -> Reconciliation | None:
    """The newest that is not in error. One query."""
    rows = Reconciliation.objects.filter(patient_id=patient_id, retracted_at=None).select_related("recorded_by")
    return rows.order_by("-recorded_at", "-pk").first()


def said(patient_id: UUID) -> dict[UUID, ReconciledLine]:
    """The same as `said_of` for one patient. One query."""
    return said_of([patient_id])


def said_of(patients: Iterable[UUID | str]) -> dict[UUID, ReconciledLine]:
    """By prescription: what the patient said last, where it is not as ordered and nothing has answered it since.

    A later line answers it (not one that knows nothing), and so does whatever a prescriber has done with the medicine.
    "Not known" stands where nothing else does. One query, whatever the number.
    """
    rows = (
        ReconciledLine.objects.filter(
            reconciliation__patient__in=these(patients),
            reconciliation__retracted_at=None,
            prescription__retracted_at=None,
        )
        .annotate(unknown=Q(answer=Answer.UNKNOWN), answered=_answered())
        .select_related("reconciliation__recorded_by")
        .order_by("prescription_id", "unknown", "-reconciliation__recorded_at", "-reconciliation__pk")
        .distinct("prescription_id", "unknown")
    )
    found: dict[UUID, ReconciledLine] = {}
    known: dict[UUID, ReconciledLine] = {}
    for row in rows:  # of each medicine what is known comes first
        if row.answer != Answer.UNKNOWN:
            known[row.prescription_id] = row
            if row.answer != Answer.CONFIRMED and not row.answered:
                found[row.prescription_id] = row
        elif row.prescription_id not in found and not row.answered and _newer(row, known):
            found[row.prescription_id] = row
    return found


def _answered() -> Q:
    """Whether an order, a hold, its end or a stop was signed since. A refill answers nothing."""
    since = {"prescription": OuterRef("prescription")}, OuterRef("reconciliation__recorded_at")
    signed = DoseOrder.objects.filter(**since[0], retracted_at=None, signed_at__gt=since[1])
    held = HoldPeriod.objects.filter(**since[0], at__gt=since[1])
    moved = Q(on_hold=True, prescription__held_at=None) | Q(on_hold=False, prescription__held_at__isnull=False)
    same_stop = Q(stops_on=F("prescription__stopped_on")) | Q(stops_on=None, prescription__stopped_on=None)
    return Q(Exists(signed)) | Q(Exists(held)) | moved | ~same_stop | Q(order__retracted_at__isnull=False)


def _newer(row: ReconciledLine, known: dict[UUID, ReconciledLine]) -> bool:
    before = known.get(row.prescription_id)
    return before is None or before.reconciliation.recorded_at < row.reconciliation.recorded_at


def waiting(patient_id: UUID) -> set[UUID]:
    """The prescriptions of ours of which the patient said something that a prescriber has not answered. Two queries."""
    lines = said(patient_id)
    found = {key for key, line in lines.items() if line.answer != Answer.UNKNOWN}
    rows = Prescription.objects.filter(prescribing.not_over(prescribing.practice_today()), pk__in=found, origin="ours")
    return set(rows.values_list("pk", flat=True))


def purpose(prescription_id: UUID) -> str:
    """What makes the task of a medicine one."""
    return f"{PURPOSE}{prescription_id}"


def prescribers(row: Prescription) -> Sequence[User]:
    """Who is told: whoever prescribes it and the prescribers on the care team now. Three queries at most."""
    team = [one for one in team_users(row.patient_id) if one.is_active and Role.PRESCRIBER in one.held_roles()]
    return [*([row.prescriber] if row.prescriber else []), *team]


def times(patient_id: UUID, *, most: int = 20) -> list[Reconciliation]:
    """The last times the list was gone through, those in error too, the newest first. One query."""
    rows = Reconciliation.objects.filter(patient_id=patient_id).select_related("recorded_by", "retracted_by")
    return list(rows.order_by("-recorded_at", "-pk")[:most])
