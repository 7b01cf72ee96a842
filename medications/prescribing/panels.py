"""What prescribing offers to the ports: tab, chart panel, planned steps, lines of “unchanged”, tasks."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from clinic import clock
from clinic.ports import ChartTab, FutureStep, SinceLine, TaskKind
from medications.prescribing import calc, listing, queries
from medications.prescribing.models import DoseOrder
from patients.record.models import Patient

TAB_KEY = "medication"
TAB = ChartTab(TAB_KEY, "Medication", "prescribing:medication", "medication.read")
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


class Panel:
    """Port CHART_PANELS: what is taken, each with its dose and since when."""

    key = "medication"
    title = "Medication"
    capability = "medication.read"
    place = "third"
    template = "prescribing/panel.html"

    def context(self, patient: Patient, viewer: Any, since: datetime | None) -> dict[str, Any] | None:
        """Nine queries, whatever the number."""
        today = clock.today(patient.zone)
        lines = listing.active(patient.pk, today)
        return {"lines": lines, "patient": patient, "today": today, "told": listing.told(patient, viewer)}


def lanes(patient_id: UUID) -> list[FutureStep]:
    """Port CHART_LANES: changes and stops that are signed and still to come. Six queries."""
    today = queries.practice_today()
    steps = []
    for row in queries.active(patient_id, today):
        name = queries.series(row)
        ahead = [one for one in queries.orders_of(row) if one.from_day > today and one.until_day != one.from_day]
        steps += [FutureStep(name, one.from_day, calc.short(one.told[0]), one.told[1]) for one in ahead]
        if row.origin == "ours" and row.stopped_on is not None:
            steps.append(FutureStep(name, row.stopped_on, "0", ""))
    return sorted(steps, key=lambda step: (step.series, step.from_day))


def unchanged(patient: Patient, viewer: Any, since: datetime) -> Iterable[SinceLine]:
    """Port SINCE_LINES: what stayed as it was, and for how long. Six queries."""
    today = clock.today(patient.zone)
    rows = [
        row for row in queries.active(patient.pk, today)
        if row.origin == "ours" and row.held_at is None and row.stopped_on is None
    ]  # fmt: skip
    orders = [
        (order, row) for row in rows for order in queries.orders_of(row)
        if order.until_day is None and order.from_day <= today and order.signed_at <= since
    ]  # fmt: skip
    url = reverse("prescribing:medication", kwargs={"patient_id": patient.pk})
    for order, row in sorted(orders, key=lambda pair: pair[0].from_day):
        name = queries.generic_name(row).capitalize()
        dose = queries.dose(order)
        yield SinceLine(
            "m", name, f"unchanged, {dose} for {how_long(order.from_day, today)}", f"since {_day(order)}", url
        )


def _day(order: DoseOrder) -> str:
    return f"{order.from_day:%b} {order.from_day.day}"


def how_long(start: date, today: date) -> str:
    """A stretch of time as people say it: three days, seven weeks, five months."""
    days = max((today - start).days, 0)
    if days < 14:
        return counted(days, "day") if days else "today"
    if days < 120:
        return counted(days // 7, "week")
    return counted(days // 30, "month") if days < 730 else counted(days // 365, "year")


def counted(number: int, word: str) -> str:
    """seven weeks; 15 weeks; one day."""
    shown = NUMBERS[number - 1] if 1 <= number <= len(NUMBERS) else str(number)
    return f"{shown} {word}" if number == 1 else f"{shown} {word}s"


def task_kinds() -> list[TaskKind]:
    """Port TASK_KINDS: a medicine that the plan does not show yet (R-TP-08)."""
    return [
        TaskKind(
            "prescribing.plan", "Medicine not in the plan", "Show it in the plan", "prescribing:link",
            "medication.read", "m",
        )
    ]  # fmt: skip
