"""What this room offers to the ports: the patient's tab, a fact of each medicine, task kinds, lines of the day."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.urls import reverse

from clinic import clock, permissions
from clinic.ports import ChartTab, DayLine, SupplyWay, TaskKind
from clinic.practice import config
from medications.pharmacies import queries, rules, ways
from medications.pharmacies.actions.common import FAILED, REFUSED, UNANSWERED, UNFILLED, UNMATCHED, UNTOLD
from medications.pharmacies.models import Transmission
from medications.pharmacies.ways import Way
from patients.record import access
from patients.record.models import Patient

if TYPE_CHECKING:
    from clinic.staff.models import User

TAB_KEY = "pharmacy"
TAB = ChartTab(TAB_KEY, "Pharmacy", "pharmacies:preferred", "pharmacy.choose")
PAGE = "pharmacies:transmission"
NO_PHARMACY = "No pharmacy is chosen: it is printed for the patient."


class OnItsWay:
    """Port MEDICATION_PARTS: where the newest prescription of each medicine is, with its undo."""

    template = "pharmacies/part.html"

    def of(self, patient: Patient, viewer: "User", prescriptions: Collection[UUID]) -> dict[UUID, Way]:
        """Two queries, whatever the number."""
        rights = access.capabilities(viewer, patient.pk)
        may, tell = "medication.prescribe" in rights, "medication.report" in rights
        found = queries.of_prescriptions(prescriptions)
        return {key: ways.of(row, may=may, may_tell=tell) for key, row in found.items()}


def supply_way(patient_id: UUID, *, by: "User", schedule: str) -> SupplyWay:
    """Port SUPPLY_WAY: to the patient's pharmacy, on paper, or (controlled) into the certified module. One query."""
    if schedule:
        return SupplyWay("Goes onto the list for the certified module: Tandem sends no controlled substance.")
    chosen = queries.preferred(patient_id)
    words = f"Leaves for {chosen.pharmacy.name} ten seconds after it is signed." if chosen else NO_PHARMACY
    return SupplyWay(words, rules.no_npi(by) or "")


def task_kinds() -> list[TaskKind]:
    """Port TASK_KINDS: what did not leave, what nobody filled, what a pharmacy still has to be told."""
    return [
        TaskKind(FAILED, "Prescription not sent", "Send it again", PAGE, "medication.prescribe", "m"),
        TaskKind(UNFILLED, "Not filled", "See where it is", PAGE, "medication.prescribe", "m", by_hand=True),
        TaskKind(UNTOLD, "Pharmacy to be told", "Tell the pharmacy", PAGE, "medication.prescribe", "m"),
        TaskKind(UNANSWERED, "Pharmacy not answered", "Call it", PAGE, "medication.prescribe", "m", by_hand=True),
        TaskKind(
            REFUSED, "Renewal to be cleared", "Call the pharmacy", PAGE, "medication.prescribe", "m", by_hand=True
        ),
        TaskKind(UNMATCHED, "Message of a pharmacy", "Clear it", "pharmacies:messages", "pharmacy.messages"),
    ]


def my_day(user: "User", day: date) -> list[DayLine]:
    """Port MY_DAY_LINES: what did not leave, and what nobody filled. Three queries, none without the right."""
    if not permissions.may(user.held_roles(), "medication.prescribe"):
        return []
    days = int(config.value("unfilled_days", day))
    before = clock.now() - timedelta(days=days)
    failed = [_line(row, "A prescription did not reach the pharmacy.") for row in queries.failed_for(user)]
    words = f"A prescription sent {days} days ago or more is not reported filled."
    return failed + [_line(row, words) for row in queries.unfilled_for(user, before)]


def _line(row: Transmission, words: str) -> DayLine:
    return DayLine(row.patient_id, "m", words, reverse(PAGE, kwargs={"patient_id": row.patient_id, "pk": row.pk}))
