"""The gates of the refill desk (R-RX-12): each answers from facts that are loaded, with its sentence. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from medications.monitoring.calc import Standing
from medications.reconciling.enums import Answer as Said
from medications.refills.calc import Answer, Gate


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gates ask about one prescription on a day."""

    today: date
    schedule: str
    on_hold: bool
    authorised_dose: bool  # the live authorisation, or one that was undone before it was sent, is for this dose
    next_change: date | None  # signed, and no step of the titration pack that is taken
    last_seen: date | None  # by a prescriber, not on the telephone
    next_visit: date | None
    measured: Standing  # what is measured for it, and how far that is overdue
    risk_open: bool
    supply_end: date
    supply_days: int  # of the supply that would be signed
    confirmed: bool
    seen_within: int
    early_fill_days: int
    toxic: bool  # dangerous in overdose, R-SI-04
    risk_days: int
    planned_step: date | None = None  # the next step of a taper or titration that is under way
    lost: date | None = None  # a supply that was lost and not replaced yet
    steps: tuple[date, ...] = ()  # of that pack, still to begin; a supply covers those that begin in its days
    said: tuple[str, date] | None = None  # how the patient says it is taken, if not as ordered and unanswered; when


def answers(facts: Facts) -> list[Gate]:
    """Every gate, in the order of the desk's columns."""
    return [
        _order(facts), _taken(facts), _schedule(facts), _dose(facts), _seen(facts), _booked(facts), _monitoring(facts),
        _risk(facts), _change(facts), _early(facts), _fills(facts),
    ]  # fmt: skip


