"""Prescriptions as the Medication tab and the chart's panel tell them: one line each, what for, run-out, findings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from clinic.ports import ListTold, RunOut, load
from medications.prescribing import plans, queries, rhythms
from medications.prescribing.models import Authorisation, DoseOrder, Fill, LostSupply, Prescription, StoredFinding
from patients.record.models import Patient

NOTHING: Mapping[UUID, date] = {}
UNKNOWN: Mapping[UUID, RunOut] = {}
SEVERITY = {"stop": "stop", "ask": "ask", "note": "note"}


@dataclass(frozen=True)
class Line:
    """One prescription with everything that its row shows."""

    row: Prescription
    name: str
    order: DoseOrder | None
    ahead: DoseOrder | None
    later: Sequence[DoseOrder]  # what is signed to follow that: further steps of a titration pack
    what_for: str
    due: date | None  # what is not taken daily: the next day on which it is; a depot that was not given stays due
    given: date | None  # of a depot, the day on which it was given last
    authorised: Authorisation | None
    fills_left: int
    runs_out: RunOut | None = None  # of the dose in force; None: nobody asked, or there is nothing to count from
    supply_over: bool = False
    sample: bool = False  # what the patient has of it is a sample
    findings: Sequence[StoredFinding] = ()
    unchecked: Sequence[StoredFinding] = ()
    past: Sequence[DoseOrder] = ()
    struck: Sequence[DoseOrder] = ()

    @property
    def earlier(self) -> list[DoseOrder]:
        """The other orders, newest first; those entered in error stay among them."""
        return sorted([*self.past, *self.struck], key=lambda one: (one.from_day, one.signed_at), reverse=True)

    @property
    def amount(self) -> str:
        """What a day gives, or an injection, with a no-break space."""
        order = self.order or self.ahead
        return queries.dose(order) if order else ""

    @property
    def depot(self) -> bool:
        """Whether it is a long-acting injection: given, not taken."""
        order = self.order or self.ahead
        return order is not None and queries.is_depot(order)

    @property
    def rate(self) -> str:
        """The amount with how often: “50 mg a day”, “400 mg every 4 weeks”."""
        order = self.order or self.ahead
        if order is None:
            return ""
        return self.amount if order.every_days > 1 and "injection" in order.product.form else f"{self.amount} a day"


@dataclass(frozen=True)
class Medicines:
    """All of a patient's medicines, in the groups in which they are shown."""

    ours: Sequence[Line]
    elsewhere: Sequence[Line]
    stopped: Sequence[Line]
    in_error: Sequence[Line]


def medicines(patient_id: UUID, today: date) -> Medicines:
    """Every medicine of the patient. Twelve queries at most, whatever the number."""
    rows = queries.everything(patient_id)
    names = plans.titles(patient_id, {target.problem_id for row in rows for target in _targets(row)})
    said = findings([order.pk for row in rows for order in queries.orders_of(row)])
    struck, given, ends = queries.struck_orders(patient_id), last_given(rows), run_out(rows, today)
    lines = [line(row, today, names, said, struck.get(row.pk, ()), given, ends) for row in rows]
    live = [one for one in lines if one.row.retracted_at is None and not _over(one.row, today)]
    return Medicines(
        ours=[one for one in live if one.row.origin == "ours"],
        elsewhere=[one for one in live if one.row.origin != "ours"],
        stopped=[one for one in lines if one.row.retracted_at is None and _over(one.row, today)],
        in_error=[one for one in lines if one.row.retracted_at is not None],
    )


def active(patient_id: UUID, today: date) -> list[Line]:
    """What is taken now, for the chart's panel: ours first. Seven queries at most, whatever the number."""
    rows = queries.active(patient_id, today)
    names = plans.titles(patient_id, {target.problem_id for row in rows for target in _targets(row)})
    given = last_given(rows)
    lines = [line(row, today, names, {}, given=given) for row in rows]
    return sorted(lines, key=lambda one: (one.row.origin != "ours", one.row.started_on))


def told(patient: Patient, viewer: Any) -> ListTold:
    """When the list was gone through with the patient, and what they said (port MEDICINE_LIST), with its queries."""
    found: list[ListTold] = [room(patient, viewer) for room in load("MEDICINE_LIST")]
    return found[0] if found else ListTold()


def supplies(prescription_id: UUID) -> list[Fill | LostSupply]:
    """What was dispensed and what was lost, those in error too, the newest first. Two queries."""
    rows: list[Fill | LostSupply] = [
        *Fill.objects.filter(prescription_id=prescription_id).select_related("recorded_by"),
        *LostSupply.objects.filter(prescription_id=prescription_id).select_related("recorded_by"),
    ]
    return sorted(rows, key=lambda one: one.filled_on if isinstance(one, Fill) else one.lost_on, reverse=True)


