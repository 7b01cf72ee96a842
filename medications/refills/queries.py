"""Reading for the desk: what runs out, with everything the gates ask, in a fixed number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, F, Max, Min, OuterRef, Prefetch, Q, QuerySet

from clinic import clock
from clinic.practice import config
from clinic.staff.enums import Role
from clinic.staff.models import RoleGrant
from medications.catalogue.models import Drug
from medications.monitoring import queries as monitoring
from medications.pharmacies.enums import UNDONE
from medications.prescribing import queries as prescribing
from medications.prescribing.models import Authorisation, DoseOrder, Fill, HoldPeriod, LostSupply, Prescription
from medications.reconciling import queries as reconciling
from medications.reconciling.models import ReconciledLine
from medications.refills import calc, gates
from medications.refills.calc import Authorised, Filled, Forecast, Lost, forecast
from medications.refills.gates import Facts
from medications.refills.models import PharmacyAsk, RefillCall, RefillRequest
from medications.safety import knowledge
from medications.tapers import queries as tapers
from patients.inbox.models import Task
from patients.notes.enums import Contact, Kind
from patients.notes.models import Note
from patients.record.access import members, visible_patients
from patients.record.models import CareTeamMember
from patients.risk.models import RiskFlag
from patients.scheduling.enums import OPEN, Service, Status
from patients.scheduling.models import Attendance

if TYPE_CHECKING:
    from clinic.staff.models import User

ZONE = ZoneInfo(settings.TIME_ZONE)
VISIT_TASK = "refills.visit"  # the front desk's: a prescriber asks to see somebody first
NO_VISIT = (Contact.MISSED, Contact.TELEPHONE)


@dataclass(frozen=True)
class Running:
    """One active prescription of ours: its dose, what is authorised and was filled, the forecast, the gates' facts."""

    prescription: Prescription
    order: DoseOrder
    authorisations: Sequence[Authorisation]  # of this dose, in the order of issue, void ones too
    fills: Sequence[Fill]  # of this dose
    forecast: Forecast
    opens_on: date
    facts: Facts

    @property
    def due(self) -> bool:
        """Whether the desk is to be asked today; on hold nothing is dispensed."""
        return not self.facts.on_hold and self.facts.today >= self.opens_on

    @property
    def live(self) -> Authorisation | None:
        """What may be dispensed on this dose now."""
        return next((one for one in reversed(self.authorisations) if one.voided_at is None), None)

    def gates(self, days: int | None = None) -> list[dict[str, str]]:
        """Every gate's answer, for a supply of so many days (as usual)."""
        facts = self.facts if days is None else replace(self.facts, supply_days=days)
        return [gate.stored() for gate in gates.answers(facts)]


def running(today: date, *, only: Iterable[UUID] | None = None) -> list[Running]:
    """Every active prescription of ours that has a dose today. Twenty-four queries, whatever the number.

    `only`: those prescriptions and no others. What is to stop on a day that is set already gets no more refills.
    """
    rows = Prescription.objects.filter(prescribing.not_over(today), origin="ours", stopped_on=None)
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    return _running(list(prescribing.with_orders(rows.order_by("pk"))), today)


def to_answer(prescriptions: Sequence[UUID], today: date) -> list[Running]:
    """The same of many, with no more of each row than forecast and gates ask. Eighteen queries, whatever the number."""
    rows = Prescription.objects.filter(prescribing.not_over(today), origin="ours", stopped_on=None)
    doses = DoseOrder.objects.filter(retracted_at=None).order_by("from_day", "signed_at")
    doses = doses.only("prescription", "pack", "from_day", "until_day", "signed_at")
    fills = Fill.objects.filter(retracted_at=None).order_by("filled_on")
    losses = LostSupply.objects.filter(retracted_at=None).order_by("lost_on")
    rows = rows.filter(pk__in=prescriptions).order_by("pk").prefetch_related(
        Prefetch("drug", Drug.objects.only("generic_name", "schedule")),
        Prefetch("orders", doses, to_attr="live_orders"),
        Prefetch(
            "fills",
            fills.only("prescription", "authorisation", "filled_on", "days_supply", "partial", "completes"),
            to_attr="known_fills",
        ),
        Prefetch("losses", losses.only("prescription", "lost_on", "days"), to_attr="known_losses"),
    )  # fmt: skip
    return _running(list(rows.only("patient", "drug", "held_at")), today)


def _running(found: Sequence[Prescription], today: date) -> list[Running]:
    around = _Around(found, today)
    return [one for one in (around.of(row) for row in found) if one is not None]


