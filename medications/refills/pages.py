"""What the desk shows: a line for each request as it is now, and the open one with all that a decision needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from clinic.ports import load
from clinic.practice import config
from medications.pharmacies import backends
from medications.prescribing import checks, remainders
from medications.prescribing.actions import Supply
from medications.refills import calc, gates, queries, rules
from medications.refills.actions import usual_supply
from medications.refills.actions.deciding import supply_for
from medications.refills.models import PharmacyAsk, RefillRequest
from medications.refills.queries import Running
from medications.safety.enums import Level
from patients.scheduling import messages

if TYPE_CHECKING:
    from clinic.staff.models import User

COLUMNS = ("order", "dose", "seen", "booked", "monitoring", "risk", "change", "early", "fills")
SHOWN = 200
IN_DETAIL = ("Allergies", "Risk", "Care team")


@dataclass(frozen=True)
class Line:
    """One request with its prescription as it is at this moment."""

    request: RefillRequest
    now: Running
    answers: list[dict[str, str]]

    @property
    def cells(self) -> list[dict[str, str]]:
        """The gates in the order of the columns; under the order stands, too, what the schedule refuses and how the
        patient says that it is taken."""
        known = {gate["gate"]: gate for gate in self.answers}
        if known["order"]["answer"] == calc.Answer.IN_ORDER:
            known["order"] = known.get("taken", known["order"])
        if known["schedule"]["answer"] == calc.Answer.REFUSE:
            known["order"] = known["schedule"]
        return [known[name] for name in COLUMNS]

    @property
    def asks(self) -> list[PharmacyAsk]:
        """The pharmacies that ask for it, loaded with the request."""
        return list(self.request.pharmacy_asks.all())

    @property
    def usual(self) -> Supply:
        """What it would be signed with: as last time."""
        return usual_supply(self.now)

    @property
    def directions(self) -> str:
        """What a usual supply says while steps of a titration pack are still to begin in it; else nothing."""
        steps = remainders.reached(self.now.order, self.now.facts.today, self.usual.days)
        return remainders.directions(self.now.order, steps)

    @property
    def days(self) -> int:
        """Days of supply that are left; negative: out."""
        return calc.days_left(self.now.forecast.supply_end, self.now.facts.today)

    @property
    def early(self) -> str | None:
        """That a pharmacy asks before it is due, and what signing it would replace."""
        return rules.early(self.now.due, self.now.opens_on, self.now.forecast.remaining)

    @property
    def against(self) -> list[dict[str, str]]:
        """What asks for a reason."""
        return gates.against(self.answers)

    @property
    def refused(self) -> dict[str, str] | None:
        """What refuses a refill."""
        return gates.refused(self.answers)

    @property
    def anew(self) -> bool:
        """Whether a new prescription is the way: nothing but the schedule refuses (R-RX-01)."""
        return self.refused is not None and gates.refused(self.answers, but="schedule") is None

    @property
    def brief(self) -> str:
        """What stands against it, in a few words."""
        found = ([self.refused] if self.refused else []) + self.against
        told = [gate["brief"] for gate in found] + (["asked for early"] if self.early else [])
        words = "; ".join(told) or "nothing stands against it"
        return words[:1].upper() + words[1:]


def lines(viewer: "User", today: date) -> list[Line]:
    """What waits for the viewer and is still due, the first to run out first. Twenty-one queries."""
    rows = list(queries.desk(viewer)[:SHOWN])
    now = queries.by_prescription(rows, today)
    found = [line for row in rows if (line := line_of(row, now.get(row.prescription_id)))]
    return sorted(found, key=lambda line: (line.now.forecast.supply_end, line.request.opened_at, line.request.pk))


def line_of(row: RefillRequest, now: Running | None) -> Line | None:
    """The line of a request; None if it was decided, or nothing is due any more."""
    if row.state != "requested" or now is None or not (now.due or row.pharmacy_asks.all()) or now.facts.on_hold:
        return None
    return Line(row, now, now.gates())


def initial(line: Line) -> dict[str, Any]:
    """What is suggested: as last time; fewer days while a risk is open and an overdose is dangerous (R-SI-04)."""
    usual, facts = usual_supply(line.now), line.now.facts
    if facts.risk_open and facts.toxic and usual.days > facts.risk_days:
        usual = supply_for(line.now.order, facts.risk_days)
    most = int(config.value("bridge_days", facts.today))
    return {
        "quantity": usual.quantity, "days": usual.days, "refills": usual.refills,
        "bridge_days": min(usual.days, most),
    }  # fmt: skip


def in_order(found: Sequence[Line]) -> list[Line]:
    """Those that may be signed with others: every gate in order, none unknown, nothing controlled, none early."""
    return [line for line in found if not rules.batch(line.answers, line.now.facts.schedule, line.days, line.early)]


def bridged(line: Line) -> dict[str, str] | None:
    """The gate that a second bridge meets (R-RX-13). One query."""
    day = queries.bridged(line.request, line.now.facts.last_seen)
    return gates.bridged_before(day).stored() if day else None


def detail(line: Line, viewer: "User", around: Sequence[Line]) -> dict[str, Any]:
    """The open request: who it is, the place in the list, what a decline would mean, what the patient will read."""
    patient = line.request.patient
    keys = [one.request.pk for one in around]
    place = keys.index(line.request.pk) if line.request.pk in keys else None
    parts = [part(patient, viewer) for part in load("STRIP_PARTS")]
    channel, to = messages.channel_of(patient)
    return {
        "strip": [part for part in parts if part and part.label in IN_DETAIL],
        "place": place + 1 if place is not None else None,
        "before": around[place - 1].request if place else None,
        "after": around[place + 1].request if place is not None and place + 1 < len(around) else None,
        "stopping": [one for one in checks.stopping(line.now.prescription, line.now.facts.today).findings
                     if one.level != Level.NOTE],
        "by_message": _by_message(line),
        "unknown": [gate for gate in line.answers if gate["answer"] == calc.Answer.NOT_KNOWN],
        "visit_asked": queries.visits_asked([patient.pk]).get(patient.pk),
        "message": messages.note_message(channel, to, patient).body if channel else "",
        "fills": sorted(line.now.fills, key=lambda fill: fill.filled_on, reverse=True)[:6],
    }  # fmt: skip


def _by_message(line: Line) -> str:
    """What stands between us and a pharmacy that asked by a message: no network, where there is none."""
    back_end = backends.current()
    asked = any(one.via == "network" for one in line.asks)
    return back_end.inbound_words if asked and not back_end.connected else ""


def next_after(around: Sequence[Line], pk: UUID) -> RefillRequest | None:
    """Where the desk goes once this one is decided: the next in the list, else the first that is left."""
    keys = [one.request.pk for one in around]
    place = keys.index(pk) if pk in keys else -1
    left = [one.request for one in (*around[place + 1 :], *around[: max(place, 0)])]
    return left[0] if left else None
