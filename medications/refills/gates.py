"""The gates of the refill desk (R-RX-12): each answers from facts that are loaded, with its sentence. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from medications.refills.calc import Answer, Gate


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gates ask about one prescription on a day."""

    today: date
    schedule: str
    refills_used: int  # refills that the last authorisation had
    on_hold: bool
    authorised_dose: bool  # the live authorisation is for the dose in force
    next_change: date | None
    last_seen: date | None
    next_visit: date | None
    risk_open: bool
    supply_end: date
    supply_days: int
    confirmed: bool
    seen_within: int
    early_fill_days: int
    toxic: bool  # dangerous in overdose, R-SI-04
    risk_days: int


def answers(facts: Facts) -> list[Gate]:
    """Every gate, in the order of the desk's columns."""
    return [
        _order(facts), _dose(facts), _seen(facts), _booked(facts), _monitoring(), _risk(facts), _change(facts),
        _early(facts), _schedule(facts), _fills(facts),
    ]  # fmt: skip


def against(gates: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """The stored gates that need a reason."""
    return [gate for gate in gates if gate["answer"] == Answer.ASK]


def refused(gates: Sequence[dict[str, str]]) -> dict[str, str] | None:
    """The first stored gate that refuses, if any."""
    return next((gate for gate in gates if gate["answer"] == Answer.REFUSE), None)


def _order(facts: Facts) -> Gate:
    if facts.on_hold:
        return Gate("order", "Order", Answer.REFUSE, "It is on hold: nothing is dispensed. Resume it first.")
    return Gate("order", "Order", Answer.IN_ORDER, "The order is active.")


def _dose(facts: Facts) -> Gate:
    if facts.authorised_dose:
        return Gate("dose", "Dose", Answer.IN_ORDER, "The dose is the one last signed.")
    return Gate("dose", "Dose", Answer.ASK, "Nothing is authorised for the dose in force. Say why it is dispensed now.")


def _seen(facts: Facts) -> Gate:
    if facts.last_seen is None:
        return Gate("seen", "Seen", Answer.ASK, "No visit with the prescriber is on record.")
    days = (facts.today - facts.last_seen).days
    if days > facts.seen_within:
        sentence = f"Last seen by the prescriber {days} days ago; {facts.seen_within} is the limit."
        return Gate("seen", "Seen", Answer.ASK, sentence)
    return Gate("seen", "Seen", Answer.IN_ORDER, f"Seen {days} days ago.")


def _booked(facts: Facts) -> Gate:
    if facts.next_visit is None:
        return Gate("booked", "Next", Answer.ASK, "No next visit with the prescriber is booked.")
    return Gate("booked", "Next", Answer.IN_ORDER, f"Booked in {(facts.next_visit - facts.today).days} days.")


def _monitoring() -> Gate:
    return Gate(
        "monitoring", "Labs", Answer.NOT_KNOWN,
        "Laboratory results are not kept in Tandem yet: look at the last ones where they are.",
    )  # fmt: skip


def _risk(facts: Facts) -> Gate:
    if not facts.risk_open:
        return Gate("risk", "Risk", Answer.IN_ORDER, "No risk flag is open.")
    if facts.toxic and facts.supply_days > facts.risk_days:
        sentence = (
            f"A risk flag is open and this is dangerous in overdose: {facts.risk_days} days at most, or a reason."
        )
        return Gate("risk", "Risk", Answer.ASK, sentence, "R-SI-04")
    return Gate("risk", "Risk", Answer.ASK, "A risk flag is open. Say why the supply is safe.")


def _change(facts: Facts) -> Gate:
    end = facts.supply_end + timedelta(days=facts.supply_days)
    if facts.next_change is not None and facts.next_change < end:
        days = (facts.next_change - facts.today).days
        return Gate(
            "change", "Change", Answer.ASK, f"A signed change of dose comes in {days} days, inside this supply."
        )
    return Gate("change", "Change", Answer.IN_ORDER, "No change of dose falls into this supply.")


def _early(facts: Facts) -> Gate:
    """Early fill of a controlled substance: at most so many days before the supply ends."""
    if not facts.schedule:
        return Gate("early", "Early", Answer.IN_ORDER, "Not a controlled substance: no limit on early fills.")
    days = (facts.supply_end - facts.today).days
    if days > facts.early_fill_days:
        first = facts.early_fill_days
        return Gate(
            "early", "Early", Answer.ASK, f"{days} days of supply are left; it may be filled {first} days early."
        )
    return Gate("early", "Early", Answer.IN_ORDER, "It may be filled from now on.")


def _schedule(facts: Facts) -> Gate:
    if facts.schedule == "II":
        sentence = "Schedule II has no refills: write a new prescription."
        return Gate("schedule", "Schedule", Answer.REFUSE, sentence, "R-RX-01")
    return Gate("schedule", "Schedule", Answer.IN_ORDER, "The schedule allows it.", "R-RX-03")


def _fills(facts: Facts) -> Gate:
    if facts.confirmed:
        return Gate("fills", "Fills", Answer.IN_ORDER, "Counted from the fills that were told.", "R-RX-11")
    sentence = "Fills not confirmed: counted as if filled when it was written."
    return Gate("fills", "Fills", Answer.NOT_KNOWN, sentence, "R-RX-11")
