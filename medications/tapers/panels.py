"""What tapers offer to the ports: the dashed future, panels, lines of the day and of “since”, links, tasks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.urls import reverse

from clinic import permissions
from clinic.ports import DayLine, DosePause, FutureStep, MedicineLink, SinceLine, TaskKind
from medications.prescribing import queries as prescribing
from medications.prescribing.actions.common import today_of
from medications.prescribing.calc import short
from medications.prescribing.models import Prescription
from medications.prescribing.queries import generic_name
from medications.safety import knowledge
from medications.tapers import pages, queries, templates
from medications.tapers.enums import OPEN, Kind, State
from medications.tapers.forms import CheckForm
from medications.tapers.models import TaperEvent, TaperPlan
from medications.tapers.queries import Standing
from patients.record.access import may, visible_patients
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

CHECK_DUE = {Kind.TAPER: "Withdrawal check due", Kind.TITRATION: "Tolerability check due"}
SOON = timedelta(days=3)


@dataclass(frozen=True)
class Line:
    """A running plan as panels show it."""

    plan: TaperPlan
    now: Standing
    title: str
    plain: str
    watch: str
    prompts: Any
    form: Any = None
    said: str = ""

    @property
    def due(self) -> bool:
        """Whether the check waits to be recorded."""
        return self.now.due


def line(plan: TaperPlan, today: date, *, form: Any = None, said: str = "") -> Line:
    """A plan loaded with its steps, as panels show it. No query."""
    now = queries.standing(plan, today)
    form = form or CheckForm(kind=plan.kind)
    words = pages.title(plan), pages.plain(plan, now), pages.watch_words(plan), pages.prompts(plan)
    return Line(plan, now, *words, form, said)


class Panel:
    """Port CHART_PANELS: what is tapered or titrated, and where it stands."""

    key = "tapers"
    title = "Taper"
    capability = "medication.read"
    place = "third"
    template = "tapers/panel.html"

    def context(self, patient: Patient, viewer: Any, since: datetime | None) -> dict[str, Any] | None:
        """Three queries; None where nothing is under way."""
        today = today_of(patient)
        found = [line(plan, today) for plan in queries.running(patient.pk)]
        return {"lines": found, "patient": patient} if found else None


class SessionPanel:
    """Port SESSION_PANELS: the check, recorded in the session by the therapist, beside plain words."""

    key = "tapers.check"
    title = "Taper"
    capability = "taper.check"
    template = "tapers/session.html"

    def context(self, patient: Patient, viewer: Any, since: datetime | None) -> dict[str, Any] | None:
        """Three queries; None where nothing is under way."""
        today = today_of(patient)
        found = [line(plan, today) for plan in queries.running(patient.pk)]
        return {"lines": found, "patient": patient} if found else None


def lanes(patient_id: UUID) -> list[FutureStep]:
    """Port CHART_LANES: planned steps of what is under way, dashed. Paused: the dose stays. Three queries."""
    found = []
    for plan in queries.running(patient_id):
        if plan.state != State.ACTIVE:
            continue
        for step in queries.live_steps(plan):
            if step.confirmed_at is None:
                amount = short(queries.average(step).quantize(step.dose_mg))
                found.append(FutureStep(generic_name(plan.prescription), step.on_day, amount, "mg"))
    return found


def pauses(patient_id: UUID) -> dict[UUID, list[DosePause]]:
    """Port DOSE_PAUSES: when each prescription's taper or titration was paused. One query."""
    events: dict[UUID, list[TaperEvent]] = {}
    rows = TaperEvent.objects.filter(plan__patient_id=patient_id).select_related("plan").order_by("plan", "at", "pk")
    for event in rows:
        events.setdefault(event.plan.prescription_id, []).append(event)
    found = {pk: [DosePause(*one) for one in queries.pauses(mine)] for pk, mine in events.items()}
    return {pk: sorted(times, key=lambda one: one.start) for pk, times in found.items() if times}


