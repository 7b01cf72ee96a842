"""Reading plans: their steps, where they stand today, what a step is made of, what the refill desk asks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Min, Prefetch, QuerySet

from clinic.once import once
from clinic.rows import these
from medications.catalogue.calc import in_mg
from medications.catalogue.models import Product
from medications.prescribing import queries as prescribing
from medications.prescribing.models import DoseOrder, Prescription
from medications.safety import knowledge
from medications.safety.knowledge import DrugFacts
from medications.tapers.calc import Stair, Unit
from medications.tapers.enums import OPEN, RUNNING, EventKind, Severity
from medications.tapers.models import ReturnReview, StepCheck, TaperEvent, TaperPlan, TaperStep
from patients.record.models import Patient

NOT_BY_MOUTH = ("injection", "nasal", "rectal", "patch", "film", "gel", "spray", "device", "implant", "lozenge", "gum")
LONGEST_LEAD = 14


@dataclass(frozen=True)
class Standing:
    """Where a plan stands on a day: what is taken, the next step, and the check before it."""

    plan: TaperPlan
    steps: Sequence[TaperStep]  # live ones, in order
    today: date
    check: StepCheck | None  # the newest that counts for the next step
    earlier: StepCheck | None  # the newest before its time: shown, but it ticks nothing off

    @property
    def next(self) -> TaperStep | None:
        """The first step that is not confirmed."""
        return next((one for one in self.steps if one.confirmed_at is None), None)

    @property
    def last(self) -> TaperStep | None:
        """The last step that was confirmed."""
        return next((one for one in reversed(self.steps) if one.confirmed_at is not None), None)

    @property
    def dose(self) -> Decimal:
        """mg an average day, as the plan says it is now."""
        return average(self.last) if self.last else self.plan.start_mg

    @property
    def opens_on(self) -> date | None:
        """From this day on a check counts for the next step."""
        if self.next is None:
            return None
        before = self.last.on_day if self.last else self.plan.created_at.date()
        lead = min(LONGEST_LEAD, (max((self.next.on_day - before).days, 1) + 1) // 2)
        return self.next.on_day - timedelta(days=lead)

    @property
    def ticked(self) -> bool:
        """Whether the check is done and found nothing (R-TA-02)."""
        return self.check is not None and self.check.severity == Severity.NONE

    @property
    def symptoms(self) -> StepCheck | None:
        """The newest check, if it found something."""
        newest = self.check or self.earlier
        return newest if newest is not None and newest.severity != Severity.NONE else None

    @property
    def due(self) -> bool:
        """Whether the check waits for the next visit, whoever's it is; with symptoms it stays open (R-TA-02)."""
        return bool(self.plan.state in RUNNING and self.opens_on and self.today >= self.opens_on and not self.ticked)

    @property
    def taken_number(self) -> int:
        """How many steps were confirmed."""
        return sum(one.confirmed_at is not None for one in self.steps)


def average(step: TaperStep) -> Decimal:
    """mg that an average day of the step gives."""
    return step.dose_mg / step.every_n_days


def with_steps(rows: QuerySet[TaperPlan]) -> QuerySet[TaperPlan]:
    """The plans with all that pages show: `live_steps`, `live_checks`. Three queries, whatever the number."""
    steps = TaperStep.objects.filter(replaced_at=None).select_related("product", "order", "confirmed_by")
    checks = StepCheck.objects.filter(retracted_at=None).select_related("recorded_by")
    people = ("paused_by", "started_by", "ended_by", "created_by")
    return rows.select_related("patient", "prescription__drug", *people).prefetch_related(
        Prefetch("steps", steps.order_by("number"), to_attr="live_steps"),
        Prefetch("checks", checks.order_by("recorded_at", "pk"), to_attr="live_checks"),
    )


def live_steps(plan: TaperPlan) -> list[TaperStep]:
    """The steps that stand, in order; those loaded with it, else one query."""
    loaded: list[TaperStep] | None = getattr(plan, "live_steps", None)
    return loaded if loaded is not None else list(plan.steps.filter(replaced_at=None).order_by("number"))


def live_checks(plan: TaperPlan) -> list[StepCheck]:
    """The checks that are not in error, oldest first; those loaded with it, else one query."""
    loaded: list[StepCheck] | None = getattr(plan, "live_checks", None)
    if loaded is not None:
        return loaded
    return list(plan.checks.filter(retracted_at=None).order_by("recorded_at", "pk"))


def standing(plan: TaperPlan, today: date) -> Standing:
    """Where the plan stands. No query where it was loaded by `with_steps`."""
    steps = live_steps(plan)
    bare = Standing(plan, steps, today, None, None)
    if bare.next is None or bare.opens_on is None:
        return bare
    since = bare.last.confirmed_at if bare.last else plan.created_at
    zone = plan.patient.zone
    mine = [one for one in live_checks(plan) if one.recorded_at >= (since or plan.created_at)]
    counts = [one for one in mine if _day(one.recorded_at, zone) >= bare.opens_on]
    early = [one for one in mine if _day(one.recorded_at, zone) < bare.opens_on]
    return Standing(plan, steps, today, counts[-1] if counts else None, early[-1] if early else None)