class _Around:
    """What is asked once for all prescriptions: authorisations, holds, visits, risks, the practice's numbers."""

    def __init__(self, rows: Sequence[Prescription], today: date) -> None:
        keys, patients = [row.pk for row in rows], {row.patient_id for row in rows}
        self.today = today
        self.config = config.values(today)
        self.holds: dict[UUID, list[calc.Period]] = {}
        for hold in HoldPeriod.objects.filter(prescription__in=keys):
            self.holds.setdefault(hold.prescription_id, []).append((hold.from_day, hold.until_day))
        self.authorised: dict[UUID, list[Authorisation]] = {}
        for one in Authorisation.objects.filter(prescription__in=keys).order_by("issued_at", "pk"):
            self.authorised.setdefault(one.prescription_id, []).append(one)
        self.measured = monitoring.standing(rows, today)
        self.seen, self.next = last_seen(patients), next_visit(patients)
        self.planned, self.said = tapers.next_steps(keys), reconciling.said_of(patients)
        self.risky = set(
            RiskFlag.objects.filter(patient__in=patients, closed_at=None).values_list("patient_id", flat=True)
        )

    def of(self, row: Prescription) -> Running | None:
        order = prescribing.current_order(row, self.today)
        if order is None or row.drug is None:
            return None
        everything = self.authorised.get(row.pk, [])
        pack = _pack(row, order)
        begins, last = min(pack.values()), max(pack.values())
        mine = [one for one in everything if one.order_id in pack]
        known: list[Fill] = row.known_fills  # type: ignore[attr-defined]
        others = {one.pk for one in everything} - {one.pk for one in mine}
        fills = [
            fill for fill in known
            if fill.authorisation_id not in others and (fill.authorisation_id or fill.filled_on >= begins)
        ]  # fmt: skip
        losses: list[LostSupply] = [one for one in row.known_losses if one.lost_on >= begins]  # type: ignore[attr-defined]
        ends = forecast(
            [Filled(fill.filled_on, fill.days_supply) for fill in fills],
            [_authorised(one, fills) for one in mine],
            from_day=begins,
            today=self.today,
            holds=[hold for hold in self.holds.get(row.pk, []) if hold[1] is None or hold[1] > begins],
            losses=[Lost(loss.lost_on, loss.days) for loss in losses],
        )
        ends = replace(ends, authorised_end=ends.authorised_end + timedelta(days=_owed(mine, fills)))
        ahead = prescribing.next_order(row, self.today)
        if ahead is None or ahead.pk not in pack:
            ends = _with_next_dose(ends, ahead, everything)
        opens = calc.opens_on(
            ends.authorised_end, row.drug.schedule, lead_days=int(self.config["refill_lead_days"]),
            lead_days_ii=int(self.config["refill_lead_days_ii"]), last_step=last if last <= ends.supply_end else None,
        )  # fmt: skip
        return Running(row, order, mine, fills, ends, opens, self._facts(row, mine, ends, ahead, _lost(losses, fills)))

    def _facts(
        self, row: Prescription, mine: Sequence[Authorisation], ends: Forecast, ahead: DoseOrder | None,
        lost: date | None,
    ) -> Facts:  # fmt: skip
        assert row.drug is not None
        usual = usual_days(mine, int(self.config["refill_default_days"]))
        return Facts(
            today=self.today, schedule=row.drug.schedule, on_hold=row.held_at is not None,
            authorised_dose=any(one.voided_at is None or one.voided_reason == UNDONE for one in mine),
            next_change=ahead.from_day if ahead else None,
            last_seen=self.seen.get(row.patient_id), next_visit=self.next.get(row.patient_id),
            measured=self.measured[row.pk], risk_open=row.patient_id in self.risky,
            supply_end=ends.supply_end, supply_days=usual, confirmed=ends.confirmed,
            seen_within=int(self.config["prescriber_seen_days"]),
            early_fill_days=int(self.config["early_fill_days_cs"]), toxic=toxic(row.drug.generic_name),
            risk_days=int(self.config["risk_supply_days"]), planned_step=self.planned.get(row.pk),
            said=_said(self.said.get(row.pk)), lost=lost,
        )  # fmt: skip


def _pack(row: Prescription, order: DoseOrder) -> dict[UUID, date]:
    """The orders that share the supply of this one, with their first days: the steps of its titration pack, or it."""
    first = order.pack_id or order.pk
    return {
        one.pk: one.from_day for one in prescribing.orders_of(row)
        if first in (one.pk, one.pack_id) and one.until_day != one.from_day
    }  # fmt: skip


