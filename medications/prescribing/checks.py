"""From rows to the engine and back: what stands against a regimen, in the engine's words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from clinic import clock
from clinic.ports import load
from medications.catalogue.calc import in_mg
from medications.catalogue.models import Product
from medications.prescribing import calc, packs, queries
from medications.prescribing.models import Prescription
from medications.safety import engine, knowledge
from medications.safety import queries as safety
from medications.safety.facts import Facts, Finding, Proposed, Stretch
from patients.record.models import Patient


@dataclass(frozen=True)
class Regimen:
    """What to take: the product, lines of when and how many, every how many days, or as needed up to a maximum."""

    product: Product
    lines: Sequence[dict[str, Any]]
    every_days: int = 1
    as_needed: bool = False
    max_per_day: Decimal | None = None

    @property
    def strong(self) -> calc.Strong:
        """The product as the arithmetic sees it."""
        return strong(self.product)

    @property
    def daily(self) -> Decimal:
        """What a day gives, in the product's unit."""
        return calc.daily_amount(self.lines, self.strong, self.every_days, self._most())

    @property
    def sig(self) -> str:
        """The directions."""
        return calc.sig(
            self.lines, self.strong, every_days=self.every_days, as_needed=self.as_needed, max_per_day=self._most()
        )

    @property
    def depot(self) -> bool:
        """Whether it is a long-acting injection: given, not taken every day."""
        return is_depot(self.product)

    @property
    def each(self) -> Decimal:
        """What one time gives, in the product's unit: what an injection holds."""
        return sum((Decimal(str(line["quantity"])) for line in self.lines), Decimal(0)) * self.product.strength

    def _most(self) -> Decimal | None:
        return self.max_per_day if self.as_needed else None


@dataclass(frozen=True)
class Step:
    """A further step of a titration pack: after so many days of the one before, this regimen instead."""

    after: int
    regimen: Regimen


@dataclass(frozen=True)
class Supply:
    """How much is dispensed at a time, how long it lasts, and how often again."""

    quantity: Decimal
    days: int
    refills: int = 0


@dataclass(frozen=True)
class Override:
    """Why a prescriber goes on against a finding: a code (for a stop) and words."""

    code: str = ""
    words: str = ""


@dataclass(frozen=True)
class Checked:
    """What a check found, what it found nothing about, and with which knowledge."""

    findings: list[Finding] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    version: str = ""
    facts: Facts | None = None


def is_depot(product: Product) -> bool:
    """Whether it is a long-acting injection: given every so many weeks, at no hour of the day."""
    return "long-acting" in product.form


def strong(product: Product) -> calc.Strong:
    """A product as the arithmetic sees it."""
    return calc.Strong(product.form, product.strength, product.unit, product.per, product.divisible)


def order(
    patient: Patient,
    regimen: Regimen,
    supply: Supply | None,
    *,
    from_day: date,
    prescription: Prescription | None = None,
    seen: str = "",
    then: Sequence[Step] = (),
) -> Checked:
    """What stands against starting (or, with `prescription`, changing to) the regimen. 15 queries, 17 for a pack.

    `seen`: how the patient is seen today (in_person, video, audio), which a controlled substance asks (R-RX-09).
    `then`: the further steps of a titration pack, each checked as the change that it is.
    """
    known, today = knowledge.current(), clock.today(patient.zone)
    facts = safety.facts(patient, today)
    drug = regimen.product.drug
    proposed = Proposed(
        drug=drug.generic_name, name=drug.generic_name, daily_mg=in_mg(regimen.daily, regimen.product.unit),
        from_day=from_day, key=str(prescription.pk) if prescription else "", starts=prescription is None,
        depot=regimen.depot, product_max_mg=regimen.product.max_mg_per_day,
        days_supply=supply.days if supply else None, refills=supply.refills if supply else None,
        course=queries.course(patient.pk, drug) if known.titrated(drug.generic_name) else (), seen=seen,
    )  # fmt: skip
    live, limits = queries.taken(patient.pk, today, known.longest_washout), safety.limits(today)
    found = engine.check(facts, live, proposed, known, limits)
    for day, words, one in _steps(proposed, regimen, then):
        found = _with_step(found, engine.check(facts, live, one, known, limits), f"{day:%b} {day.day} ({words})")
    for say in load("ORDER_FINDINGS"):
        found += say(patient.pk, drug.generic_name, starts=prescription is None, in_steps=bool(then), today=today)
    found = engine.ranked(found)
    return Checked(found, engine.passed(facts, proposed, found, known), known.version, facts)


def _steps(first: Proposed, regimen: Regimen, then: Sequence[Step]) -> Iterator[tuple[date, str, Proposed]]:
    """The further steps as the engine is asked: the first day of each, its dose, what has been taken until then."""
    days = packs.days_of(first.from_day, [step.after for step in then])
    course = tuple(_until(one, first.from_day) for one in first.course if one.start < first.from_day)
    before = first
    for step, (day, _), (begun, _) in zip(then, days[1:], days, strict=False):
        course = (*course, Stretch(before.daily_mg, begun, day))
        found, unit = step.regimen.daily, step.regimen.product.unit
        before = replace(before, daily_mg=in_mg(found, unit), from_day=day, starts=False, course=course)
        yield day, f"{calc.short(found)}\u00a0{unit}", before


def _until(one: Stretch, day: date) -> Stretch:
    """A stretch as the order of that day leaves it."""
    return one if one.until is not None and one.until <= day else replace(one, until=day)


def _with_step(found: Sequence[Finding], more: Iterable[Finding], when: str) -> list[Finding]:
    """The findings with what a further step adds, named by its day; what holds for several steps is said once."""
    kept = {(one.code, one.level): one for one in found}
    for one in more:
        known = kept.get((one.code, one.level))
        if known is None:
            kept[one.code, one.level] = replace(one, sentence=f"From {when}: {one.sentence}", remedy={})
        elif one.sentence not in known.sentence:
            kept[one.code, one.level] = replace(known, sentence=f"{known.sentence} The same holds from {when}.")
    return list(kept.values())


def stopping(prescription: Prescription, on: date) -> Checked:
    """What stands against stopping on the day, and what has to follow it. Twelve queries at most."""
    known = knowledge.current()
    if prescription.drug is None or prescription.origin != "ours":
        return Checked(version=known.version)
    current = queries.current_order(prescription, on)
    shown = current or queries.last_order(prescription, on)
    products = [strong(one) for one in Product.objects.filter(drug=prescription.drug, withdrawn=False)]
    floor = min((in_mg(calc.lowest([one]), one.unit) for one in products), default=None)
    patient = prescription.patient
    today = clock.today(patient.zone)
    others = [one for one in queries.taken(patient.pk, today, 0) if one.key != str(prescription.pk)]
    found = engine.check_stop(
        prescription.drug.generic_name,
        days_taken=engine.days_between(prescription.started_on, on),
        daily_mg=in_mg(current.daily_amount, current.unit) if current else None,
        lowest_mg=floor,
        knowledge=known,
        facts=safety.facts(patient, today),
        live=others,
        injected=shown is not None and queries.is_depot(shown),
    )
    return Checked(found, [], known.version)
