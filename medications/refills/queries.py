"""Reading for the desk: what runs out, with everything the gates ask, in a fixed number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Max, Min, Prefetch, QuerySet, prefetch_related_objects

from clinic import clock, permissions
from clinic.practice import config
from medications.prescribing import queries as prescribing
from medications.prescribing.models import Authorisation, DoseOrder, HoldPeriod, Prescription
from medications.refills.calc import Authorised, Filled, Forecast, forecast
from medications.refills.gates import Facts
from medications.refills.models import RefillCall, RefillRequest
from patients.record.access import visible_patients
from patients.record.models import Patient
from patients.risk.models import RiskFlag
from patients.scheduling.enums import OPEN, Status
from patients.scheduling.models import Attendance

if TYPE_CHECKING:
    from clinic.staff.models import User


@dataclass(frozen=True)
class Running:
    """One active prescription of ours with its forecast and the facts for its gates."""

    prescription: Prescription
    order: DoseOrder
    authorisation: Authorisation | None
    forecast: Forecast
    facts: Facts


def running(today: date, *, only: Iterable[UUID] | None = None) -> list[Running]:
    """Every active prescription of ours that has a dose today. Nine queries, whatever the number.

    `only`: those prescriptions and no others.
    """
    rows = Prescription.objects.filter(prescribing.not_over(today), origin="ours")
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    found = list(prescribing.with_orders(rows))
    around = _Around(found, today)
    return [one for one in (around.of(row) for row in found) if one is not None]


class _Around:
    """What is asked once for all prescriptions: holds, visits, risks, the practice's numbers."""

    def __init__(self, rows: Sequence[Prescription], today: date) -> None:
        patients = {row.patient_id for row in rows}
        self.today = today
        self.config = config.values(today)
        self.holds: dict[UUID, list[Any]] = {}
        for hold in HoldPeriod.objects.filter(prescription__in=[row.pk for row in rows]):
            self.holds.setdefault(hold.prescription_id, []).append((hold.from_day, hold.until_day))
        visits = Attendance.objects.filter(patient__in=patients).values("patient_id", "segment__clinician_id")
        self.seen: dict[tuple[UUID, UUID | None], date] = {
            (v["patient_id"], v["segment__clinician_id"]): v["last"].date()
            for v in visits.filter(status=Status.COMPLETED).annotate(last=Max("segment__starts_at"))
        }
        self.next: dict[tuple[UUID, UUID | None], date] = {
            (v["patient_id"], v["segment__clinician_id"]): v["first"].date()
            for v in visits.filter(status__in=OPEN, segment__starts_at__gt=clock.now()).annotate(
                first=Min("segment__starts_at")
            )
        }
        self.risky = set(
            RiskFlag.objects.filter(patient__in=patients, closed_at=None).values_list("patient_id", flat=True)
        )

    def of(self, row: Prescription) -> Running | None:
        order = prescribing.current_order(row, self.today)
        if order is None or row.drug is None:
            return None
        live = prescribing.live_authorisation(row)
        fills = [f for f in row.known_fills if f.filled_on >= order.from_day]  # type: ignore[attr-defined]
        used = sum(1 for fill in fills if live is not None and fill.authorisation_id == live.pk)
        told = Authorised(live.issued_on, live.days_supply, live.refills, used, live.expires_on) if live else None
        ends = forecast(
            [Filled(fill.filled_on, fill.days_supply) for fill in fills], told, from_day=order.from_day,
            holds=[h for h in self.holds.get(row.pk, []) if h[1] is None or h[1] > order.from_day],
        )  # fmt: skip
        return Running(row, order, live, ends, self._facts(row, order, live, ends))

    def _facts(self, row: Prescription, order: DoseOrder, live: Authorisation | None, ends: Forecast) -> Facts:
        who = (row.patient_id, row.prescriber_id)
        ahead = prescribing.next_order(row, self.today)
        drug = row.drug
        assert drug is not None
        return Facts(
            today=self.today, schedule=drug.schedule, refills_used=live.refills - ends.remaining if live else 0,
            on_hold=row.held_at is not None, authorised_dose=live is not None and live.order_id == order.pk,
            next_change=ahead.from_day if ahead else None, last_seen=self.seen.get(who),
            next_visit=self.next.get(who), risk_open=row.patient_id in self.risky, supply_end=ends.supply_end,
            supply_days=live.days_supply if live else int(self.config["refill_default_days"]),
            confirmed=ends.confirmed, seen_within=int(self.config["prescriber_seen_days"]),
            early_fill_days=int(self.config["early_fill_days_cs"]),
            toxic=drug.facts.get("overdose_toxicity") == "high", risk_days=int(self.config["risk_supply_days"]),
        )  # fmt: skip


def desk(user: "User", state: str = "requested") -> QuerySet[RefillRequest]:
    """The requests of patients for whom the person may decide, the first to run out first. One query."""
    patients = Patient.objects.filter(visible_patients(user, "refill.decide"))
    rows = RefillRequest.objects.filter(patient__in=patients).select_related(
        "patient", "prescription__drug", "prescription__prescriber", "decided_by", "authorisation"
    )
    if state == "requested":
        return rows.filter(state="requested").order_by("supply_end", "opened_at")
    return rows.exclude(state="requested").order_by("-decided_at")


def with_current_orders(rows: Iterable[RefillRequest], today: date) -> list[RefillRequest]:
    """The requests with the orders of their prescriptions loaded. One query more."""
    found = list(rows)
    prefetch_related_objects(
        [row.prescription for row in found],
        Prefetch(
            "orders",
            DoseOrder.objects.filter(retracted_at=None).select_related("product").order_by("from_day", "signed_at"),
            to_attr="live_orders",
        ),
    )
    return found


def calls(user: "User") -> QuerySet[RefillCall]:
    """Patients who ask for a refill call, of those for whom the person may decide. One query."""
    patients = Patient.objects.filter(visible_patients(user, "refill.decide"))
    return RefillCall.objects.filter(patient__in=patients, done_at=None).select_related("patient").order_by("asked_at")


def nav_count(user: "User") -> dict[str, int]:
    """Port NAV_COUNTS: how many requests wait at the person's desk. One query, none without the right."""
    if not permissions.may(user.held_roles(), "refill.decide"):
        return {}
    return {"refills:desk": desk(user).count()}