def against(gates: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """The stored gates that need a reason."""
    return [gate for gate in gates if gate["answer"] == Answer.ASK]


def refused(gates: Sequence[dict[str, str]], *, but: str = "") -> dict[str, str] | None:
    """The first stored gate that refuses, if any; `but` names one that does not count."""
    return next((gate for gate in gates if gate["answer"] == Answer.REFUSE and gate["gate"] != but), None)


def bridged_before(bridged_on: date) -> Gate:
    """Asked only when a bridge is signed: one was given already, and no visit since (R-RX-13)."""
    day = f"{bridged_on:%b} {bridged_on.day}"
    return Gate(
        "bridge", "Bridge", Answer.ASK,
        f"A bridge was given on {day} and no visit since: a visit comes first, or say why another is needed.",
        "bridged already", "R-RX-13",
    )  # fmt: skip


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _order(facts: Facts) -> Gate:
    if facts.on_hold:
        return Gate(
            "order", "Order", Answer.REFUSE, "It is on hold: nothing is dispensed. Resume it first.", "on hold",
            "R-RX-12",
        )  # fmt: skip
    return Gate("order", "Order", Answer.IN_ORDER, "The order is active.")


def _taken(facts: Facts) -> Gate:
    """What was said when the list was gone through, and no prescriber has answered since."""
    if facts.said is None:
        return Gate("taken", "Taken", Answer.IN_ORDER, "Nothing says that it is taken otherwise than ordered.")
    answer, day = facts.said[0], f"{facts.said[1]:%b} {facts.said[1].day}"
    if answer == Said.UNKNOWN:
        return Gate(
            "taken", "Taken", Answer.NOT_KNOWN, f"How it is taken was not known on {day}.", "not known how it is taken"
        )  # fmt: skip
    how = "no longer taken" if answer == Said.STOPPED else "taken differently"
    sentence = f"The patient said on {day} that it is {how}. Say why the same supply goes on."
    return Gate("taken", "Taken", Answer.ASK, sentence, how, "R-RX-12")


def _schedule(facts: Facts) -> Gate:
    if facts.schedule == "II":
        return Gate(
            "schedule", "Schedule", Answer.REFUSE, "Schedule II has no refills: write a new prescription.",
            "needs a new prescription, not a refill", "R-RX-01",
        )  # fmt: skip
    words = f"Schedule {facts.schedule} allows refills." if facts.schedule else "Not a controlled substance."
    return Gate("schedule", "Schedule", Answer.IN_ORDER, words, rule="R-RX-03")


def _dose(facts: Facts) -> Gate:
    if facts.authorised_dose:
        return Gate("dose", "Dose", Answer.IN_ORDER, "The dose is the one last signed.")
    sentence = "Nothing is authorised for the dose in force. Say why it is dispensed now."
    return Gate("dose", "Dose", Answer.ASK, sentence, "nothing authorised for this dose")


def _seen(facts: Facts) -> Gate:
    if facts.last_seen is None:
        return Gate("seen", "Seen", Answer.ASK, "No visit with a prescriber is on record.", "never seen here")
    days = (facts.today - facts.last_seen).days
    if days > facts.seen_within:
        sentence = f"Last seen by a prescriber {_days(days)} ago; {facts.seen_within} is the limit."
        return Gate("seen", "Seen", Answer.ASK, sentence, f"not seen for {_days(days)}")
    return Gate("seen", "Seen", Answer.IN_ORDER, f"Seen {_days(days)} ago." if days > 0 else "Seen today.")


def _booked(facts: Facts) -> Gate:
    if facts.next_visit is None:
        return Gate("booked", "Next", Answer.ASK, "No next visit with a prescriber is booked.", "no visit booked")
    days = (facts.next_visit - facts.today).days
    return Gate("booked", "Next", Answer.IN_ORDER, f"Next visit in {_days(days)}." if days else "Next visit today.")


def _monitoring(facts: Facts) -> Gate:
    """R-MO-99: what is overdue past its days asks for a reason; it never stops the treatment."""
    found = facts.measured
    if not found.asked:
        return Gate("monitoring", "Labs", Answer.IN_ORDER, "Nothing that is measured for it can stop a refill.")
    if found.overdue is not None:
        what = "1 measurement is" if found.count == 1 else f"{found.count} measurements are"
        by = _days(found.overdue) if found.count == 1 else f"{_days(found.overdue)} at most"
        sentence = f"{what} overdue, by {by}. Say why it is dispensed without."
        return Gate("monitoring", "Labs", Answer.ASK, sentence, f"labs overdue {_days(found.overdue)}", "R-MO-99")
    if not found.on_record:
        sentence = "No result is on record yet: look where it was measured, or order it."
        return Gate("monitoring", "Labs", Answer.NOT_KNOWN, sentence, "labs not known", "R-MO-99")
    return Gate("monitoring", "Labs", Answer.IN_ORDER, "What is measured for it is in order.", rule="R-MO-99")


def _risk(facts: Facts) -> Gate:
    if not facts.risk_open:
        return Gate("risk", "Risk", Answer.IN_ORDER, "No risk flag is open.")
    if facts.toxic and facts.supply_days > facts.risk_days:
        sentence = (
            f"A risk flag is open and this is dangerous in overdose: {_days(facts.risk_days)} at most, or a reason."
        )
        return Gate("risk", "Risk", Answer.ASK, sentence, f"risk flag open: {facts.risk_days} days at most", "R-SI-04")
    return Gate("risk", "Risk", Answer.ASK, "A risk flag is open. Say why the supply is safe.", "risk flag open")


def _change(facts: Facts) -> Gate:
    """A supply is authorised from today on, with the directions of the steps that begin in its days; used up later."""
    begins, length = max(facts.supply_end, facts.today), timedelta(days=facts.supply_days)
    end, covered = begins + length, facts.today + length
    uncovered = [on for on in facts.steps if on >= covered]
    step = facts.planned_step
    change = min([*uncovered, *([facts.next_change] if facts.next_change else [])], default=None)
    if step is not None and step < end and (change is None or step < change):
        days = _days(max((step - facts.today).days, 0))
        sentence = f"A planned step comes in {days}, inside this supply. Say why so much is dispensed."
        return Gate("change", "Change", Answer.ASK, sentence, f"planned step in {days}", "R-RX-12")
    if change is None or change >= end:
        words = "The steps that begin in it are covered, with their directions."
        words = words if len(uncovered) < len(facts.steps) else "No change of dose falls into this supply."
        return Gate("change", "Change", Answer.IN_ORDER, words)
    days = _days((change - facts.today).days)
    sentence = f"A signed change of dose comes in {days}, inside this supply. Say why so much is dispensed."
    return Gate("change", "Change", Answer.ASK, sentence, f"dose changes in {days}")


def _early(facts: Facts) -> Gate:
    """Early fill of a controlled substance: at most so many days before the supply ends."""
    if not facts.schedule:
        return Gate("early", "Early", Answer.IN_ORDER, "No limit on early fills.")
    if facts.lost is not None:
        day = f"{facts.lost:%b} {facts.lost.day}"
        sentence = f"A supply was told as lost on {day}. Say why a controlled substance is replaced."
        return Gate("early", "Early", Answer.ASK, sentence, f"lost on {day}")
    days = (facts.supply_end - facts.today).days
    if days <= facts.early_fill_days:
        return Gate("early", "Early", Answer.IN_ORDER, "It may be filled from now on.")
    sentence = (
        f"{_days(days)} of supply are left; a controlled substance is filled {_days(facts.early_fill_days)} early "
        "at most."
    )
    return Gate("early", "Early", Answer.ASK, sentence, f"{_days(days)} left")


def _fills(facts: Facts) -> Gate:
    if facts.confirmed:
        lost = f" A supply was told as lost on {facts.lost:%b} {facts.lost.day}." if facts.lost else ""
        return Gate("fills", "Fills", Answer.IN_ORDER, f"Counted from the fills that were told.{lost}", rule="R-RX-11")
    sentence = "Fills not confirmed: counted as if filled when they were due."
    return Gate("fills", "Fills", Answer.NOT_KNOWN, sentence, "fills not confirmed", "R-RX-11")