def findings(orders: Sequence[UUID]) -> dict[UUID, list[StoredFinding]]:
    """What was said at each signature, worst first. One query."""
    found: dict[UUID, list[StoredFinding]] = {}
    order_of = {"stop": 0, "ask": 1, "note": 2, "not_checked": 3}
    rows = StoredFinding.objects.filter(order_id__in=orders)
    for row in sorted(rows, key=lambda one: (order_of[one.level], one.code)):
        found.setdefault(row.order_id, []).append(row)
    return found


def line(
    row: Prescription,
    today: date,
    names: dict[UUID, str],
    said: dict[UUID, list[StoredFinding]],
    struck: Sequence[DoseOrder] = (),
    given: Mapping[UUID, date] = NOTHING,
    ends: Mapping[UUID, RunOut] = UNKNOWN,
) -> Line:
    """One prescription as it is told."""
    # The steps of a titration pack do not go on while none is taken: it stands as it was when the hold began.
    day = (queries.held_since(row) or today) if queries.held_step(row, today) else today
    order, ahead = queries.current_order(row, day), queries.next_order(row, day)
    shown = order or ahead or queries.last_order(row, day)
    stored = [one for pk in signed_with(shown) for one in said.get(pk, [])]
    later = queries.after_next(row, day)
    live = queries.live_authorisation(row)
    fills = list(getattr(row, "known_fills", []))
    used = sum(live is not None and fill.authorisation_id == live.pk and fill.completes_id is None for fill in fills)
    problems = [names[target.problem_id] for target in _targets(row) if target.problem_id in names]
    name = queries.generic_name(row)
    runs_out = ends.get(row.pk)
    return Line(
        row=row,
        name=name.capitalize() if row.drug else name,
        order=order if order or ahead else shown,
        ahead=ahead,
        later=later,
        what_for="; ".join(dict.fromkeys([*problems, *([row.target_symptom] if row.target_symptom else [])])),
        due=due(row, today, given),
        given=given.get(row.pk),
        runs_out=runs_out,
        supply_over=runs_out is not None and runs_out.on <= today,
        authorised=live,
        sample=bool(fills) and bool(fills[-1].lot) and not live,
        fills_left=max(live.refills + 1 - used, 0) if live else 0,
        findings=[one for one in stored if one.level != "not_checked"],
        unchecked=[one for one in stored if one.level == "not_checked"],
        past=[one for one in queries.orders_of(row) if one not in (shown, ahead, *later)],
        struck=struck,
    )


def signed_with(order: DoseOrder | None) -> list[UUID]:
    """An order and the first of its titration pack, with which what stood against it is kept."""
    return [pk for pk in (order.pack_id, order.pk) if pk is not None] if order else []


def last_given(rows: Sequence[Prescription]) -> dict[UUID, date]:
    """When each depot among these was given last (port LAST_GIVEN), with its queries; none where there is no depot."""
    depots = [row.pk for row in rows if any(queries.is_depot(order) for order in queries.orders_of(row))]
    found: dict[UUID, date] = {}
    for room in load("LAST_GIVEN") if depots else ():
        found |= room(depots)
    return found


def run_out(rows: Sequence[Prescription], today: date) -> dict[UUID, RunOut]:
    """When the supply of each runs out, as the refill desk tells it (port RUN_OUT), with its queries; of ours only."""
    ours = [row.pk for row in rows if row.origin == "ours" and row.retracted_at is None and not _over(row, today)]
    found: dict[UUID, RunOut] = {}
    for room in load("RUN_OUT") if ours else ():
        found |= room(ours, today)
    return found


def due(row: Prescription, today: date, given: Mapping[UUID, date]) -> date | None:
    """The next day of what is not taken daily; None on hold and at its end. The prescription is loaded with its orders.

    Counted from the first day of its order; a depot from the day on which it was given last (`given`), and one that
    was not given stays due on its day.
    """
    order, ahead = queries.current_order(row, today), queries.next_order(row, today)
    found = None
    if order is not None and queries.is_depot(order):
        found = rhythms.after_given(order.from_day, order.every_days, given.get(row.pk), order.until_day)
    elif order is not None:
        found = rhythms.due_after(order.from_day, order.every_days, today, order.until_day)
    if found is None and ahead is not None and ahead.every_days > 1:
        found = ahead.from_day
    over = row.held_at is not None or (found is not None and row.stopped_on is not None and row.stopped_on <= found)
    return None if over else found


def _targets(row: Prescription) -> list[Any]:
    return list(getattr(row, "for_what", []))


def _over(row: Prescription, today: date) -> bool:
    return row.stopped_on is not None and row.stopped_on <= today