def _day(moment: datetime, zone: object) -> date:
    return moment.astimezone(zone).date()  # type: ignore[arg-type]


def of_patient(patient_id: UUID) -> list[TaperPlan]:
    """Every plan of the patient, the newest first. Three queries."""
    return list(with_steps(TaperPlan.objects.filter(patient_id=patient_id)).order_by("-created_at", "-pk"))


@once
def running(patient_id: UUID) -> list[TaperPlan]:
    """What is under way or paused; not what was stopped otherwise meanwhile. Four queries, one where there is none."""
    rows = _running().filter(patient_id=patient_id)
    return list(with_steps(rows).order_by("created_at", "pk")) if rows.exists() else []


def running_of(patients: QuerySet[Patient]) -> list[TaperPlan]:
    """What is under way or paused of these patients. Three queries, whatever the number."""
    return list(with_steps(_running().filter(patient__in=patients)).order_by("created_at", "pk"))


def _running() -> QuerySet[TaperPlan]:
    return TaperPlan.objects.filter(
        state__in=RUNNING, prescription__stopped_on=None, prescription__retracted_at=None
    )  # fmt: skip


def open_plan(prescription_id: UUID) -> TaperPlan | None:
    """The draft or running plan of a prescription. Three queries."""
    return with_steps(TaperPlan.objects.filter(prescription_id=prescription_id, state__in=OPEN)).first()


def next_steps(prescriptions: Iterable[UUID | str]) -> dict[UUID, date]:
    """The day of the next planned step of each prescription whose plan is under way (R-RX-12). One query."""
    rows = (
        TaperStep.objects.filter(
            plan__prescription__in=these(prescriptions), plan__state="active", replaced_at=None, confirmed_at=None
        )
        .values("plan__prescription_id")
        .annotate(day=Min("on_day"))
    )
    return {row["plan__prescription_id"]: row["day"] for row in rows}


def history(plan: TaperPlan) -> list[TaperEvent]:
    """What happened to the plan, the oldest first. One query."""
    return list(plan.events.select_related("by").order_by("at", "pk"))


def pauses(events: Sequence[TaperEvent]) -> list[tuple[date, date | None, str]]:
    """The times in which the dose stayed: from, until (None: still), why."""
    found: list[tuple[date, date | None, str]] = []
    for one in events:
        if one.kind == EventKind.PAUSED:
            found.append((one.on_day, None, one.words))
        elif one.kind in (EventKind.RESUMED, EventKind.ENDED) and found and found[-1][1] is None:
            found[-1] = (found[-1][0], one.on_day, found[-1][2])
    return found


def units(prescription: Prescription, order: DoseOrder | None) -> tuple[Unit, ...]:
    """What the catalogue offers for the steps, in the release that is taken now, by mouth as now. One query."""
    if prescription.drug_id is None:
        return ()
    now = order.product if order else None
    mouth = now is None or not _special(now)
    rows = [
        one
        for one in Product.objects.filter(drug_id=prescription.drug_id, withdrawn=False).order_by("pk")
        if one.per in ("", "mL") and (now is None or one.release == now.release)
    ]
    return tuple(
        Unit(
            str(one.pk), one.form, in_mg(one.strength, one.unit), one.per, one.divisible,
            now is None or one.form == now.form,
        )
        for one in rows
        if (not _special(one) if mouth else now is not None and one.form == now.form)
    )  # fmt: skip


def _special(product: Product) -> bool:
    return any(word in product.form for word in NOT_BY_MOUTH)


def daily_mg(order: DoseOrder | None) -> Decimal:
    """mg that an average day of the order gives; 0 without one."""
    return in_mg(order.daily_amount, order.unit) if order else Decimal(0)


def drug_of(prescription: Prescription) -> DrugFacts | None:
    """What the knowledge says of its drug."""
    return knowledge.current().drug(prescription.drug.generic_name if prescription.drug else None)


def taking(patient_id: UUID, today: date) -> list[DrugFacts]:
    """What the patient takes, whoever prescribed it, as far as the catalogue knows it. One query."""
    known = knowledge.current()
    rows = Prescription.objects.filter(prescribing.not_over(today), patient_id=patient_id, drug__isnull=False)
    names = rows.values_list("drug__generic_name", flat=True).distinct()
    return [found for name in names if (found := known.drug(name))]


def stairs_of(steps: Iterable[TaperStep]) -> list[Stair]:
    """Steps as plain stairs."""
    return [Stair(one.on_day, one.dose_mg, one.every_n_days, one.parts, one.note) for one in steps]


def open_reviews(plan: TaperPlan) -> list[ReturnReview]:
    """The reviews of a plan, the newest first. One query."""
    return list(plan.reviews.select_related("score", "decided_by").order_by("-opened_at", "-pk"))