def _owed(mine: Sequence[Authorisation], fills: Sequence[Fill]) -> int:
    """The days that pharmacies still owe of what they dispensed in part; in Schedule II the rest lapses."""
    live = {one.pk: one.days_supply for one in mine if one.voided_at is None and one.schedule != "II"}
    done = {fill.completes_id for fill in fills}
    return sum(
        live[fill.authorisation_id] - fill.days_supply for fill in fills
        if fill.partial and fill.pk not in done and fill.authorisation_id in live
    )  # fmt: skip


def _lost(losses: Sequence[LostSupply], fills: Sequence[Fill]) -> date | None:
    """The day of the last loss since which nothing was dispensed."""
    last = max((one.lost_on for one in losses), default=None)
    return last if last is not None and not any(fill.filled_on > last for fill in fills) else None


def _said(line: ReconciledLine | None) -> tuple[str, date] | None:
    return (line.answer, line.reconciliation.recorded_at.astimezone(ZONE).date()) if line else None


def _authorised(one: Authorisation, fills: Sequence[Fill]) -> Authorised:
    used = sum(1 for fill in fills if fill.authorisation_id == one.pk and fill.completes_id is None)
    ended = one.voided_at.astimezone(ZONE).date() if one.voided_at else None
    return Authorised(one.earliest_fill_on or one.issued_on, one.days_supply, one.refills, used, one.expires_on, ended)


def _with_next_dose(ends: Forecast, ahead: DoseOrder | None, everything: Sequence[Authorisation]) -> Forecast:
    """A signed change that begins before this supply ends brings its own: nobody is asked until that runs out."""
    if ahead is None or ahead.from_day > ends.supply_end:
        return ends
    theirs = next((one for one in everything if one.order_id == ahead.pk and one.voided_at is None), None)
    if theirs is None:
        return ends
    lasts = ahead.from_day + timedelta(days=theirs.days_supply * (theirs.refills + 1))
    return replace(ends, authorised_end=max(lasts, ends.supply_end))


def usual_days(mine: Sequence[Authorisation], default: int) -> int:
    """The days of the last supply of this dose that was no bridge and no titration pack; else the usual ones."""
    last = next((one for one in reversed(mine) if not one.bridge and not one.directions), None)
    return last.days_supply if last else default


def toxic(generic_name: str) -> bool:
    """Whether an overdose is dangerous, by the same knowledge as the checks at signing (R-SI-04)."""
    drug = knowledge.current().drug(generic_name)
    return drug is not None and (drug.toxicity == "high" or "TCA" in drug.classes or "lithium" in drug.tags)


def prescribers() -> QuerySet[RoleGrant]:
    """Who holds the prescriber's role now."""
    return RoleGrant.objects.filter(role=Role.PRESCRIBER, ended_at=None)


def last_seen(patients: Iterable[UUID]) -> dict[UUID, date]:
    """The last visit of each patient with any prescriber: completed on the schedule, or a signed note. Two queries."""
    known = list(patients)
    who = prescribers().values("user")
    held = Attendance.objects.filter(patient__in=known, status=Status.COMPLETED, segment__clinician__in=who)
    written = Note.objects.filter(
        patient__in=known, kind=Kind.MEDICATION, signed_at__isnull=False, retracted_at=None
    ).exclude(contact__in=NO_VISIT)
    found: dict[UUID, datetime] = {}
    for rows in (
        held.exclude(segment__service=Service.TELEPHONE).values("patient_id").annotate(at=Max("segment__starts_at")),
        written.values("patient_id").annotate(at=Max("started_at")),
    ):
        for row in rows:
            found[row["patient_id"]] = max(row["at"], found.get(row["patient_id"], row["at"]))
    return {key: moment.astimezone(ZONE).date() for key, moment in found.items()}


def next_visit(patients: Iterable[UUID]) -> dict[UUID, date]:
    """The next visit of each patient that is booked with any prescriber. One query."""
    rows = (
        Attendance.objects.filter(
            patient__in=list(patients), status__in=OPEN, segment__starts_at__gt=clock.now(),
            segment__clinician__in=prescribers().values("user"),
        )
        .exclude(segment__service=Service.TELEPHONE)
        .values("patient_id")
        .annotate(at=Min("segment__starts_at"))
    )  # fmt: skip
    return {row["patient_id"]: row["at"].astimezone(ZONE).date() for row in rows}


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
    """What the requests' prescriptions look like now. Twenty-four queries."""
    return {one.prescription.pk: one for one in running(today, only=[row.prescription_id for row in rows])}
