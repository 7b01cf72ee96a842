"""When each prescription runs out and what each gate answers (R-RX-11, R-RX-12), for the desk and for the night."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from clinic.ports import RunOut
from clinic.practice import config
from clinic.rows import these
from medications.monitoring import queries as monitoring
from medications.pharmacies.enums import UNDONE
from medications.reconciling import queries as reconciling
from medications.reconciling.models import ReconciledLine
from medications.refills import calc, gates, reading
from medications.refills.calc import Authorised, Filled, Forecast, Lost, forecast
from medications.refills.gates import Facts
from medications.refills.reading import Dispensed, Known, Order, Supply
from medications.refills.seeing import last_seen, next_visit
from medications.safety import knowledge
from medications.tapers import queries as tapers
from patients.risk.models import RiskFlag

ZONE = ZoneInfo(settings.TIME_ZONE)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answered:
    """One prescription that has a dose today: the forecast and the gates' facts. Keys as text.

    `pack`: the orders that share the supply of the dose in force; `supplies`, `fills`: those of them.
    """

    key: str
    patient: str
    order: str
    pack: frozenset[str]
    supplies: Sequence[Supply]
    fills: Sequence[Dispensed]
    forecast: Forecast
    opens_on: date
    facts: Facts

    @property
    def due(self) -> bool:
        """Whether the desk is to be asked today; on hold nothing is dispensed."""
        return not self.facts.on_hold and self.facts.today >= self.opens_on

    def gates(self, days: int | None = None) -> list[dict[str, str]]:
        """Every gate's answer, for a supply of so many days (as usual)."""
        facts = self.facts if days is None else replace(self.facts, supply_days=days)
        return [gate.stored() for gate in gates.answers(facts)]


def answered(prescriptions: Iterable[UUID | str], today: date) -> list[Answered]:
    """Those that are ours, go on, and have a dose today. Twelve queries, whatever the number."""
    found = reading.known(prescriptions)
    around = _Around(found, today)
    return [one for one in map(around.of, found) if one is not None]


def run_out(prescriptions: Iterable[UUID | str], today: date) -> dict[UUID, RunOut]:
    """Port RUN_OUT: the day that the desk tells, also of what is on hold or is to stop on a later day. One query."""
    found = {}
    for row in reading.known(prescriptions, stops_after=today):
        order = row.order(today)
        if order is None:
            continue
        one = _ends(row, order, today)
        if one.fills or one.forecast.supply_end > min(one.pack.values()):  # else there is nothing to count from
            found[UUID(row.key)] = RunOut(one.forecast.supply_end, one.forecast.confirmed, bool(one.fills))
    return found


@dataclass(frozen=True, slots=True)
class _Ends:
    """The forecast of the dose in force, and from which rows it follows: those of its pack and no other dose's."""

    pack: Mapping[str, date]
    supplies: Sequence[Supply]
    fills: Sequence[Dispensed]
    losses: Sequence[Lost]
    forecast: Forecast


def _ends(row: Known, order: Order, today: date) -> _Ends:
    pack = _pack(row, order)
    begins = min(pack.values())
    mine = [one for one in row.supplies if one.order in pack]
    others = {one.key for one in row.supplies} - {one.key for one in mine}
    fills = [one for one in row.fills if one.supply not in others and (one.supply or one.on >= begins)]
    losses = [one for one in row.losses if one.on >= begins]
    ends = forecast(
        [Filled(one.on, one.days) for one in fills],
        [_authorised(one, fills) for one in mine],
        from_day=begins,
        today=today,
        # A hold that goes on has used nothing up to today.
        holds=[(on, until or max(on, today)) for on, until in row.holds if until is None or until > begins],
        losses=losses,
    )
    ends = replace(ends, authorised_end=ends.authorised_end + timedelta(days=_owed(mine, fills)))
    return _Ends(pack, mine, fills, losses, ends)