def since(patient: Patient, viewer: Any, moment: datetime) -> Iterable[SinceLine]:
    """Port SINCE_LINES: where a taper or titration stands, whoever changed it. Three queries."""
    today = today_of(patient)
    for plan in queries.running(patient.pk):
        now = queries.standing(plan, today)
        sentence = pages.plain(plan, now)
        meta = CHECK_DUE[Kind(plan.kind)].lower() if now.due else ""
        if plan.state == State.PAUSED and plan.paused_by is not None and plan.paused_at is not None:
            sentence = f"{sentence} {plan.pause_reason}"
            meta = f"{plan.paused_by.given_name}, {plan.paused_at:%b} {plan.paused_at.day}"
        name = f"{generic_name(plan.prescription).capitalize()} {plan.kind}"
        yield SinceLine("tm", name, sentence, meta, _url(plan))


def my_day(user: "User", day: date) -> list[DayLine]:
    """Port MY_DAY_LINES: checks that are due before the next step, and pauses for the prescriber. Four queries."""
    roles = user.held_roles()
    if not permissions.may(roles, "taper.check"):
        return []
    prescribes = permissions.may(roles, "medication.prescribe")
    found = []
    for plan in queries.running_of(Patient.objects.filter(visible_patients(user, "taper.check"))):
        now = queries.standing(plan, day)
        if plan.state == State.PAUSED:
            if prescribes:
                found.append(DayLine(plan.patient_id, "tm", "A planned change of dose is paused.", _url(plan)))
        elif now.due and now.next is not None:
            late = now.next.on_day - day <= SOON
            words = CHECK_DUE[Kind(plan.kind)] + (" now" if late else "")
            found.append(DayLine(plan.patient_id, "tm", f"{words}, before the next step.", _url(plan)))
    return found


def medicine_links(patient: Patient, viewer: Any) -> dict[UUID, list[MedicineLink]]:
    """Port MEDICINE_LINKS: the plan of a medicine, or the way to one; a schedule that must not be outrun is named.

    Six queries at most, whatever the number.
    """
    today = today_of(patient)
    found: dict[UUID, list[MedicineLink]] = {}
    for plan in queries.of_patient(patient.pk):
        if plan.state in OPEN and plan.prescription_id not in found:
            words = pages.plain(plan, queries.standing(plan, today))
            found[plan.prescription_id] = [MedicineLink(f"{plan.kind.capitalize()} plan", _url(plan), words)]
    if not may(viewer, "medication.prescribe", patient.pk):
        return found
    taking = queries.taking(patient.pk, today)
    rows = Prescription.objects.filter(
        prescribing.not_over(today), patient=patient, origin="ours", held_at=None, stopped_on=None, drug__isnull=False
    ).select_related("drug")
    for row in rows:
        if row.pk in found or row.drug is None:
            continue
        drug = knowledge.current().drug(row.drug.generic_name)
        table = templates.never_faster(drug, taking) if drug else None
        url = reverse("tapers:new", kwargs={"patient_id": patient.pk, "pk": row.pk})
        words = f"The schedule that holds: “{table.title}”." if table else ""
        found[row.pk] = [MedicineLink("Plan a titration" if table else "Plan a taper or titration", url, words)]
    return found


def task_kinds() -> list[TaskKind]:
    """Port TASK_KINDS: checks, steps, pauses, measures afterwards, reviews."""
    return [
        TaskKind(
            "tapers.check", "Check before the next step", "Record the check", "tapers:taper", "taper.check", "pair"
        ),
        TaskKind("tapers.step", "A planned step", "Look at the step", "tapers:taper", "medication.prescribe", "med"),
        TaskKind("tapers.look", "A taper needs you", "Look at it", "tapers:taper", "medication.prescribe", "med"),
        TaskKind(
            "tapers.measure", "Measures after a taper", "Record the measures", "measures:measures", "measures.record",
            "pair", by_hand=True,
        ),
        TaskKind("tapers.review", "Withdrawal or relapse?", "Review it", "tapers:review", "taper.check", "pair"),
    ]  # fmt: skip


def _url(plan: TaperPlan) -> str:
    return reverse("tapers:taper", kwargs={"patient_id": plan.patient_id, "pk": plan.pk})
