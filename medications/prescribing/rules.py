"""Why prescribing says no. Sentences name no drug and no person: they also stand in the audit."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from clinic.staff import rules as staff
from medications.catalogue.models import Product
from medications.prescribing import calc, packs, rhythms
from medications.prescribing.checks import Override, Regimen, Step, Supply
from medications.prescribing.models import Authorisation, DoseOrder, Fill, Prescription
from medications.prescribing.queries import Owed
from medications.safety.enums import OVERRIDES, Level
from medications.safety.facts import Finding
from patients.record import access

if TYPE_CHECKING:
    from clinic.staff.models import User

AHEAD_DAYS = 366
MOST_DAYS_SUPPLY = 366
MOST_REFILLS = 12
MOST_QUANTITY = Decimal(10_000)
OLDEST_START = date(1930, 1, 1)
NO_REFILLS_OF_STEPS = "A further step of the titration pack is still to begin: no refills until the last is reached."


def prescribe(by: "User", patient_id: UUID) -> str | None:
    """Only a prescriber on the care team, licensed to prescribe today, signs (R-RX-05)."""
    if not access.may(by, "medication.prescribe", patient_id):
        return "Only a prescriber on the care team can sign this."
    return staff.may_sign(by, prescribing=True)


def report(by: "User", patient_id: UUID) -> str | None:
    """Who records what is taken from elsewhere is on the care team."""
    return None if access.may(by, "medication.report", patient_id) else "Only the care team can record this."


def ours(prescription: Prescription) -> str | None:
    """Only what was prescribed here can be changed here."""
    if prescription.origin != "ours":
        return "This was not prescribed here: record what the patient tells instead."
    return live(prescription)


def live(prescription: Prescription) -> str | None:
    """What was stopped or entered in error takes no more changes."""
    if prescription.retracted_at is not None:
        return "This was entered in error and takes no more changes."
    if prescription.stopped_on is not None:
        return "This was stopped already. Prescribe it anew."
    return None


def change(prescription: Prescription) -> str | None:
    """On hold means none: resume first."""
    if prescription.held_at is not None:
        return "This is on hold. Resume it first, then change the dose."
    return ours(prescription)


def hold(prescription: Prescription) -> str | None:
    """On hold once."""
    return ours(prescription) or ("This is on hold already." if prescription.held_at is not None else None)


def resume(prescription: Prescription) -> str | None:
    """Only what is on hold is resumed."""
    return ours(prescription) or ("This is not on hold." if prescription.held_at is None else None)


def starts(from_day: date, today: date) -> str | None:
    """An order begins today or later, within a year."""
    if from_day < today:
        return "The order would begin in the past. Choose today or a later day."
    if from_day > today + timedelta(days=AHEAD_DAYS):
        return "The order would begin more than a year from now. Choose an earlier day."
    return None


def stops(prescription: Prescription, on: date, today: date) -> str | None:
    """It stops today or later, not before it started."""
    if on < prescription.started_on:
        return f"It starts on {prescription.started_on:%b} {prescription.started_on.day}; it cannot stop before that."
    if on < today and prescription.origin == "ours":
        return "The stop would lie in the past. Choose today or a later day."
    if on > today + timedelta(days=AHEAD_DAYS):
        return "The stop would lie more than a year from now. Choose an earlier day."
    return None


def product(found: Product, prescription: Prescription | None = None) -> str | None:
    """A product of the catalogue as it stands, of the drug that is changed."""
    if found.withdrawn:
        return "This product is no longer in the catalogue. Choose another."
    if prescription is not None and found.drug_id != prescription.drug_id:
        return "That product is another medicine. Stop this one and prescribe the other."
    return None


def regimen(given: Regimen) -> str | None:
    """Numbers that make sense; units that can be dispensed."""
    if not 1 <= given.every_days <= rhythms.LONGEST:
        return f"Every how many days: 1 to {rhythms.LONGEST}."
    if "long-acting" in given.product.form and (given.as_needed or given.every_days < rhythms.SHORTEST_DEPOT):
        return "A long-acting injection is not given so often. Choose how often: once a week or more rarely."
    if given.as_needed and not given.max_per_day:
        return "As needed has a most per day. Write how many at most."
    if given.as_needed and given.every_days != 1:
        return "As needed is not every so many days. Choose one of the two."
    step = Decimal("0.1") if given.product.per == "mL" else Decimal("0.25") if given.product.divisible else Decimal(1)
    if given.product.divisible is None and given.product.per != "mL":
        step = Decimal("0.5")  # not established: a half is asked, smaller parts are refused
    most = [given.max_per_day] if given.as_needed and given.max_per_day else []
    for quantity in [*(Decimal(line["quantity"]) for line in given.lines), *most]:
        if quantity % step and given.product.per != "mL":
            return f"This product cannot be split that way. Write multiples of {calc.short(step)}."
    if given.as_needed and given.max_per_day and given.max_per_day < max(Decimal(x["quantity"]) for x in given.lines):
        return "The most per day is less than one dose. Correct one of the two."
    if given.daily <= 0 or given.daily >= Decimal(10) ** 9:
        return "The dose a day is not a number that can be dispensed."
    return None


def pack(first: Regimen, then: Sequence[Step]) -> str | None:
    """Steps of one product, taken every day, each other than the one before."""
    if len(then) > packs.MOST_STEPS:
        return f"A titration pack has {packs.MOST_STEPS + 1} steps at most. Write the rest when they are reached."
    if first.as_needed or first.every_days != 1:
        return "A titration pack is taken every day. Choose “every day”, or take the steps out."
    before = first
    for number, step in enumerate(then, start=2):
        if not packs.SHORTEST <= step.after <= packs.LONGEST:
            return f"Step {number} begins after {packs.SHORTEST} to {packs.LONGEST} days. Correct the days."
        if step.regimen.daily == before.daily and list(step.regimen.lines) == list(before.lines):
            return f"Step {number} is the same as the one before it. Change it, or take it out."
        before = step.regimen
    return None


def supply(given: Supply, regimen: Regimen, then: Sequence[Step] = ()) -> str | None:
    """Quantity, days and refills that belong together; of a titration pack, `then` its further steps."""
    if not 1 <= given.days <= MOST_DAYS_SUPPLY:
        return f"Days’ supply: 1 to {MOST_DAYS_SUPPLY}."
    if not 0 <= given.refills <= MOST_REFILLS:
        return f"Refills: 0 to {MOST_REFILLS}."
    if not 0 < given.quantity <= MOST_QUANTITY:
        return f"Quantity: more than 0, at most {MOST_QUANTITY:,}."
    if then:
        if given.refills:
            return "A titration pack has no refills: it would begin anew. The last dose gets a supply of its own."
        *before, last = [calc.units_per_day(one.lines) for one in (regimen, *(step.regimen for step in then))]
        afters = [step.after for step in then]
        return packs.problem(given.quantity, given.days, list(zip(afters, before, strict=True)), last)
    most = regimen.max_per_day if regimen.as_needed else None
    per_day = calc.units_per_day(regimen.lines, regimen.every_days, most)
    return calc.supply_problem(
        given.quantity, given.days, per_day, every_days=regimen.every_days, as_needed=regimen.as_needed
    )


def standing(findings: Sequence[Finding], answers: Mapping[str, Override]) -> tuple[str, str] | None:
    """What still stands against signing: the sentence and the code of the first; None: nothing."""
    refused = [one for one in findings if one.level == Level.REFUSE]
    if refused:
        return refused[0].sentence, refused[0].code
    open_stops = [one for one in findings if one.level == Level.STOP and not _overridden(answers.get(one.code))]
    open_asks = [one for one in findings if one.level == Level.ASK and not _answered(answers.get(one.code))]
    if not open_stops and not open_asks:
        return None
    parts = []
    if open_stops:
        parts.append(f"{_count(len(open_stops), 'override')} with a reason")
    if open_asks:
        parts.append(f"{_count(len(open_asks), 'reason')}")
    first = (open_stops or open_asks)[0].code
    return f"Cannot sign yet: {' and '.join(parts)} to write. Write it in the finding, or change the order.", first


def _overridden(answer: Override | None) -> bool:
    return bool(answer and answer.code in OVERRIDES and answer.words.strip())


def _answered(answer: Override | None) -> bool:
    return bool(answer and answer.words.strip())


def _count(number: int, word: str) -> str:
    return f"one {word}" if number == 1 else f"{number} {word}s"


def fill(prescription: Prescription, filled_on: date, today: date, days_supply: int, quantity: Decimal) -> str | None:
    """A fill is a fact of the past, of what was prescribed here."""
    if prescription.origin != "ours":
        return "Fills are recorded for what was prescribed here."
    if prescription.retracted_at is not None:
        return "This was entered in error and takes no more changes."
    if filled_on > today:
        return "The fill lies in the future. Correct the day."
    if filled_on < prescription.started_on - timedelta(days=31):
        return "The fill lies more than a month before the start. Correct the day."
    if not 1 <= days_supply <= MOST_DAYS_SUPPLY:
        return f"A fill is for 1 to {MOST_DAYS_SUPPLY} days. Correct the days."
    if not 0 < quantity <= MOST_QUANTITY:
        return f"A fill is more than 0 and at most {MOST_QUANTITY:,}. Correct how many."
    return None


def partial(used: Authorisation | None, owed: Owed | None, quantity: Decimal, days: int) -> str | None:
    """A part is less than what was authorised; a piece of its rest less than what is owed, which comes first."""
    if owed is not None:
        if quantity < owed.quantity and days < owed.days:
            return None
        rest = f"{calc.short(owed.quantity)} for {owed.days} {'day' if owed.days == 1 else 'days'}"
        return (
            f"Of an earlier part {rest} are still owed. A piece of that is less: correct the numbers, or take the mark "
            "out."
        )
    if used is None:
        return "Nothing is authorised of which this could be a part."
    if quantity >= used.quantity or days >= used.days_supply:
        whole = f"{calc.short(used.quantity)} for {used.days_supply} days"
        return f"A part is less than what was authorised, {whole}. Correct the numbers, or take the mark out."
    return None


def retract_fill(fill: Fill) -> str | None:
    """A part stands while a piece of its rest does, and a piece while what ended the rest does. One query."""
    first = fill.completes if fill.partial and fill.completes is not None else fill
    told = first.completed_by.filter(retracted_at=None)
    if (told if first == fill else told.filter(partial=False)).exists():
        return "The rest of it is recorded. Mark the rest as entered in error first."
    return None


def as_sample(supply: Supply | None, from_day: date, today: date) -> str | None:
    """In place of a prescription: how much and for how long, from today, once."""
    if supply is None:
        return "Write how much is handed out, and for how many days."
    if supply.refills:
        return "A sample has no refills. Write 0, or write a prescription."
    return None if from_day == today else "A sample is for a dose that begins today."


def sample(
    by: "User", prescription: Prescription, handed_out_on: date, today: date, lot: str
) -> tuple[str, str] | None:
    """A sample is handed out by who may prescribe it, today, with its lot; never a controlled substance.

    The sentence and its field. The lot is what a recall asks for.
    """
    if said := prescribe(by, prescription.patient_id):
        return said, "told_by"
    if prescription.drug is None or prescription.drug.schedule:
        return "A controlled substance is not handed out as a sample. Write a prescription.", "told_by"
    if prescription.held_at is not None or prescription.stopped_on is not None:
        return "It is on hold or stopped: nothing is handed out.", "told_by"
    if handed_out_on != today:
        return "A sample is recorded on the day on which it is handed out. Write today.", "filled_on"
    return None if lot else ("Write the lot number of the sample.", "lot")


def loss(prescription: Prescription, lost_on: date, today: date, days: int | None) -> tuple[str, str] | None:
    """A loss is a fact of the past, of what was prescribed here: the sentence and its field."""
    if prescription.origin != "ours" or prescription.retracted_at is not None:
        return "Losses are recorded for what was prescribed here.", "lost_on"
    if lost_on > today:
        return "The day lies in the future. Correct the day.", "lost_on"
    if lost_on < prescription.started_on:
        return "Nothing was taken yet on that day. Correct the day.", "lost_on"
    if days is not None and not 1 <= days <= MOST_DAYS_SUPPLY:
        return f"Write how many days of it are gone, 1 to {MOST_DAYS_SUPPLY}, or nothing for all.", "days"
    return None


def take_back(authorisation: Authorisation) -> str | None:
    """Only what is in force, and of which nothing was dispensed yet."""
    if authorisation.voided_at is not None:
        return "This is void already."
    if authorisation.fills.filter(retracted_at=None).exists():
        return "Some of it was dispensed already. Stop or change the dose instead: the pharmacy is told."
    return None


def reported(origin: str, started_on: date, today: date, *, drug: object, drug_text: str) -> str | None:
    """One medicine, named, from elsewhere, that has been started."""
    if origin not in ("outside", "reported"):
        return "Say whether somebody else prescribed it or the patient reports it."
    if bool(drug) == bool(drug_text):
        return "Choose a medicine from the catalogue, or write its name."
    if started_on > today:
        return "It would start in the future. Correct the day."
    return "Write a year after 1930." if started_on < OLDEST_START else None


def retract(order: DoseOrder) -> str | None:
    """Once."""
    return "This was marked as entered in error already." if order.retracted_at is not None else None


def bridge(days: int, most: int) -> str | None:
    """A bridge lasts a month at most (R-RX-13)."""
    return f"A bridge supply lasts {most} days at most." if days > most else None