class _Around:
    """What is asked once for all prescriptions: visits, risks, what is measured, the practice's numbers."""

    def __init__(self, rows: Sequence[Known], today: date) -> None:
        keys, patients = [row.key for row in rows], {row.patient for row in rows}
        self.today = today
        self.config = config.values(today)
        self.measured = monitoring.standing([(row.key, row.patient, row.drug) for row in rows], today)
        self.seen, self.next = _as_text(last_seen(patients)), _as_text(next_visit(patients))
        self.planned, self.said = _as_text(tapers.next_steps(keys)), _as_text(reconciling.said_of(patients))
        flags = RiskFlag.objects.filter(patient__in=these(patients), closed_at=None)
        self.risky = {str(patient) for patient in flags.values_list("patient_id", flat=True)}

    def of(self, row: Known) -> Answered | None:
        order = row.order(self.today)
        if order is None:
            return None
        known = _ends(row, order, self.today)
        pack, mine, fills, ends = known.pack, known.supplies, known.fills, known.forecast
        last = max(pack.values())
        ahead = row.next_order(self.today)
        if ahead is None or ahead.key not in pack:
            ends = _with_next_dose(ends, ahead, row.supplies)
        opens = calc.opens_on(
            ends.authorised_end, row.schedule, lead_days=int(self.config["refill_lead_days"]),
            lead_days_ii=int(self.config["refill_lead_days_ii"]), last_step=last if last <= ends.supply_end else None,
        )  # fmt: skip
        lost = max((one.on for one in known.losses), default=None)
        if lost is not None and any(one.on > lost for one in fills):
            lost = None  # something was dispensed since
        facts = self._facts(row, known, ends, lost)
        return Answered(row.key, row.patient, order.key, frozenset(pack), mine, fills, ends, opens, facts)

    def _facts(self, row: Known, known: _Ends, ends: Forecast, lost: date | None) -> Facts:
        mine = known.supplies
        usual = next((one.days for one in reversed(mine) if one.usual), int(self.config["refill_default_days"]))
        return Facts(
            today=self.today, schedule=row.schedule, on_hold=row.on_hold,
            authorised_dose=any(one.ended_on is None or one.voided_reason == UNDONE for one in mine),
            next_change=next((one.from_day for one in row.ahead(self.today) if one.key not in known.pack), None),
            steps=tuple(sorted(on for on in known.pack.values() if on > self.today)),
            last_seen=self.seen.get(row.patient), next_visit=self.next.get(row.patient),
            measured=self.measured[row.key], risk_open=row.patient in self.risky,
            supply_end=ends.supply_end, supply_days=usual, confirmed=ends.confirmed,
            seen_within=int(self.config["prescriber_seen_days"]),
            early_fill_days=int(self.config["early_fill_days_cs"]), toxic=toxic(row.drug),
            risk_days=int(self.config["risk_supply_days"]), planned_step=self.planned.get(row.key),
            said=_said(self.said.get(row.key)), lost=lost,
        )  # fmt: skip


def _as_text(found: Mapping[UUID, T]) -> dict[str, T]:
    return {str(key): one for key, one in found.items()}


def _pack(row: Known, order: Order) -> dict[str, date]:
    """The orders that share the supply of this one, with their first days: the steps of its titration pack, or it."""
    first = order.pack or order.key
    return {one.key: one.from_day for one in row.orders if first in (one.key, one.pack) and one.holds}


def _owed(mine: Sequence[Supply], fills: Sequence[Dispensed]) -> int:
    """The days that pharmacies still owe of what they dispensed in part, pieces of the rest taken off; none in II."""
    live = {one.key: one.days for one in mine if one.ended_on is None and one.schedule != "II"}
    done = {fill.completes for fill in fills if not fill.partial}
    return sum(
        (0 if fill.completes else live[fill.supply]) - fill.days for fill in fills
        if fill.partial and fill.supply in live and (fill.completes or fill.key) not in done
    )  # fmt: skip


def _said(line: ReconciledLine | None) -> tuple[str, date] | None:
    return (line.answer, line.reconciliation.recorded_at.astimezone(ZONE).date()) if line else None


def _authorised(one: Supply, fills: Sequence[Dispensed]) -> Authorised:
    used = sum(1 for fill in fills if fill.supply == one.key and fill.completes is None)
    return Authorised(one.issued_on, one.days, one.refills, used, one.expires_on, one.ended_on)


def _with_next_dose(ends: Forecast, ahead: Order | None, everything: Sequence[Supply]) -> Forecast:
    """A signed change that begins before this supply ends brings its own: nobody is asked until that runs out."""
    if ahead is None or ahead.from_day > ends.supply_end:
        return ends
    theirs = next((one for one in everything if one.order == ahead.key and one.ended_on is None), None)
    if theirs is None:
        return ends
    lasts = ahead.from_day + timedelta(days=theirs.days * (theirs.refills + 1))
    return replace(ends, authorised_end=max(lasts, ends.supply_end))


def toxic(generic_name: str) -> bool:
    """Whether an overdose is dangerous, by the same knowledge as the checks at signing (R-SI-04)."""
    drug = knowledge.current().drug(generic_name)
    return drug is not None and (drug.toxicity == "high" or "TCA" in drug.classes or "lithium" in drug.tags)
